//! The decision table (`tests/fixtures/decisions/table.yaml`): each row has its plans, and is played by the command line.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use crate::suite::cli::volumes::cluster::By;
use crate::suite::kchart::{Kchart, assert_text, repository};

/// A row: what is done, to which claim, with which credential, and what comes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    doing: String,
    claim: String,
    credential: String,
    then: String,
    /// Cases of `tests/fixtures/plan`.
    plans: Vec<String>,
    /// What is played.
    run: Vec<String>,
}

fn folder() -> PathBuf {
    repository().join("tests/fixtures/decisions")
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(folder().join("table.yaml")).expect("the table can be read");
    serde_yaml::from_str(&text).expect("the table is one")
}

#[test]
fn each_row_is_there_once_and_has_plans() {
    let rows = rows();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let name = format!("{} | {} | {}", row.doing, row.claim, row.credential);
        assert!(!row.plans.is_empty() && !row.run.is_empty() && !row.then.is_empty(), "{name}: it is empty");
        for plan in &row.plans {
            let golden = repository().join("tests/fixtures/plan").join(plan).join("plan.txt");
            assert!(golden.is_file(), "{name}: there is no plan `{plan}`");
        }
        assert!(seen.insert(name.clone()), "{name}: it is there twice");
    }
    assert!(rows.len() > 15, "the table has {} rows", rows.len());
}

#[test]
fn each_row_is_what_kchart_does() {
    // How old a volume is depends on the speed of the test.
    let ages = regex::Regex::new(r" \d{1,2}[smh] +").expect("the pattern is one");
    for (number, row) in rows().iter().enumerate() {
        let Row { doing, claim, credential, then, .. } = row;
        let head = format!("{doing} | {claim} | {credential} | {then}\n");
        let played = ages.replace_all(&play(row), " [AGE]  ").into_owned();
        let golden = folder().join(format!("{:02}.txt", number + 1));
        assert_text(&(head + &played), snapbox::Data::read_from(&golden, Some(snapbox::data::DataFormat::Text)));
    }
}

/// Plays a row: its commands with what each prints.
fn play(row: &Row) -> String {
    let mut kchart = Kchart::new().env("KCHART_SANDBOX", "box.json");
    for file in ["Chart.yaml", "values.yaml", "templates/all.yaml.hbs"] {
        let text = fs::read(folder().join("broker").join(file)).expect("the chart can be read");
        kchart = kchart.file(&format!("broker/{file}"), text);
    }
    let mut out = String::new();
    for line in &row.run {
        let _ = writeln!(out, "\n$ {line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["kchart", rest @ ..] => {
                kchart = kchart.run(&rest.join(" "));
                let (code, printed) = kchart.output();
                let errors = printed.stderr.lines().filter(|line| is_told(line));
                for line in printed.stdout.lines().chain(errors) {
                    let _ = writeln!(out, "{line}");
                }
                if code != Some(0) {
                    let _ = writeln!(out, "# exit code {}", code.unwrap_or(-1));
                }
            }
            ["delete", kind, name] => kchart = kchart.deletes(kind, name),
            ["unmark", kind, name] => kchart = kchart.unmarked(kind, name),
            ["copy", secret, name] => kchart = kchart.copied("Secret", secret, name),
            _ => panic!("nobody knows how to `{line}`"),
        }
    }
    out
}

/// Without progress and the tree of causes, which differ from run to run, and the lines that name sandbox and chart.
fn is_told(line: &str) -> bool {
    let is_time = line.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let is_cause = line.starts_with("   =   ");
    !is_time && !is_cause && !line.starts_with("sandbox: ") && !line.starts_with("chart: ")
}
