//! What the bundled charts render to: one golden a folder of `tests/fixtures/bundled/CHART/CASE`.

use std::fs;
use std::path::{Path, PathBuf};

use kchart::chart::Chart;
use kchart::diagnostic::SourceMap;
use kchart::manifest;
use kchart::release::Release;
use kchart::render::{self, Context};
use kchart::values::{self, Inputs};

use super::bundled::bundled;
use super::told;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bundled");

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/values.example.yaml");

/// The manifest, the notes and the warnings of a release of a chart with a values file.
pub(super) fn made(chart: &Chart, release: &str, file: &str, sources: &mut SourceMap) -> Result<[String; 3], String> {
    let inputs = Inputs { files: vec![("values.yaml".into(), file.into())], ..Inputs::default() };
    let given = values::given(&inputs, sources).map_err(|errors| told(&errors, sources))?;
    let (values, mut warnings) = values::resolve(chart, &given).map_err(|errors| told(&errors, sources))?;
    let context = Context {
        release: release.into(),
        namespace: "lab".into(),
        revision: 1,
        is_upgrade: false,
        kube_version: "v1.37.2".into(),
        api_versions: vec!["v1".into(), "apps/v1".into()],
    };
    let rendered = render::render(chart, &values, &context, sources).map_err(|errors| told(&errors, sources))?;
    let release = Release { namespace: "lab".into(), name: release.into() };
    let manifest = manifest::assemble(rendered.documents, &release).map_err(|errors| told(&errors, sources))?;
    warnings.extend(rendered.warnings);
    warnings.extend(manifest.warnings);
    let warnings = told(&warnings, sources);
    Ok([manifest::to_yaml(&manifest.objects, false), rendered.notes.unwrap_or_default(), warnings])
}

/// Compares with a file, or rewrites it with `SNAPSHOTS=overwrite`.
#[track_caller]
pub(super) fn golden(file: &Path, text: String) {
    let expected = snapbox::Data::read_from(file, None).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(text, expected);
}

#[test]
fn the_example_reads_its_own_secret_under_any_release_name() {
    let (chart, mut sources) = bundled("orchestrator");
    let example = fs::read_to_string(EXAMPLE).unwrap();
    for (release, secret) in [("orchestrator", "orchestrator"), ("night-shift", "night-shift-orchestrator")] {
        let [manifest, _, warnings] = made(&chart, release, &example, &mut sources).unwrap();
        assert_eq!(warnings, "");
        let token = manifest.split("- name: API_TOKEN").nth(1).unwrap();
        let read = token.lines().find_map(|line| line.trim().strip_prefix("name: "));
        assert_eq!(read, Some(secret));
        assert!(manifest.contains(&format!("kind: Secret\nmetadata:\n  name: {secret}\n")), "{manifest}");
    }
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[test]
fn bundled_charts_render_to_their_goldens() {
    for chart in folders(Path::new(CASES)) {
        for case in folders(&chart) {
            let name = chart.file_name().and_then(|name| name.to_str()).unwrap();
            // The example needs no copy here.
            let values = case.join("values.yaml");
            let values = if case.ends_with("example") { Path::new(EXAMPLE) } else { values.as_path() };
            let (chart, mut sources) = bundled(name);
            let texts = made(&chart, name, &fs::read_to_string(values).unwrap(), &mut sources)
                .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
            for (file, text) in ["manifest.yaml", "notes.txt", "warnings.txt"].into_iter().zip(texts) {
                golden(&case.join(file), text);
            }
        }
    }
}
