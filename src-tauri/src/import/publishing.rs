//! How what was brought is published: the manifest, the ledger, the log by way of the outbox, and the catalog.

use jiff::Timestamp;

use super::attempt::new_attempt;
use super::importer::{Importer, Stop};
use super::outbox::Outbox;
use super::queue::Claimed;
use crate::catalog::Place;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::ledger::Looked;
use crate::recording::RecordingId;
use crate::teamspace::{self, Manifest, Publication, Teamspace, TeamspaceState};

impl Importer {
    /// Step 1. What stands there is complete, whoever put it there.
    pub(super) async fn is_there(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        id: &RecordingId,
    ) -> Result<bool, Stop> {
        let Some(publication) = teamspace.publication(id).await? else { return Ok(false) };
        // A crash between manifest and outbox leaves the log without it.
        self.note_for_the_log(teamspace, &publication).await?;
        self.settle(claimed, teamspace, &publication).await?;
        Ok(true)
    }

    /// What is left to do where a manifest stands already, ours or somebody else's.
    pub(super) async fn settle(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        publication: &Publication,
    ) -> Result<(), Stop> {
        let manifest = &publication.manifest;
        if manifest.attempt == claimed.attempt {
            self.note_verified(teamspace, publication)?;
        }
        self.queue.note_progress(claimed.job.id, manifest.size(), manifest.size())?;
        // An earlier try of ours may have put files before somebody else was faster.
        self.remove_own(teamspace, &manifest.recording_id, &claimed.attempt).await?;
        self.finish(claimed, teamspace, publication).await
    }

    /// Steps 5 and 6.
    pub(super) async fn publish(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        manifest: Manifest,
    ) -> Result<(), Stop> {
        let publication = match teamspace.publish(&manifest).await {
            Ok(publication) => publication,
            Err(error) => return Err(self.not_published(claimed.job.id, error, &new_attempt())?.into()),
        };
        match publication.outcome {
            teamspace::Outcome::AlreadyThere => {
                self.remove_own(teamspace, &manifest.recording_id, &manifest.attempt).await?;
            }
            teamspace::Outcome::Published => self.note_verified(teamspace, &publication)?,
        }
        let size = publication.manifest.size();
        self.queue.note_progress(claimed.job.id, size, size)?;
        self.note_for_the_log(teamspace, &publication).await?;
        self.finish(claimed, teamspace, &publication).await
    }

    /// A person wanted it out of the way: importing would bring it back behind their back.
    pub(super) fn refuse_trashed(&self, teamspace: &Teamspace, id: &RecordingId) -> UserResult<()> {
        if self.catalog.place(teamspace.id(), id)? == Place::Library {
            return Ok(());
        }
        let name = teamspace.name();
        Err(UserError::new(
            Code::InTrash,
            format!("This recording is in the trash of {name}, or was deleted there"),
            "restore it from the trash, or import it into another teamspace",
        )
        .with("teamspace", name))
    }

    /// Notes that the log must come to hold a publication, unless it does: the catalog reads the log.
    pub(super) async fn note_for_the_log(
        &self,
        teamspace: &Teamspace,
        publication: &Publication,
    ) -> Result<(), Stop> {
        let read = self.catalog.refresh(teamspace).await?;
        let id = &publication.manifest.recording_id;
        // Of what is in the trash the log knows already.
        let in_sight = self.catalog.place(teamspace.id(), id)? == Place::Library;
        if in_sight && !self.catalog.holds(teamspace.id(), &publication.op)? {
            self.outbox.put(teamspace.id(), &publication.op, read.cursor, self.clock.now())?;
        }
        Ok(())
    }

    /// Our manifest stands: each file was read back when it was put. The ledger's first entry says so.
    pub(super) fn note_verified(&self, teamspace: &Teamspace, publication: &Publication) -> UserResult<()> {
        let manifest = &publication.manifest;
        let digest = match &publication.op {
            teamspace::Op::Known(teamspace::KnownOp::Add { manifest, .. }) => manifest.clone(),
            _ => String::new(),
        };
        let looked = Looked {
            files: manifest.files.len() as u64,
            bytes: manifest.size(),
            manifest: digest,
            damaged: Vec::new(),
        };
        let (profile, name) = self.surroundings.importer()?;
        let source = &manifest.source;
        let zoom = source.meeting_uuid.as_deref().zip(source.user_id.as_deref());
        let (id, by) = (&manifest.recording_id, (profile.as_str(), name.as_str()));
        Ok(self.ledger.add_import(teamspace.id(), id, &looked, by, zoom, self.clock.now())?)
    }

    /// What was noted as put may not be there any more: then everything is put afresh, under another attempt.
    pub(super) fn not_published(
        &self,
        job: i64,
        error: teamspace::Error,
        fresh: &str,
    ) -> UserResult<UserError> {
        let lost = matches!(error, teamspace::Error::Missing { .. } | teamspace::Error::Damaged { .. });
        let error = UserError::from(error);
        if !lost {
            return Ok(error);
        }
        self.queue.begin_attempt(job, fresh)?;
        Ok(error.recoded(Code::Busy))
    }

    /// Step 6. The recording is published: a log that cannot be written now is written later.
    pub(super) async fn finish(
        &self,
        claimed: &Claimed,
        teamspace: &Teamspace,
        publication: &Publication,
    ) -> Result<(), Stop> {
        let id = &publication.manifest.recording_id;
        let (writer, _) = self.surroundings.importer()?;
        let turn = self.bounds.turn(teamspace.id()).await;
        if let Err(error) = send_outbox(&self.outbox, teamspace, &writer, self.clock.now()).await {
            tracing::warn!(detail = ?error.detail, "the log of a teamspace is behind; it is sent at the next chance");
        }
        self.catalog.refresh(teamspace).await?;
        drop(turn);
        self.cache.remove_staged(claimed.job.id)?;
        self.events.emit(Event::RecordingsChanged {
            teamspace: teamspace.id().to_owned(),
            recording_id: Some(id.clone()),
        });
        Ok(())
    }
}

/// Before anything is downloaded that would have no place.
pub(super) async fn ensure_writable(teamspace: &Teamspace) -> Result<(), teamspace::Error> {
    match teamspace.state().await? {
        TeamspaceState::ReadOnly => {
            Err(teamspace::Error::ReadOnly { place: teamspace.location().place().to_owned() })
        }
        _ => Ok(()),
    }
}

/// Sends what a teamspace's log must come to hold.
pub async fn send_outbox(
    outbox: &Outbox,
    teamspace: &Teamspace,
    writer: &str,
    now: Timestamp,
) -> UserResult<()> {
    let pending = outbox.pending(teamspace.id())?;
    for batch in pending.chunks(teamspace::MAX_OPS) {
        let ops = batch.iter().map(|pending| (pending.after, pending.op.clone())).collect();
        teamspace.append_once(ops, writer, now).await?;
        outbox.sent(&batch.iter().map(|pending| pending.id).collect::<Vec<_>>())?;
    }
    Ok(())
}
