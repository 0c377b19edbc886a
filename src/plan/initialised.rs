//! What a volume was initialised with, beside its credentials: names of users and databases, and passwords that stand in a
//! workload as they are. Its image reads them once; another value makes nothing new in a volume that is in use.
//!
//! A hazard, not a refusal: no data and no credential is lost, the old value works again, and the new user or database
//! may well have been made by hand. What stands in a Secret before and after is judged in `claims`.

use std::collections::BTreeSet;

use super::claims::Judgement;
use super::same::bytes;
use super::scene::{Scene, list};
use super::{Hazard, pods, sticky};
use crate::object::{MASKED, Object, ObjectId};
use crate::yaml::Node;

/// The value of a variable.
#[derive(PartialEq, Eq)]
enum Value {
    /// Not set, or empty.
    Unset,
    Is(String),
    /// It is in a Secret.
    Secret(Vec<u8>),
    /// Nobody has read it.
    Unknown,
}

/// When a value is looked up.
#[derive(Clone, Copy)]
enum When {
    Before,
    After,
}

/// Looks at all workloads that go on with claims that are there.
pub(super) fn judge(scene: &Scene<'_>, out: &mut Judgement) {
    for workload in &scene.wanted.objects {
        let id = &workload.id;
        let deployed = || scene.deployed(id).map(|object| &object.body);
        let Some(before) = scene.facts.live.get(id).map(|live| &live.body).or_else(deployed) else { continue };
        let Some((old, new)) = pods::spec(id, before).zip(pods::spec(id, &workload.body)) else { continue };
        for container in pods::containers(new) {
            let name = container.str_at(&["name"]);
            let Some(old) = pods::containers(old).find(|old| old.str_at(&["name"]) == name) else { continue };
            let claims = claims(scene, workload, container);
            if !claims.is_empty() {
                out.hazards.extend(of_container(scene, id, (old, container), &claims));
            }
        }
    }
}

/// The claims that a container mounts, as far as they are there.
fn claims(scene: &Scene<'_>, workload: &Object, container: &Node) -> Vec<String> {
    let namespace = workload.id.namespace.as_deref().unwrap_or_default();
    let by_volume = pods::claims_by_volume(&workload.id, &workload.body);
    let mounts = container.list_at(&["volumeMounts"]).iter();
    let mounted = mounts.filter_map(|mount| by_volume.get(mount.str_at(&["name"])?)).flatten();
    mounted.filter(|claim| scene.claim(namespace, claim).is_some()).cloned().collect()
}

fn of_container(scene: &Scene<'_>, id: &ObjectId, (old, new): (&Node, &Node), claims: &[String]) -> Vec<Hazard> {
    let Some(image) = new.str_at(&["image"]) else { return Vec::new() };
    let namespace = id.namespace.as_deref().unwrap_or_default();
    let variables: BTreeSet<String> = [(old, When::Before), (new, When::After)]
        .into_iter()
        .flat_map(|(container, when)| names(scene, namespace, container, when))
        .collect();
    let claims = list(claims.iter().map(String::as_str));
    let mut hazards = Vec::new();
    for variable in &variables {
        let is_shown = sticky::name_source(image, variable);
        let Some(source) = is_shown.or_else(|| sticky::source(image, variable)) else { continue };
        let was = value(scene, namespace, (old, When::Before), variable);
        let becomes = value(scene, namespace, (new, When::After), variable);
        let shown = |text: &str| shown(scene, text);
        let Some(change) = change((&was, &becomes), is_shown.is_some(), shown) else { continue };
        hazards.push(Hazard {
            id: Some(id.clone()),
            message: format!(
                "`{variable}` of `{id}` {change}, but `{image}` reads it only when its volume is empty ({source}): {claims} \
                 stays as it was initialised; change it inside the service too, or set the old value again"
            ),
        });
    }
    hazards
}

/// What happens to a value, as it stands after the variable; nothing where it stays or nobody can tell.
fn change((was, becomes): (&Value, &Value), is_shown: bool, shown: impl Fn(&str) -> String) -> Option<String> {
    let (Some(before), Some(after)) = (was.bytes(), becomes.bytes()) else { return None };
    let both_secret = matches!((was, becomes), (Value::Secret(_), Value::Secret(_)));
    if before == after || both_secret {
        return None;
    }
    Some(match (was, becomes) {
        (Value::Is(was), Value::Is(becomes)) if is_shown => {
            format!("becomes `{}` instead of `{}`", shown(becomes), shown(was))
        }
        (Value::Unset, Value::Is(becomes)) if is_shown => {
            format!("becomes `{}`, and was not set before", shown(becomes))
        }
        (Value::Is(was), Value::Unset) if is_shown => format!("is no longer set, and was `{}`", shown(was)),
        (Value::Unset, _) => "is set, and was not before".to_owned(),
        // Nobody asks for it any more.
        (_, Value::Unset) => return None,
        _ => "gets another value".to_owned(),
    })
}

