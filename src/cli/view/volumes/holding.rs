//! A claim and its volume: a row of the list, a part of a story.

use std::fmt::Write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::view::credentials::lifetime;
use crate::cli::view::listing::time;
use crate::cli::view::style::{CHANGED, painted};
use crate::plan::volumes::{Holding, Opener, Presence, State};

/// A claim and its volume, either of which may be gone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoldingView {
    /// Its release, or that whose claim has its name; `NAMESPACE/NAME` where that is of another one. Null without.
    pub(super) release: Option<String>,
    /// Namespace of the claim.
    pub(super) namespace: String,
    /// Name of the claim, also of one that is gone.
    pub(super) claim: String,
    /// Whether the claim is there.
    pub(super) has_claim: bool,
    /// Name of the volume; null when it was never bound.
    pub(super) volume: Option<String>,
    /// `in-use`, `wanted`, `kept`, `abandoned`, `orphan`, `unproven`, `reserved`, or `unknown`.
    pub(super) state: &'static str,
    /// Phase of the volume, `Terminating` when it is being deleted; null when it can't be read.
    pub(super) phase: Option<String>,
    /// Size, as written.
    pub(super) size: Option<String>,
    /// When the claim was made (RFC 3339).
    #[schemars(with = "Option<String>")]
    pub(super) created: Option<Timestamp>,
    /// Storage class.
    pub(super) class: Option<String>,
    /// Reclaim policy; null when it can't be read.
    pub(super) policy: Option<String>,
    /// Image whose data it holds, if the ledger knows it.
    pub(super) image: Option<String>,
    /// Secret keys that open it.
    pub(super) opened_by: Vec<OpenerView>,
    /// Pods that mount it now.
    pub(super) in_use_by: Vec<String>,
    /// It was mounted before this time, or never (RFC 3339); null when that is not known.
    #[schemars(with = "Option<String>")]
    pub(super) mounted_before: Option<Timestamp>,
    /// What is worth saying of it.
    pub(super) remark: Option<String>,
    /// The command that binds the volume again.
    adopt_command: Option<String>,
    /// The command that destroys it, where no uninstall does.
    purge_command: Option<String>,
    #[serde(skip)]
    #[schemars(skip)]
    age: String,
    #[serde(skip)]
    #[schemars(skip)]
    is_readable: bool,
}

/// A Secret key that opens a volume.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli::view) struct OpenerView {
    /// Name of the Secret.
    secret: String,
    /// Its key.
    key: String,
    /// `sticky`: read only when the volume is empty; `every-boot`: read at each start.
    lifetime: &'static str,
    /// `present`, `changed` (it has another value than the ledger knows) or `lost`.
    presence: &'static str,
}

