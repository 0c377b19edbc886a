//! A cluster on which processes die and connections break, and the verbs that are run there.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

use super::chart;
use crate::action::{Locking, Place, Progress, Reading, Remark, Source, Target, deploy, rollback, uninstall};
use crate::apply::{Execution, Stop};
use crate::chart::Lookup;
use crate::cluster::{Cluster, Holder};
use crate::diagnostic::Failure;
use crate::plan::Options;
use crate::release::Revision;
use crate::sandbox::{Faults, Sandbox};
use crate::values::Inputs;

pub(super) const EXECUTION: Execution = Execution { timeout: Duration::from_secs(600), concurrency: 4 };
/// Nothing is waited for: what can't get ready is late at once.
const IMPATIENT: Execution = Execution { timeout: Duration::ZERO, concurrency: 4 };

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Puts the first edition of the chart in force.
    Install,
    /// Puts the second one in force.
    Upgrade,
    /// Goes back from the second one to the first.
    Rollback,
    /// Takes the release away and keeps the data.
    Uninstall,
    /// Takes the release away with its data.
    Purge,
}

/// A cluster, and the chart.
pub(super) struct World {
    pub(super) sandbox: Sandbox,
    chart: std::rc::Rc<TempDir>,
}

impl World {
    /// An empty cluster.
    pub(super) fn new() -> Self {
        Self { sandbox: Sandbox::deterministic(), chart: std::rc::Rc::new(chart::folder(false)) }
    }

    /// An empty cluster, and a chart that is soon installed.
    pub(super) fn small() -> Self {
        Self { chart: std::rc::Rc::new(chart::folder(true)), ..Self::new() }
    }

    /// The same after the first edition was put in force.
    pub(super) async fn small_installed() -> Self {
        let world = Self::small();
        world.succeeds(Verb::Install, "at first").await;
        world
    }

    /// An empty cluster, and a chart of one template.
    pub(super) fn of(template: &str, values: &str) -> Self {
        Self { sandbox: Sandbox::deterministic(), chart: std::rc::Rc::new(chart::of(template, values)) }
    }

    /// A cluster on which the first edition is in force.
    pub(super) async fn installed() -> Self {
        let world = Self::new();
        world.succeeds(Verb::Install, "at first").await;
        world
    }

    /// A cluster on which the second edition is in force.
    pub(super) async fn upgraded() -> Self {
        let world = Self::installed().await;
        world.succeeds(Verb::Upgrade, "at first").await;
        world
    }

    /// Another world that is as this one is now.
    pub(super) fn copy(&self) -> Self {
        Self { sandbox: self.sandbox.copy(), chart: std::rc::Rc::clone(&self.chart) }
    }

    /// Runs a verb to its end, undisturbed.
    pub(super) async fn succeeds(&self, verb: Verb, when: &str) {
        let done = self.run(verb, &Faults::none()).await.expect("nobody cuts it off");
        done.unwrap_or_else(|failure| panic!("{verb:?} {when}: {failure} {:?}", failure.diagnostics));
    }

    /// Runs a verb in a process of its own; none if the process died.
    pub(super) async fn run(&self, verb: Verb, faults: &Faults) -> Option<Result<(), Failure>> {
        self.run_until(verb, faults, &Stop::never()).await
    }

    /// The same, and somebody may ask it to stop.
    pub(super) async fn run_until(&self, verb: Verb, faults: &Faults, stop: &Stop) -> Option<Result<(), Failure>> {
        let target = self.target(faults);
        let run = async {
            match verb {
                Verb::Install => Box::pin(self.deploy(&target, "memory=1Gi", stop)).await,
                Verb::Upgrade => Box::pin(self.deploy(&target, "memory=2Gi", stop)).await,
                Verb::Rollback => Box::pin(rollback(&target, 1, stop)).await,
                Verb::Uninstall => Box::pin(uninstall(&target, false, stop)).await,
                Verb::Purge => Box::pin(uninstall(&target, true, stop)).await,
            }
        };
        tokio::select! {
            done = Box::pin(run) => Some(done),
            () = faults.cut_off() => None,
        }
    }

    /// Puts the chart in force with a value that is set, in a process of its own; none if the process died.
    pub(super) async fn deploys(&self, set: &str, faults: &Faults) -> Option<Result<(), Failure>> {
        let (target, stop) = (self.target(faults), Stop::never());
        tokio::select! {
            done = Box::pin(self.deploy(&target, set, &stop)) => Some(done),
            () = faults.cut_off() => None,
        }
    }

