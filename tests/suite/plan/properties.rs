//! What holds for all plans.

use std::collections::{BTreeMap, BTreeSet};

use kchart::manifest::Manifest;
use kchart::object::{Object, ObjectId};
use kchart::plan::{
    Act, Change, Claim, Facts, Goal, Intent, Known, Live, Mounting, Options, Phase, Plan, Reclaim, Volume, plan,
};
use kchart::release::{Item, Past, Record, Status};
use proptest::prelude::*;
use serde_json::json;

use super::scene::{KEY, release, wanted};

/// A workload and what it refers to, by small numbers so that they meet.
#[derive(Clone, Debug)]
enum Piece {
    ConfigMap(u8, u8),
    Secret(u8, u8),
    Service(u8),
    Claim(u8),
    Deployment { name: u8, secrets: Vec<u8>, maps: Vec<u8>, claim: Option<u8> },
    Set { name: u8, secret: u8, replicas: u8 },
}

const SECRETS: [&str; 4] = ["YQ==", "Yg==", "Yw==", "ZA=="];

fn piece() -> impl Strategy<Value = Piece> {
    let n = || 0u8..4;
    prop_oneof![
        (n(), n()).prop_map(|(name, value)| Piece::ConfigMap(name, value)),
        (n(), n()).prop_map(|(name, value)| Piece::Secret(name, value)),
        n().prop_map(Piece::Service),
        n().prop_map(Piece::Claim),
        (n(), prop::collection::vec(n(), 0..3), prop::collection::vec(n(), 0..3), prop::option::of(n()))
            .prop_map(|(name, secrets, maps, claim)| Piece::Deployment { name, secrets, maps, claim }),
        (n(), n(), 0u8..3).prop_map(|(name, secret, replicas)| Piece::Set { name, secret, replicas }),
    ]
}

fn document(piece: &Piece) -> serde_json::Value {
    match piece {
        Piece::ConfigMap(name, value) => json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": format!("m{name}")}, "data": {"v": value.to_string()}}),
        Piece::Secret(name, value) => json!({"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": format!("s{name}")}, "data": {"v": (SECRETS[usize::from(*value)])}}),
        Piece::Service(name) => json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": format!("e{name}")}, "spec": {"ports": [{"port": 80}]}}),
        Piece::Claim(name) => json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": format!("c{name}")}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
        Piece::Deployment { name, secrets, maps, claim } => {
            let secrets = secrets.iter().map(|name| json!({"secretRef": {"name": format!("s{name}")}}));
            let maps = maps.iter().map(|name| json!({"configMapRef": {"name": format!("m{name}")}}));
            let from: Vec<_> = secrets.chain(maps).collect();
            let volumes: Vec<_> = claim
                .iter()
                .map(|name| json!({"name": "d", "persistentVolumeClaim": {"claimName": format!("c{name}")}}))
                .collect();
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": format!("d{name}")},
                "spec": {"template": {"spec": {"containers": [{"name": "c", "envFrom": from}], "volumes": volumes}}}})
        }
        Piece::Set { name, secret, replicas } => {
            let password = json!({"secretKeyRef": {"name": format!("s{secret}"), "key": "v"}});
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": format!("t{name}")},
                "spec": {"serviceName": format!("e{name}"), "replicas": replicas,
                    "template": {"spec": {"containers": [{"name": "c", "image": "rabbitmq:4.2",
                        "env": [{"name": "RABBITMQ_DEFAULT_PASS", "valueFrom": password}],
                        "volumeMounts": [{"name": "data", "mountPath": "/d"}]}]}},
                    "volumeClaimTemplates": [{"metadata": {"name": "data"},
                        "spec": {"resources": {"requests": {"storage": "1Gi"}}}}]}})
        }
    }
}

fn manifest(pieces: &[Piece]) -> Manifest {
    let mut objects: BTreeMap<ObjectId, Object> = BTreeMap::new();
    for object in wanted(pieces.iter().map(document).collect()) {
        objects.insert(object.id.clone(), object);
    }
    Manifest { objects: objects.into_values().collect(), ..Manifest::default() }
}

pub(super) fn intent(goal: Goal) -> Intent {
    Intent {
        release: release(),
        revision: 2,
        goal,
        now: "2026-06-01T12:00:00Z".parse().unwrap(),
        ledger_key: KEY,
        options: Options { accept_new_volume: true, ..Options::default() },
    }
}

