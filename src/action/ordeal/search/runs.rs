//! The runs of kchart in a life.

use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

use k8s_openapi::api::core::v1;
use kube::api::{Api, DeleteParams};

use super::operation::{Deploy, Key, Password, Secret, Verb};
use super::program::Program;
use super::{Bug, chart};
use crate::action::ordinary::{again, deployment, locking, removal, rolls_back, rotates};
use crate::action::volumes::{adopt, purge};
use crate::action::{Place, Reading, Target, deploy, rotate, stored, uninstall};
use crate::apply::{Execution, Stop};
use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::plan::volumes::{GivenCredential, Name};
use crate::plan::{Act, Options, Plan, Rotate};
use crate::sandbox::{Faults, Sandbox};

/// The two releases; by default their objects have the same names.
pub(super) const RELEASES: [&str; 2] = ["mq", "other"];

/// The Secrets that they may have: of the names of their sets, of another name, and one that a person makes.
pub(super) const SECRETS: [&str; 5] = ["mq", "other", "renamed", "login", BY_HAND];

/// Where the releases are, and where their objects may be.
pub(super) const NAMESPACES: [&str; 2] = ["default", "away"];

/// The Secret that a person makes.
pub(super) const BY_HAND: &str = "by-hand";

/// What works in the sandbox works at once.
const EXECUTION: Execution = Execution { timeout: Duration::from_secs(10), concurrency: 4 };

/// What a run came to; none if its process died.
pub(super) type Outcome = Option<Result<(), Failure>>;

/// Who runs kchart.
pub(super) struct Runner {
    chart: TempDir,
    program: Program,
    bug: Bug,
    /// Knows the kinds of the sandbox, which are the same in all its life.
    known: Cluster,
}

impl Runner {
    pub(super) fn new(program: Program, bug: Bug, sandbox: &Sandbox) -> Self {
        Self { chart: chart::folder(), program, bug, known: Cluster::over(sandbox.client()) }
    }

    /// Runs a verb; `named` is the claim or volume that it is about, if it is about one.
    pub(super) async fn run(
        &self,
        sandbox: &Sandbox,
        (release, verb, named): (&str, &Verb, Option<&str>),
        faults: &Faults,
    ) -> Outcome {
        self.known.kinds().await.expect("nothing disturbs it");
        let cluster = Cluster::over(sandbox.client_with(faults)).knowing(&self.known);
        let target = Target { place: Place::Ready(cluster), concurrency: EXECUTION.concurrency };
        let never = Stop::never();
        let run = async {
            match verb {
                Verb::Deploy(deploy) => Box::pin(self.deploy(release, deploy, (sandbox, &target))).await,
                Verb::Rollback => Box::pin(rolls_back(short(again(release, None)), &target, &EXECUTION, &never)).await,
                Verb::Rotate => Box::pin(turn(release, rotate::What::default(), &target)).await,
                Verb::Abort { skip_job } => {
                    let what = rotate::What { key: None, abort: true, skip_job: *skip_job };
                    Box::pin(turn(release, what, &target)).await
                }
                Verb::Uninstall => Box::pin(self.uninstall(release, false, &target)).await,
                Verb::Purge => Box::pin(self.uninstall(release, true, &target)).await,
                Verb::PurgeNamed(_) => Box::pin(purge_named(named, &target)).await,
                Verb::Adopt { secret, key, .. } => {
                    Box::pin(adopt_named(named, release, (*secret, *key), &target)).await
                }
            }
        };
        tokio::select! {
            done = run => Some(done),
            () = faults.cut_off() => None,
        }
    }

    async fn deploy(
        &self,
        release: &str,
        deploy: &Deploy,
        (sandbox, target): (&Sandbox, &Target),
    ) -> Result<(), Failure> {
        let (name, (_, secret, key)) = (set_of(release, deploy), credential_of(release, deploy));
        let class = if deploy.retain { "standard-retain" } else { "standard" };
        let mut set = vec![
            format!("name={name},namespace={},secret={secret},key={key},class={class}", namespace_of(deploy)),
            format!("image={},{}", self.program.image(deploy.version), self.program.values()),
            format!("persistent={},reads={}", deploy.persistent, deploy.reads),
            format!("memory={}Gi,replicas={}", deploy.memory + 1, deploy.replicas),
        ];
        match deploy.password {
            Password::Generated => {}
            // Of its own for each set: what opens the data of one by chance would hide that the other's is lost.
            Password::Given(number) => set.push(format!("password=given-to-{}-{name}-{number}", namespace_of(deploy))),
            Password::Existing => set.push("existing=true".into()),
        }
        let request = deploy::Request {
            options: Options {
                accept_new_volume: deploy.accept_new_volume,
                adopt_volumes: deploy.adopt_volumes,
                rotate: if deploy.rotates { Rotate::Given } else { Rotate::Nothing },
                ..Options::default()
            },
            history_max: 3,
            rollback_on_failure: deploy.rollback_on_failure,
            ..deployment(release, self.chart.path(), set)
        };
        let never = Stop::never();
        let (locking, mut reading) = (locking(&never), Reading::default());
        let prepared = Box::pin(deploy::prepare_locked(request, target, &locking, &mut reading)).await?;
        let kept: Vec<ObjectId> = prepared.plan.report.kept.iter().map(|kept| kept.id.clone()).collect();
        let (events, _heard) = unbounded_channel();
        Box::pin(prepared.carry_out(&EXECUTION, &events, &never)).await?;
        if self.bug == Bug::PrunesWhatOpens {
            for secret in kept.iter().filter(|id| id.is_secret()) {
                let namespace = secret.namespace.as_deref().unwrap_or_default();
                let secrets: Api<v1::Secret> = Api::namespaced(sandbox.client(), namespace);
                let _ = secrets.delete(&secret.name, &DeleteParams::default()).await;
            }
        }
        Ok(())
    }