    /// Runs a deployment whose broker never starts, with the way back; none if its process died.
    pub(super) async fn run_broken(&self, set: &str, faults: &Faults) -> Option<Result<(), Failure>> {
        let (target, stop) = (self.target(faults), Stop::never());
        let mut request = self.request(set);
        request.inputs.set.push("image=rabbitmq:does-not-exist".into());
        let request = deploy::Request { rollback_on_failure: true, ..request };
        tokio::select! {
            done = Box::pin(deploy(request, &target, &IMPATIENT, &stop)) => Some(done),
            () = faults.cut_off() => None,
        }
    }

    /// Goes back to a revision, undisturbed.
    pub(super) async fn rolls_back(&self, to: Revision, when: &str) {
        let done = Box::pin(rollback(&self.target(&Faults::none()), to, &Stop::never())).await;
        done.unwrap_or_else(|failure| panic!("to {to} {when}: {failure} {:?}", failure.diagnostics));
    }

    /// What an uninstall says of an earlier run that did not end.
    pub(super) async fn told_by_uninstall(&self) -> Option<Progress> {
        let mut reading = Reading::default();
        uninstall::prepare(&removal(false), &self.target(&Faults::none()), &mut reading).await.unwrap();
        told(&reading)
    }

    /// What an install says of it.
    pub(super) async fn told_by_install(&self) -> Option<Progress> {
        let mut reading = Reading::default();
        let target = self.target(&Faults::none());
        Box::pin(deploy::prepare(self.request("memory=1Gi"), &target, &mut reading)).await.unwrap();
        told(&reading)
    }

    fn target(&self, faults: &Faults) -> Target {
        let cluster = Cluster::over_at_once(self.sandbox.client_with(faults));
        Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency }
    }

    async fn deploy(&self, target: &Target, set: &str, stop: &Stop) -> Result<(), Failure> {
        deploy(self.request(set), target, &EXECUTION, stop).await
    }

    fn request(&self, set: &str) -> deploy::Request {
        deploy::Request {
            source: Source::Chart {
                reference: format!("{}/", self.chart.path().display()),
                lookup: Lookup { directory: PathBuf::new(), folders: Vec::new() },
            },
            inputs: Inputs { set: vec![set.to_owned()], ..Inputs::default() },
            name: Some("mq".into()),
            namespace: None,
            verb: deploy::Verb::UpgradeOrInstall,
            reuse: deploy::Reuse::Nothing,
            options: Options::default(),
            strict: false,
            history_max: 2,
            description: None,
            rollback_on_failure: false,
        }
    }
}

async fn deploy(request: deploy::Request, target: &Target, execution: &Execution, stop: &Stop) -> Result<(), Failure> {
    let prepared = Box::pin(deploy::prepare_locked(request, target, &locking(stop), &mut Reading::default())).await?;
    let (events, _heard) = unbounded_channel();
    prepared.carry_out(execution, &events, stop).await?;
    Ok(())
}

async fn rollback(target: &Target, to: Revision, stop: &Stop) -> Result<(), Failure> {
    let request = rollback::Request {
        name: "mq".into(),
        namespace: None,
        what: Some(to),
        options: Options::default(),
        history_max: 10,
        description: None,
    };
    let decide = async |reading: &mut Reading| rollback::prepare(request.clone(), target, reading).await;
    let prepared = Box::pin(deploy::locked(decide, &locking(stop), &mut Reading::default())).await?;
    let (events, _heard) = unbounded_channel();
    prepared.carry_out(&EXECUTION, &events, stop).await?;
    Ok(())
}

fn told(reading: &Reading) -> Option<Progress> {
    let progress = |remark: &Remark| if let Remark::Continues(_, _, progress) = remark { *progress } else { None };
    reading.remarks.iter().find_map(progress)
}

pub(super) fn removal(purge: bool) -> uninstall::Request {
    uninstall::Request {
        names: vec!["mq".into()],
        namespace: None,
        purge,
        keep_history: false,
        prune_crds: Vec::new(),
        skip_jobs: false,
        ignore_not_found: true,
    }
}

pub(super) async fn uninstall(target: &Target, purge: bool, stop: &Stop) -> Result<(), Failure> {
    let found = uninstall::prepare(&removal(purge), target, &mut Reading::default()).await?;
    for prepared in found.prepared {
        if let Some(prepared) = prepared.lock(&locking(stop)).await? {
            let (events, _heard) = unbounded_channel();
            prepared.carry_out(&EXECUTION, &events, stop).await?;
        }
    }
    Ok(())
}

pub(super) fn locking(stop: &Stop) -> Locking<'static> {
    let run = getrandom::u32().unwrap();
    Locking {
        holder: Holder::new("here", 1, run, None),
        patience: Duration::from_secs(60),
        stop: stop.clone(),
        tell: &|_| {},
    }
}
