//! The goal Deployed: decides about every wanted object and what is no longer wanted. `deploy_steps` makes it steps.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::claims::{self, Judgement, Openings, Standing};
use super::credentials::{self, Opening};
use super::deploy_report::{adopted, conflicts, report};
use super::found::found;
use super::garbage;
use super::generated::{self, Generation};
use super::keys::{Keys, keys_of_claims};
use super::leaving::{self, Leaving, Occasion};
use super::restart::{self, Changes};
use super::rotation::{self, Rotation};
use super::scene::Scene;
use super::surroundings::{annotations, surroundings};
use super::verdict::{Verdict, verdict};
use super::{
    Change, Deletion, Facts, Intent, KnownValue, Plan, Refusal, Report, adopt, at_rest, claim_size, deploy_steps,
    edges, formats, initialised, jobs, order, overlooked, pods, remember, retention, unmounted, unread, wanted,
};
use crate::manifest::Manifest;
use crate::object::{FieldPath, Object, ObjectId};
use crate::release::Past;

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

    let (mut drafts, mut news) = remember::drafts(&scene, &claim_ids, &openings, &images, &judgement, &rotations);
    let overlooked = overlooked::by_deployment(&scene);
    news |= !overlooked.is_empty();
    drafts.extend(overlooked);
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
    garbage::takes_owned_claims(scene, "replacing", &decided.object.id, live)
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
