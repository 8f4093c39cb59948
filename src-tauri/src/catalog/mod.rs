//! The catalog: what is in our teamspaces, searchable, on this machine. Everything others may use is in this
//! file.
//!
//! It is disposable: another version, or damage, and it is built anew from the teamspaces' logs. Nothing
//! precious lives only here. What is in it can be listed, searched and read while a teamspace is away.
//!
//! What a teamspace's log says is listed at once. Manifests and texts of the newest recordings follow by themselves;
//! those of older ones are read when somebody opens them, or asks for all: a team with a million recordings has more
//! texts than a desktop can hold.
//!
//! Calls other than refreshing and loading block for microseconds to milliseconds.

mod apply;
mod checkpoints;
mod corrected;
mod corrections;
mod highlights;
mod load;
mod marks;
mod passage;
mod refresh;
mod search;
mod standing;
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_scale;
mod told;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::database::{self, Database, open_disposable};
use crate::error::{Code, UserError};
use crate::recording::{Cue, Recording, RecordingId};
use crate::teamspace::{self, KnownOp, Member, Op};
use crate::transcript::{ChatMessage, Summary};

pub use corrected::{Line, LinePlace};
pub use corrections::{Corrected, CorrectedLine, Corrections, LONGEST_LINE, LONGEST_SPEAKER, RenamedSpeaker};
pub use highlights::{
    Highlight, HighlightList, LATEST, LONGEST_NOTE, ListedHighlight, MOST_HIGHLIGHTS, WantedHighlights,
};
pub use marks::{HistoryEntry, HistoryKind, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS, Place, Trashed};
pub use search::{Around, Hit, HitKind, Hits, NothingFound, PersonCount, Search};

/// Raised with every change of `schema.sql`, or of what is put into it.
const VERSION: i32 = 9;

/// What is in our teamspaces. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalog {
    writer: Database,
    /// A connection of its own: reading never waits for a refresh.
    reader: Database,
    /// Whoever refreshes a teamspace in this process: one after the other.
    turns: Arc<Mutex<HashMap<String, Turn>>>,
    /// What was looked at when, by teamspace; see `refresh`.
    paces: Arc<Mutex<HashMap<String, Pace>>>,
}

/// What is looked at now and then.
#[derive(Debug, Default)]
struct Pace {
    /// When the rare look at the log was taken.
    looked: Option<SystemTime>,
    /// The problem that was looked at last.
    retried: String,
}

type Turn = Arc<tokio::sync::Mutex<()>>;

/// What went wrong with the catalog.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its file.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// The teamspace that it is refreshed from.
    #[error(transparent)]
    Teamspace(#[from] teamspace::Error),
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        match error {
            Error::Teamspace(error) => error.into(),
            Error::Database(error @ database::Error::Damaged(_)) => Self::new(
                Code::FileDamaged,
                "NEXT's index of your recordings is damaged",
                "start NEXT again: the index is built anew; your recordings are in the teamspaces and safe",
            )
            .detail(error),
            Error::Database(error) => error.into(),
        }
    }
}

/// What a refresh brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refreshed {
    /// Recordings that were added, changed or hidden: of very many, the first thousand.
    pub changed: Vec<RecordingId>,
    /// Number of the last log entry that is applied.
    pub cursor: u64,
    /// Whether recordings that come by themselves are still to be read: another refresh reads on.
    pub more: bool,
}

impl Catalog {
    /// Opens the catalog, or makes it anew; the second value says whether it must be refreshed from the
    /// start.
    pub fn open(path: &Path) -> Result<(Self, bool), Error> {
        let marker = marker(path);
        if marker.exists() {
            discard(path)?;
        }
        let (writer, fresh) = open_disposable(path, include_str!("schema.sql"), VERSION)?;
        let (reader, _) = open_disposable(path, include_str!("schema.sql"), VERSION)?;
        for connection in [&writer, &reader] {
            connection.read(|c| {
                // A power cut may cost the last entries, which are then read again; never the file.
                c.pragma_update(None, "synchronous", "NORMAL")?;
                c.pragma_update(None, "mmap_size", 1i64 << 30)?;
                Ok(())
            })?;
        }
        Ok((Self { writer, reader, turns: Arc::default(), paces: Arc::default() }, fresh))
    }

    /// The recordings of a teamspace, newest first.
    pub fn recordings(&self, teamspace: &str) -> Result<Vec<Recording>, Error> {
        self.read(|c| table::recordings(c, teamspace))
    }

