//! Writes that a server does not answer, on the runtime's paused clock.

use super::*;

/// Creates an object by a request that gets no answer, and another one after it; how that ended, and when.
async fn ended(timeout: Duration) -> (Failure, Duration) {
    let world = World::new();
    let faults = Faults::new(parse_faults("hang at PATCH ConfigMap").unwrap());
    let world = World { cluster: Cluster::over(world.sandbox.client_with(&faults)), ..world };
    let begun = Instant::now();
    let acts = vec![apply(config("a", "1"), Expect::Absent, &[]), apply(config("b", "1"), Expect::Absent, &[0])];
    let failure = world.run_for(timeout, acts).await.0.unwrap_err();
    assert!(world.find("ConfigMap", "a").is_none() && world.find("ConfigMap", "b").is_none());
    assert_eq!(faults.met(), 1);
    (failure, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_answer_ends_when_the_time_is_up_and_is_named() {
    // One that begins when the time is up already still has ten seconds.
    for (timeout, words, ends) in [(45, "45 s", 45), (60, "1 min", 60), (0, "10 s", 10)] {
        let (failure, took) = ended(Duration::from_secs(timeout)).await;
        let told = format!("the API server gave no answer within {words}, while creating `ConfigMap/a`");
        assert_eq!((failure.class, failure.to_string()), (Class::Failed, told));
        let first = &failure.diagnostics[0];
        assert_eq!(first.notes[0].text, "whether it was carried out is not known: the next run looks at what is there");
        assert!(first.hints[0].ends_with("`--timeout` gives more time"), "{:?}", first.hints);
        let ends = Duration::from_secs(ends);
        assert!(took >= ends && took < ends + Duration::from_millis(10), "{took:?}");
    }
}
