//! The whole story of one claim and its volume: who made it, what it was initialised with, and what an install, an
//! uninstall and a purge would do to it. The outlooks are read from plans, made by the planner for this very cluster.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::{Estate, Holding, Opener, Presence, State, Tenant};
use crate::manifest::Manifest;
use crate::object::{Object, ObjectId, marks};
use crate::plan::credentials::openings;
use crate::plan::{Change, Facts, Goal, Intent, Options, Plan, Refusal, plan, pods};
use crate::release::{CredentialKind, LedgerKey, Lifetime, Past, Release};
use crate::yaml::{Charset, GeneratedKey, Node, Text};

/// What is known of one claim and its volume.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    /// The claim and its volume.
    pub holding: &'a Holding<'a>,
    /// Workloads that mount it, live or stored.
    pub workloads: Vec<ObjectId>,
    /// Who says that its credentials open it, in sentences.
    pub rules: Vec<String>,
    /// The marks that it carries.
    pub stamps: BTreeMap<String, String>,
    /// What an install would do to it.
    pub install: Outlook,
    /// What an uninstall would do to it.
    pub uninstall: Outlook,
    /// What a purge would do to it.
    pub purge: Outlook,
}

/// What a run would do to a claim and its volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// The command, if there is one to type.
    pub command: Option<String>,
    /// Whether it would be refused.
    pub refused: bool,
    /// What would happen, or why it would not.
    pub sentences: Vec<String>,
}

/// Tells the story of a holding.
pub fn story<'a>(estate: &'a Estate, all: &'a [Holding<'a>], holding: &'a Holding<'a>, now: Timestamp) -> Story<'a> {
    let teller = Teller { estate, all, holding, now };
    let labels = holding.claim.into_iter().flat_map(|claim| claim.labels.iter().chain(&claim.annotations));
    let ours = ["kchart.dev/", "meta.helm.sh/", marks::MANAGED_BY];
    let stamps = labels.filter(|(name, _)| ours.iter().any(|start| name.starts_with(start)));
    Story {
        holding,
        workloads: teller.workloads(),
        rules: teller.rules(),
        stamps: stamps.map(|(name, value)| (name.clone(), value.clone())).collect(),
        install: teller.install(),
        uninstall: teller.uninstall(),
        purge: teller.purge(),
    }
}

struct Teller<'a> {
    estate: &'a Estate,
    all: &'a [Holding<'a>],
    holding: &'a Holding<'a>,
    now: Timestamp,
}

impl<'a> Teller<'a> {
    fn id(&self) -> ObjectId {
        ObjectId::claim(self.holding.namespace, self.holding.name)
    }

