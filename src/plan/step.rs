//! The plan: steps so detailed that execution has no choices left.

use std::collections::{BTreeMap, BTreeSet};

use super::{Course, Reclaim, Report};
use crate::object::{Object, ObjectId};
use crate::release::{Credential, Item, LedgerKey, Revision, Status, StepSummary};
use crate::yaml::{GeneratedKey, Text};

/// What will be done. Immutable and complete.
#[derive(Clone, Debug)]
pub struct Plan {
    /// All steps; a step's `after` names earlier ones only.
    pub steps: Vec<Step>,
    /// What the record is to list: everything that is wanted, template claims included, whatever happens to it now.
    pub inventory: Vec<Item>,
    /// What, why, and what was not done.
    pub report: Report,
}

impl Plan {
    /// Whether nothing in the cluster would change.
    pub fn is_empty(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step.act, Act::Join | Act::AwaitReady { .. } | Act::Ran { .. } | Act::Finish { .. }))
    }

    /// How many steps do something.
    pub fn count(&self) -> usize {
        self.doing().count()
    }

    fn doing(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !matches!(step.act, Act::Join))
    }

    /// The objects that it makes or changes. Where several steps have the same one, the fullest comes last.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        let applied = self.steps.iter().filter_map(|step| match &step.act {
            Act::Apply { object, .. } | Act::Bind { claim: object } => Some(object),
            _ => None,
        });
        let generated = self.steps.iter().filter_map(|step| match &step.act {
            Act::Generate { secret: object, .. } | Act::OpenRotation { rotation: object, .. } => Some(object),
            _ => None,
        });
        generated.chain(applied)
    }

    /// The steps as the record keeps them: no content, no values.
    pub fn summaries(&self) -> Vec<StepSummary> {
        self.left(&BTreeSet::new())
    }

    /// Those of them that are not among these.
    pub fn left(&self, done: &BTreeSet<StepId>) -> Vec<StepSummary> {
        self.doing()
            .filter(|step| !done.contains(&step.id))
            .map(|step| StepSummary { act: step.act.word(&step.expect).to_owned(), id: step.act.id() })
            .collect()
    }
}

impl Act {
    /// The object that it is about, if it is about one.
    pub fn id(&self) -> Option<ObjectId> {
        match self {
            Self::Apply { object, .. }
            | Self::Generate { secret: object, .. }
            | Self::Bind { claim: object }
            | Self::Swap { secret: object, .. }
            | Self::OpenRotation { rotation: object, .. } => Some(object.id.clone()),
            Self::Stamp { id, .. }
            | Self::Delete { id, .. }
            | Self::AwaitReady { id, .. }
            | Self::AwaitGone { id, .. } => Some(id.clone()),
            Self::TurnRotation { rotation, .. } => Some(rotation.clone()),
            Self::Expand { claim, .. } => Some(claim.clone()),
            Self::SetReclaim { volume, .. } | Self::Reserve { volume, .. } => Some(ObjectId::volume(volume)),
            Self::Remember { .. }
            | Self::AwaitUnmounted { .. }
            | Self::Ran { .. }
            | Self::Forget { .. }
            | Self::Finish { .. }
            | Self::DropHistory
            | Self::Join => None,
        }
    }

    /// A word for it, as it is stored and shown.
    pub fn word(&self, expect: &Expect) -> &'static str {
        match self {
            Self::Apply { .. } if *expect == Expect::Absent => "create",
            Self::Apply { .. } => "update",
            Self::Generate { .. } => "generate",
            Self::OpenRotation { .. } => "open-rotation",
            Self::TurnRotation { .. } => "turn-rotation",
            Self::Swap { .. } => "swap",
            Self::Remember { .. } => "remember",
            Self::Stamp { .. } => "stamp",
            Self::Delete { .. } => "delete",
            Self::Expand { .. } => "expand",
            Self::SetReclaim { .. } => "set-reclaim",
            Self::Reserve { .. } => "reserve",
            Self::Bind { .. } => "bind",
            Self::AwaitReady { .. } => "await-ready",
            Self::AwaitGone { .. } => "await-gone",
            Self::AwaitUnmounted { .. } => "await-unmounted",
            Self::Ran { .. } => "ran",
            Self::Forget { .. } => "forget",
            Self::Finish { .. } => "finish",
            Self::DropHistory => "drop-history",
            Self::Join => "join",
        }
    }
}

