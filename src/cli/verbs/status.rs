//! `kchart status`.

use clap::Args;

use crate::action::status::run;
use crate::cli::session::Session;
use crate::cli::view::StatusView;
use crate::diagnostic::Failure;

/// Show how a release does: its objects, its volumes and what opens them, its notes
#[derive(Debug, Args)]
#[command(after_help = super::examples!("kchart status orchestrator -n shop"))]
pub(in crate::cli) struct Status {
    /// Name of the release
    name: String,
}

impl Status {
    pub(in crate::cli) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let target = session.target();
        let standing = run(&self.name, session.globals.namespace.as_deref(), &target).await?;
        session.show(StatusView::from(standing))
    }
}
