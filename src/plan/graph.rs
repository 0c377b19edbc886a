//! Steps while they are planned: any order, edges added as they are found; then a fixed order that keeps them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::{Act, Expect, Step};
use crate::object::ObjectId;

/// Position of a step among those planned so far.
pub(super) type Draft = usize;

/// So many steps are waited for one by one; more of them are joined first, so that a plan has no more edges than a few
/// for each of its steps.
const FEW: usize = 8;

/// The steps planned so far.
#[derive(Default)]
pub(super) struct Graph {
    steps: Vec<(Act, Expect, BTreeSet<Draft>)>,
}

impl Graph {
    /// Adds a step.
    pub(super) fn add(&mut self, act: Act, expect: Expect, after: impl IntoIterator<Item = Draft>) -> Draft {
        self.steps.push((act, expect, after.into_iter().collect()));
        self.steps.len() - 1
    }

    /// Puts `step` after `earlier`.
    pub(super) fn edge(&mut self, step: Draft, earlier: Draft) {
        if step != earlier {
            self.steps[step].2.insert(earlier);
        }
    }

    /// Puts `step` after `earlier`, all of them.
    pub(super) fn edges(&mut self, step: Draft, earlier: impl IntoIterator<Item = Draft>) {
        for earlier in earlier {
            self.edge(step, earlier);
        }
    }

    /// Those of `among` that none of the others comes after: who waits for them waits for all.
    pub(super) fn last_of(&self, among: impl IntoIterator<Item = Draft>) -> BTreeSet<Draft> {
        let among: BTreeSet<Draft> = among.into_iter().collect();
        let waited: BTreeSet<Draft> = among.iter().flat_map(|step| &self.steps[*step].2).copied().collect();
        among.difference(&waited).copied().collect()
    }

    /// What many steps wait for, that wait for the same ones: these, if they are few; else one that is done with them.
    pub(super) fn joined(&mut self, among: BTreeSet<Draft>) -> BTreeSet<Draft> {
        if among.len() <= FEW { among } else { BTreeSet::from([self.add(Act::Join, Expect::Nothing, among)]) }
    }

    /// All steps so far.
    pub(super) fn all(&self) -> std::ops::Range<Draft> {
        0..self.steps.len()
    }

    /// The steps in an order that keeps all edges: the same for the same steps, and near the one they were added in.
    ///
    /// # Errors
    /// What the steps of a circle are about, each after what it waits for; the first one again at the end. Most circles of
    /// objects are found before.
    pub(super) fn into_steps(self) -> Result<Vec<Step>, Vec<ObjectId>> {
        let count = self.steps.len();
        let mut waiting: Vec<usize> = self.steps.iter().map(|(_, _, after)| after.len()).collect();
        let mut followers = vec![Vec::new(); count];
        for (step, (_, _, after)) in self.steps.iter().enumerate() {
            for earlier in after {
                followers[*earlier].push(step);
            }
        }
        let mut ready: BinaryHeap<Reverse<Draft>> =
            waiting.iter().enumerate().filter(|(_, count)| **count == 0).map(|(step, _)| Reverse(step)).collect();
        let mut order = Vec::with_capacity(count);
        while let Some(Reverse(step)) = ready.pop() {
            order.push(step);
            for follower in &followers[step] {
                waiting[*follower] -= 1;
                if waiting[*follower] == 0 {
                    ready.push(Reverse(*follower));
                }
            }
        }
        if order.len() < count {
            let circle = self.circle(&waiting).into_iter();
            return Err(circle.filter_map(|step| self.steps[step].0.id()).collect());
        }
        let mut position = vec![0; count];
        for (id, step) in order.iter().enumerate() {
            position[*step] = id;
        }
        let mut drafts: Vec<Option<(Act, Expect, BTreeSet<Draft>)>> = self.steps.into_iter().map(Some).collect();
        let steps = order.iter().enumerate().filter_map(|(id, draft)| {
            let (act, expect, after) = drafts[*draft].take()?;
            let mut after: Vec<usize> = after.into_iter().map(|earlier| position[earlier]).collect();
            after.sort_unstable();
            Some(Step { id, after, act, expect })
        });
        Ok(steps.collect())
    }

    /// A circle among the steps that still wait: from each to one that it waits for, until one comes again.
    fn circle(&self, waiting: &[usize]) -> Vec<Draft> {
        let is_stuck = |step: &&Draft| waiting[**step] > 0;
        let mut path: Vec<Draft> = waiting.iter().position(|count| *count > 0).into_iter().collect();
        while let Some(next) = path.last().and_then(|step| self.steps[*step].2.iter().find(is_stuck)) {
            if let Some(at) = path.iter().position(|step| step == next) {
                path.push(*next);
                return path.split_off(at);
            }
            path.push(*next);
        }
        path
    }
}
