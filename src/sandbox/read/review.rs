//! Access reviews: in the sandbox everybody may do everything.

use serde_json::json;

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
            json!({"allowed": true, "reason": "the sandbox allows everything"})
        }
        "selfsubjectrulesreviews" => json!({"incomplete": false, "nonResourceRules": [],
            "resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}),
        _ => return Err(Rejection::no_such_path()),
    };
    json::set(&mut review, &["status"], status);
    Ok(Answer::Json(201, review))
}
