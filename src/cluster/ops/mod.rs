//! What the executor does to objects, one file an operation. Each is safe to be tried again after a lost answer.

mod adopt;
mod apply;
mod bind;
mod delete;
mod expand;
mod generate;
mod reclaim;
mod rights;
mod rotate;
mod stamp;

pub use apply::Answer;
pub(crate) use apply::Applied;
pub(crate) use generate::FreshValues;
pub use rights::Right;

use kube::core::params::GetParams;
use serde_json::Value as Json;

use super::Cluster;
use super::kinds::Kind;
use super::request::Fault;
use crate::object::ObjectId;

/// How often something that others write too is read again.
const TRIES: usize = 10;

impl Cluster {
    /// An object as it is now; none when there is none.
    pub(crate) async fn get(&self, kind: &Kind, id: &ObjectId) -> Result<Option<Json>, Fault> {
        match self.call(kind.requests_for(id).get(&id.name, &GetParams::default()), Some(id)).await {
            Ok(reply) => Ok(Some(reply.json)),
            Err(fault) if fault.is_not_found() => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// A string in an object.
fn text<'a>(object: &'a Json, pointer: &str) -> Option<&'a str> {
    object.pointer(pointer).and_then(Json::as_str)
}
