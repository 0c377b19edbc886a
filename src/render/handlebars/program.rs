//! The partials that the templates of one chart can call, each read once.

use std::collections::{BTreeMap, BTreeSet};

use super::syntax::{Element, PartialName, Template};

/// The partials of one chart, and those of the Library.
#[derive(Clone, Copy, Debug)]
pub(in crate::render) struct Program<'p> {
    /// The chart's own partials by name.
    pub(in crate::render) partials: &'p BTreeMap<String, Template>,
    /// The Library's, as far as they are used.
    pub(in crate::render) library: &'p BTreeMap<&'static str, Template>,
}

impl<'p> Program<'p> {
    /// The body of the chart's partial of that name.
    pub(super) fn partial(self, name: &str) -> Option<&'p [Element]> {
        self.partials.get(name).map(|template| template.body.as_slice())
    }

    /// The names of the chart's partials.
    pub(super) fn partial_names(self) -> impl Iterator<Item = &'p str> {
        self.partials.keys().map(String::as_str)
    }

    /// The body of the Library's partial of that name.
    pub(super) fn library(self, name: &str) -> Option<&'p [Element]> {
        self.library.get(name).map(|template| template.body.as_slice())
    }
}

/// The partials that a template calls by name; `None` stands for one whose name is computed.
pub(in crate::render) fn calls(template: &Template) -> BTreeSet<Option<String>> {
    let mut found = BTreeSet::new();
    collect(&template.body, &mut found);
    found
}

fn collect(elements: &[Element], found: &mut BTreeSet<Option<String>>) {
    for element in elements {
        match element {
            Element::Raw(_) | Element::Hole(_) => {}
            Element::If(choice) => {
                collect(&choice.then, found);
                collect(&choice.otherwise, found);
            }
            Element::Scoped(scoped) => {
                collect(&scoped.body, found);
                collect(&scoped.otherwise, found);
            }
            Element::Partial(partial) => {
                found.insert(match &partial.name {
                    PartialName::Static(name) => Some(name.text.clone()),
                    PartialName::Computed(_) => None,
                });
                collect(partial.block.as_deref().unwrap_or_default(), found);
            }
            Element::Inline(inline) => collect(&inline.body, found),
            Element::Merge(merge) => collect(&merge.body, found),
        }
    }
}
