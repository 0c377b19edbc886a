//! Charts in folders.

use std::fs;
use std::path::Path;

use kchart::chart::{Chart, Lookup, Role, load};
use kchart::diagnostic::SourceMap;

use super::{CHART, told, write};

/// Loads `./web` below `root`; an error as text.
fn web(root: &Path) -> Result<(Chart, SourceMap), String> {
    let mut sources = SourceMap::new();
    let lookup = Lookup { directory: root.to_owned(), folders: Vec::new() };
    match load("./web", &lookup, &mut sources) {
        Ok((chart, _)) => Ok((chart, sources)),
        Err(errors) => Err(told(&errors, &sources)),
    }
}

/// The error of a chart with these files.
#[track_caller]
fn refused(files: &[(&str, &str)]) -> String {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), files);
    web(root.path()).unwrap_err()
}

#[test]
fn every_file_has_its_role_and_the_order_is_by_path() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("web/Chart.yaml", "\u{FEFF}apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: 1.10\n"),
            ("web/values.yaml", "replicas: 2\n"),
            ("web/values.schema.json", "{\"type\": \"object\"}"),
            ("web/templates/z.yaml.hbs", "z: 1\n"),
            ("web/templates/_a.hbs", "a"),
            ("web/templates/deep/b.yml.hbs", "b: 1\n"),
            ("web/templates/notes.txt.hbs", "hello"),
            ("web/templates/helm.yaml", "{{ .Values.x }}"),
            ("web/templates/.hidden.yaml.hbs", "never"),
            ("web/templates/README.md", "text"),
            ("web/files/conf/app.ini", "x=1"),
            ("web/docs/guide.md", "not a part of the chart"),
            ("web/charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 0.1.0\n"),
            ("web/charts/_off/Chart.yaml", "broken"),
        ],
    );
    let (chart, sources) = web(root.path()).unwrap();
    assert_eq!(chart.metadata.app_version.as_deref(), Some("1.10"), "the digits stay as they were written");
    let templates: Vec<_> = chart.templates.iter().map(|template| (template.path.as_str(), template.role)).collect();
    assert_eq!(
        templates,
        [
            ("templates/_a.hbs", Role::Partial),
            ("templates/deep/b.yml.hbs", Role::Manifest),
            ("templates/helm.yaml", Role::GoTemplate),
            ("templates/notes.txt.hbs", Role::Notes),
            ("templates/z.yaml.hbs", Role::Manifest),
        ]
    );
    assert_eq!(sources.get(chart.templates[0].source).unwrap().name, "./web/templates/_a.hbs");
    assert_eq!(chart.files.keys().collect::<Vec<_>>(), ["conf/app.ini"]);
    assert_eq!(chart.values.to_json(), serde_json::json!({"replicas": 2}));
    assert_eq!(chart.schema.unwrap().0, serde_json::json!({"type": "object"}));
    assert_eq!(chart.subcharts.iter().map(|chart| chart.metadata.name.as_str()).collect::<Vec<_>>(), ["db"]);
    assert_eq!(
        told(&chart.warnings, &sources),
        "warning: `templates/README.md` is no template by its name: it is ignored\n"
    );
}

#[test]
fn what_helmignore_names_is_not_part_of_the_chart() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("web/Chart.yaml", CHART),
            ("web/.helmignore", "# drafts\n*.draft.yaml.hbs\nfiles/secret/\n"),
            ("web/templates/a.yaml.hbs", "a: 1\n"),
            ("web/templates/b.draft.yaml.hbs", "b: 1\n"),
            ("web/files/secret/key", "x"),
            ("web/files/open", "x"),
        ],
    );
    let (chart, _) = web(root.path()).unwrap();
    assert_eq!(chart.templates.len(), 1);
    assert_eq!(chart.files.keys().collect::<Vec<_>>(), ["open"]);
    assert_eq!(
        refused(&[("web/Chart.yaml", CHART), ("web/.helmignore", "ok\n a/**\n")]),
        "error: ./web/.helmignore:2:2: `**` is not supported in .helmignore (Helm refuses it too)\n"
    );
}

