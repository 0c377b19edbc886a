//! The documentation is run as it stands: each command of the README and of the pages below `docs/` in a sandbox, and
//! what a page says it prints is compared with what it prints.
//!
//! Commands stand in blocks of code, alone (README) or behind `$` with their output below (`docs/`). A line
//! `# exit code 5` below a command says how it ends; else it succeeds. Output is standard output, or standard error of
//! what fails, without the lines that name sandbox and chart; `…` stands for what differs from run to run. `docker`, `kind`, `cargo test` and `.ci/run` are for people.

use std::fs;

use crate::suite::kchart::{Kchart, assert_text, repository};

/// A command of a page, with what the page says of it.
struct Told {
    command: String,
    exit: u8,
    /// Nothing if the page only names the command.
    output: String,
}

#[test]
fn the_commands_of_the_readme_work_in_this_order() {
    let played = play("README.md");
    assert!(played > 12, "only {played} commands were found");
}

#[test]
fn the_story_of_volumes_is_what_kchart_prints() {
    let played = play("docs/volumes.md");
    assert!(played > 12, "only {played} commands were found");
}

#[test]
fn the_page_about_waiting_is_what_kchart_prints() {
    let played = play("docs/waiting.md");
    assert!(played > 3, "only {played} commands were found");
}

/// Commands of the README for people: they need Docker or a cluster, or are this test itself.
const FOR_PEOPLE: [&str; 3] =
    ["cargo test", "docker build -t orchestrator:1.0 examples/orchestrator", "kind load docker-image orchestrator:1.0"];

#[test]
fn nothing_of_the_readme_is_left_out_by_accident() {
    let text = fs::read_to_string(repository().join("README.md")).expect("the README can be read");
    let run: Vec<String> = commands(&text).into_iter().map(|told| told.command).collect();
    let blocks = text.lines().filter_map(|line| line.strip_prefix("    ")).map(str::trim);
    for line in blocks.clone() {
        assert!(run.iter().any(|command| command == line) || FOR_PEOPLE.contains(&line), "nobody runs `{line}`");
    }
    for command in FOR_PEOPLE {
        assert!(blocks.clone().any(|line| line == command), "`{command}` is no longer in the README");
    }
}

/// Runs a page in a folder with the example's values and a sandbox of its own; returns how many commands it has.
fn play(page: &str) -> usize {
    let text = fs::read_to_string(repository().join(page)).expect("the page can be read");
    let values = fs::read(repository().join("values.example.yaml")).expect("the example can be read");
    let mut kchart = Kchart::new().file("values.example.yaml", values);
    let told = commands(&text);
    for Told { command, exit, output } in &told {
        if let Some(deleted) = command.strip_prefix("kubectl delete ") {
            kchart = without(kchart, deleted);
            continue;
        }
        let line = command.trim_start_matches("cargo run -- ").trim_start_matches("kchart ");
        // Where a page names no sandbox it means a cluster, which a sandbox stands in for.
        let line = if line.contains("--sandbox") || line.starts_with("template") {
            line.to_owned()
        } else {
            format!("{line} --sandbox=cluster.json")
        };
        kchart = kchart.run(&line);
        let printed = if *exit == 0 { kchart.success().stdout } else { kchart.failure(*exit).stderr };
        if !output.is_empty() {
            let expected = comparable(output).replace("\n…\n", "\n...\n").replace('…', "[..]");
            assert_text(&comparable(&printed), expected);
        }
    }
    told.len()
}

/// Without what differs from run to run and from place to place.
fn comparable(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("sandbox: ") && !line.starts_with("chart: "));
    let text = lines.collect::<Vec<_>>().join("\n").replace(" --sandbox=cluster.json", "");
    let dates = regex::Regex::new(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\dZ)?").expect("the pattern is one");
    let volumes = regex::Regex::new("pvc-[0-9a-f-]{36}").expect("the pattern is one");
    let text = dates.replace_all(&text, "[DAY]");
    let pods = regex::Regex::new("-[0-9a-z]{10}-[0-9a-z]{5}`").expect("the pattern is one");
    let text = volumes.replace_all(text.trim(), "[VOLUME]");
    let ages = regex::Regex::new(r" \d{1,2}[smhd] +").expect("the pattern is one");
    ages.replace_all(&pods.replace_all(&text, "-[POD]`"), " [AGE]  ").into_owned()
}

/// What somebody does by hand: `kubectl delete secret NAME -n NAMESPACE`, or `pvc`.
fn without(kchart: Kchart, deleted: &str) -> Kchart {
    let words: Vec<&str> = deleted.split_whitespace().collect();
    let &[kind, name, "-n", namespace] = words.as_slice() else { panic!("`{deleted}` names no kind and namespace") };
    let kind = if kind == "pvc" { "PersistentVolumeClaim" } else { "Secret" };
    let mut state: serde_json::Value =
        serde_json::from_slice(&kchart.read("cluster.json").expect("the sandbox is there")).expect("it is JSON");
    let objects = state["objects"].as_array_mut().expect("the state has objects");
    let before = objects.len();
    objects.retain(|object| {
        object["kind"] != kind || object["metadata"]["name"] != name || object["metadata"]["namespace"] != namespace
    });
    assert_eq!(objects.len() + 1, before, "there is no {kind} `{name}` in `{namespace}`");
    kchart.file("cluster.json", state.to_string())
}

/// The commands of a page that a test can run.
fn commands(text: &str) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let (mut fenced, mut below) = (false, false);
    for line in text.lines() {
        if line.starts_with("```") {
            (fenced, below) = (!fenced, false);
            continue;
        }
        let Some(line) = (if fenced { Some(line) } else { line.strip_prefix("    ") }) else { continue };
        let prompted = line.strip_prefix("$ ");
        let command = prompted.unwrap_or(line);
        if ["kchart ", "cargo run -- ", "kubectl delete "].iter().any(|start| command.starts_with(start)) {
            told.push(Told { command: command.to_owned(), exit: 0, output: String::new() });
            below = prompted.is_some();
        } else if let (true, Some(last)) = (below, told.last_mut()) {
            match line.strip_prefix("# exit code ") {
                Some(code) => last.exit = code.parse().expect("the page names an exit code"),
                None => last.output.extend([line, "\n"]),
            }
        }
    }
    told
}