    async fn uninstall(&self, release: &str, purge: bool, target: &Target) -> Result<(), Failure> {
        let request = removal(release, purge);
        for prepared in uninstall::prepare(&request, target, &mut Reading::default()).await?.prepared {
            if let Some(mut prepared) = prepared.lock(&locking(&Stop::never())).await? {
                if self.bug == Bug::SecretsFirst {
                    secrets_first(&mut prepared.plan);
                }
                let (events, _heard) = unbounded_channel();
                prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
            }
        }
        Ok(())
    }
}

/// With a history as short as that of the deployments.
fn short<What>(request: stored::Request<What>) -> stored::Request<What> {
    stored::Request { history_max: 3, ..request }
}

async fn turn(release: &str, what: rotate::What, target: &Target) -> Result<(), Failure> {
    rotates(short(again(release, what)), target, &EXECUTION, &Stop::never()).await
}

async fn purge_named(name: Option<&str>, target: &Target) -> Result<(), Failure> {
    let (namespace, name) = match name.and_then(|name| name.split_once('/')) {
        Some((namespace, name)) => (Some(namespace.to_owned()), Some(name)),
        None => (None, name),
    };
    let names = name.and_then(|name| Name::parse(name).ok()).into_iter().collect();
    let request = purge::Request { names, namespace };
    for prepared in purge::prepare(&request, target, &mut Reading::default()).await? {
        let prepared = prepared.lock(&locking(&Stop::never())).await?;
        let (events, _heard) = unbounded_channel();
        prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
    }
    Ok(())
}

async fn adopt_named(
    name: Option<&str>,
    release: &str,
    (secret, key): (u8, Key),
    target: &Target,
) -> Result<(), Failure> {
    let Some(name) = name.and_then(|name| Name::parse(name).ok()) else { return Ok(()) };
    let secret = SECRETS[usize::from(secret)].to_owned();
    let request = adopt::Request {
        name,
        namespace: None,
        release: Some(release.to_owned()),
        claim: None,
        credentials: vec![GivenCredential { secret, key: key.name().to_owned(), value: None }],
        without_credential: false,
    };
    let prepared = adopt::prepare(request, target, &mut Reading::default()).await?;
    let prepared = Box::pin(prepared.lock(&locking(&Stop::never()))).await?;
    let (events, _heard) = unbounded_channel();
    prepared.carry_out(&EXECUTION, &events, &Stop::never()).await?;
    Ok(())
}

/// The name of the set.
pub(super) fn set_of<'a>(release: &'a str, deploy: &Deploy) -> &'a str {
    match deploy.name {
        0 => release,
        1 => "renamed",
        _ => other(release),
    }
}

/// Where all of it is.
pub(super) fn namespace_of(deploy: &Deploy) -> &'static str {
    NAMESPACES[usize::from(deploy.away)]
}

/// Namespace, Secret and key of the password.
pub(super) fn credential_of<'a>(release: &'a str, deploy: &Deploy) -> (&'static str, &'a str, &'static str) {
    let secret = match deploy.secret {
        Secret::Own => set_of(release, deploy),
        Secret::Renamed => "login",
        Secret::ByHand => BY_HAND,
        Secret::Others => other(release),
    };
    (namespace_of(deploy), secret, deploy.key.name())
}

fn other(release: &str) -> &'static str {
    if release == RELEASES[0] { RELEASES[1] } else { RELEASES[0] }
}

/// The planted bug.
fn secrets_first(plan: &mut Plan) {
    let is_secret = |id: &ObjectId| id.is("", "Secret");
    for step in plan.steps.iter_mut().filter(|step| matches!(&step.act, Act::Delete { id, .. } if is_secret(id))) {
        step.after.clear();
    }
}