    fn tenant(&self) -> Option<&'a Tenant> {
        self.holding.tenant.filter(|_| self.holding.state != State::Unproven)
    }

    /// The objects of the newest revision that is stored.
    fn stored(&self) -> &'a [Object] {
        self.tenant().and_then(|tenant| tenant.past.records.last()).map_or(&[], |record| &record.objects)
    }

    fn workloads(&self) -> Vec<ObjectId> {
        let holding = self.holding;
        let mounts = |id: &ObjectId, body: &Node| {
            id.namespace.as_deref() == Some(holding.namespace)
                && pods::runs_pods(id)
                && !id.is("", "Pod")
                && pods::may_mount(id, body, holding.name)
        };
        let live = self.estate.facts.live.iter().filter(|(id, live)| mounts(id, &live.body)).map(|(id, _)| id);
        let stored = self.stored().iter().filter(|object| mounts(&object.id, &object.body)).map(|object| &object.id);
        let mut workloads: Vec<ObjectId> = live.chain(stored).cloned().collect();
        workloads.sort();
        workloads.dedup();
        workloads
    }

    fn rules(&self) -> Vec<String> {
        let (openings, _) = openings(self.stored(), &self.estate.facts);
        let ours =
            openings.into_iter().filter(|it| it.namespace == self.holding.namespace && it.claim == self.holding.name);
        let mut rules: Vec<String> = ours.map(|it| it.rule.to_string()).collect();
        rules.sort();
        rules.dedup();
        rules
    }

    fn intent(&self, release: &Release, goal: Goal) -> Intent {
        Intent {
            release: release.clone(),
            revision: self.tenant().map_or(1, |tenant| tenant.past.next_revision()),
            goal,
            now: self.now,
            // Nothing of this plan is carried out.
            ledger_key: LedgerKey([0; 32]),
            options: Options::default(),
        }
    }

    fn facts(&self) -> Facts {
        let mut facts = self.estate.facts.clone();
        facts.namespaces.insert(self.holding.namespace.to_owned());
        facts.namespaces.insert(self.release().namespace);
        facts
    }

    /// An install that wants a claim of this name, opened by what the ledger knows.
    fn install(&self) -> Outlook {
        let release = self.release();
        let command = match self.holding.state {
            State::Orphan | State::Unproven | State::Reserved => self.holding.adopt_command(),
            _ => None,
        };
        // As after an uninstall: what is stored of a revision says nothing of the next one.
        let past = Past { ledger: self.tenant().and_then(|tenant| tenant.past.ledger.clone()), ..Past::default() };
        let intent = self.intent(&release, Goal::Deployed);
        match plan(&intent, &self.wanted(), &past, &self.facts()) {
            Err(refusals) => refused(command, refusals),
            Ok(plan) => Outlook { command, refused: false, sentences: self.installed(&plan) },
        }
    }

    fn installed(&self, plan: &Plan) -> Vec<String> {
        let report = &plan.report;
        let mut sentences: Vec<String> = report
            .found
            .iter()
            .map(|found| {
                if found.id == self.id() {
                    format!("used again: {}", found.why)
                } else {
                    format!("with `{}`, which {}", found.id, found.why)
                }
            })
            .collect();
        if report.lines.iter().any(|line| line.id == self.id() && line.change == Change::Create) {
            sentences.push(match self.holding.volume_name {
                Some(volume) => {
                    format!("not used: claim `{}` would get a new, empty volume beside `{volume}`", self.holding.name)
                }
                None => format!("claim `{}` would get a new, empty volume", self.holding.name),
            });
        }
        sentences.extend(report.hazards.iter().map(|hazard| hazard.message.clone()));
        let sticky = self.holding.opened_by.iter().filter(|opener| opener.lifetime == Lifetime::Sticky);
        sentences.extend(sticky.filter_map(needed));
        sentences
    }

    /// The release that the outlooks are about.
    fn release(&self) -> Release {
        self.holding.release.clone().unwrap_or_else(|| Release {
            namespace: self.holding.namespace.to_owned(),
            name: self.holding.helm.clone().unwrap_or_else(|| "RELEASE".to_owned()),
        })
    }

    /// A claim of this name, what opens it, and something that mounts it.
    fn wanted(&self) -> Manifest {
        let Holding { namespace, name, .. } = self.holding;
        let object = |id: ObjectId, version: &str, body: &serde_json::Value| Object {
            id,
            version: version.to_owned(),
            body: Node::from(body),
            secret: std::collections::BTreeSet::new(),
        };
        let claim = object(
            self.id(),
            "v1",
            &json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {"accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": self.holding.size().unwrap_or("1Gi")}}}}),
        );
        let sticky = || self.holding.opened_by.iter().filter(|opener| opener.lifetime == Lifetime::Sticky);
        let declared: Vec<String> =
            sticky().map(|opener| format!("data={}/{}:sticky", opener.secret, opener.key)).collect();
        let mounts = object(
            ObjectId::namespaced("apps", "Deployment", namespace, name),
            "v1",
            &json!({"apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": name, "namespace": namespace,
                    "annotations": {(marks::CREDENTIALS): declared.join(",")}},
                "spec": {"template": {"spec": {"volumes": [
                    {"name": "data", "persistentVolumeClaim": {"claimName": name}}]}}}}),
        );
        let mut secrets: BTreeMap<&str, Object> = BTreeMap::new();
        for opener in sticky().filter(|opener| opener.kind == Some(CredentialKind::Generated)) {
            let secret = secrets.entry(&opener.secret).or_insert_with(|| {
                object(
                    ObjectId::secret(namespace, &opener.secret),
                    "v1",
                    &json!({"apiVersion": "v1", "kind": "Secret",
                        "metadata": {"name": opener.secret, "namespace": namespace}, "data": {}}),
                )
            });
            let key = GeneratedKey { name: opener.key.clone(), length: 32, charset: Charset::Alnum };
            secret.body.set(&["data"], &opener.key, Text::generated(key));
        }
        let objects = secrets.into_values().chain([claim, mounts]).collect();
        Manifest { objects, ..Manifest::default() }
    }

    fn uninstall(&self) -> Outlook {
        let Some(tenant) = self.tenant() else {
            return Outlook { sentences: vec!["not touched: it is of no release".into()], ..Outlook::default() };
        };
        let Release { name, namespace } = &tenant.release;
        let command = tenant.is_live().then(|| format!("kchart uninstall {name} -n {namespace}"));
        match plan(&self.intent(&tenant.release, Goal::Removed), &Manifest::default(), &tenant.past, &self.facts()) {
            Err(refusals) => refused(command, refusals),
            Ok(plan) => {
                let secrets = self.holding.opened_by.iter().map(|opener| opener.secret.as_str());
                let secrets: Vec<&str> = secrets.collect();
                let ours = |id: &ObjectId| *id == self.id() || (id.is_secret() && secrets.contains(&id.name.as_str()));
                let kept = plan.report.kept.iter().filter(|kept| ours(&kept.id));
                let mut sentences: Vec<String> =
                    kept.map(|kept| format!("`{}` stays: {}", kept.id, kept.why)).collect();
                if sentences.is_empty() {
                    sentences.push("not touched".into());
                }
                Outlook { command, refused: false, sentences }
            }
        }
    }

    fn purge(&self) -> Outlook {
        let Some(tenant) = self.tenant() else { return self.purge_by_name() };
        let Release { name, namespace } = &tenant.release;
        let command = Some(format!("kchart uninstall {name} -n {namespace} --purge-volumes"));
        match plan(&self.intent(&tenant.release, Goal::Purged), &Manifest::default(), &tenant.past, &self.facts()) {
            Err(refusals) => refused(command, refusals),
            Ok(plan) => self.purged(command, &plan),
        }
    }

    /// What no release owns is only destroyed by its name.
    fn purge_by_name(&self) -> Outlook {
        let command = Some(self.holding.purge_command());
        let Ok(name) = super::Name::parse(&self.holding.reference()) else { return Outlook::default() };
        match super::purge(self.estate, self.all, &[(&name, self.holding)]) {
            Err(refusals) => refused(command, refusals),
            Ok(plan) => self.purged(command, &plan),
        }
    }

    fn purged(&self, command: Option<String>, plan: &Plan) -> Outlook {
        let report = &plan.report;
        let ours = |claim: Option<&str>, volume: Option<&str>| match volume {
            Some(volume) => self.holding.volume_name == Some(volume),
            None => claim == Some(self.holding.name),
        };
        let fates = report.volumes.iter().filter(|it| ours(it.claim.as_deref(), it.volume.as_deref()));
        let mut sentences: Vec<String> = fates.map(|it| it.fate.clone()).collect();
        let opens = |id: &ObjectId| id.is_secret() && self.holding.opened_by.iter().any(|it| it.secret == id.name);
        let secrets = report.lines.iter().filter(|line| opens(&line.id));
        sentences.extend(secrets.map(|line| format!("then `{}` goes, which opened it", line.id)));
        if sentences.is_empty() {
            sentences.push("nothing is left of it but its entry in the ledger, which goes".into());
        }
        sentences.extend(report.notes.iter().cloned());
        Outlook { command, refused: false, sentences }
    }
}

/// What an install has to be given, so that a credential opens the volume as before.
fn needed(Opener { secret, key, kind, presence, .. }: &Opener) -> Option<String> {
    let old = "with the value that the volume was initialised with";
    match (kind, presence) {
        (Some(CredentialKind::Given), Presence::Lost) => Some(format!(
            "`{key}` of Secret `{secret}` is gone: it has to be given again, {old}; another one is refused"
        )),
        (Some(CredentialKind::Given), _) => {
            Some(format!("refused if `{key}` of Secret `{secret}` is given another value"))
        }
        (Some(CredentialKind::Existing), Presence::Lost) => Some(format!(
            "Secret `{secret}` is gone, which no release makes: it has to be made again, its `{key}` {old}"
        )),
        _ => None,
    }
}

fn refused(command: Option<String>, refusals: Vec<Refusal>) -> Outlook {
    let sentences = refusals.into_iter().map(|refusal| refusal.diagnostic.message).collect();
    Outlook { command, refused: true, sentences }
}
