//! The app while nobody looks at it: what the desktop offers for that, what the tray shows, and how its work is
//! paused from there.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::login::LoginStart;
use super::tray::{self, LATEST, Tray, TrayAction, TrayFacts, TrayPause, TrayRecording};
use super::{App, Dirs};
use crate::auto_import::PauseUntil;
use crate::error::{UserError, UserResult};
use crate::events::{Event, Place};
use crate::import::{Job, JobState};
use crate::messages::Messages;
use crate::notices::{Notice, Target, Trouble, troubles};
use crate::settings;

/// Whether a person knows that closing the window does not end the app.
const SAID_IT_STAYS: &str = "said_it_stays";

/// What the desktop around the window offers. Said by the window's shell, which sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Offers {
    /// Whether there is room for an icon in a tray.
    pub tray: bool,
    /// Whether somebody shows notifications.
    pub notifications: bool,
}

/// What works in the background here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Background {
    /// Whether the desktop has a tray; none where no window looked for one.
    pub tray: Option<bool>,
    /// Whether the desktop shows notifications; none where no window looked.
    pub notifications: Option<bool>,
    /// Whether the app starts with the session.
    pub start_at_login: bool,
}

/// What an app knows of the desktop around it.
#[derive(Debug, Default)]
pub(super) struct Standing {
    offers: Mutex<Option<Offers>>,
    in_front: AtomicBool,
}

impl Standing {
    pub fn in_front(&self) -> bool {
        self.in_front.load(Ordering::Relaxed)
    }

    pub fn set_in_front(&self, in_front: bool) {
        self.in_front.store(in_front, Ordering::Relaxed);
    }
}

impl App {
    /// What works in the background here.
    pub async fn background(&self) -> UserResult<Background> {
        let offers = *self.0.standing.offers.lock().unwrap_or_else(PoisonError::into_inner);
        let start = self.login_start()?;
        let desktop = self.0.desktop.clone();
        let start_at_login = tokio::task::spawn_blocking(move || desktop.starts_at_login(&start))
            .await
            .map_err(|panic| UserError::unexpected("see what starts with the session", panic))??;
        Ok(Background {
            tray: offers.map(|offers| offers.tray),
            notifications: offers.map(|offers| offers.notifications),
            start_at_login,
        })
    }

    /// Lets the app start with the session, hidden, or not any more.
    pub async fn set_start_at_login(&self, on: bool) -> UserResult<Background> {
        let start = self.login_start()?;
        let desktop = self.0.desktop.clone();
        tokio::task::spawn_blocking(move || desktop.set_start_at_login(&start, on))
            .await
            .map_err(|panic| UserError::unexpected("change what starts with the session", panic))??;
        self.0.events.emit(Event::SettingsChanged);
        self.background().await
    }

    fn login_start(&self) -> UserResult<LoginStart> {
        let root = self.0.dirs.root();
        let own = Dirs::of_system().is_ok_and(|system| system.root() == root);
        LoginStart::of(self.0.appimage.as_deref(), (!own).then(|| root.to_owned()))
    }

    /// Takes in what the desktop offers now.
    pub fn set_offers(&self, offers: Offers) {
        let before = self.0.standing.offers.lock().unwrap_or_else(PoisonError::into_inner).replace(offers);
        if before != Some(offers) {
            self.0.events.emit(Event::SettingsChanged);
        }
    }

    /// The words of the person's language.
    pub async fn messages(&self) -> Messages {
        Messages::of(settings::load(&self.0.state).unwrap_or_default().language)
    }

    /// The tray's icon as it should be now.
    pub async fn tray(&self) -> UserResult<Tray> {
        let jobs = self.0.queue.jobs()?;
        let queue = self.0.queue.state()?;
        let running = jobs.iter().filter(|job| job.state == JobState::Running);
        let automatic = self.0.auto_import.status()?;
        let facts = TrayFacts {
            running: running.map(|job| job.title.clone()).collect(),
            troubles: self.troubles(&jobs)?,
            paused: match automatic.paused_until.filter(|_| automatic.on) {
                _ if queue.paused => Some(TrayPause::Open),
                until => until.map(TrayPause::Until),
            },
            latest: self.latest(&jobs)?,
            automatic: automatic.on,
        };
        Ok(tray::tray(&facts, self.messages().await, &TimeZone::system()))
    }

