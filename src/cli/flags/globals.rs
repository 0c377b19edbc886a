//! Flags of every verb, with the environment variables that stand in for them.
//!
//! A flag beats `KCHART_…`, which beats the variables that Helm and kubectl read. Variables are read from the call's
//! environment, never from the process's, so that clap's own `env` is not used.

#![expect(clippy::doc_markdown, reason = "the doc comments of flags are the help, where backticks would be shown")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::advice::Advice;
use crate::cli::{Environment, duration};
use crate::cluster::Access;
use crate::diagnostic::{Class, Diagnostic, Failure};

/// Time to wait when nobody says how long.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Requests at once when nobody says how many.
const CONCURRENCY: usize = 16;

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(in crate::cli) struct GlobalFlags {
    /// Namespace of the release [env: KCHART_NAMESPACE, HELM_NAMESPACE; default: the kubeconfig context's]
    #[arg(short, long, global = true, value_name = "NAMESPACE")]
    namespace: Option<String>,

    /// Context of the kubeconfig [env: KCHART_KUBE_CONTEXT, HELM_KUBECONTEXT]
    #[arg(long, global = true, value_name = "CONTEXT")]
    kube_context: Option<String>,

    /// Kubeconfig file [env: KCHART_KUBECONFIG, KUBECONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,

    /// Use the cluster in this process, kept in FILE, instead of a real one [env: KCHART_SANDBOX=FILE; without FILE:
    /// kchart/sandbox.json in the user's state folder]
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "clap's form for a flag whose value is optional")]
    sandbox: Option<Option<PathBuf>>,

    /// How results are printed [env: KCHART_OUTPUT]
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    output: Option<Format>,

    /// Print nothing but results and errors [env: KCHART_QUIET=1]
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Tell more: -v what kchart does, -vv its requests too, -vvv all details [env: KCHART_VERBOSE=1]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,

    /// When to use colours [env: KCHART_COLOR, NO_COLOR]
    #[arg(long, visible_alias = "colour", global = true, value_enum, value_name = "WHEN")]
    color: Option<Color>,

    /// Show progress as plain lines, also on a terminal [env: KCHART_NO_PROGRESS=1]
    #[arg(long, global = true)]
    no_progress: bool,

    /// How long to wait in all, like 5m, 300s or 1h30m [env: KCHART_TIMEOUT; default: 5m]
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration::parse)]
    timeout: Option<Duration>,

    /// At most so many requests at once [env: KCHART_CONCURRENCY; default: 16]
    #[arg(long, global = true, value_name = "N", value_parser = parse_concurrency)]
    concurrency: Option<usize>,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people
    #[default]
    #[value(alias = "table")]
    Text,
    /// For people, with more columns where there are more
    Wide,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
}

