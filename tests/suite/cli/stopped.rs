//! The first signal while a verb still reads: it ends at once, whatever the server does.

use std::process::Command;

use crate::suite::kchart::{Kchart, assert_text};
use crate::suite::listener::Listener;

/// Runs a verb against a server that never answers, and sends a signal as soon as it was asked something.
fn stopped(line: &str, signal: &str, told: &str) {
    let listener = Listener::hanging();
    let kchart = Kchart::new().chart("web").file("kc.yaml", listener.kubeconfig());
    let kchart = kchart.run(&format!("{line} --kubeconfig kc.yaml"));
    let child = kchart.start();
    listener.wait_for(1);
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success());
    let (code, printed) = kchart.ended(child);
    assert_eq!((code, printed.stdout.as_str()), (Some(130), ""), "`{line}`: {}", printed.stderr);
    let last = printed.stderr.lines().last().unwrap_or_default();
    assert_eq!(last, format!("error: interrupted by {told}: nothing was changed"), "`{line}`: {}", printed.stderr);
    assert_eq!(listener.writes(), Vec::<String>::new(), "`{line}`");
}

#[test]
fn every_verb_stops_at_once_while_it_reads() {
    for line in [
        "install ./web",
        "install ./web --dry-run=server",
        "upgrade web ./web",
        "upgrade web ./web --adopt all",
        "deploy ./web",
        "diff ./web",
        "rollback web",
        "rollback web --dry-run",
        "uninstall web",
        "uninstall web --purge-volumes",
        "status web",
        "list",
        "history web",
        "get values web",
        "get credentials web",
        "credentials rotate web",
        "volumes",
        "volumes purge data",
    ] {
        stopped(line, "-INT", "SIGINT");
    }
    stopped("install ./web", "-TERM", "SIGTERM");
}

#[test]
fn what_is_told_of_it_is_one_line() {
    let listener = Listener::hanging();
    let kchart = Kchart::new().chart("web").file("kc.yaml", listener.kubeconfig());
    let kchart = kchart.run("install ./web --kubeconfig kc.yaml");
    let child = kchart.start();
    listener.wait_for(1);
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(sent.success());
    let (_, printed) = kchart.ended(child);
    assert_text(
        &printed.stderr,
        snapbox::str![[r#"
chart: web 0.1.0 (folder ./web)
error: interrupted by SIGINT: nothing was changed

"#]],
    );
}
