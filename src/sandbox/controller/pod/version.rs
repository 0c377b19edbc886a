//! Which versions of an image do not start on data that another one wrote, and what they print then.
//!
//! Sources: <https://www.postgresql.org/docs/current/upgrading.html>, `checkDataDir` of PostgreSQL;
//! <https://www.rabbitmq.com/docs/upgrade#rabbitmq-version-upgradability>, the log of RabbitMQ 4.0 on data of 3.10.

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
        _ => None,
    }
}

/// Whether data are too old for a version that starts only on those from `from` on. What is not written is not older.
fn skips(wrote: Version, reads: Version, to: (u32, u32), from: (u32, u32)) -> bool {
    let at_least = |version: Version, than: (u32, u32)| match version.1 {
        Some(minor) => (version.0, minor) >= than,
        None => version.0 >= than.0,
    };
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
        ] {
            assert!(refuses(program, data, own), "{program} {data} → {own}");
        }
        for (program, data, own) in [
            ("postgres", "17.5", "17.7"),
            ("rabbitmq", "3.13", "4.2"),
            ("rabbitmq", "4", "4.3"),
            ("rabbitmq", "4.2", "4.1"),
            ("mongo", "6", "8"),
        ] {
            assert!(!refuses(program, data, own), "{program} {data} → {own}");
        }
    }
}
