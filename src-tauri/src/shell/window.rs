//! The one window: made here and not by configuration, so that it has its place, its colour and its locks
//! before the page is there.
//!
//! There may be none while the app works in the tray; the next one is made like the first.
//!
//! It stays invisible until the page is read, in the colour that the page will have: nothing flashes. The
//! page may not go anywhere: links leave through `open_external`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use next_desktop::app::{App, Dirs};
use next_desktop::error::UserError;
use next_desktop::settings::Theme;
use serde_json::value::RawValue;
use tauri::webview::{Color, NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use url::Url;

use super::events::Page;
use super::placement::{Placement, SMALLEST};
use super::quit::Quit;
use super::{Core, last_look};

/// The window's name in Tauri.
pub const LABEL: &str = "main";
/// What its frame says before the page has a name for what it shows.
const APP: &str = "NEXT Desktop";
/// How long a slow page may keep the window invisible.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a window that was let go may take to be gone.
const SEEING_OFF: Duration = Duration::from_secs(10);

/// The page's background, `--canvas` in `ui/src/app.css`.
const LIGHT: Color = Color(246, 244, 241, 255);
const DARK: Color = Color(19, 17, 15, 255);

/// Makes the page's letters known before it is laid out.
const LETTERS: &str = include_str!("../../../ui/letters.js");
/// Puts the last look on the screen. Run before anything of the page is read, so that it waits for nothing.
const LAST_LOOK: &str = include_str!("../../../ui/last-look.js");

/// What every window is made with.
struct Made {
    /// Where its place is kept, when there is a data directory.
    dirs: Option<Dirs>,
    /// One at a time.
    making: Mutex<()>,
    /// One was let go: Tauri still names it until its end has gone through the event loop.
    leaving: AtomicBool,
}

/// How a window comes to the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Before the person's eyes.
    InFront,
    /// Out of their way.
    Aside,
}

/// Prepares what every window is made with. On the main thread, before the first.
pub fn prepare(app: &AppHandle, dirs: Option<&Dirs>) {
    app.manage(Made { dirs: dirs.cloned(), making: Mutex::default(), leaving: AtomicBool::default() });
    #[cfg(target_os = "linux")]
    app.manage(SystemTheme::of_desktop());
}

/// Makes the window, and shows it when there is something to see. One that is there already stays as it is.
pub fn open(app: &AppHandle, core: &Core, how: How) -> tauri::Result<()> {
    let made = app.state::<Made>();
    let _making = made.making.lock().unwrap_or_else(PoisonError::into_inner);
    if app.get_webview_window(LABEL).is_some() {
        return Ok(());
    }
    let dirs = made.dirs.as_ref();
    let placement = dirs.map(Placement::load).unwrap_or_default();
    let theme = core.app().ok().and_then(chosen_theme);
    let dev = tauri::is_dev().then(|| app.config().build.dev_url.clone()).flatten();
    app.state::<Page>().loads();
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(APP)
        .inner_size(placement.width, placement.height)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .maximized(placement.maximized)
        .theme(theme)
        .visible(false)
        .zoom_hotkeys_enabled(true)
        .enable_clipboard_access()
        .on_navigation(move |address| is_ours(address, dev.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_document_title_changed(move |window, title| {
            name(&window, &title);
            // The page has been read: what stands on the screen at once is in it.
            show(&window, how);
        })
        .on_page_load(move |window, load| {
            if load.event() == PageLoadEvent::Finished {
                tracing::debug!("the page has loaded");
                show(&window, how);
            }
        });
    let width = (!placement.maximized).then_some(placement.width);
    builder = builder.initialization_script(LETTERS);
    if let Some(looks) = core.app().ok().and_then(|core| looks(core, width)) {
        builder = builder.initialization_script(looks);
    }
    // What stops the core must not stop the window that says so.
    let passing = || std::env::temp_dir().join(format!("next-desktop-{}", std::process::id()));
    let kept = dirs.filter(|_| core.app().is_ok()).map(|dirs| dirs.root().join("webview"));
    builder = builder.data_directory(kept.unwrap_or_else(passing));
    builder = match placement.position.filter(|_| stands_on_a_screen(app, &placement)) {
        Some((x, y)) => builder.position(x, y),
        None => builder.center(),
    };
    let window = builder.build()?;
    tracing::debug!("the window is made");
    #[cfg(not(target_os = "linux"))]
    app.manage(SystemTheme::of(&window));
    if theme.is_some() {
        // On Linux the builder's theme is not applied.
        window.set_theme(theme)?;
    }
    let dark = theme.unwrap_or(app.state::<SystemTheme>().now) == tauri::Theme::Dark;
    window.set_background_color(Some(if dark { DARK } else { LIGHT }))?;
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        show(&window, how);
    });
    Ok(())
}

