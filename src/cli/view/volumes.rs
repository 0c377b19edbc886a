//! `kchart volumes`.

mod adopted;
mod purged;
mod story;

pub(in crate::cli) use adopted::AdoptedView;
pub(in crate::cli) use purged::{PurgedView, PurgedVolumes};
pub(in crate::cli) use story::StoryView;

use std::fmt::Write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::View;
use super::listing::time;
use super::style::{CHANGED, FAINT, painted};
use super::table::table;
use crate::action::volumes::list::Listed;
use crate::cli::advice::Advice;
use crate::plan::Known;
use crate::plan::volumes::{Holding, Opener, Presence, State, holdings, retained_secrets};
use crate::release::Lifetime;

/// Claims and volumes of releases, and what others left.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct VolumesView {
    /// Claims and volumes, by namespace, release and name.
    volumes: Vec<HoldingView>,
    /// Secrets that were kept for volumes.
    secrets: Vec<RetainedView>,
    /// What could not be known, and who can.
    notes: Vec<String>,
    #[serde(skip)]
    #[schemars(skip)]
    everywhere: bool,
    #[serde(skip)]
    #[schemars(skip)]
    wide: bool,
}

/// A claim and its volume, either of which may be gone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoldingView {
    /// Its release; of an unproven one, the release whose claim has its name. Null when there is none.
    release: Option<String>,
    /// Namespace of the claim.
    namespace: String,
    /// Name of the claim, also of one that is gone.
    claim: String,
    /// Whether the claim is there.
    has_claim: bool,
    /// Name of the volume; null when it was never bound.
    volume: Option<String>,
    /// `in-use`, `wanted`, `kept`, `abandoned`, `orphan`, `unproven`, `reserved`, or `unknown`.
    state: &'static str,
    /// Phase of the volume, `Terminating` when it is being deleted; null when it can't be read.
    phase: Option<String>,
    /// Size, as written.
    size: Option<String>,
    /// When the claim was made (RFC 3339).
    #[schemars(with = "Option<String>")]
    created: Option<Timestamp>,
    /// Storage class.
    class: Option<String>,
    /// Reclaim policy; null when it can't be read.
    policy: Option<String>,
    /// Image whose data it holds, if the ledger knows it.
    image: Option<String>,
    /// Secret keys that open it.
    opened_by: Vec<OpenerView>,
    /// Pods that mount it now.
    in_use_by: Vec<String>,
    /// It was mounted before this time, or never (RFC 3339); null when that is not known.
    #[schemars(with = "Option<String>")]
    mounted_before: Option<Timestamp>,
    /// What is worth saying of it.
    remark: Option<String>,
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
pub(super) struct OpenerView {
    /// Name of the Secret.
    secret: String,
    /// Its key.
    key: String,
    /// `sticky`: read only when the volume is empty; `every-boot`: read at each start.
    lifetime: &'static str,
    /// `present`, `changed` (it has another value than the ledger knows) or `lost`.
    presence: &'static str,
}

/// A Secret that a release left for its volumes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RetainedView {
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// The release that left it.
    release: String,
    /// Claims that it opens; none when it opens nothing any more.
    opens: Vec<String>,
    /// The command that removes it, when it opens nothing any more.
    remove: Option<String>,
}

