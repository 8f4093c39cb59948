//! What is wished to be imported, by whom, and how a wish becomes a job.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::Job;
use super::job_row::{self, text, to_sql};
use super::queue::Queue;
use crate::database::{Error, to_text};
use crate::recording::{FileKind, RecordingId};

/// What is to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A recording in Zoom's cloud, by meeting UUID.
    Zoom {
        /// Zoom's UUID of the meeting instance.
        uuid: String,
    },
    /// A file on this computer.
    File {
        /// Absolute path of the video or audio.
        media: String,
        /// Absolute path of the transcript that goes with it.
        transcript: Option<String>,
    },
}

/// A wish to import something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Id of the teamspace.
    pub teamspace: String,
    /// What.
    pub source: Source,
    /// Its recording id, as far as it is known before the work.
    pub recording_id: Option<RecordingId>,
    /// Title for people.
    pub title: String,
    /// When it was recorded: older ones go first.
    pub start: Option<Timestamp>,
    /// When Zoom will delete it: the most urgent goes first of all.
    pub delete_at: Option<Timestamp>,
    /// Bytes, as far as known.
    pub bytes_total: u64,
    /// Who wishes it.
    pub asker: Asker,
}

/// Who wishes an import, and which of Zoom's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// A person: all of them.
    Person,
    /// Auto-import: those of these kinds; none: all of them.
    Auto(Option<BTreeSet<FileKind>>),
    /// Nobody new: more of what was asked for before.
    Again,
}

impl Queue {
    /// Asks for an import. A job that waits, failed or was cancelled becomes due now; one that is done is
    /// looked at again; one that is queued or running stays as it is, and so does one that a person holds.
    pub fn ask(&self, wish: &Wish, now: Timestamp) -> Result<Job, Error> {
        self.0.write(|t| ask(t, wish, now))
    }

    /// Asks for several, all of them or none.
    pub fn ask_all(&self, wishes: &[Wish], now: Timestamp) -> Result<Vec<Job>, Error> {
        self.0.write(|t| wishes.iter().map(|wish| ask(t, wish, now)).collect())
    }

    /// Which kinds of files are wanted of a recording; none: all of them.
    pub fn wanted_kinds(&self, teamspace: &str, uuid: &str) -> Result<Option<BTreeSet<FileKind>>, Error> {
        self.0.read(|c| {
            let sql = "SELECT kinds FROM wanted_kinds WHERE teamspace = ?1 AND source_key = ?2";
            let kinds: Option<String> = c.query_row(sql, [teamspace, uuid], |row| row.get(0)).optional()?;
            Ok(kinds.map(|kinds| serde_json::from_str(&kinds)).transpose()?)
        })
    }
}

/// Asks for an import as part of something larger that is written with it; see [`Queue::ask`].
pub fn ask(t: &Transaction<'_>, wish: &Wish, now: Timestamp) -> Result<Job, Error> {
    let (source, key, transcript) = match &wish.source {
        Source::Zoom { uuid } => ("zoom", uuid, None),
        Source::File { media, transcript } => ("file", media, transcript.as_ref()),
    };
    t.execute(
        "INSERT INTO job (teamspace, source, source_key, transcript, recording_id, title, start,
                          delete_at, state, bytes_total, created_at, updated_at, automatic)
         VALUES (:teamspace, :source, :key, :transcript, :recording_id, :title, :start,
                 :delete_at, 'queued', :bytes_total, :now, :now, :automatic)
         ON CONFLICT (teamspace, source, source_key) DO UPDATE SET
             state = 'queued', retry_at = NULL, error = NULL, attempts = 0, updated_at = :now,
             title = excluded.title, transcript = excluded.transcript, delete_at = excluded.delete_at
         WHERE job.state NOT IN ('queued', 'running')",
        named_params! {
            ":teamspace": wish.teamspace, ":source": source, ":key": key,
            ":transcript": transcript,
            ":recording_id": wish.recording_id.as_ref().map(RecordingId::as_str),
            ":title": wish.title, ":start": text(wish.start), ":delete_at": text(wish.delete_at),
            ":bytes_total": to_sql(wish.bytes_total), ":now": to_text(now),
            ":automatic": matches!(wish.asker, Asker::Auto(_)),
        },
    )?;
    set_kinds(t, &wish.teamspace, key, &wish.asker)?;
    let id = t.query_row(
        "SELECT id FROM job WHERE teamspace = ?1 AND source = ?2 AND source_key = ?3",
        params![wish.teamspace, source, key],
        |row| row.get(0),
    )?;
    job_row::one(t, id)?.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// Keeps which kinds of files are wanted of a recording. Nothing is kept where all are.
fn set_kinds(t: &Transaction<'_>, teamspace: &str, uuid: &str, asker: &Asker) -> Result<(), Error> {
    match asker {
        Asker::Again => {}
        Asker::Auto(Some(kinds)) => {
            t.execute(
                "INSERT INTO wanted_kinds (teamspace, source_key, kinds) VALUES (?1, ?2, ?3)
                 ON CONFLICT (teamspace, source_key) DO UPDATE SET kinds = ?3",
                params![teamspace, uuid, serde_json::to_string(kinds)?],
            )?;
        }
        Asker::Person | Asker::Auto(None) => {
            t.execute(
                "DELETE FROM wanted_kinds WHERE teamspace = ?1 AND source_key = ?2",
                [teamspace, uuid],
            )?;
        }
    }
    Ok(())
}
