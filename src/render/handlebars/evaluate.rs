//! Expressions to values.

use super::budget::{Budget, weight};
use super::functions::Arguments;
use super::held::Held;
use super::missing;
use super::scope::Scopes;
use super::syntax::{Expression, Term};
use crate::diagnostic::Diagnostic;

/// What expressions are evaluated with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evaluator<'e, 'v> {
    pub(super) scopes: &'e Scopes<'v>,
    pub(super) budget: &'e Budget,
}

impl<'v> Evaluator<'_, 'v> {
    /// The value of an expression, which must have one.
    pub(super) fn value(self, expression: &'v Expression) -> Result<Held<'v>, Diagnostic> {
        match &expression.term {
            Term::Literal(node) => Ok(Held::Borrowed(node)),
            Term::Path(path) => self
                .scopes
                .find(path)
                .map_err(|missing| missing::complain(path, expression.span, &missing, self.scopes)),
            Term::Call(call) => {
                self.budget.step(call.span)?;
                let held = (call.function.run)(&Arguments { evaluator: self, call })?;
                if let Held::Made(node) = &held {
                    self.budget.make(weight(node), call.span)?;
                }
                Ok(held)
            }
        }
    }

    /// The value of an expression; none if it is null or absent. What is wrong stays an error.
    pub(super) fn asked(self, expression: &'v Expression) -> Result<Option<Held<'v>>, Diagnostic> {
        let held = match &expression.term {
            Term::Path(path) => match self.scopes.find(path) {
                Ok(held) => held,
                Err(missing) if missing.is_absence() => return Ok(None),
                Err(missing) => return Err(missing::complain(path, expression.span, &missing, self.scopes)),
            },
            _ => self.value(expression)?,
        };
        Ok(Some(held).filter(|held| !held.node().is_null()))
    }

    /// Whether a condition holds; what is absent is false.
    pub(super) fn holds(self, expression: &'v Expression, include_zero: bool) -> Result<bool, Diagnostic> {
        Ok(self.asked(expression)?.is_some_and(|held| held.is_true(include_zero)))
    }
}
