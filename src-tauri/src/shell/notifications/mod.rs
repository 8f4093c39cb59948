//! Shows the notifications that the core hands out, as the system shows them, and follows a click into the window.
//! Where nobody shows them, nothing happens: what they say stands in the window too.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
use elsewhere as system;

use next_desktop::app::App;
use next_desktop::notices::{Notice, Target};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Core, window};

/// Where the shell's own notices go to.
pub struct Outbox(UnboundedSender<Notice>);

/// Begins to show what the core hands out.
pub fn follow(app: &AppHandle, core: &App) {
    let (sender, own) = unbounded_channel();
    app.manage(Outbox(sender));
    let (app, notices) = (app.clone(), tauri::async_runtime::block_on(async { core.notices() }));
    tauri::async_runtime::spawn(system::show(app, Both { own, notices }));
}

/// The core's notices and the shell's own.
pub struct Both {
    own: UnboundedReceiver<Notice>,
    notices: UnboundedReceiver<Notice>,
}

impl Both {
    /// The next one; none when the app ends.
    async fn next(&mut self) -> Option<Notice> {
        tokio::select! {
            notice = self.own.recv() => notice,
            notice = self.notices.recv() => notice,
        }
    }
}

/// Says something that a person must know once: by a notification, or by a dialog where nobody shows those.
pub fn say_or_ask(app: &AppHandle, notice: Notice) {
    let Ok(core) = app.state::<Core>().app().cloned() else { return };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let shown = core.background().await.is_ok_and(|offers| offers.notifications == Some(true));
        if shown && app.state::<Outbox>().0.send(notice.clone()).is_ok() {
            return;
        }
        app.dialog().message(notice.text).title(notice.title).kind(MessageDialogKind::Info).show(|_| {});
    });
}

/// Follows a click.
fn open(app: &AppHandle, target: Target) {
    if let Ok(core) = app.state::<Core>().app() {
        core.show(target);
    }
    window::present(app);
}
