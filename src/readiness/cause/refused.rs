//! Objects that the API server refuses to make: quotas, webhooks, policies, missing service accounts.
//!
//! The same words come in events (`FailedCreate`), in the condition `ReplicaFailure` and in the answer to an apply.

use super::finding::{Finding, Reason, Weight};

/// A refusal in readable words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of trouble it is.
    pub reason: Reason,
    /// What refuses and why.
    pub sentence: String,
    /// What to do next; empty where nothing general can be said.
    pub next: &'static str,
}

/// A workload whose Pods (or claims) are refused.
pub(super) fn finding(message: &str) -> Finding {
    let what = if message.contains("persistentvolumeclaims \"") || message.contains("create Claim ") {
        "its claim"
    } else {
        "the Pod"
    };
    let refused = |reason, sentence| Finding::new(Weight::Refused, reason, sentence);
    match refusal(message, what) {
        Some(Refusal { reason, sentence, next: "" }) => refused(reason, sentence),
        Some(Refusal { reason, sentence, next }) => refused(reason, sentence).next(next),
        None => refused(Reason::Other, format!("the API server refuses {what}: {}", without_frame(message))),
    }
}

/// Reads why the API server refuses `what` ("the Pod", "it"); none if the words are not known.
pub fn refusal(message: &str, what: &str) -> Option<Refusal> {
    [quota, webhook, policy, account].iter().find_map(|read| read(message, what))
}

/// `exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2`, and `failed quota: small: must specify
/// limits.cpu for: app` (`apiserver/pkg/admission/plugin/resourcequota/controller.go`).
fn quota(message: &str, what: &str) -> Option<Refusal> {
    let reason = Reason::Quota;
    if let Some((_, rest)) = message.split_once("exceeded quota: ") {
        let mut pieces = rest.split(", ");
        let name = pieces.next()?;
        let mut amounts = |title: &str| -> Option<Vec<(String, String)>> {
            let list = pieces.next()?.trim().strip_prefix(title)?;
            let pairs = list.split(',').filter_map(|pair| pair.split_once('='));
            Some(pairs.map(|(resource, amount)| (resource.to_owned(), amount.to_owned())).collect())
        };
        let (asked, used, limited) = (amounts("requested: ")?, amounts("used: ")?, amounts("limited: ")?);
        let of = |list: &[(String, String)], wanted: &str| {
            list.iter().find(|(resource, _)| resource == wanted).map_or("?", |(_, amount)| amount.as_str()).to_owned()
        };
        let told = asked.iter().map(|(resource, amount)| {
            format!("`{resource}`: {amount} asked for, {} of {} in use", of(&used, resource), of(&limited, resource))
        });
        let sentence = format!("quota `{name}` has no room for {what} ({})", told.collect::<Vec<_>>().join("; "));
        return Some(Refusal {
            reason,
            sentence,
            next: "raise the quota, ask for less, or remove what is no longer needed",
        });
    }
    let (name, rest) = message.split_once("failed quota: ")?.1.split_once(": ")?;
    let wanted = rest.strip_prefix("must specify ")?;
    let wanted: Vec<&str> = wanted.split("; ").map(|piece| piece.split(" for: ").next().unwrap_or(piece)).collect();
    let sentence = format!("quota `{name}` takes only containers that say their `{}`", wanted.join("`, `"));
    Some(Refusal { reason, sentence, next: "set them under `resources` of each container" })
}

/// `admission webhook "w" denied the request: …`, `failed calling webhook "w": failed to call webhook: Post "…": …`
/// (`apiserver/pkg/admission/plugin/webhook/errors`).
fn webhook(message: &str, what: &str) -> Option<Refusal> {
    let reason = Reason::Webhook;
    if let Some((_, rest)) = message.split_once("admission webhook \"") {
        let (name, rest) = rest.split_once("\" denied the request")?;
        let why = rest.strip_prefix(": ").map_or_else(String::new, |why| format!(": {}", why.trim_end_matches('.')));
        let sentence = format!("webhook `{name}` refuses {what}{why}");
        return Some(Refusal { reason, sentence, next: "" });
    }
    let (name, rest) = message.split_once("failed calling webhook \"")?.1.split_once('"')?;
    let why = rest.trim_start_matches(": ").trim_start_matches("failed to call webhook: ");
    // `Post "https://hook.ns.svc:443/x?timeout=10s": service "hook" not found`
    let why = why.strip_prefix("Post \"").and_then(|rest| rest.split_once("\": ")).map_or(why, |(_, why)| why);
    let sentence = format!("webhook `{name}`, which has to be asked about {what}, does not answer: {why}");
    Some(Refusal {
        reason,
        sentence,
        next: "see whether the webhook's own Service and Pods work; `failurePolicy` in its configuration decides what happens without it",
    })
}