/// Shows it for the first time; later calls change nothing.
fn show(window: &WebviewWindow, how: How) {
    if window.is_visible().unwrap_or(false) {
        return;
    }
    let shown = match how {
        How::InFront => window.show().and_then(|()| window.set_focus()),
        How::Aside => window.minimize().and_then(|()| window.show()),
    };
    if let Err(error) = shown {
        tracing::error!(%error, "the window cannot be shown");
    }
}

/// The frame says what the page shows.
fn name(window: &WebviewWindow, title: &str) {
    let title = if title.trim().is_empty() { APP } else { title };
    tracing::debug!(title, "the window has its name");
    if let Err(error) = window.set_title(title) {
        tracing::warn!(%error, "the window does not take its title");
    }
}

/// Brings it before the person's eyes: a link was followed, or the app was started again. Makes one where there is
/// none.
pub fn present(app: &AppHandle) {
    let leaving = app.state::<Made>().leaving.load(Ordering::SeqCst);
    let Some(window) = app.get_webview_window(LABEL).filter(|_| !leaving) else {
        return make(app, How::InFront);
    };
    if let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window cannot be brought to the front");
    }
}

/// Makes one out of the person's way where there is none.
pub fn present_aside(app: &AppHandle) {
    if app.get_webview_window(LABEL).is_none() {
        make(app, How::Aside);
    }
}

fn make(app: &AppHandle, how: How) {
    if app.state::<Quit>().has_begun() {
        return;
    }
    let app = app.clone();
    // Not here: making a window from within an event waits for ever on Windows.
    tauri::async_runtime::spawn_blocking(move || {
        see_off(&app);
        let core = app.state::<Core>();
        if let Err(error) = open(&app, &core, how) {
            tracing::error!(%error, "the window cannot be made");
        }
    });
}

/// Takes it off the screen for good and remembers its place.
pub fn put_away(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    keep_place(app, &window);
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window cannot be hidden");
    }
}

/// Waits until the window that was let go is gone: a click that comes right after closing is for a new one.
fn see_off(app: &AppHandle) {
    let leaving = &app.state::<Made>().leaving;
    let deadline = Instant::now() + SEEING_OFF;
    while leaving.load(Ordering::SeqCst)
        && app.get_webview_window(LABEL).is_some()
        && Instant::now() < deadline
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    leaving.store(false, Ordering::SeqCst);
}

/// Lets the window go with all that its page costs, and remembers its place.
pub fn release(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    keep_place(app, &window);
    app.state::<Page>().is_gone();
    app.state::<Made>().leaving.store(true, Ordering::SeqCst);
    if let Err(error) = window.destroy() {
        app.state::<Made>().leaving.store(false, Ordering::SeqCst);
        tracing::warn!(%error, "the window cannot be let go");
    }
}

fn keep_place(app: &AppHandle, window: &WebviewWindow) {
    if let Some(dirs) = &app.state::<Made>().dirs
        && let Ok(placement) = placement_of(window, dirs)
    {
        placement.save(dirs);
    }
}

/// Gives the frame, and the page where it follows the system, the theme of the settings.
pub async fn follow_theme(app: &AppHandle, core: &App) {
    let (Some(window), Ok(settings)) = (app.get_webview_window(LABEL), core.settings().await) else { return };
    let theme = native(settings.theme).or(app.state::<SystemTheme>().said);
    if let Err(error) = window.set_theme(theme) {
        tracing::warn!(%error, "the window does not take the theme");
    }
}

/// The system's own theme when the app was started.
struct SystemTheme {
    now: tauri::Theme,
    /// What to say for "as the system", where saying nothing would mean light.
    said: Option<tauri::Theme>,
}

