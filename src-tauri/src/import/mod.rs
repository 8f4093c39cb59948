//! The import queue and its worker. Everything others may use is in this file.

mod attempt;
mod bounds;
mod bringing;
mod digest;
mod disks;
mod importer;
mod job_row;
mod late;
mod leases;
mod local_file;
mod looks;
mod meeting;
mod outbox;
mod outcome;
mod own_file;
mod pause;
mod progress;
mod publishing;
mod queue;
mod retry;
mod room;
#[cfg(test)]
mod transitions;
mod wish;
mod worker;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::UserError;
use crate::recording::RecordingId;

pub use attempt::StagedFile;
pub use bounds::Bounds;
pub use disks::Disks;
pub use importer::{Importer, Surroundings};
pub use leases::Leases;
pub use local_file::{LocalFile, inspect, inspect_transcript};
pub use looks::{LateLook, Look, Looks};
pub use outbox::Outbox;
pub use outcome::Outcome;
pub use pause::{Full, QueueState};
pub use publishing::send_outbox;
pub use queue::{Claimed, Queue};
pub use room::Room;
pub use wish::{Asker, Source, Wish, ask};
pub use worker::{Work, Worker};

/// One import, as the queue holds it: one row per recording and teamspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Job {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// What is imported. For a file from this computer known once it is hashed; until then none.
    pub recording_id: Option<RecordingId>,
    /// Zoom's meeting UUID; none for a file from this computer.
    pub uuid: Option<String>,
    /// Id of the teamspace.
    pub teamspace: String,
    /// Title for people.
    pub title: String,
    /// Where it stands.
    pub state: JobState,
    /// A person holds it: it is not worked on until they let it go.
    pub paused: bool,
    /// How often it was begun.
    pub attempts: u32,
    /// When it is tried again, while `waiting`.
    #[ts(type = "string | null")]
    pub retry_at: Option<Timestamp>,
    /// Bytes that are here.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes of all its files, as far as known.
    #[ts(type = "number")]
    pub bytes_total: u64,
    /// Why it waits or failed.
    pub error: Option<UserError>,
    /// When it was asked for.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[ts(type = "string")]
    pub updated_at: Timestamp,
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// Is being worked on.
    Running,
    /// Waits for a time: Zoom has not finished it, or a passing failure.
    Waiting,
    /// Published.
    Done,
    /// Failed for good; a person can ask again.
    Failed,
    /// Cancelled by a person.
    Cancelled,
}
