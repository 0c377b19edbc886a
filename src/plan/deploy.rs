//! The goal Deployed: decides about every wanted object and what is no longer wanted. `deploy_steps` makes it steps.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::claims::{self, Judgement, Openings, Standing};
use super::credentials::{self, Opening};
use super::found::found;
use super::generated::{self, Generation};
use super::keys::{Keys, keys_of_claims};
use super::leaving::{self, Leaving, Occasion};
use super::ownership::Owner;
use super::reclaim::{self, Switched};
use super::restart::{self, Changes};
use super::rotation::{self, Rotation};
use super::scene::Scene;
use super::verdict::{Verdict, verdict};
use super::{
    Change, Deletion, Facts, FieldDiff, Hazard, Intent, KnownValue, Line, Plan, Refusal, Report, claim_size, edges,
    formats, jobs, order, pods, retain, retention,
};
use super::{
    Generated, adopt, at_rest, deploy_steps, drift, initialised, remember, unblock, unmounted, unread, wanted,
};
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::object::{FieldPath, Object, ObjectId};
use crate::release::Past;
use crate::schema;

/// What was decided about a wanted object.
pub(super) struct Decided<'a> {
    /// Borrowed where nothing is changed in it: a plan of thousands of objects holds them once.
    pub(super) object: Cow<'a, Object>,
    pub(super) verdict: Verdict<'a>,
    pub(super) generation: Option<Generation>,
    /// For claims.
    pub(super) standing: Option<Standing>,
    /// The size that a claim grows to.
    pub(super) grows_to: Option<String>,
}

/// All that was decided; the objects in the order of [`wanted::Wanted`].
pub(super) struct Decisions<'a> {
    pub(super) objects: Vec<Decided<'a>>,
    pub(super) waits: edges::Waits,
    pub(super) known: BTreeMap<String, KnownValue>,
    pub(super) drafts: Vec<super::LedgerDraft>,
    /// The same when all is ready.
    pub(super) seen_ready: Vec<super::LedgerDraft>,
    /// Whether the drafts are news to the ledger.
    pub(super) news: bool,
    /// Whether the ledger lacks what is known when all is ready: a volume, its new size, the image that works on it.
    pub(super) lacks_more: bool,
    pub(super) leaving: Leaving<'a>,
    pub(super) rotations: Vec<Rotation<'a>>,
    /// Uids that the ledger forgets before what opens them changes.
    pub(super) abandoned: Vec<String>,
}

