//! Which names look like those of credentials. Only names are looked at, never values.

/// Words that name a credential.
const WORDS: &[&str] = &[
    "auth",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "creds",
    "key",
    "keys",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
];

/// The same, grown together with other words: `mypassword`, `APIKEY`.
const STEMS: &[&str] = &["password", "passwd", "passphrase", "secret", "token", "credential", "apikey"];

/// Last words of names that only speak about a credential: `secretName`, `tokenPath`, `auth.enabled`.
const ABOUT: &[&str] =
    &["class", "create", "enabled", "expiration", "length", "name", "names", "path", "policy", "ref", "size", "type"];

/// Whether a key, an environment variable or a flag's path segment of this name may hold a credential.
pub fn is_credential_name(name: &str) -> bool {
    let words = words(name);
    let lower = name.to_lowercase();
    !is_about(&words)
        && lower != "topologykey"
        && (words.iter().any(|word| WORDS.contains(&word.as_str())) || STEMS.iter().any(|stem| lower.contains(stem)))
}

/// Whether a name says that it holds no credential even below one: `secret.enabled`, `auth.existingSecret`.
pub(super) fn is_harmless_name(name: &str) -> bool {
    is_about(&words(name))
}

fn is_about(words: &[String]) -> bool {
    words.first().is_some_and(|word| word == "existing")
        || words.last().is_some_and(|word| ABOUT.contains(&word.as_str()))
}

/// `dbRootPassword`, `DB_ROOT_PASSWORD` and `db-root.password` are the same words.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower_before = false;
    let mut open = false;
    for char in name.chars() {
        if !char.is_alphanumeric() {
            open = false;
            continue;
        }
        if !open || (lower_before && char.is_uppercase()) {
            words.push(String::new());
            open = true;
        }
        lower_before = char.is_lowercase() || char.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(char.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_credentials_are_recognised_in_every_spelling() {
        for name in [
            "password",
            "dbRootPassword",
            "RABBITMQ_DEFAULT_PASS",
            "api-key",
            "APIKEY",
            "mysecret",
            "authToken",
            "tls.key",
            "auth",
        ] {
            assert!(is_credential_name(name), "{name}");
        }
        for name in ["secretName", "existingSecret", "tokenPath", "keyboard", "replicas", "author", "topologyKey", ""] {
            assert!(!is_credential_name(name), "{name}");
        }
    }
}
