//! Functions on strings. Any scalar is a string here, by its spelling.

use super::super::fill::{in_quotes, spelling};
use super::super::held::Held;
use super::arguments::Arguments;
use super::{Function, Outcome};
use crate::diagnostic::Origin;
use crate::yaml::{Node, Text, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "concat",
        signature: "concat a b …",
        doc: "strings, or lists, one after the other",
        arity: (1, usize::MAX),
        options: &[],
        run: concat,
    },
    Function {
        name: "join",
        signature: "join separator list",
        doc: "the items of a list as one string",
        arity: (2, 2),
        options: &[],
        run: join,
    },
    Function {
        name: "split",
        signature: "split separator text",
        doc: "the parts of a string between separators, as a list",
        arity: (2, 2),
        options: &[],
        run: split,
    },
    Function {
        name: "replace",
        signature: "replace text old new",
        doc: "the string with each occurrence of old replaced by new",
        arity: (3, 3),
        options: &[],
        run: replace,
    },
    Function {
        name: "trim",
        signature: "trim text",
        doc: "the string without white space at both ends",
        arity: (1, 1),
        options: &[],
        run: |arguments| changed(arguments, |text| text.trim().to_owned()),
    },
    Function {
        name: "upper",
        signature: "upper text",
        doc: "the string in upper case",
        arity: (1, 1),
        options: &[],
        run: |arguments| changed(arguments, str::to_uppercase),
    },
    Function {
        name: "lower",
        signature: "lower text",
        doc: "the string in lower case",
        arity: (1, 1),
        options: &[],
        run: |arguments| changed(arguments, str::to_lowercase),
    },
    Function {
        name: "kebab",
        signature: "kebab text",
        doc: "the string as a DNS label: lower case, words joined by dashes, at most 63 characters",
        arity: (1, 1),
        options: &[],
        run: |arguments| changed(arguments, kebab),
    },
    Function {
        name: "trunc",
        signature: "trunc length text",
        doc: "the first characters of a string; with a negative length the last ones",
        arity: (2, 2),
        options: &[],
        run: trunc,
    },
    Function {
        name: "quote",
        signature: "quote text",
        doc: "the string in double quotes, for configuration files; alone in a hole just a string",
        arity: (1, 1),
        options: &[],
        run: |arguments| {
            let text = arguments.text(0)?;
            arguments.made(0, in_quotes(&text))
        },
    },
    Function {
        name: "indent",
        signature: "indent spaces text",
        doc: "the string with each line but the first indented: the hole stands where the first one begins",
        arity: (2, 2),
        options: &[],
        run: indent,
    },
];

/// The most spaces that `indent` takes.
const MAX_INDENT: usize = 200;

fn changed<'v>(arguments: &Arguments<'_, 'v>, change: impl Fn(&str) -> String) -> Outcome<'v> {
    let text = arguments.string(0)?;
    arguments.made(0, change(&text))
}

fn concat<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    if let Value::List(_) = arguments.value(0)?.node().value {
        let mut items = Vec::new();
        for index in 0..arguments.len() {
            if let Value::List(more) = arguments.list(index)?.into_node().value {
                items.extend(more);
            }
        }
        return arguments.made(0, items);
    }
    let mut whole = Text::default();
    let mut origin = Origin::NONE;
    for index in 0..arguments.len() {
        whole.push(&arguments.text(index)?);
        if !origin.from.is_known() {
            origin = arguments.value(index)?.node().origin;
        }
    }
    Ok(Held::made(Node::with(whole, origin)))
}

/// The separator comes first (Helm's order); a list in that place says that they are swapped.
fn join<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (separator, list) = match arguments.value(0)?.node().value {
        Value::List(_) => (1, 0),
        _ => (0, 1),
    };
    let separator = arguments.text(separator)?;
    let held = arguments.list(list)?;
    let items = held.node().as_list().unwrap_or_default();
    let width = separator.known().map_or(0, str::len);
    arguments.afford(width.saturating_mul(items.len()))?;
    let mut whole = Text::default();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            whole.push(&separator);
        }
        let text = spelling(item).map_err(|what| {
            arguments
                .error(list, format!("`join` wants a list of strings, its item {index} is {what}"))
                .note_at("set here", item.origin.from)
        })?;
        whole.push(&text);
    }
    arguments.made(list, whole)
}

fn split<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (separator, text) = (arguments.string(0)?, arguments.string(1)?);
    if separator.is_empty() {
        return Err(arguments.error(0, "the separator is empty"));
    }
    let origin = arguments.value(1)?.node().origin;
    let parts: Vec<Node> = text.split(&separator).map(|part| Node::with(part, origin)).collect();
    arguments.made(1, parts)
}

fn replace<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (text, old, new) = (arguments.string(0)?, arguments.string(1)?, arguments.string(2)?);
    if old.is_empty() {
        return Err(arguments.error(1, "the string to replace is empty"));
    }
    arguments.afford(text.matches(&old).count().saturating_mul(new.len()))?;
    arguments.made(0, text.replace(&old, &new))
}

fn kebab(text: &str) -> String {
    let mut label = String::new();
    let mut before_lower = false;
    for char in text.chars() {
        if char.is_ascii_alphanumeric() {
            if char.is_ascii_uppercase() && before_lower {
                label.push('-');
            }
            label.push(char.to_ascii_lowercase());
        } else if !label.ends_with('-') && !label.is_empty() {
            label.push('-');
        }
        before_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
    }
    label.truncate(63);
    label.trim_end_matches('-').to_owned()
}

fn trunc<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (length, text) = (arguments.integer(0)?, arguments.string(1)?);
    let keep = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
    let cut: String = if length < 0 {
        text.chars().skip(text.chars().count().saturating_sub(keep)).collect()
    } else {
        text.chars().take(keep).collect()
    };
    arguments.made(1, cut)
}

fn indent<'v>(arguments: &Arguments<'_, 'v>) -> Outcome<'v> {
    let (spaces, text) = (arguments.integer(0)?, arguments.string(1)?);
    let spaces = usize::try_from(spaces).ok().filter(|spaces| *spaces <= MAX_INDENT);
    let spaces = spaces.ok_or_else(|| arguments.error(0, format!("`indent` takes 0 to {MAX_INDENT} spaces")))?;
    arguments.afford(text.matches('\n').count().saturating_mul(spaces))?;
    let mut indented = String::with_capacity(text.len());
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number > 0 && line != "\n" {
            indented.extend(std::iter::repeat_n(' ', spaces));
        }
        indented.push_str(line);
    }
    arguments.made(1, indented)
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn kebab_makes_dns_labels() {
        assert_eq!(kebab("MyApp v1.2_x"), "my-app-v1-2-x");
        assert_eq!(kebab("--HTTPServer--"), "httpserver");
        assert_eq!(kebab("éa"), "a");
    }
}
