//! What a rollback does not bring back: the size of claims, and what opens them. Data does not roll back.

use std::collections::BTreeMap;

use super::proven::{Place, of_ledgers};
use super::{Facts, Rotate, SecretKey, pods, rotation};
use crate::manifest::Manifest;
use crate::object::Object;
use crate::release::{Lifetime, Past};
use crate::yaml::{Node, Value};

/// Puts the present sizes of claims, and the present values of what opens them, into the manifest of an earlier
/// revision. Says in sentences what was kept.
pub fn keep_data(manifest: &mut Manifest, past: &Past, facts: &Facts, rotate: &Rotate) -> Vec<String> {
    let mut kept = Vec::new();
    for object in &mut manifest.objects {
        if object.id.is_claim() {
            kept.extend(keep_size(object, facts));
        } else if pods::is_set(&object.id) {
            kept.extend(keep_template_sizes(object, facts));
        } else if object.id.is_secret() {
            kept.extend(keep_credentials(object, past, facts, rotate));
        }
    }
    kept
}

fn keep_size(object: &mut Object, facts: &Facts) -> Option<String> {
    let key = (object.id.namespace.clone().unwrap_or_default(), object.id.name.clone());
    let size = facts.claims.get(&key)?.size.clone()?;
    put_size(&mut object.body, &[], &size)?;
    Some(format!("claim `{}` keeps its size of {size}", object.id.name))
}

/// The templates of a set as the live set has them: so the set itself need not be made again either.
fn keep_template_sizes(set: &mut Object, facts: &Facts) -> Vec<String> {
    let Some(live) = facts.live.get(&set.id) else { return Vec::new() };
    let sizes: BTreeMap<String, String> = pods::claim_templates(&live.body)
        .filter_map(|(name, template)| Some((name.to_owned(), spelled(template.at(&SIZE)?)?)))
        .collect();
    let templates = set.body.map_at_mut(&["spec"]).get_mut("volumeClaimTemplates");
    let Some(Node { value: Value::List(templates), .. }) = templates else { return Vec::new() };
    let mut kept = Vec::new();
    for template in templates {
        let name = template.str_at(&["metadata", "name"]).unwrap_or_default().to_owned();
        if let Some(size) = sizes.get(&name)
            && put_size(template, &[], size).is_some()
        {
            kept.push(format!("claims of template `{name}` keep their size of {size}"));
        }
    }
    kept
}

/// Where a claim says how large it is to be.
const SIZE: [&str; 4] = ["spec", "resources", "requests", "storage"];

/// Sets the size of a claim; nothing where it is that already, or has none.
fn put_size(claim: &mut Node, path: &[&str], size: &str) -> Option<()> {
    let wanted = spelled(claim.at(&SIZE)?)?;
    let is_same = super::quantity::compare(&wanted, size) == Some(std::cmp::Ordering::Equal);
    if is_same {
        return None;
    }
    let path: Vec<&str> = path.iter().chain(&SIZE[..3]).copied().collect();
    claim.set(&path, SIZE[3], size);
    Some(())
}