#[test]
fn mistakes_in_chart_yaml_are_shown_where_they_are() {
    let cases = [
        (
            "nmae: web\napiVersion: v2\nversion: 1.0.0\n",
            "error: ./web/Chart.yaml:1:1: Chart.yaml has no `name`\nhint: did you mean `name` where it says `nmae`?\n",
        ),
        (
            "name: web\n",
            "error: ./web/Chart.yaml:1:1: Chart.yaml has no `apiVersion`\nhint: write `apiVersion: v2`\n\
             error: ./web/Chart.yaml:1:1: Chart.yaml has no `version`\n\
             hint: write `version: 0.1.0`, and count it up with each change\n",
        ),
        (
            "- a\n",
            "error: ./web/Chart.yaml:1:1: Chart.yaml must be a map of `apiVersion`, `name` and so on, not a list\n",
        ),
        (
            "apiVersion: v3\nname: a/b\nversion: latest\ntype: app\nkubeVersion: new\n",
            "error: ./web/Chart.yaml:1:13: `v3` is no apiVersion of charts\nhint: write `v2`\n\
             error: ./web/Chart.yaml:2:7: `a/b` is no name of a chart: letters, digits, `.`, `_` and `-`, at most 250\n\
             error: ./web/Chart.yaml:3:10: `latest` is no version: MAJOR.MINOR.PATCH (SemVer 2)\n\
             error: ./web/Chart.yaml:4:7: `app` is no type of chart: `application` or `library`\n\
             error: ./web/Chart.yaml:5:14: `new` is no range of versions\n\
             hint: for example `>=1.30.0-0`; the `-0` lets versions such as v1.31.1-gke.1 in\n",
        ),
        (
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- name: db\n  version: \"one\"\n  alias: a.b\n",
            "error: ./web/Chart.yaml:6:12: `one` is no range of versions\n\
             error: ./web/Chart.yaml:7:10: `a.b` is no alias: letters, digits, `_` and `-`\n",
        ),
        (
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndeprecated: perhaps\n",
            "error: ./web/Chart.yaml:4:13: Chart.yaml is wrong: deprecated: invalid type: string \"perhaps\", expected a boolean\n",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&[("web/Chart.yaml", text)]), expected, "{text}");
    }
}

#[test]
fn unknown_keys_are_warnings() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\nappversion: 1\nengine: gotpl\n")],
    );
    let (chart, sources) = web(root.path()).unwrap();
    assert_eq!(
        told(&chart.warnings, &sources),
        "warning: ./web/Chart.yaml:4:1: Chart.yaml knows no `appversion`: it is ignored\n\
         hint: did you mean `appVersion`?\n\
         warning: ./web/Chart.yaml:5:1: Chart.yaml knows no `engine`: it is ignored\n"
    );
}

#[test]
fn all_broken_files_are_told_at_once() {
    assert_eq!(
        refused(&[
            ("web/Chart.yaml", CHART),
            ("web/values.yaml", "- a\n"),
            ("web/values.schema.json", "[]"),
            ("web/templates/deployment.hbs", "a: 1\n"),
        ]),
        "error: ./web/values.yaml:1:1: values.yaml must be a map, not a list\n\
         error: ./web/values.schema.json:1:1: values.schema.json must be a map, not a list\n\
         error: `templates/deployment.hbs` has a name that says nothing of what it renders\n\
         hint: call it `NAME.yaml.hbs` (objects), `_NAME.hbs` (a partial) or `notes.txt.hbs`\n"
    );
    let root = tempfile::tempdir().unwrap();
    write(root.path(), &[("web/Chart.yaml", CHART)]);
    fs::create_dir(root.path().join("web/templates")).unwrap();
    fs::write(root.path().join("web/templates/a.yaml.hbs"), b"a: 1\nb: \xff\n").unwrap();
    assert_eq!(web(root.path()).unwrap_err(), "error: `./web/templates/a.yaml.hbs` is not UTF-8 text (line 2)\n");
}

