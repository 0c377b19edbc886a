//! One thing that was found wrong: how near to the root it is, what is said of it, and what to do.

use serde::{Deserialize, Serialize};

use crate::object::{FieldPath, ObjectId, Segment};

/// What kind of trouble it is; the words are those of `-o json` and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// An image can't be had.
    Image,
    /// A Secret, a ConfigMap or a key of one is missing.
    MissingReference,
    /// A container can't be started for another reason.
    Start,
    /// A container ends again and again.
    Crash,
    /// A container needs more memory than it may.
    OutOfMemory,
    /// A login is refused.
    Login,
    /// A probe fails.
    Probe,
    /// No node takes a Pod.
    Scheduling,
    /// A claim gets no volume.
    Claim,
    /// A volume can't be mounted.
    Mount,
    /// A quota is full.
    Quota,
    /// A webhook refuses, or can't be asked.
    Webhook,
    /// A policy of the cluster forbids it: Pod security, limits, admission policies.
    Policy,
    /// A service account is missing.
    ServiceAccount,
    /// A Job or a Pod came to a bad end.
    Failed,
    /// Only the symptom is known.
    Other,
}

impl Reason {
    /// Whether it may be what follows from the trouble of another object: a client crashes while its server is away.
    pub fn may_follow(self) -> bool {
        matches!(self, Self::Crash | Self::Probe | Self::Failed | Self::Other)
    }
}

/// How near to the root cause a finding is: of several the greatest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::readiness) enum Weight {
    /// It runs but does not answer its probe.
    Unready,
    /// It ended with an error; its workload makes another.
    Ended,
    /// No node takes it.
    Unscheduled,
    /// It crashes again and again.
    Crashing,
    /// It is not even made: quota, webhook, policy.
    Refused,
    /// It says itself which login is refused.
    Login,
    /// It can't start: image, configuration, volumes.
    Blocked,
    /// It never will.
    Final,
}

/// Where in the object the trouble was written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    /// Below the spec of its Pods.
    InPod(FieldPath),
    /// In the object itself.
    Own(FieldPath),
}

/// Something that was found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::readiness) struct Finding {
    pub(in crate::readiness) weight: Weight,
    pub(in crate::readiness) reason: Reason,
    pub(in crate::readiness) sentence: String,
    pub(in crate::readiness) next: Vec<String>,
    field: Option<Field>,
}

impl Finding {
    pub(super) fn new(weight: Weight, reason: Reason, sentence: impl Into<String>) -> Self {
        Self { weight, reason, sentence: sentence.into(), next: Vec::new(), field: None }
    }

    /// What to do next.
    #[must_use]
    pub(super) fn next(mut self, text: impl Into<String>) -> Self {
        self.next.push(text.into());
        self
    }

    /// The same with several things to do.
    #[must_use]
    pub(super) fn next_all(mut self, next: Vec<String>) -> Self {
        self.next.extend(next);
        self
    }

    /// The field of the Pod's spec that it is about.
    #[must_use]
    pub(super) fn in_pod(mut self, path: Option<FieldPath>) -> Self {
        self.field = path.map(Field::InPod).or(self.field);
        self
    }

    /// The field of the object itself that it is about.
    #[must_use]
    pub(super) fn own(mut self, path: &[&str]) -> Self {
        self.field = Some(Field::Own(FieldPath::keys(path)));
        self
    }

    /// The field in an object of this kind.
    pub(in crate::readiness) fn path_in(&self, id: &ObjectId) -> Option<FieldPath> {
        match self.field.as_ref()? {
            Field::Own(path) => Some(path.clone()),
            Field::InPod(path) => {
                let spec = FieldPath::keys(id.pod_template()?).key("spec");
                Some(path.0.iter().cloned().fold(spec, |above, segment| above.child(segment)))
            }
        }
    }
}

/// `containers[name="app"]`, in the list that has it.
pub(super) fn container_path(list: &str, name: &str) -> FieldPath {
    FieldPath::keys(&[list]).child(named(name))
}

/// The item of a list whose `name` is this.
pub(super) fn named(name: &str) -> Segment {
    Segment::Item(vec![("name".to_owned(), format!("{name:?}"))])
}
