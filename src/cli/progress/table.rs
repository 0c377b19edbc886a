//! The live table as a pure function of what is told: which lines stay, which rows are shown meanwhile.

use std::collections::BTreeMap;

use super::Told;

/// Rows that are shown: a table that is higher than the terminal can't be drawn over.
const MOST: usize = 10;

/// What the table shows now.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Running steps, in the order in which they began.
    running: BTreeMap<usize, Row>,
    begun: usize,
    done: usize,
}

#[derive(Debug)]
struct Row {
    line: String,
    /// A step that says what it waits for tells more than one that has just begun.
    tells: bool,
    since: usize,
}

impl Table {
    /// Takes in what is told. The line that stays above the table, if there is one.
    pub(super) fn take(&mut self, told: &Told) -> Option<String> {
        match told {
            // What an earlier run left unfinished is not under way any more.
            Told::Begun { .. } => {
                *self = Self::default();
                None
            }
            Told::Running { step, line, news } => {
                let begun = &mut self.begun;
                let row = self.running.entry(*step).or_insert_with(|| {
                    *begun += 1;
                    Row { line: String::new(), tells: false, since: *begun }
                });
                (row.line, row.tells) = (line.clone(), row.tells || *news);
                None
            }
            Told::Ended { step, line } => {
                self.running.remove(step);
                self.done += 1;
                line.clone()
            }
            Told::Aside { line } => Some(line.clone()),
        }
    }

    /// Steps that have ended.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// The rows, those that tell most first; the last one says how many there is no room for.
    pub(super) fn rows(&self) -> Vec<String> {
        let mut rows: Vec<&Row> = self.running.values().collect();
        rows.sort_by_key(|row| (!row.tells, row.since));
        let more = rows.len().saturating_sub(MOST);
        let shown = if more > 0 { MOST - 1 } else { MOST };
        let mut lines: Vec<String> = rows.iter().take(shown).map(|row| row.line.clone()).collect();
        if more > 0 {
            lines.push(format!("and {} more", rows.len() - shown));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::Words;
    use super::*;
    use crate::apply::Event;
    use crate::object::ObjectId;
    use crate::plan::Change;

    /// What a terminal shows after each event: the lines that stay, then the rows.
    fn drawn(events: Vec<Event>) -> Vec<String> {
        let (mut words, mut table, mut stays) = (Words::default(), Table::default(), Vec::new());
        let screens = events.into_iter().map(|event| {
            let told = words.tell(event);
            stays.extend(table.take(&told));
            let rows = table.rows().into_iter().map(|row| format!("* {row}"));
            let all: Vec<String> = stays.iter().cloned().chain(rows).collect();
            format!("{} | {} done", all.join(" | "), table.done())
        });
        screens.collect()
    }

    #[test]
    fn each_event_changes_the_screen_as_it_should() {
        let web = || ObjectId::namespaced("apps", "Deployment", "shop", "web");
        let screens = drawn(vec![
            Event::Begun { step: 0, doing: "creating", id: Some(web()) },
            Event::Begun { step: 1, doing: "generating keys of", id: Some(ObjectId::secret("shop", "db")) },
            Event::Done { step: 0, id: Some(web()), change: Some(Change::Create) },
            Event::Begun { step: 2, doing: "waiting for", id: Some(web()) },
            Event::Waiting { id: web(), why: "0 of 1 replica available; web-0: pulling its image".into() },
            Event::Warning { text: "old API".into() },
            Event::Done { step: 1, id: Some(ObjectId::secret("shop", "db")), change: Some(Change::Keep) },
            Event::Failed { step: 2, id: Some(web()), why: "`Deployment/web` is not ready: no".into() },
        ]);
        assert_eq!(
            screens,
            [
                "* creating Deployment/web | 0 done",
                "* creating Deployment/web | * generating keys of Secret/db | 0 done",
                "created Deployment/web | * generating keys of Secret/db | 1 done",
                "created Deployment/web | * generating keys of Secret/db | * waiting for Deployment/web | 1 done",
                "created Deployment/web | * waiting for Deployment/web: 0 of 1 replica available; web-0: pulling its image | * generating keys of Secret/db | 1 done",
                "created Deployment/web | the API server warns: old API | * waiting for Deployment/web: 0 of 1 replica available; web-0: pulling its image | * generating keys of Secret/db | 1 done",
                "created Deployment/web | the API server warns: old API | * waiting for Deployment/web: 0 of 1 replica available; web-0: pulling its image | 2 done",
                "created Deployment/web | the API server warns: old API | failed: waiting for Deployment/web: no | 3 done",
            ]
        );
    }

    #[test]
    fn a_hundred_running_steps_do_not_fill_the_terminal() {
        let begun = |step: usize| Event::Begun {
            step,
            doing: "creating",
            id: Some(ObjectId::secret("shop", &format!("s{step}"))),
        };
        let last = drawn((0..100).map(begun).collect()).pop().unwrap();
        assert_eq!(last.matches('*').count(), MOST);
        assert!(last.starts_with("* creating Secret/s0 |") && last.ends_with("* and 91 more | 0 done"), "{last}");
    }
}
