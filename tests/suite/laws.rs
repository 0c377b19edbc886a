//! What holds for every release, whatever is in it: random small charts live their lives on a sandbox.
//!
//! The charts come from a fixed seed: the same ones are tried each time.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use kchart::cli::{Call, Environment, Pipe, Streams, Terminal, run};
use kchart::sandbox::Sandbox;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

/// One object of a chart. Names are few, so that objects refer to each other, and two charts have some in common.
#[derive(Clone, Debug)]
enum Piece {
    ConfigMap {
        name: u8,
        value: u8,
    },
    Secret {
        name: u8,
        value: u8,
    },
    Service {
        name: u8,
        port: u8,
    },
    Claim {
        name: u8,
    },
    Account {
        name: u8,
    },
    Deployment {
        name: u8,
        replicas: u8,
        image: u8,
        config: u8,
        claim: Option<u8>,
    },
    Set {
        name: u8,
        replicas: u8,
        image: u8,
    },
    /// With the Deployment that it scales.
    Autoscaler {
        name: u8,
        most: u8,
    },
}

fn piece() -> impl Strategy<Value = Piece> {
    let few = || 0_u8..3;
    prop_oneof![
        (few(), few()).prop_map(|(name, value)| Piece::ConfigMap { name, value }),
        (few(), few()).prop_map(|(name, value)| Piece::Secret { name, value }),
        (few(), few()).prop_map(|(name, port)| Piece::Service { name, port }),
        few().prop_map(|name| Piece::Claim { name }),
        few().prop_map(|name| Piece::Account { name }),
        (few(), few(), few(), few(), prop::option::of(few())).prop_map(|(name, replicas, image, config, claim)| {
            Piece::Deployment { name, replicas, image, config, claim }
        }),
        (few(), few(), few()).prop_map(|(name, replicas, image)| Piece::Set { name, replicas, image }),
        (few(), few()).prop_map(|(name, most)| Piece::Autoscaler { name, most }),
    ]
}

/// The objects of a chart: each name once a kind, and what a workload refers to.
fn documents(pieces: &[Piece]) -> Vec<Value> {
    let mut found = BTreeMap::new();
    for document in pieces.iter().flat_map(document) {
        found.entry(format!("{}/{}", document["kind"], document["metadata"]["name"])).or_insert(document);
    }
    found.into_values().collect()
}

