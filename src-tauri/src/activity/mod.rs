//! Activity: what was imported, skipped, failed and retried, and what needed a person. Everything others may use is
//! in this file.
//!
//! A row is written in the transaction that makes it true (settling a job, deciding about a recording), so that each
//! thing is told once, whatever crashes. Rows are kept for 90 days.
//!
//! # Why below the queue
//!
//! Whatever process settles a job writes what came of it; the log is below whoever writes into it.

mod export;
mod incidents;
mod rows;
mod settled;
pub(crate) mod words;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::UserError;
use crate::recording::RecordingId;

pub use crate::events::ActivityKind;
pub use export::ExportFormat;
pub use incidents::{close_incidents, open_incident};
pub use rows::{Activity, Fresh, Search, add, forget_reasons};
pub use settled::{Settled, note_settled};

/// How many days rows are kept.
pub const DAYS_KEPT: i64 = 90;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ActivityEntry {
    /// Its number; later ones are larger.
    #[ts(type = "number")]
    pub id: i64,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: ActivityKind,
    /// Id of the teamspace that it is about.
    pub teamspace: Option<String>,
    /// The recording that it is about.
    pub recording_id: Option<RecordingId>,
    /// Zoom's meeting UUID of it.
    pub uuid: Option<String>,
    /// Its title; empty where it is about no recording.
    pub title: String,
    /// The rule of auto-import that decided, where one did: the name of a `DecidedBy`.
    pub rule: Option<String>,
    /// Why, where something went wrong.
    pub error: Option<UserError>,
    /// Auto-import asked for it, not a person.
    pub automatic: bool,
}

/// A stretch of the log, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ActivityPage {
    /// Its entries.
    pub entries: Vec<ActivityEntry>,
    /// The `from` that gives what comes after them; none at the end.
    #[ts(type = "number | null")]
    pub next: Option<i64>,
}
