//! How large a claim is to be, and what else of it can't be changed: claims grow where their class allows it, never
//! shrink, and keep everything else.

use std::cmp::Ordering;

use super::claims::Judgement;
use super::fixed::{self, Unsafe};
use super::scene::Scene;
use super::{Claim, FieldDiff, Known, Refusal, diff as differences, pods, quantity};
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, Object, ObjectId};
use crate::release::Past;
use crate::yaml::{Node, Value};

const SIZE: [&str; 4] = ["spec", "resources", "requests", "storage"];

/// The size that an existing claim is to grow to; none where it stays. What can't be is refused.
pub(super) fn grows_to(scene: &Scene<'_>, object: &Object, out: &mut Judgement) -> Option<String> {
    let namespace = object.id.namespace.as_deref().unwrap_or_default();
    let claim = scene.claim(namespace, &object.id.name).filter(|claim| !claim.terminating)?;
    out.refusals.extend(unchangeable(scene, object, claim));
    let wanted = size_of(&object.body)?;
    let live = claim.size.as_deref()?;
    match quantity::compare(&wanted, live)? {
        Ordering::Equal => None,
        Ordering::Less => {
            out.refusals.extend(shrunk(scene, object, live, &wanted));
            if scene.intent.options.keep_sizes || !was_larger(scene, object, &wanted) {
                out.notes.push(format!("claim `{}` stays at {live}: claims can't shrink to {wanted}", object.id.name));
            }
            None
        }
        Ordering::Greater if !claim.bound => {
            out.refusals.push(unbound(object, live, &wanted));
            None
        }
        Ordering::Greater => match expands(scene, claim) {
            Some(false) => {
                out.refusals.push(not_expandable(object, claim, live, &wanted));
                None
            }
            // Where nobody may say whether the class allows it, the server will.
            Some(true) | None => Some(wanted),
        },
    }
}

/// The line of the report about a claim that grows.
pub(super) fn diff(scene: &Scene<'_>, id: &ObjectId, size: &str) -> FieldDiff {
    let live = scene.claim(id.namespace.as_deref().unwrap_or_default(), &id.name).and_then(|claim| claim.size.clone());
    let text = |text: &str| Node::from(&serde_json::Value::from(text));
    FieldDiff { path: FieldPath::keys(&SIZE), live: live.as_deref().map(text), wanted: Some(text(size)), secret: false }
}

/// Whether a claim that may exist is wanted in another size than before: then it matters what its class allows.
pub(super) fn may_grow(wanted: &[Object], past: &Past) -> bool {
    let is_known = past.ledger.is_some() || !past.records.is_empty();
    is_known
        && wanted.iter().flat_map(sizes).any(|(of, size)| {
            let before = past.records.iter().map(|record| {
                record.objects.iter().flat_map(sizes).find(|(known, _)| *known == of).map(|(_, size)| size)
            });
            past.records.is_empty() || before.into_iter().any(|before| before.as_ref() != Some(&size))
        })
}

/// The sizes that an object asks for: a claim's own, a set's by template.
fn sizes(object: &Object) -> Vec<((ObjectId, String), String)> {
    if object.id.is_claim() {
        return size_of(&object.body).map(|size| ((object.id.clone(), String::new()), size)).into_iter().collect();
    }
    let templates = pods::claim_templates(&object.body).filter(|_| pods::is_set(&object.id));
    templates.filter_map(|(name, template)| Some(((object.id.clone(), name.to_owned()), size_of(template)?))).collect()
}

