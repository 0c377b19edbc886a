//! The objects that a chart (or `--manifest`) wants, checked, labelled and ordered, each with its origins.
//!
//! A document passes through `envelope` (what is it), `coerce` (strings where strings are wanted), `check` (what the
//! API server would refuse) and `finish` (labels and namespace). Checks of the whole follow: duplicates, references,
//! what is secret. All errors are collected; none shows a value that is in a Secret.

mod check;
mod coerce;
mod custom;
mod emit;
mod envelope;
mod finish;
mod order;
mod read;
mod references;
mod secrecy;
mod secret;
mod spot;
mod stray;
mod syntax;
mod typed;

pub use emit::{masked, to_yaml};
pub use read::read;
pub use secrecy::{mask, mask_documents, mask_live};

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::object::{Mask, Object, ObjectId};
use crate::release::Release;
use crate::render::Document;
use crate::schema;

use custom::Definitions;
use envelope::Envelope;
use spot::Findings;
use typed::Typed;

/// What a revision wants.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The objects, in the order in which they are shown.
    pub objects: Vec<Object>,
    /// The template that wrote each object, where there is one.
    pub templates: BTreeMap<ObjectId, String>,
    /// Warnings found on the way.
    pub warnings: Vec<Diagnostic>,
}

impl Manifest {
    /// Marks as secret whatever came from a place of the values that a mask hides: values that are `writeOnly`.
    pub fn hide(&mut self, mask: &Mask) {
        secrecy::hide(&mut self.objects, mask);
    }
}

/// Turns rendered documents into objects: checks them offline, turns `stringData` into `data`, puts our labels on,
/// gives namespaced objects the release's namespace, orders them.
///
/// # Errors
/// Everything that is wrong in the documents, in their order.
pub fn assemble(documents: Vec<Document>, release: &Release) -> Result<Manifest, Vec<Diagnostic>> {
    let mut found = Findings::default();
    let mask = mask_documents(&documents);
    let definitions = Definitions::of(&documents);
    let mut objects = Vec::with_capacity(documents.len());
    let mut templates = BTreeMap::new();
    for document in documents.into_iter().filter(|document| !document.root.is_null()) {
        match envelope::envelope(&document) {
            Ok(envelope) => {
                let Document { template, root } = document;
                let object = object(envelope, root, &definitions, release, &mut found);
                templates.entry(object.id.clone()).or_insert(template);
                objects.push(object);
            }
            Err(diagnostic) => found.errors.push(diagnostic),
        }
    }
    found.errors.extend(twice(&objects));
    found.warnings.extend(references::warnings(&objects));
    let shown = |diagnostics: Vec<Diagnostic>| diagnostics.into_iter().map(|each| mask.diagnostic(each)).collect();
    if !found.errors.is_empty() {
        return Err(shown(found.errors));
    }
    secrecy::mark(&mut objects);
    order::sort(&mut objects);
    templates.retain(|_, template| !template.is_empty());
    Ok(Manifest { objects, templates, warnings: shown(found.warnings) })
}

/// One document: coerced, checked, finished.
fn object(
    envelope: Envelope,
    mut root: crate::yaml::Node,
    definitions: &Definitions,
    release: &Release,
    found: &mut Findings,
) -> Object {
    let Envelope { group, version, kind, .. } = &envelope;
    let typed = match schema::kind(group, version, kind) {
        Some(known) => Typed::Known(known),
        None => definitions.typed(group, version, kind).unwrap_or(Typed::Stranger),
    };
    let mut scope = schema::scope(group, version, kind).or_else(|| definitions.scope(group, kind));
    if scope.is_none() {
        // Another version of the kind has the same scope.
        scope = schema::kinds().find(|each| each.group == *group && each.kind == *kind).map(|each| each.scope);
        match envelope::strange(&envelope, &root) {
            Ok(warning) => found.warnings.extend(warning),
            Err(error) => found.errors.push(error),
        }
    }
    coerce::coerce_object(&mut root, typed);
    check::check(&root, typed, found);
    let is_secret = group.is_empty() && kind == "Secret";
    stray::check(&root, is_secret, found);
    if is_secret {
        secret::check(&root, found);
        secret::encode(&mut root);
    }
    finish::finish(envelope, root, scope, release)
}

/// Objects that two documents want.
fn twice(objects: &[Object]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<&ObjectId, &Object> = BTreeMap::new();
    let mut errors = Vec::new();
    for object in objects {
        let place = |object: &Object| {
            object.body.at(&["metadata", "name"]).map_or(object.body.origin.at, |name| name.origin.at)
        };
        match seen.get(&object.id) {
            Some(first) => {
                let namespace = object.id.namespace.as_ref().map(|each| format!(" in namespace `{each}`"));
                let message = format!("{}{} is there twice", object.id, namespace.unwrap_or_default());
                let diagnostic = object.body.at(&["metadata", "name"]).map_or_else(
                    || Diagnostic::error(message.clone()),
                    |name| spot::at_value(Diagnostic::error(message.clone()), name),
                );
                errors.push(diagnostic.note_at("the first one", place(first)));
            }
            None => {
                seen.insert(&object.id, object);
            }
        }
    }
    errors
}
