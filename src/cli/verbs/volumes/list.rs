//! `kchart volumes list`, and without a word behind `volumes`.

use clap::Args;
use jiff::Timestamp;

use crate::action::volumes::list::{Request, run};
use crate::cli::flags::Format;
use crate::cli::session::Session;
use crate::cli::view::VolumesView;
use crate::diagnostic::Failure;

/// List claims and volumes of releases, and what is left of others
///
/// Volumes whose claim is gone are listed with what proves whose they were; claims that no release has and no workload
/// wants are listed too.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this release
    release: Option<String>,

    /// Of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,
}

impl List {
    pub(super) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let request = Request {
            release: self.release,
            namespace: session.globals.namespace.clone(),
            all_namespaces: self.all_namespaces,
        };
        let target = session.target();
        let listed = run(&request, &target).await?;
        let format = session.globals.output;
        let view = VolumesView::new(&listed, Timestamp::now(), format == Format::Wide);
        if view.is_empty() && format.is_text() {
            session.say("there is no volume of a release here; -A looks into all namespaces");
        }
        session.show(view)
    }
}
