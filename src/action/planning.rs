//! What all workflows that plan share.

use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::manifest;
use crate::object::{Mask, Object};
use crate::plan::{Facts, Refusal};
use crate::release::LedgerKey;

/// All refusals as one failure; protecting data decides the exit code.
pub(super) fn refused(refusals: Vec<Refusal>) -> Failure {
    let class = if refusals.iter().any(|refusal| refusal.class == Class::Refused) {
        Class::Refused
    } else {
        refusals.first().map_or(Class::Failed, |refusal| refusal.class)
    };
    Failure { class, diagnostics: refusals.into_iter().map(|refusal| refusal.diagnostic).collect() }
}

/// Fresh bytes for the key of a ledger.
pub(super) fn random_key() -> Result<LedgerKey, Failure> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| {
        Failure::failed(Diagnostic::error(format!("the operating system gives no random bytes: {error}")))
    })?;
    Ok(LedgerKey(key))
}

/// What the Secrets among some objects of a release hold in the cluster: nothing that is told may show it.
pub(super) fn mask_live<'o>(objects: impl IntoIterator<Item = &'o Object> + Clone, facts: &'o Facts) -> Mask {
    manifest::mask_live(objects, |id| facts.live.get(id).map(|live| &live.body))
}
