//! Who the person on this machine is: name, e-mail, photo.

mod photo;
mod store;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use photo::{is_small_photo, small_photo};
pub use store::{Error, check, load, plain_name, save};

/// The NEXT person on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Profile {
    /// UUIDv7.
    pub id: String,
    /// As colleagues know the person; 1 to 100 characters.
    pub name: String,
    /// E-mail address; compared with the connected account's, never sent anywhere.
    pub email: String,
    /// A square photo as a `data:` address; none means initials.
    pub photo: Option<String>,
    /// When the profile was made.
    #[ts(type = "string")]
    pub created_at: Timestamp,
}

/// What Edit profile saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct ProfileDraft {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// What happens to the photo.
    #[serde(default)]
    pub photo: PhotoChange,
}

/// What happens to the photo when a profile is saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "change", rename_all = "snake_case")]
#[ts(export)]
pub enum PhotoChange {
    /// It stays.
    #[default]
    Keep,
    /// It goes; initials are shown.
    Remove,
    /// A new one: a PNG, JPEG or WebP file, at most 20 MB, base64.
    Set {
        /// The file's bytes in base64.
        base64: String,
    },
}
