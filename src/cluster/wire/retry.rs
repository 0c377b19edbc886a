//! What is tried again, and after how long: decided from what came back, without doing anything.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};

use super::cause::{chain, reason};
use super::courier::Repeatable;
use super::fence::LockLost;
use super::pace::Pace;

/// What the API server says of an object that does not fit its kind.
pub(crate) const VERDICTS: [&str; 2] = ["failed to create typed patch object", "failed to convert new object"];

/// Whether a request may be sent again although the first one may have been carried out: reads, server-side apply,
/// and what the caller marked as [`Repeatable`].
pub(super) fn is_repeatable(request: &Parts) -> bool {
    let applies =
        || request.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/apply-patch+yaml");
    request.extensions.get::<Repeatable>().is_some()
        || matches!(request.method, Method::GET | Method::HEAD)
        || (request.method == Method::PATCH && applies())
}

/// Why a response calls for another try; none when it is final. A 429 was not carried out, so any request may be sent
/// again; after a 5xx only repeatable ones, and only if the server did not look at what was sent.
pub(super) fn by_status(status: StatusCode, body: &[u8], repeatable: bool) -> Option<String> {
    let busy = status == StatusCode::TOO_MANY_REQUESTS;
    let broken = matches!(
        status,
        StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    );
    (busy || (broken && repeatable && !is_verdict(body))).then(|| match status.canonical_reason() {
        Some(reason) => format!("the API server answered {} {reason}", status.as_u16()),
        None => format!("the API server answered {}", status.as_u16()),
    })
}

/// Whether a 5xx is a verdict on what was sent: server-side apply answers 500 where an object does not fit its kind
/// (`apimachinery/pkg/util/managedfields`), and would do so for ever.
fn is_verdict(body: &[u8]) -> bool {
    let message = serde_json::from_slice::<kube::core::Status>(body).map(|status| status.message).unwrap_or_default();
    VERDICTS.iter().any(|verdict| message.contains(verdict))
}

/// Why a request without a response is tried again; none when another try would end the same way: a login that
/// failed, a certificate that is not trusted, or a server that was never reached at all.
pub(super) fn by_error(error: &(dyn Error + 'static), repeatable: bool, reached: bool) -> Option<String> {
    let mut cut = reached;
    for cause in chain(error) {
        if cause.is::<kube::Error>() || cause.is::<LockLost>() {
            return None;
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            match io.kind() {
                ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::PermissionDenied => return None,
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof => cut = true,
                _ => {}
            }
        }
    }
    (cut && repeatable).then(|| format!("the connection broke: {}", reason(error)))
}

/// How long to wait before try number `next` (from 2); none when it is time to give up. `dice` is random.
pub(super) fn pause(pace: &Pace, next: u32, elapsed: Duration, asked: Option<Duration>, dice: u32) -> Option<Duration> {
    if next > pace.tries {
        return None;
    }
    let doubled = pace.first_pause.saturating_mul(1 << next.saturating_sub(2).min(16)).min(pace.longest_pause);
    // Between half and all of it, so that clients that failed together do not come back together.
    let jittered = doubled / 2 + (doubled / 2).mul_f64(f64::from(dice) / f64::from(u32::MAX));
    let pause = asked.map_or(jittered, |asked| asked.max(jittered));
    (elapsed.saturating_add(pause) <= pace.give_up).then_some(pause)
}

/// The seconds of a `Retry-After:` header.
pub(super) fn asked(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(request: http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_what_may_happen_twice_is_sent_twice() {
        let apply = Request::patch("/x").header(header::CONTENT_TYPE, "application/apply-patch+yaml");
        let merge = Request::patch("/x").header(header::CONTENT_TYPE, "application/merge-patch+json");
        for (request, expected) in [
            (Request::get("/x"), true),
            (apply, true),
            (merge, false),
            (Request::post("/x"), false),
            (Request::delete("/x"), false),
            (Request::delete("/x").extension(Repeatable), true),
        ] {
            let parts = parts(request);
            assert_eq!(is_repeatable(&parts), expected, "{parts:?}");
        }
        for (status, repeatable, expected) in [
            (429, false, true),
            (503, true, true),
            (503, false, false),
            (409, true, false),
            (501, true, false),
            (200, true, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(by_status(status, b"", repeatable).is_some(), expected, "{status}");
        }
        let verdict =
            br#"{"code": 500, "message": "failed to create typed patch object (x): .spec.a: field not declared"}"#;
        assert_eq!(by_status(StatusCode::INTERNAL_SERVER_ERROR, verdict, true), None);
    }

    #[test]
    fn a_server_that_was_never_reached_is_not_tried_again() {
        let refused = std::io::Error::from(ErrorKind::ConnectionRefused);
        let reset = std::io::Error::from(ErrorKind::ConnectionReset);
        let untrusted = std::io::Error::new(ErrorKind::InvalidData, "invalid peer certificate");
        assert!(by_error(&refused, true, false).is_none());
        assert!(by_error(&refused, true, true).is_some());
        assert!(by_error(&refused, false, true).is_none());
        assert!(by_error(&reset, true, false).is_some());
        assert!(by_error(&untrusted, true, true).is_none());
    }

    #[test]
    fn pauses_double_within_bounds() {
        let pace = Pace::default();
        let pause = |next, elapsed, asked, dice| pause(&pace, next, Duration::from_secs(elapsed), asked, dice);
        assert_eq!(pause(2, 0, None, 0), Some(Duration::from_millis(100)));
        assert_eq!(pause(2, 0, None, u32::MAX), Some(Duration::from_millis(200)));
        assert_eq!(pause(4, 0, None, u32::MAX), Some(Duration::from_millis(800)));
        assert_eq!(pause(8, 0, None, u32::MAX), Some(Duration::from_secs(5)));
        assert_eq!(pause(9, 0, None, 0), None, "tries");
        assert_eq!(pause(2, 30, None, 0), None, "time");
        assert_eq!(pause(2, 0, Some(Duration::from_secs(7)), 0), Some(Duration::from_secs(7)), "the server asked");
    }
}