#[test]
fn a_file_above_the_limit_is_named() {
    let large = "x".repeat((5 << 20) + 1);
    assert_eq!(
        refused(&[("web/Chart.yaml", CHART), ("web/files/large", &large)]),
        "error: `./web/files/large` is larger than 5 MiB\n"
    );
}

#[test]
fn dependencies_lie_in_charts_or_beside_the_chart() {
    let root = tempfile::tempdir().unwrap();
    let parent = |version: &str| {
        format!(
            "{CHART}dependencies:\n- name: db\n  version: {version}\n  repository: file://../db\n  condition: db.enabled\n"
        )
    };
    write(
        root.path(),
        &[
            ("web/Chart.yaml", &parent("^1.0")),
            ("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.4.0\n"),
            ("db/templates/a.yaml.hbs", "a: 1\n"),
        ],
    );
    let (chart, sources) = web(root.path()).unwrap();
    assert_eq!(chart.subcharts.len(), 1);
    assert_eq!(sources.get(chart.subcharts[0].templates[0].source).unwrap().name, "db/templates/a.yaml.hbs");

    fs::write(root.path().join("web/Chart.yaml"), parent("^2")).unwrap();
    assert_eq!(
        web(root.path()).unwrap_err(),
        "error: ./web/Chart.yaml:5:9: `db` is there in version 1.4.0, but ^2 is wanted\n"
    );
    // A packed copy under charts/ is what Helm would take: it wins.
    write(root.path(), &[("web/charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 2.0.0\n")]);
    assert_eq!(web(root.path()).unwrap().0.subcharts[0].metadata.version, "2.0.0");
}

#[test]
fn a_chart_inside_a_chart_reaches_nothing_outside() {
    let nested = "apiVersion: v2\nname: db\nversion: 1.0.0\ndependencies:\n- name: secret\n  repository: file://../../../secret\n";
    assert_eq!(
        refused(&[
            ("web/Chart.yaml", CHART),
            ("web/charts/db/Chart.yaml", nested),
            ("secret/Chart.yaml", "apiVersion: v2\nname: secret\nversion: 1.0.0\n"),
        ]),
        "error: ./web/charts/db/Chart.yaml:5:9: the dependency `secret` is `file://../../../secret`, but a chart in an \
         archive or in another chart has no neighbours\n\
         hint: its dependencies must lie under its own charts/ (`helm dependency update` puts them there)\n"
    );
}

#[test]
fn a_missing_dependency_says_what_to_do() {
    let with =
        |repository: &str| refused(&[("web/Chart.yaml", &format!("{CHART}dependencies:\n- name: db\n{repository}"))]);
    assert_eq!(
        with(""),
        "error: ./web/Chart.yaml:5:9: the dependency `db` is not there\n\
         hint: put it into `./web/charts/db`, or say where it is: `repository: file://../db`\n"
    );
    assert_eq!(
        with("  repository: oci://example.org/charts\n"),
        "error: ./web/Chart.yaml:5:9: the dependency `db` is not there\n\
         hint: kchart does not fetch from `oci://example.org/charts` yet: `helm dependency update ./web` puts it under charts/\n"
    );
    assert_eq!(
        with("  repository: file://../db\n"),
        "error: ./web/Chart.yaml:5:9: the dependency `db` is not there: no chart in `db`\n"
    );
}

#[test]
fn charts_that_depend_on_each_other_in_a_circle_are_refused() {
    let chart = |name: &str, other: &str| {
        format!(
            "apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n- name: {other}\n  repository: file://../{other}\n"
        )
    };
    assert_eq!(
        refused(&[("web/Chart.yaml", &chart("web", "db")), ("db/Chart.yaml", &chart("db", "web"))]),
        "error: db/Chart.yaml:5:9: the dependency `web` leads back to `web`: charts depend on each other in a circle\n"
    );
}

