//! Evidence in, the exact sentence out.

use serde_json::{Value as Json, json};

use super::*;
use crate::yaml::Node;

fn nodes(list: &Json) -> Vec<Node> {
    list.as_array().map(|items| items.iter().map(Node::from).collect()).unwrap_or_default()
}

fn deployment() -> ObjectId {
    ObjectId::namespaced("apps", "Deployment", "shop", "web")
}

/// A Deployment of one replica, with what its one Pod is like.
fn with_pod(spec: &Json, status: &Json, events: &Json, log: &str) -> Evidence {
    let live = json!({"kind": "Deployment", "metadata": {"name": "web", "uid": "d"}, "spec": {"replicas": 1}});
    let pod = json!({"kind": "Pod", "metadata": {"name": "web-1", "uid": "p"}, "spec": spec, "status": status});
    let logs = if log.is_empty() {
        Vec::new()
    } else {
        vec![Log { pod: "web-1".into(), container: "app".into(), text: log.into() }]
    };
    Evidence {
        live: Some(Node::from(&live)),
        pods: nodes(&json!([pod])),
        events: nodes(events),
        logs,
        ..Evidence::default()
    }
}

fn event(uid: &str, kind: &str, reason: &str, message: &str) -> Json {
    json!({"involvedObject": {"uid": uid}, "type": kind, "reason": reason, "message": message, "count": 2,
        "lastTimestamp": "2026-01-01T00:00:00Z"})
}

fn container(state: &Json) -> Json {
    let mut status = json!({"name": "app", "image": "web:9", "ready": false, "restartCount": 0});
    for (key, value) in state.as_object().into_iter().flatten() {
        status[key] = value.clone();
    }
    json!({"phase": "Pending", "containerStatuses": [status]})
}

fn told(evidence: &Evidence) -> (String, Option<String>) {
    let cause = explain(&deployment(), evidence, "0 of 1 replica available");
    (cause.headline(), cause.field)
}

