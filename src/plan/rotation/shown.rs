//! What a plan says of its rotations.

use super::{Aim, New, Rotation};
use crate::object::{FieldPath, Object, ObjectId};
use crate::plan::scene::{Scene, list};
use crate::plan::{Change, FieldDiff, Generated, Hazard, Line, Report, Rotated, Stage};

/// Puts the rotations into a report.
pub(in crate::plan) fn show(scene: &Scene<'_>, rotations: &[Rotation<'_>], report: &mut Report) {
    for rotation in rotations {
        let key = &rotation.key;
        report.rotated.push(Rotated { key: key.clone(), stage: stage(rotation) });
        if rotation.is_given_up() {
            report.hazards.push(hazard(rotation));
        }
        if let (New::Generated(_, keys), false) = (&rotation.new, rotation.is_settled(scene)) {
            for (at, keys) in keys {
                let secret = &scene.wanted.objects[*at];
                let news = keys.keys().map(|key| ((secret.id.clone(), key.clone()), Generated::New));
                report.generated.extend(news);
                let Some(line) = line_of(report, secret) else { continue };
                let names = list(keys.keys().map(String::as_str));
                let gets = if keys.len() == 1 { "gets another value" } else { "get other values" };
                line.why = Some(format!("{names} {gets}"));
                if line.change == Change::Keep {
                    line.change = Change::Update;
                }
                line.fields.extend(keys.keys().map(|key| FieldDiff {
                    path: FieldPath::keys(&["data", key]),
                    live: None,
                    wanted: None,
                    secret: true,
                }));
            }
        }
        if let Some(job) = rotation.job.and_then(|at| line_of(report, &scene.wanted.objects[at])) {
            job.change = Change::Create;
            let back = if rotation.aim == Aim::Back { " back" } else { "" };
            job.why = Some(format!("changes `{key}`{back} inside the service, and goes"));
        }
        let (change, why) = match (rotation.begun, rotation.aim) {
            (None, _) => (Change::Create, "holds both values until all is done, and goes"),
            (Some(_), Aim::Onward) => (Change::Delete, "the rotation is over then"),
            (Some(_), Aim::Back) => (Change::Delete, "the rotation is given up then"),
            (Some(_), Aim::GiveUp) => (Change::Update, "the rotation is given up; it keeps both values"),
        };
        insert(report, rotation.holder(), change, why);
    }
}

fn stage(rotation: &Rotation<'_>) -> Stage {
    match (rotation.begun, rotation.aim) {
        (None, _) => Stage::New,
        (Some(_), Aim::Onward) => Stage::Ended,
        (Some(_), Aim::Back | Aim::GiveUp) => Stage::GivenUp,
    }
}

fn hazard(rotation: &Rotation<'_>) -> Hazard {
    let (key, holder) = (&rotation.key, rotation.holder());
    let message = format!(
        "nothing tells which of the two values `{key}` has inside the service: Secret `{}` keeps both",
        holder.name
    );
    Hazard { id: Some(holder), message }
}

fn line_of<'r>(report: &'r mut Report, object: &Object) -> Option<&'r mut Line> {
    report.lines.iter_mut().find(|line| line.id == object.id)
}

/// What goes is told last, what is made with the other Secrets.
fn insert(report: &mut Report, id: ObjectId, change: Change, why: &str) {
    let line = Line { id, change, why: Some(why.to_owned()), fields: Vec::new() };
    let secret = report.lines.iter().rposition(|line| line.id.is_secret() && line.change != Change::Delete);
    match secret.filter(|_| change == Change::Create) {
        Some(at) => report.lines.insert(at + 1, line),
        None => report.lines.push(line),
    }
}
