//! Renders a chart, offline: the manifest is the product.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Failure, nearest};
use crate::manifest::{self, Manifest};
use crate::object::Object;
use crate::render::Context;
use crate::values::{self, Inputs};

use super::rendering::{render, resolve};
use super::{Reading, Source, name};

/// What `release.namespace` is without `--namespace`: no kubeconfig is read here.
const NAMESPACE: &str = "default";

/// What to render.
#[derive(Debug)]
pub struct Request {
    /// From what.
    pub source: Source,
    /// With which values.
    pub inputs: Inputs,
    /// Name of the release; else the chart's.
    pub name: Option<String>,
    /// Namespace of the release; without one templates see `default`, and objects name one only where the chart does,
    /// so that whoever applies them decides (as with Helm).
    pub namespace: Option<String>,
    /// Version of Kubernetes that templates see (`v1.37.2`); else the newest that kchart knows.
    pub kube_version: Option<String>,
    /// API versions that templates see, beside the built-in ones.
    pub api_versions: Vec<String>,
    /// Whether templates see an upgrade.
    pub is_upgrade: bool,
    /// Whether values that nothing reads are errors.
    pub strict: bool,
    /// Only objects of these templates; all if empty.
    pub show_only: Vec<String>,
    /// Whether Secret data is masked.
    pub mask: bool,
}

/// The manifest in pieces, one a template, in the order of the manifest.
#[derive(Debug)]
pub struct Templated {
    /// Never empty pieces.
    pub pieces: Vec<Piece>,
}

/// The objects of one template.
#[derive(Debug)]
pub struct Piece {
    /// `orchestrator/templates/deployment.yaml.hbs`, or the file of `--manifest`.
    pub template: String,
    /// Canonical YAML, without a leading `---`.
    pub yaml: String,
}

/// Renders.
pub fn run(request: Request, reading: &mut Reading) -> Result<Templated, Failure> {
    let given_namespace = name::checked_namespace(request.namespace.as_deref())?;
    let namespace = given_namespace.unwrap_or(NAMESPACE).to_owned();
    if let Some(name) = &request.name {
        name::checked(name)?;
    }
    let loaded = request.source.load(reading)?;
    let release = name::of(request.name.as_deref(), loaded.chart_name())?;
    let given = values::given(&request.inputs, &mut reading.sources)?;
    let values = resolve(&loaded, &given, reading)?;
    let (kube_version, mut api_versions) = crate::schema::offline_capabilities();
    api_versions.extend(request.api_versions);
    let context = Context {
        release,
        namespace,
        revision: 1,
        is_upgrade: request.is_upgrade,
        kube_version: request.kube_version.unwrap_or(kube_version),
        api_versions,
    };
    let mut wanted = render(loaded, &values, &context, request.strict, reading)?;
    if request.namespace.is_none() {
        wanted.manifest.objects.iter_mut().for_each(leave_namespace_open);
    }
    let shown = only(&request.show_only, &wanted.manifest)?;
    Ok(Templated { pieces: pieces(&wanted.manifest, shown.as_deref(), request.mask) })
}

/// The version of Kubernetes that templates see when no cluster is asked: the newest that kchart knows.
pub fn offline_kube_version() -> String {
    crate::schema::offline_capabilities().0
}

/// Takes away the namespace that no chart wrote: what nobody wrote has no place.
fn leave_namespace_open(object: &mut Object) {
    let written = object.body.at(&["metadata", "namespace"]).is_some_and(|node| node.origin.at.is_known());
    if !written {
        object.body.map_at_mut(&["metadata"]).shift_remove("namespace");
    }
}

/// Cuts the manifest into pieces: neighbours of one template stay together.
fn pieces(manifest: &Manifest, shown: Option<&[&str]>, mask: bool) -> Vec<Piece> {
    let mut pieces: Vec<(&str, Vec<Object>)> = Vec::new();
    for object in &manifest.objects {
        let template = manifest.templates.get(&object.id).map_or("", String::as_str);
        if shown.is_some_and(|shown| !shown.contains(&template)) {
            continue;
        }
        match pieces.last_mut() {
            Some((last, objects)) if *last == template => objects.push(object.clone()),
            _ => pieces.push((template, vec![object.clone()])),
        }
    }
    let piece = |(template, objects): (&str, Vec<Object>)| Piece {
        template: template.to_owned(),
        yaml: manifest::to_yaml(&objects, mask),
    };
    pieces.into_iter().map(piece).collect()
}

/// The templates that `--show-only` names: the whole name, without the chart's name, without `.hbs`.
fn only<'m>(wanted: &[String], manifest: &'m Manifest) -> Result<Option<Vec<&'m str>>, Failure> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let mut shown = Vec::new();
    for name in wanted {
        let is_named = |template: &str| {
            let below = template.split_once('/').map_or(template, |(_, below)| below);
            [template, below].iter().any(|known| *known == name || known.strip_suffix(".hbs") == Some(name))
        };
        let found = manifest.templates.values().map(String::as_str).filter(|template| is_named(template));
        let before = shown.len();
        shown.extend(found);
        if shown.len() == before {
            return Err(Failure::input(vec![no_such(name, manifest)]));
        }
    }
    Ok(Some(shown))
}

fn no_such(name: &str, manifest: &Manifest) -> Diagnostic {
    let below = |template: &'_ String| template.split_once('/').map_or(template.clone(), |(_, below)| below.to_owned());
    let known: BTreeSet<String> = manifest.templates.values().map(below).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let diagnostic = Diagnostic::error(format!("no object comes from a template `{name}`"));
    match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic,
        None => diagnostic.hint(format!("objects come from {}", known.join(", "))),
    }
}
