//! What goes wrong on purpose, by a script.

use kchart::sandbox::{Faults, parse_faults};
use kube::ResourceExt;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use super::{api, apply, config_map, sandbox};

fn faults(script: &str) -> Faults {
    Faults::new(parse_faults(script).expect("a script"))
}

#[tokio::test]
async fn faults_come_as_the_script_says() {
    let (sandbox, quiet) = sandbox();
    let quiet = api(&quiet, "v1", "ConfigMap");
    let client = |script: &str| api(&sandbox.client_with(&faults(script)), "v1", "ConfigMap");
    let maps = client(
        "fail request 1 with 500; fail PATCH ConfigMap with 409; fail request 3 with 429; the webhook refuses request 4",
    );
    for code in [500, 409, 429, 403] {
        assert_eq!(apply(&maps, "a", config_map(&json!({}))).await.unwrap_err().code, code);
        assert!(quiet.get_opt("a").await.unwrap().is_none(), "nothing was done");
    }
    let object = || Patch::Apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}));
    for (script, done) in
        [("drop the connection before sending request 1", false), ("drop the connection after sending", true)]
    {
        let error = client(script).patch("a", &PatchParams::apply("kchart"), &object()).await.unwrap_err();
        assert!(!matches!(error, kube::Error::Api(_)), "{error}");
        assert_eq!(quiet.get_opt("a").await.unwrap().is_some(), done);
    }
}

#[tokio::test]
async fn nothing_of_a_run_executes_after_it_was_cut_off() {
    for (script, done) in [("kill before request 2", 1), ("kill after step 2", 2)] {
        let (sandbox, quiet) = sandbox();
        let faults = faults(script);
        let maps = api(&sandbox.client_with(&faults), "v1", "ConfigMap");
        let run = async {
            // All at once, so that one is under way when the process ends.
            let requests = ["a", "b", "c"].map(|name| apply(&maps, name, config_map(&json!({}))));
            futures::future::join_all(requests).await
        };
        tokio::select! {
            _ = run => panic!("it should have been cut off"),
            () = faults.cut_off() => {}
        }
        assert_eq!((faults.requests(), faults.met()), (2, 1));
        let left = api(&quiet, "v1", "ConfigMap").list(&ListParams::default()).await.unwrap();
        let left = left.items.iter().filter(|map| ["a", "b", "c"].contains(&map.name_any().as_str())).count();
        assert_eq!(left, done, "{script}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_is_busy_for_its_time() {
    let (sandbox, quiet) = sandbox();
    let maps = api(&sandbox.client_with(&faults("429 for two seconds")), "v1", "ConfigMap");
    for _ in 0..2 {
        let refused = apply(&maps, "a", config_map(&json!({}))).await.unwrap_err();
        assert_eq!((refused.code, refused.reason.as_str()), (429, "TooManyRequests"));
    }
    let quiet = api(&quiet, "v1", "ConfigMap");
    assert!(quiet.get_opt("a").await.unwrap().is_none(), "nothing was done");
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    apply(&maps, "a", config_map(&json!({}))).await.unwrap();
}

#[tokio::test]
async fn a_webhook_refuses_the_first_change_of_an_object() {
    let (sandbox, _) = sandbox();
    let client = sandbox.client_with(&faults("the webhook refuses"));
    let maps = api(&client, "v1", "ConfigMap");
    maps.list(&ListParams::default()).await.unwrap();
    // Neither a lock nor kchart's own books are a step.
    let lease = json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"});
    apply(&api(&client, "coordination.k8s.io/v1", "Lease"), "kchart-web", lease).await.unwrap();
    let record = json!({"apiVersion": "v1", "kind": "Secret"});
    apply(&api(&client, "v1", "Secret"), "kchart.web.v1", record).await.unwrap();
    let refused = apply(&maps, "a", config_map(&json!({}))).await.unwrap_err();
    assert_eq!(refused.message, r#"admission webhook "sandbox.kchart.dev" denied the request: denied on purpose"#);
    apply(&maps, "a", config_map(&json!({}))).await.unwrap();
}
