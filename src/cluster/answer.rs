//! Answers the planner's questions: every list once, all of them at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::errors::Doing;
use super::kinds::{Kind, Kinds};
use super::request::Fault;
use super::{Cluster, Right, read};
use crate::diagnostic::{Diagnostic, Failure};
use crate::object::marks::{LEDGER_TYPE, RECORD_TYPE, RELEASE, RELEASE_NAMESPACE};
use crate::plan::{Claim, Facts, Known, Question, UnreadLedger};
use crate::release::Release;
use crate::yaml::Node;
use futures::future::{join3, try_join_all};
use kube::core::params::{GetParams, ListParams};

/// A list that answers one or more questions.
struct Wanted {
    kind: Kind,
    namespace: Option<String>,
    /// Whether the user may lack the right to it: then the answer is "unknown" and no failure.
    optional: bool,
}

impl Cluster {
    pub(super) async fn gather(&self, questions: &[Question]) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let kinds = self.kinds().await?;
        let wanted = wanted(questions, &kinds, &mut facts);
        let lists = try_join_all(wanted.into_iter().map(|wanted| self.read_list(wanted)));
        let namespaces = questions.iter().filter_map(|question| match question {
            Question::Namespace(name) => Some(name.as_str()),
            _ => None,
        });
        let namespaces = try_join_all(namespaces.map(|name| self.has_namespace(name)));
        let ledgers = questions.iter().filter_map(|question| match question {
            Question::Ledgers(namespace) => Some(namespace.as_str()),
            _ => None,
        });
        let ledgers = try_join_all(ledgers.map(|namespace| self.ledgers(Some(namespace))));
        let (lists, namespaces, ledgers) = join3(lists, namespaces, ledgers).await;
        facts.namespaces = namespaces?.into_iter().flatten().collect();
        for (ledgers, unread) in ledgers? {
            facts.ledgers.extend(ledgers);
            facts.unread_ledgers.extend(unread);
        }
        let mut lists: Lists = lists?.into_iter().collect();
        for question in questions {
            answer(question, &kinds, &lists, &mut facts)?;
        }
        for (home, tenants) in elsewhere(questions, &facts) {
            self.ledgers_elsewhere(&home, tenants, &mut facts).await?;
        }
        for namespace in held_late(questions, &facts) {
            if let Some(kind) = kinds.find_any("", "Pod", "v1") {
                let wanted = Wanted { kind: kind.clone(), namespace: Some(namespace.clone()), optional: false };
                if !lists.contains_key(&kind.requests(Some(&namespace)).url_path) {
                    lists.extend([self.read_list(wanted).await?]);
                }
                answer(&Question::Pods(namespace), &kinds, &lists, &mut facts)?;
            }
        }
        for question in questions {
            if let Question::VolumesOfGone(uids) = question
                && is_one_gone(uids, &facts)
                && let Some(kind) = kinds.find_any("", "PersistentVolume", "v1")
            {
                let wanted = Wanted { kind: kind.clone(), namespace: None, optional: true };
                let (_, list) = self.read_list(wanted).await?;
                facts.volumes = known(Some(&list), read::volume);
            }
        }
        // Last, as it takes the lists: live objects are the most that a run holds, and are held once.
        for question in questions.iter().filter(|question| matches!(question, Question::Objects { .. })) {
            let list = path(question, &kinds).and_then(|path| lists.remove(&path));
            facts.live.extend(list.into_iter().flatten().flatten().filter_map(read::live));
        }
        Ok(facts)
    }

    async fn read_list(&self, wanted: Wanted) -> Result<(String, Result<Vec<Node>, String>), Failure> {
        let Wanted { kind, namespace, optional } = wanted;
        let mut params = ListParams::default();
        if kind.resource.kind == "Secret" && kind.resource.group.is_empty() {
            // Records are large, and no business of the planner's.
            params = params.fields(&format!("type!={RECORD_TYPE},type!={LEDGER_TYPE}"));
        }
        let path = kind.requests(namespace.as_deref()).url_path;
        match self.list(&kind, namespace.as_deref(), &params).await {
            Ok(listing) => Ok((path, Ok(listing.items))),
            Err(fault) if optional && (fault.is_forbidden() || fault.is_not_found()) => Ok((path, Err(words(&fault)))),
            Err(fault) => {
                let place = namespace.map_or(String::new(), |namespace| format!(" of namespace `{namespace}`"));
                let subject = format!("the `{}`{place}", kind.resource.plural);
                Err(self.failure(&fault, &Doing::with("list", subject)))
            }
        }
    }

    /// The ledgers of another namespace that may know claims of these ones. Whoever may not read there knows only that
    /// they are not known.
    async fn ledgers_elsewhere(
        &self,
        home: &str,
        tenants: BTreeSet<(String, String)>,
        facts: &mut Facts,
    ) -> Result<(), Failure> {
        let right =
            Right { verb: "list", group: String::new(), resource: "secrets".into(), namespace: Some(home.to_owned()) };
        if self.lacking(&[right]).await?.is_empty() {
            let (ledgers, unread) = self.ledgers(Some(home)).await?;
            facts
                .ledgers
                .extend(ledgers.into_iter().filter(|it| tenants.iter().any(|(name, _)| *name == it.release.name)));
            for (name, about) in tenants {
                let why = unread.iter().find(|it| it.release.name == name).map(|it| it.why.clone());
                facts.unread_ledgers.extend(why.map(|why| unread_of(home, name, about, why)));
            }
        } else {
            let why = format!("the right `list` on `secrets` of namespace `{home}` is missing");
            facts
                .unread_ledgers
                .extend(tenants.into_iter().map(|(name, about)| unread_of(home, name, about, why.clone())));
        }
        Ok(())
    }

    /// The name of the namespace, if it exists. Whoever may not look is told by the first write.
    async fn has_namespace(&self, name: &str) -> Result<Option<String>, Failure> {
        let draft = Kind::core("Namespace", "namespaces", false).requests(None).get(name, &GetParams::default());
        match self.call(draft, None).await {
            Ok(_) => Ok(Some(name.to_owned())),
            Err(fault) if fault.is_not_found() => Ok(None),
            Err(fault) if fault.is_forbidden() => Ok(Some(name.to_owned())),
            Err(fault) => Err(self.failure(&fault, &Doing::with("read", format!("namespace `{name}`")))),
        }
    }
}

