//! What a workload declares: `kchart.dev/credentials: data=rabbitmq/password:sticky`.

use super::{Claims, Opening, Rule, opening};
use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, marks};
use crate::plan::{Refusal, pods};
use crate::release::Lifetime;
use crate::yaml::Node;

/// What a workload declares; none when it declares nothing.
pub(super) fn declared(object: &Object, claims: &Claims) -> Result<Option<Vec<Opening>>, Box<Refusal>> {
    let template = pods::template(&object.id, &object.body);
    let on = |node: &Node| node.at(&["metadata", "annotations", marks::CREDENTIALS]).cloned();
    let Some(annotation) = on(&object.body).or_else(|| template.and_then(on)) else { return Ok(None) };
    let refuse = |diagnostic: Diagnostic| Box::new(Refusal::input(diagnostic.at(annotation.origin.at)));
    let rule = Rule::Declared { by: object.id.clone(), at: annotation.origin.at };
    let mut openings = Vec::new();
    for entry in annotation.as_str().unwrap_or_default().split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let Some((volume, secret, key, lifetime)) = read(entry) else {
            return Err(refuse(
                Diagnostic::error(format!("`{}` of `{}` has `{entry}`", marks::CREDENTIALS, object.id))
                    .hint("write `volume=secret/key:sticky` or `volume=secret/key:every-boot`"),
            ));
        };
        let Some(names) = claims.get(volume) else {
            let mut diagnostic = Diagnostic::error(format!(
                "`{}` of `{}` names volume `{volume}`, which is no claim of its Pods",
                marks::CREDENTIALS,
                object.id
            ));
            if let Some(near) = nearest(volume, claims.keys().map(String::as_str)) {
                diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
            }
            return Err(refuse(diagnostic));
        };
        openings.extend(names.iter().map(|claim| opening(object, claim, (secret, key), lifetime, rule.clone())));
    }
    Ok(Some(openings))
}

/// `data=rabbitmq/password:sticky`.
fn read(entry: &str) -> Option<(&str, &str, &str, Lifetime)> {
    let (volume, rest) = entry.split_once('=')?;
    let (secret, rest) = rest.split_once('/')?;
    let (key, lifetime) = match rest.split_once(':') {
        None | Some((_, "sticky")) => (rest.split(':').next()?, Lifetime::Sticky),
        Some((key, "every-boot")) => (key, Lifetime::EveryBoot),
        Some(_) => return None,
    };
    let complete = [volume, secret, key].iter().all(|part| !part.is_empty());
    complete.then_some((volume, secret, key, lifetime))
}
