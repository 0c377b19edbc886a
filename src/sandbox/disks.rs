//! The data of volumes. A PersistentVolume is only an object; what a program wrote lives here, under the volume's
//! location, until a provisioner erases it. Nobody sees it through the API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::clock::hex;

/// What a sticky image left on a volume when it was first started there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    /// The program: `rabbitmq`, `postgres` …
    pub(super) program: String,
    /// User name that it made.
    pub(super) user: String,
    /// Hash of the password that it was given; the password itself is never kept.
    pub(super) password: String,
    /// The version that wrote the data last, as its image's tag tells it: `17.7`; none where the tag tells none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
}

/// All data of all volumes, by location.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Disks(BTreeMap<String, Vec<Written>>);

impl Disks {
    /// What a program left at a location.
    pub(super) fn written(&self, location: &str, program: &str) -> Option<&Written> {
        self.0.get(location)?.iter().find(|written| written.program == program)
    }

    /// A program initialises its data.
    pub(super) fn write(&mut self, location: &str, written: Written) {
        self.0.entry(location.to_owned()).or_default().push(written);
    }

    /// A program's credential is changed by itself.
    pub(super) fn change_password(&mut self, location: &str, program: &str, password: String) {
        if let Some(written) = self.of(location, program) {
            written.password = password;
        }
    }

    /// Another version of a program takes its data over.
    pub(super) fn upgrade(&mut self, location: &str, program: &str, version: String) {
        if let Some(written) = self.of(location, program) {
            written.version = Some(version);
        }
    }

    fn of(&mut self, location: &str, program: &str) -> Option<&mut Written> {
        self.0.get_mut(location).into_iter().flatten().find(|written| written.program == program)
    }

    /// For each place with data: whether a password is its.
    pub(super) fn opens(&self, password: &str) -> impl Iterator<Item = bool> {
        let all = self.0.iter().flat_map(|(location, written)| written.iter().map(move |written| (location, written)));
        all.map(move |(location, written)| written.password == hash(location, password))
    }

    /// A provisioner erases a location.
    pub(super) fn erase(&mut self, location: &str) {
        self.0.remove(location);
    }

    /// What is where.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &[Written])> {
        self.0.iter().map(|(location, written)| (location.as_str(), written.as_slice()))
    }

    /// Locations with data on them.
    pub(super) fn locations(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The hash of a password; salted with its place, so that equal passwords do not look equal.
pub(super) fn hash(location: &str, password: &str) -> String {
    hex(&Sha256::digest(format!("{location}\n{password}")))
}
