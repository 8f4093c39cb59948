//! Ending the app: the window goes at once, the step in hand is finished, then the process ends.
//!
//! A close button where the app does not stay in the tray, Quit in the tray, the end of the desktop session and a
//! signal all end here. What does not finish within the
//! deadline is taken up again at the next start: every step of an import may be interrupted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Manager as _};

use super::{Core, window};

/// Longer than the import worker gives its steps.
const DEADLINE: Duration = Duration::from_secs(15);

/// Whether the end has begun, and what exit code it leads to.
pub struct Quit {
    begun: AtomicBool,
    exit_code: i32,
}

impl Quit {
    /// An app that could not open its core has failed, however politely the window is closed.
    pub fn new(core: &Core) -> Self {
        Self { begun: AtomicBool::new(false), exit_code: i32::from(core.app().is_err()) }
    }

    /// Whether the end has begun.
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::SeqCst)
    }
}

/// Begins the end; a second call changes nothing.
pub fn begin(app: &AppHandle) {
    let quit = app.state::<Quit>();
    if quit.begun.swap(true, Ordering::SeqCst) {
        return;
    }
    let exit_code = quit.exit_code;
    window::put_away(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Ok(core) = app.state::<Core>().app()
            && tokio::time::timeout(DEADLINE, core.close()).await.is_err()
        {
            tracing::warn!("the core did not close in time; its work goes on at the next start");
        }
        app.exit(exit_code);
    });
}

/// Ends on the signals with which a system asks a program to end.
#[cfg(unix)]
pub fn on_signals(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let [mut terminate, mut interrupt, mut hangup] =
            match [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal) {
                [Ok(terminate), Ok(interrupt), Ok(hangup)] => [terminate, interrupt, hangup],
                _ => return tracing::warn!("signals cannot be heard; they end the app at once"),
            };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
        begin(&app);
    });
}

/// Elsewhere the system closes the window.
#[cfg(not(unix))]
pub fn on_signals(_app: &AppHandle) {}
