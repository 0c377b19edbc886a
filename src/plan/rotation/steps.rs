//! A rotation as steps: both values are held; the Job; the Secret; those that read it; what helped goes last.

use std::collections::{BTreeMap, BTreeSet};

use super::{Course, New, Rotation};
use crate::object::{Object, ObjectId, marks};
use crate::plan::deploy::Decided;
use crate::plan::graph::{Draft, Graph};
use crate::plan::jobs::Outcome;
use crate::plan::scene::Scene;
use crate::plan::{Act, Deletion, Expect, KnownValue, LedgerDraft, Live, NewValue, generated, references};
use crate::release::Credential;
use crate::yaml::{Node, Text};

/// The steps of a rotation that are planned so far.
pub(in crate::plan) struct Rotating<'r, 'a> {
    rotation: &'r Rotation<'a>,
    /// After this both values are held.
    held: Option<Draft>,
    /// The Job's first step, and the one after which it is done.
    job: Option<(Draft, Draft)>,
    /// After these the Secret has the new value.
    swapped: BTreeSet<Draft>,
    /// The Secrets that change, by position.
    secrets: BTreeSet<usize>,
    /// The workloads that read one of them, by position.
    readers: BTreeSet<usize>,
}

impl<'r, 'a> Rotating<'r, 'a> {
    /// Adds the steps of a rotation; `applied` are those of the wanted objects, by position.
    pub(in crate::plan) fn begin(
        scene: &Scene<'_>,
        graph: &mut Graph,
        objects: &[Decided<'_>],
        applied: &[BTreeSet<Draft>],
        known: &BTreeMap<String, KnownValue>,
        rotation: &'r Rotation<'a>,
    ) -> Self {
        let held = match (rotation.begun, rotation.turn()) {
            (None, _) => Some(graph.add(open(scene, rotation), Expect::Absent, [])),
            (Some(held), Some(course)) => {
                let act = Act::TurnRotation { rotation: held.id.clone(), course };
                Some(graph.add(act, Expect::Uid(held.live.uid.clone(), None), []))
            }
            (Some(_), None) => None,
        };
        let job = rotation.job.map(|at| run(graph, &objects[at].object, scene, held));
        let secrets = rotation.secrets();
        let mut swapped = BTreeSet::new();
        match &rotation.new {
            New::Generated(value, keys) => {
                let mut places = known.clone();
                places.insert(value.name.clone(), rotation.lies());
                for (at, keys) in keys {
                    let act = swap(rotation, &objects[*at].object, keys, &places);
                    let expect = match objects[*at].verdict.live {
                        Some(live) => Expect::Uid(live.uid.clone(), None),
                        None => Expect::Nothing,
                    };
                    // What is made of a value that is held waits until that is turned as it is to be.
                    for step in &applied[*at] {
                        graph.edges(*step, held);
                    }
                    swapped.insert(graph.add(act, expect, applied[*at].iter().copied().chain(held)));
                }
            }
            New::Given(at) => {
                swapped.extend(applied[*at].iter().copied());
                for step in swapped.clone() {
                    graph.edges(step, held);
                }
            }
        }
        if let Some((_, done)) = job.filter(|_| rotation.runs) {
            for step in &swapped {
                graph.edge(*step, done);
            }
        }
        let ids: BTreeSet<&ObjectId> = secrets.iter().map(|at| &objects[*at].object.id).collect();
        let reads = |object: &Object| references::reads(&object.id, &object.body).iter().any(|id| ids.contains(id));
        let readers = (0..objects.len())
            .filter(|at| Some(*at) != rotation.job && !objects[*at].object.id.is_secret())
            .filter(|at| reads(&objects[*at].object))
            .collect();
        Self { rotation, held, job, swapped, secrets, readers }
    }

    /// Whether it is about what opens a claim.
    pub(in crate::plan) fn opens(&self, draft: &LedgerDraft) -> bool {
        let key = &self.rotation.key;
        let is_it = |known: &Credential| (&known.secret, &known.key) == (&key.secret, &key.key);
        draft.claim.namespace.as_ref() == Some(&key.namespace) && draft.credentials.iter().any(is_it)
    }

    /// After these the Secret has the new value.
    pub(in crate::plan) fn swapped(&self) -> impl Iterator<Item = Draft> {
        self.swapped.iter().copied().chain(self.held)
    }

    /// Puts the steps among those of the wanted objects: `waits` is what the Job waits for, `gates` are the steps after
    /// which each object is applied, `own` those of the object itself and the one after which it is ready.
    pub(in crate::plan) fn connect(
        &self,
        graph: &mut Graph,
        waits: impl Iterator<Item = usize>,
        gates: &[BTreeSet<Draft>],
        own: &[(BTreeSet<Draft>, Option<Draft>)],
    ) {
        if let Some((begin, _)) = self.job {
            // What the Secret is changed to is not what the Job waits for, but the other way round.
            let is_before = |at: &usize| !self.secrets.contains(at) || matches!(self.rotation.new, New::Generated(..));
            for at in waits.filter(is_before) {
                graph.edges(begin, gates[at].iter().copied());
            }
            if !self.rotation.runs {
                graph.edges(begin, self.swapped.iter().copied());
                for at in &self.rotation.workloads {
                    graph.edges(begin, own[*at].0.iter().copied());
                }
            }
        }
        for at in &self.readers {
            let (applied, ready) = &own[*at];
            // A Secret that has its value already is not applied: those that read it wait for the Job all the same.
            let job = self.job.filter(|_| self.rotation.runs).map(|(_, done)| done);
            for step in applied {
                graph.edges(*step, self.swapped.iter().copied().chain(job));
            }
            if let Some(ready) = ready {
                graph.edges(*ready, self.swapped.iter().copied().chain(self.job.map(|(_, done)| done)));
            }
        }
    }

    /// Adds the last steps, after `all`: the Job goes, then the Secret that held both values.
    pub(in crate::plan) fn end(&self, graph: &mut Graph, objects: &[Decided<'_>], all: &BTreeSet<Draft>) {
        let mut after = all.clone();
        if let Some(at) = self.rotation.job {
            // By its name: nobody knows the uid of a run that is yet to begin, and no other object can have taken it.
            let job = objects[at].object.as_ref();
            let act = Act::Delete { id: job.id.clone(), version: job.version.clone(), deletion: Deletion::Background };
            after = BTreeSet::from([graph.add(act, Expect::Nothing, after)]);
        }
        let expect = match self.rotation.begun {
            Some(held) => Expect::Uid(held.live.uid.clone(), None),
            None => Expect::Nothing,
        };
        let (id, version) = (self.rotation.holder(), "v1".to_owned());
        let act = if self.rotation.is_given_up() {
            Act::TurnRotation { rotation: id, course: Course::GivenUp }
        } else {
            Act::Delete { id, version, deletion: Deletion::Background }
        };
        graph.add(act, expect, after);
    }
}

/// The Secret that holds both values is made.
fn open(scene: &Scene<'_>, rotation: &Rotation<'_>) -> Act {
    let key = &rotation.key;
    let secret = scene.wanted.get(&ObjectId::secret(&key.namespace, &key.secret));
    let id = rotation.holder();
    let mut body = Node::map();
    body.set(&[], "apiVersion", "v1");
    body.set(&[], "kind", "Secret");
    body.set(&["metadata"], "name", id.name.as_str());
    body.set(&["metadata"], "namespace", key.namespace.as_str());
    for mark in [marks::RELEASE, marks::RELEASE_NAMESPACE, marks::MANAGED_BY, marks::INSTANCE] {
        if let Some(value) = secret.and_then(|secret| secret.label(mark)) {
            body.set(&["metadata", "labels"], mark, value);
        }
    }
    body.set(&["metadata", "annotations"], marks::ROTATE, key.to_string());
    let shell = Object { id, version: "v1".into(), body, secret: BTreeSet::new() };
    let new = match &rotation.new {
        New::Given(at) => NewValue::Given(Box::new(scene.wanted.objects[*at].clone())),
        New::Generated(value, _) => NewValue::Generated((*value).clone()),
    };
    Act::OpenRotation { rotation: shell, of: key.clone(), new }
}

/// The Job's run, and its end. One that runs already is waited for; the run of an earlier try tells nothing of now.
fn run(graph: &mut Graph, job: &Object, scene: &Scene<'_>, held: Option<Draft>) -> (Draft, Draft) {
    let live: Option<&Live> = scene.facts.live.get(&job.id);
    let mut steps = Vec::new();
    let mut after: BTreeSet<Draft> = held.into_iter().collect();
    let mut add = |graph: &mut Graph, act: Act, expect: Expect, after: &mut BTreeSet<Draft>| {
        let step = graph.add(act, expect, std::mem::take(after));
        after.insert(step);
        steps.push(step);
    };
    let is_going = live.is_some_and(|live| live.body.at(&["metadata", "deletionTimestamp"]).is_some());
    let runs = live.is_some_and(|live| Outcome::of(live) == Outcome::Running) && !is_going;
    if let Some(live) = live.filter(|_| !runs) {
        let version = job.version.clone();
        let act = Act::Delete { id: job.id.clone(), version: version.clone(), deletion: Deletion::Background };
        add(graph, act, Expect::Uid(live.uid.clone(), None), &mut after);
        let act = Act::AwaitGone { id: job.id.clone(), version, uid: Some(live.uid.clone()) };
        add(graph, act, Expect::Nothing, &mut after);
    }
    if !runs {
        let act = Act::Apply { object: job.clone(), force: false, adopt_from: Vec::new() };
        add(graph, act, Expect::Absent, &mut after);
    }
    let act = Act::AwaitReady { id: job.id.clone(), version: job.version.clone() };
    add(graph, act, Expect::Nothing, &mut after);
    (steps[0], steps[steps.len() - 1])
}

/// A Secret's keys get the new value.
fn swap(
    rotation: &Rotation<'_>,
    secret: &Object,
    keys: &BTreeMap<String, Text>,
    places: &BTreeMap<String, KnownValue>,
) -> Act {
    let names: BTreeSet<&str> = keys.values().flat_map(Text::generated_keys).map(|key| key.name.as_str()).collect();
    let known = places.iter().filter(|(name, _)| names.contains(name.as_str()));
    let is_its_own = secret.id == ObjectId::secret(&rotation.key.namespace, &rotation.key.secret);
    Act::Swap {
        secret: generated::shell(secret),
        keys: keys.clone(),
        known: known.map(|(name, value)| (name.clone(), value.clone())).collect(),
        holds: is_its_own.then(|| (rotation.key.key.clone(), rotation.holder())),
    }
}
