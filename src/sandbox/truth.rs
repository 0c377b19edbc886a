//! What tests may know of the data of volumes, and nobody sees through the API.

use super::controller::location;
use super::disks::{Written, hash};
use super::state::kinds;
use super::{Sandbox, json};

/// The data at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// Where it is.
    pub(crate) place: String,
    /// The volume that shows it.
    pub(crate) volume: Option<String>,
    /// Namespace, name and uid of the claim to which that volume is bound, or was.
    pub(crate) claim: Option<(String, String, String)>,
    /// Whether the passwords open all of it.
    pub(crate) opened: bool,
}

impl Sandbox {
    /// All data of volumes, and whether one of these passwords opens each.
    pub(crate) fn data_opened_by(&self, passwords: &[&str]) -> Vec<Content> {
        let inside = self.cluster.lock();
        let state = &inside.state;
        let volume_at = |place: &str| {
            let mut volumes = state.of(&kinds::VOLUME).map(|(_, volume)| volume);
            let volume = volumes.find(|volume| location(volume) == place)?;
            let of = |field| json::text(volume, &["spec", "claimRef", field]).unwrap_or_default().to_owned();
            let name = json::text(volume, &["metadata", "name"]).unwrap_or_default().to_owned();
            Some((name, (of("namespace"), of("name"), of("uid"))))
        };
        let content = |(place, written): (&str, &[Written])| {
            let (volume, claim) = volume_at(place).unzip();
            let opens = |written: &Written| passwords.iter().any(|password| hash(place, password) == written.password);
            Content { place: place.to_owned(), volume, claim, opened: written.iter().all(opens) }
        };
        state.disks.all().map(content).collect()
    }
}
