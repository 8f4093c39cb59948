//! Reading what was said: transcripts and captions (WebVTT), the meeting chat (plain text), and what Zoom makes of them:
//! summaries (JSON).
//!
//! These files come from outside and are often a little wrong. What can be read is returned, together with
//! the numbers of the lines that could not; nothing here fails, and nothing that comes out is markup.

mod chat;
mod summary;
mod vtt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use summary::{Chapter, Summary, Topic};

use crate::error::{Code, UserError};
use crate::recording::Cue;

/// A transcript as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transcript {
    /// Its cues, sorted by start.
    pub cues: Vec<Cue>,
    /// Numbers of the lines that could not be read, from 1.
    pub skipped: Vec<usize>,
}

/// A meeting chat as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chat {
    /// Its messages, in the order of the file.
    pub messages: Vec<ChatMessage>,
    /// Numbers of the lines that could not be read, from 1.
    pub skipped: Vec<usize>,
}

/// One message of the meeting chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ChatMessage {
    /// The time as written, in seconds: since the meeting (not the recording) began in files from Zoom's
    /// cloud, since midnight in files that a Zoom client saved.
    pub at: f64,
    /// Who wrote it, when the file says so.
    pub sender: Option<String>,
    /// What was written: plain text, lines parted by `\n`.
    pub text: String,
}

impl Transcript {
    /// Reads WebVTT, with what is seen in practice beside the standard: missing header and blank lines,
    /// commas in times, `Speaker: text` instead of voice tags.
    pub fn parse(bytes: &[u8]) -> Self {
        vtt::parse(&text_of(bytes))
    }

    /// What a person should know about the lines that could not be read; none when all could.
    pub fn error(&self) -> Option<UserError> {
        unreadable("transcript", self.cues.is_empty(), &self.skipped)
    }
}

impl Chat {
    /// Reads the chat files of Zoom's cloud (`00:12:03⇥Name:⇥text`) and of its clients
    /// (`09:12:03 From Name to Everyone:` and the text, there or on the next lines).
    pub fn parse(bytes: &[u8]) -> Self {
        chat::parse(&text_of(bytes))
    }

    /// What a person should know about the lines that could not be read; none when all could.
    pub fn error(&self) -> Option<UserError> {
        unreadable("chat", self.messages.is_empty(), &self.skipped)
    }
}

fn unreadable(what: &str, nothing: bool, skipped: &[usize]) -> Option<UserError> {
    let first = skipped.first()?;
    let message = match (nothing, skipped.len()) {
        (true, _) => format!("The {what} cannot be read"),
        (false, 1) => format!("Line {first} of the {what} cannot be read"),
        (false, lines) => format!("{lines} lines of the {what} cannot be read, the first is line {first}"),
    };
    Some(
        UserError::new(Code::FileDamaged, message, "open the file itself to see what it holds")
            .with("text", what)
            .with("lines", skipped.len())
            .with("first", first),
    )
}

/// UTF-8 or UTF-16 with a byte order mark; what is neither is replaced letter by letter.
fn text_of(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Lines with their numbers, whichever of the three endings they have.
fn numbered_lines(text: &str) -> Vec<(usize, &str)> {
    let lines = text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'));
    lines.enumerate().map(|(number, line)| (number + 1, line)).collect()
}

/// One line of plain text: entities decoded, white space and control characters made single spaces.
fn plain(text: &str) -> String {
    let decoded = decode_entities(text);
    let words = decoded.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest that we know is `&#x10FFFF;`.
        let name = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| &rest[1..end]);
        match name.and_then(|name| Some((name, entity(name)?))) {
            Some((name, letter)) => {
                decoded.push(letter);
                rest = &rest[name.len() + 2..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "lrm" => '\u{200E}',
        "rlm" => '\u{200F}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// `[hours:]minutes:seconds[.fraction]`, with a comma or a point, in seconds.
fn seconds(text: &str) -> Option<f64> {
    let digits = |part: &str| {
        let sound = !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, "0"),
    };
    let parts = whole.split(':').map(digits).collect::<Option<Vec<_>>>()?;
    let (hours, minutes, seconds) = match parts.as_slice() {
        [minutes, seconds] => (0, *minutes, *seconds),
        [hours, minutes, seconds] if *minutes < 60 => (*hours, *minutes, *seconds),
        _ => return None,
    };
    if seconds >= 60 {
        return None;
    }
    let fraction = f64::from(digits(fraction)?) / 10f64.powi(i32::try_from(fraction.len()).ok()?);
    Some(f64::from(hours) * 3600.0 + f64::from(minutes) * 60.0 + f64::from(seconds) + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_all_their_forms() {
        for (text, expected) in [
            ("00:01:02.500", Some(62.5)),
            ("00:01:02,500", Some(62.5)),
            ("01:02.5", Some(62.5)),
            ("20:00:00", Some(72_000.0)),
            ("123:00:00.000", Some(442_800.0)),
            ("90:00.000", Some(5_400.0)),
            ("00:60:00.000", None),
            ("00:00:60.000", None),
            ("-1:00.000", None),
            ("1e3:00", None),
            ("12", None),
            ("", None),
            ("1:2:3:4", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn entities_become_letters_and_unknown_ones_stay() {
        assert_eq!(
            plain("Q&amp;A &lt;b&gt; &#39;x&#x27; &nbsp; &bogus; AT&T & Co&"),
            "Q&A <b> 'x' &bogus; AT&T & Co&"
        );
        assert_eq!(plain("&#0;&#xD800;&#99999999;"), "&#xD800;&#99999999;");
        assert_eq!(plain("&é;é"), "&é;é");
    }

    #[test]
    fn what_is_not_utf8_is_read_all_the_same() {
        assert_eq!(text_of(b"\xFF\xFEh\0i\0"), "hi");
        assert_eq!(text_of(b"\xFE\xFF\0h\0i"), "hi");
        assert_eq!(text_of(b"caf\xE9"), "caf\u{FFFD}");
    }
}
