//! Which versions of an image do not start on data that another one wrote, and what they print then.
//!
//! Sources: <https://www.postgresql.org/docs/current/upgrading.html>, `checkDataDir` of PostgreSQL;
//! <https://www.rabbitmq.com/docs/upgrade#rabbitmq-version-upgradability>, the log of RabbitMQ 4.0 on data of 3.10;
//! <https://mariadb.com/docs/server/server-management/install-and-upgrade-mariadb/downgrading-between-major-versions-of-mariadb>;
//! `InnoDB`'s MY-014061 (docker-library/mysql#1007) and the server's MY-014060, as `MySQL` prints them;
//! <https://www.mongodb.com/docs/manual/reference/command/setFeatureCompatibilityVersion/>, docker-library/mongo#557.

use serde_json::Value;

use crate::sandbox::json;

/// Major and minor number, as far as they are written.
type Version = (u32, Option<u32>);

/// The version that an image's tag begins with: `17.7` of `postgres:17.7-trixie`.
pub(super) fn of(container: &Value) -> Option<String> {
    let image = json::text(container, &["image"])?.split('@').next()?;
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    let end = tag.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(tag.len());
    let version = tag[..end].trim_end_matches('.');
    parse(version).map(|_| version.to_owned())
}

fn parse(text: &str) -> Option<Version> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next().flatten()))
}

/// What a program prints that does not start on the data of another version of it; none when it starts.
pub(super) fn refusal(program: &str, data: &str, own: &str) -> Option<Vec<String>> {
    let (wrote, reads) = (parse(data)?, parse(own)?);
    match program {
        "postgres" if wrote.0 != reads.0 => Some(vec![
            "FATAL:  database files are incompatible with server".to_owned(),
            format!(
                "DETAIL:  The data directory was initialized by PostgreSQL version {}, which is not compatible with this \
                 version {own}.",
                wrote.0
            ),
        ]),
        "rabbitmq"
            if reads.0 < wrote.0 || skips(wrote, reads, (4, 0), (3, 13)) || skips(wrote, reads, (4, 3), (4, 2)) =>
        {
            Some(vec![
                "BOOT FAILED".to_owned(),
                "Error during startup: {error,failed_to_initialize_feature_flags_registry}".to_owned(),
            ])
        }
        // Before a change of the redo log's format no server reads what one after it wrote.
        "mariadb" if [(10, 5), (10, 8)].iter().any(|to| at_least(wrote, *to) && !at_least(reads, *to)) => Some(vec![
            format!("[ERROR] InnoDB: Unsupported redo log format. The redo log was created with MariaDB {data}."),
            "[ERROR] Unknown/unsupported storage engine: InnoDB".to_owned(),
        ]),
        "mysql" => mysql(wrote, reads),
        "mongo" => {
            let oldest = if reads.0 == 5 { (4, 4) } else { (reads.0.saturating_sub(1), 0) };
            (wrote.0 > reads.0 || !at_least(wrote, oldest)).then(|| vec![mongo(wrote)])
        }
        _ => None,
    }
}

/// Whether a program's data stay those of an older version until somebody tells it to raise them.
pub(super) fn is_raised_by_hand(program: &str) -> bool {
    program == "mongo"
}

fn mysql(wrote: Version, reads: Version) -> Option<Vec<String>> {
    let written = |version: Version| version.0 * 10_000 + version.1.unwrap_or(0) * 100;
    let (old, new) = (written(wrote), written(reads));
    let is_older = reads.0 < wrote.0 || reads.0 == wrote.0 && reads.1.zip(wrote.1).is_some_and(|(own, of)| own < of);
    let why = if is_older {
        format!(
            "[ERROR] [MY-014061] [InnoDB] Invalid MySQL server downgrade: Cannot downgrade from {old} to {new}. Downgrade \
             is only permitted between patch releases."
        )
    } else if skips(wrote, reads, (8, 0), (5, 7))
        || skips(wrote, reads, (8, 4), (8, 0))
        || skips(wrote, reads, (9, 0), (8, 4))
    {
        format!(
            "[ERROR] [MY-014060] [Server] Invalid MySQL server upgrade: Cannot upgrade from {old} to {new}. Upgrade to next \
             major version is only allowed from the last LTS release, which version {old} is not."
        )
    } else {
        return None;
    };
    Some(vec![why, "[ERROR] [MY-010020] [Server] Data Dictionary initialization failed.".to_owned()])
}

fn mongo(wrote: Version) -> String {
    let wrote = format!("{}.{}", wrote.0, wrote.1.unwrap_or(0));
    format!(
        "{{\"s\":\"F\",\"c\":\"CONTROL\",\"id\":20573,\"ctx\":\"initandlisten\",\"msg\":\"Wrong mongod version\",\"attr\":\
         {{\"error\":\"UPGRADE PROBLEM: Found an invalid featureCompatibilityVersion document (ERROR: Location4926900: Invalid \
         featureCompatibilityVersion document in admin.system.version: {{ _id: \\\"featureCompatibilityVersion\\\", version: \
         \\\"{wrote}\\\" }}.\"}}}}"
    )
}

/// Whether a version is that one or a later one, as far as it is written.
fn at_least(version: Version, than: (u32, u32)) -> bool {
    match version.1 {
        Some(minor) => (version.0, minor) >= than,
        None => version.0 >= than.0,
    }
}

/// Whether data are too old for a version that starts only on those from `from` on. What is not written is not older.
fn skips(wrote: Version, reads: Version, to: (u32, u32), from: (u32, u32)) -> bool {
    at_least(reads, to) && !at_least(wrote, from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_are_read_from_tags() {
        for (image, expected) in [
            ("postgres:17.7-trixie", Some("17.7")),
            ("registry.example:5000/rabbitmq:4.2-management@sha256:00", Some("4.2")),
            ("localhost:5000/postgres", None),
            ("mongo:latest", None),
        ] {
            assert_eq!(of(&json!({"image": image})).as_deref(), expected, "{image}");
        }
    }

    #[test]
    fn an_image_starts_on_what_it_can_read() {
        let refuses = |program, data, own| refusal(program, data, own).is_some();
        for (program, data, own) in [
            ("postgres", "16.4", "17"),
            ("postgres", "17", "16"),
            ("rabbitmq", "3.10", "4.0"),
            ("rabbitmq", "4.1", "4.3"),
            ("rabbitmq", "4.2", "3.13"),
            ("mariadb", "10.11", "10.6"),
            ("mariadb", "11.8", "10.6"),
            ("mysql", "8.2", "8.0"),
            ("mysql", "9.0", "8.4"),
            ("mysql", "8.0", "9"),
            ("mysql", "5.7", "8.4"),
            ("mongo", "4.4", "6.0"),
            ("mongo", "6", "8"),
            ("mongo", "7.0", "4.4"),
            ("mongo", "4.2", "5.0"),
        ] {
            assert!(refuses(program, data, own), "{program} {data} → {own}");
        }
        for (program, data, own) in [
            ("postgres", "17.5", "17.7"),
            ("rabbitmq", "3.13", "4.2"),
            ("rabbitmq", "4", "4.3"),
            ("rabbitmq", "4.2", "4.1"),
            ("mariadb", "10.6", "11.8"),
            ("mariadb", "11.8", "11.4"),
            ("mysql", "5.7", "8.0"),
            ("mysql", "8.0", "8.4"),
            ("mysql", "8.4", "9.1"),
            ("mysql", "8", "8.4"),
            ("mongo", "4.4", "5.0"),
            ("mongo", "7", "8.0"),
        ] {
            assert!(!refuses(program, data, own), "{program} {data} → {own}");
        }
    }
}
