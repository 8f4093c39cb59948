//! What one operation of the log does to the catalog. Nothing here asks the teamspace: an operation is applied in the
//! transaction that moves the cursor, and what must be read for it is noted and read afterwards.

use rusqlite::Transaction;

use super::told;
use crate::database::Error;
use crate::recording::{Recording, RecordingId};
use crate::teamspace::{KnownOp, Op, Told};

/// Numbers that come from a log: SQLite holds signed ones, and their sum must fit as well.
const LARGEST: u64 = 1 << 60;
/// Letters of a title that are shown; nobody reads more.
const TITLE: usize = 1_000;

/// Applies an operation, and says which recording it changed.
pub(super) fn apply(t: &Transaction<'_>, teamspace: &str, said: Told) -> Result<Option<RecordingId>, Error> {
    let Op::Known(op) = said.op else { return Ok(None) };
    Ok(match op {
        KnownOp::Add { recording_id, manifest, title, start, duration, size } => {
            let recording = Recording {
                recording_id,
                teamspace: teamspace.to_owned(),
                title: clean(&title),
                host: None,
                start,
                duration: duration.min(LARGEST),
                time_zone: None,
                imported_by: String::new(),
                imported_at: said.at,
                files: Vec::new(),
                unread: None,
            };
            let new = told::put_told(t, &recording, &manifest, size.min(LARGEST))?;
            new.then_some(recording.recording_id)
        }
        KnownOp::Addendum { recording_id, manifest, .. } => {
            let new = told::put_addendum(t, teamspace, &recording_id, &manifest)?;
            new.then_some(recording_id)
        }
        KnownOp::Restore { recording_id } => {
            told::hide(t, teamspace, &recording_id, false)?;
            Some(recording_id)
        }
        KnownOp::Trash { recording_id } | KnownOp::Delete { recording_id } => {
            told::hide(t, teamspace, &recording_id, true)?;
            Some(recording_id)
        }
        KnownOp::Set { recording_id, field, value: serde_json::Value::String(title), .. }
            if field == "title" =>
        {
            told::retitle(t, teamspace, &recording_id, &clean(&title))?;
            Some(recording_id)
        }
        KnownOp::Set { .. }
        | KnownOp::Member { .. }
        | KnownOp::Claim { .. }
        | KnownOp::Release { .. }
        | KnownOp::Moved { .. } => None,
    })
}

/// A title as it can be shown, whatever somebody wrote.
fn clean(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).take(TITLE).collect()
}
