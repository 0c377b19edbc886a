//! The controllers. After every write they run in turn until none of them changes anything: no clock, no queue, so
//! the same requests always lead to the same state.

mod accounts;
mod autoscaler;
mod budget;
mod claims;
mod daemon_set;
mod definitions;
mod deployment;
mod events;
mod garbage;
mod job;
mod namespaces;
mod news;
mod owned;
mod pod;
mod quota;
mod replica_set;
mod service;
mod stateful_set;
mod volumes;

#[cfg(test)]
pub(super) use volumes::location;

use serde_json::Value;

use super::json;
use super::state::{Key, Kind, State, kinds};
use super::write::is_finished;
use news::News;

/// Far more rounds than any chain of owners needs; two controllers that undo each other must not hang a request.
const ROUNDS: usize = 200;

/// What a controller looks at. When nothing of it changed, its last result still stands.
enum Sees {
    Everything,
    Kinds(&'static [Kind]),
}

/// One controller's turn. It looks at what the news are about, not at all objects.
type Turn = fn(&mut State, &News);

/// The controllers in the order of their turns.
const CONTROLLERS: &[(Turn, Sees)] = &[
    (definitions::run, Sees::Everything),
    (namespaces::run, Sees::Everything),
    (accounts::run, Sees::Kinds(&[kinds::NAMESPACE, kinds::SERVICE_ACCOUNT, kinds::CONFIG_MAP])),
    (autoscaler::run, Sees::Kinds(&[kinds::AUTOSCALER, kinds::DEPLOYMENT, kinds::STATEFUL_SET, kinds::REPLICA_SET])),
    (deployment::run, Sees::Kinds(&[kinds::DEPLOYMENT, kinds::REPLICA_SET])),
    (replica_set::run, Sees::Kinds(&[kinds::REPLICA_SET, kinds::POD, kinds::SERVICE_ACCOUNT, kinds::QUOTA])),
    (
        stateful_set::run,
        Sees::Kinds(&[
            kinds::STATEFUL_SET,
            kinds::SERVICE_ACCOUNT,
            kinds::POD,
            kinds::CLAIM,
            kinds::REVISION,
            kinds::QUOTA,
        ]),
    ),
    (daemon_set::run, Sees::Kinds(&[kinds::DAEMON_SET, kinds::POD, kinds::SERVICE_ACCOUNT, kinds::QUOTA])),
    (job::run, Sees::Kinds(&[kinds::JOB, kinds::POD, kinds::SERVICE_ACCOUNT, kinds::QUOTA])),
    (claims::run, Sees::Kinds(&[kinds::CLAIM, kinds::VOLUME, kinds::STORAGE_CLASS, kinds::POD])),
    (
        pod::run,
        Sees::Kinds(&[
            kinds::POD,
            kinds::SECRET,
            kinds::CONFIG_MAP,
            kinds::CLAIM,
            kinds::VOLUME,
            kinds::SERVICE,
            kinds::NODE,
        ]),
    ),
    (service::run, Sees::Kinds(&[kinds::SERVICE, kinds::POD, kinds::SLICE])),
    (volumes::run, Sees::Kinds(&[kinds::VOLUME, kinds::CLAIM, kinds::POD])),
    (budget::run, Sees::Kinds(&[kinds::BUDGET, kinds::POD])),
    (quota::run, Sees::Everything),
    (garbage::run, Sees::Everything),
];

/// Lets everything happen that follows from the last write.
pub(super) fn settle(state: &mut State) {
    // How many of the changes each controller has seen.
    let mut seen = vec![0; CONTROLLERS.len()];
    for _ in 0..ROUNDS {
        let mut at_rest = true;
        for ((run, sees), seen) in CONTROLLERS.iter().zip(&mut seen) {
            let concerns = |kind: &Kind| match sees {
                Sees::Everything => true,
                Sees::Kinds(kinds) => kinds.contains(kind),
            };
            let new = state.changes().get(*seen..).unwrap_or_default().iter();
            let news = News::of(new.filter(|change| concerns(&change.key.kind)));
            *seen = state.changes().len();
            if !news.is_empty() {
                at_rest = false;
                run(state, &news);
            }
        }
        if at_rest {
            return;
        }
    }
    tracing::warn!("the sandbox's controllers did not come to rest");
}

/// The keys of all objects of a kind, so that they can be changed one after the other.
fn keys(state: &State, kind: &Kind) -> Vec<Key> {
    state.of(kind).map(|(at, _)| Key { kind: kind.clone(), at: at.clone() }).collect()
}

/// Changes an object. A change of its spec is a new generation; an object that only waited for this goes.
fn edit(state: &mut State, key: &Key, change: impl FnOnce(&mut Value)) {
    let Some(before) = state.get(key).cloned() else { return };
    let mut object = (*before).clone();
    change(&mut object);
    if spec(&before) != spec(&object)
        && let Some(generation) = json::number(&object, &["metadata", "generation"])
    {
        json::set(&mut object, &["metadata", "generation"], generation + 1);
    }
    if is_finished(&object) {
        state.remove(key);
    } else {
        state.put(key, object);
    }
}

/// What is counted as generations: where a Pod is placed is no wish of anybody.
fn spec(object: &Value) -> Option<Vec<(&String, &Value)>> {
    let is_pod = object.get("kind").and_then(Value::as_str) == Some("Pod");
    let fields = object.get("spec").and_then(Value::as_object)?.iter();
    Some(fields.filter(|(field, _)| !is_pod || *field != "nodeName").collect())
}

/// Makes an object as a controller does: complete, with a uid and a time, unless there is one of its name.
fn make(state: &mut State, mut object: Value) -> Option<Key> {
    let key = Key::of(&object)?;
    if state.get(&key).is_some() {
        return None;
    }
    let (uid, now) = (state.clock.uid(), state.clock.now());
    json::set(&mut object, &["metadata", "uid"], uid);
    json::set(&mut object, &["metadata", "creationTimestamp"], now);
    let served = super::served::by_kind(state, &key.kind)?;
    super::write::complete_by_controller(state, &served, &mut object);
    state.put(&key, object);
    Some(key)
}

/// Whether an object is on its way out.
fn is_going(object: &Value) -> bool {
    json::get(object, &["metadata", "deletionTimestamp"]).is_some()
}

/// The uid of an object.
fn uid(object: &Value) -> &str {
    json::text(object, &["metadata", "uid"]).unwrap_or_default()
}

/// Takes a finalizer off an object.
fn release(state: &mut State, key: &Key, finalizer: &str) {
    edit(state, key, |object| {
        let finalizers = json::list_at(object, &["metadata", "finalizers"]);
        finalizers.retain(|known| known.as_str() != Some(finalizer));
        if finalizers.is_empty() {
            json::remove(object, &["metadata", "finalizers"]);
        }
    });
}

/// Whether an object has a finalizer.
fn holds(object: &Value, finalizer: &str) -> bool {
    json::list(object, &["metadata", "finalizers"]).iter().any(|known| known.as_str() == Some(finalizer))
}
