//! A cluster, what happens on it, and what must be true after each thing that happens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Secret};
use kube::api::{Api, DeleteParams, PostParams};
use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

use super::operation::{Deploy, Operation, Password, Verb};
use super::truth::Truth;
use super::{Uninstaller, chart};
use crate::action::ordeal::world::locking;
use crate::action::{Place, Reading, Source, Target, deploy, rollback, uninstall};
use crate::apply::{Execution, Stop};
use crate::chart::Lookup;
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::{Act, Options, Plan};
use crate::sandbox::{Fault, Faults, Rule, Sandbox};
use crate::values::Inputs;

/// The two releases; by default their objects have the same names.
const RELEASES: [&str; 2] = ["mq", "other"];

/// What works in the sandbox works at once.
const EXECUTION: Execution = Execution { timeout: Duration::from_secs(10), concurrency: 4 };

/// The Secrets that they may have.
const SECRETS: [&str; 3] = ["mq", "other", "renamed"];

/// What a run came to; none if its process died.
type Outcome = Option<Result<(), Failure>>;

pub(super) struct Life {
    sandbox: Sandbox,
    chart: TempDir,
    uninstaller: Uninstaller,
    /// Whose data are where: the last mark that their claim had.
    owners: BTreeMap<String, String>,
    /// Data of which a person deleted what opens them.
    lost: BTreeSet<String>,
    /// Secrets that a person deleted.
    deleted: BTreeMap<String, Secret>,
}

impl Life {
    pub(super) fn new(uninstaller: Uninstaller) -> Self {
        Self {
            sandbox: Sandbox::deterministic(),
            chart: chart::folder(),
            uninstaller,
            owners: BTreeMap::new(),
            lost: BTreeSet::new(),
            deleted: BTreeMap::new(),
        }
    }

    /// One thing happens.
    pub(super) async fn meet(&mut self, operation: &Operation) -> Result<(), String> {
        let before = Truth::of(&self.sandbox);
        match operation {
            Operation::Run { release, verb, dies_after } => {
                let release = RELEASES[usize::from(*release)];
                let faults = Faults::new(dies_after.map(|request| Rule::at(request.into(), Fault::CutOffAfter)));
                let outcome = self.run(release, verb, &faults).await;
                let after = Truth::of(&self.sandbox);
                self.data_go_by_purge_alone(&before, &after, matches!(verb, Verb::Purge).then_some(release))?;
                self.what_opens_stays(&before, &after)?;
                if let Verb::Deploy(deploy) = verb {
                    nothing_new_beside_what_is_lost(&before, &after, release, deploy)?;
                    works_when_it_says_so(&after, release, deploy, &outcome)?;
                }
                // One that is refused takes no lock, and leaves what a run that died has left.
                if matches!(outcome, Some(Ok(()))) && after.locks.contains(&format!("kchart-{release}")) {
                    return Err("the lock is left".into());
                }
            }
            Operation::DeleteSecret(number) => {
                self.delete_secret(SECRETS[usize::from(*number)]).await;
            }
            Operation::RestoreSecret(number) => {
                self.restore_secret(SECRETS[usize::from(*number)]).await;
            }
            Operation::DeleteClaim(number) => {
                if let Some(claim) = before.claims.get(usize::from(*number) % before.claims.len().max(1)) {
                    let claims: Api<PersistentVolumeClaim> = Api::default_namespaced(self.sandbox.client());
                    let _ = claims.delete(claim, &DeleteParams::default()).await;
                }
            }
        }
        self.remember(&Truth::of(&self.sandbox));
        Ok(())
    }

    /// However it went, both releases can be purged, and nothing is left.
    pub(super) async fn end(&mut self) -> Result<(), String> {
        for release in RELEASES {
            let before = Truth::of(&self.sandbox);
            let outcome = self.run(release, &Verb::Purge, &Faults::none()).await;
            let after = Truth::of(&self.sandbox);
            self.data_go_by_purge_alone(&before, &after, Some(release))?;
            self.what_opens_stays(&before, &after)?;
            if let Some(Err(failure)) = outcome {
                return Err(format!("in the end `{release}` can't be purged: {}", told(&failure)));
            }
        }
        let left = Truth::of(&self.sandbox);
        match left.claims.first() {
            Some(claim)
                if left.data.values().any(|place| place.claim.as_ref() == Some(claim) && place.release.is_some()) =>
            {
                Err(format!("in the end claim `{claim}` is left"))
            }
            _ => Ok(()),
        }
    }

