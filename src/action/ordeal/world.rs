//! A cluster on which processes die and connections break, and the verbs that are run there.

use std::time::Duration;

use tempfile::TempDir;

use super::chart;
use crate::action::ordinary::{again, deployment, deploys, removal, rolls_back, uninstalls};
use crate::action::{Place, Progress, Reading, Remark, Target, deploy, uninstall};
use crate::apply::{Execution, Stop};
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::release::Revision;
use crate::sandbox::{Faults, Sandbox};

/// The release.
pub(super) const RELEASE: &str = "mq";

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
                Verb::Rollback => Box::pin(rolls_back(again(RELEASE, Some(1)), &target, &EXECUTION, stop)).await,
                Verb::Uninstall => Box::pin(uninstalls(&removal(RELEASE, false), &target, &EXECUTION, stop)).await,
                Verb::Purge => Box::pin(uninstalls(&removal(RELEASE, true), &target, &EXECUTION, stop)).await,
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
            done = Box::pin(deploys(request, &target, &IMPATIENT, &stop)) => Some(done),
            () = faults.cut_off() => None,
        }
    }

    /// Goes back to a revision, undisturbed.
    pub(super) async fn rolls_back(&self, to: Revision, when: &str) {
        let (target, request) = (self.target(&Faults::none()), again(RELEASE, Some(to)));
        let done = Box::pin(rolls_back(request, &target, &EXECUTION, &Stop::never())).await;
        done.unwrap_or_else(|failure| panic!("to {to} {when}: {failure} {:?}", failure.diagnostics));
    }

    /// What an uninstall says of an earlier run that did not end.
    pub(super) async fn told_by_uninstall(&self) -> Option<Progress> {
        let mut reading = Reading::default();
        uninstall::prepare(&removal(RELEASE, false), &self.target(&Faults::none()), &mut reading).await.unwrap();
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
        deploys(self.request(set), target, &EXECUTION, stop).await
    }

    fn request(&self, set: &str) -> deploy::Request {
        deploy::Request { history_max: 2, ..deployment(RELEASE, self.chart.path(), vec![set.to_owned()]) }
    }
}

fn told(reading: &Reading) -> Option<Progress> {
    let progress = |remark: &Remark| if let Remark::Continues(_, _, progress) = remark { *progress } else { None };
    reading.remarks.iter().find_map(progress)
}
