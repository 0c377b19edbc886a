//! Secrets that stay for the volumes that they open, and those whose volumes are gone.

use std::collections::BTreeMap;

use super::{Estate, Holding, State};
use crate::object::{ObjectId, marks};
use crate::plan::rotation;
use crate::release::{CredentialKind, Release};

/// A Secret of a release that was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetainedSecret {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The release that left it.
    pub release: Release,
    /// Names of the claims that it opens, be they gone, if their volume is there or may be; none: it opens nothing any
    /// more.
    pub opens: Vec<String>,
}

/// The Secrets that releases left which are no longer there.
pub fn retained_secrets(estate: &Estate, holdings: &[Holding<'_>]) -> Vec<RetainedSecret> {
    let mut secrets: BTreeMap<ObjectId, RetainedSecret> = BTreeMap::new();
    for (id, live) in estate.facts.live.iter().filter(|(id, _)| id.is_secret()) {
        let label = |name: &str| live.body.str_at(&["metadata", "labels", name]);
        let Some(namespace) = id.namespace.clone() else { continue };
        let Some(name) = label(marks::RETAINED_FOR).or(label(marks::RELEASE)) else { continue };
        let home = label(marks::RELEASE_NAMESPACE).unwrap_or(&namespace).to_owned();
        let release = Release { namespace: home, name: name.to_owned() };
        // What can't be read of a release says nothing.
        let is_unread = estate.unread(&release).is_some();
        if is_unread || (release.namespace != namespace && estate.tenant(&release).is_none()) {
            continue;
        }
        let is_known = estate.tenant(&release).is_some_and(|tenant| {
            let entries = tenant.past.ledger.iter().flat_map(|ledger| &ledger.entries);
            let mut made = entries.flat_map(|it| &it.credentials).filter(|it| it.kind != CredentialKind::Existing);
            made.any(|credential| credential.secret == id.name)
        });
        let is_marked = label(marks::RETAINED_FOR).is_some();
        if (is_marked || is_known) && !estate.tenant(&release).is_some_and(super::Tenant::is_live) {
            let secret = RetainedSecret { namespace, name: id.name.clone(), release, opens: Vec::new() };
            secrets.insert(id.clone(), secret);
        }
    }
    for holding in holdings.iter().filter(|holding| !matches!(holding.state, State::Gone)) {
        for opener in &holding.opened_by {
            if let Some(secret) = secrets.get_mut(&ObjectId::secret(holding.namespace, &opener.secret))
                && !secret.opens.iter().any(|claim| claim == holding.name)
            {
                secret.opens.push(holding.name.to_owned());
            }
        }
    }
    // What a rotation that is not over holds opens what its key opens, even where that Secret is gone.
    for (holder, secret) in &mut secrets {
        let Some(of) = estate.facts.live.get(holder).and_then(|live| rotation::held(holder, live)) else { continue };
        let opened = holdings.iter().filter(|it| !matches!(it.state, State::Gone) && it.namespace == of.namespace);
        let opened = opened.filter(|it| it.opened_by.iter().any(|opener| opener.secret == of.secret));
        secret.opens.extend(opened.map(|it| it.name.to_owned()));
    }
    secrets.into_values().collect()
}