#[test]
fn charts_of_api_version_v1_name_their_dependencies_in_requirements_yaml() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("web/Chart.yaml", "apiVersion: v1\nname: web\nversion: 1.0.0\n"),
            ("web/requirements.yaml", "dependencies:\n- name: db\n  version: 1.x\n"),
        ],
    );
    assert_eq!(
        web(root.path()).unwrap_err(),
        "error: ./web/requirements.yaml:2:9: the dependency `db` is not there\n\
         hint: put it into `./web/charts/db`, or say where it is: `repository: file://../db`\n"
    );
    write(root.path(), &[("web/charts/db/Chart.yaml", "apiVersion: v1\nname: db\nversion: 1.9.0\n")]);
    assert_eq!(web(root.path()).unwrap().0.metadata.dependencies[0].name, "db");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    fn with(link: impl FnOnce(&Path)) -> Result<(Chart, SourceMap), String> {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[("web/Chart.yaml", CHART), ("outside.txt", "secret"), ("web/files/a", "a")]);
        link(&root.path().join("web"));
        web(root.path())
    }

    #[test]
    fn a_link_inside_the_chart_is_followed() {
        let (chart, _) = with(|web| symlink("a", web.join("files/b")).unwrap()).unwrap();
        assert_eq!(chart.files["b"], b"a");
    }

    #[test]
    fn a_link_out_of_the_chart_is_refused_by_name() {
        let error = with(|web| symlink("../../outside.txt", web.join("files/b")).unwrap()).unwrap_err();
        assert_eq!(
            error,
            "error: `./web/files/b` is a link to `../../outside.txt`, outside of the chart\n\
             hint: copy the file into the chart: nothing outside of a chart is ever read\n"
        );
        let error = with(|web| symlink("..", web.join("files/up")).unwrap()).unwrap_err();
        assert_eq!(error, "error: `./web/files/up` is a link to a folder that it lies in\n");
        let error = with(|web| symlink("../..", web.join("files/up")).unwrap()).unwrap_err();
        assert!(error.starts_with("error: `./web/files/up` is a link to `../..`, outside of the chart\n"), "{error}");
        let error = with(|web| symlink("/etc/passwd", web.join("values.yaml")).unwrap()).unwrap_err();
        assert!(error.starts_with("error: `./web/values.yaml` is a link to `/etc/passwd`, outside"), "{error}");
        let error = with(|web| symlink("../outside.txt", web.join(".helmignore")).unwrap()).unwrap_err();
        assert!(error.starts_with("error: `./web/.helmignore` is a link to `../outside.txt`, outside"), "{error}");
    }

    #[test]
    fn a_link_to_nothing_is_told_and_an_ignored_one_is_not() {
        let error = with(|web| symlink("gone", web.join("files/b")).unwrap()).unwrap_err();
        assert_eq!(error, "error: `./web/files/b` is a link to `gone`: no such file or directory\n");
        let done = with(|web| {
            symlink("../../outside.txt", web.join("files/b")).unwrap();
            fs::write(web.join(".helmignore"), "files/b\n").unwrap();
        });
        assert_eq!(done.unwrap().0.files.len(), 1);
    }

    #[test]
    fn links_in_a_circle_end() {
        let error = with(|web| {
            fs::create_dir(web.join("templates")).unwrap();
            symlink(".", web.join("templates/again")).unwrap();
        });
        assert_eq!(error.unwrap_err(), "error: `./web/templates/again` is a link to a folder that it lies in\n");
    }

    #[test]
    fn a_socket_is_refused() {
        let error = with(|web| {
            std::os::unix::net::UnixListener::bind(web.join("files/s")).unwrap();
        });
        assert_eq!(error.unwrap_err(), "error: `./web/files/s` is neither a file nor a folder\n");
    }
}
