//! How patient the request layer is.

use std::time::Duration;

/// Times of the request layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long one request may take, its body included; watches and followed logs only until their headers. The API
    /// server itself ends a request after 60 s (`--request-timeout`).
    pub(crate) request: Duration,
    /// The first pause before a retry; each further one is twice as long.
    pub(crate) first_pause: Duration,
    /// The longest pause.
    pub(crate) longest_pause: Duration,
    /// No retry is begun later than this after the request began.
    pub(crate) give_up: Duration,
    /// At most so many tries.
    pub(crate) tries: u32,
    /// The pause before a watch that broke off is begun again.
    pub(crate) watch_pause: Duration,
    /// How long a workload is waited for before its Pods are watched too, and how often they are looked at then.
    pub(crate) glance: Duration,
    /// How long a Lease must be seen without a change before its holder counts as gone.
    pub(crate) lease_expiry: Duration,
    /// The pause between two looks at a Lease that somebody else holds.
    pub(crate) lease_look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(65),
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(5),
            give_up: Duration::from_secs(30),
            tries: 8,
            watch_pause: Duration::from_secs(1),
            glance: Duration::from_secs(2),
            lease_expiry: Duration::from_secs(15),
            lease_look: Duration::from_secs(1),
        }
    }
}

impl Pace {
    /// The same number of tries without any pause.
    #[cfg(test)]
    pub(crate) fn at_once() -> Self {
        Self {
            first_pause: Duration::ZERO,
            longest_pause: Duration::ZERO,
            watch_pause: Duration::ZERO,
            glance: Duration::from_millis(1),
            lease_expiry: Duration::ZERO,
            lease_look: Duration::ZERO,
            ..Self::default()
        }
    }
}