impl SystemTheme {
    #[cfg(target_os = "linux")]
    fn of_desktop() -> Self {
        use gtk::prelude::GtkSettingsExt as _;
        // Asked of GTK, as the page's `prefers-color-scheme` is; Tauri asks only the desktop portal.
        let dark = gtk::Settings::default().is_some_and(|settings| {
            settings.is_gtk_application_prefer_dark_theme()
                || settings.gtk_theme_name().is_some_and(|name| name.ends_with("-dark"))
        });
        let now = if dark { tauri::Theme::Dark } else { tauri::Theme::Light };
        Self { now, said: Some(now) }
    }

    #[cfg(not(target_os = "linux"))]
    fn of(window: &WebviewWindow) -> Self {
        Self { now: window.theme().unwrap_or(tauri::Theme::Light), said: None }
    }
}

/// The script that gives the page what it draws first, and how that looked in a window of this width. Without it the page asks.
fn looks(core: &App, width: Option<f64>) -> Option<String> {
    let script = tauri::async_runtime::block_on(core.first_look()).and_then(|first| {
        let Some(first) = first else { return Ok(None) };
        // As text, which the page reads when it needs it: until the last look is there it only has to be skipped.
        let written = serde_json::to_string(&first)
            .and_then(|first| serde_json::to_string(&first))
            .map_err(|error| UserError::unexpected("write what the window draws first", error))?;
        let last = last_look::of(core.dirs(), &first, width);
        let last = last.as_deref().map_or("null", RawValue::get);
        // JSON is JavaScript, and no HTML is around it that a title could end.
        let given = format!("window.__NEXT_FIRST_LOOK__ = {written}; window.__NEXT_LAST_LOOK__ = {last};");
        Ok(Some(given + LAST_LOOK))
    });
    match script {
        Ok(script) => script,
        Err(error) => {
            tracing::warn!(code = %error.code.name(), "the window begins without its first look");
            None
        }
    }
}

fn chosen_theme(core: &App) -> Option<tauri::Theme> {
    native(tauri::async_runtime::block_on(core.settings()).ok()?.theme)
}

fn native(theme: Theme) -> Option<tauri::Theme> {
    match theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    }
}

fn placement_of(window: &WebviewWindow, dirs: &Dirs) -> tauri::Result<Placement> {
    let maximized = window.is_maximized()?;
    if maximized || window.is_minimized()? || window.is_fullscreen()? {
        // Its size is now the screen's; what it goes back to is what was kept before.
        return Ok(Placement { maximized, ..Placement::load(dirs) });
    }
    let scale = window.scale_factor()?;
    let size = window.inner_size()?.to_logical::<f64>(scale);
    let position = window.outer_position()?.to_logical::<f64>(scale);
    Ok(Placement {
        width: size.width,
        height: size.height,
        position: Some((position.x, position.y)),
        maximized,
    })
}

fn stands_on_a_screen(app: &AppHandle, placement: &Placement) -> bool {
    app.available_monitors().unwrap_or_default().iter().any(|monitor| {
        let scale = monitor.scale_factor();
        let position = monitor.position().to_logical::<f64>(scale);
        let size = monitor.size().to_logical::<f64>(scale);
        placement.is_on((position.x, position.y, size.width, size.height))
    })
}

/// Whether an address is the app's own page: all that the window may show.
fn is_ours(address: &Url, dev: Option<&Url>) -> bool {
    let own = match address.scheme() {
        "tauri" => address.host_str() == Some("localhost"),
        // The same origin as Windows spells it.
        "http" | "https" => cfg!(windows) && address.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    own || dev.is_some_and(|dev| dev.origin() == address.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_the_apps_own_page_and_nothing_else() {
        let ours = |address: &str| is_ours(&Url::parse(address).unwrap(), None);
        assert!(ours("tauri://localhost/index.html#/recording/a/b?t=1"));
        for address in [
            "https://zoom.us/",
            "http://127.0.0.1:8080/media",
            "http://localhost:1420/",
            "file:///etc/passwd",
            "tauri://elsewhere/",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!ours(address), "{address}");
        }
        let dev = Url::parse("http://localhost:1420").unwrap();
        assert!(is_ours(&Url::parse("http://localhost:1420/#/settings").unwrap(), Some(&dev)));
        assert!(!is_ours(&Url::parse("http://localhost:1421/").unwrap(), Some(&dev)));
    }
}
