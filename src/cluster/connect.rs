//! From flags and environment to a client. Reads the kubeconfig; sends nothing.
//!
//! Rules as kubectl's ("Organizing Cluster Access Using kubeconfig Files"): `--kubeconfig`, else the files of
//! `KUBECONFIG` merged (missing ones are passed over), else `~/.kube/config`, else the service account of the Pod.

use std::path::{Path, PathBuf};

use kube::Config;
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::errors::login_failure;
use super::target::{self, Target};
use super::wire::reason;
use super::{Access, Cluster};
use crate::diagnostic::{Diagnostic, Failure, nearest};

/// How long to wait until a connection stands.
const CONNECT: std::time::Duration = std::time::Duration::from_secs(10);

/// What to do without any cluster.
const SANDBOX: &str = "`--sandbox` runs the same command in an in-process cluster, without any other";

/// What the environment says; read once, so that the rules are a function of their inputs.
pub(super) struct Environment {
    /// `KUBECONFIG`, split.
    pub(super) listed: Vec<PathBuf>,
    /// `~/.kube/config`.
    pub(super) home: Option<PathBuf>,
    /// Whether this runs in a Pod.
    pub(super) in_pod: bool,
}

impl Environment {
    fn read() -> Self {
        let listed = std::env::var_os("KUBECONFIG").unwrap_or_default();
        Self {
            listed: std::env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty()).collect(),
            home: std::env::home_dir().map(|home| home.join(".kube").join("config")),
            in_pod: std::env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
        }
    }
}

/// Where the way to the cluster is described.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// In these files, the first one counting most.
    Files(Vec<PathBuf>),
    /// In the Pod's service account.
    Pod,
}

pub(super) async fn connect(access: &Access) -> Result<Cluster, Failure> {
    let (config, target) = match source(access, &Environment::read()).map_err(Failure::failed)? {
        Source::Files(files) => from_files(&files, access.context.as_deref()).await?,
        Source::Pod => {
            let config = Config::incluster().map_err(|error| {
                Failure::failed(Diagnostic::error(format!(
                    "the Pod's service account can't be used: {}",
                    reason(&error)
                )))
            })?;
            let server = Some(target::server(&config.cluster_url));
            (config, Target { server, ..Target::default() })
        }
    };
    build(config, target)
}

fn build(mut config: Config, target: Target) -> Result<Cluster, Failure> {
    // The request layer has a policy of its own: kube's would wait for minutes.
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT);
    let namespace = config.default_namespace.clone();
    let client = ClientBuilder::try_from(config).map_err(|error| match &error {
        kube::Error::Auth(login) => Failure::failed(login_failure(login, &target)),
        other => Failure::failed(Diagnostic::error(format!("cannot connect to {}: {}", target.words(), reason(other)))),
    })?;
    Ok(Cluster::through(client.build(), target, namespace))
}

/// Where to look, or why there is nowhere.
pub(super) fn source(access: &Access, environment: &Environment) -> Result<Source, Diagnostic> {
    if let Some(file) = &access.kubeconfig {
        return Ok(Source::Files(vec![file.clone()]));
    }
    if !environment.listed.is_empty() {
        let there: Vec<PathBuf> = environment.listed.iter().filter(|file| file.exists()).cloned().collect();
        if there.is_empty() {
            let files: Vec<String> = environment.listed.iter().map(|file| file.display().to_string()).collect();
            return Err(Diagnostic::error(format!(
                "no kubeconfig: there is no {}, named by `KUBECONFIG`",
                files.join(" and no ")
            ))
            .hint("`--kubeconfig FILE` takes another one")
            .hint(SANDBOX));
        }
        return Ok(Source::Files(there));
    }
    match &environment.home {
        Some(file) if file.exists() => Ok(Source::Files(vec![file.clone()])),
        _ if environment.in_pod => Ok(Source::Pod),
        home => {
            let place = home.as_ref().map_or("no home folder".into(), |file| format!("no {}", file.display()));
            Err(Diagnostic::error(format!("no kubeconfig: there is {place}, and `KUBECONFIG` is not set"))
                .hint("`--kubeconfig FILE` names one; your cluster's provider tells how to get it")
                .hint(SANDBOX))
        }
    }
}

async fn from_files(files: &[PathBuf], context: Option<&str>) -> Result<(Config, Target), Failure> {
    let mut merged = Kubeconfig::default();
    for file in files {
        let next = Kubeconfig::read_from(file).map_err(|error| Failure::failed(unreadable(file, &error)))?;
        merged = merged.merge(next).map_err(|error| Failure::failed(unreadable(file, &error)))?;
    }
    let file = files.first().cloned().unwrap_or_default();
    let context = choose(&merged, context, &file).map_err(Failure::failed)?;
    let options = KubeConfigOptions { context: Some(context.clone()), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(merged, &options).await.map_err(|error| {
        Failure::failed(Diagnostic::error(format!(
            "context `{context}` of kubeconfig {} can't be used: {}",
            file.display(),
            words(&error)
        )))
    })?;
    let server = Some(target::server(&config.cluster_url));
    Ok((config, Target { server, context: Some(context), file: Some(file) }))
}

/// The context that is wanted, if there is one.
fn choose(config: &Kubeconfig, wanted: Option<&str>, file: &Path) -> Result<String, Diagnostic> {
    let mut names: Vec<&str> = config.contexts.iter().map(|context| context.name.as_str()).collect();
    names.sort_unstable();
    let listed = || match names.as_slice() {
        [] => "it has no contexts at all".to_owned(),
        names => format!("its contexts are `{}`", names.join("`, `")),
    };
    let current = config.current_context.as_deref().filter(|name| !name.is_empty());
    let Some(name) = wanted.or(current) else {
        return Err(Diagnostic::error(format!("kubeconfig {} has no current context", file.display()))
            .note(listed())
            .hint("`--kube-context NAME` takes one of them"));
    };
    if names.contains(&name) {
        return Ok(name.to_owned());
    }
    let diagnostic = Diagnostic::error(format!("there is no context `{name}` in kubeconfig {}", file.display()));
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.note(listed()),
    })
}

