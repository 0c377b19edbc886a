//! Which claim or volume the user means.

use std::fmt;

use super::{Estate, Holding, State};
use crate::diagnostic::{Diagnostic, nearest};

/// A claim or volume as it was named: `data-x-0`, `claim/data-x-0`, `pv/pvc-17`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    kind: Option<Kind>,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Claim,
    Volume,
}

impl Name {
    /// Reads a name; a kind before it is written as kubectl takes it.
    ///
    /// # Errors
    /// Another kind, or no name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, name) = match text.split_once('/') {
            None => (None, text),
            Some(("claim" | "pvc" | "persistentvolumeclaim", name)) => (Some(Kind::Claim), name),
            Some(("volume" | "pv" | "persistentvolume", name)) => (Some(Kind::Volume), name),
            Some((other, _)) => return Err(format!("`{other}/` is neither `claim/` nor `pv/`")),
        };
        let allowed = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '.';
        if name.is_empty() || !name.chars().all(allowed) {
            return Err("the name of a claim or volume has lower-case letters, digits, `-` and `.`".into());
        }
        Ok(Self { kind, name: name.to_owned() })
    }

    /// Whether it is the volume of a holding that is named, not its claim.
    pub(super) fn means_volume(&self, holding: &Holding<'_>) -> bool {
        match self.kind {
            Some(kind) => kind == Kind::Volume,
            None => self.name != holding.name,
        }
    }
}

impl fmt::Display for Name {
    /// As it may be typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            None => f.write_str(&self.name),
            Some(Kind::Claim) => write!(f, "claim/{}", self.name),
            Some(Kind::Volume) => write!(f, "pv/{}", self.name),
        }
    }
}

/// The one that is meant, in a namespace. A claim that is there is meant before volumes of earlier claims of its name.
///
/// # Errors
/// There is none; there are several: each is named.
pub fn find<'h, 'a>(
    estate: &Estate,
    holdings: &'h [Holding<'a>],
    namespace: &str,
    name: &Name,
) -> Result<&'h Holding<'a>, Diagnostic> {
    let Name { kind, name } = name;
    let here = || holdings.iter().filter(|holding| holding.namespace == namespace);
    let claims: Vec<&Holding<'a>> = match kind {
        Some(Kind::Volume) => Vec::new(),
        _ => of_claim(here().filter(|holding| holding.name == *name).collect()),
    };
    let volumes: Vec<&Holding<'a>> = match kind {
        Some(Kind::Claim) => Vec::new(),
        _ => here().filter(|it| it.volume_name == Some(name) && it.state != State::Gone).collect(),
    };
    match (claims.as_slice(), volumes.as_slice()) {
        ([one], []) | ([], [one]) => Ok(one),
        ([], []) => Err(nothing(estate, holdings, namespace, *kind, name)),
        ([one], [other]) if std::ptr::eq(*one, *other) => Ok(one),
        (claims, volumes) => {
            let several = claims.iter().chain(volumes);
            let start = Diagnostic::error(format!("`{name}` may be several in namespace `{namespace}`: say which"));
            Err(several.fold(start, |told, it| {
                let size = it.size().map(|size| format!(", {size}")).unwrap_or_default();
                told.note(format!("`{}`{size}, {}", it.reference(), it.phase().unwrap_or("gone")))
            }))
        }
    }
}

fn of_claim<'h, 'a>(found: Vec<&'h Holding<'a>>) -> Vec<&'h Holding<'a>> {
    for wanted in [|it: &Holding<'_>| it.claim.is_some(), |it: &Holding<'_>| it.state != State::Gone] {
        let better: Vec<&Holding<'a>> = found.iter().copied().filter(|it| wanted(it)).collect();
        if !better.is_empty() {
            return better;
        }
    }
    found
}

fn nothing(estate: &Estate, holdings: &[Holding<'_>], namespace: &str, kind: Option<Kind>, name: &str) -> Diagnostic {
    let error = Diagnostic::error(match kind {
        None => format!("there is no claim `{name}` in namespace `{namespace}`, and no volume of one"),
        Some(Kind::Claim) => format!("there is no claim `{name}` in namespace `{namespace}`"),
        Some(Kind::Volume) => format!("no claim of namespace `{namespace}` has or had a volume `{name}`"),
    });
    let volume = estate.facts.volumes.get().and_then(|volumes| volumes.get(name));
    match volume.map(|volume| &volume.claim) {
        Some(Some((elsewhere, claim, _))) if elsewhere != namespace => {
            return error
                .note(format!("volume `{name}` is of claim `{claim}` in namespace `{elsewhere}`"))
                .hint(format!("name that namespace: `-n {elsewhere}`"));
        }
        Some(None) => return error.note(format!("volume `{name}` is free: no claim had it")),
        _ => {}
    }
    let here = holdings.iter().filter(|holding| holding.namespace == namespace);
    let (claims, volumes) = (kind != Some(Kind::Volume), kind != Some(Kind::Claim));
    let of = here.flat_map(|it| {
        let volume = it.volume_name.filter(|_| volumes);
        claims.then_some(it.name).into_iter().chain(volume)
    });
    let names: Vec<&str> = of.collect();
    match nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("`kchart volumes -n {namespace}` lists them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_may_stand_before_the_name() {
        for (text, kind) in [
            ("data-x-0", None),
            ("claim/data-x-0", Some(Kind::Claim)),
            ("pvc/data-x-0", Some(Kind::Claim)),
            ("pv/data-x-0", Some(Kind::Volume)),
        ] {
            assert_eq!(Name::parse(text), Ok(Name { kind, name: "data-x-0".into() }), "{text}");
        }
        for text in ["pod/x", "claim/", "", "Data"] {
            assert!(Name::parse(text).is_err(), "{text}");
        }
    }
}
