//! The charts in the binary.

use include_dir::{Dir, include_dir};

use super::tree::{FileTree, has_use};

static CHARTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/charts");

/// Names of the charts in the binary, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = CHARTS.dirs().filter_map(|dir| dir.path().to_str()).collect();
    names.sort_unstable();
    names
}

/// The files of a bundled chart; none if there is no such chart.
pub(super) fn read(name: &str) -> Option<FileTree> {
    fn collect(dir: &Dir<'_>, prefix: &str, tree: &mut FileTree) {
        for file in dir.files() {
            let path = file.path().to_str().and_then(|path| path.strip_prefix(prefix));
            if let Some(path) = path.filter(|path| has_use(path)) {
                tree.files.insert(path.to_owned(), file.contents().to_vec());
            }
        }
        for inner in dir.dirs() {
            collect(inner, prefix, tree);
        }
    }
    let dir = CHARTS.get_dir(name)?;
    let mut tree = FileTree::default();
    collect(dir, &format!("{name}/"), &mut tree);
    Some(tree)
}
