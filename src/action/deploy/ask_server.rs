//! `--dry-run=server`: the API server is asked whether it would take what the plan applies. Nothing is changed.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;

use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::object::Object;
use crate::plan::{Act, Expect, Facts, Plan};

/// What can't be asked about yet: its namespace or its kind comes with this very plan.
#[derive(Clone, Debug, Default)]
pub(super) struct NotYet {
    namespaces: BTreeSet<String>,
    unserved: BTreeSet<(String, String)>,
}

impl NotYet {
    pub(super) fn new(plan: &Plan, facts: &Facts) -> Self {
        let wanted = applied(plan).filter_map(|(object, ..)| object.id.namespace.clone());
        Self {
            namespaces: wanted.filter(|namespace| !facts.namespaces.contains(namespace)).collect(),
            unserved: facts.unserved.clone(),
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
            _ => None,
        }
    }
}

/// Asks about every object that the plan applies. Returns what was not asked about, and why.
///
/// # Errors
/// Everything that the server would refuse, in the order of the plan.
pub(super) async fn ask(
    cluster: &Cluster,
    plan: &Plan,
    not_yet: &NotYet,
    concurrency: usize,
) -> Result<Vec<String>, Failure> {
    let (mut reasons, mut questions) = (BTreeMap::<String, usize>::new(), Vec::new());
    for (object, force, expect) in applied(plan) {
        match not_yet.reason(object) {
            Some(reason) => *reasons.entry(reason).or_default() += 1,
            None => questions.push(cluster.would_apply(object, force, expect)),
        }
    }
    let asked = questions.len();
    let answers: Vec<_> = stream::iter(questions).buffered(concurrency.max(1)).collect().await;
    let mut refused: Option<Failure> = None;
    for failure in answers.into_iter().filter_map(Result::err) {
        match &mut refused {
            Some(first) => first.diagnostics.extend(failure.diagnostics),
            None => refused = Some(failure),
        }
    }
    if let Some(failure) = refused {
        return Err(failure);
    }
    let asked = format!("the API server was asked about {asked} objects, and would take them");
    let skipped = reasons.into_iter().map(|(reason, count)| format!("{count} could not be asked about: {reason}"));
    Ok(std::iter::once(asked).chain(skipped).collect())
}

/// What the plan applies. Adopted objects count as forced: their managers lose their fields first.
fn applied(plan: &Plan) -> impl Iterator<Item = (&Object, bool, &Expect)> {
    plan.steps.iter().filter_map(|step| match &step.act {
        Act::Apply { object, force, adopt_from } => Some((object, *force || !adopt_from.is_empty(), &step.expect)),
        _ => None,
    })
}
