//! What is done to volumes that are named: `kchart volumes purge` and `kchart volumes adopt`.

use std::collections::BTreeSet;

use kchart::plan::volumes::{Adoption, Estate, GivenCredential, Name, Tenant, adopt, find, holdings, purge};
use kchart::plan::{Facts, Plan, Refusal};
use kchart::release::Past;

use super::scene::{ByName, CaseAdoption, KEY, release};

/// Plans it for one release and its namespace.
pub(super) fn plan(what: &ByName, past: Past, facts: Facts) -> Result<Plan, Vec<Refusal>> {
    let release = release();
    let namespace = release.namespace.clone();
    let tenants = vec![Tenant { release: release.clone(), past }];
    let estate = Estate { namespaces: BTreeSet::from([namespace.clone()]), facts, tenants };
    let all = holdings(&estate);
    let named = |name: &String| Name::parse(name).expect("it is a name");
    let found = |name: &Name| find(&estate, &all, &namespace, name).expect("there is one of that name");
    match what {
        ByName::Purge(names) => {
            let names: Vec<Name> = names.iter().map(named).collect();
            let named: Vec<_> = names.iter().map(|name| (name, found(name))).collect();
            purge(&estate, &all, &named)
        }
        ByName::Adopt(CaseAdoption { name, credentials, claim, without_credential }) => {
            let given = credentials.iter().map(|written| {
                let (place, value) = written.split_once('=').unzip();
                let (secret, key) = place.unwrap_or(written).split_once('/').expect("a Secret and a key");
                GivenCredential { secret: secret.into(), key: key.into(), value: value.map(str::to_owned) }
            });
            let adoption = Adoption {
                release,
                claim: claim.clone(),
                credentials: given.collect(),
                without_credential: *without_credential,
                ledger_key: KEY,
            };
            adopt(&estate, found(&named(name)), &adoption)
        }
    }
}