#[test]
fn a_broken_image() {
    let spec = json!({"containers": [{"name": "app", "image": "web:9"}]});
    let message = "Back-off pulling image \"web:9\": ErrImagePull: rpc error: code = NotFound desc = web:9: not found";
    let status = container(&json!({"state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}}));
    let (sentence, field) = told(&with_pod(&spec, &status, &json!([]), ""));
    assert_eq!(
        sentence,
        "`Deployment/web` is not ready: image `web:9` of container `app` can't be pulled: there is no such image or tag"
    );
    assert_eq!(field.as_deref(), Some("spec.template.spec.containers[name=\"app\"].image"));
}

#[test]
fn a_missing_secret_key() {
    let reads = json!([{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]);
    let spec = json!({"containers": [{"name": "app", "env": reads}]});
    let message = "couldn't find key password in Secret shop/db";
    let status =
        container(&json!({"state": {"waiting": {"reason": "CreateContainerConfigError", "message": message}}}));
    let (sentence, field) = told(&with_pod(&spec, &status, &json!([]), ""));
    assert_eq!(
        sentence,
        "`Deployment/web` is not ready: Secret `db` has no key `password`, which container `app` reads"
    );
    let path = "spec.template.spec.containers[name=\"app\"].env[name=\"PASSWORD\"].valueFrom.secretKeyRef.key";
    assert_eq!(field.as_deref(), Some(path));
}

#[test]
fn a_crash_loop() {
    let status = container(&json!({"restartCount": 5,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}},
        "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}}));
    let evidence = with_pod(&json!({}), &status, &json!([]), "starting\n\u{1b}[31mno such table: orders\u{1b}[0m\n");
    assert_eq!(
        told(&evidence).0,
        "`Deployment/web` is not ready: container `app` crashes again and again with exit code 3; its last words: `no such table: orders`"
    );
    for (terminated, expected) in [
        (
            json!({"exitCode": 139, "reason": "Error"}),
            "container `app` crashes again and again with exit code 139 (SIGSEGV)",
        ),
        (
            json!({"exitCode": 137, "reason": "OOMKilled"}),
            "container `app` is again and again killed because it needs more memory than its limit of 64Mi",
        ),
        (
            json!({"exitCode": 0, "reason": "Completed"}),
            "container `app` ends by itself and is started again and again: a server has to stay in the foreground",
        ),
        (
            json!({"exitCode": 128, "reason": "StartError", "message":
                "failed to create containerd task: runc create failed: exec: \"serve\": executable file not found in $PATH: unknown"}),
            "container `app` can't be started: exec: \"serve\": executable file not found in $PATH",
        ),
    ] {
        let spec = json!({"containers": [{"name": "app", "resources": {"limits": {"memory": "64Mi"}}}]});
        let status = container(
            &json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": terminated}}),
        );
        let (sentence, _) = told(&with_pod(&spec, &status, &json!([]), ""));
        assert_eq!(sentence, format!("`Deployment/web` is not ready: {expected}"));
    }
}

#[test]
fn a_probe_that_restarts_the_container() {
    let status = container(
        &json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 137}}}),
    );
    let events = json!([
        event("p", "Normal", "Killing", "Container app failed liveness probe, will be restarted"),
        event("p", "Warning", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
    ]);
    assert_eq!(
        told(&with_pod(&json!({}), &status, &events, "")).0,
        "`Deployment/web` is not ready: container `app` is restarted again and again, because it does not pass its liveness probe: HTTP probe failed with statuscode: 500"
    );
}

#[test]
fn an_unschedulable_pod() {
    let spec = json!({"containers": [{"name": "app", "resources": {"requests": {"cpu": "64"}}}]});
    let status = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found."}]});
    let (sentence, field) = told(&with_pod(&spec, &status, &json!([]), ""));
    assert_eq!(
        sentence,
        "`Deployment/web` is not ready: no node takes the Pod: 3 of 3 nodes have too little `cpu` left (64 asked for)"
    );
    assert_eq!(field.as_deref(), Some("spec.template.spec.containers[name=\"app\"].resources.requests.cpu"));
}

/// A Deployment whose newest set could not make its Pod.
fn not_made(message: &str) -> Evidence {
    let owner = json!([{"uid": "d", "controller": true}]);
    let set = |name: &str, revision: &str| {
        json!({"kind": "ReplicaSet", "metadata": {"name": name, "uid": name, "ownerReferences": owner,
            "annotations": {"deployment.kubernetes.io/revision": revision}}})
    };
    let mut evidence =
        with_pod(&json!({}), &json!({}), &json!([event("web-new", "Warning", "FailedCreate", message)]), "");
    evidence.pods.clear();
    evidence.sets = nodes(&json!([set("web-new", "10"), set("web-old", "9")]));
    evidence
}

#[test]
fn a_full_quota() {
    let message = "Error creating: pods \"web-new-x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2";
    assert_eq!(
        told(&not_made(message)).0,
        "`Deployment/web` is not ready: quota `small` has no room for the Pod (`pods`: 1 asked for, 2 of 2 in use)"
    );
}

#[test]
fn a_refused_webhook() {
    let message =
        "Error creating: admission webhook \"images.example.com\" denied the request: no images from the Internet";
    assert_eq!(
        told(&not_made(message)).0,
        "`Deployment/web` is not ready: webhook `images.example.com` refuses the Pod: no images from the Internet"
    );
}

#[test]
fn a_missing_service_account() {
    let message = "Error creating: pods \"web-new-\" is forbidden: error looking up service account shop/web: serviceaccount \"web\" not found";
    assert_eq!(
        told(&not_made(message)).0,
        "`Deployment/web` is not ready: there is no ServiceAccount `web`, under which the Pod has to run"
    );
}

fn claim(spec: &Json, classes: &Json, events: &Json) -> Evidence {
    let live = json!({"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "uid": "c"}, "spec": spec,
        "status": {"phase": "Pending"}});
    Evidence {
        live: Some(Node::from(&live)),
        claims: nodes(&json!([live])),
        classes: Some(nodes(classes)),
        events: nodes(events),
        ..Evidence::default()
    }
}

#[test]
fn a_claim_without_a_class() {
    let fast = json!([{"metadata": {"name": "fast"}, "provisioner": "disks.example.com"},
        {"metadata": {"name": "local"}, "provisioner": "kubernetes.io/no-provisioner"}]);
    let failed =
        json!([event("c", "Warning", "ProvisioningFailed", "rpc error: code = ResourceExhausted desc = no space")]);
    for (spec, classes, events, expected) in [
        (json!({}), json!([]), json!([]), "claim `data` names no storage class, and the cluster has no default one"),
        (
            json!({"storageClassName": ""}),
            fast.clone(),
            json!([]),
            "claim `data` wants no storage class (`\"\"`), and no free volume without one fits it",
        ),
        (
            json!({"storageClassName": "slow"}),
            fast.clone(),
            json!([]),
            "claim `data` wants the storage class `slow`, which does not exist",
        ),
        (
            json!({"storageClassName": "local"}),
            fast.clone(),
            json!([]),
            "no free volume of storage class `local` fits claim `data`, and nobody makes volumes of it",
        ),
        (
            json!({"storageClassName": "fast"}),
            fast.clone(),
            json!([]),
            "provisioner `disks.example.com` of storage class `fast` has made no volume for claim `data` yet",
        ),
        (
            json!({"storageClassName": "fast"}),
            fast,
            failed,
            "provisioner `disks.example.com` can't make the volume of claim `data`: no space",
        ),
    ] {
        let cause = explain(&ObjectId::claim("shop", "data"), &claim(&spec, &classes, &events), "not bound");
        assert_eq!(cause.headline(), format!("`PersistentVolumeClaim/data` is not ready: {expected}"));
    }
}

#[test]
fn where_classes_may_not_be_read_the_events_are_told() {
    let events = json!([event("c", "Normal", "ExternalProvisioning", "Waiting for a volume to be created")]);
    let missing =
        json!([event("c", "Warning", "ProvisioningFailed", "storageclass.storage.k8s.io \"slow\" not found")]);
    for (events, expected) in [
        (events, "claim `data` of storage class `slow` has no volume: Waiting for a volume to be created"),
        (missing, "claim `data` wants the storage class `slow`, which does not exist"),
        (json!([]), "claim `data` of storage class `slow` has no volume: nothing says why"),
    ] {
        let known = claim(&json!({"storageClassName": "slow"}), &json!([]), &events);
        let blind = Evidence { classes: None, ..known };
        assert_eq!(explain(&ObjectId::claim("shop", "data"), &blind, "not bound").sentence, expected);
    }
}

#[test]
fn a_pod_that_waits_for_a_claim_is_explained_by_the_claim() {
    let spec = json!({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]});
    let status = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."}]});
    let mut evidence = with_pod(&spec, &status, &json!([]), "");
    assert_eq!(evidence.wanted(&deployment()).claims, ["data"]);
    let known = claim(&json!({"storageClassName": "slow"}), &json!([]), &json!([]));
    (evidence.claims, evidence.classes) = (known.claims, known.classes);
    let cause = explain(&deployment(), &evidence, "0 of 1 replica available");
    assert_eq!(
        cause.headline(),
        "`Deployment/web` is not ready: claim `data` wants the storage class `slow`, which does not exist"
    );
    assert_eq!(cause.next, ["name another one (the cluster has none), or make it"]);
    assert_eq!(cause.field, None, "the class is written in the claim, not in the Deployment");
}

#[test]
fn a_failing_readiness_probe() {
    let status = container(&json!({"started": true, "state": {"running": {}}}));
    let mut running = status;
    running["phase"] = json!("Running");
    let events =
        json!([event("p", "Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")]);
    let (sentence, field) = told(&with_pod(&json!({}), &running, &events, ""));
    assert_eq!(
        sentence,
        "`Deployment/web` is not ready: container `app` runs but does not pass its readiness probe: HTTP probe failed with statuscode: 503"
    );
    assert_eq!(field.as_deref(), Some("spec.template.spec.containers[name=\"app\"].readinessProbe"));
}

#[test]
fn a_refused_login_on_a_volume_that_is_older_than_its_secret() {
    let spec = json!({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]});
    let status = container(&json!({"started": false, "state": {"running": {}}}));
    let events = json!([event("p", "Warning", "Unhealthy", "Startup probe failed: command timed out")]);
    let log = "[error] <0.7.0> PLAIN login refused: user 'app' - invalid credentials\n";
    assert_eq!(
        told(&with_pod(&spec, &status, &events, log)).0,
        "`Deployment/web` is not ready: container `app` refuses the login that it is probed with; its volume may be older than the Secret: `[error] <0.7.0> PLAIN login refused: user 'app' - invalid credentials`"
    );
}

