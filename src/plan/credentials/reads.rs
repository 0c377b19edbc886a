//! What a container reads from Secrets: single variables, Secrets as a whole, and files that `*_FILE` variables name.

use std::collections::BTreeSet;

use crate::object::Object;
use crate::plan::pods;
use crate::yaml::Node;

/// A key of a Secret that a container reads.
pub(super) struct Read {
    /// The variable, as it is written: `POSTGRES_PASSWORD`, `POSTGRES_PASSWORD_FILE`.
    pub(super) variable: String,
    pub(super) secret: String,
    pub(super) key: String,
}

/// All that a container of a Pod reads; `keys_of` gives the keys of a Secret.
pub(super) fn of(spec: &Node, container: &Node, keys_of: &dyn Fn(&str) -> BTreeSet<String>) -> Vec<Read> {
    let mut reads = Vec::new();
    let mut add = |variable: &str, secret: &str, key: &str| {
        reads.push(Read { variable: variable.to_owned(), secret: secret.to_owned(), key: key.to_owned() });
    };
    for variable in container.list_at(&["env"]) {
        let reference = |field: &str| variable.str_at(&["valueFrom", "secretKeyRef", field]);
        let Some(name) = variable.str_at(&["name"]) else { continue };
        if let (Some(secret), Some(key)) = (reference("name"), reference("key")) {
            add(name, secret, key);
        } else if name.ends_with("_FILE")
            && let Some(path) = variable.str_at(&["value"])
            && let Some((secret, key)) = file(spec, container, path, keys_of)
        {
            add(name, &secret, &key);
        }
    }
    for source in container.list_at(&["envFrom"]) {
        let Some(secret) = source.str_at(&["secretRef", "name"]) else { continue };
        let prefix = source.str_at(&["prefix"]).unwrap_or_default();
        for key in keys_of(secret) {
            add(&format!("{prefix}{key}"), secret, &key);
        }
    }
    reads
}

/// The variables by which a workload reads a key of a Secret; `…_FILE` counts as the variable without it.
pub(in crate::plan) fn variables(workload: &Object, secret: &str, key: &str) -> BTreeSet<String> {
    let Some(spec) = pods::spec(&workload.id, &workload.body) else { return BTreeSet::new() };
    let keys_of = |other: &str| (other == secret).then(|| key.to_owned()).into_iter().collect();
    let reads = pods::containers(spec).flat_map(|container| of(spec, container, &keys_of));
    let it = reads.filter(|read| read.secret == secret && read.key == key);
    it.map(|read| read.variable.strip_suffix("_FILE").unwrap_or(&read.variable).to_owned()).collect()
}

/// Secret and key behind a file of a container.
fn file(
    spec: &Node,
    container: &Node,
    path: &str,
    keys_of: &dyn Fn(&str) -> BTreeSet<String>,
) -> Option<(String, String)> {
    // Of mounts inside each other the inner one shows its files.
    let mounts = container.list_at(&["volumeMounts"]).iter();
    let (_, volume, inside) = mounts
        .filter_map(|mount| {
            let at = mount.str_at(&["mountPath"])?.trim_end_matches('/');
            let rest = path.strip_prefix(at)?;
            let below = rest.strip_prefix('/');
            let inside = match (mount.str_at(&["subPath"]), below) {
                (Some(sub), None) if rest.is_empty() => sub.to_owned(),
                (Some(sub), Some(below)) => format!("{}/{below}", sub.trim_end_matches('/')),
                (None, Some(below)) => below.to_owned(),
                _ => return None,
            };
            Some((at.len(), mount.str_at(&["name"])?, inside))
        })
        .max_by_key(|(length, _, _)| *length)?;
    let volume = spec.list_at(&["volumes"]).iter().find(|it| it.str_at(&["name"]) == Some(volume))?;
    let plain = volume.get("secret").and_then(|secret| Some((secret.str_at(&["secretName"])?, secret)));
    // In a projected volume a Secret's field is `name`; of two that give the same file the later one wins.
    let projected = volume.list_at(&["projected", "sources"]).iter().rev().filter_map(|source| source.get("secret"));
    let projected = projected.filter_map(|secret| Some((secret.str_at(&["name"])?, secret)));
    let sources: Vec<(&str, &Node)> = plain.into_iter().chain(projected).collect();
    let only = sources.len() == 1;
    sources.into_iter().find_map(|(name, source)| {
        let items = source.list_at(&["items"]);
        if items.is_empty() {
            let has = only || keys_of(name).contains(&inside);
            return has.then(|| (name.to_owned(), inside.clone()));
        }
        let item = items.iter().find(|item| item.str_at(&["path"]) == Some(&inside))?;
        Some((name.to_owned(), item.str_at(&["key"])?.to_owned()))
    })
}
