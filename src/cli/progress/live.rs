//! Progress as a live table: what runs now below, what is done above.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Told;
use crate::cli::view::style::{BAD, FAINT, GOOD, painted};

/// How often the spinners turn.
const TICK: Duration = Duration::from_millis(120);

/// The table.
#[derive(Debug)]
pub(super) struct Live {
    table: MultiProgress,
    total: ProgressBar,
    running: BTreeMap<usize, ProgressBar>,
    color: bool,
}

impl Live {
    pub(super) fn new(steps: usize, color: bool) -> Self {
        let table = MultiProgress::new();
        let total = table.add(ProgressBar::new(steps as u64).with_style(style("{bar:24} {pos}/{len} {elapsed}")));
        Self { table, total, running: BTreeMap::new(), color }
    }

    pub(super) fn show(&mut self, told: &Told) {
        match told {
            Told::Running { step, line, .. } => {
                let row = self.running.entry(*step).or_insert_with(|| {
                    let row = ProgressBar::new_spinner().with_style(style("{spinner} {wide_msg}"));
                    let row = self.table.insert_before(&self.total, row);
                    row.enable_steady_tick(TICK);
                    row
                });
                row.set_message(line.clone());
            }
            Told::Ended { step, line } => {
                if let Some(row) = self.running.remove(step) {
                    row.finish_and_clear();
                    self.table.remove(&row);
                }
                self.total.inc(1);
                if let Some(line) = line {
                    let style = if line.starts_with("failed") { BAD } else { GOOD };
                    self.print(&painted(style, line));
                }
            }
            Told::Aside { line } => self.print(&painted(FAINT, line)),
        }
    }

    /// Takes the table away; the lines above it stay.
    pub(super) fn finish(self) {
        for row in self.running.into_values() {
            row.finish_and_clear();
        }
        self.total.finish_and_clear();
    }

    fn print(&self, line: &str) {
        let line = if self.color { line.to_owned() } else { anstream::adapter::strip_str(line).to_string() };
        // A terminal that is gone stops nothing.
        let _ = self.table.println(line);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
