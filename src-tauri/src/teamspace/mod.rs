//! Teamspaces: the stores of recordings that a team shares. Everything others may use is in this file.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::UserError;

/// Where a teamspace stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Location {
    /// A folder on this machine or a file server.
    Folder {
        /// Its absolute path.
        path: String,
    },
}

/// A teamspace as the window and the command line list it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeamspaceInfo {
    /// Its id, from `teamspace.json`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// Whether it can be used now.
    pub state: TeamspaceState,
    /// What is wrong with it, when it cannot be used wholly.
    pub error: Option<UserError>,
    /// What a person should know about its place, for example a synced folder.
    pub warnings: Vec<UserError>,
    /// How many recordings it holds.
    #[ts(type = "number")]
    pub recordings: u64,
}

/// Whether a teamspace can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeamspaceState {
    /// Read and write.
    Ready,
    /// Read only.
    ReadOnly,
    /// Its place is not there now: unplugged, unmounted, removed.
    Unreachable,
    /// It is there and must not be used: newer format, unsafe place.
    Refused,
}
