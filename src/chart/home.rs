//! Where a chart lies: what its texts are called and what `file://` is relative to.

use std::path::{Component, Path, PathBuf};

/// Name of the charts in the binary, as shown in front of their paths.
pub(super) const BUNDLED: &str = "<bundled>";

/// Where a chart lies.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// In a folder: where it really is, and as the user names it.
    Folder { real: PathBuf, shown: String },
    /// In an archive or inside of another chart: it brings everything along and has no neighbours, or a chart from
    /// elsewhere could reach what lies beside it.
    Enclosed { shown: String },
    /// In the binary, under this name.
    Bundled { name: String },
}

impl Home {
    /// The chart's path as the user would name it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Folder { shown, .. } | Self::Enclosed { shown } => shown.clone(),
            Self::Bundled { name } => format!("{BUNDLED}/{name}"),
        }
    }

    /// A file of the chart as the user would name it.
    pub(super) fn shown_file(&self, path: &str) -> String {
        format!("{}/{path}", self.shown())
    }

    /// What tells this chart from others: links in paths are resolved.
    pub(super) fn key(&self) -> PathBuf {
        match self {
            Self::Folder { real, .. } => real.canonicalize().unwrap_or_else(|_| real.clone()),
            Self::Enclosed { .. } | Self::Bundled { .. } => PathBuf::from(self.shown()),
        }
    }

    /// A chart that came inside this one, at `path`.
    pub(super) fn inside(&self, path: &str) -> Self {
        Self::Enclosed { shown: self.shown_file(path) }
    }

    /// The chart that `file://path` names. The binary has none outside of it.
    pub(super) fn beside(&self, path: &str) -> Option<Self> {
        match self {
            Self::Folder { real, shown } => Some(Self::Folder {
                real: clean(&real.join(path)),
                shown: clean(&Path::new(shown).join(path)).display().to_string(),
            }),
            Self::Enclosed { .. } => None,
            Self::Bundled { name } => {
                let neighbour = clean(&Path::new(name).join(path)).to_str()?.to_owned();
                (!neighbour.starts_with("..") && !neighbour.starts_with('/'))
                    .then_some(Self::Bundled { name: neighbour })
            }
        }
    }
}

/// A path without `.` and, as far as possible, without `..`; by its letters alone, as Helm's `filepath.Join` does.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(component),
            },
            _ => out.push(component),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_by_the_letters_of_the_path() {
        let home = Home::Folder { real: "/work/charts/web".into(), shown: "charts/web".into() };
        assert_eq!(home.beside("../db").map(|home| home.shown()), Some("charts/db".into()));
        assert_eq!(home.beside("../../../x").map(|home| home.shown()), Some("../x".into()));
        let bundled = Home::Bundled { name: "web".into() };
        assert_eq!(bundled.beside("../db").map(|home| home.shown()), Some("<bundled>/db".into()));
        assert!(bundled.beside("../../db").is_none());
        assert!(bundled.beside("/etc").is_none());
    }
}
