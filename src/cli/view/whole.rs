//! The whole of an object that would be made, or that would go: its canonical YAML, nothing secret in it.

use std::collections::BTreeMap;

use super::style::{BAD, GOOD};
use super::unified::every_line;
use crate::action::deploy::Prepared;
use crate::manifest;
use crate::object::{Mask, Object, ObjectId};
use crate::plan::{Change, Generated, Report};
use crate::yaml::{self, Node, Text, Value};

/// What a plan makes, and what it deletes, as far as that is known.
#[derive(Default)]
pub(in crate::cli) struct Contents<'a>(BTreeMap<&'a ObjectId, &'a Object>);

impl<'a> Contents<'a> {
    /// What is applied, and what goes as it was last recorded.
    pub(in crate::cli) fn of(prepared: &'a Prepared) -> Self {
        let all = prepared.plan.objects().chain(&prepared.leaving);
        Self(all.map(|object| (&object.id, object)).collect())
    }

    /// The whole of an object to which this happens, if it is to be told.
    pub(super) fn whole(&self, id: &ObjectId, change: Change, mask: &Mask) -> Option<Whole<'a>> {
        let sign = match change {
            Change::Create => '+',
            Change::Delete => '-',
            Change::Update | Change::Replace | Change::Keep => return None,
        };
        let object = self.0.get(id)?;
        Some(Whole { object, body: mask.node(&manifest::masked(object)), sign })
    }
}

/// An object that would be made, or that would go.
pub(super) struct Whole<'a> {
    object: &'a Object,
    body: Node,
    sign: char,
}

impl Whole<'_> {
    /// For programs. Generated values are left out.
    pub(super) fn json(&self) -> serde_json::Value {
        self.body.to_json()
    }

    /// All its lines. Of generated values it is told what becomes of them.
    pub(super) fn text(mut self, report: &Report) -> String {
        let data = self.body.as_map_mut().and_then(|map| map.get_mut("data")).and_then(Node::as_map_mut);
        for (key, value) in data.into_iter().flatten() {
            if value.as_text().is_some_and(Text::is_generated) {
                value.value = Value::from(match report.generated.get(&(self.object.id.clone(), key.clone())) {
                    Some(Generated::New) => "(generated, new)",
                    Some(Generated::Kept) => "(generated, kept)",
                    None => "(generated)",
                });
            }
        }
        let style = if self.sign == '+' { GOOD } else { BAD };
        every_line(&yaml::write(&self.body), self.sign, style)
    }
}
