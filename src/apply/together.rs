//! The failures of steps that ran beside each other as one: what is nearest to the root first, each cause told once, in
//! an order that does not depend on which of them ended first.

use std::collections::BTreeMap;

use crate::diagnostic::{Class, Diagnostic, Failure};
use crate::readiness::Cause;

/// All failures as one. `causes` is in the order in which they are to be told.
pub(super) fn together(failures: Vec<Failure>, causes: &[Cause]) -> Option<Failure> {
    // A refused write tells more than a wait that ran out meanwhile.
    let class = failures.iter().map(|failure| failure.class).find(|class| *class != Class::NotReady);
    let class = class.or_else(|| failures.first().map(|failure| failure.class))?;
    let (mut first, mut rest): (Vec<Failure>, Vec<Failure>) =
        failures.into_iter().partition(|failure| failure.class == class);
    if class == Class::Locked {
        // Each step that was cut off says that the lock is lost; the lock itself says most, and why.
        first.sort_by_key(|failure| std::cmp::Reverse(failure.to_string().len()));
        first.truncate(1);
    }
    let place = |failure: &Failure| {
        let cause = causes.iter().position(|cause| is_of(failure, cause));
        (cause.unwrap_or(usize::MAX), failure.to_string())
    };
    first.sort_by_cached_key(place);
    rest.sort_by_cached_key(place);
    first.extend(rest);
    Some(Failure { class, diagnostics: once_each(first, causes) })
}

fn is_of(failure: &Failure, cause: &Cause) -> bool {
    failure.diagnostics.first().is_some_and(|told| told.message == cause.headline())
}

/// One cause, told once: a claim without a class keeps its Deployment waiting, too.
fn once_each(failures: Vec<Failure>, causes: &[Cause]) -> Vec<Diagnostic> {
    let mut known: BTreeMap<&str, &Cause> = BTreeMap::new();
    let mut told = Vec::new();
    for failure in failures {
        let Some(cause) = causes.iter().find(|cause| is_of(&failure, cause)) else {
            told.extend(failure.diagnostics);
            continue;
        };
        if let Some(first) = known.get(cause.sentence.as_str()) {
            told.push(Diagnostic::error(cause.headline()).note(format!("the same as of `{}`", first.object)));
        } else {
            known.insert(&cause.sentence, cause);
            told.extend(failure.diagnostics);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectId;
    use crate::readiness::{Evidence, Reason, explain};

    fn cause(kind: &str, name: &str, sentence: &str) -> Cause {
        let id = ObjectId::namespaced("apps", kind, "lab", name);
        let evidence = Evidence::default();
        Cause { sentence: sentence.to_owned(), reason: Reason::Claim, ..explain(&id, &evidence, sentence) }
    }

    fn late(cause: &Cause) -> Failure {
        Failure::new(Class::NotReady, Diagnostic::error(cause.headline()).note("the way down"))
    }

    fn told(failures: Vec<Failure>, causes: &[Cause]) -> Vec<(String, Vec<String>)> {
        let failure = together(failures, causes).unwrap();
        let notes = |it: &Diagnostic| it.notes.iter().map(|note| note.text.clone()).collect();
        failure.diagnostics.iter().map(|it| (it.message.clone(), notes(it))).collect()
    }

    #[test]
    fn causes_are_told_in_one_order_whichever_ended_first() {
        let causes = [cause("StatefulSet", "mq", "its login is refused"), cause("Deployment", "web", "it crashes")];
        let one = told(vec![late(&causes[0]), late(&causes[1])], &causes);
        assert!(one[0].0.contains("mq"), "{one:?}");
        assert_eq!(one, told(vec![late(&causes[1]), late(&causes[0])], &causes));
    }

    #[test]
    fn one_cause_of_several_objects_is_told_once() {
        let sentence = "claim `data` has no class";
        let causes = [cause("Deployment", "a", sentence), cause("Deployment", "b", sentence)];
        let told = told(vec![late(&causes[1]), late(&causes[0])], &causes);
        assert_eq!(told[0].1, ["the way down"]);
        assert!(told[1].0.contains("`Deployment/b`"), "{told:?}");
        assert_eq!(told[1].1, ["the same as of `Deployment/a`"]);
    }

    #[test]
    fn a_refused_write_is_told_before_what_was_late_beside_it() {
        let causes = [cause("Deployment", "a", "it crashes")];
        let refused = Failure::failed(Diagnostic::error("the API server refuses it"));
        let failure = together(vec![late(&causes[0]), refused], &causes).unwrap();
        assert_eq!((failure.class, failure.diagnostics.len()), (Class::Failed, 2));
        assert_eq!(failure.diagnostics[0].message, "the API server refuses it");
    }
}
