//! Pins: recordings, tags or whole teamspaces whose media a person keeps on this machine.
//!
//! What a pin covers is asked anew each time: a tag that somebody gives a recording tomorrow, and what is imported into a
//! pinned teamspace next week, are kept too.

mod fetch;

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::database::{self, Database, to_text};
use crate::error::UserError;
use crate::recording::{Recording, RecordingId};

pub use fetch::{Fetch, fetch};

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum PinTarget {
    /// All that a teamspace holds.
    Teamspace,
    /// What has this tag, in whatever case.
    Tag {
        /// The tag.
        tag: String,
    },
    /// One recording.
    Recording {
        /// Its id.
        recording_id: RecordingId,
    },
}

/// A pin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Pin {
    /// Id of the teamspace.
    pub teamspace: String,
    /// What of it is kept.
    pub target: PinTarget,
}

/// How a pin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PinState {
    /// All of it is here, and verified.
    Here,
    /// It is being fetched.
    Keeping,
    /// Some of it is still to be fetched: by the window, which is not open, or as soon as it is its turn.
    Waiting,
    /// The teamspace cannot be reached just now; it goes on by itself.
    Away,
    /// Something keeps it from being fetched; the error says what.
    Failed,
}

/// A pin with what there is to say about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PinInfo {
    /// The pin.
    #[serde(flatten)]
    pub pin: Pin,
    /// The recording's title, the tag, or the teamspace's name.
    pub title: String,
    /// Since when it is pinned.
    #[ts(type = "string")]
    pub pinned_at: Timestamp,
    /// The teamspace is a folder: its media is here without being kept twice.
    pub folder: bool,
    /// Recordings that it covers.
    #[ts(type = "number")]
    pub recordings: u64,
    /// Bytes of their files, as far as known.
    #[ts(type = "number")]
    pub bytes: u64,
    /// How many of them are here.
    #[ts(type = "number")]
    pub bytes_here: u64,
    /// How it stands.
    pub state: PinState,
    /// What went wrong, when something did.
    pub error: Option<UserError>,
}

impl Pin {
    fn kind(&self) -> &'static str {
        match self.target {
            PinTarget::Teamspace => "teamspace",
            PinTarget::Tag { .. } => "tag",
            PinTarget::Recording { .. } => "recording",
        }
    }

    fn value(&self) -> String {
        match &self.target {
            PinTarget::Teamspace => String::new(),
            PinTarget::Tag { tag } => tag.to_lowercase(),
            PinTarget::Recording { recording_id } => recording_id.to_string(),
        }
    }
}

/// What the pins of one teamspace cover together, made once for a long list.
#[derive(Debug, Default)]
pub struct Cover {
    all: bool,
    tags: HashSet<String>,
    recordings: HashSet<RecordingId>,
}

impl Cover {
    /// Of a teamspace, by its id.
    pub fn of(pins: &[Pin], teamspace: &str) -> Self {
        let mut cover = Self::default();
        for pin in pins.iter().filter(|pin| pin.teamspace == teamspace) {
            match &pin.target {
                PinTarget::Teamspace => cover.all = true,
                PinTarget::Tag { tag } => drop(cover.tags.insert(tag.to_lowercase())),
                PinTarget::Recording { recording_id } => drop(cover.recordings.insert(recording_id.clone())),
            }
        }
        cover
    }

    /// Whether it covers nothing at all.
    pub fn is_empty(&self) -> bool {
        !self.all && self.tags.is_empty() && self.recordings.is_empty()
    }

    /// Whether a recording of its teamspace is kept.
    pub fn covers(&self, recording: &Recording) -> bool {
        self.all
            || self.recordings.contains(&recording.recording_id)
            || (!self.tags.is_empty()
                && recording.tags.iter().any(|tag| self.tags.contains(&tag.to_lowercase())))
    }
}

/// The pins of a person, in `state.db`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pins(Database);

impl Pins {
    /// Those of this database.
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// All of them, the newest first, with since when.
    pub fn all(&self) -> Result<Vec<(Pin, Timestamp)>, database::Error> {
        type Row = (String, String, String, String);
        let rows: Vec<Row> = self.0.read(|c| {
            let sql = "SELECT teamspace, kind, value, pinned_at FROM pin ORDER BY pinned_at DESC, value";
            let mut statement = c.prepare(sql)?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let read = |(teamspace, kind, value, at): Row| {
            let target = match kind.as_str() {
                "teamspace" => PinTarget::Teamspace,
                "tag" => PinTarget::Tag { tag: value },
                // What a newer version wrote is left alone.
                _ => PinTarget::Recording { recording_id: value.parse().ok()? },
            };
            Some((Pin { teamspace, target }, at.parse().unwrap_or(Timestamp::UNIX_EPOCH)))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Adds pins; one that is there already stays as it is.
    pub fn add(&self, pins: &[Pin], now: Timestamp) -> Result<(), database::Error> {
        self.0.write(|t| {
            for pin in pins {
                t.execute(
                    "INSERT OR IGNORE INTO pin (teamspace, kind, value, pinned_at) VALUES (?1, ?2, ?3, ?4)",
                    params![pin.teamspace, pin.kind(), pin.value(), to_text(now)],
                )?;
            }
            Ok(())
        })
    }

    /// Removes pins; what is not there is fine.
    pub fn remove(&self, pins: &[Pin]) -> Result<(), database::Error> {
        self.0.write(|t| {
            for pin in pins {
                t.execute(
                    "DELETE FROM pin WHERE teamspace = ?1 AND kind = ?2 AND value = ?3",
                    params![pin.teamspace, pin.kind(), pin.value()],
                )?;
            }
            Ok(())
        })
    }

    /// Removes all pins of a teamspace.
    pub fn forget(&self, teamspace: &str) -> Result<(), database::Error> {
        self.0.write(|t| {
            t.execute("DELETE FROM pin WHERE teamspace = ?1", [teamspace])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;

    fn pin(target: PinTarget) -> Pin {
        Pin { teamspace: "t".to_owned(), target }
    }

    #[test]
    fn a_pin_is_kept_once_and_a_tag_is_the_same_in_any_case() {
        let pins = Pins::new(open_state_in_memory().unwrap());
        let tag = |tag: &str| pin(PinTarget::Tag { tag: tag.to_owned() });
        let one = pin(PinTarget::Recording { recording_id: RecordingId::of_zoom_meeting("m") });
        pins.add(&[tag("Clinic"), one.clone(), pin(PinTarget::Teamspace)], Timestamp::UNIX_EPOCH).unwrap();
        pins.add(&[tag("CLINIC")], Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(pins.all().unwrap().len(), 3);

        pins.remove(&[tag("clinic"), one]).unwrap();
        let left: Vec<Pin> = pins.all().unwrap().into_iter().map(|(pin, _)| pin).collect();
        assert_eq!(left, [pin(PinTarget::Teamspace)]);
        pins.forget("t").unwrap();
        assert_eq!(pins.all().unwrap(), []);
    }
}
