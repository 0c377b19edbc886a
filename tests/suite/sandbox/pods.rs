//! What Pods do with their images, Secrets and data.

use kchart::sandbox::Sandbox;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, LogParams};
use serde_json::{Value, json};

use super::{api, apply, delete, sandbox, stateful_set, status};

fn pod(container: Value) -> Value {
    let mut container = container;
    container["name"] = "c".into();
    json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}})
}

async fn container_state(pods: &Api<DynamicObject>, name: &str) -> Value {
    pods.get(name).await.unwrap().data["status"]["containerStatuses"][0]["state"].clone()
}

async fn logs(client: &Client, pod: &str) -> String {
    let pods: Api<k8s_openapi::api::core::v1::Pod> = Api::default_namespaced(client.clone());
    pods.logs(pod, &LogParams::default()).await.unwrap()
}

async fn is_ready(pods: &Api<DynamicObject>, name: &str) -> bool {
    let pod = pods.get(name).await.unwrap();
    let conditions = pod.data["status"]["conditions"].as_array().unwrap().clone();
    conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}

async fn events(client: &Client) -> Vec<String> {
    let events = api(client, "v1", "Event").list(&ListParams::default()).await.unwrap().items;
    let text = |event: &DynamicObject, field: &str| event.data[field].as_str().unwrap_or_default().to_owned();
    events.iter().map(|event| format!("{}: {}", text(event, "reason"), text(event, "message"))).collect()
}

async fn secret(client: &Client, name: &str, data: Value) {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "stringData": data});
    apply(&api(client, "v1", "Secret"), name, secret).await.unwrap();
}

#[tokio::test]
async fn a_missing_secret_or_key_keeps_a_container_from_being_made() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    let of = |optional: bool| {
        pod(json!({"image": "x", "env": [{"name": "A", "valueFrom": {"secretKeyRef":
            {"name": "s", "key": "k", "optional": optional}}}]}))
    };
    apply(&pods, "optional", of(true)).await.unwrap();
    assert!(is_ready(&pods, "optional").await);
    apply(&pods, "p", of(false)).await.unwrap();
    let waiting = &container_state(&pods, "p").await["waiting"];
    assert_eq!(
        (&waiting["reason"], &waiting["message"]),
        (&json!("CreateContainerConfigError"), &json!("secret \"s\" not found"))
    );
    assert!(events(&client).await.contains(&"Failed: Error: secret \"s\" not found".to_owned()));
    secret(&client, "s", json!({"other": "x"})).await;
    let waiting = &container_state(&pods, "p").await["waiting"];
    assert_eq!(waiting["message"], "couldn't find key k in Secret default/s");
    secret(&client, "s", json!({"k": "x"})).await;
    assert!(is_ready(&pods, "p").await);
}

#[tokio::test]
async fn a_missing_volume_source_keeps_a_pod_from_starting() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    let mut mounted = pod(json!({"image": "x", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}));
    mounted["spec"]["volumes"] = json!([{"name": "v", "configMap": {"name": "m"}}]);
    apply(&pods, "p", mounted).await.unwrap();
    assert_eq!(container_state(&pods, "p").await["waiting"]["reason"], "ContainerCreating");
    let told = "FailedMount: MountVolume.SetUp failed for volume \"v\" : configmap \"m\" not found".to_owned();
    assert!(events(&client).await.contains(&told));
    apply(&api(&client, "v1", "ConfigMap"), "m", super::config_map(&json!({}))).await.unwrap();
    assert!(is_ready(&pods, "p").await);
}

#[tokio::test]
async fn images_that_cannot_be_had_back_off_and_have_no_log() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    apply(&pods, "p", pod(json!({"image": "example.com/does-not-exist:1"}))).await.unwrap();
    assert_eq!(container_state(&pods, "p").await["waiting"]["reason"], "ImagePullBackOff");
    let typed: Api<k8s_openapi::api::core::v1::Pod> = Api::default_namespaced(client.clone());
    let refused = status(typed.logs("p", &LogParams::default()).await.unwrap_err());
    assert_eq!(refused.message, "container \"c\" in pod \"p\" is waiting to start: trying and failing to pull image");
}

#[tokio::test]
async fn a_command_that_fails_crashes_again_and_again() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    apply(&pods, "p", pod(json!({"image": "x", "command": ["sh", "-c", "exit 7"]}))).await.unwrap();
    let status = pods.get("p").await.unwrap().data["status"]["containerStatuses"][0].clone();
    assert_eq!(status["state"]["waiting"]["reason"], "CrashLoopBackOff");
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 7);
    assert_eq!(logs(&client, "p").await, "exited with code 7\n");
    let init = json!({"apiVersion": "v1", "kind": "Pod", "spec": {
        "initContainers": [{"name": "i", "image": "x", "command": ["false"]}],
        "containers": [{"name": "c", "image": "x"}]}});
    apply(&pods, "q", init).await.unwrap();
    assert!(!is_ready(&pods, "q").await);
}

