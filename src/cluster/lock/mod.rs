//! The lock of a release: a Lease of its namespace, so that two runs never work on one release at once.
//!
//! Rules kept: whether a holder is gone is judged by what is observed, never by comparing clocks of two machines (as
//! client-go's leader election does); a Lease fences nothing off by itself, so the holder counts its own time from
//! before the last renewal was sent, and stops writing earlier than anybody may take over; each change of the Lease
//! carries its resourceVersion, so that of two that want it one gets it; what is released is deleted.

mod acquire;
mod held;
mod lease;

pub use held::Held;

pub(super) use acquire::not_sent;
pub(super) use held::Standing;

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder(String);

impl Holder {
    /// A run on this machine, and the page of its CI job. `run` tells apart runs that share the rest: containers often
    /// have one host name, and all are process 1.
    pub fn new(host: &str, process: u32, run: u32, job: Option<&str>) -> Self {
        let job = job.and_then(page).map_or_else(String::new, |page| format!(", {page}"));
        let host: String = host.chars().filter(|char| !char.is_control()).take(253).collect();
        Self(format!("{host}, process {process}, run {run:08x}{job}"))
    }
}

/// A web address without what may be a credential: user and password, query and fragment.
fn page(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let clean = |text: &str| !text.chars().any(|char| char.is_control() || char.is_whitespace());
    (!host.is_empty() && clean(rest)).then(|| format!("{scheme}://{host}{path}"))
}

#[cfg(test)]
mod tests;
