//! The Secrets that hold both values of a key: as long as one is there, its rotation is not over, unless it was given up.
//!
//! `old` and `new` are those of the way that it goes: where it goes back they have changed places, so that whatever ends
//! it brings the value into force that was there before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::object::{Object, ObjectId, marks};
use crate::plan::ownership::{self, Owner};
use crate::plan::same::bytes;
use crate::plan::scene::Scene;
use crate::plan::{Facts, Live, Rotate, SecretKey};
use crate::release::Release;
use crate::yaml::Node;

/// Where a rotation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// To its new value.
    Onward,
    /// Back to the value that was there before.
    Back,
    /// Nowhere: it was given up without its Job, and nothing has tried which value works.
    GivenUp,
}

impl Course {
    /// The word for it on the Secret.
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Onward => None,
            Self::Back => Some("back"),
            Self::GivenUp => Some("given-up"),
        }
    }

    /// The course that a word means.
    pub(crate) fn parse(word: Option<&str>) -> Self {
        [Self::Back, Self::GivenUp].into_iter().find(|course| course.word() == word).unwrap_or(Self::Onward)
    }

    /// Whether `old` and `new` have changed places.
    pub(crate) fn is_turned(self) -> bool {
        self == Self::Back
    }
}

/// A Secret that holds both values of a key.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) id: &'a ObjectId,
    pub(super) live: &'a Live,
    pub(super) course: Course,
}

impl Held<'_> {
    /// Where the value lies that is to be in force on some course.
    pub(super) fn target(&self, course: Course) -> &'static str {
        let is_back = course != Course::Onward;
        if is_back == self.course.is_turned() { marks::ROTATION_NEW } else { marks::ROTATION_OLD }
    }

    /// Both values.
    pub(super) fn values(&self) -> Vec<Vec<u8>> {
        [marks::ROTATION_OLD, marks::ROTATION_NEW].into_iter().filter_map(|which| value(self.live, which)).collect()
    }
}

/// A rotation that was begun and is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedRotation {
    /// Which key gets another value.
    pub key: SecretKey,
    /// The Secret that holds both values until it is over.
    pub holder: ObjectId,
    /// When it was begun.
    pub since: Option<Timestamp>,
    /// Where it goes.
    pub course: Course,
}

/// The rotations of a release that are not over, by key. The live Secrets of its namespace tell: the facts have them
/// wherever the release makes a Secret.
pub fn unfinished(facts: &Facts, release: &Release) -> Vec<UnfinishedRotation> {
    let ours = facts.live.iter().filter(|(id, live)| owner(id, live, release) == Owner::Ours);
    let found = ours.filter_map(|(id, live)| {
        let since = live.body.str_at(&["metadata", "creationTimestamp"]).and_then(|time| time.parse().ok());
        Some(UnfinishedRotation { key: held(id, live)?, holder: id.clone(), since, course: course(live) })
    });
    let mut found: Vec<UnfinishedRotation> = found.collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

fn owner(id: &ObjectId, live: &Live, release: &Release) -> Owner {
    ownership::of(live, id.namespace.as_deref(), release)
}

/// The Secrets of this release that hold both values of a key, by that key.
pub(super) fn begun<'a>(scene: &Scene<'a>) -> BTreeMap<SecretKey, Held<'a>> {
    let live = scene.facts.live.iter().filter(|(id, live)| scene.owner(id, live) == Owner::Ours);
    live.filter_map(|(id, live)| Some((held(id, live)?, Held { id, live, course: course(live) }))).collect()
}

/// The Secrets of this release that hold both values of a key, with that key's Secret.
pub(in crate::plan) fn holders_of<'a>(scene: &Scene<'a>) -> Vec<(SecretKey, &'a ObjectId, &'a Live)> {
    begun(scene).into_iter().map(|(key, held)| (key, held.id, held.live)).collect()
}

