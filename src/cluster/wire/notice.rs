//! What the request layer tells beside its answers: warnings of the API server, requests that are tried again.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use crate::object::ObjectId;

/// Something that happened to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A `Warning:` header of the API server: told once each.
    Warning(String),
    /// A request is tried again.
    Retrying {
        /// On which object, if on one.
        id: Option<ObjectId>,
        /// Why.
        why: String,
    },
}

/// Where notices go. Warnings that come while nobody listens are kept for the next listener.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    listener: Option<UnboundedSender<Notice>>,
    seen: BTreeSet<String>,
    kept: Vec<Notice>,
}

impl Notices {
    /// Sends all further notices, and the warnings kept so far, to `listener`.
    pub(crate) fn listen(&self, listener: UnboundedSender<Notice>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for notice in std::mem::take(&mut state.kept) {
            // A receiver that is gone wants nothing.
            let _ = listener.send(notice);
        }
        state.listener = Some(listener);
    }

    /// Takes the warnings that nobody has heard yet.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = std::mem::take(&mut state.kept);
        kept.into_iter()
            .filter_map(|notice| if let Notice::Warning(text) = notice { Some(text) } else { None })
            .collect()
    }

    /// Tells a warning, unless it was told before.
    pub(crate) fn warn(&self, text: String) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.seen.insert(text.clone()) {
            let notice = Notice::Warning(text);
            let heard = state.listener.as_ref().is_some_and(|listener| listener.send(notice.clone()).is_ok());
            if !heard {
                state.kept.push(notice);
            }
        }
    }

    /// Tells that a request is tried again; of no use later, so it is not kept.
    pub(crate) fn retrying(&self, id: Option<ObjectId>, why: String) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listener) = &state.listener {
            let _ = listener.send(Notice::Retrying { id, why });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_once_and_kept_until_somebody_listens() {
        let notices = Notices::default();
        notices.warn("old".into());
        notices.warn("old".into());
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        notices.listen(sender);
        notices.warn("new".into());
        notices.warn("old".into());
        assert_eq!(receiver.try_recv(), Ok(Notice::Warning("old".into())));
        assert_eq!(receiver.try_recv(), Ok(Notice::Warning("new".into())));
        assert!(receiver.try_recv().is_err());
        drop(receiver);
        notices.warn("after".into());
        assert_eq!(notices.take(), ["after"]);
    }
}
