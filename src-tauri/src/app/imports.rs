//! Asking for imports, and looking after the queue.

use std::path::Path;
use std::sync::PoisonError;

use super::App;
use crate::account::SignInState;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::import::{Job, Source, Wish, inspect};
use crate::recording::RecordingId;

impl App {
    /// Asks for imports; asking twice is asking once.
    pub async fn import_recordings(&self, teamspace: &str, uuids: &[String]) -> UserResult<Vec<Job>> {
        let inner = &self.0;
        inner.spaces.opened(teamspace).await?;
        inner.accounts.connected()?;
        let mut jobs = Vec::new();
        for uuid in uuids {
            if uuid.trim().is_empty() {
                return Err(UserError::new(
                    Code::Usage,
                    "An empty text is not the UUID of a meeting",
                    "look at `nextctl zoom recordings`",
                ));
            }
            let known = inner.listed.lock().unwrap_or_else(PoisonError::into_inner).get(uuid).cloned();
            let job = inner.queue.ask(
                &Wish {
                    teamspace: teamspace.to_owned(),
                    source: Source::Zoom { uuid: uuid.clone() },
                    recording_id: Some(RecordingId::of_zoom_meeting(uuid)),
                    // Until Zoom is asked, the UUID is the only name that it has.
                    title: known.as_ref().map_or_else(|| uuid.clone(), |known| known.topic.clone()),
                    start: known.as_ref().map(|known| known.start),
                    delete_at: known.as_ref().and_then(|known| known.auto_delete_at),
                    bytes_total: known.as_ref().map_or(0, |known| known.size),
                },
                inner.clock.now(),
            )?;
            inner.events.emit(Event::JobChanged { id: job.id });
            jobs.push(job);
        }
        inner.wake.notify_one();
        Ok(jobs)
    }

    /// Which of these recordings a teamspace holds already.
    pub async fn already_imported(&self, teamspace: &str, uuids: &[String]) -> UserResult<Vec<String>> {
        let opened = self.0.spaces.opened(teamspace).await?;
        self.0.catalog.refresh(&opened).await?;
        let mut there = Vec::new();
        for uuid in uuids {
            if self.0.catalog.recording(teamspace, &RecordingId::of_zoom_meeting(uuid))?.is_some() {
                there.push(uuid.clone());
            }
        }
        Ok(there)
    }

    /// Asks for the import of a video or audio file from this computer, with an optional VTT. What cannot be
    /// imported is said at once.
    pub async fn import_file(
        &self,
        teamspace: &str,
        media: &Path,
        transcript: Option<&Path>,
    ) -> UserResult<Job> {
        let inner = &self.0;
        inner.spaces.opened(teamspace).await?;
        let absolute = |path: &Path| {
            let text = path.is_absolute().then(|| path.to_str()).flatten().map(str::to_owned);
            text.ok_or_else(|| {
                UserError::new(Code::Usage, "The file's path cannot be used", "choose the file again")
            })
        };
        let (media_path, transcript_path) = (absolute(media)?, transcript.map(absolute).transpose()?);
        let (looked_at, beside) = (media.to_owned(), transcript.map(Path::to_owned));
        let found = tokio::task::spawn_blocking(move || -> UserResult<_> {
            let found = inspect(&looked_at)?;
            if let Some(transcript) = beside {
                crate::import::inspect_transcript(&transcript)?;
            }
            Ok(found)
        })
        .await
        .map_err(|panic| UserError::unexpected("look into the file", panic))??;
        let title = media.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let job = inner.queue.ask(
            &Wish {
                teamspace: teamspace.to_owned(),
                source: Source::File { media: media_path, transcript: transcript_path },
                recording_id: None,
                title: title.unwrap_or_default(),
                start: Some(found.modified),
                delete_at: None,
                bytes_total: found.size,
            },
            inner.clock.now(),
        )?;
        inner.events.emit(Event::JobChanged { id: job.id });
        inner.wake.notify_one();
        Ok(job)
    }

    /// The queue, newest wish first.
    pub async fn jobs(&self) -> UserResult<Vec<Job>> {
        Ok(self.0.queue.jobs()?)
    }

    /// Makes a job due now.
    pub async fn retry_job(&self, id: i64) -> UserResult<()> {
        let changed = self.0.queue.retry(id, self.0.clock.now())?;
        self.after(id, changed)
    }

    /// Cancels a job that is not over; what it downloaded goes.
    pub async fn cancel_job(&self, id: i64) -> UserResult<()> {
        let changed = self.0.queue.cancel(id, self.0.clock.now())?;
        self.after(id, changed)
    }

    fn after(&self, id: i64, changed: bool) -> UserResult<()> {
        match (changed, self.0.queue.job(id)?) {
            (true, _) => {
                self.0.wake.notify_one();
                self.0.events.emit(Event::JobChanged { id });
                Ok(())
            }
            (false, Some(_)) => Err(UserError::new(
                Code::Usage,
                format!("There is nothing to do for import {id} as it stands"),
                "look at the list of imports again",
            )),
            (false, None) => Err(UserError::new(
                Code::NotFound,
                format!("There is no import {id}"),
                "look at the list of imports again",
            )),
        }
    }

    /// Takes finished jobs off the list; what was imported stays.
    pub async fn clear_finished_jobs(&self) -> UserResult<()> {
        for id in self.0.queue.clear_finished()? {
            self.0.cache.remove_staged(id)?;
            self.0.events.emit(Event::JobChanged { id });
        }
        Ok(())
    }
}

/// Wakes what waited for a person to sign in, once that has happened.
pub(super) async fn watch_account(app: App) {
    let mut heard = app.events().subscribe();
    let stop = app.0.stop.clone();
    // The event may have been missed: another process can sign in too, so the state is looked at now and then.
    loop {
        if app.0.accounts.status().is_ok_and(|status| status.state == SignInState::Connected) {
            let mut woken = 0;
            for code in
                [Code::NeedsReauthorization, Code::NotConnected, Code::ClaimConflict, Code::ScopesMissing]
            {
                woken += app.0.queue.wake_waiting_for(code, app.0.clock.now()).unwrap_or_default();
            }
            if woken > 0 {
                app.0.wake.notify_one();
                for job in app.0.queue.jobs().unwrap_or_default() {
                    app.events().emit(Event::JobChanged { id: job.id });
                }
            }
        }
        loop {
            tokio::select! {
                event = heard.recv() => match event {
                    Ok(Event::AccountChanged) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
                },
                () = tokio::time::sleep(std::time::Duration::from_secs(5)) => break,
                () = stop.cancelled() => return,
            }
        }
    }
}
