//! A sandbox in a file.

use std::fs;
use std::pin::pin;

use futures::{StreamExt, TryStreamExt};
use kchart::sandbox::Sandbox;
use kube::runtime::{WatchStreamExt, watcher};
use serde_json::json;

use super::{api, apply, config_map, deployment, names};

#[tokio::test]
async fn the_state_outlives_the_process_and_is_nobody_elses_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let uid = {
        let sandbox = Sandbox::open(&file).unwrap();
        let web = apply(&api(&sandbox.client(), "apps/v1", "Deployment"), "web", deployment("nginx:1")).await.unwrap();
        web.metadata.uid
    };
    let again = Sandbox::open(&file).unwrap();
    let web = api(&again.client(), "apps/v1", "Deployment").get("web").await.unwrap();
    assert_eq!((web.metadata.uid, &web.data["status"]["readyReplicas"]), (uid, &json!(1)));
    #[cfg(unix)]
    for name in ["state.json", "state.json.lock", "state.json.journal"] {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(folder.path().join(name)).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn two_processes_use_one_file_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let (one, two) = (Sandbox::open(&file).unwrap(), Sandbox::open(&file).unwrap());
    let (one, two) = (api(&one.client(), "v1", "ConfigMap"), api(&two.client(), "v1", "ConfigMap"));
    let mut seen = pin!(watcher(one.clone(), watcher::Config::default()).applied_objects());
    assert_eq!(seen.try_next().await.unwrap().unwrap().metadata.name.unwrap(), "kube-root-ca.crt");
    let writers = (0..10).map(|number| {
        let api = if number % 2 == 0 { one.clone() } else { two.clone() };
        async move { apply(&api, &format!("m{number}"), config_map(&json!({}))).await.map(|_| ()) }
    });
    let done: Vec<_> = futures::stream::iter(writers).buffer_unordered(10).collect().await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert_eq!(names(&one).await.len(), 11);
    assert_eq!(names(&one).await, names(&two).await);
    for _ in 0..10 {
        seen.try_next().await.unwrap().unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let failure = |path: &std::path::Path| Sandbox::open(path).unwrap_err().to_string();
    let broken = folder.path().join("broken");
    fs::write(&broken, "{").unwrap();
    assert!(failure(&broken).starts_with(&format!("`{}` is not a sandbox file: EOF", broken.display())));
    let newer = folder.path().join("newer");
    fs::write(&newer, r#"{"format": 99, "revision": 1, "clock": "real", "disks": {}, "logs": {}, "objects": []}"#)
        .unwrap();
    assert!(failure(&newer).ends_with("its format is 99, this kchart knows 1"));
    // Folders are made, but not below a file.
    let nowhere = folder.path().join("newer/no/folder");
    assert!(failure(&nowhere).starts_with("cannot make a folder for sandbox file"));
    let made = folder.path().join("no/such/folder/state.json");
    assert!(Sandbox::open(&made).is_ok() && made.exists());
}

#[tokio::test]
async fn a_file_that_cannot_be_written_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let file = inner.join("state.json");
    let sandbox = Sandbox::open(&file).unwrap();
    let maps = api(&sandbox.client(), "v1", "ConfigMap");
    fs::remove_file(&file).unwrap();
    let refused = apply(&maps, "a", config_map(&json!({}))).await.unwrap_err();
    assert_eq!(refused.code, 500);
    assert!(refused.message.contains("was removed while it was in use"), "{}", refused.message);
    assert!(!sandbox.objects().iter().any(|object| object["metadata"]["name"] == "a"));
}

#[tokio::test]
async fn what_a_killed_process_wrote_is_there_and_what_it_was_writing_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (file, journal) = (folder.path().join("state.json"), folder.path().join("state.json.journal"));
    let killed = Sandbox::open(&file).unwrap();
    let maps = api(&killed.client(), "v1", "ConfigMap");
    for name in ["a", "b"] {
        apply(&maps, name, config_map(&json!({}))).await.unwrap();
    }
    maps.delete("a", &kube::api::DeleteParams::default()).await.unwrap();
    // Never dropped, as little as a killed process does.
    std::mem::forget(killed);
    let whole = fs::read(&journal).unwrap();
    let last = whole.iter().rposition(|byte| *byte == b'{').unwrap();
    fs::write(&journal, [whole.as_slice(), &whole[last..last + 9]].concat()).unwrap();

    let next = Sandbox::open(&file).unwrap();
    let maps = api(&next.client(), "v1", "ConfigMap");
    assert_eq!(names(&maps).await, ["b", "kube-root-ca.crt"]);
    apply(&maps, "c", config_map(&json!({}))).await.unwrap();
    drop((next, maps));
    let last = Sandbox::open(&file).unwrap();
    assert_eq!(names(&api(&last.client(), "v1", "ConfigMap")).await, ["b", "c", "kube-root-ca.crt"]);
}

#[test]
fn an_ended_process_leaves_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    // With its runtime goes all that still held the sandbox.
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let sandbox = Sandbox::open(&file).unwrap();
        apply(&api(&sandbox.client(), "v1", "ConfigMap"), "a", config_map(&json!({}))).await.unwrap();
    });
    assert_eq!(fs::metadata(folder.path().join("state.json.journal")).unwrap().len(), 0);
    let state: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert!(state["objects"].as_array().unwrap().iter().any(|object| object["metadata"]["name"] == "a"));
}
