//! Server-side apply through the client: codes, words, versions.

use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use super::{api, apply, apply_as, config_map, deployment, sandbox, status, to_json};

#[tokio::test]
async fn the_same_again_keeps_the_version() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    let before = deployments.get("web").await.unwrap();
    let after = apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    assert_eq!(before.metadata.resource_version, after.metadata.resource_version);
    let secrets = api(&client, "v1", "Secret");
    let texts = |texts| json!({"apiVersion": "v1", "kind": "Secret", "stringData": texts});
    let made = apply(&secrets, "s", texts(json!({"a": "1", "b": "2"}))).await.unwrap();
    assert_eq!(made.data["data"], json!({"a": "MQ==", "b": "Mg=="}));
    let same = apply(&secrets, "s", texts(json!({"a": "1", "b": "2"}))).await.unwrap();
    assert_eq!(made.metadata.resource_version, same.metadata.resource_version);
    // Keys of stringData stay: nobody owns them in `data`.
    let less = apply(&secrets, "s", texts(json!({"a": "1"}))).await.unwrap();
    assert_eq!(less.data["data"], json!({"a": "MQ==", "b": "Mg=="}));
}

#[tokio::test]
async fn a_conflict_names_field_and_manager() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    let refused = apply_as(&deployments, "other", "web", deployment("nginx:2")).await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), (409, "Conflict"));
    let field = ".spec.template.spec.containers[name=\"c\"].image";
    assert_eq!(refused.message, format!("Apply failed with 1 conflict: conflict with \"kchart\": {field}"));
    let causes = refused.details.unwrap().causes;
    assert_eq!((causes[0].reason.as_str(), causes[0].field.as_str()), ("FieldManagerConflict", field));
    assert_eq!(causes[0].message, "conflict with \"kchart\"");

    let scale = PatchParams { field_manager: Some("kubectl".to_owned()), ..PatchParams::default() };
    deployments.patch_scale("web", &scale, &Patch::Merge(json!({"spec": {"replicas": 3}}))).await.unwrap();
    let mut replicas = deployment("nginx:1");
    replicas["spec"]["replicas"] = 2.into();
    let refused = apply(&deployments, "web", replicas).await.unwrap_err();
    assert_eq!(
        refused.details.unwrap().causes[0].message,
        "conflict with \"kubectl\" with subresource \"scale\" using apps/v1"
    );
    let left_out = apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    assert_eq!(left_out.data["spec"]["replicas"], 3);
}

#[tokio::test]
async fn a_field_left_out_by_its_only_owner_gets_its_default_back() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let mut web = deployment("nginx:1");
    web["spec"]["replicas"] = 3.into();
    apply(&deployments, "web", web).await.unwrap();
    let left_out = apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    assert_eq!(left_out.data["spec"]["replicas"], 1);
}

#[tokio::test]
async fn keys_of_another_manager_survive() {
    let (_sandbox, client) = sandbox();
    let secrets = api(&client, "v1", "Secret");
    let with = |data| json!({"apiVersion": "v1", "kind": "Secret", "data": data});
    apply_as(&secrets, "kchart-generated", "s", with(json!({"password": "eA=="}))).await.unwrap();
    apply(&secrets, "s", with(json!({"user": "YQ=="}))).await.unwrap();
    let both = apply(&secrets, "s", with(json!({"name": "YQ=="}))).await.unwrap();
    assert_eq!(both.data["data"], json!({"password": "eA==", "name": "YQ=="}));
}

#[tokio::test]
async fn fields_of_an_update_stay_until_their_owner_is_moved() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let helm = PostParams { field_manager: Some("helm".to_owned()), ..PostParams::default() };
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1", "b": "2"}});
    maps.create(&helm, &serde_json::from_value(object).unwrap()).await.unwrap();
    let params = PatchParams::apply("kchart").force();
    let config = || json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1"}});
    let kept = to_json(maps.patch("m", &params, &Patch::Apply(config())).await.unwrap());
    assert_eq!(kept["data"], json!({"a": "1", "b": "2"}));

    // Adopting: the old manager's fields become fields that kchart applied.
    let mut fields = kept["metadata"]["managedFields"].as_array().unwrap().clone();
    fields.retain(|entry| entry["manager"] == "helm");
    fields[0]["manager"] = "kchart".into();
    fields[0]["operation"] = "Apply".into();
    let moved = json!({"metadata": {"managedFields": fields}});
    maps.patch("m", &PatchParams::default(), &Patch::Merge(moved)).await.unwrap();
    let adopted = maps.patch("m", &params, &Patch::Apply(config())).await.unwrap();
    assert_eq!(adopted.data["data"], json!({"a": "1"}));
}