/// A broker as a chart makes it: a set with a claim, credentials from a Secret, a Service.
async fn broker(client: &Client, password: &str) {
    secret(client, "rabbitmq", json!({"username": "app", "password": password})).await;
    let mut set = stateful_set("rabbitmq:4.2-management");
    let container = &mut set["spec"]["template"]["spec"]["containers"][0];
    container["volumeMounts"] = json!([{"name": "data", "mountPath": "/var/lib/rabbitmq/mnesia"}]);
    let from = |key: &str| json!({"secretKeyRef": {"name": "rabbitmq", "key": key}});
    container["env"] = json!([{"name": "RABBITMQ_DEFAULT_USER", "valueFrom": from("username")},
        {"name": "RABBITMQ_DEFAULT_PASS", "valueFrom": from("password")}]);
    apply(&api(client, "apps/v1", "StatefulSet"), "w", set).await.unwrap();
    let service = json!({"apiVersion": "v1", "kind": "Service",
        "spec": {"clusterIP": "None", "selector": {"app": "w"}, "ports": [{"port": 5672}]}});
    apply(&api(client, "v1", "Service"), "w", service).await.unwrap();
}

fn orchestrator(password: &str) -> Value {
    pod(json!({"image": "orchestrator:1", "env": [{"name": "RABBITMQ_HOST", "value": "w"},
        {"name": "RABBITMQ_USER", "value": "app"}, {"name": "RABBITMQ_PASSWORD", "value": password}]}))
}

#[tokio::test]
async fn a_broker_on_old_data_with_a_new_password_refuses_every_login() {
    let (sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    broker(&client, "one").await;
    assert!(is_ready(&pods, "w-0").await);
    delete(&api(&client, "apps/v1", "StatefulSet"), "w").await;
    broker(&client, "two").await;
    assert!(!is_ready(&pods, "w-0").await);
    let refusal = "PLAIN login refused: user 'app' - invalid credentials";
    assert!(logs(&client, "w-0").await.contains(refusal));
    assert!(events(&client).await.contains(&format!("Unhealthy: Startup probe failed: {refusal}")));
    let status = pods.get("w-0").await.unwrap().data["status"]["containerStatuses"][0].clone();
    assert_eq!((&status["started"], &status["restartCount"]), (&json!(false), &json!(1)));

    // With the first password everything is there again; with the volume gone any password is the first.
    delete(&api(&client, "apps/v1", "StatefulSet"), "w").await;
    broker(&client, "one").await;
    assert!(is_ready(&pods, "w-0").await);
    delete(&api(&client, "apps/v1", "StatefulSet"), "w").await;
    delete(&api(&client, "v1", "PersistentVolumeClaim"), "data-w-0").await;
    assert!(sandbox.data().is_empty());
    broker(&client, "two").await;
    assert!(is_ready(&pods, "w-0").await);
}

#[tokio::test]
async fn a_client_works_when_it_can_log_in() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    apply(&pods, "app", orchestrator("one")).await.unwrap();
    assert!(logs(&client, "app").await.contains("Name or service not known"));
    broker(&client, "one").await;
    assert!(is_ready(&pods, "app").await);
    apply(&pods, "wrong", orchestrator("two")).await.unwrap();
    assert_eq!(container_state(&pods, "wrong").await["waiting"]["reason"], "CrashLoopBackOff");
    assert!(logs(&client, "wrong").await.contains("ACCESS_REFUSED"));
    assert!(logs(&client, "w-0").await.contains("PLAIN login refused: user 'app' - invalid credentials"));
}

#[tokio::test]
async fn databases_refuse_other_passwords_in_their_own_words() {
    for (image, folder, variable, words) in [
        (
            "postgres:18",
            "/var/lib/postgresql/data",
            "POSTGRES_PASSWORD",
            "password authentication failed for user \"postgres\"",
        ),
        ("docker.io/library/mariadb:11", "/var/lib/mysql", "MARIADB_ROOT_PASSWORD", "Access denied for user 'root'"),
        ("mysql", "/var/lib/mysql", "MYSQL_ROOT_PASSWORD", "Access denied for user 'root'"),
        ("mongo:8", "/data", "MONGO_INITDB_ROOT_PASSWORD", "AuthenticationFailed"),
    ] {
        let (_sandbox, client) = sandbox();
        let pods = api(&client, "v1", "Pod");
        let set = |password: &str| {
            let mut set = stateful_set(image);
            let container = &mut set["spec"]["template"]["spec"]["containers"][0];
            container["volumeMounts"][0]["mountPath"] = folder.into();
            container["env"] = json!([{"name": variable, "value": password}]);
            set
        };
        let sets = api(&client, "apps/v1", "StatefulSet");
        apply(&sets, "w", set("one")).await.unwrap();
        assert!(is_ready(&pods, "w-0").await, "{image}");
        apply(&sets, "w", set("two")).await.unwrap();
        assert!(!is_ready(&pods, "w-0").await, "{image}");
        assert!(logs(&client, "w-0").await.contains(words), "{image}: {}", logs(&client, "w-0").await);
    }
}

