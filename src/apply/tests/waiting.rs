//! What is told of workloads while they are waited for, and when waiting can't help.

use super::*;

fn workload(image: &str) -> Object {
    let labels = json!({"app": "web"});
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": image}]}});
    let spec = json!({"selector": {"matchLabels": labels}, "template": template});
    object(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}))
}

fn deployed_and_awaited(image: &str) -> Plan {
    let web = workload(image);
    let wait = Act::AwaitReady { id: web.id.clone(), version: web.version.clone() };
    let (act, expect, after) = apply(web, Expect::Absent, &[]);
    let steps =
        vec![Step { id: 0, after, act, expect }, Step { id: 1, after: vec![0], act: wait, expect: Expect::Nothing }];
    Plan { steps, inventory: Vec::new(), report: Report::default() }
}

/// Runs a plan until a reason holds `wanted`, or to its end. The reasons that were told, and how it ended.
async fn run_until(plan: &Plan, wanted: &str) -> (Vec<String>, Result<(), Failure>) {
    let world = World::new();
    let (sender, mut events) = unbounded_channel();
    let execution = Execution { timeout: Duration::from_secs(3600), concurrency: 4 };
    let (asking, asked) = watch::channel(None);
    let listening = async {
        let mut reasons = Vec::new();
        while let Some(event) = events.recv().await {
            if let Event::Waiting { why, .. } = event {
                if why.contains(wanted) {
                    asking.send_replace(Some("SIGINT"));
                }
                reasons.push(why);
            }
        }
        reasons
    };
    let stop = Stop::new(asked);
    let running = async {
        let ended = world.obey(plan, &execution, &sender, &stop).await;
        drop(sender);
        ended
    };
    let (ended, reasons) = tokio::join!(running, listening);
    (reasons, ended)
}

#[tokio::test]
async fn what_the_pods_do_is_told_while_a_workload_is_waited_for() {
    let (reasons, ended) = run_until(&deployed_and_awaited("does-not-exist:1"), "can't be pulled").await;
    assert_eq!(ended.unwrap_err().class, Class::Interrupted);
    assert_eq!(reasons[0], "0 of 1 replica available");
    let last = reasons.last().unwrap();
    assert!(last.starts_with("0 of 1 replica available; web-"), "{last}");
    let cause = ": image `does-not-exist:1` of container `app` can't be pulled: there is no such image or tag";
    assert!(last.ends_with(cause), "{last}");
}

#[tokio::test]
async fn an_image_without_a_valid_name_is_not_waited_for() {
    let (_, ended) = run_until(&deployed_and_awaited("Web:1"), "nothing stops it").await;
    let failure = ended.unwrap_err();
    assert_eq!(
        (failure.class, failure.to_string().as_str()),
        (Class::NotReady, "`Deployment/web` is not ready: image `Web:1` of container `app` has no valid name")
    );
}

#[tokio::test(start_paused = true)]
async fn what_does_not_become_ready_is_waited_for_as_long_as_was_said_and_no_longer() {
    let world = World::new();
    let world = World { cluster: Cluster::over(world.sandbox.client()), ..world };
    let begun = Instant::now();
    let (sender, _events) = unbounded_channel();
    let execution = Execution { timeout: Duration::from_secs(300), concurrency: 4 };
    let plan = deployed_and_awaited("does-not-exist:1");
    let failure = world.obey(&plan, &execution, &sender, &Stop::never()).await.unwrap_err();
    let waited = begun.elapsed();
    assert!(waited >= Duration::from_secs(300) && waited < Duration::from_secs(301), "{waited:?}");
    assert_eq!(failure.class, Class::NotReady);
    assert!(failure.diagnostics[0].hints.iter().any(|hint| hint.contains("it was waited for 5 min")), "{failure:?}");
}
