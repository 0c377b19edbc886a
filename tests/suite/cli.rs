//! The command line as a user types it: help, usage, exit codes, errors.

mod help;
mod usage;
