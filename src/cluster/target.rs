//! Which cluster is meant, for messages.

use std::path::PathBuf;

/// Which cluster is meant. Holds no credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// `https://host:port`; none for the sandbox.
    pub(crate) server: Option<String>,
    /// The context of the kubeconfig.
    pub(crate) context: Option<String>,
    /// The kubeconfig; none for the sandbox and inside of a Pod.
    pub(crate) file: Option<PathBuf>,
}

impl Target {
    /// The cluster in words, with its server and context.
    pub(crate) fn words(&self) -> String {
        match (&self.server, &self.context) {
            (None, _) => "the sandbox".into(),
            (Some(server), None) => format!("the cluster at {server}"),
            (Some(server), Some(context)) => format!("the cluster at {server} (context `{context}`)"),
        }
    }
}

/// The server of a URL: scheme, host and port. User names and passwords in it are left out.
pub(crate) fn server(url: &http::Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("https");
    let host = url.host().unwrap_or_default();
    match url.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_url_is_named() {
        let url = "https://me:secret@example.test:6443/api?token=x".parse().unwrap();
        assert_eq!(server(&url), "https://example.test:6443");
    }
}
