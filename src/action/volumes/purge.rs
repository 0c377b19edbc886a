//! Destroys claims and volumes that are named, under the lock of the release that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use super::gather::{Depth, estate};
use crate::action::ending::{self, Aborted, Steps, Told};
use crate::action::execution::{self, Ended, Events};
use crate::action::locking::give_back;
use crate::action::planning::refused;
use crate::action::{Locking, Reading, SharedMask, Target, name, rights};
use crate::apply::{Execution, Stop, Unfinished, Work, unchanged};
use crate::cluster::{Cluster, Held};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::ObjectId;
use crate::plan::volumes::{Holding, Name, find, holdings, purge};
use crate::plan::{Act, Plan, Question, Refusal, Report, StepId};
use crate::release::Release;

/// What to destroy.
#[derive(Clone, Debug)]
pub struct Request {
    /// Claims and volumes.
    pub names: Vec<Name>,
    /// Their namespace; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
}

/// What is to be destroyed of one release, or of none. Nothing is done yet.
#[derive(Debug)]
pub struct Prepared {
    cluster: Cluster,
    held: Option<Held>,
    names: Vec<Name>,
    mask: SharedMask,
    /// The namespace of the claims.
    pub namespace: String,
    /// Whose they are, if a release is known that may have them.
    pub release: Option<Release>,
    /// The plan: to be shown, asked about, or carried out.
    pub plan: Plan,
}

/// What was destroyed.
#[derive(Clone, Debug)]
pub struct Purged {
    /// The namespace of the claims.
    pub namespace: String,
    /// Whose they were.
    pub release: Option<Release>,
    /// What was done.
    pub report: Report,
}

/// A group of names, and the plan for it.
type Group = (Vec<Name>, Result<Plan, Vec<Refusal>>);

/// Asks the cluster and decides, for all names before anything is done for one.
///
/// # Errors
/// There is no such claim or volume; refused to protect data; rights are missing.
pub async fn prepare(request: &Request, target: &Target, reading: &mut Reading) -> Result<Vec<Prepared>, Failure> {
    name::checked_namespace(request.namespace.as_deref())?;
    let cluster = target.connect().await?;
    let namespace = request.namespace.as_deref().unwrap_or(&cluster.default_namespace).to_owned();
    let mut prepared = Vec::new();
    let mut refusals = Vec::new();
    for (release, (names, plan)) in decide(&cluster, &namespace, &request.names).await? {
        match plan {
            Ok(plan) => prepared.push(Prepared {
                cluster: cluster.clone(),
                held: None,
                names,
                mask: reading.mask.clone(),
                namespace: namespace.clone(),
                release,
                plan,
            }),
            Err(some) => refusals.extend(some),
        }
    }
    reading.warnings.extend(cluster.take_warnings().into_iter().map(Diagnostic::warning));
    if !refusals.is_empty() {
        return Err(refused(refusals));
    }
    for one in &prepared {
        rights::check(&cluster, "the volumes can't be purged", None, &one.plan).await?;
    }
    Ok(prepared)
}

