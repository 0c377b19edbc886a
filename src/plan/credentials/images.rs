//! Which image works on a claim.

use std::collections::BTreeMap;

use super::mounted;
use crate::diagnostic::Origin;
use crate::object::ObjectId;
use crate::plan::pods;
use crate::plan::sticky::is_known_image;
use crate::yaml::Node;

/// An image that works on a claim.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Image {
    /// As it is written.
    pub(in crate::plan) name: String,
    /// Where it is written.
    pub(in crate::plan) origin: Origin,
}

/// The image behind each claim (namespace, name) that workloads mount: of all containers that mount it the first one
/// whose image is known to keep data and credentials together, else the first one. An exporter or a backup beside the
/// database does not write its data.
pub(in crate::plan) fn images<'a>(
    objects: impl IntoIterator<Item = (&'a ObjectId, &'a Node)>,
) -> BTreeMap<(String, String), Image> {
    let mut images: BTreeMap<(String, String), Image> = BTreeMap::new();
    for (id, body) in objects {
        let Some(spec) = pods::spec(id, body) else { continue };
        let namespace = id.namespace.clone().unwrap_or_default();
        let claims = pods::claims_by_volume(id, body);
        for container in pods::containers(spec) {
            let Some((node, name)) = container.get("image").and_then(|node| Some((node, node.as_str()?))) else {
                continue;
            };
            let image = Image { name: name.to_owned(), origin: node.origin };
            for claim in mounted(container, &claims) {
                let known = images.entry((namespace.clone(), claim)).or_insert_with(|| image.clone());
                if is_known_image(name) && !is_known_image(&known.name) {
                    known.clone_from(&image);
                }
            }
        }
    }
    images
}