/// A PostgreSQL whose password is in a file of a mounted Secret.
fn database(image: &str, mount: &Value, file: &str) -> Value {
    let mut set = stateful_set(image);
    let pod = &mut set["spec"]["template"]["spec"];
    pod["volumes"] = json!([{"name": "login", "secret": {"secretName": "login"}}]);
    let container = &mut pod["containers"][0];
    container["volumeMounts"] = json!([{"name": "data", "mountPath": "/var/lib/postgresql/data"}, mount]);
    container["env"] = json!([{"name": "POSTGRES_PASSWORD_FILE", "value": file}]);
    set
}

#[tokio::test]
async fn a_password_in_a_mounted_file_is_as_sticky_as_a_variable() {
    for (mount, file) in [
        (json!({"name": "login", "mountPath": "/run/login"}), "/run/login/password"),
        (json!({"name": "login", "mountPath": "/run/pw", "subPath": "password"}), "/run/pw"),
    ] {
        let (_sandbox, client) = sandbox();
        let (pods, sets) = (api(&client, "v1", "Pod"), api(&client, "apps/v1", "StatefulSet"));
        secret(&client, "login", json!({"password": "one\n"})).await;
        apply(&sets, "w", database("postgres:17", &mount, file)).await.unwrap();
        assert!(is_ready(&pods, "w-0").await, "{file}");
        secret(&client, "login", json!({"password": "two"})).await;
        delete(&pods, "w-0").await;
        assert!(!is_ready(&pods, "w-0").await, "{file}");
        assert!(logs(&client, "w-0").await.contains("password authentication failed for user \"postgres\""));
        secret(&client, "login", json!({"password": "one"})).await;
        assert!(is_ready(&pods, "w-0").await, "{file}: a line break at the end of a file counts for nothing");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_or_stands_beside_its_variable_ends_the_entrypoint() {
    let (_sandbox, client) = sandbox();
    let (pods, sets) = (api(&client, "v1", "Pod"), api(&client, "apps/v1", "StatefulSet"));
    secret(&client, "login", json!({"password": "one"})).await;
    let mount = json!({"name": "login", "mountPath": "/run/login"});
    apply(&sets, "w", database("postgres:17", &mount, "/run/login/passwort")).await.unwrap();
    assert_eq!(container_state(&pods, "w-0").await["waiting"]["reason"], "CrashLoopBackOff");
    assert!(logs(&client, "w-0").await.contains("/run/login/passwort: No such file or directory"));

    let mut both = database("postgres:17", &mount, "/run/login/password");
    let variable = json!({"name": "POSTGRES_PASSWORD", "value": "one"});
    both["spec"]["template"]["spec"]["containers"][0]["env"].as_array_mut().unwrap().push(variable);
    delete(&sets, "w").await;
    apply(&sets, "w", both).await.unwrap();
    let told = "error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set (but are exclusive)\n";
    assert_eq!(logs(&client, "w-0").await, told);

    let broker = json!({"image": "rabbitmq:4.2", "env": [{"name": "RABBITMQ_DEFAULT_PASS_FILE", "value": "/run/login/password"}]});
    apply(&pods, "broker", pod(broker)).await.unwrap();
    assert!(logs(&client, "broker").await.contains("error: RABBITMQ_DEFAULT_PASS_FILE is set but deprecated"));
}

#[tokio::test]
async fn an_image_that_does_not_read_what_another_version_wrote_crashes_and_says_why() {
    for (folder, first, other, line, good) in [
        (
            "/var/lib/postgresql/data",
            "postgres:16.4",
            "postgres:17.7",
            "initialized by PostgreSQL version 16, which is not compatible with this version 17.7.",
            "postgres:16.9",
        ),
        (
            "/var/lib/rabbitmq/mnesia",
            "rabbitmq:3.10",
            "rabbitmq:4.0",
            "{error,failed_to_initialize_feature_flags_registry}",
            "rabbitmq:3.13",
        ),
        (
            "/var/lib/mysql",
            "mariadb:11.4",
            "mariadb:10.6",
            "InnoDB: Unsupported redo log format. The redo log was created with MariaDB 11.4.",
            "mariadb:11.8",
        ),
        (
            "/var/lib/mysql",
            "mysql:8.0",
            "mysql:9.1",
            "Invalid MySQL server upgrade: Cannot upgrade from 80000 to 90100.",
            "mysql:8.4",
        ),
        ("/data/db", "mongo:6.0", "mongo:8.0", "Wrong mongod version", "mongo:7.0"),
    ] {
        let (sandbox, client) = sandbox();
        let (pods, sets) = (api(&client, "v1", "Pod"), api(&client, "apps/v1", "StatefulSet"));
        let set = |image: &str| {
            let mut set = stateful_set(image);
            let container = &mut set["spec"]["template"]["spec"]["containers"][0];
            container["volumeMounts"][0]["mountPath"] = folder.into();
            container["env"] = json!([
                {"name": "POSTGRES_PASSWORD", "value": "x"},
                {"name": "MYSQL_ROOT_PASSWORD", "value": "x"},
            ]);
            set
        };
        apply(&sets, "w", set(first)).await.unwrap();
        assert!(is_ready(&pods, "w-0").await, "{first}");
        apply(&sets, "w", set(other)).await.unwrap();
        let state = container_state(&pods, "w-0").await;
        assert_eq!(state["waiting"]["reason"], "CrashLoopBackOff", "{other} on data of {first}");
        assert!(logs(&client, "w-0").await.contains(line), "{other} on data of {first}");
        apply(&sets, "w", set(good)).await.unwrap();
        // An ordered set does not go on by itself from a Pod that does not work.
        delete(&pods, "w-0").await;
        assert!(is_ready(&pods, "w-0").await, "{good} on data of {first}");
        assert_eq!(sandbox.data().len(), 1);
    }
    // Having been upgraded, the data are the newer version's; but MongoDB's only when somebody says so.
    for (folder, images) in [
        ("/var/lib/rabbitmq", [("rabbitmq:3.13", true), ("rabbitmq:4.2", true), ("rabbitmq:3.13", false)]),
        ("/data/db", [("mongo:6.0", true), ("mongo:7.0", true), ("mongo:8.0", false)]),
    ] {
        let (_sandbox, client) = sandbox();
        let (pods, sets) = (api(&client, "v1", "Pod"), api(&client, "apps/v1", "StatefulSet"));
        for (image, starts) in images {
            let mut set = stateful_set(image);
            set["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0]["mountPath"] = folder.into();
            apply(&sets, "w", set).await.unwrap();
            assert_eq!(is_ready(&pods, "w-0").await, starts, "{image}");
        }
    }
}

#[tokio::test]
async fn no_password_is_kept_on_a_disk_nor_in_the_log_of_requests() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let sandbox = Sandbox::open(&file).unwrap();
    let client = sandbox.client();
    broker(&client, "marker-password").await;
    assert!(!format!("{sandbox:?} {:?}", sandbox.requests()).contains("marker-password"));
    let secret: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(!secret["disks"].to_string().contains("marker-password"));
    assert_eq!(sandbox.data().len(), 1);
}

#[tokio::test]
async fn a_pod_needs_its_account_and_gets_its_token() {
    let (_sandbox, client) = sandbox();
    let pods = api(&client, "v1", "Pod");
    let of = |account: &str| {
        let mut pod = pod(json!({"image": "x"}));
        pod["spec"]["serviceAccountName"] = account.into();
        pod
    };
    let refused = apply(&pods, "p", of("robot")).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (
            403,
            "pods \"p\" is forbidden: error looking up service account default/robot: serviceaccount \"robot\" not found"
        )
    );
    let made = apply(&pods, "p", of("default")).await.unwrap();
    let mount = &made.data["spec"]["containers"][0]["volumeMounts"][0];
    assert_eq!(mount["mountPath"], "/var/run/secrets/kubernetes.io/serviceaccount");

    let mut set = stateful_set("x:1");
    set["spec"]["template"]["spec"]["serviceAccountName"] = "robot".into();
    apply(&api(&client, "apps/v1", "StatefulSet"), "w", set).await.unwrap();
    assert!(pods.get_opt("w-0").await.unwrap().is_none());
    assert!(
        events(&client)
            .await
            .iter()
            .any(|told| told.starts_with("FailedCreate: Create Pod w-0 in StatefulSet w failed error: pods \"w-0\" is"))
    );
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": false});
    apply(&api(&client, "v1", "ServiceAccount"), "robot", account).await.unwrap();
    assert!(is_ready(&pods, "w-0").await);
}
