//! A plan or its refusals as text: one line a step, then what the report says.

use std::fmt::Write;

use kchart::plan::{Act, Expect, NewValue, Plan, Question, Refusal, Step};

/// All that a case shows.
pub(crate) fn show(questions: &[Question], result: &Result<Plan, Vec<Refusal>>) -> String {
    let mut out = String::from(if questions.is_empty() { "" } else { "questions\n" });
    for question in questions {
        let _ = writeln!(out, "  {}", ask(question));
    }
    match result {
        Ok(plan) => plan_text(&mut out, plan),
        Err(refusals) => {
            for refusal in refusals {
                let _ = writeln!(out, "refused ({:?}): {}", refusal.class, refusal.diagnostic.message);
                for note in &refusal.diagnostic.notes {
                    let _ = writeln!(out, "  = {}", note.text);
                }
                for hint in &refusal.diagnostic.hints {
                    let _ = writeln!(out, "  hint: {hint}");
                }
            }
        }
    }
    out
}

fn ask(question: &Question) -> String {
    match question {
        Question::Namespace(name) => format!("namespace {name}"),
        Question::Objects { group, kind, version, namespace } => {
            let group = if group.is_empty() { String::new() } else { format!("{group}/") };
            format!(
                "objects {group}{version} {kind}{}",
                namespace.as_ref().map_or(String::new(), |name| format!(" in {name}"))
            )
        }
        Question::Claims(name) => format!("claims in {name}"),
        Question::Volumes => "volumes".into(),
        Question::VolumesOfGone(uids) => {
            let uids: Vec<&str> = uids.iter().map(String::as_str).collect();
            format!("volumes if a claim is gone of {}", if uids.is_empty() { "others".into() } else { uids.join(", ") })
        }
        Question::Classes => "classes".into(),
        Question::Ledgers(name) => format!("ledgers in {name}"),
        Question::Pods(name) => format!("pods in {name}"),
    }
}

fn plan_text(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "steps{}", if plan.is_empty() { " (nothing changes)" } else { "" });
    for step in &plan.steps {
        let _ = writeln!(out, "  {}", step_text(step));
    }
    let _ = writeln!(out, "report: {}", plan.report.summary());
    for line in &plan.report.lines {
        let why = line.why.as_ref().map_or(String::new(), |why| format!(" ({why})"));
        let _ = writeln!(out, "  {:?} {}{why}", line.change, line.id);
        for field in &line.fields {
            let node = |node: Option<&kchart::yaml::Node>| match node {
                Some(_) if field.secret => "•".to_owned(),
                Some(node) => node.to_json().to_string(),
                None => "∅".to_owned(),
            };
            let _ =
                writeln!(out, "    {}: {} → {}", field.path, node(field.live.as_ref()), node(field.wanted.as_ref()));
        }
    }
    for found in &plan.report.found {
        let size = found.size.as_ref().map_or(String::new(), |size| format!(" {size}"));
        let _ = writeln!(out, "  found {}{size}: {}", found.id, found.why);
    }
    for kept in &plan.report.kept {
        let size = kept.size.as_ref().map_or(String::new(), |size| format!(" {size}"));
        let volume = kept.volume.as_ref().map_or(String::new(), |volume| format!(" {volume}"));
        let _ = writeln!(out, "  kept {}{size}{volume}: {}", kept.id, kept.why);
        if let Some(command) = &kept.remove {
            let _ = writeln!(out, "    to remove it: {command}");
        }
    }
    for (id, owner) in &plan.report.adopted {
        let _ = writeln!(out, "  adopted {id}: {owner}");
    }
    for conflict in &plan.report.conflicts {
        let _ = writeln!(out, "  conflict: {}", conflict.message);
        for hint in &conflict.hints {
            let _ = writeln!(out, "    hint: {hint}");
        }
    }
    for fate in &plan.report.volumes {
        let or = |text: &Option<String>| text.clone().unwrap_or("-".into());
        let _ = writeln!(
            out,
            "  volume {} {} {} {} {}: {}",
            or(&fate.claim),
            or(&fate.volume),
            or(&fate.size),
            or(&fate.class),
            or(&fate.policy),
            fate.fate
        );
    }
    for hazard in &plan.report.hazards {
        let _ = writeln!(out, "  hazard: {}", hazard.message);
    }
    for note in &plan.report.notes {
        let _ = writeln!(out, "  note: {note}");
    }
}