impl VolumesView {
    pub(in crate::cli) fn new(listed: &Listed, now: Timestamp, wide: bool) -> Self {
        let all = holdings(&listed.estate);
        let of_release = |name: Option<&str>| listed.release.is_none() || listed.release.as_deref() == name;
        let shown = all.iter().filter(|it| it.release.is_some() || !it.is_needed());
        let shown = shown.filter(|it| it.state != State::Gone);
        let shown = shown.filter(|it| of_release(it.release.as_ref().map(|release| release.name.as_str())));
        let is_readable = matches!(listed.estate.facts.volumes, Known::Yes(_));
        let secrets = retained_secrets(&listed.estate, &all).into_iter();
        let secrets = secrets.filter(|secret| of_release(Some(&secret.release.name)));
        let mut notes = Vec::new();
        if !is_readable {
            let namespace = listed.namespace.as_ref().map_or_else(|| "-A".to_owned(), |name| format!("-n {name}"));
            notes.push(format!(
                "PersistentVolumes may not be read: policies are not known, nor volumes whose claim is gone; an \
                 administrator can give the right `list` on `persistentvolumes`, or run `kchart volumes {namespace}`"
            ));
        }
        Self {
            volumes: shown.map(|holding| HoldingView::new(holding, now, is_readable)).collect(),
            secrets: secrets
                .map(|secret| RetainedView {
                    remove: secret
                        .opens
                        .is_empty()
                        .then(|| format!("kubectl delete secret {} -n {}", secret.name, secret.namespace)),
                    name: secret.name,
                    namespace: secret.namespace,
                    release: secret.release.name,
                    opens: secret.opens,
                })
                .collect(),
            notes,
            everywhere: listed.namespace.is_none(),
            wide,
        }
    }

    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.volumes.is_empty() && self.secrets.is_empty()
    }
}

impl HoldingView {
    fn new(holding: &Holding<'_>, now: Timestamp, is_readable: bool) -> Self {
        let remark = holding.remark();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            release: holding.release.as_ref().map(|release| release.name.clone()),
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

    fn row(&self, everywhere: bool, wide: bool) -> Vec<String> {
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
            lifetime: match opener.lifetime {
                Lifetime::Sticky => "sticky",
                Lifetime::EveryBoot => "every-boot",
            },
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
    fn text(&self) -> String {
        let Self { secret, key, presence, .. } = self;
        if *presence == "present" { format!("{secret}/{key}") } else { format!("{secret}/{key} ({presence})") }
    }

    /// The same, with all that is known of it.
    fn story(&self) -> String {
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

impl View for VolumesView {
    fn complete(&mut self, advice: &Advice) {
        advice.complete_all(&mut self.notes);
        let commands = self.volumes.iter_mut().flat_map(|it| it.adopt_command.iter_mut().chain(&mut it.purge_command));
        advice.complete_all(commands);
        advice.complete_all(self.secrets.iter_mut().filter_map(|secret| secret.remove.as_mut()));
    }

    fn text(&self, width: Option<u16>) -> String {
        let mut text = String::new();
        if !self.volumes.is_empty() {
            let mut headings = vec![
                "RELEASE",
                "CLAIM",
                "VOLUME",
                "PHASE",
                "SIZE",
                "AGE",
                "CLASS",
                "POLICY",
                "OPENED BY",
                "LAST MOUNTED",
            ];
            if self.everywhere {
                headings.insert(0, "NAMESPACE");
            }
            if self.wide {
                headings.extend(["STATE", "IMAGE", "SINCE"]);
            }
            let rows = self.volumes.iter().map(|holding| holding.row(self.everywhere, self.wide));
            text = table(&headings, rows.collect(), width);
        }
        for holding in &self.volumes {
            let Some(remark) = &holding.remark else { continue };
            let _ = writeln!(text, "{} {remark}", painted(CHANGED, format!("{}:", holding.state)));
            for (what, command) in
                [("to bring it back", &holding.adopt_command), ("to destroy it", &holding.purge_command)]
            {
                if let Some(command) = command {
                    let _ = writeln!(text, "  {what}: {command}");
                }
            }
        }
        for secret in &self.secrets {
            let RetainedView { name, release, remove: Some(remove), .. } = secret else { continue };
            let _ = writeln!(
                text,
                "{} Secret `{name}`, which release `{release}` left, opens nothing any more",
                painted(CHANGED, "spent:")
            );
            let _ = writeln!(text, "  to remove it: {remove}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "{} {note}", painted(FAINT, "note:"));
        }
        text
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
