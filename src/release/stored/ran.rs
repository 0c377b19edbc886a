//! Which Jobs ran to their end, beside a record: a key each in its first Secret, so that several can be written at once.
//! Older records have none.

use std::collections::{BTreeMap, BTreeSet};

use crate::object::ObjectId;

const PREFIX: &str = "ran.";

/// The key that says that a Job ran; what it holds means nothing.
pub fn ran_key(job: &ObjectId) -> String {
    // No namespace has a dot in its name.
    format!("{PREFIX}{}.{}", job.namespace.as_deref().unwrap_or_default(), job.name)
}

/// The keys for all these Jobs.
pub(super) fn encode(jobs: &BTreeSet<ObjectId>) -> impl Iterator<Item = (String, Vec<u8>)> {
    jobs.iter().map(|job| (ran_key(job), Vec::new()))
}

/// The Jobs that the keys of a Secret name.
pub(super) fn decode(data: &BTreeMap<String, Vec<u8>>) -> BTreeSet<ObjectId> {
    let named = data.keys().filter_map(|key| key.strip_prefix(PREFIX)?.split_once('.'));
    named.map(|(namespace, name)| ObjectId::namespaced("batch", "Job", namespace, name)).collect()
}
