//! Round trips, splitting, and what an older or newer kchart wrote.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::node::tests::any_node;
use super::*;
use crate::object::{FieldPath, Object, ObjectId};
use crate::readiness::{Branch, Cause, Reason};
use crate::release::{
    ChartSummary, Credential, CredentialKind, Entry, Item, Ledger, LedgerKey, Lifetime, Record, Release, Status,
    StepSummary,
};
use crate::yaml::{Charset, GeneratedKey, Node, Spelled, Text};

fn record() -> Record {
    let id = ObjectId::secret("lab", "rabbitmq");
    let mut body = Node::from(&serde_json::json!({"apiVersion": "v1", "kind": "Secret", "data": {"user": "YXBw"}}));
    let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
    body.set(&["data"], "password", Text::generated(key));
    let mut values = Node::map();
    values.set(&["image"], "tag", Spelled::float("1.10", 1.1));
    values.set(&["image"], "$generated", "a user's own key");
    Record {
        release: Release { namespace: "lab".into(), name: "web".into() },
        revision: 3,
        status: Status::PendingUpgrade,
        started: "2026-05-02T10:00:00Z".parse().unwrap(),
        updated: "2026-05-02T10:00:01Z".parse().unwrap(),
        description: "upgrade begun".into(),
        chart: Some(ChartSummary { name: "web".into(), version: "1.0.0".into(), app_version: None }),
        inventory: vec![
            Item { id: id.clone(), version: "v1".into() },
            Item { id: ObjectId::claim("lab", "data-rabbitmq-0"), version: "v1".into() },
        ],
        steps: vec![StepSummary { act: "create".into(), id: Some(id.clone()) }],
        values,
        computed: None,
        objects: vec![Object {
            id,
            version: "v1".into(),
            body,
            secret: BTreeSet::from([FieldPath::keys(&["data", "user"])]),
        }],
        notes: Some("Look at\nhttp://web".into()),
        ran: BTreeSet::new(),
    }
}

fn ledger() -> Ledger {
    Ledger {
        release: Release { namespace: "lab".into(), name: "web".into() },
        key: LedgerKey([7; 32]),
        entries: vec![Entry {
            claim: "data-rabbitmq-0".into(),
            namespace: None,
            uid: "u-1".into(),
            volume: Some("pvc-1".into()),
            created: "2026-05-02T10:00:00Z".parse().unwrap(),
            size: Some("1Gi".into()),
            image: Some("rabbitmq:4.2".into()),
            image_ready: false,
            credentials: vec![Credential {
                secret: "rabbitmq".into(),
                key: "password".into(),
                lifetime: Lifetime::Sticky,
                kind: CredentialKind::Generated,
                hash: None,
            }],
        }],
    }
}

#[track_caller]
fn assert_same(a: &Record, b: &Record) {
    assert_eq!(a.release, b.release);
    assert_eq!((a.revision, a.status, a.started, a.updated), (b.revision, b.status, b.started, b.updated));
    assert_eq!(a.computed, b.computed);
    assert_eq!((&a.description, &a.chart, &a.notes), (&b.description, &b.chart, &b.notes));
    assert_eq!((&a.inventory, &a.steps, &a.ran), (&b.inventory, &b.steps, &b.ran));
    assert_eq!(a.values, b.values);
    assert!(a.objects == b.objects, "objects differ");
}

#[test]
fn all_values_are_stored_beside_the_given_ones() {
    let mut record = record();
    let mut all = record.values.clone();
    all.set(&[], "fromDefaults", "yes");
    record.computed = Some(all);
    assert_same(&decode("lab", &encode(&record)).unwrap(), &record);
}

#[test]
fn a_record_comes_back_and_its_history_needs_no_content() {
    let record = record();
    let secrets = encode(&record);
    assert_eq!(secrets.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(), ["kchart.web.v3"]);
    assert_same(&decode("lab", &secrets).unwrap(), &record);
    let header = header("lab", &secrets[0].name, &secrets[0].labels, &secrets[0].annotations).unwrap();
    assert_eq!((header.revision, header.status), (3, Status::PendingUpgrade));
    assert_eq!(header.chart, record.chart);
}

