//! What may happen in a life.

use proptest::prelude::*;

use super::program::{Program, Version, program, version};

/// A life: what runs in it, and what happens.
#[derive(Clone, Debug)]
pub(super) struct Lot {
    pub(super) program: Program,
    pub(super) operations: Vec<Operation>,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Somebody runs kchart.
    Run {
        /// Which release: there are two.
        release: u8,
        /// What it is to do.
        verb: Verb,
        /// The process dies after so many requests, if it sends as many.
        dies_after: Option<u8>,
    },
    /// A person deletes a Secret that the releases use.
    DeleteSecret(Spot),
    /// A person puts back what was deleted.
    RestoreSecret(Spot),
    /// A person has a backup of a Secret, the first content that it had, and puts that into it.
    RestoreBackup(Spot),
    /// A person makes a Secret, or fills it with something else: with the password of another one, or a new one.
    MakeSecret { away: bool, from: Option<Spot> },
    /// A person deletes a claim; one of those that are there.
    DeleteClaim(u8),
}

/// A Secret that may be there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// Whether it is in another namespace than the releases.
    pub(super) away: bool,
    /// Which one.
    pub(super) secret: u8,
}

/// What kchart is asked to do.
#[derive(Clone, Debug)]
pub(super) enum Verb {
    /// Install or upgrade.
    Deploy(Deploy),
    Rollback,
    /// Another value for the only credential.
    Rotate,
    /// A rotation that is not over is given up, with its Job or without.
    Abort {
        skip_job: bool,
    },
    Uninstall,
    Purge,
    /// Destroys one claim or volume of those that are there.
    PurgeNamed(u8),
    /// Brings one volume of those that are there back, with the password of a Secret.
    Adopt {
        volume: u8,
        secret: u8,
        key: Key,
    },
}

/// Values and switches of a deploy.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(super) struct Deploy {
    /// Name of the set: the release's own, a new one after a rename, or that of the other release.
    pub(super) name: u8,
    /// Whether all is in another namespace than the release.
    pub(super) away: bool,
    pub(super) secret: Secret,
    pub(super) key: Key,
    pub(super) password: Password,
    pub(super) version: Version,
    /// A class whose volumes outlive their claims.
    pub(super) retain: bool,
    /// Whether the set mounts claims, or folders that go with its Pods.
    pub(super) persistent: bool,
    /// Whether the server is told its password.
    pub(super) reads: bool,
    pub(super) memory: u8,
    pub(super) replicas: u8,
    pub(super) rollback_on_failure: bool,
    pub(super) accept_new_volume: bool,
    pub(super) adopt_volumes: bool,
    /// Whether a given password that is another one is changed inside the service too.
    pub(super) rotates: bool,
}

/// Which Secret the set reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    /// The one of its own name.
    Own,
    /// One of another name, which both releases may want.
    Renamed,
    /// One that a person makes.
    ByHand,
    /// The one of the other release.
    Others,
}

/// Where in a Secret the password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Usual,
    Renamed,
}

impl Key {
    pub(super) const ALL: [Self; 2] = [Self::Usual, Self::Renamed];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Usual => "password",
            Self::Renamed => "login",
        }
    }
}

/// Where the password comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Password {
    Generated,
    /// By values; there are two.
    Given(u8),
    /// In a Secret that the chart does not make.
    Existing,
}

fn password() -> impl Strategy<Value = Password> {
    prop_oneof![
        5 => Just(Password::Generated),
        3 => (0_u8..2).prop_map(Password::Given),
        2 => Just(Password::Existing),
    ]
}

fn secret() -> impl Strategy<Value = Secret> {
    prop_oneof![
        4 => Just(Secret::Own),
        2 => Just(Secret::Renamed),
        1 => Just(Secret::ByHand),
        1 => Just(Secret::Others),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![4 => Just(Key::Usual), 1 => Just(Key::Renamed)]
}

fn away() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.4)
}

fn spot() -> impl Strategy<Value = Spot> {
    (away(), 0_u8..5).prop_map(|(away, secret)| Spot { away, secret })
}

