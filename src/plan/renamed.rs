//! A credential that is read under another name than the ledger knows: the Secret or its key may be renamed, the value
//! may not.
//!
//! What is read anew is compared with what the ledger knows of the claim and nothing reads any more: with what the same
//! variable read, else with a key of the same name, else with all of it.

use std::collections::BTreeSet;

use super::credentials::{self, Opening, of_claim};
use super::rotation::{self, Course};
use super::scene::Scene;
use super::{Claim, SecretKey};
use crate::release::{Credential, CredentialKind, Entry, Ledger, Lifetime};

/// What the ledger says of a value that it does not know under this name.
pub(super) enum Told<'a> {
    /// Nothing that it knows is missed: the credential is not another name of any.
    New,
    /// It is the value that opens the claim.
    Right,
    /// It is another value than that of this credential, whose place it takes.
    Another(&'a Credential),
    /// The rotation of what it takes the place of is not over: either of two values may open the claim.
    Unfinished(SecretKey),
    /// It takes the place of a credential of which neither hash nor value is known.
    Unknown,
}

/// What the ledger says of the value of an opening; `openings` are all that are wanted.
pub(super) fn told<'a>(
    scene: &Scene<'a>,
    openings: &[Opening],
    opening: &Opening,
    claim: &Claim,
    value: Option<&[u8]>,
) -> Told<'a> {
    let (Some(ledger), Some(entry)) = (&scene.past.ledger, scene.entry(claim)) else { return Told::New };
    let look = Look { scene, ledger, entry, read: of_claim(openings, &opening.namespace, &opening.claim) };
    let left = look.left(opening);
    if left.is_empty() {
        return Told::New;
    }
    let same: Vec<&Credential> = look.same_role(opening, &left);
    let is_of_known_role = !same.is_empty();
    if !is_of_known_role && value.is_some_and(|value| look.sticky().any(|it| look.holds(it, value) == Some(true))) {
        return Told::Right;
    }
    let compared = if is_of_known_role { same } else { look.missed(opening, left) };
    if compared.is_empty() {
        return Told::New;
    }
    let unfinished = compared.iter().find_map(|known| look.unfinished(opening, known));
    if let Some(key) = unfinished {
        return Told::Unfinished(key);
    }
    let Some(value) = value else { return Told::Unknown };
    let held: Vec<(&Credential, Option<bool>)> = compared.iter().map(|it| (*it, look.holds(it, value))).collect();
    if held.iter().any(|(_, holds)| *holds == Some(true)) {
        return Told::Right;
    }
    match held.iter().find(|(_, holds)| *holds == Some(false)) {
        // What other variables read is another credential, most likely.
        Some((known, _)) if is_of_known_role || !look.differ(opening, &compared) => Told::Another(known),
        _ => Told::Unknown,
    }
}

/// The credentials of an entry that no opening of the claim reads, and whose value is one of these: under those names
/// the claim is not opened any more.
pub(super) fn outdated<'e>(
    scene: &Scene<'_>,
    entry: &'e Entry,
    openings: &[Opening],
    values: &[Vec<u8>],
) -> Vec<&'e Credential> {
    let Some(ledger) = &scene.past.ledger else { return Vec::new() };
    let read = of_claim(openings, ledger.namespace_of(entry), &entry.claim);
    let look = Look { scene, ledger, entry, read };
    let left = look.sticky().filter(|known| !read.iter().any(|opening| is_of(opening, known)));
    left.filter(|known| values.iter().any(|value| look.holds(known, value) == Some(true))).collect()
}

fn is_of(opening: &Opening, known: &Credential) -> bool {
    (&opening.secret, &opening.key) == (&known.secret, &known.key)
}

/// An entry, beside what is read now.
struct Look<'l, 'a, 'e> {
    scene: &'l Scene<'a>,
    ledger: &'a Ledger,
    entry: &'e Entry,
    read: &'l [Opening],
}

impl<'e> Look<'_, '_, 'e> {
    fn sticky(&self) -> impl Iterator<Item = &'e Credential> + use<'e> {
        self.entry.credentials.iter().filter(|known| known.lifetime == Lifetime::Sticky)
    }

