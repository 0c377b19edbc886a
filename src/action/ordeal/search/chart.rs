//! A chart that makes every mistake possible: names, password, image, class, size and what is mounted and read come from
//! its values.

use tempfile::TempDir;

const TEMPLATE: &str = r#"{{#if (not values.existing)}}
apiVersion: v1
kind: Secret
metadata: {name: {{values.secret}}, namespace: {{values.namespace}}}
stringData:
  user: mq
{{#if values.password}}
  {{values.key}}: {{values.password}}
{{else}}
  {{values.key}}: {{generate "password" length=32 charset="alnum"}}
{{/if}}
---
{{/if}}
apiVersion: v1
kind: ConfigMap
metadata: {name: {{values.name}}, namespace: {{values.namespace}}}
data: {memory: {{values.memory}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: {{values.name}}, namespace: {{values.namespace}}}
spec:
  replicas: {{values.replicas}}
  serviceName: {{values.name}}
  selector: {matchLabels: {app: {{values.name}}}}
  template:
    metadata: {labels: {app: {{values.name}}}}
    spec:
      containers:
        - name: mq
          image: {{values.image}}
          resources: {limits: {memory: {{values.memory}}}}
          envFrom: [{configMapRef: {name: {{values.name}}}}]
          env:
            - {name: {{values.program.user}}, valueFrom: {secretKeyRef: {name: {{values.secret}}, key: user}}}
{{#if values.reads}}
            - {name: {{values.program.password}}, valueFrom: {secretKeyRef: {name: {{values.secret}}, key: {{values.key}}}}}
{{/if}}
          volumeMounts: [{name: data, mountPath: {{values.program.folder}}}]
{{#if values.persistent}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: {{values.class}}}
{{else}}
      volumes: [{name: data, emptyDir: {}}]
{{/if}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{values.name}}-rotate
  namespace: {{values.namespace}}
  annotations: {kchart.dev/rotate: "{{values.secret}}/{{values.key}}"}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: rotate
          image: {{values.image}}
          command: [change-password]
          env:
            - {name: OLD, valueFrom: {secretKeyRef: {name: "{{values.secret}}-rotation", key: old}}}
            - {name: NEW, valueFrom: {secretKeyRef: {name: "{{values.secret}}-rotation", key: new}}}
"#;

const VALUES: &str = "name: mq\nnamespace: default\nsecret: mq\nkey: password\nexisting: false\npassword: ''\nmemory: 1Gi\nreplicas: 1\n\
                      image: ''\nclass: standard\npersistent: true\nreads: true\n\
                      program: {user: '', password: '', folder: ''}\n";

/// Writes the chart into a folder.
pub(super) fn folder() -> TempDir {
    super::super::chart::of(TEMPLATE, VALUES)
}
