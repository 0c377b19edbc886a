//! Values of an upgrade that begins with those of the last revision.

use crate::action::{Reading, Remark};
use crate::release::Past;
use crate::yaml::{Node, Value};

use super::Reuse;

/// Values of a revision, with those of an earlier one below them.
pub(super) struct Begun {
    /// What counts as given: kept in the record.
    pub(super) given: Node,
    /// What the chart's defaults are overlaid with.
    pub(super) effective: Node,
}

/// The given values over those of the last revision that was in force, else of the newest one. Helm's rules
/// (`reuseValues` in `pkg/action/upgrade.go`); but what only the chart at hand has a default for begins with that,
/// where Helm has nothing.
pub(super) fn begun(given: Node, reuse: Reuse, past: &Past, reading: &mut Reading) -> Begun {
    let record = past.deployed().or_else(|| past.newest()).filter(|_| reuse != Reuse::Nothing);
    let Some(record) = record else { return Begun { effective: given.clone(), given } };
    reading.remarks.push(Remark::Reused(record.revision, reuse));
    let given = over(record.values.clone(), given);
    let effective = match (reuse, &record.computed) {
        // A null that was given is in the given values alone: it still has to delete a default.
        (Reuse::Everything, Some(computed)) => over(computed.clone(), given.clone()),
        _ => given.clone(),
    };
    Begun { given, effective }
}

/// Maps merge, everything else replaces. Unlike [`crate::values::merge`] a null stays: it still has to delete a default
/// of the chart.
fn over(base: Node, given: Node) -> Node {
    match (base.value, given) {
        (Value::Map(mut base), Node { value: Value::Map(given), origin, key }) => {
            for (name, node) in given {
                let node = match base.get_mut(&name) {
                    Some(below) => over(std::mem::take(below), node),
                    None => node,
                };
                base.insert(name, node);
            }
            Node { value: Value::Map(base), origin, key }
        }
        (_, given) => given,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_now_wins_and_a_null_still_deletes_a_default() {
        let base = Node::from(&serde_json::json!({"a": {"b": 1, "c": 2}, "list": [1, 2], "d": 3}));
        let given = Node::from(&serde_json::json!({"a": {"b": null}, "list": [3], "e": {"f": 4}}));
        let both = serde_json::json!({"a": {"b": null, "c": 2}, "list": [3], "d": 3, "e": {"f": 4}});
        assert_eq!(over(base, given).to_json(), both);
    }
}
