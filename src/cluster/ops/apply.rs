//! Server-side apply, as the field manager `kchart`.

use kube::core::params::{Patch, PatchParams};
use serde_json::{Value as Json, json};

use super::text;
use crate::cluster::Cluster;
use crate::cluster::errors::{Doing, unasked};
use crate::cluster::kinds::Kind;
use crate::cluster::request::{Fault, Reply};
use crate::diagnostic::Failure;
use crate::object::Object;
use crate::object::marks::{MANAGER, RELEASE};
use crate::plan::{Change, Expect};
use crate::yaml::Node;

/// An object after it was applied.
#[derive(Debug)]
pub(crate) struct Applied {
    /// What really happened.
    pub(crate) change: Change,
    /// Its resource version: whatever is older does not know of this change.
    pub(crate) resource_version: String,
}

/// What the server says to a dry run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It would take the object.
    Takes,
    /// It can't be asked, and why.
    Unasked(String),
}

impl Cluster {
    /// Applies an object. Generated keys are not sent.
    ///
    /// What is expected travels with it: `resourceVersion: "1"` only ever creates, a uid only ever changes that very
    /// object. (An object with a `resourceVersion` alone would be made again if somebody deleted it.)
    pub(crate) async fn apply(
        &self,
        object: &Object,
        force: bool,
        adopt_from: &[String],
        expect: &Expect,
    ) -> Result<Applied, Failure> {
        let kind = self.kind_of(&object.id, &object.version).await?;
        let mut expect = expect.clone();
        if !adopt_from.is_empty() {
            self.adopt(&kind, object, adopt_from, &expect).await?;
            // Adopting changed the version.
            if let Expect::Uid(_, version) = &mut expect {
                *version = None;
            }
        }
        let reply = match self.send_apply(&kind, object, force, &expect).await {
            Err(fault) if fault.is_conflict() && fault.may_have_worked_before() => {
                match self.after_lost_answer(&kind, object, &expect, &fault).await {
                    Some(seen) => self.send_apply(&kind, object, force, &seen).await,
                    None => Err(fault),
                }
            }
            other => other,
        };
        match reply {
            Ok(reply) => {
                if object.id.is("apiextensions.k8s.io", "CustomResourceDefinition") {
                    self.learn(&object.body);
                }
                Ok(applied(&reply, &expect))
            }
            Err(fault) => Err(self.apply_failure(&kind, object, &expect, &fault).await),
        }
    }

    /// Asks whether the server would take an object: its validation, its admission, conflicts. Nothing is changed
    /// (`dryRun=All`).
    ///
    /// # Errors
    /// What applying it would be refused with.
    pub async fn would_apply(&self, object: &Object, force: bool, expect: &Expect) -> Result<Answer, Failure> {
        let kind = self.kind_of(&object.id, &object.version).await?;
        let params = PatchParams { force, dry_run: true, ..PatchParams::apply(MANAGER).validation_strict() };
        let patch = Patch::Apply(body(object, expect));
        let request = kind.requests_for(&object.id).patch(&object.id.name, &params, &patch);
        match self.call(request, Some(&object.id)).await {
            Ok(_) => Ok(Answer::Takes),
            Err(fault) => match unasked(&fault) {
                Some(why) => Ok(Answer::Unasked(why)),
                None => Err(self.apply_failure(&kind, object, expect, &fault).await),
            },
        }
    }

    async fn send_apply(&self, kind: &Kind, object: &Object, force: bool, expect: &Expect) -> Result<Reply, Fault> {
        let params = PatchParams { force, ..PatchParams::apply(MANAGER).validation_strict() };
        let patch = Patch::Apply(body(object, expect));
        self.call(kind.requests_for(&object.id).patch(&object.id.name, &params, &patch), Some(&object.id)).await
    }

