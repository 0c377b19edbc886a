//! Records: written before anything is done, then only their status changes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::try_join_all;
use jiff::Timestamp;
use kube::core::params::{GetParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value as Json, json};

use super::secrets;
use crate::cluster::Cluster;
use crate::cluster::errors::Doing;
use crate::cluster::kinds::Kind;
use crate::cluster::secrets::{from_json, to_json, words};
use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::object::ObjectId;
use crate::object::marks::{MANAGER, REVISION};
use crate::readiness::Cause;
use crate::release::stored::{self, StoredSecret};
use crate::release::{Header, Record, Release, Revision, Status, StepSummary};

impl Cluster {
    pub(in crate::cluster) async fn write_record(
        &self,
        record: &Record,
        create_namespace: bool,
    ) -> Result<(), Failure> {
        if create_namespace {
            self.make_namespace(&record.release.namespace).await?;
        }
        let (heads, parts): (Vec<StoredSecret>, Vec<StoredSecret>) = stored::encode(record)
            .into_iter()
            .partition(|secret| secret.name == stored::record_name(&record.release.name, record.revision));
        // The first Secret makes the record visible, so it goes last.
        try_join_all(parts.iter().map(|secret| self.write(&record.release, secret))).await?;
        try_join_all(heads.iter().map(|secret| self.make(record, secret))).await?;
        Ok(())
    }

    /// Stores the first Secret of a record. One of its name is never written over: that would lose what another run
    /// has put, or is putting, into the cluster.
    async fn make(&self, record: &Record, secret: &StoredSecret) -> Result<(), Failure> {
        let release = &record.release;
        let id = ObjectId::secret(&release.namespace, &secret.name);
        let params = PostParams { field_manager: Some(MANAGER.into()), dry_run: false };
        let body = to_json(&release.namespace, secret).to_string().into_bytes();
        match self.call_repeatable(secrets().requests_for(&id).create(&params, body), Some(&id)).await {
            // The answer to an earlier try may be lost.
            Err(fault) if fault.is_conflict() => match self.read_secret(&release.namespace, &secret.name).await? {
                Some(stored) if stored == secret.data => Ok(()),
                _ => Err(Failure::new(
                    Class::Locked,
                    Diagnostic::error(format!("revision {} of `{}` is another run's", record.revision, release.name))
                        .note("nothing was changed")
                        .hint("run the same command again"),
                )),
            },
            Err(fault) => Err(self.store_failure(&fault, "write", release)),
            Ok(_) => Ok(()),
        }
    }

    async fn write(&self, release: &Release, secret: &StoredSecret) -> Result<(), Failure> {
        let id = ObjectId::secret(&release.namespace, &secret.name);
        let params = PatchParams::apply(MANAGER).force().validation_strict();
        let patch = Patch::Apply(to_json(&release.namespace, secret));
        let draft = secrets().requests_for(&id).patch(&secret.name, &params, &patch);
        self.call(draft, Some(&id)).await.map_err(|fault| self.store_failure(&fault, "write", release))?;
        Ok(())
    }

    pub(in crate::cluster) async fn make_namespace(&self, name: &str) -> Result<(), Failure> {
        let namespaces = Kind::core("Namespace", "namespaces", false).requests(None);
        let doing = Doing::with("create", format!("namespace `{name}`"));
        match self.call(namespaces.get(name, &GetParams::default()), None).await {
            Ok(_) => return Ok(()),
            // Whoever may make namespaces need not be allowed to look at them.
            Err(fault) if fault.is_not_found() || fault.is_forbidden() => {}
            Err(fault) => return Err(self.failure(&fault, &doing)),
        }
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let params = PostParams { field_manager: Some(MANAGER.into()), dry_run: false };
        let draft = namespaces.create(&params, body.to_string().into_bytes());
        match self.call_repeatable(draft, None).await {
            Err(fault) if fault.is_conflict() => Ok(()),
            Err(fault) => Err(self.failure(&fault, &doing)),
            Ok(_) => Ok(()),
        }
    }

    /// The records of these revisions, oldest first, in one request.
    pub(super) async fn open(&self, release: &Release, revisions: &[Revision]) -> Result<Vec<Record>, Failure> {
        let parts = self.stored_in(release, revisions).await?;
        let records = parts.values().map(|parts| stored::decode(&release.namespace, parts));
        records.collect::<Result<_, _>>().map_err(Failure::failed)
    }

