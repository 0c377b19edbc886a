//! What a person can do where a field can't be changed and kchart replaces nothing.

use super::touches;
use crate::object::{Object, ObjectId};
use crate::plan::FieldDiff;

/// What to choose from.
pub(super) fn way_out(object: &Object, bound: &[&FieldDiff]) -> Vec<String> {
    let id = &object.id;
    let delete = delete(id);
    let again = "then run the same command again";
    match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "StatefulSet") => vec![
            "keep the old labels in the selector: it may be smaller than the Pods' labels, not other".to_owned(),
            "or give the set another name; its claims are named after it, and stay behind".to_owned(),
        ],
        ("apps", _) => vec![
            "give it another name: the new one is made first, then the old one goes".to_owned(),
            format!("or delete it, which stops its Pods: `{delete}`, {again}"),
        ],
        ("", "Service") if touches(bound, &["spec", "clusterIP"]) || touches(bound, &["spec", "clusterIPs"]) => vec![
            "leave the field out: the Service keeps its address".to_owned(),
            format!("or delete it, which gives the address up: `{delete}`, {again}"),
        ],
        ("", "PersistentVolume") => vec![
            "give the volume another name: its data stays where it is".to_owned(),
            "or leave the field as it is".to_owned(),
        ],
        ("storage.k8s.io", "StorageClass" | "VolumeAttributesClass") => vec![
            "give the class another name: claims keep the one that they were made with".to_owned(),
            format!("or delete it, which touches no claim: `{delete}`, {again}"),
        ],
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            vec!["define another kind: to delete this definition would delete all objects of its kind".to_owned()]
        }
        ("", "Pod") => {
            vec![format!("delete it, which stops it: `{delete}`, {again}"), "or let a Deployment run it".to_owned()]
        }
        _ => vec![
            "give it another name, or leave the field as it is".to_owned(),
            format!("or delete it: `{delete}`, {again}"),
        ],
    }
}

/// The command that deletes an object.
pub(in crate::plan) fn delete(id: &ObjectId) -> String {
    let group =
        if id.group.contains('.') && !id.group.ends_with(".k8s.io") { format!(".{}", id.group) } else { String::new() };
    let namespace = id.namespace.as_ref().map_or_else(String::new, |namespace| format!(" -n {namespace}"));
    format!("kubectl delete {}{group} {}{namespace}", id.kind.to_lowercase(), id.name)
}
