//! One file per verb: its flags, whose doc comments are the help, and how its result is shown.

mod adopting;
mod completion;
mod consent;
mod credentials;
mod deploy;
mod deploying;
mod diff;
mod get;
mod history;
mod install;
mod list;
mod planned;
mod rollback;
mod status;
mod template;
mod uninstall;
mod upgrade;
mod version;
mod volumes;
mod what;

pub(super) use completion::Completion;
pub(super) use credentials::Credentials;
pub(super) use deploy::Deploy;
pub(super) use diff::Diff;
pub(super) use get::Get;
pub(super) use history::History;
pub(super) use install::Install;
pub(super) use list::List;
pub(super) use rollback::Rollback;
pub(super) use status::Status;
pub(super) use template::Template;
pub(super) use uninstall::Uninstall;
pub(super) use upgrade::Upgrade;
pub(super) use version::{Version, VersionView};
pub(super) use volumes::Volumes;
use what::{What, chart_usage};

/// The examples at the end of a help page, one command a line.
macro_rules! examples {
    ($($line:literal),+) => { concat!("Examples:" $(, "\n  ", $line)+) };
}
pub(super) use examples;