fn step_text(step: &Step) -> String {
    let id = step.act.id().map_or(String::new(), |id| format!(" {id}"));
    let more = match &step.act {
        Act::Apply { force: true, .. } => " by force".to_owned(),
        Act::Apply { adopt_from, .. } if !adopt_from.is_empty() => format!(" from {}", adopt_from.join(", ")),
        Act::Generate { keys, known, .. } => {
            let names: Vec<String> =
                known.iter().map(|(name, at)| format!("{name} from {}/{}", at.secret, at.key)).collect();
            let known = if names.is_empty() { String::new() } else { format!(" (known: {})", names.join(", ")) };
            format!(" {}{known}", keys.keys().cloned().collect::<Vec<_>>().join(", "))
        }
        Act::OpenRotation { of, new, .. } => match new {
            NewValue::Generated(value) => format!(" of {of}: {} characters", value.length),
            NewValue::Given(_) => format!(" of {of}: the given value"),
        },
        Act::TurnRotation { course, .. } => format!(" {course:?}"),
        Act::Swap { keys, known, holds, .. } => {
            let names: Vec<String> =
                known.iter().map(|(name, at)| format!("{name} from {}/{}", at.secret, at.key)).collect();
            let holds = holds.as_ref().map_or(String::new(), |(key, holder)| format!(", {key} is in {holder}"));
            format!(" {} ({}{holds})", keys.keys().cloned().collect::<Vec<_>>().join(", "), names.join(", "))
        }
        Act::Remember { claims, .. } => claims
            .iter()
            .map(|draft| {
                let credentials: Vec<String> = draft
                    .credentials
                    .iter()
                    .map(|known| {
                        let hash = if known.hash.is_some() { " hashed" } else { "" };
                        format!("{}/{} {:?}{hash}", known.secret, known.key, known.kind)
                    })
                    .collect();
                let image = draft.image.as_deref().unwrap_or("-");
                let ready = if draft.image_ready { " (ready)" } else { "" };
                format!(" {} by {image}{ready} [{}]", draft.claim.name, credentials.join(", "))
            })
            .collect::<Vec<_>>()
            .join(","),
        Act::Stamp { labels, .. } => {
            labels.iter().map(|(key, value)| format!(" {key}={value}")).collect::<Vec<_>>().join(",")
        }
        Act::Delete { deletion, .. } => format!(" {deletion:?}").to_lowercase(),
        Act::Expand { size, .. } => format!(" to {size}"),
        Act::SetReclaim { policy, restore, .. } => format!(" {policy:?} (restore {restore:?})"),
        Act::Reserve { claim, retain, .. } => {
            format!(" for {claim}{}", if *retain { " and retain" } else { "" })
        }
        Act::AwaitGone { uid, .. } => uid.as_ref().map_or(String::new(), |uid| format!(" uid {uid}")),
        Act::AwaitUnmounted { claims, .. } => format!(" {}", claims.join(", ")),
        Act::Ran { job, revision } => format!(" {job} in revision {revision}"),
        Act::Forget { uids } => format!(" {}", uids.join(", ")),
        Act::Finish { status } => format!(" {status}"),
        Act::Apply { .. } | Act::Bind { .. } | Act::AwaitReady { .. } | Act::DropHistory | Act::Join => String::new(),
    };
    let expect = match &step.expect {
        Expect::Nothing => String::new(),
        Expect::Absent => " [absent]".into(),
        Expect::Uid(uid, _) => format!(" [{uid}]"),
    };
    let after = if step.after.is_empty() {
        String::new()
    } else {
        format!(" after {}", step.after.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    format!("{}: {}{id}{more}{expect}{after}", step.id, step.act.word(&step.expect))
}