#[test]
fn a_job_that_ran_is_known_from_its_own_key() {
    let job = |name: &str| ObjectId::namespaced("batch", "Job", "lab", name);
    let mut record = record();
    record.ran.insert(job("seed.of-web"));
    let mut secrets = encode(&record);
    secrets[0].data.insert(ran_key(&job("load")), Vec::new());
    assert_eq!(decode("lab", &secrets).unwrap().ran, BTreeSet::from([job("load"), job("seed.of-web")]));
}

#[test]
fn a_change_of_status_changes_metadata_alone() {
    let mut secrets = encode(&record());
    let (labels, annotations) = marks_of(Status::Failed, "2026-05-02T11:00:00Z".parse().unwrap(), &"why ".repeat(1000));
    secrets[0].labels.extend(labels);
    secrets[0].annotations.extend(annotations);
    let back = decode("lab", &secrets).unwrap();
    assert_eq!((back.status, back.updated.to_string().as_str()), (Status::Failed, "2026-05-02T11:00:00Z"));
    assert_eq!(back.description.len(), 1000);
}

#[test]
fn a_long_record_is_split_with_its_first_secret_last_and_needs_all_parts() {
    let mut record = record();
    // Text that does not compress: a simple generator of numbers, the same at every run.
    let mut state = 1u64;
    let noise: String = (0..3_000_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
        })
        .collect();
    record.values.set(&[], "noise", noise);
    let mut secrets = encode(&record);
    assert!(secrets.len() > 3);
    assert_eq!(secrets[0].name, "kchart.web.v3.2");
    assert_eq!(secrets.last().unwrap().name, "kchart.web.v3");
    for secret in &secrets {
        assert!(secret.data.values().map(Vec::len).sum::<usize>() <= 700 * 1024);
    }
    secrets.reverse();
    assert_same(&decode("lab", &secrets).unwrap(), &record);
    secrets.pop();
    assert_eq!(decode("lab", &secrets).unwrap_err().message, "Secret `kchart.web.v3.2` can't be read: it is missing");
}

#[test]
fn what_a_newer_kchart_wrote_is_refused_by_name() {
    let mut secrets = encode(&record());
    secrets[0].annotations.insert("kchart.dev/format".into(), "2".into());
    secrets[0].annotations.insert("kchart.dev/written-by".into(), "9.1.0".into());
    assert_eq!(
        decode("lab", &secrets).unwrap_err().message,
        "`kchart.web.v3` was written by kchart 9.1.0 in format 2, this kchart reads up to format 1"
    );
    let mut stored = encode_ledger(&ledger());
    stored.annotations.insert("kchart.dev/format".into(), "2".into());
    assert!(decode_ledger("lab", &stored).unwrap_err().message.starts_with("`kchart.web.ledger` was written by"));
}

#[test]
fn damage_is_told_without_any_content() {
    let mut secrets = encode(&record());
    secrets[0].data.insert("payload".into(), b"YXBw".to_vec());
    assert_eq!(
        decode("lab", &secrets).unwrap_err().message,
        "Secret `kchart.web.v3` can't be read: it is not gzip, or cut off"
    );
}

#[test]
fn a_ledger_comes_back() {
    let stored = encode_ledger(&ledger());
    assert_eq!(decode_ledger("lab", &stored).unwrap(), ledger());
    assert_eq!(claims_of(&stored.annotations), ["data-rabbitmq-0"]);
}

#[test]
fn a_ledger_of_many_claims_fits_into_a_secret() {
    let mut long = ledger();
    let entry = long.entries.remove(0);
    // What is random in each: its uid and the name of its volume.
    let random = |number: u64| format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let entries = (0..10_000_u64).map(|number| Entry {
        claim: format!("data-rabbitmq-{number}"),
        uid: format!("{}-{}", random(number), random(number + 77_777)),
        volume: Some(format!("pvc-{}-{}", random(number), random(number + 77_777))),
        ..entry.clone()
    });
    long.entries = entries.collect();
    let stored = encode_ledger(&long);
    let size: usize = stored.data.values().map(Vec::len).sum();
    assert!(size < 1024 * 1024, "{size}");
    let annotations: usize = stored.annotations.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(annotations < 256 * 1024, "{annotations}");
    assert_eq!(decode_ledger("lab", &stored).unwrap(), long);
    assert_eq!(claims_of(&stored.annotations).len(), 10_000);
    assert!(stored.annotations.keys().all(|name| name != "kchart.dev/claims"), "they are not there twice");
}

