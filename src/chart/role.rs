//! What a file under `templates/` is, by its name.

use super::Role;
use crate::diagnostic::Diagnostic;

impl Role {
    /// The role of a path within a chart. A name that is nearly ours is an error, a foreign one a warning: neither
    /// may drop an object silently.
    pub(super) fn of(path: &str) -> Result<Self, Diagnostic> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(stem) = name.strip_suffix(".hbs") {
            return if name.starts_with('_') {
                Ok(Self::Partial)
            } else if stem == "notes.txt" {
                Ok(Self::Notes)
            } else if matches!(stem.rsplit_once('.'), Some((_, "yaml" | "yml"))) {
                Ok(Self::Manifest)
            } else {
                Err(Diagnostic::error(format!("`{path}` has a name that says nothing of what it renders"))
                    .hint("call it `NAME.yaml.hbs` (objects), `_NAME.hbs` (a partial) or `notes.txt.hbs`"))
            };
        }
        match name.rsplit_once('.') {
            Some((_, "yaml" | "yml" | "tpl" | "txt")) => Ok(Self::GoTemplate),
            _ => Err(Diagnostic::warning(format!("`{path}` is no template by its name: it is ignored"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;

    #[test]
    fn names_decide_what_a_file_is() {
        for (path, role) in [
            ("templates/a.yaml.hbs", Role::Manifest),
            ("templates/deep/a.yml.hbs", Role::Manifest),
            ("templates/_a.hbs", Role::Partial),
            ("templates/_a.yaml.hbs", Role::Partial),
            ("templates/notes.txt.hbs", Role::Notes),
            ("templates/NOTES.txt", Role::GoTemplate),
            ("templates/_helpers.tpl", Role::GoTemplate),
            ("templates/a.yaml", Role::GoTemplate),
        ] {
            assert_eq!(Role::of(path).ok(), Some(role), "{path}");
        }
        assert_eq!(Role::of("templates/a.hbs").unwrap_err().severity, Severity::Error);
        assert_eq!(Role::of("templates/README.md").unwrap_err().severity, Severity::Warning);
    }
}
