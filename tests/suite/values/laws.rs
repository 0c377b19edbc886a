//! What holds for every merge.

use kchart::chart::Chart;
use kchart::diagnostic::SourceMap;
use kchart::values::{Inputs, given, merge, resolve, set_file_paths};
use kchart::yaml::Node;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::chart;

fn tree() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![Just(json!(null)), (0..3_i32).prop_map(Json::from), Just(json!([1])), Just(json!("x"))];
    let map = leaf.prop_recursive(3, 24, 4, |inner| {
        proptest::collection::btree_map("[abc]", inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect()))
    });
    proptest::collection::btree_map("[abcd]", map, 0..4).prop_map(|map| Json::Object(map.into_iter().collect()))
}

fn merged(base: &Json, over: &Json) -> Json {
    merge(Node::from(base), Node::from(over)).to_json()
}

/// Whether anything below is null, which only defaults may keep.
fn has_null(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::Object(map) => map.values().any(has_null),
        _ => false,
    }
}

proptest! {
    #[test]
    fn nothing_over_a_tree_is_the_tree(base in tree()) {
        prop_assert_eq!(merged(&base, &json!({})), base);
    }

    #[test]
    fn merging_twice_is_merging_once(base in tree(), over in tree()) {
        let once = merged(&base, &over);
        prop_assert_eq!(merged(&once, &over), once);
    }

    #[test]
    fn what_was_given_is_there_and_what_was_null_is_gone(base in tree(), over in tree()) {
        fn holds(result: &Json, over: &Json) -> bool {
            match over {
                Json::Object(over) => over.iter().all(|(key, over)| match result.get(key) {
                    None => over.is_null(),
                    Some(result) => holds(result, over),
                }),
                over => result == over,
            }
        }
        let result = merged(&base, &over);
        prop_assert!(holds(&result, &over), "{}", result);
    }

    #[test]
    fn what_was_not_given_stays(base in tree(), over in tree()) {
        let result = merged(&base, &over);
        for (key, value) in base.as_object().unwrap() {
            if over.get(key).is_none() {
                prop_assert_eq!(result.get(key), Some(value));
            }
        }
    }

    #[test]
    fn a_merge_adds_no_nulls(base in tree(), over in tree()) {
        prop_assume!(!has_null(&base));
        prop_assert!(!has_null(&merged(&base, &over)));
    }

    #[test]
    fn layers_can_be_joined_before_they_meet_the_defaults(base in tree(), first in tree(), second in tree()) {
        // Unless a layer makes a map of what another makes a scalar: then the order tells.
        fn agree(a: &Json, b: &Json) -> bool {
            match (a, b) {
                (Json::Object(a), Json::Object(b)) => a.iter().all(|(key, a)| b.get(key).is_none_or(|b| agree(a, b))),
                (a, b) => a.is_object() == b.is_object(),
            }
        }
        prop_assume!(agree(&first, &second) && agree(&base, &first) && agree(&base, &second));
        let inputs = Inputs {
            files: vec![("1".into(), first.to_string()), ("2".into(), second.to_string())],
            ..Inputs::default()
        };
        let joined = given(&inputs, &mut SourceMap::new()).expect("valid");
        let chart = Chart { values: Node::from(&base), ..chart("web", "{}") };
        let (values, _) = resolve(&chart, &joined).expect("valid");
        prop_assert_eq!(values.values.to_json(), merged(&merged(&base, &first), &second));
    }

    #[test]
    fn no_flag_makes_the_reader_panic(flag in "[a-c0-9.=,\\[\\]{}\\\\\"é: ]{0,24}") {
        let all = vec![flag];
        let inputs = Inputs { set: all.clone(), set_json: all.clone(), set_literal: all.clone(), ..Inputs::default() };
        let _ = given(&inputs, &mut SourceMap::new());
        let _ = set_file_paths(&all);
    }
}
