//! Deletions in their order: what steps into requests first, custom resources before those that look after them,
//! what runs Pods, then what the Pods used; what names another object before that object.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Draft, Graph};
use super::{Act, Deletion, Expect, Live, definitions, order, pods};
use crate::object::{Object, ObjectId};

/// The steps after which things are gone.
#[derive(Default)]
pub(super) struct Gone {
    /// After these nothing runs any more.
    pub(super) workloads: BTreeSet<Draft>,
    /// After these all is gone.
    pub(super) all: BTreeSet<Draft>,
}

/// When an object goes; smaller goes first. What Pods use goes after all of them, as they may reach it in ways that
/// nobody can see; what is used by its name alone, ConfigMaps and Secrets (5), goes after those that name it.
fn stage(id: &ObjectId, own_kinds: &BTreeSet<(String, String)>) -> u8 {
    if order::intercepts(id) {
        0
    } else if own_kinds.contains(&(id.group.clone(), id.kind.clone())) || definitions::is_definition(id) {
        // All objects of a kind go with its definition: what looks after them must still run.
        1
    } else if pods::runs_pods(id) {
        3
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
    gate: &BTreeSet<Draft>,
) -> Gone {
    let mut order: Vec<usize> = (0..delete.len()).collect();
    order.sort_by_key(|at| (stage(&delete[*at].0, own_kinds), std::cmp::Reverse(order::rank(&delete[*at].0))));
    let mut begin: BTreeMap<usize, Draft> = BTreeMap::new();
    let mut end: BTreeMap<usize, Draft> = BTreeMap::new();
    for at in &order {
        let (id, live) = &delete[*at];
        let waits = pods::runs_pods(id) || definitions::is_definition(id) || has_finalizers(live);
        let deletion = if pods::runs_pods(id) { Deletion::Foreground } else { Deletion::Background };
        let act = Act::Delete { id: id.clone(), version: live.version.clone(), deletion };
        let step = graph.add(act, Expect::Uid(live.uid.clone(), None), gate.iter().copied());
        begin.insert(*at, step);
        let gone = if waits {
            let act = Act::AwaitGone { id: id.clone(), version: live.version.clone(), uid: Some(live.uid.clone()) };
            graph.add(act, Expect::Nothing, [step])
        } else {
            step
        };
        end.insert(*at, gone);
    }
    let stages: Vec<u8> = delete.iter().map(|(id, _)| stage(id, own_kinds)).collect();
    // Stage by stage, but for 2 and 5: what only names a workload, or is only named, needs no turn of its own.
    for at in &order {
        for before in [0, 1, 3].into_iter().filter(|before| *before < stages[*at]) {
            if (before == 3 && stages[*at] == 4) || stages[*at] == 3 || before == 0 {
                let earlier = order.iter().filter(|other| stages[**other] == before);
                graph.edges(begin[at], earlier.map(|other| end[other]).collect::<Vec<_>>());
            }
        }
    }
    let objects: Vec<Object> = delete.iter().map(|(id, live)| object(id, live)).collect();
    for (at, waits) in order::waits_among(&objects).into_iter().enumerate() {
        for to in waits.into_keys().filter(|to| stages[at] <= stages[*to]) {
            graph.edge(begin[&to], end[&at]);
        }
    }
    let workloads = order.iter().filter(|at| stages[**at] == 3).map(|at| end[at]);
    Gone { workloads: workloads.collect(), all: end.values().copied().collect() }
}

/// Whether somebody has to agree before the object is really gone.
fn has_finalizers(live: &Live) -> bool {
    !live.body.list_at(&["metadata", "finalizers"]).is_empty()
}

fn object(id: &ObjectId, live: &Live) -> Object {
    Object { id: id.clone(), version: live.version.clone(), body: live.body.clone(), secret: BTreeSet::new() }
}
