//! The three streams of a run, and what is known of the terminal behind them.

use std::fmt;
use std::io::{self, IsTerminal, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Standard input, output and error of a run.
pub struct Streams {
    /// Values and manifests given as `-`, and answers.
    pub stdin: Box<dyn Read + Send>,
    /// Data.
    pub stdout: Pipe,
    /// Everything else.
    pub stderr: Pipe,
    /// Which of them are a terminal.
    pub terminal: Terminal,
}

/// What is known of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one fact per stream")]
pub struct Terminal {
    /// Whether a person can answer.
    pub stdin: bool,
    /// Whether a person reads the data.
    pub stdout: bool,
    /// Whether a person reads the messages.
    pub stderr: bool,
    /// Whether it may be asked for its size and redrawn: only the process's own terminal.
    pub live: bool,
    /// Width in columns.
    pub width: u16,
}

impl Terminal {
    /// Width of tables and help where there is no terminal.
    pub const PLAIN_WIDTH: u16 = 100;

    /// No terminal at all: files and pipes.
    pub const NONE: Self = Self { stdin: false, stdout: false, stderr: false, live: false, width: Self::PLAIN_WIDTH };
}

impl Streams {
    pub(super) fn of_this_process() -> Self {
        let (stdout, stderr) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let width = if stdout || stderr { columns() } else { Terminal::PLAIN_WIDTH };
        Self {
            stdin: Box::new(io::stdin()),
            stdout: Pipe::new(io::stdout()),
            stderr: Pipe::new(io::stderr()),
            terminal: Terminal { stdin: io::stdin().is_terminal(), stdout, stderr, live: true, width },
        }
    }
}

/// Width of the process's terminal.
fn columns() -> u16 {
    terminal_size::terminal_size().map_or(Terminal::PLAIN_WIDTH, |(width, _)| width.0.clamp(40, 200))
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// A stream to write to, shared by all who write.
#[derive(Clone)]
pub struct Pipe {
    inner: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl Pipe {
    /// A pipe into `writer`.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self { inner: Arc::new(Mutex::new(Box::new(writer))) }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipe")
    }
}
