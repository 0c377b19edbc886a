//! Rotation: the Secret that holds both values of a key, and the change of the key itself.
//!
//! Rules kept: a new value is made here and goes nowhere but into that Secret; a key changes only from one of the two
//! values to the other; every write names the version that was read.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kube::core::params::{Patch, PatchParams, PostParams};
use serde_json::json;

use super::generate::{FreshValues, check, draw, more_keys, new_secret, owned_keys, vanished};
use super::{TRIES, text};
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::cluster::secrets::words;
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::marks::{MANAGER_GENERATED, ROTATE, ROTATION_COURSE, ROTATION_NEW, ROTATION_OLD};
use crate::object::{Object, ObjectId};
use crate::plan::{Change, Course, Expect, KnownValue, NewValue, SecretKey};
use crate::yaml::Text;

impl Cluster {
    /// Makes the Secret that holds the old and the new value of a key. One that is there already stays.
    pub(crate) async fn open_rotation(
        &self,
        rotation: &Object,
        of: &SecretKey,
        new: &NewValue,
        fresh: &FreshValues,
    ) -> Result<Change, Failure> {
        let kind = Kind::core("Secret", "secrets", true);
        let doing = Doing::send("write", rotation);
        for _ in 0..TRIES {
            if let Some(live) = self.get(&kind, &rotation.id).await.map_err(|fault| self.failure(&fault, &doing))? {
                check(rotation, &live, &Expect::Absent)?;
                let is_for = words(&live, "/metadata/annotations").remove(ROTATE);
                return if is_for.as_deref() == Some(&of.to_string()) {
                    Ok(Change::Keep)
                } else {
                    Err(Failure::failed(in_the_way(&rotation.id, of)))
                };
            }
            let secret = ObjectId::secret(&of.namespace, &of.secret);
            let live = self.get(&kind, &secret).await.map_err(|fault| self.failure(&fault, &doing))?;
            let old = live.and_then(|live| words(&live, "/data").remove(&of.key));
            let old = old.ok_or_else(|| Failure::failed(vanished(&secret)))?;
            let new = match new {
                NewValue::Generated(value) => {
                    let mut values = fresh.0.lock().await;
                    // Another try sends the same value.
                    let name = format!("rotation of {of}");
                    if !values.contains_key(&name) {
                        values.insert(name.clone(), draw(value).map_err(Failure::failed)?);
                    }
                    values.get(&name).map(|value| STANDARD.encode(value)).unwrap_or_default()
                }
                NewValue::Given(secret) => {
                    secret.body.str_at(&["data", &of.key]).map(str::to_owned).unwrap_or_default()
                }
            };
            let data = BTreeMap::from([(ROTATION_OLD.to_owned(), old), (ROTATION_NEW.to_owned(), new)]);
            let mut body = new_secret(rotation, &data);
            body["metadata"]["annotations"] = json!({ROTATE: of.to_string()});
            let params = PostParams { field_manager: Some(MANAGER_GENERATED.into()), dry_run: false };
            let draft = kind.requests_for(&rotation.id).create(&params, body.to_string().into_bytes());
            // A POST may be sent again: what an earlier try made is found, and kept.
            match self.call_repeatable(draft, Some(&rotation.id)).await {
                Ok(_) => return Ok(Change::Create),
                Err(fault) if fault.is_conflict() => {}
                Err(fault) => return Err(self.failure(&fault, &doing)),
            }
        }
        Err(Failure::failed(restless(&rotation.id)))
    }

