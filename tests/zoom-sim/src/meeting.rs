//! What a recorded meeting is made of; builders for tests and JSON for the control API.
//!
//! Everything that Zoom's answers vary in (zoom-facts §2.4) is a field here. [`crate::shapes`] has the odd ones ready.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::after;
use crate::file::{CloudFile, FileSpec};

/// Where a recording comes from; a listing without `recording_source_type` mixes both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An ordinary cloud recording.
    #[default]
    CloudRecording,
    /// A "My Notes" recording.
    MyNotes,
}

/// A recorded meeting. Times are UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeetingSpec {
    /// The UUID of this instance; empty: made up.
    pub uuid: String,
    /// The meeting number, the same for every instance of a series; 0: made up.
    pub id: u64,
    /// The id of the user who hosted it; empty: the first user.
    pub host: String,
    /// The title.
    pub topic: String,
    /// When recording began; without it, `days_ago`.
    pub start: Option<Timestamp>,
    /// When recording began, counted back from now; 1 if nothing is said.
    pub days_ago: Option<i64>,
    /// The `start_time` that Zoom claims, when it is not the recording's: the date of a series.
    pub start_time: Option<Timestamp>,
    /// An IANA time zone, or empty.
    pub timezone: String,
    /// In minutes; 0 for short ones.
    pub duration: u32,
    /// 1 instant, 2 scheduled, 8 recurring, 99 uploaded through the portal.
    #[serde(rename = "type")]
    pub kind: i64,
    /// Its files.
    pub files: Vec<FileSpec>,
    /// One per speaker; listed by the meeting endpoint only.
    pub participant_audio_files: Vec<FileSpec>,
    /// `recording_files` is absent: too short, or not ready.
    pub without_files: bool,
    /// Where it comes from.
    pub source: Source,
    /// When Zoom deletes it.
    pub auto_delete_date: Option<Date>,
    /// `id` as a string.
    pub ids_as_strings: bool,
    /// `file_size` and `total_size` as strings.
    pub sizes_as_strings: bool,
    /// In the trash since then.
    pub trashed: Option<Timestamp>,
    /// Not listed before this instant.
    pub listed_from: Option<Timestamp>,
    /// The meeting endpoint answers 404/3301 this many times although the recording exists.
    pub missing_for: u32,
    /// The meeting endpoint answers 200 with an error body.
    pub forbidden: bool,
    /// What `meeting_summary` answers.
    pub summary: Option<Value>,
    /// Fields that no description lists.
    pub set: Map<String, Value>,
    /// Fields left out of the answers.
    pub omit: Vec<String>,
}

impl Default for MeetingSpec {
    fn default() -> Self {
        Self {
            uuid: String::new(),
            id: 0,
            host: String::new(),
            topic: "Interview".to_owned(),
            start: None,
            days_ago: None,
            start_time: None,
            timezone: "Europe/Berlin".to_owned(),
            duration: 1,
            kind: 2,
            files: Vec::new(),
            participant_audio_files: Vec::new(),
            without_files: false,
            source: Source::CloudRecording,
            auto_delete_date: None,
            ids_as_strings: false,
            sizes_as_strings: false,
            trashed: None,
            listed_from: None,
            missing_for: 0,
            forbidden: false,
            summary: None,
            set: Map::new(),
            omit: Vec::new(),
        }
    }
}

impl MeetingSpec {
    /// A meeting without files, recorded yesterday.
    pub fn new(topic: &str) -> Self {
        Self { topic: topic.to_owned(), ..Self::default() }
    }

    /// A meeting with video, transcript and timeline of a talk (see [`crate::TALKS`]).
    pub fn talk(topic: &str, talk: &str) -> Self {
        Self::new(topic)
            .file(FileSpec::video(talk))
            .file(FileSpec::transcript(talk))
            .file(FileSpec::timeline(talk))
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, file: FileSpec) -> Self {
        self.files.push(file);
        self
    }

    /// Sets the UUID.
    #[must_use]
    pub fn uuid(mut self, uuid: &str) -> Self {
        self.uuid = uuid.to_owned();
        self
    }

    /// Sets the meeting number.
    #[must_use]
    pub fn number(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Sets the host by user id.
    #[must_use]
    pub fn host(mut self, user: &str) -> Self {
        self.host = user.to_owned();
        self
    }

    /// Sets when recording began.
    #[must_use]
    pub fn start(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Sets when recording began, counted back from now.
    #[must_use]
    pub fn days_ago(mut self, days: i64) -> Self {
        self.days_ago = Some(days);
        self
    }

    /// Sets the length that Zoom claims.
    #[must_use]
    pub fn minutes(mut self, minutes: u32) -> Self {
        self.duration = minutes;
        self
    }
}

/// What [`crate::Knobs::add_meeting`] made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingHandle {
    /// The UUID of the instance.
    pub uuid: String,
    /// The meeting number.
    pub id: u64,
    /// The keys of the files, in the order they were given: Zoom's id where the file has one.
    pub files: Vec<String>,
    /// The keys of the participants' audio files.
    pub participant_audio_files: Vec<String>,
}

/// A meeting in the simulated cloud.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub(crate) spec: MeetingSpec,
    pub(crate) start: Timestamp,
    pub(crate) files: Vec<CloudFile>,
    pub(crate) participant_audio: Vec<CloudFile>,
}

impl Meeting {
    pub(crate) fn start_time(&self) -> Timestamp {
        self.spec.start_time.unwrap_or(self.start)
    }

    pub(crate) fn is_listed(&self, now: Timestamp) -> bool {
        self.spec.trashed.is_none() && self.spec.listed_from.is_none_or(|from| from <= now)
    }

    /// Begin and end of a file's segment.
    pub(crate) fn span(&self, file: &FileSpec) -> (Timestamp, Timestamp) {
        let begin = after(self.start, file.offset);
        let seconds = file.seconds.or_else(|| file.content.seconds()).unwrap_or(60);
        (begin, after(begin, i64::from(seconds)))
    }

    pub(crate) fn all_files_mut(&mut self) -> impl Iterator<Item = &mut CloudFile> {
        self.files.iter_mut().chain(self.participant_audio.iter_mut())
    }

    pub(crate) fn all_files(&self) -> impl Iterator<Item = &CloudFile> {
        self.files.iter().chain(self.participant_audio.iter())
    }
}
