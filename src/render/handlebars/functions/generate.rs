//! Values that are decided when the chart is applied.

use super::super::held::Held;
use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::diagnostic::Diagnostic;
use crate::yaml::{Charset, GeneratedKey, Node, Text};

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "generate",
    signature: "generate \"name\" length=32 charset=\"alnum\"",
    doc: "a random value for a Secret, made once and kept as long as what it opened; charsets are alnum, alpha, digits, hex",
    arity: (1, 1),
    options: &["length", "charset"],
    run: generate,
}];

/// A value must be this hard to guess (DESIGN: 128 bits or more).
const LEAST_BITS: f64 = 128.0;
const MAX_LENGTH: i64 = 1024;
const DEFAULT_LENGTH: u32 = 32;

fn generate<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let name = arguments.string(0)?;
    if name.is_empty() {
        return Err(arguments.error(0, "a generated value needs a name"));
    }
    let charset = match arguments.option("charset")? {
        None => Charset::Alnum,
        Some((held, span)) => match held.node().as_str() {
            Some("alnum") => Charset::Alnum,
            Some("alpha") => Charset::Alpha,
            Some("digits") => Charset::Digits,
            Some("hex") => Charset::Hex,
            _ => {
                return Err(Diagnostic::error("charset must be `alnum`, `alpha`, `digits` or `hex`").at(span));
            }
        },
    };
    let length = match arguments.option("length")? {
        None => DEFAULT_LENGTH,
        Some((held, span)) => held
            .node()
            .as_i64()
            .filter(|length| (1..=MAX_LENGTH).contains(length))
            .and_then(|length| u32::try_from(length).ok())
            .ok_or_else(|| Diagnostic::error(format!("length must be an integer from 1 to {MAX_LENGTH}")).at(span))?,
    };
    let bits_each = f64::from(u32::try_from(charset.alphabet().len()).unwrap_or(1)).log2();
    if f64::from(length) * bits_each < LEAST_BITS {
        let least = (LEAST_BITS / bits_each).ceil();
        return Err(Diagnostic::error(format!("{length} characters of this charset are too easy to guess"))
            .at(arguments.span())
            .hint(format!("128 bits take at least {least} characters: `length={least}`")));
    }
    let key = GeneratedKey { name, length, charset };
    arguments.budget().generate(&key, arguments.span())?;
    Ok(Held::made(Node::new(Text::generated(key))))
}
