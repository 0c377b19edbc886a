//! Live objects read into facts, through the types of k8s-openapi. What can't be read is left out: an object that
//! does not look like its kind (an aggregated API of another maker) is nobody's claim.

mod claim;
mod class;
mod live;
mod pod;
mod volume;

pub(crate) use claim::claim;
pub(crate) use class::class;
pub(crate) use live::live;
pub(crate) use pod::{mounter, mounts};
pub(crate) use volume::{reclaim, volume};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

/// `Kind/name`.
fn owner(reference: &OwnerReference) -> String {
    format!("{}/{}", reference.kind, reference.name)
}
