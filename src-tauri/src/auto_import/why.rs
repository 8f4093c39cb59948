//! Why a recording was not imported.

use super::{AutoImport, WhyNot};
use crate::error::{UserError, UserResult};
use crate::recording::CloudRecording;

impl AutoImport {
    /// Why.
    pub async fn why_not(&self, _uuid: &str, _listed: Option<CloudRecording>) -> UserResult<WhyNot> {
        Err(UserError::unexpected("say why", "to follow"))
    }
}
