//! The account's row in `state.db`. Tokens are never in it.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};

use super::{Account, Plan};
use crate::database::{self, Database, to_text};
use crate::error::UserError;

/// The connected account, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub account: Account,
    pub connected_at: Timestamp,
    /// Why signing in again is needed; none while the sign-in is good.
    pub needs_reauthorization: Option<UserError>,
    pub details: Details,
}

/// What else belongs to a sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Details {
    /// The client id that the tokens were given to: no other can refresh them.
    pub client_id: String,
    /// What was granted; none when Zoom did not say.
    pub scopes: Option<Vec<String>>,
}

const INTEGRATION: &str = "zoom";

pub(super) fn load(database: &Database) -> Result<Option<Row>, database::Error> {
    database.read(|connection| {
        let found = connection
            .query_row(
                "SELECT id, account_id, email, name, plan, state, reason, connected_at, details
                 FROM account WHERE integration = ?1",
                [INTEGRATION],
                |row| {
                    let plan: String = row.get(4)?;
                    let account = Account {
                        id: row.get(0)?,
                        account_id: row.get(1)?,
                        email: row.get(2)?,
                        name: row.get(3)?,
                        plan: serde_json::from_value(plan.into()).unwrap_or(Plan::Other),
                    };
                    let (state, reason): (String, Option<String>) = (row.get(5)?, row.get(6)?);
                    let (connected_at, details): (String, Option<String>) = (row.get(7)?, row.get(8)?);
                    Ok((account, state, reason, connected_at, details))
                },
            )
            .optional()?;
        Ok(found.map(|(account, state, reason, connected_at, details)| {
            let needs = state == NEEDS_REAUTHORIZATION;
            let reason = reason.and_then(|text| serde_json::from_str(&text).ok());
            Row {
                account,
                connected_at: connected_at.parse().unwrap_or(Timestamp::UNIX_EPOCH),
                needs_reauthorization: needs.then(|| reason.unwrap_or_else(over)),
                details: details.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            }
        }))
    })
}

pub(super) fn save(database: &Database, row: &Row) -> Result<(), database::Error> {
    let plan = serde_json::to_value(row.account.plan)?;
    let state = if row.needs_reauthorization.is_some() { NEEDS_REAUTHORIZATION } else { CONNECTED };
    let reason = row.needs_reauthorization.as_ref().map(serde_json::to_string).transpose()?;
    let details = serde_json::to_string(&row.details)?;
    database.write(|transaction| {
        transaction.execute(
            "INSERT OR REPLACE INTO account
             (integration, id, account_id, email, name, plan, state, reason, connected_at, details)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            rusqlite::params![
                INTEGRATION,
                row.account.id,
                row.account.account_id,
                row.account.email,
                row.account.name,
                plan.as_str().unwrap_or("other"),
                state,
                reason,
                to_text(row.connected_at),
                details,
            ],
        )?;
        Ok(())
    })
}

/// Marks that a person must sign in again. False when that is known already, or nobody is connected any more.
pub(super) fn mark(database: &Database, user: &str, reason: &UserError) -> Result<bool, database::Error> {
    let reason = serde_json::to_string(reason)?;
    database.write(|transaction| {
        let changed = transaction.execute(
            "UPDATE account SET state = ?1, reason = ?2 WHERE integration = ?3 AND id = ?4 AND state <> ?1",
            (NEEDS_REAUTHORIZATION, reason, INTEGRATION, user),
        )?;
        Ok(changed > 0)
    })
}

pub(super) fn remove(database: &Database) -> Result<(), database::Error> {
    database.write(|transaction| {
        transaction.execute("DELETE FROM account WHERE integration = ?1", [INTEGRATION])?;
        Ok(())
    })
}

const CONNECTED: &str = "connected";
const NEEDS_REAUTHORIZATION: &str = "needs_reauthorization";

fn over() -> UserError {
    crate::zoom::Error::SignInOver { why: String::new() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            account: Account {
                id: "u1".into(),
                account_id: "a1".into(),
                email: "ada@example.com".into(),
                name: "Ada".into(),
                plan: Plan::Licensed,
            },
            connected_at: "2026-03-01T10:00:00Z".parse().unwrap(),
            needs_reauthorization: None,
            details: Details { client_id: "c".into(), scopes: Some(vec!["user:read".into()]) },
        }
    }

    #[test]
    fn a_row_comes_back_as_it_was_saved_and_is_marked_once() {
        let database = database::open_state_in_memory().unwrap();
        assert_eq!(load(&database).unwrap(), None);
        save(&database, &row()).unwrap();
        assert_eq!(load(&database).unwrap(), Some(row()));

        assert!(!mark(&database, "somebody else", &over()).unwrap());
        assert!(mark(&database, "u1", &over()).unwrap());
        assert!(!mark(&database, "u1", &over()).unwrap(), "only once");
        assert_eq!(load(&database).unwrap().unwrap().needs_reauthorization, Some(over()));

        remove(&database).unwrap();
        assert_eq!(load(&database).unwrap(), None);
    }
}
