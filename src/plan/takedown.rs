//! Deletions in their order: what steps into requests first, custom resources before those that look after them,
//! what runs Pods, then what the Pods used; what names another object before that object.

use std::collections::{BTreeMap, BTreeSet};

use super::edges::Placed;
use super::graph::{Draft, Graph};
use super::{Act, Deletion, Expect, Live, definitions, order, pods};
use crate::object::ObjectId;

/// The steps after which things are gone.
#[derive(Default)]
pub(super) struct Gone {
    /// After these nothing runs any more.
    pub(super) workloads: BTreeSet<Draft>,
    /// After these all is gone.
    pub(super) all: BTreeSet<Draft>,
}

/// The stage of what runs Pods.
const WORKLOADS: u8 = 3;

/// When an object goes; smaller goes first. What Pods use goes after all of them, as they may reach it in ways that
/// nobody can see; what is used by its name alone, ConfigMaps and Secrets (5), goes after those that name it.
fn stage(id: &ObjectId, own_kinds: &BTreeSet<(String, String)>) -> u8 {
    if order::intercepts(id) {
        0
    } else if own_kinds.contains(&(id.group.clone(), id.kind.clone())) || definitions::is_definition(id) {
        // All objects of a kind go with its definition: what looks after them must still run.
        1
    } else if pods::runs_pods(id) {
        WORKLOADS
    } else if order::rank(id) > 7 {
        2
    } else if order::rank(id) == 5 {
        5
    } else {
        4
    }
}

/// Adds the deletions, after `gate`.
pub(super) fn takedown(
    graph: &mut Graph,
    delete: &[(ObjectId, &Live)],
    own_kinds: &BTreeSet<(String, String)>,
    gate: BTreeSet<Draft>,
) -> Gone {
    let gate = graph.joined(gate);
    let stages: Vec<u8> = delete.iter().map(|(id, _)| stage(id, own_kinds)).collect();
    let mut order: Vec<usize> = (0..delete.len()).collect();
    order.sort_by_key(|at| (stages[*at], std::cmp::Reverse(order::rank(&delete[*at].0))));
    // In the order of the stages, so that what an object comes after is there.
    let mut turns = Turns::default();
    let mut steps = vec![(0, 0); delete.len()];
    for at in order {
        let (id, live) = &delete[at];
        // What runs no Pods has nobody to wait for: that the garbage collector reports back takes seconds for hundreds.
        let runs = pods::runs_pods(id) && !pods::is_idle(id, &live.body);
        let waits = runs || definitions::is_definition(id) || has_finalizers(live);
        let deletion = if runs { Deletion::Foreground } else { Deletion::Background };
        let act = Act::Delete { id: id.clone(), version: live.version.clone(), deletion };
        let after = gate.iter().copied().chain(turns.before(graph, stages[at]));
        let begin = graph.add(act, Expect::Uid(live.uid.clone(), None), after);
        let end = if waits {
            let act = Act::AwaitGone { id: id.clone(), version: live.version.clone(), uid: Some(live.uid.clone()) };
            graph.add(act, Expect::Nothing, [begin])
        } else {
            begin
        };
        turns.gone.entry(stages[at]).or_default().insert(end);
        steps[at] = (begin, end);
    }
    let placed: Vec<Placed<'_>> = delete.iter().map(|(id, live)| (id, &live.body)).collect();
    // Groups, what all Pods of a namespace or account wait for, come after them by their stage.
    for (at, waits) in order::waits_among(&placed).into_iter().enumerate().take(delete.len()) {
        for to in waits.into_keys().filter(|to| *to < delete.len() && stages[at] <= stages[*to]) {
            graph.edge(steps[to].0, steps[at].1);
        }
    }
    Gone {
        workloads: turns.gone.get(&WORKLOADS).cloned().unwrap_or_default(),
        all: steps.into_iter().map(|(_, end)| end).collect(),
    }
}

/// What is gone after each stage, as far as it is planned; each is asked for when it is complete.
#[derive(Default)]
struct Turns {
    gone: BTreeMap<u8, BTreeSet<Draft>>,
    before: BTreeMap<u8, BTreeSet<Draft>>,
}

impl Turns {
    /// What a stage comes after. Stage by stage, but for 2 and 5: what only names a workload, or is only named, needs no
    /// turn of its own.
    fn before(&mut self, graph: &mut Graph, stage: u8) -> Vec<Draft> {
        let earlier = match stage {
            0 => &[][..],
            1 | 2 | 5 => &[0],
            WORKLOADS => &[0, 1],
            _ => &[0, WORKLOADS],
        };
        let mut after = Vec::new();
        for earlier in earlier {
            let Self { gone, before } = self;
            let gone =
                before.entry(*earlier).or_insert_with(|| graph.joined(gone.get(earlier).cloned().unwrap_or_default()));
            after.extend(gone.iter());
        }
        after
    }
}

/// Whether somebody has to agree before the object is really gone.
fn has_finalizers(live: &Live) -> bool {
    !live.body.list_at(&["metadata", "finalizers"]).is_empty()
}
