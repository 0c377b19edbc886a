//! Time and identities. In a file they are real; for tests they count, so that equal requests give equal answers.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where time and identities come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Clock {
    /// The machine's time and randomness.
    Real,
    /// A second for each write from the first of January 2026 on, and numbers in order.
    #[serde(rename_all = "camelCase")]
    Counted {
        /// Seconds passed.
        seconds: i64,
        /// Identities given.
        given: u64,
    },
}

impl Clock {
    /// A clock that begins to count.
    pub(super) const fn counted() -> Self {
        Self::Counted { seconds: 0, given: 0 }
    }

    /// A write begins.
    pub(super) fn tick(&mut self) {
        if let Self::Counted { seconds, .. } = self {
            *seconds += 1;
        }
    }

    /// Now, as Kubernetes writes it: whole seconds in UTC.
    pub(super) fn now(&self) -> String {
        let now = self.instant();
        format!("{}", now.round(jiff::Unit::Second).unwrap_or(now))
    }

    fn instant(&self) -> Timestamp {
        match self {
            Self::Real => Timestamp::now(),
            // 2026-01-01T00:00:00Z
            Self::Counted { seconds, .. } => Timestamp::UNIX_EPOCH
                .checked_add(SignedDuration::from_secs(1_767_225_600 + seconds))
                .unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// A new uid (RFC 9562, version 4).
    pub(super) fn uid(&mut self) -> String {
        let mut bytes = self.bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = hex(&bytes);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// The five characters that `generateName` ends with.
    pub(super) fn suffix(&mut self) -> String {
        safe_text(&self.bytes()[..5])
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        match self {
            // Where the system has no randomness the time has to do: these are names, not secrets.
            Self::Real => {
                if getrandom::fill(&mut bytes).is_err() {
                    bytes.copy_from_slice(&Timestamp::now().as_nanosecond().to_be_bytes());
                }
            }
            Self::Counted { given, .. } => {
                *given += 1;
                bytes.copy_from_slice(&Sha256::digest(given.to_be_bytes())[..16]);
            }
        }
        bytes
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// A hash of a value in ten characters that may stand in a name, as `pod-template-hash`.
pub(super) fn name_hash(value: &serde_json::Value) -> String {
    safe_text(&Sha256::digest(value.to_string())[..10])
}

/// Characters without vowels, so that no words come about (`k8s.io/apimachinery/pkg/util/rand`).
fn safe_text(bytes: &[u8]) -> String {
    const SAFE: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    bytes.iter().map(|byte| char::from(SAFE[usize::from(*byte) % SAFE.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_clock_gives_the_same_again_and_a_real_one_does_not() {
        let (mut one, mut two) = (Clock::counted(), Clock::counted());
        one.tick();
        two.tick();
        assert_eq!((one.now(), one.uid(), one.suffix()), (two.now(), two.uid(), two.suffix()));
        assert_eq!(one.now(), "2026-01-01T00:00:01Z");
        assert_ne!(one.uid(), one.uid());
        assert_ne!(Clock::Real.uid(), Clock::Real.uid());
        assert_eq!(Clock::Real.uid().len(), 36);
    }
}