    /// At most `limit` of them, newest first, from the first on or after those of a page; and what the page after these
    /// is asked for with, none after the last.
    pub fn recordings_page(
        &self,
        teamspace: &str,
        after: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<Recording>, Option<i64>), Error> {
        self.read(|c| table::recordings_page(c, teamspace, after, limit))
    }

    /// One recording; none when the teamspace does not hold it, or it is in the trash.
    pub fn recording(&self, teamspace: &str, id: &RecordingId) -> Result<Option<Recording>, Error> {
        self.read(|c| table::recording(c, teamspace, id))
    }

    /// Ids of the teamspaces that hold a recording.
    pub fn teamspaces_of(&self, id: &RecordingId) -> Result<Vec<String>, Error> {
        self.read(|c| table::teamspaces_of(c, id))
    }

    /// Where a recording is: in the library, in the trash, or gone. One that nobody knows is in the library.
    pub fn place(&self, teamspace: &str, id: &RecordingId) -> Result<Place, Error> {
        self.read(|c| marks::place(c, teamspace, id))
    }

    /// Ids of the teamspaces that have a recording in the trash, or deleted it for good.
    pub fn out_of_sight_in(&self, id: &RecordingId) -> Result<Vec<String>, Error> {
        self.read(|c| marks::out_of_sight_in(c, id))
    }

    /// What is in a teamspace's trash, what came there last first.
    pub fn trash(&self, teamspace: &str) -> Result<Vec<Trashed>, Error> {
        self.read(|c| marks::trash(c, teamspace))
    }

    /// Recordings whose files are deleted for good.
    pub fn gone(&self, teamspace: &str) -> Result<Vec<RecordingId>, Error> {
        self.read(|c| marks::gone(c, teamspace))
    }

    /// What people changed about a recording, newest first.
    pub fn history(&self, teamspace: &str, id: &RecordingId) -> Result<Vec<HistoryEntry>, Error> {
        self.read(|c| {
            let mut all = marks::history(c, teamspace, id)?;
            all.extend(corrections::history(c, teamspace, id)?);
            all.sort_by_key(|entry| std::cmp::Reverse(entry.n));
            Ok(all)
        })
    }

    /// What people corrected in a recording, and what names its transcripts for that.
    pub fn corrections(&self, teamspace: &str, id: &RecordingId) -> Result<Corrections, Error> {
        self.read(|c| corrected::in_force(c, teamspace, id))
    }

    /// A line of a transcript (see [`Corrections::sources`]); none when it is not here.
    pub fn line(
        &self,
        teamspace: &str,
        id: &RecordingId,
        source: &str,
        number: u32,
    ) -> Result<Option<Line>, Error> {
        self.read(|c| corrected::line(c, teamspace, id, source, number))
    }

    /// Names of who speaks or writes in a recording, as its files give them.
    pub fn speakers_in_files(&self, teamspace: &str, id: &RecordingId) -> Result<Vec<String>, Error> {
        self.read(|c| corrected::speakers(c, teamspace, id))
    }

    /// The highlights of a recording, in the order of its timeline; none while it is in the trash.
    pub fn highlights(&self, teamspace: &str, id: &RecordingId) -> Result<Vec<Highlight>, Error> {
        self.read(|c| highlights::of_recording(c, teamspace, id))
    }

    /// Highlights of all recordings that are listed, the newest first.
    pub fn find_highlights(&self, wanted: &WantedHighlights) -> Result<HighlightList, Error> {
        self.read(|c| highlights::find(c, wanted))
    }

    /// Where the highlight of this id is, also one that was removed: in which teamspace, of which recording.
    pub fn highlight_of(&self, highlight: &str) -> Result<Option<(String, RecordingId)>, Error> {
        self.read(|c| highlights::whereabouts(c, highlight))
    }

    /// What a highlight was when it was removed; none when it was not.
    pub fn removed_highlight(
        &self,
        teamspace: &str,
        id: &RecordingId,
        highlight: &str,
    ) -> Result<Option<Highlight>, Error> {
        self.read(|c| highlights::removed(c, teamspace, id, highlight))
    }

    /// The members of a teamspace, by name.
    pub fn members(&self, teamspace: &str) -> Result<Vec<Member>, Error> {
        self.read(|c| marks::members(c, teamspace))
    }

    /// Ids and titles of what a teamspace holds.
    pub fn titles(&self, teamspace: &str) -> Result<BTreeMap<RecordingId, String>, Error> {
        self.read(|c| table::titles(c, teamspace))
    }

    /// How many recordings a teamspace holds.
    pub fn count(&self, teamspace: &str) -> Result<u64, Error> {
        self.read(|c| table::count(c, teamspace))
    }

