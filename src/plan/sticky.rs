//! Images that are known to read a variable only when their volume is first initialised.

use std::sync::LazyLock;

use serde::Deserialize;

/// A rule of `sticky.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    image: String,
    variables: Vec<String>,
    #[expect(dead_code, reason = "for readers of the file; the test checks that it is there")]
    source: String,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| parse().unwrap_or_default());

fn parse() -> Result<Vec<Rule>, serde_yaml::Error> {
    serde_yaml::from_str(include_str!("sticky.yaml"))
}

/// Whether a variable of an image is known to be read only once.
pub(super) fn is_sticky(image: &str, variable: &str) -> bool {
    let repository = repository(image);
    RULES.iter().any(|rule| {
        ends_with_parts(repository, &rule.image) && rule.variables.iter().any(|pattern| matches(pattern, variable))
    })
}

/// An image without tag and digest. A colon before a slash is a registry's port.
pub(super) fn repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The number with which an image's tag begins: `4` of `rabbitmq:4.2-management`.
pub(super) fn major(image: &str) -> Option<u32> {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    let tag = image.strip_prefix(repository(image))?.strip_prefix(':')?;
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    tag[..tag.find(|char: char| !char.is_ascii_digit()).unwrap_or(tag.len())].parse().ok()
}

fn ends_with_parts(repository: &str, end: &str) -> bool {
    repository.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with('/'))
}

fn matches(pattern: &str, variable: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == variable,
        Some((start, end)) => {
            variable.len() >= start.len() + end.len() && variable.starts_with(start) && variable.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_each_rule_has_a_source() {
        let rules: Vec<Rule> = parse().unwrap();
        assert!(rules.len() > 8 && rules.iter().all(|rule| !rule.variables.is_empty()));
    }

    #[test]
    fn image_and_variable_must_both_match() {
        assert!(is_sticky("rabbitmq:4.2-management", "RABBITMQ_DEFAULT_PASS"));
        assert!(is_sticky("localhost:5000/library/rabbitmq@sha256:00", "RABBITMQ_DEFAULT_PASS"));
        assert!(is_sticky("mariadb", "MARIADB_ROOT_PASSWORD"));
        assert!(!is_sticky("rabbitmq-exporter:1", "RABBITMQ_DEFAULT_PASS"));
        assert!(!is_sticky("python:3-slim", "RABBITMQ_DEFAULT_PASS"));
        assert!(!is_sticky("redis", "REDIS_PASSWORD"));
    }

    #[test]
    fn versions_are_read_from_tags() {
        assert_eq!(major("rabbitmq:4.2-management"), Some(4));
        assert_eq!(major("localhost:5000/postgres"), None);
        assert_eq!(major("postgres:v15@sha256:00"), Some(15));
    }
}