/// The plan for each release that something named belongs to, and for what belongs to none.
async fn decide(
    cluster: &Cluster,
    namespace: &str,
    names: &[Name],
) -> Result<BTreeMap<Option<Release>, Group>, Failure> {
    let estate = estate(cluster, Some(namespace), Depth::Deep).await?;
    let all = holdings(&estate);
    let mut groups: BTreeMap<Option<Release>, Vec<(&Name, &Holding<'_>)>> = BTreeMap::new();
    for name in names {
        let holding = find(&estate, &all, namespace, name).map_err(Failure::failed)?;
        let release = holding.tenant.map(|tenant| tenant.release.clone());
        let group = groups.entry(release).or_default();
        if !group.iter().any(|(_, other)| std::ptr::eq(*other, holding)) {
            group.push((name, holding));
        }
    }
    let planned = groups.into_iter().map(|(release, named)| {
        let names = named.iter().map(|(name, _)| (*name).clone()).collect();
        (release, (names, purge(&estate, &all, &named)))
    });
    Ok(planned.collect())
}

impl Prepared {
    /// Takes the lock of the release, and looks again what is there.
    ///
    /// # Errors
    /// `Class::Locked` when another run does not end in time; the volumes are no longer those that were shown.
    pub async fn lock(mut self, locking: &Locking<'_>) -> Result<Self, Failure> {
        let Some(release) = &self.release else { return Ok(self) };
        let (held, plan) = locking.take_and_look(&self.cluster, release, Box::pin(self.look_again())).await?;
        self.plan = plan;
        self.held = Some(held);
        Ok(self)
    }

    async fn look_again(&self) -> Result<Plan, Failure> {
        let mut groups = decide(&self.cluster, &self.namespace, &self.names).await?;
        let again = groups.remove(&self.release).filter(|_| groups.is_empty());
        match again.map(|(_, plan)| plan.map_err(refused)).transpose()? {
            Some(plan) if plan.report.volumes == self.plan.report.volumes => Ok(plan),
            // The consent was to what was shown.
            _ => Err(Failure::failed(
                Diagnostic::error("the volumes are no longer those that were shown: another run was at work")
                    .note("nothing was changed")
                    .hint("look at them and run the same command again"),
            )),
        }
    }

    /// Carries out the plan, looks whether all is really gone, and gives the lock back.
    ///
    /// # Errors
    /// The first fatal error, with what to do next; a volume that is there again.
    pub async fn carry_out(
        mut self,
        execution: &Execution,
        events: &Events,
        stop: &Stop,
    ) -> Result<Purged, Box<Aborted<Purged>>> {
        let held = self.held.take();
        let outcome = self.obey(execution, events, held.as_ref(), stop).await;
        give_back(held).await;
        outcome
    }

    async fn obey(
        self,
        execution: &Execution,
        events: &Events,
        held: Option<&Held>,
        stop: &Stop,
    ) -> Result<Purged, Box<Aborted<Purged>>> {
        if let Some(failure) = stop.asked() {
            let steps = Steps::none_of(&self.plan);
            return Err(Box::new(Aborted::before(unchanged(failure), self.outcome(), steps)));
        }
        let nobody = || Release { namespace: self.namespace.clone(), name: String::new() };
        let release = self.release.clone().unwrap_or_else(nobody);
        let work = Work { release: &release, plan: &self.plan, wanted: &[], mask: self.mask.now() };
        match execution::run(&self.cluster, work, execution, events, held, stop).await {
            Ended::Done => {}
            Ended::Early(unfinished, done) => {
                return Err(Box::new(self.unfinished(unfinished, &done).await.wanting(self.outcome())));
            }
        }
        match self.verify().await {
            Ok(()) => Ok(self.outcome()),
            Err(failure) => Err(Box::new(Aborted::after(failure, &self.plan).wanting(self.outcome()))),
        }
    }

    fn outcome(self) -> Purged {
        Purged { namespace: self.namespace, release: self.release, report: self.plan.report }
    }

    /// A volume whose maker finds its data again makes it again: then nothing is gone.
    async fn verify(&self) -> Result<(), Failure> {
        let awaited = self.plan.steps.iter().filter_map(|step| match &step.act {
            Act::AwaitGone { id, .. } if id.is("", "PersistentVolume") => Some(&id.name),
            _ => None,
        });
        let awaited: Vec<&String> = awaited.collect();
        if awaited.is_empty() {
            return Ok(());
        }
        let facts = self.cluster.answer(&[Question::Volumes]).await?;
        let there = facts.volumes.get().into_iter().flatten().filter(|(name, _)| awaited.contains(name));
        let again = |(name, volume): (&String, &crate::plan::Volume)| {
            Diagnostic::error(format!("`{}` is there again: who made it found its data", ObjectId::volume(name)))
                .note(format!("its data are at {}", volume.location))
                .hint(format!("`kubectl describe pv {name}` tells who makes it"))
        };
        let diagnostics: Vec<Diagnostic> = there.map(again).collect();
        if diagnostics.is_empty() { Ok(()) } else { Err(Failure { class: Class::NotReady, diagnostics }) }
    }

    async fn unfinished(&self, unfinished: Unfinished, done: &BTreeSet<StepId>) -> Aborted<()> {
        let names: Vec<String> = self.names.iter().map(Name::to_string).collect();
        let again = format!("kchart volumes purge {} -n {}", names.join(" "), self.namespace);
        let tell = |first: Diagnostic, told: &Told| {
            first.note(told.progress.clone()).hint(format!("to go on from here: `{again}`"))
        };
        ending::early(unfinished, done, (&self.plan, &self.mask), ending::unrecorded, tell).await
    }
}
