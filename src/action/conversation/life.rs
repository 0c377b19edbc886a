//! The life of a release, with one of everything that kchart does.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::sync::mpsc::unbounded_channel;

use super::recorder::Recorder;
use crate::action::{Locking, Place, Reading, Source, Target, deploy, history, list, rollback, status, uninstall};
use crate::apply::{Execution, Stop};
use crate::chart::Lookup;
use crate::cluster::{Cluster, Holder};
use crate::diagnostic::{Class, Failure};
use crate::plan::Options;
use crate::values::Inputs;

const NAMESPACE: &str = "life";
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
spec: {selector: {app: store}, ports: [{port: 80}]}
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
      containers:
        - {name: main, image: "{{values.image}}:{{values.edition}}", command: [sleep, "3600"], volumeMounts: [{name: files, mountPath: /files}]}
      volumes: [{name: files, persistentVolumeClaim: {claimName: files}}]
"#;

/// In the first edition alone.
const DROPPED: &str = "{{#if (eq values.edition \"1\")}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: dropped}\ndata: {a: b}\n{{/if}}\n";
/// In the second edition alone, and made by somebody before.
const ADOPTED: &str = "{{#if (eq values.edition \"2\")}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: adopted}\ndata: {a: b}\n{{/if}}\n";
/// In the broken edition alone: one that crashes, and one whose start is never over.
const BROKEN: &str = r#"{{#if (eq values.edition "broken")}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: crash}
spec:
  selector: {matchLabels: {app: crash}}
  template:
    metadata: {labels: {app: crash}}
    spec: {containers: [{name: main, image: "busybox:1", command: [sh, -c, "exit 3"]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: slow}
spec:
  selector: {matchLabels: {app: slow}}
  template:
    metadata: {labels: {app: slow}}
    spec: {containers: [{name: main, image: "busybox:1", command: [sleep, "3600"], startupProbe: {exec: {command: ["false"]}}}]}
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
    image: &'static str,
    size: &'static str,
    service: &'static str,
}

const FIRST: Edition = Edition { name: "1", image: "busybox", size: "1Gi", service: "store" };
/// With a larger claim, and a field that can't be changed in place.
const SECOND: Edition = Edition { name: "2", image: "busybox", size: "2Gi", service: "other" };
const BROKEN_ONE: Edition = Edition { name: "broken", image: "does-not-exist", size: "2Gi", service: "other" };

struct Life {
    chart: tempfile::TempDir,
    client: kube::Client,
    target: Target,
}

/// Plays it through a client that is heard.
pub(super) async fn play(client: &kube::Client, recorder: &Recorder) {
    let life = Life::new(client, recorder);
    life.deploy(FIRST, false).await.unwrap();
    life.deploy(FIRST, false).await.unwrap();
    life.somebody_writes().await;
    let mut prepared = life.prepare(SECOND, true).await.unwrap();
    assert_eq!(prepared.ask_server(4).await, None);
    life.deploy(SECOND, true).await.unwrap();
    life.look().await;
    let failure = life.deploy(BROKEN_ONE, false).await.unwrap_err();
    assert_eq!(failure.class, Class::NotReady, "{failure}");
    life.look().await;
    life.roll_back().await.unwrap();
    Box::pin(life.uninstall(false)).await.unwrap();
    life.deploy(SECOND, false).await.unwrap();
    Box::pin(life.uninstall(true)).await.unwrap();
}

impl Life {
    fn new(client: &kube::Client, recorder: &Recorder) -> Self {
        let chart = tempfile::tempdir().unwrap();
        for folder in ["templates", "crds"] {
            std::fs::create_dir(chart.path().join(folder)).unwrap();
        }
        for (name, text) in [
            ("Chart.yaml", "apiVersion: v2\nname: all\nversion: 0.1.0\n"),
            ("values.yaml", "edition: \"1\"\nimage: busybox\nsize: 1Gi\nservice: store\n"),
            ("templates/all.yaml.hbs", &format!("{TEMPLATE}{DROPPED}{ADOPTED}{BROKEN}")),
            ("crds/lives.yaml", DEFINITION),
        ] {
            std::fs::write(chart.path().join(name), text).unwrap();
        }
        let place = Place::Ready(Cluster::over(recorder.over(client)));
        Self { chart, client: client.clone(), target: Target { place, concurrency: 4 } }
    }

    fn request(&self, edition: Edition, force: bool) -> deploy::Request {
        let Edition { name, image, size, service } = edition;
        let options = Options {
            create_namespace: true,
            force_conflicts: force,
            adopt: vec!["ConfigMap/adopted".into()],
            accept_new_volume: true,
            ..Options::default()
        };
        deploy::Request {
            source: Source::Chart {
                reference: format!("{}/", self.chart.path().display()),
                lookup: Lookup { directory: PathBuf::new(), folders: Vec::new() },
            },
            inputs: Inputs {
                set_string: vec![format!("edition={name}")],
                set: vec![format!("image={image},size={size},service={service}")],
                ..Inputs::default()
            },
            name: Some(NAME.into()),
            namespace: Some(NAMESPACE.into()),
            verb: deploy::Verb::UpgradeOrInstall,
            reuse: deploy::Reuse::Nothing,
            options,
            strict: false,
            history_max: 2,
            description: None,
            rollback_on_failure: false,
        }
    }

    async fn prepare(&self, edition: Edition, force: bool) -> Result<deploy::Prepared, Failure> {
        Box::pin(deploy::prepare(self.request(edition, force), &self.target, &mut Reading::default())).await
    }

    async fn deploy(&self, edition: Edition, force: bool) -> Result<(), Failure> {
        let request = self.request(edition, force);
        let prepared =
            Box::pin(deploy::prepare_locked(request, &self.target, &locking(), &mut Reading::default())).await?;
        let (events, _heard) = unbounded_channel();
        Box::pin(prepared.carry_out(&execution(), &events, &Stop::never())).await?;
        Ok(())
    }

    /// What a person does between two runs, unheard.
    async fn somebody_writes(&self) {
        let maps = format!("/api/v1/namespaces/{NAMESPACE}/configmaps");
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

    async fn look(&self) {
        status::run(NAME, Some(NAMESPACE), &self.target).await.unwrap();
        history::run(NAME, Some(NAMESPACE), 10, &self.target).await.unwrap();
        for all_namespaces in [false, true] {
            let namespace = Some(NAMESPACE.to_owned());
            let request = list::Request { namespace, all_namespaces, states: Vec::new(), filter: None };
            list::run(&request, &self.target).await.unwrap();
        }
    }

    async fn roll_back(&self) -> Result<(), Failure> {
        let request = rollback::Request {
            name: NAME.into(),
            namespace: Some(NAMESPACE.into()),
            what: None,
            options: Options { accept_new_volume: true, ..Options::default() },
            history_max: 2,
            description: None,
        };
        let decide = async |reading: &mut Reading| rollback::prepare(request.clone(), &self.target, reading).await;
        let prepared = Box::pin(deploy::locked(decide, &locking(), &mut Reading::default())).await?;
        let (events, _heard) = unbounded_channel();
        prepared.carry_out(&execution(), &events, &Stop::never()).await?;
        Ok(())
    }

    async fn uninstall(&self, purge: bool) -> Result<(), Failure> {
        let request = uninstall::Request {
            names: vec![NAME.into()],
            namespace: Some(NAMESPACE.into()),
            purge,
            prune_crds: if purge { vec!["lives.example.com".into()] } else { Vec::new() },
            skip_jobs: false,
            keep_history: false,
            ignore_not_found: false,
        };
        let found = uninstall::prepare(&request, &self.target, &mut Reading::default()).await?;
        for prepared in found.prepared {
            if let Some(prepared) = prepared.lock(&locking()).await? {
                let (events, _heard) = unbounded_channel();
                prepared.carry_out(&execution(), &events, &Stop::never()).await?;
            }
        }
        Ok(())
    }
}

/// Long enough that the lock is renewed while something does not become ready.
fn execution() -> Execution {
    Execution { timeout: Duration::from_secs(20), concurrency: 4 }
}

fn locking() -> Locking<'static> {
    let run = getrandom::u32().unwrap();
    Locking {
        holder: Holder::new("here", 1, run, None),
        patience: Duration::from_secs(60),
        stop: Stop::never(),
        tell: &|_| {},
    }
}
