//! A cluster, and what happens on it: runs of kchart, and what people do.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Secret};
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};

use super::Bug;
use super::laws::{self, Given, Memory};
use super::operation::{Key, Operation, Spot, Verb};
use super::program::Program;
use super::runs::{BY_HAND, NAMESPACES, RELEASES, Runner, SECRETS, credential_of};
use super::truth::Truth;
use crate::sandbox::{Fault, Faults, Rule, Sandbox};

pub(super) struct Life {
    sandbox: Sandbox,
    runner: Runner,
    memory: Memory,
    now: Truth,
    /// Secrets that a person deleted.
    deleted: BTreeMap<Named, Secret>,
    /// The first content that was seen of each Secret.
    backups: BTreeMap<Named, Content>,
    /// Secrets that a person had a hand in.
    touched: BTreeSet<Named>,
    /// How many passwords a person has made up.
    made_up: usize,
}

/// Namespace and name of a Secret.
type Named = (&'static str, &'static str);

type Content = BTreeMap<String, ByteString>;

impl Life {
    pub(super) async fn new(program: Program, bug: Bug) -> Self {
        let sandbox = Sandbox::deterministic();
        let metadata = ObjectMeta { name: Some(NAMESPACES[1].to_owned()), ..ObjectMeta::default() };
        let namespaces: Api<Namespace> = Api::all(sandbox.client());
        let away = Namespace { metadata, ..Namespace::default() };
        namespaces.create(&PostParams::default(), &away).await.expect("nothing disturbs it");
        let now = Truth::of(&sandbox);
        let runner = Runner::new(program, bug, &sandbox);
        let (memory, deleted, backups) = (Memory::default(), BTreeMap::new(), BTreeMap::new());
        Self { sandbox, runner, memory, now, deleted, backups, touched: BTreeSet::new(), made_up: 0 }
    }

    /// One thing happens.
    pub(super) async fn meet(&mut self, operation: &Operation) -> Result<(), String> {
        match operation {
            Operation::Run { release, verb, dies_after } => {
                let faults = Faults::new(dies_after.map(|request| Rule::at(request.into(), Fault::CutOffAfter)));
                self.run(RELEASES[usize::from(*release)], verb, &faults).await?;
            }
            Operation::DeleteSecret(spot) => self.delete_secret(named(*spot)).await,
            Operation::RestoreSecret(spot) => self.restore_secret(named(*spot)).await,
            Operation::RestoreBackup(spot) => {
                if let Some(content) = self.backups.get(&named(*spot)).cloned() {
                    self.fill_secret(named(*spot), content).await;
                }
            }
            Operation::MakeSecret { away, from } => {
                self.make_secret((NAMESPACES[usize::from(*away)], BY_HAND), from.map(named)).await;
            }
            Operation::DeleteClaim(number) => {
                if let Some((namespace, claim)) = one_of(&self.now.claims, *number).and_then(|it| it.split_once('/')) {
                    let claims: Api<PersistentVolumeClaim> = Api::namespaced(self.sandbox.client(), namespace);
                    let _ = claims.delete(claim, &DeleteParams::default()).await;
                }
            }
        }
        self.now = Truth::of(&self.sandbox);
        self.memory.remember(&self.now);
        self.back_up().await;
        Ok(())
    }

    /// Runs kchart, and looks what became of the data.
    async fn run(&mut self, release: &str, verb: &Verb, faults: &Faults) -> Result<(), String> {
        let named = match verb {
            Verb::PurgeNamed(number) => {
                let all: Vec<String> = self.now.claims.iter().chain(&self.now.volumes).cloned().collect();
                one_of(&all, *number).cloned()
            }
            Verb::Adopt { volume, .. } => one_of(&self.now.volumes, *volume).cloned(),
            _ => None,
        };
        if named.is_none() && matches!(verb, Verb::PurgeNamed(_) | Verb::Adopt { .. }) {
            return Ok(());
        }
        let outcome = self.runner.run(&self.sandbox, (release, verb, named.as_deref()), faults).await;
        let (before, after) = (&self.now, Truth::of(&self.sandbox));
        let given = match (verb, &named) {
            (Verb::Purge, _) => Given::Of(release),
            (Verb::PurgeNamed(_), Some(name)) => Given::Named(name),
            _ => Given::Nothing,
        };
        self.memory.data_go_only_when_given(before, &after, given)?;
        self.memory.what_opens_stays(before, &after)?;
        if let Verb::Deploy(deploy) = verb {
            self.memory.nothing_new_beside_what_is_lost(before, &after, release, deploy)?;
            let (namespace, secret, _) = credential_of(release, deploy);
            if matches!(outcome, Some(Ok(()))) && !self.touched.iter().any(|it| *it == (namespace, secret)) {
                laws::reads_what_opens(&after, |password| Truth::opened(&self.sandbox, password), deploy, release)?;
            }
        }
        laws::changes_nothing_when_it_refuses(before, &after, &outcome)?;
        laws::works_when_it_says_so(&after, verb, release, &outcome)?;
        // A purge by name locks the release that has it.
        if !matches!(verb, Verb::PurgeNamed(_)) {
            laws::gives_the_lock_back(&after, release, &outcome)?;
        }
        self.now = after;
        Ok(())
    }

