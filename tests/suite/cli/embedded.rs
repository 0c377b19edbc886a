//! The program as a function: arguments, environment, folder and streams in, exit code out.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use kchart::cli::{Call, Environment, Pipe, Streams, Terminal, run};

use crate::suite::kchart::Kchart;

/// Remembers what is written, or breaks like a pipe whose reader is gone.
#[derive(Clone, Default)]
struct Reader {
    text: Arc<Mutex<Vec<u8>>>,
    is_gone: bool,
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.text.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reader {
    fn text(&self) -> String {
        String::from_utf8(self.text.lock().expect("no writer panicked").clone()).expect("UTF-8")
    }
}

fn call(line: &str, directory: &Path, stdout: &Reader, stderr: &Reader, terminal: Terminal) -> Call {
    let environment: Environment = [("KCHART_SANDBOX".to_owned(), "box.json".to_owned())].into_iter().collect();
    Call {
        args: std::iter::once("kchart").chain(line.split(' ')).map(Into::into).collect(),
        environment,
        directory: directory.to_owned(),
        streams: Streams {
            stdin: Box::new(io::empty()),
            stdout: Pipe::new(stdout.clone()),
            stderr: Pipe::new(stderr.clone()),
            terminal,
        },
    }
}

#[test]
fn nothing_of_the_process_is_used() {
    let folder = Kchart::new().chart("web");
    let (out, err) = (Reader::default(), Reader::default());
    assert_eq!(run(call("list", &folder.path(""), &out, &err, Terminal::NONE)), 0);
    assert!(err.text().contains("there is no release here"), "{}", err.text());
    assert_eq!(run(call("template ./web", &folder.path(""), &out, &err, Terminal::NONE)), 0);
    assert!(out.text().contains("kind: Deployment"), "{}", out.text());
    assert_eq!(run(call("template ./nothing", &folder.path(""), &out, &err, Terminal::NONE)), 3);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let folder = Kchart::new().chart("web");
    let gone = Reader { is_gone: true, ..Reader::default() };
    let err = Reader::default();
    assert_eq!(run(call("template ./web", &folder.path(""), &gone, &err, Terminal::NONE)), 0);
    assert_eq!(run(call("--help", &folder.path(""), &gone, &err, Terminal::NONE)), 0);
    assert_eq!(run(call("template ./nothing", &folder.path(""), &gone, &gone, Terminal::NONE)), 3);
    assert!(!err.text().contains("error"), "{}", err.text());
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let folder = Kchart::new().chart("web");
    let terminal = Terminal { stderr: true, ..Terminal::NONE };
    for (line, terminal, coloured) in [
        ("template ./nothing", Terminal::NONE, false),
        ("template ./nothing", terminal, true),
        ("template ./nothing --color never", terminal, false),
        ("template ./nothing --colour=always", Terminal::NONE, true),
        ("unknown", terminal, true),
        ("unknown", Terminal::NONE, false),
    ] {
        let (out, err) = (Reader::default(), Reader::default());
        run(call(line, &folder.path(""), &out, &err, terminal));
        assert_eq!(err.text().contains('\u{1b}'), coloured, "`kchart {line}`: {:?}", err.text());
    }
}

/// What a terminal shows of a call, and how it ends, when this is typed.
fn typed(answer: &'static str, line: &str, folder: &Kchart) -> (String, u8) {
    let terminal = Terminal { stdin: true, stderr: true, ..Terminal::NONE };
    let (out, err) = (Reader::default(), Reader::default());
    let mut call = call(line, &folder.path(""), &out, &err, terminal);
    call.streams.stdin = Box::new(io::Cursor::new(answer));
    let code = run(call);
    (err.text(), code)
}

#[test]
fn a_purge_is_asked_for_on_a_terminal_and_nothing_else_than_yes_is_consent() {
    let folder = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json").run("install ./web --no-wait");
    folder.success();
    let folder = folder.run("volumes -A -q");
    let is_there = |folder: &Kchart| folder.success().stdout.contains("web-data");
    for answer in ["y\n", "\n", "", "no\n", "yes please\n"] {
        let (asked, code) = typed(answer, "uninstall --purge-volumes", &folder);
        assert!(asked.contains("web-data") && asked.contains("data? Type yes: "), "{asked}");
        assert!(code == 1 && asked.contains("nothing was done"), "{answer:?}: {asked}");
    }
    assert!(is_there(&folder));
    let listed = folder.run("list --short");
    assert_eq!(listed.success().stdout, "web\n");
    let (asked, code) = typed("yes\n", "uninstall --purge-volumes", &listed);
    assert_eq!(code, 0, "{asked}");
    assert!(!is_there(&listed.run("volumes -A -q")));
}

#[test]
fn volumes_that_are_named_are_asked_for_too() {
    let folder = Kchart::new().chart("web").env("KCHART_SANDBOX", "box.json").run("install ./web --no-wait");
    folder.success();
    let folder = folder.run("uninstall web");
    folder.success();
    let folder = folder.run("volumes -A -q");
    for (answer, expected) in [("y\n", 1), ("YES\n", 0)] {
        let (asked, code) = typed(answer, "volumes purge web-data", &folder);
        assert!(asked.contains("web-data") && asked.contains("Type yes: "), "{asked}");
        assert_eq!(code, expected, "{answer:?}: {asked}");
        assert_eq!(folder.success().stdout.contains("web-data"), expected == 1, "{answer:?}: {asked}");
    }
}
