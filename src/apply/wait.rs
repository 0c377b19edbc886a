//! Waiting: by watches, until something is ready, gone or unmounted, the time is up, or another step failed.

use std::cell::RefCell;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::{Ended, Run, lingering};
use crate::cluster::{Scene, Seen, mounts};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::{Object, ObjectId};
use crate::plan::Known;
use crate::readiness::{Glance, Readiness, Surroundings, glance, judge_with, missed_deadline};
use crate::yaml::Node;

/// When the time is up already, how long the first look may take.
const ONE_LOOK: Duration = Duration::from_secs(10);

/// What a look at a scene says.
enum Look {
    /// It is as it should be.
    Good,
    /// Not yet; why, if there is something to tell.
    NotYet(Option<String>),
    /// It never will be.
    Hopeless(String),
}

/// How a wait ended.
enum Outcome {
    Good,
    Hopeless(String),
    Stopped,
    Failed(Failure),
}

impl Run<'_> {
    /// Waits until an object is ready.
    pub(super) async fn until_ready(&self, id: &ObjectId, version: &str) -> Result<(), Ended> {
        let kind = self.cluster.kind_of(id, version).await?;
        let scene = self.watches.of(&kind, id.namespace.as_deref());
        let waits_for_consumer = if id.is_claim() { self.consumers().await? } else { Known::default() };
        let judged = RefCell::new(None::<(String, Readiness)>);
        // What was so before this run looked first, is no news of it.
        let missed_before = std::cell::OnceCell::<Option<String>>::new();
        let look = |scene: &Scene, pods: Option<&Scene>| {
            if scene.unserved {
                return Look::Hopeless("the cluster no longer serves this kind".into());
            }
            let seen = scene.objects.get(&id.name).or_else(|| scene.ended.get(&id.name));
            let Some(seen) = seen.filter(|seen| !self.is_stale(id, seen)) else {
                return Look::NotYet(scene.listed.then(|| "it does not exist yet".to_owned()));
            };
            let missed = missed_before.get_or_init(|| missed_deadline(&seen.body).map(str::to_owned));
            let mut judged = judged.borrow_mut();
            let known = judged.as_ref().filter(|(version, _)| *version == seen.resource_version);
            let readiness = known.map_or_else(
                || {
                    judge_with(
                        id,
                        &seen.body,
                        Surroundings {
                            waits_for_consumer: waits(&waits_for_consumer, &seen.body),
                            missed_before: missed.as_deref(),
                        },
                    )
                },
                |(_, readiness)| readiness.clone(),
            );
            *judged = Some((seen.resource_version.clone(), readiness.clone()));
            match readiness {
                Readiness::Ready => Look::Good,
                Readiness::Waiting(why) => waiting(id, &seen.body, why, pods),
                Readiness::Failed(why) => Look::Hopeless(why),
            }
        };
        let runs_pods = id.pod_template().is_some() && !id.is("", "Pod");
        match self.watched(id, scene.clone(), runs_pods, look).await {
            Ok(outcome) => match outcome {
                Outcome::Hopeless(why) => {
                    let live = live(&scene, id);
                    Err(Ended::hopeless(Box::pin(self.not_ready(id, live.as_ref(), &why, false)).await))
                }
                other => other.into_result(),
            },
            Err(why) => {
                let live = live(&scene, id);
                Err(Ended::late(Box::pin(self.not_ready(id, live.as_ref(), &why, true)).await))
            }
        }
    }

    /// Begins to watch Jobs that go by themselves before one is made: it may come and go between two looks.
    pub(super) async fn watch_ahead(&self, object: &Object) -> Result<(), Failure> {
        if object.id.is("batch", "Job") && object.body.at(&["spec", "ttlSecondsAfterFinished"]).is_some() {
            let kind = self.cluster.kind_of(&object.id, &object.version).await?;
            let mut scene = self.watches.of(&kind, object.id.namespace.as_deref());
            let listed = scene.wait_for(|scene| scene.listed || scene.failure.is_some());
            let _ = timeout_at(Instant::now() + ONE_LOOK, listed).await;
        }
        Ok(())
    }

    /// Waits until an object is gone, or another one has its name.
    pub(super) async fn until_gone(&self, id: &ObjectId, version: &str, uid: Option<&str>) -> Result<(), Ended> {
        let kind = self.cluster.kind_of(id, version).await?;
        let scene = self.watches.of(&kind, id.namespace.as_deref());
        let look = |scene: &Scene, _: Option<&Scene>| match scene.objects.get(&id.name) {
            _ if !scene.listed => Look::NotYet(None),
            Some(seen) if uid.is_none_or(|uid| uid == seen.uid) => Look::NotYet(Some(lingering::why(id, &seen.body))),
            _ => Look::Good,
        };
        match self.watched(id, scene.clone(), false, look).await {
            Ok(outcome) => outcome.into_result(),
            Err(why) => {
                let live = live(&scene, id);
                Err(Ended::late(self.not_gone(id, live.as_ref(), &why).await))
            }
        }
    }

    /// Waits until no Pod mounts these claims.
    pub(super) async fn until_unmounted(&self, namespace: &str, claims: &[String]) -> Result<(), Ended> {
        let id = ObjectId::claim(namespace, claims.first().map_or("", String::as_str));
        let pod = ObjectId::namespaced("", "Pod", namespace, "");
        let kind = self.cluster.kind_of(&pod, "v1").await?;
        let scene = self.watches.of(&kind, Some(namespace));
        let look = |scene: &Scene, _: Option<&Scene>| {
            if !scene.listed {
                return Look::NotYet(None);
            }
            let mut mounted = scene.objects.values().filter_map(|pod| {
                let claim = mounts(&pod.body).into_iter().find(|claim| claims.contains(claim))?;
                Some(format!("claim `{claim}` is still mounted by Pod `{}`", pod.body.str_at(&["metadata", "name"])?))
            });
            mounted.next().map_or(Look::Good, |why| Look::NotYet(Some(why)))
        };
        match self.watched(&id, scene, false, look).await {
            Ok(outcome) => outcome.into_result(),
            Err(why) => Err(Ended::late(self.in_time(Diagnostic::error(why)))),
        }
    }

    /// Looks at a scene whenever it changes, and at the Pods beside it (if it `runs_pods`) now and then: whoever is ready
    /// soon needs no watch of Pods, and a thousand workloads that wait are not woken by each other's Pods. The last
    /// reason, when the time is up; one look is always taken.
    async fn watched(
        &self,
        id: &ObjectId,
        mut scene: watch::Receiver<Scene>,
        runs_pods: bool,
        look: impl Fn(&Scene, Option<&Scene>) -> Look,
    ) -> Result<Outcome, String> {
        let told = RefCell::new(String::new());
        let first = scene.clone();
        let news = async {
            let mut pods: Option<watch::Receiver<Scene>> = None;
            let mut next_glance = Instant::now() + self.cluster.glance();
            loop {
                let seen = {
                    let scene = scene.borrow_and_update();
                    match &scene.failure {
                        Some(failure) => return Outcome::Failed(failure.clone()),
                        None => look(&scene, pods.as_ref().map(watch::Receiver::borrow).as_deref()),
                    }
                };
                match seen {
                    Look::Good => return Outcome::Good,
                    Look::Hopeless(why) => return Outcome::Hopeless(why),
                    Look::NotYet(Some(why)) if why != *told.borrow() => {
                        self.waiting(id, &why);
                        *told.borrow_mut() = why;
                    }
                    Look::NotYet(_) => {}
                }
                tokio::select! {
                    changed = scene.changed() => if changed.is_err() {
                        // The watch ended for good: its last look, without a kind, was empty and is still true.
                        std::future::pending::<()>().await;
                    },
                    () = tokio::time::sleep_until(next_glance), if runs_pods => {
                        next_glance = Instant::now() + self.cluster.glance();
                        if pods.is_none() {
                            pods = self.pods_beside(id).await;
                        }
                    }
                }
            }
        };
        let mut stop = self.stop.subscribe();
        let mut first = first;
        let ended = async {
            // The sender of the news lives as long as the run.
            let listed = first.wait_for(|scene| scene.listed || scene.failure.is_some());
            let _ = timeout_at(self.deadline.max(Instant::now() + ONE_LOOK), listed).await;
            timeout_at(self.deadline, news).await
        };
        let ended = tokio::select! {
            ended = ended => ended,
            _ = stop.wait_for(|stop| *stop) => Ok(Outcome::Stopped),
        };
        ended.map_err(|_| {
            let told = told.take();
            if told.is_empty() { "nothing was heard of it".into() } else { told }
        })
    }

    /// The Pods of an object's namespace, watched; none where there can't be any.
    async fn pods_beside(&self, id: &ObjectId) -> Option<watch::Receiver<Scene>> {
        let namespace = id.namespace.as_deref()?;
        let kind = self.cluster.kind_of(&ObjectId::namespaced("", "Pod", namespace, ""), "v1").await.ok()?;
        Some(self.watches.of(&kind, Some(namespace)))
    }

    /// Whether what is seen is older than what this run applied.
    fn is_stale(&self, id: &ObjectId, seen: &Seen) -> bool {
        let applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        applied.get(id).is_some_and(|applied| older(&seen.resource_version, &applied.resource_version))
    }

    /// The classes that bind a claim only when a Pod uses it; unknown where they may not be read.
    async fn consumers(&self) -> Result<Known<Vec<String>>, Failure> {
        let classes = self.classes.get_or_try_init(|| self.cluster.classes()).await?;
        Ok(match classes {
            Known::Yes(classes) => Known::Yes(
                classes.iter().filter(|(_, class)| class.waits_for_consumer).map(|(name, _)| name.clone()).collect(),
            ),
            Known::No(why) => Known::No(why.clone()),
        })
    }
}