    /// A conflict on a request that was sent more than once may be with its own earlier try, whose answer was lost.
    /// What to expect then; none when the conflict is a real one.
    async fn after_lost_answer(&self, kind: &Kind, object: &Object, expect: &Expect, fault: &Fault) -> Option<Expect> {
        if fault.names_managers() {
            return None;
        }
        match expect {
            Expect::Nothing => None,
            Expect::Uid(uid, version) => version.as_ref().map(|_| Expect::Uid(uid.clone(), None)),
            Expect::Absent => {
                let live = self.get(kind, &object.id).await.ok().flatten()?;
                let ours =
                    text(&live, &format!("/metadata/labels/{}", RELEASE.replace('/', "~1"))) == object.label(RELEASE);
                let managers = live.pointer("/metadata/managedFields").and_then(Json::as_array)?;
                let applied = managers.iter().any(|entry| {
                    text(entry, "/manager") == Some(MANAGER) && text(entry, "/operation") == Some("Apply")
                });
                let uid = text(&live, "/metadata/uid")?.to_owned();
                (ours && applied).then_some(Expect::Uid(uid, None))
            }
        }
    }

    /// The failure of an apply; of a conflict with both sides of it.
    async fn apply_failure(&self, kind: &Kind, object: &Object, expect: &Expect, fault: &Fault) -> Failure {
        let live = if fault.names_managers() { self.get(kind, &object.id).await.ok().flatten() } else { None };
        let live = live.as_ref().map(Node::from);
        self.failure(fault, &Doing::send("apply", object).beside(live.as_ref()).making(*expect == Expect::Absent))
    }
}

/// What is sent.
fn body(object: &Object, expect: &Expect) -> Json {
    let mut body = object.body.to_json();
    if !body.get("metadata").is_some_and(Json::is_object) {
        body["metadata"] = json!({});
    }
    body["apiVersion"] = json!(object.api_version());
    body["kind"] = json!(object.id.kind);
    let metadata = &mut body["metadata"];
    metadata["name"] = json!(object.id.name);
    if let Some(namespace) = &object.id.namespace {
        metadata["namespace"] = json!(namespace);
    }
    match expect {
        Expect::Nothing => {}
        Expect::Absent => metadata["resourceVersion"] = json!("1"),
        Expect::Uid(uid, version) => {
            metadata["uid"] = json!(uid);
            if let Some(version) = version {
                metadata["resourceVersion"] = json!(version);
            }
        }
    }
    body
}

fn applied(reply: &Reply, expect: &Expect) -> Applied {
    let version = text(&reply.json, "/metadata/resourceVersion").unwrap_or_default();
    let change = match expect {
        _ if reply.created => Change::Create,
        // An apply that changes nothing leaves the version as it is.
        Expect::Uid(_, Some(seen)) if seen == version => Change::Keep,
        _ => Change::Update,
    };
    Applied { change, resource_version: version.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::object::ObjectId;
    use crate::yaml::{Charset, GeneratedKey, Text};

    #[test]
    fn what_is_expected_travels_with_the_object_and_generated_keys_do_not() {
        let mut node = Node::from(&json!({"data": {"user": "bWU="}}));
        let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
        node.set(&["data"], "password", Text::generated(key));
        let id = ObjectId::secret("shop", "login");
        let object = Object { id, version: "v1".into(), body: node, secret: BTreeSet::new() };
        let sent = |expect: &Expect| body(&object, expect);
        let all = json!({"apiVersion": "v1", "kind": "Secret", "data": {"user": "bWU="},
            "metadata": {"name": "login", "namespace": "shop", "resourceVersion": "1"}});
        assert_eq!(sent(&Expect::Absent), all);
        let metadata = &sent(&Expect::Uid("u".into(), None))["metadata"];
        assert_eq!(*metadata, json!({"name": "login", "namespace": "shop", "uid": "u"}));
        let metadata = &sent(&Expect::Uid("u".into(), Some("7".into())))["metadata"];
        assert_eq!(metadata["resourceVersion"], json!("7"));
    }
}
