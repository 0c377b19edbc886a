//! Destroys the claims and volumes that were named, and nothing else: claims, volumes, then the Secrets that opened
//! only them, then their entries in the ledger.

use std::collections::BTreeSet;

use super::{Estate, Holding, Name, State};
use crate::diagnostic::Diagnostic;
use crate::object::{ObjectId, marks};
use crate::plan::destroy::{Going, await_unmounted, delete_claims, destroy_volumes};
use crate::plan::fate::{self, Fates, Means};
use crate::plan::graph::{Draft, Graph};
use crate::plan::scene::list;
use crate::plan::{
    Act, Change, Claim, Deletion, Expect, Kept, Known, Line, Live, Plan, Refusal, Report, circular, pods, references,
    retain, rotation,
};
use crate::release::CredentialKind;

/// Plans to destroy what was named. All of it is of one release, or of none.
///
/// # Errors
/// What is mounted or wanted, bound to another claim, or shares its data with another volume.
pub fn purge(estate: &Estate, all: &[Holding<'_>], named: &[(&Name, &Holding<'_>)]) -> Result<Plan, Vec<Refusal>> {
    let refusals: Vec<Refusal> = named.iter().filter_map(|(name, holding)| refusal(estate, name, holding)).collect();
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let holdings: Vec<&Holding<'_>> = named.iter().map(|(_, holding)| *holding).collect();
    let going: Vec<Going<'_>> = holdings
        .iter()
        .filter_map(|it| Some(Going { namespace: it.namespace, name: it.name, claim: it.claim? }))
        .collect();
    let fates = fates(estate, &holdings);
    let shared = estate.facts.volumes.get().map(|volumes| fate::shared(volumes, &fates)).unwrap_or_default();
    if !shared.is_empty() {
        return Err(shared);
    }
    let (secrets, kept) = secrets(estate, all, &holdings);

    let mut graph = Graph::default();
    let unmounted = await_unmounted(&mut graph, &going, &BTreeSet::new());
    let claims_gone = delete_claims(&mut graph, &going, &fates.volumes, &unmounted);
    let volumes_gone = destroy_volumes(&mut graph, &fates.volumes, &claims_gone);
    // A credential lives as long as its volume.
    let before: BTreeSet<Draft> = graph.last_of(claims_gone.values().copied().chain(volumes_gone));
    let mut deleted = BTreeSet::new();
    for (id, live) in &secrets {
        let act = Act::Delete { id: id.clone(), version: live.version.clone(), deletion: Deletion::Background };
        deleted.insert(graph.add(act, Expect::Uid(live.uid.clone(), None), before.iter().copied()));
    }
    let uids: Vec<String> = holdings.iter().filter_map(|it| Some(it.entry?.uid.clone())).collect();
    if !uids.is_empty() {
        graph.add(Act::Forget { uids }, Expect::Nothing, if deleted.is_empty() { before } else { deleted });
    }
    Ok(Plan {
        report: Report {
            lines: lines(&going, &fates, &secrets),
            kept,
            volumes: fates.report,
            notes: fates.notes,
            ..Report::default()
        },
        steps: graph.into_steps().map_err(|circle| vec![circular(&circle, &[])])?,
        inventory: Vec::new(),
    })
}

