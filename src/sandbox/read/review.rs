//! Access reviews: in the sandbox everybody may do everything.

use serde_json::{Value, json};

use crate::sandbox::http::{Answer, Call};
use crate::sandbox::json;
use crate::sandbox::rejection::Rejection;

/// POST to `selfsubjectaccessreviews` or `selfsubjectrulesreviews`.
pub(in crate::sandbox) fn answer(call: &Call, plural: &str) -> Result<Answer, Rejection> {
    if call.method != http::Method::POST {
        return Err(Rejection::no_such_method());
    }
    let mut review = call.json()?;
    let status = match plural {
        "selfsubjectaccessreviews" | "subjectaccessreviews" | "localsubjectaccessreviews" => {
            json!({"allowed": true})
        }
        "selfsubjectrulesreviews" => json!({"incomplete": false, "nonResourceRules": [],
            "resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}),
        _ => return Err(Rejection::no_such_path()),
    };
    // What is empty is left out.
    json::map_at(&mut review, &["metadata"]);
    if let Some(Value::Object(asked)) = review.pointer_mut("/spec/resourceAttributes") {
        asked.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
    }
    json::set(&mut review, &["status"], status);
    Ok(Answer::Json(201, review))
}
