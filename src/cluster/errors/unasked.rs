//! A dry run that can't be had: what that says about the object is nothing.

use super::forbidden;
use crate::cluster::request::Fault;

/// How the API server words that a webhook with side effects is in the way of a dry run
/// (`apiserver/pkg/admission/plugin/webhook/errors/statuserror.go`, `NewDryRunUnsupportedErr`).
const UNSUPPORTED: &str = "does not support dry run";

/// Why the server could not be asked, if that is what its refusal says.
pub(crate) fn unasked(fault: &Fault) -> Option<String> {
    let Fault::Refused { status, .. } = fault else { return None };
    match status.code {
        400 if status.message.contains(UNSUPPORTED) => {
            let webhook = status.message.split('"').nth(1).unwrap_or("a webhook");
            Some(format!("webhook `{webhook}` takes no dry runs"))
        }
        403 => forbidden::lacking(&status.message).map(|(verb, resource)| format!("you may not {verb} `{resource}`")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn of(code: u16, message: &str) -> Option<String> {
        let status = Status { code, message: message.to_owned(), ..Status::default() };
        unasked(&Fault::Refused { status: Box::new(status), attempts: 1 })
    }

    #[test]
    fn only_what_says_nothing_about_the_object_counts() {
        let webhook = r#"admission webhook "mail.example.com" does not support dry run"#;
        assert_eq!(of(400, webhook).unwrap(), "webhook `mail.example.com` takes no dry runs");
        let right = r#"deployments.apps "web" is forbidden: User "ci" cannot patch resource "deployments" in API group "apps" in the namespace "shop""#;
        assert_eq!(of(403, right).unwrap(), "you may not patch `deployments.apps`");
        assert_eq!(of(403, r#"pods "web" is forbidden: exceeded quota: small"#), None, "the quota would refuse it");
        assert_eq!(of(400, "strict decoding error"), None);
        assert_eq!(of(409, "conflict"), None);
    }
}
