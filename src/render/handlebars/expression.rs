//! Reads the expressions within tags: the handlebars crate checks and parses, places and spelling come from the text.

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use serde_json::Value as Json;

use super::functions;
use super::lines::Lines;
use super::literal::{blank_end, collection_end, number, string_end};
use super::path::{Path, Start};
use super::syntax::{Call, Expression, Name, Term};
use crate::diagnostic::{Diagnostic, Origin, Span, nearest};
use crate::yaml::Node;

/// Arguments and options of a function, a block or a partial.
pub(super) type Given = (Vec<Expression>, Vec<(Name, Expression)>);

/// Reads expressions of one template.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) lines: Lines<'t>,
}

impl Reader<'_> {
    /// What a hole holds: a path, a literal, or a call without parentheses around it.
    pub(super) fn hole(&mut self, start: usize, end: usize) -> Result<Expression, Diagnostic> {
        let inner = &self.text[start..end];
        if let Some(path) = Path::plain(inner) {
            return Ok(Expression { span: self.lines.span(start, end), term: Term::Path(path) });
        }
        let name = start + symbol_length(inner);
        if name > start && blank_end(self.text, name) > name && blank_end(self.text, name) < end {
            let span = self.lines.span(start, name);
            let (arguments, options) = self.arguments(name, end)?;
            return Ok(Expression { span, term: call(&self.text[start..name], span, arguments, options)? });
        }
        match Parameter::parse(inner) {
            Ok(parameter) => self.parameter(&parameter, start).map(|(expression, _)| expression),
            Err(_) => Err(self.unreadable(start, end)),
        }
    }

    /// The arguments between two offsets: `a.b "c" key=(d)`.
    pub(super) fn arguments(&mut self, start: usize, end: usize) -> Result<Given, Diagnostic> {
        let inner = self.text[start..end].trim();
        if inner.is_empty() {
            return Ok(Given::default());
        }
        let start = blank_end(self.text, start);
        if let Some(path) = Path::plain(inner) {
            let expression = Expression { span: self.lines.span(start, start + inner.len()), term: Term::Path(path) };
            return Ok((vec![expression], Vec::new()));
        }
        let Ok(Parameter::Subexpression(tree)) = Parameter::parse(&format!("(f {inner})")) else {
            return Err(self.unreadable(start, start + inner.len()));
        };
        let TemplateElement::Expression(tree) = tree.as_element() else {
            return Err(self.unreadable(start, start + inner.len()));
        };
        let (given, after) = self.given(tree, start)?;
        if blank_end(self.text, after) < end {
            return Err(self.unreadable(after, end));
        }
        Ok(given)
    }

    /// Walks over arguments that begin at `at` beside what the crate made of them; also says where they end.
    fn given(&mut self, tree: &HelperTemplate, at: usize) -> Result<(Given, usize), Diagnostic> {
        let mut at = at;
        let mut parameters = tree.params.iter();
        let (mut arguments, mut options) = Given::default();
        loop {
            let start = blank_end(self.text, at);
            let name = start + symbol_length(&self.text[start..]);
            let equals = blank_end(self.text, name);
            if name > start && self.text[equals..].starts_with('=') {
                let name = Name { text: self.text[start..name].to_owned(), span: self.lines.span(start, name) };
                let Some(parameter) = tree.hash.get(&name.text) else { return Err(self.unreadable(start, equals + 1)) };
                if options.iter().any(|(given, _): &(Name, Expression)| given.text == name.text) {
                    return Err(Diagnostic::error(format!("`{}` is given twice", name.text)).at(name.span));
                }
                let (expression, end) = self.parameter(parameter, blank_end(self.text, equals + 1))?;
                options.push((name, expression));
                at = end;
            } else if let Some(parameter) = parameters.next() {
                let (expression, end) = self.parameter(parameter, start)?;
                arguments.push(expression);
                at = end;
            } else {
                return Ok(((arguments, options), at));
            }
        }
    }

    /// One parameter that begins at `start`; also says where it ends.
    fn parameter(&mut self, parameter: &Parameter, start: usize) -> Result<(Expression, usize), Diagnostic> {
        match parameter {
            Parameter::Path(_) | Parameter::Name(_) => {
                let raw = parameter.as_name().unwrap_or_default();
                let end = start + raw.len();
                if self.text.get(start..end) != Some(raw) {
                    return Err(self.unreadable(start, start));
                }
                let span = self.lines.span(start, end);
                Ok((Expression { span, term: Term::Path(Path::read(raw)) }, end))
            }
            Parameter::Literal(json) => self.literal(json, start),
            Parameter::Subexpression(tree) => {
                let TemplateElement::Expression(tree) = tree.as_element() else {
                    return Err(self.unreadable(start, start));
                };
                self.subexpression(tree, start)
            }
            _ => Err(self.unreadable(start, start)),
        }
    }

    fn subexpression(&mut self, tree: &HelperTemplate, start: usize) -> Result<(Expression, usize), Diagnostic> {
        let begin = blank_end(self.text, start + 1);
        let raw = tree.name.as_name().unwrap_or_default();
        let end = begin + raw.len();
        if raw.is_empty() || self.text.get(begin..end) != Some(raw) {
            return Err(self.unreadable(start, start));
        }
        let span = self.lines.span(begin, end);
        let (term, end) = if tree.params.is_empty() && tree.hash.is_empty() {
            let path = Path::read(raw);
            match (path.start, path.segments.as_slice()) {
                (Start::Name, [name]) => (call(name, span, Vec::new(), Vec::new())?, end),
                _ => (Term::Path(path), end),
            }
        } else {
            let ((arguments, options), end) = self.given(tree, end)?;
            (call(raw, span, arguments, options)?, end)
        };
        let close = blank_end(self.text, end);
        if !self.text[close..].starts_with(')') {
            return Err(self.unreadable(start, close));
        }
        Ok((Expression { span, term }, close + 1))
    }

    fn literal(&mut self, json: &Json, start: usize) -> Result<(Expression, usize), Diagnostic> {
        let rest = &self.text[start..];
        let end = match json {
            Json::String(_) => string_end(self.text, start),
            Json::Array(_) | Json::Object(_) => collection_end(self.text, start, usize::MAX),
            Json::Number(_) => {
                let length = rest.find(|char: char| !(char.is_ascii_digit() || "-.E".contains(char)));
                Some(start + length.unwrap_or(rest.len()))
            }
            Json::Null | Json::Bool(_) => Some(start + symbol_length(rest)),
        };
        let Some(end) = end else { return Err(self.unreadable(start, start)) };
        let span = self.lines.span(start, end);
        let origin = Origin::template(span.place);
        let mut node = match json {
            Json::Number(_) => {
                let spelled = number(&self.text[start..end]).ok_or_else(|| {
                    Diagnostic::error("number does not fit 64 bits").at(span).hint("quote it to make it a string")
                })?;
                Node::new(spelled)
            }
            _ => Node::from(json),
        };
        node.origin = origin;
        Ok((Expression { span, term: Term::Literal(node) }, end))
    }

    /// What to say of a tag that the crate can't read: the commonest mistakes by name.
    fn unreadable(&mut self, start: usize, end: usize) -> Diagnostic {
        let text = self.text[start..end.max(start)].trim_end();
        let span = self.lines.span(start, start + text.len());
        let open = text.matches('(').count();
        let closed = text.matches(')').count();
        let said = |hint: &str| Diagnostic::error(format!("can't read `{text}`")).at(span).hint(hint);
        let operators = [
            ("==", "compare with `(eq a b)`"),
            ("!=", "compare with `(ne a b)`"),
            ("&&", "combine conditions with `(and a b)`"),
            ("||", "combine conditions with `(or a b)`"),
            (">=", "compare with `(ge a b)`"),
            ("<=", "compare with `(le a b)`"),
            (">", "compare with `(gt a b)`"),
            ("<", "compare with `(lt a b)`"),
            (",", "arguments are separated by spaces"),
            ("+", "join texts with `(concat a b)`"),
        ];
        if open != closed {
            let which = if open > closed { "`(` is not closed" } else { "`)` closes nothing" };
            return Diagnostic::error(which).at(span);
        }
        if let Some((_, hint)) = operators.iter().find(|(operator, _)| text.contains(operator)) {
            return said(hint);
        }
        if text.starts_with('!') {
            return said("negate with `(not a)`");
        }
        said("write a path (`values.image.tag`), a literal, or a function with its arguments (`upper values.name`)")
    }
}

