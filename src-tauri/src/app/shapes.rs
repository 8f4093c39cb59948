//! What the doors get to see that no lower module owns.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PlaceDraft;
use crate::cache::MediaHere;
use crate::catalog::Corrections;
use crate::error::UserError;
use crate::import::{JobState, LateLook};
use crate::ledger::{Damage, TrashedAtZoom, Verification};
use crate::profile::ProfileDraft;
use crate::recording::{CloudRecording, Cue, FileKind, Recording, RecordingFile, RecordingId};
use crate::transcript::{ChatMessage, Summary};

/// What the window needs before anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AppInfo {
    /// Version of the app.
    pub version: String,
    /// Where all local data lives.
    pub data_dir: String,
    /// The Zoom that is configured is a simulator on this machine.
    pub practice: bool,
    /// The folder that first start fills in for the first teamspace.
    pub suggested_folder: String,
    /// Name of this machine.
    pub device: String,
    /// The operating system: `linux`, `macos`, `windows`.
    pub platform: String,
    /// How secrets are kept.
    pub secrets: SecretsStatus,
    /// What happened at start that a person should know, for example a damaged database that was set aside.
    pub notices: Vec<UserError>,
    /// What bars the way to Zoom just now, as far as somebody tried: a proxy, or a certificate.
    pub barred: Option<UserError>,
}

/// How secrets are kept, and whether that works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SecretsStatus {
    /// Which store.
    pub store: SecretsStore,
    /// Why it does not work; none when it does.
    pub error: Option<UserError>,
}

/// Where secrets are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SecretsStore {
    /// The operating system's keyring.
    Keyring,
    /// A file encrypted with a passphrase.
    File,
    /// This run only.
    Memory,
}

/// Which place for secrets a person chose.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "store", rename_all = "snake_case")]
pub enum SecretsChoice {
    /// The operating system's keyring.
    Keyring,
    /// A file encrypted with a passphrase.
    File {
        /// The passphrase.
        passphrase: String,
    },
    /// This run only.
    Memory,
}

/// Which place is in use, and whether it waits for its passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SecretsState {
    pub store: SecretsStore,
    pub locked: bool,
}

/// What the first screen asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FirstStart {
    /// Who the person is.
    pub profile: ProfileDraft,
    /// Name of the first teamspace; one that stands there already keeps its own.
    pub teamspace_name: String,
    /// Where recordings live. A teamspace that stands there is joined.
    pub place: PlaceDraft,
}

/// A stretch of Zoom's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CloudListing {
    /// What was read whole.
    pub covered: Covered,
    /// What Zoom lists there, newest first.
    pub recordings: Vec<ListedRecording>,
}

/// Days that were read whole, both inclusive (UTC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Covered {
    /// First day, `yyyy-mm-dd`.
    #[ts(type = "string")]
    pub from: jiff::civil::Date,
    /// Last day, `yyyy-mm-dd`.
    #[ts(type = "string")]
    pub to: jiff::civil::Date,
}

/// A cloud recording, with what we know of it here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ListedRecording {
    /// What Zoom lists.
    #[serde(flatten)]
    pub recording: CloudRecording,
    /// Whether any teamspace holds it.
    pub imported: bool,
    /// Ids of the teamspaces that hold it.
    pub teamspaces: Vec<String>,
    /// Ids of the teamspaces that have it in the trash or deleted it for good: it is not imported there again.
    pub trashed: Vec<String>,
    /// Where its import stands, when one was asked for (per teamspace id).
    pub jobs: std::collections::BTreeMap<String, JobState>,
}

/// A recording, and how it stands on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredRecording {
    /// The recording.
    #[serde(flatten)]
    pub recording: Recording,
    /// Address of its poster; none until a frame was taken.
    pub poster: Option<String>,
    /// What of it plays without a network.
    pub media: MediaHere,
    /// Whether a pin keeps it on this machine.
    pub pinned: bool,
}

/// A recording in the window's list: what a list shows and filters by, and no more, because there may be a hundred
/// thousand of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordingItem {
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
    /// Words that people gave it, in the order in which they did.
    pub tags: Vec<String>,
    /// Its files; none while `unread` says so.
    pub files: Vec<ListedFile>,
    /// Sum of the sizes of its files in bytes, while these are not known here yet: only what the teamspace's log says
    /// of it is. They are read when it is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub unread: Option<u64>,
    /// Address of its poster; none until a frame was taken.
    pub poster: Option<String>,
    /// What of it plays without a network.
    pub media: MediaHere,
    /// Whether a pin keeps it on this machine.
    pub pinned: bool,
}

/// A file of a recording in the window's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ListedFile {
    /// Its key, below the recording's folder.
    pub key: String,
    /// What it is.
    pub kind: FileKind,
    /// Which stretch of the meeting it belongs to, from 0.
    pub segment: u32,
}

