//! Which steps may begin: those whose predecessors are all done.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Act, Step, StepId};

/// The steps that have not begun yet.
#[derive(Debug)]
pub(super) struct Order {
    /// Steps that wait, with how many predecessors are not done yet.
    waiting: BTreeMap<StepId, usize>,
    /// Steps that may begin, in the order of the plan.
    free: BTreeSet<StepId>,
    /// Who waits for a step.
    followers: BTreeMap<StepId, Vec<StepId>>,
    /// Steps that are done with those before them.
    joins: BTreeSet<StepId>,
    /// How many are not done yet.
    left: usize,
}

impl Order {
    pub(super) fn new(steps: &[Step]) -> Self {
        let joins = steps.iter().filter(|step| matches!(step.act, Act::Join)).map(|step| step.id).collect();
        let mut order = Self {
            waiting: BTreeMap::new(),
            free: BTreeSet::new(),
            followers: BTreeMap::new(),
            joins,
            left: steps.len(),
        };
        for step in steps {
            let before: BTreeSet<StepId> = step.after.iter().copied().collect();
            for predecessor in &before {
                order.followers.entry(*predecessor).or_default().push(step.id);
            }
            if before.is_empty() {
                order.free.insert(step.id);
            } else {
                order.waiting.insert(step.id, before.len());
            }
        }
        order
    }

    /// The steps that may begin now; each is given once.
    pub(super) fn startable(&mut self) -> impl Iterator<Item = StepId> + use<> {
        std::mem::take(&mut self.free).into_iter()
    }

    /// Whether all steps are done.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// A step is done, and with it the joins that waited for it last.
    pub(super) fn done(&mut self, step: StepId) {
        let mut done = vec![step];
        while let Some(step) = done.pop() {
            self.left = self.left.saturating_sub(1);
            for follower in self.followers.remove(&step).unwrap_or_default() {
                let Some(left) = self.waiting.get_mut(&follower) else { continue };
                *left -= 1;
                if *left == 0 {
                    self.waiting.remove(&follower);
                    if self.joins.contains(&follower) {
                        done.push(follower);
                    } else {
                        self.free.insert(follower);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Expect;

    #[test]
    fn a_step_begins_when_the_last_of_its_predecessors_is_done() {
        let step = |id, after: &[StepId], act| Step { id, after: after.to_vec(), act, expect: Expect::Nothing };
        let mut order = Order::new(&[
            step(0, &[], Act::DropHistory),
            step(1, &[], Act::DropHistory),
            step(2, &[0, 1, 1], Act::Join),
            step(3, &[2], Act::Join),
            step(4, &[3], Act::DropHistory),
        ]);
        let next = |order: &mut Order| order.startable().collect::<Vec<_>>();
        assert_eq!(next(&mut order), [0, 1]);
        assert!(next(&mut order).is_empty());
        order.done(1);
        assert!(next(&mut order).is_empty());
        order.done(0);
        assert_eq!(next(&mut order), [4], "joins are done by themselves");
        assert!(!order.is_done());
        order.done(4);
        assert!(order.is_done());
    }
}
