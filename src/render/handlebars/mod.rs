//! Handlebars templates over typed values.
//!
//! The language is handlebars'; its crate checks and parses every expression. Finding the tags, block structure, white
//! space and evaluation are ours (docs/decisions/0001), so that each hole takes a value with its type, spelling and
//! origin:
//!
//! ```text
//! text ─ tag ─ block, expression ─ syntax ─ player (scope, evaluate, functions) ─ output ─ fill ─ nodes
//! ```
//!
//! A hole writes a token into the text. The text is parsed as YAML, and each token is replaced by its value then: no
//! value ever reaches the parser, so none can change a document's structure.

mod block;
mod budget;
mod call;
mod evaluate;
mod expression;
mod fill;
mod foreign;
mod frames;
pub mod functions;
mod held;
mod lines;
mod literal;
mod missing;
mod output;
mod overlay;
mod path;
mod place;
mod player;
mod program;
mod reads;
mod scope;
mod syntax;
mod tag;
mod white;

pub(super) use block::read;
pub(super) use budget::Budget;
pub(super) use call::LIBRARY;
pub(super) use program::{Program, calls};
pub(super) use reads::{Reads, Step, reads};
pub(super) use syntax::Template;

use fill::Filler;
use player::Player;

use super::root::Root;
use crate::diagnostic::{Diagnostic, Place, SourceMap};
use crate::yaml::Node;

/// What a template is evaluated with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'v> {
    /// The partials it can call.
    pub(super) program: &'v Program<'v>,
    /// The context it sees.
    pub(super) root: &'v Root<'v>,
    /// What the whole rendering may cost.
    pub(super) budget: &'v Budget,
    /// Texts, for messages.
    pub(super) sources: &'v SourceMap,
}

/// Evaluates a template to YAML documents; empty ones are left out.
pub(super) fn documents<'v>(template: &'v Template, scene: Scene<'v>) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let player = play(template, scene)?;
    let documents = player.documents(&player.output).map_err(|error| vec![error])?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

/// Evaluates a template to plain text.
pub(super) fn text<'v>(template: &'v Template, scene: Scene<'v>) -> Result<String, Vec<Diagnostic>> {
    let player = play(template, scene)?;
    let filler = Filler::new(&player.output, &player.holes);
    let (text, _) = filler.text(player.output.text()).map_err(|error| vec![error])?;
    text.known().map(str::to_owned).ok_or_else(|| {
        let error = Diagnostic::error("a generated value can't be shown in notes");
        let error = error.at(Place::new(template.source, 1, 1));
        vec![error.hint("say `kchart get credentials {{release.name}} --reveal` instead")]
    })
}

fn play<'v>(template: &'v Template, scene: Scene<'v>) -> Result<Player<'v>, Vec<Diagnostic>> {
    let mut player = Player::new(scene);
    let played = player.elements(&template.body);
    if played.is_err() || !player.errors.is_empty() {
        return Err(player.errors);
    }
    Ok(player)
}
