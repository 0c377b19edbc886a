//! A script at work: counts the requests of its client, and knows which rules are spent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Fault, Met, Rule};

/// The faults of one client. Clones are the same script.
#[derive(Clone, Debug)]
pub struct Faults(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    course: Mutex<Course>,
    cut_off: watch::Sender<bool>,
    hung: watch::Sender<bool>,
}

#[derive(Debug)]
struct Course {
    waiting: Vec<Rule>,
    /// Faults that last, and until when.
    lasting: Vec<(Instant, Fault)>,
    requests: usize,
    steps: usize,
    met: usize,
}

impl Faults {
    /// A script, of which nothing has happened yet. Of several rules for one request the first counts.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        let course = Mutex::new(Course::new(rules.into_iter().collect()));
        Self(Arc::new(Inside { course, cut_off: watch::Sender::new(false), hung: watch::Sender::new(false) }))
    }

    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::new([])
    }

    /// How many requests were sent so far.
    pub fn requests(&self) -> usize {
        self.course().requests
    }

    /// How many requests met a fault.
    pub fn met(&self) -> usize {
        self.course().met
    }

    /// Ends when the client is cut off: from then on nothing of it executes, and whoever plays its process drops it.
    pub async fn cut_off(&self) {
        // The sender lives as long as this does.
        let _ = self.0.cut_off.subscribe().wait_for(|is| *is).await;
    }

    /// Ends when a request hangs.
    pub async fn hung(&self) {
        // The sender lives as long as this does.
        let _ = self.0.hung.subscribe().wait_for(|is| *is).await;
    }

    /// Counts a request; what it meets.
    pub(in crate::sandbox) fn meet(&self, request: Met<'_>) -> Option<Fault> {
        if *self.0.cut_off.borrow() {
            return Some(Fault::CutOffBefore);
        }
        self.course().meet(request, Instant::now())
    }

    /// The client's process ends here.
    pub(in crate::sandbox) fn cut(&self) {
        self.0.cut_off.send_replace(true);
    }

    /// A request hangs from here on.
    pub(in crate::sandbox) fn hang(&self) {
        self.0.hung.send_replace(true);
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.0.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Course {
    fn new(waiting: Vec<Rule>) -> Self {
        Self { waiting, lasting: Vec::new(), requests: 0, steps: 0, met: 0 }
    }

    fn meet(&mut self, request: Met<'_>, now: Instant) -> Option<Fault> {
        self.requests += 1;
        self.steps += usize::from(request.is_step);
        self.lasting.retain(|(until, _)| now < *until);
        let rule = self.waiting.iter().position(|rule| rule.when.is(self.requests, self.steps, request));
        let fault = if let Some(rule) = rule.map(|at| self.waiting.remove(at)) {
            self.lasting.extend(rule.lasting.map(|time| (now + time, rule.fault.clone())));
            Some(rule.fault)
        } else {
            self.lasting.first().map(|(_, fault)| fault.clone())
        };
        self.met += usize::from(fault.is_some());
        fault
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sandbox::fault::parse;

    #[test]
    fn a_fault_that_lasts_is_met_until_its_time_is_up() {
        let mut course = Course::new(parse("429 for 2s from PATCH Secret; fail request 4 with 500").unwrap());
        let begun = Instant::now();
        let met = |method| Met { method, kind: "Secret", is_step: method != "GET" };
        let mut meet = |method, after| course.meet(met(method), begun + Duration::from_millis(after));
        let busy = Some(Fault::TooManyRequests(1));
        assert_eq!(meet("GET", 0), None);
        assert_eq!(meet("PATCH", 1000), busy);
        assert_eq!(meet("GET", 2999), busy, "whatever is asked");
        assert_eq!(meet("GET", 2999), Some(Fault::Internal), "a rule for this very request counts more");
        assert_eq!(meet("PATCH", 3000), None);
        assert_eq!((course.requests, course.steps, course.met), (5, 2, 3));
    }
}
