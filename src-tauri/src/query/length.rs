//! Lengths as people write them in a query: `45` and `45m` are minutes, `90s` seconds, `1h30m` and `1:30` hours and
//! minutes.

/// Longer than any recording, and small enough to count with.
const LONGEST: u64 = 1_000_000_000;

/// Seconds; none when it is no length.
pub(super) fn read(text: &str) -> Option<u64> {
    let text = text.to_lowercase();
    let seconds = match text.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => {
            let minutes = number(minutes).filter(|minutes| *minutes < 60)?;
            number(hours)?.checked_mul(3600)?.checked_add(minutes * 60)?
        }
        Some(_) => return None,
        None if text.bytes().all(|b| b.is_ascii_digit()) => number(&text)?.checked_mul(60)?,
        None => units(&text)?,
    };
    (seconds <= LONGEST).then_some(seconds)
}

/// `1h30m15s`, each at most once and in this order; `min` and `sec` are written too.
fn units(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut seconds = 0u64;
    for (names, factor) in [(["hours", "h"], 3600), (["min", "m"], 60), (["sec", "s"], 1)] {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (count, after) = rest.split_at(digits);
        if let Some(after) = names.iter().find_map(|name| after.strip_prefix(name)) {
            seconds = seconds.checked_add(number(count)?.checked_mul(factor)?)?;
            rest = after;
        }
    }
    rest.is_empty().then_some(seconds)
}

fn number(text: &str) -> Option<u64> {
    let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.parse().ok())?
}

/// The length in the fewest words: `1h30m`.
pub(super) fn print(seconds: u64) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0m".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, seconds, printed) in [
            ("45", 2_700, "45m"),
            ("45m", 2_700, "45m"),
            ("45min", 2_700, "45m"),
            ("90s", 90, "1m30s"),
            ("1h", 3_600, "1h"),
            ("1H30m", 5_400, "1h30m"),
            ("1:30", 5_400, "1h30m"),
            ("0", 0, "0m"),
        ] {
            assert_eq!(read(text), Some(seconds), "{text}");
            assert_eq!(print(seconds), printed);
            assert_eq!(read(printed), Some(seconds), "{printed}");
        }
    }

    #[test]
    fn what_is_no_length_is_none() {
        for text in [
            "",
            "h",
            "long",
            "1:3",
            "1:60",
            ":30",
            "1h1h",
            "-5",
            "1.5h",
            "99999999999999999999",
            "9999999999h",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
