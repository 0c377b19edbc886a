//! Durations as Go writes them, for `--timeout`: `5m0s`, `300s`, `1h30m`, `1.5h` (Go's `time.ParseDuration`).

use std::time::Duration;

/// Longest duration that is taken: a year. Longer ones are typing mistakes, and overflow clocks.
const LONGEST: f64 = 366.0 * 24.0 * 3600.0;

/// Reads a duration.
///
/// # Errors
/// What is wrong with the text, as a lower-case fragment.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration; write it like `5m`, `300s` or `1h30m`");
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.').ok_or_else(|| missing_unit(text))?;
        let number: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(rest.len());
        seconds += number * unit(&rest[..letters]).ok_or_else(wrong)?;
        rest = &rest[letters..];
    }
    if seconds > LONGEST {
        Err(format!("`{text}` is longer than a year"))
    } else {
        Ok(Duration::from_secs_f64(seconds))
    }
}

fn missing_unit(text: &str) -> String {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("`{text}` has no unit; write `{text}s` for seconds or `{text}m` for minutes")
    } else {
        format!("`{text}` ends without a unit (`s`, `m`, `h`)")
    }
}

/// Seconds in a unit of Go's.
fn unit(name: &str) -> Option<f64> {
    Some(match name {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, millis) in
            [("5m0s", 300_000), ("300s", 300_000), ("1h30m", 5_400_000), ("1.5h", 5_400_000), ("250ms", 250), ("0", 0)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_how_to_write_one() {
        assert_eq!(parse("5").unwrap_err(), "`5` has no unit; write `5s` for seconds or `5m` for minutes");
        assert_eq!(parse("1h5").unwrap_err(), "`1h5` ends without a unit (`s`, `m`, `h`)");
        for text in ["", "five", "-5m", "5 m", "1d", "5m0", "..s", "9999999999h"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
