//! Shows what happens while it happens: a live table on a terminal, plain lines with time stamps elsewhere, nothing
//! with `--quiet`. Driven by [`Event`] alone.

mod live;
mod plain;
mod table;
mod words;

use tokio::sync::mpsc::UnboundedReceiver;

use super::session::Session;
use crate::action::SharedMask;
use crate::apply::Event;
use live::Live;
use plain::Plain;
use words::Words;

/// One run, watched.
pub(super) struct Progress {
    reporter: Reporter,
    words: Words,
    mask: SharedMask,
}

enum Reporter {
    Quiet,
    Plain(Plain),
    Live(Live),
}

/// What is told of an event: about which object, and whether that object is done with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    /// A run begins, with so many steps.
    Begun { steps: usize },
    /// A step began, or waits for a reason: shown while it lasts. The reason is news.
    Running { step: usize, line: String, news: bool },
    /// A step ended: its line stays; nothing stays of steps that are not worth a line.
    Ended { step: usize, line: Option<String> },
    /// Something to know, about no step.
    Aside { line: String },
}

impl Progress {
    pub(super) fn new(session: &Session) -> Self {
        let live = session.terminal.live && session.terminal.stderr && session.globals.progress;
        let reporter = match (session.globals.quiet, live) {
            (true, _) => Reporter::Quiet,
            (false, true) => Reporter::Live(Live::new(session.err.color())),
            (false, false) => Reporter::Plain(Plain::new(session.err.clone())),
        };
        Self { reporter, words: Words::default(), mask: session.reading.mask.clone() }
    }

    /// Shows events until there are no more.
    pub(super) async fn follow(mut self, mut events: UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            let told = self.words.tell(event).map(|line| self.mask.text(&line));
            match &mut self.reporter {
                Reporter::Quiet => {}
                Reporter::Plain(plain) => plain.show(&told),
                Reporter::Live(live) => live.show(&told),
            }
        }
        if let Reporter::Live(live) = self.reporter {
            live.finish();
        }
    }
}

impl Told {
    fn map(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Self::Begun { steps } => Self::Begun { steps },
            Self::Running { step, line, news } => Self::Running { step, line: change(line), news },
            Self::Ended { step, line } => Self::Ended { step, line: line.map(change) },
            Self::Aside { line } => Self::Aside { line: change(line) },
        }
    }
}