/// The cluster after all steps of a plan for an empty one have been done, and what is stored then.
pub(super) fn after(plan: &Plan, want: &Manifest) -> (Facts, Past) {
    let mut facts = Facts { namespaces: BTreeSet::from(["lab".to_owned()]), ..Facts::default() };
    let mut volumes = BTreeMap::new();
    for step in &plan.steps {
        let Act::Apply { object, .. } = &step.act else { continue };
        let name = object.id.name.clone();
        let uid = format!("uid-{}", object.id);
        if object.id.is_claim() {
            let labels = object.body.at(&["metadata", "labels"]).and_then(kchart::yaml::Node::as_map).unwrap();
            facts.claims.insert(
                ("lab".into(), name.clone()),
                Claim {
                    uid: uid.clone(),
                    resource_version: "1".into(),
                    created: "2026-05-02T10:00:00Z".parse().unwrap(),
                    terminating: false,
                    labels: labels.iter().map(|(key, node)| (key.clone(), node.as_str().unwrap().into())).collect(),
                    annotations: BTreeMap::new(),
                    volume: Some(format!("pv-{name}")),
                    class: None,
                    size: Some("1Gi".into()),
                    bound: true,
                    owners: Vec::new(),
                },
            );
            volumes.insert(
                format!("pv-{name}"),
                Volume {
                    uid: format!("uid-pv-{name}"),
                    resource_version: "1".into(),
                    phase: Phase::Bound,
                    reclaim: Reclaim::Delete,
                    reclaim_before: None,
                    class: None,
                    capacity: None,
                    claim: Some(("lab".into(), name.clone(), Some(uid.clone()))),
                    provisioner: Some("p".into()),
                    location: "x".into(),
                    mounting: Mounting::default(),
                    created: None,
                    in_phase_since: None,
                    terminating: false,
                },
            );
        }
        let live =
            Live { version: object.version.clone(), uid, resource_version: "1".into(), body: object.body.clone() };
        facts.live.insert(object.id.clone(), live);
    }
    facts.volumes = Known::Yes(volumes);
    let time = "2026-05-02T10:00:00Z".parse().unwrap();
    let record = Record {
        release: release(),
        revision: 1,
        status: Status::Deployed,
        started: time,
        updated: time,
        description: String::new(),
        chart: None,
        inventory: plan.inventory.clone(),
        steps: plan.summaries(),
        values: kchart::yaml::Node::map(),
        computed: None,
        ran: BTreeSet::new(),
        objects: want.objects.clone(),
        notes: None,
    };
    (facts, Past { records: vec![record], ..Past::default() })
}

pub(super) fn empty() -> Facts {
    Facts { namespaces: BTreeSet::from(["lab".to_owned()]), ..Facts::default() }
}

/// Whether a step destroys a claim or a volume.
fn destroys(act: &Act) -> bool {
    match act {
        Act::Delete { id, .. } => id.is_claim() || id.is("", "PersistentVolume") || id.is("", "Namespace"),
        Act::SetReclaim { .. } => true,
        _ => false,
    }
}

/// All steps that come before each.
pub(super) fn before(plan: &Plan) -> Vec<BTreeSet<usize>> {
    let mut before: Vec<BTreeSet<usize>> = Vec::new();
    for step in &plan.steps {
        assert!(step.after.iter().all(|earlier| *earlier < step.id), "steps come after earlier ones only");
        let mut all: BTreeSet<usize> = step.after.iter().copied().collect();
        for earlier in &step.after {
            all.extend(before[*earlier].iter().copied());
        }
        before.push(all);
    }
    before
}

fn applies(plan: &Plan) -> BTreeMap<ObjectId, usize> {
    let steps = plan.steps.iter();
    steps.filter(|step| matches!(step.act, Act::Apply { .. })).map(|step| (step.act.id().unwrap(), step.id)).collect()
}

