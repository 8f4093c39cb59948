//! The inbox: recordings that wait for a person to keep or discard them.

use super::{AutoImport, InboxItem};
use crate::error::{UserError, UserResult};

impl AutoImport {
    /// What waits, newest first.
    pub fn inbox(&self) -> UserResult<Vec<InboxItem>> {
        Ok(Vec::new())
    }

    /// Imports these.
    pub fn keep(&self, _uuids: &[String]) -> UserResult<u32> {
        Err(UserError::unexpected("keep these", "to follow"))
    }

    /// Discards these.
    pub fn discard(&self, _uuids: &[String]) -> UserResult<u32> {
        Err(UserError::unexpected("discard these", "to follow"))
    }
}
