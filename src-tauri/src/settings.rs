//! What a person can set, and where each value comes from: settings screen, environment, organisation file,
//! built-in default, in this order.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the settings screen changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Settings {
    /// Light, dark, or as the system.
    pub theme: Theme,
    /// Language of the window, tray and notifications.
    pub language: Language,
    /// Whether participants' separate audio tracks are imported too. Off by default: they are large and private.
    pub participant_audio: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: Theme::System, language: Language::System, participant_audio: false }
    }
}

/// Light, dark, or as the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Theme {
    /// As the operating system.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The window's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Language {
    /// As the operating system.
    System,
    /// English.
    En,
    /// German.
    De,
}

/// Which Zoom app is used to sign in, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ZoomClient {
    /// The client id; none when nothing is configured.
    pub client_id: Option<String>,
    /// Whether a client secret is stored or configured.
    pub has_secret: bool,
    /// Where the client id comes from.
    pub source: ZoomClientSource,
    /// The https relay page or other redirect, where configured; none means loopback.
    pub redirect_uri: Option<String>,
    /// Practice mode: the configured Zoom is a simulator on this machine.
    pub practice: bool,
}

/// Where the Zoom client id comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ZoomClientSource {
    /// Entered in the settings.
    Settings,
    /// `NEXT_ZOOM_CLIENT_ID`.
    Environment,
    /// A file beside the app, placed by the organisation.
    OrganisationFile,
    /// Built in when the app was built.
    BuiltIn,
    /// None is configured.
    None,
}

/// What the guided screen saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ZoomClientDraft {
    /// The client id as pasted.
    pub client_id: String,
    /// The optional secret; goes to the keyring.
    pub client_secret: Option<String>,
    /// The relay page; none means loopback.
    pub redirect_uri: Option<String>,
}
