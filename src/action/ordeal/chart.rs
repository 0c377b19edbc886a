//! A chart of thirty objects with all that matters: a broker whose volumes a generated password opens, a program with
//! a given password and a volume of its own, Jobs, and what is around them. Its second edition changes, adds and drops
//! some.

use std::fmt::Write;

use tempfile::TempDir;

use super::world::RELEASE;
use crate::action::ordinary;

const BROKER: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: mq}
stringData:
  user: mq
  password: {{generate "password" length=32 charset="alnum"}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mq}
spec:
  replicas: 2
  serviceName: mq
  selector: {matchLabels: {app: mq}}
  template:
    metadata: {labels: {app: mq}}
    spec:
      serviceAccountName: account-0
      containers:
        - name: mq
          image: {{values.image}}
          resources: {limits: {memory: {{values.memory}}}}
          envFrom: [{configMapRef: {name: config-0}}]
          env: [{name: RABBITMQ_DEFAULT_PASS, valueFrom: {secretKeyRef: {name: mq, key: password}}}]
          volumeMounts: [{name: data, mountPath: /var/lib/rabbitmq/mnesia}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: standard-retain}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {password: given-by-somebody}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {kchart.dev/credentials: "files=web/password:sticky"}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.29
          resources: {limits: {memory: {{values.memory}}}}
          env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: web, key: password}}}]
          volumeMounts: [{name: files, mountPath: /files}]
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: sweep}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: "busybox:1.37"}]
"#;

/// Objects of which the chart has several; `%N` is their number.
const SEVERAL: [(usize, &str); 6] = [
    (9, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-%N}\ndata: {memory: {{values.memory}}}\n"),
    (3, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: account-%N}\n"),
    (
        3,
        "apiVersion: v1\nkind: Service\nmetadata: {name: service-%N}\nspec: {selector: {app: mq}, ports: [{port: 5672}]}\n",
    ),
    (
        3,
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: role-%N}\n\
         rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]\n",
    ),
    (
        3,
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: binding-%N}\n\
         roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: role-%N}\n\
         subjects: [{kind: ServiceAccount, name: account-%N}]\n",
    ),
    (
        2,
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: job-%N}\nspec: {template: {spec: {restartPolicy: Never, \
         containers: [{name: main, image: \"busybox:1.37\"}]}}}\n",
    ),
];

/// In the first edition alone: the second one drops it.
const DROPPED: &str = "{{#if (eq values.memory \"1Gi\")}}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: first}\n\
                       stringData: {key: of-the-first-edition}\n{{/if}}\n";
/// In the second edition alone.
const ADDED: &str = "{{#if (eq values.memory \"2Gi\")}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: second}\n\
                     data: {edition: \"2\"}\n{{/if}}\n";

/// Writes the chart into a folder; a small one has one object where the whole one has several.
pub(super) fn folder(is_small: bool) -> TempDir {
    let mut all = BROKER.to_owned();
    for (count, text) in SEVERAL {
        for number in 0..(if is_small { 1 } else { count }) {
            write!(all, "---\n{}", text.replace("%N", &number.to_string())).unwrap();
        }
    }
    of(&format!("{all}{DROPPED}{ADDED}"), "memory: 1Gi\nimage: rabbitmq:4.2\n")
}

/// A chart of one template.
pub(super) fn of(template: &str, values: &str) -> TempDir {
    ordinary::chart(RELEASE, &[("values.yaml", values), ("templates/all.yaml.hbs", template)])
}
