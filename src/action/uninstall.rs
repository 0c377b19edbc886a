//! Takes a release away: all but its data, or all of it.

mod carry_out;
mod choose;
mod lock;

pub use carry_out::Removed;

use jiff::Timestamp;

use crate::cluster::{Cluster, Held};
use crate::diagnostic::{Diagnostic, Failure};
use crate::manifest::{self, Manifest};
use crate::plan::{self, Goal, Intent, Options, Plan};
use crate::release::{Past, Release, Revision, Status};

use super::planning::{mask_live, progress, random_key, refused};
use super::{Progress, Reading, Remark, SharedMask, Target, get, name, rights};

/// What to take away.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub struct Request {
    /// Names of releases; none takes the only one of the namespace.
    pub names: Vec<String>,
    /// Their namespace; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// Whether volumes and their data go too.
    pub purge: bool,
    /// Definitions that go with all objects of their kinds.
    pub prune_crds: Vec<String>,
    /// Whether Jobs that are to run before an uninstall do not.
    pub skip_jobs: bool,
    /// Whether the records stay.
    pub keep_history: bool,
    /// Whether a release that is not there is no failure.
    pub ignore_not_found: bool,
}

/// Everything decided, nothing done.
#[derive(Debug)]
pub struct Prepared {
    cluster: Cluster,
    /// The lock, once it is taken.
    held: Option<Held>,
    /// What was stored of the release when it was decided, without its records.
    seen: Past,
    request: Request,
    mask: SharedMask,
    /// What the history says of it, instead of the usual sentence.
    sentence: Option<String>,
    /// The newest revision, if a record says that something may be there.
    recorded: Option<Revision>,
    /// How far an earlier run came that did not end.
    begun: Option<Progress>,
    /// Whether volumes and their data go too.
    pub purge: bool,
    /// Which release.
    pub release: Release,
    /// Whether it was taken away before, and only what it kept is left.
    pub only_leftovers: bool,
    /// The plan: to be shown, asked about, or carried out.
    pub plan: Plan,
}

/// What the names mean, and what is there of it.
#[derive(Debug, Default)]
pub struct Found {
    /// One plan a release, in the order of the names.
    pub prepared: Vec<Prepared>,
    /// Releases that are not there, with `ignore_not_found`.
    pub missing: Vec<Release>,
}

/// Asks the cluster and decides, for all names before anything is done for one.
///
/// # Errors
/// No such release; several to choose from; refused to protect data.
pub async fn prepare(request: &Request, target: &Target, reading: &mut Reading) -> Result<Found, Failure> {
    name::checked_namespace(request.namespace.as_deref())?;
    for name in &request.names {
        name::checked(name)?;
    }
    let cluster = target.connect().await?;
    let namespace = request.namespace.as_deref().unwrap_or(&cluster.default_namespace).to_owned();
    let names = match request.names.as_slice() {
        [] => {
            let only = choose::the_only_one(&cluster, &namespace, request.ignore_not_found, request.purge).await?;
            only.into_iter().collect()
        }
        names => names.to_vec(),
    };
    let mut found = Found::default();
    for name in names {
        let release = Release { namespace: namespace.clone(), name };
        let past = cluster.past(&release).await?;
        let unfinished = past.headers.last().filter(|header| header.status == Status::Uninstalling);
        past.records.iter().for_each(|record| reading.mask.extend(&manifest::mask(&record.objects, [])));
        if !is_there(&past) && !cluster.has_remnants(&release).await? {
            if !request.ignore_not_found {
                return Err(get::no_such(&cluster, &release).await);
            }
            found.missing.push(release);
        } else if !found.prepared.iter().any(|prepared| prepared.release == release) {
            let prepared = decide(request, &cluster, release, &past, &reading.mask).await?;
            reading.remarks.extend(unfinished.map(|it| Remark::Continues(it.revision, it.status, prepared.begun)));
            found.prepared.push(prepared);
        }
    }
    reading.warnings.extend(cluster.take_warnings().into_iter().map(Diagnostic::warning));
    Ok(found)
}

/// Takes a first install away that has failed: its data and its records stay.
pub(super) async fn after_failure(
    cluster: &Cluster,
    release: Release,
    past: &Past,
    mask: &SharedMask,
    sentence: String,
) -> Result<Prepared, Failure> {
    let request = Request {
        names: vec![release.name.clone()],
        namespace: Some(release.namespace.clone()),
        purge: false,
        keep_history: true,
        ignore_not_found: true,
        // Nothing worked that Jobs could say good-bye to.
        skip_jobs: true,
        prune_crds: Vec::new(),
    };
    let prepared = decide(&request, cluster, release, past, mask).await?;
    Ok(Prepared { sentence: Some(sentence), ..prepared })
}

/// Whether anything is known of a release: a record that is not `uninstalled`, or a ledger.
fn is_there(past: &Past) -> bool {
    !past.headers.is_empty() || past.ledger.is_some()
}

async fn decide(
    request: &Request,
    cluster: &Cluster,
    release: Release,
    past: &Past,
    mask: &SharedMask,
) -> Result<Prepared, Failure> {
    let newest = past.headers.last().map(|header| header.revision);
    let intent = Intent {
        release: release.clone(),
        revision: newest.unwrap_or(0),
        goal: if request.purge { Goal::Purged } else { Goal::Removed },
        now: Timestamp::now(),
        ledger_key: random_key()?,
        options: Options {
            prune_crds: request.prune_crds.clone(),
            skip_jobs: request.skip_jobs,
            keep_history: request.keep_history,
            ..Options::default()
        },
    };
    let want = Manifest::default();
    let facts = cluster.answer(&plan::questions(&intent, &want, past)).await?;
    let holders = plan::rotations(&facts);
    mask.extend(&mask_live(past.records.iter().flat_map(|record| &record.objects).chain(&holders), &facts));
    let plan = plan::plan(&intent, &want, past, &facts).map_err(refused)?;
    tracing::info!("the plan for `{}` has {} steps", release.name, plan.count());
    if request.purge {
        let what = format!("the volumes of `{}` can't be purged", release.name);
        let keep = format!("or keep the volumes: `kchart uninstall {} -n {}`", release.name, release.namespace);
        rights::check(cluster, &what, Some(keep), &plan).await?;
    }
    Ok(Prepared {
        cluster: cluster.clone(),
        held: None,
        seen: Past {
            records: Vec::new(),
            headers: past.headers.clone(),
            ledger: past.ledger.clone(),
            stale: past.stale,
            refused_logins: past.refused_logins.clone(),
        },
        request: request.clone(),
        mask: mask.clone(),
        sentence: None,
        begun: past.newest().filter(|it| it.status == Status::Uninstalling).map(|it| progress(it, &plan, &facts)),
        recorded: past.headers.iter().rev().find(|header| header.status != Status::Uninstalled).map(|it| it.revision),
        purge: request.purge,
        release,
        only_leftovers: past.is_new(),
        plan,
    })
}
