//! What is said of a plan whose goal is Deployed: lines, hazards, notes; and what could be refused by the server.

use std::collections::BTreeSet;

use super::claims::Judgement;
use super::deploy::Decided;
use super::leaving::Leaving;
use super::ownership::Owner;
use super::reclaim::{self, Switched};
use super::scene::Scene;
use super::{Change, FieldDiff, Generated, Hazard, Line, Report, drift, generated, unblock};
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, ObjectId};
use crate::schema;

/// The fields that the run would be refused for.
pub(super) fn conflicts(scene: &Scene<'_>, objects: &[Decided<'_>]) -> Vec<Diagnostic> {
    if scene.intent.options.force_conflicts {
        return Vec::new();
    }
    let told = |decided: &Decided<'_>| {
        let cannot = format!("cannot apply `{}`", decided.object.id);
        let live = decided.verdict.live.map(|live| &live.body);
        let of_one = decided.verdict.contested.iter();
        of_one.map(|field| field.diagnostic(&cannot, Some(&*decided.object), live)).collect::<Vec<_>>()
    };
    objects.iter().flat_map(told).collect()
}

/// What is taken over, and from whom.
pub(super) fn adopted(scene: &Scene<'_>, objects: &[Decided<'_>]) -> Vec<(ObjectId, String)> {
    let owned = objects.iter().filter_map(|decided| Some((&decided.object.id, decided.verdict.live?)));
    owned
        .map(|(id, live)| (id, scene.owner(id, live)))
        .filter(|(id, owner)| *owner != Owner::Ours && !id.is_claim())
        .map(|(id, owner)| (id.clone(), owner.to_string()))
        .collect()
}

pub(super) fn report(
    scene: &Scene<'_>,
    objects: &[Decided<'_>],
    leaving: &Leaving<'_>,
    judgement: Judgement,
) -> Report {
    let mut lines = Vec::new();
    let release = &scene.intent.release;
    let namespace = ObjectId::cluster("", "Namespace", &release.namespace);
    if !scene.facts.namespaces.contains(&release.namespace) && scene.wanted.get(&namespace).is_none() {
        let why = Some("the release lives in it".to_owned());
        lines.push(Line { id: namespace, change: Change::Create, why, fields: Vec::new() });
    }
    // A Job that an uninstall left is told of where it goes.
    let goes: BTreeSet<&ObjectId> = leaving.delete.iter().map(|(id, _)| id).collect();
    for decided in objects.iter().filter(|decided| !goes.contains(&decided.object.id)) {
        let mut line = Line {
            id: decided.object.id.clone(),
            change: decided.verdict.change,
            why: decided.verdict.why.clone(),
            fields: decided.verdict.fields.clone(),
        };
        if let Some(generation) = decided.generation.as_ref().filter(|generation| !generation.new.is_empty()) {
            line.why = Some(format!("generates {}", super::scene::list(generation.new.iter().map(String::as_str))));
            if line.change == Change::Keep {
                line.change = Change::Update;
            }
            if line.change == Change::Update {
                line.fields.extend(generation.new.iter().map(|key| FieldDiff {
                    path: FieldPath::keys(&["data", key]),
                    live: None,
                    wanted: None,
                    secret: true,
                }));
            }
        }
        lines.push(line);
    }
    for decided in objects {
        for (id, _) in unblock::in_the_way(scene, &decided.object, &decided.verdict) {
            let why = Some(unblock::WHY.to_owned());
            lines.push(Line { id: id.clone(), change: Change::Delete, why, fields: Vec::new() });
        }
    }
    lines.extend(leaving.lines());
    let switched = reclaim::switched(scene);
    lines.extend(switched.iter().map(Switched::line));
    let mut hazards = judgement.hazards;
    hazards.extend(switched.iter().map(|switched| Hazard { id: None, message: switched.note() }));
    let mut notes = judgement.notes;
    notes.extend(leaving.notes.iter().cloned());
    let unknown = objects.iter().any(|decided| {
        let id = &decided.object.id;
        schema::kind(&id.group, &decided.object.version, &id.kind).is_none() && decided.verdict.change == Change::Update
    });
    if unknown {
        notes.push("custom resources are compared without their schema: a default may show as a change".into());
    }
    Report {
        drift: drift::drift(scene, &lines),
        generated: objects.iter().flat_map(generated_keys).collect(),
        lines,
        kept: leaving.kept.clone(),
        volumes: Vec::new(),
        hazards,
        notes,
        ..Report::default()
    }
}

/// The generated keys of an object, and whether each gets a value now.
fn generated_keys(decided: &Decided<'_>) -> Vec<((ObjectId, String), Generated)> {
    let is_new = |key: &String| decided.generation.as_ref().is_some_and(|generation| generation.new.contains(key));
    let keys = generated::keys(&decided.object).into_keys();
    keys.map(|key| {
        let fate = if is_new(&key) { Generated::New } else { Generated::Kept };
        ((decided.object.id.clone(), key), fate)
    })
    .collect()
}
