//! Which steps may begin: those whose predecessors are all done.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Step, StepId};

/// The steps that have not begun yet.
#[derive(Debug)]
pub(super) struct Order {
    /// Steps that wait, with how many predecessors are not done yet.
    waiting: BTreeMap<StepId, usize>,
    /// Steps that may begin, in the order of the plan.
    free: BTreeSet<StepId>,
    /// Who waits for a step.
    followers: BTreeMap<StepId, Vec<StepId>>,
    /// How many are not done yet.
    left: usize,
}

impl Order {
    pub(super) fn new(steps: &[Step]) -> Self {
        let mut order =
            Self { waiting: BTreeMap::new(), free: BTreeSet::new(), followers: BTreeMap::new(), left: steps.len() };
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

    /// A step is done.
    pub(super) fn done(&mut self, step: StepId) {
        self.left = self.left.saturating_sub(1);
        for follower in self.followers.remove(&step).unwrap_or_default() {
            if let Some(left) = self.waiting.get_mut(&follower) {
                *left -= 1;
                if *left == 0 {
                    self.waiting.remove(&follower);
                    self.free.insert(follower);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Act, Expect};

    #[test]
    fn a_step_begins_when_the_last_of_its_predecessors_is_done() {
        let step =
            |id, after: &[StepId]| Step { id, after: after.to_vec(), act: Act::DropHistory, expect: Expect::Nothing };
        let mut order = Order::new(&[step(0, &[]), step(1, &[]), step(2, &[0, 1, 1]), step(3, &[2])]);
        let next = |order: &mut Order| order.startable().collect::<Vec<_>>();
        assert_eq!(next(&mut order), [0, 1]);
        assert!(next(&mut order).is_empty());
        order.done(1);
        assert!(next(&mut order).is_empty());
        order.done(0);
        assert_eq!(next(&mut order), [2]);
        order.done(2);
        assert_eq!(next(&mut order), [3]);
    }
}
