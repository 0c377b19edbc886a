//! What a plain (unquoted) scalar means: the two readings of YAML that matter here.
//!
//! Nothing else in the crate decides whether `yes` is a boolean or `0777` a number.

use super::{Spelled, Value};

/// Which rules a text is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Our own files: YAML 1.2 core schema, with guards where people lose data.
    ///
    /// `yes`, `no`, `on`, `off` and numbers with a leading zero are strings; integers above 64 bits and numbers
    /// that are not finite are errors; a key is its text; duplicate keys and unknown tags are errors.
    Core12,
    /// Manifests: what kubectl understands (`sigs.k8s.io/yaml` over goyaml v2, YAML 1.1).
    ///
    /// `yes` and `on` are booleans, `0777` is octal, `1_000` a thousand, integers above 64 bits become floats; a key
    /// is the JSON of what it resolves to; the last of duplicate keys wins; unknown tags make strings.
    Kubectl11,
}

/// Why a plain scalar can't be a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// An integer above 64 bits.
    TooBig,
    /// `.inf`, `.nan`, or a number above the range of a float.
    NotFinite,
}

impl Dialect {
    /// What `text` means as a plain scalar without a tag.
    pub(super) fn resolve(self, text: &str) -> Result<Value, Unfit> {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
            "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
            "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
            _ => {}
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
            return Err(Unfit::NotFinite);
        }
        let number = match self {
            Self::Core12 => core_number(text, unsigned)?,
            Self::Kubectl11 => match text {
                "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Ok(Value::Bool(true)),
                "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Ok(Value::Bool(false)),
                _ => go_number(text),
            },
        };
        Ok(number.map_or_else(|| Value::from(text), Value::Number))
    }
}

/// YAML 1.2 core, section 10.3.2, less the numbers with leading zeros: `0123` is a phone number more often than 123.
fn core_number(text: &str, unsigned: &str) -> Result<Option<Spelled>, Unfit> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(body) = text.strip_prefix(prefix).filter(|body| body.chars().all(|char| char.is_digit(radix))) {
            return match u64::from_str_radix(body, radix) {
                Ok(value) => Ok(Some(Spelled::unsigned(text, value))),
                Err(_) if body.is_empty() => Ok(None),
                Err(_) => Err(Unfit::TooBig),
            };
        }
    }
    let leading_zero = unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.as_bytes()[1].is_ascii_digit();
    if leading_zero || !is_float(unsigned) {
        return Ok(None);
    }
    if digits(unsigned) {
        return match (text.parse(), text.parse()) {
            (Ok(value), _) => Ok(Some(Spelled::signed(text, value))),
            (_, Ok(value)) => Ok(Some(Spelled::unsigned(text, value))),
            _ => Err(Unfit::TooBig),
        };
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(Spelled::float(text, value))),
        Ok(_) => Err(Unfit::NotFinite),
        Err(_) => Ok(None),
    }
}

/// goyaml v2 `resolve.go`: underscores are dropped, then Go's integers of base 0, then floats.
fn go_number(text: &str) -> Option<Spelled> {
    let first = text.bytes().next()?;
    if first == b'.' {
        // A leading dot takes the path that does not drop underscores.
        return if is_float(text) { finite(text, text) } else { None };
    }
    if !first.is_ascii_digit() && first != b'+' && first != b'-' {
        return None;
    }
    let plain = text.replace('_', "");
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    go_integer(text, &plain).or_else(|| if is_float(unsigned) { finite(text, &plain) } else { None })
}

/// `strconv.ParseInt(plain, 0, 64)`, then `ParseUint`, which takes no sign.
fn go_integer(text: &str, plain: &str) -> Option<Spelled> {
    let (negative, unsigned) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, plain),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = if let Some(digits) = lower.strip_prefix("0x") {
        (16, digits)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        (8, digits)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (2, digits)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -magnitude } else { magnitude };
    if let Ok(value) = i64::try_from(value) {
        return Some(Spelled::signed(text, value));
    }
    let value = u64::try_from(value).ok()?;
    (unsigned.len() == plain.len()).then(|| Spelled::unsigned(text, value))
}

fn finite(text: &str, plain: &str) -> Option<Spelled> {
    plain.parse().ok().filter(|value: &f64| value.is_finite()).map(|value| Spelled::float(text, value))
}

/// `( "." [0-9]+ | [0-9]+ ( "." [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`: the float of YAML 1.2 and of goyaml.
fn is_float(unsigned: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if whole == 0 && count == 0 {
            return false;
        }
        rest = &fraction[count..];
    } else if whole == 0 {
        return false;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(dialect: Dialect, text: &str) -> String {
        match dialect.resolve(text) {
            Ok(value) => crate::yaml::Node::new(value).to_json().to_string(),
            Err(unfit) => format!("{unfit:?}"),
        }
    }

    #[test]
    fn both_dialects_read_plain_scalars_by_their_own_table() {
        // text, our own files, kubectl
        let table = [
            ("", "null", "null"),
            ("~", "null", "null"),
            ("True", "true", "true"),
            ("yes", "\"yes\"", "true"),
            ("Off", "\"Off\"", "false"),
            ("y", "\"y\"", "true"),
            ("yEs", "\"yEs\"", "\"yEs\""),
            ("0", "0", "0"),
            ("-0", "0", "0"),
            ("+7", "7", "7"),
            ("0777", "\"0777\"", "511"),
            ("-0777", "\"-0777\"", "-511"),
            ("08", "\"08\"", "8.0"),
            ("0o17", "15", "15"),
            ("0x1F", "31", "31"),
            ("0X1F", "\"0X1F\"", "31"),
            ("0b11", "\"0b11\"", "3"),
            ("0x", "\"0x\"", "\"0x\""),
            ("1_000", "\"1_000\"", "1000"),
            ("1_000.5", "\"1_000.5\"", "1000.5"),
            ("1e3", "1000.0", "1000.0"),
            ("1.", "1.0", "1.0"),
            (".5", "0.5", "0.5"),
            ("-.5", "-0.5", "-0.5"),
            (".5_0", "\".5_0\"", "\".5_0\""),
            (".", "\".\"", "\".\""),
            ("-", "\"-\"", "\"-\""),
            ("1e", "\"1e\"", "\"1e\""),
            ("00.5", "\"00.5\"", "0.5"),
            ("12:30", "\"12:30\"", "\"12:30\""),
            ("2001-01-01", "\"2001-01-01\"", "\"2001-01-01\""),
            ("9007199254740993", "9007199254740993", "9007199254740993"),
            ("18446744073709551615", "18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "TooBig", "1.8446744073709552e+19"),
            ("-9223372036854775808", "-9223372036854775808", "-9223372036854775808"),
            ("-9223372036854775809", "TooBig", "-9.223372036854776e+18"),
            ("0xfffffffffffffffff", "TooBig", "\"0xfffffffffffffffff\""),
            ("1e400", "NotFinite", "\"1e400\""),
            ("-.inf", "NotFinite", "NotFinite"),
            (".NaN", "NotFinite", "NotFinite"),
            ("1.2.3", "\"1.2.3\"", "\"1.2.3\""),
        ];
        for (text, core, kubectl) in table {
            assert_eq!(json(Dialect::Core12, text), core, "{text} in our own files");
            assert_eq!(json(Dialect::Kubectl11, text), kubectl, "{text} as kubectl reads it");
        }
    }
}
