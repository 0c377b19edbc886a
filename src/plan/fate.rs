//! What becomes of each volume in a purge, told before it happens.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::Scene;
use super::{Claim, Known, Phase, Reclaim, Refusal, Volume, VolumeFate};
use crate::diagnostic::Diagnostic;
use crate::release::{Entry, Ledger};

/// How a volume is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// Its policy says Delete: its provisioner erases it when its claim is gone.
    Erase,
    /// Its policy says Retain, and a provisioner made it: the policy is changed first.
    SwitchAndErase,
    /// Nobody provisioned it: its object goes, its data stays where it is.
    DeleteObject,
    /// Kubernetes scrubs it and offers it again.
    Leave,
}

/// A volume that goes.
pub(super) struct Doomed<'a> {
    pub(super) name: &'a str,
    pub(super) volume: &'a Volume,
    /// Uid of its claim.
    pub(super) claim_uid: Option<&'a str>,
    pub(super) means: Means,
}

/// What becomes of the volumes.
#[derive(Default)]
pub(super) struct Fates<'a> {
    pub(super) volumes: Vec<Doomed<'a>>,
    pub(super) report: Vec<VolumeFate>,
    pub(super) notes: Vec<String>,
}

/// Decides about the volumes of some claims and about those of earlier claims that the ledger proves.
pub(super) fn decide<'a>(scene: &Scene<'a>, claims: &[(&'a str, &'a str, &'a Claim)]) -> Fates<'a> {
    let mut fates = Fates::default();
    match &scene.facts.volumes {
        Known::Yes(volumes) => {
            of_claims(volumes, claims, &mut fates);
            of_earlier_claims(scene, volumes, claims, &mut fates);
        }
        Known::No(why) => {
            let entries = scene.past.ledger.iter().flat_map(|ledger| &ledger.entries);
            unknown(claims, entries.filter_map(|entry| entry.volume.clone()), why, &mut fates);
        }
    }
    fates
}

/// Decides about the volumes of some claims.
pub(super) fn of_claims<'a>(
    volumes: &'a BTreeMap<String, Volume>,
    claims: &[(&'a str, &'a str, &'a Claim)],
    fates: &mut Fates<'a>,
) {
    for (_, name, claim) in claims {
        let found = claim.volume.as_ref().and_then(|volume| volumes.get_key_value(volume));
        match found {
            Some((volume_name, volume)) if belongs(volume, claim) => {
                doom(volume_name, volume, Some(name), Some(&claim.uid), fates);
            }
            Some((volume_name, _)) => fates
                .notes
                .push(format!("volume `{volume_name}` is named by claim `{name}` but bound to another: left alone")),
            None => fates.report.push(VolumeFate {
                claim: Some((*name).to_owned()),
                volume: claim.volume.clone(),
                size: claim.size.clone(),
                class: claim.class.clone(),
                policy: None,
                fate: match &claim.volume {
                    None => "it was never bound: there is no volume".into(),
                    Some(_) => "its volume is gone already".into(),
                },
            }),
        }
    }
}

/// Decides about the volumes of claims that are gone: those that the ledger proves to be the release's go too.
fn of_earlier_claims<'a>(
    scene: &Scene<'a>,
    volumes: &'a BTreeMap<String, Volume>,
    claims: &[(&'a str, &'a str, &'a Claim)],
    fates: &mut Fates<'a>,
) {
    let current: BTreeSet<&str> = claims.iter().map(|(_, _, claim)| claim.uid.as_str()).collect();
    let proven: BTreeSet<&str> =
        scene.past.ledger.iter().flat_map(|ledger| &ledger.entries).map(|entry| entry.uid.as_str()).collect();
    let mut names: BTreeSet<(&str, &str)> = claims.iter().map(|(namespace, name, _)| (*namespace, *name)).collect();
    if let Some(ledger) = &scene.past.ledger {
        names.extend(ledger.entries.iter().map(|entry| (ledger.namespace_of(entry), entry.claim.as_str())));
    }
    let named: BTreeSet<&str> = claims.iter().filter_map(|(_, _, claim)| claim.volume.as_deref()).collect();
    let existing: BTreeSet<&str> = scene.facts.claims.values().map(|claim| claim.uid.as_str()).collect();
    for (volume_name, volume) in volumes {
        let Some((namespace, name, uid)) = &volume.claim else { continue };
        match uid.as_deref() {
            Some(uid) if current.contains(uid) || existing.contains(uid) => {}
            // Its phase may still be the old one: that its claim is gone counts.
            Some(uid) if proven.contains(uid) => doom(volume_name, volume, None, Some(uid), fates),
            None if !named.contains(volume_name.as_str()) && is_reserved(scene, volume_name, namespace) => {
                doom_reserved(volume_name, volume, None, fates);
            }
            _ if !is_orphan(volume) => {}
            _ if names.contains(&(namespace.as_str(), name.as_str())) => {
                fates.notes.push(format!(
                    "volume `{volume_name}` was of a claim `{name}` that the ledger does not know: left alone; to destroy \
                     it: `kchart volumes purge pv/{volume_name} -n {namespace}`"
                ));
            }
            _ => {}
        }
    }
}

/// Whether an adoption that was cut off has taken the uid of its claim away, and made no new claim yet.
fn is_reserved(scene: &Scene<'_>, volume: &str, namespace: &str) -> bool {
    let is_it = |ledger: &Ledger, entry: &Entry| {
        entry.volume.as_deref() == Some(volume) && ledger.namespace_of(entry) == namespace
    };
    scene.past.ledger.iter().any(|ledger| ledger.entries.iter().any(|entry| is_it(ledger, entry)))
}

/// Refuses to erase volumes whose data lie where those of another volume lie that stays.
pub(super) fn shared(volumes: &BTreeMap<String, Volume>, fates: &Fates<'_>) -> Vec<Refusal> {
    let erased = fates.volumes.iter().filter(|it| matches!(it.means, Means::Erase | Means::SwitchAndErase));
    let goes = |name: &str| fates.volumes.iter().any(|doomed| doomed.name == name);
    let refusal = |doomed: &Doomed<'_>| {
        let location = &doomed.volume.location;
        // A word alone is the kind of a source whose place is not read.
        let mut others = volumes.iter().filter(|(_, it)| it.location == *location && location.contains(' '));
        let (other, _) = others.find(|(other, _)| !goes(other))?;
        let told = format!("volume `{}` is shared: the data of volume `{other}` lie at the same place", doomed.name);
        Some(Refusal::refused(Diagnostic::error(told).note(format!("{location}: to erase one would erase the other"))))
    };
    erased.filter_map(refusal).collect()
}

/// Whether a volume is bound to this very claim. One that is pre-bound by name alone is.
pub(super) fn belongs(volume: &Volume, claim: &Claim) -> bool {
    volume.claim.as_ref().is_some_and(|(_, _, uid)| uid.as_ref().is_none_or(|uid| *uid == claim.uid))
}

/// Its claim is gone, it is not.
fn is_orphan(volume: &Volume) -> bool {
    matches!(volume.phase, Phase::Released | Phase::Failed)
}

/// A volume that is kept for a claim to come. No provisioner erases one that is free.
pub(super) fn doom_reserved<'a>(name: &'a str, volume: &'a Volume, claim_uid: Option<&'a str>, fates: &mut Fates<'a>) {
    doom(name, volume, None, claim_uid, fates);
    if let (Some(doomed), Some(told)) = (fates.volumes.last_mut(), fates.report.last_mut()) {
        doomed.means = Means::DeleteObject;
        told.fate = format!("it is free: the object goes, the data stays at {}", volume.location);
    }
}

/// A volume that goes, and how.
pub(super) fn doom<'a>(
    name: &'a str,
    volume: &'a Volume,
    claim: Option<&str>,
    claim_uid: Option<&'a str>,
    fates: &mut Fates<'a>,
) {
    let provisioner = volume.provisioner.as_deref();
    // A purge that was cut off has switched it: this one restores it, too, if it stops while the claim is there.
    let reclaim = claim.and(volume.reclaim_before).unwrap_or(volume.reclaim);
    let (means, policy, fate) = match (reclaim, provisioner) {
        (Reclaim::Delete, Some(provisioner)) => {
            (Means::Erase, "Delete", format!("erased by its provisioner {provisioner}"))
        }
        (Reclaim::Delete, None) => (Means::Erase, "Delete", "erased by Kubernetes".to_owned()),
        (Reclaim::Retain, Some(provisioner)) => (
            Means::SwitchAndErase,
            "Retain",
            format!("switched to Delete, then erased by its provisioner {provisioner}"),
        ),
        (Reclaim::Retain, None) => (
            Means::DeleteObject,
            "Retain",
            format!("nobody provisioned it: the object goes, the data stays at {}", volume.location),
        ),
        (Reclaim::Recycle, _) => (Means::Leave, "Recycle", "scrubbed by Kubernetes and offered again".to_owned()),
    };
    fates.report.push(VolumeFate {
        claim: claim.map(str::to_owned),
        volume: Some(name.to_owned()),
        size: volume.capacity.clone(),
        class: volume.class.clone(),
        policy: Some(policy.to_owned()),
        fate,
    });
    fates.volumes.push(Doomed { name, volume, claim_uid, means });
}

/// Volumes may not be read: what can be said without them, and for whom to ask.
pub(super) fn unknown(
    claims: &[(&str, &str, &Claim)],
    earlier: impl IntoIterator<Item = String>,
    why: &str,
    fates: &mut Fates<'_>,
) {
    let mut names: BTreeSet<String> = earlier.into_iter().collect();
    for (_, name, claim) in claims {
        names.extend(claim.volume.clone());
        fates.report.push(VolumeFate {
            claim: Some((*name).to_owned()),
            volume: claim.volume.clone(),
            size: claim.size.clone(),
            class: claim.class.clone(),
            policy: None,
            fate: "could not be read".into(),
        });
    }
    if claims.is_empty() && names.is_empty() {
        return;
    }
    let names: Vec<String> = names.into_iter().collect();
    let command =
        if names.is_empty() { "kubectl get pv".to_owned() } else { format!("kubectl get pv {}", names.join(" ")) };
    fates.notes.push(format!(
        "PersistentVolumes may not be read ({why}): the claims go, but whether their data is erased can't be told; \
         somebody with that right can see: `{command}`"
    ));
}
