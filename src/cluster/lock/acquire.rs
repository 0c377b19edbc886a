//! Taking the lock: made if it is not there, waited for while somebody else holds it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use kube::core::params::{Patch, PatchParams, PostParams};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use super::held::{Held, lost_words};
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
            let sent = Instant::now();
            let found = match self.make_lease(&id, holder).await {
                Ok(reply) => return Ok(Some(self.held(release, holder, &reply, sent, watched.is_some()))),
                Err(fault) if fault.is_conflict() => self.get(&lease::kind(), &id).await.map_err(failed)?,
                Err(fault) => return Err(failed(fault)),
            };
            // Released in between: it can be made now.
            let Some(lease) = found.as_ref().map(Lease::read) else { continue };
            if lease.is_of(holder) {
                // The answer to an earlier try was lost.
                return Ok(Some(Held::begin(self, release, holder, &lease, sent, watched.is_some())));
            }
            if watched.is_none() && lease.holder.is_some() && !patience.is_zero() {
                tell(&format!("release `{}` is locked by {}: waiting", release.name, lease.words()));
            }
            let seen = match &watched {
                Some(before) if before.lease.version == lease.version => before.seen,
                _ => Instant::now(),
            };
            let gone = watched.is_some() && seen.elapsed() >= self.shared.pace.lease_expiry;
            if lease.holder.is_none() || gone {
                let sent = Instant::now();
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
                return Err(locked(release, &lease, patience));
            }
            watched = Some(Watched { lease, seen });
            // Broken off only here, so that no Lease is made whose answer nobody hears.
            tokio::select! {
                () = sleep(self.shared.pace.lease_look) => {}
                () = &mut stop => return Ok(None),
            }
        }
    }

    fn held(&self, release: &Release, holder: &Holder, reply: &Reply, sent: Instant, waited: bool) -> Held {
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
    Failure::new(
        Class::Locked,
        diagnostic
            .hint("wait until the other run has ended, then run the same command again; `--lock-timeout 10m` waits longer")
            .hint(format!(
                "a run that was killed is replaced by itself: its lock is taken over when it did not change for {DURATION} s"
            ))
            .hint(format!("to see the lock: `kubectl get lease kchart-{name} -n {namespace} -o yaml`")),
    )
}

/// The failure of a write that was not sent because the lock is lost.
pub(in crate::cluster) fn not_sent() -> Failure {
    Failure::new(Class::Locked, lost_words("the lock was lost".into()))
}