/// Why one is not destroyed.
fn refusal(estate: &Estate, name: &Name, it: &Holding<'_>) -> Option<Refusal> {
    let Holding { namespace, name: claim, .. } = it;
    if let Some(unread) = it.release.as_ref().and_then(|release| estate.unread(release)) {
        return Some(Refusal::failed(unread.told(&it.reference())));
    }
    let release = it.tenant.filter(|tenant| tenant.is_live()).map(|tenant| tenant.release.clone());
    let by_release = |diagnostic: Diagnostic| match &release {
        Some(release) => diagnostic.hint(format!(
            "to destroy all that the release has: `kchart uninstall {} -n {} --purge-volumes`",
            release.name, release.namespace
        )),
        None => diagnostic,
    };
    match it.state {
        State::InUse => {
            let pods = list(it.mounted_by.iter().map(|mounter| mounter.pod.as_str()));
            let verb = if it.mounted_by.len() == 1 { "mounts" } else { "mount" };
            let refused = Diagnostic::error(format!("claim `{claim}` is in use: {pods} {verb} it"));
            let refused = match &release {
                None => refused.hint("end what runs there first"),
                Some(_) => by_release(refused),
            };
            return Some(Refusal::refused(refused));
        }
        State::Wanted => {
            let workloads = it.wanted_by.workloads.iter().map(|id| format!("`{id}`"));
            let releases = it.wanted_by.releases.iter().map(|release| format!("release `{}`", release.name));
            let wanters: Vec<String> = workloads.chain(releases).collect();
            let refused = Diagnostic::error(format!("claim `{claim}` is wanted by {}", wanters.join(", ")));
            let refused = refused.note("it would start without its data");
            return Some(Refusal::refused(by_release(match above_replicas(estate, it) {
                Some(set) => refused.hint(format!(
                    "to destroy this one alone, as `{set}` is not to have so many replicas again: `kubectl delete pvc {claim} -n \
                     {namespace}`"
                )),
                None => refused,
            })));
        }
        State::Unknown => {
            let volume = it.volume_name.map(|volume| format!(" (`{volume}`)")).unwrap_or_default();
            return Some(Refusal::failed(
                Diagnostic::error(format!(
                    "claim `{claim}` is gone, and its volume{volume} can't be seen: PersistentVolumes may not be read"
                ))
                .hint(format!("an administrator can run it: `kchart volumes purge {} -n {namespace}`", it.reference())),
            ));
        }
        _ => {}
    }
    if it.claim.is_some() && name.means_volume(it) {
        let volume = it.volume_name.unwrap_or_default();
        return Some(Refusal::refused(
            Diagnostic::error(format!("volume `{volume}` is bound to claim `{claim}`, which would go with it"))
                .hint(format!("name the claim: `kchart volumes purge claim/{claim} -n {namespace}`")),
        ));
    }
    let (volume_name, volume) = (it.volume_name?, it.volume?);
    if let (Some(found), Some((other_namespace, other, Some(uid)))) = (it.claim, &volume.claim)
        && *uid != found.uid
    {
        return Some(Refusal::refused(Diagnostic::error(format!(
            "claim `{claim}` names volume `{volume_name}`, which is bound to claim `{other}` of namespace \
             `{other_namespace}`"
        ))));
    }
    None
}

/// The set that has run Pods on a claim, and runs fewer now; not one that rests as a whole.
fn above_replicas<'a>(estate: &Estate, it: &'a Holding<'_>) -> Option<&'a ObjectId> {
    let [set] = it.wanted_by.workloads.as_slice() else { return None };
    let body = &estate.facts.live.get(set)?.body;
    (pods::is_set(set) && pods::replicas(body) > 0 && !pods::mounts(set, body, it.name)).then_some(set)
}

