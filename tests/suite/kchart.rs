//! Runs the built binary as a user types it, hermetically: clean environment, a folder of its own, no colours, fixed
//! width. Exact output is compared with goldens; `SNAPSHOTS=overwrite` rewrites those that stand in files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use snapbox::Assert;

/// A call of kchart in a folder of its own; several calls can follow each other there.
pub(crate) struct Kchart {
    folder: tempfile::TempDir,
    args: Vec<String>,
    environment: BTreeMap<String, String>,
    stdin: String,
}

/// What a call printed.
pub(crate) struct Printed {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Kchart {
    /// A call in an empty folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self { folder, args: Vec::new(), environment: BTreeMap::new(), stdin: String::new() }
    }

    /// Writes a file into the folder.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("the path is below the folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
        self
    }

    /// A small chart in the folder: a Deployment with a Secret and a claim.
    pub(crate) fn chart(self, name: &str) -> Self {
        self.file(&format!("{name}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"))
            .file(
                &format!("{name}/values.yaml"),
                "image: nginx:1.29\nreplicas: 1\npassword: change-me-please\nsize: 1Gi\n",
            )
            .file(&format!("{name}/templates/workload.yaml.hbs"), WORKLOAD)
    }

    /// Sets the command line, blanks between the arguments.
    pub(crate) fn run(mut self, line: &str) -> Self {
        self.args = line.split_whitespace().map(str::to_owned).collect();
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What standard input holds.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    /// A path in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs, and expects exit code 0.
    #[track_caller]
    pub(crate) fn success(&self) -> Printed {
        self.expect(0)
    }

    /// Runs, and expects this exit code.
    #[track_caller]
    pub(crate) fn failure(&self, code: u8) -> Printed {
        self.expect(code)
    }

    #[track_caller]
    fn expect(&self, code: u8) -> Printed {
        let (actual, printed) = self.output();
        let line = self.args.join(" ");
        assert_eq!(
            actual,
            Some(i32::from(code)),
            "`kchart {line}`\n--- stdout\n{}\n--- stderr\n{}",
            printed.stdout,
            printed.stderr
        );
        printed
    }

    /// Runs; the exit code and what was printed, the folder's own path replaced by `[FOLDER]`.
    pub(crate) fn output(&self) -> (Option<i32>, Printed) {
        let mut child = self.start();
        // kchart may end without reading its input.
        let _ = child.stdin.take().expect("the input is piped").write_all(self.stdin.as_bytes());
        self.ended(child)
    }

    /// Runs, and sends SIGINT as soon as a line of standard error has this text; the exit code and standard error.
    #[cfg(unix)]
    pub(crate) fn interrupt_when(&self, text: &str) -> (Option<i32>, String) {
        use std::io::{BufRead, BufReader};
        let mut child = self.start();
        let (mut stderr, mut is_sent) = (String::new(), false);
        for line in BufReader::new(child.stderr.take().expect("it is piped")).lines() {
            let line = line.expect("kchart prints UTF-8");
            if !is_sent && line.contains(text) {
                let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill starts");
                is_sent = sent.success();
            }
            stderr.push_str(&line);
            stderr.push('\n');
        }
        (child.wait().expect("kchart ends").code(), self.text(stderr.into_bytes()))
    }

    /// Begins to run; the call's own input is not given to it.
    pub(crate) fn start(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_kchart"))
            .args(&self.args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .envs(&self.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kchart starts")
    }

    /// Waits for the end of a call that was begun in this folder: its exit code and what was printed since.
    pub(crate) fn ended(&self, child: Child) -> (Option<i32>, Printed) {
        let output = child.wait_with_output().expect("kchart ends");
        (output.status.code(), Printed { stdout: self.text(output.stdout), stderr: self.text(output.stderr) })
    }

    fn text(&self, bytes: Vec<u8>) -> String {
        let text = String::from_utf8(bytes).expect("kchart prints UTF-8");
        text.replace(&*self.folder.path().to_string_lossy(), "[FOLDER]")
    }

    /// A file of the folder.
    pub(crate) fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.path(path)).ok()
    }
}

/// A workload with a Secret that its claim could have been initialised with.
const WORKLOAD: &str = r"apiVersion: v1
kind: Secret
metadata:
  name: {{release.name}}
stringData:
  password: {{values.password}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{release.name}}-data
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: {{values.size}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{release.name}}
spec:
  replicas: {{values.replicas}}
  selector:
    matchLabels:
      app: {{release.name}}
  template:
    metadata:
      labels:
        app: {{release.name}}
    spec:
      containers:
        - name: main
          image: {{values.image}}
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {{release.name}}
                  key: password
          volumeMounts:
            - name: data
              mountPath: /data
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: {{release.name}}-data
";

/// Compares text with a golden that stands in the test or in a file (`snapbox::str!`, `snapbox::file!`). Times, uids
/// and generated names of volumes are replaced first.
#[track_caller]
pub(crate) fn assert_text(actual: &str, expected: impl snapbox::IntoData) {
    let patterns = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[UID]"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z", "[DATE]"),
        (r"\b\d\d:\d\d:\d\dZ", "[TIME]"),
        (r"\b\d{4}-\d\d-\d\d\b", "[DAY]"),
        (r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-[POD]"),
    ];
    let redacted = patterns.iter().fold(actual.to_owned(), |text, (pattern, name)| {
        regex::Regex::new(pattern).expect("the pattern is one").replace_all(&text, *name).into_owned()
    });
    Assert::new().action_env("SNAPSHOTS").eq(redacted, expected);
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
