//! Names that charts build from the release's name.

/// Longest name that is safe everywhere: a DNS label (RFC 1123).
const MAX_NAME: usize = 63;

/// The name of a release's objects: the release's name if it contains the chart's, else both joined by a dash, cut
/// to 63 characters (the convention of `helm create`, `_helpers.tpl`).
pub(super) fn full_name(release: &str, chart: &str) -> String {
    let name = if release.contains(chart) { release.to_owned() } else { format!("{release}-{chart}") };
    let cut: String = name.chars().take(MAX_NAME).collect();
    cut.trim_end_matches('-').to_owned()
}

/// A version as a label value: other characters than letters, digits, `-`, `_` and `.` become `_`, at most 63 of them,
/// a letter or digit at both ends (Kubernetes docs, "Labels and Selectors"). None if nothing is left.
pub(super) fn app_version_label(version: &str) -> Option<String> {
    let allowed = |char: char| if char.is_ascii_alphanumeric() || "-_.".contains(char) { char } else { '_' };
    let text: String = version.chars().map(allowed).take(MAX_NAME).collect();
    let text = text.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_follow_helms_convention() {
        assert_eq!(full_name("orchestrator", "orchestrator"), "orchestrator");
        assert_eq!(full_name("my-rabbitmq-1", "rabbitmq"), "my-rabbitmq-1");
        assert_eq!(full_name("prod", "rabbitmq"), "prod-rabbitmq");
        let long = full_name(&"a".repeat(62), "x-y");
        assert_eq!(long, "a".repeat(62), "cut, without the dash at the end");
    }

    #[test]
    fn versions_become_label_values() {
        assert_eq!(app_version_label("1.2.3+build.5").as_deref(), Some("1.2.3_build.5"));
        assert_eq!(app_version_label("+"), None);
    }
}
