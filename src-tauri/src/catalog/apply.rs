//! What one operation of the log does to the catalog. Nothing here asks the teamspace: an operation is applied in the
//! transaction that moves the cursor, and what must be read for it is noted and read afterwards.

use rusqlite::Transaction;
use serde_json::Value;

use super::corrections;
use super::marks::{self, Act, Doer, Place};
use super::{highlights, told};
use crate::database::Error;
use crate::recording::{Recording, RecordingId};
use crate::teamspace::{KnownOp, Member, Op, TagChange, Told};

/// Numbers that come from a log: SQLite holds signed ones, and their sum must fit as well.
const LARGEST: u64 = 1 << 60;
/// Letters of a title that are shown; nobody reads more.
const TITLE: usize = 1_000;

/// Applies an operation, and says which recording it changed.
pub(super) fn apply(t: &Transaction<'_>, teamspace: &str, told: Told) -> Result<Option<RecordingId>, Error> {
    let Told { n, writer, at, op } = told;
    let Op::Known(op) = op else { return Ok(None) };
    let (id, act) = match op {
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
                importer: None,
                imported_at: at,
                tags: Vec::new(),
                files: Vec::new(),
                unread: None,
            };
            let new = told::put_told(t, &recording, &manifest, size.min(LARGEST))?;
            return Ok(new.then_some(recording.recording_id));
        }
        KnownOp::Addendum { recording_id, manifest, .. } => {
            let new = told::put_addendum(t, teamspace, &recording_id, &manifest)?;
            return Ok(new.then_some(recording_id));
        }
        KnownOp::Restore { recording_id } => (recording_id, Act::Move(Place::Library)),
        KnownOp::Trash { recording_id } => (recording_id, Act::Move(Place::Trash)),
        KnownOp::Delete { recording_id } => (recording_id, Act::Move(Place::Gone)),
        KnownOp::Set { recording_id, field, value, .. } => match act_of(&field, &value) {
            Some(act) => (recording_id, act),
            None => {
                let doer = Doer { n, writer, at };
                let changed = corrections::set(t, teamspace, &recording_id, (&field, &value), &doer)?;
                return Ok(changed.then_some(recording_id));
            }
        },
        KnownOp::Member { profile, name, photo } => {
            if let Some(member) = Member::read(&writer, &profile, &name, photo.as_deref()) {
                marks::meet(t, teamspace, &member)?;
            }
            return Ok(None);
        }
        KnownOp::Claim { .. } | KnownOp::Release { .. } | KnownOp::Moved { .. } => return Ok(None),
    };
    marks::act(t, teamspace, &id, &act, &Doer { n, writer, at })?;
    Ok(Some(id))
}

/// What setting a field means; none for a field that this version does not know.
fn act_of(field: &str, value: &Value) -> Option<Act> {
    match (field, value) {
        ("title", Value::String(title)) => Some(Act::Title(title.clone())),
        ("tags", Value::Array(_)) => serde_json::from_value(value.clone()).ok().map(Act::AllTags),
        ("tags", Value::Object(_)) => serde_json::from_value::<TagChange>(value.clone()).ok().map(Act::Tags),
        _ => highlights::read(field, value).map(Act::Highlight),
    }
}

/// A title as it can be shown, whatever somebody wrote.
fn clean(title: &str) -> String {
    title.chars().filter(|c| !c.is_control()).take(TITLE).collect()
}
