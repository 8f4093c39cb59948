//! What doors may observe. An event says what changed, by id; whoever listens reads again.
//!
//! Progress is the one exception: it carries its numbers, a few times a second, because the row in the
//! queue is the truth and is read when work starts or ends.

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use ts_rs::TS;

use crate::error::UserError;
use crate::recording::RecordingId;

/// Something changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
#[ts(export)]
pub enum Event {
    /// Profile or photo.
    ProfileChanged,
    /// The Zoom account, its sign-in state, or a step of signing in.
    AccountChanged,
    /// The list of teamspaces, or the state of one.
    TeamspacesChanged,
    /// Recordings were added to or changed in a teamspace.
    RecordingsChanged {
        /// Id of the teamspace.
        teamspace: String,
        /// The recording, when it is one.
        recording_id: Option<RecordingId>,
    },
    /// A job was added or changed its state.
    JobChanged {
        /// Id of the job.
        #[ts(type = "number")]
        id: i64,
    },
    /// The import queue as a whole: it was paused, resumed, met a full disk or goes on; or another process changed
    /// its rows.
    QueueChanged,
    /// Bytes of a running job.
    JobProgress {
        /// Id of the job.
        #[ts(type = "number")]
        id: i64,
        /// Bytes that are here, of all its files.
        #[ts(type = "number")]
        bytes: u64,
        /// Bytes of all its files, as far as Zoom says.
        #[ts(type = "number")]
        bytes_total: u64,
        /// Bytes in the last second.
        #[ts(type = "number")]
        bytes_per_second: u64,
    },
    /// The verification of a teamspace began, stopped or ended.
    VerifyChanged {
        /// Id of the teamspace.
        teamspace: String,
    },
    /// How far the verification of a teamspace is.
    VerifyProgress {
        /// Id of the teamspace.
        teamspace: String,
        /// Recordings that were verified.
        #[ts(type = "number")]
        checked: u64,
        /// Recordings that there are, as far as known.
        #[ts(type = "number")]
        total: u64,
        /// Bytes that were read.
        #[ts(type = "number")]
        bytes: u64,
    },
    /// How far the repair of a teamspace is.
    RepairProgress {
        /// Id of the teamspace.
        teamspace: String,
        /// Folders of recordings that are done with.
        #[ts(type = "number")]
        done: u64,
        /// Folders of recordings that there are.
        #[ts(type = "number")]
        total: u64,
    },
    /// How far the copy of a teamspace to another place is.
    CopyProgress {
        /// Id of the teamspace.
        teamspace: String,
        /// Files that are done with.
        #[ts(type = "number")]
        files: u64,
        /// Files that there are, as far as known.
        #[ts(type = "number")]
        files_total: u64,
        /// Bytes that are done with.
        #[ts(type = "number")]
        bytes: u64,
        /// Bytes that there are, as far as known.
        #[ts(type = "number")]
        bytes_total: u64,
    },
    /// How far an export is.
    ExportProgress {
        /// Recordings that are done with.
        #[ts(type = "number")]
        done: u64,
        /// Recordings that were asked for.
        #[ts(type = "number")]
        total: u64,
        /// Bytes of stored files that were copied.
        #[ts(type = "number")]
        bytes: u64,
        /// Bytes of stored files that are to be copied.
        #[ts(type = "number")]
        bytes_total: u64,
    },
    /// How far it is with saving highlights as clips.
    ClipProgress {
        /// Clips that are done with.
        #[ts(type = "number")]
        done: u64,
        /// Clips that were asked for.
        #[ts(type = "number")]
        total: u64,
        /// Milliseconds of all clips that are cut.
        #[ts(type = "number")]
        cut: u64,
        /// Milliseconds of all clips together.
        #[ts(type = "number")]
        length: u64,
    },
    /// What is pinned, or how much of it is here.
    PinsChanged,
    /// How far a pinned recording is fetched.
    KeepProgress {
        /// Id of the teamspace.
        teamspace: String,
        /// The recording.
        recording_id: RecordingId,
        /// Bytes that are here, of all its files.
        #[ts(type = "number")]
        bytes: u64,
        /// Bytes of all its files.
        #[ts(type = "number")]
        bytes_total: u64,
    },
    /// What is moved to Zoom's trash: the setting, or a recording.
    DeleteAtZoomChanged,
    /// Auto-import: switched, paused, a look at Zoom's list began or ended, its inbox, or what holds it up.
    AutoImportChanged,
    /// Something worth telling happened: the log of activity has a new entry.
    ActivityAdded {
        /// Its number.
        #[ts(type = "number")]
        id: i64,
        /// What kind of thing.
        kind: ActivityKind,
        /// Id of the teamspace that it is about.
        teamspace: Option<String>,
        /// The recording that it is about.
        recording_id: Option<RecordingId>,
    },
    /// Settings, or a notice for the person.
    SettingsChanged,
    /// The way to Zoom became barred (by a proxy, by a certificate) or free.
    NetworkChanged,
    /// Open this recording, at this second: a link was followed.
    OpenRecording {
        /// Id of the teamspace.
        teamspace: String,
        /// The recording.
        recording_id: RecordingId,
        /// Seconds from its start.
        at: Option<f64>,
    },
    /// A link was followed that leads nowhere; the error says why.
    LinkFailed {
        /// What is wrong with it.
        error: UserError,
    },
    /// Open this place in the window: somebody chose it in the tray or in a notification.
    OpenPlace {
        /// The place.
        place: Place,
    },
}

/// A place in the window that is not a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "name", rename_all = "snake_case")]
#[ts(export)]
pub enum Place {
    /// The library of a teamspace.
    Teamspace {
        /// Its id.
        teamspace: String,
    },
    /// The list of imports.
    Imports,
    /// What waits for review.
    Inbox,
    /// The profile, where Zoom is connected.
    Profile,
    /// The settings.
    Settings,
}

/// Where events are sent to and heard from. Cheap to clone; nobody listening is fine.
#[derive(Debug, Clone)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Events {
    /// Tells everybody who listens.
    pub fn emit(&self, event: Event) {
        // An error only says that nobody listens.
        let _ = self.0.send(event);
    }

    /// Hears everything from now on. A listener that falls behind gets `Lagged` and must read again.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}

/// What kind of thing happened, in the log of activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ActivityKind {
    /// A recording was imported: it is verified, and stands in its teamspace.
    Imported,
    /// Auto-import did not take a recording.
    Skipped,
    /// Auto-import found a recording and waits for a person to keep or discard it.
    ToReview,
    /// A person kept a recording that waited for review, or discarded it.
    Reviewed,
    /// An import failed in passing and is tried again.
    Retried,
    /// An import failed for good.
    Failed,
    /// Only a person can go on: once per incident, however many imports it holds up.
    NeedsPerson,
}
