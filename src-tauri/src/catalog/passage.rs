//! Passages: about ten cues or messages in a row, as the catalog holds and searches them.
//!
//! A passage keeps everything about its lines, so that a transcript can be shown while its teamspace is away.

use crate::query::{SEPARATOR, separated};
use crate::recording::Cue;
use crate::transcript::{ChatMessage, Summary};

/// Lines of a passage, unless a recording is so long that its passages would not fit under its number.
const LINES: usize = 10;

/// Bits for the number of a passage within its recording.
pub(super) const NUMBER_BITS: u32 = 14;

/// Stands for a line feed within a text: a line feed parts the lines.
pub(super) const LINE_FEED: char = '\u{1E}';

/// Around a word that was found, in what the index gives back.
pub(super) const MARK: char = '\u{2}';
/// See [`MARK`].
pub(super) const MARK_ENDS: char = '\u{3}';

/// Names of a recording's speakers that are kept: more than speak in any meeting.
pub(super) const MOST_SPEAKERS: usize = 200;

/// Some lines in a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Passage {
    pub(super) kind: PassageKind,
    pub(super) segment: u32,
    pub(super) times: String,
    pub(super) speakers: String,
    pub(super) body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PassageKind {
    Transcript,
    Chat,
}

impl PassageKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Chat => "chat",
        }
    }
}

/// Everything that was said and written in a recording: per segment, in order.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) transcripts: Vec<(u32, Vec<Cue>)>,
    pub(super) chats: Vec<(u32, Vec<ChatMessage>)>,
    pub(super) summary: Summary,
    /// What names each segment's transcript in a correction.
    pub(super) sources: Vec<(u32, String)>,
}

impl Texts {
    /// Who speaks or writes in it, in the order in which they first do.
    pub(super) fn speakers(&self) -> Vec<String> {
        let said = self.transcripts.iter().flat_map(|(_, cues)| cues).map(|cue| cue.speaker.as_deref());
        let written = self.chats.iter().flat_map(|(_, chat)| chat).map(|message| message.sender.as_deref());
        let mut known = std::collections::HashSet::new();
        let new = said.chain(written).flatten().filter(|name| known.insert(*name));
        new.take(MOST_SPEAKERS).map(|name| stored(name, ' ')).collect()
    }

    /// All passages of a recording: few enough to be numbered.
    pub(super) fn passages(self) -> Vec<Passage> {
        let lines = self.transcripts.iter().map(|(_, cues)| cues.len()).sum::<usize>()
            + self.chats.iter().map(|(_, messages)| messages.len()).sum::<usize>();
        let groups = self.transcripts.len() + self.chats.len();
        // Each group may end with a passage that is not full.
        let room = (1usize << NUMBER_BITS).saturating_sub(groups).max(1);
        let size = LINES.max(lines.div_ceil(room));
        let mut passages = Vec::new();
        for (segment, cues) in &self.transcripts {
            passages.extend(cues.chunks(size).map(|cues| passage(PassageKind::Transcript, *segment, cues)));
        }
        for (segment, messages) in self.chats {
            let as_cue = |message: ChatMessage| Cue {
                start: message.at,
                end: message.at,
                speaker: message.sender,
                text: message.text,
            };
            let lines: Vec<Cue> = messages.into_iter().map(as_cue).collect();
            passages.extend(lines.chunks(size).map(|cues| passage(PassageKind::Chat, segment, cues)));
        }
        passages
    }
}

fn passage(kind: PassageKind, segment: u32, cues: &[Cue]) -> Passage {
    let times: Vec<String> = cues.iter().map(|cue| format!("{} {}", cue.start, cue.end)).collect();
    let (speakers, body) = encoded(cues);
    Passage { kind, segment, times: times.join(" "), speakers, body }
}

/// Speakers and texts of lines as a passage holds them.
pub(super) fn encoded(cues: &[Cue]) -> (String, String) {
    let column = |text: &dyn Fn(&Cue) -> String| cues.iter().map(text).collect::<Vec<_>>().join("\n");
    let speakers = column(&|cue| separated(&stored_name(cue.speaker.as_deref().unwrap_or_default())));
    let body = column(&|cue| separated(&stored(&cue.text, LINE_FEED)));
    (speakers, body)
}

/// A speaker's name as passages give it back.
pub(super) fn stored_name(name: &str) -> String {
    stored(name, ' ')
}

/// A text without the characters that mean something in a stored passage.
fn stored(text: &str, line_feed: char) -> String {
    let stored = |c| match c {
        '\n' => line_feed,
        MARK | MARK_ENDS | SEPARATOR | LINE_FEED => ' ',
        c => c,
    };
    text.chars().map(stored).collect()
}

/// A stored text as it was.
pub(super) fn plain(stored: &str) -> String {
    stored.chars().filter(|c| *c != SEPARATOR).map(|c| if c == LINE_FEED { '\n' } else { c }).collect()
}

/// Starts and ends of the lines of a stored passage, in seconds.
pub(super) fn times(times: &str) -> impl Iterator<Item = (f64, f64)> {
    let mut times = times.split(' ').map(|time| time.parse().unwrap_or(0.0));
    std::iter::from_fn(move || Some((times.next().unwrap_or(0.0), times.next().unwrap_or(0.0))))
}

/// The lines of a stored passage.
pub(super) fn lines(stored_times: &str, speakers: &str, body: &str) -> Vec<Cue> {
    let mut speakers = speakers.split('\n');
    let line = |(text, (start, end)): (&str, (f64, f64))| Cue {
        start,
        end,
        speaker: speakers.next().map(plain).filter(|speaker| !speaker.is_empty()),
        text: plain(text),
    };
    body.split('\n').zip(times(stored_times)).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(n: usize) -> Cue {
        let speaker = (n.is_multiple_of(2)).then(|| "Ada".to_owned());
        Cue { start: n as f64 + 0.125, end: n as f64 + 0.9, speaker, text: format!("word\n会議 {n}") }
    }

    #[test]
    fn a_transcript_comes_out_as_it_went_in() {
        let cues: Vec<Cue> = (0..25).map(cue).collect();
        let texts = Texts { transcripts: vec![(3, cues.clone())], chats: vec![], ..Texts::default() };
        let passages = texts.passages();
        assert_eq!(passages.len(), 3);
        assert!(passages.iter().all(|passage| passage.segment == 3));
        let back: Vec<Cue> = passages.iter().flat_map(|p| lines(&p.times, &p.speakers, &p.body)).collect();
        assert_eq!(back, cues);
    }

    #[test]
    fn even_the_longest_recording_has_a_number_for_each_passage() {
        let segment = |n: usize| (0..n).map(cue).collect::<Vec<_>>();
        let texts = Texts {
            transcripts: vec![(0, segment(300_000)), (1, segment(3))],
            chats: vec![],
            ..Texts::default()
        };
        let passages = texts.passages();
        assert!(passages.len() <= 1 << NUMBER_BITS, "{}", passages.len());
    }
}
