//! Forwards what the core observes to the page, as the Tauri event `event`.
//!
//! Nothing is sent before the page says that it listens: what happens while it loads waits in the core's
//! buffer, so that a link which started the app still opens its recording.

use next_desktop::app::App;
use next_desktop::events::Event;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

use super::window;

/// Whether the page listens.
#[derive(Default)]
pub struct Listening(Notify);

impl Listening {
    /// It does from now on.
    pub fn begin(&self) {
        self.0.notify_one();
    }
}

/// Begins to forward, and ends with the app.
pub fn forward(app: &AppHandle, core: &App) {
    let (app, core) = (app.clone(), core.clone());
    let mut events = core.events().subscribe();
    tauri::async_runtime::spawn(async move {
        app.state::<Listening>().0.notified().await;
        loop {
            match events.recv().await {
                Ok(event) => {
                    if event == Event::SettingsChanged {
                        window::follow_theme(&app, &core).await;
                    }
                    send(&app, &event);
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "the window fell behind; it reads everything again");
                    everything(&core).await.iter().for_each(|event| send(&app, event));
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
