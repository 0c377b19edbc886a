//! Refusals as a real API server words them (1.37), and what is made of them.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Value as Json, json};

use super::*;
use crate::diagnostic::{Origin, Place, SourceKind, SourceMap};
use crate::yaml::Value;

/// What was sent, with the values layer that set the replicas.
fn web() -> (Object, Place, Place) {
    let mut sources = SourceMap::new();
    let template = Place::new(sources.add("web.yaml.hbs", SourceKind::Template, "x"), 4, 13);
    let values = Place::new(sources.add("prod.yaml", SourceKind::Values, "x"), 2, 11);
    let mut body = Node::from(&json!({"spec": {"replicas": 2, "template": {"spec": {"containers":
        [{"name": "c", "image": "web:1", "env": [{"name": "PASSWORD", "value": "hunter2!"}]}]}}}}));
    let spec = body.map_at_mut(&["spec"]);
    spec.insert("replicas".into(), Node::with(Value::from(2), Origin { at: template, from: values }));
    let id = ObjectId::namespaced("apps", "Deployment", "shop", "web");
    (Object { id, version: "v1".into(), body, secret: BTreeSet::new() }, template, values)
}

fn fault(code: u16, body: &Json) -> Fault {
    let status = super::super::request::refusal(StatusCode::from_u16(code).unwrap(), body.to_string().as_bytes());
    Fault::Refused { status, attempts: 1 }
}

fn status(code: u16, reason: &str, message: &str, details: &Json) -> Fault {
    fault(
        code,
        &json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message,
        "details": details}),
    )
}

fn told(fault: &Fault, doing: &Doing<'_>) -> Vec<Diagnostic> {
    failure(fault, doing, &Target::default()).diagnostics
}

