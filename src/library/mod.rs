//! The Library: partials that every chart can use, `kchart/workload`, `kchart/service` and so on. Their texts lie in
//! `templates/` at the root; their parameters are Rust structs here, one a file, whose schema checks the arguments.
//!
//! A chart calls a partial as a block whose body is YAML, holes included: the parameters.
//!
//! ```text
//! {{#> kchart/service}}
//! name: {{release.fullname}}
//! ports: {{values.service.ports}}
//! {{/kchart/service}}
//! ```
//!
//! Arguments in the tag (`{{> kchart/env env=values.env}}`) are parameters too; they win over the body. The partial
//! sees its parameters as [`check`] completed them, and `release`, `chart` and `capabilities` of the calling chart;
//! nothing else. `extra` is laid over the object as structure: maps merge, keyed lists merge by name.

mod config_map;
mod env;
mod fit;
mod ingress;
mod parameters;
mod persistent_volume_claim;
mod secret;
mod service;
mod service_account;
mod workload;

use std::sync::OnceLock;

use schemars::Schema;

use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::Node;

/// A partial of the Library.
#[derive(Debug)]
pub struct Partial {
    /// `kchart/workload`.
    pub name: &'static str,
    /// Name of its text, for messages.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
    schema: fn() -> Schema,
    /// What the schema can't say, checked and put into one form.
    complete: fn(&mut Node, &mut Vec<Diagnostic>),
    compiled: OnceLock<serde_json::Value>,
}

macro_rules! partial {
    ($name:literal, $parameters:ty, $complete:expr) => {
        Partial {
            name: concat!("kchart/", $name),
            file: concat!("<library>/templates/", $name, ".hbs"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name, ".hbs")),
            schema: || schemars::schema_for!($parameters),
            complete: $complete,
            compiled: OnceLock::new(),
        }
    };
}

static PARTIALS: [Partial; 8] = [
    partial!("configMap", config_map::ConfigMap, |_, _| {}),
    partial!("env", env::EnvParameters, env::complete),
    partial!("ingress", ingress::Ingress, |_, _| {}),
    partial!("persistentVolumeClaim", persistent_volume_claim::PersistentVolumeClaim, |_, _| {}),
    partial!("secret", secret::Secret, |_, _| {}),
    partial!("service", service::Service, |_, _| {}),
    partial!("serviceAccount", service_account::ServiceAccount, |_, _| {}),
    partial!("workload", workload::Workload, workload::complete),
];

/// All partials, sorted by name.
pub fn partials() -> &'static [Partial] {
    &PARTIALS
}

/// The schema of a partial's parameters (JSON Schema, draft 2020-12); none if there is no such partial.
pub fn schema(name: &str) -> Option<&'static serde_json::Value> {
    PARTIALS.iter().find(|partial| partial.name == name).map(Partial::schema)
}

/// Checks the arguments of a partial and completes them: defaults are filled in, what is left out is null, scalars
/// become strings where strings are wanted, `env` as a map becomes a list. Errors stand at the argument's place.
pub fn check(name: &str, arguments: Node) -> Result<Node, Vec<Diagnostic>> {
    let Some(partial) = PARTIALS.iter().find(|partial| partial.name == name) else {
        return Err(vec![unknown(name)]);
    };
    let mut errors = Vec::new();
    let mut arguments = fit::fit(name, partial.schema(), arguments, &mut errors);
    if errors.is_empty() {
        (partial.complete)(&mut arguments, &mut errors);
    }
    if errors.is_empty() { Ok(arguments) } else { Err(errors) }
}

impl Partial {
    fn schema(&self) -> &serde_json::Value {
        self.compiled.get_or_init(|| (self.schema)().to_value())
    }
}

