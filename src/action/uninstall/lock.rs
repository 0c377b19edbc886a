//! Taking the lock before anything is taken away, and deciding again if another run was at work meanwhile.

use super::{Prepared, decide, is_there};
use crate::action::{Locking, get};
use crate::cluster::Held;
use crate::diagnostic::{Diagnostic, Failure};

impl Prepared {
    /// Takes the lock of the release. None when only remnants of it were there, or, with `ignore_not_found`, when
    /// another run took the release away meanwhile.
    ///
    /// # Errors
    /// `Class::Locked` when another run does not end in time; the release is gone, or the volumes to be destroyed are no
    /// longer those that were shown.
    pub async fn lock(self, locking: &Locking<'_>) -> Result<Option<Self>, Failure> {
        let held = locking.take(&self.cluster, &self.release, async { Ok(()) }).await?;
        match locking.reading(self.current(&held)).await {
            Ok(Some(prepared)) => Ok(Some(Self { held: Some(held), ..prepared })),
            other => {
                held.release().await;
                other
            }
        }
    }

    /// What holds now that nobody else works on it.
    async fn current(self, held: &Held) -> Result<Option<Self>, Failure> {
        if !held.waited && !self.cluster.has_changed(&self.release, &self.seen).await? {
            return Ok(Some(self));
        }
        let past = self.cluster.past(&self.release).await?;
        if !is_there(&past) {
            self.cluster.drop_history(&self.release).await?;
            // What a run left that was killed at its very end is gone now, with the lock: all is as it was to be.
            let ignored = self.request.ignore_not_found || !is_there(&self.seen);
            return if ignored { Ok(None) } else { Err(get::no_such(&self.cluster, &self.release).await) };
        }
        let again = decide(&self.request, &self.cluster, self.release, &past, &self.mask).await?;
        if again.purge && again.plan.report.volumes != self.plan.report.volumes {
            // The consent was to what was shown.
            let message =
                format!("release `{}` has other volumes than before: another run was at work", again.release.name);
            return Err(Failure::failed(
                Diagnostic::error(message)
                    .note("nothing was changed")
                    .hint("look at it and run the same command again"),
            ));
        }
        Ok(Some(again))
    }
}
