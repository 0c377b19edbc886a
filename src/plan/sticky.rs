//! Images that are known to read a variable only when their volume is first initialised.

use std::sync::LazyLock;

use serde::Deserialize;

/// A rule of `sticky.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    image: String,
    variables: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    source: String,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| parse().unwrap_or_default());

fn parse() -> Result<Vec<Rule>, serde_yaml::Error> {
    serde_yaml::from_str(include_str!("sticky.yaml"))
}

/// Where it is documented that an image reads a variable only once; none where that is not known. `…_FILE` names a
/// file with the value of the variable without it.
pub(super) fn source(image: &str, variable: &str) -> Option<&'static str> {
    let variable = variable.strip_suffix("_FILE").unwrap_or(variable);
    let of_image = of_image(image);
    let rule = of_image.into_iter().find(|rule| rule.variables.iter().any(|pattern| matches(pattern, variable)))?;
    Some(&rule.source)
}

/// Where it is documented that an image reads the name of what it makes only once: of a user, of a database.
pub(super) fn name_source(image: &str, variable: &str) -> Option<&'static str> {
    let rule = of_image(image).into_iter().find(|rule| rule.names.iter().any(|name| name == variable))?;
    Some(&rule.source)
}

/// Whether an image is known to read variables only once.
pub(super) fn is_known_image(image: &str) -> bool {
    !of_image(image).is_empty()
}

fn of_image(image: &str) -> Vec<&'static Rule> {
    RULES.iter().filter(|rule| is_image(image, &rule.image)).collect()
}

/// An image without tag and digest. A colon before a slash is a registry's port.
pub(super) fn repository(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The tag of an image, if it has one.
pub(super) fn tag(image: &str) -> Option<&str> {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    image.strip_prefix(repository(image))?.strip_prefix(':')
}

/// Whether an image's repository ends with these parts.
pub(super) fn is_image(image: &str, end: &str) -> bool {
    ends_with_parts(repository(image), end)
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

    fn is_sticky(image: &str, variable: &str) -> bool {
        source(image, variable).is_some()
    }

    #[test]
    fn the_file_is_read_and_each_rule_has_a_source() {
        let rules: Vec<Rule> = parse().unwrap();
        assert!(rules.len() > 8);
        assert!(rules.iter().all(|rule| !rule.variables.is_empty() && rule.source.starts_with("https://")));
    }

    #[test]
    fn image_and_variable_must_both_match() {
        assert!(is_sticky("rabbitmq:4.2-management", "RABBITMQ_DEFAULT_PASS"));
        assert!(is_sticky("localhost:5000/library/rabbitmq@sha256:00", "RABBITMQ_DEFAULT_PASS"));
        assert!(is_sticky("mariadb", "MARIADB_ROOT_PASSWORD"));
        assert!(is_sticky("postgres:17", "POSTGRES_PASSWORD_FILE"));
        assert!(!is_sticky("rabbitmq-exporter:1", "RABBITMQ_DEFAULT_PASS"));
        assert!(!is_sticky("python:3-slim", "RABBITMQ_DEFAULT_PASS"));
        assert!(!is_sticky("redis", "REDIS_PASSWORD"));
        assert!(name_source("postgres:17", "POSTGRES_DB").is_some() && !is_sticky("postgres:17", "POSTGRES_DB"));
        assert_eq!(name_source("postgres:17", "POSTGRES_PASSWORD"), None, "it is a secret");
    }

    #[test]
    fn tags_are_found() {
        assert_eq!(tag("rabbitmq:4.2-management"), Some("4.2-management"));
        assert_eq!(tag("localhost:5000/postgres"), None);
        assert_eq!(tag("postgres:v15@sha256:00"), Some("v15"));
    }
}
