//! What anchors stand for, and what a copy of it costs.

use super::limits::BYTES_PER_NODE;
use super::{Node, Part, Value};

/// The anchors of one document.
#[derive(Default)]
pub(super) struct Anchors {
    nodes: Vec<Option<(Node, Cost)>>,
}

/// What a copy of a node costs.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    /// Nodes, long strings counted as several.
    pub(super) nodes: usize,
    /// Levels below it.
    pub(super) height: usize,
}

impl Anchors {
    /// The node; none while it is still being read, which is when it contains itself.
    pub(super) fn get(&self, id: usize) -> Option<&Node> {
        self.nodes.get(id)?.as_ref().map(|(node, _)| node)
    }

    /// A copy and its cost. Each node that is kept was paid for, so a single copy can't be large.
    pub(super) fn copy(&self, id: usize) -> Option<(Node, Cost)> {
        self.nodes.get(id)?.clone()
    }

    pub(super) fn set(&mut self, id: usize, node: &Node, cost: Cost) {
        if self.nodes.len() <= id {
            self.nodes.resize(id + 1, None);
        }
        self.nodes[id] = Some((node.clone(), cost));
    }
}

impl Cost {
    pub(super) fn of(node: &Node) -> Self {
        let children = |nodes: &mut dyn Iterator<Item = &Node>| {
            nodes.map(Self::of).fold(Self { nodes: 1, height: 0 }, |sum, cost| Self {
                nodes: sum.nodes + cost.nodes,
                height: sum.height.max(cost.height + 1),
            })
        };
        match &node.value {
            Value::List(items) => children(&mut items.iter()),
            Value::Map(map) => {
                let keys: usize = map.keys().map(|key| key.len() / BYTES_PER_NODE).sum();
                let cost = children(&mut map.values());
                Self { nodes: cost.nodes + keys, ..cost }
            }
            Value::Text(text) => {
                let bytes: usize = text.parts().iter().map(known_bytes).sum();
                Self { nodes: 1 + bytes / BYTES_PER_NODE, height: 0 }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Self { nodes: 1, height: 0 },
        }
    }
}

fn known_bytes(part: &Part) -> usize {
    match part {
        Part::Known(text) => text.len(),
        Part::Generated(_) => 0,
    }
}
