//! Another value for a credential. What the service knows is changed first, by the chart's own Job; then the Secret;
//! then those that read it start again.
//!
//! Meanwhile a Secret of its own holds both values, so that at no instant the one that opens a volume is lost. As long
//! as it is there the rotation is not over, and whatever is deployed next goes on with it.

mod asked;
mod declared;
mod held;
mod shown;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::Opening;
use super::same::bytes;
use super::scene::{Scene, generated};
use super::{KnownValue, Refusal, SecretKey, pods, references};
use crate::diagnostic::Diagnostic;
use crate::object::{Object, ObjectId, marks};
use crate::release::Lifetime;
use crate::yaml::{GeneratedKey, Node, Part, Text};

pub(super) use asked::undeclared_now;
use declared::misdeclared;
pub(super) use declared::{declared, is_declared, is_rotation_job};
use held::Held;
pub use held::{Course, UnfinishedRotation, holders, unfinished};
pub(super) use held::{both_values, ends_as, held, holders_of};
pub(super) use shown::show;
pub(super) use steps::Rotating;

/// A credential that gets another value in this run.
pub(super) struct Rotation<'a> {
    pub(super) key: SecretKey,
    /// The Secret that holds both values, where an earlier run made it.
    begun: Option<Held<'a>>,
    /// What this run is to do about it.
    aim: Aim,
    /// The Job that changes it inside the service, by its position among the wanted objects; none for a credential that
    /// is read at every start.
    job: Option<usize>,
    new: New<'a>,
    /// What knows the credential, by position.
    workloads: BTreeSet<usize>,
    /// Whether all of that is there and works: it knows the old value then, and the Secret stays as it is until the Job
    /// is done. What is made by this very plan, or does not work before it, starts with the new value, and is ready when
    /// the Job is done.
    runs: bool,
}

/// What is to become of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// It ends with its new value.
    Onward,
    /// It ends with the value that was there before: the Job finds out what the service knows.
    Back,
    /// Its Job goes, the old value is in the Secret, and both stay at hand.
    GiveUp,
}

impl Aim {
    fn course(self) -> Course {
        match self {
            Self::Onward => Course::Onward,
            Self::Back => Course::Back,
            Self::GiveUp => Course::GivenUp,
        }
    }
}

/// What the credential is to be.
enum New<'a> {
    /// A generated value: all keys that hold it change, by Secret (position).
    Generated(&'a GeneratedKey, BTreeMap<usize, BTreeMap<String, Text>>),
    /// What the manifest says of this Secret (position): applying it is the change.
    Given(usize),
}

/// All credentials that get another value: those whose rotation was begun before, and what was asked for.
pub(super) fn decide<'a>(
    scene: &Scene<'a>,
    openings: &[Opening],
    refusals: &mut Vec<Refusal>,
    notes: &mut Vec<String>,
) -> Vec<Rotation<'a>> {
    refusals.extend(scene.wanted.objects.iter().filter_map(misdeclared));
    refusals.extend(declared::twice(&scene.wanted.objects));
    let mut begun = held::begun(scene);
    begun.retain(|key, held| {
        let is_wanted = scene.wanted_value(&key.namespace, &key.secret, &key.key).is_some();
        if !is_wanted {
            notes.push(format!(
                "`{}` stays: the rotation of `{key}` is not over, and the chart no longer has that key",
                held.id
            ));
        }
        is_wanted
    });
    let goes_on = |course: Course| match course {
        Course::Onward => Some(Aim::Onward),
        Course::Back => Some(Aim::Back),
        Course::GivenUp => None,
    };
    let mut keys: BTreeMap<SecretKey, Aim> =
        begun.iter().filter_map(|(key, held)| Some((key.clone(), goes_on(held.course)?))).collect();
    match asked::asked(scene, openings, &begun) {
        Ok(asked) => keys.extend(asked),
        Err(refusal) => refusals.push(*refusal),
    }
    let mut rotations = Vec::new();
    for (key, aim) in keys {
        let begun = begun.get(&key).copied();
        match one(scene, openings, key, begun, aim) {
            Ok(rotation) => rotations.push(rotation),
            Err(refusal) => refusals.push(*refusal),
        }
    }
    rotations
}

