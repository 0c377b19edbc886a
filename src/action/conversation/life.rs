//! The life of a release, with one of everything that kchart does.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::book::Book;
use super::recorder::Recorder;
use crate::action::ordinary::{again, chart, deployment, deploys, removal, rolls_back, rotates, uninstalls};
use crate::action::{Place, Reading, Target, deploy, history, list, rotate, status};
use crate::apply::{Execution, Stop};
use crate::cluster::Cluster;
use crate::diagnostic::{Class, Failure};
use crate::plan::Options;
use crate::values::Inputs;

const NAME: &str = "all";

const TEMPLATE: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: login}
stringData:
  user: me
  password: {{generate "password" length=32 charset="alnum"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ours}
data: {edition: {{values.edition}}}
---
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {selector: {app: store}, ports: [{port: 5432}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: {{values.service}}
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: "postgres:17"
          env: [{name: POSTGRES_PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}]
          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: {{values.size}}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: prepare, annotations: {kchart.dev/run: on-change}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "busybox:{{values.edition}}", command: ["true"]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - {name: main, image: "busybox:{{values.edition}}", command: [sleep, "3600"], volumeMounts: [{name: files, mountPath: /files}]}
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: turn, annotations: {kchart.dev/rotate: login/password}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: "postgres:17"
          command:
            - sh
            - -c
            - >-
              PGPASSWORD="$NEW" psql -h store -U postgres -c 'select 1'
              || PGPASSWORD="$OLD" psql -h store -U postgres -c "alter role postgres password '$NEW'"
          env:
            - {name: OLD, valueFrom: {secretKeyRef: {name: login-rotation, key: old}}}
            - {name: NEW, valueFrom: {secretKeyRef: {name: login-rotation, key: new}}}
"#;

/// In the first edition alone.
const DROPPED: &str = "{{#if (eq values.edition \"1\")}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: dropped}\ndata: {a: b}\n{{/if}}\n";
/// In the second edition alone, and made by somebody before.
const ADOPTED: &str = "{{#if (eq values.edition \"2\")}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: adopted}\ndata: {a: b}\n{{/if}}\n";
/// In the broken edition alone: one container crashes, and one is never ready.
const BROKEN: &str = r#"{{#if (eq values.edition "broken")}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: broken}
spec:
  selector: {matchLabels: {app: broken}}
  template:
    metadata: {labels: {app: broken}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - {name: crash, image: "busybox:1", command: [sh, -c, "echo it is broken; exit 3"]}
        - name: sick
          image: "busybox:1"
          command: [sleep, "3600"]
          readinessProbe: {exec: {command: [sh, -c, "echo not yet; exit 1"]}}
{{/if}}
"#;

/// Under `crds/`.
const DEFINITION: &str = r"apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lives.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Life, plural: lives, singular: life}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
";

/// One edition, and how it is put in force.
#[derive(Clone, Copy)]
struct Edition {
    name: &'static str,
    size: &'static str,
    service: &'static str,
    patience: Duration,
}

const EXECUTION: Execution = Execution { timeout: Duration::from_secs(120), concurrency: 4 };

const FIRST: Edition = Edition { name: "1", size: "1Gi", service: "store", patience: EXECUTION.timeout };
/// With a larger claim, and a field that can't be changed in place.
const SECOND: Edition = Edition { name: "2", size: "2Gi", service: "other", ..FIRST };
/// Waited for as long as it takes until the lock is renewed.
const BROKEN_ONE: Edition = Edition { name: "broken", patience: Duration::from_secs(8), ..SECOND };

/// Plays it in the namespace of a book, through a client that is heard; what was said is in the book then.
pub(super) async fn play(client: &kube::Client, mut book: Book) -> Book {
    let recorder = Recorder::default();
    let life = Life::new(client, &recorder, book.namespace());
    let close = async |book: &mut Book, name, done: Result<(), Failure>| {
        book.close(name, recorder.take(), &done, client).await;
        done
    };
    let done = life.deploy(FIRST, false).await;
    close(&mut book, "install", done).await.unwrap();
    let done = life.deploy(FIRST, false).await;
    close(&mut book, "install without a change", done).await.unwrap();
    life.somebody_writes().await;
    let refused = Box::pin(life.prepare(SECOND, true)).await.unwrap().ask_server(4).await;
    close(&mut book, "ask the server", refused.map_or(Ok(()), Err)).await.unwrap();
    let done = life.deploy(SECOND, true).await;
    close(&mut book, "upgrade and adopt", done).await.unwrap();
    let done = life.deploy(BROKEN_ONE, false).await;
    let failure = close(&mut book, "upgrade that fails", done).await.unwrap_err();
    assert_eq!(failure.class, Class::NotReady, "{failure}");
    let done = life.look().await;
    close(&mut book, "look", done).await.unwrap();
    let done = life.roll_back().await;
    close(&mut book, "rollback", done).await.unwrap();
    let done = Box::pin(life.rotate()).await;
    close(&mut book, "rotate", done).await.unwrap();
    let done = Box::pin(life.uninstall(false)).await;
    close(&mut book, "uninstall", done).await.unwrap();
    let done = life.deploy(SECOND, false).await;
    close(&mut book, "install again", done).await.unwrap();
    let done = Box::pin(life.uninstall(true)).await;
    close(&mut book, "uninstall with the volumes", done).await.unwrap();
    life.namespace_goes().await;
    book
}

struct Life<'a> {
    chart: tempfile::TempDir,
    client: &'a kube::Client,
    namespace: String,
    target: Target,
}

impl<'a> Life<'a> {
    fn new(client: &'a kube::Client, recorder: &Recorder, namespace: &str) -> Self {
        let chart = chart(
            "all",
            &[
                ("values.yaml", "edition: \"1\"\nsize: 1Gi\nservice: store\n"),
                ("templates/all.yaml.hbs", &format!("{TEMPLATE}{DROPPED}{ADOPTED}{BROKEN}")),
                ("crds/lives.yaml", DEFINITION),
            ],
        );
        let place = Place::Ready(Cluster::over(recorder.over(client)));
        Self { chart, client, namespace: namespace.to_owned(), target: Target { place, concurrency: 4 } }
    }

    fn request(&self, edition: Edition, force: bool) -> deploy::Request {
        let Edition { name, size, service, .. } = edition;
        deploy::Request {
            inputs: Inputs {
                set_string: vec![format!("edition={name}")],
                set: vec![format!("size={size},service={service}")],
                ..Inputs::default()
            },
            namespace: Some(self.namespace.clone()),
            options: Options {
                create_namespace: true,
                force_conflicts: force,
                adopt: vec!["ConfigMap/adopted".into()],
                accept_new_volume: true,
                ..Options::default()
            },
            history_max: 2,
            ..deployment(NAME, self.chart.path(), Vec::new())
        }
    }

    async fn prepare(&self, edition: Edition, force: bool) -> Result<deploy::Prepared, Failure> {
        Box::pin(deploy::prepare(self.request(edition, force), &self.target, &mut Reading::default())).await
    }

    async fn deploy(&self, edition: Edition, force: bool) -> Result<(), Failure> {
        let execution = Execution { timeout: edition.patience, concurrency: 4 };
        Box::pin(deploys(self.request(edition, force), &self.target, &execution, &Stop::never())).await
    }

    /// What a person does between two runs, unheard.
    async fn somebody_writes(&self) {
        let maps = format!("/api/v1/namespaces/{}/configmaps", self.namespace);
        let patch = http::Request::patch(format!("{maps}/ours?fieldManager=kubectl-edit"))
            .header(http::header::CONTENT_TYPE, "application/merge-patch+json")
            .body(json!({"data": {"edition": "somebody's"}}).to_string().into_bytes());
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "adopted"},
            "data": {"a": "1", "b": "2"}});
        let apply = http::Request::patch(format!("{maps}/adopted?fieldManager=helm"))
            .header(http::header::CONTENT_TYPE, "application/apply-patch+yaml")
            .body(object.to_string().into_bytes());
        for request in [patch, apply] {
            self.client.request::<Json>(request.unwrap()).await.unwrap();
        }
    }

    /// Nobody waits until it is gone.
    async fn namespace_goes(&self) {
        let request = http::Request::delete(format!("/api/v1/namespaces/{}", self.namespace)).body(Vec::new());
        self.client.request::<Json>(request.unwrap()).await.unwrap();
    }

    async fn look(&self) -> Result<(), Failure> {
        let namespace = Some(self.namespace.as_str());
        status::run(NAME, namespace, &self.target).await?;
        history::run(NAME, namespace, 10, &self.target).await?;
        for all_namespaces in [false, true] {
            let namespace = namespace.map(str::to_owned);
            let request = list::Request { namespace, all_namespaces, states: Vec::new(), filter: None };
            list::run(&request, &self.target).await?;
        }
        Ok(())
    }

    async fn roll_back(&self) -> Result<(), Failure> {
        let mut request = again(NAME, None);
        request.namespace = Some(self.namespace.clone());
        request.options.accept_new_volume = true;
        request.history_max = 2;
        rolls_back(request, &self.target, &EXECUTION, &Stop::never()).await
    }

    async fn rotate(&self) -> Result<(), Failure> {
        let mut request = again(NAME, rotate::What::default());
        request.namespace = Some(self.namespace.clone());
        request.history_max = 2;
        rotates(request, &self.target, &EXECUTION, &Stop::never()).await
    }

    async fn uninstall(&self, purge: bool) -> Result<(), Failure> {
        let mut request = removal(NAME, purge);
        request.namespace = Some(self.namespace.clone());
        request.prune_crds = if purge { vec!["lives.example.com".into()] } else { Vec::new() };
        request.ignore_not_found = false;
        Box::pin(uninstalls(&request, &self.target, &EXECUTION, &Stop::never())).await
    }
}