#[test]
fn debug_output_has_no_content() {
    let secrets = encode(&record());
    let text = format!("{:?} {:?} {:?}", record(), secrets, ledger());
    assert!(!text.contains("YXBw") && !text.contains("user's own") && !text.contains("7, 7"), "{text}");
}

/// A fixture is a list of Secrets as JSON, `data` in base64, as `kubectl get -o json` shows them.
mod fixture {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value as Json;

    use super::*;

    pub(super) fn read(text: &str) -> Vec<StoredSecret> {
        let json: Vec<Json> = serde_json::from_str(text).unwrap();
        let map = |json: &Json| -> BTreeMap<String, String> { serde_json::from_value(json.clone()).unwrap() };
        json.iter()
            .map(|json| StoredSecret {
                name: json["metadata"]["name"].as_str().unwrap().into(),
                secret_type: json["type"].as_str().unwrap().into(),
                labels: map(&json["metadata"]["labels"]),
                annotations: map(&json["metadata"]["annotations"]),
                data: map(&json["data"]).into_iter().map(|(key, text)| (key, STANDARD.decode(text).unwrap())).collect(),
            })
            .collect()
    }
}

/// What kchart wrote in format 1 is read for ever. Never rewrite the fixture: a new format gets a new one.
#[test]
fn format_1_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/release/format-1.json");
    let secrets = fixture::read(&std::fs::read_to_string(path).unwrap());
    assert_same(&decode("lab", &secrets[..1]).unwrap(), &record());
    assert_eq!(decode_ledger("lab", &secrets[1]).unwrap(), ledger());
}

fn causes() -> Vec<Cause> {
    let branch = |about: &str, state: &str| Branch {
        about: about.into(),
        state: state.into(),
        events: Vec::new(),
        log: Vec::new(),
        below: Vec::new(),
    };
    let container = Branch { log: vec!["one".into()], ..branch("container app", "waiting, ImagePullBackOff") };
    let events = vec!["Failed: no (2 times)".to_owned()];
    let pod = Branch { events, below: vec![container], ..branch("Pod/web-1", "Pending on node `n1`") };
    vec![Cause {
        object: ObjectId::namespaced("apps", "Deployment", "lab", "web"),
        reason: Reason::Image,
        sentence: "image `web:9` of container `app` can't be pulled: there is no such image or tag".into(),
        next: vec!["check its name and tag, or push it".into()],
        field: Some("spec.template.spec.containers[name=\"app\"].image".into()),
        tree: Branch { below: vec![pod], ..branch("Deployment/web", "0 of 1 replica available") },
    }]
}

#[test]
fn causes_of_format_1_are_read_and_come_back() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/release/format-1-causes.json");
    let mut secrets = fixture::read(&std::fs::read_to_string(path).unwrap());
    assert_eq!(decode_causes("lab", &secrets[0]).unwrap(), causes());
    assert_same(&decode("lab", &secrets).unwrap(), &record());
    secrets[0].data.insert(CAUSES.into(), encode_causes(&causes()));
    assert_eq!(decode_causes("lab", &secrets[0]).unwrap(), causes());
    secrets[0].data.remove(CAUSES);
    assert_eq!(decode_causes("lab", &secrets[0]).unwrap(), []);
}

#[test]
fn causes_never_make_the_secret_too_large() {
    // Lines that do not compress.
    let lines = (0..20_000_u64).map(|line| format!("{:x}", line.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let mut large = causes();
    large[0].tree.log = lines.collect();
    let many = vec![causes().remove(0), large.remove(0)];
    let packed = encode_causes(&many);
    assert!(packed.len() <= 64 * 1024, "{}", packed.len());
    let secret = StoredSecret { data: BTreeMap::from([(CAUSES.into(), packed)]), ..encode(&record()).remove(0) };
    assert_eq!(decode_causes("lab", &secret).unwrap(), causes(), "the first ones are kept");
}

proptest! {
    #[test]
    fn records_with_any_values_come_back(values in any_node(), body in any_node()) {
        let mut record = record();
        record.values = values;
        record.objects[0].body = body;
        let back = decode("lab", &encode(&record)).unwrap();
        prop_assert_eq!(&back.values, &record.values);
        prop_assert!(back.objects == record.objects);
    }
}