fn spelled(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => text.known().map(str::to_owned),
        Value::Number(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// Given values of keys that opened what is there, a claim or the volume of one that is gone: the ledger knows them.
fn keep_credentials(secret: &mut Object, past: &Past, facts: &Facts, rotate: &Rotate) -> Vec<String> {
    let Some(ledger) = &past.ledger else { return Vec::new() };
    let (Some(live), Some(namespace)) = (facts.live.get(&secret.id), secret.id.namespace.clone()) else {
        return Vec::new();
    };
    let mut kept = Vec::new();
    for data in of_ledgers([ledger], facts).iter().filter(|data| data.namespace() == namespace) {
        let opens = data.entry.credentials.iter();
        for opens in opens.filter(|it| it.lifetime == Lifetime::Sticky && it.secret == secret.id.name) {
            let key = SecretKey { namespace: namespace.clone(), secret: opens.secret.clone(), key: opens.key.clone() };
            // A rotation that is not over ends with its new value, whatever is there now.
            let now = rotation::ends_as(facts, &key, rotate).or_else(|| live.body.at(&["data", &opens.key]));
            let wanted = secret.body.at(&["data", &opens.key]).and_then(super::same::bytes);
            if let (Some(now), Some(wanted)) = (now, wanted)
                && super::same::bytes(now).is_some_and(|now| now != wanted)
            {
                secret.body.set(&["data"], &opens.key, now.value.clone());
                let what = if matches!(data.place, Place::Claimed(_)) { "claim" } else { "volume" };
                kept.push(format!(
                    "`{}` of Secret `{}` stays: it opens {what} `{}`",
                    opens.key,
                    opens.secret,
                    data.name()
                ));
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::object::ObjectId;
    use crate::plan::{Claim, Known, Live};
    use crate::release::{Credential, CredentialKind, Entry, Ledger, LedgerKey, Release};

    fn object(id: ObjectId, body: &Json) -> Object {
        Object { id, version: "v1".into(), body: Node::from(body), secret: BTreeSet::new() }
    }

    fn live(body: &Json) -> Live {
        Live { version: "v1".into(), uid: "u".into(), resource_version: "7".into(), body: Node::from(body) }
    }

    fn claim(size: &str) -> Claim {
        Claim {
            uid: "uid-data".into(),
            resource_version: "7".into(),
            created: Timestamp::UNIX_EPOCH,
            terminating: false,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            volume: None,
            class: None,
            size: Some(size.into()),
            bound: true,
            owners: Vec::new(),
        }
    }

    fn sized(size: &str) -> Json {
        json!({"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": size}}}})
    }

    #[test]
    fn claims_and_templates_keep_their_size() {
        let set = ObjectId::namespaced("apps", "StatefulSet", "shop", "db");
        let objects = vec![
            object(ObjectId::claim("shop", "data"), &sized("1Gi")),
            object(set.clone(), &json!({"spec": {"volumeClaimTemplates": [sized("1Gi")]}})),
        ];
        let mut manifest = Manifest { objects, ..Manifest::default() };
        let mut facts = Facts::default();
        facts.claims.insert(("shop".into(), "data".into()), claim("5Gi"));
        facts.live.insert(set, live(&json!({"spec": {"volumeClaimTemplates": [sized("3Gi")]}})));
        let kept = keep_data(&mut manifest, &Past::default(), &facts, &Rotate::Nothing);
        assert_eq!(kept, ["claim `data` keeps its size of 5Gi", "claims of template `data` keep their size of 3Gi"]);
        assert_eq!(manifest.objects[0].body.at(&SIZE).unwrap().as_str(), Some("5Gi"));
        let templates = manifest.objects[1].body.list_at(&["spec", "volumeClaimTemplates"]);
        assert_eq!(templates[0].at(&SIZE).unwrap().as_str(), Some("3Gi"));
        assert_eq!(
            keep_data(&mut manifest, &Past::default(), &facts, &Rotate::Nothing),
            Vec::<String>::new(),
            "once is enough"
        );
    }

    #[test]
    fn what_opens_a_claim_keeps_its_value_and_other_keys_go_back() {
        let id = ObjectId::secret("shop", "login");
        let data = |password: &str, url: &str| json!({"data": {"password": password, "url": url}});
        let past = |uid: &str| {
            let credential = Credential {
                secret: "login".into(),
                key: "password".into(),
                lifetime: Lifetime::Sticky,
                kind: CredentialKind::Given,
                hash: None,
            };
            let entry = Entry {
                claim: "data".into(),
                namespace: None,
                uid: uid.into(),
                volume: None,
                created: Timestamp::UNIX_EPOCH,
                size: None,
                image: None,
                image_ready: false,
                credentials: vec![credential],
            };
            let release = Release { namespace: "shop".into(), name: "shop".into() };
            Past { ledger: Some(Ledger { release, key: LedgerKey([0; 32]), entries: vec![entry] }), ..Past::default() }
        };
        let mut facts = Facts { volumes: Known::Yes(BTreeMap::new()), ..Facts::default() };
        facts.claims.insert(("shop".into(), "data".into()), claim("1Gi"));
        facts.live.insert(id.clone(), live(&data("bmV3", "bmV3")));
        let manifest = || Manifest { objects: vec![object(id.clone(), &data("b2xk", "b2xk"))], ..Manifest::default() };
        let mut back = manifest();
        let kept = keep_data(&mut back, &past("uid-data"), &facts, &Rotate::Nothing);
        assert_eq!(kept, ["`password` of Secret `login` stays: it opens claim `data`"]);
        assert_eq!(back.objects[0].body.to_json(), data("bmV3", "b2xk"));
        let mut back = manifest();
        assert_eq!(keep_data(&mut back, &past("another"), &facts, &Rotate::Nothing), Vec::<String>::new());
        assert_eq!(back.objects[0].body.to_json(), data("b2xk", "b2xk"), "that claim is gone");
    }
}
