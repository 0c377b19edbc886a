//! Asks the server which kinds it serves: two requests at once, one run a command, and only if somebody wants to know.

use std::sync::{Arc, PoisonError};

use kube::discovery::Scope;

use super::Cluster;
use super::errors::Doing;
use super::kinds::{Kind, Kinds};
use super::request::Fault;
use crate::diagnostic::Failure;
use crate::object::ObjectId;
use crate::yaml::Node;

/// Media type of aggregated discovery, stable since Kubernetes 1.30; older servers answer with the plain list.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

impl Cluster {
    /// The kinds that the server serves.
    pub(crate) async fn kinds(&self) -> Result<Arc<Kinds>, Failure> {
        let _turn = self.shared.discovering.lock().await;
        if let Some(kinds) = self.shared.kinds.read().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(kinds);
        }
        let doing = Doing::with("read", "the list of kinds");
        let kinds = match self.aggregated().await.map_err(|fault| self.failure(&fault, &doing))? {
            Some(kinds) => kinds,
            None => self.one_by_one().await?,
        };
        let kinds = Arc::new(kinds);
        *self.shared.kinds.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kinds));
        Ok(kinds)
    }

    /// The kind of an object in the very version that is asked for.
    pub(crate) async fn kind_of(&self, id: &ObjectId, version: &str) -> Result<Kind, Failure> {
        let kinds = self.kinds().await?;
        kinds
            .find(&id.group, &id.kind, version)
            .cloned()
            .ok_or_else(|| Failure::failed(kinds.unknown(&id.group, &id.kind, version)))
    }

    /// Takes note of the kinds that a CustomResourceDefinition brings.
    pub(crate) fn learn(&self, definition: &Node) {
        if let Some(kinds) = self.shared.kinds.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Arc::make_mut(kinds).learn(definition);
        }
    }

    /// Aggregated discovery; none when the server does not know it.
    async fn aggregated(&self) -> Result<Option<Kinds>, Fault> {
        use kube::core::discovery::v2::APIGroupDiscoveryList;
        let ask = |path: &str| {
            let request = http::Request::get(path).header(http::header::ACCEPT, AGGREGATED).body(Vec::new());
            self.fetch::<APIGroupDiscoveryList>(request.map_err(kube::core::request::Error::BuildRequest))
        };
        let (core, groups) = futures::future::try_join(ask("/api"), ask("/apis")).await?;
        // A plain list reads as an empty aggregated one: it has `versions` and `groups`, no `items`.
        if core.items.is_empty() {
            return Ok(None);
        }
        let mut kinds = Kinds::default();
        for group in core.items.into_iter().chain(groups.items) {
            let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
            for version in group.versions {
                let Some(number) = version.version else { continue };
                for resource in version.resources {
                    let kind = resource.response_kind.and_then(|kind| kind.kind);
                    if let (Some(plural), Some(kind)) = (resource.resource, kind) {
                        let namespaced = resource.scope.as_deref() == Some("Namespaced");
                        kinds.add(Kind::new(&name, &number, &kind, &plural, namespaced));
                    }
                }
            }
        }
        Ok(Some(kinds))
    }

    /// Plain discovery: a request for each group and version.
    async fn one_by_one(&self) -> Result<Kinds, Failure> {
        let discovery = kube::Discovery::new(self.client.clone()).run().await.map_err(|error| {
            let fault = match error {
                kube::Error::Api(status) => Fault::Refused { status, attempts: 1 },
                kube::Error::SerdeError(_) | kube::Error::Discovery(_) => {
                    Fault::Unreadable("it is no list of kinds".into())
                }
                other => Fault::Unanswered(other),
            };
            self.failure(&fault, &Doing::with("read", "the list of kinds"))
        })?;
        let mut kinds = Kinds::default();
        for group in discovery.groups_alphabetical() {
            let preferred = group.preferred_version_or_latest().to_owned();
            let others = group.versions().filter(|version| *version != preferred);
            for version in std::iter::once(preferred.as_str()).chain(others) {
                for (resource, capabilities) in group.versioned_resources(version) {
                    kinds.add(Kind { resource, namespaced: capabilities.scope == Scope::Namespaced });
                }
            }
        }
        Ok(kinds)
    }

    /// The server's version and the API versions it serves.
    pub(super) async fn read_capabilities(&self) -> Result<(String, Vec<String>), Failure> {
        let draft = http::Request::get("/version").body(Vec::new()).map_err(kube::core::request::Error::BuildRequest);
        let version = async {
            let answer: k8s_openapi::apimachinery::pkg::version::Info = self
                .fetch(draft)
                .await
                .map_err(|fault| self.failure(&fault, &Doing::with("read", "the version of the API server")))?;
            Ok(answer.git_version)
        };
        let (version, kinds) = futures::future::try_join(version, self.kinds()).await?;
        Ok((version, kinds.api_versions()))
    }
}
