//! Asking for imports, and looking after the queue.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{PoisonError, Weak};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::{App, Inner};
use crate::account::SignInState;
use crate::activity::Activity;
use crate::catalog::Place;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::import::{Asker, Job, JobState, QueueState, Source, Wish, inspect};
use crate::recording::RecordingId;
use crate::teamspace::TeamspaceState;

impl App {
    /// Asks for imports; asking twice is asking once.
    pub async fn import_recordings(&self, teamspace: &str, uuids: &[String]) -> UserResult<Vec<Job>> {
        self.ask_for(teamspace, uuids, &Asker::Person).await
    }

    async fn ask_for(&self, teamspace: &str, uuids: &[String], asker: &Asker) -> UserResult<Vec<Job>> {
        let inner = &self.0;
        inner.spaces.opened(teamspace).await?;
        inner.accounts.connected()?;
        if uuids.iter().any(|uuid| uuid.trim().is_empty()) {
            return Err(UserError::new(
                Code::Usage,
                "An empty text is not the UUID of a meeting",
                "look at `nextctl zoom recordings`",
            ));
        }
        let wishes: Vec<Wish> = {
            let listed = inner.listed.lock().unwrap_or_else(PoisonError::into_inner);
            let wish = |uuid: &String| {
                let known = listed.get(uuid);
                Wish {
                    teamspace: teamspace.to_owned(),
                    source: Source::Zoom { uuid: uuid.clone() },
                    recording_id: Some(RecordingId::of_zoom_meeting(uuid)),
                    // Until Zoom is asked, the UUID is the only name that it has.
                    title: known.map_or_else(|| uuid.clone(), |known| known.topic.clone()),
                    start: known.map(|known| known.start),
                    delete_at: known.and_then(|known| known.auto_delete_at),
                    bytes_total: known.map_or(0, |known| known.size),
                    asker: asker.clone(),
                }
            };
            uuids.iter().map(wish).collect()
        };
        let jobs = inner.queue.ask_all(&wishes, inner.clock.now())?;
        self.tell(jobs.iter().map(|job| job.id));
        Ok(jobs)
    }

    /// Looks now whether Zoom has finished more of a recording, as asking for its import again does.
    pub async fn look_for_late_files(&self, teamspace: &str, id: &RecordingId) -> UserResult<Job> {
        let nothing = || {
            UserError::new(
                Code::NotFound,
                "Nothing more is expected from Zoom for this recording",
                "import it again from the list of Zoom recordings, to make sure",
            )
        };
        let look = self.0.importer.looks.find(teamspace, id)?.ok_or_else(nothing)?;
        self.ask_for(teamspace, &[look.uuid], &Asker::Again).await?.pop().ok_or_else(nothing)
    }

    /// Which of these recordings a teamspace holds already, be it in its trash, or held once and deleted.
    pub async fn already_imported(&self, teamspace: &str, uuids: &[String]) -> UserResult<Vec<String>> {
        let opened = self.0.spaces.opened(teamspace).await?;
        self.0.catalog.refresh(&opened).await?;
        let mut there = Vec::new();
        for uuid in uuids {
            let id = RecordingId::of_zoom_meeting(uuid);
            let in_sight = self.0.catalog.recording(teamspace, &id)?.is_some();
            if in_sight || self.0.catalog.place(teamspace, &id)? != Place::Library {
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
                asker: Asker::Person,
            },
            inner.clock.now(),
        )?;
        self.tell([job.id]);
        Ok(job)
    }

    /// The queue, newest wish first.
    pub async fn jobs(&self) -> UserResult<Vec<Job>> {
        Ok(self.0.queue.jobs()?)
    }

    /// Whether the queue as a whole stands still.
    pub async fn queue_state(&self) -> UserResult<QueueState> {
        Ok(self.0.queue.state()?)
    }

    /// Makes a job due now.
    pub async fn retry_job(&self, id: i64) -> UserResult<()> {
        let changed = self.0.queue.retry(id, self.0.clock.now())?;
        self.after(id, changed)
    }

