//! Quotas: what a namespace uses, and what it may not use any more (`k8s.io/apiserver/pkg/quota/v1`, admission
//! plugin `ResourceQuota`). Scopes are not modelled.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json;
use super::served::{self, Served};
use super::state::{Kind, State, kinds};
use super::write::{Amount, amount};

/// Amounts by their names: `pods`, `requests.cpu`, `count/secrets`.
type Amounts = BTreeMap<String, Amount>;

/// Kinds that are counted under a bare name too.
const COUNTED: &[&str] = &[
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
];

/// Whether the namespace may use what a new object needs, or an old one needs more of (`before`); the error says why
/// not.
pub(super) fn admit(state: &State, served: &Served, object: &Value, before: Option<&Value>) -> Result<(), String> {
    let namespace = json::text(object, &["metadata", "namespace"]).unwrap_or_default();
    for quota in state.within(&kinds::QUOTA, namespace) {
        let name = json::text(quota, &["metadata", "name"]).unwrap_or_default();
        let hard = hard(quota);
        let missing = unsaid(served, object, &hard);
        if !missing.is_empty() {
            return Err(format!("failed quota: {name}: must specify {}", missing.join("; ")));
        }
        let old = before.map(|before| usage(served, before)).unwrap_or_default();
        let mut requested: Amounts = usage(served, object);
        requested.retain(|resource, amount| {
            let old = old.get(resource).copied().unwrap_or_default();
            let more = amount.nano > old.nano;
            amount.nano -= old.nano;
            more && hard.contains_key(resource)
        });
        if requested.is_empty() {
            continue;
        }
        let used = used(state, namespace, &hard);
        let of = |amounts: &Amounts, resource: &str| amounts.get(resource).copied().unwrap_or_default();
        requested
            .retain(|resource, amount| of(&used, resource).nano.saturating_add(amount.nano) > of(&hard, resource).nano);
        if !requested.is_empty() {
            let list = |amounts: &Amounts| {
                let named = requested.keys().map(|resource| format!("{resource}={}", of(amounts, resource).spell()));
                named.collect::<Vec<_>>().join(",")
            };
            let (requested, used, limited) = (list(&requested), list(&used), list(&hard));
            return Err(format!("exceeded quota: {name}, requested: {requested}, used: {used}, limited: {limited}"));
        }
    }
    Ok(())
}

/// The limits of a quota.
pub(super) fn hard(quota: &Value) -> Amounts {
    json::texts(quota, &["spec", "hard"])
        .filter_map(|(resource, text)| Some((resource.to_owned(), amount(text)?)))
        .collect()
}

/// What a namespace uses of the limited resources.
pub(super) fn used(state: &State, namespace: &str, hard: &Amounts) -> Amounts {
    let mut used: Amounts = hard.keys().map(|resource| (resource.clone(), Amount::default())).collect();
    for kind in limited_kinds(state, hard) {
        let Some(served) = served::by_kind(state, &kind) else { continue };
        for object in state.within(&kind, namespace) {
            for (resource, amount) in usage(&served, object) {
                if let Some(sum) = used.get_mut(&resource) {
                    *sum = sum.plus(amount);
                }
            }
        }
    }
    used
}

/// The kinds that a quota is about.
fn limited_kinds(state: &State, hard: &Amounts) -> Vec<Kind> {
    let mut found: Vec<Kind> = vec![kinds::POD, kinds::CLAIM, kinds::SERVICE];
    for resource in hard.keys() {
        let counted = resource.strip_prefix("count/").unwrap_or(resource);
        let (plural, group) = counted.split_once('.').unwrap_or((counted, ""));
        let kind = served::all(state).into_iter().find(|served| served.plural == plural && served.kind.group == group);
        if let Some(served) = kind.filter(|served| !found.contains(&served.kind)) {
            found.push(served.kind);
        }
    }
    found
}

/// What one object uses.
fn usage(served: &Served, object: &Value) -> Amounts {
    let one = Amount::count(1);
    let mut used = Amounts::new();
    if matches!(json::text(object, &["status", "phase"]), Some("Succeeded" | "Failed")) && served.kind == kinds::POD {
        return used;
    }
    used.insert(format!("count/{}", served.qualified()), one);
    if served.kind.group.is_empty() && COUNTED.contains(&served.plural.as_ref()) {
        used.insert(served.plural.to_string(), one);
    }
    if served.kind == kinds::POD {
        for list in ["requests", "limits"] {
            for (resource, amount) in pod_total(object, list) {
                if list == "requests" && matches!(resource.as_str(), "cpu" | "memory" | "ephemeral-storage") {
                    used.insert(resource.clone(), amount);
                }
                used.insert(format!("{list}.{resource}"), amount);
            }
        }
    } else if served.kind == kinds::CLAIM {
        let size = json::text(object, &["spec", "resources", "requests", "storage"]).and_then(amount);
        let size = size.unwrap_or_default();
        used.insert("requests.storage".to_owned(), size);
        if let Some(class) = json::text(object, &["spec", "storageClassName"]) {
            let class = format!("{class}.storageclass.storage.k8s.io");
            used.insert(format!("{class}/requests.storage"), size);
            used.insert(format!("{class}/persistentvolumeclaims"), one);
        }
    } else if served.kind == kinds::SERVICE {
        let ports = json::list(object, &["spec", "ports"]).len();
        match json::text(object, &["spec", "type"]) {
            Some("NodePort") => drop(used.insert("services.nodeports".to_owned(), Amount::count(ports as i128))),
            Some("LoadBalancer") => {
                used.insert("services.loadbalancers".to_owned(), one);
                used.insert("services.nodeports".to_owned(), Amount::count(ports as i128));
            }
            _ => {}
        }
    }
    used
}

/// What a Pod asks for: the sum of its containers, or its greediest init container.
fn pod_total(pod: &Value, list: &str) -> Amounts {
    let amounts = |container: &Value| -> Vec<(String, Amount)> {
        json::texts(container, &["resources", list])
            .filter_map(|(resource, text)| Some((resource.to_owned(), amount(text)?)))
            .collect()
    };
    let mut total = Amounts::new();
    for (resource, amount) in json::list(pod, &["spec", "containers"]).iter().flat_map(amounts) {
        let sum = total.entry(resource).or_default();
        *sum = sum.plus(amount);
    }
    for (resource, amount) in json::list(pod, &["spec", "initContainers"]).iter().flat_map(amounts) {
        let most = total.entry(resource).or_default();
        if amount.nano > most.nano {
            *most = amount;
        }
    }
    total
}

/// Where a quota limits what containers ask for, each must say what it asks for: `requests.cpu for: app`.
fn unsaid(served: &Served, pod: &Value, hard: &Amounts) -> Vec<String> {
    if served.kind != kinds::POD {
        return Vec::new();
    }
    let mut words = Vec::new();
    for resource in hard.keys() {
        let (list, name) = match resource.as_str() {
            "cpu" | "memory" => ("requests", resource.as_str()),
            "requests.cpu" | "requests.memory" | "limits.cpu" | "limits.memory" => {
                resource.split_once('.').unwrap_or_default()
            }
            _ => continue,
        };
        let silent: Vec<_> = ["containers", "initContainers"]
            .into_iter()
            .flat_map(|containers| json::list(pod, &["spec", containers]))
            .filter(|container| json::get(container, &["resources", list, name]).is_none())
            .filter_map(|container| json::text(container, &["name"]))
            .collect();
        if !silent.is_empty() {
            words.push(format!("{resource} for: {}", silent.join(",")));
        }
    }
    words
}
