//! Notifications over D-Bus, by the Desktop Notifications Specification 1.2.
//!
//! # Why not notify-rust
//! It brings a second major version of zbus, and waits for each notification's click in a thread of its own. What is
//! needed of the specification is one method and two signals.

use std::collections::HashMap;
use std::path::Path;

use futures::StreamExt as _;
use next_desktop::notices::{Notice, Target};
use tauri::AppHandle;
use url::Url;
use zbus::zvariant::Value;

use super::Both;

/// The name under which the session knows the app: that of its desktop entry.
const DESKTOP_ENTRY: &str = "next-desktop";
/// The key of a click on the notification itself, which the specification gives.
const DEFAULT: &str = "default";
/// The key of our one button.
const OPEN: &str = "open";
/// Notifications of which clicks are still followed; daemons forget to say that one is gone.
const REMEMBERED: usize = 100;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[allow(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// Shows what comes, until nothing more can come.
pub async fn show(app: AppHandle, mut notices: Both) {
    if let Err(error) = attempt(&app, &mut notices).await {
        tracing::info!(%error, "notifications cannot be shown");
        // They still have to be taken.
        while notices.next().await.is_some() {}
    }
}

async fn attempt(app: &AppHandle, notices: &mut Both) -> zbus::Result<()> {
    let daemon = NotificationsProxy::builder(&zbus::Connection::session().await?)
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()
        .await?;
    let mut clicks = daemon.receive_action_invoked().await?;
    let mut closed = daemon.receive_notification_closed().await?;
    let mut shown = Shown::default();
    loop {
        tokio::select! {
            // In this order: a click closes its notification, and must be followed before that is forgotten.
            biased;
            Some(click) = clicks.next() => {
                if let Ok(click) = click.args()
                    && let Some(target) = shown.target_of(*click.id())
                {
                    super::open(app, target);
                }
            }
            Some(gone) = closed.next() => {
                if let Ok(gone) = gone.args() {
                    shown.forget(*gone.id());
                }
            }
            notice = notices.next() => {
                let Some(notice) = notice else { return Ok(()) };
                match notify(&daemon, &notice, shown.id_of(&notice.slot)).await {
                    Ok(id) => shown.add(id, notice.slot, notice.target),
                    // Nobody is there to show it; the next one may find somebody.
                    Err(error) => tracing::info!(%error, "a notification was not shown"),
                }
            }
        }
    }
}

async fn notify(daemon: &NotificationsProxy<'_>, notice: &Notice, replaces: u32) -> zbus::Result<u32> {
    let capabilities = daemon.get_capabilities().await?;
    let can = |name: &str| capabilities.iter().any(|capability| capability == name);
    let body = if can("body-markup") { escaped(&notice.text) } else { notice.text.clone() };
    let actions =
        if can("actions") { vec![DEFAULT, &notice.button, OPEN, &notice.button] } else { Vec::new() };
    let mut hints = HashMap::from([
        ("desktop-entry", Value::from(DESKTOP_ENTRY)),
        ("category", Value::from(if notice.trouble { "transfer.error" } else { "transfer.complete" })),
    ]);
    if let Some(picture) = notice.picture.as_deref().and_then(address) {
        hints.insert("image-path", Value::from(picture));
    }
    daemon.notify("NEXT", replaces, DESKTOP_ENTRY, &notice.title, &body, &actions, hints, -1).await
}

fn address(picture: &Path) -> Option<String> {
    Url::from_file_path(picture).ok().map(String::from)
}

/// Titles are plain text, and some daemons read bodies as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What is on the screen, oldest first.
#[derive(Default)]
struct Shown(Vec<(u32, String, Target)>);

impl Shown {
    /// What a new notice of a slot replaces; 0 is the specification's word for nothing.
    fn id_of(&self, slot: &str) -> u32 {
        self.0.iter().find(|(_, other, _)| other == slot).map_or(0, |(id, _, _)| *id)
    }

    fn target_of(&self, id: u32) -> Option<Target> {
        self.0.iter().find(|(other, _, _)| *other == id).map(|(_, _, target)| target.clone())
    }

    fn add(&mut self, id: u32, slot: String, target: Target) {
        self.0.retain(|(other, taken, _)| *other != id && *taken != slot);
        self.0.push((id, slot, target));
        if self.0.len() > REMEMBERED {
            self.0.remove(0);
        }
    }

    fn forget(&mut self, id: u32) {
        self.0.retain(|(other, _, _)| *other != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_takes_the_place_of_the_one_before_it_in_its_slot() {
        let mut shown = Shown::default();
        assert_eq!(shown.id_of("arrived/t"), 0);
        shown.add(7, "arrived/t".to_owned(), Target::Imports);
        assert_eq!(shown.id_of("arrived/t"), 7);
        shown.add(7, "arrived/t".to_owned(), Target::Settings);
        assert_eq!(shown.target_of(7), Some(Target::Settings));
        shown.forget(7);
        assert_eq!((shown.id_of("arrived/t"), shown.target_of(7)), (0, None));
    }

    #[test]
    fn a_daemon_that_forgets_to_say_what_is_gone_costs_no_memory() {
        let mut shown = Shown::default();
        for id in 1..=1000 {
            shown.add(id, id.to_string(), Target::Imports);
        }
        assert_eq!(shown.0.len(), REMEMBERED);
        assert!(shown.target_of(1000).is_some());
    }

    #[test]
    fn a_title_stays_text_where_markup_is_read() {
        assert_eq!(escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }

    #[test]
    fn a_picture_has_an_address_that_survives_spaces() {
        assert_eq!(address(Path::new("/a b/c.jpg")).as_deref(), Some("file:///a%20b/c.jpg"));
    }
}
