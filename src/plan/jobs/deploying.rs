//! Whether a Job runs in this deployment.

use super::{Outcome, Run, absence, is_job, ran_once};
use crate::object::Object;
use crate::plan::diff::diff;
use crate::plan::ownership::Owner;
use crate::plan::scene::Scene;
use crate::plan::verdict::Verdict;
use crate::plan::{Change, Deletion, Live, Refusal, rotation};
use crate::yaml::Node;

/// What happens to a Job, after what would happen to any object: `usual` is not asked for where it does not count.
pub(in crate::plan) fn verdict<'a>(
    scene: &Scene<'a>,
    object: &Object,
    usual: impl FnOnce() -> Result<Verdict<'a>, Vec<Refusal>>,
) -> Result<Verdict<'a>, Vec<Refusal>> {
    if !is_job(&object.id) {
        return usual();
    }
    if rotation::is_rotation_job(object) {
        return Ok(stays(None, absence(object)));
    }
    match (Run::of(&object.id, &object.body), scene.facts.live.get(&object.id)) {
        // One that is there was left by an uninstall that stopped: it goes, so that the next one runs it again.
        (Run::BeforeUninstall, _) => Ok(stays(None, Some("runs before an uninstall"))),
        (Run::EveryDeploy, None) => usual(),
        (run, None) => match ran(scene, object, run) {
            Some(why) => Ok(stays(None, Some(why))),
            None => usual(),
        },
        (Run::Once, Some(live))
            if Outcome::of(live) != Outcome::Failed && scene.owner(&object.id, live) == Owner::Ours =>
        {
            let changed = !diff(object, &live.body, scene.previous(&object.id)).is_empty();
            Ok(stays(Some(live), changed.then_some("runs once: its changes are not applied")))
        }
        (run, Some(live)) => Ok(there(run, live, usual()?)),
    }
}

/// A Job that is there and may be touched.
fn there<'a>(run: Run, live: &Live, usual: Verdict<'a>) -> Verdict<'a> {
    let why = match (run, Outcome::of(live)) {
        _ if usual.change == Change::Replace => return usual,
        (_, Outcome::Failed) => "its last run failed, and it runs again",
        (Run::EveryDeploy, Outcome::Complete) => "runs in every deployment",
        // One that runs is waited for.
        _ => return usual,
    };
    let (change, replace) = (Change::Replace, Some(Deletion::Background));
    Verdict { change, why: Some(why.to_owned()), adopt_from: Vec::new(), contested: Vec::new(), replace, ..usual }
}

fn stays<'a>(live: Option<&'a Live>, why: Option<&str>) -> Verdict<'a> {
    let why = why.map(str::to_owned);
    Verdict {
        change: Change::Keep,
        fields: Vec::new(),
        why,
        adopt_from: Vec::new(),
        contested: Vec::new(),
        force: false,
        replace: None,
        live,
    }
}

/// Why a Job that is not there need not run: a record knows that it ran, or the revision in force had it, so it came to
/// its end. One without a time
/// to live does not go by itself: whoever deleted it wants it to run again.
fn ran(scene: &Scene<'_>, object: &Object, run: Run) -> Option<&'static str> {
    if run == Run::Once && ran_once(scene.past).contains(&object.id) {
        return Some("ran once");
    }
    let before = scene.deployed(&object.id)?;
    if run == Run::Once {
        return Some("ran once");
    }
    let spec = |object: &Object| object.body.get("spec").map(Node::to_json);
    absence(object).filter(|_| spec(before) == spec(object))
}
