//! "Delete in Zoom after import", as the doors see it.

use super::App;
use crate::delete_at_zoom::{DeleteAfterImport, DeleteAtZoom};
use crate::error::UserResult;

impl App {
    /// The setting, what it would do and when, and what it did.
    pub async fn delete_after_import(&self) -> UserResult<DeleteAfterImport> {
        self.delete_at_zoom().status()
    }

    /// Switches it on or off. When the connected account did not grant the permission yet, the answer says so, and
    /// signing in again asks for it.
    pub async fn set_delete_after_import(&self, on: bool, days: u32) -> UserResult<DeleteAfterImport> {
        self.delete_at_zoom().set(on, days)?;
        self.back_up();
        self.delete_after_import().await
    }

    pub(super) fn delete_at_zoom(&self) -> DeleteAtZoom {
        DeleteAtZoom {
            state: self.0.state.clone(),
            accounts: self.0.accounts.clone(),
            importer: self.0.importer.clone(),
        }
    }
}
