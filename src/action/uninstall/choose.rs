//! Which release is meant when none is named: the only one of the namespace.

use crate::cluster::{Cluster, Listed};
use crate::diagnostic::{Diagnostic, Failure};

/// The only release of a namespace, one that was uninstalled and left something included.
///
/// # Errors
/// There are several: they are listed. There is none (no failure with `ignore_not_found`).
pub(super) async fn the_only_one(
    cluster: &Cluster,
    namespace: &str,
    ignore_not_found: bool,
    purge: bool,
) -> Result<Option<String>, Failure> {
    let flag = if purge { " --purge-volumes" } else { "" };
    let listed = cluster.releases(Some(namespace)).await?;
    match listed.as_slice() {
        [only] => Ok(Some(only.release.name.clone())),
        [] if ignore_not_found => Ok(None),
        [] => Err(Failure::failed(
            Diagnostic::error(format!("there is no release in namespace `{namespace}`, and nothing that one left"))
                .hint("`kchart list -A` shows the releases of all namespaces"),
        )),
        several => Err(Failure::failed(
            several.iter().fold(
                Diagnostic::error(format!("namespace `{namespace}` has {} releases: say which", several.len()))
                    .hint(format!("`kchart uninstall {} -n {namespace}{flag}`", several[0].release.name)),
                |diagnostic, listed| diagnostic.note(line(listed)),
            ),
        )),
    }
}

fn line(listed: &Listed) -> String {
    let name = &listed.release.name;
    match &listed.header {
        Some(header) => format!("`{name}`: {}, revision {}", header.status, header.revision),
        None => format!("`{name}`: uninstalled, left {}", listed.claims.join(", ")),
    }
}