    /// What needs a person now.
    pub(super) fn troubles(&self, jobs: &[Job]) -> UserResult<Vec<Trouble>> {
        let account = self.0.accounts.status().ok();
        let automatic = self.0.auto_import.status()?;
        let queue = self.0.queue.state()?;
        let known = self.0.spaces.known()?;
        let name = |id: &str| {
            known.iter().find(|known| known.id == id).map_or_else(String::new, |known| known.name.clone())
        };
        Ok(troubles(account.as_ref(), Some(&automatic), &queue, jobs, name))
    }

    /// What was imported last, newest first, under the titles that it has now.
    fn latest(&self, jobs: &[Job]) -> UserResult<Vec<TrayRecording>> {
        let mut done: Vec<&Job> = jobs.iter().filter(|job| job.state == JobState::Done).collect();
        done.sort_by_key(|job| std::cmp::Reverse(job.updated_at));
        let mut seen = HashSet::new();
        let mut latest = Vec::new();
        for job in done {
            let Some(id) = job.recording_id.clone().filter(|id| seen.insert(id.clone())) else { continue };
            // What is in the trash by now is not there to be opened.
            if let Some(recording) = self.0.catalog.recording(&job.teamspace, &id)? {
                latest.push(TrayRecording {
                    teamspace: job.teamspace.clone(),
                    recording_id: id,
                    title: recording.title,
                });
            }
            if latest.len() == LATEST {
                break;
            }
        }
        Ok(latest)
    }

    /// Does what was chosen in the tray, where that needs no window.
    pub async fn tray_action(&self, action: TrayAction) -> UserResult<()> {
        match action {
            TrayAction::CheckNow => self.check_now().await.map(drop),
            TrayAction::PauseForAnHour => {
                let hour = SignedDuration::from_hours(1);
                let at = self.0.clock.now().saturating_add(hour).unwrap_or(jiff::Timestamp::MAX);
                self.pause_auto_import(PauseUntil::Instant { at }).await.map(drop)
            }
            TrayAction::PauseUntilTomorrow => self.pause_auto_import(PauseUntil::Tomorrow).await.map(drop),
            TrayAction::Resume => {
                self.resume_queue().await?;
                if self.0.auto_import.status()?.paused_until.is_some() {
                    self.resume_auto_import().await?;
                }
                Ok(())
            }
            // Those are the window's and the shell's.
            TrayAction::Open
            | TrayAction::OpenImports
            | TrayAction::OpenInbox
            | TrayAction::OpenProfile
            | TrayAction::OpenTeamspace { .. }
            | TrayAction::OpenRecording { .. }
            | TrayAction::OpenSettings
            | TrayAction::Quit => Ok(()),
        }
    }

    /// The window was closed and the app stays in the tray: what is said of that, the first time.
    pub async fn goes_to_tray(&self) -> UserResult<Option<Notice>> {
        if self.0.state.read(|c| settings::value(c, SAID_IT_STAYS))?.unwrap_or(false) {
            return Ok(None);
        }
        self.0.state.write(|t| settings::set_value(t, SAID_IT_STAYS, &true))?;
        let messages = self.messages().await;
        Ok(Some(Notice {
            slot: "stays".to_owned(),
            title: messages.say("notice_stays", &[]),
            text: messages.say("notice_stays_text", &[]),
            button: messages.say("tray_settings", &[]),
            target: Target::Settings,
            picture: None,
            trouble: false,
        }))
    }

    /// Leads the window to a place.
    pub fn show(&self, target: Target) {
        let open = |place| Some(Event::OpenPlace { place });
        let event = match target {
            Target::Recording { teamspace, recording_id } => {
                Some(Event::OpenRecording { teamspace, recording_id, at: None })
            }
            Target::Teamspace(teamspace) => open(Place::Teamspace { teamspace }),
            Target::Imports => open(Place::Imports),
            Target::Inbox => open(Place::Inbox),
            Target::Profile => open(Place::Profile),
            Target::Settings => open(Place::Settings),
            Target::Window => None,
        };
        if let Some(event) = event {
            self.0.events.emit(event);
        }
    }
}