fn deploy() -> impl Strategy<Value = Deploy> {
    let usually_not = || prop::bool::weighted(0.2);
    let usually = || usually_not().prop_map(|not| !not);
    let name = prop_oneof![6 => Just(0_u8), 1 => Just(1), 1 => Just(2)];
    let credential = (secret(), key(), password());
    let data = (version(), any::<bool>(), usually(), usually());
    let more = (usually_not(), usually_not(), usually_not());
    let place = (name, away());
    (place, credential, data, 0_u8..2, 1_u8..3, any::<bool>(), more).prop_map(
        |((name, away), credential, data, memory, replicas, rollback_on_failure, more)| {
            let (secret, key, password) = credential;
            let (version, retain, persistent, reads) = data;
            let (accept_new_volume, adopt_volumes, rotates) = more;
            Deploy {
                name,
                away,
                secret,
                key,
                password,
                version,
                retain,
                persistent,
                reads,
                memory,
                replicas,
                rollback_on_failure,
                accept_new_volume,
                adopt_volumes,
                rotates,
            }
        },
    )
}

fn operation() -> impl Strategy<Value = Operation> {
    let verb = prop_oneof![
        8 => deploy().prop_map(Verb::Deploy),
        1 => Just(Verb::Rollback),
        2 => Just(Verb::Rotate),
        1 => any::<bool>().prop_map(|skip_job| Verb::Abort { skip_job }),
        3 => Just(Verb::Uninstall),
        2 => Just(Verb::Purge),
        1 => any::<u8>().prop_map(Verb::PurgeNamed),
        1 => (any::<u8>(), 0_u8..5, key()).prop_map(|(volume, secret, key)| Verb::Adopt { volume, secret, key }),
    ];
    let release = || prop_oneof![3 => Just(0_u8), 1 => Just(1)];
    let dies_after = prop_oneof![2 => Just(None), 1 => (1_u8..60).prop_map(Some)];
    prop_oneof![
        12 => (release(), verb, dies_after).prop_map(|(release, verb, dies_after)| {
            Operation::Run { release, verb, dies_after }
        }),
        1 => spot().prop_map(Operation::DeleteSecret),
        1 => spot().prop_map(Operation::RestoreSecret),
        1 => spot().prop_map(Operation::RestoreBackup),
        1 => (away(), prop::option::of(spot())).prop_map(|(away, from)| Operation::MakeSecret { away, from }),
        1 => any::<u8>().prop_map(Operation::DeleteClaim),
    ]
}

/// What changes in a life; all else stays as it usually is, so that what changes meets itself more often.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
struct Changing {
    names: bool,
    mounts: bool,
    versions: bool,
    away: bool,
}

impl Changing {
    fn calm(self, operation: &mut Operation) {
        match operation {
            Operation::Run { verb: Verb::Deploy(deploy), .. } => {
                if !self.names {
                    (deploy.secret, deploy.key) = (Secret::Own, Key::Usual);
                }
                if !self.mounts {
                    (deploy.persistent, deploy.reads) = (true, true);
                }
                if !self.versions && deploy.version != Version::Missing {
                    deploy.version = Version::Usual;
                }
                deploy.away &= self.away;
            }
            Operation::DeleteSecret(spot) | Operation::RestoreSecret(spot) | Operation::RestoreBackup(spot) => {
                spot.away &= self.away;
            }
            Operation::MakeSecret { away, from } => {
                *away &= self.away;
                if let Some(from) = from {
                    from.away &= self.away;
                }
            }
            Operation::Run { .. } | Operation::DeleteClaim(_) => {}
        }
    }
}

/// Whole lives.
pub(super) fn lots(count: usize) -> impl Strategy<Value = Lot> {
    let changing = (any::<bool>(), prop::bool::weighted(0.3), prop::bool::weighted(0.3), prop::bool::weighted(0.3));
    let changing = changing.prop_map(|(names, mounts, versions, away)| Changing { names, mounts, versions, away });
    (program(), changing, prop::collection::vec(operation(), count)).prop_map(|(program, changing, mut operations)| {
        for operation in &mut operations {
            changing.calm(operation);
        }
        Lot { program, operations }
    })
}
