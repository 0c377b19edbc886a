//! `kchart volumes explain`.

use std::collections::BTreeMap;
use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;

use super::holding::{HoldingView, OpenerView};
use crate::action::volumes::explain::Found;
use crate::cli::advice::Advice;
use crate::cli::view::listing::time;
use crate::cli::view::style::{BAD, NAME, painted};
use crate::cli::view::{ObjectView, View};
use crate::diagnostic::Failure;
use crate::plan::Known;
use crate::plan::volumes::{Outlook, Story, find, holdings, story};

/// The whole story of a claim and its volume.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct StoryView {
    /// What the list tells of it.
    volume: HoldingView,
    /// What became of its release's newest revision; null when there is none.
    release_status: Option<String>,
    /// The release of Helm that made it, if one did.
    helm_release: Option<String>,
    /// Where its data lie; null when the volume can't be read.
    location: Option<String>,
    /// Workloads that mount it when they run.
    workloads: Vec<ObjectView>,
    /// Who says that its credentials open it.
    rules: Vec<String>,
    /// Labels and annotations that say whose it is.
    stamps: BTreeMap<String, String>,
    /// What an install that wants a claim of this name would do to it.
    install: OutlookView,
    /// What an uninstall of its release would do to it.
    uninstall: OutlookView,
    /// What a purge would do to it.
    purge: OutlookView,
}

/// What a run would do.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutlookView {
    /// The command, if there is one to type.
    command: Option<String>,
    /// Whether it would be refused.
    refused: bool,
    /// What would happen, or why it would not.
    sentences: Vec<String>,
}

impl From<Outlook> for OutlookView {
    fn from(outlook: Outlook) -> Self {
        let Outlook { command, refused, sentences } = outlook;
        Self { command, refused, sentences }
    }
}

impl StoryView {
    /// # Errors
    /// There is no such claim or volume, or there are several; the ledger that knows it can't be read.
    pub(in crate::cli) fn new(found: &Found) -> Result<Self, Failure> {
        let all = holdings(&found.estate);
        let holding = find(&found.estate, &all, &found.namespace, &found.name).map_err(Failure::failed)?;
        if let Some(unread) = holding.release.as_ref().and_then(|release| found.estate.unread(release)) {
            return Err(Failure::failed(unread.told(&holding.reference())));
        }
        let Story { workloads, rules, stamps, install, uninstall, purge, .. } =
            story(&found.estate, &all, holding, found.now);
        let is_readable = matches!(found.estate.facts.volumes, Known::Yes(_));
        let newest = holding.tenant.map(|tenant| tenant.past.headers.last().map(|header| header.status));
        Ok(Self {
            volume: HoldingView::new(holding, found.now, is_readable),
            release_status: newest.map(|status| status.map_or_else(|| "uninstalled".to_owned(), |it| it.to_string())),
            helm_release: holding.helm.clone(),
            location: holding.volume.map(|volume| volume.location.clone()),
            workloads: workloads.iter().map(ObjectView::from).collect(),
            rules,
            stamps,
            install: install.into(),
            uninstall: uninstall.into(),
            purge: purge.into(),
        })
    }

    fn release(&self) -> String {
        match (&self.volume.release, &self.helm_release) {
            (Some(release), _) if self.volume.state == "unproven" => {
                format!("nothing proves that it is of release `{release}`, which has a claim of this name")
            }
            (Some(release), _) => {
                let status = self.release_status.as_deref().unwrap_or("unknown");
                format!("{release} ({status})")
            }
            (None, Some(helm)) => format!("{helm}, of Helm"),
            (None, None) => "none that is known".to_owned(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let volume = &self.volume;
        let mut facts = vec![("release", self.release())];
        let phase = volume.phase.as_deref().unwrap_or("?");
        let policy = volume.policy.as_deref().unwrap_or("?");
        let class = volume.class.as_deref().unwrap_or("no class");
        let size = volume.size.as_deref().unwrap_or("size unknown");
        facts.push(match (&volume.volume, &self.location) {
            (Some(name), Some(place)) => ("volume", format!("{name} ({phase}, {size}, {class}, {policy}) at {place}")),
            (Some(name), None) => ("volume", format!("{name} ({size}, {class}); it could not be read")),
            (None, _) => ("volume", format!("none yet ({phase}, {size}, {class})")),
        });
        facts.push(("since", time(volume.created)));
        if !self.workloads.is_empty() {
            let workloads: Vec<String> = self.workloads.iter().map(ToString::to_string).collect();
            facts.push(("workload", workloads.join(", ")));
        }
        if let Some(image) = &volume.image {
            facts.push(("image", image.clone()));
        }
        if !volume.opened_by.is_empty() {
            let openers: Vec<String> = volume.opened_by.iter().map(OpenerView::story).collect();
            facts.push(("opened by", openers.join(", ")));
        }
        facts.extend(self.rules.iter().map(|rule| ("", rule.clone())));
        facts.push((
            "mounted by",
            match (volume.in_use_by.as_slice(), volume.mounted_before) {
                ([], None) => "nobody".to_owned(),
                ([], Some(before)) => format!("nobody since {} or longer", time(Some(before))),
                (pods, _) => pods.join(", "),
            },
        ));
        let stamps: Vec<String> = self.stamps.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !stamps.is_empty() {
            facts.push(("stamps", stamps.join(", ")));
        }
        facts
    }
}

impl View for StoryView {
    fn complete(&mut self, advice: &Advice) {
        for outlook in [&mut self.install, &mut self.uninstall, &mut self.purge] {
            advice.complete_all(outlook.command.iter_mut().chain(&mut outlook.sentences));
        }
        advice.complete_all(self.volume.commands());
    }

    fn text(&self, _width: Option<u16>) -> String {
        let HoldingView { claim, namespace, has_claim, .. } = &self.volume;
        let gone = if *has_claim { "" } else { ", which is gone" };
        let mut text = format!("claim {} in namespace {namespace}{gone}\n", painted(NAME, claim));
        for (name, fact) in self.facts() {
            let _ = writeln!(text, "  {name:<11}  {fact}");
        }
        if let Some(remark) = &self.volume.remark {
            let _ = writeln!(text, "  {:<11}  {remark}", self.volume.state);
        }
        text.push_str("what would become of it\n");
        for (name, outlook) in [("install", &self.install), ("uninstall", &self.uninstall), ("purge", &self.purge)] {
            for (at, sentence) in outlook.sentences.iter().enumerate() {
                let name = if at == 0 { name } else { "" };
                let refused = if outlook.refused { painted(BAD, "refused: ") } else { String::new() };
                let _ = writeln!(text, "  {name:<11}  {refused}{sentence}");
            }
            if let Some(command) = &outlook.command {
                let _ = writeln!(text, "  {:<11}  {command}", "");
            }
        }
        text
    }
}
