//! What may happen in a life.

use proptest::prelude::*;

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
    DeleteSecret(u8),
    /// A person puts back what was deleted.
    RestoreSecret(u8),
    /// A person deletes a claim; one of those that are there.
    DeleteClaim(u8),
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
    },
}

/// Values and switches of a deploy.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub(super) struct Deploy {
    /// Name of set and Secret: the release's own, a new one after a rename, or that of the other release.
    pub(super) name: u8,
    pub(super) password: Password,
    /// An image that can't be pulled.
    pub(super) broken: bool,
    /// A class whose volumes outlive their claims.
    pub(super) retain: bool,
    pub(super) memory: u8,
    pub(super) replicas: u8,
    pub(super) rollback_on_failure: bool,
    pub(super) accept_new_volume: bool,
    pub(super) adopt_volumes: bool,
    /// Whether a given password that is another one is changed inside the service too.
    pub(super) rotates: bool,
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
        2 => (0_u8..2).prop_map(Password::Given),
        1 => Just(Password::Existing),
    ]
}

fn deploy() -> impl Strategy<Value = Deploy> {
    let usually_not = || prop::bool::weighted(0.2);
    let values = (prop_oneof![4 => Just(0_u8), 1 => Just(1), 1 => Just(2)], password(), usually_not(), any::<bool>());
    let more = (usually_not(), usually_not(), usually_not());
    (values, 0_u8..2, 1_u8..3, any::<bool>(), more).prop_map(
        |((name, password, broken, retain), memory, replicas, rollback_on_failure, more)| {
            let (accept_new_volume, adopt_volumes, rotates) = more;
            Deploy {
                name,
                password,
                broken,
                retain,
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
        6 => deploy().prop_map(Verb::Deploy),
        1 => Just(Verb::Rollback),
        2 => Just(Verb::Rotate),
        1 => any::<bool>().prop_map(|skip_job| Verb::Abort { skip_job }),
        3 => Just(Verb::Uninstall),
        2 => Just(Verb::Purge),
        1 => any::<u8>().prop_map(Verb::PurgeNamed),
        1 => (any::<u8>(), 0_u8..3).prop_map(|(volume, secret)| Verb::Adopt { volume, secret }),
    ];
    let release = || prop_oneof![3 => Just(0_u8), 1 => Just(1)];
    let dies_after = prop_oneof![2 => Just(None), 1 => (1_u8..60).prop_map(Some)];
    prop_oneof![
        12 => (release(), verb, dies_after).prop_map(|(release, verb, dies_after)| {
            Operation::Run { release, verb, dies_after }
        }),
        1 => (0_u8..3).prop_map(Operation::DeleteSecret),
        1 => (0_u8..3).prop_map(Operation::RestoreSecret),
        1 => any::<u8>().prop_map(Operation::DeleteClaim),
    ]
}

/// Whole lives.
pub(super) fn operations(count: usize) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), count)
}
