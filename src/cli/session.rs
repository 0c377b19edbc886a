//! What a verb works with: the resolved flags, the streams, and what was read so far.

use std::io::Read;
use std::path::PathBuf;

use super::flags::{Format, Globals, LockFlags, holder};
use super::output::{Output, written};
use super::signals::Signals;
use super::view::{Ending, Fails, View, encode, paint};
use super::{Environment, Terminal};
use crate::action::deploy::Reuse;
use crate::action::{Locking, Place, Progress, Reader, Reading, Remark, Source, Target};
use crate::apply::{Execution, Stop};
use crate::chart::{Lookup, Taken};
use crate::diagnostic::{Diagnostic, Failure};
use crate::plan::{Rotated, Stage};

/// One run of a verb.
pub(super) struct Session {
    pub(super) globals: Globals,
    pub(super) environment: Environment,
    pub(super) directory: PathBuf,
    pub(super) terminal: Terminal,
    pub(super) stdin: Box<dyn Read + Send>,
    /// Data.
    pub(super) out: Output,
    /// Everything else.
    pub(super) err: Output,
    pub(super) reading: Reading,
    pub(super) signals: Signals,
    /// What is printed if the verb fails from here on, besides the messages.
    pub(super) ending: Option<Ending>,
}

impl Session {
    pub(super) fn new(
        globals: Globals,
        environment: Environment,
        directory: PathBuf,
        streams: (Box<dyn Read + Send>, Output, Output, Terminal),
    ) -> Self {
        let (stdin, out, err, terminal) = streams;
        let reading = Reading::default();
        let signals = Signals::default();
        Self { globals, environment, directory, terminal, stdin, out, err, reading, signals, ending: None }
    }

    /// Prints a result in the wanted format.
    pub(super) fn show(&self, mut view: impl View) -> Result<(), Failure> {
        view.complete(&self.globals.advice);
        match self.globals.output {
            Format::Text | Format::Wide => {
                written(self.out.text(&view.text(self.terminal.stdout.then_some(self.terminal.width))))
            }
            format => written(self.out.bytes(encode(&view, format)?.as_bytes())),
        }
    }

    /// What was done before something failed: shown at once to people, else handed back for the one document.
    pub(super) fn done_before<V: View + Default>(&self, done: &mut V) -> V {
        let done = std::mem::take(done);
        if !self.globals.output.is_text() {
            return done;
        }
        // The failure is told in any case.
        let _ = self.show(done);
        V::default()
    }

