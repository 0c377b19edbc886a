//! What opens an adopted volume: what is given has to be there, and to be what the ledger knows.

use super::{GivenCredential, Scene};
use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::plan::ownership::{self, Owner};
use crate::plan::same::bytes;
use crate::plan::{Live, Refusal};
use crate::release::{Credential, CredentialKind, Ledger, Lifetime};

impl<'a> Scene<'a> {
    /// The ledger under whose key values are hashed.
    pub(super) fn ledger(&self) -> Ledger {
        let stored = self.estate.tenant(&self.wanted.release).and_then(|tenant| tenant.past.ledger.as_ref());
        let key = stored.map_or_else(|| self.wanted.ledger_key.clone(), |ledger| ledger.key.clone());
        Ledger { release: self.wanted.release.clone(), key, entries: Vec::new() }
    }

    pub(super) fn live(&self, secret: &str) -> Option<&'a Live> {
        self.estate.facts.live.get(&ObjectId::secret(self.holding.namespace, secret))
    }

    pub(super) fn live_value(&self, secret: &str, key: &str) -> Option<Vec<u8>> {
        self.live(secret)?.body.at(&["data", key]).and_then(bytes)
    }

    pub(super) fn is_ours(&self, live: &Live) -> bool {
        ownership::of(live, Some(self.holding.namespace), &self.wanted.release) == Owner::Ours
    }

    /// What the ledger knows to open the volume, and reads only once.
    pub(super) fn known(&self) -> impl Iterator<Item = &'a Credential> {
        let known = self.entry.into_iter().flat_map(|(_, entry)| &entry.credentials);
        known.filter(|credential| credential.lifetime == Lifetime::Sticky)
    }

    /// Whether it is known that a credential opens the volume: the ledger has the hash of its value, which was compared,
    /// or it was generated into the very Secret that is named.
    pub(super) fn is_proven(&self, given: &GivenCredential) -> bool {
        let mut known = self.known().filter(|known| known.secret == given.secret && known.key == given.key);
        let is_kept = given.value.is_none() && self.live(&given.secret).is_some_and(|live| self.is_ours(live));
        known.any(|known| known.hash.is_some() || (is_kept && known.kind == CredentialKind::Generated))
    }

    /// What the ledger is to know: what is given, and what it knew beside it.
    pub(super) fn credentials(&self) -> Result<Vec<Credential>, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let ledger = self.ledger();
        let mut credentials = Vec::new();
        for given in &self.wanted.credentials {
            match self.checked(given) {
                Ok(value) => credentials.push(Credential {
                    secret: given.secret.clone(),
                    key: given.key.clone(),
                    lifetime: Lifetime::Sticky,
                    kind: match self.live(&given.secret) {
                        Some(live) if !self.is_ours(live) => CredentialKind::Existing,
                        _ => CredentialKind::Given,
                    },
                    // The next install proves it, or another value may be given.
                    hash: self.is_proven(given).then(|| ledger.hash(&value)),
                }),
                Err(refusal) => refusals.push(*refusal),
            }
        }
        let is_given =
            |known: &Credential| credentials.iter().any(|it| (&it.secret, &it.key) == (&known.secret, &known.key));
        let missing: Vec<&Credential> = self.known().filter(|known| !is_given(known)).collect();
        if credentials.is_empty() && refusals.is_empty() && !missing.is_empty() {
            return Err(vec![self.not_given(&missing)]);
        }
        let lost: Vec<&Credential> =
            missing.iter().copied().filter(|it| self.live_value(&it.secret, &it.key).is_none()).collect();
        if !lost.is_empty() && refusals.is_empty() {
            refusals.push(self.not_given(&lost));
        }
        // What is not named counts as it is in the cluster, and has to be right all the same.
        refusals.extend(missing.iter().filter(|it| self.is_wrong(it)).map(|it| self.another(&it.secret, &it.key)));
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let rest: Vec<Credential> = missing
            .into_iter()
            .filter_map(|known| {
                let value = self.live_value(&known.secret, &known.key)?;
                Some(Credential { hash: Some(ledger.hash(&value)), ..known.clone() })
            })
            .collect();
        credentials.extend(rest);
        Ok(credentials)
    }

    /// The value of what is given, if it can be the one.
    pub(super) fn checked(&self, given: &GivenCredential) -> Result<Vec<u8>, Box<Refusal>> {
        let GivenCredential { secret, key, value } = given;
        let namespace = self.holding.namespace;
        let live = self.live_value(secret, key);
        let value = match (value, live) {
            (None, Some(live)) => live,
            (None, None) => {
                let what =
                    if self.live(secret).is_some() { format!("no key `{key}` in Secret") } else { "no Secret".into() };
                return Err(Box::new(Refusal::failed(
                    Diagnostic::error(format!("there is {what} `{secret}` in namespace `{namespace}`"))
                        .hint(format!("give its value: `--credential-from-file {secret}/{key}=FILE`")),
                )));
            }
            (Some(value), None) if self.live(secret).is_none() => value.clone().into_bytes(),
            (Some(_), None) => {
                return Err(Box::new(Refusal::failed(
                    Diagnostic::error(format!("Secret `{secret}` is there already, without a key `{key}`"))
                        .hint(format!("add the key to it, and name it: `--credential {secret}/{key}`")),
                )));
            }
            // As it is after a run that was killed.
            (Some(value), Some(live)) if value.as_bytes() == live => live,
            (Some(_), Some(_)) => {
                return Err(Box::new(Refusal::refused(
                    Diagnostic::error(format!("Secret `{secret}` is there already, and its `{key}` has another value"))
                        .hint(format!("if that one opens the volume: `--credential {secret}/{key}`")),
                )));
            }
        };
        let mut known = self.known().filter(|known| known.secret == *secret && known.key == *key);
        if known.any(|known| self.differs(known, &value)) {
            return Err(Box::new(self.another(secret, key)));
        }
        Ok(value)
    }

    /// Whether the ledger knows a hash, and it is of another value.
    fn differs(&self, known: &Credential, value: &[u8]) -> bool {
        let ledger = self.entry.and_then(|(tenant, _)| tenant.past.ledger.as_ref());
        ledger.zip(known.hash.as_ref()).is_some_and(|(ledger, hash)| ledger.hash(value) != *hash)
    }

    /// Whether the cluster has another value than the ledger knows.
    fn is_wrong(&self, known: &Credential) -> bool {
        self.live_value(&known.secret, &known.key).is_some_and(|value| self.differs(known, &value))
    }

    fn another(&self, secret: &str, key: &str) -> Refusal {
        Refusal::refused(
            Diagnostic::error(format!(
                "volume `{}` was initialised with another `{key}` of Secret `{secret}` than the one that is given",
                self.volume_name
            ))
            .note("the ledger knows its keyed hash: logins with this value would be refused"),
        )
    }

    /// What opens the volume is known, and not given.
    pub(super) fn not_given(&self, missing: &[&Credential]) -> Refusal {
        let keys: Vec<String> = missing.iter().map(|it| format!("`{}/{}`", it.secret, it.key)).collect();
        let error = Diagnostic::error(format!(
            "volume `{}` was initialised with {}: without that nobody can log in",
            self.volume_name,
            keys.join(", ")
        ));
        Refusal::refused(missing.iter().fold(error, |told, it| {
            let (secret, key) = (&it.secret, &it.key);
            match self.live_value(secret, key) {
                Some(_) => told.hint(format!("it is in the cluster: `--credential {secret}/{key}`")),
                None => told.hint(format!("give its value: `--credential-from-file {secret}/{key}=FILE`")),
            }
        }))
    }
}
