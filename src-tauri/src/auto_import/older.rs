//! Older recordings.

use super::{AutoImport, Backfill, DecidedRecording, Rules};
use crate::error::{UserError, UserResult};
use crate::zoom::Days;

impl AutoImport {
    /// What rules would take.
    pub async fn dry_run(&self, _days: u32, _rules: Option<Rules>) -> UserResult<Vec<DecidedRecording>> {
        Err(UserError::unexpected("try the rules", "to follow"))
    }

    /// Older recordings.
    pub async fn backfill(&self, _days: Days, _ask: bool) -> UserResult<Backfill> {
        Err(UserError::unexpected("import older recordings", "to follow"))
    }
}
