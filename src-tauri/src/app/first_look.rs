//! What the window draws first, in one piece: it comes to the page with the page, so that a library is on the screen
//! before the first question is answered.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{App, AppInfo, RecordingPage};
use crate::error::UserResult;
use crate::profile::Profile;
use crate::settings::Settings;
use crate::teamspace::TeamspaceInfo;

/// Recordings that come with it: more than fit on a screen.
const FIRST_PAGE: u32 = 60;

/// What the window draws first. All of it is asked again once that is on the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FirstLook {
    /// How secrets are kept is believed to work here: asking a keyring takes as long as it likes.
    pub app_info: AppInfo,
    /// Who uses this installation.
    pub profile: Profile,
    /// Language, theme and so on.
    pub settings: Settings,
    /// As they were seen last: none is looked at.
    pub teamspaces: Vec<TeamspaceInfo>,
    /// The newest recordings of the first teamspace; none without a teamspace.
    pub recordings: Option<RecordingPage>,
}

impl App {
    /// What the window draws first, from this machine alone and within milliseconds; none before there is a profile.
    pub async fn first_look(&self) -> UserResult<Option<FirstLook>> {
        let Some(profile) = self.profile().await? else { return Ok(None) };
        let teamspaces = self.0.spaces.seen_last()?;
        let recordings = match teamspaces.first() {
            Some(first) => Some(self.recordings_page(&first.id, None, FIRST_PAGE).await?),
            None => None,
        };
        Ok(Some(FirstLook {
            app_info: self.app_info_with(self.believed_secrets())?,
            profile,
            settings: self.settings().await?,
            teamspaces,
            recordings,
        }))
    }
}
