//! The text of a script: cases, each some steps.
//!
//! ```text
//! == what the case is about
//!
//! APPLY /api/v1/namespaces/{ns}/configmaps/a?fieldManager=one show metadata.uid data
//! {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: "1"}}
//! > 201
//! data:
//!   x: '1'
//! metadata.uid: <uid-1>
//! ```
//!
//! A step is a block without blank lines: verb and path, the body, and below `>` the answer. The body's scalars that
//! stand in `<…>` are what an earlier answer had there. Each case has a namespace `{ns}` and a cluster of its own (a
//! real server is shared). Blocks that begin with `#` are prose. Verbs:
//!
//! - `GET POST PUT DELETE`; `APPLY MERGE JSON STRATEGIC`: PATCH of that kind
//! - `METADATA`: GET of the metadata alone; `MERGE-METADATA`: a merge that is answered so
//! - `WATCH PATH until NAME`: the events up to the first one of the object NAME
//! - `AWAIT PATH FIELD=VALUE`, `AWAIT PATH gone`, `AWAIT PATH present`: goes on when an object is so; no answer. With a
//!   query in its path, when one of those that are listed is so
//!
//! `show FIELD …` leaves only these of an object, or of each object of a list; with `once` before it what is shown alike of
//! several is shown once (how often a controller tried is chance).

use std::fmt;

/// A file.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// What stands before the first case.
    head: String,
    pub(super) cases: Vec<Case>,
}

/// Steps that follow each other in a namespace of their own.
#[derive(Clone, Debug)]
pub(super) struct Case {
    title: String,
    pub(super) blocks: Vec<Block>,
}

/// What blank lines divide.
#[derive(Clone, Debug)]
pub(super) enum Block {
    Prose(String),
    Step(Step),
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) verb: String,
    pub(super) path: String,
    /// The words after the path.
    pub(super) rest: Vec<String>,
    /// YAML; empty if there is none.
    pub(super) body: String,
    /// The lines from `>` on, or none for a wait.
    pub(super) answer: String,
}

impl Script {
    /// Reads a script; the error names the block.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut script = Self { head: String::new(), cases: Vec::new() };
        for block in text.trim().split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
            if let Some(title) = block.strip_prefix("== ") {
                script.cases.push(Case { title: title.to_owned(), blocks: Vec::new() });
            } else if let Some(case) = script.cases.last_mut() {
                case.blocks.push(Block::parse(block)?);
            } else {
                script.head.push_str(block);
                script.head.push_str("\n\n");
            }
        }
        Ok(script)
    }
}

impl Block {
    fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('#') {
            return Ok(Self::Prose(text.to_owned()));
        }
        let (asked, answer) = match text.find("\n> ") {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, ""),
        };
        let (line, body) = asked.split_once('\n').unwrap_or((asked, ""));
        let mut words = line.split(' ');
        let verb = words.next().unwrap_or_default();
        let path = words.next().filter(|path| path.starts_with('/')).ok_or_else(|| format!("no path in `{line}`"))?;
        let rest = words.map(str::to_owned).collect();
        Ok(Self::Step(Step { verb: verb.into(), path: path.into(), rest, body: body.into(), answer: answer.into() }))
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)?;
        for (number, case) in self.cases.iter().enumerate() {
            writeln!(f, "{}== {}", if number == 0 { "" } else { "\n" }, case.title)?;
            for block in &case.blocks {
                write!(f, "\n{block}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self {
            Self::Prose(text) => return writeln!(f, "{text}"),
            Self::Step(step) => step,
        };
        write!(f, "{} {}", step.verb, step.path)?;
        for word in &step.rest {
            write!(f, " {word}")?;
        }
        for part in [&step.body, &step.answer] {
            if !part.is_empty() {
                write!(f, "\n{}", part.trim_end())?;
            }
        }
        writeln!(f)
    }
}