/// What is said of a partial that the Library does not have.
pub fn unknown(name: &str) -> Diagnostic {
    let error = Diagnostic::error(format!("the Library has no partial `{name}`"));
    if let Some(near) = nearest(name, PARTIALS.iter().map(|partial| partial.name)) {
        return error.hint(format!("did you mean `{near}`?"));
    }
    let names: Vec<_> = PARTIALS.iter().map(|partial| format!("`{}`", partial.name)).collect();
    error.hint(format!("it has {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Charset, GeneratedKey, Text};
    use serde_json::json;

    fn fails(name: &str, arguments: &serde_json::Value) -> Vec<(String, Vec<String>)> {
        let errors = check(name, Node::from(arguments)).unwrap_err();
        errors.into_iter().map(|error| (error.message, error.hints)).collect()
    }

    #[test]
    fn arguments_are_completed() {
        let done = check(
            "kchart/service",
            Node::from(&json!({"name": "web", "ports": [{"name": "http", "port": 80, "targetPort": 8080}]})),
        )
        .unwrap();
        assert_eq!(
            done.to_json(),
            json!({
                "name": "web",
                "ports": [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": null, "protocol": "TCP"}],
                "annotations": null, "component": null, "extra": null, "headless": false, "labels": null,
                "type": "ClusterIP",
            })
        );
    }

    #[test]
    fn every_mistake_is_named_with_its_path_and_a_near_miss() {
        let arguments = json!({
            "kind": "Deploymant", "name": "web", "imagee": "x", "replicas": "many",
            "ports": [{"name": "http", "containerPort": 70000}, {"containerPort": 80}],
        });
        let expected = [
            (
                "`kchart/workload`: `kind` must be one of `Deployment`, `StatefulSet`",
                Some("did you mean `Deployment`?"),
            ),
            ("`kchart/workload` takes no `imagee`", Some("did you mean `image`?")),
            ("`kchart/workload`: `replicas` must be an integer, not a string", None),
            ("`kchart/workload`: `ports[0].containerPort` must be at most 65535", None),
            ("`kchart/workload` needs `ports[1].name`", None),
            ("`kchart/workload` needs `image`", None),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(message, hint)| {
                ((*message).to_owned(), hint.iter().map(|hint| (*hint).to_owned()).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(fails("kchart/workload", &arguments), expected);
        assert_eq!(fails("kchart/workloads", &json!({}))[0].1, ["did you mean `kchart/workload`?"]);
        assert_eq!(
            fails("kchart/service", &json!([]))[0].0,
            "`kchart/service`: the parameters must be a map, not a list"
        );
    }

    #[test]
    fn environment_variables_have_one_form_afterwards() {
        let by_name = json!({"env": {
            "PORT": 5672, "DEBUG": true, "GONE": null,
            "PASSWORD": {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}},
        }});
        let done = check("kchart/env", Node::from(&by_name)).unwrap();
        assert_eq!(
            done.to_json()["env"],
            json!([
                {"name": "PORT", "value": "5672"}, {"name": "DEBUG", "value": "true"},
                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}},
            ])
        );
        let wrong = json!({"env": [
            {"name": "A", "value": "1", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}, {"name": "B", "valueFrom": {}},
            {"name": "B", "value": "2"},
        ]});
        let messages: Vec<_> = fails("kchart/env", &wrong).into_iter().map(|(message, _)| message).collect();
        assert_eq!(
            messages,
            [
                "`env[0]` has both `value` and `valueFrom`",
                "`env[1].valueFrom` must have one of `secretKeyRef`, `configMapKeyRef`, `fieldRef`, `resourceFieldRef`",
                "the variable `B` is set twice",
            ]
        );
    }

    #[test]
    fn layers_of_variables_replace_by_name() {
        let arguments = json!({
            "kind": "Deployment", "name": "web", "image": "x",
            "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}],
            "envOver": [[{"name": "C", "value": "1"}], {"B": 2, "C": "3"}, {}],
        });
        let done = check("kchart/workload", Node::from(&arguments)).unwrap();
        assert_eq!(
            done.to_json()["env"],
            json!([{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "C", "value": "3"}])
        );
    }

    #[test]
    fn a_generated_value_is_a_string() {
        let key = GeneratedKey { name: "password".into(), length: 32, charset: Charset::Alnum };
        let mut arguments = Node::from(&json!({"name": "s"}));
        arguments.set(&["data"], "password", Text::generated(key));
        let done = check("kchart/secret", arguments).unwrap();
        assert!(done.at(&["data", "password"]).and_then(Node::as_text).is_some_and(Text::is_generated));
    }

    #[test]
    fn a_volume_is_one_thing_and_claim_templates_are_for_sets() {
        let arguments = json!({
            "kind": "Deployment", "name": "web", "image": "x",
            "volumes": [{"name": "a", "mountPath": "/a"}, {"name": "b", "mountPath": "/b", "emptyDir": {}}],
            "claimTemplates": [{"name": "data", "mountPath": "/d", "size": "1Gi"}],
        });
        let messages: Vec<_> = fails("kchart/workload", &arguments).into_iter().map(|(message, _)| message).collect();
        assert_eq!(
            messages,
            [
                "the volume `a` must have one of `claim`, `configMap`, `secret`, `emptyDir`",
                "`claimTemplates` are for a StatefulSet only",
            ]
        );
    }

    #[test]
    fn every_parameter_is_documented() {
        fn undocumented(name: &str, schema: &serde_json::Value, found: &mut Vec<String>) {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                if property["description"].as_str().is_none_or(str::is_empty) {
                    found.push(format!("{name}: {key}"));
                }
            }
        }
        let mut found = Vec::new();
        for partial in partials() {
            let schema = partial.schema();
            undocumented(partial.name, schema, &mut found);
            for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
                undocumented(name, definition, &mut found);
            }
        }
        assert_eq!(found, Vec::<String>::new());
    }
}
