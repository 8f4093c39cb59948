//! The loop.

use tokio_util::sync::CancellationToken;

use super::{AutoImport, AutoImportStatus};
use crate::error::UserResult;

/// Whether this process looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    /// It does.
    Here,
    /// Another one does.
    Elsewhere,
}

impl AutoImport {
    /// Looks until it is stopped.
    pub async fn watch(self, stop: CancellationToken) {
        stop.cancelled().await;
    }

    /// Looks now.
    pub async fn check_now(&self) -> UserResult<AutoImportStatus> {
        self.status()
    }
}
