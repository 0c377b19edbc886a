//! What a purge has to be allowed, asked before anything is done: one that stops half-way helps nobody.

use std::collections::BTreeSet;

use crate::cluster::{Cluster, Right};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::ObjectId;
use crate::plan::{Act, Plan};

/// Asks whether the user may destroy what the plan destroys. `what` can't be done otherwise, and `instead` can.
///
/// # Errors
/// Which rights are missing; nothing was changed.
pub(super) async fn check(cluster: &Cluster, what: &str, instead: Option<String>, plan: &Plan) -> Result<(), Failure> {
    let lacking = cluster.lacking(&needed(plan)).await?;
    if lacking.is_empty() {
        return Ok(());
    }
    let message = format!("{what}: rights are missing; nothing was changed");
    let diagnostic = lacking.iter().fold(Diagnostic::error(message), |diagnostic, right| {
        let place = match &right.namespace {
            Some(namespace) => format!("in namespace `{namespace}`"),
            None => "in the whole cluster".to_owned(),
        };
        diagnostic.note(format!("`{}` on `{}` {place}", right.verb, right.resource))
    });
    let diagnostic = diagnostic.hint("ask the administrator of the cluster for them");
    Err(Failure::failed(match instead {
        Some(instead) => diagnostic.hint(instead),
        None => diagnostic,
    }))
}

/// The rights that the steps on claims and volumes need, and on the Secrets that go after them.
fn needed(plan: &Plan) -> Vec<Right> {
    let mut rights = BTreeSet::new();
    for step in &plan.steps {
        match &step.act {
            Act::SetReclaim { volume, .. } | Act::Reserve { volume, .. } => {
                rights.extend(right("patch", &ObjectId::volume(volume)));
            }
            Act::Delete { id, .. } => rights.extend(right("delete", id)),
            Act::AwaitGone { id, .. } => {
                rights.extend(["list", "watch"].into_iter().filter_map(|verb| right(verb, id)));
            }
            _ => {}
        }
    }
    rights.into_iter().collect()
}

/// None for kinds of which a lack is told by the server, with nothing lost.
fn right(verb: &'static str, id: &ObjectId) -> Option<Right> {
    let resource = match (id.group.as_str(), id.kind.as_str()) {
        ("", "PersistentVolume") => "persistentvolumes",
        ("", "PersistentVolumeClaim") => "persistentvolumeclaims",
        ("", "Secret") => "secrets",
        _ => return None,
    };
    Some(Right { verb, group: String::new(), resource: resource.into(), namespace: id.namespace.clone() })
}
