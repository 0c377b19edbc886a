//! Defaults of Services and network policies.

use serde_json::{Value, json};

use super::defaults;
use crate::sandbox::json;
use crate::sandbox::state::{State, kinds};

/// Fields of Services that have addresses.
const OF_ADDRESSES: &[&str] = &[
    "clusterIP",
    "clusterIPs",
    "externalTrafficPolicy",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "healthCheckNodePort",
];

/// A Service: its ports, and an address of its own unless it is headless or a name only.
pub(super) fn service(state: &State, object: &mut Value, before: Option<&Value>) {
    json::set_default(object, &["spec", "type"], "ClusterIP");
    json::set_default(object, &["spec", "sessionAffinity"], "None");
    if json::get(object, &["spec", "ports"]).is_some_and(Value::is_array) {
        for port in json::list_at(object, &["spec", "ports"]).iter_mut().filter(|port| port.is_object()) {
            json::set_default(port, &["protocol"], "TCP");
            let unset = port.get("targetPort").is_none_or(|target| target.is_null() || target == 0 || target == "");
            if let Some(number) = port.get("port").cloned().filter(|_| unset) {
                json::set(port, &["targetPort"], number);
            }
        }
    }
    if json::text(object, &["spec", "sessionAffinity"]) == Some("ClientIP") {
        json::set_default(object, &["spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds"], 10_800);
    }
    if json::text(object, &["spec", "type"]) == Some("ExternalName") {
        // What another type was given is given back (`dropTypeDependentFields`).
        for field in OF_ADDRESSES {
            let kept = json::get(object, &["spec", field]);
            if before.is_some_and(|before| json::get(before, &["spec", field]) == kept) {
                json::remove(object, &["spec", field]);
            }
        }
        return;
    }
    // A write that leaves them out keeps what was given out (`patchAllocatedValues`).
    if let Some(before) = before {
        // Who changes only one of them means both (`NormalizeClusterIPs`).
        let is = |field: &str| json::get(object, &["spec", field]) == json::get(before, &["spec", field]);
        let said = json::text(object, &["spec", "clusterIP"]).filter(|said| !said.is_empty()).map(str::to_owned);
        if let Some(said) = said.filter(|_| !is("clusterIP") && is("clusterIPs")) {
            json::set(object, &["spec", "clusterIPs"], json!([said]));
        }
    }
    for field in ["clusterIP", "clusterIPs"] {
        let kept = before.and_then(|before| json::get(before, &["spec", field])).cloned();
        let unset = json::get(object, &["spec", field]).is_none_or(|value| value.is_null() || value == "");
        if let Some(kept) = kept.filter(|_| unset) {
            json::set(object, &["spec", field], kept);
        }
    }
    if json::text(object, &["spec", "clusterIP"]).is_none_or(str::is_empty) {
        json::set(object, &["spec", "clusterIP"], state.index.free_address());
    }
    let address = json::get(object, &["spec", "clusterIP"]).cloned().unwrap_or_default();
    defaults(
        object,
        &[
            (&["spec", "clusterIPs"], json!([address])),
            (&["spec", "ipFamilies"], json!(["IPv4"])),
            (&["spec", "ipFamilyPolicy"], json!("SingleStack")),
            (&["spec", "internalTrafficPolicy"], json!("Cluster")),
        ],
    );
    if matches!(json::text(object, &["spec", "type"]), Some("NodePort" | "LoadBalancer")) {
        json::set_default(object, &["spec", "externalTrafficPolicy"], "Cluster");
        if json::text(object, &["spec", "type"]) == Some("LoadBalancer") {
            json::set_default(object, &["spec", "allocateLoadBalancerNodePorts"], true);
            if json::text(object, &["spec", "externalTrafficPolicy"]) == Some("Local") {
                let kept = before.and_then(|before| json::number(before, &["spec", "healthCheckNodePort"]));
                // The last of the node ports: those of the ports themselves are given out from the first on.
                json::set_default(object, &["spec", "healthCheckNodePort"], kept.unwrap_or(32_767));
            }
        }
        node_ports(state, object, before);
    }
}

fn node_ports(state: &State, object: &mut Value, before: Option<&Value>) {
    let mut taken: Vec<i64> = state
        .of(&kinds::SERVICE)
        .flat_map(|(_, service)| json::list(service, &["spec", "ports"]))
        .filter_map(|port| json::number(port, &["nodePort"]))
        .collect();
    let kept: Vec<Value> = before.map(|before| json::list(before, &["spec", "ports"]).to_vec()).unwrap_or_default();
    for port in json::list_at(object, &["spec", "ports"]).iter_mut().filter(|port| port.is_object()) {
        let same = |old: &&Value| old.get("port") == port.get("port") && old.get("protocol") == port.get("protocol");
        let old = kept.iter().find(same).and_then(|old| json::number(old, &["nodePort"]));
        let number = old.or_else(|| (30_000..=32_767).find(|number| !taken.contains(number))).unwrap_or_default();
        json::set_default(port, &["nodePort"], number);
        taken.push(number);
    }
}

/// A network policy.
pub(super) fn policy(object: &mut Value) {
    for direction in ["ingress", "egress"] {
        if !json::get(object, &["spec", direction]).is_some_and(Value::is_array) {
            continue;
        }
        for rule in json::list_at(object, &["spec", direction]) {
            if rule.get("ports").is_some_and(Value::is_array) {
                for port in json::list_at(rule, &["ports"]).iter_mut().filter(|port| port.is_object()) {
                    json::set_default(port, &["protocol"], "TCP");
                }
            }
        }
    }
    let both = json::get(object, &["spec", "egress"]).is_some();
    json::set_default(
        object,
        &["spec", "policyTypes"],
        if both { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) },
    );
}
