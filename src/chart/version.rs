//! Chart versions and version ranges as Helm reads them (Masterminds/semver v3): `1.2` and `v1.2.0` are versions,
//! ranges know `||`, partial versions, wildcards, `~`, `^` and hyphens.
//!
//! The semver crate's own ranges lack `||` and read ` ` and prereleases differently, so only its ordering is used.

use semver::{Prerelease, Version};

/// Reads a version leniently: a leading `v` and missing minor and patch numbers are allowed.
pub fn version(text: &str) -> Option<Version> {
    let partial = Partial::read(text.trim())?;
    (!partial.wild).then(|| partial.floor())
}

/// A version range: of chart versions in a dependency, of Kubernetes versions in `kubeVersion`.
#[derive(Clone, Debug)]
pub struct Range {
    alternatives: Vec<Vec<Comparator>>,
}

impl Range {
    /// Reads a range; none if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let alternatives = text.split("||").map(comparators).collect::<Option<Vec<_>>>()?;
        Some(Self { alternatives })
    }

    /// Whether a version is in the range. A prerelease is only in ranges that name a prerelease themselves
    /// (`>=1.30.0-0`).
    pub fn contains(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|all| all.iter().all(|comparator| comparator.contains(version)))
    }
}

/// One comparison as an interval.
#[derive(Clone, Debug)]
struct Comparator {
    low: Option<(Version, bool)>,
    high: Option<(Version, bool)>,
    /// `!=`: everything but the interval.
    negated: bool,
    prereleases: bool,
}

impl Comparator {
    fn contains(&self, version: &Version) -> bool {
        if !version.pre.is_empty() && !self.prereleases {
            return false;
        }
        let above = self.low.as_ref().is_none_or(|(low, included)| version > low || (*included && same(version, low)));
        let below =
            self.high.as_ref().is_none_or(|(high, included)| version < high || (*included && same(version, high)));
        (above && below) != self.negated
    }
}

/// Equal but for build metadata, which has no rank.
fn same(a: &Version, b: &Version) -> bool {
    a.cmp_precedence(b).is_eq()
}

/// A version, parts of which may be missing or wild.
#[derive(Clone, Debug)]
struct Partial {
    major: Option<u64>,
    minor: Option<u64>,
    patch: Option<u64>,
    pre: Prerelease,
    wild: bool,
}

impl Partial {
    fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = match text.split_once('+') {
            Some((text, build)) if semver::BuildMetadata::new(build).is_ok_and(|build| !build.is_empty()) => text,
            Some(_) => return None,
            None => text,
        };
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) => (numbers, Prerelease::new(pre).ok().filter(|pre| !pre.is_empty())?),
            None => (text, Prerelease::EMPTY),
        };
        let mut parts = [None; 3];
        let mut wild = false;
        for (position, part) in numbers.split('.').enumerate() {
            let slot = parts.get_mut(position)?;
            if matches!(part, "x" | "X" | "*") {
                wild = true;
            } else if wild || part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            } else {
                *slot = Some(part.parse().ok()?);
            }
        }
        let [major, minor, patch] = parts;
        Some(Self { major, minor, patch, pre, wild })
    }

    /// The lowest version that it stands for.
    fn floor(&self) -> Version {
        Version {
            pre: self.pre.clone(),
            ..Version::new(self.major.unwrap_or(0), self.minor.unwrap_or(0), self.patch.unwrap_or(0))
        }
    }

    /// The lowest version above all that share the given parts, prereleases of that version excluded.
    fn above(&self) -> Option<Version> {
        match (self.major, self.minor, self.patch) {
            (None, ..) => None,
            (Some(major), None, _) => Some(ceiling(major.saturating_add(1), 0, 0)),
            (Some(major), Some(minor), None) => Some(ceiling(major, minor.saturating_add(1), 0)),
            (Some(major), Some(minor), Some(patch)) => Some(ceiling(major, minor, patch.saturating_add(1))),
        }
    }
}

fn ceiling(major: u64, minor: u64, patch: u64) -> Version {
    Version { pre: Prerelease::new("0").unwrap_or_default(), ..Version::new(major, minor, patch) }
}