/// The lists that answer the questions, each once; what is not served is noted at once.
fn wanted(questions: &[Question], kinds: &Kinds, facts: &mut Facts) -> Vec<Wanted> {
    let mut lists: BTreeMap<String, Wanted> = BTreeMap::new();
    for question in questions {
        let Some((kind, namespace)) = target(question, kinds) else {
            if let Question::Objects { group, kind, .. } = question {
                facts.unserved.insert((group.clone(), kind.clone()));
            }
            continue;
        };
        if let (Question::Objects { group, kind: name, .. }, false) = (question, kind.namespaced) {
            facts.cluster_scoped.insert((group.clone(), name.clone()));
        }
        let optional = matches!(question, Question::Volumes | Question::Classes);
        let path = kind.requests(namespace).url_path;
        let wanted = Wanted { kind: kind.clone(), namespace: namespace.map(str::to_owned), optional };
        let list = lists.entry(path).or_insert(wanted);
        list.optional &= optional;
    }
    lists.into_values().collect()
}

/// The kind and namespace that a question is about; none for a kind that is not served.
fn target<'a>(question: &'a Question, kinds: &'a Kinds) -> Option<(&'a Kind, Option<&'a str>)> {
    match question {
        Question::Namespace(_) | Question::Ledgers(_) | Question::VolumesOfGone(_) => None,
        Question::Objects { group, kind, version, namespace } => {
            let kind = kinds.find_any(group, kind, version)?;
            Some((kind, namespace.as_deref().filter(|_| kind.namespaced)))
        }
        Question::Claims(namespace) => Some((kinds.find_any("", "PersistentVolumeClaim", "v1")?, Some(namespace))),
        Question::Pods(namespace) => Some((kinds.find_any("", "Pod", "v1")?, Some(namespace))),
        Question::Volumes => Some((kinds.find_any("", "PersistentVolume", "v1")?, None)),
        Question::Classes => Some((kinds.find_any("storage.k8s.io", "StorageClass", "v1")?, None)),
    }
}

/// The objects of each path that was listed, or why it may not be.
type Lists = BTreeMap<String, Result<Vec<Node>, String>>;

/// Where the answer to a question is listed.
fn path(question: &Question, kinds: &Kinds) -> Option<String> {
    target(question, kinds).map(|(kind, namespace)| kind.requests(namespace).url_path)
}

