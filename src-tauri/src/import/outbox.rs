//! The outbox: what is published and must still come to stand in a teamspace's log. Written before the log is
//! told, and forgotten after. Whoever tells the log looks first whether it holds it since: a crash can come
//! between the two, and another process has the same outbox.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::database::{Database, Error, to_text};
use crate::teamspace::Op;

/// Keeps what was published and is not yet in the teamspace's log.
#[derive(Debug, Clone)]
pub struct Outbox(Database);

/// An operation that the log must come to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// Its row.
    pub id: i64,
    /// The operation.
    pub op: Op,
    /// The log was read up to this entry, and did not hold it.
    pub after: u64,
}

/// As a row holds it. Rows of former versions are the operation alone: of these nothing is known.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Noted {
    After { after: u64, op: Op },
    Alone(Op),
}

impl Outbox {
    /// The outbox in this `state.db`.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Notes an operation that the log must come to hold, once. `after` is an entry up to which the log was
    /// read and does not hold it.
    pub fn put(&self, teamspace: &str, op: &Op, after: u64, now: Timestamp) -> Result<(), Error> {
        let noted = serde_json::to_string(&Noted::After { after, op: op.clone() })?;
        self.0.write(|t| {
            if pending(t, teamspace)?.iter().all(|pending| pending.op != *op) {
                t.execute(
                    "INSERT INTO outbox (teamspace, op, created_at) VALUES (?1, ?2, ?3)",
                    params![teamspace, noted, to_text(now)],
                )?;
            }
            Ok(())
        })
    }

    /// What is pending for a teamspace, oldest first.
    pub fn pending(&self, teamspace: &str) -> Result<Vec<Pending>, Error> {
        self.0.read(|c| pending(c, teamspace))
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

fn pending(c: &Connection, teamspace: &str) -> Result<Vec<Pending>, Error> {
    let mut statement = c.prepare("SELECT id, op FROM outbox WHERE teamspace = ?1 ORDER BY id")?;
    let rows = statement.query_map([teamspace], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (id, noted) = row?;
        Ok(match serde_json::from_str(&noted)? {
            Noted::After { after, op } => Pending { id, op, after },
            Noted::Alone(op) => Pending { id, op, after: u64::MAX },
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;

    #[test]
    fn what_the_log_must_hold_is_noted_once_and_a_former_versions_note_is_read() {
        let state = open_state_in_memory().unwrap();
        let outbox = Outbox::new(state.clone());
        let (op, now) = (Op::Unknown(serde_json::json!({"op": "sing"})), Timestamp::UNIX_EPOCH);
        outbox.put("t1", &op, 7, now).unwrap();
        outbox.put("t1", &op, 9, now).unwrap();
        outbox.put("t2", &op, 1, now).unwrap();
        let noted = outbox.pending("t1").unwrap();
        assert_eq!(noted, [Pending { id: noted[0].id, op: op.clone(), after: 7 }]);
        outbox.sent(&[noted[0].id]).unwrap();
        assert_eq!(outbox.pending("t1").unwrap(), []);

        let former = serde_json::to_string(&op).unwrap();
        let insert = "INSERT INTO outbox (teamspace, op, created_at) VALUES ('t1', ?1, 'then')";
        state.write(|t| Ok(t.execute(insert, [former])?)).unwrap();
        assert_eq!(outbox.pending("t1").unwrap()[0].op, op);
    }
}