/// The comparisons of one alternative, all of which must hold.
fn comparators(text: &str) -> Option<Vec<Comparator>> {
    let words: Vec<&str> = text.split([' ', '\t', ',']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return None;
    }
    let mut out = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let split = word.find(|char: char| !"=!<>~^".contains(char)).unwrap_or(word.len());
        let (operator, mut rest) = word.split_at(split);
        if rest.is_empty() {
            rest = words.next()?;
        }
        let partial = Partial::read(rest)?;
        if operator.is_empty() && words.peek() == Some(&"-") {
            words.next();
            let end = Partial::read(words.next()?)?;
            out.push(comparator(">=", &partial)?);
            out.push(comparator("<=", &end)?);
        } else {
            out.push(comparator(operator, &partial)?);
        }
    }
    Some(out)
}

fn comparator(operator: &str, partial: &Partial) -> Option<Comparator> {
    let complete = partial.patch.is_some();
    let floor = || Some((partial.floor(), true));
    let above = || partial.above().map(|high| (high, false));
    let (low, high) = match operator {
        "" | "=" | "!=" if complete => (floor(), floor()),
        "~" | "~>" if complete => {
            (floor(), Partial { patch: None, ..partial.clone() }.above().map(|high| (high, false)))
        }
        "" | "=" | "!=" | "~" | "~>" => (floor(), above()),
        "^" => (floor(), caret(partial).map(|high| (high, false))),
        ">=" | "=>" => (floor(), None),
        ">" if complete => (Some((partial.floor(), false)), None),
        // `>1.2` is above every 1.2.x.
        ">" => (Some((partial.above()?, true)), None),
        "<" => (None, Some((partial.floor(), false))),
        "<=" | "=<" if complete => (None, floor()),
        "<=" | "=<" => (None, above()),
        _ => return None,
    };
    // A wildcard alone is the interval of everything.
    let low = if partial.major.is_none() { None } else { low };
    Some(Comparator { low, high, negated: operator == "!=", prereleases: !partial.pre.is_empty() })
}

/// `^1.2.3` ends before 2, `^0.2.3` before 0.3, `^0.0.3` before 0.0.4.
fn caret(partial: &Partial) -> Option<Version> {
    match (partial.major, partial.minor, partial.patch) {
        (Some(0), Some(0), Some(_)) => partial.above(),
        (Some(0), Some(_), _) => Partial { patch: None, ..partial.clone() }.above(),
        _ => Partial { minor: None, patch: None, ..partial.clone() }.above(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_leniently_as_helm_reads_them() {
        assert_eq!(version("v1.2"), Some(Version::new(1, 2, 0)));
        assert_eq!(version("1"), Some(Version::new(1, 0, 0)));
        assert_eq!(version("1.2.3-rc.1+b").map(|v| v.pre.to_string()), Some("rc.1".into()));
        for wrong in ["", "a", "1.2.3.4", "1..2", "1.x", "1.2-", "-1", "1.2.3+", "99999999999999999999.0.0"] {
            assert_eq!(version(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ranges_follow_masterminds_semver() {
        let cases = [
            (">=1.30.0-0", "1.31.1-gke.1", true),
            (">=1.30.0", "1.31.1-gke.1", false),
            (">= 1.30", "1.30.0", true),
            ("1.2", "1.2.9", true),
            ("1.2", "1.3.0", false),
            ("=1.2.3", "1.2.3", true),
            ("!=1.2", "1.2.9", false),
            ("!=1.2.3", "1.2.4", true),
            (">1.2", "1.2.9", false),
            (">1.2", "1.3.0", true),
            ("<1.2", "1.1.9", true),
            ("<=1.2", "1.2.9", true),
            ("<=1.2", "1.3.0", false),
            ("~1.2.3", "1.2.9", true),
            ("~1.2.3", "1.3.0", false),
            ("~1", "1.9.0", true),
            ("^1.2.3", "1.9.0", true),
            ("^1.2.3", "2.0.0", false),
            ("^0.2.3", "0.2.9", true),
            ("^0.2.3", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
            ("^0", "0.9.0", true),
            ("^1.2.3-0", "2.0.0-alpha", false),
            ("1.2 - 1.4", "1.4.5", true),
            ("1.2 - 1.4", "1.5.0", false),
            ("1.x || >=3, <4", "1.9.9", true),
            ("1.x || >=3, <4", "2.0.0", false),
            ("1.x || >=3 <4", "3.1.0", true),
            ("*", "0.0.1", true),
            ("*", "0.0.1-a", false),
        ];
        for (range, text, expected) in cases {
            let parsed = Range::parse(range).unwrap();
            assert_eq!(parsed.contains(&version(text).unwrap()), expected, "{text} in {range}");
        }
        for wrong in ["", "latest", ">=", "1.2 -", "=>>1", "1 ||", "1.x.2"] {
            assert!(Range::parse(wrong).is_none(), "{wrong}");
        }
    }
}
