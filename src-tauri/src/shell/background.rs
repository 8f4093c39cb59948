//! The app without a window: what closing it means here, what the desktop offers for that, and starting hidden.
//!
//! Promise: there is always a way back to the window. Where no tray shows our icon, closing the window ends the app;
//! and when the tray goes away while there is no window, one comes back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use next_desktop::app::{App, Offers};
use tauri::{AppHandle, Manager as _};
use tokio::sync::oneshot;

use super::{Core, notifications, quit, tray, window};

/// The argument with which the app starts without a window.
pub const HIDDEN: &str = "--hidden";
/// How long a tray may take to be there after the session has begun, or to come back.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether our icon is in a tray.
#[derive(Default)]
pub struct InTray(AtomicBool);

impl InTray {
    fn is(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Whether this start is to be without a window.
pub fn starts_hidden(arguments: impl IntoIterator<Item = String>) -> bool {
    arguments.into_iter().skip(1).any(|argument| argument == HIDDEN)
}

/// The person closes the window.
pub fn on_close(app: &AppHandle) {
    if !app.state::<InTray>().is() {
        return quit::begin(app);
    }
    let Ok(core) = app.state::<Core>().app().cloned() else { return quit::begin(app) };
    let stays = tauri::async_runtime::block_on(core.settings()).is_ok_and(|settings| settings.keep_in_tray);
    if !stays {
        return quit::begin(app);
    }
    window::release(app);
    core.set_in_front(false);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match core.goes_to_tray().await {
            Ok(Some(notice)) => notifications::say_or_ask(&app, notice),
            Ok(None) => {}
            Err(error) => tracing::warn!(code = %error.code.name(), "cannot say that the app stays"),
        }
    });
}

/// Follows what the desktop offers, and ends with the app.
pub fn follow(app: &AppHandle, core: &App) {
    let (app, core) = (app.clone(), core.clone());
    tauri::async_runtime::spawn(async move {
        let mut offers = offers::watch().await;
        loop {
            let now = *offers.borrow_and_update();
            let there = now.tray && put(&app, &core).await;
            app.state::<InTray>().0.store(there, Ordering::SeqCst);
            core.set_offers(Offers { tray: there, notifications: now.notifications });
            if !there {
                come_back(&app);
            }
            if offers.changed().await.is_err() {
                break;
            }
        }
    });
}

/// Puts the icon into the tray; says whether it is there.
async fn put(app: &AppHandle, core: &App) -> bool {
    let (sender, answer) = oneshot::channel();
    let (handle, core) = (app.clone(), core.clone());
    // Some systems want it from their main thread.
    let asked = app.run_on_main_thread(move || drop(sender.send(tray::put(&handle, &core))));
    match (asked, answer.await) {
        (Ok(()), Ok(Ok(()))) => true,
        (Ok(()), Ok(Err(error))) => {
            tracing::info!(%error, "there is no room for an icon in a tray");
            false
        }
        _ => false,
    }
}

/// Without an icon there must be a window: makes one, out of the way, unless a tray comes soon.
fn come_back(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        if !app.state::<InTray>().is() {
            window::present_aside(&app);
        }
    });
}

#[cfg(target_os = "linux")]
mod offers {
    //! What stands on the session bus: somebody who shows tray icons, and somebody who shows notifications.

    use futures::StreamExt as _;
    use next_desktop::app::Offers;
    use tokio::sync::watch;
    use zbus::fdo::DBusProxy;
    use zbus::names::BusName;

    const TRAY: &str = "org.kde.StatusNotifierWatcher";
    const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

    /// What is offered, and every change of it. Without a bus nothing is.
    pub async fn watch() -> watch::Receiver<Offers> {
        let (sender, receiver) = watch::channel(Offers::default());
        match begin().await {
            Ok((bus, mut changes, first)) => {
                sender.send_replace(first);
                tauri::async_runtime::spawn(async move {
                    while let Some(change) = changes.next().await {
                        let ours = |name: &BusName<'_>| name == TRAY || name == NOTIFICATIONS;
                        if change.args().is_ok_and(|change| ours(change.name())) {
                            sender.send_replace(look(&bus).await);
                        }
                    }
                });
            }
            Err(error) => tracing::info!(%error, "there is no session bus: no tray, no notifications"),
        }
        receiver
    }

    async fn begin() -> zbus::Result<(DBusProxy<'static>, zbus::fdo::NameOwnerChangedStream, Offers)> {
        let bus = DBusProxy::new(&zbus::Connection::session().await?).await?;
        // Heard before looked at: nothing is missed in between.
        let changes = bus.receive_name_owner_changed().await?;
        let first = look(&bus).await;
        Ok((bus, changes, first))
    }

    async fn look(bus: &DBusProxy<'_>) -> Offers {
        let tray = has_owner(bus, TRAY).await;
        // Somebody who shows notifications may be started only when there is one.
        let notifications = has_owner(bus, NOTIFICATIONS).await
            || bus
                .list_activatable_names()
                .await
                .is_ok_and(|names| names.iter().any(|name| name.as_str() == NOTIFICATIONS));
        Offers { tray, notifications }
    }

    async fn has_owner(bus: &DBusProxy<'_>, name: &'static str) -> bool {
        match BusName::try_from(name) {
            Ok(name) => bus.name_has_owner(name).await.unwrap_or(false),
            Err(_) => false,
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod offers {
    //! Tray and notifications are part of the system.

    use next_desktop::app::Offers;
    use tokio::sync::watch;

    pub async fn watch() -> watch::Receiver<Offers> {
        watch::channel(Offers { tray: true, notifications: true }).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_argument_itself_starts_without_a_window() {
        let start = |arguments: &[&str]| starts_hidden(arguments.iter().map(|text| (*text).to_owned()));
        assert!(start(&["next-desktop", "--hidden"]));
        assert!(!start(&["next-desktop"]));
        assert!(!start(&["--hidden"]), "the name of the program is none");
        assert!(!start(&["next-desktop", "next-desktop://recording/--hidden"]));
    }
}
