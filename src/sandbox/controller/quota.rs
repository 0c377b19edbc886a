//! `ResourceQuota`s tell what they limit and how much of it is used.

use serde_json::{Map, Value};

use super::{News, edit, keys};
use crate::sandbox::json;
use crate::sandbox::quota;
use crate::sandbox::state::{State, kinds};

pub(super) fn run(state: &mut State, _news: &News) {
    for key in keys(state, &kinds::QUOTA) {
        let Some(quota) = state.get(&key).cloned() else { continue };
        let used: Map<String, Value> = quota::used(state, &key.at.namespace, &quota::hard(&quota))
            .into_iter()
            .map(|(resource, amount)| (resource, amount.spell().into()))
            .collect();
        let hard = json::get(&quota, &["spec", "hard"]).cloned().unwrap_or_default();
        edit(state, &key, |quota| {
            json::set(quota, &["status", "hard"], hard);
            json::set(quota, &["status", "used"], used);
        });
    }
}
