//! Recordings from before: what rules would have taken, and importing them on purpose.

use jiff::ToSpan as _;

use super::decide::{DecidedBy, Decision, Verdict, bytes_taken, decide};
use super::poll::utc_day;
use super::take::{facts, files, wish};
use super::{AutoImport, Backfill, DecidedRecording, Rules, store};
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::import::{Asker, ask};
use crate::ledger::account_key;
use crate::recording::CloudRecording;
use crate::teamspace::Teamspace;
use crate::zoom::Days;

/// The most days of a dry run.
const MOST_DAYS: u32 = 730;

impl AutoImport {
    /// What rules say of each recording of the last days, newest first, whenever auto-import was switched on; without
    /// `rules`, those that are set. Nothing is asked for.
    pub async fn dry_run(&self, days: u32, rules: Option<Rules>) -> UserResult<Vec<DecidedRecording>> {
        let state = self.load()?;
        let rules = rules.map(Rules::checked).transpose()?.unwrap_or(state.rules);
        let today = utc_day(self.now());
        let from = today.saturating_sub(i64::from(days.clamp(1, MOST_DAYS)).days());
        let now = self.now();
        let recordings = self.listed(Days { from, to: today }).await?;
        let teamspace = state.teamspace.unwrap_or_default();
        let decided = |recording: CloudRecording| {
            let catalog = &self.0.parts.importer.catalog;
            Ok(DecidedRecording {
                decision: decide(&recording, &rules, None, now),
                imported: catalog.recording(&teamspace, &recording.recording_id)?.is_some(),
                recording,
            })
        };
        recordings.into_iter().map(decided).collect()
    }

    /// What the rules take of these days, without review: counted, and with `import` asked for too.
    pub async fn backfill(&self, days: Days, import: bool) -> UserResult<Backfill> {
        let parts = &self.0.parts;
        let state = self.load()?;
        let id = state.teamspace.clone().ok_or_else(|| {
            UserError::new(
                Code::Usage,
                "No teamspace is chosen for auto-import",
                "switch auto-import on first",
            )
        })?;
        let teamspace: Teamspace = parts.importer.surroundings.teamspace(&id).await?;
        let (user, _) = parts.importer.surroundings.claimed_account(&teamspace).await?;
        let account = account_key(&user);
        let rules = Rules { review: false, ..state.rules };
        let recordings = self.listed(days).await?;
        parts.importer.catalog.refresh(&teamspace).await?;
        let now = self.now();
        let (mut backfill, mut wanted) =
            (Backfill { count: 0, bytes: 0, already: 0, skipped: 0 }, Vec::new());
        for recording in recordings {
            let decision = decide(&recording, &rules, None, now);
            if self.standing(&id, &recording)?.objection().is_some() {
                backfill.already += 1;
            } else if matches!(decision.verdict, Verdict::Skip) {
                backfill.skipped += 1;
            } else {
                backfill.count += 1;
                backfill.bytes += bytes_taken(&recording, &rules);
                wanted.push(recording);
            }
        }
        if !import {
            return Ok(backfill);
        }
        let jobs = parts.state.write(|t| {
            let mut jobs = Vec::new();
            for recording in &wanted {
                jobs.push(ask(t, &wish(&id, recording, &rules, Asker::Auto(rules.kinds.clone())), now)?.id);
                let decision = Decision::new(Verdict::Take, DecidedBy::Person);
                let size = bytes_taken(recording, &rules);
                let digests = (facts(recording), files(recording));
                store::note(t, &account, recording, (&digests.0, &digests.1), (&id, size), decision, now)?;
            }
            Ok(jobs)
        })?;
        for id in jobs {
            parts.importer.events.emit(Event::JobChanged { id });
        }
        parts.wake.notify_one();
        self.tell();
        Ok(backfill)
    }

    /// What Zoom lists in these days, newest first.
    async fn listed(&self, days: Days) -> UserResult<Vec<CloudRecording>> {
        let parts = &self.0.parts;
        parts.accounts.connected()?;
        let tokens = parts.importer.surroundings.tokens();
        Ok(parts.importer.zoom.recordings(tokens.as_ref(), days, &|_| {}).await?.recordings)
    }
}
