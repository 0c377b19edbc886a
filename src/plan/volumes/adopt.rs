//! Binds a volume whose claim is gone to the claim that a release will make, with what opens it: so that the next
//! install finds both, as an uninstall would have left them.
//!
//! Each step can be the last one that a killed run did: what it did is found, and only the rest is planned again.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Estate, Holding, State, Tenant};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId, marks};
use crate::plan::graph::Graph;
use crate::plan::same::bytes;
use crate::plan::{
    Act, Change, Claim, Expect, Hazard, LedgerDraft, Line, Live, Plan, Reclaim, Refusal, Report, Volume, circular_bug,
};
use crate::release::{Credential, CredentialKind, Entry, Ledger, LedgerKey, Lifetime, Release};
use crate::yaml::Node;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Adoption {
    /// The release that will use the volume.
    pub release: Release,
    /// Name of the claim that it will make; none for the name that the volume had.
    pub claim: Option<String>,
    /// What opens the volume.
    pub credentials: Vec<GivenCredential>,
    /// Whether it is said that nothing opens it.
    pub without_credential: bool,
    /// Key for a ledger, if one must be made.
    pub ledger_key: LedgerKey,
}

/// A Secret key that opens the volume.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenCredential {
    /// Name of the Secret.
    pub secret: String,
    /// Its key.
    pub key: String,
    /// Its value, if the Secret is to be made; none for one that is in the cluster.
    pub value: Option<String>,
}

impl std::fmt::Debug for GivenCredential {
    /// The value is a secret: left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GivenCredential").field("secret", &self.secret).field("key", &self.key).finish_non_exhaustive()
    }
}

/// Plans the adoption of a volume.
///
/// # Errors
/// The volume is in use; the name of the claim is taken; what opens it is not given, not there, or not the value that
/// is known to open it.
pub fn adopt(estate: &Estate, holding: &Holding<'_>, wanted: &Adoption) -> Result<Plan, Vec<Refusal>> {
    let scene = Scene::new(estate, holding, wanted).map_err(|refusal| vec![*refusal])?;
    let credentials = scene.credentials()?;
    let secrets = scene.secrets();
    let mut graph = Graph::default();
    let mut lines = Vec::new();
    let mut line = |id: &ObjectId, change, why: &str| {
        lines.push(Line { id: id.clone(), change, why: Some(why.to_owned()), fields: Vec::new() });
    };
    let mut before = BTreeSet::new();
    for object in secrets {
        line(&object.id, Change::Create, "opens the volume");
        before.insert(graph.add(Act::Apply { object, force: false, adopt_from: Vec::new() }, Expect::Absent, []));
    }
    let retain = scene.volume.reclaim == Reclaim::Delete && holding.claim.is_none();
    if !scene.is_reserved() {
        line(&ObjectId::volume(scene.volume_name), Change::Update, "waits for its next claim");
        let act = Act::Reserve { volume: scene.volume_name.to_owned(), claim: scene.claim.clone(), retain };
        let expect = Expect::Uid(scene.volume.uid.clone(), Some(scene.volume.resource_version.clone()));
        before = BTreeSet::from([graph.add(act, expect, before)]);
    }
    if holding.claim.is_none() {
        line(&scene.claim, Change::Create, "takes the volume, data included");
        let act = Act::Bind { claim: scene.new_claim() };
        before = BTreeSet::from([graph.add(act, Expect::Absent, before)]);
    }
    let draft = LedgerDraft {
        claim: scene.claim.name.clone(),
        image: scene.entry.and_then(|(_, entry)| entry.image.clone()),
        image_ready: scene.entry.is_some_and(|(_, entry)| entry.image_ready),
        credentials,
    };
    let remembered =
        graph.add(Act::Remember { claims: vec![draft], key: wanted.ledger_key.clone() }, Expect::Nothing, before);
    let ready = Act::AwaitReady { id: scene.claim.clone(), version: "v1".into() };
    graph.add(ready, Expect::Nothing, [remembered]);
    // The claim that had the volume is no more.
    let earlier = scene.entry.filter(|(tenant, _)| tenant.release == wanted.release);
    if let Some((_, entry)) = earlier.filter(|(_, entry)| holding.claim.is_none_or(|claim| claim.uid != entry.uid)) {
        graph.add(Act::Forget { uids: vec![entry.uid.clone()] }, Expect::Nothing, [remembered]);
    }
    Ok(Plan {
        report: Report { lines, hazards: scene.hazards(), notes: scene.notes(retain), ..Report::default() },
        steps: graph.into_steps().map_err(|stuck| vec![circular_bug(&stuck)])?,
        inventory: Vec::new(),
    })
}

