//! 403: missing rights, full quotas, policies, a namespace that is going away.

use kube::core::Status;

use super::{Doing, words};
use crate::diagnostic::Diagnostic;
use crate::readiness::{Refusal, refusal};

/// A right that the user lacks, as the API server words it
/// (`apiserver/pkg/endpoints/handlers/responsewriters/errors.go`, `forbiddenMessage`).
#[derive(Debug, PartialEq, Eq)]
struct Lacking<'a> {
    user: &'a str,
    verb: &'a str,
    /// `deployments.apps`, or `nodes/proxy`.
    resource: String,
    /// None at the cluster scope.
    namespace: Option<&'a str>,
}

pub(super) fn diagnostic(status: &Status, doing: &Doing<'_>) -> Diagnostic {
    let terminating =
        status.details.iter().flat_map(|details| &details.causes).any(|cause| cause.reason == "NamespaceTerminating");
    if terminating || status.message.contains("because it is being terminated") {
        return doing
            .cannot("its namespace is being deleted")
            .hint("wait until the namespace is gone, then run the same command again");
    }
    if let Some(Refusal { sentence, next, .. }) = refusal(&words(status, doing), "it") {
        let diagnostic = doing.cannot(&sentence);
        return if next.is_empty() { diagnostic } else { diagnostic.hint(next) };
    }
    let Some(lacking) = parse(&status.message) else {
        return doing.cannot(&words(status, doing));
    };
    let Lacking { user, verb, resource, namespace } = &lacking;
    let place = namespace.map_or("in the whole cluster".into(), |namespace| format!("in namespace `{namespace}`"));
    let role = if namespace.is_some() { "Role and RoleBinding" } else { "ClusterRole and ClusterRoleBinding" };
    let flag = namespace.map_or_else(String::new, |namespace| format!(" -n {namespace}"));
    doing
        .cannot(&format!("user `{user}` may not {verb} `{resource}` {place}"))
        .hint(format!("ask the administrator of the cluster for a {role} that allow `{verb}` on `{resource}` {place}"))
        .hint(format!("see what you may do: `kubectl auth can-i --list{flag}`"))
}

/// The verb and the resource that the user lacks the right to, if that is what the server says.
pub(super) fn lacking(message: &str) -> Option<(&str, String)> {
    parse(message).map(|lacking| (lacking.verb, lacking.resource))
}

/// `deployments.apps "web" is forbidden: User "u" cannot patch resource "deployments" in API group "apps" in the
/// namespace "shop"`.
fn parse(message: &str) -> Option<Lacking<'_>> {
    let (_, rest) = message.split_once("User \"")?;
    let (user, rest) = rest.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (plural, rest) = rest.split_once('"')?;
    let group = between(rest, "in API group \"", '"').unwrap_or_default();
    let resource = match plural.split_once('/') {
        _ if group.is_empty() => plural.to_owned(),
        Some((plural, subresource)) => format!("{plural}.{group}/{subresource}"),
        None => format!("{plural}.{group}"),
    };
    Some(Lacking { user, verb, resource, namespace: between(rest, "in the namespace \"", '"') })
}

fn between<'a>(text: &'a str, before: &str, after: char) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inner, _)| inner)
}
