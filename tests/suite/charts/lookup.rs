//! Which chart a word on the command line means.

use kchart::chart::{Lookup, Taken, load};
use kchart::diagnostic::SourceMap;

use super::{CHART, told, write};

struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), files);
        Self { root }
    }

    fn load(&self, reference: &str) -> Result<Taken, String> {
        let lookup = Lookup { directory: self.root.path().to_owned(), folders: vec!["shelf".into()] };
        let mut sources = SourceMap::new();
        let done = load(reference, &lookup, &mut sources);
        done.map(|(_, taken)| taken).map_err(|errors| told(&errors, &sources))
    }
}

#[test]
fn a_name_is_looked_up_and_a_path_is_not() {
    let place = Place::new(&[
        ("here/Chart.yaml", CHART),
        ("charts/mine/Chart.yaml", CHART),
        ("charts/rabbitmq/Chart.yaml", CHART),
        ("shelf/mine/Chart.yaml", CHART),
        ("shelf/other/Chart.yaml", CHART),
    ]);
    assert_eq!(place.load("here"), Ok(Taken::Folder("here".into())));
    assert_eq!(place.load("./here/"), Ok(Taken::Folder("./here".into())));
    assert_eq!(place.load("mine"), Ok(Taken::Folder("charts/mine".into())));
    assert_eq!(place.load("other"), Ok(Taken::Folder("shelf/other".into())));
    assert_eq!(place.load("rabbitmq"), Ok(Taken::Folder("charts/rabbitmq".into())), "your own goes first");
    assert_eq!(place.load("orchestrator"), Ok(Taken::Bundled("orchestrator".into())));
}

#[test]
fn a_name_that_is_nowhere_says_where_it_was_looked_for() {
    let place = Place::new(&[("charts/web/Chart.yaml", CHART), ("plain/x", "")]);
    let looked = "note: in `charts`: web\nnote: in `shelf`: no charts\nnote: in `<bundled>`: orchestrator, postgresql, rabbitmq\n";
    assert_eq!(
        place.load("rabitmq"),
        Err(format!("error: there is no chart called `rabitmq`\n{looked}hint: did you mean `rabbitmq`?\n"))
    );
    assert_eq!(
        place.load("plain"),
        Err(format!(
            "error: there is no chart called `plain`\n{looked}hint: the folder `plain` has no Chart.yaml, so it is no chart\n"
        ))
    );
    assert_eq!(
        place.load("something"),
        Err(format!(
            "error: there is no chart called `something`\n{looked}hint: a chart in a folder is named by its path, with a slash: `./NAME`\n"
        ))
    );
}

#[test]
fn a_path_without_a_chart_says_so() {
    let place = Place::new(&[
        ("a/web/Chart.yaml", CHART),
        ("a/old/chart.yaml", CHART),
        ("a/web-1.0.0.tgz", ""),
        ("values.yaml", ""),
    ]);
    for (reference, expected) in [
        ("a", "error: there is no chart called `a`\n"),
        ("./a", "error: `./a` is no chart: it has no Chart.yaml\nhint: did you mean `./a/web`?\n"),
        ("a/wbe", "error: there is no chart at `a/wbe`\nhint: did you mean `a/web`?\n"),
        ("a/web-1.0.1.tgz", "error: there is no chart at `a/web-1.0.1.tgz`\nhint: did you mean `a/web-1.0.0.tgz`?\n"),
        ("nope/web", "error: there is no chart at `nope/web`\n"),
        (
            "a/old",
            "error: `a/old` is no chart: it has no Chart.yaml\nhint: rename `a/old/chart.yaml` to `Chart.yaml`\n",
        ),
        (
            "./values.yaml",
            "error: `./values.yaml` is a file: a chart is a folder or a .tgz\nhint: rendered YAML is installed by `kchart install NAME --manifest FILE`\n",
        ),
        (
            "a/web/Chart.yaml",
            "error: `a/web/Chart.yaml` is a file: a chart is a folder or a .tgz\nhint: name its folder: `a/web`\n",
        ),
        (
            "oci://example.org/web",
            "error: kchart does not fetch charts by `oci://` yet: `oci://example.org/web`\nhint: `helm pull oci://example.org/web` saves it as a .tgz, which can be installed\n",
        ),
    ] {
        let error = place.load(reference).unwrap_err();
        assert!(error.starts_with(expected), "{reference}: {error}");
    }
}
