//! What runs in a life: a server that takes its password only with an empty volume.

use proptest::prelude::*;

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    RabbitMq,
    Postgres,
    MariaDb,
    MongoDb,
}

impl Program {
    /// Its image: as it usually is, a later one and an earlier one, and one of that name that can't be pulled.
    pub(super) fn image(self, version: Version) -> &'static str {
        let [usual, later, earlier, missing] = match self {
            Self::RabbitMq => ["rabbitmq:4.2", "rabbitmq:4.3", "rabbitmq:3.13", "registry.invalid/rabbitmq:4.2"],
            Self::Postgres => ["postgres:17.7", "postgres:18.1", "postgres:16.11", "registry.invalid/postgres:17.7"],
            Self::MariaDb => ["mariadb:10.11", "mariadb:11.8", "mariadb:10.6", "registry.invalid/mariadb:10.11"],
            Self::MongoDb => ["mongo:7.0", "mongo:8.0", "mongo:6.0", "registry.invalid/mongo:7.0"],
        };
        match version {
            Version::Usual => usual,
            Version::Later => later,
            Version::Earlier => earlier,
            Version::Missing => missing,
        }
    }

    /// Its variables, and where its data are, as values of the chart.
    pub(super) fn values(self) -> String {
        let (user, password, folder) = match self {
            Self::RabbitMq => ("RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS", "/var/lib/rabbitmq/mnesia"),
            Self::Postgres => ("POSTGRES_USER", "POSTGRES_PASSWORD", "/var/lib/postgresql/data"),
            Self::MariaDb => ("MARIADB_USER", "MARIADB_PASSWORD", "/var/lib/mysql"),
            Self::MongoDb => ("MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD", "/data/db"),
        };
        format!("program.user={user},program.password={password},program.folder={folder}")
    }
}

/// Which image it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Usual,
    Later,
    Earlier,
    /// One that can't be pulled.
    Missing,
}

/// Any server.
pub(super) fn program() -> impl Strategy<Value = Program> {
    prop_oneof![
        3 => Just(Program::RabbitMq),
        1 => Just(Program::Postgres),
        1 => Just(Program::MariaDb),
        1 => Just(Program::MongoDb),
    ]
}

/// Mostly the usual one.
pub(super) fn version() -> impl Strategy<Value = Version> {
    prop_oneof![
        9 => Just(Version::Usual),
        2 => Just(Version::Later),
        1 => Just(Version::Earlier),
        2 => Just(Version::Missing),
    ]
}