    /// What was said in a recording, one list of cues per segment, with the teamspace there or away. Empty
    /// without a transcript.
    pub fn transcript(&self, teamspace: &str, id: &RecordingId) -> Result<Vec<Vec<Cue>>, Error> {
        self.read(|c| table::lines(c, teamspace, id, passage::PassageKind::Transcript))
    }

    /// What was written in a recording's chat, one list of messages per segment. Empty without one.
    pub fn chat(&self, teamspace: &str, id: &RecordingId) -> Result<Vec<Vec<ChatMessage>>, Error> {
        let segments = self.read(|c| table::lines(c, teamspace, id, passage::PassageKind::Chat))?;
        let message = |line: Cue| ChatMessage { at: line.start, sender: line.speaker, text: line.text };
        Ok(segments.into_iter().map(|lines| lines.into_iter().map(message).collect()).collect())
    }

    /// What Zoom's summaries say of a recording; none without one.
    pub fn summary(&self, teamspace: &str, id: &RecordingId) -> Result<Option<Summary>, Error> {
        self.read(|c| table::summary(c, teamspace, id))
    }

    /// What could not be read in a teamspace, or of one recording in it.
    pub fn problems(&self, teamspace: &str, id: Option<&RecordingId>) -> Result<Vec<UserError>, Error> {
        self.read(|c| table::problems(c, teamspace, id))
    }

    /// Number of the last log entry of a teamspace that is applied; 0 before the first refresh.
    pub fn cursor(&self, teamspace: &str) -> Result<u64, Error> {
        self.read(|c| standing::cursor(c, teamspace))
    }

    /// Whether a teamspace's log, as far as it is applied, says that this was published.
    pub fn holds(&self, teamspace: &str, op: &Op) -> Result<bool, Error> {
        self.read(|c| match op {
            Op::Known(KnownOp::Add { recording_id, manifest, .. }) => {
                Ok(told::unread_one(c, teamspace, recording_id)?.named.as_ref() == Some(manifest))
            }
            Op::Known(KnownOp::Addendum { recording_id, manifest, .. }) => {
                told::has_addendum(c, teamspace, recording_id, manifest)
            }
            _ => Ok(false),
        })
    }

    /// How many addenda of a recording its teamspace's log names; none when it does not name the recording.
    pub fn knows(&self, teamspace: &str, id: &RecordingId) -> Result<Option<u64>, Error> {
        self.read(|c| match told::unread_one(c, teamspace, id)?.named {
            Some(_) => Ok(Some(told::count_addenda(c, teamspace, id)?)),
            None => Ok(None),
        })
    }

    /// The last folder of recordings that a repair under way is done with.
    pub fn repaired(&self, teamspace: &str) -> Result<Option<String>, Error> {
        self.read(|c| standing::repaired(c, teamspace))
    }

    /// Notes how far a repair is; none when it is over.
    pub fn note_repaired(&self, teamspace: &str, shard: Option<&str>) -> Result<(), Error> {
        self.write(|t| standing::set_repaired(t, teamspace, shard))
    }

    fn pace<T>(&self, teamspace: &str, work: impl FnOnce(&mut Pace) -> T) -> T {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        work(paces.entry(teamspace.to_owned()).or_default())
    }

    fn turn(&self, teamspace: &str) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(teamspace.to_owned()).or_default().clone()
    }

    /// Forgets a teamspace that was removed from the app.
    pub fn forget(&self, teamspace: &str) -> Result<(), Error> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner).remove(teamspace);
        self.write(|t| table::forget(t, teamspace))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, database::Error>,
    ) -> Result<T, Error> {
        self.settle(self.reader.read(work))
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, database::Error>,
    ) -> Result<T, Error> {
        self.settle(self.writer.write(work))
    }

    /// Damage in the middle of the file shows only when its pages are read: then the next start makes it
    /// anew.
    fn settle<T>(&self, result: Result<T, database::Error>) -> Result<T, Error> {
        if let Err(database::Error::Damaged(_)) = &result
            && let Err(error) = std::fs::write(marker(self.writer.path()), b"")
        {
            tracing::error!(%error, "the damaged catalog could not be marked");
        }
        Ok(result?)
    }
}

fn marker(path: &Path) -> PathBuf {
    path.with_added_extension("damaged")
}

fn discard(path: &Path) -> Result<(), Error> {
    for file in [path.to_owned(), path.with_extension("db-wal"), path.with_extension("db-shm"), marker(path)]
    {
        match std::fs::remove_file(file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(database::Error::Io { attempted: "remove the damaged catalog", source }.into());
            }
            _ => {}
        }
    }
    Ok(())
}
