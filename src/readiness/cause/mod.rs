//! Why something is not ready: from the evidence around it to one sentence and a short tree.
//!
//! Rules kept: the sentence names what has to be changed, not what was noticed ("there is no Secret `db`", not "0 of 1
//! replicas available"); of several findings the one nearest to the root is told, and of equal ones the same each
//! time; nothing is guessed: where a message is not understood, it is quoted. All text is foreign: whoever shows or
//! stores a cause masks it first ([`Cause::masked`]).

mod claim;
mod config;
mod container;
mod evidence;
mod finding;
mod image;
mod login;
mod mount;
mod occurrence;
mod opener;
mod pod;
mod refused;
mod schedule;
mod tree;
mod workload;

pub use evidence::{Evidence, Log, LogWanted, Wanted};
pub use finding::Reason;
pub use opener::Opener;
pub use refused::{Refusal, refusal};
pub use tree::Branch;

pub(in crate::readiness) use finding::Weight;
pub(in crate::readiness) use pod::finding as pod_finding;

use serde::{Deserialize, Serialize};

use crate::object::ObjectId;

/// The longest piece of foreign text that is kept, in characters.
const LONGEST: usize = 400;

/// Why an object is not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Which object was waited for.
    pub object: ObjectId,
    /// What kind of trouble it is.
    pub reason: Reason,
    /// The root cause, as a fragment that follows "`Deployment/web` is not ready: ".
    pub sentence: String,
    /// What to do next, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// The field of the object that has to do with it: `spec.template.spec.containers[name="app"].image`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// From the object down to the root.
    pub tree: Branch,
}

impl Cause {
    /// "`Deployment/web` is not ready: there is no Secret `db`, which container `app` reads".
    pub fn headline(&self) -> String {
        format!("`{}` is not ready: {}", self.object, self.sentence)
    }

    /// The same without what `mask` hides, and with long pieces cut. Cut after masking, so that no half of a secret
    /// value escapes the mask.
    #[must_use]
    pub fn masked(self, mask: &impl Fn(&str) -> String) -> Self {
        let fit = |text: &str| shortened(&mask(text));
        Self {
            sentence: fit(&self.sentence),
            next: self.next.iter().map(|text| fit(text)).collect(),
            tree: self.tree.map(&fit),
            ..self
        }
    }
}

/// Explains why an object is not ready. `why` is what its readiness says, the symptom.
pub fn explain(id: &ObjectId, evidence: &Evidence, why: &str) -> Cause {
    let root = workload::root(id, evidence).unwrap_or_else(|| workload::symptom(id, evidence, why));
    let field = root.path_in(id).map(|path| path.to_string());
    let tree = tree::of(id, evidence, why);
    Cause { object: id.clone(), reason: root.reason, sentence: root.sentence, next: root.next, field, tree }
}

/// A text of at most [`LONGEST`] characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