/// `password` of Secret `db` opens claim `data`, which holds data.
fn opener() -> Opener {
    Opener {
        namespace: "shop".into(),
        claim: "data".into(),
        secret: "db".into(),
        keys: vec!["password".into()],
        since: Some("2026-05-02".into()),
    }
}

#[test]
fn a_login_that_only_the_probe_tries() {
    let spec = json!({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]});
    let status = container(&json!({"started": false, "state": {"running": {}}}));
    let failed = "Startup probe failed: Error:\nfailed to authenticate user \"app\"\nuser 'app' - invalid credentials";
    let events = json!([event("p", "Warning", "Unhealthy", failed)]);
    let known = with_pod(&spec, &status, &events, "Will not seed default virtual host and user\n");
    let evidence = Evidence { openers: vec![opener()], release: "web -n shop".into(), ..known };
    let cause = explain(&deployment(), &evidence, "0 of 1 replica available");
    assert_eq!(
        cause.sentence,
        "`password` of Secret `db` is not what volume claim `data` was initialised with (it holds data since \
         2026-05-02): container `app` says `Error: failed to authenticate user \"app\" user 'app' - invalid credentials`"
    );
    assert_eq!(
        cause.next,
        [
            "give the value that it was initialised with: `--set …=<the old value>`, or in a values file, for `password` of Secret `db`",
            "or destroy the data: `kchart uninstall web -n shop --purge-volumes`, then install again"
        ]
    );
    assert_eq!(cause.reason, Reason::Login);
}

