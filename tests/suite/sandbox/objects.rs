//! Making, reading, listing, changing and deleting objects.

use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy};
use serde_json::json;

use super::{api, api_in, apply, cluster_api, config_map, deployment, sandbox, status, to_json};

#[tokio::test]
async fn the_server_keeps_its_own_metadata() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let made = apply(&maps, "a", config_map(&json!({"x": "1"}))).await.unwrap();
    assert_eq!(made.metadata.uid.as_deref().map(str::len), Some(36));
    assert!(made.metadata.creation_timestamp.is_some());
    assert_eq!(made.metadata.generation, None);
    let web = apply(&api(&client, "apps/v1", "Deployment"), "web", deployment("nginx:1")).await.unwrap();
    assert_eq!(web.metadata.generation, Some(1));
    assert_eq!(web.data["spec"]["replicas"], 1);
    let web = apply(&api(&client, "apps/v1", "Deployment"), "web", deployment("nginx:2")).await.unwrap();
    assert_eq!(web.metadata.generation, Some(2));
}

#[tokio::test]
async fn namespaces_must_exist_and_names_must_be_free_and_well_formed() {
    let (_sandbox, client) = sandbox();
    let nowhere = api_in(&client, "nope", "v1", "ConfigMap");
    let refused = apply(&nowhere, "a", config_map(&json!({}))).await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (404, "namespaces \"nope\" not found"));
    let dry = PatchParams { dry_run: true, ..PatchParams::apply("kchart") };
    let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let refused = status(nowhere.patch("a", &dry, &Patch::Apply(body)).await.unwrap_err());
    assert_eq!(refused.message, "namespaces \"nope\" not found");

    let maps = api(&client, "v1", "ConfigMap");
    let object =
        serde_json::from_value(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})).unwrap();
    maps.create(&PostParams::default(), &object).await.unwrap();
    let refused = status(maps.create(&PostParams::default(), &object).await.unwrap_err());
    assert_eq!((refused.code, refused.reason.as_str()), (409, "AlreadyExists"));
    assert_eq!(refused.message, "configmaps \"a\" already exists");
    let refused = apply(&maps, "Web_1", config_map(&json!({}))).await.unwrap_err();
    assert!(
        refused.message.starts_with(
            "ConfigMap \"Web_1\" is invalid: metadata.name: Invalid value: \"Web_1\": a lowercase RFC 1123 subdomain"
        ),
        "{}",
        refused.message
    );
    assert_eq!(status(maps.get("b").await.unwrap_err()).message, "configmaps \"b\" not found");
}

#[tokio::test]
async fn names_are_generated() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "a-"}});
    let object = serde_json::from_value(object).unwrap();
    let one = maps.create(&PostParams::default(), &object).await.unwrap();
    let two = maps.create(&PostParams::default(), &object).await.unwrap();
    let (one, two) = (one.metadata.name.unwrap(), two.metadata.name.unwrap());
    assert!(one.starts_with("a-") && one.len() == 7 && one != two, "{one} {two}");
}

#[tokio::test]
async fn lists_are_selected_by_labels_and_fields() {
    let (_sandbox, client) = sandbox();
    let secrets = api(&client, "v1", "Secret");
    for (name, app, kind) in [("a", "web", "Opaque"), ("b", "db", "example.com/x"), ("c", "db", "Opaque")] {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"labels": {"app": app}}});
        apply(&secrets, name, secret).await.unwrap();
    }
    let names = async |params: ListParams| -> Vec<String> {
        secrets.list(&params).await.unwrap().items.into_iter().filter_map(|item| item.metadata.name).collect()
    };
    assert_eq!(names(ListParams::default().labels("app in (db),other!=x")).await, ["b", "c"]);
    assert_eq!(names(ListParams::default().labels("!app")).await, Vec::<String>::new());
    assert_eq!(names(ListParams::default().fields("type=Opaque")).await, ["a", "c"]);
    assert_eq!(names(ListParams::default().fields("metadata.name!=a")).await, ["b", "c"]);
    let refused = status(secrets.list(&ListParams::default().fields("data.x=1")).await.unwrap_err());
    assert_eq!(refused.code, 400);
    assert!(refused.message.ends_with("field label not supported: data.x"), "{}", refused.message);
}

