//! The API server is asked whether it would take what the plan applies. Nothing is changed.
//!
//! Where it can't be asked (a namespace or kind comes with this very plan, a right is missing, a webhook takes no dry
//! runs), the comparison with what lives in the cluster stands, and a note says so.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;

use crate::cluster::{Answer, Cluster};
use crate::diagnostic::Failure;
use crate::object::{Object, ObjectId};
use crate::plan::{Act, Expect, Facts, Plan};

/// What can't be asked about yet: its namespace or its kind comes with this very plan, or what has its name goes first.
#[derive(Clone, Debug, Default)]
pub(super) struct NotYet {
    namespaces: BTreeSet<String>,
    unserved: BTreeSet<(String, String)>,
    replaced: BTreeSet<ObjectId>,
}

impl NotYet {
    pub(super) fn new(plan: &Plan, facts: &Facts) -> Self {
        let wanted = applied(plan).filter_map(|(object, ..)| object.id.namespace.clone());
        Self {
            namespaces: wanted.filter(|namespace| !facts.namespaces.contains(namespace)).collect(),
            unserved: facts.unserved.clone(),
            replaced: plan
                .steps
                .iter()
                .filter(|step| matches!(step.act, Act::Delete { .. }))
                .filter_map(|step| step.act.id())
                .collect(),
        }
    }

    fn reason(&self, object: &Object) -> Option<String> {
        match &object.id.namespace {
            Some(namespace) if self.namespaces.contains(namespace) => {
                Some(format!("namespace `{namespace}` is not there yet"))
            }
            _ if self.unserved.contains(&(object.id.group.clone(), object.id.kind.clone())) => {
                Some(format!("the server does not serve `{}` yet", object.id.kind))
            }
            _ if self.replaced.contains(&object.id) => Some("the one that is there is deleted first".to_owned()),
            _ => None,
        }
    }
}

/// Asks about every object that the plan applies. Returns notes on what was asked and what could not be, and everything
/// that the server would refuse, in the order of the plan.
pub(super) async fn ask(
    cluster: &Cluster,
    plan: &Plan,
    not_yet: &NotYet,
    concurrency: usize,
) -> (Vec<String>, Option<Failure>) {
    let (mut reasons, mut questions) = (BTreeMap::<String, usize>::new(), Vec::new());
    let mut add = |reason: String| *reasons.entry(reason).or_default() += 1;
    for (object, force, expect) in applied(plan) {
        match not_yet.reason(object) {
            Some(reason) => add(reason),
            None => questions.push(cluster.would_apply(object, force, expect)),
        }
    }
    let answers: Vec<_> = stream::iter(questions).buffered(concurrency.max(1)).collect().await;
    let (mut taken, mut refused) = (0, None::<Failure>);
    for answer in answers {
        match answer {
            Ok(Answer::Takes) => taken += 1,
            Ok(Answer::Unasked(reason)) => add(reason),
            Err(failure) => match &mut refused {
                Some(first) => first.diagnostics.extend(failure.diagnostics),
                None => refused = Some(failure),
            },
        }
    }
    let objects = |count: usize| if count == 1 { "1 object".to_owned() } else { format!("{count} objects") };
    let asked = (taken > 0).then(|| {
        let them = if taken == 1 { "it" } else { "them" };
        format!("the API server was asked about {}, and would take {them}", objects(taken))
    });
    let skipped = reasons
        .iter()
        .map(|(reason, count)| format!("the API server could not be asked about {}: {reason}", objects(*count)));
    (asked.into_iter().chain(skipped).collect(), refused)
}

/// What the plan applies. Adopted objects count as forced: their managers lose their fields first.
fn applied(plan: &Plan) -> impl Iterator<Item = (&Object, bool, &Expect)> {
    plan.steps.iter().filter_map(|step| match &step.act {
        Act::Apply { object, force, adopt_from } => Some((object, *force || !adopt_from.is_empty(), &step.expect)),
        _ => None,
    })
}
