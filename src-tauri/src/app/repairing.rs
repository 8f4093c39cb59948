//! Repairing a teamspace: what was left undone is finished, what is left of dead imports is removed. Folder after folder
//! of recordings, each noted when it is done with, so that a repair which was stopped goes on after the last one.

use std::collections::HashSet;

use jiff::Timestamp;

use super::App;
use super::verifying::stopped;
use crate::error::UserResult;
use crate::events::Event;
use crate::import::send_outbox;
use crate::ledger::{Orphan, Repaired, orphan};
use crate::teamspace::{self, MAX_OPS, Op, RecordingFolder, Teamspace, TeamspaceState};

/// Entries that are missing in a log and are filled in one repair.
const HOLES: usize = 1_000;

/// A repair under way.
struct Repair<'a> {
    app: &'a App,
    teamspace: &'a Teamspace,
    writer: String,
    /// The time; the earlier one of this machine's clock and the store's. An attempt is old by both.
    now: Timestamp,
    /// Attempts that this machine is at work on.
    at_work: HashSet<String>,
    repaired: Repaired,
}

impl App {
    /// Finishes what was left undone in a teamspace: sends what its log lacks, fills what is missing in it, enters what
    /// stands there and the log does not know, removes dead attempts. Never removes what a manifest names. How far it is
    /// is told by events; one that was stopped goes on where it was.
    pub async fn repair_teamspace(&self, teamspace: &str) -> UserResult<Repaired> {
        let inner = &self.0;
        let opened = inner.spaces.opened(teamspace).await?;
        let place = self.take_verify_place()?;
        if opened.state().await? == TeamspaceState::ReadOnly {
            return Err(teamspace::Error::ReadOnly { place: opened.location().place().to_owned() }.into());
        }
        let (writer, _) = self.verified_by()?;
        let sent = inner.importer.outbox.pending(teamspace)?.len() as u64;
        send_outbox(&inner.importer.outbox, &opened, &writer, inner.clock.now()).await?;
        let mut repair = Repair {
            app: self,
            teamspace: &opened,
            writer: writer.clone(),
            now: inner.clock.now().min(opened.time().await?),
            at_work: inner.queue.attempts_at_work()?.into_iter().collect(),
            repaired: Repaired { sent, entered: 0, removed: Vec::new() },
        };
        repair.fill_holes().await?;
        repair.run().await?;
        let leases = opened.sweep_leases(repair.now).await?;
        if leases > 0 {
            tracing::info!(leases, "leases of imports that are over are removed");
        }
        let repaired = repair.repaired;
        drop(place);
        inner.spaces.look(teamspace, Some(&writer)).await?;
        Ok(repaired)
    }
}

impl Repair<'_> {
    /// A missing entry stops every reader. What it said is lost with it; what it published is entered again below.
    async fn fill_holes(&mut self) -> UserResult<()> {
        let catalog = &self.app.0.catalog;
        for _ in 0..HOLES {
            let next = catalog.refresh(self.teamspace).await?.cursor.saturating_add(1);
            if !self.teamspace.has_hole_at(next).await? {
                return Ok(());
            }
            tracing::warn!(n = next, "an entry of a log is missing and is filled with an empty one");
            self.teamspace.fill(next, &self.writer, self.app.0.clock.now()).await?;
        }
        Ok(())
    }

    async fn run(&mut self) -> UserResult<()> {
        let (catalog, id) = (&self.app.0.catalog, self.teamspace.id());
        let shards = self.teamspace.shards().await?;
        let done = catalog.repaired(id)?.unwrap_or_default();
        for (place, shard) in shards.iter().enumerate() {
            if shard.as_str() <= done.as_str() {
                continue;
            }
            self.one(shard).await?;
            catalog.note_repaired(id, Some(shard))?;
            self.app.0.events.emit(Event::RepairProgress {
                teamspace: id.to_owned(),
                done: place as u64 + 1,
                total: shards.len() as u64,
            });
            if self.app.0.stop.is_cancelled() {
                return Err(stopped());
            }
        }
        Ok(catalog.note_repaired(id, None)?)
    }

    /// One folder of recordings: its log entries are written before it counts as done with.
    async fn one(&mut self, shard: &str) -> UserResult<()> {
        let mut lacking = Vec::new();
        for folder in self.teamspace.folders(shard).await? {
            if self.is_plain(&folder)? {
                continue;
            }
            let published = self.teamspace.published(&folder.id).await?;
            for op in published.ops() {
                if !self.app.0.catalog.holds(self.teamspace.id(), op)? {
                    lacking.push(op.clone());
                }
            }
            if !published.unreadable.is_empty() {
                // What cannot be read could name any of the attempts.
                continue;
            }
            for attempt in &folder.attempts {
                let found = orphan(&folder.id, attempt, self.now);
                let named = published.names_attempt(&attempt.name);
                if found.dead && !named && !self.at_work.contains(&attempt.name) {
                    self.remove_dead(found).await?;
                }
            }
        }
        for ops in lacking.chunks(MAX_OPS) {
            self.enter(ops).await?;
        }
        Ok(())
    }

    /// Whether a listing alone shows that nothing is to be done: the log knows the recording and all that was finished
    /// later, and nothing stands there beside. So repairing costs little where all is well.
    fn is_plain(&self, folder: &RecordingFolder) -> UserResult<bool> {
        let known = self.app.0.catalog.knows(self.teamspace.id(), &folder.id)?;
        let attempts = folder.attempts.len() as u64;
        Ok(folder.has_manifest && known == Some(folder.addenda) && attempts <= 1 + folder.addenda)
    }

    async fn remove_dead(&mut self, dead: Orphan) -> UserResult<()> {
        match self.teamspace.remove_attempt(&dead.recording_id, &dead.attempt).await {
            // Published in this moment, or not ours to name: it stays.
            Err(teamspace::Error::Published { .. } | teamspace::Error::Invalid(_)) => Ok(()),
            removed => {
                removed?;
                self.repaired.removed.push(dead);
                Ok(())
            }
        }
    }

    async fn enter(&mut self, ops: &[Op]) -> UserResult<()> {
        self.teamspace.append(ops, &self.writer, self.app.0.clock.now()).await?;
        self.repaired.entered += ops.len() as u64;
        Ok(())
    }
}
