//! How far a job is: told to listeners a few times a second, written into its row about once a second.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::queue::Queue;
use crate::events::{Event, Events};
use crate::recording::CloudFile;

/// How often listeners hear.
const TELL: Duration = Duration::from_millis(250);
/// How often the row is written.
const NOTE: Duration = Duration::from_secs(1);

/// Counts the bytes of one job's files.
#[derive(Debug)]
pub struct Progress {
    to: Option<(Events, Queue, i64)>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Bytes here and bytes in all, by file.
    files: BTreeMap<String, (u64, u64)>,
    told: Option<Instant>,
    noted: Option<Instant>,
    /// Where the count stood when speed was last measured.
    measured: (Instant, u64),
    speed: u64,
}

impl Progress {
    /// For files that Zoom lists.
    pub fn new(events: Events, queue: Queue, job: i64, files: &[CloudFile]) -> Self {
        Self::with(
            Some((events, queue, job)),
            files.iter().map(|file| (file.id.clone(), (0, file.size))).collect(),
        )
    }

    /// For one file of a known size; it counts as `media`.
    pub fn of_file(events: Events, queue: Queue, job: i64, size: u64) -> Self {
        Self::with(Some((events, queue, job)), [("media".to_owned(), (0, size))].into_iter().collect())
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self::with(None, BTreeMap::new())
    }

    fn with(to: Option<(Events, Queue, i64)>, files: BTreeMap<String, (u64, u64)>) -> Self {
        // The row is first written after a while: most files are small and here before that.
        let state =
            State { files, told: None, noted: Some(Instant::now()), measured: (Instant::now(), 0), speed: 0 };
        Self { to, state: Mutex::new(state) }
    }

    /// Bytes that are still to come, as far as their sizes are known.
    pub fn to_come(&self) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.files.values().map(|(here, total)| total.saturating_sub(*here)).sum()
    }

    /// Notes how many bytes of a file an earlier try left; nobody needs to hear it.
    pub fn file_was_at(&self, file: &str, bytes: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = state.files.get_mut(file) {
            *entry = (bytes, entry.1.max(bytes));
            // What was here before did not come with any speed.
            state.measured.1 += bytes;
        }
    }

    /// Notes how many bytes of a file are here.
    pub fn file_is_at(&self, file: &str, bytes: u64) {
        let Some((events, queue, id)) = &self.to else { return };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = state.files.entry(file.to_owned()).or_default();
        *entry = (bytes, entry.1.max(bytes));
        let now = Instant::now();
        let (here, total) =
            state.files.values().fold((0, 0), |(here, total), file| (here + file.0, total + file.1));
        let (since, before) = state.measured;
        let elapsed = now.duration_since(since);
        if elapsed >= Duration::from_secs(1) {
            state.speed = (here.saturating_sub(before) as f64 / elapsed.as_secs_f64()) as u64;
            state.measured = (now, here);
        }
        if state.told.is_none_or(|told| now.duration_since(told) >= TELL) {
            state.told = Some(now);
            events.emit(Event::JobProgress {
                id: *id,
                bytes: here,
                bytes_total: total,
                bytes_per_second: state.speed,
            });
        }
        if state.noted.is_none_or(|noted| now.duration_since(noted) >= NOTE) {
            state.noted = Some(now);
            if let Err(error) = queue.note_progress(*id, here, total) {
                tracing::warn!(%error, "cannot note the progress of an import");
            }
        }
    }
}