/// Plans the goal Deployed.
pub(super) fn plan(intent: &Intent, want: &Manifest, past: &Past, facts: &Facts) -> Result<Plan, Vec<Refusal>> {
    let wanted = wanted::settle(want, intent, past, facts);
    let scene = Scene::new(intent, past, facts, &wanted);
    let mut refusals = surroundings(&scene);
    refusals.extend(wanted::too_many_claims(want, &wanted));
    let (slips, unread) = adopt::unmatched(intent, &wanted.objects);
    refusals.extend(unread);
    refusals.extend(wanted.objects.iter().flat_map(generated::misplaced));
    refusals.extend(wanted.objects.iter().filter_map(annotations));
    refusals.extend(wanted.objects.iter().filter_map(jobs::misspelt));
    let (openings, unread) = credentials::openings(&wanted.objects, facts);
    refusals.extend(unread);
    let waits = order::waits(&wanted.objects, &openings).unwrap_or_else(|circles| {
        refusals.extend(circles);
        edges::Waits::new()
    });
    let images = credentials::images(wanted.objects.iter().map(|object| (&object.id, &object.body)));
    let mut notes = Vec::new();
    let rotations = rotation::decide(&scene, &openings, &mut refusals, &mut notes);
    // What is rotated need not be what its volume was initialised with.
    let settled: Vec<Opening> =
        openings.iter().filter(|opening| !rotations.iter().any(|it| it.is_of(opening))).cloned().collect();
    let wanting = Openings { all: &openings, settled: &settled };
    let mut known = generated::known(&scene);
    known.extend(rotations.iter().filter_map(|rotation| rotation.rescued(&scene)));
    let keys = keys_of_claims(&scene, &openings);

    let mut judgement = Judgement { notes, hazards: slips, ..Judgement::default() };
    let mut objects = Vec::new();
    for object in &wanted.objects {
        match decide(&scene, object, (&wanting, &keys), &known, &mut judgement) {
            Ok(decided) => objects.push(decided),
            Err(found) => refusals.extend(found),
        }
    }
    foreign_claims(&scene, &wanting, &mut judgement);
    let abandoned = at_rest::judge(&scene, &objects, &openings, &rotations, &mut judgement);
    let claim_ids: Vec<&ObjectId> = wanted.objects.iter().map(|object| &object.id).filter(|id| id.is_claim()).collect();
    let fresh: Vec<&ObjectId> = objects
        .iter()
        .filter(|decided| decided.standing == Some(Standing::Fresh))
        .map(|decided| &decided.object.id)
        .collect();
    claims::left_behind(&scene, &fresh, &mut judgement);
    unmounted::judge(&scene, &mut judgement);
    initialised::judge(&scene, &mut judgement);
    formats::judge(&scene, &images, &mut judgement);
    hazards(&scene, &mut judgement);
    judgement.hazards.extend(unread::hazards(&scene, &objects, &rotations));
    let mut leaving = leaving::decide(&scene, Occasion::Prune, &openings);
    // The Job of a rotation that goes on has its own steps.
    let jobs: BTreeSet<usize> = rotations.iter().filter_map(Rotation::job).collect();
    leaving.delete.retain(|(id, _)| !jobs.iter().any(|at| wanted.objects[*at].id == *id));
    refusals.extend(judgement.refusals.iter().chain(&leaving.refusals).cloned());
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let rotated = rotations.iter().flat_map(|it| it.unread(&scene)).map(|at| wanted.objects[at].id.clone()).collect();
    restart(&scene, &mut objects, &keys, rotated);
    refusals.extend(objects.iter().filter_map(|decided| replaces_owner(&scene, decided)));
    if !refusals.is_empty() {
        return Err(refusals);
    }

    let (drafts, news) = remember::drafts(&scene, &claim_ids, &openings, &images, &judgement, &rotations);
    let started: Vec<&Object> =
        objects.iter().filter(|decided| starts_pods(decided)).map(|decided| &*decided.object).collect();
    let logged_in = credentials::logged_in(&openings, &started);
    let seen_ready = remember::seen_ready(&scene, &drafts, &formats::awaited(&wanted.objects), &logged_in);
    let grow = objects.iter().any(|decided| decided.grows_to.is_some());
    let lacks_more = grow || remember::lacks_volumes(&scene, &claim_ids) || seen_ready != drafts;
    let found = found(&scene, &objects, &openings);
    let conflicts = conflicts(&scene, &objects);
    let adopted = adopted(&scene, &objects);
    let openers = credentials::openers(&scene, &openings);
    let mut report = Report { found, conflicts, adopted, openers, ..report(&scene, &objects, &leaving, judgement) };
    rotation::show(&scene, &rotations, &mut report);
    let decisions =
        Decisions { objects, waits, known, drafts, seen_ready, news, lacks_more, leaving, rotations, abandoned };
    Ok(Plan { steps: deploy_steps::steps(&scene, decisions)?, inventory: wanted.inventory(), report })
}

fn decide<'a>(
    scene: &Scene<'a>,
    object: &'a Object,
    (openings, keys): (&Openings<'_>, &Keys),
    known: &BTreeMap<String, KnownValue>,
    judgement: &mut Judgement,
) -> Result<Decided<'a>, Vec<Refusal>> {
    if object.id.is_claim() {
        return Ok(decide_claim(scene, object, openings, judgement));
    }
    let mut refusals = Vec::new();
    let generation = generated::decide(scene, object, openings.settled, known).unwrap_or_else(|refusal| {
        refusals.push(*refusal);
        None
    });
    match verdict(scene, object, keys) {
        Ok(verdict) if refusals.is_empty() => {
            Ok(Decided { object: Cow::Borrowed(object), verdict, generation, standing: None, grows_to: None })
        }
        Ok(_) => Err(refusals),
        Err(found) => {
            refusals.extend(found);
            Err(refusals)
        }
    }
}

