//! Hostile and mistaken templates end in errors, never in an abort. Test threads have 2 MiB of stack.

use super::bench::Bench;

#[track_caller]
fn fails(bench: Bench, wanted: &str) {
    let mut bench = bench;
    let errors = bench.render().expect_err(wanted);
    assert!(errors.iter().any(|error| error.message.contains(wanted)), "{}", bench.paint(&errors));
}

#[test]
fn partials_that_call_each_other_end() {
    let bench = Bench::new("a: 1\n")
        .template("_u.hbs", "{{> v}}\n")
        .template("_v.hbs", "{{#if values.a}}{{> u}}{{/if}}\n")
        .template("x.yaml.hbs", "{{> u}}\n");
    fails(bench, "nest deeper than 100");
    let inline = Bench::new("{}").template("x.yaml.hbs", "{{#*inline \"p\"}}{{> p}}{{/inline}}{{> p}}");
    fails(inline, "nest deeper than 100");
    let block = Bench::new("{}").template("_l.hbs", "{{#> l}}x{{/l}}").template("x.yaml.hbs", "{{> l}}");
    fails(block, "nest deeper than 100");
    let context =
        Bench::new("a: {b: {}}\n").template("_l.hbs", "{{> l x=values.a}}").template("x.yaml.hbs", "{{> l x=this}}");
    fails(context, "nest deeper than 100");
}

#[test]
fn deep_nesting_is_refused_before_anything_recurses() {
    let many = 50_000;
    let ifs = "{{#if values.a}}".repeat(many) + "x" + &"{{/if}}".repeat(many);
    fails(Bench::new("a: 1\n").template("x.yaml.hbs", &ifs), "blocks nest deeper");
    fails(Bench::new("a: 1\n").template("x.yaml.hbs", &"{{#if values.a}}".repeat(many)), "blocks nest deeper");
    let chain = "{{#if values.a}}".to_owned() + &"{{else if values.a}}".repeat(many) + "{{/if}}";
    fails(Bench::new("a: 1\n").template("x.yaml.hbs", &chain), "blocks nest deeper");
    let calls = format!("{{{{not {}values.a{}}}}}", "(not ".repeat(many), ")".repeat(many));
    fails(Bench::new("a: 1\n").template("x.yaml.hbs", &calls), "nest deeper");
    let lists = format!("{{{{len {}{}}}}}", "[".repeat(many), "]".repeat(many));
    assert!(Bench::new("a: 1\n").template("x.yaml.hbs", &lists).render().is_err());
    let maps = format!("{{{{len {}1{}}}}}", "{\"a\":".repeat(many), "}".repeat(many));
    assert!(Bench::new("a: 1\n").template("x.yaml.hbs", &maps).render().is_err());
}

#[test]
fn the_deepest_nesting_that_is_allowed_works() {
    let deep = "{{#if values.a}}".repeat(98) + "a: 1" + &"{{/if}}".repeat(98);
    assert!(Bench::new("a: 1\n").template("x.yaml.hbs", &deep).render().is_ok());
    let calls = format!("a: {{{{not {}values.a{}}}}}", "(not ".repeat(48), ")".repeat(48));
    assert!(Bench::new("a: 1\n").template("x.yaml.hbs", &calls).render().is_ok());
}

#[test]
fn what_grows_without_end_is_stopped() {
    let double = "{{#with (concat this this)}}".repeat(60) + "a: {{this}}" + &"{{/with}}".repeat(60);
    let template = format!("{{{{#with \"0123456789\"}}}}{double}{{{{/with}}}}");
    fails(Bench::new("{}").template("x.yaml.hbs", &template), "256 MiB");
    let list = format!("list: [{}0]\n", "0, ".repeat(199));
    let loops =
        "{{#each values.list}}{{#each @root.values.list}}{{#each @root.values.list}}{{/each}}{{/each}}{{/each}}";
    fails(Bench::new(&list).template("x.yaml.hbs", loops), "steps");
    let long = format!("{{{{#each (range 2000)}}}}{}{{{{/each}}}}", "x".repeat(40_000));
    fails(Bench::new("{}").template("x.yaml.hbs", &long), "64 MiB");
    let replaced = "a: {{replace (join (replace (join \"a\" (range 5000)) \"a\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\") (range 90000)) \"a\" \"bbbbbbbbbb\"}}";
    fails(Bench::new("{}").template("x.yaml.hbs", replaced), "256 MiB");
}

