//! Values as Zoom really sends them: numbers as text, text as numbers, null where a value should be. A value
//! of another kind counts as absent; it never makes a whole page unreadable.

use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

/// An integer, given as a number or as text (ZoomNet#94).
pub(super) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(n) => n.as_i64().or_else(|| whole(n.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// More than any file, any meeting and any list has: sums of such numbers would not fit into one.
const BEYOND_SENSE: u64 = 1 << 50;

/// A size in bytes, given as a number or as text (LANEC#18); what makes no sense counts as absent.
pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(integer(deserializer)?.and_then(|n| u64::try_from(n).ok()).filter(|n| *n < BEYOND_SENSE))
}

/// Text, given as text or as a number; empty counts as absent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty()))
}

/// A list; what is not a list counts as empty, an entry that is not readable is left out.
pub(super) fn list<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => values.into_iter().filter_map(|v| serde_json::from_value(v).ok()).collect(),
        _ => Vec::new(),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn whole(n: f64) -> Option<i64> {
    (n.is_finite() && n.abs() < 9.0e15).then_some(n as i64)
}
