//! One step: what it tells, and which operation it is.

use std::sync::PoisonError;

use tokio::time::{Instant, timeout_at};

use super::{Ended, Event, GRACE, Run, unanswered};
use crate::cluster::FreshValues;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::{Act, Change, Expect, Step, StepId};

impl Run<'_> {
    pub(super) async fn perform(&self, step: &Step) -> (StepId, Result<Option<Change>, Ended>) {
        (step.id, self.act(step).await)
    }

    async fn act(&self, step: &Step) -> Result<Option<Change>, Ended> {
        let waits = matches!(step.act, Act::AwaitReady { .. } | Act::AwaitGone { .. } | Act::AwaitUnmounted { .. });
        // Waits hold up nobody; writes queue here, so that no more are told to have begun than are under way.
        let _turn = if waits { None } else { Some(self.writes.acquire().await.map_err(|_| Ended::Stopped)?) };
        if *self.stop.borrow() {
            return Err(Ended::Stopped);
        }
        if let Some(lock) = self.lock.filter(|_| !waits) {
            lock.check()?;
        }
        self.tell(Event::Begun { step: step.id, doing: doing(&step.act, &step.expect), id: step.act.id() });
        if waits {
            return self.carry_out(step).await;
        }
        let begun = Instant::now();
        let end = self.deadline.max(begun + GRACE);
        // On the heap: it is the largest of all futures here.
        let written = timeout_at(end, Box::pin(self.carry_out(step))).await;
        written.unwrap_or_else(|_| Err(unanswered(&named(step), end - begun).into()))
    }

    /// The operation that a step is.
    async fn carry_out(&self, step: &Step) -> Result<Option<Change>, Ended> {
        let (cluster, release) = (self.cluster, self.release);
        match &step.act {
            Act::Apply { object, force, adopt_from } => {
                self.watch_ahead(object).await?;
                let applied = cluster.apply(object, *force, adopt_from, &step.expect).await?;
                let change = applied.change;
                self.applied.lock().unwrap_or_else(PoisonError::into_inner).insert(object.id.clone(), applied);
                Ok(Some(change))
            }
            Act::Generate { secret, keys, known } => {
                let change = cluster.generate(secret, keys, known, &self.fresh, &step.expect).await?;
                self.concealed.hide(&self.fresh.all().await);
                Ok(Some(change))
            }
            Act::OpenRotation { rotation, of, new } => {
                let change = Box::pin(cluster.open_rotation(rotation, of, new, &self.fresh)).await?;
                self.concealed.hide(&self.fresh.all().await);
                Ok(Some(change))
            }
            Act::TurnRotation { rotation, course } => {
                done(cluster.turn_rotation(rotation, *course, &step.expect).await, Some(Change::Update))
            }
            Act::Swap { secret, keys, known, holds } => {
                // Of names that this run knows with their old value there is another one now.
                let fresh = FreshValues::default();
                let swap = cluster.swap(secret, keys, known, holds.as_ref(), &fresh, &step.expect);
                let change = Box::pin(swap).await?;
                self.concealed.hide(&fresh.all().await);
                Ok(Some(change))
            }
            Act::Remember { claims, key } => done(cluster.remember(release, claims, key).await, None),
            Act::Stamp { id, version, labels } => done(cluster.stamp(id, version, labels, &step.expect).await, None),
            Act::Delete { id, version, deletion } => {
                done(cluster.delete(id, version, *deletion, &step.expect).await, Some(Change::Delete))
            }
            Act::Expand { claim, size } => done(cluster.expand(claim, size, &step.expect).await, Some(Change::Update)),
            Act::SetReclaim { volume, policy, restore } => {
                let switched = cluster.set_reclaim(volume, *policy, *restore, &step.expect).await;
                if let (Err(failure), None) = (&switched, restore) {
                    // To give a volume its policy back is a kindness: whoever may not do so still may deploy.
                    let text = format!("volume `{volume}` keeps the reclaim policy of a purge: {failure}");
                    self.tell(Event::Warning { text: self.concealed.text(&text) });
                    return Ok(None);
                }
                switched?;
                let back = restore.map(|policy| (volume.clone(), policy));
                self.switched.lock().unwrap_or_else(PoisonError::into_inner).extend(back);
                Ok(Some(Change::Update))
            }
            Act::Reserve { volume, claim, retain } => {
                done(cluster.reserve(volume, claim, *retain, &step.expect).await, Some(Change::Update))
            }
            Act::Bind { claim } => done(cluster.bind(claim).await, Some(Change::Create)),
            Act::AwaitReady { id, version } => self.until_ready(id, version).await.map(|()| None),
            Act::AwaitGone { id, version, uid } => self.until_gone(id, version, uid.as_deref()).await.map(|()| None),
            Act::AwaitUnmounted { namespace, claims } => self.until_unmounted(namespace, claims).await.map(|()| None),
            Act::Ran { job, revision } => done(cluster.record_run(release, *revision, job).await, None),
            Act::Forget { uids } => done(cluster.forget(release, uids).await, None),
            Act::Finish { status } => done(cluster.finish(release, *status).await, None),
            Act::DropHistory => done(cluster.drop_history(release).await, None),
            Act::Join => Ok(None),
        }
    }

    /// Tells why an object is waited for.
    pub(super) fn waiting(&self, id: &ObjectId, why: &str) {
        self.tell(Event::Waiting { id: id.clone(), why: self.concealed.text(why) });
    }
}

fn done(outcome: Result<(), Failure>, change: Option<Change>) -> Result<Option<Change>, Ended> {
    outcome.map(|()| change).map_err(Ended::from)
}

/// What a step does, and to what: "creating `Deployment/web`".
fn named(step: &Step) -> String {
    let doing = doing(&step.act, &step.expect);
    step.act.id().map_or_else(|| doing.to_owned(), |id| format!("{doing} `{id}`"))
}

/// What a step does, as a verb in the present.
fn doing(act: &Act, expect: &Expect) -> &'static str {
    match act {
        Act::Apply { .. } => match expect {
            Expect::Absent => "creating",
            Expect::Uid(..) => "updating",
            Expect::Nothing => "applying",
        },
        Act::Generate { .. } => "generating keys of",
        Act::OpenRotation { .. } => "keeping the old and the new value in",
        Act::TurnRotation { .. } => "turning the rotation in",
        Act::Swap { .. } => "giving the new value to",
        Act::Remember { .. } => "writing down what opens the claims",
        Act::Stamp { .. } => "labelling",
        Act::Delete { .. } => "deleting",
        Act::Expand { .. } => "expanding",
        Act::SetReclaim { .. } => "changing the reclaim policy of",
        Act::Reserve { .. } => "keeping for its next claim",
        Act::Bind { .. } => "creating",
        Act::AwaitReady { .. } => "waiting for",
        Act::AwaitGone { .. } => "waiting for the end of",
        Act::AwaitUnmounted { .. } => "waiting until no Pod mounts the claims",
        Act::Ran { .. } => "recording that a Job ran",
        Act::Forget { .. } => "striking claims off the ledger",
        Act::Finish { .. } => "recording the outcome",
        Act::DropHistory => "deleting the records",
        Act::Join => "joining",
    }
}