#[test]
fn broken_templates_never_panic() {
    let texts = [
        "{{",
        "}}",
        "{{}}",
        "{{{}}}",
        "{{#}}",
        "{{/}}",
        "{{>}}",
        "{{#>}}{{/}}",
        "{{#*}}{{/}}",
        "{{else}}",
        "{{^}}",
        "{{!",
        "{{!--",
        "{{~",
        "{{~}}",
        "{{{x}}",
        "{{x}}}",
        "{{\"",
        "{{'",
        "{{[",
        "{{(",
        "{{)}}",
        "{{#if}}{{/if}}",
        "{{#if a b}}{{/if}}",
        "{{#each x as |}}{{/each}}",
        "{{#each x as ||}}{{/each}}",
        "{{> p a=}}",
        "{{f a=1 a=2}}",
        "{{@}}",
        "{{..}}",
        "{{../}}",
        "{{this.}}",
        "{{a..b}}",
        "{{a.[b}}",
        "{{a.[b]c}}",
        "{{1.}}",
        "{{18446744073709551616 }}",
        "{{len 18446744073709551616}}",
        "{{#*inline p}}{{/inline}}",
        "{{#*inline}}{{/inline}}",
        "{{#x}}{{/x}}",
        "{{é}}",
        "{{#if é}}é{{/if}}",
        "\\{{",
        "\\\\{{",
        "\\\\\\{{x}}",
        "{{> (concat \"a\" 1)}}",
        "{{> (list)}}",
        "{{#merge}}{{/merge}}",
        "{{#merge 1}}- a{{/merge}}",
        "{{> @partial-block}}",
        "{{a=1}}",
        "{{f =1}}",
        "{{len {\"a\":1}}}",
        "{{len [1,2,}}",
        "{{{len {\"a\":1}}}}",
        "{{&}}",
        "{{{{raw}}}}x{{{{/raw}}}}",
        "{{@root}}",
        "{{@first.x}}",
        "{{#with this}}{{/with}}",
    ];
    for text in texts {
        let mut bench = Bench::new("a: 1\n").template("x.yaml.hbs", text);
        if let Err(errors) = bench.render() {
            let painted = bench.paint(&errors);
            assert!(errors.iter().all(|error| error.span.is_some()), "{text}: an error without a place:\n{painted}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Any heap of tags and text renders or is an error with a place.
    #[test]
    fn heaps_of_tags_never_panic(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..12)) {
        let text: String = pieces.concat();
        let mut bench = Bench::new("a: 1\nl: [x, {k: v}]\n").template("_p.hbs", "p: {{x}}\n").template("x.yaml.hbs", &text);
        if let Err(errors) = bench.render() {
            proptest::prop_assert!(errors.iter().all(|error| error.span.is_some()), "{text}: {errors:?}");
        }
    }
}

const PIECES: &[&str] = &[
    "{{#if values.a}}",
    "{{#each values.l as |i k|}}",
    "{{#with values.l}}",
    "{{/if}}",
    "{{/each}}",
    "{{/with}}",
    "{{else}}",
    "{{else if values.a}}",
    "{{values.a}}",
    "{{this}}",
    "{{i}}",
    "{{../values.a}}",
    "{{@key}}",
    "{{> p x=1}}",
    "{{> p x=this}}",
    "{{#> kchart/env}}",
    "{{/kchart/env}}",
    "{{#merge values.l}}",
    "{{/merge}}",
    "{{! c }}",
    "{{~values.a~}}",
    "\\{{",
    "{{",
    "}}",
    "{{{",
    "\n",
    "  ",
    "é: ",
    "- ",
    "k: ",
    "[",
    "]",
    "\"",
    "|\n  ",
    "#",
    "---\n",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "{{quote values.a}}",
    "{{generate \"g\"}}",
    "{{list 1 2}}",
    "\t",
    "\r\n",
];
