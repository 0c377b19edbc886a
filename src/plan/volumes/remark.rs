//! What is worth saying of a claim or volume that is not simply used or kept, and the commands to choose from.

use super::{Holding, State};

/// A sentence, and what may be typed next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The sentence.
    pub text: String,
    /// The command that binds the volume again.
    pub adopt: Option<String>,
    /// The command that destroys it.
    pub purge: Option<String>,
}

impl Holding<'_> {
    /// The command that destroys this one alone.
    pub fn purge_command(&self) -> String {
        format!("kchart volumes purge {} -n {}", self.reference(), self.namespace)
    }

    /// The command that binds the volume again.
    pub fn adopt_command(&self) -> Option<String> {
        let volume = self.volume_name?;
        let release = self.release.as_ref().map_or("RELEASE", |release| release.name.as_str());
        Some(format!("kchart volumes adopt pv/{volume} --release {release} -n {}", self.namespace))
    }

    /// What is worth saying; nothing of what is used, kept or gone.
    pub fn remark(&self) -> Option<Remark> {
        let Self { name, .. } = self;
        let volume = self.volume_name.unwrap_or_default();
        let of = self.release.as_ref().map(|release| release.name.as_str());
        let text = match (self.state, of) {
            (State::InUse | State::Wanted | State::Kept | State::Gone, _) => return None,
            (State::Abandoned, _) => format!(
                "claim `{name}` is of no release, and no workload wants it; an install that makes a claim of this name can \
                 use it with `--adopt-volumes`"
            ),
            (State::Orphan, Some(release)) => format!(
                "volume `{volume}` was of claim `{name}`, which is gone; the ledger proves that it is of release \
                 `{release}`"
            ),
            (State::Orphan | State::Unproven, None) => {
                format!("volume `{volume}` was of claim `{name}`, which is gone; nothing tells whose it was")
            }
            (State::Unproven, Some(release)) => format!(
                "volume `{volume}` was of a claim `{name}`, as release `{release}` has one, but nothing proves that it \
                 was this one"
            ),
            (State::Reserved, _) => format!("volume `{volume}` waits for a claim `{name}`, which is not there"),
            (State::Unknown, _) if self.volume_name.is_none() => {
                format!("claim `{name}` is gone; whether its data is can't be told")
            }
            (State::Unknown, _) => {
                format!("claim `{name}` is gone; whether its volume `{volume}` still is there can't be told")
            }
        };
        let is_orphan = matches!(self.state, State::Orphan | State::Unproven | State::Reserved);
        Some(Remark {
            text,
            adopt: self.adopt_command().filter(|_| is_orphan),
            purge: (self.state != State::Unknown).then(|| self.purge_command()),
        })
    }
}
