//! The README's commands are run, in its order, as they stand there: on the sandbox, in a folder that has only what a
//! clone has. What can't be run here is listed by hand, so that nothing falls out of the test by accident.

use std::fs;

use crate::suite::kchart::{Kchart, repository};

/// Commands that need Docker, a cluster, or this test itself.
const NOT_RUN: [&str; 3] =
    ["cargo test", "docker build -t orchestrator:1.0 examples/orchestrator", "kind load docker-image orchestrator:1.0"];

/// The commands of a Markdown text: lines of code blocks, fenced or indented, continued lines joined.
fn commands(markdown: &str) -> Vec<String> {
    let (mut commands, mut fenced, mut open) = (Vec::<String>::new(), false, false);
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if !(fenced || line.starts_with("    ")) {
            continue;
        }
        let typed = line.trim().trim_start_matches("$ ");
        let (text, continues) = typed.strip_suffix('\\').map_or((typed, false), |text| (text.trim_end(), true));
        match commands.last_mut().filter(|_| open) {
            Some(last) => *last = format!("{last} {text}"),
            None if text.is_empty() || text.starts_with('#') => {}
            None => commands.push(text.to_owned()),
        }
        open = continues;
    }
    commands
}

/// What follows the program's name, if it is a call of kchart.
fn arguments(command: &str) -> Option<&str> {
    ["kchart ", "cargo run -- ", "cargo run --release -- "].iter().find_map(|start| command.strip_prefix(start))
}

#[test]
fn commands_are_found_in_fenced_and_indented_blocks() {
    let markdown =
        "text\n\n    kchart list\n\n```sh\n# a comment\n$ kchart status \\\n    web\n```\nkchart no-command\n";
    assert_eq!(commands(markdown), ["kchart list", "kchart status web"]);
    assert_eq!(arguments("cargo run -- list -A"), Some("list -A"));
    assert_eq!(arguments("docker build ."), None);
}

#[test]
fn the_commands_of_the_readme_work_in_its_order() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("the README can be read");
    let values = fs::read_to_string(repository().join("values.example.yaml")).expect("the example can be read");
    // The flag wins over the variable, so that both of the README's worlds stay apart.
    let mut kchart = Kchart::new().file("values.example.yaml", values).env("KCHART_SANDBOX", "cluster.json");
    let mut run = 0;
    for command in commands(&readme) {
        match arguments(&command) {
            Some(arguments) => {
                kchart = kchart.run(arguments);
                kchart.success();
                run += 1;
            }
            None => {
                assert!(NOT_RUN.contains(&command.as_str()), "the README has a command that nobody runs: {command}");
            }
        }
    }
    assert!(run > 0, "the README has no command of kchart");
    for command in NOT_RUN {
        assert!(readme.contains(command), "`{command}` is no longer in the README");
    }
}
