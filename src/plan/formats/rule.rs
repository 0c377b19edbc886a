//! The rules of `rules.yaml`: which images start on which data.

use std::sync::LazyLock;

use serde::Deserialize;

use super::version::Version;
use crate::plan::sticky::{is_image, tag};

/// A rule of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    images: Vec<String>,
    version_after: Option<String>,
    #[serde(default)]
    only_own_major: bool,
    not_older: Option<Part>,
    #[serde(default)]
    steps: Vec<Step>,
    pub(super) because: String,
    pub(super) source: String,
}

/// What of a version counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Part {
    Major,
    Minor,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    to: String,
    from: String,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| parse().unwrap_or_default());

fn parse() -> Result<Vec<Rule>, serde_yaml::Error> {
    serde_yaml::from_str(include_str!("rules.yaml"))
}

/// The rule for two images of one family; none where nothing is known.
pub(super) fn of(old: &str, new: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| [old, new].iter().all(|image| rule.images.iter().any(|end| is_image(image, end))))
}

impl Rule {
    /// Whether `new` is known not to start on data of `old`. What is not written in their tags is not guessed.
    pub(super) fn refuses(&self, old: &str, new: &str) -> bool {
        let (Some(old), Some(new)) = (self.version(old), self.version(new)) else { return false };
        let goes_back = match self.not_older {
            None => false,
            Some(Part::Major) => new.major < old.major,
            Some(Part::Minor) => new.is_older(old),
        };
        let skips = self.steps.iter().any(|step| {
            let (Some(to), Some(from)) = (Version::parse(&step.to), Version::parse(&step.from)) else { return false };
            !new.is_older(to) && old.is_older(from)
        });
        goes_back || skips || self.only_own_major && new.major != old.major
    }

    /// The version that a tag names.
    pub(super) fn version(&self, image: &str) -> Option<Version> {
        let tag = tag(image)?;
        match &self.version_after {
            None => Version::parse(tag),
            Some(before) => tag.match_indices(before).find_map(|(at, _)| Version::parse(&tag[at + before.len()..])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_each_rule_has_a_source() {
        let rules = parse().unwrap();
        assert!(rules.len() > 4);
        for rule in rules {
            assert!(rule.source.starts_with("https://"), "{rule:?}");
            let versions = rule.steps.iter().flat_map(|step| [&step.to, &step.from]);
            assert!(versions.into_iter().all(|text| Version::parse(text).is_some_and(|it| it.minor.is_some())));
        }
    }

    #[test]
    fn images_start_on_what_they_can_read() {
        let refuses = |old, new| of(old, new).is_some_and(|rule| rule.refuses(old, new));
        for (old, new) in [
            ("postgres:16", "postgres:17.7-trixie"),
            ("postgres:17", "postgres:16"),
            ("registry.example/library/postgres:16.4", "bitnami/postgresql:17"),
            ("timescale/timescaledb:2.17.2-pg16", "timescale/timescaledb:2.17.2-pg17"),
            ("rabbitmq:3.10", "rabbitmq:4.0"),
            ("rabbitmq:4.1-management", "rabbitmq:4.3"),
            ("rabbitmq:4.2", "rabbitmq:3.13"),
            ("mariadb:11.4", "mariadb:10.11"),
            ("mysql:5.7", "mysql:8.4"),
            ("mongo:6.0", "mongo:8.0"),
        ] {
            assert!(refuses(old, new), "{old} → {new}");
        }
        for (old, new) in [
            ("postgres:17.5", "postgres:17.7-trixie"),
            ("postgres", "postgres:17"),
            ("postgres@sha256:00", "postgres:17"),
            ("timescale/timescaledb:2.16.0-pg16", "timescale/timescaledb:2.17.2-pg16"),
            ("rabbitmq:3.13", "rabbitmq:4.2"),
            ("rabbitmq:4", "rabbitmq:4.3"),
            ("mariadb:10.11", "mariadb:11.8"),
            ("mongo:7", "mongo:8"),
            ("redis:6", "redis:8"),
            ("postgres:16", "mysql:8"),
        ] {
            assert!(!refuses(old, new), "{old} → {new}");
        }
    }
}
