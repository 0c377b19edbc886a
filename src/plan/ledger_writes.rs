//! The writes of the ledger before anything uses the claims: one for all claims that can be had at the same time, so that
//! most plans have a single one.
//!
//! A claim that waits for a workload which mounts another claim can't be had before that one is in use, and so is written
//! down later. The ledger knows each claim, and what opens it, before anything writes to it (DESIGN law 4).

use std::collections::{BTreeMap, BTreeSet};

use super::edges::Waits;
use super::graph::{Draft, Graph};
use super::{Act, Expect, LedgerDraft, order, pods};
use crate::object::{Object, ObjectId};
use crate::release::LedgerKey;

/// What becomes of the wanted objects, by position.
pub(super) struct Around<'a> {
    pub(super) objects: &'a [&'a Object],
    pub(super) waits: &'a Waits,
    /// After these each is as it is wanted.
    pub(super) applied: &'a [BTreeSet<Draft>],
}

/// The writes, by the claims (their position) that are in them.
#[derive(Default)]
pub(super) struct LedgerWrites {
    all: Vec<Draft>,
    of_claim: BTreeMap<usize, Draft>,
    /// The claims that each workload mounts, by position.
    mounts: BTreeMap<usize, Vec<usize>>,
}

impl LedgerWrites {
    /// Adds a write for each group of claims, those that are not wanted in the first one; `opens` says after which steps a
    /// claim is opened by what its draft says.
    pub(super) fn add(
        graph: &mut Graph,
        around: &Around<'_>,
        drafts: Vec<LedgerDraft>,
        key: &LedgerKey,
        opens: impl Fn(&LedgerDraft) -> BTreeSet<Draft>,
    ) -> Self {
        let positions: BTreeMap<&ObjectId, usize> =
            around.objects.iter().enumerate().map(|(at, object)| (&object.id, at)).collect();
        let mounts = mounts(around.objects, &positions);
        let turns = turns(around, &mounts);
        let mut groups: BTreeMap<usize, Vec<(usize, LedgerDraft)>> = BTreeMap::new();
        let mut unwanted = Vec::new();
        for draft in drafts {
            match positions.get(&draft.claim) {
                Some(at) => groups.entry(turns[*at]).or_default().push((*at, draft)),
                None => unwanted.push(draft),
            }
        }
        if groups.is_empty() && !unwanted.is_empty() {
            groups.insert(0, Vec::new());
        }
        let (mut all, mut of_claim) = (Vec::new(), BTreeMap::new());
        for group in groups.into_values() {
            let after: BTreeSet<Draft> =
                group.iter().flat_map(|(at, draft)| around.applied[*at].iter().copied().chain(opens(draft))).collect();
            let (positions, mut claims): (Vec<usize>, Vec<LedgerDraft>) = group.into_iter().unzip();
            claims.append(&mut unwanted);
            let step = graph.add(Act::Remember { claims, key: key.clone() }, Expect::Nothing, after);
            all.push(step);
            of_claim.extend(positions.into_iter().map(|at| (at, step)));
        }
        Self { all, of_claim, mounts }
    }

    /// The writes that a workload waits for: those of its claims.
    pub(super) fn before(&self, at: usize) -> impl Iterator<Item = Draft> {
        self.mounts.get(&at).into_iter().flatten().filter_map(|claim| self.of_claim.get(claim)).copied()
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Draft> {
        self.all.iter().copied()
    }
}

fn mounts(objects: &[&Object], positions: &BTreeMap<&ObjectId, usize>) -> BTreeMap<usize, Vec<usize>> {
    let workloads = objects.iter().enumerate().filter(|(_, object)| pods::runs_pods(&object.id));
    let of_one = |(at, object): (usize, &&Object)| {
        let namespace = object.id.namespace.as_deref().unwrap_or_default();
        let claims = pods::claims(&object.id, &object.body).into_iter();
        let claims = claims.filter_map(|claim| positions.get(&ObjectId::claim(namespace, &claim)).copied());
        (at, claims.collect::<Vec<usize>>())
    };
    workloads.map(of_one).filter(|(_, claims)| !claims.is_empty()).collect()
}

/// After how many writes of the ledger each object can be had: a workload that mounts a claim comes one write after it.
fn turns(around: &Around<'_>, mounts: &BTreeMap<usize, Vec<usize>>) -> Vec<usize> {
    let mut turns = vec![0; around.waits.len()];
    for at in order::sorted(around.waits) {
        let others = around.waits[at].keys().map(|to| turns[*to]);
        let claims = mounts.get(&at).into_iter().flatten().map(|claim| turns[*claim] + 1);
        turns[at] = others.chain(claims).max().unwrap_or_default();
    }
    turns
}
