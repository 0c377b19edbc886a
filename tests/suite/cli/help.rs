//! Help is the manual: every flag explains itself, every verb shows an example, exit codes are documented.

use clap::Command;
use kchart::cli::{command, exit};

use crate::suite::kchart::{Kchart, repository};

/// The verbs, those of `get` included, with what a user types to get there.
fn verbs(command: &Command, path: &str) -> Vec<(String, Command)> {
    let below = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    below
        .flat_map(|verb| {
            let path = format!("{path} {}", verb.get_name());
            let mut found = verbs(verb, &path);
            found.push((path, verb.clone()));
            found
        })
        .collect()
}

#[test]
fn every_flag_and_argument_has_a_help_text() {
    let root = command();
    let all = verbs(&root, "kchart").into_iter().chain([("kchart".to_owned(), root)]);
    for (path, verb) in all {
        for argument in verb.get_arguments() {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty(), "`{path}`: {} has no help", argument.get_id());
            assert!(!help.ends_with('.'), "`{path}`: the help of {} ends with a full stop", argument.get_id());
        }
    }
}

#[test]
fn every_verb_has_an_example_that_parses() {
    for (path, verb) in verbs(&command(), "kchart") {
        let examples = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = examples.lines().skip(1).map(str::trim).collect();
        assert!(examples.starts_with("Examples:") && !lines.is_empty(), "`{path}` shows no example");
        for line in lines {
            let typed = line.split("kchart ").nth(1).unwrap_or_else(|| panic!("`{line}` does not call kchart"));
            let words = std::iter::once("kchart").chain(typed.trim_end_matches(')').split_whitespace());
            let parsed = command().try_get_matches_from(words);
            assert!(parsed.is_ok(), "the example `{line}` of `{path}`: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn exit_codes_are_shown_by_help_and_documented_in_the_readme() {
    let help = Kchart::new().run("help").success().stdout;
    for (code, meaning) in exit::MEANINGS {
        assert!(help.contains(&format!("{code:>3}  {meaning}")), "`kchart help` does not tell of exit code {code}");
    }
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README can be read");
    for line in readme.lines().filter(|line| line.starts_with("| ")) {
        if let Some(code) = line.split('|').nth(1).and_then(|cell| cell.trim().parse::<u8>().ok()) {
            assert!(exit::MEANINGS.iter().any(|(known, _)| *known == code), "the README tells of an exit code {code}");
        }
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for line in ["--help", "-h", "help", "help install", "install --help", "--version"] {
        let printed = Kchart::new().run(line).success();
        assert!(!printed.stdout.is_empty() && printed.stderr.is_empty(), "`kchart {line}`");
    }
}
