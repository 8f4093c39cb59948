//! How far a teamspace is read: its log, a checkpoint under way, a repair under way.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::database::Error;
use crate::teamspace::Progress;

/// How far a teamspace's log is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Standing {
    /// Number of the last entry.
    pub(super) cursor: u64,
    /// The checkpoint that is being applied; number 0 when none is.
    pub(super) checkpoint: Progress,
}

pub(super) fn standing(c: &Connection, teamspace: &str) -> Result<Standing, Error> {
    let sql = "SELECT cursor, checkpoint, checkpoint_nonce, checkpoint_offset, checkpoint_ops
               FROM teamspace WHERE id = ?1";
    let read = |row: &Row<'_>| {
        let number = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let checkpoint = Progress { n: number(1)?, nonce: row.get(2)?, offset: number(3)?, ops: number(4)? };
        Ok(Standing { cursor: number(0)?, checkpoint })
    };
    Ok(c.query_row(sql, [teamspace], read).optional()?.unwrap_or_default())
}

pub(super) fn cursor(c: &Connection, teamspace: &str) -> Result<u64, Error> {
    Ok(standing(c, teamspace)?.cursor)
}

/// The log is applied up to here, and no checkpoint is under way that would not go further.
pub(super) fn set_cursor(t: &Transaction<'_>, teamspace: &str, cursor: u64) -> Result<(), Error> {
    t.execute(
        "INSERT INTO teamspace (id, cursor) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET
             cursor = ?2, checkpoint = iif(checkpoint > ?2, checkpoint, 0)",
        params![teamspace, cursor as i64],
    )?;
    Ok(())
}

/// A checkpoint is applied so far.
pub(super) fn set_progress(t: &Transaction<'_>, teamspace: &str, progress: &Progress) -> Result<(), Error> {
    t.execute(
        "INSERT INTO teamspace (id, cursor, checkpoint, checkpoint_nonce, checkpoint_offset, checkpoint_ops)
         VALUES (?1, 0, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
             checkpoint = ?2, checkpoint_nonce = ?3, checkpoint_offset = ?4, checkpoint_ops = ?5",
        params![teamspace, progress.n as i64, progress.nonce, progress.offset as i64, progress.ops as i64],
    )?;
    Ok(())
}

/// The last folder that a repair under way is done with.
pub(super) fn repaired(c: &Connection, teamspace: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT repaired FROM teamspace WHERE id = ?1";
    Ok(c.query_row(sql, [teamspace], |row| row.get(0)).optional()?.flatten())
}

pub(super) fn set_repaired(t: &Transaction<'_>, teamspace: &str, shard: Option<&str>) -> Result<(), Error> {
    t.execute("UPDATE teamspace SET repaired = ?2 WHERE id = ?1", params![teamspace, shard])?;
    Ok(())
}