#[test]
fn a_conflict_names_managers_field_values_and_lines() {
    let (web, template, values) = web();
    let live = Node::from(&json!({"spec": {"replicas": 5}}));
    let cause =
        |field: &str, message: &str| json!({"reason": "FieldManagerConflict", "field": field, "message": message});
    let fault = status(
        409,
        "Conflict",
        "Apply failed with 2 conflicts: …",
        &json!({"causes": [
            cause(".spec.replicas", r#"conflict with "kubectl" with subresource "scale" using apps/v1"#),
            cause(".spec.replicas", r#"conflict with "hpa" using apps/v1"#),
            cause(r#".spec.template.spec.containers[name="c"].image"#, r#"conflict with "kubectl-set" using apps/v1"#),
        ]}),
    );
    let [replicas, image] = told(&fault, &Doing::send("apply", &web).beside(Some(&live))).try_into().unwrap();
    assert_eq!(
        replicas.message,
        "cannot apply `Deployment/web`: field `spec.replicas` belongs to `kubectl` (subresource `scale`) and `hpa`, \
         which set it to `5`; wanted is `2`"
    );
    assert_eq!(replicas.span.unwrap().place, template);
    assert_eq!(replicas.notes[0].span.unwrap().place, values);
    assert!(replicas.hints[0].contains("--force-conflicts"));
    assert!(
        image.message.contains(r#"field `spec.template.spec.containers[name="c"].image` belongs to `kubectl-set`"#)
    );
}

#[test]
fn an_object_that_was_made_anew_since_the_plan_is_told_as_that() {
    let (web, ..) = web();
    let fault = status(
        422,
        "Invalid",
        "Deployment.apps \"web\" is invalid: metadata.uid: Invalid value: \"a\": field is immutable",
        &json!({"causes": [{"reason": "FieldValueInvalid", "field": "metadata.uid",
            "message": "Invalid value: \"a\": field is immutable"}]}),
    );
    let [told] = told(&fault, &Doing::send("apply", &web)).try_into().unwrap();
    assert_eq!(told.message, "cannot apply `Deployment/web`: somebody deleted it and made it anew since the plan");
    assert!(told.hints[0].starts_with("run the same command again"), "{:?}", told.hints);
}

#[test]
fn what_changed_in_between_is_said_in_plain_words() {
    let (web, ..) = web();
    for (reason, message, expected) in [
        ("AlreadyExists", "deployments.apps \"web\" already exists", "somebody else made it in the meantime"),
        (
            "Conflict",
            "uid mismatch: the provided object specified uid a, and no existing object was found",
            "somebody deleted or replaced it in the meantime",
        ),
        (
            "Conflict",
            "Precondition failed: UID in precondition: a, UID in object meta: b",
            "somebody deleted or replaced it in the meantime",
        ),
        (
            "Conflict",
            "the object has been modified; please apply your changes to the latest version",
            "somebody changed it in the meantime",
        ),
    ] {
        let [diagnostic] =
            told(&status(409, reason, message, &json!({})), &Doing::send("apply", &web)).try_into().unwrap();
        assert_eq!(diagnostic.message, format!("cannot apply `Deployment/web`: {expected}"));
    }
}

#[test]
fn a_missing_right_is_named_with_whom_to_ask() {
    let (web, ..) = web();
    let message = "deployments.apps \"web\" is forbidden: User \"dev\" cannot patch resource \"deployments\" in API \
                   group \"apps\" in the namespace \"shop\"";
    let [diagnostic] =
        told(&status(403, "Forbidden", message, &json!({})), &Doing::send("apply", &web)).try_into().unwrap();
    assert_eq!(
        diagnostic.message,
        "cannot apply `Deployment/web`: user `dev` may not patch `deployments.apps` in namespace `shop`"
    );
    assert_eq!(
        diagnostic.hints,
        [
            "ask the administrator of the cluster for a Role and RoleBinding that allow `patch` on `deployments.apps` in namespace `shop`",
            "see what you may do: `kubectl auth can-i --list -n shop`"
        ]
    );
    let message = "persistentvolumes is forbidden: User \"dev\" cannot list resource \"persistentvolumes\" in API group \"\" at the cluster scope";
    let [diagnostic] =
        told(&status(403, "Forbidden", message, &json!({})), &Doing::with("list", "the volumes")).try_into().unwrap();
    assert_eq!(
        diagnostic.message,
        "cannot list the volumes: user `dev` may not list `persistentvolumes` in the whole cluster"
    );
    let quota = "pods \"web\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2";
    let [diagnostic] =
        told(&status(403, "Forbidden", quota, &json!({})), &Doing::send("apply", &web)).try_into().unwrap();
    assert_eq!(
        diagnostic.message,
        "cannot apply `Deployment/web`: quota `small` has no room for it (`pods`: 1 asked for, 2 of 2 in use)"
    );
    let other = "pods \"web\" is forbidden: it rains";
    let [diagnostic] =
        told(&status(403, "Forbidden", other, &json!({})), &Doing::send("apply", &web)).try_into().unwrap();
    assert!(diagnostic.message.ends_with(other), "other refusals keep the server's words");
}

#[test]
fn a_webhook_that_refuses_is_named_whatever_code_it_answers_with() {
    let (web, ..) = web();
    for (code, message, expected) in [
        (
            400,
            "admission webhook \"no.example.com\" denied the request: no images from the Internet",
            "webhook `no.example.com` refuses it: no images from the Internet",
        ),
        (
            500,
            "Internal error occurred: failed calling webhook \"no.example.com\": failed to call webhook: Post \"https://h.x.svc:443/\": service \"h\" not found",
            "webhook `no.example.com`, which has to be asked about it, does not answer: service \"h\" not found",
        ),
    ] {
        let [diagnostic] =
            told(&status(code, "Failure", message, &json!({})), &Doing::send("apply", &web)).try_into().unwrap();
        assert_eq!(diagnostic.message, format!("cannot apply `Deployment/web`: {expected}"));
    }
}

#[test]
fn a_missing_namespace_has_a_flag_that_makes_it() {
    let (web, ..) = web();
    let details = json!({"name": "shop", "kind": "namespaces"});
    let fault = status(404, "NotFound", "namespaces \"shop\" not found", &details);
    let [diagnostic] = told(&fault, &Doing::send("apply", &web)).try_into().unwrap();
    assert_eq!(diagnostic.message, "cannot apply `Deployment/web`: namespace `shop` does not exist");
    assert_eq!(diagnostic.hints, ["`--create-namespace` makes it"]);
    let details =
        json!({"causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace", "message": "x"}]});
    let fault = status(403, "Forbidden", "secrets \"x\" is forbidden: unable to create new content", &details);
    let [diagnostic] = told(&fault, &Doing::send("apply", &web)).try_into().unwrap();
    assert_eq!(diagnostic.message, "cannot apply `Deployment/web`: its namespace is being deleted");
}

#[test]
fn invalid_fields_point_at_their_lines_and_quote_no_secret() {
    let (web, template, values) = web();
    let causes = json!({"causes": [
        {"reason": "FieldValueInvalid", "field": "spec.replicas", "message": "Invalid value: -1: must be greater than or equal to 0"},
        {"reason": "FieldValueInvalid", "field": "spec.replicas", "message": "Invalid value: -1: must be greater than or equal to 0"},
        {"reason": "FieldValueInvalid", "field": "spec.template.spec.containers[0].env[0].value", "message": "Invalid value: \"hunter2!\": too simple"},
    ]});
    let fault = status(422, "Invalid", "Deployment.apps \"web\" is invalid: …", &causes);
    let [replicas, password] = told(&fault, &Doing::send("apply", &web)).try_into().unwrap();
    assert_eq!(
        replicas.message,
        "cannot apply `Deployment/web`: `spec.replicas`: invalid value: -1: must be greater than or equal to 0"
    );
    assert_eq!((replicas.span.unwrap().place, replicas.notes[0].span.unwrap().place), (template, values));
    assert!(password.message.ends_with("`spec.template.spec.containers[0].env[0].value`: invalid value: too simple"));
}

#[test]
fn undeclared_fields_are_found_in_both_of_the_servers_wordings() {
    let (web, ..) = web();
    for message in [
        "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.replcas: field not declared in schema",
        "strict decoding error: unknown field \"spec.replcas\"",
    ] {
        let [diagnostic] =
            told(&status(400, "BadRequest", message, &json!({})), &Doing::send("apply", &web)).try_into().unwrap();
        assert_eq!(
            diagnostic.message,
            "cannot apply `Deployment/web`: `spec.replcas`: there is no such field in this version of the API"
        );
    }
    let message = "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:\n  \
                   .spec.template.spec.containers[name=\"c: d\"].command: expected list, got &{hunter2}\n  \
                   .spec.x: field not declared in schema";
    let told = told(&status(500, "", message, &json!({})), &Doing::send("apply", &web));
    let messages: Vec<_> = told.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "cannot apply `Deployment/web`: `spec.template.spec.containers[name=\"c: d\"].command`: expected list",
            "cannot apply `Deployment/web`: `spec.x`: there is no such field in this version of the API",
        ]
    );
}

