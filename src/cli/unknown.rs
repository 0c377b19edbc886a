//! Flags of Helm that kchart does not have: what to do instead. Accepting them silently would promise what they did.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What to do instead of an unknown flag, if it is one of Helm's.
pub(super) fn hint(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    let name = flag.split('=').next().unwrap_or(flag);
    let instead = match name {
        "--atomic" | "--rollback-on-failure" | "--cleanup-on-fail" => {
            "kchart does not roll back: run the same command again when the cause is removed, it goes on from there"
        }
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
