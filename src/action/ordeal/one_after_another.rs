//! Claims that can be had only after others are in use, by runs that die after every single request.

use std::collections::BTreeSet;

use super::{Verb, World};
use crate::cluster::Cluster;
use crate::release::Release;
use crate::sandbox::{Fault, Faults, Rule};

/// The Job writes to the claim `first`; `second` waits for the Job; what opens the broker's claim waits for who mounts
/// `second`.
const TEMPLATE: &str = r#"apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: first}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: fills-first}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1.37", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: first}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: second, annotations: {kchart.dev/depends-on: job/fills-first}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "nginx:1.29", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: second}}]
---
apiVersion: v1
kind: Secret
metadata: {name: mq, annotations: {kchart.dev/depends-on: deployment/web}}
stringData: {password: {{generate "password" length=32 charset="alnum"}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mq}
spec:
  serviceName: mq
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      containers:
        - name: mq
          image: rabbitmq:4.2
          resources: {limits: {memory: {{values.memory}}}}
          env: [{name: RABBITMQ_DEFAULT_PASS, valueFrom: {secretKeyRef: {name: mq, key: password}}}]
          volumeMounts: [{name: data, mountPath: /var/lib/rabbitmq/mnesia}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

/// Which claim each workload writes to.
const WRITES: [(&str, &str, &str); 3] =
    [("Job", "fills-first", "first"), ("Deployment", "web", "second"), ("StatefulSet", "mq", "data-mq-0")];

/// The claims that the ledger knows, by uid.
async fn known(world: &World) -> BTreeSet<String> {
    let release = Release { namespace: "default".into(), name: "mq".into() };
    let past = Cluster::over_at_once(world.sandbox.client()).past(&release).await.unwrap();
    past.ledger.map(|ledger| ledger.entries.into_iter().map(|entry| entry.uid).collect()).unwrap_or_default()
}

/// Nothing writes to a claim that the ledger does not know.
async fn check_known(world: &World, at: &str) {
    let (known, claims) = (known(world).await, world.kept().claims);
    let objects = world.sandbox.objects();
    for (kind, name, claim) in WRITES {
        if objects.iter().any(|it| it["kind"] == kind && it["metadata"]["name"] == name) {
            let uid = claims.get(claim);
            assert!(uid.is_some_and(|uid| known.contains(uid)), "{at}: {kind} {name} writes to what nobody knows");
        }
    }
}

#[tokio::test]
async fn a_claim_that_waits_for_who_mounts_another_is_known_before_anything_writes_to_it() {
    let begin = World::of(TEMPLATE, "memory: 1Gi\n");
    let (reference, faults) = (begin.copy(), Faults::none());
    reference.run(Verb::Install, &faults).await.expect("nobody cuts it off").unwrap();
    assert_eq!(known(&reference).await.len(), 3);
    let mut states = BTreeSet::new();
    for request in 1..=faults.requests() {
        let at = format!("cut off after request {request}");
        let (world, faults) = (begin.copy(), Faults::new([Rule::at(request, Fault::CutOffAfter)]));
        assert!(world.run(Verb::Install, &faults).await.is_none(), "{at}: it was not cut off");
        if !states.insert(world.sandbox.revision()) {
            continue;
        }
        check_known(&world, &at).await;
        let between = world.kept();
        world.succeeds(Verb::Install, &at).await;
        world.check_kept(&between, false, &at);
        world.check_reached(Verb::Install, &reference, &at).await;
        check_known(&world, &at).await;
        assert_eq!(known(&world).await.len(), 3, "{at}");
        let between = world.kept();
        world.succeeds(Verb::Upgrade, &at).await;
        world.check_kept(&between, false, &at);
        world.succeeds(Verb::Uninstall, &at).await;
        world.check_kept(&between, false, &at);
    }
    assert!(states.len() > 10, "each object is a change: {}", states.len());
}
