//! The flag of all verbs that lock a release, and who this run is to others.

use std::time::Duration;

use clap::Args;

use crate::cli::{Environment, duration};
use crate::cluster::Holder;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Locking")]
pub(in crate::cli) struct LockFlags {
    /// How long to wait while another run works on the release; one that was killed is replaced after 15s
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "60s")]
    pub(in crate::cli) lock_timeout: Duration,
}

/// This run, as others see it: host, process, and the page of its CI job (GitHub Actions, GitLab, Jenkins).
pub(in crate::cli) fn holder(environment: &Environment) -> Holder {
    let github = || {
        let [server, repository, run] =
            ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"].map(|name| environment.get(name));
        Some(format!("{}/{}/actions/runs/{}", server?, repository?, run?))
    };
    let job = github().or_else(|| environment.first(&["CI_JOB_URL", "BUILD_URL"]).map(|(_, url)| url.to_owned()));
    // Without randomness two runs are still told apart by host and process.
    let run = getrandom::u32().unwrap_or_default();
    Holder::new(&host(environment), std::process::id(), run, job.as_deref())
}

/// The name of this machine, as far as it is told without asking the network.
fn host(environment: &Environment) -> String {
    let file = |path| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let named = |name: &String| !name.is_empty();
    let variable = || environment.first(&["HOSTNAME", "COMPUTERNAME", "HOST"]).map(|(_, name)| name.to_owned());
    let name = file("/proc/sys/kernel/hostname").filter(named).or_else(variable);
    name.or_else(|| file("/etc/hostname").filter(named)).unwrap_or_else(|| "a machine without a name".into())
}