    /// Makes every failed job due now. Returns their ids.
    pub async fn retry_failed_jobs(&self) -> UserResult<Vec<i64>> {
        let changed = self.0.queue.retry_failed(self.0.clock.now())?;
        self.tell(changed.iter().copied());
        Ok(changed)
    }

    /// Holds a job: it keeps what it has, and goes on when it is let go.
    pub async fn pause_job(&self, id: i64) -> UserResult<()> {
        let changed = self.0.queue.pause(id)?;
        self.after(id, changed)
    }

    /// Lets a held job go.
    pub async fn resume_job(&self, id: i64) -> UserResult<()> {
        let changed = self.0.queue.resume(id)?;
        self.after(id, changed)
    }

    /// Holds the whole queue, also what is asked for later.
    pub async fn pause_queue(&self) -> UserResult<()> {
        self.0.queue.pause_all()?;
        self.tell_all();
        Ok(())
    }

    /// Lets the queue and every held job go, and tries a disk that was full.
    pub async fn resume_queue(&self) -> UserResult<()> {
        self.0.queue.resume_all()?;
        self.tell_all();
        Ok(())
    }

    /// Cancels a job that is not over; what it downloaded goes.
    pub async fn cancel_job(&self, id: i64) -> UserResult<()> {
        let before = self.0.queue.job(id)?.map(|job| job.state);
        let changed = self.0.queue.cancel(id, self.0.clock.now())?;
        self.after(id, changed)?;
        // A running job still has its files in hand: its worker removes them when it has let go.
        if before != Some(JobState::Running) {
            self.0.importer.discard(id).await;
        }
        Ok(())
    }

    /// Cancels every job that would still do something; what they downloaded goes. Returns their ids.
    pub async fn cancel_all_jobs(&self) -> UserResult<Vec<i64>> {
        let jobs = self.0.queue.jobs()?;
        let cancelled = self.0.queue.cancel_all(self.0.clock.now())?;
        self.tell(cancelled.iter().copied());
        for job in jobs {
            if job.state != JobState::Running && cancelled.contains(&job.id) {
                self.0.importer.discard(job.id).await;
            }
        }
        Ok(cancelled)
    }

    /// Says that these jobs changed.
    fn tell(&self, ids: impl IntoIterator<Item = i64>) {
        for id in ids {
            self.0.events.emit(Event::JobChanged { id });
        }
        self.0.wake.notify_one();
    }

    /// Says that the queue as a whole changed.
    fn tell_all(&self) {
        self.0.events.emit(Event::QueueChanged);
        self.0.wake.notify_one();
    }

