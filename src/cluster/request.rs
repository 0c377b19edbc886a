//! One request to the API: sent through the client, answered with JSON or with a [`Fault`].
//!
//! kube's own `request` functions log the whole text of an answer that they can't read; an answer may hold Secrets,
//! so bodies are read here.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use kube::client::Body;
use kube::core::Status;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::Cluster;
use super::wire::{About, Attempts, Repeatable};
use crate::object::ObjectId;

/// Why a request has no result.
pub(crate) enum Fault {
    /// The server refused it.
    Refused {
        /// What the server says.
        status: Box<Status>,
        /// How often it was sent: more than once means that an earlier try may have worked.
        attempts: u32,
    },
    /// There is no answer.
    Unanswered(kube::Error),
    /// It could not be built: a name with a slash, say.
    Unsendable(String),
    /// The answer is not what the API promises.
    Unreadable(String),
}

impl Fault {
    /// The HTTP code of a refusal.
    pub(crate) fn code(&self) -> Option<u16> {
        if let Self::Refused { status, .. } = self { Some(status.code) } else { None }
    }

    /// Whether there is no such object (or no such namespace, or kind).
    pub(crate) fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    /// Whether the conflict is about fields of other managers.
    pub(crate) fn names_managers(&self) -> bool {
        let Self::Refused { status, .. } = self else { return false };
        let causes = status.details.iter().flat_map(|details| &details.causes);
        causes.into_iter().any(|cause| cause.reason == "FieldManagerConflict")
    }

    /// Whether a 404 is about a Secret, and not about its namespace.
    pub(crate) fn names_secret(&self) -> bool {
        let Self::Refused { status, .. } = self else { return false };
        status.details.as_ref().is_some_and(|details| details.kind == "secrets")
    }

    /// Whether the user lacks the right.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// Whether something else was there first.
    pub(crate) fn is_conflict(&self) -> bool {
        self.code() == Some(409)
    }

    /// Whether an earlier try of the same request may have been carried out.
    pub(crate) fn may_have_worked_before(&self) -> bool {
        matches!(self, Self::Refused { attempts, .. } if *attempts > 1)
    }
}

impl fmt::Debug for Fault {
    /// Without the server's words: they may quote what was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, attempts } => {
                write!(f, "Refused({} {}, {attempts} tries)", status.code, status.reason)
            }
            Self::Unanswered(_) => f.write_str("Unanswered"),
            Self::Unsendable(why) => write!(f, "Unsendable({why})"),
            Self::Unreadable(why) => write!(f, "Unreadable({why})"),
        }
    }
}

/// An answer.
pub(crate) struct Reply {
    /// Its body.
    pub(crate) json: Json,
    /// Whether the object was made by this request.
    pub(crate) created: bool,
}

/// A request as kube's builders make it.
pub(crate) type Draft = Result<http::Request<Vec<u8>>, kube::core::request::Error>;

impl Cluster {
    /// Sends a request about an object.
    pub(crate) async fn call(&self, draft: Draft, about: Option<&ObjectId>) -> Result<Reply, Fault> {
        self.send(draft, about, false).await
    }

    /// Sends a request that may be sent again after a broken connection although it is no read and no apply.
    pub(crate) async fn call_repeatable(&self, draft: Draft, about: Option<&ObjectId>) -> Result<Reply, Fault> {
        self.send(draft, about, true).await
    }

    /// Sends a request and reads its answer as a type.
    pub(crate) async fn fetch<T: DeserializeOwned>(&self, draft: Draft) -> Result<T, Fault> {
        let (_, bytes) = self.bytes(draft, None, false).await?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))
    }

    /// Sends a request whose answer is plain text.
    pub(crate) async fn text(&self, draft: Draft, about: Option<&ObjectId>) -> Result<String, Fault> {
        let (_, bytes) = self.bytes(draft, about, false).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn send(&self, draft: Draft, about: Option<&ObjectId>, repeatable: bool) -> Result<Reply, Fault> {
        let (created, bytes) = self.bytes(draft, about, repeatable).await?;
        let json = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
        Ok(Reply { json, created })
    }

    /// The body of a successful answer, and whether something was made.
    async fn bytes(&self, draft: Draft, about: Option<&ObjectId>, repeatable: bool) -> Result<(bool, Bytes), Fault> {
        let mut request = draft.map_err(|error| Fault::Unsendable(error.to_string()))?.map(Body::from);
        if let Some(id) = about {
            request.extensions_mut().insert(About(id.clone()));
        }
        if repeatable {
            request.extensions_mut().insert(Repeatable);
        }
        let (head, body) = self.client.send(request).await.map_err(Fault::Unanswered)?.into_parts();
        let bytes = body.collect_bytes().await.map_err(Fault::Unanswered)?;
        if !head.status.is_success() {
            let attempts = head.extensions.get::<Attempts>().map_or(1, |Attempts(number)| *number);
            return Err(Fault::Refused { status: refusal(head.status, &bytes), attempts });
        }
        Ok((head.status == StatusCode::CREATED, bytes))
    }
}

/// JSON as a type.
pub(crate) fn typed<T: DeserializeOwned>(json: Json) -> Result<T, Fault> {
    serde_json::from_value(json).map_err(|error| unreadable(&error))
}

/// What a refusal says. A proxy in between may answer with something else than a Status.
pub(crate) fn refusal(code: StatusCode, body: &[u8]) -> Box<Status> {
    let mut status = serde_json::from_slice::<Status>(body).ok().filter(Status::is_failure).unwrap_or_else(|| {
        let text: String = String::from_utf8_lossy(body).chars().take(200).collect();
        let reason = code.canonical_reason().unwrap_or_default();
        Status::failure(if text.trim().is_empty() { reason } else { text.trim() }, "")
    });
    status.code = code.as_u16();
    status.boxed()
}

/// Where an answer could not be read, without what it says there.
fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::Unreadable(match error.classify() {
        serde_json::error::Category::Eof => "it ends too early".into(),
        _ => format!("it is not the expected JSON (line {}, column {})", error.line(), error.column()),
    })
}
