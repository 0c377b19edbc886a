//! Names of other charts' objects.

use super::super::held::Held;
use super::Function;
use crate::render::naming::full_name;
use crate::yaml::Node;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "fullname",
    signature: "fullname chart",
    doc: "what `release.fullname` is in a subchart of that name (its alias, if it has one)",
    arity: (1, 1),
    options: &[],
    run: |arguments| {
        let name = full_name(arguments.root().release_name(), &arguments.string(0)?);
        Ok(Held::made(Node::new(name)))
    },
}];
