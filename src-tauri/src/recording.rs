//! The nouns: what Zoom lists ([`CloudRecording`]), and what a teamspace holds ([`Recording`]).
//!
//! Plain data without behaviour of its own; times are instants in UTC, sizes bytes, durations seconds.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ts_rs::TS;

/// Names a recording on every machine alike: 26 characters of lower-case base32 of a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(export, type = "string")]
pub struct RecordingId(String);

impl RecordingId {
    /// The id of a Zoom meeting instance, from its UUID.
    pub fn of_zoom_meeting(uuid: &str) -> Self {
        Self::from_digest(&Sha256::digest(format!("zoom:{uuid}")))
    }

    /// The id of a file from this computer, from the SHA-256 of its content.
    pub fn of_content(sha256: &[u8; 32]) -> Self {
        Self::from_digest(sha256)
    }

    fn from_digest(digest: &[u8]) -> Self {
        let mut text = BASE32_NOPAD.encode(digest).to_ascii_lowercase();
        text.truncate(26);
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first two characters: the folder that the recording's folder stands in.
    pub fn shard(&self) -> &str {
        self.0.get(..2).unwrap_or("00")
    }
}

impl fmt::Display for RecordingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<RecordingId> for String {
    fn from(id: RecordingId) -> Self {
        id.0
    }
}

impl TryFrom<String> for RecordingId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let valid = text.len() == 26 && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
        if valid { Ok(Self(text)) } else { Err(format!("not a recording id: {} characters", text.len())) }
    }
}

impl std::str::FromStr for RecordingId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.to_owned())
    }
}

/// What a file is for. Zoom's list is open: what we do not know is `Other` and is kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum FileKind {
    /// Picture and sound.
    Video,
    /// Sound alone.
    Audio,
    /// What was said, as timed text (WebVTT).
    Transcript,
    /// Live captions, as timed text.
    Captions,
    /// The meeting chat.
    Chat,
    /// Who spoke when (JSON).
    Timeline,
    /// A summary that Zoom wrote (JSON).
    Summary,
    /// Anything else.
    Other,
}

/// A recording that a teamspace holds: published, verified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Recording {
    /// Its id, the same on every machine.
    pub recording_id: RecordingId,
    /// The teamspace that holds it.
    pub teamspace: String,
    /// Its title: the meeting's topic, or a file's name. Plain text, never markup.
    pub title: String,
    /// Who hosted the meeting, when known.
    pub host: Option<String>,
    /// When it began.
    #[ts(type = "string")]
    pub start: Timestamp,
    /// Its length in seconds.
    #[ts(type = "number")]
    pub duration: u64,
    /// The IANA time zone of the meeting, when Zoom said one.
    pub time_zone: Option<String>,
    /// Name of the profile that imported it, as it was then.
    pub imported_by: String,
    /// Id of that profile; none where a former version imported it.
    #[serde(default)]
    pub importer: Option<String>,
    /// When it was imported.
    #[ts(type = "string")]
    pub imported_at: Timestamp,
    /// Words that people gave it, in the order in which they did.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its files; none while `unread` says so.
    pub files: Vec<RecordingFile>,
    /// Sum of the sizes of its files in bytes, while these are not known here yet: only what the teamspace's log says
    /// of it is. They are read when it is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub unread: Option<u64>,
}

/// One stored file of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordingFile {
    /// Where it stands, relative to the recording's folder.
    pub key: String,
    /// What it is for.
    pub kind: FileKind,
    /// Which continuous stretch of the meeting it belongs to, from 0.
    pub segment: u32,
    /// Which picture it shows, in Zoom's words (`shared_screen_with_speaker_view`, `gallery_view` …).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub layout: Option<String>,
    /// Its media type, for example `video/mp4`.
    pub media_type: String,
    /// Its size in bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// SHA-256 of its content, lower-case hex.
    pub sha256: String,
}

/// What Zoom lists: a meeting instance with its files, not yet ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CloudRecording {
    /// Zoom's UUID of the meeting instance.
    pub uuid: String,
    /// The id that it has, or will have, in a teamspace.
    pub recording_id: RecordingId,
    /// The meeting's topic: plain text from outside.
    pub topic: String,
    /// When recording began (the files' start, not the meeting's, which can be a series' first date).
    #[ts(type = "string")]
    pub start: Timestamp,
    /// Its length in seconds.
    #[ts(type = "number")]
    pub duration: u64,
    /// Sum of its files' sizes in bytes, as far as Zoom says.
    #[ts(type = "number")]
    pub size: u64,
    /// The IANA time zone of the meeting, when Zoom said one.
    pub time_zone: Option<String>,
    /// E-mail or id of the host, when Zoom said one.
    pub host: Option<String>,
    /// Whether Zoom has finished it.
    pub status: CloudStatus,
    /// When Zoom will delete it by itself, where its list says so.
    #[ts(type = "string | null")]
    pub auto_delete_at: Option<Timestamp>,
    /// Its files.
    pub files: Vec<CloudFile>,
}

/// Whether Zoom has finished a recording or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum CloudStatus {
    /// All that is listed can be downloaded.
    Completed,
    /// Zoom still works on it, or on parts of it.
    Processing,
}

/// One file of a [`CloudRecording`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CloudFile {
    /// Identity within the meeting: Zoom's file id, or type and start where Zoom gives none.
    pub id: String,
    /// What it is for.
    pub kind: FileKind,
    /// Which continuous stretch of the meeting it belongs to, from 0.
    pub segment: u32,
    /// Which picture it shows, in Zoom's words; none for other files.
    pub layout: Option<String>,
    /// Its size in bytes as Zoom says: approximately right; 0 when Zoom gives none.
    #[ts(type = "number")]
    pub size: u64,
    /// Whether Zoom has finished it.
    pub status: CloudStatus,
    /// File name extension, lower case, at most 5 characters of `[a-z0-9]`.
    pub extension: String,
    /// A participant's own audio track.
    pub participant_audio: bool,
}

/// One timed line of a transcript.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Cue {
    /// Seconds from the start of its segment.
    pub start: f64,
    /// Seconds from the start of its segment.
    pub end: f64,
    /// Who speaks, when the transcript says so.
    pub speaker: Option<String>,
    /// What is said: plain text, never markup.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_meeting_has_the_same_id_on_every_machine() {
        let id = RecordingId::of_zoom_meeting("abc/def+1==");
        assert_eq!(id, RecordingId::of_zoom_meeting("abc/def+1=="));
        assert_eq!(id.as_str().len(), 26);
        assert_eq!(id.shard(), &id.as_str()[..2]);
        assert_eq!(id.as_str().parse::<RecordingId>(), Ok(id));
    }

    #[test]
    fn an_id_from_outside_can_never_be_a_path() {
        assert!("../../../../etc/passwd-----".parse::<RecordingId>().is_err());
        assert!("abcdefghijklmnopqrstuvwxy/".parse::<RecordingId>().is_err());
    }
}
