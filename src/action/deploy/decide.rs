//! The first half: read, ask, decide. No write request.

use crate::action::rendering::{render, resolve};
use crate::action::{Reading, Remark, Target, get, name};
use crate::diagnostic::{Diagnostic, Failure};
use crate::manifest::{self, Manifest};
use crate::object::marks;
use crate::release::{Past, Release, Status};
use crate::render::Context;
use crate::values;

use super::reuse::{Begun, begun};
use super::settle::{Content, Draft, settle};
use super::{Making, Prepared, Request, Reuse, Verb};

/// Reads chart and values, asks the cluster, and decides.
///
/// # Errors
/// What is wrong with the input is found before the cluster is asked, where it can be.
pub async fn prepare(request: Request, target: &Target, reading: &mut Reading) -> Result<Prepared, Failure> {
    name::checked_namespace(request.namespace.as_deref())?;
    if let Some(name) = &request.name {
        name::checked(name)?;
    }
    let loaded = request.source.load(reading)?;
    let name = name::of(request.name.as_deref(), loaded.chart_name())?;
    let given = values::given(&request.inputs, &mut reading.sources)?;
    // Nobody should wait for a cluster to hear of a mistyped value.
    let early = match request.reuse {
        Reuse::Nothing => Some(resolve(&loaded, &given, reading)?),
        Reuse::Given | Reuse::Everything => None,
    };

    let cluster = target.connect().await?;
    let release = name::release(&name, request.namespace.as_deref(), &cluster.default_namespace)?;
    // Both are asked at once; of two errors it is always the same one that is told.
    let (past, capabilities) = tokio::join!(cluster.past(&release), cluster.capabilities());
    let (past, (kube_version, api_versions)) = (past?, capabilities?);
    tracing::info!("release `{}` has {} revisions; Kubernetes is {kube_version}", release.name, past.headers.len());
    past.records.iter().for_each(|record| reading.mask.extend(&manifest::mask(&record.objects, [])));
    if request.verb == Verb::Upgrade && past.is_new() && past.deployed_header().is_none() {
        let mut failure = get::no_such(&cluster, &release).await;
        if let Some(first) = failure.diagnostics.first_mut() {
            first.hints.push("`--install` installs it when it is not there".into());
        }
        return Err(failure);
    }
    check(request.verb, &release, &past)?;
    let Begun { given, effective } = begun(given, request.reuse, &past, reading);
    if let Some(newest) = past.newest().filter(|it| it.status.is_pending() || it.status == Status::Failed) {
        reading.remarks.push(Remark::Continues(newest.revision, newest.status, None));
    }
    let values = match early {
        Some(values) => values,
        None => resolve(&loaded, &effective, reading)?,
    };
    let is_install = past.deployed().is_none();
    let context = Context {
        release: release.name.clone(),
        namespace: release.namespace.clone(),
        revision: past.next_revision(),
        is_upgrade: !is_install,
        kube_version,
        api_versions,
    };
    let summary = loaded.summary();
    let computed = summary.as_ref().map(|_| values.values.clone());
    let wanted = render(loaded, &values, &context, request.strict, reading)?;
    reading.warnings.extend(unexpected(&wanted.manifest));

    let draft = Draft {
        release,
        making: if is_install { Making::Install } else { Making::Upgrade },
        content: Content { manifest: wanted.manifest, notes: wanted.notes, chart: summary, values: given, computed },
        options: request.options,
        history_max: request.history_max,
        description: request.description,
        rollback_on_failure: request.rollback_on_failure,
    };
    settle(cluster, past, draft, reading).await
}

/// What most likely is not what somebody wanted.
fn unexpected(manifest: &Manifest) -> Vec<Diagnostic> {
    if manifest.objects.is_empty() {
        return vec![
            Diagnostic::warning("nothing is rendered: the release has no objects")
                .hint("do the values switch everything off? `kchart template` shows what is rendered"),
        ];
    }
    let hooks = manifest.objects.iter().filter_map(|object| {
        let hook = object.annotation(marks::HELM_HOOK)?;
        let place = object.body.at(&["metadata", "annotations", marks::HELM_HOOK]).map(|node| node.origin.at);
        Some(
            Diagnostic::warning(format!("`{}` is a hook of Helm ({hook}), and is applied like any object", object.id))
                .at(place.unwrap_or_default())
                .hint("kchart has no hooks: a Job says when it runs by `kchart.dev/run`"),
        )
    });
    hooks.collect()
}

/// Whether the release may be installed, or upgraded.
fn check(verb: Verb, release: &Release, past: &Past) -> Result<(), Failure> {
    let Release { name, namespace } = release;
    match (verb, past.deployed_header()) {
        (Verb::Install, Some(header)) => {
            let message = format!("release `{name}` is already installed in namespace `{namespace}`");
            let chart = header.chart.as_ref().map(|chart| format!(", chart {} {}", chart.name, chart.version));
            Err(Failure::failed(
                Diagnostic::error(message)
                    .note(format!("revision {} is in force{}", header.revision, chart.unwrap_or_default()))
                    .hint(format!("to change it: `kchart upgrade {name} CHART -n {namespace}`")),
            ))
        }
        _ => Ok(()),
    }
}
