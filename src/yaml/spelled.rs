//! Numbers that remember how they were written.

use std::fmt;

/// A number and its spelling: `1.10` stays `1.10` where a string is wanted and is 1.1 where a number is.
#[derive(Clone, Debug)]
pub struct Spelled {
    text: Box<str>,
    number: Number,
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

impl Spelled {
    /// A number read from `text`, whose value was found to be the integer `value`.
    pub fn signed(text: impl Into<Box<str>>, value: i64) -> Self {
        Self { text: text.into(), number: Number::Signed(value) }
    }

    /// A number above the signed range.
    pub fn unsigned(text: impl Into<Box<str>>, value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::signed(text, value),
            Err(_) => Self { text: text.into(), number: Number::Unsigned(value) },
        }
    }

    /// A number with a fraction or an exponent; must be finite.
    pub fn float(text: impl Into<Box<str>>, value: f64) -> Self {
        debug_assert!(value.is_finite(), "the loader refuses non-finite numbers");
        Self { text: text.into(), number: Number::Float(value) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a whole number by its spelling (1.0 is not).
    pub fn is_integer(&self) -> bool {
        !matches!(self.number, Number::Float(_))
    }

    /// The integer, if it is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.number {
            Number::Signed(value) => Some(value),
            Number::Unsigned(_) | Number::Float(_) => None,
        }
    }

    /// The integer, if it is one that fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self.number {
            Number::Signed(value) => u64::try_from(value).ok(),
            Number::Unsigned(value) => Some(value),
            Number::Float(_) => None,
        }
    }

    /// The nearest float.
    #[expect(clippy::cast_precision_loss, reason = "asked for by the name")]
    pub fn as_f64(&self) -> f64 {
        match self.number {
            Number::Signed(value) => value as f64,
            Number::Unsigned(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// The number for JSON.
    pub fn to_json(&self) -> serde_json::Number {
        match self.number {
            Number::Signed(value) => value.into(),
            Number::Unsigned(value) => value.into(),
            Number::Float(value) => serde_json::Number::from_f64(value).unwrap_or_else(|| 0.into()),
        }
    }
}

impl PartialEq for Spelled {
    /// By value: `1.10` equals `1.1`, but the integer 1 and the float 1.0 differ.
    fn eq(&self, other: &Self) -> bool {
        match (self.number, other.number) {
            (Number::Signed(a), Number::Signed(b)) => a == b,
            (Number::Unsigned(a), Number::Unsigned(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a == b,
            _ => false,
        }
    }
}

impl From<i64> for Spelled {
    fn from(value: i64) -> Self {
        Self::signed(value.to_string(), value)
    }
}

impl From<&serde_json::Number> for Spelled {
    fn from(number: &serde_json::Number) -> Self {
        let text = number.to_string();
        if let Some(value) = number.as_i64() {
            Self::signed(text, value)
        } else if let Some(value) = number.as_u64() {
            Self::unsigned(text, value)
        } else {
            Self::float(text, number.as_f64().filter(|value| value.is_finite()).unwrap_or(0.0))
        }
    }
}

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
