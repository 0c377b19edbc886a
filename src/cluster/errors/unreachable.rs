//! No answer at all, and logins that were not accepted.

use std::error::Error;

use kube::client::AuthError;

use super::{Doing, Target};
use crate::cluster::wire::{chain, reason};
use crate::diagnostic::Diagnostic;

/// Why there is no answer. Whatever was being done is of no interest while the server can't be reached.
pub(super) fn diagnostic(error: &kube::Error, doing: &Doing<'_>, target: &Target) -> Diagnostic {
    if let Some(login) = find::<AuthError>(error) {
        return login_failure(login, target);
    }
    if let Some(kube::Error::Auth(login)) = find::<kube::Error>(error) {
        return login_failure(login, target);
    }
    let why = reason(error);
    let diagnostic = Diagnostic::error(format!("cannot reach {}: {why}", target.words()));
    let diagnostic = if doing.subject.is_empty() {
        diagnostic
    } else {
        diagnostic.note(format!("while trying to {} {}", doing.verb, doing.subject))
    };
    let diagnostic = if why.contains("certificate") {
        diagnostic.hint("the kubeconfig's `certificate-authority-data` must be of this cluster; fetch the kubeconfig anew if the cluster was made again")
    } else {
        diagnostic.hint("is the cluster running, and is the VPN up? `kubectl get --raw /readyz` asks it the same way")
    };
    diagnostic
        .hint(format!(
            "`--kube-context NAME` takes another cluster{}",
            target.file.as_ref().map_or_else(String::new, |file| format!(" of {}", file.display()))
        ))
        .hint("`--sandbox` runs the same command in an in-process cluster")
}

/// A 401: the server answers, but knows nobody by these credentials.
pub(super) fn unauthorized(doing: &Doing<'_>, target: &Target) -> Diagnostic {
    doing.cannot(&format!("{} does not accept the credentials", target.words())).hint(match &target.file {
        Some(file) => format!("log in again, or renew the token or certificate in {}", file.display()),
        None => "the Pod's service account token may have expired or its account be gone".into(),
    })
}

/// A login plugin or token of the kubeconfig failed. Its output is not shown: it may hold a token.
pub(crate) fn login_failure(error: &AuthError, target: &Target) -> Diagnostic {
    let why = match error {
        AuthError::AuthExecStart(io) => format!("its login plugin can't be started: {}", reason(io)),
        // The command is not shown either: its arguments and variables may hold secrets.
        AuthError::AuthExecRun { out, .. } => format!("its login plugin ended with {}", out.status),
        AuthError::AuthExec(_) | AuthError::AuthExecParse(_) | AuthError::AuthExecSerialize(_) => {
            "its login plugin did not work".into()
        }
        AuthError::ReadTokenFile(io, file) => format!("token file {} can't be read: {}", file.display(), reason(io)),
        _ => "no token could be got".into(),
    };
    let diagnostic = Diagnostic::error(format!("cannot log in to {}: {why}", target.words()));
    match &target.file {
        Some(file) => diagnostic.hint(format!("see `users` in {}", file.display())),
        None => diagnostic,
    }
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|cause| cause.downcast_ref())
}
