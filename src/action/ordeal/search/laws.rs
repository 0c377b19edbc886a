//! What must be true after each thing that happens. Told of the cluster alone, with nothing of the planner's.

use std::collections::{BTreeMap, BTreeSet};

use super::operation::{Deploy, Password, Verb};
use super::runs::{Outcome, credential_of, namespace_of, set_of};
use super::truth::Truth;
use crate::diagnostic::Class;

/// What is known of the data beside what the cluster tells.
#[derive(Default)]
pub(super) struct Memory {
    /// Whose data are where: the last mark that their claim had.
    owners: BTreeMap<String, String>,
    /// Data that nothing opens any more because of what a person did.
    lost: BTreeSet<String>,
}

/// Which data may go.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Nothing,
    /// Those of a release that is purged.
    Of(&'a str),
    /// Those of a claim or volume that is named.
    Named(&'a str),
}

impl Memory {
    /// Takes in what is there now.
    pub(super) fn remember(&mut self, now: &Truth) {
        for (place, data) in &now.data {
            if let Some(release) = &data.release {
                self.owners.insert(place.clone(), release.clone());
            }
        }
        self.lost = now.data.iter().filter(|(_, data)| !data.opened).map(|(place, _)| place.clone()).collect();
    }

    pub(super) fn data_go_only_when_given(
        &self,
        before: &Truth,
        after: &Truth,
        given: Given<'_>,
    ) -> Result<(), String> {
        for (place, data) in before.data.iter().filter(|(place, _)| !after.data.contains_key(*place)) {
            let owner = self.owners.get(place).map(String::as_str);
            let may = match given {
                Given::Nothing => false,
                Given::Of(release) => owner == Some(release),
                Given::Named(name) => data.claim.as_deref() == Some(name) || data.volume.as_deref() == Some(name),
            };
            if !data.going && !may {
                return Err(format!("data of `{}` of release {owner:?} are gone", data.of));
            }
        }
        Ok(())
    }

    /// Claimed or not: a volume whose claim a person deleted can be bound again.
    pub(super) fn what_opens_stays(&self, before: &Truth, after: &Truth) -> Result<(), String> {
        let shown = after.data.iter().filter(|(_, data)| data.volume.is_some());
        let mut closed = shown.filter(|(place, data)| !data.opened && !self.lost.contains(*place));
        match closed.next() {
            Some((place, data)) => {
                let new = if before.data.contains_key(place) { "" } else { "new " };
                let how = if data.claim.is_some() { "" } else { ", whose claim is gone" };
                Err(format!("nothing in the cluster opens the {new}data of `{}`{how}", data.of))
            }
            None => Ok(()),
        }
    }

    /// Where a person took what opens data, no other value is made for it.
    pub(super) fn nothing_new_beside_what_is_lost(
        &self,
        before: &Truth,
        after: &Truth,
        release: &str,
        deploy: &Deploy,
    ) -> Result<(), String> {
        let (claims, credential) = (claims_of(release, deploy), credential_of(release, deploy));
        if !deploy.persistent || !deploy.reads {
            return Ok(());
        }
        let Some(made) = after.password(credential).filter(|made| !before.has(made)) else { return Ok(()) };
        // Those above today's replicas count too, unless they are another release's: a set that grows to them is refused.
        let grows_to = |claim: &str| (0..deploy.replicas).any(|ordinal| claim == format!("{claims}{ordinal}"));
        let is_own = |place: &String, claim: &str| {
            self.owners.get(place).map(String::as_str) == Some(release) && claim.starts_with(&claims)
        };
        let mut closed = after.data.iter().filter(|(_, data)| !data.opened && data.volume.is_some());
        let beside = closed.any(|(place, data)| match &data.claim {
            Some(claim) => grows_to(claim) || is_own(place, claim),
            None => is_own(place, &data.of),
        });
        if beside && deploy.password == Password::Generated && !made.is_empty() {
            let (_, secret, key) = credential;
            return Err(format!("a new `{key}` was made in `{secret}` beside data that it does not open"));
        }
        Ok(())
    }
}

/// How the claims of a set begin.
fn claims_of(release: &str, deploy: &Deploy) -> String {
    format!("{}/data-{}-", namespace_of(deploy), set_of(release, deploy))
}

/// Whoever is refused to protect data finds Secrets, claims and volumes as they were.
pub(super) fn changes_nothing_when_it_refuses(before: &Truth, after: &Truth, outcome: &Outcome) -> Result<(), String> {
    let is_refused = matches!(outcome, Some(Err(failure)) if failure.class == Class::Refused);
    let seen =
        |truth: &Truth| (truth.passwords.clone(), truth.held.clone(), truth.claims.clone(), truth.volumes.clone());
    if is_refused && seen(before) != seen(after) {
        return Err("it was refused, and changed Secrets, claims or volumes".into());
    }
    Ok(())
}

/// A deploy that succeeds has waited until everybody can log in.
pub(super) fn works_when_it_says_so(
    after: &Truth,
    verb: &Verb,
    release: &str,
    outcome: &Outcome,
) -> Result<(), String> {
    let Verb::Deploy(deploy) = verb else { return Ok(()) };
    let set = format!("{}/{}", namespace_of(deploy), set_of(release, deploy));
    match outcome {
        Some(Ok(())) if after.unready.contains(&set) => Err(format!("done, but Pods of `{set}` are not ready")),
        _ => Ok(()),
    }
}

/// What a deploy that succeeds has in its Secret opens what its set mounts, unless a person has had a hand in it, or a
/// rotation was given up that nobody ends.
pub(super) fn reads_what_opens(
    after: &Truth,
    opened_now: impl Fn(&str) -> BTreeSet<String>,
    deploy: &Deploy,
    release: &str,
) -> Result<(), String> {
    let (claims, credential) = (claims_of(release, deploy), credential_of(release, deploy));
    if !deploy.persistent || !deploy.reads || !after.held.is_empty() {
        return Ok(());
    }
    let Some(password) = after.password(credential) else { return Ok(()) };
    let opened = opened_now(password);
    for (place, data) in &after.data {
        let mounts = |claim: &String| (0..deploy.replicas).any(|at| *claim == format!("{claims}{at}"));
        if data.claim.as_ref().is_some_and(mounts) && !data.going && !opened.contains(place) {
            let (_, secret, key) = credential;
            return Err(format!("done, but `{key}` of `{secret}` does not open the data of `{}`", data.of));
        }
    }
    Ok(())
}

/// One that is refused takes no lock, and leaves what a run that died has left.
pub(super) fn gives_the_lock_back(after: &Truth, release: &str, outcome: &Outcome) -> Result<(), String> {
    if matches!(outcome, Some(Ok(()))) && after.locks.contains(&format!("kchart-{release}")) {
        return Err("the lock is left".into());
    }
    Ok(())
}

/// After both releases were purged.
pub(super) fn nothing_is_left(after: &Truth) -> Result<(), String> {
    if let Some(claim) = after.claims.first() {
        return Err(format!("in the end claim `{claim}` is left"));
    }
    match after.data.values().find(|data| data.volume.is_some()) {
        Some(data) => Err(format!("in the end data of `{}` are left", data.of)),
        None => Ok(()),
    }
}