impl Format {
    /// Whether people read it.
    pub(in crate::cli) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Wide)
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Color {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The global flags after the environment was looked at.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Globals {
    pub(in crate::cli) namespace: Option<String>,
    pub(in crate::cli) access: Access,
    pub(in crate::cli) sandbox: Option<PathBuf>,
    pub(in crate::cli) output: Format,
    pub(in crate::cli) quiet: bool,
    pub(in crate::cli) verbose: u8,
    pub(in crate::cli) progress: bool,
    pub(in crate::cli) timeout: Duration,
    pub(in crate::cli) concurrency: usize,
    /// What commands that are told as advice must say to find the same cluster.
    pub(in crate::cli) advice: Advice,
}

impl GlobalFlags {
    /// What to use colours for, before anything else is known.
    pub(in crate::cli) fn color(&self, environment: &Environment) -> Color {
        self.color.unwrap_or_else(|| color_of(environment))
    }

    /// Fills in what the environment says and what holds by default. Relative paths start in `directory`.
    pub(in crate::cli) fn resolve(self, environment: &Environment, directory: &Path) -> Result<Globals, Failure> {
        let sandbox = self.sandbox.as_ref().map(Option::as_deref);
        let advice = Advice::new(sandbox, self.kubeconfig.as_deref(), self.kube_context.as_deref());
        let text = |flag: Option<String>, names: &[&str]| {
            flag.or_else(|| environment.first(names).map(|(_, value)| value.to_owned()))
        };
        let kubeconfig = self.kubeconfig.or_else(|| environment.get("KCHART_KUBECONFIG").map(PathBuf::from));
        let sandbox = match self.sandbox {
            Some(Some(file)) => Some(directory.join(file)),
            Some(None) => Some(sandbox_file(environment)?),
            None => environment.get("KCHART_SANDBOX").map(|file| directory.join(file)),
        };
        let verbose = match self.verbose {
            0 if !self.quiet => from(environment, "KCHART_VERBOSE", |text| {
                text.parse().map_err(|_| format!("`{text}` is no number between 0 and 3"))
            })?
            .unwrap_or(0),
            given => given,
        };
        Ok(Globals {
            advice,
            namespace: text(self.namespace, &["KCHART_NAMESPACE", "HELM_NAMESPACE"]),
            access: Access {
                kubeconfig: kubeconfig.map(|file| directory.join(file)),
                context: text(self.kube_context, &["KCHART_KUBE_CONTEXT", "HELM_KUBECONTEXT"]),
            },
            sandbox,
            output: or(self.output, || from(environment, "KCHART_OUTPUT", |text| Format::from_str(text, true)))?
                .unwrap_or_default(),
            quiet: self.quiet || (verbose == 0 && switch(environment, "KCHART_QUIET")?),
            verbose,
            progress: !(self.no_progress || switch(environment, "KCHART_NO_PROGRESS")?),
            timeout: or(self.timeout, || from(environment, "KCHART_TIMEOUT", duration::parse))?.unwrap_or(TIMEOUT),
            concurrency: or(self.concurrency, || from(environment, "KCHART_CONCURRENCY", parse_concurrency))?
                .unwrap_or(CONCURRENCY),
        })
    }
}

/// Colours as the environment wants them: `KCHART_COLOR` beats `NO_COLOR` (no-color.org).
pub(in crate::cli) fn color_of(environment: &Environment) -> Color {
    match environment.get("KCHART_COLOR").and_then(|text| Color::from_str(text, true).ok()) {
        Some(color) => color,
        None if environment.get("NO_COLOR").is_some() => Color::Never,
        None => Color::Auto,
    }
}

/// The sandbox that `--sandbox` means: one file of the user's state folder (XDG base directory specification).
fn sandbox_file(environment: &Environment) -> Result<PathBuf, Failure> {
    let state = environment.get("XDG_STATE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = state
        .or_else(|| environment.get("HOME").map(|home| Path::new(home).join(".local/state")))
        .or_else(|| environment.get("LOCALAPPDATA").map(PathBuf::from));
    state.map(|folder| folder.join("kchart").join("sandbox.json")).ok_or_else(|| {
        let message = "there is no folder to keep the sandbox in: neither XDG_STATE_HOME nor HOME is set";
        usage(Diagnostic::error(message).hint("name a file: `--sandbox=FILE`"))
    })
}

fn parse_concurrency(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err(format!("`{text}` is no number between 1 and 1000")),
    }
}

fn or<T>(flag: Option<T>, other: impl FnOnce() -> Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    if flag.is_some() { Ok(flag) } else { other() }
}

fn from<T>(
    environment: &Environment,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    let Some(text) = environment.get(name) else { return Ok(None) };
    parse(text).map(Some).map_err(|why| usage(Diagnostic::error(format!("environment variable `{name}`: {why}"))))
}

fn switch(environment: &Environment, name: &str) -> Result<bool, Failure> {
    let read = |text: &str| match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(format!("`{text}` is neither `1` nor `0`")),
    };
    Ok(from(environment, name, read)?.unwrap_or(false))
}

fn usage(diagnostic: Diagnostic) -> Failure {
    Failure::new(Class::Usage, diagnostic)
}
