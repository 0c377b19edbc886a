//! Images that read their credentials only when they initialise their data: started on data that were initialised
//! with others, they run and refuse every login.

use serde_json::Value;

use super::environment::Environment;
use super::files::File;
use super::mounts::data_location;
use super::program::Outcome;
use super::version;
use crate::sandbox::disks::{Written, hash};
use crate::sandbox::json;
use crate::sandbox::state::State;

/// One such image (sources: the images' documentation, section on environment variables).
#[derive(Debug)]
pub(super) struct Program {
    /// The last part of the image's name.
    pub(super) image: &'static str,
    /// Where its data are.
    folder: &'static str,
    /// Variables of the user name, the first that is set counts.
    users: &'static [&'static str],
    /// The user name without any of them.
    user: &'static str,
    /// Variables of the password.
    passwords: &'static [&'static str],
    /// The password without any of them; none where the image refuses to start.
    password: Option<&'static str>,
    /// Whether its data are those of one host name (RabbitMQ's node name).
    by_host: bool,
    /// Whether it takes `NAME_FILE` for each of its variables; if not, it refuses to start with one.
    files: bool,
}

const PROGRAMS: &[Program] = &[
    Program {
        image: "rabbitmq",
        folder: "/var/lib/rabbitmq/mnesia",
        users: &["RABBITMQ_DEFAULT_USER"],
        user: "guest",
        passwords: &["RABBITMQ_DEFAULT_PASS"],
        password: Some("guest"),
        by_host: true,
        files: false,
    },
    Program {
        image: "postgres",
        folder: "/var/lib/postgresql/data",
        users: &["POSTGRES_USER"],
        user: "postgres",
        passwords: &["POSTGRES_PASSWORD"],
        password: None,
        by_host: false,
        files: true,
    },
    Program {
        image: "mariadb",
        folder: "/var/lib/mysql",
        users: &["MARIADB_USER", "MYSQL_USER"],
        user: "root",
        passwords: &["MARIADB_PASSWORD", "MYSQL_PASSWORD", "MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        password: None,
        by_host: false,
        files: true,
    },
    Program {
        image: "mysql",
        folder: "/var/lib/mysql",
        users: &["MYSQL_USER"],
        user: "root",
        passwords: &["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        password: None,
        by_host: false,
        files: true,
    },
    Program {
        image: "mongo",
        folder: "/data/db",
        users: &["MONGO_INITDB_ROOT_USERNAME"],
        user: "root",
        passwords: &["MONGO_INITDB_ROOT_PASSWORD"],
        password: Some(""),
        by_host: false,
        files: true,
    },
];

/// The program behind a container's image, unless the container runs something else of it.
pub(super) fn program(container: &Value) -> Option<&'static Program> {
    let image = json::text(container, &["image"])?;
    let name = image.split('@').next()?.rsplit('/').next()?.split(':').next()?;
    let own = container.get("command").is_none();
    PROGRAMS.iter().find(|program| program.image == name && own)
}

/// Starts it on its data.
pub(super) fn start(
    state: &mut State,
    pod: &Value,
    container: &Value,
    environment: &Environment,
    program: &Program,
) -> (Outcome, Vec<String>) {
    let ends =
        |lines: Vec<String>| (Outcome::Crashing { code: 1, why: lines.last().cloned().unwrap_or_default() }, lines);
    let works = |line: String| (Outcome::Running { ready: true, why: String::new() }, vec![line]);
    let location = data_location(state, pod, container, program.folder);
    let name = program.name(pod);
    let given = |variables: &[&str]| program.given(state, pod, container, environment, variables);
    let (user, password) = match (given(program.users), given(program.passwords)) {
        (Ok(user), Ok(password)) => (user.unwrap_or_else(|| program.user.to_owned()), password),
        (Err(lines), _) | (_, Err(lines)) => return ends(lines),
    };
    let password = password.or_else(|| program.password.map(str::to_owned)).map(|password| hash(&location, &password));
    let own = version::of(container);
    let Some(written) = state.disks.written(&location, &name).cloned() else {
        let Some(password) = password else {
            return ends(vec!["Error: Database is uninitialized and superuser password is not specified.".to_owned()]);
        };
        state.disks.write(&location, Written { program: name, user, password, version: own });
        return works(format!("{}: initialised an empty data folder", program.image));
    };
    if let (Some(data), Some(own)) = (&written.version, &own)
        && let Some(lines) = version::refusal(program.image, data, own)
    {
        return ends(lines);
    }
    if let Some(own) = own.filter(|_| !version::is_raised_by_hand(program.image)) {
        state.disks.upgrade(&location, &name, own);
    }
    let found = format!("{}: data folder found, initialisation skipped", program.image);
    match password {
        Some(password) if written.user != user || written.password != password => {
            let line = program.refusal(&user);
            (Outcome::Running { ready: false, why: line.clone() }, vec![found, line])
        }
        _ => works(found),
    }
}

impl Program {
    /// Under which name it writes its data: RabbitMQ under that of its node.
    fn name(&self, pod: &Value) -> String {
        if !self.by_host {
            return self.image.to_owned();
        }
        let host = json::text(pod, &["spec", "hostname"]).or_else(|| json::text(pod, &["metadata", "name"]));
        format!("{}@{}", self.image, host.unwrap_or_default())
    }

    /// The first of some variables that is set, by itself or in a file (`file_env` of the images' entrypoints); what is
    /// printed when that is none.
    fn given(
        &self,
        state: &State,
        pod: &Value,
        container: &Value,
        environment: &Environment,
        variables: &[&str],
    ) -> Result<Option<String>, Vec<String>> {
        for variable in variables {
            let named = format!("{variable}_FILE");
            match (environment.get(variable), environment.get(&named)) {
                (None, None) => {}
                (_, Some(_)) if !self.files => {
                    return Err(vec![
                        format!("error: {named} is set but deprecated"),
                        "error: deprecated environment variables detected".to_owned(),
                    ]);
                }
                (Some(value), None) => return Ok(Some(value.to_owned())),
                (Some(_), Some(_)) => {
                    return Err(vec![format!("error: both {variable} and {named} are set (but are exclusive)")]);
                }
                (None, Some(path)) => {
                    let file = File::at(state, pod, container, path).and_then(|file| file.read(state, pod));
                    let missing =
                        || vec![format!("/usr/local/bin/docker-entrypoint.sh: {path}: No such file or directory")];
                    return file.map(Some).ok_or_else(missing);
                }
            }
        }
        Ok(None)
    }

    /// Whether a container of it takes its password from a Secret.
    pub(super) fn takes(&self, state: &State, pod: &Value, container: &Value, secret: &str) -> bool {
        json::list(container, &["env"]).iter().any(|variable| {
            let name = json::text(variable, &["name"]).unwrap_or_default();
            let path = json::text(variable, &["value"]).unwrap_or_default();
            let from = json::text(variable, &["valueFrom", "secretKeyRef", "name"]);
            self.passwords.iter().any(|known| match name.strip_prefix(known) {
                Some("") => from == Some(secret),
                Some("_FILE") => File::at(state, pod, container, path).is_some_and(|file| file.object == secret),
                _ => false,
            })
        })
    }

    /// What it prints when a login fails.
    pub(super) fn refusal(&self, user: &str) -> String {
        match self.image {
            "rabbitmq" => format!("PLAIN login refused: user '{user}' - invalid credentials"),
            "postgres" => format!("FATAL:  password authentication failed for user \"{user}\""),
            "mongo" => format!("SCRAM authentication failed for user \"{user}\": AuthenticationFailed"),
            _ => format!("Access denied for user '{user}'@'localhost' (using password: YES)"),
        }
    }

    /// What is on the data of a running Pod of this program.
    pub(super) fn written<'a>(
        &self,
        state: &'a State,
        pod: &Value,
        container: &Value,
    ) -> Option<(String, &'a Written)> {
        let location = data_location(state, pod, container, self.folder);
        let written = state.disks.written(&location, &self.name(pod))?;
        Some((location, written))
    }
}