/// Pod security, admission policies, limit ranges.
fn policy(message: &str, what: &str) -> Option<Refusal> {
    let reason = Reason::Policy;
    // `violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set …), …`
    if let Some((_, rest)) = message.split_once("violates PodSecurity \"") {
        let (level, rest) = rest.split_once('"')?;
        let level = level.split(':').next().unwrap_or(level);
        let why = rest.trim_start_matches(": ");
        let sentence = format!("the Pod security level `{level}` of the namespace forbids {what}: {why}");
        return Some(Refusal { reason, sentence, next: "set the named fields under `securityContext`" });
    }
    if let Some((_, rest)) = message.split_once("ValidatingAdmissionPolicy '") {
        let (name, rest) = rest.split_once('\'')?;
        let why = rest.split_once("denied request: ").map_or(rest, |(_, why)| why).trim();
        return Some(Refusal { reason, sentence: format!("policy `{name}` refuses {what}: {why}"), next: "" });
    }
    // `maximum cpu usage per Container is 1, but limit is 2` (`plugin/pkg/admission/limitranger`)
    let limit = ["maximum ", "minimum "]
        .iter()
        .find_map(|word| message.find(word))
        .filter(|_| message.contains(" usage per ") || message.contains("max limit to request ratio per "))?;
    let why = message[limit..].trim_matches(['[', ']']);
    Some(Refusal {
        reason,
        sentence: format!("a LimitRange of the namespace forbids {what}: {why}"),
        next: "change `resources` of the container, or the LimitRange",
    })
}

/// `error looking up service account shop/web: serviceaccount "web" not found`, `no PriorityClass with name x was found`.
fn account(message: &str, what: &str) -> Option<Refusal> {
    if let Some((_, rest)) = message.split_once("serviceaccount \"") {
        let (name, rest) = rest.split_once('"')?;
        rest.trim_start().starts_with("not found").then_some(())?;
        let sentence = format!("there is no ServiceAccount `{name}`, under which {what} has to run");
        return Some(Refusal {
            reason: Reason::ServiceAccount,
            sentence,
            next: "make it, or correct `serviceAccountName`",
        });
    }
    let name = message.split_once("no PriorityClass with name ")?.1.split_whitespace().next()?;
    let sentence = format!("there is no PriorityClass `{name}`, which {what} asks for");
    Some(Refusal { reason: Reason::Policy, sentence, next: "make it, or correct `priorityClassName`" })
}

/// What is said behind `Error creating: pods "web-" is forbidden: `.
fn without_frame(message: &str) -> &str {
    let inner = message.split_once(" is forbidden: ").map_or(message, |(_, inner)| inner);
    inner.strip_prefix("Error creating: ").unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_understood() {
        for (message, expected) in [
            (
                "Error creating: pods \"web-x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2",
                "quota `small` has no room for the Pod (`pods`: 1 asked for, 2 of 2 in use)",
            ),
            (
                "pods \"w\" is forbidden: exceeded quota: q, requested: limits.cpu=1,requests.memory=2Gi, used: limits.cpu=2,requests.memory=3Gi, limited: limits.cpu=2,requests.memory=4Gi",
                "quota `q` has no room for the Pod (`limits.cpu`: 1 asked for, 2 of 2 in use; `requests.memory`: 2Gi asked for, 3Gi of 4Gi in use)",
            ),
            (
                "Error creating: pods \"web-x\" is forbidden: failed quota: q: must specify limits.cpu for: app; requests.memory for: app",
                "quota `q` takes only containers that say their `limits.cpu`, `requests.memory`",
            ),
            (
                "create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: persistentvolumeclaims \"data-db-0\" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: requests.storage=5Gi, limited: requests.storage=5Gi",
                "quota `q` has no room for its claim (`requests.storage`: 1Gi asked for, 5Gi of 5Gi in use)",
            ),
            (
                "Error creating: admission webhook \"images.example.com\" denied the request: no images from the Internet.",
                "webhook `images.example.com` refuses the Pod: no images from the Internet",
            ),
            (
                "Error creating: Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: Post \"https://w.hooks.svc:443/?timeout=10s\": service \"w\" not found",
                "webhook `w.example.com`, which has to be asked about the Pod, does not answer: service \"w\" not found",
            ),
            (
                "pods \"web-x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true (pod or container \"app\" must set securityContext.runAsNonRoot=true)",
                "the Pod security level `restricted` of the namespace forbids the Pod: runAsNonRoot != true (pod or container \"app\" must set securityContext.runAsNonRoot=true)",
            ),
            (
                "pods \"web-x\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
                "a LimitRange of the namespace forbids the Pod: maximum cpu usage per Container is 1, but limit is 2",
            ),
            (
                "pods \"web-x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                "policy `p` refuses the Pod: no",
            ),
            (
                "pods \"web-x\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found",
                "there is no ServiceAccount `web`, under which the Pod has to run",
            ),
            (
                "pods \"web-x\" is forbidden: no PriorityClass with name high was found",
                "there is no PriorityClass `high`, which the Pod asks for",
            ),
            ("Error creating: pods \"x\" is forbidden: it rains", "the API server refuses the Pod: it rains"),
        ] {
            assert_eq!(finding(message).sentence, expected);
        }
    }
}
