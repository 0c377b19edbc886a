//! Defaults of webhook configurations.

use serde_json::{Value, json};

use super::defaults;
use crate::sandbox::json;

/// A `ValidatingWebhookConfiguration` or a `MutatingWebhookConfiguration`.
pub(super) fn configuration(object: &mut Value) {
    let mutating = json::text(object, &["kind"]) == Some("MutatingWebhookConfiguration");
    if !object.get("webhooks").is_some_and(Value::is_array) {
        return;
    }
    for webhook in json::list_at(object, &["webhooks"]).iter_mut().filter(|webhook| webhook.is_object()) {
        defaults(
            webhook,
            &[
                (&["failurePolicy"], json!("Fail")),
                (&["matchPolicy"], json!("Equivalent")),
                (&["namespaceSelector"], json!({})),
                (&["objectSelector"], json!({})),
                (&["timeoutSeconds"], json!(10)),
            ],
        );
        if mutating {
            json::set_default(webhook, &["reinvocationPolicy"], "Never");
        }
        if json::get(webhook, &["clientConfig", "service"]).is_some() {
            json::set_default(webhook, &["clientConfig", "service", "port"], 443);
        }
        if webhook.get("rules").is_some_and(Value::is_array) {
            for rule in json::list_at(webhook, &["rules"]).iter_mut().filter(|rule| rule.is_object()) {
                json::set_default(rule, &["scope"], "*");
            }
        }
    }
}