fn one<'a>(
    scene: &Scene<'a>,
    openings: &[Opening],
    key: SecretKey,
    begun: Option<Held<'a>>,
    aim: Aim,
) -> Result<Rotation<'a>, Box<Refusal>> {
    let objects = &scene.wanted.objects;
    let opens: Vec<&Opening> = openings.iter().filter(|opening| is_of(opening, &key)).collect();
    let job = declared(objects, &key).filter(|_| aim != Aim::GiveUp);
    if aim == Aim::GiveUp {
        asked::may_be_given_up(scene, &key, begun)?;
    } else if job.is_none() && !opens.iter().all(|opening| opening.lifetime == Lifetime::EveryBoot) {
        return Err(Box::new(asked::undeclared_now(scene, &key)));
    }
    let wanted = scene.wanted_value(&key.namespace, &key.secret, &key.key);
    let new = match wanted.and_then(generated).map(Text::parts) {
        Some([Part::Generated(generated)]) => New::Generated(generated, holding(scene, openings, &key, generated)?),
        Some(_) => return Err(Box::new(asked::in_parts(scene, &key))),
        None => {
            if let (Some(wanted), Some(held)) = (wanted, begun)
                && bytes(wanted) != held::value(held.live, held.target(aim.course()))
            {
                return Err(Box::new(asked::other_value(scene, &key, wanted)));
            }
            let id = ObjectId::secret(&key.namespace, &key.secret);
            match objects.iter().position(|object| object.id == id) {
                Some(at) => New::Given(at),
                None => return Err(Box::new(asked::not_ours(scene, &key))),
            }
        }
    };
    let secret = ObjectId::secret(&key.namespace, &key.secret);
    let knows = |object: &Object| {
        if opens.is_empty() {
            pods::runs_pods(&object.id) && references::reads(&object.id, &object.body).contains(&secret)
        } else {
            opens.iter().any(|opening| opening.workload == object.id)
        }
    };
    let workloads: BTreeSet<usize> =
        (0..objects.len()).filter(|at| !is_rotation_job(&objects[*at]) && knows(&objects[*at])).collect();
    // What only reads the credential is no service.
    let mut services = workloads.iter().filter(|_| !opens.is_empty()).map(|at| &objects[*at].id);
    let down = services.find(|id| is_down(scene, id));
    if let Some(down) = down.filter(|_| begun.is_none() && job.is_some()) {
        return Err(Box::new(asked::is_down(scene, &key, down)));
    }
    let runs = down.is_none() && workloads.iter().all(|at| scene.facts.live.contains_key(&objects[*at].id));
    Ok(Rotation { key, begun, aim, job, new, workloads, runs })
}

/// Whether a workload is there, and none of its Pods works.
fn is_down(scene: &Scene<'_>, id: &ObjectId) -> bool {
    let status = scene.facts.live.get(id).and_then(|live| live.body.at(&["status"])).filter(|it| it.as_map().is_some());
    let ready = |field: &str| status.and_then(|status| status.at(&[field])).and_then(Node::as_i64).unwrap_or(0);
    id.group == "apps" && status.is_some() && ready("readyReplicas") + ready("numberReady") == 0
}

fn is_of(opening: &Opening, key: &SecretKey) -> bool {
    (&opening.namespace, &opening.secret, &opening.key) == (&key.namespace, &key.secret, &key.key)
}

/// The wanted keys that hold a generated value, by Secret (position).
///
/// # Errors
/// One of them opens another volume, whose service no Job tells.
fn holding(
    scene: &Scene<'_>,
    openings: &[Opening],
    rotated: &SecretKey,
    value: &GeneratedKey,
) -> Result<BTreeMap<usize, BTreeMap<String, Text>>, Box<Refusal>> {
    let mut holding: BTreeMap<usize, BTreeMap<String, Text>> = BTreeMap::new();
    for (at, object) in scene.wanted.objects.iter().enumerate() {
        for (name, text) in super::generated::keys(object) {
            if !text.generated_keys().any(|part| part.name == value.name) {
                continue;
            }
            let namespace = object.id.namespace.clone().unwrap_or_default();
            let key = SecretKey { namespace, secret: object.id.name.clone(), key: name.clone() };
            let opens = openings.iter().find(|it| is_of(it, &key) && it.lifetime == Lifetime::Sticky);
            if let Some(opening) = opens.filter(|_| key != *rotated) {
                return Err(Box::new(asked::shared(scene, rotated, &key, opening)));
            }
            holding.entry(at).or_default().insert(name, text);
        }
    }
    Ok(holding)
}

