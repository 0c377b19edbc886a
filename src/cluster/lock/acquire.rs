//! Taking the lock: made if it is not there, waited for while somebody else holds it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use kube::core::params::{Patch, PatchParams, PostParams};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use super::held::{Held, Sent, lost_words};
use super::lease::{self, Lease};
use super::{Holder, lease::DURATION};
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::request::{Fault, Reply};
use crate::cluster::wire::Unfenced;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::ObjectId;
use crate::object::marks::MANAGER;
use crate::release::Release;

/// A holder that is waited for.
struct Watched {
    lease: Lease,
    /// When this state of the Lease was first seen.
    seen: Instant,
    /// Whether it was seen before: a single look shows nobody's death.
    again: bool,
}

impl Watched {
    /// What is seen now, after what was seen before.
    fn look(before: Option<Self>, lease: Lease, now: Instant) -> Self {
        match before {
            Some(before) if before.lease.version == lease.version => Self { lease, seen: before.seen, again: true },
            before => Self { lease, seen: now, again: before.is_some() },
        }
    }

    /// Whether it shows no sign of life.
    fn is_gone(&self, now: Instant, expiry: Duration) -> bool {
        self.again && now - self.seen >= expiry
    }
}

impl Cluster {
    /// Takes the lock of a release, whose namespace must be there. Waits for another holder as long as `patience`; one
    /// whose Lease does not change meanwhile is gone, and replaced. `tell` hears of both. None when `stop` ended first.
    ///
    /// # Errors
    /// `Class::Locked` when it is still held at the end; missing rights on Leases.
    pub async fn lock(
        &self,
        release: &Release,
        holder: &Holder,
        patience: Duration,
        stop: impl Future<Output = ()>,
        tell: &dyn Fn(&str),
    ) -> Result<Option<Held>, Failure> {
        let id = lease::id(release);
        let failed = |fault: Fault| {
            self.failure(&fault, &Doing::with("take", format!("the lock of release `{}`", release.name)))
        };
        let (begun, mut stop) = (Instant::now(), pin!(stop));
        let mut watched: Option<Watched> = None;
        loop {
            let sent = Sent::now();
            let found = match self.make_lease(&id, holder).await {
                Ok(reply) => return Ok(Some(self.held(release, holder, &reply, sent, watched.is_some()))),
                Err(fault) if fault.is_conflict() => self.get(&lease::kind(), &id).await.map_err(failed)?,
                Err(fault) => return Err(failed(fault)),
            };
            // Released in between: it can be made now.
            let Some(lease) = found.as_ref().map(Lease::read) else { continue };
            if lease.is_of(holder) {
                // The answer to an earlier try was lost. Nobody knows how long ago that was: it is renewed first.
                let sent = Sent::now();
                let renewal = Lease::renewed(&lease.uid, &lease.version, Timestamp::now());
                match self.patch_lease(&id, renewal).await {
                    Ok(reply) => return Ok(Some(self.held(release, holder, &reply, sent, watched.is_some()))),
                    Err(fault) if fault.is_conflict() || fault.is_not_found() => continue,
                    Err(fault) => return Err(failed(fault)),
                }
            }
            if watched.is_none() && lease.holder.is_some() && !patience.is_zero() {
                tell(&format!("release `{}` is locked by {}: waiting", release.name, lease.words()));
            }
            let now = Instant::now();
            let seen = Watched::look(watched.take(), lease, now);
            let lease = &seen.lease;
            let gone = seen.is_gone(now, self.shared.pace.lease_expiry);
            if lease.holder.is_none() || gone {
                let sent = Sent::now();
                match self.patch_lease(&id, lease.taken_by(holder, Timestamp::now())).await {
                    Ok(reply) => {
                        if gone {
                            let (name, words) = (&release.name, lease.words());
                            tell(&format!("took over the lock of release `{name}`: {words} shows no sign of life"));
                        }
                        return Ok(Some(self.held(release, holder, &reply, sent, true)));
                    }
                    // Somebody was faster, or it lives.
                    Err(fault) if fault.is_conflict() || fault.is_not_found() => {}
                    Err(fault) => return Err(failed(fault)),
                }
            }
            if begun.elapsed() >= patience {
                return Err(locked(release, lease, patience));
            }
            watched = Some(seen);
            // Broken off only here, so that no Lease is made whose answer nobody hears.
            tokio::select! {
                () = sleep(self.shared.pace.lease_look) => {}
                () = &mut stop => return Ok(None),
            }
        }
    }

