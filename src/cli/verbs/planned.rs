//! A plan that is shown and not carried out: `diff`, and the dry runs of install, upgrade and rollback.

use crate::action::deploy::Prepared;
use crate::cli::flags::DryRun;
use crate::cli::session::Session;
use crate::cli::view::{Contents, PlanView};
use crate::diagnostic::Failure;

/// Shows a plan, and what the API server would refuse of it; whether anything would change. `short` leaves out the
/// content of objects that would be made or deleted.
///
/// # Errors
/// What the server would refuse, after the plan was shown.
pub(super) async fn show(
    mut prepared: Prepared,
    how: DryRun,
    short: bool,
    session: &mut Session,
) -> Result<bool, Failure> {
    session.show_findings();
    let asked = if how == DryRun::Server { prepared.ask_server(session.globals.concurrency).await } else { None };
    // What the server was not asked about, or could not be, the plan may still know.
    let refused = asked.or_else(|| prepared.conflicts());
    let contents = if short { Contents::default() } else { Contents::of(&prepared) };
    let mut view = PlanView::new(prepared.release(), &prepared.plan.report, &contents, &session.reading);
    if let Some(failure) = &refused {
        view.refused(failure, &session.reading.mask);
    }
    let changes = view.changes();
    session.show(view)?;
    refused.map_or(Ok(changes), Err)
}
