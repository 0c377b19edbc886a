//! Binds a volume whose claim is gone to the claim that a release will make, with what opens it: so that the next
//! install finds both, as an uninstall would have left them.
//!
//! Each step can be the last one that a killed run did: what it did is found, and only the rest is planned again.

mod credentials;
mod made;
mod told;

use std::collections::BTreeSet;

use super::{Estate, Holding, State, Tenant};
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::plan::graph::Graph;
use crate::plan::ownership::{self, Owner};
use crate::plan::{Act, Change, Expect, LedgerDraft, Line, Plan, Reclaim, Refusal, Report, Volume, circular};
use crate::release::{Entry, LedgerKey, Release};

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
        claim: scene.claim.clone(),
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
        steps: graph.into_steps().map_err(|circle| vec![circular(&circle, &[])])?,
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
        if let Some(unread) = estate.unread(&wanted.release) {
            return Err(failed(unread.told(&holding.reference())));
        }
        if volume.terminating {
            return Err(failed(Diagnostic::error(format!("volume `{volume_name}` is being deleted"))));
        }
        if let Some(found) = holding.claim
            && !(claim.name == name && ownership::of_claim(found, namespace, &wanted.release) == Owner::Ours)
        {
            return Err(failed(
                Diagnostic::error(format!("volume `{volume_name}` has a claim: it is bound to `{name}`"))
                    .hint(format!("`kchart volumes explain claim/{name} -n {namespace}` tells whose it is")),
            ));
        }
        let is_known = holding.claim.zip(holding.entry).is_some_and(|(claim, entry)| claim.uid == entry.uid);
        if is_known && holding.is_needed() {
            return Err(failed(in_use(estate, holding)));
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
        let of_volume = || estate.entries_of(namespace).find(|(_, entry)| entry.volume.as_deref() == Some(volume_name));
        let entry = holding.tenant.zip(holding.entry).or_else(of_volume);
        Ok(Self { estate, holding, wanted, claim, entry, volume_name, volume })
    }

    /// Whether the volume waits for this very claim, or has it.
    fn is_reserved(&self) -> bool {
        let of = self.volume.claim.as_ref();
        self.holding.claim.is_some() || of.is_some_and(|(_, name, uid)| *name == self.claim.name && uid.is_none())
    }
}

/// A claim that works already is not adopted; a volume that an earlier claim of its name left may be meant.
fn in_use(estate: &Estate, holding: &Holding<'_>) -> Diagnostic {
    let (namespace, name) = (holding.namespace, holding.name);
    let error = Diagnostic::error(format!("claim `{name}` is there and in use: there is nothing to adopt"));
    let left = estate.facts.volumes.get().into_iter().flatten().filter(|(volume, it)| {
        let of = it.claim.as_ref().is_some_and(|(of, claim, _)| of == namespace && claim == name);
        of && Some(volume.as_str()) != holding.volume_name
    });
    left.fold(error, |told, (volume, _)| {
        told.hint(format!(
            "volume `{volume}` is of an earlier claim of this name: `kchart volumes explain pv/{volume} -n {namespace}`"
        ))
    })
}
