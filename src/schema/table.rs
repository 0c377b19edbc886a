//! Reads `kubernetes.table`, whose form is described in its generator, `tests/cluster/schema-table`.
//!
//! The text is cut into blocks once, at first use (some 0.1 ms); a type is read when somebody looks at it. A line
//! that can't be read becomes "anything goes": the table is tested whole, so no caller has to deal with errors.

use std::sync::OnceLock;

use super::{ListKind, Scope, Shape};

static TEXT: &str = include_str!("kubernetes.table");
static TABLE: OnceLock<Table> = OnceLock::new();

/// The whole table.
pub(super) struct Table {
    /// The Kubernetes version it was made from.
    pub(super) version: &'static str,
    /// Sorted by group, kind and version.
    pub(super) kinds: Vec<KindLine>,
    /// Sorted by name.
    types: Vec<Block>,
}

/// A kind that the API serves.
pub(super) struct KindLine {
    pub(super) group: &'static str,
    pub(super) kind: &'static str,
    pub(super) version: &'static str,
    pub(super) plural: &'static str,
    pub(super) scope: Scope,
    type_name: &'static str,
}

/// A type that nobody may have looked at yet.
struct Block {
    name: &'static str,
    /// Its line without `type NAME `, and its fields' lines.
    text: &'static str,
    read: OnceLock<Spec>,
}

/// What a line says.
#[derive(Debug, Default)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) list: Option<ListKind>,
    /// Items of a list, values of a map.
    pub(super) inner: Option<Box<Spec>>,
    /// Another type that says the rest.
    pub(super) target: Option<&'static str>,
    /// That type, once it was looked up.
    found: OnceLock<Option<&'static Spec>>,
    pub(super) format: Option<&'static str>,
    pub(super) enums: Vec<String>,
    pub(super) atomic: bool,
    pub(super) default: Option<&'static str>,
    /// Sorted by name.
    pub(super) fields: Vec<FieldLine>,
}

/// A field of a type.
#[derive(Debug)]
pub(super) struct FieldLine {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) spec: Spec,
}

impl Spec {
    /// The type that says what this one looks like: another, or itself.
    pub(super) fn definition(&'static self) -> &'static Self {
        let Some(target) = self.target else { return self };
        self.found.get_or_init(|| table().spec(target)).unwrap_or(self)
    }
}

/// The table, cut into blocks at first use.
pub(super) fn table() -> &'static Table {
    TABLE.get_or_init(|| cut(TEXT))
}

impl Table {
    /// A kind's line.
    pub(super) fn kind(&self, group: &str, version: &str, kind: &str) -> Option<&KindLine> {
        let wanted = (group, kind, version);
        let found = self.kinds.binary_search_by(|line| (line.group, line.kind, line.version).cmp(&wanted)).ok()?;
        self.kinds.get(found)
    }

    /// A type by its name in the table.
    pub(super) fn spec(&'static self, name: &str) -> Option<&'static Spec> {
        let found = self.types.binary_search_by(|block| block.name.cmp(name)).ok()?;
        let block = self.types.get(found)?;
        Some(block.read.get_or_init(|| read_block(block.name, block.text)))
    }

    /// The type of a kind.
    pub(super) fn spec_of(&'static self, line: &KindLine) -> Option<&'static Spec> {
        self.spec(line.type_name)
    }

    #[cfg(test)]
    pub(super) fn type_names(&self) -> impl Iterator<Item = &'static str> {
        self.types.iter().map(|block| block.name)
    }
}

fn cut(text: &'static str) -> Table {
    let (head, mut rest) = text.split_once("\ntype ").unwrap_or((text, ""));
    let mut lines = head.lines();
    let version = lines.next().and_then(|line| line.strip_prefix("kubernetes ")).unwrap_or("unknown");
    let mut kinds: Vec<_> = lines.filter_map(read_kind).collect();
    kinds.sort_unstable_by_key(|line| (line.group, line.kind, line.version));
    let mut types = Vec::with_capacity(1024);
    while !rest.is_empty() {
        let (block, after) = rest.split_once("\ntype ").unwrap_or((rest, ""));
        let (name, text) = block.split_once(' ').unwrap_or((block, "any"));
        types.push(Block { name, text, read: OnceLock::new() });
        rest = after;
    }
    types.sort_unstable_by_key(|block| block.name);
    Table { version, kinds, types }
}

fn read_kind(line: &'static str) -> Option<KindLine> {
    let mut words = line.strip_prefix("kind ")?.split(' ');
    let api_version = words.next()?;
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let (kind, plural) = (words.next()?, words.next()?);
    let scope = if words.next()? == "cluster" { Scope::Cluster } else { Scope::Namespaced };
    Some(KindLine { group, kind, version, plural, scope, type_name: words.next()? })
}

fn read_block(name: &'static str, text: &'static str) -> Spec {
    let mut lines = text.lines();
    let mut spec = lines.next().map(read_spec).unwrap_or_default();
    spec.name = name;
    spec.fields = lines.filter_map(read_field).collect();
    if spec.shape == Shape::Map && !spec.fields.is_empty() {
        spec.shape = Shape::Object;
    }
    spec
}

fn read_field(line: &'static str) -> Option<FieldLine> {
    let (name, text) = line.strip_prefix(' ')?.split_once(' ')?;
    let required = name.ends_with('!');
    Some(FieldLine { name: name.trim_end_matches('!'), required, spec: read_spec(text) })
}

/// Reads a shape and what follows it. `object` alone is a map of anything; with fields it becomes an object.
fn read_spec(text: &'static str) -> Spec {
    let mut spec = Spec::default();
    let mut words = text;
    spec.shape = match next(&mut words) {
        "string" => Shape::String,
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Boolean,
        "object" => Shape::Map,
        "quantity" => Shape::Quantity,
        "int-or-string" => Shape::IntOrString,
        "ref" => {
            spec.target = Some(next(&mut words));
            Shape::Any
        }
        "map" => return Spec { shape: Shape::Map, atomic: words.ends_with(" atomic"), ..around(words) },
        "list" | "atomic" => return Spec { list: Some(ListKind::Atomic), shape: Shape::List, ..around(words) },
        "set" => return Spec { list: Some(ListKind::Set), shape: Shape::List, ..around(words) },
        "keyed" => {
            let keys = next(&mut words).split(',').collect();
            return Spec { list: Some(ListKind::Map(keys)), shape: Shape::List, ..around(words) };
        }
        _ => Shape::Any,
    };
    while !words.is_empty() {
        let word = next(&mut words);
        match word.as_bytes().first() {
            Some(b'=') => spec.enums = read_enums(&word[1..]),
            Some(b'?') => spec.default = Some(&word[1..]),
            _ if word == "atomic" => spec.atomic = true,
            _ => spec.format = Some(word),
        }
    }
    spec
}

fn around(words: &'static str) -> Spec {
    Spec { inner: Some(Box::new(read_spec(words))), ..Spec::default() }
}

fn next(words: &mut &'static str) -> &'static str {
    let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
    *words = rest;
    word
}

fn read_enums(text: &str) -> Vec<String> {
    serde_json::from_str(&format!("[{text}]")).unwrap_or_default()
}
