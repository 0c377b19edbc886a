//! Generated keys of Secrets: made once, from the operating system's randomness, and never again.
//!
//! Rules kept: a key that is there keeps its value, whoever made it; a Secret is made by POST, which never
//! overwrites; every write names the version that was read. The field manager is `kchart-generated`, so that the main
//! apply, which does not mention these keys, can't remove them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::core::params::{Patch, PatchParams, PostParams};
use serde_json::{Value as Json, json};
use tokio::sync::Mutex;

use super::{TRIES, text};
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::cluster::secrets::words;
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::marks::{INSTANCE, MANAGED_BY, MANAGER_GENERATED, RELEASE};
use crate::object::{Object, ObjectId};
use crate::plan::{Change, Expect, KnownValue};
use crate::yaml::{Charset, GeneratedKey, Part, Text};

/// Values by generated name, shared by the steps of one run: the same name is the same value everywhere.
#[derive(Default)]
pub(crate) struct FreshValues(pub(super) Mutex<BTreeMap<String, String>>);

impl FreshValues {
    /// All values that the run knows, to hide them.
    pub(crate) async fn all(&self) -> Vec<String> {
        self.0.lock().await.values().cloned().collect()
    }
}

impl fmt::Debug for FreshValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreshValues(…)")
    }
}

impl Cluster {
    /// Makes sure that the generated keys of a Secret exist.
    pub(crate) async fn generate(
        &self,
        secret: &Object,
        keys: &BTreeMap<String, Text>,
        known: &BTreeMap<String, KnownValue>,
        fresh: &FreshValues,
        expect: &Expect,
    ) -> Result<Change, Failure> {
        let kind = Kind::core("Secret", "secrets", true);
        let doing = Doing::send("write", secret);
        for _ in 0..TRIES {
            let live = self.get(&kind, &secret.id).await.map_err(|fault| self.failure(&fault, &doing))?;
            let (draft, change) = match &live {
                None => {
                    // A Secret that was there opened something: with a new value it would be locked for ever.
                    if matches!(expect, Expect::Uid(..)) {
                        return Err(Failure::failed(vanished(&secret.id)));
                    }
                    let values = self.decide(keys, &BTreeMap::new(), known, fresh).await?;
                    let params = PostParams { field_manager: Some(MANAGER_GENERATED.into()), dry_run: false };
                    let body = new_secret(secret, &values);
                    (kind.requests_for(&secret.id).create(&params, body.to_string().into_bytes()), Change::Create)
                }
                Some(live) => {
                    check(secret, live, expect)?;
                    let present = words(live, "/data");
                    let owned = owned_keys(live);
                    if keys.keys().all(|key| present.contains_key(key) && owned.contains(key)) {
                        return Ok(Change::Keep);
                    }
                    let mut data = self.decide(keys, &present, known, fresh).await?;
                    // What this manager owns and the chart no longer names stays too: it may open a volume.
                    data.extend(present.into_iter().filter(|(key, _)| owned.contains(key)));
                    let params = PatchParams::apply(MANAGER_GENERATED).validation_strict();
                    let patch = Patch::Apply(more_keys(&secret.id, live, &data));
                    (kind.requests_for(&secret.id).patch(&secret.id.name, &params, &patch), Change::Update)
                }
            };
            // A POST may be sent again: what an earlier try made is found, and kept.
            match self.call_repeatable(draft, Some(&secret.id)).await {
                Ok(_) => return Ok(change),
                Err(fault) if fault.is_conflict() => {}
                Err(fault) => return Err(self.failure(&fault, &doing)),
            }
        }
        let id = &secret.id;
        Err(Failure::failed(Diagnostic::error(format!(
            "cannot write `{id}`: it changes faster than it can be written"
        ))))
    }

    /// The value of every key, in base64: the one that is there, else a new one.
    pub(super) async fn decide(
        &self,
        keys: &BTreeMap<String, Text>,
        present: &BTreeMap<String, String>,
        known: &BTreeMap<String, KnownValue>,
        fresh: &FreshValues,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let mut values = fresh.0.lock().await;
        // First what is there: other keys may be made of it.
        for (key, text) in keys {
            if let ([Part::Generated(generated)], Some(value)) =
                (text.parts(), present.get(key).and_then(|value| decode(value)))
            {
                values.entry(generated.name.clone()).or_insert(value);
            }
        }
        let mut data = BTreeMap::new();
        for (key, text) in keys {
            if let Some(value) = present.get(key) {
                data.insert(key.clone(), value.clone());
                continue;
            }
            let mut whole = String::new();
            for part in text.parts() {
                match part {
                    Part::Known(known) => whole.push_str(known),
                    Part::Generated(generated) => {
                        if !values.contains_key(&generated.name) {
                            let value = match known.get(&generated.name) {
                                Some(place) => self.known_value(place).await?,
                                None => draw(generated).map_err(Failure::failed)?,
                            };
                            values.insert(generated.name.clone(), value);
                        }
                        whole.push_str(values.get(&generated.name).map_or("", String::as_str));
                    }
                }
            }
            data.insert(key.clone(), STANDARD.encode(whole));
        }
        Ok(data)
    }

    async fn known_value(&self, place: &KnownValue) -> Result<String, Failure> {
        let data = self.secret_data(&place.namespace, &place.secret).await?.unwrap_or_default();
        let value = data.get(&place.key).and_then(|bytes| String::from_utf8(bytes.clone()).ok());
        value.ok_or_else(|| Failure::failed(vanished(&ObjectId::secret(&place.namespace, &place.secret))))
    }
}