    /// What the ledger knows and nothing reads any more.
    fn left(&self, opening: &Opening) -> Vec<&'e Credential> {
        let is_read = |known: &Credential| self.read.iter().any(|other| is_of(other, known));
        self.sticky().filter(|known| !is_of(opening, known) && !is_read(known)).collect()
    }

    /// Those that the same variable read; else those of the same key.
    fn same_role(&self, opening: &Opening, left: &[&'e Credential]) -> Vec<&'e Credential> {
        let own = self.variables_now(opening);
        let by_variable: Vec<&Credential> =
            left.iter().copied().filter(|known| !self.variables_before(known).is_disjoint(&own)).collect();
        if by_variable.is_empty() {
            left.iter().copied().filter(|it| it.key == opening.key).collect()
        } else {
            by_variable
        }
    }

    /// Those whose place nothing else takes.
    fn missed(&self, opening: &Opening, mut left: Vec<&'e Credential>) -> Vec<&'e Credential> {
        for other in self.read.iter().filter(|other| (&other.secret, &other.key) != (&opening.secret, &opening.key)) {
            let taken = self.same_role(other, &left);
            let value = self.scene.value_after(&other.namespace, &other.secret, &other.key);
            let is_held =
                |known: &Credential| value.as_ref().is_some_and(|value| self.holds(known, value) == Some(true));
            left.retain(|known| !is_held(known) && !taken.iter().any(|taken| std::ptr::eq(*taken, *known)));
        }
        left
    }

    /// Whether variables are known on both sides, and are different ones.
    fn differ(&self, opening: &Opening, compared: &[&Credential]) -> bool {
        !self.variables_now(opening).is_empty() && compared.iter().all(|it| !self.variables_before(it).is_empty())
    }

    fn variables_now(&self, opening: &Opening) -> BTreeSet<String> {
        let workload = self.scene.wanted.get(&opening.workload);
        workload.map(|it| credentials::variables(it, &opening.secret, &opening.key)).unwrap_or_default()
    }

    /// The variables that read it in the stored revisions, as far as these are still there.
    fn variables_before(&self, known: &Credential) -> BTreeSet<String> {
        let mut variables = BTreeSet::new();
        let namespace = self.ledger.namespace_of(self.entry);
        for record in &self.scene.past.records {
            let (openings, _) = credentials::openings(&record.objects, self.scene.facts);
            for opening in of_claim(&openings, namespace, &self.entry.claim).iter().filter(|it| is_of(it, known)) {
                let workload = record.objects.iter().find(|object| object.id == opening.workload);
                variables.extend(
                    workload.into_iter().flat_map(|it| credentials::variables(it, &opening.secret, &opening.key)),
                );
            }
        }
        variables
    }

    /// Whether a value is that of a credential; none where nothing tells.
    fn holds(&self, known: &Credential, value: &[u8]) -> Option<bool> {
        let namespace = self.ledger.namespace_of(self.entry);
        if let Some(hash) = &known.hash {
            return Some(self.ledger.hash(value) == *hash);
        }
        // What was generated has no hash: its Secret proves it, unless it has one of two values.
        let key = SecretKey { namespace: namespace.to_owned(), secret: known.secret.clone(), key: known.key.clone() };
        if let Some((_, values)) = rotation::both_values(self.scene, &key) {
            return if values.iter().any(|held| held == value) { None } else { Some(false) };
        }
        let live = self.scene.live_value(namespace, &known.secret, &known.key);
        live.filter(|_| known.kind == CredentialKind::Generated).map(|live| live == value)
    }

    /// The credential, if its rotation was begun and neither ended nor given up.
    fn unfinished(&self, opening: &Opening, known: &Credential) -> Option<SecretKey> {
        let (secret, key) = (known.secret.clone(), known.key.clone());
        let key = SecretKey { namespace: opening.namespace.clone(), secret, key };
        let (course, _) = rotation::both_values(self.scene, &key)?;
        (course != Course::GivenUp).then_some(key)
    }
}
