//! `.helmignore`: which files of a chart folder are not part of the chart.
//!
//! Semantics of Helm's `pkg/ignore/rules.go`, which are not git's: rules are tried in order and the first match
//! decides; a pattern without a slash looks at the last part of the path only, one with a slash at the whole path;
//! a negated rule (`!x`) drops everything that it does *not* match; `**` is refused.

use globset::{GlobBuilder, GlobMatcher};

use crate::diagnostic::{Diagnostic, Place, SourceId};

/// Helm always leaves dot files under `templates/` out (`AddDefaults`).
const DEFAULT: &str = "templates/.?*";

/// The rules of one chart folder.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    matcher: GlobMatcher,
    negated: bool,
    folders_only: bool,
    whole_path: bool,
}

impl Ignore {
    /// Reads the file's text. Helm's default comes last, so that a chart's own rules win.
    pub(super) fn read(text: &str, source: SourceId) -> Result<Self, Diagnostic> {
        let mut rules = Vec::new();
        for (line, written) in (1..).zip(text.lines()) {
            let trimmed = written.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let column = u32::try_from(written.len() - written.trim_start().len()).unwrap_or(0) + 1;
            let width = u32::try_from(trimmed.chars().count()).unwrap_or(1);
            let place = Place::new(source, line, column).span(width);
            rules.push(Rule::read(trimmed).map_err(|reason| Diagnostic::error(reason).at(place))?);
        }
        rules.extend(Rule::read(DEFAULT));
        Ok(Self { rules })
    }

    /// Whether a path (within the chart, with slashes) is left out. A folder that is left out is not entered.
    pub(super) fn drops(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.rules {
            let applies = is_folder || !rule.folders_only;
            let matches = applies && rule.matches(path);
            if rule.negated {
                if !matches {
                    return true;
                }
            } else if matches {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn read(written: &str) -> Result<Self, String> {
        if written.contains("**") {
            return Err("`**` is not supported in .helmignore (Helm refuses it too)".into());
        }
        let (negated, pattern) = written.strip_prefix('!').map_or((false, written), |rest| (true, rest));
        let (folders_only, pattern) = pattern.strip_suffix('/').map_or((false, pattern), |rest| (true, rest));
        let whole_path = pattern.contains('/');
        let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
        // Go's patterns have no braces; globset's have.
        let pattern = pattern.replace('{', "[{]").replace('}', "[}]");
        let glob = GlobBuilder::new(&pattern)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| format!("`{written}` is no pattern: {}", error.kind()))?;
        Ok(Self { matcher: glob.compile_matcher(), negated, folders_only, whole_path })
    }

    fn matches(&self, path: &str) -> bool {
        let name = if self.whole_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        self.matcher.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drops(rules: &str, path: &str, is_folder: bool) -> bool {
        Ignore::read(rules, SourceId::NONE).unwrap().drops(path, is_folder)
    }

    #[test]
    fn rules_follow_helm_not_git() {
        // Cases of Helm's rules_test.go.
        let cases = [
            ("helm.txt", "helm.txt", false, true),
            ("helm.*", "helm.txt", false, true),
            ("helm.*", "rudder.txt", false, false),
            ("*.txt", "tiller.txt", false, true),
            ("*.txt", "cargo/a.txt", false, true),
            ("cargo/*.txt", "cargo/a.txt", false, true),
            ("cargo/*.*", "cargo/a.txt", false, true),
            ("cargo/*.txt", "mast/a.txt", false, false),
            ("ru[c-e]?er.txt", "rudder.txt", false, true),
            ("templates/.?*", "templates/.dotfile", false, true),
            ("", "templates/.dotfile", false, true),
            ("/a.txt", "a.txt", false, true),
            ("/a.txt", "cargo/a.txt", false, false),
            ("/cargo/a.txt", "cargo/a.txt", false, true),
            ("cargo/", "cargo", true, true),
            ("cargo/", "cargo", false, false),
            ("cargo", "cargo", true, true),
            ("mast/", "mast/a.txt", false, false),
            ("!helm.txt", "helm.txt", false, false),
            ("!helm.txt", "tiller.txt", false, true),
            ("!*.txt", "cargo", true, true),
            ("# a comment\n\n  spaced.txt  ", "spaced.txt", false, true),
            ("a{b,c}", "ab", false, false),
            ("a{b,c}", "a{b,c}", false, true),
        ];
        for (rules, path, is_folder, expected) in cases {
            assert_eq!(drops(rules, path, is_folder), expected, "{path} under `{rules}`");
        }
    }

    #[test]
    fn a_wrong_pattern_is_shown_at_its_line() {
        let error = Ignore::read("ok\n  a/**/b\n", SourceId::NONE).unwrap_err();
        assert_eq!(error.message, "`**` is not supported in .helmignore (Helm refuses it too)");
        assert!(Ignore::read("[a", SourceId::NONE).unwrap_err().message.starts_with("`[a` is no pattern: "));
    }
}