fn document(piece: &Piece) -> Vec<Value> {
    let object = |version: &str, kind: &str, name: String, rest: Value| {
        let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
        for (field, value) in rest.as_object().into_iter().flatten() {
            object[field] = value.clone();
        }
        object
    };
    let claim = |name: &u8| {
        object(
            "v1",
            "PersistentVolumeClaim",
            format!("claim-{name}"),
            json!({"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
        )
    };
    let config = |name: &u8, value: &u8| {
        object("v1", "ConfigMap", format!("config-{name}"), json!({"data": {"value": value.to_string()}}))
    };
    match piece {
        Piece::ConfigMap { name, value } => vec![config(name, value)],
        Piece::Secret { name, value } => vec![object(
            "v1",
            "Secret",
            format!("secret-{name}"),
            json!({"stringData": {"value": format!("long enough {value}"), "other": "stays the same"}}),
        )],
        Piece::Service { name, port } => vec![object(
            "v1",
            "Service",
            format!("service-{name}"),
            json!({"spec": {"selector": {"app": format!("web-{name}")}, "ports": [{"port": 80 + port}]}}),
        )],
        Piece::Claim { name } => vec![claim(name)],
        Piece::Account { name } => vec![object("v1", "ServiceAccount", format!("account-{name}"), json!({}))],
        Piece::Deployment { name, replicas, image, config: of, claim: data } => {
            let mut pod = json!({"containers": [{"name": "main", "image": format!("web:{image}"),
                "envFrom": [{"configMapRef": {"name": format!("config-{of}")}}]}]});
            if let Some(data) = data {
                pod["volumes"] =
                    json!([{"name": "data", "persistentVolumeClaim": {"claimName": format!("claim-{data}")}}]);
                pod["containers"][0]["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
            }
            let labels = json!({"app": format!("web-{name}")});
            let workload = object(
                "apps/v1",
                "Deployment",
                format!("web-{name}"),
                json!({"spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": pod}}}),
            );
            let needed = data.iter().map(claim).chain([config(of, &0)]);
            std::iter::once(workload).chain(needed).collect()
        }
        Piece::Set { name, replicas, image } => {
            let labels = json!({"app": format!("set-{name}")});
            vec![object(
                "apps/v1",
                "StatefulSet",
                format!("set-{name}"),
                json!({"spec": {"replicas": replicas, "serviceName": "none", "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": {"containers": [
                        {"name": "main", "image": format!("set:{image}"),
                            "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}},
                    "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {
                        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}}),
            )]
        }
        Piece::Autoscaler { name, most } => {
            let scaler = object(
                "autoscaling/v2",
                "HorizontalPodAutoscaler",
                format!("scale-{name}"),
                json!({"spec": {"maxReplicas": 3 + most, "scaleTargetRef":
                    {"apiVersion": "apps/v1", "kind": "Deployment", "name": format!("web-{name}")}}}),
            );
            let web = Piece::Deployment { name: *name, replicas: 2, image: 0, config: 0, claim: None };
            std::iter::once(scaler).chain(document(&web)).collect()
        }
    }
}

/// What kchart prints.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no writer panicked")).into_owned()
    }
}

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panicked").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A cluster in a file, and kchart in a folder beside it.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder can be made"))
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a chart with these objects, in place of the one before.
    fn chart(&self, pieces: &[Piece]) {
        let templates = self.path("app/templates");
        std::fs::create_dir_all(&templates).expect("the folder can be made");
        let objects: Vec<_> = documents(pieces).iter().map(Value::to_string).collect();
        write(&self.path("app/Chart.yaml"), "apiVersion: v2\nname: app\nversion: 0.1.0\n");
        write(&templates.join("objects.yaml.hbs"), &objects.join("\n---\n"));
    }

    /// Runs kchart; its exit code and all that it said.
    fn kchart(&self, line: &str) -> (u8, String) {
        let environment: Environment = [("KCHART_SANDBOX".to_owned(), "box.json".to_owned())].into_iter().collect();
        let said = Said::default();
        let code = run(Call {
            args: std::iter::once("kchart").chain(line.split(' ')).map(Into::into).collect(),
            environment,
            directory: self.0.path().to_owned(),
            streams: Streams {
                stdin: Box::new(io::empty()),
                stdout: Pipe::new(said.clone()),
                stderr: Pipe::new(said.clone()),
                terminal: Terminal::NONE,
            },
        });
        (code, said.text())
    }

    /// All objects but events, by kind, namespace and name.
    fn objects(&self) -> BTreeMap<String, Value> {
        let sandbox = Sandbox::open(&self.path("box.json")).expect("the sandbox can be opened");
        let named = |object: Value| {
            let name = format!("{}/{}/{}", object["kind"], object["metadata"]["namespace"], object["metadata"]["name"]);
            (name, object)
        };
        let objects = sandbox.objects().into_iter().filter(|object| object["kind"] != "Event");
        objects.map(named).collect()
    }

    /// What the chart's objects want: the parts that no controller and no history writes.
    fn wanted(&self, pieces: &[Piece]) -> BTreeMap<String, Value> {
        let ours: Vec<_> = documents(pieces)
            .iter()
            .map(|document| format!("{}/\"default\"/{}", document["kind"], document["metadata"]["name"]))
            .collect();
        let scaled = |name: &str| {
            let scales =
                |piece: &Piece| matches!(piece, Piece::Autoscaler { name: of, .. } if name == format!("web-{of}"));
            pieces.iter().any(scales)
        };
        let parts = |object: &Value| {
            let mut spec = object["spec"].clone();
            // How many there are is the autoscaler's to say, from when it was there on.
            if scaled(object["metadata"]["name"].as_str().unwrap_or_default()) {
                spec.as_object_mut().map(|spec| spec.remove("replicas"));
            }
            // An upgrade restarts what reads a changed ConfigMap, and says so in the template.
            if let Some(metadata) = spec.pointer_mut("/template/metadata").and_then(Value::as_object_mut) {
                metadata.remove("annotations");
            }
            // Given out by the server, to whoever came first.
            for field in ["clusterIP", "clusterIPs", "volumeName"] {
                spec.as_object_mut().map(|spec| spec.remove(field));
            }
            json!({"spec": spec, "data": object["data"]})
        };
        let objects = self.objects().into_iter().filter(|(name, _)| ours.contains(name));
        objects.map(|(name, object)| (name, parts(&object))).collect()
    }

    #[track_caller]
    fn works(&self, line: &str) -> String {
        let (code, said) = self.kchart(line);
        assert_eq!(code, 0, "`kchart {line}`\n{said}");
        said
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("the file can be written");
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec(piece(), 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        rng_seed: RngSeed::Fixed(20_261_124),
        failure_persistence: None,
        max_shrink_iters: 64,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_installed_needs_no_change(chart in pieces()) {
        let world = World::new();
        world.chart(&chart);
        world.works("install app ./app --timeout 60s");
        world.works("diff app ./app --detailed-exitcode");
        let before = world.objects();
        world.works("upgrade app ./app --accept-new-volume --timeout 60s");
        prop_assert_eq!(world.objects(), before, "an upgrade without a change changed something");
    }

    #[test]
    fn an_uninstall_with_its_volumes_leaves_the_cluster_as_it_was(chart in pieces(), next in pieces()) {
        let world = World::new();
        world.chart(&chart);
        world.works("list");
        let before = world.objects();
        world.works("install app ./app --timeout 60s");
        world.chart(&next);
        world.works("upgrade app ./app --accept-new-volume --timeout 60s");
        world.works("uninstall app --purge-volumes --yes");
        prop_assert_eq!(world.objects(), before);
        let sandbox = Sandbox::open(&world.path("box.json")).expect("the sandbox can be opened");
        prop_assert_eq!(sandbox.data(), Vec::<String>::new());
    }

    #[test]
    fn an_upgrade_leads_where_an_install_would_have_led(old in pieces(), new in pieces()) {
        let (upgraded, installed) = (World::new(), World::new());
        upgraded.chart(&old);
        upgraded.works("install app ./app --timeout 60s");
        upgraded.chart(&new);
        upgraded.works("upgrade app ./app --accept-new-volume --timeout 60s");
        installed.chart(&new);
        installed.works("install app ./app --timeout 60s");
        prop_assert_eq!(upgraded.wanted(&new), installed.wanted(&new));
        upgraded.works("diff app ./app --detailed-exitcode");
        // Of the old chart only claims are left.
        let gone: Vec<_> = upgraded.wanted(&old).into_keys().filter(|name| !installed.wanted(&new).contains_key(name)).collect();
        prop_assert!(gone.iter().all(|name| name.starts_with("\"PersistentVolumeClaim\"")), "{gone:?}");
    }

    #[test]
    fn a_rollback_restores_what_was(old in pieces(), new in pieces()) {
        let world = World::new();
        world.chart(&old);
        world.works("install app ./app --timeout 60s");
        let before = world.wanted(&old);
        world.chart(&new);
        world.works("upgrade app ./app --accept-new-volume --timeout 60s");
        world.works("rollback app 1 --accept-new-volume --timeout 60s");
        prop_assert_eq!(world.wanted(&old), before);
        world.chart(&old);
        world.works("diff app ./app --detailed-exitcode");
    }
}
