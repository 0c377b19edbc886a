//! Which partials were called from where: the include stack of messages.

use crate::diagnostic::{Diagnostic, Place, Span};

/// So many calls are told of before the rest is summed up.
const SHOWN: usize = 4;

/// A call of a partial.
#[derive(Clone, Copy, Debug)]
struct Frame {
    caller: u32,
    /// The tag that called.
    call: Span,
}

/// All calls of partials of one template so far. Number 0 is the template itself.
#[derive(Debug)]
pub(super) struct Frames {
    all: Vec<Frame>,
    current: u32,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self { all: vec![Frame { caller: 0, call: Place::NOWHERE.span(0) }], current: 0 }
    }

    /// The call under way.
    pub(super) fn current(&self) -> u32 {
        self.current
    }

    /// Begins a call by the tag `call`; returns its number.
    pub(super) fn enter(&mut self, call: Span) -> u32 {
        self.all.push(Frame { caller: self.current, call });
        self.current = u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX);
        self.current
    }

    /// Ends the call under way.
    pub(super) fn leave(&mut self) {
        self.current = self.all.get(self.current as usize).map_or(0, |frame| frame.caller);
    }

    /// Adds to a message which calls led to call number `frame`, innermost first.
    pub(super) fn trace(&self, mut diagnostic: Diagnostic, mut frame: u32) -> Diagnostic {
        let mut told = 0;
        while let Some(Frame { caller, call }) = self.all.get(frame as usize).filter(|_| frame != 0) {
            if told < SHOWN || *caller == 0 {
                diagnostic = diagnostic.note_at("included from here", *call);
            } else if told == SHOWN {
                diagnostic = diagnostic.note("… and so on");
            }
            told += 1;
            frame = *caller;
        }
        diagnostic
    }
}
