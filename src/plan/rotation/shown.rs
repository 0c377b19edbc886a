//! What a plan says of its rotations.

use super::{New, Rotation};
use crate::object::{FieldPath, Object, ObjectId};
use crate::plan::scene::{Scene, list};
use crate::plan::{Change, FieldDiff, Generated, Line, Report, Rotated};

/// Puts the rotations into a report.
pub(in crate::plan) fn show(scene: &Scene<'_>, rotations: &[Rotation<'_>], report: &mut Report) {
    for rotation in rotations {
        let key = &rotation.key;
        report.rotated.push(Rotated { key: key.clone(), begun: rotation.begun.is_some() });
        if let New::Generated(_, keys) = &rotation.new {
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
            job.why = Some(format!("changes `{key}` inside the service, and goes"));
        }
        let begun = rotation.begun.is_some();
        let why = if begun { "the rotation is over then" } else { "holds both values until all is done, and goes" };
        let change = if begun { Change::Delete } else { Change::Create };
        insert(report, rotation.holder(), change, why);
    }
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
