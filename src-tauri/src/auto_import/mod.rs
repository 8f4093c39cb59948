//! Auto-import: every new cloud recording comes to a teamspace by itself. Everything others may use is in this file.
//!
//! One checkbox and one teamspace, then rules for those who want them. A poller, one per data directory, walks
//! Zoom's list from its watermark; what the rules take is asked for in the import queue, which does the rest.
//!
//! # What holds whatever happens
//!
//! - The watermark moves only over what was read whole, and only by Zoom's own clock: a wrong clock here skips
//!   nothing.
//! - A recording is decided about once, and asked for in the same transaction. The queue and the teamspace make sure
//!   that it is imported once.
//! - What is off, paused or held up spends no call.

mod decide;
mod engine;
mod gone;
mod inbox;
mod older;
mod pace;
mod poll;
mod problem;
mod route;
mod rules;
mod store;
mod take;
mod watch;
mod why;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::UserError;
use crate::import::JobState;
use crate::recording::{CloudRecording, RecordingId};

pub use decide::{DecidedBy, Decision, Verdict};
pub use engine::{AutoImport, MOST_CALLS_A_DAY, Parts};
pub use route::WayOut;
pub use rules::{Hours, Rules};
pub use watch::Watching;

/// Auto-import, with all that a screen needs to show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AutoImportStatus {
    /// Whether it is on.
    pub on: bool,
    /// Id of the teamspace that recordings go to; the last one while it is off.
    pub teamspace: Option<String>,
    /// It takes recordings that began after this.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// Everything that Zoom listed up to here was looked at, by Zoom's clock; none before the first look.
    #[ts(type = "string | null")]
    pub covered_up_to: Option<Timestamp>,
    /// When Zoom's list was last read without trouble.
    #[ts(type = "string | null")]
    pub last_poll: Option<Timestamp>,
    /// When it is read next; none while it is off, paused, or held up until a person acts.
    #[ts(type = "string | null")]
    pub next_poll: Option<Timestamp>,
    /// A person holds it until then.
    #[ts(type = "string | null")]
    pub paused_until: Option<Timestamp>,
    /// Zoom's list is being read just now, by this process.
    pub running: bool,
    /// Why it does not go on, or not as it should.
    pub problem: Option<AutoImportProblem>,
    /// How many recordings wait for review.
    pub inbox_count: u32,
    /// Calls to Zoom that looking for recordings cost today (UTC).
    pub calls_today: u32,
}

/// Why auto-import does not go on, or not as it should. It goes on by itself once that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AutoImportProblem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The sentence for people.
    pub error: UserError,
    /// Since when.
    #[ts(type = "string")]
    pub since: Timestamp,
}

/// What is wrong with auto-import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ProblemKind {
    /// No Zoom account is connected.
    NotConnected,
    /// The sign-in at Zoom is over: a person must connect again.
    NeedsReauthorization,
    /// Another Zoom account is connected than when it was switched on.
    OtherAccount,
    /// The account belongs to another profile now: it was moved to another machine.
    ClaimLost,
    /// A permission was not granted at Zoom.
    ScopesMissing,
    /// The account's plan has no cloud recordings. Nothing is wrong; there is nothing to import.
    NoCloudRecordings,
    /// The teamspace cannot be reached, or is not known here any more.
    TeamspaceGone,
    /// The teamspace's place, or this computer's disk, has no room.
    TeamspaceFull,
    /// The network cannot be reached. It passes by itself.
    Offline,
    /// Zoom asks for a pause. It passes by itself.
    RateLimited,
    /// Zoom gives no answer that makes sense, or gave fewer recordings than it promised. It passes by itself.
    ZoomUnavailable,
    /// Anything else.
    Other,
}

/// How long auto-import is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "until", rename_all = "snake_case")]
#[ts(export)]
pub enum PauseUntil {
    /// Until this instant.
    Instant {
        /// When it goes on.
        #[ts(type = "string")]
        at: Timestamp,
    },
    /// Until the next morning, in the person's time zone.
    Tomorrow,
}

/// A recording and what the rules say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DecidedRecording {
    /// What Zoom lists.
    pub recording: CloudRecording,
    /// What the rules say.
    pub decision: Decision,
    /// The chosen teamspace holds it already.
    pub imported: bool,
}

/// What an import of older recordings would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Backfill {
    /// Recordings that it would take.
    pub count: u32,
    /// Their size in bytes, as far as Zoom says, of the kinds of files that are taken.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Recordings in these days that are there already, asked for, or in the trash.
    pub already: u32,
    /// Recordings in these days that the rules do not take.
    pub skipped: u32,
}

/// A recording that waits for a person to keep or discard it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct InboxItem {
    /// Zoom's meeting UUID: what keeping and discarding name it by.
    pub uuid: String,
    /// The id that it will have in the teamspace.
    pub recording_id: RecordingId,
    /// Id of the teamspace that it would go to.
    pub teamspace: String,
    /// The meeting's topic.
    pub title: String,
    /// When recording began.
    #[ts(type = "string")]
    pub start: Timestamp,
    /// Seconds.
    #[ts(type = "number")]
    pub duration: u64,
    /// Bytes, of the kinds of files that are taken.
    #[ts(type = "number")]
    pub size: u64,
    /// Who hosted it, when known.
    pub host: Option<String>,
    /// When Zoom will delete it by itself, where its list says so.
    #[ts(type = "string | null")]
    pub auto_delete_at: Option<Timestamp>,
    /// When it came into the inbox.
    #[ts(type = "string")]
    pub arrived_at: Timestamp,
}

/// The answer to "Why was this not imported?".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WhyNot {
    /// Zoom's meeting UUID.
    pub uuid: String,
    /// The meeting's topic.
    pub title: String,
    /// When recording began.
    #[ts(type = "string")]
    pub start: Timestamp,
    /// The chosen teamspace holds it: it was imported.
    pub imported: bool,
    /// What was decided, or would be, and by which rule.
    pub decision: Decision,
    /// When that was decided; none: it was not yet, and this is what would be.
    #[ts(type = "string | null")]
    pub decided_at: Option<Timestamp>,
    /// Where its import stands, when one was asked for.
    pub job: Option<JobState>,
    /// Why that waits or failed.
    pub error: Option<UserError>,
    /// The answer in a sentence, for people who read English; the window says it by `decision` and `job`.
    pub sentence: String,
}