    /// Whose the data are now, and which ones nothing opens any more because of a person.
    fn remember(&mut self, now: &Truth) {
        for (place, data) in &now.data {
            if let Some(release) = &data.release {
                self.owners.insert(place.clone(), release.clone());
            }
        }
        self.lost = now.data.iter().filter(|(_, data)| !data.opened).map(|(place, _)| place.clone()).collect();
    }

    fn data_go_by_purge_alone(&self, before: &Truth, after: &Truth, purged: Option<&str>) -> Result<(), String> {
        for (place, data) in before.data.iter().filter(|(place, _)| !after.data.contains_key(*place)) {
            let owner = self.owners.get(place).map(String::as_str);
            if !data.going && (purged.is_none() || owner != purged) {
                return Err(format!("data of {:?} of release {owner:?} are gone", data.claim));
            }
        }
        Ok(())
    }

    fn what_opens_stays(&self, before: &Truth, after: &Truth) -> Result<(), String> {
        // A volume of which a person deleted the claim is no longer the release's to look after.
        let claimed = after.data.iter().filter(|(_, data)| data.claim.is_some());
        let mut closed = claimed.filter(|(place, data)| !data.opened && !self.lost.contains(*place));
        match closed.next() {
            Some((place, data)) => {
                let new = if before.data.contains_key(place) { "" } else { "new " };
                Err(format!("nothing in the cluster opens the {new}data of {:?}", data.claim))
            }
            None => Ok(()),
        }
    }

    async fn run(&self, release: &str, verb: &Verb, faults: &Faults) -> Outcome {
        let cluster = Cluster::over(self.sandbox.client_with(faults));
        let target = Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency };
        let run = async {
            match verb {
                Verb::Deploy(deploy) => Box::pin(self.deploy(release, deploy, &target)).await,
                Verb::Rollback => Box::pin(roll_back(release, &target)).await,
                Verb::Uninstall => Box::pin(self.uninstall(release, false, &target)).await,
                Verb::Purge => Box::pin(self.uninstall(release, true, &target)).await,
            }
        };
        tokio::select! {
            done = run => Some(done),
            () = faults.cut_off() => None,
        }
    }

    async fn deploy(&self, release: &str, deploy: &Deploy, target: &Target) -> Result<(), Failure> {
        let name = name(release, deploy);
        let class = if deploy.retain { "standard-retain" } else { "standard" };
        let image = if deploy.broken { "registry.invalid/rabbitmq:4.2" } else { "rabbitmq:4.2" };
        let mut set = vec![
            format!("name={name},secret={name},class={class},image={image}"),
            format!("memory={}Gi,replicas={}", deploy.memory + 1, deploy.replicas),
        ];
        match deploy.password {
            Password::Generated => {}
            Password::Given(number) => set.push(format!("password=given-by-values-{number}")),
            Password::Existing => set.push("existing=true".into()),
        }
        let request = deploy::Request {
            source: Source::Chart {
                reference: format!("{}/", self.chart.path().display()),
                lookup: Lookup { directory: PathBuf::new(), folders: Vec::new() },
            },
            inputs: Inputs { set, ..Inputs::default() },
            name: Some(release.to_owned()),
            namespace: None,
            verb: deploy::Verb::UpgradeOrInstall,
            reuse: deploy::Reuse::Nothing,
            options: Options {
                accept_new_volume: deploy.accept_new_volume,
                adopt_volumes: deploy.adopt_volumes,
                ..Options::default()
            },
            strict: false,
            history_max: 3,
            description: None,
            rollback_on_failure: deploy.rollback_on_failure,
        };
        let prepared =
            Box::pin(deploy::prepare_locked(request, target, &locking(&Stop::never()), &mut Reading::default()))
                .await?;
        let (events, _heard) = unbounded_channel();
        prepared.carry_out(&EXECUTION, &events, &Stop::never()).await.map(drop)
    }

    async fn uninstall(&self, release: &str, purge: bool, target: &Target) -> Result<(), Failure> {
        let request = uninstall::Request {
            names: vec![release.to_owned()],
            namespace: None,
            purge,
            keep_history: false,
            prune_crds: Vec::new(),
            skip_jobs: false,
            ignore_not_found: true,
        };
        for prepared in uninstall::prepare(&request, target, &mut Reading::default()).await?.prepared {
            if let Some(mut prepared) = prepared.lock(&locking(&Stop::never())).await? {
                if self.uninstaller == Uninstaller::SecretsFirst {
                    secrets_first(&mut prepared.plan);
                }
                let (events, _heard) = unbounded_channel();
                prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
            }
        }
        Ok(())
    }

    async fn delete_secret(&mut self, name: &str) {
        let secrets: Api<Secret> = Api::default_namespaced(self.sandbox.client());
        if let Ok(secret) = secrets.get(name).await {
            let _ = secrets.delete(name, &DeleteParams::default()).await;
            self.deleted.insert(name.to_owned(), secret);
        }
    }

    /// What a person has of it: name, labels and content.
    async fn restore_secret(&mut self, name: &str) {
        let Some(mut secret) = self.deleted.remove(name) else { return };
        secret.metadata.uid = None;
        secret.metadata.resource_version = None;
        secret.metadata.managed_fields = None;
        let secrets: Api<Secret> = Api::default_namespaced(self.sandbox.client());
        let _ = secrets.create(&PostParams::default(), &secret).await;
    }
}