    /// However it went, both releases can be purged, and nothing is left.
    pub(super) async fn end(&mut self) -> Result<(), String> {
        for release in RELEASES {
            let outcome = self.runner.run(&self.sandbox, (release, &Verb::Purge, None), &Faults::none()).await;
            let after = Truth::of(&self.sandbox);
            self.memory.data_go_only_when_given(&self.now, &after, Given::Of(release))?;
            self.memory.what_opens_stays(&self.now, &after)?;
            if let Some(Err(failure)) = outcome {
                let messages: Vec<&str> = failure.diagnostics.iter().map(|it| it.message.as_str()).collect();
                return Err(format!("in the end `{release}` can't be purged: {}", messages.join("; ")));
            }
            self.now = after;
            self.memory.remember(&self.now);
        }
        self.purge_what_is_unproven().await?;
        laws::nothing_is_left(&self.now)
    }

    /// Claims that Kubernetes made for a set, of an ordinal that it no longer runs, carry no mark: a purge of the release
    /// leaves them and says how they go.
    async fn purge_what_is_unproven(&mut self) -> Result<(), String> {
        for claim in self.now.claims.clone() {
            if Truth::is_marked(&self.sandbox, &claim) {
                return Err(format!("in the end claim `{claim}` is left, although it has a mark"));
            }
            let run = (RELEASES[0], &Verb::PurgeNamed(0), Some(claim.as_str()));
            if !matches!(self.runner.run(&self.sandbox, run, &Faults::none()).await, Some(Ok(()))) {
                return Err(format!("in the end claim `{claim}` can't be purged by its name"));
            }
            self.now = Truth::of(&self.sandbox);
        }
        Ok(())
    }

    fn secrets(&self, namespace: &str) -> Api<Secret> {
        Api::namespaced(self.sandbox.client(), namespace)
    }

    async fn delete_secret(&mut self, named: Named) {
        self.touched.insert(named);
        let secrets = self.secrets(named.0);
        if let Ok(secret) = secrets.get(named.1).await {
            let _ = secrets.delete(named.1, &DeleteParams::default()).await;
            self.deleted.insert(named, secret);
        }
    }

    async fn back_up(&mut self) {
        let all = NAMESPACES.into_iter().flat_map(|namespace| SECRETS.map(|name| (namespace, name)));
        for named in all.filter(|named| !self.backups.contains_key(named)).collect::<Vec<_>>() {
            if let Ok(Secret { data: Some(content), .. }) = self.secrets(named.0).get(named.1).await {
                self.backups.insert(named, content);
            }
        }
    }

    /// Puts something into a Secret, which is made if it is not there.
    async fn fill_secret(&mut self, named: Named, content: Content) {
        self.touched.insert(named);
        let secrets = self.secrets(named.0);
        if let Ok(mut secret) = secrets.get(named.1).await {
            secret.data = Some(content);
            let _ = secrets.replace(named.1, &PostParams::default(), &secret).await;
        } else {
            let metadata = ObjectMeta { name: Some(named.1.to_owned()), ..ObjectMeta::default() };
            let secret = Secret { metadata, data: Some(content), ..Secret::default() };
            let _ = secrets.create(&PostParams::default(), &secret).await;
        }
    }

    /// With the same password under both keys.
    async fn make_secret(&mut self, named: Named, from: Option<Named>) {
        let of = |(namespace, name): Named| {
            Key::ALL.into_iter().find_map(|key| self.now.password((namespace, name, key.name())))
        };
        let password = from.and_then(of).cloned().unwrap_or_else(|| {
            self.made_up += 1;
            format!("made-by-hand-{}", self.made_up)
        });
        let mut content = Content::from([("user".to_owned(), ByteString("mq".into()))]);
        content.extend(Key::ALL.map(|key| (key.name().to_owned(), ByteString(password.clone().into_bytes()))));
        self.fill_secret(named, content).await;
    }

    /// What a person has of it: name, labels and content.
    async fn restore_secret(&mut self, named: Named) {
        let Some(mut secret) = self.deleted.remove(&named) else { return };
        secret.metadata.uid = None;
        secret.metadata.resource_version = None;
        secret.metadata.managed_fields = None;
        let _ = self.secrets(named.0).create(&PostParams::default(), &secret).await;
    }
}

fn named(spot: Spot) -> Named {
    (NAMESPACES[usize::from(spot.away)], SECRETS[usize::from(spot.secret)])
}

fn one_of(names: &[String], number: u8) -> Option<&String> {
    names.get(usize::from(number) % names.len().max(1))
}
