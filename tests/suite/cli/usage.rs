//! What is wrong with a command line: exit code 64, near misses, what to do instead of Helm's other flags.

use snapbox::str;

use crate::suite::kchart::{Kchart, assert_text};

#[test]
fn an_unknown_verb_and_an_unknown_flag_are_answered_with_near_misses() {
    let printed = Kchart::new().run("instal web").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: unrecognized subcommand 'instal'

  tip: a similar subcommand exists: 'install'

Usage: kchart [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]],
    );
    let printed = Kchart::new().run("install web --adop deployment/web").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: unexpected argument '--adop' found

  tip: a similar argument exists: '--adopt'

Usage: kchart install [OPTIONS] [NAME] CHART
       kchart install [OPTIONS] NAME --manifest FILE

For more information, try '--help'.

"#]],
    );
}

#[test]
fn flags_of_helm_that_kchart_lacks_are_refused_and_explained() {
    for flag in ["--cleanup-on-fail", "--take-ownership", "--no-hooks", "--server-side", "--force"] {
        let printed = Kchart::new().run(&format!("upgrade web web {flag}")).failure(64);
        assert!(printed.stderr.contains(&format!("hint: `{flag}`: ")), "{}", printed.stderr);
    }
}

#[test]
fn without_a_verb_help_is_a_usage_error() {
    let printed = Kchart::new().failure(64);
    assert!(printed.stderr.contains("Usage: kchart") && printed.stdout.is_empty());
}

#[test]
fn names_must_be_dns_labels() {
    let printed = Kchart::new().chart("web").run("install My_App ./web --sandbox=box.json").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
sandbox: [FOLDER]/box.json (no real cluster)
error: release name `My_App` is no DNS label: it has `M`
   = allowed are lower-case letters, digits and `-` between them
hint: `my-app` would be allowed

"#]],
    );
    let printed = Kchart::new().chart("web").run("template ./web -n Lab").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: namespace `Lab` is no DNS label: it has `L`
   = allowed are lower-case letters, digits and `-` between them
hint: `lab` would be allowed

"#]],
    );
}

#[test]
fn variables_of_the_environment_are_checked_like_flags() {
    let printed = Kchart::new().env("KCHART_TIMEOUT", "5").run("list --sandbox=box.json").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: environment variable `KCHART_TIMEOUT`: `5` has no unit; write `5s` for seconds or `5m` for minutes

"#]],
    );
    let printed = Kchart::new().run("list --timeout five --sandbox=box.json").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: invalid value 'five' for '--timeout <DURATION>': `five` is no duration; write it like `5m`, `300s` or `1h30m`

For more information, try '--help'.

"#]],
    );
}

#[test]
fn a_url_is_no_values_file_and_standard_input_is_read_once() {
    let printed = Kchart::new().chart("web").run("template ./web -f https://example.org/values.yaml").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: `-f` takes a file, not a URL (`https://…`)
hint: download it first, and keep it beside your code

"#]],
    );
    let printed = Kchart::new().chart("web").run("template ./web -f - -f -").stdin("replicas: 2\n").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: standard input (`-`) can only be read once

"#]],
    );
}

#[test]
fn manifest_and_chart_exclude_each_other() {
    let printed = Kchart::new().run("install web ./web --manifest all.yaml --sandbox=box.json").failure(64);
    assert_text(
        &printed.stderr,
        str![[r#"
error: `--manifest` takes the place of a chart: only the name of the release is left
hint: `kchart --sandbox=box.json install NAME --manifest FILE`

"#]],
    );
    let printed = Kchart::new().run("install web --manifest all.yaml --set a=b --sandbox=box.json").failure(64);
    assert!(printed.stderr.contains("cannot be used with"), "{}", printed.stderr);
}

#[test]
fn of_a_flag_that_is_given_twice_the_last_counts_as_in_helm() {
    let printed = Kchart::new().run("version -o yaml -o json").success();
    assert!(printed.stdout.starts_with('{'), "{}", printed.stdout);
}
