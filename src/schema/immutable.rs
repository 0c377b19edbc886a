//! Fields that the API server refuses to change after creation. OpenAPI does not say which they are, so the rules
//! stand here, each with the function of Kubernetes 1.37 that keeps it (files are below `pkg/apis` unless said).

/// A field, with all below it, that can't be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Immutable {
    /// Names of fields from the root.
    pub path: &'static [&'static str],
    /// Paths below it that may change all the same.
    pub except: &'static [&'static [&'static str]],
    /// From when on.
    pub since: Since,
}

/// From when on a field can't be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From the creation of the object on.
    Creation,
    /// From when it was first set: setting it later is allowed.
    Set,
    /// From when the object says `immutable: true`.
    Marked,
}

impl Immutable {
    /// Whether a field (names from the root; of list items the list's) is bound by this rule.
    pub fn covers(&self, path: &[&str]) -> bool {
        path.starts_with(self.path) && !self.except.iter().any(|free| path.starts_with(free))
    }
}

/// What the API server fills in where such a field is left out, as JSON: to take the field out of a chart is then no
/// change. The defaults are set in code (`pkg/apis/*/v1/defaults.go`), OpenAPI does not tell them.
pub fn filled_in(group: &str, kind: &str, path: &[&str]) -> Option<&'static str> {
    Some(match (group, kind, path) {
        ("apps", "StatefulSet", ["spec", "podManagementPolicy"]) => "\"OrderedReady\"",
        ("batch", "Job", ["spec", "completionMode"]) => "\"NonIndexed\"",
        ("batch", "Job", ["spec", "completions"]) => "1",
        ("", "Secret", ["type"]) => "\"Opaque\"",
        ("", "PersistentVolumeClaim" | "PersistentVolume", ["spec", "volumeMode"]) => "\"Filesystem\"",
        ("storage.k8s.io", "StorageClass", ["reclaimPolicy"]) => "\"Delete\"",
        ("storage.k8s.io", "StorageClass", ["volumeBindingMode"]) => "\"Immediate\"",
        ("scheduling.k8s.io", "PriorityClass", ["preemptionPolicy"]) => "\"PreemptLowerPriority\"",
        _ => return None,
    })
}

/// The rules for a kind; empty for kinds without any and for custom resources.
pub fn immutable(group: &str, kind: &str) -> &'static [Immutable] {
    match (group, kind) {
        // apps/validation: ValidateStatefulSetUpdate
        ("apps", "StatefulSet") => STATEFUL_SET,
        // apps/validation: ValidateDeploymentUpdate, ValidateDaemonSetSpecUpdate, ValidateReplicaSetUpdate
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => SELECTOR,
        // batch/validation: ValidateJobSpecUpdate, validatePodTemplateUpdate, validateCompletions (free for Indexed)
        ("batch", "Job") => JOB,
        // core/validation: ValidatePersistentVolumeClaimUpdate
        ("", "PersistentVolumeClaim") => CLAIM,
        // core/validation: ValidatePersistentVolumeUpdate. The sources are the volume's own fields.
        ("", "PersistentVolume") => VOLUME,
        // core/validation: validateServiceClusterIPsUpdate and its neighbours; a change of `type` lifts them
        ("", "Service") => SERVICE,
        // core/validation: ValidateSecretUpdate, ValidateConfigMapUpdate
        ("", "Secret") => SECRET,
        ("", "ConfigMap") => CONFIG_MAP,
        // core/validation: ValidatePodUpdate
        ("", "Pod") => POD,
        // rbac/validation: ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => ROLE_BINDING,
        // storage/validation: ValidateStorageClassUpdate
        ("storage.k8s.io", "StorageClass") => STORAGE_CLASS,
        // storage/validation: ValidateVolumeAttributesClassUpdate
        ("storage.k8s.io", "VolumeAttributesClass") => VOLUME_ATTRIBUTES_CLASS,
        // storage/validation: ValidateCSIDriverUpdate
        ("storage.k8s.io", "CSIDriver") => CSI_DRIVER,
        // networking/validation: validateIngressClassSpecUpdate
        ("networking.k8s.io", "IngressClass") => INGRESS_CLASS,
        // scheduling/validation: ValidatePriorityClassUpdate
        ("scheduling.k8s.io", "PriorityClass") => PRIORITY_CLASS,
        // node/validation: ValidateRuntimeClassUpdate
        ("node.k8s.io", "RuntimeClass") => RUNTIME_CLASS,
        // discovery/validation: ValidateEndpointSliceUpdate
        ("discovery.k8s.io", "EndpointSlice") => ENDPOINT_SLICE,
        // resource/validation: ValidateResourceClaimUpdate, ValidateResourceClaimTemplateUpdate
        ("resource.k8s.io", "ResourceClaim" | "ResourceClaimTemplate") => SPEC,
        // apiextensions-apiserver pkg/apis/apiextensions/validation: ValidateCustomResourceDefinitionUpdate
        ("apiextensions.k8s.io", "CustomResourceDefinition") => DEFINITION,
        _ => &[],
    }
}

