//! Near misses.

/// The candidate nearest to `wanted`, if it is near enough to be a typing mistake.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wanted.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != wanted)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typing_mistakes_are_recognised_and_strangers_are_not() {
        assert_eq!(nearest("replcas", ["replicas", "selector"]), Some("replicas"));
        assert_eq!(nearest("tagg", ["tag", "repository"]), Some("tag"));
        assert_eq!(nearest("IMAGE", ["image"]), Some("image"));
        assert_eq!(nearest("volume", ["replicas", "selector"]), None);
        assert_eq!(nearest("same", ["same"]), None);
    }
}
