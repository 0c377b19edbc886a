//! Commands that are told as advice work when they are pasted: they name the cluster or sandbox as the user named it.
//!
//! The workflows write `kchart uninstall web -n shop`, and charts write such commands into their notes; neither knows
//! by which flags this run found its cluster. Flags are completed, variables are not: they still stand where the
//! command is pasted.

use std::path::Path;

use crate::diagnostic::Diagnostic;

/// Verbs that talk to a cluster.
const VERBS: [&str; 12] = [
    "diff",
    "install",
    "upgrade",
    "deploy",
    "rollback",
    "uninstall",
    "status",
    "list",
    "history",
    "get",
    "credentials",
    "volumes",
];

/// The flags of this run that say where the cluster is.
#[derive(Clone, Debug, Default)]
pub(super) struct Advice {
    /// For kchart, with a blank before each.
    kchart: String,
    /// For kubectl, likewise.
    kubectl: String,
    /// Whether kubectl can't see the cluster at all.
    is_sandbox: bool,
}

impl Advice {
    /// From the flags as they were given; for the sandbox, none stands for the default file.
    #[expect(clippy::option_option, reason = "as clap gives a flag whose value is optional")]
    pub(super) fn new(sandbox: Option<Option<&Path>>, kubeconfig: Option<&Path>, context: Option<&str>) -> Self {
        let mut advice = Self::default();
        if let Some(sandbox) = sandbox {
            advice.kchart.push_str(" --sandbox");
            if let Some(file) = sandbox {
                advice.kchart.extend(["=", &quoted(&file.to_string_lossy())]);
            }
            advice.is_sandbox = true;
            return advice;
        }
        if let Some(file) = kubeconfig {
            let file = quoted(&file.to_string_lossy());
            advice.kchart.extend([" --kubeconfig ", &file]);
            advice.kubectl.extend([" --kubeconfig ", &file]);
        }
        if let Some(context) = context {
            advice.kchart.extend([" --kube-context ", &quoted(context)]);
            advice.kubectl.extend([" --context ", &quoted(context)]);
        }
        advice
    }

    /// Text whose commands name the cluster. The flags stand before the verb, where they work whatever follows.
    pub(super) fn complete(&self, text: &str) -> String {
        let text = completed(text, "kchart", &self.kchart, |word| VERBS.contains(&word));
        completed(&text, "kubectl", &self.kubectl, |word| {
            word.starts_with(|char: char| char.is_ascii_lowercase() || char == '-')
        })
    }

    /// The same for each of several texts.
    pub(super) fn complete_all<'a>(&self, texts: impl IntoIterator<Item = &'a mut String>) {
        for text in texts {
            *text = self.complete(text);
        }
    }

    /// A message whose hints name the cluster.
    pub(super) fn complete_message(&self, diagnostic: &Diagnostic) -> Diagnostic {
        let mut diagnostic = diagnostic.clone();
        if self.is_sandbox {
            diagnostic.hints.retain(|hint| !hint.contains("`kubectl "));
        }
        self.complete_all(&mut diagnostic.hints);
        self.complete_all(diagnostic.notes.iter_mut().map(|note| &mut note.text));
        diagnostic
    }
}

/// Puts `flags` behind each `program` that a command begins with.
fn completed(text: &str, program: &str, flags: &str, is_command: impl Fn(&str) -> bool) -> String {
    if flags.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(program) {
        let (before, after) = rest.split_at(at + program.len());
        let starts = !rest[..at].ends_with(|char: char| char.is_alphanumeric() || "-_./".contains(char));
        let ends = |char: char| !char.is_alphanumeric() && char != '-';
        let word = after.strip_prefix(' ').map(|after| after.split(ends).next().unwrap_or_default());
        out.push_str(before);
        if starts && word.is_some_and(&is_command) {
            out.push_str(flags);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// As a shell reads it back.
fn quoted(text: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "-_./:@%+=,".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_sandbox_as_the_user_did() {
        let advice = Advice::new(Some(None), None, None);
        assert_eq!(
            advice.complete("hint: `kchart uninstall web -n shop`, see kchart.dev"),
            "hint: `kchart --sandbox uninstall web -n shop`, see kchart.dev"
        );
        let advice = Advice::new(Some(Some(Path::new("my box.json"))), None, None);
        assert_eq!(advice.complete("kchart list -A"), "kchart --sandbox='my box.json' list -A");
        assert_eq!(advice.complete("kchart template web"), "kchart template web");
    }

    #[test]
    fn commands_name_the_context_and_the_kubeconfig() {
        let advice = Advice::new(None, Some(Path::new("kc.yaml")), Some("prod"));
        assert_eq!(
            advice.complete("kchart list; kubectl -n lab logs x\nkubectl get pods"),
            "kchart --kubeconfig kc.yaml --kube-context prod list; kubectl --kubeconfig kc.yaml --context prod -n lab \
             logs x\nkubectl --kubeconfig kc.yaml --context prod get pods"
        );
    }

    #[test]
    fn without_flags_nothing_is_added() {
        assert_eq!(Advice::default().complete("kchart list"), "kchart list");
    }
}
