//! `kchart/ingress`.

use super::parameters::{Fields, Strings, parameters};

parameters! {
    /// Parameters of `kchart/ingress`.
    Ingress {
        /// Name of the Ingress.
        name: String,
        /// Labels beside the recommended ones.
        labels: Option<Strings>,
        /// Annotations, read by the ingress controller.
        annotations: Option<Strings>,
        /// The `IngressClass`; left out, the cluster's default.
        class_name: Option<String>,
        /// Host names and where their paths lead.
        #[schemars(length(min = 1))]
        hosts: Vec<Host>,
        /// Certificates.
        #[serde(default)]
        tls: Vec<Tls>,
        /// Laid over the object.
        extra: Option<Fields>,
    }
}

parameters! {
    /// A host name.
    Host {
        /// The name; `*.example.org` takes all below it.
        host: String,
        /// Its paths.
        #[schemars(length(min = 1))]
        paths: Vec<HttpPath>,
    }
}

fn root() -> String {
    "/".into()
}

/// How a path is compared.
#[derive(Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(super) enum PathType {
    /// It and all below it.
    #[default]
    Prefix,
    /// It alone.
    Exact,
    /// As the controller likes.
    ImplementationSpecific,
}

parameters! {
    /// A path of a host.
    HttpPath {
        /// The path.
        #[serde(default = "root")]
        path: String,
        /// How it is compared.
        #[serde(default)]
        path_type: PathType,
        /// Name of the Service behind it.
        service: String,
        /// Name of the Service's port.
        port: String,
    }
}

parameters! {
    /// A certificate.
    Tls {
        /// Name of the Secret with the certificate and its key.
        secret_name: String,
        /// The host names that it is for.
        #[serde(default)]
        hosts: Vec<String>,
    }
}
