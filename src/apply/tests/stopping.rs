//! Runs that are asked to stop: what begins no more, what ends, what is put back.

use super::*;

#[tokio::test]
async fn an_interrupted_run_breaks_its_waits_off_and_begins_nothing_more() {
    let world = World::new();
    world.run(vec![apply(held("a"), Expect::Absent, &[])]).await.0.unwrap();
    let gone = Act::AwaitGone { id: config("a", "").id, version: "v1".into(), uid: None };
    let acts = vec![(gone, Expect::Nothing, vec![]), apply(config("b", "after"), Expect::Absent, &[0])];
    let steps =
        acts.into_iter().enumerate().map(|(id, (act, expect, after))| Step { id, after, act, expect }).collect();
    let plan = Plan { steps, inventory: Vec::new(), report: Report::default() };
    let (sender, mut events) = unbounded_channel();
    let execution = Execution { timeout: Duration::from_secs(60), concurrency: 4 };
    let (asking, asked) = watch::channel(None);
    let waits = async {
        while let Some(event) = events.recv().await {
            if matches!(event, Event::Waiting { .. }) {
                asking.send_replace(Some("SIGINT"));
            }
        }
    };
    let stop = Stop::new(asked);
    let running = async {
        let ended = world.obey(&plan, &execution, &sender, &stop).await;
        drop(sender);
        ended
    };
    let (ended, ()) = tokio::join!(running, waits);
    let failure = ended.unwrap_err();
    assert_eq!(failure.class, Class::Interrupted);
    assert_eq!(failure.diagnostics.len(), 1, "{failure:?}");
    assert!(world.find("ConfigMap", "b").is_none());
}

#[tokio::test]
async fn a_purge_that_is_interrupted_gives_the_volume_its_policy_back() {
    let world = World::new();
    // A class whose volumes are bound without a Pod, and kept.
    let mut immediate = claim();
    immediate.body.set(&["spec"], "storageClassName", "standard-immediate");
    let class = json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "standard-immediate"},
        "provisioner": "sandbox.kchart.dev/local", "reclaimPolicy": "Retain", "volumeBindingMode": "Immediate"});
    let path = "/apis/storage.k8s.io/v1/storageclasses";
    let request = http::Request::post(path).body(class.to_string().into_bytes()).unwrap();
    world.cluster.client.request::<Json>(request).await.unwrap();
    world
        .run(vec![
            apply(immediate, Expect::Absent, &[]),
            apply(held("a"), Expect::Absent, &[]),
            (Act::AwaitReady { id: claim().id, version: "v1".into() }, Expect::Nothing, vec![0]),
        ])
        .await
        .0
        .unwrap();
    let policy = || {
        let volume = world.sandbox.objects().into_iter().find(|object| object["kind"] == "PersistentVolume").unwrap();
        volume["spec"]["persistentVolumeReclaimPolicy"].as_str().unwrap().to_owned()
    };
    assert_eq!(policy(), "Retain");
    let volume =
        world.find("PersistentVolumeClaim", "data").unwrap()["spec"]["volumeName"].as_str().unwrap().to_owned();
    let acts = [
        Act::SetReclaim { volume, policy: Reclaim::Delete, restore: Some(Reclaim::Retain) },
        Act::AwaitGone { id: config("a", "").id, version: "v1".into(), uid: None },
    ];
    let steps = acts.into_iter().enumerate().map(|(id, act)| Step {
        id,
        after: (0..id).collect(),
        act,
        expect: Expect::Nothing,
    });
    let plan = Plan { steps: steps.collect(), inventory: Vec::new(), report: Report::default() };
    let (sender, mut events) = unbounded_channel();
    let execution = Execution { timeout: Duration::from_secs(3600), concurrency: 4 };
    let (asking, asked) = watch::channel(None);
    let interrupting = async {
        while let Some(event) = events.recv().await {
            if matches!(event, Event::Waiting { .. }) {
                assert_eq!(policy(), "Delete");
                asking.send_replace(Some("SIGINT"));
            }
        }
    };
    let stop = Stop::new(asked);
    let running = async {
        let ended = world.obey(&plan, &execution, &sender, &stop).await;
        drop(sender);
        ended
    };
    let (done, ()) = tokio::join!(running, interrupting);
    assert_eq!(done.unwrap_err().class, Class::Interrupted);
    assert_eq!(policy(), "Retain");
}

#[tokio::test]
async fn whoever_asks_to_stop_during_the_last_step_comes_too_late() {
    let world = World::new();
    let id = ObjectId::namespaced("", "ConfigMap", "default", "gone");
    let act = Act::Delete { id, version: "v1".into(), deletion: Deletion::Background };
    let steps = vec![Step { id: 0, after: Vec::new(), act, expect: Expect::Nothing }];
    let plan = Plan { steps, inventory: Vec::new(), report: Report::default() };
    let (sender, mut events) = unbounded_channel();
    let execution = Execution { timeout: Duration::from_secs(3600), concurrency: 1 };
    let (asking, asked) = watch::channel(None);
    let stop = Stop::new(asked);
    let running = async {
        let ended = world.obey(&plan, &execution, &sender, &stop).await;
        drop(sender);
        ended
    };
    let interrupting = async {
        let mut heard = Vec::new();
        while let Some(event) = events.recv().await {
            if matches!(event, Event::Begun { .. }) {
                asking.send_replace(Some("SIGINT"));
            }
            heard.push(event);
        }
        heard
    };
    let (done, heard) = tokio::join!(running, interrupting);
    done.unwrap();
    assert!(heard.iter().any(|event| matches!(event, Event::Done { .. })), "{heard:?}");
}

#[tokio::test]
async fn a_run_that_is_to_stop_begins_no_step() {
    let world = World::new();
    let steps = vec![Step {
        id: 0,
        after: Vec::new(),
        act: apply(config("a", "1"), Expect::Absent, &[]).0,
        expect: Expect::Absent,
    }];
    let plan = Plan { steps, inventory: Vec::new(), report: Report::default() };
    let (sender, mut events) = unbounded_channel();
    let (asking, asked) = watch::channel(None);
    asking.send_replace(Some("SIGTERM"));
    let execution = Execution { timeout: Duration::from_secs(60), concurrency: 4 };
    let ended = world.obey(&plan, &execution, &sender, &Stop::new(asked)).await;
    let failure = ended.unwrap_err();
    assert_eq!((failure.class, failure.to_string().as_str()), (Class::Interrupted, "interrupted by SIGTERM"));
    assert!(changes(&mut events).is_empty());
    assert!(world.find("ConfigMap", "a").is_none());
}