fn answer(question: &Question, kinds: &Kinds, lists: &Lists, facts: &mut Facts) -> Result<(), Failure> {
    let list = path(question, kinds).and_then(|path| lists.get(&path));
    let items = list.and_then(|list| list.as_deref().ok()).unwrap_or_default().iter().map(Node::to_json);
    match question {
        Question::Namespace(_) | Question::Ledgers(_) | Question::VolumesOfGone(_) | Question::Objects { .. } => {}
        Question::Claims(_) => facts.claims.extend(claims(list.and_then(|list| list.as_deref().ok()))?),
        Question::Pods(_) => {
            for (namespace, claims, mounter) in items.filter_map(read::mounter) {
                for claim in claims {
                    facts.mounted_by.entry((namespace.clone(), claim)).or_default().push(mounter.clone());
                }
            }
        }
        Question::Volumes => facts.volumes = known(list, read::volume),
        Question::Classes => facts.classes = known(list, read::class),
    }
    Ok(())
}

/// Claims by namespace and name.
type Claims = BTreeMap<(String, String), Claim>;

/// The claims of a list.
///
/// # Errors
/// One can't be read: what is not seen would count as not there.
fn claims(list: Option<&[Node]>) -> Result<Claims, Failure> {
    let read = |node: &Node| {
        read::claim(node.to_json()).ok_or_else(|| {
            Failure::failed(
                Diagnostic::error(format!("claim `{}` can't be read as one", name(node)))
                    .note("the API server shows it with fields that Kubernetes does not have, or without those it has"),
            )
        })
    };
    list.unwrap_or_default().iter().map(read).collect()
}

fn name(node: &Node) -> &str {
    node.str_at(&["metadata", "name"]).unwrap_or("?")
}

fn unread_of(home: &str, name: String, about: String, why: String) -> UnreadLedger {
    UnreadLedger { release: Release { namespace: home.to_owned(), name }, about, why }
}

/// Releases that have claims in a namespace whose ledgers were asked for, and are themselves in another: by their
/// namespace, their names and the claims' namespace.
fn elsewhere(questions: &[Question], facts: &Facts) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut homes: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for ((namespace, _), claim) in &facts.claims {
        let marks = claim.labels.get(RELEASE_NAMESPACE).zip(claim.labels.get(RELEASE));
        let asked = questions.contains(&Question::Ledgers(namespace.clone()));
        if let Some((home, release)) = marks.filter(|(home, _)| asked && *home != namespace)
            && !questions.contains(&Question::Ledgers(home.clone()))
        {
            homes.entry(home.clone()).or_default().insert((release.clone(), namespace.clone()));
        }
    }
    homes
}

/// Namespaces where a claim is being deleted, and whose Pods nobody asked for.
fn held_late(questions: &[Question], facts: &Facts) -> BTreeSet<String> {
    let going = facts.claims.iter().filter(|(_, claim)| claim.terminating).map(|((namespace, _), _)| namespace.clone());
    going.filter(|namespace| !questions.contains(&Question::Pods(namespace.clone()))).collect()
}

/// Whether a claim is gone, or going, that a ledger knows: then its volume may still be there.
fn is_one_gone(uids: &BTreeSet<String>, facts: &Facts) -> bool {
    let there = facts.claims.values().filter(|claim| !claim.terminating);
    let there: BTreeSet<&str> = there.map(|claim| claim.uid.as_str()).collect();
    let others = facts.ledgers.iter().flat_map(|ledger| &ledger.entries).map(|entry| &entry.uid);
    uids.iter().chain(others).any(|uid| !there.contains(uid.as_str()))
}

fn known<T>(
    list: Option<&Result<Vec<Node>, String>>,
    read: fn(serde_json::Value) -> Option<(String, T)>,
) -> Known<BTreeMap<String, T>> {
    match list {
        // One that can't be read would count as not there.
        Some(Ok(items)) => match items.iter().map(|node| read(node.to_json()).ok_or(node)).collect() {
            Ok(all) => Known::Yes(all),
            Err(node) => Known::No(format!("`{}` can't be read as one of them", name(node))),
        },
        Some(Err(why)) => Known::No(why.clone()),
        None => Known::No("the cluster does not serve this kind".into()),
    }
}

/// The server's words about a list that may not be read.
fn words(fault: &Fault) -> String {
    match fault {
        Fault::Refused { status, .. } if !status.message.is_empty() => status.message.clone(),
        _ => "the API server refuses to list them".into(),
    }
}
