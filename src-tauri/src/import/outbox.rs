//! The outbox: what is published and must still come to stand in a teamspace's log. Written before the log is
//! told, and forgotten after; a crash between the two says it twice, which does no harm.

use jiff::Timestamp;
use rusqlite::params;

use crate::database::{Database, Error, to_text};
use crate::teamspace::Op;

/// Keeps what was published and is not yet in the teamspace's log.
#[derive(Debug, Clone)]
pub struct Outbox(Database);

impl Outbox {
    /// The outbox in this `state.db`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Notes an operation that the log must come to hold.
    pub fn put(&self, teamspace: &str, op: &Op, now: Timestamp) -> Result<(), Error> {
        let op = serde_json::to_string(op)?;
        self.0.write(|t| {
            t.execute(
                "INSERT INTO outbox (teamspace, op, created_at) VALUES (?1, ?2, ?3)",
                params![teamspace, op, to_text(now)],
            )?;
            Ok(())
        })
    }

    /// What is pending for a teamspace, oldest first.
    pub fn pending(&self, teamspace: &str) -> Result<Vec<(i64, Op)>, Error> {
        self.0.read(|c| {
            let mut statement = c.prepare("SELECT id, op FROM outbox WHERE teamspace = ?1 ORDER BY id")?;
            let rows = statement.query_map([teamspace], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| {
                let (id, op) = row?;
                Ok((id, serde_json::from_str(&op)?))
            })
            .collect()
        })
    }

    /// Forgets what the log holds now.
    pub fn sent(&self, ids: &[i64]) -> Result<(), Error> {
        self.0.write(|t| {
            for id in ids {
                t.execute("DELETE FROM outbox WHERE id = ?1", [id])?;
            }
            Ok(())
        })
    }
}
