//! What a request is answered with.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use serde_json::Value;

use crate::sandbox::read::watch::Watch;
use crate::sandbox::rejection::Rejection;

/// The body of a response: at once, or bit by bit.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// An answer before it is put into HTTP.
pub(in crate::sandbox) enum Answer {
    /// A JSON document.
    Json(u16, Value),
    /// A JSON document that was stored, and what is to be warned of.
    Warned(u16, Value, Vec<String>),
    /// A JSON document with a media type of its own.
    Typed(&'static str, Value),
    /// Plain text: logs, health.
    Text(String),
    /// Events as they come.
    Watch(Box<Watch>),
}

impl Answer {
    /// 200 with an object.
    pub(in crate::sandbox) fn ok(object: Value) -> Self {
        Self::Json(200, object)
    }

    /// As HTTP.
    pub(super) fn into_response(self) -> Response<Body> {
        match self {
            Self::Json(code, value) => whole(code, "application/json", value.to_string()),
            Self::Warned(code, value, warnings) => {
                let mut response = whole(code, "application/json", value.to_string());
                for warning in warnings {
                    let quoted = format!("299 - {warning:?}");
                    if let Ok(quoted) = header::HeaderValue::from_str(&quoted) {
                        response.headers_mut().append(header::WARNING, quoted);
                    }
                }
                response
            }
            Self::Typed(media_type, value) => whole(200, media_type, value.to_string()),
            Self::Text(text) => whole(200, "text/plain", text),
            Self::Watch(watch) => {
                let mut response = Response::new(StreamBody::new(watch.frames()).boxed_unsync());
                let json = header::HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                response
            }
        }
    }
}

/// A refusal as HTTP.
pub(super) fn refusal(rejection: &Rejection) -> Response<Body> {
    if rejection.is_bare() {
        return whole(rejection.code, "text/plain", format!("{}\n", rejection.message));
    }
    let mut response = whole(rejection.code, "application/json", rejection.status().to_string());
    if let Some(seconds) = rejection.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn whole(code: u16, media_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(text)).boxed_unsync());
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
    response
}
