//! What must not be read in anything that a run tells.

use std::sync::{Mutex, PoisonError};

use crate::diagnostic::Failure;
use crate::manifest;
use crate::object::{Mask, Object, Secrecy};
use crate::plan::{Act, NewValue, Plan};

/// Hides what the Secrets of a release hold, whether or not a step changes them, other fields marked as secret, what
/// was known to be secret before, and values that are generated on the way.
#[derive(Debug)]
pub(super) struct Concealed(Mutex<Mask>);

impl Concealed {
    pub(super) fn new(plan: &Plan, wanted: &[Object], mut mask: Mask) -> Self {
        let applied = plan.steps.iter().filter_map(|step| match &step.act {
            Act::Apply { object, .. } | Act::Generate { secret: object, .. } => Some(object),
            Act::OpenRotation { new: NewValue::Given(object), .. } => Some(&**object),
            _ => None,
        });
        let objects: Vec<&Object> = wanted.iter().chain(applied).collect();
        mask.extend(&manifest::mask(objects.iter().copied(), []));
        Self(Mutex::new(mask))
    }

    /// Hides generated values, too.
    pub(super) fn hide(&self, values: &[String]) {
        let mut mask = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for value in values {
            mask.hide(value, Secrecy::Sure);
        }
    }

    /// A text in which no hidden value can be read.
    pub(super) fn text(&self, text: &str) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).text(text)
    }

    /// A failure in which no hidden value can be read.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        let mask = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let diagnostics = failure.diagnostics.into_iter().map(|diagnostic| mask.diagnostic(diagnostic)).collect();
        Failure { class: failure.class, diagnostics }
    }
}
