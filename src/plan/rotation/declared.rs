//! How a chart says how a credential is changed: a Job with `kchart.dev/rotate: secret/key`.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, ObjectId, marks};
use crate::plan::{Refusal, SecretKey};
use crate::yaml::Node;

/// Whether an object is a Job that runs in a rotation alone.
pub(in crate::plan) fn is_rotation_job(object: &Object) -> bool {
    is_declared(&object.id, &object.body)
}

/// The same of a body.
pub(in crate::plan) fn is_declared(id: &ObjectId, body: &Node) -> bool {
    id.is("batch", "Job") && body.str_at(&["metadata", "annotations", marks::ROTATE]).is_some()
}

/// The Job that changes a credential, by its position.
pub(in crate::plan) fn declared(objects: &[Object], key: &SecretKey) -> Option<usize> {
    objects.iter().position(|object| of(object).as_ref() == Some(key))
}

/// The credential that a Job changes.
pub(super) fn of(object: &Object) -> Option<SecretKey> {
    let written = object.annotation(marks::ROTATE).filter(|_| is_rotation_job(object))?;
    let (secret, key) = written.split_once('/').filter(|(secret, key)| !secret.is_empty() && !key.is_empty())?;
    Some(SecretKey { namespace: object.id.namespace.clone()?, secret: secret.to_owned(), key: key.to_owned() })
}

/// A declaration that can't be read, or that says two things.
pub(in crate::plan) fn misdeclared(object: &Object) -> Option<Refusal> {
    let node = object.body.at(&["metadata", "annotations", marks::ROTATE])?;
    let (id, name) = (&object.id, marks::ROTATE);
    let refuse = |diagnostic: Diagnostic| {
        Some(Refusal::input(diagnostic.at(node.origin.at).note_at("set here", node.origin.from)))
    };
    if !is_rotation_job(object) {
        return refuse(
            Diagnostic::error(format!("`{name}` of `{id}` says what it changes, but it is no Job"))
                .hint("put it on the Job that changes the credential inside the service"),
        );
    }
    if of(object).is_none() {
        let written = node.as_str().unwrap_or_default();
        return refuse(
            Diagnostic::error(format!("`{name}` of `{id}` is `{written}`"))
                .hint("write the credential as `secret/key`, such as `rabbitmq/password`"),
        );
    }
    let other = [marks::RUN, marks::DEPENDS_ON].into_iter().find(|other| object.annotation(other).is_some())?;
    refuse(
        Diagnostic::error(format!("`{id}` has both `{name}` and `{other}`"))
            .hint(format!("take `{other}` away: the Job runs when its credential is rotated, and waits itself")),
    )
}

/// Two Jobs for one credential.
pub(super) fn twice(objects: &[Object]) -> Vec<Refusal> {
    let mut first: BTreeMap<SecretKey, &ObjectId> = BTreeMap::new();
    let mut refusals = Vec::new();
    for object in objects {
        let Some(key) = of(object) else { continue };
        if let Some(other) = first.get(&key) {
            let place = object.body.at(&["metadata", "annotations", marks::ROTATE]).map(|node| node.origin.at);
            refusals.push(Refusal::input(
                Diagnostic::error(format!("`{}` and `{other}` both change `{key}`", object.id))
                    .at(place.unwrap_or_default())
                    .hint("leave the annotation on one of them"),
            ));
        } else {
            first.insert(key, &object.id);
        }
    }
    refusals
}

/// The nearest of some keys to what was written.
pub(super) fn near<'k>(written: &str, keys: impl IntoIterator<Item = &'k SecretKey>) -> Option<String> {
    let names: Vec<String> = keys.into_iter().map(ToString::to_string).collect();
    nearest(written, names.iter().map(String::as_str)).map(str::to_owned)
}
