//! Plans of many objects: they grow with their objects, and keep the order of all of them.

use std::collections::{BTreeMap, BTreeSet};

use kchart::manifest::Manifest;
use kchart::object::ObjectId;
use kchart::plan::{Act, Goal, Plan, plan};
use kchart::release::Past;
use serde_json::{Value as Json, json};

use super::properties::{after, before, empty, intent};
use super::scene::wanted;

/// Edges for each step, at most.
const EDGES: usize = 10;

/// `count` objects of each kind that waits for many, or that many wait for, with `value` in them.
fn many(count: usize, value: &str) -> Manifest {
    let object = |api: &str, kind: &str, name: String, more: Json| {
        let mut json = json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}});
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json
    };
    let account = json!([{"kind": "ServiceAccount", "name": "all"}]);
    let documents = (0..count).flat_map(|at| {
        let service = json!({"service": {"name": format!("e{at}"), "namespace": "lab"}});
        let template = json!({"spec": {
            "serviceAccountName": "all",
            "containers": [{"name": "c", "image": "postgres:17", "volumeMounts": [{"name": "d", "mountPath": "/d"}],
                "envFrom": [{"configMapRef": {"name": format!("m{at}")}}],
                "env": [{"name": "POSTGRES_PASSWORD", "valueFrom": {"secretKeyRef": {"name": format!("s{at}"), "key": "v"}}}]}],
            "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": format!("c{at}")}}],
        }});
        [
            object("v1", "ConfigMap", format!("m{at}"), json!({"data": {"v": value}})),
            object("v1", "Secret", format!("s{at}"), json!({"data": {"v": "YQ=="}})),
            object("v1", "Service", format!("e{at}"), json!({"spec": {"ports": [{"port": 80, "name": value}]}})),
            object(
                "v1",
                "PersistentVolumeClaim",
                format!("c{at}"),
                json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
            ),
            object("networking.k8s.io/v1", "NetworkPolicy", format!("n{at}"), json!({"spec": {"policyTypes": [value]}})),
            object(
                "rbac.authorization.k8s.io/v1",
                "RoleBinding",
                format!("b{at}"),
                json!({"subjects": account, "roleRef": {"kind": "Role", "name": value}}),
            ),
            object("apps/v1", "Deployment", format!("d{at}"), json!({"spec": {"template": template}})),
            object(
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                format!("w{at}"),
                json!({"webhooks": [{"name": value, "clientConfig": service}]}),
            ),
        ]
    });
    let account = object("v1", "ServiceAccount", "all".into(), json!({}));
    Manifest { objects: wanted(documents.chain([account]).collect()), ..Manifest::default() }
}

/// Plans with many objects: install, an upgrade that changes all of them, one that renames all of them, uninstall and
/// purge.
fn plans(count: usize) -> Vec<Plan> {
    let want = many(count, "a");
    let first = plan(&intent(Goal::Deployed), &want, &Past::default(), &empty()).unwrap();
    let (facts, past) = after(&first, &want);
    let changed = plan(&intent(Goal::Deployed), &many(count, "b"), &past, &facts).unwrap();
    let mut renamed = many(count, "a");
    for object in renamed.objects.iter_mut().filter(|object| !object.id.is_claim()) {
        object.id.name.push('x');
        let name = object.id.name.clone();
        object.body.set(&["metadata"], "name", name);
    }
    let renamed = plan(&intent(Goal::Deployed), &renamed, &past, &facts).unwrap();
    let removed = plan(&intent(Goal::Removed), &Manifest::default(), &past, &facts).unwrap();
    let purged = plan(&intent(Goal::Purged), &Manifest::default(), &past, &facts).unwrap();
    vec![first, changed, renamed, removed, purged]
}

#[test]
fn a_plan_has_no_more_edges_than_a_few_for_each_of_its_steps() {
    for (at, plan) in plans(120).iter().enumerate() {
        let edges: usize = plan.steps.iter().map(|step| step.after.len()).sum();
        let steps = plan.steps.len();
        assert!(edges <= EDGES * steps, "plan {at}: {edges} edges for {steps} steps");
        assert!(plan.count() < steps, "plan {at} joins nothing");
    }
}

/// The steps of each kind: those that apply or delete it, and those that wait for its end.
fn by_kind(plan: &Plan, is: fn(&Act) -> bool) -> BTreeMap<String, BTreeSet<usize>> {
    let mut kinds: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| is(&step.act)) {
        let kind = step.act.id().map(|ObjectId { kind, .. }| kind).unwrap_or_default();
        kinds.entry(kind).or_default().insert(step.id);
    }
    kinds
}

#[test]
fn joined_steps_keep_the_order_of_all_objects() {
    let plans = plans(12);
    let follows = |plan: &Plan, later: &BTreeSet<usize>, earlier: &BTreeSet<usize>| {
        let before = before(plan);
        later.iter().all(|step| earlier.is_subset(&before[*step])) && !later.is_empty() && !earlier.is_empty()
    };
    for plan in &plans[..2] {
        let applied = by_kind(plan, |act| matches!(act, Act::Apply { .. }));
        for kind in ["NetworkPolicy", "RoleBinding"] {
            assert!(follows(plan, &applied["Deployment"], &applied[kind]), "Pods come after every {kind}");
        }
        assert!(follows(plan, &applied["ValidatingWebhookConfiguration"], &applied["Deployment"]));
    }
    let (applied, deleted) =
        (|act: &Act| matches!(act, Act::Apply { .. }), |act: &Act| matches!(act, Act::Delete { .. }));
    let all = |kinds: BTreeMap<String, BTreeSet<usize>>| kinds.into_values().flatten().collect::<BTreeSet<_>>();
    assert!(follows(&plans[2], &all(by_kind(&plans[2], deleted)), &all(by_kind(&plans[2], applied))));
    for plan in &plans[2..] {
        let deleted = by_kind(plan, deleted);
        let gone = by_kind(plan, |act| matches!(act, Act::AwaitGone { .. }));
        assert!(follows(plan, &deleted["Deployment"], &deleted["ValidatingWebhookConfiguration"]));
        for kind in ["Service", "NetworkPolicy", "RoleBinding"] {
            assert!(follows(plan, &deleted[kind], &gone["Deployment"]), "every {kind} goes after all Pods");
        }
    }
}
