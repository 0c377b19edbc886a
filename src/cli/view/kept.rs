//! What stays: claims, the Secrets that open them, retained objects.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::ObjectView;
use super::table::table;
use crate::plan::{Kept, VolumeFate};

/// Something that stays.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeptView {
    /// Which object.
    object: ObjectView,
    /// Why it stays.
    why: String,
    /// Requested size, of claims.
    size: Option<String>,
    /// Volume, of claims that have one.
    volume: Option<String>,
    /// The command that removes it; null where purging the volumes does.
    remove: Option<String>,
}

/// What becomes of a volume in a purge.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VolumeView {
    /// Its claim, if it still has one.
    claim: Option<String>,
    /// Its name, if it is known.
    volume: Option<String>,
    /// Its size.
    size: Option<String>,
    /// Its storage class.
    class: Option<String>,
    /// Its reclaim policy.
    policy: Option<String>,
    /// What becomes of it, in words.
    fate: String,
}

impl From<&Kept> for KeptView {
    fn from(kept: &Kept) -> Self {
        Self {
            object: ObjectView::from(&kept.id),
            why: kept.why.clone(),
            size: kept.size.clone(),
            volume: kept.volume.clone(),
            remove: kept.remove.clone(),
        }
    }
}

impl From<&VolumeFate> for VolumeView {
    fn from(fate: &VolumeFate) -> Self {
        let VolumeFate { claim, volume, size, class, policy, fate } = fate.clone();
        Self { claim, volume, size, class, policy, fate }
    }
}

/// A table of what stays.
pub(super) fn kept_table(kept: &[KeptView], width: Option<u16>) -> String {
    let rows = kept.iter().map(|kept| {
        vec![format!("  {}", kept.object), or_dash(kept.size.as_ref()), or_dash(kept.volume.as_ref()), kept.why.clone()]
    });
    let mut text = table(&["  OBJECT", "SIZE", "VOLUME", "WHY"], rows.collect(), width);
    for command in kept.iter().filter_map(|kept| kept.remove.as_ref()) {
        let _ = writeln!(text, "  to remove it: {command}");
    }
    text
}

/// A table of volumes and their fates.
pub(in crate::cli) fn volume_table(volumes: &[VolumeView], width: Option<u16>) -> String {
    let rows = volumes.iter().map(|volume| {
        vec![
            format!("  {}", or_dash(volume.claim.as_ref())),
            or_dash(volume.volume.as_ref()),
            or_dash(volume.size.as_ref()),
            or_dash(volume.class.as_ref()),
            or_dash(volume.policy.as_ref()),
            volume.fate.clone(),
        ]
    });
    table(&["  CLAIM", "VOLUME", "SIZE", "CLASS", "POLICY", "FATE"], rows.collect(), width)
}

fn or_dash(text: Option<&String>) -> String {
    text.map_or_else(|| "-".to_owned(), Clone::clone)
}
