//! Links from outside: `next-desktop://…`, handed to the core in the order of their arrival.
//!
//! While the app runs, a second start hands its link over (single instance) and the plugin raises it as an
//! event; a link that starts the app raises none and is asked for. A link may carry an authorization code, so
//! it is never written to the log.

use next_desktop::app::App;
use next_desktop::events::Event;
use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use url::Url;

use super::window;

/// Begins to collect links, with the one that started the app first.
pub fn listen(app: &AppHandle) -> UnboundedReceiver<Url> {
    let (sender, links) = unbounded_channel();
    let first = app.deep_link().get_current().unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot ask which link started the app");
        None
    });
    // Nobody receives any more when the app ends: nothing is lost by that.
    let send = move |urls: Vec<Url>| urls.into_iter().for_each(|url| drop(sender.send(url)));
    send(first.unwrap_or_default());
    app.deep_link().on_open_url(move |event| send(event.urls()));
    links
}

/// Hands links to the core, one after the other.
pub fn follow(app: &AppHandle, core: App, mut links: UnboundedReceiver<Url>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        while let Some(link) = links.recv().await {
            tracing::info!(host = link.host_str(), "a link was opened");
            window::present(&app);
            if let Err(error) = core.open_url(link.as_str()).await {
                tracing::warn!(code = %error.code.name(), "a link could not be followed");
                // A sign-in that failed is said where the person waits for it.
                let said =
                    core.account_status().await.is_ok_and(|status| status.error.as_ref() == Some(&error));
                if !said {
                    core.events().emit(Event::LinkFailed { error });
                }
            }
        }
    });
}

/// Makes this program the handler of our links where no installer does it: when it was built here, or is an
/// AppImage. Best effort, beside the start: without it only links from outside do not arrive.
pub fn register(app: &AppHandle) {
    if !cfg!(debug_assertions) && std::env::var_os("APPIMAGE").is_none() {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = app.deep_link().register_all() {
            tracing::warn!(%error, "links cannot be registered; next-desktop:// will not open this app");
        }
    });
}