/// The length of the name that a text begins with, by the crate's rule for symbols.
pub(super) fn symbol_length(text: &str) -> usize {
    let symbol = |char: char| char.is_ascii_alphanumeric() || "-_$:".contains(char) || char >= '\u{80}';
    text.find(|char| !symbol(char)).unwrap_or(text.len())
}

/// A call of a function that must exist and take so many arguments and those options.
fn call(
    name: &str,
    span: Span,
    arguments: Vec<Expression>,
    options: Vec<(Name, Expression)>,
) -> Result<Term, Diagnostic> {
    let Some(function) = functions::find(name) else {
        let error = Diagnostic::error(format!("there is no function `{name}`")).at(span);
        return Err(match nearest(name, functions::all().map(|function| function.name)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("a value is put in by its path alone: `{{values.name}}`"),
        });
    };
    let usage = || format!("usage: `{}`", function.signature);
    let (least, most) = function.arity;
    if arguments.len() < least || arguments.len() > most {
        let wanted = match (least, most) {
            (least, most) if least == most => least.to_string(),
            (least, usize::MAX) => format!("at least {least}"),
            (least, most) => format!("{least} to {most}"),
        };
        let s = if wanted == "1" || wanted == "at least 1" { "" } else { "s" };
        return Err(Diagnostic::error(format!("`{name}` takes {wanted} argument{s}, not {}", arguments.len()))
            .at(span)
            .hint(usage()));
    }
    if !function.options.contains(&"*") {
        for (option, _) in &options {
            if !function.options.contains(&option.text.as_str()) {
                let mut diagnostic =
                    Diagnostic::error(format!("`{name}` has no option `{}`", option.text)).at(option.span);
                if let Some(near) = nearest(&option.text, function.options.iter().copied()) {
                    diagnostic = diagnostic.hint(format!("did you mean `{near}`?"));
                }
                return Err(diagnostic.hint(usage()));
            }
        }
    }
    Ok(Term::Call(Call { function, span, arguments, options }))
}
