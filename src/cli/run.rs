//! The whole program as a function.

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::FromArgMatches;

use super::command::{Cli, Verb, command_for};
use super::flags::{Color, color_of};
use super::log::Lines;
use super::output::{Output, written};
use super::session::Session;
use super::{Call, Pipe, Streams, bug, exit, log, unknown};
use crate::diagnostic::{Diagnostic, Failure};

/// Runs a command line and returns its exit code. Never panics, and never writes a Secret value unless it is asked to.
pub fn run(call: Call) -> u8 {
    let mut stderr = call.streams.stderr.clone();
    catch_unwind(AssertUnwindSafe(|| parse_and_run(call))).unwrap_or_else(|_| {
        // Nobody may be listening; the exit code still tells.
        let _ = stderr.write_all(bug::message().as_bytes());
        exit::BUG
    })
}

fn parse_and_run(call: Call) -> u8 {
    let Call { args, environment, directory, streams } = call;
    let Streams { stdin, stdout, stderr, terminal } = streams;
    let outputs = |color| (shown(stdout, color, terminal.stdout), shown(stderr, color, terminal.stderr));
    let cli = match command_for(terminal).try_get_matches_from(&args).and_then(|it| Cli::from_arg_matches(&it)) {
        Ok(cli) => cli,
        Err(error) => {
            let (out, err) = outputs(color_of(&environment));
            return help_or_usage(error, &args, &out, &err);
        }
    };
    let (out, err) = outputs(cli.globals.color(&environment));
    let Cli { verb, globals, .. } = cli;
    let globals = match globals.resolve(&environment, &directory) {
        Ok(globals) => globals,
        Err(failure) => return show(&failure, &err),
    };
    let mut session = Session::new(globals, environment, directory, (stdin, out, err, terminal));
    log::with(session.globals.verbose, Lines::new(&session), || {
        let result = runtime().and_then(|runtime| drive(runtime, verb, &mut session));
        session.show_findings();
        match result {
            Ok(code) => code,
            Err(failure) => {
                session.show_failure(&failure);
                session.show_ending(&failure);
                exit::code(failure.class)
            }
        }
    })
}

/// One thread is enough for waiting for a cluster, and keeps logs of two runs in one process apart.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::failed(Diagnostic::error(format!("the operating system gives no event queue: {error}")))
    })
}

/// Runs a verb to its end, or until a signal says to leave at once.
fn drive(runtime: tokio::runtime::Runtime, verb: Verb, session: &mut Session) -> Result<u8, Failure> {
    let leaving = session.signals.leaving();
    let result = runtime.block_on(async {
        tokio::select! {
            result = verb.run(session) => result,
            failure = leaving => Err(failure),
        }
    });
    // What still runs on a thread of its own, a look-up of a name say, is of no interest any more.
    runtime.shutdown_background();
    result
}

fn shown(pipe: Pipe, color: Color, is_terminal: bool) -> Output {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal,
    };
    Output::new(pipe, color)
}

/// Help and version go to standard output; what is wrong with the command line to standard error.
fn help_or_usage(mut error: clap::Error, args: &[OsString], out: &Output, err: &Output) -> u8 {
    unknown::offer_the_nearest(&mut error);
    let text = error.render().ansi().to_string();
    if !error.use_stderr() {
        return match written(out.text(&text)) {
            Ok(()) => exit::DONE,
            Err(failure) => show(&failure, err),
        };
    }
    let _ = err.text(&text);
    if let Some(hint) = unknown::hint(&error, args) {
        let _ = err.text(&format!("\nhint: {hint}\n"));
    }
    exit::USAGE
}

/// Shows a failure that happened before anything was read.
fn show(failure: &Failure, err: &Output) -> u8 {
    for diagnostic in &failure.diagnostics {
        let _ = err.text(&super::view::paint(diagnostic, &crate::action::Reading::default(), err.color()));
    }
    exit::code(failure.class)
}

impl Verb {
    /// The exit code, if nothing fails.
    async fn run(self, session: &mut Session) -> Result<u8, Failure> {
        let done = match self {
            Self::Diff(verb) => return verb.run(session).await,
            Self::Template(verb) => verb.run(session),
            Self::Install(verb) => verb.run(session).await,
            Self::Upgrade(verb) => verb.run(session).await,
            Self::Deploy(verb) => verb.run(session).await,
            Self::Rollback(verb) => verb.run(session).await,
            Self::Uninstall(verb) => Box::pin(verb.run(session)).await,
            Self::Status(verb) => verb.run(session).await,
            Self::List(verb) => verb.run(session).await,
            Self::History(verb) => verb.run(session).await,
            Self::Get(verb) => verb.run(session).await,
            Self::Credentials(verb) => verb.run(session).await,
            Self::Volumes(verb) => Box::pin(verb.run(session)).await,
            Self::Completion(verb) => verb.run(session),
            Self::Version(verb) => verb.run(session),
        };
        done.map(|()| exit::DONE)
    }
}
