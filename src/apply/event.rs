//! What the executor tells while it works: the contract between doing and showing.

use crate::object::ObjectId;
use crate::plan::{Change, StepId};
use crate::release::Revision;

/// Something happened. Never holds a Secret value.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins with so many steps.
    Started {
        /// Number of steps.
        steps: usize,
    },
    /// A run has failed, and its release goes back to an earlier revision: another run begins.
    RollingBack {
        /// Which revision.
        to: Revision,
    },
    /// A first install has failed and is taken away: another run begins.
    TakingAway,
    /// A step begins.
    Begun {
        /// Which step.
        step: StepId,
        /// A verb in the present: "creating", "waiting for".
        doing: &'static str,
        /// On which object, if on one.
        id: Option<ObjectId>,
    },
    /// A step is done.
    Done {
        /// Which step.
        step: StepId,
        /// On which object, if on one.
        id: Option<ObjectId>,
        /// What really happened.
        change: Option<Change>,
    },
    /// An awaited object is not ready yet, and why (sent when the reason changes).
    Waiting {
        /// Which object.
        id: ObjectId,
        /// Why.
        why: String,
    },
    /// A request is tried again.
    Retrying {
        /// On which object, if on one.
        id: Option<ObjectId>,
        /// Why.
        why: String,
    },
    /// A `Warning:` header of the API server, once each.
    Warning {
        /// Its text.
        text: String,
    },
    /// The run was asked to stop, or lost its lock: what is under way ends, and nothing new begins.
    Stopping {
        /// Why, in one line.
        why: String,
    },
    /// A step failed.
    Failed {
        /// Which step.
        step: StepId,
        /// On which object, if on one.
        id: Option<ObjectId>,
        /// Why, in one line.
        why: String,
    },
}
