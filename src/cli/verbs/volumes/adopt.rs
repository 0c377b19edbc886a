//! `kchart volumes adopt`.

use clap::Args;
use tokio::sync::mpsc::unbounded_channel;

use crate::action::volumes::adopt::{Prepared, Request, prepare};
use crate::apply::Stop;
use crate::cli::flags::LockFlags;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::view::{AdoptedView, Ending};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::plan::volumes::{GivenCredential, Name};
use crate::release::Release;

/// Bind a volume whose claim is gone to the claim that a release will make, so that its next install finds the data
///
/// What opens the volume has to be given: a Secret that is in the cluster, or its value, from which the Secret is made
/// as an uninstall would have left it.
#[derive(Debug, Args)]
#[command(after_help = crate::cli::verbs::examples!(
    "kchart volumes adopt pv/pvc-1f3c4b0e -n shop --credential orchestrator-rabbitmq/password",
    "kchart volumes adopt pv/pvc-1f3c4b0e -n shop --release lab --credential-from-file lab-rabbitmq/password=old.txt"
))]
pub(super) struct Adopt {
    /// Name of the volume, or of the claim that it had
    #[arg(value_parser = Name::parse)]
    name: Name,

    /// The release that will use it; the default is the one whose ledger knows the volume
    #[arg(long, value_name = "NAME")]
    release: Option<String>,

    /// The claim that the release will make; the default is the name of the one that is gone
    #[arg(long, value_name = "NAME", value_parser = claim)]
    claim: Option<String>,

    /// A Secret of the cluster that opens it; can be given several times
    #[arg(long, value_name = "SECRET/KEY", value_parser = secret_key)]
    credential: Vec<(String, String)>,

    /// What opens it, as the content of a file (- is standard input), without a line end; the Secret is made
    #[arg(long, value_name = "SECRET/KEY=FILE", value_parser = secret_file)]
    credential_from_file: Vec<(String, String, String)>,

    /// Nothing opens it: no image initialised it with a credential
    #[arg(long, conflicts_with_all = ["credential", "credential_from_file"])]
    no_credential: bool,

    /// Show what would be done and change nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    lock: LockFlags,
}

fn claim(text: &str) -> Result<String, String> {
    Name::parse(text).and_then(|_| if text.contains('/') { Err("give its name alone".into()) } else { Ok(text.into()) })
}

fn secret_key(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((secret, key)) if !secret.is_empty() && !key.is_empty() && !key.contains(['/', '=']) => {
            Ok((secret.to_owned(), key.to_owned()))
        }
        _ => Err("write SECRET/KEY, like `mq/password`".into()),
    }
}

fn secret_file(text: &str) -> Result<(String, String, String), String> {
    let wanted = "write SECRET/KEY=FILE, like `mq/password=old.txt`";
    let (secret, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or(wanted)?;
    let (secret, key) = secret_key(secret).map_err(|_| wanted)?;
    Ok((secret, key, file.to_owned()))
}

impl Adopt {
    pub(super) async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut credentials: Vec<GivenCredential> =
            self.credential.into_iter().map(|(secret, key)| GivenCredential { secret, key, value: None }).collect();
        let mut reader = session.reader();
        for (secret, key, file) in self.credential_from_file {
            let (name, text) = reader.text(&file)?;
            let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
            if value.is_empty() {
                let empty = format!("{name} is empty: it has no value for `{secret}/{key}`");
                return Err(Failure::new(Class::Usage, Diagnostic::error(empty)));
            }
            credentials.push(GivenCredential { secret, key, value: Some(value.to_owned()) });
        }
        let request = Request {
            name: self.name,
            namespace: session.globals.namespace.clone(),
            release: self.release,
            claim: self.claim,
            credentials,
            without_credential: self.no_credential,
        };
        let target = session.target();
        if !self.dry_run {
            session.fails_with(AdoptedView::named(request.release.clone(), request.namespace.clone()));
        }
        let prepared = prepare(request, &target, &mut session.reading).await?;
        session.show_findings();
        if self.dry_run {
            return session.show(AdoptedView::new(&prepared.release, &prepared.plan.report, false));
        }
        let stop = session.signals.hand_over();
        Box::pin(carry_out(prepared, &self.lock, &stop, session)).await
    }
}

async fn carry_out(prepared: Prepared, lock: &LockFlags, stop: &Stop, session: &mut Session) -> Result<(), Failure> {
    let Release { name, namespace } = prepared.release.clone();
    session.fails_with(AdoptedView::named(Some(name), Some(namespace)));
    let tell = session.teller();
    let prepared = Box::pin(prepared.lock(&session.locking(lock, stop, &tell))).await?;
    let (sender, receiver) = unbounded_channel();
    let progress = Progress::new(session);
    let execution = session.execution();
    let working = async move { prepared.carry_out(&execution, &sender, stop).await };
    match tokio::join!(working, progress.follow(receiver)).0 {
        Ok(adopted) => {
            session.ending = None;
            session.show(AdoptedView::new(&adopted.release, &adopted.report, true))
        }
        Err(aborted) => {
            let (ending, failure) = Ending::of(*aborted, AdoptedView::in_part);
            session.ending = Some(ending);
            Err(failure)
        }
    }
}
