//! Files that a container reads from mounted Secrets and ConfigMaps.

use serde_json::Value;

use super::environment::decoded;
use crate::sandbox::json;
use crate::sandbox::state::{Key, Kind, State, kinds};

/// A file that volumes put into a container: the Secret or ConfigMap behind it, and the key there.
pub(super) struct File<'a> {
    kind: Kind,
    /// Name of the object.
    pub(super) object: &'a str,
    key: String,
}

impl<'a> File<'a> {
    /// What is behind a path; none if no such volume is mounted there. Of mounts inside each other the inner one counts.
    pub(super) fn at(state: &State, pod: &'a Value, container: &'a Value, path: &str) -> Option<Self> {
        let mounts = json::list(container, &["volumeMounts"]).iter();
        let (_, name, inside) = mounts
            .filter_map(|mount| {
                let at = json::text(mount, &["mountPath"])?.trim_end_matches('/');
                let below = path.strip_prefix(at)?;
                let sub = json::text(mount, &["subPath"]).unwrap_or_default();
                let inside = match below.strip_prefix('/') {
                    Some(below) => format!("{sub}/{below}"),
                    None if below.is_empty() => sub.to_owned(),
                    None => return None,
                };
                Some((at.len(), json::text(mount, &["name"])?, inside.trim_matches('/').to_owned()))
            })
            .max_by_key(|(length, ..)| *length)?;
        let volume = json::list(pod, &["spec", "volumes"]).iter().find(|it| json::text(it, &["name"]) == Some(name))?;
        let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
        // Of two sources that give the same file the later one wins.
        let sources = json::list(volume, &["projected", "sources"]).iter().rev();
        std::iter::once(volume).chain(sources).find_map(|source| Self::in_source(state, namespace, source, &inside))
    }

    fn in_source(state: &State, namespace: &str, source: &'a Value, inside: &str) -> Option<Self> {
        let mut parts = [("secret", kinds::SECRET), ("configMap", kinds::CONFIG_MAP)].into_iter();
        let (part, kind) = parts.find_map(|(field, kind)| Some((source.get(field)?, kind)))?;
        // In a projected volume a Secret's field is `name`.
        let object = json::text(part, &["secretName"]).or_else(|| json::text(part, &["name"]))?;
        let items = json::list(part, &["items"]);
        let key = if items.is_empty() {
            inside
        } else {
            json::text(items.iter().find(|item| json::text(item, &["path"]) == Some(inside))?, &["key"])?
        };
        let found = state.get(&Key::new(&kind, namespace, object))?;
        json::get(found, &["data", key]).is_some().then(|| Self { kind, object, key: key.to_owned() })
    }

    /// What is in it, as a shell's `$(< FILE)` reads it: without line breaks at its end.
    pub(super) fn read(&self, state: &State, pod: &Value) -> Option<String> {
        let namespace = json::text(pod, &["metadata", "namespace"]).unwrap_or_default();
        let object = state.get(&Key::new(&self.kind, namespace, self.object))?;
        Some(decoded(object, &self.kind, &self.key)?.trim_end_matches('\n').to_owned())
    }
}
