//! A namespace that is deleted takes everything in it along, and goes when all of that is gone.

use super::{News, edit, is_going, keys};
use crate::sandbox::json;
use crate::sandbox::state::{Key, State, kinds};
use crate::sandbox::write::{Dependents, mark_deleted};

pub(super) fn run(state: &mut State, _news: &News) {
    for key in keys(state, &kinds::NAMESPACE) {
        if !state.get(&key).is_some_and(|namespace| is_going(namespace)) {
            continue;
        }
        let content = |state: &State| -> Vec<Key> {
            let inside = state.everything().filter(|(_, at, _)| at.namespace == key.at.name);
            inside.map(|(kind, at, _)| Key { kind: kind.clone(), at: at.clone() }).collect()
        };
        for object in content(state) {
            if state.get(&object).is_some_and(|object| !is_going(object)) {
                mark_deleted(state, &object, Dependents::Background);
            }
        }
        if content(state).is_empty() {
            edit(state, &key, |namespace| json::set(namespace, &["spec", "finalizers"], serde_json::json!([])));
        }
    }
}
