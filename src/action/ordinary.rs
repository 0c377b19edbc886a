//! Requests as they ordinarily are, for tests that change one thing about them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

use super::{Locking, Reading, Source, Target, deploy, rollback, rotate, stored, uninstall};
use crate::apply::{Execution, Stop};
use crate::chart::Lookup;
use crate::cluster::Holder;
use crate::diagnostic::Failure;
use crate::plan::Options;
use crate::values::Inputs;

/// A chart in a folder: these files, each with its path.
pub(super) fn chart(name: &str, files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let chart = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
    for (path, text) in files.iter().chain([&("Chart.yaml", chart.as_str())]) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Puts a chart in force, whether or not it is.
pub(super) fn deployment(name: &str, chart: &Path, set: Vec<String>) -> deploy::Request {
    deploy::Request {
        source: Source::Chart {
            reference: format!("{}/", chart.display()),
            lookup: Lookup { directory: PathBuf::new(), folders: Vec::new() },
        },
        inputs: Inputs { set, ..Inputs::default() },
        name: Some(name.into()),
        namespace: None,
        verb: deploy::Verb::UpgradeOrInstall,
        reuse: deploy::Reuse::Nothing,
        options: Options::default(),
        strict: false,
        history_max: 10,
        description: None,
        rollback_on_failure: false,
    }
}

/// Makes something of what is stored of a release: goes back to a revision, or turns a password.
pub(super) fn again<What>(name: &str, what: What) -> stored::Request<What> {
    stored::Request {
        name: name.into(),
        namespace: None,
        what,
        options: Options::default(),
        history_max: 10,
        description: None,
    }
}

/// Takes a release away, if it is there.
pub(super) fn removal(name: &str, purge: bool) -> uninstall::Request {
    uninstall::Request {
        names: vec![name.into()],
        namespace: None,
        purge,
        keep_history: false,
        prune_crds: Vec::new(),
        skip_jobs: false,
        ignore_not_found: true,
    }
}

/// A run that waits a minute for the lock, until somebody asks it to stop.
pub(super) fn locking(stop: &Stop) -> Locking<'static> {
    let run = getrandom::u32().unwrap();
    Locking {
        holder: Holder::new("here", 1, run, None),
        patience: Duration::from_secs(60),
        stop: stop.clone(),
        tell: &|_| {},
    }
}

/// Decides with the lock held, and does it.
pub(super) async fn deploys(
    request: deploy::Request,
    target: &Target,
    execution: &Execution,
    stop: &Stop,
) -> Result<(), Failure> {
    let (locking, mut reading) = (locking(stop), Reading::default());
    let prepared = Box::pin(deploy::prepare_locked(request, target, &locking, &mut reading)).await?;
    carry_out(prepared, execution, stop).await
}

/// The same for the way back.
pub(super) async fn rolls_back(
    request: rollback::Request,
    target: &Target,
    execution: &Execution,
    stop: &Stop,
) -> Result<(), Failure> {
    let decide = async |reading: &mut Reading| rollback::prepare(request.clone(), target, reading).await;
    let prepared = Box::pin(deploy::locked(decide, &locking(stop), &mut Reading::default())).await?;
    carry_out(prepared, execution, stop).await
}

/// The same for a rotation.
pub(super) async fn rotates(
    request: rotate::Request,
    target: &Target,
    execution: &Execution,
    stop: &Stop,
) -> Result<(), Failure> {
    let decide = async |reading: &mut Reading| rotate::prepare(request.clone(), target, reading).await;
    let prepared = Box::pin(deploy::locked(decide, &locking(stop), &mut Reading::default())).await?;
    carry_out(prepared, execution, stop).await
}

async fn carry_out(prepared: deploy::Prepared, execution: &Execution, stop: &Stop) -> Result<(), Failure> {
    let (events, _heard) = unbounded_channel();
    Box::pin(prepared.carry_out(execution, &events, stop)).await?;
    Ok(())
}

/// The same for uninstalls.
pub(super) async fn uninstalls(
    request: &uninstall::Request,
    target: &Target,
    execution: &Execution,
    stop: &Stop,
) -> Result<(), Failure> {
    for prepared in uninstall::prepare(request, target, &mut Reading::default()).await?.prepared {
        if let Some(prepared) = prepared.lock(&locking(stop)).await? {
            let (events, _heard) = unbounded_channel();
            prepared.carry_out(execution, &events, stop).await?;
        }
    }
    Ok(())
}
