//! Events in words.

use std::collections::BTreeMap;

use super::Told;
use crate::apply::Event;
use crate::object::ObjectId;
use crate::plan::{Change, StepId};

/// Remembers what each running step does, so that its end can be told.
#[derive(Debug, Default)]
pub(super) struct Words {
    doing: BTreeMap<StepId, (&'static str, Option<ObjectId>)>,
}

impl Words {
    /// What is told of an event.
    pub(super) fn tell(&mut self, event: Event) -> Told {
        match event {
            Event::Started { steps } => {
                self.doing.clear();
                Told::Begun { steps }
            }
            Event::RollingBack { to } => Told::Aside { line: format!("rolling back to revision {to}") },
            Event::TakingAway => {
                Told::Aside { line: "taking the install away; volumes and what opens them stay".to_owned() }
            }
            Event::Begun { step, doing, id } => {
                let line = about(doing, id.as_ref());
                self.doing.insert(step, (doing, id));
                Told::Running { step, line, news: false }
            }
            Event::Done { step, id, change } => {
                let begun = self.doing.remove(&step);
                Told::Ended { step, line: ended(change, id.as_ref(), begun.map_or("", |(doing, _)| doing)) }
            }
            Event::Waiting { id, why } => {
                let line = format!("waiting for {id}: {why}");
                match self.doing.iter().find(|(_, (_, about))| about.as_ref() == Some(&id)) {
                    Some((step, _)) => Told::Running { step: *step, line, news: true },
                    None => Told::Aside { line },
                }
            }
            Event::Retrying { id, why } => {
                Told::Aside { line: format!("{}: {why}", about("trying again", id.as_ref())) }
            }
            Event::Warning { text } => Told::Aside { line: format!("the API server warns: {text}") },
            Event::Stopping { why } => {
                Told::Aside { line: format!("stopping: {why}; what is under way ends, a second signal leaves at once") }
            }
            Event::Failed { step, id, why } => {
                let doing = self.doing.remove(&step).map_or("working on", |(doing, _)| doing);
                // The line says already what was waited for.
                let known = id.as_ref().map(|id| format!("`{id}` is not ready: ")).unwrap_or_default();
                let why = why.strip_prefix(&known).unwrap_or(&why);
                Told::Ended { step, line: Some(format!("failed: {}: {why}", about(doing, id.as_ref()))) }
            }
        }
    }
}

fn about(doing: &str, id: Option<&ObjectId>) -> String {
    id.map_or_else(|| doing.to_owned(), |id| format!("{doing} {id}"))
}

/// What stays of a step that is done; steps about no object are kchart's own bookkeeping.
fn ended(change: Option<Change>, id: Option<&ObjectId>, doing: &str) -> Option<String> {
    let id = id?;
    Some(match change {
        Some(Change::Create) => format!("created {id}"),
        Some(Change::Update) => format!("updated {id}"),
        Some(Change::Replace) => format!("replaced {id}"),
        Some(Change::Delete) => format!("deleted {id}"),
        None if doing == "waiting for" => format!("ready   {id}"),
        Some(Change::Keep) | None => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_told_or_left_out_on_purpose() {
        let id = || Some(ObjectId::secret("lab", "broker"));
        let mut words = Words::default();
        let mut told = |event| match words.tell(event) {
            Told::Running { line, .. } | Told::Ended { line: Some(line), .. } | Told::Aside { line } => line,
            Told::Begun { .. } | Told::Ended { line: None, .. } => String::new(),
        };
        assert_eq!(told(Event::Started { steps: 2 }), "");
        assert_eq!(told(Event::RollingBack { to: 3 }), "rolling back to revision 3");
        assert_eq!(told(Event::Begun { step: 0, doing: "creating", id: id() }), "creating Secret/broker");
        let done = Event::Done { step: 0, id: id(), change: Some(Change::Create) };
        assert_eq!(told(done), "created Secret/broker");
        assert_eq!(told(Event::Begun { step: 1, doing: "waiting for", id: id() }), "waiting for Secret/broker");
        let waiting = Event::Waiting { id: id().unwrap(), why: "0 of 1".into() };
        assert_eq!(told(waiting), "waiting for Secret/broker: 0 of 1");
        assert_eq!(told(Event::Retrying { id: None, why: "429".into() }), "trying again: 429");
        assert_eq!(told(Event::Warning { text: "old".into() }), "the API server warns: old");
        let stopping = told(Event::Stopping { why: "interrupted by SIGINT".into() });
        assert_eq!(stopping, "stopping: interrupted by SIGINT; what is under way ends, a second signal leaves at once");
        let failed = Event::Failed { step: 1, id: id(), why: "`Secret/broker` is not ready: no".into() };
        assert_eq!(told(failed), "failed: waiting for Secret/broker: no");
        assert_eq!(told(Event::Done { step: 2, id: None, change: None }), "");
    }
}