/// The inputs, looked at together.
struct Scene<'a> {
    estate: &'a Estate,
    holding: &'a Holding<'a>,
    wanted: &'a Adoption,
    /// The claim to come, or the one that a killed run made.
    claim: ObjectId,
    /// What a ledger knows of the volume, and whose ledger it is: also when a killed run has bound it already.
    entry: Option<(&'a Tenant, &'a Entry)>,
    volume_name: &'a str,
    volume: &'a Volume,
}

impl<'a> Scene<'a> {
    fn new(estate: &'a Estate, holding: &'a Holding<'a>, wanted: &'a Adoption) -> Result<Self, Box<Refusal>> {
        let failed = |diagnostic: Diagnostic| Box::new(Refusal::failed(diagnostic));
        let (namespace, name) = (holding.namespace, holding.name);
        let claim = ObjectId::claim(namespace, wanted.claim.as_deref().unwrap_or(name));
        let Some((volume_name, volume)) = holding.volume_name.zip(holding.volume) else {
            return Err(failed(match holding.state {
                State::Unknown => Diagnostic::error(format!(
                    "the volume of claim `{name}` can't be seen: PersistentVolumes may not be read"
                ))
                .hint("somebody who may read and patch them has to do it"),
                State::Gone => Diagnostic::error(format!("the volume of claim `{name}` is gone")),
                _ => Diagnostic::error(format!("claim `{name}` has no volume")),
            }));
        };
        if volume.terminating {
            return Err(failed(Diagnostic::error(format!("volume `{volume_name}` is being deleted"))));
        }
        if let Some(found) = holding.claim
            && !(claim.name == name && is_of(found, &wanted.release))
        {
            return Err(failed(
                Diagnostic::error(format!("volume `{volume_name}` has a claim: it is bound to `{name}`"))
                    .hint(format!("`kchart volumes explain claim/{name} -n {namespace}` tells whose it is")),
            ));
        }
        let key = (namespace.to_owned(), claim.name.clone());
        if let (Some(found), None) = (estate.facts.claims.get(&key), holding.claim) {
            let volume = found.volume.as_deref().map(|volume| format!(", with volume `{volume}`")).unwrap_or_default();
            return Err(Box::new(Refusal::refused(
                Diagnostic::error(format!("there is a claim `{}` already{volume}", claim.name))
                    .hint("give the claim that the release will make: `--claim NAME`")
                    .hint(format!("or destroy that one: `kchart volumes purge claim/{} -n {namespace}`", claim.name)),
            )));
        }
        let of_volume = |(tenant, ledger): (&'a Tenant, &'a Ledger)| {
            let entry = ledger.entries.iter().find(|entry| entry.volume.as_deref() == Some(volume_name));
            entry.map(|entry| (tenant, entry))
        };
        let entry = holding.tenant.zip(holding.entry).or_else(|| estate.ledgers_of(namespace).find_map(of_volume));
        Ok(Self { estate, holding, wanted, claim, entry, volume_name, volume })
    }

    /// Whether the volume waits for this very claim, or has it.
    fn is_reserved(&self) -> bool {
        let of = self.volume.claim.as_ref();
        self.holding.claim.is_some() || of.is_some_and(|(_, name, uid)| *name == self.claim.name && uid.is_none())
    }

    /// The ledger under whose key values are hashed.
    fn ledger(&self) -> Ledger {
        let stored = self.estate.tenant(&self.wanted.release).and_then(|tenant| tenant.past.ledger.as_ref());
        let key = stored.map_or_else(|| self.wanted.ledger_key.clone(), |ledger| ledger.key.clone());
        Ledger { release: self.wanted.release.clone(), key, entries: Vec::new() }
    }

