//! A record as one Secret or several: the head has no Secret content, the payload has.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value as Json;

use super::header::{header, marks_of, set_chart};
use super::packed::{pack, unpack};
use super::{PART, RECORD, StoredSecret, broken, check_format, from_stored, ran, record_name, to_stored, written_by};
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, Object, ObjectId, Segment, marks};
use crate::release::record::{Item, StepSummary};
use crate::release::{Record, Release, Status};

/// At most so many bytes in one Secret: the API server takes 1 MiB of data (`MaxSecretSize` in `core/types.go`), and
/// etcd 1.5 MiB of request, in which they stand as base64.
const MOST_BYTES: usize = 700 * 1024;

/// The key of a record's first Secret that holds the steps of a removal that was begun; others have none.
pub const REMOVAL: &str = "removal";

const HEAD: &str = "head";
const PAYLOAD: &str = "payload";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    started: Timestamp,
    inventory: Vec<Item>,
    steps: Vec<StepSummary>,
    /// Number of Secrets that the record is stored in.
    parts: usize,
}

#[derive(Deserialize)]
struct Payload {
    values: Json,
    #[serde(default)]
    computed: Option<Json>,
    objects: Vec<StoredObject>,
    #[serde(default)]
    notes: Option<String>,
}

/// A [`Payload`] as it is written: one object at a time.
#[derive(Serialize)]
struct PayloadOf<'a> {
    values: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    computed: Option<Json>,
    #[serde(serialize_with = "stored_objects")]
    objects: &'a [Object],
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct StoredObject {
    id: ObjectId,
    version: String,
    body: Json,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    secret: Vec<Vec<StoredSegment>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredSegment {
    Key(String),
    Index(usize),
    Item(Vec<(String, String)>),
    Member(String),
}

/// The Secrets of a record, in the order in which they are to be written: the one named [`record_name`] comes last,
/// so that a record that the history lists is never without its payload.
pub fn encode(record: &Record) -> Vec<StoredSecret> {
    let payload = pack(&PayloadOf {
        values: to_stored(&record.values),
        computed: record.computed.as_ref().map(to_stored),
        objects: &record.objects,
        notes: record.notes.as_deref(),
    });
    let mut head =
        Head { started: record.started, inventory: record.inventory.clone(), steps: record.steps.clone(), parts: 1 };
    // The number of parts adds a few digits to the head at most.
    let room = MOST_BYTES.saturating_sub(pack(&head).len() + 16);
    let (first, rest) = payload.split_at(payload.len().min(room));
    let rest: Vec<&[u8]> = rest.chunks(MOST_BYTES).collect();
    head.parts = 1 + rest.len();

    let name = record_name(&record.release.name, record.revision);
    let mut secrets: Vec<StoredSecret> = rest
        .iter()
        .enumerate()
        .map(|(index, chunk)| {
            secret(record, format!("{name}.{}", index + 2), PART, BTreeMap::from([(PAYLOAD.into(), chunk.to_vec())]))
        })
        .collect();
    let mut data = BTreeMap::from([(HEAD.into(), pack(&head)), (PAYLOAD.into(), first.to_vec())]);
    data.extend(ran::encode(&record.ran));
    let mut main = secret(record, name, RECORD, data);
    let (labels, annotations) = marks_of(record.status, record.updated, &record.description);
    main.labels.extend(labels);
    main.annotations.extend(annotations);
    set_chart(&mut main.annotations, record.chart.as_ref());
    secrets.push(main);
    secrets
}

fn secret(record: &Record, name: String, stores: &str, data: BTreeMap<String, Vec<u8>>) -> StoredSecret {
    let mut annotations = BTreeMap::new();
    written_by(&mut annotations);
    StoredSecret {
        name,
        secret_type: marks::RECORD_TYPE.to_owned(),
        labels: BTreeMap::from([
            (marks::MANAGED_BY.to_owned(), marks::MANAGED_BY_VALUE.to_owned()),
            (marks::RELEASE.to_owned(), record.release.name.clone()),
            (marks::REVISION.to_owned(), record.revision.to_string()),
            (marks::STORES.to_owned(), stores.to_owned()),
        ]),
        annotations,
        data,
    }
}

/// Packs the steps of a removal.
pub fn encode_removal(steps: &[StepSummary]) -> Vec<u8> {
    pack(&steps)
}

/// The record in these Secrets (all that [`super::record_parts`] selects, in any order).
///
/// # Errors
/// A part is missing, a newer kchart wrote it, or something else changed it.
pub fn decode(namespace: &str, secrets: &[StoredSecret]) -> Result<Record, Diagnostic> {
    let main = secrets
        .iter()
        .find(|secret| secret.labels.get(marks::STORES).map(String::as_str) == Some(RECORD))
        .ok_or_else(|| {
            let name = secrets.first().map_or("", |secret| secret.name.as_str());
            broken(namespace, name, "the record's first Secret is missing")
        })?;
    check_format(namespace, main)?;
    read(namespace, main, secrets).map_err(|told| {
        let of = |mark: &str| main.labels.get(mark).map_or("?", String::as_str);
        told.hint(format!(
            "put it back from a backup; without one, have the revision forgotten: `kubectl delete secret -n {namespace} -l \
             {}={},{}={}`; objects that only it lists stay where they are, volumes are known by the ledger",
            marks::RELEASE,
            of(marks::RELEASE),
            marks::REVISION,
            of(marks::REVISION),
        ))
    })
}

fn read(namespace: &str, main: &StoredSecret, secrets: &[StoredSecret]) -> Result<Record, Diagnostic> {
    let damaged = |why: &str| broken(namespace, &main.name, why);
    let header = header(namespace, &main.name, &main.labels, &main.annotations)?;
    let name = super::release_of(&main.labels).ok_or_else(|| damaged("its release is missing"))?.to_owned();
    let head: Head = unpack(main.data.get(HEAD).map_or(&[], Vec::as_slice)).map_err(|why| damaged(&why))?;

    let mut payload = main.data.get(PAYLOAD).cloned().unwrap_or_default();
    for part in 2..=head.parts {
        let wanted = format!("{}.{part}", record_name(&name, header.revision));
        let chunk = secrets.iter().find(|secret| secret.name == wanted).and_then(|secret| secret.data.get(PAYLOAD));
        payload.extend(chunk.ok_or_else(|| broken(namespace, &wanted, "it is missing"))?);
    }
    let removal = main.data.get(REMOVAL).filter(|_| header.status == Status::Uninstalling);
    let removal = removal.map(|packed| unpack(packed)).transpose().map_err(|why| damaged(&why))?;
    let payload: Payload = unpack(&payload).map_err(|why| damaged(&why))?;
    let objects =
        payload.objects.into_iter().map(read_object).collect::<Result<_, _>>().map_err(|why| damaged(&why))?;
    Ok(Record {
        release: Release { namespace: namespace.to_owned(), name },
        revision: header.revision,
        status: header.status,
        started: head.started,
        updated: header.updated,
        description: header.description,
        chart: header.chart,
        inventory: head.inventory,
        steps: removal.unwrap_or(head.steps),
        values: from_stored(&payload.values).map_err(|why| damaged(&why))?,
        computed: payload.computed.as_ref().map(from_stored).transpose().map_err(|why| damaged(&why))?,
        objects,
        notes: payload.notes,
        ran: ran::decode(&main.data),
    })
}

fn stored_objects<S: Serializer>(objects: &&[Object], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(objects.iter().map(stored_object))
}

fn stored_object(object: &Object) -> StoredObject {
    StoredObject {
        id: object.id.clone(),
        version: object.version.clone(),
        body: to_stored(&object.body),
        secret: object.secret.iter().map(|path| path.0.iter().map(stored_segment).collect()).collect(),
    }
}

fn read_object(stored: StoredObject) -> Result<Object, String> {
    let secret: BTreeSet<FieldPath> =
        stored.secret.into_iter().map(|path| FieldPath(path.into_iter().map(read_segment).collect())).collect();
    Ok(Object { id: stored.id, version: stored.version, body: from_stored(&stored.body)?, secret })
}

fn stored_segment(segment: &Segment) -> StoredSegment {
    match segment {
        Segment::Key(key) => StoredSegment::Key(key.clone()),
        Segment::Index(index) => StoredSegment::Index(*index),
        Segment::Item(keys) => StoredSegment::Item(keys.clone()),
        Segment::Member(member) => StoredSegment::Member(member.clone()),
    }
}

fn read_segment(stored: StoredSegment) -> Segment {
    match stored {
        StoredSegment::Key(key) => Segment::Key(key),
        StoredSegment::Index(index) => Segment::Index(index),
        StoredSegment::Item(keys) => Segment::Item(keys),
        StoredSegment::Member(member) => Segment::Member(member),
    }
}