/// Whether this is the Secret that the plan saw, or one of this release.
pub(super) fn check(secret: &Object, live: &Json, expect: &Expect) -> Result<(), Failure> {
    let id = &secret.id;
    let again = "run the same command again: it looks at what is there now";
    if live.pointer("/metadata/deletionTimestamp").is_some() {
        return Err(Failure::failed(
            Diagnostic::error(format!("cannot write `{id}`: it is being deleted")).hint(again),
        ));
    }
    if let Expect::Uid(uid, _) = expect
        && text(live, "/metadata/uid") != Some(uid)
    {
        return Err(Failure::failed(vanished(id)));
    }
    let ours = words(live, "/metadata/labels").get(RELEASE).map(String::as_str) == secret.label(RELEASE);
    if *expect == Expect::Absent && !ours {
        let message = format!("cannot write `{id}`: somebody else made it in the meantime");
        return Err(Failure::failed(Diagnostic::error(message).hint(again)));
    }
    Ok(())
}

pub(super) fn vanished(id: &ObjectId) -> Diagnostic {
    Diagnostic::error(format!("`{id}` was deleted or replaced in the meantime: what it held can't be generated again"))
        .hint("put it back, or run the same command again to see what it opened")
}

/// A Secret with its generated keys only. Of the labels those that never change: this manager would own them, and a
/// later change by the main apply would be a conflict.
pub(super) fn new_secret(secret: &Object, data: &BTreeMap<String, String>) -> Json {
    let labels: BTreeMap<&str, &str> =
        [RELEASE, MANAGED_BY, INSTANCE].into_iter().filter_map(|label| Some((label, secret.label(label)?))).collect();
    let mut body = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret.id.name, "namespace": secret.id.namespace, "labels": labels},
        "data": data,
    });
    // The type can't be changed later.
    if let Some(kind) = secret.body.str_at(&["type"]) {
        body["type"] = json!(kind);
    }
    body
}

pub(super) fn more_keys(id: &ObjectId, live: &Json, data: &BTreeMap<String, String>) -> Json {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": id.name,
            "namespace": id.namespace,
            "uid": text(live, "/metadata/uid"),
            "resourceVersion": text(live, "/metadata/resourceVersion"),
        },
        "data": data,
    })
}

/// The keys of `data` that `kchart-generated` owns.
pub(super) fn owned_keys(live: &Json) -> BTreeSet<String> {
    let entries = live.pointer("/metadata/managedFields").and_then(Json::as_array).into_iter().flatten();
    let ours = entries.filter(|entry| text(entry, "/manager") == Some(MANAGER_GENERATED));
    let data = ours.filter_map(|entry| entry.pointer("/fieldsV1/f:data").and_then(Json::as_object));
    data.flat_map(|fields| fields.keys()).filter_map(|key| key.strip_prefix("f:")).map(str::to_owned).collect()
}

fn decode(value: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(value).ok()?).ok()
}

/// A new value from the operating system's randomness.
pub(super) fn draw(key: &GeneratedKey) -> Result<String, Diagnostic> {
    draw_from(key.charset, key.length, getrandom::fill)
        .map_err(|error| Diagnostic::error(format!("the operating system gives no randomness: {error}")))
}

/// `length` characters, each as likely as any other: bytes above the largest multiple of the alphabet's size are
/// thrown away, as their remainder would favour its first characters.
fn draw_from<E>(charset: Charset, length: u32, mut fill: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<String, E> {
    let alphabet = charset.alphabet();
    let fair = 256 / alphabet.len() * alphabet.len();
    let length = length as usize;
    let mut value = String::with_capacity(length);
    let mut bytes = [0; 64];
    while value.len() < length {
        fill(&mut bytes)?;
        let usable = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        value.extend(usable.take(length - value.len()).map(|byte| char::from(alphabet[byte % alphabet.len()])));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_as_likely_as_any_other() {
        // All byte values in turn: a fair draw gives each character equally often.
        for charset in [Charset::Alnum, Charset::Alpha, Charset::Digits, Charset::Hex] {
            let mut next = 0_u8;
            let alphabet = charset.alphabet();
            let fair = 256 / alphabet.len() * alphabet.len();
            let drawn = draw_from::<()>(charset, u32::try_from(fair).unwrap(), |bytes| {
                for byte in bytes {
                    *byte = next;
                    next = next.wrapping_add(1);
                }
                Ok(())
            });
            let drawn = drawn.unwrap();
            for char in alphabet {
                let times = drawn.bytes().filter(|drawn| drawn == char).count();
                assert_eq!(times, fair / alphabet.len(), "{charset:?} {}", char::from(*char));
            }
        }
    }

    #[test]
    fn two_values_differ_and_have_the_length() {
        let key = GeneratedKey { name: "password".into(), length: 100, charset: Charset::Alnum };
        let (one, two) = (draw(&key).unwrap(), draw(&key).unwrap());
        assert_eq!(one.len(), 100);
        assert_ne!(one, two);
    }

    #[test]
    fn keys_of_the_generating_manager_are_found() {
        let live = json!({"metadata": {"managedFields": [
            {"manager": "kchart-generated", "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:a": {}}}},
            {"manager": "kchart-generated", "operation": "Apply", "fieldsV1": {"f:data": {"f:b": {}}}},
            {"manager": "kchart", "operation": "Apply", "fieldsV1": {"f:data": {"f:c": {}}}},
        ]}});
        assert_eq!(owned_keys(&live), BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    }
}
