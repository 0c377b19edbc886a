//! What Pods of the manifest read: Secrets, ConfigMaps and claims must be in the manifest, or else in the cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::spot::{at_value, subject};
use crate::diagnostic::{Diagnostic, nearest};
use crate::object::{Object, ObjectId, marks};
use crate::schema::{self, Shape};
use crate::yaml::Node;

/// What a field of the API's own types names.
struct Reference<'a> {
    /// `Secret`, `ConfigMap`, `PersistentVolumeClaim`.
    kind: &'static str,
    name: &'a Node,
    keys: Vec<&'a Node>,
    optional: bool,
}

/// Warnings about everything that Pods read and the manifest does not have.
pub(super) fn warnings(objects: &[Object]) -> Vec<Diagnostic> {
    let known = Known::of(objects);
    let mut warnings = Vec::new();
    for object in objects {
        let Some(typed) = schema::kind(&object.id.group, &object.version, &object.id.kind) else { continue };
        let Some(namespace) = object.id.namespace.as_deref() else { continue };
        let mut found = Vec::new();
        collect(&object.body, typed, &mut found);
        if let Some(rotation) = Rotation::of(object) {
            warnings.extend(rotation.wrong_keys(&found));
            found.retain(|reference| !rotation.is_meant(reference));
        }
        let mut said = BTreeSet::new();
        for reference in found.into_iter().filter(|reference| !reference.optional) {
            for diagnostic in known.missing(namespace, &reference) {
                if said.insert(diagnostic.message.clone()) {
                    warnings.push(diagnostic.note(format!("in {}", subject(&object.body))));
                }
            }
        }
    }
    warnings
}

/// The Secret that a Job with `kchart.dev/rotate` reads both values from: it is there while the Job runs.
struct Rotation(String);

impl Rotation {
    const KEYS: [&str; 2] = [marks::ROTATION_OLD, marks::ROTATION_NEW];

    fn of(object: &Object) -> Option<Self> {
        let (secret, _) = object.annotation(marks::ROTATE)?.split_once('/')?;
        Some(Self(marks::rotation_secret(secret)))
    }

    fn is_meant(&self, reference: &Reference<'_>) -> bool {
        reference.kind == "Secret" && reference.name.as_str() == Some(&self.0)
    }

    fn wrong_keys(&self, found: &[Reference<'_>]) -> Vec<Diagnostic> {
        let keys = found.iter().filter(|reference| self.is_meant(reference)).flat_map(|reference| &reference.keys);
        let wrong = keys.filter_map(|node| Some((node, node.as_str().filter(|key| !Self::KEYS.contains(key))?)));
        wrong
            .map(|(node, key)| {
                let message = format!("Secret `{}` has the keys `old` and `new`, and no key `{key}`", self.0);
                hinted(at_value(Diagnostic::warning(message), node), key, Self::KEYS.into_iter())
            })
            .collect()
    }
}

/// What the manifest has: ids, and the keys of its Secrets and ConfigMaps.
struct Known<'a>(BTreeMap<&'a ObjectId, BTreeSet<&'a str>>);

impl<'a> Known<'a> {
    fn of(objects: &'a [Object]) -> Self {
        let keys = |object: &'a Object| {
            let maps = ["data", "binaryData"].map(|field| object.body.get(field).and_then(Node::as_map));
            maps.into_iter().flatten().flat_map(|map| map.keys()).map(String::as_str).collect()
        };
        Self(objects.iter().map(|object| (&object.id, keys(object))).collect())
    }

    fn missing(&self, namespace: &str, reference: &Reference<'_>) -> Vec<Diagnostic> {
        let Some(name) = reference.name.as_str().filter(|name| !name.is_empty()) else { return Vec::new() };
        let Reference { kind, keys, .. } = reference;
        let id = ObjectId::namespaced("", kind, namespace, name);
        let Some(has) = self.0.get(&id) else {
            let message = format!("{kind} `{name}` is not in the chart: it must exist in the cluster");
            let others = self.0.keys().filter(|other| other.kind == *kind && other.namespace == id.namespace);
            return vec![hinted(
                at_value(Diagnostic::warning(message), reference.name),
                name,
                others.map(|id| &*id.name),
            )];
        };
        let missing = keys.iter().filter_map(|node| Some((node, node.as_str().filter(|key| !has.contains(key))?)));
        missing
            .map(|(node, key)| {
                let message = format!("{kind} `{name}` of the chart has no key `{key}`: it must exist in the cluster");
                hinted(at_value(Diagnostic::warning(message), node), key, has.iter().copied())
            })
            .collect()
    }
}

fn hinted<'a>(diagnostic: Diagnostic, wanted: &str, others: impl Iterator<Item = &'a str>) -> Diagnostic {
    match nearest(wanted, others) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// Finds references by the types that hold them, wherever in an object they stand.
fn collect<'a>(node: &'a Node, typed: schema::Type, out: &mut Vec<Reference<'a>>) {
    out.extend(reference(node, typed.name()));
    match (typed.shape(), node.as_map(), node.as_list()) {
        (Shape::Object, Some(map), _) => {
            for (key, child) in map {
                if let Some(inner) = typed.field(key) {
                    collect(child, inner, out);
                }
            }
        }
        (Shape::List, _, Some(items)) => {
            if let Some(inner) = typed.items() {
                for item in items {
                    collect(item, inner, out);
                }
            }
        }
        _ => {}
    }
}

/// Types that name a Secret in `name`.
const OF_SECRETS: &[&str] = &["core.v1.SecretKeySelector", "core.v1.SecretEnvSource", "core.v1.SecretProjection"];
/// Types that name a ConfigMap in `name`.
const OF_CONFIG_MAPS: &[&str] = &[
    "core.v1.ConfigMapKeySelector",
    "core.v1.ConfigMapEnvSource",
    "core.v1.ConfigMapProjection",
    "core.v1.ConfigMapVolumeSource",
];

fn reference<'a>(node: &'a Node, holder: &str) -> Option<Reference<'a>> {
    let (kind, name) = match holder {
        _ if OF_SECRETS.contains(&holder) => ("Secret", "name"),
        _ if OF_CONFIG_MAPS.contains(&holder) => ("ConfigMap", "name"),
        "core.v1.SecretVolumeSource" => ("Secret", "secretName"),
        "core.v1.PersistentVolumeClaimVolumeSource" => ("PersistentVolumeClaim", "claimName"),
        _ => return None,
    };
    let keys = node.get("key").into_iter();
    let items = node.list_at(&["items"]).iter().filter_map(|item| item.get("key"));
    Some(Reference {
        kind,
        name: node.get(name)?,
        keys: keys.chain(items).collect(),
        optional: node.get("optional").and_then(Node::as_bool) == Some(true),
    })
}
