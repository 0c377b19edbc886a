//! Refused logins in what programs print: the mark of a credential that is not the one its volume was initialised with.
//!
//! Such a server is healthy, and only its log, its clients' logs and a probe that logs in tell of it. Which volume and
//! which Secret it is about is known from the plan; where it is not, nothing is claimed of a volume.

use super::finding::{Finding, Reason, Weight};
use super::opener::Opener;

/// How programs say it. Sources: RabbitMQ's log, `rabbitmqctl authenticate_user` and the AMQP 0-9-1 close reason;
/// `auth.c` of PostgreSQL; `ER_ACCESS_DENIED_ERROR` of `MySQL` and `MariaDB`; error 18 of `MongoDB`, in its log and in its
/// drivers; `Security.Unauthorized` of Neo4j; Elasticsearch's 401; Cassandra's `PasswordAuthenticator`; Redis.
const REFUSALS: &[&str] = &[
    "PLAIN login refused",
    "AMQPLAIN login refused",
    "ACCESS_REFUSED",
    "Login was refused using authentication mechanism",
    "failed to authenticate user",
    "password authentication failed",
    "Access denied for user",
    "authentication failed for user",
    "AuthenticationFailed",
    "Authentication failed.",
    "Neo.ClientError.Security.Unauthorized",
    "and/or password are incorrect",
    "WRONGPASS",
];

/// Of these, what only a client says: its own volume has nothing to do with it.
const OF_CLIENTS: &[&str] = &["ACCESS_REFUSED", "Login was refused using authentication mechanism"];

/// A container, and what it said.
pub(super) struct Told<'a> {
    /// Its name.
    pub(super) container: &'a str,
    /// What its probes got, and after it the last lines that it printed.
    pub(super) lines: Vec<&'a str>,
    /// The claims of its Pod.
    pub(super) claims: Vec<&'a str>,
    /// The Secrets that its variables are taken from.
    pub(super) reads: Vec<&'a str>,
    /// What opens which claim in its namespace.
    pub(super) openers: Vec<&'a Opener>,
    /// How commands name the release: `web -n shop`.
    pub(super) release: &'a str,
}

/// A refused login among the last lines of a container.
pub(super) fn finding(told: &Told<'_>) -> Option<Finding> {
    let has = |line: &str, words: &[&str]| words.iter().any(|words| line.contains(words));
    let line = *told.lines.iter().rev().find(|line| has(line, REFUSALS))?;
    let serves = !has(line, OF_CLIENTS);
    let own = told.openers.iter().find(|opener| serves && told.claims.contains(&opener.claim.as_str()));
    let others = told.openers.iter().find(|opener| told.reads.contains(&opener.secret.as_str()));
    Some(match (own, others) {
        (Some(opener), _) => of_server(told, opener, line),
        (None, Some(opener)) => of_client(told, opener, line),
        (None, None) => of_nobody(told, serves && !told.claims.is_empty(), line),
    })
}

/// Something refuses logins to data whose credential is known.
fn of_server(told: &Told<'_>, opener: &Opener, line: &str) -> Finding {
    let Told { container, release, .. } = told;
    let (secret, claim) = (opener.told(), &opener.claim);
    let sentence = match &opener.since {
        Some(since) => format!(
            "{secret} is not what volume claim `{claim}` was initialised with (it holds data since {since}): container \
             `{container}` says `{line}`"
        ),
        None => format!(
            "{secret} does not open volume claim `{claim}` although it is new, so its volume may hold older data: \
             container `{container}` says `{line}`"
        ),
    };
    let found = login(sentence);
    let found = match &opener.since {
        Some(_) => found.next(old_value(opener)),
        // minikube's provisioner gives a claim the folder of an earlier one of its name (kubernetes/minikube#16140).
        None => found.next(format!(
            "look whose data is in the volume: some provisioners keep the folder of an earlier claim `{claim}`; if you know \
             its password, give it: `--set …=<the old value>`, with `--adopt-volumes`"
        )),
    };
    found.next(format!("or destroy the data: `kchart uninstall {release} --purge-volumes`, then install again"))
}

/// A client is refused with the credential of data that are known. Nothing is destroyed because of a client.
fn of_client(told: &Told<'_>, opener: &Opener, line: &str) -> Finding {
    let Told { container, release, .. } = told;
    let (secret, claim) = (opener.told(), &opener.claim);
    match &opener.since {
        Some(since) => login(format!(
            "the login of container `{container}` is refused; {secret} is not what volume claim `{claim}` was initialised \
             with (it holds data since {since}): `{line}`"
        ))
        .next(old_value(opener)),
        None => login(format!(
            "the login of container `{container}` is refused, with {secret}, which opens volume claim `{claim}`: `{line}`"
        )),
    }
    .next(compare(release))
}