#[test]
fn a_client_whose_server_keeps_another_login() {
    let reads =
        json!([{"name": "RABBITMQ_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]);
    let own = json!([{"name": "own", "persistentVolumeClaim": {"claimName": "own"}}]);
    let spec = json!({"containers": [{"name": "app", "image": "orchestrator:1.0", "env": reads}], "volumes": own});
    let status = container(&json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1}}}));
    let log = "pika.exceptions.ProbableAuthenticationError: (403) 'ACCESS_REFUSED - Login was refused'\n";
    let evidence = Evidence { openers: vec![opener()], ..with_pod(&spec, &status, &json!([]), log) };
    assert_eq!(
        told(&evidence).0,
        "`Deployment/web` is not ready: the login of container `app` is refused; `password` of Secret `db` is not what \
         volume claim `data` was initialised with (it holds data since 2026-05-02): \
         `pika.exceptions.ProbableAuthenticationError: (403) 'ACCESS_REFUSED - Login was refused'`"
    );
}

#[test]
fn an_older_revision_says_nothing_of_the_newest() {
    let mut evidence = not_made("Error creating: pods \"web-new-x\" is forbidden: it rains");
    let crashing = json!({"phase": "Running", "containerStatuses": [{"name": "app",
        "state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}]});
    let old = json!({"kind": "Pod", "metadata": {"name": "web-old-1", "uid": "o", "ownerReferences": [{"uid": "web-old"}]}, "status": crashing});
    evidence.pods = nodes(&json!([old]));
    assert_eq!(told(&evidence).0, "`Deployment/web` is not ready: the API server refuses the Pod: it rains");
}

#[test]
fn a_broken_pod_of_the_revision_before_holds_up_a_stateful_set() {
    let crashing = json!({"phase": "Running", "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]});
    let pod = json!({"kind": "Pod", "metadata": {"name": "db-0", "uid": "p", "labels": {"controller-revision-hash": "db-1"}}, "status": crashing});
    let live = json!({"kind": "StatefulSet", "metadata": {"name": "db", "uid": "s"}, "spec": {"replicas": 1}, "status": {"updateRevision": "db-2"}});
    let evidence = Evidence { live: Some(Node::from(&live)), pods: nodes(&json!([pod])), ..Evidence::default() };
    let cause = explain(&ObjectId::namespaced("apps", "StatefulSet", "shop", "db"), &evidence, "0 of 1 replica ready");
    assert_eq!(
        cause.sentence,
        "Pod `db-0` of the revision before is broken, and a StatefulSet waits for it before it goes on: container `app` crashes again and again"
    );
    assert_eq!(cause.next, ["`kubectl delete pod db-0 -n shop` makes way for the new revision"]);
}

#[test]
fn a_job_that_failed_is_explained_by_its_pods_or_by_itself() {
    let live = |reason: &str| {
        json!({"kind": "Job", "metadata": {"name": "migrate", "uid": "j"},
            "status": {"conditions": [{"type": "Failed", "status": "True", "reason": reason, "message": "Job has failed"}]}})
    };
    let id = ObjectId::namespaced("batch", "Job", "shop", "migrate");
    let status =
        json!({"phase": "Failed", "containerStatuses": [{"name": "app", "state": {"terminated": {"exitCode": 2}}}]});
    let pod = json!({"kind": "Pod", "metadata": {"name": "migrate-x", "uid": "p"}, "status": status});
    let logs = vec![Log { pod: "migrate-x".into(), container: "app".into(), text: "relation exists\n".into() }];
    let evidence = Evidence {
        live: Some(Node::from(&live("BackoffLimitExceeded"))),
        pods: nodes(&json!([pod])),
        logs,
        ..Evidence::default()
    };
    assert_eq!(
        explain(&id, &evidence, "it failed").sentence,
        "container `app` ended with exit code 2; its last words: `relation exists`"
    );
    for (reason, expected) in [
        ("BackoffLimitExceeded", "its Pods failed as often as its `backoffLimit` allows, and are gone"),
        ("DeadlineExceeded", "it was not done within its `activeDeadlineSeconds`"),
        ("PodFailurePolicy", "Job has failed"),
    ] {
        let evidence = Evidence { live: Some(Node::from(&live(reason))), ..Evidence::default() };
        assert_eq!(explain(&id, &evidence, "it failed").sentence, expected);
    }
}

#[test]
fn where_nothing_is_found_the_symptom_and_the_last_warning_are_told() {
    let live = json!({"kind": "Service", "metadata": {"name": "web", "uid": "s"}});
    let events = json!([event("s", "Warning", "SyncLoadBalancerFailed", "no addresses left.")]);
    let evidence = Evidence { live: Some(Node::from(&live)), events: nodes(&events), ..Evidence::default() };
    let id = ObjectId::namespaced("", "Service", "shop", "web");
    let cause = explain(&id, &evidence, "no load balancer has given it an address yet");
    assert_eq!(cause.sentence, "no load balancer has given it an address yet: no addresses left");
    let gone = explain(&id, &Evidence::default(), "it does not exist yet");
    assert_eq!(gone.sentence, "it does not exist: it was deleted, or never made");
}

#[test]
fn the_tree_goes_down_to_the_container_and_its_last_words() {
    let status = container(
        &json!({"restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
        "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}}),
    );
    let events = json!([
        event("p", "Warning", "BackOff", "Back-off restarting failed container"),
        event("p", "Normal", "Pulled", "x")
    ]);
    let evidence = with_pod(&json!({"nodeName": "n1"}), &status, &events, "one\ntwo\n");
    let cause = explain(&deployment(), &evidence, "0 of 1 replica available");
    assert_eq!(
        cause.tree.lines(),
        [
            "Deployment/web: 0 of 1 replica available",
            "  Pod/web-1: Pending on node `n1`",
            "    event BackOff: Back-off restarting failed container (2 times)",
            "    container app: waiting, CrashLoopBackOff: back-off 40s; its last run ended with exit code 3; 5 restarts",
            "      log | one",
            "      log | two",
        ]
    );
}

#[test]
fn what_is_secret_is_masked_before_anything_is_cut() {
    let secret = "s3cr3t-".repeat(70);
    let status = container(
        &json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}),
    );
    let evidence = with_pod(&json!({}), &status, &json!([]), &format!("login with {secret}\n"));
    let mask = |text: &str| text.replace(&secret, "•••");
    let cause = explain(&deployment(), &evidence, "x").masked(&mask);
    let all = format!("{cause:?}");
    assert!(all.contains("•••") && !all.contains("s3cr3t"), "{all}");
    let long = explain(&deployment(), &evidence, &"y".repeat(1000)).masked(&mask);
    assert_eq!(long.tree.state.chars().count(), 401);
}

#[test]
fn pods_that_are_merely_slow_are_told_with_how_far_they_are() {
    let spec = json!({"containers": [{"name": "app", "image": "web:9"}]});
    let mut status = container(&json!({"state": {"waiting": {"reason": "ContainerCreating"}}}));
    status["conditions"] = json!([{"type": "PodScheduled", "status": "True"}]);
    let events = json!([event("p", "Normal", "Pulling", "Pulling image \"web:9\"")]);
    let evidence = with_pod(&spec, &status, &events, "");
    let cause = explain(&deployment(), &evidence, "0 of 1 replica available");
    assert_eq!(cause.sentence, "0 of 1 replica available; Pod `web-1`: pulling its image");
    assert_eq!(cause.next, ["nothing is known to be wrong: it may only need more time"]);
    assert_eq!(
        cause.tree.lines(),
        [
            "Deployment/web: 0 of 1 replica available",
            "  Pod/web-1: Pending",
            "    event Pulling: Pulling image \"web:9\" (2 times)",
            "    container app: waiting, ContainerCreating",
        ]
    );
    assert_eq!(evidence.wanted(&deployment()).events_of, ["d", "p"]);
    let none = Evidence { pods: Vec::new(), ..evidence };
    let (sentence, _) = told(&none);
    assert_eq!(sentence, "`Deployment/web` is not ready: 0 of 1 replica available; none of its Pods is there yet");
}
