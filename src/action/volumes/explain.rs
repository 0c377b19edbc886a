//! Tells all that is known of one claim or volume.

use jiff::Timestamp;

use super::gather::{Depth, estate};
use crate::action::{Target, name};
use crate::diagnostic::Failure;
use crate::plan::volumes::{Estate, Name};

/// What there is, to be told with [`crate::plan::volumes::story`].
#[derive(Debug)]
pub struct Found {
    /// Everything in the namespace.
    pub estate: Estate,
    /// The namespace.
    pub namespace: String,
    /// The time of the run.
    pub now: Timestamp,
    /// Which one is meant.
    pub name: Name,
}

/// Asks.
pub async fn run(name: Name, namespace: Option<&str>, target: &Target) -> Result<Found, Failure> {
    name::checked_namespace(namespace)?;
    let cluster = target.connect().await?;
    let namespace = namespace.unwrap_or(&cluster.default_namespace).to_owned();
    let estate = estate(&cluster, Some(&namespace), Depth::Deep).await?;
    Ok(Found { estate, namespace, now: Timestamp::now(), name })
}