/// Nothing is known of what opens what.
fn of_nobody(told: &Told<'_>, may_be_old: bool, line: &str) -> Finding {
    let Told { container, release, .. } = told;
    if !may_be_old {
        return login(format!("the login of container `{container}` is refused: `{line}`")).next(compare(release));
    }
    login(format!(
        "container `{container}` refuses the login that it is probed with; its volume may be older than the Secret: `{line}`"
    ))
    .next(compare(release))
    .next(format!(
        "give the value that the volume was initialised with, or destroy the data: `kchart uninstall {release} \
         --purge-volumes`"
    ))
}

fn login(sentence: String) -> Finding {
    Finding::new(Weight::Login, Reason::Login, sentence)
}

fn old_value(opener: &Opener) -> String {
    format!(
        "give the value that it was initialised with: `--set …=<the old value>`, or in a values file, for {}",
        opener.told()
    )
}

fn compare(release: &str) -> String {
    format!("compare with what opens the volumes: `kchart get credentials {release}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "PLAIN login refused: user 'app' - invalid credentials";
    const CLIENT: &str = "ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused'";

    fn opener(since: Option<&str>) -> Opener {
        Opener {
            namespace: "shop".into(),
            claim: "data-mq-0".into(),
            secret: "mq".into(),
            keys: vec!["password".into(), "username".into()],
            since: since.map(str::to_owned),
        }
    }

    fn told<'a>(line: &'a str, claims: &[&'a str], reads: &[&'a str], openers: &'a [Opener]) -> Option<Finding> {
        finding(&Told {
            container: "c",
            lines: vec!["starting", line, "bye"],
            claims: claims.to_vec(),
            reads: reads.to_vec(),
            openers: openers.iter().collect(),
            release: "web -n shop",
        })
    }

    #[test]
    fn programs_are_understood() {
        for line in [
            SERVER,
            CLIENT,
            "Error: failed to authenticate user \"app\"",
            "FATAL:  password authentication failed for user \"app\"",
            "ERROR 1045 (28000): Access denied for user 'app'@'localhost' (using password: YES)",
            "pymongo.errors.OperationFailure: Authentication failed., full error: {'ok': 0.0, 'code': 18}",
            "{\"t\":{},\"s\":\"I\",\"c\":\"ACCESS\",\"msg\":\"Authentication failed\",\"attr\":{\"error\":\"AuthenticationFailed: SCRAM\"}}",
            "failed to authenticate user [elastic]",
        ] {
            let found = told(line, &[], &[], &[]).unwrap();
            assert_eq!(found.sentence, format!("the login of container `c` is refused: `{line}`"));
            assert_eq!(found.next, ["compare with what opens the volumes: `kchart get credentials web -n shop`"]);
        }
        assert_eq!(told("all is well", &["data-mq-0"], &[], &[]), None);
    }

    #[test]
    fn a_server_on_a_reused_volume() {
        let found = told(SERVER, &["data-mq-0"], &["mq"], &[opener(Some("2026-05-02"))]).unwrap();
        assert_eq!(
            found.sentence,
            format!(
                "`password` or `username` of Secret `mq` is not what volume claim `data-mq-0` was initialised with (it \
                 holds data since 2026-05-02): container `c` says `{SERVER}`"
            )
        );
        assert!(found.next[0].starts_with("give the value that it was initialised with"), "{:?}", found.next);
        assert!(found.next[1].contains("`kchart uninstall web -n shop --purge-volumes`"), "{:?}", found.next);
    }

    #[test]
    fn a_server_on_a_new_claim_with_a_used_volume() {
        let found = told(SERVER, &["data-mq-0"], &["mq"], &[opener(None)]).unwrap();
        assert!(found.sentence.contains("although it is new, so its volume may hold older data"), "{}", found.sentence);
        assert!(found.next[0].contains("an earlier claim `data-mq-0`"), "{:?}", found.next);
    }

    #[test]
    fn a_client_is_told_of_the_volume_behind_its_server_and_destroys_nothing() {
        // A client may have a claim of its own.
        for (line, claims) in [(CLIENT, vec!["mine"]), (SERVER, vec!["mine"]), (CLIENT, vec!["data-mq-0"])] {
            let found = told(line, &claims, &["mq"], &[opener(Some("2026-05-02"))]).unwrap();
            assert!(
                found
                    .sentence
                    .starts_with("the login of container `c` is refused; `password` or `username` of Secret `mq`"),
                "{}",
                found.sentence
            );
            assert!(!found.next.concat().contains("purge"), "{:?}", found.next);
        }
        let found = told(CLIENT, &[], &["mq"], &[opener(None)]).unwrap();
        assert!(
            found.sentence.contains("with `password` or `username` of Secret `mq`, which opens"),
            "{}",
            found.sentence
        );
    }

    #[test]
    fn nothing_is_claimed_of_volumes_that_nobody_declared() {
        let sentence = |line, claims: &[&str]| told(line, claims, &["x"], &[opener(None)]).unwrap().sentence;
        assert!(sentence(SERVER, &["other"]).contains("its volume may be older than the Secret"));
        assert!(sentence(CLIENT, &["other"]).starts_with("the login of container `c` is refused: "));
    }
}
