//! What the records know of Jobs that ran: one that its time to live took can't be seen any more.

use std::collections::BTreeSet;

use super::{Run, is_job, waits_for_the_end};
use crate::object::{Object, ObjectId};
use crate::plan::scene::Scene;
use crate::plan::{Change, Live};
use crate::release::{Past, Status};

/// The Jobs that ran in the life of a release and are not to run again in it: what a new revision is to know. A release
/// that was taken away, or was about to be, begins anew.
pub fn ran_once(past: &Past) -> BTreeSet<ObjectId> {
    let records = past.records.iter().rev();
    let of_this_life = records.take_while(|it| !matches!(it.status, Status::Uninstalling | Status::Uninstalled));
    of_this_life
        .flat_map(|record| {
            let at_the_end = |id: &ObjectId| record.objects.iter().any(|it| it.id == *id && waits_for_the_end(it));
            record.ran.iter().filter(move |id| !at_the_end(id)).cloned()
        })
        .collect()
}

/// Whether the end of a Job, which is waited for, is to be written down. Where a revision is in force nothing need be
/// that it did not see itself: what it has has run.
pub(in crate::plan) fn remembers(scene: &Scene<'_>, job: &Object, change: Change, live: Option<&Live>) -> bool {
    let news = change != Change::Keep || (live.is_some() && scene.past.deployed().is_none());
    is_job(&job.id) && Run::of(&job.id, &job.body) == Run::Once && news && !ran_once(scene.past).contains(&job.id)
}