proptest! {
    // Each case is several whole plans.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_applied_is_kept_and_equal_inputs_give_equal_plans(pieces in prop::collection::vec(piece(), 0..8)) {
        let want = manifest(&pieces);
        let first = plan(&intent(Goal::Deployed), &want, &Past::default(), &empty()).unwrap();
        let (facts, past) = after(&first, &want);
        let again = plan(&intent(Goal::Deployed), &want, &past, &facts).unwrap();
        for line in &again.report.lines {
            prop_assert_eq!(line.change, Change::Keep, "{}", line.id);
        }
        let twice = plan(&intent(Goal::Deployed), &want, &past, &facts).unwrap();
        prop_assert_eq!(format!("{:?}", again.steps), format!("{:?}", twice.steps));
    }

    #[test]
    fn what_an_object_names_is_there_before_it(pieces in prop::collection::vec(piece(), 0..8)) {
        let want = manifest(&pieces);
        let plan = plan(&intent(Goal::Deployed), &want, &Past::default(), &empty()).unwrap();
        let before = before(&plan);
        let applies = applies(&plan);
        for piece in &pieces {
            let named: Vec<ObjectId> = match piece {
                Piece::Deployment { secrets, maps, claim, name } if {
                    let id = ObjectId::namespaced("apps", "Deployment", "lab", &format!("d{name}"));
                    let document = document(piece);
                    want.objects.iter().any(|object| object.id == id && object.body.at(&["spec"])
                        == Some(&kchart::yaml::Node::from(&document["spec"])))
                } => secrets.iter().map(|name| ObjectId::secret("lab", &format!("s{name}")))
                    .chain(maps.iter().map(|name| ObjectId::namespaced("", "ConfigMap", "lab", &format!("m{name}"))))
                    .chain(claim.iter().map(|name| ObjectId::claim("lab", &format!("c{name}"))))
                    .collect(),
                _ => continue,
            };
            let Piece::Deployment { name, .. } = piece else { continue };
            let own = applies[&ObjectId::namespaced("apps", "Deployment", "lab", &format!("d{name}"))];
            for id in named {
                if let Some(step) = applies.get(&id) {
                    prop_assert!(before[own].contains(step), "{} is applied before it", id);
                }
            }
        }
    }

    #[test]
    fn claims_and_volumes_are_destroyed_by_purges_only(
        old in prop::collection::vec(piece(), 0..8),
        new in prop::collection::vec(piece(), 0..8),
    ) {
        let want = manifest(&old);
        let first = plan(&intent(Goal::Deployed), &want, &Past::default(), &empty()).unwrap();
        let (facts, past) = after(&first, &want);
        for goal in [Goal::Deployed, Goal::Removed] {
            if let Ok(plan) = plan(&intent(goal), &manifest(&new), &past, &facts) {
                prop_assert!(!plan.steps.iter().any(|step| destroys(&step.act)));
                // What opens a claim stays as long as the claim does.
                for kept in plan.report.kept.iter().filter(|kept| kept.id.is_secret()) {
                    let deletes = |step: &kchart::plan::Step| {
                        matches!(&step.act, Act::Delete { id, .. } if *id == kept.id)
                    };
                    prop_assert!(!plan.steps.iter().any(deletes));
                }
            }
        }
    }

    #[test]
    fn what_a_workload_names_goes_after_its_end(pieces in prop::collection::vec(piece(), 0..8)) {
        let want = manifest(&pieces);
        let first = plan(&intent(Goal::Deployed), &want, &Past::default(), &empty()).unwrap();
        let (facts, past) = after(&first, &want);
        let plan = plan(&intent(Goal::Removed), &Manifest::default(), &past, &facts).unwrap();
        let before = before(&plan);
        let ends: BTreeMap<ObjectId, usize> = plan.steps.iter()
            .filter(|step| matches!(step.act, Act::AwaitGone { .. }))
            .filter_map(|step| Some((step.act.id()?, step.id)))
            .collect();
        for object in want.objects.iter().filter(|object| object.id.is("apps", "Deployment")) {
            let end = ends[&object.id];
            let text = object.body.to_json().to_string();
            for step in plan.steps.iter().filter(|step| matches!(step.act, Act::Delete { .. })) {
                let Some(id) = step.act.id().filter(|id| id.is("", "ConfigMap")) else { continue };
                if text.contains(&format!("\"{}\"", id.name)) {
                    prop_assert!(before[step.id].contains(&end), "{} goes before the end of {}", id, object.id);
                }
            }
        }
    }

    #[test]
    fn a_purge_leaves_nothing_and_secrets_go_after_the_volumes_they_open(old in prop::collection::vec(piece(), 0..8)) {
        let want = manifest(&old);
        let first = plan(&intent(Goal::Deployed), &want, &Past::default(), &empty()).unwrap();
        let (facts, past) = after(&first, &want);
        let plan = plan(&intent(Goal::Purged), &Manifest::default(), &past, &facts).unwrap();
        let deleted: BTreeMap<ObjectId, usize> = plan.steps.iter()
            .filter(|step| matches!(step.act, Act::Delete { .. }))
            .map(|step| (step.act.id().unwrap(), step.id))
            .collect();
        let items: BTreeSet<ObjectId> = first.inventory.iter().map(|Item { id, .. }| id.clone()).collect();
        prop_assert_eq!(deleted.keys().cloned().collect::<BTreeSet<_>>(), items);
        let before = before(&plan);
        let volumes: Vec<usize> = plan.steps.iter()
            .filter(|step| matches!(&step.act, Act::AwaitGone { id, .. } if id.is("", "PersistentVolume")))
            .map(|step| step.id)
            .collect();
        for (name, secret) in old.iter().filter_map(|piece| match piece {
            Piece::Set { name, secret, replicas } if *replicas > 0 => Some((name, secret)),
            _ => None,
        }) {
            let used = want.objects.iter().any(|object| object.id.name == format!("t{name}")
                && object.body.at(&["spec", "replicas"]).and_then(kchart::yaml::Node::as_i64).unwrap_or(0) > 0
                && format!("{:?}", object.body.to_json()).contains(&format!("\"s{secret}\"")));
            if let Some(step) = deleted.get(&ObjectId::secret("lab", &format!("s{secret}"))).filter(|_| used) {
                prop_assert!(volumes.iter().all(|volume| before[*step].contains(volume)));
            }
        }
    }
}
