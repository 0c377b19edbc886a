//! Why an object that is to go is still there, and who can do something about it.

use crate::diagnostic::Diagnostic;
use crate::object::ObjectId;
use crate::yaml::Node;

/// Who made a volume, and erases it when its claim is gone.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

/// Why it is still there.
pub(super) fn why(id: &ObjectId, live: &Node) -> String {
    let finalizers: Vec<&str> = live.list_at(&["metadata", "finalizers"]).iter().filter_map(Node::as_str).collect();
    let is_going = live.at(&["metadata", "deletionTimestamp"]).is_some();
    match (volumes_phase(id, live), finalizers.as_slice()) {
        (Some("Released"), _) if !is_going => match live.str_at(&["metadata", "annotations", PROVISIONED_BY]) {
            Some(by) => format!("its claim is gone, but its provisioner `{by}` has not erased it yet (phase Released)"),
            None => "its claim is gone, but nobody has erased it (phase Released)".into(),
        },
        (Some("Failed"), _) if !is_going => {
            let why = live.str_at(&["status", "message"]).unwrap_or("nothing tells why");
            format!("it could not be erased (phase Failed): {why}")
        }
        _ if !is_going => "nobody has deleted it".into(),
        (_, []) => "it is being deleted".into(),
        (_, finalizers) => format!("it waits for `{}`", finalizers.join("`, `")),
    }
}

/// What to look at.
pub(super) fn advised(diagnostic: Diagnostic, id: &ObjectId, live: &Node) -> Diagnostic {
    if volumes_phase(id, live).is_none() {
        return diagnostic;
    }
    diagnostic
        .note("its data may still be there: what opens them is kept until it is gone")
        .hint(format!("look whether its provisioner runs; where the data are: `kubectl describe pv {}`", id.name))
}

fn volumes_phase<'a>(id: &ObjectId, live: &'a Node) -> Option<&'a str> {
    live.str_at(&["status", "phase"]).filter(|_| id.is("", "PersistentVolume"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_still_there_says_why() {
        let claim = ObjectId::claim("lab", "data");
        let volume = ObjectId::volume("pvc-1");
        let by = json!({"annotations": {PROVISIONED_BY: "example.com/disk"}});
        for (id, live, expected) in [
            (&claim, json!({"metadata": {}, "status": {"phase": "Bound"}}), "nobody has deleted it"),
            (&claim, json!({"metadata": {"deletionTimestamp": "x"}}), "it is being deleted"),
            (
                &claim,
                json!({"metadata": {"deletionTimestamp": "x", "finalizers": ["a/b", "c"]}}),
                "it waits for `a/b`, `c`",
            ),
            (
                &volume,
                json!({"metadata": by, "status": {"phase": "Released"}}),
                "its claim is gone, but its provisioner `example.com/disk` has not erased it yet (phase Released)",
            ),
            (
                &volume,
                json!({"metadata": by, "status": {"phase": "Failed", "message": "the disk is attached"}}),
                "it could not be erased (phase Failed): the disk is attached",
            ),
        ] {
            assert_eq!(why(id, &Node::from(&live)), expected);
        }
    }
}
