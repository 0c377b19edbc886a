//! Which release a claim or volume belongs to: as a ledger proves, as a mark says, as a set or a name shows.

use super::{Estate, Tenant};
use crate::object::{ObjectId, marks};
use crate::plan::Claim;
use crate::release::{Entry, Past, Release};

/// The ledger that knows a claim by its uid.
pub(super) fn proof<'a>(estate: &'a Estate, namespace: &'a str, uid: &str) -> Option<(&'a Tenant, &'a Entry)> {
    estate.entries_of(namespace).find(|(_, entry)| entry.uid == uid)
}

/// The release whose mark a claim carries.
pub(super) fn marked(claim: &Claim, namespace: &str) -> Option<Release> {
    let name = claim.labels.get(marks::RELEASE)?.clone();
    let namespace = claim.labels.get(marks::RELEASE_NAMESPACE).map_or(namespace, String::as_str).to_owned();
    Some(Release { namespace, name })
}

/// The release whose live set makes claims of this name.
pub(super) fn made_by_set(estate: &Estate, namespace: &str, claim: &str) -> Option<Release> {
    let sets = estate.facts.live.iter().filter(|(id, _)| crate::plan::pods::is_set(id));
    let mut ours = sets.filter(|(id, live)| {
        id.namespace.as_deref() == Some(namespace) && crate::plan::pods::makes_claim(id, &live.body, claim)
    });
    let label =
        |live: &'_ crate::plan::Live, name: &str| live.body.str_at(&["metadata", "labels", name]).map(str::to_owned);
    ours.find_map(|(_, live)| {
        let namespace = label(live, marks::RELEASE_NAMESPACE).unwrap_or_else(|| namespace.to_owned());
        Some(Release { namespace, name: label(live, marks::RELEASE)? })
    })
}

/// The release that has, or had, a claim of this name.
pub(super) fn named_by(estate: &Estate, namespace: &str, claim: &str) -> Option<Release> {
    let id = ObjectId::claim(namespace, claim);
    let lists = |past: &Past| past.records.iter().flat_map(|record| &record.inventory).any(|item| item.id == id);
    let known = estate.entries_of(namespace).find(|(_, entry)| entry.claim == claim).map(|(tenant, _)| tenant);
    let named = known.or_else(|| estate.tenants.iter().find(|tenant| lists(&tenant.past)));
    let named = named.map(|tenant| tenant.release.clone());
    let claim = estate.facts.claims.get(&(namespace.to_owned(), claim.to_owned()));
    named.or_else(|| marked(claim?, namespace))
}
