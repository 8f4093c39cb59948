//! Recordings as Zoom sends them. Nothing here leaves `zoom`; every field may be absent, or of another type
//! than described (zoom-facts §2.4).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::Deserialize;

use super::lenient;

/// One page of `GET /users/me/recordings`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WirePage {
    #[serde(deserialize_with = "lenient::text")]
    pub from: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub to: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub next_page_token: Option<String>,
    #[serde(deserialize_with = "lenient::size")]
    pub total_records: Option<u64>,
    #[serde(deserialize_with = "lenient::list")]
    pub meetings: Vec<WireMeeting>,
}

/// A meeting instance with its files.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireMeeting {
    #[serde(deserialize_with = "lenient::text")]
    pub uuid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub topic: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub start_time: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub timezone: Option<String>,
    /// Minutes; 0 for short ones.
    #[serde(deserialize_with = "lenient::size")]
    pub duration: Option<u64>,
    #[serde(deserialize_with = "lenient::size")]
    pub total_size: Option<u64>,
    #[serde(deserialize_with = "lenient::text")]
    pub host_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub host_email: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub auto_delete_date: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub download_access_token: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub recording_files: Vec<WireFile>,
    /// One per speaker; only in the answer for one meeting.
    #[serde(deserialize_with = "lenient::list")]
    pub participant_audio_files: Vec<WireFile>,
}

/// A file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireFile {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub recording_start: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub recording_end: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub file_type: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub file_extension: Option<String>,
    #[serde(deserialize_with = "lenient::size")]
    pub file_size: Option<u64>,
    #[serde(deserialize_with = "lenient::text")]
    pub download_url: Option<String>,
    /// In place of `download_url` on premises.
    #[serde(deserialize_with = "lenient::text")]
    pub file_path: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub recording_type: Option<String>,
}

/// An instant; without an offset it is UTC, as all of Zoom's times are.
pub(super) fn instant(text: Option<&str>) -> Option<Timestamp> {
    let text = text?.trim();
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// A calendar day, also at the start of something longer.
pub(super) fn day(text: Option<&str>) -> Option<Date> {
    text?.trim().get(..10)?.parse().ok()
}
