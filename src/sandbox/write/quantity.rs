//! Quantities in the spelling that the API server stores (`k8s.io/apimachinery/pkg/api/resource`): `0.5` becomes
//! `500m`, `1024Mi` becomes `1Gi`. What is not a quantity stays as it is.

const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
/// Suffix and power of ten; the canonical one is the greatest that leaves a whole number.
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// The canonical spelling; none if the text is no quantity, or one too great or fine for the arithmetic here.
pub(super) fn canonical(text: &str) -> Option<String> {
    parse(text).map(Amount::spell)
}

/// A quantity that can be added to others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sandbox) struct Amount {
    /// In billionths of the unit.
    pub(in crate::sandbox) nano: i128,
    /// Whether it is spelled in powers of 1024.
    binary: bool,
}

impl Amount {
    /// So many things.
    pub(in crate::sandbox) fn count(number: i128) -> Self {
        Self { nano: number.saturating_mul(1_000_000_000), binary: false }
    }

    /// Both together, spelled as the first that is something.
    pub(in crate::sandbox) fn plus(self, other: Self) -> Self {
        let binary = if self.nano == 0 { other.binary } else { self.binary };
        Self { nano: self.nano.saturating_add(other.nano), binary }
    }

    /// The canonical spelling.
    pub(in crate::sandbox) fn spell(self) -> String {
        // Values below 1024 and those that are no whole number are written in the decimal form.
        if self.binary && self.nano % 1_000_000_000 == 0 && (self.nano / 1_000_000_000).abs() >= 1024 {
            write_binary(self.nano / 1_000_000_000)
        } else {
            write_decimal(self.nano)
        }
    }
}

/// Reads a quantity.
pub(in crate::sandbox) fn parse(text: &str) -> Option<Amount> {
    let end = text.find(|char: char| !(char.is_ascii_digit() || "+-.".contains(char))).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    let (mantissa, scale) = decimal(digits)?;
    if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        let nano = mantissa.checked_mul(1_i128 << bits)?.checked_mul(power(9 - scale)?)?;
        return Some(Amount { nano, binary: true });
    }
    let exponent = match suffix.strip_prefix(['e', 'E']) {
        Some(exponent) if !exponent.is_empty() => exponent.parse::<i32>().ok()?,
        _ => DECIMAL.iter().find(|(name, _)| *name == suffix)?.1,
    };
    Some(Amount { nano: mantissa.checked_mul(power(9 - scale + exponent)?)?, binary: false })
}

/// `1.50` as 150 and two digits after the point.
fn decimal(digits: &str) -> Option<(i128, i32)> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = format!("{whole}{part}").parse().ok()?;
    Some((mantissa, i32::try_from(part.len()).ok()?))
}

fn power(exponent: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(exponent).ok()?)
}

fn write_decimal(nano: i128) -> String {
    if nano == 0 {
        return "0".to_owned();
    }
    let fitting = DECIMAL.iter().rev().find_map(|(suffix, exponent)| {
        let unit = power(9 + exponent)?;
        (nano % unit == 0).then(|| format!("{}{suffix}", nano / unit))
    });
    fitting.unwrap_or_else(|| format!("{nano}n"))
}

fn write_binary(whole: i128) -> String {
    let fitting = BINARY.iter().rev().find(|(_, bits)| whole % (1_i128 << bits) == 0);
    fitting.map_or_else(|| whole.to_string(), |(suffix, bits)| format!("{}{suffix}", whole / (1_i128 << bits)))
}

/// A quantity in whole units, rounded up; for comparing sizes.
pub(in crate::sandbox) fn units(text: &str) -> Option<i128> {
    let canonical = canonical(text)?;
    let end = canonical.find(|char: char| !(char.is_ascii_digit() || char == '-')).unwrap_or(canonical.len());
    let (digits, suffix) = canonical.split_at(end);
    let number: i128 = digits.parse().ok()?;
    if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return number.checked_mul(1 << bits);
    }
    let (_, exponent) = DECIMAL.iter().find(|(name, _)| *name == suffix)?;
    if *exponent >= 0 { number.checked_mul(power(*exponent)?) } else { Some(number / power(-exponent)? + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_get_the_spelling_of_the_api_server() {
        for (written, stored) in [
            ("0.5", "500m"),
            ("1024Mi", "1Gi"),
            ("1Gi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("100m", "100m"),
            ("1000m", "1"),
            ("1e3", "1k"),
            ("1000", "1k"),
            ("0", "0"),
            ("0.1Ki", "102400m"),
            ("128Ki", "128Ki"),
        ] {
            assert_eq!(canonical(written).as_deref(), Some(stored), "{written}");
        }
        for odd in ["", "x", "1 Gi", "1Gb", "--1", "1.2.3"] {
            assert_eq!(canonical(odd), None, "{odd}");
        }
        assert_eq!(units("1Gi"), Some(1 << 30));
        assert!(units("2Gi") > units("1500Mi"));
    }
}
