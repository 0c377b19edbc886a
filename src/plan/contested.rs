//! Fields that somebody else owns and that we want otherwise: server-side apply would refuse them. Told before
//! anything is sent, in the words in which the server's own refusal is told.

use super::managed::Managed;
use crate::diagnostic::Diagnostic;
use crate::object::{FieldPath, MASKED, Object, marks};
use crate::yaml::Node;

/// A field that others own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contested {
    /// Which field, as it is shown.
    pub field: String,
    /// The same as a path, if it is one.
    pub path: Option<FieldPath>,
    /// Who owns it, ready to be shown.
    pub owners: Vec<String>,
}

impl Contested {
    /// A sentence that begins with `cannot` ("cannot apply `Deployment/web`"), with both values, the lines that want
    /// the field, and what to choose from.
    pub fn diagnostic(&self, cannot: &str, object: Option<&Object>, live: Option<&Node>) -> Diagnostic {
        let find = |root: &'_ Node| self.path.as_ref().and_then(|path| path.find(root)).cloned();
        let (wanted, live) = (object.and_then(|object| find(&object.body)), live.and_then(find));
        let secret = object
            .is_some_and(|object| object.id.is_secret() || self.path.as_ref().is_some_and(|path| object.hides(path)));
        let mut why = format!("field `{}` belongs to {}", self.field, self.owners.join(" and "));
        match (wanted.as_ref().and_then(short), live.as_ref().and_then(short)) {
            (Some(_), Some(_)) if secret => why = format!("{why}, which set it to `{MASKED}`; another value is wanted"),
            (Some(wanted), Some(live)) => why = format!("{why}, which set it to {live}; wanted is {wanted}"),
            _ => {}
        }
        let mut diagnostic = Diagnostic::error(format!("{cannot}: {why}"));
        if let Some(node) = wanted {
            diagnostic = diagnostic.at(node.origin.at).note_at("set here", node.origin.from);
        }
        diagnostic.hint("`--force-conflicts` takes such fields over; or leave the field out of the chart")
    }
}

/// A value in one line; none for what would need more.
fn short(node: &Node) -> Option<String> {
    Some(format!("`{}`", node.to_json())).filter(|text| text.chars().count() <= 60)
}

/// The fields that somebody owns beside us, or instead of us, among those whose value an apply would change. Fields
/// of the managers in `moved` become ours before.
pub(super) fn contested(managed: &Managed<'_>, changed: &[FieldPath], moved: &[String]) -> Vec<Contested> {
    let ours = [marks::MANAGER, marks::MANAGER_GENERATED, marks::MANAGER_STAMP];
    changed
        .iter()
        .filter_map(|path| {
            let owners = managed.owners(&path.0, |manager, subresource| {
                !ours.contains(&manager) && (subresource.is_some() || !moved.iter().any(|old| old == manager))
            });
            (!owners.is_empty()).then(|| Contested { field: path.to_string(), path: Some(path.clone()), owners })
        })
        .collect()
}
