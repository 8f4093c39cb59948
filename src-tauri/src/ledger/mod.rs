//! The ledger of verified copies: who read a recording again and compared it with its manifest, when, and what
//! came of it. Everything others may use is in this file.
//!
//! A row is written when a verification is over and never changed. The import's own read-back writes the first;
//! each later one is added. It is this machine's knowledge and lives in `state.db`: a teamspace is not asked to
//! believe what somebody else has seen.

mod rows;
mod run;
mod trashed;
mod verify;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::recording::RecordingId;

pub use rows::{Imported, Ledger, account_key};
pub use run::{Run, Verifier};
pub use trashed::{Kept, TrashOutcome, TrashedAtZoom};
pub use verify::{Looked, look};

/// One verification of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Verification {
    /// Its number in the ledger.
    #[ts(type = "number")]
    pub id: i64,
    /// The teamspace that holds the copy.
    pub teamspace: String,
    /// The recording.
    pub recording_id: RecordingId,
    /// What it was done for.
    pub how: How,
    /// When it was over.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Name of the profile.
    pub by: String,
    /// How many files were looked at.
    #[ts(type = "number")]
    pub files: u64,
    /// Bytes that their manifests name.
    #[ts(type = "number")]
    pub bytes: u64,
    /// SHA-256 of the manifest, lower-case hex; empty when it is missing or cannot be read.
    pub manifest: String,
    /// What was not as it should be; empty when everything was whole.
    pub damaged: Vec<Damage>,
}

impl Verification {
    /// Whether everything was as it should be.
    pub fn is_whole(&self) -> bool {
        self.damaged.is_empty()
    }
}

/// What a verification was done for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum How {
    /// The import read back what it had written.
    Import,
    /// The second verification, before the recording is moved to Zoom's trash.
    Second,
    /// A person asked for it.
    Manual,
}

/// Something of a recording that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Damage {
    /// The recording.
    pub recording_id: RecordingId,
    /// Its title, where it is known.
    pub title: String,
    /// The file, relative to the recording's folder.
    pub key: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a stored file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Problem {
    /// It is not there.
    Missing,
    /// It has another size than its manifest says.
    Size,
    /// It has other content than its manifest says.
    Content,
    /// It is there and cannot be read.
    Unreadable,
}

/// Files that no manifest and no addendum names: an import under way, or what is left of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Orphan {
    /// The recording in whose folder they are.
    pub recording_id: RecordingId,
    /// The attempt that they belong to.
    pub attempt: String,
    /// How many they are.
    #[ts(type = "number")]
    pub files: u64,
    /// Sum of their sizes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// When the newest of them was written.
    #[ts(type = "string")]
    pub newest: Timestamp,
    /// So old that no import is at work on it any more: a repair removes it.
    pub dead: bool,
}

/// How the verification of a teamspace stands, or how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct VerifyReport {
    /// Id of the teamspace.
    pub teamspace: String,
    /// Where it stands.
    pub state: VerifyState,
    /// When it began.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// When it was over.
    #[ts(type = "string | null")]
    pub finished_at: Option<Timestamp>,
    /// Recordings that were verified.
    #[ts(type = "number")]
    pub checked: u64,
    /// Recordings that there are, as far as known.
    #[ts(type = "number")]
    pub total: u64,
    /// Files that were looked at.
    #[ts(type = "number")]
    pub files: u64,
    /// Bytes that were read.
    #[ts(type = "number")]
    pub bytes: u64,
    /// What was not as it should be.
    pub damaged: Vec<Damage>,
    /// Files that nothing names.
    pub orphans: Vec<Orphan>,
}

/// Where the verification of a teamspace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum VerifyState {
    /// It is under way.
    Running,
    /// It was stopped or interrupted; it goes on from there.
    Stopped,
    /// It is over.
    Done,
}

/// What a repair did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Repaired {
    /// Log entries that had waited to be written.
    #[ts(type = "number")]
    pub sent: u64,
    /// Manifests and addenda that the log did not have.
    #[ts(type = "number")]
    pub entered: u64,
    /// Dead attempts that were removed.
    pub removed: Vec<Orphan>,
}

/// An attempt whose newest file is older than this is not worked on any more.
const DEAD_AFTER: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

/// What an attempt that nothing names looks like at `now`.
pub fn orphan(
    recording_id: &RecordingId,
    attempt: &crate::teamspace::AttemptFolder,
    now: Timestamp,
) -> Orphan {
    Orphan {
        recording_id: recording_id.clone(),
        attempt: attempt.name.clone(),
        files: attempt.files,
        bytes: attempt.bytes,
        newest: attempt.newest,
        dead: now.duration_since(attempt.newest) > DEAD_AFTER,
    }
}
