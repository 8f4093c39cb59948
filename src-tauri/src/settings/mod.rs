//! What a person can set, and where each value comes from: settings screen, environment, organisation file,
//! built-in default, in this order.

mod client_form;
mod configuration;
pub mod delete_after_import;
mod environment;
mod error;
mod notifications;
mod organisation;
mod proxy;
mod proxy_address;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::database::{self, Database};
use crate::error::{Code, UserError, UserResult};

pub use client_form::{Endpoints, Redirect, ZoomApp, is_loopback};
pub use configuration::Configuration;
pub use environment::{AwsEnvironment, Environment, data_folders};
pub use error::Error;
pub use notifications::NotificationSettings;
pub use organisation::OrganisationFile;
pub use proxy::{Proxy, ProxyChoice, ProxyDraft, ProxyMode, ProxySettings, ProxySource, ProxyStanding};
pub use proxy_address::ProxyAddress;

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
    /// Bytes per second that all downloads of a process, and its uploads to buckets, may take together; none: as fast as
    /// it comes.
    #[ts(type = "number | null")]
    pub bandwidth_limit: Option<u64>,
    /// Bytes of what was played from buckets that are kept on this machine; what was not used for longest goes first. What
    /// is pinned does not count.
    #[ts(type = "number")]
    pub cache_budget: u64,
    /// Whether closing the window leaves the app at work in the tray, where there is one.
    pub keep_in_tray: bool,
    /// Which notifications are shown.
    pub notifications: NotificationSettings,
}

/// A limit below this would make servers take us for dead.
const LEAST_BANDWIDTH: u64 = 10_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: Language::System,
            participant_audio: false,
            bandwidth_limit: None,
            cache_budget: 10_000_000_000,
            keep_in_tray: true,
            notifications: NotificationSettings::default(),
        }
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

/// The settings as they were last saved; defaults for what never was.
pub fn load(database: &Database) -> Result<Settings, database::Error> {
    Ok(database.read(|connection| value(connection, "settings"))?.unwrap_or_default())
}

/// Saves the settings, if they make sense.
pub fn save(database: &Database, settings: &Settings) -> UserResult<()> {
    if settings.bandwidth_limit.is_some_and(|limit| limit < LEAST_BANDWIDTH) {
        return Err(UserError::new(
            Code::Usage,
            "Downloads cannot be held below 10 kB per second",
            "give a higher limit, or switch it off",
        ));
    }
    Ok(database.write(|transaction| set_value(transaction, "settings", settings))?)
}

/// A value of the table `setting`; none when it is not there or of a shape that this version does not know.
pub(crate) fn value<T: serde::de::DeserializeOwned>(
    connection: &rusqlite::Connection,
    name: &str,
) -> Result<Option<T>, database::Error> {
    use rusqlite::OptionalExtension as _;
    let text: Option<String> = connection
        .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(crate) fn set_value(
    connection: &rusqlite::Connection,
    name: &str,
    value: &impl Serialize,
) -> Result<(), database::Error> {
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
        (name, serde_json::to_string(value)?),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_under_which_nothing_would_come_is_refused() {
        let database = database::open_state_in_memory().unwrap();
        for limit in [0, 9_999] {
            let settings = Settings { bandwidth_limit: Some(limit), ..Settings::default() };
            assert_eq!(save(&database, &settings).unwrap_err().code, Code::Usage);
        }
        assert_eq!(load(&database).unwrap(), Settings::default());
    }

    #[test]
    fn settings_are_kept_and_a_new_one_has_its_default() {
        let database = database::open_state_in_memory().unwrap();
        assert_eq!(load(&database).unwrap(), Settings::default());
        let dark = Settings { theme: Theme::Dark, ..Settings::default() };
        save(&database, &dark).unwrap();
        assert_eq!(load(&database).unwrap(), dark);
        database
            .write(|t| set_value(t, "settings", &serde_json::json!({"theme": "light", "unheard_of": 1})))
            .unwrap();
        assert_eq!(load(&database).unwrap(), Settings { theme: Theme::Light, ..Settings::default() });
    }
}
