//! Lists of objects: paged, so that neither side holds ten thousand objects in one answer. A page is read into what is
//! kept of it, and goes.

use kube::core::params::ListParams;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::Cluster;
use super::kinds::Kind;
use super::request::{Draft, Fault};
use crate::yaml::{Node, Value};

/// Objects a page; kubectl's `--chunk-size`.
const PAGE: u32 = 500;

/// Everything that a list found.
pub(crate) struct Listing<T> {
    /// The objects, `apiVersion` and `kind` included, which the server leaves out in lists.
    pub(crate) items: Vec<T>,
    /// The state of the cluster that they show: a watch goes on from here.
    pub(crate) resource_version: String,
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default)]
    metadata: PageMetadata,
    /// `null` where there are none: Go writes its empty list so.
    items: Option<Vec<T>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageMetadata {
    #[serde(default)]
    resource_version: String,
    #[serde(default, rename = "continue")]
    next: String,
}

impl Cluster {
    /// All objects of a kind, in a namespace or everywhere.
    pub(crate) async fn list(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        params: &ListParams,
    ) -> Result<Listing<Node>, Fault> {
        let requests = kind.requests(namespace);
        let mut listing: Listing<Node> = self.pages(params, |params| requests.list(params)).await?;
        for item in &mut listing.items {
            if let Value::Map(map) = &mut item.value {
                map.entry("apiVersion".into()).or_insert_with(|| Node::new(kind.resource.api_version.as_str()));
                map.entry("kind".into()).or_insert_with(|| Node::new(kind.resource.kind.as_str()));
            }
        }
        Ok(listing)
    }

    /// As [`Cluster::list`], but their `metadata` only.
    pub(crate) async fn list_metadata(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        params: &ListParams,
    ) -> Result<Listing<Json>, Fault> {
        let requests = kind.requests(namespace);
        self.pages(params, |params| requests.list_metadata(params)).await
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        params: &ListParams,
        request: impl Fn(&ListParams) -> Draft,
    ) -> Result<Listing<T>, Fault> {
        let mut params = params.clone().limit(PAGE);
        let mut listing = Listing { items: Vec::new(), resource_version: String::new() };
        loop {
            let page: Page<T> = match self.fetch(request(&params)).await {
                Ok(page) => page,
                // The rest of a list is forgotten after some minutes (410 Expired): all of it at once, then.
                Err(fault) if fault.code() == Some(410) && params.continue_token.is_some() => {
                    params.continue_token = None;
                    params.limit = None;
                    listing.items.clear();
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            listing.items.extend(page.items.into_iter().flatten());
            listing.resource_version = page.metadata.resource_version;
            if page.metadata.next.is_empty() {
                return Ok(listing);
            }
            params.continue_token = Some(page.metadata.next);
        }
    }
}
