//! "Delete in Zoom after import": whether and when. Off unless a person switched it on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{set_value, value};
use crate::database::{Database, Error};

/// Name of the setting.
const NAME: &str = "delete_after_import";
/// Days between import and trash, unless a person says otherwise.
pub const USUAL_DAYS: u32 = 7;

/// Whether recordings are moved to Zoom's trash after their import, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteAfterImport {
    /// Whether they are.
    pub on: bool,
    /// Days after the import, at least 1.
    pub days: u32,
    /// When it was last changed.
    pub since: Timestamp,
    /// Whose recordings: the key of the account in the ledger. Another account is asked anew.
    pub account: Option<String>,
}

impl Default for DeleteAfterImport {
    fn default() -> Self {
        Self { on: false, days: USUAL_DAYS, since: Timestamp::UNIX_EPOCH, account: None }
    }
}

/// The setting; what cannot be read counts as off.
pub fn load(database: &Database) -> Result<DeleteAfterImport, Error> {
    let kept: DeleteAfterImport = database.read(|c| value(c, NAME))?.unwrap_or_default();
    Ok(DeleteAfterImport { days: kept.days.max(1), ..kept })
}

/// Keeps the setting.
pub fn save(database: &Database, setting: &DeleteAfterImport) -> Result<(), Error> {
    database.write(|t| set_value(t, NAME, setting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;

    #[test]
    fn it_is_off_until_it_is_switched_on_and_never_sooner_than_a_day() {
        let database = open_state_in_memory().unwrap();
        assert!(!load(&database).unwrap().on);
        let now: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let setting = |days| DeleteAfterImport { on: true, days, since: now, account: Some("a".to_owned()) };
        save(&database, &setting(0)).unwrap();
        assert_eq!(load(&database).unwrap(), setting(1));
        database.write(|t| set_value(t, NAME, &"garbage")).unwrap();
        assert!(!load(&database).unwrap().on);
    }
}
