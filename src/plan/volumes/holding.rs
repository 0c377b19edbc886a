//! A claim with its volume, either of which may be gone: whose it is, and how it stands.

use jiff::Timestamp;

use super::wanters::Wanters;
use super::{Opener, Tenant};
use crate::plan::{Claim, Mounter, Phase, Reclaim, Volume};
use crate::release::{Entry, Release, Status};

/// A claim and its volume.
#[derive(Clone, Debug)]
pub struct Holding<'a> {
    /// Namespace of the claim.
    pub namespace: &'a str,
    /// Name of the claim, be it gone.
    pub name: &'a str,
    /// Uid of the claim, be it gone; none of a volume that is reserved for a name.
    pub uid: Option<&'a str>,
    /// The claim, if it is there.
    pub claim: Option<&'a Claim>,
    /// Name of the volume, if there is or was one.
    pub volume_name: Option<&'a str>,
    /// The volume, if it is there and could be read.
    pub volume: Option<&'a Volume>,
    /// The release it belongs to; of an unproven one, the release whose claim has its name.
    pub release: Option<Release>,
    /// The release of Helm that made the claim, if one did.
    pub helm: Option<String>,
    /// What is stored of its release.
    pub tenant: Option<&'a Tenant>,
    /// What the ledger knows of the claim, by uid.
    pub entry: Option<&'a Entry>,
    /// Pods that mount it now.
    pub mounted_by: &'a [Mounter],
    /// Workloads that would mount it when they run.
    pub wanted_by: Wanters,
    /// What opens it.
    pub opened_by: Vec<Opener>,
    /// How it stands.
    pub state: State,
}

/// How a claim with its volume stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A Pod mounts it.
    InUse,
    /// Nobody mounts it now, but something wants it.
    Wanted,
    /// It is of a release that does not want it now.
    Kept,
    /// It is nobody's, and nobody mounts or wants it.
    Abandoned,
    /// Its claim is gone; the ledger proves whose it was.
    Orphan,
    /// Its claim is gone; nothing proves whose it was.
    Unproven,
    /// The volume waits for a claim of this name.
    Reserved,
    /// The claim is gone, and volumes can't be read.
    Unknown,
    /// Claim and volume are gone; the ledger still knows them.
    Gone,
}

impl Holding<'_> {
    /// Its size, as written.
    pub fn size(&self) -> Option<&str> {
        let claim = self.claim.and_then(|claim| claim.size.as_deref());
        claim.or(self.volume.and_then(|it| it.capacity.as_deref())).or(self.entry.and_then(|it| it.size.as_deref()))
    }

    /// When its data may have begun.
    pub fn since(&self) -> Option<Timestamp> {
        let claim = self.claim.map(|claim| claim.created);
        claim.or(self.entry.map(|entry| entry.created)).or(self.volume.and_then(|volume| volume.created))
    }

    /// Its storage class.
    pub fn class(&self) -> Option<&str> {
        self.claim.and_then(|claim| claim.class.as_deref()).or(self.volume.and_then(|volume| volume.class.as_deref()))
    }

    /// The reclaim policy of its volume, in Kubernetes' word.
    pub fn policy(&self) -> Option<&'static str> {
        self.volume.map(|volume| match volume.reclaim {
            Reclaim::Retain => "Retain",
            Reclaim::Delete => "Delete",
            Reclaim::Recycle => "Recycle",
        })
    }

    /// The phase of the volume, in Kubernetes' word; the claim's where the volume can't be read.
    pub fn phase(&self) -> Option<&'static str> {
        let of_claim = || self.claim.map(|claim| if claim.bound { "Bound" } else { "Pending" });
        match self.volume.map(|volume| volume.phase) {
            _ if self.claim.is_some_and(|claim| claim.terminating) => Some("Terminating"),
            Some(_) if self.volume.is_some_and(|volume| volume.terminating) => Some("Terminating"),
            Some(Phase::Bound) if self.claim.is_none() => Some("Released"),
            Some(Phase::Pending) => Some("Pending"),
            Some(Phase::Available) => Some("Available"),
            Some(Phase::Bound) => Some("Bound"),
            Some(Phase::Released) => Some("Released"),
            Some(Phase::Failed) => Some("Failed"),
            None => of_claim(),
        }
    }

    /// Until when it can have been mounted, if nobody mounts it and that is known.
    pub fn mounted_before(&self) -> Option<Timestamp> {
        if !self.mounted_by.is_empty() {
            return None;
        }
        let volume = self.volume.filter(|volume| matches!(volume.phase, Phase::Released | Phase::Failed));
        volume.and_then(|volume| volume.in_phase_since).or_else(|| {
            let newest = self.tenant?.past.headers.last()?;
            (self.state == State::Kept && newest.status == Status::Uninstalled).then_some(newest.updated)
        })
    }

    /// Whether something would miss it: a Pod, a workload, a release.
    pub fn is_needed(&self) -> bool {
        matches!(self.state, State::InUse | State::Wanted)
    }

    /// The name that means this one and no other: `claim/data-x-0`, or `pv/pvc-17`.
    pub fn reference(&self) -> String {
        match (self.claim, self.volume_name) {
            (None, Some(volume)) => format!("pv/{volume}"),
            _ => format!("claim/{}", self.name),
        }
    }
}
