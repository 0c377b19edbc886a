//! The life of a release on the sandbox, one command after the other.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

#[test]
fn what_a_release_leaves_is_found_again_and_purged_when_asked() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");

    let kchart = kchart.run("install ./web");
    let printed = kchart.success();
    assert_text(&printed.stdout, str![]);
    let kchart = kchart.run("install ./web");
    assert_text(&kchart.failure(1).stderr, str![]);

    let kchart = kchart.run("list");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("status web");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("history web");
    assert_text(&kchart.success().stdout, str![]);

    let kchart = kchart.run("uninstall web");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("list");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("status web");
    assert_text(&kchart.success().stdout, str![]);

    let kchart = kchart.run("install ./web -q -o json");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("list");
    let printed = kchart.success();
    assert_eq!(printed.stdout, "");
    let kchart = kchart.run("uninstall web");
    assert_text(&kchart.failure(1).stderr, str![]);
    let kchart = kchart.run("uninstall web --ignore-not-found");
    kchart.success();
}

#[test]
fn an_upgrade_changes_what_differs_and_nothing_else() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("upgrade web ./web");
    assert_text(&kchart.failure(1).stderr, str![]);
    let kchart = kchart.run("upgrade --install web ./web --set replicas=2");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("upgrade web ./web --set replicas=2");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("upgrade web ./web --reuse-values --set image=nginx:1.30 --dry-run");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("upgrade web ./web --reuse-values --set image=nginx:1.30");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("get values web");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("get values web --all -o json");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("history web");
    assert_text(&kchart.success().stdout, str![]);
}

#[test]
fn without_a_name_several_releases_are_listed_and_nothing_is_done() {
    let kchart = Kchart::new().chart("web").chart("api").env("KCHART_SANDBOX", "box.json");
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(&kchart.failure(1).stderr, str![]);
    let kchart = kchart.run("install ./web");
    kchart.success();
    let kchart = kchart.run("install ./api");
    kchart.success();
    let kchart = kchart.run("uninstall --purge-volumes");
    assert_text(&kchart.failure(1).stderr, str![]);
    let kchart = kchart.run("list --short");
    assert_eq!(kchart.success().stdout, "api\nweb\n");
    let kchart = kchart.run("uninstall web ap");
    assert_text(&kchart.failure(1).stderr, str![]);
    let kchart = kchart.run("list -q");
    assert_eq!(kchart.success().stdout, "api\nweb\n", "one wrong name, and nothing is done for the others");
    let kchart = kchart.run("uninstall web api");
    kchart.success();
}

#[test]
fn rendered_yaml_goes_through_the_same_pipeline() {
    let kchart = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json").run("template shop ./web");
    let yaml = kchart.success().stdout;
    let kchart = kchart.stdin(&yaml).run("install shop --manifest -");
    assert_text(&kchart.success().stdout, str![]);
    let kchart = kchart.run("list");
    assert_text(&kchart.success().stdout, str![]);
}

#[test]
fn template_writes_a_folder_whole_or_not_at_all() {
    let kchart = Kchart::new().chart("web").run("template ./web --output-dir out");
    kchart.success();
    assert!(kchart.read("out/web/templates/workload.yaml").is_some());
    let kchart = kchart.file("file", "").run("template ./web --output-dir file");
    kchart.failure(1);
    assert_eq!(kchart.read("file").as_deref(), Some(&b""[..]));
    let kchart = kchart.run("template ./web -s templates/workload.yaml");
    assert!(kchart.success().stdout.contains("kind: Deployment"));
    let kchart = kchart.run("template ./web -s templates/worklaod.yaml");
    assert_text(
        &kchart.failure(3).stderr,
        str![[r#"
error: no object comes from a template `templates/worklaod.yaml`
hint: did you mean `templates/workload.yaml.hbs`?

"#]],
    );
}
