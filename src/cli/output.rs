//! Where results and messages are written: results to standard output, everything else to standard error.

use std::io::{self, Write};

use super::Pipe;
use crate::diagnostic::{Diagnostic, Failure};

/// A stream with its colours switched on or off.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pipe: Pipe,
    color: bool,
}

impl Output {
    pub(super) fn new(pipe: Pipe, color: bool) -> Self {
        Self { pipe, color }
    }

    /// Whether colours are shown.
    pub(super) fn color(&self) -> bool {
        self.color
    }

    /// Writes text that may hold colours.
    pub(super) fn text(&self, text: &str) -> io::Result<()> {
        let mut pipe = self.pipe.clone();
        if self.color {
            pipe.write_all(text.as_bytes())?;
        } else {
            write!(pipe, "{}", anstream::adapter::strip_str(text))?;
        }
        pipe.flush()
    }

    /// Writes bytes as they are: manifests, values.
    pub(super) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut pipe = self.pipe.clone();
        pipe.write_all(bytes)?;
        pipe.flush()
    }
}

/// What becomes of a result that could not be written. Who reads no further (`kchart list | head -1`) has seen
/// enough: that is no failure.
pub(super) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(Diagnostic::error(format!("cannot write to standard output: {error}"))))
        }
        _ => Ok(()),
    }
}
