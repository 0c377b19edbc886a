//! Reclaim policies that a purge switched to Delete when its run died: whatever comes next and keeps the claim puts them
//! back.

use serde_json::{Value as Json, json};

use super::regrets::faults;
use super::volumes::purges;
use super::{Verb, World};
use crate::sandbox::{Fault, Faults, Rule};

const RETAINED: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "nginx:1.29", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], storageClassName: standard-retain, resources: {requests: {storage: 1Gi}}}
"#;

fn policy_of(volume: &Json) -> (String, Json) {
    let policy = volume["spec"]["persistentVolumeReclaimPolicy"].as_str().unwrap_or_default().to_owned();
    (policy, volume["metadata"]["annotations"]["kchart.dev/reclaim-policy-before-purge"].clone())
}

impl World {
    /// The volume's reclaim policy, and the one that it had before a purge.
    fn policy(&self) -> (String, Json) {
        let objects = self.sandbox.objects().into_iter();
        let volumes: Vec<Json> = objects.filter(|object| object["kind"] == "PersistentVolume").collect();
        policy_of(volumes.last().expect("there is a volume"))
    }

    /// The same of the volume of a claim, if both are there.
    fn policy_for(&self, claim: &str) -> Option<(String, Json)> {
        self.object("PersistentVolumeClaim", claim)?;
        let objects = self.sandbox.objects().into_iter();
        let mut volumes = objects.filter(|object| object["kind"] == "PersistentVolume");
        Some(policy_of(&volumes.find(|volume| volume["spec"]["claimRef"]["name"] == claim)?))
    }

    /// A release whose purge died when it had switched the policy of its volume.
    async fn with_switched_policy() -> Self {
        let world = Self::of(RETAINED, "any: 1\n");
        world.deploys("any=1", &Faults::none()).await.unwrap().unwrap();
        assert_eq!(world.policy(), ("Retain".into(), Json::Null));
        assert!(world.run(Verb::Purge, &faults("kill after PATCH PersistentVolume")).await.is_none());
        assert_eq!(world.policy(), ("Delete".into(), json!("Retain")));
        assert!(world.object("PersistentVolumeClaim", "data").is_some());
        world
    }
}

#[tokio::test]
async fn a_volume_keeps_its_data_again_when_its_purge_died_and_the_release_is_installed_or_uninstalled() {
    let switched = World::with_switched_policy().await;
    let before = switched.kept();
    let world = switched.copy();
    world.deploys("any=1", &Faults::none()).await.unwrap().unwrap();
    assert_eq!(world.policy(), ("Retain".into(), Json::Null));
    assert_eq!(world.kept(), before);
    let world = switched.copy();
    world.succeeds(Verb::Uninstall, "after the purge").await;
    assert_eq!(world.policy(), ("Retain".into(), Json::Null));
    assert_eq!(world.kept(), before);
}

#[tokio::test]
async fn a_purge_that_goes_on_from_one_that_died_restores_the_policy_too_when_it_fails() {
    let switched = World::with_switched_policy().await;
    let world = switched.copy();
    world.run(Verb::Purge, &faults("the webhook refuses DELETE PersistentVolumeClaim")).await.unwrap().unwrap_err();
    assert_eq!(world.policy(), ("Retain".into(), Json::Null));
    switched.succeeds(Verb::Purge, "to its end").await;
    assert_eq!(switched.kept().disks, Vec::<String>::new());
}

#[tokio::test]
async fn who_may_not_change_volumes_can_install_after_a_purge_that_died() {
    let world = World::with_switched_policy().await;
    world.deploys("any=1", &faults("the webhook refuses PATCH PersistentVolume")).await.unwrap().unwrap();
    assert_eq!(world.policy(), ("Delete".into(), json!("Retain")), "a later run will find it");
}

/// Two workloads, each with its volume; the second edition has the first one alone, and the claim `old` stays.
const TWO: &str = r#"{{#each values.claims as |claim|}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{claim}}}
spec:
  selector: {matchLabels: {app: {{claim}}}}
  template:
    metadata: {labels: {app: {{claim}}}}
    spec:
      containers: [{name: web, image: "nginx:1.29", volumeMounts: [{name: data, mountPath: /data}]}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: {{claim}}}}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: {{claim}}}
spec: {accessModes: [ReadWriteOnce], storageClassName: standard-retain, resources: {requests: {storage: 1Gi}}}
{{/each}}
"#;

const BOTH: &str = "claims={data,old}";
const ONE: &str = "claims={data}";

/// What comes after a purge by name that died.
#[derive(Clone, Copy, Debug)]
enum Next {
    Deploys(&'static str),
    Runs(Verb),
}

#[tokio::test]
async fn a_claim_whose_purge_by_name_died_keeps_its_data_again_whatever_comes_next() {
    let live = World::of(TWO, "claims: []\n");
    live.deploys(BOTH, &Faults::none()).await.unwrap().unwrap();
    live.deploys(ONE, &Faults::none()).await.unwrap().unwrap();
    let kept = live.copy();
    kept.succeeds(Verb::Uninstall, "at first").await;
    let after_live = [Next::Deploys(ONE), Next::Deploys(BOTH), Next::Runs(Verb::Rollback), Next::Runs(Verb::Uninstall)];
    let after_kept = [Next::Deploys(ONE), Next::Deploys(BOTH), Next::Runs(Verb::Uninstall)];
    let retained = Some(("Retain".to_owned(), Json::Null));
    for (begin, nexts) in [(&live, &after_live[..]), (&kept, &after_kept[..])] {
        let whole = Faults::none();
        purges(&begin.copy(), "old", &whole).await.expect("nobody cuts it off").unwrap();
        let (mut switched, mut revision) = (0, None);
        for request in 1..=whole.requests() {
            let died = begin.copy();
            let rule = Rule::at(request, Fault::CutOffAfter);
            assert!(purges(&died, "old", &Faults::new([rule])).await.is_none());
            if revision.replace(died.sandbox.revision()) == Some(died.sandbox.revision()) {
                continue;
            }
            let stays = died.policy_for("old").is_some();
            switched += usize::from(died.policy_for("old") == Some(("Delete".into(), json!("Retain"))));
            for next in nexts {
                let at = format!("{next:?} after a purge that was cut off after request {request}");
                let world = died.copy();
                match next {
                    Next::Deploys(set) => world.deploys(set, &Faults::none()).await.unwrap().expect(&at),
                    Next::Runs(verb) => world.succeeds(*verb, &at).await,
                }
                // Where the claim went, another one may have come.
                let policy = world.policy_for("old");
                assert!(policy == retained || (policy.is_none() && !stays), "{at}: {policy:?}");
            }
        }
        assert!(switched > 0, "some run died in between");
    }
}
