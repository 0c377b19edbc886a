//! The query of a request.

/// Names and values, decoded, in order.
#[derive(Clone, Debug, Default)]
pub(in crate::sandbox) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=b&c=d`; empty pieces (kube sends `?&a=b`) are passed over.
    pub(in crate::sandbox) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|piece| !piece.is_empty());
        Self(
            pairs
                .map(|piece| {
                    let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The first value of a name; none if it is not there or empty.
    pub(in crate::sandbox) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a switch is on: `1` or `true`.
    pub(in crate::sandbox) fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), Some("1" | "true"))
    }
}

/// Undoes percent-encoding and `+`.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(code)) => {
                decoded.push(code);
                at += 2;
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_empty_pieces_passed_over() {
        let query = Query::parse("&labelSelector=a+in+%28x%2Cy%29&force=true&empty=&odd=%zz%4");
        assert_eq!(query.get("labelSelector"), Some("a in (x,y)"));
        assert!(query.is_on("force"));
        assert_eq!(query.get("empty"), None);
        assert_eq!(query.get("odd"), Some("%zz%4"));
    }
}
