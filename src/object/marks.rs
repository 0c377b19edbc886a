//! The labels, annotations and field managers that kchart writes and reads.
//!
//! Recommended labels: Kubernetes docs, "Recommended Labels". All others are ours.

/// Field manager of everything that a chart wants.
pub const MANAGER: &str = "kchart";
/// Field manager of generated Secret keys: the main apply never mentions them.
pub const MANAGER_GENERATED: &str = "kchart-generated";
/// Field manager of marks put on objects that something else made (claims of later ordinals).
pub const MANAGER_STAMP: &str = "kchart-stamp";

/// Recommended label: which tool looks after it.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Value of [`MANAGED_BY`].
pub const MANAGED_BY_VALUE: &str = "kchart";
/// Recommended label: the release.
pub const INSTANCE: &str = "app.kubernetes.io/instance";
/// Label: name of the release that an object belongs to. On claims and Secrets it outlives the release.
pub const RELEASE: &str = "kchart.dev/release";
/// Label on a Secret that stays for the volumes that it opens: name of the release that left them.
pub const RETAINED_FOR: &str = "kchart.dev/retained-for";
/// Label on cluster-scoped objects: namespace of the release.
pub const RELEASE_NAMESPACE: &str = "kchart.dev/release-namespace";
/// Label on records: revision number.
pub const REVISION: &str = "kchart.dev/revision";
/// Label on records: status.
pub const STATUS: &str = "kchart.dev/status";
/// Label on records and ledgers: what the Secret holds.
pub const STORES: &str = "kchart.dev/stores";

/// Annotation on a workload: `data=rabbitmq/password:sticky` (`:every-boot`), comma separated. The name before
/// `=` is a volume of the Pod or a claim template.
pub const CREDENTIALS: &str = "kchart.dev/credentials";

/// Annotation of a claim, by a person: the image whose data it holds since somebody upgraded them in the volume.
pub const DATA_OF: &str = "kchart.dev/data-of";
/// Annotation on a Pod template: revision in which a Secret or ConfigMap that it reads last changed.
pub const READS_CHANGED: &str = "kchart.dev/reads-changed-in";
/// Annotation on an object: `deployment/x`, comma separated; applied after those are ready.
pub const DEPENDS_ON: &str = "kchart.dev/depends-on";
/// Annotation on a Job: when it runs, `on-change` (the default), `once`, `every-deploy` or `before-uninstall`.
pub const RUN: &str = "kchart.dev/run";
/// Annotation on a Job: `secret/key`; it changes that credential inside the service and runs in a rotation alone. On the
/// Secret that holds both values meanwhile: which key they are of.
pub const ROTATE: &str = "kchart.dev/rotate";
/// Annotation on the Secret that holds both values of a key: `back` where the rotation is being given up, and its values
/// have changed places; `given-up` where that was done without its Job.
pub const ROTATION_COURSE: &str = "kchart.dev/rotation";
/// Annotation on an object: `"true"` keeps it on prune and uninstall.
pub const RETAIN: &str = "kchart.dev/retain";
/// Annotation on a volume that a purge is about to destroy: the reclaim policy that it had, and gets back if it stays.
pub const RECLAIM_BEFORE: &str = "kchart.dev/reclaim-policy-before-purge";
/// When Helm would run an object as a hook; kchart has none, and says so.
pub const HELM_HOOK: &str = "helm.sh/hook";
/// Helm's annotation with the value `keep`: the same as [`RETAIN`].
pub const HELM_RESOURCE_POLICY: &str = "helm.sh/resource-policy";

/// The Secret that holds the old and the new value of a key of `secret` while it is rotated.
pub fn rotation_secret(secret: &str) -> String {
    format!("{secret}-rotation")
}
/// Key of such a Secret: the value that the service was given before.
pub const ROTATION_OLD: &str = "old";
/// Key of such a Secret: the value that it is to have.
pub const ROTATION_NEW: &str = "new";

/// Type of record Secrets.
pub const RECORD_TYPE: &str = "kchart.dev/release.v1";
/// Type of ledger Secrets.
pub const LEDGER_TYPE: &str = "kchart.dev/ledger.v1";
