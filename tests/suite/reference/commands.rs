//! The page of all verbs and flags, from the very definitions that parse a command line.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};
use kchart::cli::{command, exit};

use super::{cell, page};

#[test]
fn the_page_of_commands_lists_all_verbs_and_flags() {
    let mut root = command();
    root.build();
    let mut text = String::from(
        "# Commands\n\n`kchart help VERB` says the same. A flag can stand before or behind the verb if it is one of the \
         [global options](#global-options).\n\n",
    );
    let verbs = verbs(&root);
    let width = verbs.iter().map(|verb| verb.get_name().len()).max().unwrap_or_default();
    text.push_str("```\n");
    for verb in &verbs {
        let _ = writeln!(text, "{:width$}  {}", verb.get_name(), about(verb));
    }
    text.push_str("```\n");
    for verb in verbs {
        section(&mut text, "##", verb);
    }
    text.push_str("\n## Global options\n\nFor every verb. A flag beats its environment variable.\n");
    let globals: Vec<&Arg> = root.get_arguments().filter(|argument| argument.is_global_set()).collect();
    table(&mut text, &globals);
    text.push_str("\n## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in exit::MEANINGS {
        let _ = writeln!(text, "| {code} | {meaning} |");
    }
    page("commands.md", &text);
}

/// The verbs below a command, as its help lists them.
fn verbs(of: &Command) -> Vec<&Command> {
    of.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set()).collect()
}

fn about(verb: &Command) -> String {
    verb.get_about().map(ToString::to_string).unwrap_or_default()
}

/// What a verb does, how it is called, its flags under their headings, and its own verbs.
fn section(text: &mut String, level: &str, verb: &Command) {
    let name = verb.get_bin_name().unwrap_or_default().trim_start_matches("kchart ");
    let description = verb.get_long_about().map_or_else(|| about(verb), ToString::to_string);
    let usage = verb.clone().render_usage().to_string();
    let _ = write!(text, "\n{level} {name}\n\n{description}\n\n```\n{}\n```\n", usage.trim());
    let aliases: Vec<String> = verb.get_visible_aliases().map(|alias| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        let _ = writeln!(text, "\nAlso: {}.", aliases.join(", "));
    }
    let own: Vec<&Arg> = verb.get_arguments().filter(|it| !it.is_global_set() && !it.is_hide_set()).collect();
    let mut headings: Vec<Option<&str>> = Vec::new();
    for heading in own.iter().map(|argument| argument.get_help_heading()) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    // Those without a heading come first, as in help.
    headings.sort_by_key(Option::is_some);
    for heading in headings {
        let below: Vec<&Arg> = own.iter().copied().filter(|it| it.get_help_heading() == heading).collect();
        let shown: Vec<&Arg> = below.into_iter().filter(|it| it.get_id() != "help").collect();
        if !shown.is_empty() {
            if let Some(heading) = heading {
                text.extend(["\n", heading, ":\n"]);
            }
            table(text, &shown);
        }
    }
    if let Some(examples) = verb.get_after_help() {
        let lines = examples.to_string();
        let lines: Vec<&str> = lines.lines().skip(1).map(str::trim).collect();
        let _ = write!(text, "\nExamples:\n\n```\n{}\n```\n", lines.join("\n"));
    }
    for verb in verbs(verb) {
        section(text, &format!("{level}#"), verb);
    }
}

fn table(text: &mut String, arguments: &[&Arg]) {
    text.push_str("\n| flag | what |\n|---|---|\n");
    for argument in arguments {
        let _ = writeln!(text, "| {} | {} |", spelling(argument), cell(&meaning(argument)));
    }
}

/// How an argument is written: `-f`, `--values FILE`.
fn spelling(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let value = if argument.get_action().takes_values() { names.join(" ") } else { String::new() };
    let Some(long) = argument.get_long() else { return format!("`{value}`") };
    let value = match argument.get_num_args() {
        _ if value.is_empty() => value,
        Some(range) if range.min_values() == 0 => format!("[={value}]"),
        _ => format!(" {value}"),
    };
    let short = argument.get_short().map_or_else(String::new, |short| format!("`-{short}`, "));
    let aliases = argument.get_visible_aliases().unwrap_or_default();
    let aliases: Vec<String> = aliases.iter().map(|alias| format!(", `--{alias}`")).collect();
    format!("{short}`--{long}{value}`{}", aliases.concat())
}

/// Its help, with what help shows behind it.
fn meaning(argument: &Arg) -> String {
    let mut text = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let repeats = matches!(argument.get_action(), ArgAction::Append) && argument.get_long().is_some();
    if repeats && !text.contains("again") {
        text.push_str(" (may be given again)");
    }
    text.push('.');
    let values = argument.get_possible_values();
    if argument.get_action().takes_values() && !values.is_empty() {
        let values: Vec<String> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
        let _ = write!(text, " One of {}.", values.join(", "));
    }
    let defaults = argument.get_default_values();
    if let Some(default) = defaults.first()
        && argument.get_action().takes_values()
        && !argument.is_hide_default_value_set()
    {
        let _ = write!(text, " Default: `{}`.", default.to_string_lossy());
    }
    text
}
