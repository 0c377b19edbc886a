//! Values that somebody gave and nothing reads: most often a typing mistake.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::schema_names;
use super::handlebars::{Reads, Step};
use super::unit::Unit;
use crate::diagnostic::{Diagnostic, SourceId, nearest};
use crate::yaml::{Map, Node, Value};

/// What is read, as a tree below `values`.
#[derive(Debug, Default)]
struct Reading {
    /// All below is read.
    whole: bool,
    keys: BTreeMap<String, Reading>,
    item: Option<Box<Reading>>,
}

impl Reading {
    fn add(&mut self, path: &[Step], whole: bool) {
        match path.split_first() {
            None => self.whole |= whole,
            Some((Step::Key(key), rest)) => self.keys.entry(key.clone()).or_default().add(rest, whole),
            Some((Step::Item, rest)) => self.item.get_or_insert_default().add(rest, whole),
        }
    }

    fn key(&self, key: &str) -> Option<&Self> {
        self.keys.get(key).or(self.item.as_deref())
    }
}

/// Warns of keys in the values of `unit` that come from other texts than `defaults` (the charts' own values.yaml), that
/// no template reads and no schema names. `global` and the names of subcharts are not this chart's to read.
pub(super) fn warnings(unit: &Unit<'_>, reads: &Reads, defaults: &BTreeSet<SourceId>) -> Vec<Diagnostic> {
    let mut reading = Reading::default();
    for read in &reads.reads {
        reading.add(&read.path, read.whole);
    }
    for condition in &unit.conditions {
        let path: Vec<Step> = condition.split('.').map(|key| Step::Key(key.to_owned())).collect();
        reading.add(&path, true);
    }
    let mut search = Search { unit, defaults, warnings: Vec::new() };
    if let Value::Map(map) = &unit.values.value {
        search.map(map, &reading, &mut Vec::new());
    }
    search.warnings
}

struct Search<'s> {
    unit: &'s Unit<'s>,
    defaults: &'s BTreeSet<SourceId>,
    warnings: Vec<Diagnostic>,
}

impl Search<'_> {
    fn map(&mut self, map: &Map, reading: &Reading, path: &mut Vec<Step>) {
        if reading.whole {
            return;
        }
        for (key, node) in map {
            if path.is_empty() && self.belongs_to_others(key) {
                continue;
            }
            path.push(Step::Key(key.clone()));
            match reading.key(key) {
                Some(below) => {
                    if let Value::Map(map) = &node.value {
                        self.map(map, below, path);
                    }
                }
                None if self.is_given(node) && !schema_names(self.unit.chart, path) => {
                    self.warn(key, node, map, reading, path);
                }
                None => {}
            }
            path.pop();
        }
    }

    fn belongs_to_others(&self, key: &str) -> bool {
        let mut names = self
            .unit
            .chart
            .metadata
            .dependencies
            .iter()
            .flat_map(|dependency| [Some(&dependency.name), dependency.alias.as_ref()]);
        matches!(key, "global" | "tags") || names.any(|name| name.is_some_and(|name| name == key))
    }

    /// Whether some text other than a chart's values.yaml set the value or a part of it.
    fn is_given(&self, node: &Node) -> bool {
        let own = node.origin.from.is_known() && !self.defaults.contains(&node.origin.from.source);
        match &node.value {
            Value::Map(map) if !map.is_empty() => map.values().any(|child| self.is_given(child)),
            _ => own,
        }
    }

    fn warn(&mut self, key: &str, node: &Node, map: &Map, reading: &Reading, path: &[Step]) {
        let place =
            if self.defaults.contains(&node.key.source) || !node.key.is_known() { node.origin.from } else { node.key };
        let text: Vec<&str> = path
            .iter()
            .filter_map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                Step::Item => None,
            })
            .collect();
        let warning = Diagnostic::warning(format!("no template of `{}` reads `{}`", self.unit.name, text.join(".")));
        let warning = warning.at(place);
        let read = reading.keys.keys().map(String::as_str);
        let declared = map.iter().filter(|(_, node)| !self.is_given(node)).map(|(key, _)| key.as_str());
        self.warnings.push(match nearest(key, read.chain(declared)) {
            Some(near) => warning.hint(format!("did you mean `{near}`?")),
            None => warning,
        });
    }
}
