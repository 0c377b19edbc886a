//! Lists of objects: paged, so that neither side holds ten thousand objects in one answer.

use kube::core::params::ListParams;
use serde::Deserialize;
use serde_json::Value as Json;

use super::Cluster;
use super::kinds::Kind;
use super::request::{Draft, Fault, typed};

/// Objects a page; kubectl's `--chunk-size`.
const PAGE: u32 = 500;

/// Everything that a list found.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The objects, `apiVersion` and `kind` included, which the server leaves out in lists.
    pub(crate) items: Vec<Json>,
    /// The state of the cluster that they show: a watch goes on from here.
    pub(crate) resource_version: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    /// `null` where there are none: Go writes its empty list so.
    items: Option<Vec<Json>>,
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
    ) -> Result<Listing, Fault> {
        let requests = kind.requests(namespace);
        let mut listing = self.pages(params, |params| requests.list(params)).await?;
        for item in &mut listing.items {
            if let Json::Object(map) = item {
                map.entry("apiVersion").or_insert_with(|| kind.resource.api_version.clone().into());
                map.entry("kind").or_insert_with(|| kind.resource.kind.clone().into());
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
    ) -> Result<Listing, Fault> {
        let requests = kind.requests(namespace);
        self.pages(params, |params| requests.list_metadata(params)).await
    }

    async fn pages(&self, params: &ListParams, request: impl Fn(&ListParams) -> Draft) -> Result<Listing, Fault> {
        let mut params = params.clone().limit(PAGE);
        let mut listing = Listing::default();
        loop {
            let page: Page = match self.call(request(&params), None).await {
                Ok(reply) => typed(reply.json)?,
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
