//! Deciding with the lock held: what was read before another run ended is not what holds now.

use super::{Prepared, Request, prepare};
use crate::action::{Locking, Reading, Remark, Target};
use crate::cluster::Held;
use crate::diagnostic::Failure;

/// As [`prepare`], and takes the lock of the release, unless nothing has to be done and nobody is at work. Input that is
/// wrong is told before; the only write requests are those for the lock, and for the namespace if it is to be made.
///
/// # Errors
/// Those of [`prepare`]; `Class::Locked` when another run does not end in time.
pub async fn prepare_locked(
    request: Request,
    target: &Target,
    locking: &Locking<'_>,
    reading: &mut Reading,
) -> Result<Prepared, Failure> {
    Box::pin(locked(async |reading: &mut Reading| prepare(request.clone(), target, reading).await, locking, reading))
        .await
}

/// Decides, takes the lock unless nothing has to be done, and decides again if another run was at work meanwhile.
///
/// # Errors
/// Those of deciding; `Class::Locked` when another run does not end in time.
pub async fn locked(
    decide: impl AsyncFn(&mut Reading) -> Result<Prepared, Failure>,
    locking: &Locking<'_>,
    reading: &mut Reading,
) -> Result<Prepared, Failure> {
    let before = (reading.remarks.len(), reading.warnings.len());
    let prepared = locking.reading(decide(reading)).await?;
    // Nobody's work is called done while somebody is at it; and a lock that a killed run left is cleared away.
    if prepared.unchanged && !locking.reading(prepared.cluster.has_lease(prepared.release())).await? {
        return Ok(prepared);
    }
    let taken = locking.take(&prepared.cluster, prepared.release(), prepared.make_namespace()).await;
    let held = taken.inspect_err(|_| {
        // It goes on from nothing.
        reading.remarks.retain(|remark| !matches!(remark, Remark::Continues(..)));
    })?;
    let current = match locking.reading(is_current(&prepared, &held)).await {
        Ok(true) => Ok(prepared),
        Ok(false) => {
            reading.remarks.truncate(before.0);
            reading.warnings.truncate(before.1);
            locking.reading(decide(reading)).await
        }
        Err(failure) => Err(failure),
    };
    match current {
        Ok(prepared) if !prepared.unchanged => Ok(Prepared { held: Some(held), ..prepared }),
        other => {
            held.release().await;
            other
        }
    }
}

async fn is_current(prepared: &Prepared, held: &Held) -> Result<bool, Failure> {
    Ok(!held.waited && !prepared.cluster.has_changed(prepared.release(), &prepared.seen).await?)
}

impl Prepared {
    async fn make_namespace(&self) -> Result<(), Failure> {
        if self.create_namespace { self.cluster.ensure_namespace(&self.release().namespace).await } else { Ok(()) }
    }
}
