//! Verifying teamspaces, and the ledger of verified copies.

use std::fs::File;
use std::sync::PoisonError;

use tokio_util::sync::CancellationToken;

use super::{App, RecordingLedger};
use crate::catalog::Place;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::ledger::{How, Verification, Verifier, VerifyReport, look};
use crate::profile;
use crate::recording::RecordingId;

impl App {
    /// Verifies a teamspace: goes on where the last verification stopped, or begins anew when that was over or
    /// `restart` is wanted. The answer comes at its end, or when [`App::stop_verify`] stopped it.
    pub async fn verify_teamspace(&self, teamspace: &str, restart: bool) -> UserResult<VerifyReport> {
        let (verifier, place) = self.verifier(teamspace).await?;
        let ended = verifier.run(restart).await;
        self.verify_is_over(teamspace);
        drop(place);
        ended?;
        self.verify_report(teamspace).await?.ok_or_else(|| nothing_verified(teamspace))
    }

    /// Begins to verify a teamspace; how it goes is told by events and by [`App::verify_report`].
    pub async fn start_verify(&self, teamspace: &str, restart: bool) -> UserResult<()> {
        let (verifier, place) = self.verifier(teamspace).await?;
        // Not the app itself: it ends with whoever holds it.
        let (app, id) = (std::sync::Arc::downgrade(&self.0), teamspace.to_owned());
        tokio::spawn(async move {
            if let Err(error) = verifier.run(restart).await {
                tracing::warn!(code = ?error.code, detail = ?error.detail, "a verification stopped");
            }
            if let Some(app) = app.upgrade().map(App) {
                app.verify_is_over(&id);
                drop(place);
                app.0.events.emit(Event::VerifyChanged { teamspace: id });
            }
        });
        Ok(())
    }

    /// Stops a verification under way; it goes on from there when it is begun again.
    pub async fn stop_verify(&self, teamspace: &str) -> UserResult<()> {
        let verifying = self.0.verifying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stop)) = verifying.as_ref().filter(|(of, _)| of == teamspace) {
            stop.cancel();
        }
        Ok(())
    }

    /// How the last verification of a teamspace stands, or how it ended; none when there never was one.
    pub async fn verify_report(&self, teamspace: &str) -> UserResult<Option<VerifyReport>> {
        let total = self.0.catalog.count(teamspace)?;
        let running = {
            let verifying = self.0.verifying.lock().unwrap_or_else(PoisonError::into_inner);
            verifying.as_ref().is_some_and(|(of, _)| of == teamspace)
        };
        Ok(self.0.ledger.report(teamspace, total, running)?)
    }

    /// Reads one recording again, now.
    pub async fn verify_recording(&self, teamspace: &str, id: &RecordingId) -> UserResult<Verification> {
        let inner = &self.0;
        let opened = inner.spaces.opened(teamspace).await?;
        inner.catalog.refresh(&opened).await?;
        let listed = inner.catalog.recording(teamspace, id)?;
        let published = opened.published(id).await?;
        let gone = inner.catalog.place(teamspace, id)? == Place::Gone;
        let nothing = published.manifest.is_none() && published.unreadable.is_empty();
        if gone || (listed.is_none() && nothing) {
            return Err(UserError::new(
                Code::NotFound,
                "This recording is not in the teamspace",
                "look at the library again",
            ));
        }
        let title = listed.map(|listed| listed.title).unwrap_or_default();
        let looked = look(&opened, id, &published, &title, &|_| {}, &inner.stop).await?;
        let looked = looked.ok_or_else(stopped)?;
        let (profile, name) = self.verified_by()?;
        let by = (profile.as_str(), name.as_str());
        let verification = inner.ledger.add(teamspace, id, How::Manual, &looked, by, inner.clock.now())?;
        inner.events.emit(Event::RecordingsChanged {
            teamspace: teamspace.to_owned(),
            recording_id: Some(id.clone()),
        });
        Ok(verification)
    }

    /// Who verified a recording and when, and what became of it at Zoom.
    pub async fn recording_ledger(&self, teamspace: &str, id: &RecordingId) -> UserResult<RecordingLedger> {
        Ok(RecordingLedger {
            verified: self.0.ledger.of(teamspace, id)?,
            at_zoom: self.0.ledger.trashed(id)?,
        })
    }

    /// What verifies a teamspace, once nobody else does.
    async fn verifier(&self, teamspace: &str) -> UserResult<(Verifier, File)> {
        let inner = &self.0;
        let opened = inner.spaces.opened(teamspace).await?;
        let by = self.verified_by()?;
        let place = self.take_verify_place()?;
        // What colleagues added is to be verified too; what cannot be read is found below.
        if let Err(error) = inner.catalog.refresh(&opened).await {
            tracing::warn!(%error, "a teamspace is verified without its last log entries");
        }
        let stop = inner.stop.child_token();
        *inner.verifying.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((teamspace.to_owned(), stop.clone()));
        let verifier = Verifier {
            listed: inner.catalog.titles(teamspace)?,
            gone: inner.catalog.gone(teamspace)?.into_iter().collect(),
            teamspace: opened,
            ledger: inner.ledger.clone(),
            events: inner.events.clone(),
            clock: inner.clock.clone(),
            by,
            stop,
        };
        Ok((verifier, place))
    }

    fn verify_is_over(&self, teamspace: &str) {
        let mut verifying = self.0.verifying.lock().unwrap_or_else(PoisonError::into_inner);
        verifying.take_if(|(of, _)| of == teamspace);
    }

    /// Id and name of the profile that the ledger names.
    pub(super) fn verified_by(&self) -> UserResult<(String, String)> {
        let profile = profile::load(&self.0.state)?.ok_or_else(super::surroundings::no_profile)?;
        Ok((profile.id, profile.name))
    }

    /// One process at a time verifies or repairs: two would only read everything twice. The place goes with the
    /// returned file.
    pub(super) fn take_verify_place(&self) -> UserResult<File> {
        let path = self.0.dirs.verify_lock();
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(|error| {
            UserError::new(
                Code::DataDirectory,
                "NEXT cannot lock a file in its data directory",
                "give yourself write permission there, or set NEXT_DATA_DIR to another folder",
            )
            .detail(error)
        })?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(_) => Err(UserError::new(
                Code::Busy,
                "A teamspace is being verified, repaired or copied already",
                "wait until that is over, or stop it",
            )),
        }
    }
}

pub(super) fn stopped() -> UserError {
    UserError::new(Code::Cancelled, "Verifying was stopped", "begin again when you like")
}

fn nothing_verified(teamspace: &str) -> UserError {
    UserError::unexpected("read what was verified", teamspace)
}

/// A teamspace that is verified in this process, and how to stop that.
pub(super) type Verifying = Option<(String, CancellationToken)>;
