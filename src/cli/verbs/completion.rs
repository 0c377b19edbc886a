//! `kchart completion`.

use clap::Args;

use crate::cli::command;
use crate::cli::session::Session;
use crate::diagnostic::Failure;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = super::examples!("source <(kchart completion bash)"))]
pub(in crate::cli) struct Completion {
    /// Which shell
    shell: clap_complete::Shell,
}

impl Completion {
    pub(in crate::cli) fn run(self, session: &Session) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "kchart", &mut script);
        session.print(&String::from_utf8_lossy(&script))
    }
}
