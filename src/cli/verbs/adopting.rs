//! `--adopt all` says what it would take over, and asks: it is one word, and may mean a hundred objects.

use super::consent;
use crate::action::Target;
use crate::action::deploy::{Request, prepare};
use crate::cli::session::Session;
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::ObjectId;

const ALL: &str = "all";

/// The request with `all` replaced by the objects that somebody agreed to. With `yes` it stays as it is.
///
/// # Errors
/// Nobody agreed, or nobody can be asked; what is wrong with the request.
pub(super) async fn agreed(
    mut request: Request,
    yes: bool,
    target: &Target,
    session: &mut Session,
) -> Result<Request, Failure> {
    if yes || !request.options.adopt.iter().any(|entry| entry == ALL) {
        return Ok(request);
    }
    let (remarks, warnings) = (session.reading.remarks.len(), session.reading.warnings.len());
    let prepared = prepare(request.clone(), target, &mut session.reading).await?;
    // They are said when it is decided what is done.
    session.reading.remarks.truncate(remarks);
    session.reading.warnings.truncate(warnings);
    let adopted = prepared.plan.report.adopted;
    if !adopted.is_empty() {
        let lines = adopted.iter().map(|(id, owner)| format!("`{id}`: {owner}"));
        let question = format!("`--adopt all` would take over {} objects", adopted.len());
        if !consent::can_ask(session) {
            let refused = lines.fold(Diagnostic::error(question), Diagnostic::note);
            return Err(Failure::failed(
                refused.hint("agree to it: `--yes`; or name them, one `--adopt KIND/NAME` each"),
            ));
        }
        for line in lines {
            session.tell(&line);
        }
        consent::ask(&format!("{question}."), session).await?;
    }
    request.options.adopt.retain(|entry| entry != ALL);
    request.options.adopt.extend(adopted.iter().map(|(id, _)| written(id)));
    Ok(request)
}

/// An object as `--adopt` takes it.
fn written(id: &ObjectId) -> String {
    let group = if id.group.is_empty() { String::new() } else { format!(".{}", id.group) };
    format!("{}{group}/{}", id.kind.to_lowercase(), id.name)
}
