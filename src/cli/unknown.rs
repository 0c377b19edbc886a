//! Flags and verbs of Helm that kchart does not have: what to do instead. Accepting them silently would promise what
//! they did.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::diagnostic::nearest;

/// Of the verbs that look like an unknown one, only the nearest is offered: clap measures by common letters, and finds
/// `list` and `uninstall` in `instal`.
pub(super) fn offer_the_nearest(error: &mut clap::Error) {
    let (Some(ContextValue::String(typed)), Some(ContextValue::Strings(offered))) =
        (error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::SuggestedSubcommand))
    else {
        return;
    };
    if let Some(nearest) = nearest(typed, offered.iter().map(String::as_str)).map(str::to_owned) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![nearest]));
    }
}

/// What to do instead of an unknown flag or verb, if it is one that people know from Helm.
pub(super) fn hint(error: &clap::Error, args: &[OsString]) -> Option<String> {
    match (error.kind(), error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(argument)), _) if argument.starts_with('-') => {
            flag(argument)
        }
        (ErrorKind::UnknownArgument, Some(ContextValue::String(argument)), _) => {
            let before = args.iter().position(|arg| arg == argument.as_str()).and_then(|at| at.checked_sub(1));
            let is_file = before.is_some_and(|before| args[before] == "--sandbox");
            is_file.then(|| format!("the sandbox's file is given with `=`: `--sandbox={argument}`"))
        }
        (ErrorKind::InvalidSubcommand, _, Some(ContextValue::String(verb))) => instead(verb).map(str::to_owned),
        _ => None,
    }
}

/// What to do instead of a verb of Helm, or of one that people expect.
fn instead(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "lint" => "`kchart template CHART -f FILE` checks a chart and its values",
        "purge" | "volume" => {
            "`kchart volumes` shows what is left, `kchart uninstall NAME --purge-volumes` destroys it with its data"
        }
        "remove" | "rm" | "destroy" => "`kchart uninstall NAME` takes a release away, and keeps its volumes",
        "plan" => "`kchart diff [NAME] CHART` shows what would change",
        "rotate" => "`kchart credentials rotate NAME` changes a password inside the service, too",
        "hooks" => "kchart has no hooks: their Jobs are objects like others, in `kchart get manifest NAME`",
        "metadata" => "`kchart get all NAME -o json` has it",
        "values" | "manifest" | "notes" => {
            "`kchart get values|manifest|notes NAME` reads back what is stored of a release"
        }
        "apply" => "`kchart deploy [NAME] CHART` installs or upgrades",
        "show" | "inspect" => "`kchart template CHART` shows what a chart renders; its values.yaml has the defaults",
        "dependency" | "dep" => "put subcharts below `charts/`, or name them by `repository: file://…`",
        _ => return None,
    })
}

fn flag(flag: &str) -> Option<String> {
    let name = flag.split('=').next().unwrap_or(flag);
    let instead = match name {
        "--cleanup-on-fail" => "`--rollback-on-failure` goes back to what worked",
        "--server-side" => "kchart always applies on the server's side",
        "--wait-for-jobs" => "kchart always waits for Jobs too, unless `--no-wait` is given",
        "--force" | "--force-replace" => "kchart replaces what can't be changed where that is safe, and says so",
        "--take-ownership" => "use `--adopt KIND/NAME`, or `--adopt all`",
        "--no-hooks" => "kchart has no hooks",
        "--hide-secret" => "Secret values are never shown; `template --mask` masks the manifest",
        "--generate-name" | "-g" => "without a name a release gets the name of its chart",
        "--debug" => "use `-v`, `-vv` or `-vvv`",
        "--skip-schema-validation" | "--disable-openapi-validation" => "the checks can't be switched off",
        "--render-subchart-notes" | "--hide-notes" => "notes are those of the top chart; `-q` is quiet",
        "--post-renderer" => "render first, change the YAML, then `kchart install NAME --manifest FILE`",
        "--version" => "the version of a chart is the one in its folder or archive",
        _ => return None,
    };
    Some(format!("`{name}`: {instead}"))
}
