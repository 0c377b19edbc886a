//! Why something is not ready, as a user reads it: the exact sentence for each state that the sandbox produces, what is
//! kept of it, and that nothing secret is in any of it.

use serde_json::{Value, json};

use crate::suite::kchart::Kchart;

const PASSWORD: &str = "correct-horse-battery";

/// A Deployment of one container; `container` and `pod` are laid over.
fn web(container: &Value, pod: &Value) -> Value {
    let mut main = json!({"name": "app", "image": "app:1"});
    let mut spec = json!({});
    for (target, fields) in [(&mut main, container), (&mut spec, pod)] {
        for (key, value) in fields.as_object().into_iter().flatten() {
            target[key] = value.clone();
        }
    }
    spec["containers"] = json!([main]);
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
        "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec}}})
}

fn secret(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "stringData": data})
}

fn claim(class: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "storageClassName": class, "resources": {"requests": {"storage": "1Gi"}}}})
}

/// Installs the objects, and gives back what is told of the failure.
fn told(objects: &[Value]) -> (Kchart, String) {
    let manifest: Vec<String> = objects.iter().map(Value::to_string).collect();
    let kchart = Kchart::new().env("KCHART_SANDBOX", "box.json").file("all.yaml", manifest.join("\n---\n"));
    let kchart = kchart.run("install web --manifest all.yaml --timeout 0s -q");
    let stderr = kchart.failure(4).stderr;
    (kchart, stderr)
}

#[test]
fn the_root_cause_is_told_in_one_sentence() {
    let reads = json!([{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "login", "key": "password"}}}]);
    let mounted = json!({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]});
    let none = json!({});
    for (objects, sentence, field) in [
        (
            vec![web(&json!({"image": "does-not-exist:1"}), &none)],
            "image `does-not-exist:1` of container `app` can't be pulled: there is no such image or tag",
            Some("spec.template.spec.containers[name=\"app\"].image"),
        ),
        (
            vec![secret(&json!({"user": "app"})), web(&json!({"env": reads}), &none)],
            "Secret `login` has no key `password`, which container `app` reads",
            Some("spec.template.spec.containers[name=\"app\"].env[name=\"PASSWORD\"].valueFrom.secretKeyRef.key"),
        ),
        (
            vec![web(&json!({"command": ["sh", "-c", "exit 3"]}), &none)],
            "container `app` crashes again and again with exit code 3; its last words: `exited with code 3`",
            Some("spec.template.spec.containers[name=\"app\"]"),
        ),
        (
            vec![web(&none, &json!({"nodeSelector": {"disk": "of-gold"}}))],
            "no node takes the Pod: the only node does not fit its node selector or affinity",
            None,
        ),
        (
            vec![claim("of-gold"), web(&none, &mounted)],
            "claim `data` wants the storage class `of-gold`, which does not exist",
            None,
        ),
    ] {
        let (kchart, stderr) = told(&objects);
        let headline = format!("`Deployment/web` is not ready: {sentence}");
        assert!(stderr.lines().any(|line| line == format!("error: {headline}")), "{stderr}");

        let status = kchart.run("status web -o json").success().stdout;
        let status: Value = serde_json::from_str(&status).expect("JSON");
        let causes = status["failure"]["causes"].as_array().expect("causes are kept");
        let kept = causes.iter().find(|cause| cause["sentence"] == headline).expect("this one too");
        assert_eq!(kept["field"].as_str(), field, "{kept}");
        assert_eq!(kept["object"]["name"], "web");
    }
}

#[test]
fn what_a_program_prints_of_a_secret_is_masked_everywhere() {
    let broker = Kchart::new().env("KCHART_SANDBOX", "box.json");
    let broker = broker.run("install rabbitmq --set auth.password=first-password -q");
    broker.success();
    let login = secret(&json!({"user": "guest", "password": PASSWORD}));
    let reads = |key: &str| json!({"secretKeyRef": {"name": "login", "key": key}});
    let env = json!([{"name": "RABBITMQ_HOST", "value": "rabbitmq"}, {"name": "RABBITMQ_USER", "valueFrom": reads("user")},
        {"name": "RABBITMQ_PASSWORD", "valueFrom": reads("password")}]);
    let manifest = format!("{login}\n---\n{}\n", web(&json!({"env": env}), &json!({})));
    let kchart = broker.file("all.yaml", manifest).run("install web --manifest all.yaml --timeout 0s -q");
    let stderr = kchart.failure(4).stderr;
    assert!(
        stderr.contains(
            "error: `Deployment/web` is not ready: the login of container `app` is refused: `pika.exceptions"
        ),
        "{stderr}"
    );
    assert!(
        stderr.contains("hint: compare with what opens the volumes: `kchart get credentials web -n default`"),
        "{stderr}"
    );
    let kchart = kchart.run("status web");
    let status = kchart.success().stdout;
    assert!(status.contains("why revision 1 failed:") && status.contains("ACCESS_REFUSED"), "{status}");
    assert!(!stderr.contains(PASSWORD) && !status.contains(PASSWORD), "{stderr}{status}");
}

#[test]
fn what_heals_is_no_longer_told() {
    let (kchart, _) = told(&[web(&json!({"image": "does-not-exist:1"}), &json!({}))]);
    let manifest = format!("{}\n", web(&json!({}), &json!({})));
    let kchart = kchart.file("all.yaml", manifest).run("install web --manifest all.yaml -q");
    kchart.success();
    let status = kchart.run("status web -o json").success().stdout;
    assert_eq!(serde_json::from_str::<Value>(&status).expect("JSON")["failure"], Value::Null);
}
