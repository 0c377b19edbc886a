//! Nodes to canonical text that kubectl (YAML 1.1) and readers of YAML 1.2 read as the same thing.
//!
//! Block style, lists at the indentation of their key, no anchors, no tags. How strings are written is in `quote`.
//! Entries whose text has a generated part are left out: they exist only in the cluster.

use super::dialect::Dialect;
use super::{Map, Node, Spelled, Value, quote};

/// One document, without `---`.
pub fn write(node: &Node) -> String {
    let mut writer = Writer::default();
    writer.document(node);
    writer.out
}

/// Several documents, `---` between them.
pub fn write_documents<'n>(nodes: impl IntoIterator<Item = &'n Node>) -> String {
    let mut writer = Writer::default();
    for (index, node) in nodes.into_iter().enumerate() {
        if index > 0 {
            writer.out.push_str("---\n");
        }
        writer.document(node);
    }
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
}

impl Writer {
    fn document(&mut self, node: &Node) {
        if is_generated(node) {
            self.out.push_str("null\n# generated at install, never rendered\n");
            return;
        }
        self.node(node, 0);
        self.out.push('\n');
    }

    /// A node whose first character stands at the cursor; following lines are indented by `indent`.
    fn node(&mut self, node: &Node, indent: usize) {
        match &node.value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => self.number(number),
            Value::Text(text) => quote::value(text.known().unwrap_or_default(), indent.max(2), &mut self.out),
            Value::List(items) => self.list(items, indent),
            Value::Map(map) => self.map(map, indent),
        }
    }

    fn list(&mut self, items: &[Node], indent: usize) {
        let mut first = true;
        for item in items.iter().filter(|item| !is_generated(item)) {
            self.separate(&mut first, indent);
            self.out.push_str("- ");
            self.node(item, indent + 2);
        }
        if first {
            self.out.push_str("[]");
        }
    }

    fn map(&mut self, map: &Map, indent: usize) {
        // A map of nothing but comments would be read as null.
        let empty = map.values().all(is_generated);
        if empty {
            self.out.push_str("{}");
        }
        let mut first = !empty;
        for (key, node) in map {
            self.separate(&mut first, indent);
            if is_generated(node) {
                self.out.push_str("# ");
                quote::key(key, &mut self.out);
                self.out.push_str(": generated at install, never rendered");
                continue;
            }
            let start = self.out.len();
            quote::key(key, &mut self.out);
            if self.out.len() - start > quote::LONGEST_KEY {
                // Readers look for the colon of a plain key within 1024 characters only.
                self.out.insert_str(start, "? ");
                self.line(indent);
            }
            self.out.push(':');
            match &node.value {
                Value::Map(map) if map.values().any(|node| !is_generated(node)) => {
                    self.line(indent + 2);
                    self.map(map, indent + 2);
                }
                Value::List(items) if items.iter().any(|item| !is_generated(item)) => {
                    self.line(indent);
                    self.list(items, indent);
                }
                _ => {
                    self.out.push(' ');
                    self.node(node, indent + 2);
                }
            }
        }
    }

    /// Begins a new line, but for the first entry, which stands at the cursor.
    fn separate(&mut self, first: &mut bool, indent: usize) {
        if !std::mem::take(first) {
            self.line(indent);
        }
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// As it was written, where all readers see the same number in it.
    fn number(&mut self, number: &Spelled) {
        let same =
            |dialect: Dialect| matches!(dialect.resolve(number.as_str()), Ok(Value::Number(read)) if read == *number);
        if same(Dialect::Core12) && same(Dialect::Kubectl11) {
            self.out.push_str(number.as_str());
        } else if number.is_integer() {
            self.out.push_str(&number.to_json().to_string());
        } else {
            self.out.push_str(&canonical_float(number.as_f64()));
        }
    }
}

/// With a point, and a sign in the exponent: also readers of the letter of YAML 1.1 take it for a float.
fn canonical_float(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        None => text,
        Some((mantissa, exponent)) => {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{mantissa}{point}e{sign}{exponent}")
        }
    }
}

fn is_generated(node: &Node) -> bool {
    node.as_text().is_some_and(super::Text::is_generated)
}
