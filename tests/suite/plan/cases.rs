//! Each folder of `tests/fixtures/plan` is a case; `plan.txt` is what comes out. `SNAPSHOTS=overwrite` rewrites it.

use std::path::{Path, PathBuf};

use kchart::plan::{plan, questions};
use snapbox::Assert;
use snapbox::data::DataFormat;

use super::{by_name, scene, text};

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plan");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[test]
fn each_case_gives_its_plan_or_its_refusals() {
    let folders = folders();
    assert!(folders.len() > 20);
    for folder in folders {
        let scene::Scene { intent, want, past, facts, by_name } = scene::read(&folder);
        let shown = match by_name {
            Some(what) => text::show(&[], &by_name::plan(&what, past, facts)),
            None => text::show(&questions(&intent, &want, &past), &plan(&intent, &want, &past, &facts)),
        };
        let golden = snapbox::Data::read_from(&folder.join("plan.txt"), Some(DataFormat::Text));
        Assert::new().action_env("SNAPSHOTS").eq(shown, golden);
    }
}
