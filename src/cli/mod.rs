//! The command line: clap definitions, one file per verb; views; progress; exit codes.
//!
//! [`run`] is the whole program as a function: it gets arguments, environment, folder and streams, and returns the
//! exit code. Data goes to standard output, everything else to standard error. Nothing here decides what a verb does:
//! that is `action`.

mod advice;
mod bug;
mod call;
mod command;
pub mod duration;
pub mod exit;
mod flags;
mod log;
mod output;
mod progress;
mod run;
mod session;
mod signals;
mod streams;
mod unknown;
mod verbs;
mod view;

pub use call::{Call, Environment};
pub use command::command;
pub use run::run;
pub use streams::{Pipe, Streams, Terminal};
pub use view::output_schemas;
