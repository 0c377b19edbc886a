//! Refusals of the API server in our words: what was being done to what, why not, and what to do next.
//!
//! Rules kept: the server's sentence is never shown twice (kube's own errors print it and chain it); fields are named
//! as paths and point at the template and values lines that wrote them; what a Secret holds is never quoted.

mod conflict;
mod forbidden;
mod invalid;
mod quoted;
mod unasked;
mod unreachable;

use kube::core::Status;

use super::Target;
use super::lock::not_sent;
use super::request::Fault;
use super::wire::{LockLost, VERDICTS, chain};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::{Object, ObjectId};
use crate::yaml::Node;

pub(crate) use unasked::unasked;
pub(crate) use unreachable::login_failure;

/// What was being done when a request failed.
#[derive(Clone, Debug)]
pub(crate) struct Doing<'a> {
    /// "apply", "list", "delete".
    verb: &'static str,
    /// "`Deployment/web`", "the Secrets of namespace `shop`".
    subject: String,
    /// What was sent: its origins are where errors about fields point to.
    sent: Option<&'a Object>,
    /// What is there: the other side of a conflict.
    live: Option<&'a Node>,
    /// Whether nothing was expected to be there.
    makes: bool,
}

impl<'a> Doing<'a> {
    /// Something to an object.
    pub(crate) fn to(verb: &'static str, id: &ObjectId) -> Self {
        Self { verb, subject: format!("`{id}`"), sent: None, live: None, makes: false }
    }

    /// Sending an object.
    pub(crate) fn send(verb: &'static str, object: &'a Object) -> Self {
        Self { sent: Some(object), ..Self::to(verb, &object.id) }
    }

    /// Something to what has no name of its own.
    pub(crate) fn with(verb: &'static str, subject: impl Into<String>) -> Self {
        Self { verb, subject: subject.into(), sent: None, live: None, makes: false }
    }

    /// The live object, to show both sides of a conflict.
    #[must_use]
    pub(crate) fn beside(mut self, live: Option<&'a Node>) -> Self {
        self.live = live;
        self
    }

    /// Nothing was expected to be there.
    #[must_use]
    pub(crate) fn making(mut self, makes: bool) -> Self {
        self.makes = makes;
        self
    }

    /// "cannot apply `Deployment/web`: …"
    fn cannot(&self, why: &str) -> Diagnostic {
        let Self { verb, subject, .. } = self;
        Diagnostic::error(if why.is_empty() {
            format!("cannot {verb} {subject}")
        } else {
            format!("cannot {verb} {subject}: {why}")
        })
    }
}

/// The failure that a fault is.
pub(crate) fn failure(fault: &Fault, doing: &Doing<'_>, target: &Target) -> Failure {
    match fault {
        Fault::Refused { status, .. } => refused(status, doing, target),
        Fault::Unanswered(error) if chain(error).any(<dyn std::error::Error>::is::<LockLost>) => not_sent(),
        Fault::Unanswered(error) => Failure::failed(unreachable::diagnostic(error, doing, target)),
        Fault::Unsendable(why) => Failure::failed(doing.cannot(why)),
        Fault::Unreadable(why) => {
            Failure::failed(doing.cannot(&format!("the answer of {} can't be read: {why}", target.words())))
        }
    }
}

fn refused(status: &Status, doing: &Doing<'_>, target: &Target) -> Failure {
    match status.code {
        // A webhook that refuses chooses the code itself; one that can't be asked is a 500.
        _ if status.message.contains(" webhook \"") => Failure::failed(forbidden::diagnostic(status, doing)),
        401 => Failure::failed(unreachable::unauthorized(doing, target)),
        403 => Failure::failed(forbidden::diagnostic(status, doing)),
        404 => Failure::failed(not_found(status, doing)),
        409 => conflict::failure(status, doing),
        422 if conflict::is_about_uid(status) => Failure::failed(conflict::replaced(doing)),
        400 | 422 => invalid::failure(status, doing),
        500 if VERDICTS.iter().any(|verdict| status.message.contains(verdict)) => invalid::failure(status, doing),
        _ => Failure::failed(doing.cannot(&words(status, doing))),
    }
}

/// The server's sentence, fit to be shown.
fn words(status: &Status, doing: &Doing<'_>) -> String {
    quoted::harmless(&status.message, doing.sent)
}

/// A 404: the namespace, the kind or the object is missing.
fn not_found(status: &Status, doing: &Doing<'_>) -> Diagnostic {
    match &status.details {
        Some(details) if details.kind == "namespaces" => {
            doing.cannot(&format!("namespace `{}` does not exist", details.name)).hint("`--create-namespace` makes it")
        }
        Some(details) if !details.name.is_empty() => {
            doing.cannot(&format!("there is no `{}` named `{}`", details.kind, details.name))
        }
        _ => doing.cannot("the API server does not serve this kind").hint("was its CustomResourceDefinition deleted?"),
    }
}

#[cfg(test)]
mod tests;