/// What becomes of the volumes that were named.
fn fates<'a>(estate: &'a Estate, holdings: &[&Holding<'a>]) -> Fates<'a> {
    let claims: Vec<(&str, &str, &Claim)> =
        holdings.iter().filter_map(|it| Some((it.namespace, it.name, it.claim?))).collect();
    let mut fates = Fates::default();
    match &estate.facts.volumes {
        Known::Yes(volumes) => fate::of_claims(volumes, &claims, &mut fates),
        Known::No(why) => fate::unknown(&claims, None, why, &mut fates),
    }
    for it in holdings.iter().filter(|it| it.claim.is_none()) {
        let (Some(name), Some(volume)) = (it.volume_name, it.volume) else { continue };
        match it.state {
            State::Reserved => fate::doom_reserved(name, volume, it.uid, &mut fates),
            _ => fate::doom(name, volume, None, it.uid, &mut fates),
        }
    }
    fates
}

/// The Secrets that open nothing else, and those of them that stay all the same.
fn secrets<'a>(
    estate: &'a Estate,
    all: &[Holding<'_>],
    going: &[&Holding<'_>],
) -> (Vec<(ObjectId, &'a Live)>, Vec<Kept>) {
    let mut candidates: BTreeSet<ObjectId> = BTreeSet::new();
    for it in going {
        let credentials = it.entry.into_iter().flat_map(|entry| &entry.credentials);
        let made = credentials.filter(|credential| credential.kind != CredentialKind::Existing);
        candidates.extend(made.map(|credential| ObjectId::secret(it.namespace, &credential.secret)));
    }
    let ours = |live: &Live| {
        let label = live.body.str_at(&["metadata", "labels", marks::RELEASE]);
        going.iter().filter_map(|it| it.release.as_ref()).any(|release| Some(release.name.as_str()) == label)
    };
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for id in &candidates {
        let Some(live) = estate.facts.live.get(id).filter(|live| ours(live)) else { continue };
        match reason_to_stay(estate, all, going, id, live) {
            None => gone.push((id.clone(), live)),
            Some(why) => kept.push(Kept { id: id.clone(), why, size: None, volume: None, remove: None }),
        }
    }
    // What a rotation that is not over holds goes with the Secret that it is about.
    for (id, live) in estate.facts.live.iter().filter(|(_, live)| ours(live)) {
        let of = rotation::held(id, live).map(|key| ObjectId::secret(&key.namespace, &key.secret));
        if of.is_some_and(|of| candidates.contains(&of) && !kept.iter().any(|kept| kept.id == of)) {
            gone.push((id.clone(), live));
        }
    }
    (gone, kept)
}

fn reason_to_stay(
    estate: &Estate,
    all: &[Holding<'_>],
    going: &[&Holding<'_>],
    id: &ObjectId,
    live: &Live,
) -> Option<String> {
    let namespace = id.namespace.as_deref().unwrap_or_default();
    let goes = |it: &Holding<'_>| going.iter().any(|other| (other.uid, other.volume_name) == (it.uid, it.volume_name));
    let others = all.iter().filter(|it| it.namespace == namespace && it.state != State::Gone && !goes(it));
    let opened: BTreeSet<&str> =
        others.filter(|it| it.opened_by.iter().any(|opener| opener.secret == id.name)).map(|it| it.name).collect();
    if !opened.is_empty() {
        return Some(format!("opens {}", list(opened)));
    }
    if let Some(tenant) = estate.tenants.iter().find(|tenant| tenant.wants(id)) {
        return Some(format!("release `{}` wants it", tenant.release.name));
    }
    let readers = estate.facts.live.iter().filter(|(reader, live)| {
        reader.namespace == id.namespace && references::reads(reader, &live.body).contains(id)
    });
    let readers: BTreeSet<String> = readers.map(|(reader, _)| reader.to_string()).collect();
    if !readers.is_empty() {
        return Some(format!("{} reads it", list(readers.iter().map(String::as_str))));
    }
    if let Some(unread) = estate.facts.unread_ledgers.iter().find(|unread| unread.about == namespace) {
        return Some(format!("may open volumes of release `{}`: {}", unread.release.name, unread.why));
    }
    match retain::retained(&live.body) {
        Ok(Some(mark)) => Some(format!("`{mark}`")),
        Ok(None) | Err(_) => None,
    }
}

fn lines(going: &[Going<'_>], fates: &Fates<'_>, secrets: &[(ObjectId, &Live)]) -> Vec<Line> {
    let line =
        |id: ObjectId, why: &str| Line { id, change: Change::Delete, why: Some(why.to_owned()), fields: Vec::new() };
    let claims = going.iter().map(|it| line(ObjectId::claim(it.namespace, it.name), "with its data"));
    let of_claims: BTreeSet<&str> = going.iter().map(|it| it.claim.uid.as_str()).collect();
    let orphans = fates.volumes.iter().filter(|it| it.claim_uid.is_none_or(|uid| !of_claims.contains(uid)));
    let volumes = orphans.map(|doomed| {
        let why = if doomed.means == Means::DeleteObject { "its data stays" } else { "with its data" };
        line(ObjectId::volume(doomed.name), why)
    });
    let secrets = secrets.iter().map(|(id, _)| line(id.clone(), "opens nothing any more"));
    claims.chain(volumes).chain(secrets).collect()
}