#[tokio::test]
async fn uid_and_version_say_which_object_is_meant() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let only_new = || json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"resourceVersion": "1"}});
    let made = apply(&maps, "a", only_new()).await.unwrap();
    let refused = apply(&maps, "a", only_new()).await.unwrap_err();
    assert_eq!(refused.code, 409);
    assert!(refused.message.ends_with("please apply your changes to the latest version and try again"));
    let forced = PatchParams::apply("kchart").force();
    let mut body = only_new();
    body["metadata"]["name"] = "a".into();
    assert_eq!(status(maps.patch("a", &forced, &Patch::Apply(body)).await.unwrap_err()).code, 409);

    let uid = made.metadata.uid.unwrap();
    let this = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"uid": uid}});
    apply(&maps, "a", this.clone()).await.unwrap();
    maps.delete("a", &kube::api::DeleteParams::default()).await.unwrap();
    let refused = apply(&maps, "a", this).await.unwrap_err();
    assert_eq!(refused.code, 409);
    assert!(refused.message.ends_with(&format!(
        "uid mismatch: the provided object specified uid {uid}, and no existing object was found"
    )));
}

#[tokio::test]
async fn unknown_fields_and_wrong_types_are_refused_in_the_servers_words() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let head = "failed to create typed patch object (/web; apps/v1, Kind=Deployment): ";
    let mut unknown = deployment("nginx:1");
    unknown["spec"]["replica"] = 2.into();
    let refused = apply(&deployments, "web", unknown.clone()).await.unwrap_err();
    assert_eq!(refused.message, format!("{head}.spec.replica: field not declared in schema"));
    let mut wrong = deployment("nginx:1");
    wrong["spec"]["replicas"] = "x".into();
    let refused = apply(&deployments, "web", wrong).await.unwrap_err();
    assert_eq!(refused.message, format!("{head}.spec.replicas: expected numeric (int or float), got string"));

    let mut labels = deployment("nginx:1");
    labels["spec"]["template"]["metadata"]["labels"] = json!({"app": "db"});
    let refused = apply(&deployments, "web", labels).await.unwrap_err();
    assert_eq!(
        refused.message,
        "Deployment.apps \"web\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"db\"}: `selector` does not match template `labels`"
    );
    let mut nameless = deployment("nginx:1");
    nameless["spec"]["template"]["spec"]["containers"] = json!([{"image": "nginx"}]);
    let refused = apply(&deployments, "web", nameless).await.unwrap_err();
    assert_eq!(
        refused.message,
        "Deployment.apps \"web\" is invalid: spec.template.spec.containers[0].name: Required value"
    );
}

#[tokio::test]
async fn immutable_fields_stay_as_they_are() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    apply(&deployments, "web", deployment("nginx:1")).await.unwrap();
    let mut other = deployment("nginx:1");
    other["spec"]["selector"]["matchLabels"] = json!({"app": "x"});
    other["spec"]["template"]["metadata"]["labels"] = json!({"app": "x"});
    let refused = apply(&deployments, "web", other).await.unwrap_err();
    assert_eq!(
        refused.message,
        "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"x\"}}: field is immutable"
    );
    let maps = api(&client, "v1", "ConfigMap");
    let mut frozen = config_map(&json!({"a": "1"}));
    frozen["immutable"] = true.into();
    apply(&maps, "m", frozen.clone()).await.unwrap();
    frozen["data"]["a"] = "2".into();
    let refused = apply(&maps, "m", frozen).await.unwrap_err();
    assert_eq!(
        refused.message,
        "ConfigMap \"m\" is invalid: data: Forbidden: field is immutable when `immutable` is set"
    );
}

#[tokio::test]
async fn quantities_are_stored_in_one_spelling_and_are_no_change() {
    let (_sandbox, client) = sandbox();
    let deployments = api(&client, "apps/v1", "Deployment");
    let mut web = deployment("nginx:1");
    web["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"limits": {"cpu": 0.5, "memory": "1024Mi"}});
    let made = apply(&deployments, "web", web.clone()).await.unwrap();
    let resources = &made.data["spec"]["template"]["spec"]["containers"][0]["resources"];
    assert_eq!(resources["limits"], json!({"cpu": "500m", "memory": "1Gi"}));
    let before = deployments.get("web").await.unwrap();
    let after = apply(&deployments, "web", web).await.unwrap();
    assert_eq!(before.metadata.resource_version, after.metadata.resource_version);
}
