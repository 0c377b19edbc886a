//! Images that can't be had, in the words of container runtimes made readable.

use super::finding::{Finding, Reason, Weight};

/// What the runtime's words mean: words that all have to be there (in lower case), what is said, and what to do. The
/// first rule that fits counts: "not found" stands in many messages.
/// Sources: containerd `core/remotes/docker`, `pkg/kubelet/images/image_manager.go`, Docker's registry API errors.
const RULES: &[(&[&str], &str, &str)] = &[
    (&["no such host"], "the name of its registry is not known", "check the registry in the image's name"),
    (&["x509"], "the certificate of its registry is not trusted by the node", "give the nodes the registry's CA"),
    (
        &["http response to https"],
        "its registry speaks no TLS",
        "give the registry a certificate, or tell the nodes' runtime that it has none",
    ),
    (
        &["toomanyrequests"],
        "its registry gives no more images for now",
        "log in to the registry (`imagePullSecrets`), or mirror the image",
    ),
    (
        &["too many requests"],
        "its registry gives no more images for now",
        "log in to the registry (`imagePullSecrets`), or mirror the image",
    ),
    (
        &["connection refused"],
        "its registry can't be reached from the node",
        "check the registry, and the node's way to it",
    ),
    (&["i/o timeout"], "its registry can't be reached from the node", "check the registry, and the node's way to it"),
    (&["no match for platform"], "it does not exist for the platform of the node", "build it for that platform too"),
    (&["no matching manifest"], "it does not exist for the platform of the node", "build it for that platform too"),
    (&["no space left"], "the disk of the node is full", "free space on the node"),
    (
        &["does not exist or may require"],
        "it does not exist, or its registry wants a login",
        "check its name; if it is private, name a Secret with the login in `imagePullSecrets`",
    ),
    (
        &["insufficient_scope"],
        "it does not exist, or its registry wants a login",
        "check its name; if it is private, name a Secret with the login in `imagePullSecrets`",
    ),
    (&["unauthorized"], "its registry refuses the login", "name a Secret with a valid login in `imagePullSecrets`"),
    (
        &["authentication required"],
        "its registry refuses the login",
        "name a Secret with a valid login in `imagePullSecrets`",
    ),
    (&["no basic auth"], "its registry refuses the login", "name a Secret with a valid login in `imagePullSecrets`"),
    (&["403 forbidden"], "its registry refuses the login", "name a Secret with a valid login in `imagePullSecrets`"),
    (&["denied"], "its registry refuses the login", "name a Secret with a valid login in `imagePullSecrets`"),
    (&["not found"], "there is no such image or tag", "check its name and tag, or push it"),
    (&["manifest unknown"], "there is no such image or tag", "check its name and tag, or push it"),
    (&["name unknown"], "there is no such image or tag", "check its name and tag, or push it"),
    (
        &["not present with pull policy"],
        "it is not on the node, and its pull policy is `Never`",
        "load it onto the node, or let it be pulled",
    ),
];

/// An image that a container waits for. `reason` and `message` are those of the waiting state; `event` is what the
/// last event says of the pull, where the state has no details (before Kubernetes 1.31).
pub(super) fn pull(image: &str, container: &str, reason: &str, message: &str, event: Option<&str>) -> Option<Finding> {
    let finding = |weight, sentence: String| Finding::new(weight, Reason::Image, sentence);
    match reason {
        "InvalidImageName" => {
            let sentence = format!("image `{image}` of container `{container}` has no valid name");
            return Some(finding(Weight::Final, sentence).next("write it as `registry/name:tag`, in lower case"));
        }
        "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "RegistryUnavailable" | "ImageInspectError" => {}
        _ => return None,
    }
    let details = [Some(message), event].into_iter().flatten().find_map(details).unwrap_or_default();
    let lower = details.to_lowercase();
    let what = format!("image `{image}` of container `{container}` can't be pulled");
    let rule = RULES.iter().find(|(words, ..)| words.iter().all(|word| lower.contains(word)));
    Some(match rule {
        Some((_, why, next)) => finding(Weight::Blocked, format!("{what}: {why}")).next(*next),
        None if details.is_empty() => finding(Weight::Blocked, what),
        None => finding(Weight::Blocked, format!("{what}: {details}")),
    })
}

/// What went wrong, without the frame of the kubelet's sentences; none if they say nothing of it.
fn details(message: &str) -> Option<&str> {
    // `Back-off pulling image "x": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image …`
    let inner = message.split_once("ErrImagePull: ").map_or(message, |(_, inner)| inner);
    let inner = match inner.strip_prefix("Failed to pull image ") {
        Some(inner) => inner.split_once(": ").map_or("", |(_, why)| why),
        None if inner.starts_with("Back-off") => "",
        None => inner,
    };
    let inner = inner.rsplit_once("desc = ").map_or(inner, |(_, inner)| inner).trim();
    (!inner.is_empty()).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_understood() {
        for (message, expected) in [
            (
                "Back-off pulling image \"web:9\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/web:9\": failed to resolve reference \"docker.io/library/web:9\": docker.io/library/web:9: not found",
                "there is no such image or tag",
            ),
            (
                "rpc error: code = Unknown desc = failed to resolve reference \"r.invalid/web:9\": failed to do request: Head \"https://r.invalid/v2/web/manifests/9\": dial tcp: lookup r.invalid: no such host",
                "the name of its registry is not known",
            ),
            (
                "pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
                "it does not exist, or its registry wants a login",
            ),
            ("failed to authorize: 401 Unauthorized", "its registry refuses the login"),
            (
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                "the certificate of its registry is not trusted by the node",
            ),
            ("429 Too Many Requests - toomanyrequests: limit", "its registry gives no more images for now"),
            ("the disk sings", "the disk sings"),
        ] {
            let found = pull("web:9", "app", "ImagePullBackOff", message, None).unwrap();
            assert_eq!(found.sentence, format!("image `web:9` of container `app` can't be pulled: {expected}"));
        }
        let told = |message, event| pull("web:9", "app", "ImagePullBackOff", message, event).unwrap().sentence;
        let before = "Back-off pulling image \"web:9\"";
        let event = "Failed to pull image \"web:9\": rpc error: code = NotFound desc = web:9: not found";
        assert_eq!(
            told(before, Some(event)),
            "image `web:9` of container `app` can't be pulled: there is no such image or tag"
        );
        assert_eq!(told(before, None), "image `web:9` of container `app` can't be pulled");
        assert_eq!(pull("web:9", "app", "ContainerCreating", "", None), None);
    }
}