impl Rotation<'_> {
    /// Whether it is about that credential.
    pub(super) fn is_of(&self, opening: &Opening) -> bool {
        is_of(opening, &self.key)
    }

    /// What knows the credential, by position.
    pub(super) fn workloads(&self) -> impl Iterator<Item = usize> {
        self.workloads.iter().copied()
    }

    /// The Job, by its position.
    pub(super) fn job(&self) -> Option<usize> {
        self.job
    }

    /// The Secret that holds both values.
    fn holder(&self) -> ObjectId {
        self.begun.map_or_else(
            || ObjectId::secret(&self.key.namespace, &marks::rotation_secret(&self.key.secret)),
            |held| held.id.clone(),
        )
    }

    /// Where it is to be turned before all else.
    fn turn(&self) -> Option<Course> {
        let course = self.aim.course();
        self.begun.filter(|held| self.aim != Aim::GiveUp && held.course != course).map(|_| course)
    }

    /// Whether the Secret has the value already that it is to have.
    fn is_settled(&self, scene: &Scene<'_>) -> bool {
        let SecretKey { namespace, secret, key } = &self.key;
        let aimed = self.begun.and_then(|held| held::value(held.live, held.target(self.aim.course())));
        aimed.is_some() && aimed == scene.live_value(namespace, secret, key)
    }

    /// Whether it is given up without its Job.
    pub(super) fn is_given_up(&self) -> bool {
        self.aim == Aim::GiveUp
    }

    /// The Secrets of which nobody knows who has read them since they changed, by position.
    pub(super) fn unread(&self, scene: &Scene<'_>) -> BTreeSet<usize> {
        if self.is_given_up() && self.is_settled(scene) { BTreeSet::new() } else { self.secrets() }
    }

    /// The values that the credential had, or may have, and is not to have; none where it is given up, and either may
    /// be the one that works.
    pub(super) fn outdated(&self, scene: &Scene<'_>) -> Vec<Vec<u8>> {
        if self.is_given_up() {
            return Vec::new();
        }
        let SecretKey { namespace, secret, key } = &self.key;
        let aimed = match self.begun {
            Some(held) => held::value(held.live, held.target(self.aim.course())),
            None => match self.new {
                New::Given(_) => scene.wanted_value(namespace, secret, key).and_then(bytes),
                New::Generated(..) => None,
            },
        };
        let held = self.begun.map(|held| held.values()).unwrap_or_default();
        let all = scene.live_value(namespace, secret, key).into_iter().chain(held);
        all.filter(|value| Some(value) != aimed.as_ref()).collect()
    }

    /// The Secrets whose content changes, by position.
    pub(super) fn secrets(&self) -> BTreeSet<usize> {
        match &self.new {
            New::Generated(_, keys) => keys.keys().copied().collect(),
            New::Given(at) => BTreeSet::from([*at]),
        }
    }

    /// Where the generated value lies once both values are held, and turned as they are to be.
    fn lies(&self) -> KnownValue {
        let key = match self.begun.filter(|_| self.is_given_up()) {
            Some(held) => held.target(Course::GivenUp),
            None => marks::ROTATION_NEW,
        };
        let holder = self.holder();
        KnownValue { namespace: self.key.namespace.clone(), secret: holder.name, key: key.into() }
    }

    /// A value whose Secret was lost meanwhile is in the other one: where its name's value lies then.
    pub(super) fn rescued(&self, scene: &Scene<'_>) -> Option<(String, KnownValue)> {
        let lost = scene.live_value(&self.key.namespace, &self.key.secret, &self.key.key).is_none();
        match &self.new {
            New::Generated(value, _) if lost && self.begun.is_some() => Some((value.name.clone(), self.lies())),
            _ => None,
        }
    }
}

/// Whether a rotation makes up for another value of a sticky credential: one is declared, and the value that the
/// service knows is there.
pub(super) fn is_possible(scene: &Scene<'_>, openings: &[Opening], opening: &Opening) -> bool {
    let key =
        SecretKey { namespace: opening.namespace.clone(), secret: opening.secret.clone(), key: opening.key.clone() };
    declared(&scene.wanted.objects, &key).is_some() && asked::knows_old(scene, openings, &key, opening)
}

/// A diagnostic at the place where a wanted key is written.
fn at_key(scene: &Scene<'_>, key: &SecretKey, message: String) -> Diagnostic {
    let place = scene.wanted_value(&key.namespace, &key.secret, &key.key).map(|node| node.origin.at);
    Diagnostic::error(message).at(place.unwrap_or_default())
}