/// What is replaced takes claims that it owns along, unless what belongs to it is left.
fn replaces_owner(scene: &Scene<'_>, decided: &Decided<'_>) -> Option<Refusal> {
    let live = decided.verdict.live?;
    decided.verdict.replace.filter(|deletion| *deletion != Deletion::Orphan)?;
    super::garbage::takes_owned_claims(scene, "replacing", &decided.object.id, live)
}

fn decide_claim<'a>(
    scene: &Scene<'a>,
    object: &'a Object,
    openings: &Openings<'_>,
    judgement: &mut Judgement,
) -> Decided<'a> {
    let refused = judgement.refusals.len();
    let standing = claims::judge(scene, object, openings, judgement);
    let stays = standing != Standing::Fresh && judgement.refusals.len() == refused;
    let grows_to = if stays { claim_size::grows_to(scene, object, judgement) } else { None };
    let change = match standing {
        Standing::Fresh => Change::Create,
        Standing::Kept if grows_to.is_none() => Change::Keep,
        Standing::Kept | Standing::Marked => Change::Update,
    };
    let why = (standing == Standing::Marked).then(|| "gets the release's mark".to_owned());
    let fields = grows_to.iter().map(|size| claim_size::diff(scene, &object.id, size)).collect();
    let live = scene.facts.live.get(&object.id);
    let verdict = Verdict {
        change,
        fields,
        why,
        adopt_from: Vec::new(),
        contested: Vec::new(),
        force: false,
        replace: None,
        live,
    };
    Decided { object: Cow::Borrowed(object), verdict, generation: None, standing: Some(standing), grows_to }
}

/// Namespaces and kinds that have to be there.
fn surroundings(scene: &Scene<'_>) -> Vec<Refusal> {
    let release = &scene.intent.release;
    let mut refusals = Vec::new();
    let mut namespaces: BTreeSet<&str> =
        scene.wanted.objects.iter().filter_map(|object| object.id.namespace.as_deref()).collect();
    namespaces.insert(&release.namespace);
    for namespace in namespaces.into_iter().filter(|name| !scene.facts.namespaces.contains(*name)) {
        // The record is written before the first step, so the release's own namespace can't be one of the steps.
        let own = namespace == release.namespace;
        let made = scene.wanted.get(&ObjectId::cluster("", "Namespace", namespace)).is_some();
        if (own && !scene.intent.options.create_namespace) || (!own && !made) {
            let diagnostic = Diagnostic::error(format!("there is no namespace `{namespace}`"));
            let way =
                if own { "--create-namespace".to_owned() } else { format!("kubectl create namespace {namespace}") };
            refusals.push(Refusal::failed(diagnostic.hint(format!("make it: `{way}`"))));
        }
    }
    let defined = edges::definitions(&edges::placed(&scene.wanted.objects));
    let mut named = BTreeSet::new();
    for object in &scene.wanted.objects {
        let kind = (object.id.group.clone(), object.id.kind.clone());
        let is_defined = defined.contains_key(&(kind.0.as_str(), kind.1.as_str()));
        if scene.facts.unserved.contains(&kind) && !is_defined && named.insert(kind) {
            refusals.push(Refusal::failed(
                Diagnostic::error(format!(
                    "the cluster does not serve `{}` ({})",
                    object.id.kind,
                    object.api_version()
                ))
                .at(object.body.get("kind").map(|node| node.origin.at).unwrap_or_default())
                .hint(
                    "install its definition first, or use a version that the cluster serves: `kubectl api-resources`",
                ),
            ));
        }
    }
    refusals
}

/// Annotations that kchart reads and whose value nobody knows.
fn annotations(object: &Object) -> Option<Refusal> {
    let (name, value) = retain::retained(&object.body).err()?;
    let place = object.body.at(&["metadata", "annotations", name]).map(|node| node.origin.at);
    Some(Refusal::input(
        Diagnostic::error(format!("`{name}` of `{}` is `{value}`", object.id)).at(place.unwrap_or_default()).hint(
            if name == crate::object::marks::RETAIN {
                "write \"true\", or leave it out"
            } else {
                "write `keep`, or leave it out"
            },
        ),
    ))
}