    /// Prints a result that is text in itself: YAML, scripts, names.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        written(self.out.bytes(text.as_bytes()))
    }

    /// Asks something on standard error; the answer comes from standard input, on the same line.
    pub(super) fn ask(&self, question: &str) {
        let _ = self.err.text(question);
    }

    /// Says something on standard error, unless `--quiet`. A message that nobody can read stops nothing.
    pub(super) fn say(&self, line: &str) {
        if !self.globals.quiet {
            self.tell(line);
        }
    }

    /// Says something on standard error, also with `--quiet`.
    pub(super) fn tell(&self, line: &str) {
        let _ = self.err.text(&format!("{line}\n"));
    }

    /// Shows the remarks and warnings that were found since the last call.
    pub(super) fn show_findings(&mut self) {
        for remark in std::mem::take(&mut self.reading.remarks) {
            self.say(&remark_line(&remark));
        }
        let new = std::mem::take(&mut self.reading.warnings);
        for warning in new {
            self.show_message(&warning);
        }
    }

    /// Shows why the verb ended.
    pub(super) fn show_failure(&self, failure: &Failure) {
        for diagnostic in &failure.diagnostics {
            self.show_message(diagnostic);
        }
    }

    /// Prints this, where programs read it, if the verb fails from here on.
    pub(super) fn fails_with(&mut self, document: impl Fails + 'static) {
        self.ending = Some(Ending::new(document));
    }

    /// Prints the document of a verb that failed, where programs read it.
    pub(super) fn show_ending(&mut self, failure: &Failure) {
        let format = self.globals.output;
        let Some(ending) = self.ending.take().filter(|_| !format.is_text()) else { return };
        // The messages are told already, and the exit code says the rest.
        let written = ending.encode(failure, &self.reading, &self.globals.advice, format);
        let _ = written.map(|text| self.out.bytes(text.as_bytes()));
    }

    fn show_message(&self, diagnostic: &Diagnostic) {
        let diagnostic = self.globals.advice.complete_message(diagnostic);
        let _ = self.err.text(&paint(&diagnostic, &self.reading, self.err.color()));
    }

    /// Reads files and standard input.
    pub(super) fn reader(&mut self) -> Reader<'_> {
        Reader::new(&self.directory, &mut *self.stdin)
    }

    /// A chart by path or name.
    pub(super) fn chart(&self, reference: String) -> Source {
        let folders = self.environment.get("KCHART_CHARTS").map(|list| {
            std::env::split_paths(list).filter(|folder| !folder.as_os_str().is_empty()).collect::<Vec<_>>()
        });
        let folders = folders.unwrap_or_default().into_iter().map(|folder| self.directory.join(folder)).collect();
        Source::Chart { reference, lookup: Lookup { directory: self.directory.clone(), folders } }
    }

    /// The cluster to work on. The sandbox is named each time: nobody shall take it for a cluster. From here on signals
    /// end the verb, and no longer the process.
    pub(super) fn target(&self) -> Target {
        self.signals.listen();
        let place = match &self.globals.sandbox {
            Some(file) => {
                self.tell(&format!("sandbox: {} (no real cluster)", file.display()));
                Place::Sandbox(file.clone())
            }
            None => Place::Cluster(self.globals.access.clone()),
        };
        Target { place, concurrency: self.globals.concurrency }
    }

    /// As [`Session::say`], for those who must not hold the session meanwhile.
    pub(super) fn teller(&self) -> impl Fn(&str) + use<> {
        let (err, quiet) = (self.err.clone(), self.globals.quiet);
        move |line| {
            if !quiet {
                let _ = err.text(&format!("{line}\n"));
            }
        }
    }

    /// How the lock of a release is taken.
    pub(super) fn locking<'a>(&self, flags: &LockFlags, stop: &Stop, tell: &'a dyn Fn(&str)) -> Locking<'a> {
        Locking { holder: holder(&self.environment), patience: flags.lock_timeout, stop: stop.clone(), tell }
    }

    /// How plans are run.
    pub(super) fn execution(&self) -> Execution {
        Execution { timeout: self.globals.timeout, concurrency: self.globals.concurrency }
    }
}

fn remark_line(remark: &Remark) -> String {
    match remark {
        Remark::Taken(chart, taken) => {
            let place = match taken {
                Taken::Folder(path) => format!("folder {}", path.display()),
                Taken::Archive(path) => format!("archive {}", path.display()),
                Taken::Bundled(_) => "bundled with kchart".to_owned(),
            };
            format!("chart: {} {} ({place})", chart.name, chart.version)
        }
        Remark::Reused(revision, Reuse::Everything) => {
            format!("values: all of revision {revision}, defaults of its chart included, then the given ones")
        }
        Remark::Reused(revision, _) => {
            format!("values: the chart's defaults, those given for revision {revision}, then the given ones")
        }
        Remark::BackTo(revision, chart) => {
            let chart = chart.as_ref().map(|chart| format!(", chart {} {}", chart.name, chart.version));
            format!("back to revision {revision}{}", chart.unwrap_or_default())
        }
        Remark::Rotates(Rotated { key, stage: Stage::New }) => format!("rotating {key}"),
        Remark::Rotates(Rotated { key, stage: Stage::Ended }) => {
            format!("ending the rotation of {key}, which was begun before")
        }
        Remark::Rotates(Rotated { key, stage: Stage::GivenUp }) => format!("giving up the rotation of {key}"),
        Remark::Continues(revision, status, None) => format!("going on from revision {revision}, which is {status}"),
        Remark::Continues(revision, status, Some(Progress { made, planned })) => {
            format!("going on from revision {revision}, which is {status}: {made} of its {planned} changes were made")
        }
    }
}