    fn live(&self, secret: &str) -> Option<&'a Live> {
        self.estate.facts.live.get(&ObjectId::secret(self.holding.namespace, secret))
    }

    fn live_value(&self, secret: &str, key: &str) -> Option<Vec<u8>> {
        self.live(secret)?.body.at(&["data", key]).and_then(bytes)
    }

    fn is_ours(&self, live: &Live) -> bool {
        live.body.str_at(&["metadata", "labels", marks::RELEASE]) == Some(self.wanted.release.name.as_str())
    }

    /// What the ledger knows to open the volume, and reads only once.
    fn known(&self) -> impl Iterator<Item = &'a Credential> {
        let known = self.entry.into_iter().flat_map(|(_, entry)| &entry.credentials);
        known.filter(|credential| credential.lifetime == Lifetime::Sticky)
    }

    /// What the ledger is to know: what is given, and what it knew beside it.
    fn credentials(&self) -> Result<Vec<Credential>, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let ledger = self.ledger();
        let mut credentials = Vec::new();
        for given in &self.wanted.credentials {
            match self.checked(given) {
                Ok(value) => credentials.push(Credential {
                    secret: given.secret.clone(),
                    key: given.key.clone(),
                    lifetime: Lifetime::Sticky,
                    kind: match self.live(&given.secret) {
                        Some(live) if !self.is_ours(live) => CredentialKind::Existing,
                        _ => CredentialKind::Given,
                    },
                    hash: Some(ledger.hash(&value)),
                }),
                Err(refusal) => refusals.push(*refusal),
            }
        }
        let is_given =
            |known: &Credential| credentials.iter().any(|it| (&it.secret, &it.key) == (&known.secret, &known.key));
        let missing: Vec<&Credential> = self.known().filter(|known| !is_given(known)).collect();
        if credentials.is_empty() && refusals.is_empty() && !missing.is_empty() {
            return Err(vec![self.not_given(&missing)]);
        }
        let lost: Vec<&Credential> =
            missing.iter().copied().filter(|it| self.live_value(&it.secret, &it.key).is_none()).collect();
        if !lost.is_empty() && refusals.is_empty() {
            refusals.push(self.not_given(&lost));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let rest: Vec<Credential> = missing
            .into_iter()
            .filter_map(|known| {
                let value = self.live_value(&known.secret, &known.key)?;
                Some(Credential { hash: Some(ledger.hash(&value)), ..known.clone() })
            })
            .collect();
        credentials.extend(rest);
        Ok(credentials)
    }

    /// The value of what is given, if it can be the one.
    fn checked(&self, given: &GivenCredential) -> Result<Vec<u8>, Box<Refusal>> {
        let GivenCredential { secret, key, value } = given;
        let namespace = self.holding.namespace;
        let live = self.live_value(secret, key);
        let value = match (value, live) {
            (None, Some(live)) => live,
            (None, None) => {
                let what =
                    if self.live(secret).is_some() { format!("no key `{key}` in Secret") } else { "no Secret".into() };
                return Err(Box::new(Refusal::failed(
                    Diagnostic::error(format!("there is {what} `{secret}` in namespace `{namespace}`"))
                        .hint(format!("give its value: `--credential-from-file {secret}/{key}=FILE`")),
                )));
            }
            (Some(value), None) if self.live(secret).is_none() => value.clone().into_bytes(),
            (Some(_), None) => {
                return Err(Box::new(Refusal::failed(
                    Diagnostic::error(format!("Secret `{secret}` is there already, without a key `{key}`"))
                        .hint(format!("add the key to it, and name it: `--credential {secret}/{key}`")),
                )));
            }
            // As it is after a run that was killed.
            (Some(value), Some(live)) if value.as_bytes() == live => live,
            (Some(_), Some(_)) => {
                return Err(Box::new(Refusal::refused(
                    Diagnostic::error(format!("Secret `{secret}` is there already, and its `{key}` has another value"))
                        .hint(format!("if that one opens the volume: `--credential {secret}/{key}`")),
                )));
            }
        };
        let old = self.entry.and_then(|(tenant, _)| tenant.past.ledger.as_ref());
        let hash = self.known().find(|known| known.secret == *secret && known.key == *key);
        if let (Some(ledger), Some(Credential { hash: Some(hash), .. })) = (old, hash)
            && ledger.hash(&value) != *hash
        {
            return Err(Box::new(Refusal::refused(
                Diagnostic::error(format!(
                    "volume `{}` was initialised with another `{key}` of Secret `{secret}` than the one that is given",
                    self.volume_name
                ))
                .note("the ledger knows its keyed hash: logins with this value would be refused"),
            )));
        }
        Ok(value)
    }

    /// What opens the volume is known, and not given.
    fn not_given(&self, missing: &[&Credential]) -> Refusal {
        let keys: Vec<String> = missing.iter().map(|it| format!("`{}/{}`", it.secret, it.key)).collect();
        let error = Diagnostic::error(format!(
            "volume `{}` was initialised with {}: without that nobody can log in",
            self.volume_name,
            keys.join(", ")
        ));
        Refusal::refused(missing.iter().fold(error, |told, it| {
            let (secret, key) = (&it.secret, &it.key);
            match self.live_value(secret, key) {
                Some(_) => told.hint(format!("it is in the cluster: `--credential {secret}/{key}`")),
                None => told.hint(format!("give its value: `--credential-from-file {secret}/{key}=FILE`")),
            }
        }))
    }

    /// The Secrets to be made, as an uninstall leaves them.
    fn secrets(&self) -> Vec<Object> {
        let mut data: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for given in &self.wanted.credentials {
            if let Some(value) = given.value.as_deref().filter(|_| self.live(&given.secret).is_none()) {
                data.entry(&given.secret).or_default().insert(&given.key, value);
            }
        }
        let secret = |(name, keys): (&str, BTreeMap<&str, &str>)| {
            let mut labels = self.labels();
            labels.insert(marks::RETAINED_FOR, self.wanted.release.name.clone());
            let keys: BTreeMap<&str, String> =
                keys.into_iter().map(|(key, value)| (key, STANDARD.encode(value))).collect();
            let id = ObjectId::secret(self.holding.namespace, name);
            let body = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": name, "namespace": self.holding.namespace, "labels": labels}, "data": keys});
            Object { id, version: "v1".into(), body: Node::from(&body), secret: BTreeSet::new() }
        };
        data.into_iter().map(secret).collect()
    }

    /// The claim, asking for just what the volume is.
    fn new_claim(&self) -> Object {
        let Volume { mounting, class, capacity, .. } = self.volume;
        let body = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": self.claim.name, "namespace": self.claim.namespace, "labels": self.labels()},
        "spec": {
            "accessModes": mounting.modes,
            "volumeMode": mounting.mode.as_deref().unwrap_or("Filesystem"),
            // Without a class of its own the claim would get the cluster's default.
            "storageClassName": class.as_deref().unwrap_or_default(),
            "resources": {"requests": {"storage": capacity.as_deref().unwrap_or("1")}},
            "volumeName": self.volume_name,
        }});
        Object { id: self.claim.clone(), version: "v1".into(), body: Node::from(&body), secret: BTreeSet::new() }
    }

    fn labels(&self) -> BTreeMap<&'static str, String> {
        let name = &self.wanted.release.name;
        BTreeMap::from([
            (marks::MANAGED_BY, marks::MANAGED_BY_VALUE.to_owned()),
            (marks::INSTANCE, name.clone()),
            (marks::RELEASE, name.clone()),
        ])
    }

    fn hazards(&self) -> Vec<Hazard> {
        let mut hazards = Vec::new();
        let mut hazard = |message| hazards.push(Hazard { id: Some(self.claim.clone()), message });
        let is_known =
            |given: &GivenCredential| self.known().any(|it| it.secret == given.secret && it.key == given.key);
        for GivenCredential { secret, key, .. } in self.wanted.credentials.iter().filter(|given| !is_known(given)) {
            hazard(format!(
                "nothing tells whether `{key}` of Secret `{secret}` opens volume `{}`: the first login will",
                self.volume_name
            ));
        }
        if self.wanted.credentials.is_empty() && !self.wanted.without_credential && self.known().next().is_none() {
            hazard(format!(
                "no credential is given: if an image initialised volume `{}` with one, nobody can log in; \
                 `--no-credential` says that there is none",
                self.volume_name
            ));
        }
        hazards
    }

    fn notes(&self, retain: bool) -> Vec<String> {
        let mut notes = Vec::new();
        if retain {
            notes.push(format!("volume `{}` keeps its data from now on: its policy becomes Retain", self.volume_name));
        }
        for given in self.wanted.credentials.iter().filter(|given| given.value.is_none()) {
            if self.live(&given.secret).is_some_and(|live| !self.is_ours(live)) {
                notes.push(format!(
                    "Secret `{0}` stays as it is; if the chart makes it, install with `--adopt secret/{0}`",
                    given.secret
                ));
            }
        }
        notes.sort();
        notes.dedup();
        notes
    }
}

fn is_of(claim: &Claim, release: &Release) -> bool {
    claim.labels.get(marks::RELEASE) == Some(&release.name)
}