impl From<StoredRecording> for RecordingItem {
    fn from(StoredRecording { recording, poster, media, pinned }: StoredRecording) -> Self {
        let file = |RecordingFile { key, kind, segment, .. }| ListedFile { key, kind, segment };
        Self {
            recording_id: recording.recording_id,
            teamspace: recording.teamspace,
            title: recording.title,
            host: recording.host,
            start: recording.start,
            duration: recording.duration,
            tags: recording.tags,
            files: recording.files.into_iter().map(file).collect(),
            unread: recording.unread,
            poster,
            media,
            pinned,
        }
    }
}

/// Some of the recordings of a teamspace, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordingPage {
    /// The recordings.
    pub recordings: Vec<RecordingItem>,
    /// What to ask for the next ones with; none after the last.
    #[ts(type = "number | null")]
    pub next: Option<i64>,
}

/// A recording, opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OpenedRecording {
    /// The recording.
    #[serde(flatten)]
    pub recording: Recording,
    /// Address of its poster; none until a frame was taken.
    pub poster: Option<String>,
    /// Addresses of the media server, one per file, in the order of `files`.
    pub urls: Vec<String>,
    /// Its transcript, one list of cues per segment; empty without one.
    pub transcript: Vec<Vec<Cue>>,
    /// What could not be read of the transcript, when it is damaged.
    pub transcript_error: Option<UserError>,
    /// Its chat, one list of messages per segment; empty without one.
    pub chat: Vec<Vec<ChatMessage>>,
    /// What could not be read of the chat, when it is damaged.
    pub chat_error: Option<UserError>,
    /// What people corrected in the transcript and the chat; both are as corrected.
    pub corrections: Corrections,
    /// What Zoom made of it; none without a summary.
    pub summary: Option<Summary>,
    /// What this machine's last verification found damaged or missing; empty when all was whole, or nobody looked.
    /// The window plays none of it unasked.
    pub damaged: Vec<Damage>,
    /// Where the person stopped listening, in seconds from the start of the first segment.
    pub position: Option<f64>,
    /// What is known of files that Zoom may still finish; none when nothing more is looked for.
    pub late: Option<LateLook>,
}

/// What a person changes about a recording. What is empty stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordingEdit {
    /// Its new title.
    #[serde(default)]
    pub title: Option<String>,
    /// Tags to add.
    #[serde(default)]
    pub add_tags: Vec<String>,
    /// Tags to take off.
    #[serde(default)]
    pub remove_tags: Vec<String>,
}

/// What came of something that was done to many recordings of a teamspace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BulkOutcome {
    /// Those for which it is done, or was before.
    pub done: Vec<RecordingId>,
    /// The others, each with its reason.
    pub failed: Vec<BulkFailure>,
}

/// Why something could not be done to one of many recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BulkFailure {
    /// The recording.
    pub recording_id: RecordingId,
    /// Its title; empty when nobody knows the recording.
    pub title: String,
    /// What happened, and what to do.
    pub error: UserError,
}

/// A recording in the trash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TrashedRecording {
    /// The recording as it was.
    #[serde(flatten)]
    pub recording: Recording,
    /// Id of the profile that moved it there.
    pub profile: String,
    /// Its name; none when it never said one.
    pub name: Option<String>,
    /// When it was moved there.
    #[ts(type = "string")]
    pub at: jiff::Timestamp,
    /// From when on it is deleted for good. Until that is done, it can be restored.
    #[ts(type = "string")]
    pub until: jiff::Timestamp,
    /// Days until then, the one that has begun counted; 0 when they are over.
    pub days_left: u32,
    /// Why it is still there, when its days are over and it could not be deleted.
    pub stays: Option<UserError>,
}

/// What the ledger knows of a recording's copy in a teamspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RecordingLedger {
    /// Who verified it and when, newest first.
    pub verified: Vec<Verification>,
    /// When it was moved to Zoom's trash; none when it was not.
    pub at_zoom: Option<TrashedAtZoom>,
}

/// How a disconnection went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Disconnected {
    /// Whether Zoom confirmed that access is revoked. Locally it is gone in any case.
    pub revoked_at_zoom: bool,
}

/// One check of the doctor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Check {
    /// What was checked, for example `keyring`.
    pub name: String,
    /// Whether it is well.
    pub ok: bool,
    /// What was seen, in a sentence.
    pub message: String,
    /// What to do, when it is not well.
    pub action: Option<String>,
}

/// Answers a claim conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ClaimAnswer {
    /// The account moves to this profile; the other one must sign in again.
    Move,
    /// The sign-in is given up.
    Cancel,
}
