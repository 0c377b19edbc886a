//! What is known of a release before a run.

use futures::future::join;

use crate::cluster::Cluster;
use crate::diagnostic::Failure;
use crate::readiness::Reason;
use crate::release::{Header, Past, Release, Revision, Status, settle};

impl Cluster {
    pub(in crate::cluster) async fn read_past(&self, release: &Release) -> Result<Past, Failure> {
        let records = async {
            let mut headers = self.stored_headers(release).await?;
            let stale = settle(&mut headers);
            let records = self.open_with_causes(release, &since_last_success(&headers)).await?;
            Ok::<_, Failure>((headers, stale, records))
        };
        // Of two errors it is always the same one that is told.
        let (records, ledger) = join(records, self.ledger(release)).await;
        let ((headers, stale, (records, causes)), ledger) = (records?, ledger?);
        let failed = headers.last().is_some_and(|newest| newest.status == Status::Failed);
        let refused = causes.into_iter().filter(|cause| failed && cause.reason == Reason::Login);
        let refused_logins = refused.map(|cause| cause.object).collect();
        Ok(Past { headers, stale, records, ledger: ledger.map(|(ledger, _)| ledger), refused_logins })
    }
}

/// The revisions whose objects may be in the cluster: from the last one in force to the newest, or from the first one
/// after the release was last taken away.
fn since_last_success(headers: &[Header]) -> Vec<Revision> {
    let last = |status| headers.iter().rposition(|header| header.status == status);
    let start = match (last(Status::Deployed), last(Status::Uninstalled)) {
        // The newest is shown even when it was taken away.
        (deployed, Some(uninstalled)) if deployed < Some(uninstalled) => (uninstalled + 1).min(headers.len() - 1),
        (Some(deployed), _) => deployed,
        (None, _) => 0,
    };
    headers.iter().skip(start).map(|header| header.revision).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Deployed, Failed, Superseded, Uninstalled, Uninstalling};

    #[test]
    fn only_what_may_be_in_the_cluster_is_opened() {
        for (statuses, expected) in [
            (vec![], vec![]),
            (vec![Superseded, Superseded, Deployed], vec![3]),
            (vec![Superseded, Deployed, Failed, Failed], vec![2, 3, 4]),
            (vec![Deployed, Deployed], vec![2]),
            (vec![Superseded, Uninstalling], vec![1, 2]),
            (vec![Superseded, Uninstalled], vec![2]),
            (vec![Deployed, Uninstalled], vec![2]),
            (vec![Deployed, Uninstalled, Failed], vec![3]),
            (vec![Deployed, Failed, Uninstalling], vec![1, 2, 3]),
            (vec![Uninstalled, Failed, Failed], vec![2, 3]),
        ] {
            let headers: Vec<Header> = (1..)
                .zip(statuses.clone())
                .map(|(revision, status)| Header {
                    revision,
                    status,
                    started: None,
                    updated: jiff::Timestamp::UNIX_EPOCH,
                    chart: None,
                    description: String::new(),
                })
                .collect();
            assert_eq!(since_last_success(&headers), expected, "{statuses:?}");
        }
    }
}
