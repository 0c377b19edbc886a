//! Names of releases and namespaces as the user gives them.

use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::release::Release;

/// Longest release name: 63, less what controllers append (Helm's `pkg/chart/v2/util/validate_name.go`).
const LONGEST_RELEASE: usize = 53;
/// Longest namespace: a DNS label (RFC 1123).
const LONGEST_NAMESPACE: usize = 63;

/// A release name that was given, or one that comes from a chart.
pub(super) fn checked(name: &str) -> Result<&str, Failure> {
    check(name, "release name", LONGEST_RELEASE).map(|()| name)
}

/// A namespace that was given.
pub(super) fn checked_namespace(namespace: Option<&str>) -> Result<Option<&str>, Failure> {
    namespace.map(|name| check(name, "namespace", LONGEST_NAMESPACE).map(|()| name)).transpose()
}

/// The name of a release that is about to be made: the given one, else the chart's.
pub(super) fn of(given: Option<&str>, chart: Option<&str>) -> Result<String, Failure> {
    match (given, chart) {
        (Some(name), _) => checked(name).map(str::to_owned),
        (None, Some(chart)) => checked(chart).map(str::to_owned).map_err(|mut failure| {
            failure.diagnostics.iter_mut().for_each(|diagnostic| {
                diagnostic.hints = vec![format!("give the release another name before the chart: `NAME {chart}`")];
            });
            failure
        }),
        (None, None) => Err(Failure::new(Class::Usage, Diagnostic::error("a release of `--manifest` needs a name"))),
    }
}

/// A release: its name and namespace, or the namespace of the kubeconfig's context.
pub(super) fn release(name: &str, namespace: Option<&str>, default: &str) -> Result<Release, Failure> {
    let namespace = checked_namespace(namespace)?.unwrap_or(default).to_owned();
    Ok(Release { namespace, name: checked(name)?.to_owned() })
}

fn check(name: &str, what: &str, longest: usize) -> Result<(), Failure> {
    let allowed = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    let diagnostic = if name.is_empty() {
        Diagnostic::error(format!("the {what} is empty"))
    } else if name.chars().count() > longest {
        Diagnostic::error(format!(
            "{what} `{name}` has {} characters, at most {longest} are allowed",
            name.chars().count()
        ))
    } else if let Some(wrong) = name.chars().find(|char| !allowed(*char)) {
        let message = format!("{what} `{name}` is no DNS label: it has `{}`", wrong.escape_debug());
        with_suggestion(Diagnostic::error(message), name, longest)
    } else if name.starts_with('-') || name.ends_with('-') {
        let message = format!("{what} `{name}` is no DNS label: it begins or ends with `-`");
        with_suggestion(Diagnostic::error(message), name, longest)
    } else {
        return Ok(());
    };
    Err(Failure::new(Class::Usage, diagnostic.note("allowed are lower-case letters, digits and `-` between them")))
}

/// Offers the nearest allowed name.
fn with_suggestion(diagnostic: Diagnostic, name: &str, longest: usize) -> Diagnostic {
    let mapped: String =
        name.to_lowercase().chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
    let near: String = mapped.trim_matches('-').chars().take(longest).collect();
    if near.is_empty() { diagnostic } else { diagnostic.hint(format!("`{near}` would be allowed")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_labels() {
        for name in ["a", "web-1", "0", &"a".repeat(53)] {
            assert!(checked(name).is_ok(), "{name}");
        }
        for name in ["", "Web", "a_b", "a.b", "-a", "a-", "ä", &"a".repeat(54)] {
            assert!(checked(name).is_err(), "{name}");
        }
        assert!(checked_namespace(Some(&"a".repeat(63))).is_ok());
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest_allowed_one() {
        let failure = checked("My_App").unwrap_err();
        assert_eq!(failure.class, Class::Usage);
        assert_eq!(failure.diagnostics[0].hints, ["`my-app` would be allowed"]);
    }
}
