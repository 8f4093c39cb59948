//! How `nextctl` speaks: text for people, JSON for scripts, errors on stderr, exit codes.

use std::io::{self, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use next_desktop::error::{Code, UserError};
use serde::Serialize;
use serde_json::json;

/// Done.
pub const DONE: u8 = 0;
/// Failed.
pub const FAILED: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// A person is needed: sign in, free space, plug in.
pub const NEEDS_PERSON: u8 = 3;

/// Where a command's answer goes.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// JSON instead of text.
    pub json: bool,
}

impl Output {
    /// One document in JSON, or the text.
    pub fn document(self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json {
            line(&serde_json::to_string(value).unwrap_or_default());
        } else {
            line(text().trim_end());
        }
    }

    /// One event: a line of JSON, or the text where there is something to say.
    pub fn event(self, name: &str, mut fields: serde_json::Value, text: impl FnOnce() -> Option<String>) {
        if self.json {
            if let Some(object) = fields.as_object_mut() {
                object.insert("event".to_owned(), json!(name));
                object.insert("at".to_owned(), json!(format!("{:.3}", Timestamp::now())));
            }
            line(&fields.to_string());
        } else if let Some(text) = text() {
            line(&text);
        }
    }

    /// How far it is, where the answer is one document: for people only.
    pub fn progress(self, text: &str) {
        if !self.json {
            line(text);
        }
    }

    /// An error: a line on stderr, with JSON also a document on stdout.
    pub fn error(self, error: &UserError) -> ExitCode {
        say_error(error);
        if self.json {
            let UserError { code, message, action, .. } = error;
            line(&json!({ "error": { "code": code, "message": message, "action": action } }).to_string());
        }
        ExitCode::from(exit_code(error.code))
    }
}

/// `error: what happened; what to do`, on stderr.
pub fn say_error(error: &UserError) {
    let _ = writeln!(io::stderr(), "error: {error}");
}

/// Something that a person should know and that stops nothing, on stderr.
pub fn say_note(note: &str) {
    let _ = writeln!(io::stderr(), "note: {note}");
}

/// A line on stdout, out at once: scripts read while we wait. A reader that is gone ends nothing.
pub fn line(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}

/// The exit code that an error ends with.
pub fn exit_code(code: Code) -> u8 {
    match code {
        Code::Usage => USAGE,
        code if code.needs_person() => NEEDS_PERSON,
        _ => FAILED,
    }
}

/// Bytes for people: `1.4 GB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut unit, mut value) = (0, u128::from(size) * 10);
    while value >= 10_000 && unit + 1 < UNITS.len() {
        value = (value + 500) / 1000;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("B");
    if unit == 0 || value >= 1_000 {
        format!("{} {name}", value / 10)
    } else {
        format!("{}.{} {name}", value / 10, value % 10)
    }
}

/// Seconds for people: `1:02:03`.
pub fn length(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A time for people, in this machine's time zone.
pub fn time(at: Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Columns of text, each as wide as it must be; the last one runs free.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|cell| cell.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let print = |cells: Vec<&str>| {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count().min(*width)));
        }
        text.trim_end().to_owned() + "\n"
    };
    let mut text = print(head.to_vec());
    for row in rows {
        text.push_str(&print(row.iter().map(String::as_str).collect()));
    }
    text
}

/// Text from outside on a terminal: without control characters, which could move the cursor or worse.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_lengths_read_well() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_400_000_000), "1.4 GB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(120_000_000), "120 MB");
        assert_eq!(length(59), "0:59");
        assert_eq!(length(3723), "1:02:03");
    }

    #[test]
    fn a_title_cannot_drive_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb"), "a [2Jb");
    }
}