/// A name as it is shown: one that stands in a Secret too is not (law 6).
fn shown(scene: &Scene<'_>, text: &str) -> String {
    let live = scene.facts.live.iter().filter(|(id, _)| id.is_secret()).map(|(_, live)| &live.body);
    let wanted = scene.wanted.objects.iter().filter(|object| object.id.is_secret()).map(|object| &object.body);
    let has_it = |secret: &Node| {
        let data = secret.at(&["data"]).and_then(Node::as_map);
        data.is_some_and(|data| data.values().any(|value| bytes(value).is_some_and(|value| value == text.as_bytes())))
    };
    if live.chain(wanted).any(has_it) { MASKED.to_owned() } else { text.to_owned() }
}

impl Value {
    fn of(text: &str) -> Self {
        match text {
            "" => Self::Unset,
            _ if text.contains("$(") => Self::Unknown,
            _ => Self::Is(text.to_owned()),
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Unset => Some(&[]),
            Self::Is(text) => Some(text.as_bytes()),
            Self::Secret(bytes) => Some(bytes),
            Self::Unknown => None,
        }
    }
}

/// The variables that a container has by their names, or by ConfigMaps that it takes as a whole.
fn names(scene: &Scene<'_>, namespace: &str, container: &Node, when: When) -> Vec<String> {
    let own = container.list_at(&["env"]).iter().filter_map(|variable| variable.str_at(&["name"]).map(str::to_owned));
    let whole = container.list_at(&["envFrom"]).iter().filter_map(|source| {
        let map = config_map(scene, namespace, source.str_at(&["configMapRef", "name"])?, when)?;
        let prefix = source.str_at(&["prefix"]).unwrap_or_default();
        let keys = map.at(&["data"]).and_then(Node::as_map)?.keys();
        Some(keys.map(|key| format!("{prefix}{key}")).collect::<Vec<_>>())
    });
    own.chain(whole.flatten()).collect()
}

/// The value that a container sees.
fn value(scene: &Scene<'_>, namespace: &str, (container, when): (&Node, When), name: &str) -> Value {
    let variables = container.list_at(&["env"]).iter().rev();
    if let Some(variable) = variables.into_iter().find(|variable| variable.str_at(&["name"]) == Some(name)) {
        let Some(from) = variable.get("valueFrom") else {
            return Value::of(variable.str_at(&["value"]).unwrap_or_default());
        };
        let reference = |kind: &str| from.str_at(&[kind, "name"]).zip(from.str_at(&[kind, "key"]));
        if let Some((secret, key)) = reference("secretKeyRef") {
            return secret_value(scene, namespace, (secret, key), when);
        }
        let map = reference("configMapKeyRef").map(|(map, key)| (config_map(scene, namespace, map, when), key));
        let text = map.and_then(|(map, key)| map?.str_at(&["data", key]));
        return text.map_or(Value::Unknown, Value::of);
    }
    // Of several sources the last one that has it counts.
    for source in container.list_at(&["envFrom"]).iter().rev() {
        let Some(key) = name.strip_prefix(source.str_at(&["prefix"]).unwrap_or_default()) else { continue };
        if let Some(secret) = source.str_at(&["secretRef", "name"]) {
            match secret_value(scene, namespace, (secret, key), when) {
                Value::Unknown => continue,
                found => return found,
            }
        }
        let map = source.str_at(&["configMapRef", "name"]);
        let Some(map) = map.and_then(|map| config_map(scene, namespace, map, when)) else { return Value::Unknown };
        if let Some(text) = map.str_at(&["data", key]) {
            return Value::of(text);
        }
    }
    Value::Unset
}

fn secret_value(scene: &Scene<'_>, namespace: &str, (secret, key): (&str, &str), when: When) -> Value {
    let value = match when {
        When::Before => scene.live_value(namespace, secret, key),
        When::After => scene.value_after(namespace, secret, key),
    };
    value.map_or(Value::Unknown, Value::Secret)
}

fn config_map<'a>(scene: &Scene<'a>, namespace: &str, name: &str, when: When) -> Option<&'a Node> {
    let id = ObjectId::namespaced("", "ConfigMap", namespace, name);
    let live = || scene.facts.live.get(&id).map(|live| &live.body);
    let wanted = || scene.wanted.get(&id).map(|object| &object.body);
    match when {
        When::Before => live(),
        When::After => wanted().or_else(live),
    }
}