    /// As [`Cluster::open`], with the causes of the newest one's failure.
    pub(super) async fn open_with_causes(
        &self,
        release: &Release,
        revisions: &[Revision],
    ) -> Result<(Vec<Record>, Vec<Cause>), Failure> {
        let parts = self.stored_in(release, revisions).await?;
        let records = parts.values().map(|parts| stored::decode(&release.namespace, parts));
        let records = records.collect::<Result<_, _>>().map_err(Failure::failed)?;
        let head =
            parts.values().next_back().and_then(|parts| parts.iter().find(|it| it.data.contains_key(stored::CAUSES)));
        let causes =
            head.map(|head| stored::decode_causes(&release.namespace, head)).transpose().map_err(Failure::failed)?;
        Ok((records, causes.unwrap_or_default()))
    }

    /// The Secrets in which revisions are stored.
    async fn stored_in(
        &self,
        release: &Release,
        revisions: &[Revision],
    ) -> Result<BTreeMap<Revision, Vec<StoredSecret>>, Failure> {
        if revisions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let numbers: Vec<String> = revisions.iter().map(ToString::to_string).collect();
        let selector = format!("{},{REVISION} in ({})", stored::history(&release.name), numbers.join(","));
        let listing = self
            .list(&secrets(), Some(&release.namespace), &ListParams::default().labels(&selector))
            .await
            .map_err(|fault| self.store_failure(&fault, "read", release))?;
        let mut parts: BTreeMap<Revision, Vec<StoredSecret>> = BTreeMap::new();
        for item in &listing.items {
            let secret = from_json(&item.to_json()).map_err(|fault| self.store_failure(&fault, "read", release))?;
            if let Some(revision) = secret.labels.get(REVISION).and_then(|text| text.parse().ok()) {
                parts.entry(revision).or_default().push(secret);
            }
        }
        Ok(parts)
    }

    pub(in crate::cluster) async fn read_record(
        &self,
        release: &Release,
        revision: Option<Revision>,
    ) -> Result<Option<Record>, Failure> {
        let revision = match revision {
            Some(revision) => Some(revision),
            None => self.headers(release).await?.last().map(|header| header.revision),
        };
        Ok(self.open(release, revision.as_slice()).await?.pop())
    }

    pub(in crate::cluster) async fn write_status(
        &self,
        release: &Release,
        revision: Revision,
        status: Status,
        description: &str,
    ) -> Result<(), Failure> {
        let (labels, annotations) = stored::marks_of(status, Timestamp::now(), description);
        self.patch_head(release, revision, &json!({"metadata": {"labels": labels, "annotations": annotations}})).await
    }

    /// The status `uninstalling` and the steps of the removal in one request: what was to be done is known before
    /// anything is.
    pub(in crate::cluster) async fn write_removal(
        &self,
        release: &Release,
        revision: Revision,
        description: &str,
        steps: &[StepSummary],
    ) -> Result<(), Failure> {
        let (labels, annotations) = stored::marks_of(Status::Uninstalling, Timestamp::now(), description);
        let data = json!({stored::REMOVAL: STANDARD.encode(stored::encode_removal(steps))});
        let patch = json!({"metadata": {"labels": labels, "annotations": annotations}, "data": data});
        self.patch_head(release, revision, &patch).await
    }

    /// The status `failed` and the causes in one request: one is never there without the other.
    pub(in crate::cluster) async fn write_failure(
        &self,
        release: &Release,
        revision: Revision,
        description: &str,
        causes: &[Cause],
    ) -> Result<(), Failure> {
        let (labels, annotations) = stored::marks_of(Status::Failed, Timestamp::now(), description);
        let mut patch = json!({"metadata": {"labels": labels, "annotations": annotations}});
        if !causes.is_empty() {
            patch["data"] = json!({stored::CAUSES: STANDARD.encode(stored::encode_causes(causes))});
        }
        self.patch_head(release, revision, &patch).await
    }

    /// Writes down that a Job ran, with a request that touches nothing else.
    pub(crate) async fn record_run(
        &self,
        release: &Release,
        revision: Revision,
        job: &ObjectId,
    ) -> Result<(), Failure> {
        self.patch_head(release, revision, &json!({"data": {stored::ran_key(job): ""}})).await
    }