/// Position of a step in its plan.
pub type StepId = usize;

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its position.
    pub id: StepId,
    /// Steps that must be done before it begins.
    pub after: Vec<StepId>,
    /// What to do.
    pub act: Act,
    /// What must be the case, else the step is refused by the server.
    pub expect: Expect,
}

/// What must be the case when a step is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: the step reads, or is idempotent by itself.
    Nothing,
    /// There is no such object: apply carries `resourceVersion: "1"`, which only ever creates.
    Absent,
    /// There is this very object: apply carries the uid, a deletion a precondition; the version too, if given.
    Uid(String, Option<String>),
}

/// What a step does. Deletions of claims and volumes only stand in plans that were asked to purge.
#[derive(Clone, Debug)]
pub enum Act {
    /// Server-side apply as `kchart`. Keys with a generated part are left out of what is sent.
    Apply {
        /// What is wanted.
        object: Object,
        /// Whether to take over fields of other managers.
        force: bool,
        /// Move the fields of these managers to ours first: an adopted object.
        adopt_from: Vec<String>,
    },
    /// Make sure that generated keys of a Secret exist: kept where present, else added from the operating system's
    /// randomness under `kchart-generated`; the Secret is created by POST if it is missing ([`Expect::Absent`]).
    /// Keys that are present are applied with their live value under `kchart-generated` too, so that the main apply,
    /// which leaves them out, can't remove them.
    Generate {
        /// The Secret as wanted (labels, type); its generated keys are `keys`.
        secret: Object,
        /// Key to text; at least one part of each is generated.
        keys: BTreeMap<String, Text>,
        /// Where a generated name already has its value: the same name is the same value everywhere in a release.
        /// Names that are not here and stand more than once in `keys`, or in several steps, share a new value.
        known: BTreeMap<String, KnownValue>,
    },
    /// Make the Secret that holds both values of a key while it is rotated, by POST: `old` is what the key has now.
    /// One that is there already stays: an earlier try made it.
    OpenRotation {
        /// The Secret without its values: identity, the marks of its release, what it is for.
        rotation: Object,
        /// Which key gets another value.
        of: SecretKey,
        /// What `new` is to be.
        new: NewValue,
    },
    /// Turn a rotation round, or mark it as given up: in the Secret that holds both values, in one write. The values change
    /// places wherever the rotation goes back from now on, or no longer does.
    TurnRotation {
        /// The Secret that holds both values.
        rotation: ObjectId,
        /// Where it goes from now on.
        course: Course,
    },
    /// Give generated keys of a Secret, made by then, the value that a rotation brought into force, under
    /// `kchart-generated`. Refused where the rotated key holds neither of the rotation's values.
    Swap {
        /// The Secret without content.
        secret: Object,
        /// The keys that hold the rotated value, alone or as a part.
        keys: BTreeMap<String, Text>,
        /// Where the value of each generated name in them lies; that of the rotated one in the rotation's Secret.
        known: BTreeMap<String, KnownValue>,
        /// The rotated key and the Secret that holds both values, where this is the Secret of that key.
        holds: Option<(String, ObjectId)>,
    },
    /// Write claims into the ledger, with the uid and volume that they have now. Runs after the claims were made and
    /// before anything uses them, and again after they were bound. An entry of the same uid is replaced: the drafts
    /// carry over what has to stay. An existing ledger keeps its key.
    Remember {
        /// What is known of each without looking.
        claims: Vec<LedgerDraft>,
        /// Key for a new ledger.
        key: LedgerKey,
    },
    /// Put labels on an object that something else made, as `kchart-stamp`.
    Stamp {
        /// Which object.
        id: ObjectId,
        /// API version.
        version: String,
        /// Labels to set.
        labels: BTreeMap<String, String>,
    },
    /// Delete an object.
    Delete {
        /// Which object.
        id: ObjectId,
        /// API version.
        version: String,
        /// What becomes of its dependents.
        deletion: Deletion,
    },
    /// Give a claim more room, where its class allows it. Never less.
    Expand {
        /// Which claim.
        claim: ObjectId,
        /// The new size, as it is written.
        size: String,
    },
    /// Change a volume's reclaim policy, so that its provisioner really erases it (or, after a purge that stopped,
    /// does not).
    SetReclaim {
        /// Name of the volume.
        volume: String,
        /// The new policy.
        policy: Reclaim,
        /// The policy to restore if a later step of the purge fails, written on the volume too; none gives it back, and
        /// fails nothing.
        restore: Option<Reclaim>,
    },
    /// Keep a volume whose claim is gone for a claim that is to come: what binds it to the old one is taken away.
    Reserve {
        /// Name of the volume.
        volume: String,
        /// The claim to come.
        claim: ObjectId,
        /// Whether its policy is to be Retain from now on, so that nobody erases it meanwhile.
        retain: bool,
    },
    /// Make a claim that names its volume.
    Bind {
        /// The claim.
        claim: Object,
    },
    /// Wait until an object is ready.
    AwaitReady {
        /// Which object.
        id: ObjectId,
        /// API version.
        version: String,
    },
    /// Wait until an object is really gone: finalizers done, no such uid any more.
    AwaitGone {
        /// Which object.
        id: ObjectId,
        /// API version.
        version: String,
        /// Its uid; none for whatever has the name.
        uid: Option<String>,
    },
    /// Wait until no Pod mounts these claims.
    AwaitUnmounted {
        /// Namespace.
        namespace: String,
        /// Names of claims.
        claims: Vec<String>,
    },
    /// Write into the record of a revision that a Job ran to its end: its time to live may take it before anybody else
    /// could see that.
    Ran {
        /// The Job.
        job: ObjectId,
        /// Whose record.
        revision: Revision,
    },
    /// Take claims out of the ledger by uid; an empty ledger is deleted.
    Forget {
        /// Uids.
        uids: Vec<String>,
    },
    /// Give this revision its final status and supersede the one before.
    Finish {
        /// The status.
        status: Status,
    },
    /// Delete all records of the release.
    DropHistory,
    /// Nothing: done with the steps before it. Who waits for many steps, as many others do, waits for this one.
    Join,
}

/// Where the value of a generated name lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownValue {
    /// Namespace of the Secret.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// Its key: the whole value of it is the generated one.
    pub key: String,
}

/// A key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretKey {
    /// Namespace of the Secret.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// Its key.
    pub key: String,
}

impl std::fmt::Display for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.secret, self.key)
    }
}

/// What a rotated key is to hold.
#[derive(Clone, Debug)]
pub enum NewValue {
    /// A value of this shape, from the operating system's randomness.
    Generated(GeneratedKey),
    /// What the same key of this Secret, as it is wanted, has.
    Given(Box<Object>),
}

/// What becomes of dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// Garbage collected afterwards.
    Background,
    /// Gone before the object itself is.
    Foreground,
    /// Left.
    Orphan,
}

/// A claim as the ledger should know it; uid and volume are read when it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerDraft {
    /// Which claim.
    pub claim: ObjectId,
    /// Image whose data it holds.
    pub image: Option<String>,
    /// Whether a run saw that image ready on it.
    pub image_ready: bool,
    /// What opens it.
    pub credentials: Vec<Credential>,
}
