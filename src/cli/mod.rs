//! The command line: clap definitions, one file per verb; views; progress; exit codes.

pub mod exit;
