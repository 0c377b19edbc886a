//! What opens a claim, as far as it matters to whoever explains a refused login.

/// Keys of a Secret that a claim was initialised with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opener {
    /// Namespace of both.
    pub namespace: String,
    /// The claim.
    pub claim: String,
    /// The Secret.
    pub secret: String,
    /// Its keys.
    pub keys: Vec<String>,
    /// The day on which the claim was made, `2026-05-02`; none for a claim that this run makes.
    pub since: Option<String>,
}

impl Opener {
    /// `` `password` of Secret `db` ``.
    pub(super) fn told(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        format!("{} of Secret `{}`", keys.join(" or "), self.secret)
    }
}
