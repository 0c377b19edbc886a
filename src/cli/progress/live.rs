//! Draws the live table on a terminal: what runs now below, what is done above.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::Told;
use super::table::Table;
use crate::cli::view::style::{BAD, FAINT, GOOD, painted};

/// How often the spinners turn.
const TICK: Duration = Duration::from_millis(120);

/// The table on the terminal.
#[derive(Debug)]
pub(super) struct Live {
    table: Table,
    screen: MultiProgress,
    rows: Vec<ProgressBar>,
    total: ProgressBar,
    color: bool,
}

impl Live {
    pub(super) fn new(color: bool) -> Self {
        let screen = MultiProgress::new();
        let total = screen.add(ProgressBar::new(0).with_style(style("{bar:24} {pos}/{len} {elapsed}")));
        Self { table: Table::default(), screen, rows: Vec::new(), total, color }
    }

    pub(super) fn show(&mut self, told: &Told) {
        if let Told::Begun { steps } = told {
            self.total.set_length(*steps as u64);
        }
        if let Some(line) = self.table.take(told) {
            let style = match told {
                Told::Ended { .. } if line.starts_with("failed") => BAD,
                Told::Ended { .. } => GOOD,
                Told::Begun { .. } | Told::Running { .. } | Told::Aside { .. } => FAINT,
            };
            self.print(&painted(style, line));
        }
        let rows = self.table.rows();
        while self.rows.len() > rows.len() {
            if let Some(row) = self.rows.pop() {
                row.finish_and_clear();
                self.screen.remove(&row);
            }
        }
        for (at, line) in rows.into_iter().enumerate() {
            if at == self.rows.len() {
                let row = ProgressBar::new_spinner().with_style(style("{spinner} {wide_msg}"));
                let row = self.screen.insert_before(&self.total, row);
                row.enable_steady_tick(TICK);
                self.rows.push(row);
            }
            self.rows[at].set_message(line);
        }
        self.total.set_position(self.table.done() as u64);
    }

    /// Takes the table away; the lines above it stay.
    pub(super) fn finish(self) {
        for row in self.rows {
            row.finish_and_clear();
        }
        self.total.finish_and_clear();
    }

    fn print(&self, line: &str) {
        let line = if self.color { line.to_owned() } else { anstream::adapter::strip_str(line).to_string() };
        // A terminal that is gone stops nothing.
        let _ = self.screen.println(line);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