fn size_of(claim: &Node) -> Option<String> {
    match &claim.at(&SIZE)?.value {
        Value::Text(text) => text.known().map(str::to_owned),
        Value::Number(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// Fields of a claim other than its size.
fn unchangeable(scene: &Scene<'_>, object: &Object, claim: &Claim) -> Option<Refusal> {
    let live = scene.facts.live.get(&object.id)?;
    let difference = differences::diff(object, &live.body, None);
    let mut bound = fixed::bound(object, &live.body, &difference.fields);
    // Both may be set later; what a claim lacks is nothing that data depends on.
    let later = [FieldPath::keys(&["spec", "volumeName"]), FieldPath::keys(&["spec", "storageClassName"])];
    bound.retain(|field| field.live.is_some() || !later.contains(&field.path));
    let mut hints = vec![
        "leave it as it is".to_owned(),
        "or give the claim another name: it begins empty, and the old one stays".to_owned(),
    ];
    if !claim.bound {
        hints.push(format!("or delete it, it holds no data yet: `{}`", fixed::delete(&object.id)));
    }
    (!bound.is_empty()).then(|| fixed::refusal(object, &bound, Unsafe::no_way(hints)))
}

/// Whether the class of a claim lets it grow; none where nobody may say.
fn expands(scene: &Scene<'_>, claim: &Claim) -> Option<bool> {
    let Known::Yes(classes) = &scene.facts.classes else { return None };
    let class = claim.class.as_ref().and_then(|name| classes.get(name));
    Some(class.is_some_and(|class| class.expands))
}

/// Whether the last revision asked for more than is wanted now: then somebody made it less on purpose. Where it did
/// not, the claim has grown by other hands, and the chart merely did not follow.
fn was_larger(scene: &Scene<'_>, object: &Object, wanted: &str) -> bool {
    let before = scene.past.records.iter().flat_map(|record| &record.objects).flat_map(sizes);
    let namespace = object.id.namespace.as_deref();
    let mut of_this = before.filter(|((of, template), _)| {
        if template.is_empty() {
            *of == object.id
        } else {
            of.namespace.as_deref() == namespace && pods::is_claim_of(template, &of.name, &object.id.name)
        }
    });
    of_this.next_back().is_some_and(|(_, before)| quantity::compare(&before, wanted) == Some(Ordering::Greater))
}

fn refusal(object: &Object, message: String) -> Diagnostic {
    let origin = object.body.at(&SIZE).map(|node| node.origin).unwrap_or_default();
    Diagnostic::error(message).at(origin.at).note_at("set here", origin.from)
}

fn shrunk(scene: &Scene<'_>, object: &Object, live: &str, wanted: &str) -> Option<Refusal> {
    if scene.intent.options.keep_sizes || !was_larger(scene, object, wanted) {
        return None;
    }
    let message =
        format!("`{}` of `{}` can't go from {live} to {wanted}: claims don't shrink", SIZE.join("."), object.id);
    Some(Refusal::failed(
        refusal(object, message)
            .hint(format!("leave the size at {live}"))
            .hint("or move the data: a claim of another name begins empty, and the old one stays"),
    ))
}

fn not_expandable(object: &Object, claim: &Claim, live: &str, wanted: &str) -> Refusal {
    let message = format!("`{}` of `{}` can't go from {live} to {wanted}", SIZE.join("."), object.id);
    let (why, hint) = match &claim.class {
        Some(class) => (
            format!("its class `{class}` does not allow volumes to grow"),
            Some(format!(
                "if its provisioner can: `kubectl patch storageclass {class} -p '{{\"allowVolumeExpansion\":true}}'`"
            )),
        ),
        None => ("it has no class: nobody could make its volume larger".to_owned(), None),
    };
    let diagnostic = refusal(object, message).note(why).hint(format!("leave the size at {live}"));
    Refusal::failed(hint.into_iter().fold(diagnostic, Diagnostic::hint))
}

fn unbound(object: &Object, live: &str, wanted: &str) -> Refusal {
    let message = format!("`{}` of `{}` can't go from {live} to {wanted} yet", SIZE.join("."), object.id);
    Refusal::failed(refusal(object, message).note("it is not bound to a volume: only bound claims can grow").hint(
        format!("delete it, it holds no data yet: `{}`, then run the same command again", fixed::delete(&object.id)),
    ))
}
