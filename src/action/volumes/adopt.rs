//! Brings a volume back whose claim is gone, for the release that will use it.

use super::gather::{Depth, estate};
use crate::action::ending::{self, Aborted, Steps, Told};
use crate::action::execution::{self, Ended, Events};
use crate::action::locking::give_back;
use crate::action::planning::{random_key, refused};
use crate::action::{Locking, Reading, SharedMask, Target, name, rights};
use crate::apply::{Execution, Stop, Work, unchanged};
use crate::cluster::{Cluster, Held};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::Secrecy;
use crate::plan::volumes::{Adoption, GivenCredential, Name, adopt, find, holdings};
use crate::plan::{Plan, Report};
use crate::release::Release;

/// Which volume, and for whom.
#[derive(Clone, Debug)]
pub struct Request {
    /// The volume.
    pub name: Name,
    /// Namespace of the release; else the one of the kubeconfig's context.
    pub namespace: Option<String>,
    /// The release; none for the one that the ledger knows.
    pub release: Option<String>,
    /// Name of the claim that it will make; none for the one that the volume had.
    pub claim: Option<String>,
    /// What opens the volume.
    pub credentials: Vec<GivenCredential>,
    /// Whether it is said that nothing opens it.
    pub without_credential: bool,
}

/// Everything decided, nothing done.
#[derive(Debug)]
pub struct Prepared {
    cluster: Cluster,
    held: Option<Held>,
    request: Request,
    mask: SharedMask,
    namespace: String,
    /// The release that will use it.
    pub release: Release,
    /// The plan: to be shown, or carried out.
    pub plan: Plan,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// The release that will use it.
    pub release: Release,
    /// What was done.
    pub report: Report,
}

/// Asks the cluster and decides.
///
/// # Errors
/// There is no such volume; it is in use; what opens it is not given.
pub async fn prepare(request: Request, target: &Target, reading: &mut Reading) -> Result<Prepared, Failure> {
    name::checked_namespace(request.namespace.as_deref())?;
    request.release.as_deref().map(name::checked).transpose()?;
    let mut mask = crate::object::Mask::default();
    for value in request.credentials.iter().filter_map(|given| given.value.as_deref()) {
        mask.hide(value, Secrecy::Likely);
    }
    reading.mask.extend(&mask);
    let cluster = target.connect().await?;
    let namespace = request.namespace.as_deref().unwrap_or(&cluster.default_namespace).to_owned();
    let (release, plan) = decide(&cluster, &namespace, &request).await?;
    rights::check(&cluster, "the volume can't be adopted", None, &plan).await?;
    reading.warnings.extend(cluster.take_warnings().into_iter().map(Diagnostic::warning));
    Ok(Prepared { cluster, held: None, request, mask: reading.mask.clone(), namespace, release, plan })
}

async fn decide(cluster: &Cluster, namespace: &str, request: &Request) -> Result<(Release, Plan), Failure> {
    let estate = estate(cluster, Some(namespace), Depth::Deep).await?;
    let all = holdings(&estate);
    let holding = find(&estate, &all, namespace, &request.name).map_err(Failure::failed)?;
    // It may be of a release of another namespace, whose name says enough then.
    let proven = holding.entry.and(holding.release.as_ref());
    let release = match (&request.release, proven) {
        (None, Some(proven)) => proven.clone(),
        (Some(name), Some(proven)) if *name == proven.name => proven.clone(),
        (Some(name), _) => Release { namespace: namespace.to_owned(), name: name.clone() },
        (None, None) => {
            let error = format!("nothing proves whose `{}` was: say which release is to use it", holding.reference());
            return Err(Failure::failed(Diagnostic::error(error).hint("`--release NAME`")));
        }
    };
    let adoption = Adoption {
        release: release.clone(),
        claim: request.claim.clone(),
        credentials: request.credentials.clone(),
        without_credential: request.without_credential,
        ledger_key: random_key()?,
    };
    Ok((release, adopt(&estate, holding, &adoption).map_err(refused)?))
}

impl Prepared {
    /// Takes the lock of the release, and decides again.
    ///
    /// # Errors
    /// `Class::Locked` when another run does not end in time; what another run did meanwhile is in the way.
    pub async fn lock(mut self, locking: &Locking<'_>) -> Result<Self, Failure> {
        let again = Box::pin(decide(&self.cluster, &self.namespace, &self.request));
        let (held, (_, plan)) = locking.take_and_look(&self.cluster, &self.release, again).await?;
        self.plan = plan;
        self.held = Some(held);
        Ok(self)
    }

    /// Carries out the plan, and gives the lock back.
    ///
    /// # Errors
    /// The first fatal error: the same command goes on from there.
    pub async fn carry_out(
        mut self,
        execution: &Execution,
        events: &Events,
        stop: &Stop,
    ) -> Result<Adopted, Box<Aborted<Adopted>>> {
        let held = self.held.take();
        let outcome = self.obey(execution, events, held.as_ref(), stop).await;
        give_back(held).await;
        outcome
    }

    async fn obey(
        self,
        execution: &Execution,
        events: &Events,
        held: Option<&Held>,
        stop: &Stop,
    ) -> Result<Adopted, Box<Aborted<Adopted>>> {
        if let Some(failure) = stop.asked() {
            let steps = Steps::none_of(&self.plan);
            return Err(Box::new(Aborted::before(unchanged(failure), self.outcome(), steps)));
        }
        let work = Work { release: &self.release, plan: &self.plan, wanted: &[], mask: self.mask.now() };
        match execution::run(&self.cluster, work, execution, events, held, stop).await {
            Ended::Done => Ok(self.outcome()),
            Ended::Early(unfinished, done) => {
                let tell = |first: Diagnostic, told: &Told| {
                    let again = "when the cause is removed, run the same command again: it goes on from here";
                    first.note(told.progress.clone()).hint(again)
                };
                let aborted =
                    ending::early(unfinished, &done, (&self.plan, &self.mask), ending::unrecorded, tell).await;
                Err(Box::new(aborted.wanting(self.outcome())))
            }
        }
    }

    fn outcome(self) -> Adopted {
        Adopted { release: self.release, report: self.plan.report }
    }
}
