//! What a name may look like (`k8s.io/apimachinery/pkg/util/validation`).

use crate::sandbox::rejection::{FieldError, Rejection};
use crate::sandbox::served::Served;

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// Checks the name of a new object.
pub(super) fn check(served: &Served, name: &str) -> Result<(), Rejection> {
    let kind = served.kind.kind.as_ref();
    // Names of RBAC objects are path segments: `system:node` is one.
    if served.kind.group == "rbac.authorization.k8s.io" {
        return Ok(());
    }
    let label = matches!(kind, "Namespace" | "Service");
    let limit = if label { 63 } else { 253 };
    let part = |part: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = part.as_bytes();
        edge(bytes.first())
            && edge(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
    };
    let fine = if label { part(name) } else { name.split('.').all(part) };
    let why = if name.len() > limit {
        format!("must be no more than {limit} characters")
    } else if fine {
        return Ok(());
    } else {
        if label { LABEL } else { SUBDOMAIN }.to_owned()
    };
    Err(Rejection::invalid(served, name, &[FieldError::invalid("metadata.name", &name.into(), why)]))
}
