//! A recording as documents for other programs and for people: WebVTT, plain text, Markdown; and the names and places of
//! exported files.
//!
//! Documents are made of what the catalog holds, so that they are there without the teamspace. Nothing in them was
//! written by us but headings: titles, names and words are somebody's, and are written so that no program takes them for
//! markup.

pub mod clip;
mod landing;
mod markdown;
mod names;
mod text;
mod vtt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use landing::{Landing, Place};
pub use markdown::markdown;
pub use names::{clip_stem, ending, extension, file_names, stem, watched};
pub use text::text;
pub use vtt::vtt;

use crate::messages::Messages;
use crate::recording::{Cue, Recording};
use crate::transcript::{ChatMessage, Summary};

/// What is told of a recording.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The recording.
    pub recording: &'a Recording,
    /// What was said, one list of cues per segment.
    pub transcript: &'a [Vec<Cue>],
    /// What was written, one list of messages per segment.
    pub chat: &'a [Vec<ChatMessage>],
    /// What Zoom made of it.
    pub summary: Option<&'a Summary>,
    /// Whether lines of its texts could not be read.
    pub incomplete: bool,
    /// The link that opens it.
    pub link: &'a str,
    /// The language of headings.
    pub words: Messages,
}

/// Something said or written, at its time.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Line<'a> {
    Said(&'a Cue),
    Written(&'a ChatMessage),
}

impl Told<'_> {
    /// The heading: never empty.
    fn title(&self) -> String {
        let title = one_line(&self.recording.title);
        if title.is_empty() { self.words.say("document_untitled", &[]) } else { title }
    }

    /// When it began, in the meeting's own time: `2026-03-01 14:00 (Europe/Berlin)`.
    fn date(&self) -> String {
        let zone = self.recording.time_zone.as_deref();
        let known = zone.and_then(|name| Some((name, TimeZone::get(name).ok()?)));
        match known {
            Some((name, zone)) => format!("{} ({name})", minute(self.recording.start, zone)),
            None => format!("{} UTC", minute(self.recording.start, TimeZone::UTC)),
        }
    }

    /// Who speaks or writes in it, in the order in which they first do.
    fn participants(&self) -> Vec<String> {
        let said = self.transcript.iter().flatten().filter_map(|cue| cue.speaker.as_deref());
        let written = self.chat.iter().flatten().filter_map(|message| message.sender.as_deref());
        let mut names = Vec::new();
        for name in said.chain(written).map(one_line) {
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Numbers of its segments in which something is said or written, with their lines in the order of their times.
    fn segments(&self) -> Vec<(usize, Vec<Line<'_>>)> {
        let count = self.transcript.len().max(self.chat.len());
        let of_segment = |number: usize| {
            let said = self.transcript.get(number).into_iter().flatten().map(Line::Said);
            let written = self.chat.get(number).into_iter().flatten().map(Line::Written);
            let mut lines: Vec<Line<'_>> = said.chain(written).collect();
            // Stable: of two at one time, what was said comes first.
            lines.sort_by(|a, b| a.at().total_cmp(&b.at()));
            (number, lines)
        };
        (0..count).map(of_segment).filter(|(_, lines)| !lines.is_empty()).collect()
    }

    fn part(&self, number: usize) -> String {
        self.words.say("document_part", &[("number", &(number + 1).to_string())])
    }
}

impl Line<'_> {
    fn at(&self) -> f64 {
        match self {
            Self::Said(cue) => cue.start,
            Self::Written(message) => message.at,
        }
    }
}

fn minute(at: Timestamp, zone: TimeZone) -> String {
    at.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `0:03`, `1:02:33`.
fn clock(seconds: f64) -> String {
    // What is not a time (there is none in a cue) becomes 0.
    let whole = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A text as one line without control characters.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::recording::RecordingId;

    pub(super) fn recording(title: &str) -> Recording {
        Recording {
            recording_id: RecordingId::of_zoom_meeting("x"),
            teamspace: "t".to_owned(),
            title: title.to_owned(),
            host: Some("maya@example.com".to_owned()),
            start: "2026-03-01T13:00:00Z".parse().unwrap(),
            duration: 3_723,
            time_zone: Some("Europe/Berlin".to_owned()),
            imported_by: "Maya".to_owned(),
            importer: None,
            imported_at: "2026-03-01T15:00:00Z".parse().unwrap(),
            tags: vec!["clinic study".to_owned()],
            files: Vec::new(),
            unread: None,
        }
    }

    pub(super) fn cue(start: f64, speaker: &str, text: &str) -> Cue {
        let speaker = (!speaker.is_empty()).then(|| speaker.to_owned());
        Cue { start, end: start + 2.5, speaker, text: text.to_owned() }
    }

    pub(super) fn message(at: f64, sender: &str, text: &str) -> ChatMessage {
        ChatMessage { at, sender: Some(sender.to_owned()), text: text.to_owned() }
    }

    pub(super) fn told<'a>(
        recording: &'a Recording,
        transcript: &'a [Vec<Cue>],
        chat: &'a [Vec<ChatMessage>],
        summary: Option<&'a Summary>,
    ) -> Told<'a> {
        let link = "next-desktop://recording/t/r";
        Told { recording, transcript, chat, summary, incomplete: false, link, words: Messages::English }
    }
}