/// Claims that the workloads mount, or would with more replicas, and the plan does not make.
fn foreign_claims(scene: &Scene<'_>, openings: &Openings<'_>, out: &mut Judgement) {
    let mounted: BTreeSet<(&str, &str)> =
        openings.settled.iter().map(|opening| (opening.namespace.as_str(), opening.claim.as_str())).collect();
    for (namespace, name) in mounted {
        let of_set = |set: &Object| {
            pods::is_set(&set.id)
                && set.id.namespace.as_deref() == Some(namespace)
                && pods::makes_claim(&set.id, &set.body, name)
        };
        let id = ObjectId::claim(namespace, name);
        if scene.wanted.get(&id).is_some() {
            continue;
        }
        if scene.wanted.objects.iter().any(of_set) {
            claims::judge_resting(scene, namespace, name, openings, out);
        } else {
            claims::judge_foreign(scene, namespace, name, openings, out);
        }
    }
}

/// What a careful person would want to know.
fn hazards(scene: &Scene<'_>, out: &mut Judgement) {
    for set in scene.wanted.objects.iter().filter(|object| pods::is_set(&object.id)) {
        let (hazard, refusal) = retention::judge(scene, set);
        out.hazards.extend(hazard);
        out.refusals.extend(refusal);
    }
}

/// Stamps the workloads whose Secrets and ConfigMaps change, and compares them again.
fn restart<'a>(scene: &Scene<'a>, objects: &mut [Decided<'a>], keys: &Keys, rotated: BTreeSet<ObjectId>) {
    // What is rotated counts whether or not this run is the one that changes it: nobody knows who has read it since.
    let mut now = rotated;
    now.extend(objects.iter().filter(|decided| changes_content(decided)).map(|decided| decided.object.id.clone()));
    let changes = Changes { now, before: restart::changed_before(scene) };
    for decided in objects.iter_mut().filter(|decided| pods::runs_pods(&decided.object.id)) {
        let Some(stamped) = restart::stamp(scene, &decided.object, &changes) else { continue };
        let why = stamped.why;
        decided.object = Cow::Owned(stamped.object);
        if let Ok(again) = verdict(scene, &decided.object, keys) {
            decided.verdict = Verdict { why: again.why.or(why), ..again };
        }
    }
}

/// The fields that the run would be refused for.
fn conflicts(scene: &Scene<'_>, objects: &[Decided<'_>]) -> Vec<Diagnostic> {
    if scene.intent.options.force_conflicts {
        return Vec::new();
    }
    let told = |decided: &Decided<'_>| {
        let cannot = format!("cannot apply `{}`", decided.object.id);
        let live = decided.verdict.live.map(|live| &live.body);
        let of_one = decided.verdict.contested.iter();
        of_one.map(|field| field.diagnostic(&cannot, Some(&*decided.object), live)).collect::<Vec<_>>()
    };
    objects.iter().flat_map(told).collect()
}

/// What is taken over, and from whom.
fn adopted(scene: &Scene<'_>, objects: &[Decided<'_>]) -> Vec<(ObjectId, String)> {
    let owned = objects.iter().filter_map(|decided| Some((&decided.object.id, decided.verdict.live?)));
    owned
        .map(|(id, live)| (id, scene.owner(id, live)))
        .filter(|(id, owner)| *owner != Owner::Ours && !id.is_claim())
        .map(|(id, owner)| (id.clone(), owner.to_string()))
        .collect()
}

/// Whether Pods of a workload that stay start in this run, so that what they show when they are ready is of now.
fn starts_pods(decided: &Decided<'_>) -> bool {
    let Decided { object, verdict, .. } = decided;
    let template = FieldPath::keys(&["spec", "template"]);
    let is_new = matches!(verdict.change, Change::Create | Change::Replace)
        || verdict.fields.iter().any(|field| field.path.0.starts_with(&template.0));
    is_new && formats::stays_ready(&object.id, &object.body)
}