/// Where a person took what opens data, no other value is made for it.
fn nothing_new_beside_what_is_lost(
    before: &Truth,
    after: &Truth,
    release: &str,
    deploy: &Deploy,
) -> Result<(), String> {
    let secret = name(release, deploy);
    let made = after.passwords.get(secret).filter(|made| before.passwords.get(secret) != Some(made));
    // Those above today's replicas count too, unless they are another release's: a set that grows to them is refused.
    let grows_to = |claim: &str| (0..deploy.replicas).any(|ordinal| claim == format!("data-{secret}-{ordinal}"));
    let is_own =
        |claim: &str, owner: Option<&str>| owner == Some(release) && claim.starts_with(&format!("data-{secret}-"));
    let closed = after.data.values().filter(|data| !data.opened).any(|data| {
        data.claim.as_deref().is_some_and(|claim| grows_to(claim) || is_own(claim, data.release.as_deref()))
    });
    match made {
        Some(_) if closed && deploy.password == Password::Generated => {
            Err(format!("a new password was made in `{secret}` beside data that it does not open"))
        }
        _ => Ok(()),
    }
}

/// A deploy that succeeds has waited until everybody can log in.
fn works_when_it_says_so(after: &Truth, release: &str, deploy: &Deploy, outcome: &Outcome) -> Result<(), String> {
    let set = name(release, deploy);
    match outcome {
        Some(Ok(())) if after.unready.contains(set) => Err(format!("done, but Pods of `{set}` are not ready")),
        _ => Ok(()),
    }
}

async fn roll_back(release: &str, target: &Target) -> Result<(), Failure> {
    let request = rollback::Request {
        name: release.to_owned(),
        namespace: None,
        to: None,
        options: Options::default(),
        history_max: 3,
        description: None,
    };
    let prepared = rollback::prepare_locked(request, target, &locking(&Stop::never()), &mut Reading::default()).await?;
    let (events, _heard) = unbounded_channel();
    prepared.carry_out(&EXECUTION, &events, &Stop::never()).await.map(drop)
}

/// The name of set and Secret.
fn name<'a>(release: &'a str, deploy: &Deploy) -> &'a str {
    match deploy.name {
        0 => release,
        1 => "renamed",
        _ => RELEASES.into_iter().find(|other| *other != release).unwrap_or(release),
    }
}

/// The planted bug.
fn secrets_first(plan: &mut Plan) {
    let is_secret = |id: &ObjectId| id.is("", "Secret");
    for step in plan.steps.iter_mut().filter(|step| matches!(&step.act, Act::Delete { id, .. } if is_secret(id))) {
        step.after.clear();
    }
}

fn told(failure: &Failure) -> String {
    let messages: Vec<&str> = failure.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    messages.join("; ")
}
