//! What is wanted, settled against what the server serves: scopes put right, marks complete, template claims added.

use std::collections::{BTreeSet, HashMap};

use super::{Facts, Intent, Refusal, autoscaled, edges, order, pods};
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::object::{Object, ObjectId, marks};
use crate::release::{Item, Past, Release};
use crate::schema::{self, Scope};
use crate::yaml::{Map, Node};

/// The wanted objects in the order in which they are begun, template claims included.
pub(super) struct Wanted {
    /// The objects.
    pub(super) objects: Vec<Object>,
    positions: HashMap<ObjectId, usize>,
}

impl Wanted {
    /// The object of that id.
    pub(super) fn get(&self, id: &ObjectId) -> Option<&Object> {
        self.positions.get(id).and_then(|position| self.objects.get(*position))
    }

    /// What the record is to list.
    pub(super) fn inventory(&self) -> Vec<Item> {
        let items = self.objects.iter().map(|object| Item { id: object.id.clone(), version: object.version.clone() });
        let mut items: Vec<Item> = items.collect();
        items.sort();
        items
    }
}

/// Settles a manifest.
pub(super) fn settle(want: &Manifest, intent: &Intent, past: &Past, facts: &Facts) -> Wanted {
    let release = &intent.release;
    let mut objects = want.objects.clone();
    let own_scopes = own_scopes(&objects);
    for object in &mut objects {
        settle_scope(object, facts, &own_scopes);
        mark(object, release);
    }
    autoscaled::settle(&mut objects, past, facts);
    let named: BTreeSet<ObjectId> = objects.iter().map(|object| object.id.clone()).collect();
    let mut claims = Vec::new();
    for set in objects.iter().filter(|object| pods::is_set(&object.id)) {
        for mut claim in template_claims(set) {
            if !named.contains(&claim.id) {
                mark(&mut claim, release);
                claims.push(claim);
            }
        }
    }
    objects.extend(claims);
    objects.sort_by_key(|object| order::rank(&object.id));
    let positions = objects.iter().enumerate().map(|(position, object)| (object.id.clone(), position)).collect();
    Wanted { objects, positions }
}

/// Scopes of the kinds that the manifest itself defines.
fn own_scopes(objects: &[Object]) -> BTreeSet<(String, String)> {
    edges::definitions(&edges::placed(objects))
        .into_iter()
        .filter(|(_, at)| objects[*at].body.str_at(&["spec", "scope"]) == Some("Cluster"))
        .map(|((group, kind), _)| (group.to_owned(), kind.to_owned()))
        .collect()
}

/// The manifest's stage gives every kind that it does not know a namespace; the server knows better.
fn settle_scope(object: &mut Object, facts: &Facts, own: &BTreeSet<(String, String)>) {
    let kind = (object.id.group.clone(), object.id.kind.clone());
    let known = schema::scope(&object.id.group, &object.version, &object.id.kind);
    if known == Some(Scope::Cluster) || facts.cluster_scoped.contains(&kind) || own.contains(&kind) {
        object.id.namespace = None;
        if let Some(metadata) = object.body.at(&["metadata"]).and_then(Node::as_map)
            && metadata.contains_key("namespace")
        {
            object.body.map_at_mut(&["metadata"]).shift_remove("namespace");
        }
    }
}

/// Puts on what ownership is judged by. An object outside the release's namespace says which one that is.
fn mark(object: &mut Object, release: &Release) {
    object.body.set(&["metadata", "labels"], marks::RELEASE, release.name.as_str());
    if object.id.namespace.as_deref() != Some(release.namespace.as_str()) {
        object.body.set(&["metadata", "labels"], marks::RELEASE_NAMESPACE, release.namespace.as_str());
    }
}

/// Sets that would have more claims than are made one by one; an autoscaler may have asked for them, not the manifest.
pub(super) fn too_many_claims(want: &Manifest, wanted: &Wanted) -> Vec<Refusal> {
    let is_too_large = |set: &&Object| pods::is_set(&set.id) && pods::claim_count(&set.body) > pods::MOST_CLAIMS;
    let said: BTreeSet<&ObjectId> = want.objects.iter().filter(is_too_large).map(|set| &set.id).collect();
    let refusal = |set: &Object| {
        let field = set.body.at(&["spec", "replicas"]);
        let told = Diagnostic::error(format!(
            "`spec.replicas` of `{}` is {}: it would have {} claims, and kchart makes {} of one set at most",
            set.id,
            pods::replicas(&set.body),
            pods::claim_count(&set.body),
            pods::MOST_CLAIMS
        ));
        if said.contains(&set.id) {
            let origin = field.map(|node| node.origin).unwrap_or_default();
            let told = told.at(origin.at).note_at("set here", origin.from);
            Refusal::input(told.hint("write fewer replicas"))
        } else {
            Refusal::failed(told.hint("the number is the live set's: scale it down first"))
        }
    };
    wanted.objects.iter().filter(is_too_large).map(refusal).collect()
}

/// The claims that a set would make: labels as its controller gives them (`getPersistentVolumeClaims` in
/// `stateful_set_utils.go`), the marks of a release from birth.
fn template_claims(set: &Object) -> Vec<Object> {
    let namespace = set.id.namespace.clone().unwrap_or_default();
    let mut claims = Vec::new();
    for (name, template) in pods::claim_templates(&set.body) {
        for ordinal in pods::listed(&set.body) {
            let id = ObjectId::claim(&namespace, &pods::claim_name(name, &set.id.name, ordinal));
            let mut labels: Map = entries(template, &["metadata", "labels"]).collect();
            labels.extend(entries(&set.body, &["spec", "selector", "matchLabels"]));
            for mark in [marks::MANAGED_BY, marks::INSTANCE] {
                if let Some(value) = set.body.at(&["metadata", "labels", mark]) {
                    labels.insert(mark.to_owned(), value.clone());
                }
            }
            let mut body = Node::map();
            body.set(&[], "apiVersion", "v1");
            body.set(&[], "kind", "PersistentVolumeClaim");
            body.set(&["metadata"], "name", id.name.as_str());
            body.set(&["metadata"], "namespace", namespace.as_str());
            body.set(&["metadata"], "labels", labels);
            let annotations: Map = entries(template, &["metadata", "annotations"]).collect();
            if !annotations.is_empty() {
                body.set(&["metadata"], "annotations", annotations);
            }
            if let Some(spec) = template.get("spec") {
                body.map_at_mut(&[]).insert("spec".into(), spec.clone());
            }
            claims.push(Object { id, version: "v1".into(), body, secret: BTreeSet::new() });
        }
    }
    claims
}

fn entries<'a>(node: &'a Node, path: &[&str]) -> impl Iterator<Item = (String, Node)> + 'a {
    let map = node.at(path).and_then(Node::as_map);
    map.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone()))
}
