//! Strings, parts of which may be decided only when they are applied.

use serde::{Deserialize, Serialize};

/// A string in parts. Neighbouring known parts are joined; the empty string has no parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    parts: Parts,
}

/// Nearly all texts have one part, which needs no list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Parts {
    #[default]
    None,
    One(Part),
    Many(Vec<Part>),
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Known now.
    Known(String),
    /// A generated value: decided against the cluster, never present while rendering or planning.
    Generated(GeneratedKey),
}

/// What `{{generate "password" length=32 charset="alnum"}}` asks for.
///
/// The name is the identity within one release: everywhere it stands it is the same value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GeneratedKey {
    /// Identity within the release.
    pub name: String,
    /// Number of characters.
    pub length: u32,
    /// Which characters.
    pub charset: Charset,
}

/// The characters of a generated value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Charset {
    /// Letters of both cases and digits.
    Alnum,
    /// Letters of both cases.
    Alpha,
    /// Digits.
    Digits,
    /// Lower-case hexadecimal digits.
    Hex,
}

impl Charset {
    /// The characters, in a fixed order.
    pub fn alphabet(self) -> &'static [u8] {
        match self {
            Self::Alnum => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            Self::Alpha => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            Self::Digits => b"0123456789",
            Self::Hex => b"0123456789abcdef",
        }
    }
}

impl Text {
    /// A text that is one generated value.
    pub fn generated(key: GeneratedKey) -> Self {
        Self { parts: Parts::One(Part::Generated(key)) }
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        match &self.parts {
            Parts::None => &[],
            Parts::One(part) => std::slice::from_ref(part),
            Parts::Many(parts) => parts,
        }
    }

    fn last_mut(&mut self) -> Option<&mut Part> {
        match &mut self.parts {
            Parts::None => None,
            Parts::One(part) => Some(part),
            Parts::Many(parts) => parts.last_mut(),
        }
    }

    fn add(&mut self, part: Part) {
        self.parts = match std::mem::take(&mut self.parts) {
            Parts::None => Parts::One(part),
            Parts::One(first) => Parts::Many(vec![first, part]),
            Parts::Many(mut parts) => {
                parts.push(part);
                Parts::Many(parts)
            }
        };
    }

    /// The whole string, if all of it is known.
    pub fn known(&self) -> Option<&str> {
        match self.parts() {
            [] => Some(""),
            [Part::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a part of it is generated.
    pub fn is_generated(&self) -> bool {
        self.parts().iter().any(|part| matches!(part, Part::Generated(_)))
    }

    /// The generated values in it.
    pub fn generated_keys(&self) -> impl Iterator<Item = &GeneratedKey> {
        self.parts().iter().filter_map(|part| match part {
            Part::Generated(key) => Some(key),
            Part::Known(_) => None,
        })
    }

    /// Appends a known string.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Known(last)) = self.last_mut() {
            last.push_str(text);
        } else {
            self.add(Part::Known(text.to_owned()));
        }
    }

    /// Appends another text.
    pub fn push(&mut self, other: &Self) {
        for part in other.parts() {
            match part {
                Part::Known(text) => self.push_str(text),
                Part::Generated(key) => self.add(Part::Generated(key.clone())),
            }
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let mut this = Self::default();
        this.push_str(text);
        this
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { parts: if text.is_empty() { Parts::None } else { Parts::One(Part::Known(text)) } }
    }
}
