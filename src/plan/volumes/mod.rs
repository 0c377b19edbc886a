//! Volumes apart from any deployment: which are used, kept or orphaned, whose they are, what opens them, and what may
//! be done to them by name.
//!
//! Rules kept: nothing here is destroyed but what was named; what nothing proves is said to be unproven.

mod adopt;
mod belonging;
mod estate;
mod gathered;
mod holding;
mod named;
mod opener;
mod purge;
mod remark;
mod retained;
mod story;
mod wanters;

pub use adopt::{Adoption, GivenCredential, adopt};
pub use estate::{Estate, Tenant, questions};
pub use gathered::holdings;
pub use holding::{Holding, State};
pub use named::{Name, find};
pub use opener::{Opener, Presence};
pub use purge::purge;
pub use remark::Remark;
pub use retained::{RetainedSecret, retained_secrets};
pub use story::{Outlook, Story, story};
