//! Images that read their credentials only when they initialise their data: started on data that were initialised
//! with others, they run and refuse every login.

use serde_json::Value;

use super::environment::Environment;
use super::mounts::data_location;
use super::program::Outcome;
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
    },
    Program {
        image: "postgres",
        folder: "/var/lib/postgresql/data",
        users: &["POSTGRES_USER"],
        user: "postgres",
        passwords: &["POSTGRES_PASSWORD"],
        password: None,
        by_host: false,
    },
    Program {
        image: "mariadb",
        folder: "/var/lib/mysql",
        users: &["MARIADB_USER", "MYSQL_USER"],
        user: "root",
        passwords: &["MARIADB_PASSWORD", "MYSQL_PASSWORD", "MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        password: None,
        by_host: false,
    },
    Program {
        image: "mysql",
        folder: "/var/lib/mysql",
        users: &["MYSQL_USER"],
        user: "root",
        passwords: &["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        password: None,
        by_host: false,
    },
    Program {
        image: "mongo",
        folder: "/data/db",
        users: &["MONGO_INITDB_ROOT_USERNAME"],
        user: "root",
        passwords: &["MONGO_INITDB_ROOT_PASSWORD"],
        password: Some(""),
        by_host: false,
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
    let location = data_location(state, pod, container, program.folder);
    let name = program.name(pod);
    let user = environment.first(program.users).unwrap_or(program.user);
    let Some(password) = environment.first(program.passwords).or(program.password) else {
        if state.disks.written(&location, &name).is_some() {
            return (Outcome::Running { ready: true, why: String::new() }, Vec::new());
        }
        let line = "Error: Database is uninitialized and superuser password is not specified.".to_owned();
        return (Outcome::Crashing { code: 1, why: line.clone() }, vec![line]);
    };
    let given = hash(&location, password);
    match state.disks.written(&location, &name) {
        None => {
            let written = Written { program: name, user: user.to_owned(), password: given };
            state.disks.write(&location, written);
            let line = format!("{}: initialised an empty data folder", program.image);
            (Outcome::Running { ready: true, why: String::new() }, vec![line])
        }
        Some(written) if written.user == user && written.password == given => {
            let line = format!("{}: data folder found, initialisation skipped", program.image);
            (Outcome::Running { ready: true, why: String::new() }, vec![line])
        }
        Some(_) => {
            let line = program.refusal(user);
            let found = format!("{}: data folder found, initialisation skipped", program.image);
            (Outcome::Running { ready: false, why: line.clone() }, vec![found, line])
        }
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

    /// What it prints when a login fails.
    pub(super) fn refusal(&self, user: &str) -> String {
        match self.image {
            "rabbitmq" => format!("PLAIN login refused: user '{user}' - invalid credentials"),
            "postgres" => format!("FATAL:  password authentication failed for user \"{user}\""),
            "mongo" => format!("SCRAM authentication failed for user \"{user}\": AuthenticationFailed"),
            _ => format!("Access denied for user '{user}'@'localhost' (using password: YES)"),
        }
    }

    /// The variables of its password.
    pub(super) fn passwords(&self) -> &'static [&'static str] {
        self.passwords
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
