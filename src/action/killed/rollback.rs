//! Rollbacks, asked for or after a failure, that are killed between any two requests.

use super::*;
use crate::action::rollback;
use crate::release::{Header, Release, Status};

/// Nothing is waited for: what can't get ready is late at once.
const IMPATIENT: Execution = Execution { timeout: Duration::ZERO, concurrency: 4 };

impl World {
    /// An upgrade or install whose Pods never start, with the way back.
    async fn deploy_broken(&self, requests: usize, memory: &str) -> Option<Result<(), Failure>> {
        let broken = |mut request: deploy::Request| {
            request.inputs.set.push("image=rabbitmq:does-not-exist".into());
            deploy::Request { rollback_on_failure: true, ..request }
        };
        self.deploy_as(requests, memory, &IMPATIENT, broken).await
    }

    async fn roll_back(&self, requests: usize, to: Option<u32>) -> Option<Result<(), Failure>> {
        let process = self.process(requests);
        let request = rollback::Request {
            name: "mq".into(),
            namespace: None,
            what: to,
            options: Options::default(),
            history_max: 10,
            description: None,
        };
        let run = Box::pin(async {
            let prepared = rollback::prepare(request, &process.target, &mut Reading::default()).await?;
            let (events, _heard) = unbounded_channel();
            prepared.carry_out(&EXECUTION, &events, &Stop::never()).await.map(drop)
        });
        process.outcome(run).await
    }

    async fn headers(&self) -> Vec<Header> {
        let cluster = Cluster::over_at_once(self.sandbox.client());
        let release = Release { namespace: "default".into(), name: "mq".into() };
        cluster.past(&release).await.unwrap().headers
    }

    fn container(&self) -> Json {
        let set = self.named("StatefulSet", "mq").unwrap();
        let container = &set["spec"]["template"]["spec"]["containers"][0];
        json!([container["image"], container["resources"]["limits"]["memory"]])
    }
}

#[tokio::test]
async fn a_rollback_restores_the_manifest() {
    let world = World::new();
    world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
    let first = world.named("StatefulSet", "mq").unwrap()["spec"].clone();
    world.deploy(usize::MAX, "2Gi").await.unwrap().unwrap();
    let before = world.data();
    world.roll_back(usize::MAX, None).await.unwrap().unwrap();
    assert_eq!(world.named("StatefulSet", "mq").unwrap()["spec"], first);
    assert_eq!(world.data(), before);
    world.roll_back(usize::MAX, Some(3)).await.unwrap().unwrap();
    assert_eq!(world.headers().await.len(), 3, "what is in force already makes no revision");
}

#[tokio::test]
async fn a_rollback_that_is_killed_anywhere_is_finished_by_the_next_one() {
    for at in 0.. {
        let world = World::new();
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
        world.deploy(usize::MAX, "2Gi").await.unwrap().unwrap();
        let before = world.data();
        let ended = world.roll_back(at, Some(1)).await.transpose().unwrap();
        world.roll_back(usize::MAX, Some(1)).await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
        assert_eq!(world.container(), json!(["rabbitmq:4.2", "1Gi"]), "killed at request {at}");
        assert_eq!(world.data(), before, "killed at request {at}");
        let headers = world.headers().await;
        assert_eq!(headers.last().unwrap().status, Status::Deployed, "killed at request {at}");
        if ended.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a_broken_upgrade_goes_back_and_one_that_is_killed_meanwhile_is_gone_on_with() {
    let mut finished = false;
    for at in 0.. {
        let world = World::new();
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap();
        let before = world.data();
        if let Some(ended) = world.deploy_broken(at, "2Gi").await {
            let failure = ended.unwrap_err();
            let notes: Vec<&str> = failure.diagnostics[0].notes.iter().map(|note| note.text.as_str()).collect();
            assert!(notes.contains(&"it was rolled back to revision 1, as revision 3"), "{notes:?}");
            assert_eq!(world.container(), json!(["rabbitmq:4.2", "1Gi"]));
            finished = true;
        } else if at % 2 == 0 {
            // Whoever comes next may also want no more than what worked.
            let headers = world.headers().await;
            let to = headers.iter().rev().find(|header| header.status == Status::Deployed).unwrap().revision;
            world.roll_back(usize::MAX, Some(to)).await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
            assert_eq!(world.container(), json!(["rabbitmq:4.2", "1Gi"]), "killed at request {at}");
        }
        assert_eq!(world.data(), before, "killed at request {at}");
        world.deploy(usize::MAX, "2Gi").await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
        assert_eq!(world.container(), json!(["rabbitmq:4.2", "2Gi"]), "killed at request {at}");
        assert_eq!(world.data(), before, "killed at request {at}");
        if finished {
            break;
        }
    }
}

#[tokio::test]
async fn a_broken_first_install_is_taken_away_and_its_password_opens_the_retry_wherever_it_is_killed() {
    let mut finished = false;
    for at in 0.. {
        let world = World::new();
        if let Some(ended) = world.deploy_broken(at, "1Gi").await {
            let failure = ended.unwrap_err();
            assert_eq!(failure.class, crate::diagnostic::Class::NotReady);
            assert!(world.named("StatefulSet", "mq").is_none());
            let kept = world.data();
            assert!(kept.0.is_some() && kept.1.is_some(), "claim and password stay");
            finished = true;
        }
        let before = world.data();
        world.deploy(usize::MAX, "1Gi").await.unwrap().unwrap_or_else(|failure| panic!("at {at}: {failure}"));
        if before.1.is_some() {
            assert_eq!(world.data().1, before.1, "killed at request {at}: the password is another one");
        }
        world.check_opened(&before, at);
        if finished {
            break;
        }
    }
}
