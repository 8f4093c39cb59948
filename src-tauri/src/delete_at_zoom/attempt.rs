//! One recording: every condition looked at, and only then Zoom is asked.

use std::collections::HashSet;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::{Candidate, DeleteAtZoom};
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::ledger::{How, TrashOutcome, Verification, look};
use crate::recording::CloudStatus;
use crate::teamspace::{Published, Teamspace};
use crate::zoom::{self, Meeting};

/// A second verification that is younger than this is not made again, when only Zoom was out of reach after it.
const STILL_GOOD: SignedDuration = SignedDuration::from_hours(24);

/// How a try ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    /// It is settled, and written down.
    Settled,
    /// Stopped, or switched off, before Zoom was asked.
    Nothing,
}

impl DeleteAtZoom {
    /// Moves a recording to Zoom's trash when everything speaks for it. An error says why it stays.
    pub(super) async fn attempt(&self, candidate: &Candidate, stop: &CancellationToken) -> UserResult<Tried> {
        let (importer, import) = (&self.importer, &candidate.import);
        let id = &import.recording_id;
        let teamspace = importer.surroundings.teamspace(&import.teamspace).await?;
        let (user, _) = importer.surroundings.claimed_account(&teamspace).await?;
        let published = teamspace.published(id).await?;
        let last = importer.ledger.last(&import.teamspace, id)?;
        if let Some(damaged) = last.as_ref().filter(|last| !last.is_whole()) {
            return Err(is_damaged(damaged));
        }
        if !is_ours(&published, &user, &import.meeting_uuid) {
            return Err(not_ours());
        }
        if !self.all_imported(candidate, &published, last.as_ref()).await? {
            return Ok(Tried::Settled);
        }
        let Some(verification) = self.second(&teamspace, candidate, &published, last, stop).await? else {
            return Ok(Tried::Nothing);
        };
        if !verification.is_whole() {
            return Err(is_damaged(&verification));
        }
        // Reading took its time: a file may have come meanwhile.
        if !self.all_imported(candidate, &published, Some(&verification)).await? {
            return Ok(Tried::Settled);
        }
        if stop.is_cancelled() || !self.setting()?.on {
            return Ok(Tried::Nothing);
        }
        self.ask_zoom(candidate, &verification).await?;
        Ok(Tried::Settled)
    }

