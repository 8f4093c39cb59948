//! Recordings that were deleted at Zoom while they waited for review: they leave the inbox, and it is said.
//!
//! # When it is believed
//!
//! Zoom's list leaves recordings out or files them under another day, and its 404 may pass (zoom-facts §2.3, §2.4). So
//! a recording is taken for gone only when a look that was read whole did not list it and Zoom, asked for it by its
//! UUID, has none either. What turns up again after all is decided about anew.
//!
//! # What it costs
//!
//! Nothing while everything in the inbox is listed. What is not is asked for once a day, a few recordings a look; what
//! is older than the list is read for, with the widest look only.

use std::collections::HashSet;
use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::decide::{DecidedBy, Decision, Verdict};
use super::poll::Look;
use super::{AutoImport, InboxItem, store};
use crate::activity::{ActivityKind, Fresh, add};
use crate::error::UserResult;
use crate::zoom::{AccessTokens, Error};

/// How long an answer that a recording is there counts.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Recordings that one look asks for.
const AT_ONCE: usize = 10;

/// What a look read whole.
pub(super) struct ReadWhole {
    /// UUIDs that were listed.
    pub listed: HashSet<String>,
    /// From when on everything was read.
    pub from: Timestamp,
    /// Whether it was the widest look.
    pub wide: bool,
}

impl AutoImport {
    /// Lets leave the inbox what is not at Zoom any more. What cannot be found out now is left for the next look.
    pub(super) async fn settle_gone(
        &self,
        look: &Look,
        tokens: &dyn AccessTokens,
        read: &ReadWhole,
    ) -> UserResult<()> {
        for item in self.to_ask_for(look, read)? {
            match self.0.parts.importer.zoom.meeting(tokens, &item.uuid).await {
                Err(Error::Gone) => self.leave(look, &item)?,
                Ok(_) | Err(Error::NotYet) => {
                    let mut asked = self.0.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
                    asked.insert(item.uuid, self.now());
                }
                Err(error) => {
                    tracing::info!(%error, "cannot see whether what waits for review is still at Zoom");
                    break;
                }
            }
        }
        Ok(())
    }

    /// What waits for review and was not listed, as far as it is time to ask for it.
    fn to_ask_for(&self, look: &Look, read: &ReadWhole) -> UserResult<Vec<InboxItem>> {
        let waiting = self.0.parts.state.read(|c| store::inbox(c, &look.account))?;
        let now = self.now();
        let mut asked = self.0.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| *at <= now && now.duration_since(*at) < BELIEVED_FOR);
        let is_due = |item: &InboxItem| {
            !read.listed.contains(&item.uuid)
                && !asked.contains_key(&item.uuid)
                && (read.wide || item.start >= read.from)
        };
        Ok(waiting.into_iter().filter(is_due).take(AT_ONCE).collect())
    }

    fn leave(&self, look: &Look, item: &InboxItem) -> UserResult<()> {
        let now = self.now();
        Ok(self.0.parts.state.write(|t| {
            // A person may have been faster.
            let waits = store::seen(t, &look.account, &item.uuid)?
                .is_some_and(|seen| seen.decision.verdict == Verdict::Review);
            if !waits {
                return Ok(());
            }
            let decision = Decision::new(Verdict::Skip, DecidedBy::GoneAtZoom);
            store::redecide(t, &look.account, &item.uuid, decision, now)?;
            let fresh = Fresh {
                teamspace: Some(&item.teamspace),
                recording_id: Some(item.recording_id.as_str()),
                uuid: Some(&item.uuid),
                title: &item.title,
                rule: Some(decision.by.name()),
                error: None,
                automatic: true,
            };
            add(t, ActivityKind::Skipped, &fresh, now)
        })?)
    }
}
