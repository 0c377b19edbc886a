//! The thin binary: parse, run, exit.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    Ok(ExitCode::from(kchart::cli::run(kchart::cli::Call::of_this_process()?)))
}
