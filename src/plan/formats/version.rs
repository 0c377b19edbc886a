//! The version that an image's tag begins with, as far as it is written.

/// Major and minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: Option<u32>,
}

impl Version {
    /// `17.7` of `17.7-trixie`, `4` of `4-management`, `16` of `v16`; none of `latest`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (major, rest) = number(text)?;
        let minor = rest.strip_prefix('.').and_then(number).map(|(minor, _)| minor);
        Some(Self { major, minor })
    }

    /// Whether it is older, by what is written of both.
    pub(super) fn is_older(self, than: Self) -> bool {
        match (self.minor, than.minor) {
            (Some(minor), Some(other)) => (self.major, minor) < (than.major, other),
            _ => self.major < than.major,
        }
    }
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_tags() {
        for (tag, expected) in [
            ("17.7-trixie", Some((17, Some(7)))),
            ("4-management", Some((4, None))),
            ("v15", Some((15, None))),
            ("8.0.36-debian-12-r1", Some((8, Some(0)))),
            ("latest", None),
            ("", None),
        ] {
            let read = Version::parse(tag).map(|version| (version.major, version.minor));
            assert_eq!(read, expected, "{tag}");
        }
    }

    #[test]
    fn what_is_not_written_makes_nothing_older() {
        let older = |a, b| Version::parse(a).unwrap().is_older(Version::parse(b).unwrap());
        assert!(older("3.13", "4.0") && older("4.1", "4.2") && older("3", "4.2"));
        assert!(!older("4", "4.2") && !older("4.2", "4") && !older("4.2", "4.2"));
    }
}
