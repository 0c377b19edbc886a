//! What a plan says about itself, for people and for JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::SecretKey;
use crate::diagnostic::{Class, Diagnostic};
use crate::object::{FieldPath, ObjectId};
use crate::readiness::Opener;
use crate::yaml::Node;

/// What the plan does, why, and what it leaves alone.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One line an object, in the order of the plan.
    pub lines: Vec<Line>,
    /// What an earlier install left and this one uses again: claims that hold data, and the Secrets that open them.
    pub found: Vec<Kept>,
    /// Credentials that get another value.
    pub rotated: Vec<Rotated>,
    /// What stays although the release no longer wants it, or although the release goes.
    pub kept: Vec<Kept>,
    /// What becomes of each volume of a purge.
    pub volumes: Vec<VolumeFate>,
    /// Fields of others that an apply would be refused for: the plan is shown with them, and not carried out.
    pub conflicts: Vec<Diagnostic>,
    /// Objects that were not this release's, with whose they are.
    pub adopted: Vec<(ObjectId, String)>,
    /// What a careful person would want to know before.
    pub hazards: Vec<Hazard>,
    /// What could not be known or was not done, in sentences.
    pub notes: Vec<String>,
    /// Fields of the lines that somebody changed since the last revision applied them; an empty path is an object that
    /// somebody deleted.
    pub drift: BTreeSet<(ObjectId, FieldPath)>,
    /// Keys of Secrets whose value kchart generates, and whether it does now.
    pub generated: BTreeMap<(ObjectId, String), Generated>,
    /// What opens which claim, for whoever has to explain a refused login.
    pub openers: Vec<Opener>,
}

/// A credential that gets another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Which one.
    pub key: SecretKey,
    /// What this run does about it.
    pub stage: Stage,
}

/// What a run does about a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It begins and ends it.
    New,
    /// It ends what an earlier run began.
    Ended,
    /// It gives up what an earlier run began.
    GivenUp,
}

/// What becomes of a generated key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generated {
    /// It keeps its value.
    Kept,
    /// It gets one.
    New,
}

impl Report {
    /// How many objects each change happens to.
    pub fn counts(&self) -> BTreeMap<Change, usize> {
        let mut counts = BTreeMap::new();
        for line in &self.lines {
            *counts.entry(line.change).or_default() += 1;
        }
        counts
    }

    /// The counts in words: `3 to create, 1 to update (2 fields), 7 unchanged, 1 kept`; `nothing to do` when there are
    /// none.
    pub fn summary(&self) -> String {
        let mut words: Vec<String> = self
            .counts()
            .iter()
            .map(|(change, count)| format!("{count} {}{}", change.future(), self.fields_of(*change)))
            .collect();
        if !self.kept.is_empty() {
            words.push(format!("{} kept", self.kept.len()));
        }
        if words.is_empty() { "nothing to do".into() } else { words.join(", ") }
    }

    /// ` (2 fields)` after the number of updates.
    fn fields_of(&self, change: Change) -> String {
        let updates = self.lines.iter().filter(|line| line.change == change && change == Change::Update);
        match updates.map(|line| line.fields.len()).sum::<usize>() {
            0 => String::new(),
            1 => " (1 field)".to_owned(),
            many => format!(" ({many} fields)"),
        }
    }
}

impl Change {
    /// What will happen, after a number: "to create", "unchanged".
    pub fn future(self) -> &'static str {
        match self {
            Self::Create => "to create",
            Self::Update => "to update",
            Self::Replace => "to replace",
            Self::Delete => "to delete",
            Self::Keep => "unchanged",
        }
    }
}

/// What happens to one object.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which object.
    pub id: ObjectId,
    /// What happens.
    pub change: Change,
    /// Why, where it is not plain: "no longer wanted", "secret rabbitmq changed".
    pub why: Option<String>,
    /// What differs, for updates.
    pub fields: Vec<FieldDiff>,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is deleted and made again.
    Replace,
    /// It is deleted.
    Delete,
    /// It stays as it is.
    Keep,
}

/// A field that differs.
#[derive(Clone)]
pub struct FieldDiff {
    /// Which field.
    pub path: FieldPath,
    /// What it is; none where it is not there.
    pub live: Option<Node>,
    /// What it shall be; none where it goes.
    pub wanted: Option<Node>,
    /// Whether the values must not be shown.
    pub secret: bool,
}

impl fmt::Debug for FieldDiff {
    /// Values that must not be shown are left out here too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("FieldDiff");
        out.field("path", &self.path);
        if !self.secret {
            out.field("live", &self.live).field("wanted", &self.wanted);
        }
        out.finish_non_exhaustive()
    }
}

/// Something that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which object.
    pub id: ObjectId,
    /// Why: "holds data", "opens data-rabbitmq-0", "kchart.dev/retain".
    pub why: String,
    /// Size, of claims.
    pub size: Option<String>,
    /// Volume, of claims.
    pub volume: Option<String>,
    /// The command that removes it, where a purge does not.
    pub remove: Option<String>,
}

/// What becomes of a volume in a purge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeFate {
    /// Its claim, if it still has one.
    pub claim: Option<String>,
    /// The volume, if it is known.
    pub volume: Option<String>,
    /// Size, as written.
    pub size: Option<String>,
    /// Storage class.
    pub class: Option<String>,
    /// Reclaim policy, in Kubernetes' word.
    pub policy: Option<String>,
    /// In words: "erased by its provisioner", "the object goes, the data stays at …", "could not be read".
    pub fate: String,
}

impl Refusal {
    /// Refused to protect data.
    pub(super) fn refused(diagnostic: Diagnostic) -> Self {
        Self { class: Class::Refused, diagnostic }
    }

    /// The cluster is not as it would have to be.
    pub(super) fn failed(diagnostic: Diagnostic) -> Self {
        Self { class: Class::Failed, diagnostic }
    }

    /// The manifest is wrong in a way that only the plan sees.
    pub(super) fn input(diagnostic: Diagnostic) -> Self {
        Self { class: Class::Input, diagnostic }
    }
}

/// Something dangerous that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// Which object.
    pub id: Option<ObjectId>,
    /// What may happen.
    pub message: String,
}

/// A reason not to do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// [`Class::Refused`] to protect data, [`Class::Input`] for what the chart says, [`Class::Failed`] otherwise.
    pub class: Class,
    /// What, since when, from which release, what would happen; the hints are the commands to choose from.
    pub diagnostic: Diagnostic,
}
