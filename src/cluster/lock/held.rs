//! A lock that is held: renewed in the background, checked before each write, deleted at the end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use kube::core::params::{DeleteParams, Preconditions};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Holder;
use super::lease::{self, DURATION, Lease};
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::request::Fault;
use crate::cluster::wire::Unfenced;
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::release::Release;

/// Time between two renewals.
const RENEWAL: Duration = Duration::from_secs(5);
/// The longest that a renewal may take: one that hangs leaves time for another.
const ATTEMPT: Duration = Duration::from_secs(3);
/// Time between a renewal that failed and the next one.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a renewal holds: two seconds less than others wait, for what is on its way when the time is up.
const VALID: Duration = Duration::from_secs(DURATION - 2);

/// How the lock stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum Standing {
    /// It may be written for a time.
    Held {
        /// The end of that time, on this machine's monotonic clock.
        until: Instant,
        /// The same on its wall clock, which goes on while the machine is suspended.
        until_wall: SystemTime,
        /// Why the last renewal failed, if it did.
        trouble: Option<String>,
    },
    /// Another has it, or somebody deleted it: who is it, in words.
    Lost(String),
}

impl Standing {
    /// From before a renewal was sent: its answer may have been slow.
    fn renewed(sent: Sent) -> Self {
        Self::Held { until: sent.at + VALID, until_wall: sent.wall + VALID, trouble: None }
    }

    /// Why nothing may be written any more.
    pub(in crate::cluster) fn lost(&self, now: Instant) -> Option<String> {
        match self {
            Self::Held { until, .. } if now < *until => None,
            Self::Held { trouble, .. } => {
                let why = trouble.as_ref().map(|trouble| format!(": {trouble}")).unwrap_or_default();
                Some(format!("it could not be renewed for {} s{why}", VALID.as_secs()))
            }
            Self::Lost(why) => Some(why.clone()),
        }
    }

    /// Whether only a renewal can tell: the wall clock went on while the monotonic one stood still.
    pub(in crate::cluster) fn is_doubtful(&self, wall: SystemTime) -> bool {
        matches!(self, Self::Held { until_wall, .. } if wall >= *until_wall)
    }

    /// Ends when the lock is lost; says why.
    pub(in crate::cluster) async fn wait_for_loss(mut standing: watch::Receiver<Self>) -> String {
        loop {
            let now = standing.borrow_and_update().clone();
            if let Some(why) = now.lost(Instant::now()) {
                return why;
            }
            let Self::Held { until, .. } = now else { continue };
            tokio::select! {
                () = sleep_until(until) => {}
                changed = standing.changed() => if changed.is_err() { sleep_until(until).await },
            }
        }
    }
}

/// When a request for the lock left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    at: Instant,
    wall: SystemTime,
}

impl Sent {
    pub(super) fn now() -> Self {
        Self { at: Instant::now(), wall: SystemTime::now() }
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
        sent: Sent,
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
        lost(&self.keeper.release, &Standing::wait_for_loss(self.keeper.standing.subscribe()).await)
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
        // The work is done; if it stays, the next run waits until it counts as abandoned.
        for _ in 0..2 {
            match timeout(ATTEMPT, self.keeper.give_back()).await {
                Ok(Ok(())) => return,
                Ok(Err(fault)) => {
                    tracing::warn!("the lock of `{}` could not be given back: {fault:?}", self.keeper.release.name);
                    return;
                }
                Err(_) => tracing::warn!("the lock of `{}` is given back to no answer", self.keeper.release.name),
            }
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
        let mut pause = RENEWAL;
        loop {
            tokio::select! {
                () = sleep(pause) => {}
                _ = ended.wait_for(|ended| *ended) => return,
            }
            // What was carried out although it was cut off here is seen next time.
            let renewed = timeout(ATTEMPT, self.renew()).await;
            pause = if matches!(renewed, Ok(true)) { RENEWAL } else { AGAIN };
            if matches!(*self.standing.borrow(), Standing::Lost(_)) {
                return;
            }
        }
    }

    /// Whether it was renewed.
    async fn renew(&self) -> bool {
        let id = lease::id(&self.release);
        // Twice: a conflict may be with an earlier renewal whose answer was lost.
        for _ in 0..2 {
            let (uid, version) = self.lease();
            let sent = Sent::now();
            match self.cluster.patch_lease(&id, Lease::renewed(&uid, &version, Timestamp::now())).await {
                Ok(reply) => {
                    self.learn(&Lease::read(&reply.json));
                    self.standing.send_replace(Standing::renewed(sent));
                    return true;
                }
                Err(fault) if fault.is_conflict() || fault.is_not_found() => {}
                Err(fault) => {
                    self.remember(&fault);
                    return false;
                }
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
                Err(fault) => {
                    self.remember(&fault);
                    return false;
                }
            };
            self.standing.send_replace(Standing::Lost(why));
            return false;
        }
        false
    }

    /// Keeps why a renewal failed, for the sentence that is said when none works in time.
    fn remember(&self, fault: &Fault) {
        let why = self.cluster.failure(fault, &Doing::with("renew", "the lock".to_owned())).to_string();
        self.standing.send_if_modified(|standing| {
            if let Standing::Held { trouble, .. } = standing {
                *trouble = Some(why);
            }
            false
        });
    }

    /// Deletes the Lease. One that is another's is left alone.
    async fn give_back(&self) -> Result<(), Fault> {
        let id = lease::id(&self.release);
        // Twice: a renewal that was cut off may have been carried out.
        for _ in 0..2 {
            let (uid, version) = self.lease();
            let preconditions = Preconditions { uid: Some(uid.clone()), resource_version: Some(version) };
            let params = DeleteParams::default().preconditions(preconditions);
            let draft = lease::kind().requests_for(&id).delete(&id.name, &params);
            match self.cluster.call_repeatable(draft.map(Unfenced::mark), Some(&id)).await {
                Err(fault) if fault.is_not_found() => return Ok(()),
                Err(fault) if fault.is_conflict() => {}
                Err(fault) => return Err(fault),
                Ok(_) => return Ok(()),
            }
            match self.cluster.get(&lease::kind(), &id).await?.as_ref().map(Lease::read) {
                Some(lease) if lease.uid == uid && lease.is_of(&self.holder) => self.learn(&lease),
                _ => return Ok(()),
            }
        }
        Ok(())
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
        let sent = Sent::now();
        let standing = Standing::renewed(sent);
        assert_eq!(standing.lost(sent.at + Duration::from_millis(12_999)), None);
        assert_eq!(standing.lost(sent.at + VALID).unwrap(), "it could not be renewed for 13 s");
        assert!(VALID < Duration::from_secs(DURATION));
        let taken = Standing::Lost("it was taken over by `x`".into());
        assert_eq!(taken.lost(sent.at).unwrap(), "it was taken over by `x`");
    }

    #[test]
    fn a_machine_that_slept_asks_before_it_writes() {
        let sent = Sent::now();
        let standing = Standing::renewed(sent);
        assert!(!standing.is_doubtful(sent.wall + Duration::from_secs(12)));
        assert!(standing.is_doubtful(sent.wall + VALID));
    }

    #[test]
    fn a_renewal_that_hangs_leaves_time_for_another() {
        assert!(RENEWAL + ATTEMPT + AGAIN + ATTEMPT < VALID);
    }
}