    /// Turns a rotation onto another course: what it holds and what is marked change in one write, which names the version
    /// that was read. One that is on it already stays.
    pub(crate) async fn turn_rotation(&self, id: &ObjectId, course: Course, expect: &Expect) -> Result<(), Failure> {
        let kind = Kind::core("Secret", "secrets", true);
        let doing = Doing::to("turn the rotation in", id);
        for _ in 0..TRIES {
            let live = self.get(&kind, id).await.map_err(|fault| self.failure(&fault, &doing))?;
            let live = live.ok_or_else(|| Failure::failed(vanished(id)))?;
            let uid = text(&live, "/metadata/uid").unwrap_or_default();
            if matches!(expect, Expect::Uid(expected, _) if expected != uid) {
                return Err(Failure::failed(vanished(id)));
            }
            let now = Course::parse(words(&live, "/metadata/annotations").get(ROTATION_COURSE).map(String::as_str));
            if now == course {
                return Ok(());
            }
            let mut both = words(&live, "/data");
            if now.is_turned() != course.is_turned()
                && let (Some(old), Some(new)) = (both.remove(ROTATION_OLD), both.remove(ROTATION_NEW))
            {
                both.extend([(ROTATION_OLD.to_owned(), new), (ROTATION_NEW.to_owned(), old)]);
            }
            let version = text(&live, "/metadata/resourceVersion").unwrap_or_default();
            let patch = Patch::Merge(json!({
                "metadata": {"uid": uid, "resourceVersion": version, "annotations": {ROTATION_COURSE: course.word()}},
                "data": both,
            }));
            let params = PatchParams { field_manager: Some(MANAGER_GENERATED.into()), ..PatchParams::default() };
            let draft = kind.requests_for(id).patch(&id.name, &params, &patch);
            match self.call_repeatable(draft, Some(id)).await {
                Ok(_) => return Ok(()),
                Err(fault) if fault.is_conflict() => {}
                Err(fault) => return Err(self.failure(&fault, &doing)),
            }
        }
        Err(Failure::failed(restless(id)))
    }

    /// Gives generated keys of a Secret the values that `known` leads to. Where the Secret is the one of the rotated key
    /// (`holds`: its key, and the Secret with both values) that key must hold one of the two.
    pub(crate) async fn swap(
        &self,
        secret: &Object,
        keys: &BTreeMap<String, Text>,
        known: &BTreeMap<String, KnownValue>,
        holds: Option<&(String, ObjectId)>,
        fresh: &FreshValues,
        expect: &Expect,
    ) -> Result<Change, Failure> {
        let kind = Kind::core("Secret", "secrets", true);
        let doing = Doing::send("write", secret);
        let read = async |id: &ObjectId| {
            let live = self.get(&kind, id).await.map_err(|fault| self.failure(&fault, &doing))?;
            live.ok_or_else(|| Failure::failed(vanished(id)))
        };
        for _ in 0..TRIES {
            let live = read(&secret.id).await?;
            check(secret, &live, expect)?;
            let present = words(&live, "/data");
            if let Some((key, holder)) = holds {
                let both = words(&read(holder).await?, "/data");
                let now = present.get(key);
                if ![ROTATION_OLD, ROTATION_NEW].iter().any(|value| both.get(*value) == now && now.is_some()) {
                    return Err(Failure::failed(meddled(&secret.id, key, holder)));
                }
            }
            let values = self.decide(keys, &BTreeMap::new(), known, fresh).await?;
            let owned = owned_keys(&live);
            if values.iter().all(|(key, value)| present.get(key) == Some(value) && owned.contains(key)) {
                return Ok(Change::Keep);
            }
            let mut data: BTreeMap<String, String> =
                present.into_iter().filter(|(key, _)| owned.contains(key)).collect();
            data.extend(values);
            // By force: what made the Secret first was no apply, and counts as another manager.
            let params = PatchParams::apply(MANAGER_GENERATED).validation_strict().force();
            let patch = Patch::Apply(more_keys(&secret.id, &live, &data));
            let draft = kind.requests_for(&secret.id).patch(&secret.id.name, &params, &patch);
            match self.call_repeatable(draft, Some(&secret.id)).await {
                Ok(_) => return Ok(Change::Update),
                Err(fault) if fault.is_conflict() => {}
                Err(fault) => return Err(self.failure(&fault, &doing)),
            }
        }
        Err(Failure::failed(restless(&secret.id)))
    }
}

/// A Secret of the release that has the name, and is for something else.
fn in_the_way(id: &ObjectId, of: &SecretKey) -> Diagnostic {
    Diagnostic::error(format!("cannot keep both values of `{of}`: `{id}` is there already, and is for something else"))
        .hint("give that one another name")
}

/// Somebody else wrote the key since both values were taken down.
fn meddled(id: &ObjectId, key: &str, holder: &ObjectId) -> Diagnostic {
    Diagnostic::error(format!("`{key}` of `{id}` holds neither of the values of `{holder}`: somebody else changed it"))
        .note(format!("the service has the value `new` of `{holder}` by now"))
        .hint(format!("put that value into `{id}`, and run the same command again"))
}

fn restless(id: &ObjectId) -> Diagnostic {
    Diagnostic::error(format!("cannot write `{id}`: it changes faster than it can be written"))
}
