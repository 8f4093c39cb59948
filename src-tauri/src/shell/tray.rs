//! Draws the icon in the tray as the core says it should be, and does what is chosen in its menu.
//!
//! # Why over D-Bus on Linux
//! Of the two ways in which Tauri's tray can be drawn there, the one through libappindicator knows neither clicks nor
//! tooltips, wants a library at run time, and takes the app down where that is missing. Cargo.toml switches on the
//! other one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use next_desktop::app::{App, Tray, TrayAction, TrayItem, TrayState};
use next_desktop::events::Event;
use tauri::image::Image;
use tauri::menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Wry};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::{Core, quit, window};

/// Changes come in swarms: how long to wait for the rest of one.
const SETTLE: Duration = Duration::from_millis(300);
/// How often the icon is looked at although nothing changed: a pause ends, a day begins.
const LOOK: Duration = Duration::from_secs(60);

/// The icon, once there is one, and what it shows.
#[derive(Default)]
pub struct Drawn(Mutex<Option<(TrayIcon, Tray)>>);

impl Drawn {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(TrayIcon, Tray)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the icon there. Fails where the desktop has no place for it. Called while no window waits for an answer.
pub fn put(app: &AppHandle, core: &App) -> tauri::Result<()> {
    if app.state::<Drawn>().lock().is_some() {
        return Ok(());
    }
    let tray = tauri::async_runtime::block_on(core.tray()).unwrap_or_else(|_| bare());
    let icon = TrayIconBuilder::with_id("next")
        .title("NEXT Desktop")
        .icon(picture(tray.state))
        .tooltip(&tray.tooltip)
        .menu(&menu(app, &tray)?)
        // On macOS a click on an icon up there opens its menu.
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_menu_event(|app, event| match serde_json::from_str(event.id().as_ref()) {
            Ok(action) => act(app, action),
            Err(error) => tracing::warn!(%error, "a menu item that nobody knows was chosen"),
        })
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left, button_state: MouseButtonState::Up, ..
            } = event
                && !cfg!(target_os = "macos")
            {
                window::present(icon.app_handle());
            }
        })
        .build(app)?;
    *app.state::<Drawn>().lock() = Some((icon, tray));
    Ok(())
}

/// What an icon shows of which nothing is known yet.
fn bare() -> Tray {
    Tray { state: TrayState::Idle, tooltip: "NEXT".to_owned(), menu: Vec::new() }
}

/// Keeps the icon true, and ends with the app.
pub fn follow(app: &AppHandle, core: &App) {
    let (app, core) = (app.clone(), core.clone());
    let mut events = core.events().subscribe();
    tauri::async_runtime::spawn(async move {
        loop {
            draw(&app, &core).await;
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                event = events.recv() => match event {
                    // Bytes are not shown.
                    Ok(Event::JobProgress { .. } | Event::VerifyProgress { .. } | Event::RepairProgress { .. }) => {
                        continue;
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        tokio::time::sleep(SETTLE).await;
                        while !matches!(events.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
                    }
                    Err(RecvError::Closed) => break,
                },
            }
        }
    });
}

/// Draws what is new.
async fn draw(app: &AppHandle, core: &App) {
    let drawn = app.state::<Drawn>();
    if drawn.lock().is_none() {
        return;
    }
    let wanted = match core.tray().await {
        Ok(wanted) => wanted,
        Err(error) => {
            return tracing::warn!(code = %error.code.name(), "cannot see what the tray should show");
        }
    };
    // Not held while drawing, which waits for the main thread.
    let Some((icon, before)) = drawn.lock().clone() else { return };
    let change = || -> tauri::Result<()> {
        if wanted.state != before.state {
            icon.set_icon(Some(picture(wanted.state)))?;
        }
        if wanted.tooltip != before.tooltip {
            icon.set_tooltip(Some(&wanted.tooltip))?;
        }
        if wanted.menu != before.menu {
            icon.set_menu(Some(menu(app, &wanted)?))?;
        }
        Ok(())
    };
    match change() {
        Ok(()) => *drawn.lock() = Some((icon, wanted)),
        Err(error) => tracing::warn!(%error, "the tray cannot be drawn"),
    }
}

fn picture(state: TrayState) -> Image<'static> {
    match state {
        TrayState::Idle => tauri::include_image!("icons/tray/idle.png"),
        TrayState::Working => tauri::include_image!("icons/tray/working.png"),
        TrayState::Attention => tauri::include_image!("icons/tray/attention.png"),
        TrayState::Paused => tauri::include_image!("icons/tray/paused.png"),
    }
}

/// The menu; the id of an item is its action, written down.
fn menu(app: &AppHandle, tray: &Tray) -> tauri::Result<Menu<Wry>> {
    let menu = Menu::new(app)?;
    for item in &tray.menu {
        let item: Box<dyn IsMenuItem<Wry>> = match item {
            TrayItem::Choice { text, action } => {
                let id = serde_json::to_string(action)?;
                Box::new(MenuItem::with_id(app, id, shown(text), true, None::<&str>)?)
            }
            TrayItem::Text(text) => Box::new(MenuItem::new(app, shown(text), false, None::<&str>)?),
            TrayItem::Separator => Box::new(PredefinedMenuItem::separator(app)?),
        };
        menu.append(item.as_ref())?;
    }
    Ok(menu)
}

/// A title as it is: a menu would take `&` for the mark of a key.
fn shown(text: &str) -> String {
    text.replace('&', "&&")
}

/// Does what was chosen.
fn act(app: &AppHandle, action: TrayAction) {
    if action == TrayAction::Quit {
        return quit::begin(app);
    }
    let Ok(core) = app.state::<Core>().app().cloned() else { return };
    if let Some(target) = action.target() {
        core.show(target);
        return window::present(app);
    }
    tauri::async_runtime::spawn(async move {
        if let Err(error) = core.tray_action(action).await {
            tracing::warn!(code = %error.code.name(), "what was chosen in the tray cannot be done");
        }
    });
}
