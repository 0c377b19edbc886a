//! Watches.

use std::pin::pin;

use futures::{StreamExt, TryStreamExt};
use kube::api::{WatchEvent, WatchParams};
use kube::runtime::watcher;
use serde_json::json;

use super::{api, apply, config_map, sandbox};

fn names(events: &[WatchEvent<kube::api::DynamicObject>]) -> Vec<String> {
    let name = |object: &kube::api::DynamicObject| object.metadata.name.clone().unwrap_or_default();
    events
        .iter()
        .map(|event| match event {
            WatchEvent::Added(object) => format!("+{}", name(object)),
            WatchEvent::Modified(object) => format!("~{}", name(object)),
            WatchEvent::Deleted(object) => format!("-{}", name(object)),
            WatchEvent::Bookmark(_) => "bookmark".to_owned(),
            WatchEvent::Error(status) => format!("error {}", status.code),
        })
        .collect()
}

#[tokio::test]
async fn a_watch_goes_on_from_a_version() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let labelled = |app: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"labels": {"app": app}}});
    let first = apply(&maps, "a", labelled("x")).await.unwrap();
    let from = first.metadata.resource_version.unwrap();
    apply(&maps, "b", labelled("x")).await.unwrap();
    apply(&maps, "a", labelled("y")).await.unwrap();
    apply(&maps, "c", labelled("y")).await.unwrap();
    let params = WatchParams::default().labels("app=x");
    let watch = pin!(maps.watch(&params, &from).await.unwrap());
    let mut watch = watch.take(4);
    let mut events = vec![watch.try_next().await.unwrap().unwrap(), watch.try_next().await.unwrap().unwrap()];
    maps.delete("b", &kube::api::DeleteParams::default()).await.unwrap();
    events.push(watch.try_next().await.unwrap().unwrap());
    apply(&maps, "c", labelled("x")).await.unwrap();
    events.push(watch.try_next().await.unwrap().unwrap());
    assert_eq!(names(&events), ["+b", "-a", "-b", "+c"]);
}

#[tokio::test]
async fn a_version_that_is_not_known_ends_a_watch() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    let refused = maps.watch(&WatchParams::default(), "1000000").await.err().map(super::status);
    assert_eq!(refused.map(|status| status.code), Some(410));
    let events: Vec<_> = maps.watch(&WatchParams::default(), "1").await.unwrap().try_collect().await.unwrap();
    assert_eq!(names(&events), ["error 410"]);
}

#[tokio::test]
async fn a_watcher_sees_what_is_there_and_what_comes() {
    let (_sandbox, client) = sandbox();
    let maps = api(&client, "v1", "ConfigMap");
    apply(&maps, "a", config_map(&json!({}))).await.unwrap();
    for config in [watcher::Config::default(), watcher::Config::default().streaming_lists()] {
        let mut seen = pin!(watcher(maps.clone(), config));
        let mut events = Vec::new();
        while events.last().is_none_or(|last| last != "ready") {
            match seen.try_next().await.unwrap().unwrap() {
                watcher::Event::Init => {}
                watcher::Event::InitApply(object) => events.push(object.metadata.name.unwrap()),
                watcher::Event::InitDone => events.push("ready".to_owned()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(events, ["a", "kube-root-ca.crt", "ready"]);
        apply(&maps, "b", config_map(&json!({}))).await.unwrap();
        assert!(matches!(seen.try_next().await.unwrap().unwrap(), watcher::Event::Apply(_)));
        maps.delete("b", &kube::api::DeleteParams::default()).await.unwrap();
        assert!(matches!(seen.try_next().await.unwrap().unwrap(), watcher::Event::Delete(_)));
    }
}