    /// Whether Zoom still has the recording, with nothing that we do not have. False when it is not there any
    /// more, which is written down; an error when something of it is not in the teamspace.
    async fn all_imported(
        &self,
        candidate: &Candidate,
        published: &Published,
        last: Option<&Verification>,
    ) -> UserResult<bool> {
        let importer = &self.importer;
        let tokens = importer.surroundings.tokens();
        match importer.zoom.meeting(tokens.as_ref(), &candidate.import.meeting_uuid).await {
            Ok(meeting) => {
                nothing_lacks(&meeting, published)?;
                Ok(true)
            }
            Err(zoom::Error::Gone) => {
                let ledger = &importer.ledger;
                let id = &candidate.import.recording_id;
                let outcome = if ledger.was_asked(id)? {
                    TrashOutcome::Trashed
                } else {
                    let (_, name) = importer.surroundings.importer()?;
                    let number = last.map_or(0, |last| last.id);
                    let now = importer.clock.now();
                    ledger.note_asked(&candidate.import, &candidate.title, number, &name, now)?;
                    TrashOutcome::AlreadyGone
                };
                self.settle(candidate, Some(outcome))?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The second verification: made now, unless one of the last day found everything whole as it is.
    async fn second(
        &self,
        teamspace: &Teamspace,
        candidate: &Candidate,
        published: &Published,
        last: Option<Verification>,
        stop: &CancellationToken,
    ) -> UserResult<Option<Verification>> {
        let (importer, import) = (&self.importer, &candidate.import);
        let now = importer.clock.now();
        let files = published.files().len() as u64;
        let fresh = |last: &Verification| {
            last.how == How::Second && last.files == files && now.duration_since(last.at) < STILL_GOOD
        };
        if let Some(last) = last.filter(fresh) {
            return Ok(Some(last));
        }
        let id = &import.recording_id;
        let Some(looked) = look(teamspace, id, published, &candidate.title, &|_| {}, stop).await? else {
            return Ok(None);
        };
        let (profile, name) = importer.surroundings.importer()?;
        let by = (profile.as_str(), name.as_str());
        let second =
            importer.ledger.add(&import.teamspace, id, How::Second, &looked, by, importer.clock.now())?;
        importer.events.emit(Event::RecordingsChanged {
            teamspace: import.teamspace.clone(),
            recording_id: Some(id.clone()),
        });
        Ok(Some(second))
    }

    async fn ask_zoom(&self, candidate: &Candidate, verification: &Verification) -> UserResult<()> {
        let importer = &self.importer;
        let (import, now) = (&candidate.import, importer.clock.now());
        let (_, name) = importer.surroundings.importer()?;
        importer.ledger.note_asked(import, &candidate.title, verification.id, &name, now)?;
        let tokens = importer.surroundings.tokens();
        match importer.zoom.trash(tokens.as_ref(), &import.meeting_uuid).await {
            Ok(()) => self.settle(candidate, Some(TrashOutcome::Trashed)),
            Err(zoom::Error::Gone) => self.settle(candidate, Some(TrashOutcome::AlreadyGone)),
            // The answer may be lost, and not the request: the next look at Zoom tells.
            Err(error @ (zoom::Error::Offline { .. } | zoom::Error::Unavailable { .. })) => Err(error.into()),
            Err(error) => {
                self.settle(candidate, None)?;
                Err(error.into())
            }
        }
    }

    fn settle(&self, candidate: &Candidate, outcome: Option<TrashOutcome>) -> UserResult<()> {
        let importer = &self.importer;
        let id = &candidate.import.recording_id;
        importer.ledger.settle_asked(id, outcome, importer.clock.now())?;
        if let Some(outcome) = outcome {
            tracing::info!(recording = %id, ?outcome, "a recording left Zoom after its import");
        }
        importer.events.emit(Event::RecordingsChanged {
            teamspace: candidate.import.teamspace.clone(),
            recording_id: Some(id.clone()),
        });
        Ok(())
    }
}

/// Whether a manifest says that this recording came from the connected account's meeting.
fn is_ours(published: &Published, user: &str, meeting_uuid: &str) -> bool {
    published.manifest.as_ref().is_some_and(|(manifest, _)| {
        let source = &manifest.source;
        source.integration == "zoom"
            && source.user_id.as_deref() == Some(user)
            && source.meeting_uuid.as_deref() == Some(meeting_uuid)
    })
}

/// Fails when Zoom lists a file that no manifest and no addendum names, or that it still works on.
fn nothing_lacks(meeting: &Meeting, published: &Published) -> UserResult<()> {
    let here: HashSet<&str> =
        published.files().iter().filter_map(|file| file.source_file_id.as_deref()).collect();
    let files = &meeting.recording.files;
    let lacking = files.iter().filter(|file| !here.contains(file.id.as_str())).count();
    let at_work = files.iter().any(|file| file.status == CloudStatus::Processing);
    if lacking == 0 && !at_work && !files.is_empty() {
        return Ok(());
    }
    Err(UserError::new(
        Code::NotAllImported,
        format!("Zoom has {} of this recording that the teamspace does not have", count(lacking)),
        "nothing to do: it stays at Zoom until everything is imported",
    )
    .with("files", lacking))
}

fn count(files: usize) -> String {
    match files {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    }
}

fn not_ours() -> UserError {
    UserError::new(
        Code::NotAllImported,
        "This recording was not imported from the connected Zoom account",
        "nothing to do: it stays at Zoom",
    )
    .with("files", 0)
}

fn is_damaged(verification: &Verification) -> UserError {
    let n = verification.damaged.len();
    UserError::new(
        Code::CopyDamaged,
        format!("The copy in the teamspace is damaged: {} of {} are not whole", n, count_of(verification)),
        "it stays at Zoom; put the files back from a backup, then verify the recording again",
    )
    .with("damaged", n)
}

fn count_of(verification: &Verification) -> String {
    count(usize::try_from(verification.files).unwrap_or(usize::MAX))
}
