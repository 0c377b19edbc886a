//! Every namespace has a ServiceAccount `default` and the ConfigMap with the cluster's CA.

use serde_json::json;

use super::{News, is_going, make};
use crate::sandbox::state::{Key, State, kinds};

const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal \
                           endpoints such as the internal service IP or kubernetes.default.svc. No other usage is \
                           guaranteed across distributions of Kubernetes clusters.";

pub(super) fn run(state: &mut State, _news: &News) {
    let namespaces: Vec<String> = state
        .of(&kinds::NAMESPACE)
        .filter(|(_, namespace)| !is_going(namespace))
        .map(|(at, _)| at.name.clone())
        .filter(|name| {
            state.get(&Key::new(&kinds::SERVICE_ACCOUNT, name, "default")).is_none()
                || state.get(&Key::new(&kinds::CONFIG_MAP, name, "kube-root-ca.crt")).is_none()
        })
        .collect();
    for namespace in namespaces {
        make(
            state,
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}),
        );
        make(
            state,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": namespace,
                "annotations": {"kubernetes.io/description": DESCRIPTION}}, "data": {"ca.crt": ""}}),
        );
    }
}