#[test]
fn a_proxy_that_answers_in_html_is_still_an_answer() {
    let fault = Fault::Refused {
        status: super::super::request::refusal(StatusCode::BAD_GATEWAY, b"<html>\n  bad   gateway</html>"),
        attempts: 1,
    };
    let [diagnostic] = told(&fault, &Doing::with("list", "the Pods of namespace `shop`")).try_into().unwrap();
    assert_eq!(diagnostic.message, "cannot list the Pods of namespace `shop`: <html> bad gateway</html>");
}

#[test]
fn an_unreachable_cluster_is_named_once_with_what_to_do() {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let fault = Fault::Unanswered(kube::Error::Service(Box::new(refused)));
    let target = Target {
        server: Some("https://127.0.0.1:6443".into()),
        context: Some("prod".into()),
        file: Some("/home/me/.kube/config".into()),
    };
    let [diagnostic] =
        failure(&fault, &Doing::with("read", "the list of kinds"), &target).diagnostics.try_into().unwrap();
    assert_eq!(
        diagnostic.message,
        "cannot reach the cluster at https://127.0.0.1:6443 (context `prod`): connection refused"
    );
    assert_eq!(diagnostic.hints[1], "`--kube-context NAME` takes another cluster of /home/me/.kube/config");
    assert!(diagnostic.hints[2].starts_with("`--sandbox`"));
}
