//! An HTTP server that answers every request the same way, or none, and remembers what was asked: for what a cluster
//! would have seen of a run that must not write.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// The server; it ends with the test's process.
pub(crate) struct Listener {
    address: String,
    asked: Arc<Asked>,
}

/// What was asked so far, and a bell for those who wait for it.
#[derive(Default)]
struct Asked {
    lines: Mutex<Vec<String>>,
    bell: Condvar,
}

impl Listener {
    /// A server that answers with this status and JSON body.
    pub(crate) fn answering(status: u16, body: &'static str) -> Self {
        Self::with(Some((status, body)))
    }

    /// A server that takes every request and never answers.
    pub(crate) fn hanging() -> Self {
        Self::with(None)
    }

    fn with(answer: Option<(u16, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address").to_string();
        let asked = Arc::new(Asked::default());
        let shared = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = Arc::clone(&shared);
                thread::spawn(move || serve(stream, answer, &asked));
            }
        });
        Self { address, asked }
    }

    /// A kubeconfig for it.
    pub(crate) fn kubeconfig(&self) -> String {
        kubeconfig(&self.address)
    }

    /// Its address, to be replaced in goldens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Requests that would have changed something. `create` of a review only asks for one's rights.
    pub(crate) fn writes(&self) -> Vec<String> {
        let asked = self.asked.lines.lock().expect("no server thread panicked");
        asked
            .iter()
            .filter(|line| !line.starts_with("GET ") && !line.contains("authorization.k8s.io"))
            .cloned()
            .collect()
    }

    /// Number of requests.
    pub(crate) fn requests(&self) -> usize {
        self.asked.lines.lock().expect("no server thread panicked").len()
    }

    /// Waits until so many requests have come.
    pub(crate) fn wait_for(&self, requests: usize) {
        let lines = self.asked.lines.lock().expect("no server thread panicked");
        let waited = self.asked.bell.wait_while(lines, |lines| lines.len() < requests);
        drop(waited.expect("no server thread panicked"));
    }
}

/// A kubeconfig for a server at this address.
pub(crate) fn kubeconfig(address: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: test\n  cluster:\n    server: http://{address}\n\
         contexts:\n- name: test\n  context:\n    cluster: test\n    user: test\nusers:\n- name: test\n  user: {{}}\n"
    )
}

/// Answers all requests of one connection.
fn serve(stream: TcpStream, answer: Option<(u16, &str)>, asked: &Asked) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).ok()? == 0 {
            return None;
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new()).ok()?;
        asked.lines.lock().ok()?.push(first.trim().to_owned());
        asked.bell.notify_all();
        let Some((status, body)) = answer else { continue };
        write!(
            writer,
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
    }
}
