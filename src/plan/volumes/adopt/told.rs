//! What a person should know of an adoption.

use super::{GivenCredential, Scene};
use crate::plan::Hazard;

impl Scene<'_> {
    pub(super) fn hazards(&self) -> Vec<Hazard> {
        let mut hazards = Vec::new();
        let mut hazard = |message| hazards.push(Hazard { id: Some(self.claim.clone()), message });
        for GivenCredential { secret, key, .. } in self.wanted.credentials.iter().filter(|it| !self.is_proven(it)) {
            hazard(format!(
                "nothing tells whether `{key}` of Secret `{secret}` opens volume `{}`: the first login will",
                self.volume_name
            ));
        }
        if self.wanted.credentials.is_empty() && !self.wanted.without_credential && self.known().next().is_none() {
            hazard(format!(
                "no credential is given: if an image initialised volume `{}` with one, nobody can log in; \
                 `--no-credential` says that there is none",
                self.volume_name
            ));
        }
        hazards
    }

    pub(super) fn notes(&self, retain: bool) -> Vec<String> {
        let mut notes = Vec::new();
        if retain {
            notes.push(format!("volume `{}` keeps its data from now on: its policy becomes Retain", self.volume_name));
        }
        for given in self.wanted.credentials.iter().filter(|given| given.value.is_none()) {
            if self.live(&given.secret).is_some_and(|live| !self.is_ours(live)) {
                notes.push(format!(
                    "Secret `{0}` stays as it is; if the chart makes it, install with `--adopt secret/{0}`",
                    given.secret
                ));
            }
        }
        notes.sort();
        notes.dedup();
        notes
    }
}
