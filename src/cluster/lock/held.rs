//! A lock that is held: renewed in the background, checked before each write, deleted at the end.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use kube::core::params::{DeleteParams, Preconditions};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Holder;
use super::lease::{self, DURATION, Lease};
use crate::cluster::Cluster;
use crate::cluster::wire::Unfenced;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::release::Release;

/// Time between two renewals, and the longest that one may take.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long a renewal holds: two seconds less than others wait, for what is on its way when the time is up.
const VALID: Duration = Duration::from_secs(DURATION - 2);

/// How the lock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum Standing {
    /// It may be written until then, on this machine's monotonic clock.
    Until(Instant),
    /// Another has it, or somebody deleted it: who is it, in words.
    Lost(String),
}

impl Standing {
    /// From before a renewal was sent: its answer may have been slow.
    fn renewed(sent: Instant) -> Self {
        Self::Until(sent + VALID)
    }

    /// Why nothing may be written any more.
    pub(in crate::cluster) fn lost(&self, now: Instant) -> Option<String> {
        match self {
            Self::Until(until) if now < *until => None,
            Self::Until(_) => Some(format!("it could not be renewed for {} s", VALID.as_secs())),
            Self::Lost(why) => Some(why.clone()),
        }
    }
}

/// The lock of a release, held by this run. Dropped without [`Held::release`] it stays until it counts as abandoned.
#[derive(Debug)]
pub struct Held {
    keeper: Keeper,
    /// Ends the renewing.
    end: watch::Sender<bool>,
    renewing: JoinHandle<()>,
    /// Whether another run held it before: what was read until then is old.
    pub waited: bool,
}

/// What renewing needs.
#[derive(Clone, Debug)]
struct Keeper {
    cluster: Cluster,
    release: Release,
    holder: Holder,
    /// Uid and resource version of the Lease.
    lease: Arc<Mutex<(String, String)>>,
    standing: watch::Sender<Standing>,
}

impl Held {
    pub(super) fn begin(
        cluster: &Cluster,
        release: &Release,
        holder: &Holder,
        lease: &Lease,
        sent: Instant,
        waited: bool,
    ) -> Self {
        let (standing, seen) = watch::channel(Standing::renewed(sent));
        cluster.shared.courier.fence(Some(seen));
        let keeper = Keeper {
            cluster: cluster.clone(),
            release: release.clone(),
            holder: holder.clone(),
            lease: Arc::new(Mutex::new((lease.uid.clone(), lease.version.clone()))),
            standing,
        };
        let (end, ended) = watch::channel(false);
        let renewing = tokio::spawn(keeper.clone().keep(ended));
        Self { keeper, end, renewing, waited }
    }

    /// Whether it may still be written.
    ///
    /// # Errors
    /// `Class::Locked`: the lock is lost.
    pub fn check(&self) -> Result<(), Failure> {
        match self.keeper.standing.borrow().lost(Instant::now()) {
            None => Ok(()),
            Some(why) => Err(lost(&self.keeper.release, &why)),
        }
    }

    /// Ends when the lock is lost.
    pub async fn lost(&self) -> Failure {
        let mut standing = self.keeper.standing.subscribe();
        loop {
            let until = match &*standing.borrow_and_update() {
                Standing::Until(until) => *until,
                Standing::Lost(why) => return lost(&self.keeper.release, why),
            };
            tokio::select! {
                () = sleep_until(until) => if let Err(failure) = self.check() { return failure },
                changed = standing.changed() => if changed.is_err() { pending::<()>().await },
            }
        }
    }

    /// Renews at once.
    #[cfg(test)]
    pub(super) async fn renew_now(&self) {
        self.keeper.renew().await;
    }

    /// Gives the lock back: nothing of it stays. One that is lost is left to whoever has it.
    pub async fn release(mut self) {
        self.end.send_replace(true);
        // A renewal that is on its way changes the resource version.
        let _ = (&mut self.renewing).await;
        if self.check().is_err() {
            return;
        }
        let (uid, version) = self.keeper.lease();
        let preconditions = Preconditions { uid: Some(uid), resource_version: Some(version) };
        let id = lease::id(&self.keeper.release);
        let draft =
            lease::kind().requests_for(&id).delete(&id.name, &DeleteParams::default().preconditions(preconditions));
        match self.keeper.cluster.call_repeatable(draft.map(Unfenced::mark), Some(&id)).await {
            Err(fault) if fault.is_not_found() || fault.is_conflict() => {}
            // The work is done; the next run waits until the lock counts as abandoned.
            Err(fault) => {
                tracing::warn!("the lock of `{}` could not be given back: {fault:?}", self.keeper.release.name);
            }
            Ok(_) => {}
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.renewing.abort();
        self.keeper.cluster.shared.courier.fence(None);
    }
}

impl Keeper {
    fn lease(&self) -> (String, String) {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Renews until the end, or until the lock is another's.
    async fn keep(self, mut ended: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = sleep(RENEWAL) => {}
                _ = ended.wait_for(|ended| *ended) => return,
            }
            // A connection that hangs must not use up all the time; what was carried out nevertheless is seen next time.
            let _ = timeout(RENEWAL, self.renew()).await;
            if matches!(*self.standing.borrow(), Standing::Lost(_)) {
                return;
            }
        }
    }

    async fn renew(&self) {
        let id = lease::id(&self.release);
        // Twice: a conflict may be with an earlier renewal whose answer was lost.
        for _ in 0..2 {
            let (uid, version) = self.lease();
            let sent = Instant::now();
            match self.cluster.patch_lease(&id, Lease::renewed(&uid, &version, Timestamp::now())).await {
                Ok(reply) => {
                    self.learn(&Lease::read(&reply.json));
                    self.standing.send_replace(Standing::renewed(sent));
                    return;
                }
                Err(fault) if fault.is_conflict() || fault.is_not_found() => {}
                // No answer: tried again until the time is up.
                Err(_) => return,
            }
            let why = match self.cluster.get(&lease::kind(), &id).await {
                Ok(Some(json)) => match Lease::read(&json) {
                    lease if lease.uid == uid && lease.is_of(&self.holder) => {
                        self.learn(&lease);
                        continue;
                    }
                    lease => format!("it was taken over by {}", lease.words()),
                },
                Ok(None) => "somebody deleted it".to_owned(),
                Err(_) => return,
            };
            self.standing.send_replace(Standing::Lost(why));
            return;
        }
    }

    fn learn(&self, lease: &Lease) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = (lease.uid.clone(), lease.version.clone());
    }
}

fn lost(release: &Release, why: &str) -> Failure {
    Failure::new(Class::Locked, lost_words(format!("the lock of release `{}` was lost: {why}", release.name)))
}

/// What follows from a lost lock.
pub(super) fn lost_words(message: String) -> Diagnostic {
    Diagnostic::error(message)
        .note("nothing more was changed from then on: another run may be at work")
        .hint("when no other run is at work, run the same command again: it goes on from here")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_stops_before_another_may_take_over() {
        let sent = Instant::now();
        let standing = Standing::renewed(sent);
        assert_eq!(standing.lost(sent + Duration::from_millis(12_999)), None);
        assert_eq!(standing.lost(sent + VALID).unwrap(), "it could not be renewed for 13 s");
        assert!(VALID < Duration::from_secs(DURATION));
        let taken = Standing::Lost("it was taken over by `x`".into());
        assert_eq!(taken.lost(sent).unwrap(), "it was taken over by `x`");
    }
}