/// Whether the content of a Secret or ConfigMap is another one after the run.
fn changes_content(decided: &Decided<'_>) -> bool {
    let id = &decided.object.id;
    let is_content = |path: &FieldPath| {
        [&["data"][..], &["binaryData"]].iter().any(|keys| path.0.starts_with(&FieldPath::keys(keys).0))
    };
    (id.is_secret() || id.is("", "ConfigMap"))
        && (decided.verdict.change == Change::Create
            || decided.generation.as_ref().is_some_and(|generation| !generation.new.is_empty())
            || decided.verdict.fields.iter().any(|field| is_content(&field.path)))
}

fn report(scene: &Scene<'_>, objects: &[Decided<'_>], leaving: &Leaving<'_>, judgement: Judgement) -> Report {
    let mut lines = Vec::new();
    let release = &scene.intent.release;
    let namespace = ObjectId::cluster("", "Namespace", &release.namespace);
    if !scene.facts.namespaces.contains(&release.namespace) && scene.wanted.get(&namespace).is_none() {
        let why = Some("the release lives in it".to_owned());
        lines.push(Line { id: namespace, change: Change::Create, why, fields: Vec::new() });
    }
    // A Job that an uninstall left is told of where it goes.
    let goes: BTreeSet<&ObjectId> = leaving.delete.iter().map(|(id, _)| id).collect();
    for decided in objects.iter().filter(|decided| !goes.contains(&decided.object.id)) {
        let mut line = Line {
            id: decided.object.id.clone(),
            change: decided.verdict.change,
            why: decided.verdict.why.clone(),
            fields: decided.verdict.fields.clone(),
        };
        if let Some(generation) = decided.generation.as_ref().filter(|generation| !generation.new.is_empty()) {
            line.why = Some(format!("generates {}", super::scene::list(generation.new.iter().map(String::as_str))));
            if line.change == Change::Keep {
                line.change = Change::Update;
            }
            if line.change == Change::Update {
                line.fields.extend(generation.new.iter().map(|key| FieldDiff {
                    path: FieldPath::keys(&["data", key]),
                    live: None,
                    wanted: None,
                    secret: true,
                }));
            }
        }
        lines.push(line);
    }
    for decided in objects {
        for (id, _) in unblock::in_the_way(scene, &decided.object, &decided.verdict) {
            let why = Some(unblock::WHY.to_owned());
            lines.push(Line { id: id.clone(), change: Change::Delete, why, fields: Vec::new() });
        }
    }
    lines.extend(leaving.lines());
    let switched = reclaim::switched(scene);
    lines.extend(switched.iter().map(Switched::line));
    let mut hazards = judgement.hazards;
    hazards.extend(switched.iter().map(|switched| Hazard { id: None, message: switched.note() }));
    let mut notes = judgement.notes;
    notes.extend(leaving.notes.iter().cloned());
    let unknown = objects.iter().any(|decided| {
        let id = &decided.object.id;
        schema::kind(&id.group, &decided.object.version, &id.kind).is_none() && decided.verdict.change == Change::Update
    });
    if unknown {
        notes.push("custom resources are compared without their schema: a default may show as a change".into());
    }
    Report {
        drift: drift::drift(scene, &lines),
        generated: objects.iter().flat_map(generated_keys).collect(),
        lines,
        kept: leaving.kept.clone(),
        volumes: Vec::new(),
        hazards,
        notes,
        ..Report::default()
    }
}

/// The generated keys of an object, and whether each gets a value now.
fn generated_keys(decided: &Decided<'_>) -> Vec<((ObjectId, String), Generated)> {
    let is_new = |key: &String| decided.generation.as_ref().is_some_and(|generation| generation.new.contains(key));
    let keys = generated::keys(&decided.object).into_keys();
    keys.map(|key| {
        let fate = if is_new(&key) { Generated::New } else { Generated::Kept };
        ((decided.object.id.clone(), key), fate)
    })
    .collect()
}
