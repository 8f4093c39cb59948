//! "Delete in Zoom after import": moves recordings to Zoom's trash some days after their import. Everything
//! others may use is in this file.
//!
//! Off unless a person switched it on, for one account. What it promises then: a recording is moved only when its copy in the
//! teamspace was read again, whole, at least so many days after the import, and only when every file that Zoom
//! lists for it in that moment is in the teamspace. Only this profile's own imports from the connected account
//! are touched, only Zoom's trash is used, and what was done is written down: before Zoom is asked, and after.
//! In every other case the recording stays, and why is said.

mod attempt;
mod watch;

use std::collections::HashSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::Accounts;
use crate::database::Database;
use crate::error::{Code, UserError, UserResult};
use crate::import::Importer;
use crate::ledger::{Imported, TrashedAtZoom, account_key};
use crate::recording::RecordingId;
use crate::settings::delete_after_import;
use crate::zoom;

/// "Delete in Zoom after import", with all that a screen needs to show it. While it is off, what would be moved
/// if it were on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeleteAfterImport {
    /// Whether it is on.
    pub on: bool,
    /// Days between import and trash.
    pub days: u32,
    /// Why nothing can be moved now: nobody is connected, or the permission is missing.
    pub error: Option<UserError>,
    /// What would be moved, the soonest first.
    pub planned: Vec<PlannedDeletion>,
    /// What was moved, newest first.
    pub trashed: Vec<TrashedAtZoom>,
}

/// A recording that is to be moved to Zoom's trash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PlannedDeletion {
    /// The recording.
    pub recording_id: RecordingId,
    /// The teamspace that holds its copy.
    pub teamspace: String,
    /// Its title.
    pub title: String,
    /// When at the earliest.
    #[ts(type = "string")]
    pub due: Timestamp,
    /// Why it stayed when that was last tried.
    pub why: Option<UserError>,
}

/// Moves recordings to Zoom's trash. Cheap to clone.
#[derive(Clone)]
pub struct DeleteAtZoom {
    /// Where settings are.
    pub state: Database,
    /// The connected account.
    pub accounts: Accounts,
    /// What imports work with: teamspaces, Zoom, the ledger.
    pub importer: Arc<Importer>,
}

/// One of our imports that is still at Zoom, as far as we know.
struct Candidate {
    import: Imported,
    title: String,
    due: Timestamp,
}

impl DeleteAtZoom {
    /// The setting, what it would do and when, and what it did.
    pub fn status(&self) -> UserResult<DeleteAfterImport> {
        let setting = self.setting()?;
        let mut planned = Vec::new();
        let mut refused = None;
        let since = self.accounts.status()?.since;
        for Candidate { import, title, due } in self.candidates(setting.days)? {
            let kept = self.importer.ledger.kept(&import)?;
            if let Some(kept) = &kept
                && kept.why.code == Code::ScopesMissing
                && since.is_some_and(|since| kept.tried_at >= since)
            {
                refused = Some(kept.why.clone());
            }
            planned.push(PlannedDeletion {
                recording_id: import.recording_id,
                teamspace: import.teamspace,
                title,
                due,
                why: kept.map(|kept| kept.why),
            });
        }
        planned.sort_by_key(|planned| planned.due);
        Ok(DeleteAfterImport {
            on: setting.on,
            days: setting.days,
            error: if setting.on { self.hindrance()?.or(refused) } else { None },
            planned,
            trashed: self.importer.ledger.all_trashed()?,
        })
    }

    /// Switches it on or off.
    pub fn set(&self, on: bool, days: u32) -> UserResult<()> {
        if !(1..=3650).contains(&days) {
            return Err(UserError::new(
                Code::Usage,
                "Recordings stay at Zoom for at least one day after their import",
                "give a number of days from 1 to 3650",
            ));
        }
        if on && self.accounts.status()?.account.is_none() {
            // Whose recordings it is about is part of the wish.
            self.accounts.connected()?;
        }
        let (since, account) = (self.importer.clock.now(), self.account_key()?);
        let setting = delete_after_import::DeleteAfterImport { on, days, since, account };
        delete_after_import::save(&self.state, &setting)?;
        // What stayed for a reason of yesterday is tried again.
        self.importer.ledger.forget_kept()?;
        self.importer.events.emit(crate::events::Event::DeleteAtZoomChanged);
        Ok(())
    }

    /// The setting as it counts for the account that is connected: switched on for another one, it is off.
    fn setting(&self) -> UserResult<delete_after_import::DeleteAfterImport> {
        let mut setting = delete_after_import::load(&self.state)?;
        setting.on &= setting.account.is_some() && setting.account == self.account_key()?;
        Ok(setting)
    }

    fn account_key(&self) -> UserResult<Option<String>> {
        Ok(self.accounts.status()?.account.map(|account| account_key(&account.id)))
    }

    /// Why nothing can be moved at all.
    fn hindrance(&self) -> UserResult<Option<UserError>> {
        if let Err(error) = self.accounts.connected() {
            return Ok(Some(error));
        }
        let lacks = self.accounts.lacks_trash_scope()?;
        Ok(lacks.map(|scope| zoom::Error::ScopesMissing { scopes: vec![scope] }.into()))
    }

    /// What this profile imported from the connected account, is listed in a teamspace that this machine knows,
    /// and was not moved yet. Each recording once, though several teamspaces may hold it.
    fn candidates(&self, days: u32) -> UserResult<Vec<Candidate>> {
        let Some(account) = self.accounts.status()?.account else { return Ok(Vec::new()) };
        let Ok((profile, _)) = self.importer.surroundings.importer() else { return Ok(Vec::new()) };
        let after = SignedDuration::from_hours(i64::from(days) * 24);
        let mut titles: BTreeMap<String, BTreeMap<RecordingId, String>> = BTreeMap::new();
        let mut seen = HashSet::new();
        let mut candidates = Vec::new();
        for import in self.importer.ledger.imports(&profile, &account.id)? {
            let listed = match titles.entry(import.teamspace.clone()) {
                Entry::Occupied(listed) => listed.into_mut(),
                Entry::Vacant(place) => place.insert(self.importer.catalog.titles(&import.teamspace)?),
            };
            let Some(title) = listed.get(&import.recording_id).cloned() else { continue };
            if seen.insert(import.recording_id.clone()) {
                let due = import.at.saturating_add(after).unwrap_or(Timestamp::MAX);
                candidates.push(Candidate { import, title, due });
            }
        }
        Ok(candidates)
    }
}
