//! What is told of an object that did not get ready, or did not go, in time: the root cause first, then the way down
//! to it. The causes stay with the run, so that they can be kept with the record.

use std::sync::PoisonError;

use super::unanswered::words;
use super::{Run, lingering};
use crate::cluster::Seen;
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, ObjectId};
use crate::readiness::{Cause, Evidence, Opener, Readiness, Reason, explain, judge};

/// So many objects are looked at closely; when a whole release is not ready, more would only take time.
const MOST: usize = 12;

impl Run<'_> {
    /// An object that is not ready: why, down to its Pods, with the line that wrote the field which is to blame.
    pub(super) async fn not_ready(&self, id: &ObjectId, live: Option<&Seen>, why: &str, late: bool) -> Diagnostic {
        let live = live.map(|seen| &*seen.body);
        let close = self.causes.lock().unwrap_or_else(PoisonError::into_inner).len() < MOST;
        let mut evidence = if close {
            self.cluster.evidence(id, live).await
        } else {
            Evidence { live: live.cloned(), ..Evidence::default() }
        };
        evidence.release = format!("{} -n {}", self.release.name, self.release.namespace);
        let here = |opener: &&Opener| Some(opener.namespace.as_str()) == id.namespace.as_deref();
        evidence.openers = self.openers.iter().filter(here).cloned().collect();
        // Whole logs are masked, before anything is cut out of them.
        for log in &mut evidence.logs {
            log.text = self.concealed.text(&log.text);
        }
        // What was told last may say already what a Pod does; the tree says so in its place.
        let judged = live.map(|live| judge(id, live));
        let why = judged.as_ref().and_then(Readiness::why).unwrap_or(why);
        let cause = explain(id, &evidence, why).masked(&|text: &str| self.concealed.text(text));
        let diagnostic = if late { self.in_time(self.told(&cause)) } else { self.told(&cause) };
        self.causes.lock().unwrap_or_else(PoisonError::into_inner).push(cause);
        diagnostic
    }

    /// A cause as a message.
    fn told(&self, cause: &Cause) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(cause.headline());
        let wanted = self.wanted.iter().find(|object| object.id == cause.object);
        if let Some((path, object)) = cause.field.as_deref().and_then(FieldPath::parse).zip(wanted) {
            let node = path.find_nearest(&object.body);
            diagnostic = diagnostic.at(node.origin.at).note_at("set here", node.origin.from);
        }
        for line in cause.tree.lines() {
            diagnostic = diagnostic.note(line);
        }
        for next in &cause.next {
            diagnostic = diagnostic.hint(next);
        }
        match (&cause.object.namespace, cause.reason) {
            // Somebody has to look further.
            (Some(namespace), Reason::Other) => diagnostic.hint(format!(
                "`kubectl describe {} {} -n {namespace}` tells more",
                cause.object.kind.to_lowercase(),
                cause.object.name
            )),
            _ => diagnostic,
        }
    }

    /// An object that is still there.
    pub(super) async fn not_gone(&self, id: &ObjectId, live: Option<&Seen>, why: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error(format!("`{id}` is not gone: {why}"));
        let event = match live {
            Some(live) => self.cluster.last_warning(id.namespace.as_deref(), &live.uid).await,
            None => None,
        };
        let diagnostic = match event {
            Some(event) => diagnostic.note(format!("last event of it: {event}")),
            None => diagnostic,
        };
        self.in_time(match live {
            Some(live) => lingering::advised(diagnostic, id, &live.body),
            None => diagnostic,
        })
    }

    /// Says that more time can be given.
    pub(super) fn in_time(&self, diagnostic: Diagnostic) -> Diagnostic {
        let waited = words(self.timeout);
        diagnostic.hint(format!("it was waited for {waited}; `--timeout` gives more time"))
    }
}