    /// Whether there is a Lease of a release: one that a run holds, or that a killed run left.
    pub(crate) async fn has_lease(&self, release: &Release) -> Result<bool, Failure> {
        let id = lease::id(release);
        let found = self.get(&lease::kind(), &id).await;
        let doing = Doing::with("read", format!("the lock of release `{}`", release.name));
        found.map(|lease| lease.is_some()).map_err(|fault| self.failure(&fault, &doing))
    }

    /// Who holds the lock of a release, and since when; none when nobody does.
    pub async fn lock_holder(&self, release: &Release) -> Result<Option<String>, Failure> {
        let found = self.get(&lease::kind(), &lease::id(release)).await;
        let doing = Doing::with("read", format!("the lock of release `{}`", release.name));
        let found = found.map_err(|fault| self.failure(&fault, &doing))?;
        Ok(found.as_ref().map(Lease::read).filter(|lease| lease.holder.is_some()).map(|lease| lease.words()))
    }

    fn held(&self, release: &Release, holder: &Holder, reply: &Reply, sent: Sent, waited: bool) -> Held {
        Held::begin(self, release, holder, &Lease::read(&reply.json), sent, waited)
    }

    async fn make_lease(&self, id: &ObjectId, holder: &Holder) -> Result<Reply, Fault> {
        let params = PostParams { field_manager: Some(MANAGER.into()), dry_run: false };
        let body = lease::fresh(id, holder, Timestamp::now()).to_string().into_bytes();
        let draft = lease::kind().requests_for(id).create(&params, body);
        // Whether an earlier try worked is seen by the holder's name.
        self.call_repeatable(draft.map(Unfenced::mark), Some(id)).await
    }

    /// Changes a Lease. Its resourceVersion is in the change, so that a second try of one that worked is a conflict.
    pub(super) async fn patch_lease(&self, id: &ObjectId, change: Json) -> Result<Reply, Fault> {
        let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
        let draft = lease::kind().requests_for(id).patch(&id.name, &params, &Patch::Merge(change));
        self.call_repeatable(draft.map(Unfenced::mark), Some(id)).await
    }
}

/// Somebody else holds it.
fn locked(release: &Release, lease: &Lease, patience: Duration) -> Failure {
    let Release { name, namespace } = release;
    let diagnostic = Diagnostic::error(format!("release `{name}` is locked by {}", lease.words()))
        .note(format!("it was waited for {} s; nothing was changed", patience.as_secs()));
    let longer = if patience.as_secs() > DURATION { "10m" } else { "60s" };
    Failure::new(
        Class::Locked,
        diagnostic
            .hint(format!(
                "wait until the other run has ended, then run the same command again; `--lock-timeout {longer}` waits longer"
            ))
            .hint(format!(
                "a run that was killed is replaced by itself, by one that waits: its lock is taken over when it did not \
                 change for {DURATION} s"
            ))
            .hint(format!("to see the lock: `kubectl get lease kchart-{name} -n {namespace} -o yaml`")),
    )
}

/// The failure of a write that was not sent because the lock is lost.
pub(in crate::cluster) fn not_sent() -> Failure {
    Failure::new(Class::Locked, lost_words("the lock was lost".into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lease(version: u32) -> Lease {
        Lease::read(&json!({
            "metadata": {"uid": "u", "resourceVersion": version.to_string()},
            "spec": {"holderIdentity": "x"},
        }))
    }

    #[test]
    fn only_a_holder_that_showed_no_change_for_the_whole_time_is_gone() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let expiry = Duration::from_secs(DURATION);
        // One that renews every 5 s, looked at every second, for two minutes.
        let mut watched = None;
        for at in 0..120 {
            let now = start + second * at;
            let seen = Watched::look(watched.take(), lease(at / 5), now);
            assert!(!seen.is_gone(now, expiry), "after {at} s");
            watched = Some(seen);
        }
        // Then it is silent: its last change was seen after 115 s.
        for at in 120..=130 {
            let now = start + second * at;
            let seen = Watched::look(watched.take(), lease(23), now);
            assert_eq!(seen.is_gone(now, expiry), at == 130, "after {at} s");
            watched = Some(seen);
        }
    }
}
