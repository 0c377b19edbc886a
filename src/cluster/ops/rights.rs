//! What the user may do, asked before it is done.

use futures::future::try_join_all;
use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use kube::core::params::PostParams;
use serde_json::json;

use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::cluster::request::typed;
use crate::diagnostic::Failure;

/// A right.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Right {
    /// `get`, `list`, `watch`, `create`, `patch`, `update`, `delete`.
    pub verb: &'static str,
    /// API group; empty for the core group.
    pub group: String,
    /// In the plural: `persistentvolumes`.
    pub resource: String,
    /// Namespace; none for the whole cluster.
    pub namespace: Option<String>,
}

impl Cluster {
    /// Those of the rights that the user lacks (`SelfSubjectAccessReview`; every user may ask).
    pub async fn lacking(&self, rights: &[Right]) -> Result<Vec<Right>, Failure> {
        let answers = try_join_all(rights.iter().map(|right| self.may(right))).await?;
        Ok(rights.iter().zip(answers).filter(|(_, allowed)| !allowed).map(|(right, _)| right.clone()).collect())
    }

    async fn may(&self, right: &Right) -> Result<bool, Failure> {
        let kind =
            Kind::new("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false);
        let body = json!({
            "apiVersion": kind.resource.api_version,
            "kind": kind.resource.kind,
            "spec": {"resourceAttributes": {
                "verb": right.verb,
                "group": right.group,
                "resource": right.resource,
                "namespace": right.namespace,
            }},
        });
        let draft = kind.requests(None).create(&PostParams::default(), body.to_string().into_bytes());
        let doing = Doing::with("ask for", "the rights of the user");
        // Nothing is stored: asking twice does no harm.
        let reply = self.call_repeatable(draft, None).await.map_err(|fault| self.failure(&fault, &doing))?;
        let review: SelfSubjectAccessReview = typed(reply.json).map_err(|fault| self.failure(&fault, &doing))?;
        Ok(review.status.is_some_and(|status| status.allowed))
    }
}
