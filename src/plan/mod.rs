//! Questions, facts, plan: pure, synchronous, deterministic. A plan decides, the executor obeys.
//!
//! [`questions`] says what must be known, `cluster` answers with [`Facts`], [`plan`] decides. Install, upgrade and
//! uninstall differ only in what is fed to it. No clock, no randomness, no cluster here.

mod facts;
mod intent;
mod question;
mod report;
mod step;

pub use facts::{Claim, Class, Facts, Known, Live, Mounter, Phase, Reclaim, Volume};
pub use intent::{Goal, Intent, Options};
pub use question::Question;
pub use report::{Change, FieldDiff, Hazard, Kept, Line, Refusal, Report, VolumeFate};
pub use step::{Act, Deletion, Expect, KnownValue, LedgerDraft, Plan, Step, StepId};

use crate::manifest::Manifest;
use crate::release::Past;

/// What must be known before [`plan`] can decide.
pub fn questions(_intent: &Intent, _want: &Manifest, _past: &Past) -> Vec<Question> {
    todo!("plan room")
}

/// Decides what to do, in which order, and says why.
///
/// # Errors
/// All reasons not to do it, each with what the user can choose from.
pub fn plan(_intent: &Intent, _want: &Manifest, _past: &Past, _facts: &Facts) -> Result<Plan, Vec<Refusal>> {
    todo!("plan room")
}
