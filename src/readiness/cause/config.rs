//! What a container is to be given and what is not there: Secrets, ConfigMaps, their keys; and users that it may not be.

use super::finding::{Finding, Reason, Weight, container_path, named};
use crate::object::FieldPath;
use crate::yaml::Node;

/// A container that can't be made (`CreateContainerConfigError`, `pkg/kubelet/kubelet_pods.go`). `list` is where it
/// stands in the Pod's spec.
pub(super) fn container(pod: &Node, list: &str, container: &str, message: &str) -> Finding {
    let blocked = |reason, sentence: String| Finding::new(Weight::Blocked, reason, sentence);
    if let Some(missing) = Missing::parse(message) {
        let path = missing.used_by(pod, list, container);
        let sentence = format!("{}, which container `{container}` reads", missing.told());
        return blocked(Reason::MissingReference, sentence).next(missing.next()).in_pod(path);
    }
    let at = container_path(list, container);
    if message.contains("image will run as root") {
        let sentence = format!("container `{container}` must not run as root (`runAsNonRoot`), but its image does");
        let next = "give it a user: `securityContext.runAsUser`, or use an image that has one";
        return blocked(Reason::Start, sentence).next(next).in_pod(Some(at.key("securityContext")));
    }
    if message.contains("image has non-numeric user") {
        let sentence = format!(
            "container `{container}` must not run as root (`runAsNonRoot`), and its image names its user by a name, which can't be checked"
        );
        return blocked(Reason::Start, sentence)
            .next("give it the number of that user: `securityContext.runAsUser`")
            .in_pod(Some(at.key("securityContext")));
    }
    blocked(Reason::Start, format!("container `{container}` can't be made: {message}")).in_pod(Some(at))
}

/// A Secret or ConfigMap that is missing, or a key of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// `Secret` or `ConfigMap`.
    kind: &'static str,
    /// None where the message does not say it.
    name: Option<String>,
    key: Option<String>,
}

impl Missing {
    /// Reads `couldn't find key password in Secret shop/db`, `secret "db" not found`, `references non-existent secret
    /// key: password`.
    pub(super) fn parse(message: &str) -> Option<Self> {
        for (kind, word) in [("Secret", "secret"), ("ConfigMap", "configmap")] {
            if let Some((_, rest)) = message.split_once("couldn't find key ")
                && let Some((key, place)) = rest.split_once(&format!(" in {kind} "))
            {
                let name = place.split_whitespace().next()?.rsplit('/').next()?.to_owned();
                return Some(Self { kind, name: Some(name), key: Some(key.to_owned()) });
            }
            if let Some((_, rest)) = message.split_once(&format!("{word} \""))
                && let Some((name, after)) = rest.split_once('"')
                && after.trim_start().starts_with("not found")
            {
                return Some(Self { kind, name: Some(name.to_owned()), key: None });
            }
        }
        // Mounts name no object: `pkg/volume/secret/secret.go`, `pkg/volume/configmap/configmap.go`.
        for (kind, words) in [
            ("Secret", &["references non-existent secret key: "][..]),
            ("ConfigMap", &["references non-existent config key: ", "references non-existent configmap key: "]),
        ] {
            if let Some(key) = words.iter().find_map(|words| Some(message.split_once(words)?.1)) {
                return Some(Self { kind, name: None, key: Some(key.trim().to_owned()) });
            }
        }
        None
    }

    /// The same with a name, where the message has none.
    #[must_use]
    pub(super) fn of(self, name: Option<&str>) -> Self {
        Self { name: self.name.or_else(|| name.map(str::to_owned)), ..self }
    }

    /// Whether it is a Secret.
    pub(super) fn is_secret(&self) -> bool {
        self.kind == "Secret"
    }

    /// "Secret `db` has no key `password`".
    pub(super) fn told(&self) -> String {
        let Self { kind, name, key } = self;
        match (name, key) {
            (Some(name), Some(key)) => format!("{kind} `{name}` has no key `{key}`"),
            (Some(name), None) => format!("there is no {kind} `{name}`"),
            (None, Some(key)) => format!("the {kind} has no key `{key}`"),
            (None, None) => format!("a {kind} is missing"),
        }
    }

    pub(super) fn next(&self) -> String {
        let kind = self.kind;
        match &self.key {
            Some(key) => format!(
                "add `{key}` to the {kind}, or correct the key that is read; it is looked for again without a new deployment"
            ),
            None => format!("make the {kind}, or correct its name; it is looked for again without a new deployment"),
        }
    }

    /// Where a container reads it: the variable, or its `envFrom`.
    fn used_by(&self, pod: &Node, list: &str, container: &str) -> Option<FieldPath> {
        let (reference, whole) =
            if self.is_secret() { ("secretKeyRef", "secretRef") } else { ("configMapKeyRef", "configMapRef") };
        let node = pod.list_at(&["spec", list]).iter().find(|node| node.str_at(&["name"]) == Some(container))?;
        let at = container_path(list, container);
        let name = self.name.as_deref();
        for variable in node.list_at(&["env"]) {
            let read = variable.at(&["valueFrom", reference]);
            let fits = read.is_some_and(|read| {
                read.str_at(&["name"]) == name && (self.key.is_none() || read.str_at(&["key"]) == self.key.as_deref())
            });
            if fits {
                let field = if self.key.is_some() { "key" } else { "name" };
                let variable = variable.str_at(&["name"])?;
                return Some(at.key("env").child(named(variable)).key("valueFrom").key(reference).key(field));
            }
        }
        let sources = node.list_at(&["envFrom"]);
        let index = sources.iter().position(|source| source.str_at(&[whole, "name"]) == name)?;
        Some(at.key("envFrom").index(index).key(whole).key("name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_is_named_with_the_field_that_reads_it() {
        let pod = Node::from(
            &json!({"spec": {"containers": [{"name": "app", "envFrom": [{"configMapRef": {"name": "settings"}}],
            "env": [{"name": "A", "value": "x"}, {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}]}}),
        );
        for (message, sentence, path) in [
            (
                "couldn't find key password in Secret shop/db",
                "Secret `db` has no key `password`, which container `app` reads",
                "spec.template.spec.containers[name=\"app\"].env[name=\"PASSWORD\"].valueFrom.secretKeyRef.key",
            ),
            (
                "secret \"db\" not found",
                "there is no Secret `db`, which container `app` reads",
                "spec.template.spec.containers[name=\"app\"].env[name=\"PASSWORD\"].valueFrom.secretKeyRef.name",
            ),
            (
                "configmap \"settings\" not found",
                "there is no ConfigMap `settings`, which container `app` reads",
                "spec.template.spec.containers[name=\"app\"].envFrom[0].configMapRef.name",
            ),
            (
                "container has runAsNonRoot and image will run as root (pod: \"x\", container: app)",
                "container `app` must not run as root (`runAsNonRoot`), but its image does",
                "spec.template.spec.containers[name=\"app\"].securityContext",
            ),
            ("it rains", "container `app` can't be made: it rains", "spec.template.spec.containers[name=\"app\"]"),
        ] {
            let found = container(&pod, "containers", "app", message);
            assert_eq!(found.sentence, sentence);
            let id = crate::object::ObjectId::namespaced("apps", "Deployment", "shop", "web");
            assert_eq!(found.path_in(&id).map(|path| path.to_string()).as_deref(), Some(path), "{message}");
        }
    }
}
