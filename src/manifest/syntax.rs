//! The syntaxes that the API server checks strings against, each with its rule in words.
//!
//! Sources: Kubernetes 1.37, `apimachinery/pkg/util/validation/validation.go` and `apimachinery/pkg/api/resource`.

/// What a string is meant to be, and the rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// "a DNS label".
    pub(super) what: &'static str,
    /// What such a thing looks like: the end of the sentence that `what` begins.
    looks: &'static str,
    holds: fn(&str) -> bool,
}

impl Rule {
    /// The rule as a sentence.
    pub(super) fn hint(&self) -> String {
        format!("{} {}", self.what, self.looks)
    }

    /// Whether a string keeps the rule.
    pub(super) fn holds(&self, text: &str) -> bool {
        (self.holds)(text)
    }
}

/// Names of containers, volumes, Services and Namespaces.
pub(super) const DNS_LABEL: Rule = Rule {
    what: "a DNS label",
    looks: "has at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends",
    holds: |text| text.len() <= 63 && is_label(text),
};

/// Names of most objects.
pub(super) const DNS_NAME: Rule = Rule {
    what: "a DNS name",
    looks: "has at most 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends of each part",
    holds: |text| text.len() <= 253 && text.split('.').all(is_label),
};

/// Names of roles and bindings, which may be `system:node`.
pub(super) const PATH_SEGMENT: Rule = Rule {
    what: "a path segment",
    looks: "is neither `.` nor `..` and has no `/` or `%`",
    holds: |text| !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%']),
};

/// Keys of labels.
pub(super) const LABEL_KEY: Rule = Rule {
    what: "a label's key",
    looks: "has at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; a DNS name and `/` may \
            stand before it",
    holds: |text| match text.split_once('/') {
        None => is_label_name(text),
        Some((domain, name)) => DNS_NAME.holds(domain) && is_label_name(name),
    },
};

/// Keys of annotations: as those of labels.
pub(super) const ANNOTATION_KEY: Rule = Rule { what: "an annotation's key", ..LABEL_KEY };

/// Values of labels.
pub(super) const LABEL_VALUE: Rule = Rule {
    what: "a label's value",
    looks: "is empty, or has at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
    holds: |text| text.is_empty() || is_label_name(text),
};

/// Keys of ConfigMaps and Secrets.
pub(super) const CONFIG_KEY: Rule = Rule {
    what: "a key",
    looks: "has at most 253 letters, digits, `-`, `_` and `.`, and does not begin with `..`",
    holds: |text| {
        !text.is_empty()
            && text.len() <= 253
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && text != "."
            && !text.starts_with("..")
    },
};

/// Names of ports (IANA service names, RFC 6335).
pub(super) const PORT_NAME: Rule = Rule {
    what: "a port's name",
    looks: "has at most 15 lower-case letters, digits and single `-`, at least one letter, and no `-` at the ends",
    holds: |text| {
        (1..=15).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && text.bytes().any(|byte| byte.is_ascii_lowercase())
            && !text.contains("--")
            && !text.starts_with('-')
            && !text.ends_with('-')
    },
};

/// Names of environment variables (relaxed: Kubernetes 1.34 allows all printable ASCII but `=`).
pub(super) const ENV_NAME: Rule = Rule {
    what: "an environment variable's name",
    looks: "is printable ASCII without `=`",
    holds: |text| !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'='),
};

/// Amounts of memory, storage, CPU: a decimal number and a suffix or exponent.
pub(super) const QUANTITY: Rule = Rule {
    what: "a quantity",
    looks: "is a number with a suffix such as `m`, `k`, `M`, `G`, `Ki`, `Mi`, `Gi`, or none",
    holds: is_quantity,
};

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_label_name(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let exponent = suffix.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let suffixed = matches!(suffix, "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E")
        || matches!(suffix, "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei")
        || exponent.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits > 0 && number.len() - digits <= 1 && suffixed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(rule.holds(text), "{text} is {}", rule.what);
        }
        for text in bad {
            assert!(!rule.holds(text), "{text} is not {}", rule.what);
        }
    }

    #[test]
    fn names_keep_the_api_servers_rules() {
        check(DNS_LABEL, &["a", "web-1", "0x"], &["", "-a", "a-", "Web", "a.b", &"a".repeat(64)]);
        check(DNS_NAME, &["a.b", "web"], &["a..b", ".a", "a_b", &"a".repeat(254)]);
        check(PATH_SEGMENT, &["system:node", "A b"], &["", "..", "a/b", "50%"]);
        check(PORT_NAME, &["http", "http-2"], &["", "80", "a--b", "metrics-of-broker", "HTTP"]);
        check(ENV_NAME, &["A", "a.b", "x y"], &["", "a=b", "ä"]);
    }

    #[test]
    fn labels_and_keys_keep_the_api_servers_rules() {
        check(LABEL_KEY, &["app", "a.b/c_D", "A.1"], &["", "/a", "a/", "a/b/c", "A.b/c/", "Über"]);
        check(LABEL_VALUE, &["", "v1.2", "A_b"], &["-a", "a b", "v1+2", &"a".repeat(64)]);
        check(CONFIG_KEY, &[".hidden", "a.b", "A_1-"], &["", ".", "..", "..a", "a b", "a/b"]);
    }

    #[test]
    fn quantities_are_numbers_with_a_known_suffix() {
        let good = ["1", "1.5", ".5", "5.", "500m", "1Gi", "1e3", "1E-3", "-1", "12E", "0"];
        let bad = ["", "Gi", "1GB", "1 Gi", "1..5", "1.2.3", "1gi", "1e", "one", "1K"];
        check(QUANTITY, &good, &bad);
    }
}
