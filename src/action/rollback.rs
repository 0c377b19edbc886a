//! Rollback: the manifest of an earlier revision, as a new revision. Data does not roll back.

use crate::cluster::Cluster;
use crate::diagnostic::{Diagnostic, Failure};
use crate::release::{Header, Past, Record, Release, Revision, Status};

use super::deploy::{Making, Prepared, settle};
use super::stored::{self, Found, draft};
use super::{Reading, Remark, Target};

/// Where to go back to: the revision; else the last one that worked before the present one.
pub type Request = stored::Request<Option<Revision>>;

/// Reads the record, asks the cluster, and decides. No write request.
///
/// # Errors
/// No such release or revision; a revision that never worked.
pub async fn prepare(request: Request, target: &Target, reading: &mut Reading) -> Result<Prepared, Failure> {
    let Found { cluster, release, past } = request.find(target).await?;
    let to = match request.what {
        Some(revision) => chosen(&release, &past, revision)?,
        None => last_good(&release, &past)?,
    };
    let record = record_of(&cluster, &release, to).await?;
    let to = (record.revision, record.chart.clone());
    reading.remarks.push(Remark::BackTo(to.0, to.1));
    let making = Making::Rollback(record.revision);
    let draft = draft(record, making, &past, request.options, request.history_max, request.description, reading);
    settle(cluster, past, draft, reading).await
}

async fn record_of(cluster: &Cluster, release: &Release, revision: Revision) -> Result<Record, Failure> {
    let record = cluster.record(release, Some(revision)).await?;
    record.ok_or_else(|| {
        let message = format!("revision {revision} of `{}` can't be read: its record is not whole", release.name);
        Failure::failed(Diagnostic::error(message))
    })
}

/// Whether a revision was in force once.
fn was_good(header: &Header) -> bool {
    // What was uninstalled was in force before, most often; it is named on purpose then.
    matches!(header.status, Status::Deployed | Status::Superseded | Status::Uninstalled | Status::Uninstalling)
}

/// The revision that was named.
fn chosen(release: &Release, past: &Past, revision: Revision) -> Result<Revision, Failure> {
    let Release { name, namespace } = release;
    match past.headers.iter().find(|header| header.revision == revision) {
        Some(header) if was_good(header) => Ok(revision),
        Some(header) => {
            let message = format!("revision {revision} of `{name}` never worked: it is {}", header.status);
            let mut diagnostic = Diagnostic::error(message).note(&header.description);
            if let Some(good) = past.headers.iter().rev().find(|header| was_good(header)) {
                let good = good.revision;
                diagnostic =
                    diagnostic.hint(format!("revision {good} did: `kchart rollback {name} {good} -n {namespace}`"));
            }
            Err(Failure::failed(diagnostic))
        }
        None => {
            let known: Vec<String> =
                past.headers.iter().filter(|it| was_good(it)).map(|it| it.revision.to_string()).collect();
            let diagnostic = Diagnostic::error(format!("there is no revision {revision} of `{name}`"));
            let is_gone = past.headers.first().is_some_and(|oldest| revision < oldest.revision);
            let diagnostic = if is_gone {
                diagnostic.note("older revisions are removed: `--history-max` says how many are kept")
            } else {
                diagnostic
            };
            Err(Failure::failed(match known.as_slice() {
                [] => diagnostic,
                known => {
                    diagnostic.hint(format!("there are {}: `kchart history {name} -n {namespace}`", known.join(", ")))
                }
            }))
        }
    }
}

/// The last revision that worked before the present one.
fn last_good(release: &Release, past: &Past) -> Result<Revision, Failure> {
    let Release { name, namespace } = release;
    let mut before = past.headers.as_slice();
    if let Some((newest, rest)) = past.headers.split_last()
        && newest.status == Status::Deployed
    {
        before = rest;
    }
    before.iter().rev().find(|header| was_good(header)).map(|header| header.revision).ok_or_else(|| {
        let message = format!("there is no revision of `{name}` to go back to: none before the present one worked");
        Failure::failed(
            Diagnostic::error(message).hint(format!("`kchart history {name} -n {namespace}` shows them all")),
        )
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use Status::{Deployed, Failed, PendingUpgrade, Superseded, Uninstalled};

    fn past(statuses: &[Status]) -> Past {
        let headers = (3..).zip(statuses).map(|(revision, status)| Header {
            revision,
            status: *status,
            started: None,
            updated: Timestamp::UNIX_EPOCH,
            chart: None,
            description: "why".into(),
        });
        Past { headers: headers.collect(), ..Past::default() }
    }

    fn release() -> Release {
        Release { namespace: "shop".into(), name: "web".into() }
    }

    #[test]
    fn without_a_revision_it_is_the_last_one_that_worked_before() {
        for (statuses, expected) in [
            (&[Superseded, Deployed][..], Some(3)),
            (&[Superseded, Failed, Deployed], Some(3)),
            (&[Superseded, Deployed, Failed], Some(4)),
            (&[Superseded, Deployed, Failed, PendingUpgrade], Some(4)),
            (&[Deployed], None),
            (&[Failed], None),
            (&[Superseded, Uninstalled], Some(4)),
        ] {
            assert_eq!(last_good(&release(), &past(statuses)).ok(), expected, "{statuses:?}");
        }
    }

    #[test]
    fn a_revision_that_is_gone_or_never_worked_is_answered_with_those_that_did() {
        let past = past(&[Superseded, Deployed, Failed]);
        assert_eq!(chosen(&release(), &past, 4).unwrap(), 4);
        let gone = chosen(&release(), &past, 1).unwrap_err();
        assert_eq!(gone.to_string(), "there is no revision 1 of `web`");
        assert_eq!(gone.diagnostics[0].notes.len(), 1, "it was removed");
        assert_eq!(gone.diagnostics[0].hints, ["there are 3, 4: `kchart history web -n shop`"]);
        let never = chosen(&release(), &past, 9).unwrap_err();
        assert!(never.diagnostics[0].notes.is_empty());
        let failed = chosen(&release(), &past, 5).unwrap_err();
        assert_eq!(failed.to_string(), "revision 5 of `web` never worked: it is failed");
        assert_eq!(failed.diagnostics[0].hints, ["revision 4 did: `kchart rollback web 4 -n shop`"]);
    }
}
