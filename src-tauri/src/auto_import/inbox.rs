//! The inbox: recordings that wait for a person to keep or discard them.

use rusqlite::Transaction;

use super::decide::{DecidedBy, Decision, Verdict};
use super::store;
use super::{AutoImport, InboxItem};
use crate::activity::{ActivityKind, Fresh, add};
use crate::database;
use crate::error::UserResult;
use crate::events::Event;
use crate::import::{Asker, Source, Wish, ask};

impl AutoImport {
    /// What waits, newest first.
    pub fn inbox(&self) -> UserResult<Vec<InboxItem>> {
        Ok(self.0.parts.state.read(|c| {
            let account = store::load(c)?.account.unwrap_or_default();
            store::inbox(c, &account)
        })?)
    }

    /// Imports these, into the teamspace that they came for. What was discarded can still be kept. Returns how many
    /// were asked for.
    pub fn keep(&self, uuids: &[String]) -> UserResult<u32> {
        self.review(uuids, true)
    }

    /// Discards these: they stay at Zoom, and are not offered again. Returns how many were there.
    pub fn discard(&self, uuids: &[String]) -> UserResult<u32> {
        self.review(uuids, false)
    }

    fn review(&self, uuids: &[String], keep: bool) -> UserResult<u32> {
        let (parts, now) = (&self.0.parts, self.now());
        let mut jobs = Vec::new();
        let decided = parts.state.write(|t| {
            let state = store::load(t)?;
            let account = state.account.unwrap_or_default();
            let mut decided = 0;
            for uuid in uuids {
                let Some((item, seen)) = store::inbox_item_of(t, &account, uuid)? else { continue };
                let discarded = seen.decision.by == DecidedBy::Discarded;
                if seen.decision.verdict != Verdict::Review && !(keep && discarded) {
                    continue;
                }
                decided += 1;
                let by = if keep { DecidedBy::Person } else { DecidedBy::Discarded };
                let verdict = if keep { Verdict::Take } else { Verdict::Skip };
                store::redecide(t, &account, uuid, Decision::new(verdict, by), now)?;
                tell(t, &item, by, now)?;
                if keep {
                    let wish = Wish {
                        teamspace: item.teamspace,
                        source: Source::Zoom { uuid: item.uuid },
                        recording_id: Some(item.recording_id),
                        title: item.title,
                        start: Some(item.start),
                        delete_at: item.auto_delete_at,
                        bytes_total: item.size,
                        asker: Asker::Auto(state.rules.kinds.clone()),
                    };
                    jobs.push(ask(t, &wish, now)?.id);
                }
            }
            Ok(decided)
        })?;
        for id in jobs {
            parts.importer.events.emit(Event::JobChanged { id });
        }
        parts.wake.notify_one();
        self.tell();
        Ok(decided)
    }
}

fn tell(
    t: &Transaction<'_>,
    item: &InboxItem,
    by: DecidedBy,
    now: jiff::Timestamp,
) -> Result<(), database::Error> {
    let fresh = Fresh {
        teamspace: Some(&item.teamspace),
        recording_id: Some(item.recording_id.as_str()),
        uuid: Some(&item.uuid),
        title: &item.title,
        rule: Some(by.name()),
        error: None,
        automatic: true,
    };
    add(t, ActivityKind::Reviewed, &fresh, now)
}
