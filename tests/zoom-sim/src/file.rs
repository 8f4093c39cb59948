//! What a file of a recording is made of; builders for tests and JSON for the control API.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::content::Content;

/// How far Zoom is with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Ready.
    #[default]
    Completed,
    /// Listed with status "processing", an empty `file_type` and no size.
    Processing,
    /// Not listed yet: a transcript that comes later.
    Unlisted,
}

/// A file of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileSpec {
    /// Zoom's id of the file; empty: made up. To leave it out of the answers, add "id" to `omit`.
    pub id: String,
    /// MP4, M4A, TRANSCRIPT, CHAT, CC, TIMELINE, SUMMARY, or what no client has heard of.
    pub file_type: String,
    /// MP4, M4A, VTT, TXT, JSON …
    pub file_extension: String,
    /// shared_screen_with_speaker_view, audio_only, audio_transcript …
    pub recording_type: String,
    /// What is in it.
    pub content: Content,
    /// The `file_size` that Zoom claims, when it is not the true one.
    pub claimed_size: Option<u64>,
    /// When this file's segment began, in seconds after the meeting's.
    pub offset: i64,
    /// How long its segment took, in seconds; without it, the clip's length.
    pub seconds: Option<u32>,
    /// How far Zoom is with it.
    pub progress: Progress,
    /// When it becomes ready by itself, whatever `progress` says.
    pub ready_at: Option<Timestamp>,
    /// `file_name`, which participants' audio files have.
    pub file_name: Option<String>,
    /// Fields left out of the answers.
    pub omit: Vec<String>,
    /// Fields set to odd values.
    pub set: Map<String, Value>,
}

impl Default for FileSpec {
    fn default() -> Self {
        Self::new("MP4", "MP4", "shared_screen_with_speaker_view", Content::Sample("checkout.mp4".to_owned()))
    }
}

impl FileSpec {
    /// A file of any type.
    pub fn new(file_type: &str, file_extension: &str, recording_type: &str, content: Content) -> Self {
        Self {
            id: String::new(),
            file_type: file_type.to_owned(),
            file_extension: file_extension.to_owned(),
            recording_type: recording_type.to_owned(),
            content,
            claimed_size: None,
            offset: 0,
            seconds: None,
            progress: Progress::Completed,
            ready_at: None,
            file_name: None,
            omit: Vec::new(),
            set: Map::new(),
        }
    }

    fn of_talk(talk: &str, ending: &str, file_type: &str, extension: &str, recording_type: &str) -> Self {
        Self::new(file_type, extension, recording_type, Content::Sample(format!("{talk}.{ending}")))
    }

    /// The video of a talk (see [`crate::TALKS`]).
    pub fn video(talk: &str) -> Self {
        Self::of_talk(talk, "mp4", "MP4", "MP4", "shared_screen_with_speaker_view")
    }

    /// A playable MP4 of exactly this many bytes.
    pub fn video_of_size(size: u64, seed: u64) -> Self {
        Self { content: Content::video_of_size(size, seed), ..Self::video("onboarding") }
    }

    /// The audio of a talk: there is one for "checkout" and for "sync".
    pub fn audio(talk: &str) -> Self {
        Self::of_talk(talk, "m4a", "M4A", "M4A", "audio_only")
    }

    /// The transcript of a talk.
    pub fn transcript(talk: &str) -> Self {
        Self::of_talk(talk, "vtt", "TRANSCRIPT", "VTT", "audio_transcript")
    }

    /// The chat of a talk: there is one for "checkout", "sync" and "onboarding".
    pub fn chat(talk: &str) -> Self {
        Self::of_talk(talk, "txt", "CHAT", "TXT", "chat_file")
    }

    /// The timeline of a talk. Recordings of 2023 to 2025 had no play_url there (zoom-facts §2.4).
    pub fn timeline(talk: &str) -> Self {
        Self::of_talk(talk, "timeline.json", "TIMELINE", "JSON", "timeline").without("play_url")
    }

    /// The AI summary of a talk, as a file.
    pub fn summary(talk: &str) -> Self {
        Self::of_talk(talk, "summary.json", "SUMMARY", "JSON", "summary")
    }

    /// Closed captions: no id, status, size, type or play_url (zoom-facts §2.4).
    pub fn captions(talk: &str) -> Self {
        let plain = Self::of_talk(talk, "vtt", "CC", "VTT", "closed_caption");
        ["id", "status", "file_size", "recording_type", "play_url"]
            .iter()
            .fold(plain, |file, field| file.without(field))
    }

    /// The audio of one participant.
    pub fn participant_audio(name: &str, talk: &str) -> Self {
        Self { file_name: Some(format!("Audio only - {name}")), ..Self::audio(talk) }
    }

    /// Gives it an id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// Leaves a field out of the answers.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        self.omit.push(field.to_owned());
        self
    }

    /// Sets a field of the answers to an odd value.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.set.insert(field.to_owned(), value.into());
        self
    }

    /// Gives it another `recording_type`.
    #[must_use]
    pub fn recording_type(mut self, recording_type: &str) -> Self {
        self.recording_type = recording_type.to_owned();
        self
    }

    /// Replaces what is in it.
    #[must_use]
    pub fn content(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// Lets Zoom claim another size.
    #[must_use]
    pub fn claims(mut self, size: u64) -> Self {
        self.claimed_size = Some(size);
        self
    }

    /// Moves its segment to so many seconds after the start.
    #[must_use]
    pub fn at(mut self, offset: i64) -> Self {
        self.offset = offset;
        self
    }

    /// Zoom is still working on it.
    #[must_use]
    pub fn processing(mut self) -> Self {
        self.progress = Progress::Processing;
        self
    }

    /// It is not listed before it is completed.
    #[must_use]
    pub fn unlisted(mut self) -> Self {
        self.progress = Progress::Unlisted;
        self
    }

    /// It becomes ready by itself.
    #[must_use]
    pub fn ready_at(mut self, time: Timestamp) -> Self {
        self.ready_at = Some(time);
        self
    }
}

/// A file in the simulated cloud.
#[derive(Clone, Debug)]
pub(crate) struct CloudFile {
    pub(crate) key: String,
    pub(crate) spec: FileSpec,
    /// How many download URLs were made, and up to which they no longer work.
    pub(crate) minted: u64,
    pub(crate) dead_up_to: u64,
    /// Counts replacements of the content, for the ETag.
    pub(crate) version: u32,
    pub(crate) trashed: Option<Timestamp>,
}

impl CloudFile {
    pub(crate) fn progress(&self, now: Timestamp) -> Progress {
        match self.spec.ready_at {
            Some(ready) if ready <= now => Progress::Completed,
            _ => self.spec.progress,
        }
    }
}