impl HoldingView {
    /// A claim or volume as it is now.
    pub(super) fn new(holding: &Holding<'_>, now: Timestamp, is_readable: bool) -> Self {
        let remark = holding.remark();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            release: holding.release.as_ref().map(|release| release.seen_from(holding.namespace)),
            namespace: holding.namespace.to_owned(),
            claim: holding.name.to_owned(),
            has_claim: holding.claim.is_some(),
            volume: owned(holding.volume_name),
            state: word(holding.state),
            phase: owned(holding.phase()),
            size: owned(holding.size()),
            created: holding.since(),
            class: owned(holding.class()),
            policy: owned(holding.policy()),
            image: holding.entry.and_then(|entry| entry.image.clone()),
            opened_by: holding.opened_by.iter().map(OpenerView::from).collect(),
            in_use_by: holding.mounted_by.iter().map(|mounter| mounter.pod.clone()).collect(),
            mounted_before: holding.mounted_before(),
            adopt_command: remark.as_ref().and_then(|remark| remark.adopt.clone()),
            purge_command: remark.as_ref().and_then(|remark| remark.purge.clone()),
            remark: remark.map(|remark| remark.text),
            age: holding.since().map_or_else(|| "-".to_owned(), |since| age(since, now)),
            is_readable,
        }
    }

    /// The headings of its row.
    pub(super) fn headings(everywhere: bool, wide: bool) -> Vec<&'static str> {
        let mut headings =
            vec!["RELEASE", "CLAIM", "VOLUME", "PHASE", "SIZE", "AGE", "CLASS", "POLICY", "OPENED BY", "LAST MOUNTED"];
        if everywhere {
            headings.insert(0, "NAMESPACE");
        }
        if wide {
            headings.extend(["STATE", "IMAGE", "SINCE"]);
        }
        headings
    }

    /// What is worth saying of it, with the commands for it.
    pub(super) fn remarks(&self) -> String {
        let Some(remark) = &self.remark else { return String::new() };
        let mut text = format!("{} {remark}\n", painted(CHANGED, format!("{}:", self.state)));
        for (what, command) in [("to bring it back", &self.adopt_command), ("to destroy it", &self.purge_command)] {
            if let Some(command) = command {
                let _ = writeln!(text, "  {what}: {command}");
            }
        }
        text
    }

    /// The commands that it gives as advice.
    pub(super) fn commands(&mut self) -> impl Iterator<Item = &mut String> {
        self.adopt_command.iter_mut().chain(&mut self.purge_command)
    }

    /// It in a table.
    pub(super) fn row(&self, everywhere: bool, wide: bool) -> Vec<String> {
        let dash = |text: Option<&String>| text.map_or_else(|| "-".to_owned(), Clone::clone);
        // What the volume alone knows, if there is one.
        let of_volume = |text: Option<&String>| match text {
            None if !self.is_readable && (self.volume.is_some() || !self.has_claim) => "?".to_owned(),
            text => dash(text),
        };
        let opened_by: Vec<String> = self.opened_by.iter().map(OpenerView::text).collect();
        let mounted = match (self.in_use_by.as_slice(), self.mounted_before) {
            ([], None) => "-".to_owned(),
            ([], Some(before)) => format!("before {}", time(Some(before))),
            (pods, _) => format!("in use by {}", pods.join(", ")),
        };
        let mut row = vec![
            dash(self.release.as_ref()),
            self.claim.clone(),
            of_volume(self.volume.as_ref()),
            of_volume(self.phase.as_ref()),
            dash(self.size.as_ref()),
            self.age.clone(),
            dash(self.class.as_ref()),
            of_volume(self.policy.as_ref()),
            if opened_by.is_empty() { "-".to_owned() } else { opened_by.join(", ") },
            mounted,
        ];
        if everywhere {
            row.insert(0, self.namespace.clone());
        }
        if wide {
            row.extend([self.state.to_owned(), dash(self.image.as_ref()), time(self.created)]);
        }
        row
    }
}

impl From<&Opener> for OpenerView {
    fn from(opener: &Opener) -> Self {
        Self {
            secret: opener.secret.clone(),
            key: opener.key.clone(),
            lifetime: lifetime(opener.lifetime),
            presence: match opener.presence {
                Presence::Present => "present",
                Presence::Changed => "changed",
                Presence::Lost => "lost",
            },
        }
    }
}

impl OpenerView {
    /// `mq/password`, and what is wrong with it.
    pub(in crate::cli::view) fn text(&self) -> String {
        let Self { secret, key, presence, .. } = self;
        if *presence == "present" { format!("{secret}/{key}") } else { format!("{secret}/{key} ({presence})") }
    }

    /// The same, with all that is known of it.
    pub(super) fn story(&self) -> String {
        format!("{}/{} ({}, {})", self.secret, self.key, self.lifetime, self.presence)
    }
}

/// The word for a state in JSON, and in the wide table.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::InUse => "in-use",
        State::Wanted => "wanted",
        State::Kept => "kept",
        State::Abandoned => "abandoned",
        State::Orphan => "orphan",
        State::Unproven => "unproven",
        State::Reserved => "reserved",
        State::Unknown => "unknown",
        State::Gone => "gone",
    }
}

/// How long ago, in the largest unit that fits: `3d`, `5h`.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    match seconds {
        86_400.. => format!("{}d", seconds / 86_400),
        3_600.. => format!("{}h", seconds / 3_600),
        60.. => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        for (seconds, expected) in [(0, "0s"), (59, "59s"), (60, "1m"), (7_200, "2h"), (200_000, "2d")] {
            assert_eq!(age(at(0), at(seconds)), expected);
        }
        assert_eq!(age(at(5), at(0)), "0s", "clocks differ");
    }
}