#[tokio::test]
async fn the_pieces_of_a_list_show_one_state() {
    let (_sandbox, client) = sandbox();
    let maps = api_in(&client, "kube-public", "v1", "ConfigMap");
    for name in ["a", "b", "c"] {
        apply(&maps, name, config_map(&json!({}))).await.unwrap();
    }
    let first = maps.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(first.items.len(), 2);
    assert_eq!(first.metadata.remaining_item_count, Some(2));
    maps.delete("c", &DeleteParams::default()).await.unwrap();
    let token = first.metadata.continue_.unwrap();
    let rest = maps.list(&ListParams::default().limit(2).continue_token(&token)).await.unwrap();
    let names: Vec<_> = rest.items.into_iter().filter_map(|item| item.metadata.name).collect();
    assert_eq!(names, ["c", "kube-root-ca.crt"]);
    assert_eq!(rest.metadata.continue_, None);
}

#[tokio::test]
async fn metadata_come_without_the_rest() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    apply(&maps, "a", config_map(&json!({"x": "1"}))).await.unwrap();
    let list = maps.list_metadata(&ListParams::default().fields("metadata.name=a")).await.unwrap();
    assert_eq!(list.items.len(), 1);
    let one = maps.get_metadata("a").await.unwrap();
    assert_eq!(one.types.unwrap().kind, "PartialObjectMetadata");
}

#[tokio::test]
async fn patches_of_all_kinds_change_what_they_name() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    let params = PatchParams::default();
    let merge = json!({"metadata": {"labels": {"a": "b"}}});
    let merged = deployments.patch("web", &params, &Patch::Merge(merge)).await.unwrap();
    assert_eq!(merged.metadata.labels.unwrap()["a"], "b");
    let patch: json_patch::Patch =
        serde_json::from_value(json!([{"op": "replace", "path": "/spec/replicas", "value": 2}])).unwrap();
    let patched = deployments.patch("web", &params, &Patch::Json::<()>(patch)).await.unwrap();
    assert_eq!(patched.data["spec"]["replicas"], 2);
    let strategic = json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "nginx:3"}]}}}});
    let patched = deployments.patch("web", &params, &Patch::Strategic(strategic)).await.unwrap();
    let container = &patched.data["spec"]["template"]["spec"]["containers"][0];
    assert_eq!((&container["image"], &container["terminationMessagePolicy"]), (&json!("nginx:3"), &json!("File")));
    let scaled =
        deployments.patch_scale("web", &params, &Patch::Merge(json!({"spec": {"replicas": 3}}))).await.unwrap();
    assert_eq!(scaled.spec.unwrap().replicas, Some(3));
}

#[tokio::test]
async fn a_replaced_object_must_be_the_one_that_was_read() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let mut read = apply(&maps, "a", config_map(&json!({"x": "1"}))).await.unwrap();
    apply(&maps, "a", config_map(&json!({"x": "2"}))).await.unwrap();
    read.data["data"]["x"] = "3".into();
    let refused = status(maps.replace("a", &PostParams::default(), &read).await.unwrap_err());
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (
            409,
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"
        )
    );
    read.metadata.resource_version = None;
    maps.replace("a", &PostParams::default(), &read).await.unwrap();
}

#[tokio::test]
async fn a_deletion_is_of_the_object_that_was_meant() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let made = apply(&maps, "a", config_map(&json!({}))).await.unwrap();
    let with = |uid: &str| {
        let preconditions = Preconditions { uid: Some(uid.to_owned()), resource_version: None };
        DeleteParams { preconditions: Some(preconditions), ..DeleteParams::default() }
    };
    let refused = status(maps.delete("a", &with("other")).await.unwrap_err());
    assert_eq!(refused.code, 409);
    assert!(refused.message.contains("the UID in the precondition (other) does not match the UID in record"));
    let dry = DeleteParams { dry_run: true, ..DeleteParams::default() };
    maps.delete("a", &dry).await.unwrap();
    assert!(maps.get_opt("a").await.unwrap().is_some());
    maps.delete("a", &with(&made.metadata.uid.unwrap())).await.unwrap();
    assert!(maps.get_opt("a").await.unwrap().is_none());
    assert_eq!(status(maps.delete("a", &DeleteParams::default()).await.unwrap_err()).code, 404);
}

#[tokio::test]
async fn a_finalizer_keeps_an_object_until_it_is_taken_off() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"finalizers": ["example.com/hold"]}});
    apply(&maps, "a", held).await.unwrap();
    let left = maps.delete("a", &DeleteParams::default()).await.unwrap().left().unwrap();
    assert!(left.metadata.deletion_timestamp.is_some());
    let free = json!({"metadata": {"finalizers": null}});
    maps.patch("a", &PatchParams::default(), &Patch::Merge(free)).await.unwrap();
    assert!(maps.get_opt("a").await.unwrap().is_none());
}