const fn always(path: &'static [&'static str]) -> Immutable {
    Immutable { path, except: &[], since: Since::Creation }
}

const fn once_set(path: &'static [&'static str]) -> Immutable {
    Immutable { path, except: &[], since: Since::Set }
}

const fn marked(path: &'static [&'static str]) -> Immutable {
    Immutable { path, except: &[], since: Since::Marked }
}

const SELECTOR: &[Immutable] = &[always(&["spec", "selector"])];
const SPEC: &[Immutable] = &[always(&["spec"])];
const STATEFUL_SET: &[Immutable] = &[Immutable {
    path: &["spec"],
    except: &[
        &["spec", "replicas"],
        &["spec", "ordinals"],
        &["spec", "template"],
        &["spec", "updateStrategy"],
        &["spec", "revisionHistoryLimit"],
        &["spec", "persistentVolumeClaimRetentionPolicy"],
        &["spec", "minReadySeconds"],
    ],
    since: Since::Creation,
}];
const JOB: &[Immutable] = &[
    always(&["spec", "selector"]),
    always(&["spec", "template"]),
    always(&["spec", "completions"]),
    always(&["spec", "completionMode"]),
    always(&["spec", "podFailurePolicy"]),
    always(&["spec", "backoffLimitPerIndex"]),
    always(&["spec", "managedBy"]),
    always(&["spec", "successPolicy"]),
];
const CLAIM: &[Immutable] = &[Immutable {
    path: &["spec"],
    except: &[&["spec", "resources", "requests"], &["spec", "volumeAttributesClassName"]],
    since: Since::Creation,
}];
const VOLUME: &[Immutable] = &[Immutable {
    path: &["spec"],
    except: &[
        &["spec", "capacity"],
        &["spec", "accessModes"],
        &["spec", "claimRef"],
        &["spec", "persistentVolumeReclaimPolicy"],
        &["spec", "storageClassName"],
        &["spec", "mountOptions"],
        &["spec", "nodeAffinity"],
        &["spec", "volumeAttributesClassName"],
    ],
    since: Since::Creation,
}];
const SERVICE: &[Immutable] = &[
    once_set(&["spec", "clusterIP"]),
    once_set(&["spec", "clusterIPs"]),
    once_set(&["spec", "loadBalancerClass"]),
    once_set(&["spec", "healthCheckNodePort"]),
];
const SECRET: &[Immutable] = &[always(&["type"]), marked(&["data"]), marked(&["stringData"]), marked(&["immutable"])];
const CONFIG_MAP: &[Immutable] = &[marked(&["data"]), marked(&["binaryData"]), marked(&["immutable"])];
const POD: &[Immutable] = &[Immutable {
    path: &["spec"],
    except: &[
        // Only `image` of them, which a path without items can't say.
        &["spec", "containers"],
        &["spec", "initContainers"],
        &["spec", "activeDeadlineSeconds"],
        &["spec", "terminationGracePeriodSeconds"],
        &["spec", "tolerations"],
    ],
    since: Since::Creation,
}];
const ROLE_BINDING: &[Immutable] = &[always(&["roleRef"])];
const STORAGE_CLASS: &[Immutable] =
    &[always(&["provisioner"]), always(&["parameters"]), always(&["reclaimPolicy"]), always(&["volumeBindingMode"])];
const VOLUME_ATTRIBUTES_CLASS: &[Immutable] = &[always(&["driverName"]), always(&["parameters"])];
const CSI_DRIVER: &[Immutable] = &[always(&["spec", "attachRequired"]), always(&["spec", "volumeLifecycleModes"])];
const INGRESS_CLASS: &[Immutable] = &[always(&["spec", "controller"])];
const PRIORITY_CLASS: &[Immutable] = &[always(&["value"]), always(&["preemptionPolicy"])];
const RUNTIME_CLASS: &[Immutable] = &[always(&["handler"])];
const ENDPOINT_SLICE: &[Immutable] = &[always(&["addressType"])];
const DEFINITION: &[Immutable] = &[
    always(&["spec", "group"]),
    always(&["spec", "scope"]),
    always(&["spec", "names", "kind"]),
    always(&["spec", "names", "plural"]),
];