    /// Changes the first Secret of a record; only its metadata come back.
    async fn patch_head(&self, release: &Release, revision: Revision, patch: &Json) -> Result<(), Failure> {
        let name = stored::record_name(&release.name, revision);
        let id = ObjectId::secret(&release.namespace, &name);
        let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
        let draft = secrets().requests_for(&id).patch_metadata(&name, &params, &Patch::Merge(patch));
        // The same status twice is the same status.
        self.call_repeatable(draft, Some(&id)).await.map_err(|fault| self.store_failure(&fault, "write", release))?;
        Ok(())
    }

    /// Gives the newest revision its final status, then those before that it outlived. In this order, a run that is
    /// killed in between leaves two in force, of which the newer counts; in the other it would leave none.
    pub(crate) async fn finish(&self, release: &Release, status: Status) -> Result<(), Failure> {
        let headers = self.stored_headers(release).await?;
        let Some((newest, older)) = headers.split_last() else { return Ok(()) };
        self.write_status(release, newest.revision, status, &sentence(newest, status)).await?;
        if status == Status::Failed {
            return Ok(());
        }
        self.outlive(release, newest.revision, older).await
    }

    /// Writes down what became of the revisions before the one in force, where a run was killed before it did.
    pub(crate) async fn put_right(&self, release: &Release) -> Result<(), Failure> {
        let headers = self.stored_headers(release).await?;
        let Some(last) = headers.iter().rposition(|header| header.status == Status::Deployed) else { return Ok(()) };
        self.outlive(release, headers[last].revision, &headers[..last]).await
    }

    async fn outlive(&self, release: &Release, newest: Revision, older: &[Header]) -> Result<(), Failure> {
        try_join_all(older.iter().filter_map(|header| {
            let status = header.outlived()?;
            Some(async move {
                let cut_off = format!("cut off; revision {newest} went on from it");
                let why = if status == Status::Failed { &cut_off } else { &header.description };
                self.write_status(release, header.revision, status, why).await
            })
        }))
        .await?;
        Ok(())
    }

    pub(in crate::cluster) async fn read_causes(
        &self,
        release: &Release,
        revision: Revision,
    ) -> Result<Vec<Cause>, Failure> {
        let name = stored::record_name(&release.name, revision);
        let id = ObjectId::secret(&release.namespace, &name);
        match self.call(secrets().requests_for(&id).get(&name, &GetParams::default()), Some(&id)).await {
            Ok(reply) => {
                let secret = from_json(&reply.json).map_err(|fault| self.store_failure(&fault, "read", release))?;
                stored::decode_causes(&release.namespace, &secret).map_err(Failure::failed)
            }
            Err(fault) if fault.is_not_found() => Ok(Vec::new()),
            Err(fault) => Err(self.store_failure(&fault, "read", release)),
        }
    }

    pub(in crate::cluster) async fn read_secret(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<BTreeMap<String, Vec<u8>>>, Failure> {
        let id = ObjectId::secret(namespace, name);
        let doing = Doing::to("read", &id);
        match self.call(secrets().requests_for(&id).get(name, &GetParams::default()), Some(&id)).await {
            Ok(reply) => {
                crate::cluster::secrets::data(&reply.json).map(Some).map_err(|fault| self.failure(&fault, &doing))
            }
            Err(fault) if fault.is_not_found() => Ok(None),
            Err(fault) => Err(self.failure(&fault, &doing)),
        }
    }
}

/// What the history says of a revision that ended.
fn sentence(before: &Header, status: Status) -> String {
    match (before.status, status) {
        (Status::PendingInstall, Status::Deployed) if before.description == "install" => "install complete".into(),
        (Status::PendingUpgrade, Status::Deployed) if before.description == "upgrade" => "upgrade complete".into(),
        (_, Status::Uninstalled) if before.description.starts_with("uninstall") => "uninstall complete".into(),
        _ if before.description.is_empty() => status.as_str().into(),
        _ => before.description.clone(),
    }
}

/// The release and labels in the metadata of a stored Secret.
pub(super) fn release_of(item: &Json) -> Option<Release> {
    let labels = words(item, "/metadata/labels");
    let namespace = item.pointer("/metadata/namespace").and_then(Json::as_str)?;
    Some(Release { namespace: namespace.to_owned(), name: stored::release_of(&labels)?.to_owned() })
}
