//! Credentials that a workload's start proves: it declares them, and a probe logs in with what holds them. Such a probe
//! is the only one that sees a volume with another password, and who declares credentials is told to bring it.

use std::collections::BTreeSet;

use super::{Opening, Rule};
use crate::object::Object;
use crate::plan::pods;
use crate::release::Lifetime;
use crate::yaml::Node;

/// Namespace, claim, Secret and key of what is proven when these workloads have started and are ready.
pub(in crate::plan) fn logged_in<'a>(
    openings: &'a [Opening],
    started: &[&Object],
) -> BTreeSet<(&'a str, &'a str, &'a str, &'a str)> {
    let declared =
        |opening: &&Opening| opening.lifetime == Lifetime::Sticky && matches!(opening.rule, Rule::Declared { .. });
    let is_proven = |opening: &&Opening| {
        started.iter().any(|object| object.id == opening.workload && logs_in(object, &opening.secret, &opening.key))
    };
    let proven = openings.iter().filter(declared).filter(is_proven);
    proven.map(|it| (it.namespace.as_str(), it.claim.as_str(), it.secret.as_str(), it.key.as_str())).collect()
}

/// Whether a probe that must pass before the workload is ready runs a command with the variable of a Secret's key.
fn logs_in(object: &Object, secret: &str, key: &str) -> bool {
    let Some(spec) = pods::spec(&object.id, &object.body) else { return false };
    pods::containers(spec).any(|container| {
        let reference =
            |variable: &Node, field: &str| variable.str_at(&["valueFrom", "secretKeyRef", field]).map(str::to_owned);
        let variables = container.list_at(&["env"]).iter().filter(|variable| {
            reference(variable, "name").as_deref() == Some(secret) && reference(variable, "key").as_deref() == Some(key)
        });
        let probes = ["startupProbe", "readinessProbe"].into_iter();
        let commands: Vec<&str> =
            probes.flat_map(|probe| container.list_at(&[probe, "exec", "command"])).filter_map(Node::as_str).collect();
        variables
            .filter_map(|variable| variable.str_at(&["name"]))
            .any(|name| commands.iter().any(|command| takes(command, name)))
    })
}

/// Whether a shell's command uses a variable.
fn takes(command: &str, variable: &str) -> bool {
    command.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let after = rest.strip_prefix(variable);
        after.is_some_and(|after| !after.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_variable_is_found_by_its_whole_name() {
        assert!(takes(r#"authenticate "$USER" "$PASS""#, "PASS"));
        assert!(takes("psql ${PASS} -c 1", "PASS"));
        assert!(!takes("psql $PASSWORD", "PASS"));
        assert!(!takes("echo PASS", "PASS"));
    }
}