fn unreadable(file: &Path, error: &KubeconfigError) -> Diagnostic {
    let file = file.display();
    match error {
        KubeconfigError::ReadConfig(io, _) if io.kind() == std::io::ErrorKind::NotFound => {
            Diagnostic::error(format!("there is no kubeconfig {file}")).hint(SANDBOX)
        }
        other => Diagnostic::error(format!("kubeconfig {file} can't be read: {}", words(other))),
    }
}

/// An error of a kubeconfig without its content: the file holds tokens and keys.
fn words(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::ReadConfig(io, _) => reason(io),
        KubeconfigError::Parse(error) => match error.location() {
            Some(place) => format!("it is no valid kubeconfig (line {}, column {})", place.line(), place.column()),
            None => "it is no valid kubeconfig".into(),
        },
        KubeconfigError::LoadClusterOfContext(name) => format!("it names the cluster `{name}`, which is not there"),
        KubeconfigError::MissingClusterUrl => "its cluster has no `server`".into(),
        KubeconfigError::LoadCertificateAuthority(_) => "its `certificate-authority` can't be read".into(),
        KubeconfigError::LoadClientCertificate(_) => "its `client-certificate` can't be read".into(),
        KubeconfigError::LoadClientKey(_) => "its `client-key` can't be read".into(),
        KubeconfigError::ParseCertificates(_) => "its certificates are no PEM".into(),
        KubeconfigError::ParseClusterUrl(_) => "the `server` of its cluster is no URL".into(),
        KubeconfigError::ParseProxyUrl(_) => "the `proxy-url` of its cluster is no URL".into(),
        other => reason(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"{"current-context": "", "clusters": [{"name": "c", "cluster": {"server": "https://example.test"}}],
        "contexts": [{"name": "prod", "context": {"cluster": "c"}}, {"name": "dev", "context": {"cluster": "c", "namespace": "team"}}]}"#;

    fn environment(listed: &[&Path], home: Option<&Path>, in_pod: bool) -> Environment {
        let listed = listed.iter().map(|path| path.to_path_buf()).collect();
        Environment { listed, home: home.map(Path::to_path_buf), in_pod }
    }

    #[test]
    fn kubeconfigs_are_looked_for_in_kubectls_order() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("config");
        std::fs::write(&there, CONFIG).unwrap();
        let gone = folder.path().join("gone");
        let files = |path: &Path| Ok(Source::Files(vec![path.to_path_buf()]));
        let flag = Access { kubeconfig: Some(gone.clone()), context: None };
        assert_eq!(source(&flag, &environment(&[&there], None, true)), files(&gone), "the flag counts");
        let none = Access::default();
        assert_eq!(source(&none, &environment(&[&gone, &there], Some(&gone), true)), files(&there));
        assert_eq!(source(&none, &environment(&[], Some(&there), true)), files(&there));
        assert_eq!(source(&none, &environment(&[], Some(&gone), true)), Ok(Source::Pod));
        let missing = source(&none, &environment(&[&gone], Some(&there), true)).unwrap_err();
        assert_eq!(missing.message, format!("no kubeconfig: there is no {}, named by `KUBECONFIG`", gone.display()));
        let nothing = source(&none, &environment(&[], Some(&gone), false)).unwrap_err();
        assert_eq!(
            nothing.message,
            format!("no kubeconfig: there is no {}, and `KUBECONFIG` is not set", gone.display())
        );
        assert_eq!(nothing.hints[1], SANDBOX);
    }

    #[tokio::test]
    async fn contexts_are_named_with_near_misses() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, CONFIG).unwrap();
        let files = [file.clone()];
        let message = async |context| from_files(&files, context).await.err().unwrap().diagnostics.remove(0);
        let typo = message(Some("prodd")).await;
        assert_eq!(typo.message, format!("there is no context `prodd` in kubeconfig {}", file.display()));
        assert_eq!(typo.hints, ["did you mean `prod`?"]);
        let none = message(None).await;
        assert_eq!(none.message, format!("kubeconfig {} has no current context", file.display()));
        assert_eq!(none.notes[0].text, "its contexts are `dev`, `prod`");
        let (config, target) = from_files(&files, Some("dev")).await.unwrap();
        assert_eq!(config.default_namespace, "team");
        assert_eq!(target.words(), "the cluster at https://example.test (context `dev`)");
    }

    #[tokio::test]
    async fn a_broken_kubeconfig_is_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, "users:\n- name: me\n  user: {token: marker-secret\n").unwrap();
        let failure = from_files(std::slice::from_ref(&file), None).await.err().unwrap();
        let text = format!("{failure:?}");
        assert!(text.contains("it is no valid kubeconfig"), "{text}");
        assert!(!text.contains("marker-secret"), "{text}");
    }
}