/// Where the rotation of a key goes that was begun or given up, and both of its values.
pub(in crate::plan) fn both_values(scene: &Scene<'_>, key: &SecretKey) -> Option<(Course, Vec<Vec<u8>>)> {
    begun(scene).get(key).map(|held| (held.course, held.values()))
}

/// The key of which a live Secret holds both values; none if it is another kind of Secret.
pub(in crate::plan) fn held(id: &ObjectId, live: &Live) -> Option<SecretKey> {
    let written = live.body.str_at(&["metadata", "annotations", marks::ROTATE]).filter(|_| id.is_secret())?;
    let (secret, key) = written.split_once('/')?;
    Some(SecretKey { namespace: id.namespace.clone()?, secret: secret.to_owned(), key: key.to_owned() })
}

fn course(live: &Live) -> Course {
    Course::parse(live.body.str_at(&["metadata", "annotations", marks::ROTATION_COURSE]))
}

/// One of the two values.
pub(super) fn value(holder: &Live, which: &str) -> Option<Vec<u8>> {
    holder.body.at(&["data", which]).and_then(bytes)
}

/// What a key whose rotation is not over is to hold in the end, as it goes now or is asked to go.
pub(in crate::plan) fn ends_as<'f>(facts: &'f Facts, of: &SecretKey, rotate: &Rotate) -> Option<&'f Node> {
    let (id, live) = facts.live.iter().find(|(id, live)| held(id, live).as_ref() == Some(of))?;
    let held = Held { id, live, course: course(live) };
    let is_meant = |key: &Option<String>| key.as_ref().is_none_or(|key| *key == of.to_string());
    let course = match rotate {
        Rotate::Generated(key) if is_meant(key) => Course::Onward,
        Rotate::Abort { key, .. } if is_meant(key) => Course::Back,
        _ if held.course == Course::GivenUp => return None,
        _ => held.course,
    };
    live.body.at(&["data", held.target(course)])
}

/// The live Secrets that hold both values of some key, so that what they hold is shown nowhere.
pub fn holders(facts: &Facts) -> Vec<Object> {
    let holders = facts.live.iter().filter(|(id, live)| held(id, live).is_some());
    let object = |(id, live): (&ObjectId, &Live)| Object {
        id: id.clone(),
        version: live.version.clone(),
        body: live.body.clone(),
        secret: BTreeSet::new(),
    };
    holders.map(object).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(release: &str, annotations: &serde_json::Value) -> Facts {
        let body = json!({"metadata": {"name": "mq-rotation", "namespace": "lab", "annotations": annotations,
            "creationTimestamp": "2026-05-02T10:00:00Z", "labels": {"kchart.dev/release": release}}});
        let live =
            Live { version: "v1".into(), uid: "u".into(), resource_version: "7".into(), body: Node::from(&body) };
        let mut facts = Facts::default();
        facts.live.insert(ObjectId::secret("lab", "mq-rotation"), live);
        facts
    }

    #[test]
    fn a_secret_of_the_release_that_holds_both_values_is_a_rotation_that_is_not_over() {
        let release = Release { namespace: "lab".into(), name: "mq".into() };
        let of = json!({"kchart.dev/rotate": "mq/password"});
        let found = unfinished(&facts("mq", &of), &release);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].key.to_string().as_str(), found[0].holder.name.as_str()), ("mq/password", "mq-rotation"));
        assert_eq!(found[0].since, Some("2026-05-02T10:00:00Z".parse().unwrap()));
        assert_eq!(found[0].course, Course::Onward);
        let back = json!({"kchart.dev/rotate": "mq/password", "kchart.dev/rotation": "back"});
        assert_eq!(unfinished(&facts("mq", &back), &release)[0].course, Course::Back);
        assert_eq!(unfinished(&facts("other", &of), &release), [], "it is another release's");
        assert_eq!(unfinished(&facts("mq", &json!({})), &release), [], "it is another kind of Secret");
    }
}