#[tokio::test]
async fn dependents_go_after_before_or_without_their_owner() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    for (policy, left, owner_left) in [
        (PropagationPolicy::Background, false, false),
        (PropagationPolicy::Foreground, false, false),
        (PropagationPolicy::Orphan, true, false),
    ] {
        let owner = apply(&maps, "owner", config_map(&json!({}))).await.unwrap();
        let owned = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"ownerReferences": [{
            "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.metadata.uid,
            "blockOwnerDeletion": true}]}});
        apply(&maps, "owned", owned).await.unwrap();
        let params = DeleteParams { propagation_policy: Some(policy.clone()), ..DeleteParams::default() };
        maps.delete("owner", &params).await.unwrap();
        assert_eq!(maps.get_opt("owner").await.unwrap().is_some(), owner_left, "{policy:?}");
        let found = maps.get_opt("owned").await.unwrap();
        assert_eq!(found.is_some(), left, "{policy:?}");
        assert_eq!(found.and_then(|object| object.metadata.owner_references), None);
    }
}

#[tokio::test]
async fn an_owner_in_the_foreground_waits_for_a_held_dependent() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let owner = apply(&maps, "owner", config_map(&json!({}))).await.unwrap();
    let owned = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"finalizers": ["example.com/hold"],
        "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner.metadata.uid,
            "blockOwnerDeletion": true}]}});
    apply(&maps, "owned", owned).await.unwrap();
    maps.delete("owner", &DeleteParams::foreground()).await.unwrap();
    assert!(maps.get("owner").await.unwrap().metadata.deletion_timestamp.is_some());
    maps.patch("owned", &PatchParams::default(), &Patch::Merge(json!({"metadata": {"finalizers": null}})))
        .await
        .unwrap();
    assert!(maps.get_opt("owner").await.unwrap().is_none());
}

#[tokio::test]
async fn a_namespace_takes_its_content_along() {
    let (_sandbox, client) = sandbox();
    let namespaces = cluster_api(&client, "v1", "Namespace");
    let made = apply(&namespaces, "team", json!({"apiVersion": "v1", "kind": "Namespace"})).await.unwrap();
    assert_eq!(made.data["status"]["phase"], "Active");
    let accounts = api_in(&client, "team", "v1", "ServiceAccount");
    assert!(accounts.get_opt("default").await.unwrap().is_some());
    let maps = api_in(&client, "team", "v1", "ConfigMap");
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"finalizers": ["example.com/hold"]}});
    apply(&maps, "a", held).await.unwrap();
    namespaces.delete("team", &DeleteParams::default()).await.unwrap();
    assert_eq!(namespaces.get("team").await.unwrap().data["status"]["phase"], "Terminating");
    let refused = apply(&maps, "b", config_map(&json!({}))).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (
            403,
            "configmaps \"b\" is forbidden: unable to create new content in namespace team because it is being terminated"
        )
    );
    maps.patch("a", &PatchParams::default(), &Patch::Merge(json!({"metadata": {"finalizers": null}}))).await.unwrap();
    assert!(namespaces.get_opt("team").await.unwrap().is_none());
}

#[tokio::test]
async fn a_collection_is_deleted_by_label() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    for (name, app) in [("a", "x"), ("b", "y")] {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"labels": {"app": app}}});
        apply(&maps, name, map).await.unwrap();
    }
    maps.delete_collection(&DeleteParams::default(), &ListParams::default().labels("app=x")).await.unwrap();
    assert!(maps.get_opt("a").await.unwrap().is_none());
    assert!(maps.get_opt("b").await.unwrap().is_some());
}

#[tokio::test]
async fn a_dry_run_answers_and_changes_nothing() {
    let (sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let before = sandbox.objects();
    let dry = PatchParams { dry_run: true, ..PatchParams::apply("kchart") };
    let mut web = deployment("nginx:1");
    web["metadata"] = json!({"name": "web"});
    let answer = to_json(deployments.patch("web", &dry, &Patch::Apply(web)).await.unwrap());
    assert_eq!(answer["spec"]["strategy"]["type"], "RollingUpdate");
    assert_eq!(sandbox.objects(), before);
}

#[tokio::test]
async fn the_log_has_every_request() {
    let (sandbox, client) = sandbox();
    apply(&api(&client, "v1", "ConfigMap"), "a", config_map(&json!({}))).await.unwrap();
    let log: Vec<_> = sandbox.requests().iter().map(ToString::to_string).collect();
    assert_eq!(log[0], "PATCH /api/v1/namespaces/default/configmaps/a?fieldManager=kchart&fieldValidation=Strict");
    assert_eq!(sandbox.requests()[0].kind, "ConfigMap");
}