    fn after(&self, id: i64, changed: bool) -> UserResult<()> {
        match (changed, self.0.queue.job(id)?) {
            (true, _) => {
                self.tell([id]);
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

/// How often the rows are looked at for what another process wrote.
const LOOK: Duration = Duration::from_millis(500);

/// Says when another process has changed the rows: the window shows what `nextctl` does, and the other way round.
pub(super) async fn watch_rows(app: Weak<Inner>, stop: CancellationToken) {
    let mut seen = None;
    loop {
        let Some(app) = app.upgrade().map(App) else { return };
        let changes = app.0.state.foreign_changes().ok();
        if seen.is_some() && changes != seen {
            app.tell_all();
        }
        seen = changes;
        drop(app);
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Tells what the settling of imports added to the log of activity, here or in another process.
pub(super) async fn tell_activity(
    activity: Activity,
    mut heard: broadcast::Receiver<Event>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            event = heard.recv() => match event {
                Ok(Event::JobChanged { .. } | Event::QueueChanged) | Err(broadcast::error::RecvError::Lagged(_)) => {
                    if let Err(error) = activity.announce() {
                        tracing::warn!(%error, "cannot read the log of activity");
                    }
                }
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            },
            () = stop.cancelled() => return,
        }
    }
}

/// Wakes what waited for something, once that has happened: a person signed in, unlocked or configured, or a
/// disk came back.
pub(super) async fn watch_account(
    app: Weak<Inner>,
    mut heard: broadcast::Receiver<Event>,
    stop: CancellationToken,
) {
    // What happened while no worker ran was not heard.
    let mut cause = Cause::Anything;
    // A colleague may have moved the account away while this app was closed, and may do so at any time.
    let mut look_at_claims = true;
    loop {
        match app.upgrade().map(App) {
            Some(app) => {
                if std::mem::take(&mut look_at_claims)
                    && let Err(error) = app.notice_moved_claim().await
                {
                    tracing::info!(code = ?error.code, "the Zoom account belongs to another profile now");
                }
                app.wake_waiting(cause).await;
            }
            None => return,
        }
        cause = loop {
            tokio::select! {
                event = heard.recv() => match event {
                    Ok(Event::SettingsChanged | Event::ProfileChanged)
                    | Err(broadcast::error::RecvError::Lagged(_)) => break Cause::Anything,
                    Ok(Event::TeamspacesChanged) => {
                        look_at_claims = true;
                        break Cause::AccountOrPlace;
                    }
                    Ok(Event::AccountChanged) => break Cause::AccountOrPlace,
                    Ok(Event::NetworkChanged) => break Cause::Network,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                // Another process can sign in too: the state is looked at now and then.
                () = tokio::time::sleep(Duration::from_secs(5)) => break Cause::AccountOrPlace,
                () = stop.cancelled() => return,
            }
        };
    }
}

/// What may have changed since waiting jobs were last looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A sign-in, or a teamspace that came or went: both can be seen without disturbing anybody.
    AccountOrPlace,
    /// Somebody got through to Zoom where nobody did before, or the other way round.
    Network,
    /// Also the profile, the Zoom client, the proxy or the keyring, which may ask the person to unlock it and so is not
    /// tried on a timer.
    Anything,
}

impl App {
    async fn wake_waiting(&self, cause: Cause) {
        let queue = &self.0.queue;
        let waiting: Vec<Job> = match queue.jobs() {
            Ok(jobs) => jobs.into_iter().filter(|job| job.state == JobState::Waiting).collect(),
            Err(error) => return tracing::warn!(%error, "cannot read the import queue"),
        };
        if waiting.is_empty() {
            return;
        }
        let since = match self.0.accounts.status() {
            Ok(status) if status.state == SignInState::Connected => status.since,
            _ => None,
        };
        let mut places = BTreeMap::new();
        for job in waiting {
            let Some(code) = job.error.as_ref().map(|error| error.code) else { continue };
            let due = match code {
                Code::NeedsReauthorization | Code::NotConnected | Code::ClaimConflict => since.is_some(),
                // Being connected does not give more permissions; a later sign-in may.
                Code::ScopesMissing => since.is_some_and(|since| since >= job.updated_at),
                Code::NoZoomClient | Code::NoProfile | Code::KeyringUnavailable => cause == Cause::Anything,
                Code::ProxyUnreachable
                | Code::ProxyPassword
                | Code::ProxyRefused
                | Code::CertificateNotTrusted => match cause {
                    Cause::Anything => true,
                    Cause::Network => self.0.zoom.barred().is_none(),
                    Cause::AccountOrPlace => false,
                },
                Code::TeamspaceUnreachable | Code::TeamspaceReadOnly | Code::BucketRefused => {
                    *places.entry(job.teamspace.clone()).or_insert_with(|| self.is_ready(&job.teamspace))
                }
                _ => false,
            };
            if due && queue.make_due(job.id, self.0.clock.now()).is_ok_and(|changed| changed) {
                self.0.events.emit(Event::JobChanged { id: job.id });
                self.0.wake.notify_one();
            }
        }
    }

    /// Whether a teamspace could be read and written when it was last looked at.
    fn is_ready(&self, teamspace: &str) -> bool {
        matches!(self.0.spaces.standing(teamspace), Some(TeamspaceState::Ready))
    }
}
