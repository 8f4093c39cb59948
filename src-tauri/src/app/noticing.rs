//! Notifications as they happen: looks at the queue whenever something changed, and hands on what is to be said.
//! What that is, and when, is decided in [`crate::notices`].

use std::collections::{BTreeSet, HashSet};
use std::sync::Weak;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::{App, Inner};
use crate::error::UserResult;
use crate::events::Event;
use crate::import::{Job, JobState};
use crate::messages::Messages;
use crate::notices::{Arrived, Notice, Notifier, Remembered, Sight, Target};
use crate::profile;
use crate::recording::RecordingId;
use crate::settings;

/// Changes come in swarms: how long to wait for the rest of one.
const SETTLE: Duration = Duration::from_millis(300);
/// How long to sleep at most while something waits to be said: a machine that was asleep finds its way back.
const NAP: Duration = Duration::from_secs(30);
/// What was said, between two runs.
const REMEMBERED: &str = "troubles_said";

impl App {
    /// Begins to look for what is worth a notification; whoever shows notifications asks once and receives them.
    pub fn notices(&self) -> UnboundedReceiver<Notice> {
        let (sender, notices) = unbounded_channel();
        let inner = &self.0;
        let remembered = inner.state.read(|c| settings::value::<Remembered>(c, REMEMBERED)).ok().flatten();
        let watch = Watch {
            notifier: Notifier::remembering(remembered.unwrap_or_default()),
            since: as_kept(inner.clock.now()),
            seen: HashSet::new(),
        };
        let heard = inner.events.subscribe();
        tokio::spawn(watch.go_on(std::sync::Arc::downgrade(inner), heard, sender, inner.stop.clone()));
        notices
    }
}

struct Watch {
    notifier: Notifier,
    /// What was imported before is no news.
    since: Timestamp,
    /// What was looked at, by teamspace and recording.
    seen: HashSet<(String, RecordingId)>,
}

impl Watch {
    async fn go_on(
        mut self,
        app: Weak<Inner>,
        mut heard: broadcast::Receiver<Event>,
        sender: UnboundedSender<Notice>,
        stop: CancellationToken,
    ) {
        loop {
            let Some(app) = app.upgrade().map(App) else { return };
            match self.look(&app) {
                Ok(notices) => {
                    for mut notice in notices {
                        if let Target::Recording { teamspace, recording_id } = &notice.target {
                            notice.picture = app.poster_of(teamspace, recording_id).await;
                        }
                        if sender.send(notice).is_err() {
                            return;
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(code = %error.code.name(), "cannot see what is worth a notification");
                }
            }
            let now = app.0.clock.now();
            drop(app);
            let nap = self.notifier.next().map(|next| {
                Duration::try_from(next.duration_since(now)).unwrap_or_default().clamp(SETTLE, NAP)
            });
            tokio::select! {
                more = changed(&mut heard) => if !more { return },
                () = sleep(nap) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    fn look(&mut self, app: &App) -> UserResult<Vec<Notice>> {
        let inner = &app.0;
        let jobs = inner.queue.jobs()?;
        let sight = Sight {
            arrived: self.arrived(app, &jobs)?,
            on_its_way: on_its_way(&jobs, inner.queue.state()?.paused),
            troubles: app.troubles(&jobs)?,
            in_front: inner.standing.in_front(),
        };
        let settings = settings::load(&inner.state)?;
        let before = self.notifier.remembered().clone();
        let notices = self.notifier.look(
            sight,
            &settings.notifications,
            Messages::of(settings.language),
            inner.clock.now(),
            &TimeZone::system(),
        );
        let said = self.notifier.remembered();
        if *said != before {
            inner.state.write(|t| settings::set_value(t, REMEMBERED, said))?;
        }
        Ok(notices)
    }

    /// What this person imported on this machine since the last look.
    fn arrived(&mut self, app: &App, jobs: &[Job]) -> UserResult<Vec<Arrived>> {
        let inner = &app.0;
        let Some(me) = profile::load(&inner.state)? else { return Ok(Vec::new()) };
        let mut arrived = Vec::new();
        // Newest wish first; people hear of what came first.
        for job in jobs.iter().rev().filter(|job| job.state == JobState::Done && job.updated_at >= self.since)
        {
            let Some(id) = &job.recording_id else { continue };
            let which = (job.teamspace.clone(), id.clone());
            if self.seen.contains(&which) {
                continue;
            }
            let Some(recording) = inner.catalog.recording(&job.teamspace, id)? else { continue };
            self.seen.insert(which);
            // A colleague may have been faster; then it is theirs to tell. And a look for late files is no arrival.
            let ours = recording.importer.as_deref() == Some(me.id.as_str());
            if ours && recording.imported_at >= self.since {
                arrived.push(Arrived {
                    teamspace: job.teamspace.clone(),
                    teamspace_name: app.name_of(&job.teamspace),
                    recording_id: id.clone(),
                    title: recording.title,
                    duration: recording.duration,
                });
            }
        }
        Ok(arrived)
    }
}

impl App {
    fn name_of(&self, teamspace: &str) -> String {
        let known = self.0.spaces.known().unwrap_or_default();
        known.into_iter().find(|known| known.id == teamspace).map(|known| known.name).unwrap_or_default()
    }
}

/// A moment as rows have it, in milliseconds: else what is imported within this one would lie before it.
fn as_kept(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

/// Teamspaces into which something is imported or about to be.
fn on_its_way(jobs: &[Job], paused: bool) -> BTreeSet<String> {
    let comes = |job: &&Job| match job.state {
        JobState::Running => true,
        JobState::Queued => !paused && !job.paused,
        _ => false,
    };
    jobs.iter().filter(comes).map(|job| job.teamspace.clone()).collect()
}

/// Waits until something changed and the swarm of changes has passed; false when nothing will change any more.
async fn changed(heard: &mut broadcast::Receiver<Event>) -> bool {
    loop {
        match heard.recv().await {
            Ok(
                Event::JobChanged { .. }
                | Event::QueueChanged
                | Event::AccountChanged
                | Event::TeamspacesChanged
                | Event::RecordingsChanged { .. }
                | Event::AutoImportChanged
                | Event::SettingsChanged,
            )
            | Err(RecvError::Lagged(_)) => break,
            Ok(_) => {}
            Err(RecvError::Closed) => return false,
        }
    }
    tokio::time::sleep(SETTLE).await;
    loop {
        match heard.try_recv() {
            Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
            Err(_) => return true,
        }
    }
}

/// Sleeps so long, or for ever.
async fn sleep(nap: Option<Duration>) {
    match nap {
        Some(nap) => tokio::time::sleep(nap).await,
        None => std::future::pending().await,
    }
}
