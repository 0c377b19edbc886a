//! `kchart/workload`: a Deployment or a StatefulSet of one container, by the rules of the restricted Pod Security
//! Standard.

use super::env::{self, Env};
use super::parameters::{Fields, Strings, parameters};
use super::persistent_volume_claim::once;
use super::service::Protocol;
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// Which kind of workload.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum Kind {
    /// Pods that are all alike.
    Deployment,
    /// Pods with stable names and claims of their own.
    StatefulSet,
}

/// When an image is pulled.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum PullPolicy {
    /// Whenever a container starts.
    Always,
    /// When the node does not have it.
    IfNotPresent,
    /// Not at all: it is there.
    Never,
}

/// How a Deployment replaces its Pods.
#[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum Strategy {
    /// New ones come before the old ones go.
    #[default]
    RollingUpdate,
    /// Old ones go first: right where a volume can be mounted once.
    Recreate,
}

/// When a claim of a template goes.
#[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum Retention {
    /// It stays until it is purged.
    #[default]
    Retain,
    /// With the set, or with its Pod: data is lost.
    Delete,
}

fn one() -> u32 {
    1
}

fn grace() -> u32 {
    30
}

/// Small requests, so that the scheduler knows something; a bound on memory, none on CPU, which would only slow down.
fn resources() -> serde_json::Value {
    serde_json::json!({"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}})
}

parameters! {
    /// Parameters of `kchart/workload`.
    Workload {
        /// Deployment or StatefulSet.
        kind: Kind,
        /// Name of the workload.
        name: String,
        /// Name of its container, by which `extra` finds it; left out, the workload's.
        container: Option<String>,
        /// Which part of the application; distinguishes several workloads of one chart.
        component: Option<String>,
        /// Labels of the workload beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations of the workload.
        annotations: Option<Strings>,
        /// Labels of its Pods beside those that select them.
        pod_labels: Option<Strings>,
        /// Annotations of its Pods.
        pod_annotations: Option<Strings>,
        /// How many Pods.
        #[serde(default = "one")]
        replicas: u32,
        /// The image, with its tag or digest.
        image: String,
        /// When the image is pulled; left out, always for `:latest`, else if it is not there.
        image_pull_policy: Option<PullPolicy>,
        /// Names of Secrets to pull the image with.
        #[serde(default)]
        image_pull_secrets: Vec<String>,
        /// The program, instead of the image's own.
        command: Option<Vec<String>>,
        /// Its arguments, instead of the image's own.
        args: Option<Vec<String>>,
        /// Environment variables, as a list or by name.
        env: Option<Env>,
        /// More of them, laid over `env` from first to last: each replaces the variables that it names.
        #[serde(default)]
        env_over: Vec<Env>,
        /// All keys of a Secret or ConfigMap as variables, as Kubernetes writes it.
        env_from: Option<Vec<Fields>>,
        /// Ports of the container.
        #[serde(default)]
        ports: Vec<Port>,
        /// Until it succeeds, the other probes wait.
        startup_probe: Option<Fields>,
        /// Whether the Pod gets requests; left out, whether its first port is open.
        readiness_probe: Option<Fields>,
        /// Whether it must be started again.
        liveness_probe: Option<Fields>,
        /// What the container asks for and may have.
        #[serde(default = "resources")]
        #[schemars(with = "Fields")]
        resources: serde_json::Value,
        /// Volumes and where they are mounted.
        #[serde(default)]
        volumes: Vec<Volume>,
        /// Claims that each Pod of a StatefulSet gets for itself.
        #[serde(default)]
        claim_templates: Vec<ClaimTemplate>,
        /// What becomes of those claims when the set is deleted or shrinks.
        #[serde(default)]
        claim_retention: ClaimRetention,
        /// The headless Service of a StatefulSet; left out, of the same name.
        service_name: Option<String>,
        /// How a Deployment replaces its Pods.
        #[serde(default)]
        strategy: Strategy,
        /// The account of its Pods; left out, the namespace's default one.
        service_account_name: Option<String>,
        /// Whether its Pods get a token for the API server.
        #[serde(default)]
        automount_service_account_token: bool,
        /// Laid over the Pods' security context (non-root, the runtime's seccomp profile).
        pod_security_context: Option<Fields>,
        /// Laid over the container's security context (no privileges to gain, no capabilities).
        security_context: Option<Fields>,
        /// Seconds to end in.
        #[serde(default = "grace")]
        termination_grace_period_seconds: u32,
        /// Labels of nodes that may run it.
        node_selector: Option<Strings>,
        /// Taints of nodes that it bears.
        #[serde(default)]
        tolerations: Vec<Fields>,
        /// Where it likes to be.
        affinity: Option<Fields>,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}

parameters! {
    /// A port of the container.
    #[expect(clippy::struct_field_names, reason = "the names of Kubernetes")]
    Port {
        /// Its name.
        name: String,
        /// Its number.
        #[schemars(range(min = 1, max = 65535))]
        container_port: u16,
        /// Its protocol.
        #[serde(default)]
        protocol: Protocol,
    }
}

parameters! {
    /// A volume and where it is mounted. One of `claim`, `configMap`, `secret` and `emptyDir` says what it is.
    Volume {
        /// Its name.
        name: String,
        /// Where it is mounted.
        mount_path: String,
        /// A file or folder of it.
        sub_path: Option<String>,
        /// Whether it can't be written to.
        read_only: Option<bool>,
        /// Name of a PersistentVolumeClaim.
        claim: Option<String>,
        /// Name of a ConfigMap.
        config_map: Option<String>,
        /// Name of a Secret.
        secret: Option<String>,
        /// A folder that lives as long as the Pod: `{}`.
        empty_dir: Option<Fields>,
    }
}

parameters! {
    /// A claim that each Pod of a StatefulSet gets for itself.
    ClaimTemplate {
        /// Its name.
        name: String,
        /// Where it is mounted.
        mount_path: String,
        /// How much: `1Gi`.
        size: String,
        /// The storage class; left out, the cluster's default.
        storage_class: Option<String>,
        /// How it may be mounted.
        #[serde(default = "once")]
        access_modes: Vec<String>,
    }
}

parameters! {
    /// What becomes of the claims of templates.
    #[derive(Default)]
    ClaimRetention {
        /// When the set is deleted.
        #[serde(default)]
        when_deleted: Retention,
        /// When it shrinks.
        #[serde(default)]
        when_scaled: Retention,
    }
}

/// What the schema can't say: one source a volume, and what belongs to one kind only.
pub(super) fn complete(arguments: &mut Node, errors: &mut Vec<Diagnostic>) {
    env::complete_layers(arguments, errors);
    for volume in arguments.list_at(&["volumes"]) {
        let sources = ["claim", "configMap", "secret", "emptyDir"];
        let given = sources.iter().filter(|source| volume.get(source).is_some_and(|source| !source.is_null())).count();
        if given != 1 {
            let name = volume.str_at(&["name"]).unwrap_or_default();
            let message = format!("the volume `{name}` must have one of `claim`, `configMap`, `secret`, `emptyDir`");
            errors.push(Diagnostic::error(message).at(volume.origin.at).note_at("set here", volume.origin.from));
        }
    }
    if let Some(templates) = arguments.get("claimTemplates")
        && arguments.str_at(&["kind"]) == Some("Deployment")
        && !templates.as_list().unwrap_or_default().is_empty()
    {
        let error = Diagnostic::error("`claimTemplates` are for a StatefulSet only").at(templates.origin.at);
        errors.push(error.hint("a Deployment mounts a claim by `volumes: [{claim: NAME, …}]`"));
    }
}
