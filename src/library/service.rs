//! `kchart/service`.

use super::parameters::{Fields, Strings, parameters};

/// How a Service is reached.
#[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum ServiceType {
    /// Inside the cluster.
    #[default]
    ClusterIP,
    /// On a port of every node.
    NodePort,
    /// By a load balancer of the cloud.
    LoadBalancer,
}

parameters! {
    /// Parameters of `kchart/service`.
    Service {
        /// Name of the Service.
        name: String,
        /// Which part of the application; distinguishes several workloads of one chart.
        component: Option<String>,
        /// Labels beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations.
        annotations: Option<Strings>,
        /// How it is reached.
        #[serde(default)]
        r#type: ServiceType,
        /// No address of its own: names of single Pods (for a StatefulSet), also of those not ready yet.
        #[serde(default)]
        headless: bool,
        /// Its ports.
        #[schemars(length(min = 1))]
        ports: Vec<ServicePort>,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}

/// A port of a container.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(super) enum TargetPort {
    /// By its number.
    Number(#[schemars(range(min = 1, max = 65535))] u16),
    /// By its name.
    Name(String),
}

/// What a port speaks below the application.
#[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Protocol {
    /// Connections.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
    /// Streams of messages.
    Sctp,
}

parameters! {
    /// A port of a Service.
    ServicePort {
        /// Its name.
        name: String,
        /// Its number.
        #[schemars(range(min = 1, max = 65535))]
        port: u16,
        /// Name or number of the container's port; left out, the same as `name`.
        target_port: Option<TargetPort>,
        /// The port of the nodes.
        #[schemars(range(min = 1, max = 65535))]
        node_port: Option<u16>,
        /// Its protocol.
        #[serde(default)]
        protocol: Protocol,
    }
}
