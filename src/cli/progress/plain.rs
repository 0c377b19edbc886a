//! Progress as lines with time stamps: for logs and pipes.

use jiff::Timestamp;

use super::Told;
use crate::cli::output::Output;

/// Writes one line per thing worth knowing; a step that merely begins is none.
#[derive(Debug)]
pub(super) struct Plain {
    output: Output,
}

impl Plain {
    pub(super) fn new(output: Output) -> Self {
        Self { output }
    }

    pub(super) fn show(&mut self, told: &Told) {
        let line = match told {
            Told::Begun { .. } | Told::Running { news: false, .. } | Told::Ended { line: None, .. } => return,
            Told::Running { line, .. } | Told::Ended { line: Some(line), .. } | Told::Aside { line } => line,
        };
        // A line that nobody can read stops nothing.
        let _ = self.output.text(&format!("{} {line}\n", Timestamp::now().strftime("%H:%M:%SZ")));
    }
}
