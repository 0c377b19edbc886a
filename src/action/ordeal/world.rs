//! A cluster on which processes die and connections break, and the verbs that are run there.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

use super::chart;
use crate::action::{Locking, Place, Reading, Source, Target, deploy, rollback, uninstall};
use crate::apply::{Execution, Stop};
use crate::chart::Lookup;
use crate::cluster::{Cluster, Holder};
use crate::diagnostic::Failure;
use crate::plan::Options;
use crate::sandbox::{Faults, Sandbox};
use crate::values::Inputs;

pub(super) const EXECUTION: Execution = Execution { timeout: Duration::from_secs(600), concurrency: 4 };

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
        Self { sandbox: Sandbox::deterministic(), chart: std::rc::Rc::new(chart::folder()) }
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
                Verb::Rollback => Box::pin(rollback(&target, stop)).await,
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

    fn target(&self, faults: &Faults) -> Target {
        let cluster = Cluster::over_at_once(self.sandbox.client_with(faults));
        Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency }
    }

    async fn deploy(&self, target: &Target, set: &str, stop: &Stop) -> Result<(), Failure> {
        let request = deploy::Request {
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
        };
        let prepared =
            Box::pin(deploy::prepare_locked(request, target, &locking(stop), &mut Reading::default())).await?;
        let (events, _heard) = unbounded_channel();
        prepared.carry_out(&EXECUTION, &events, stop).await.map(drop)
    }
}

async fn rollback(target: &Target, stop: &Stop) -> Result<(), Failure> {
    let request = rollback::Request {
        name: "mq".into(),
        namespace: None,
        what: Some(1),
        options: Options::default(),
        history_max: 10,
        description: None,
    };
    let decide = async |reading: &mut Reading| rollback::prepare(request.clone(), target, reading).await;
    let prepared = Box::pin(deploy::locked(decide, &locking(stop), &mut Reading::default())).await?;
    let (events, _heard) = unbounded_channel();
    prepared.carry_out(&EXECUTION, &events, stop).await.map(drop)
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