impl Outcome {
    fn into_result(self) -> Result<(), Ended> {
        match self {
            Self::Good => Ok(()),
            Self::Stopped => Err(Ended::Stopped),
            Self::Failed(failure) => Err(Ended::Failed(failure)),
            Self::Hopeless(why) => Err(Ended::Failed(Failure::failed(Diagnostic::error(why)))),
        }
    }
}

/// A workload that is not ready yet, with what its Pods do; of Pods that may not be read nothing is said.
fn waiting(id: &ObjectId, live: &Node, why: String, pods: Option<&Scene>) -> Look {
    let Some(pods) = pods else { return Look::NotYet(Some(why)) };
    match glance(id, live, pods.objects.values().map(|seen| &*seen.body)) {
        Glance::Nothing => Look::NotYet(Some(why)),
        Glance::Busy(what) => Look::NotYet(Some(format!("{why}; {what}"))),
        Glance::Hopeless(what) => Look::Hopeless(what),
    }
}

/// Whether a claim waits for its first consumer. Where classes may not be read nobody is held up by it: the Pods that
/// use the claim are waited for as well.
fn waits(consumers: &Known<Vec<String>>, claim: &Node) -> bool {
    match consumers {
        Known::Yes(classes) => {
            claim.str_at(&["spec", "storageClassName"]).is_some_and(|class| classes.iter().any(|known| known == class))
        }
        Known::No(_) => true,
    }
}

fn live(scene: &watch::Receiver<Scene>, id: &ObjectId) -> Option<Seen> {
    scene.borrow().objects.get(&id.name).cloned()
}

/// Whether a resource version is older than another. They are numbers that grow (Kubernetes docs, "API Concepts");
/// of those that are not, nothing is known.
fn older(seen: &str, applied: &str) -> bool {
    match (seen.parse::<u64>(), applied.parse::<u64>()) {
        (Ok(seen), Ok(applied)) => seen < applied,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_seen_before_the_apply_is_no_news() {
        assert!(older("9", "10"));
        assert!(!older("10", "10"));
        assert!(!older("x", "10"));
    }

    #[test]
    fn a_claim_holds_up_nobody_whose_class_waits_or_is_unknown() {
        let claim = Node::from(&json!({"spec": {"storageClassName": "late"}}));
        assert!(waits(&Known::Yes(vec!["late".into()]), &claim));
        assert!(!waits(&Known::Yes(vec!["other".into()]), &claim));
        assert!(waits(&Known::No("forbidden".into()), &claim));
    }
}
