//! Forwards what the core observes to the page, as the Tauri event `event`.
//!
//! Nothing is sent before the page says that it listens: what happens while it loads waits here, so that a link
//! which started the app still opens its recording. Without a window nothing is kept but the place to open: a page
//! that comes later reads everything anew.

use std::sync::{Mutex, PoisonError};

use next_desktop::app::App;
use next_desktop::events::Event;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::broadcast::error::RecvError;

use super::window;

/// Events that wait for a page at most; with more it reads everything anew.
const WAITING: usize = 1000;

/// The page that events go to.
#[derive(Default)]
pub struct Page(Mutex<Stage>);

enum Stage {
    /// There is none. The place that the next one begins with.
    Away(Option<Event>),
    /// It loads.
    Loading(Vec<Event>),
    /// It hears.
    Listening,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Away(None)
    }
}

impl Page {
    /// A window is made, with a new page.
    pub fn loads(&self) {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = match &mut *stage {
            Stage::Away(place) => place.take(),
            _ => None,
        };
        *stage = Stage::Loading(place.into_iter().collect());
    }

    /// The window is gone.
    pub fn is_gone(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Away(None);
    }

    /// The page hears from now on; what waited for it.
    fn listens(&self) -> Vec<Event> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *stage, Stage::Listening) {
            Stage::Loading(waiting) => waiting,
            Stage::Away(place) => place.into_iter().collect(),
            Stage::Listening => Vec::new(),
        }
    }

    /// Keeps an event for later, where it is worth it; gives it back when it can be sent now.
    fn keep(&self, event: Event) -> Option<Event> {
        let opens =
            matches!(event, Event::OpenRecording { .. } | Event::OpenPlace { .. } | Event::LinkFailed { .. });
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *stage {
            Stage::Listening => return Some(event),
            Stage::Away(place) if opens => *place = Some(event),
            Stage::Loading(waiting) if waiting.len() < WAITING || opens => waiting.push(event),
            Stage::Away(_) | Stage::Loading(_) => {}
        }
        None
    }

    /// Whether so much waits that something may have been left out.
    fn is_flooded(waiting: &[Event]) -> bool {
        waiting.len() >= WAITING
    }
}

/// The page hears from now on.
pub fn begin(app: &AppHandle) {
    let waiting = app.state::<Page>().listens();
    if Page::is_flooded(&waiting)
        && let Ok(core) = app.state::<super::Core>().app()
    {
        let (app, core) = (app.clone(), core.clone());
        tauri::async_runtime::spawn(async move {
            everything(&core).await.iter().for_each(|event| send(&app, event));
        });
    }
    waiting.iter().for_each(|event| send(app, event));
}

/// Begins to forward, and ends with the app.
pub fn forward(app: &AppHandle, core: &App) {
    let (app, core) = (app.clone(), core.clone());
    let mut events = core.events().subscribe();
    tauri::async_runtime::spawn(async move {
        loop {
            match events.recv().await {
                Ok(event) => {
                    if event == Event::SettingsChanged {
                        window::follow_theme(&app, &core).await;
                    }
                    if let Some(event) = app.state::<Page>().keep(event) {
                        send(&app, &event);
                    }
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "the window fell behind; it reads everything again");
                    for event in everything(&core).await {
                        if let Some(event) = app.state::<Page>().keep(event) {
                            send(&app, &event);
                        }
                    }
                }
                Err(RecvError::Closed) => break,
            }
        }
    });
}

fn send(app: &AppHandle, event: &Event) {
    if let Err(error) = app.emit_to(window::LABEL, "event", event) {
        tracing::warn!(%error, "an event did not reach the window");
    }
}

/// What makes a listener read again all that it may have missed.
async fn everything(core: &App) -> Vec<Event> {
    let mut events =
        vec![Event::ProfileChanged, Event::AccountChanged, Event::SettingsChanged, Event::TeamspacesChanged];
    let teamspaces = core.teamspaces().await.unwrap_or_default();
    events.extend(
        teamspaces
            .into_iter()
            .map(|teamspace| Event::RecordingsChanged { teamspace: teamspace.id, recording_id: None }),
    );
    let jobs = core.jobs().await.unwrap_or_default();
    events.extend(jobs.into_iter().map(|job| Event::JobChanged { id: job.id }));
    events
}

#[cfg(test)]
mod tests {
    use next_desktop::events::Place;

    use super::*;

    const IMPORTS: Event = Event::OpenPlace { place: Place::Imports };

    #[test]
    fn what_happens_while_a_page_loads_waits_for_it() {
        let page = Page::default();
        page.loads();
        assert_eq!(page.keep(Event::QueueChanged), None);
        assert_eq!(page.keep(IMPORTS), None);
        assert_eq!(page.listens(), [Event::QueueChanged, IMPORTS]);
        assert_eq!(page.keep(Event::QueueChanged), Some(Event::QueueChanged));
        assert_eq!(page.listens(), [], "a page that says so again hears nothing twice");
    }

    #[test]
    fn without_a_window_only_the_place_to_open_is_kept() {
        let page = Page::default();
        assert_eq!(page.keep(Event::QueueChanged), None);
        assert_eq!(page.keep(IMPORTS), None);
        page.loads();
        assert_eq!(page.listens(), [IMPORTS]);
        page.is_gone();
        assert_eq!(page.keep(Event::QueueChanged), None);
        page.loads();
        assert_eq!(page.listens(), []);
    }

    #[test]
    fn a_page_that_loads_for_ever_fills_no_memory() {
        let page = Page::default();
        page.loads();
        for _ in 0..2 * WAITING {
            page.keep(Event::QueueChanged);
        }
        page.keep(IMPORTS);
        let waiting = page.listens();
        assert!(Page::is_flooded(&waiting) && waiting.len() <= WAITING + 1);
        assert_eq!(waiting.last(), Some(&IMPORTS));
    }
}
