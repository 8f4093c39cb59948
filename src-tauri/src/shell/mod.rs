//! The window around the core: opening, closing, links from outside, and one doorway per operation.
//!
//! Promise: however the start goes, the person gets an answer. Without a display it is one line on stderr;
//! when the core cannot be opened, the window opens all the same and every operation answers with the reason.

mod background;
mod commands;
mod deep_link;
#[cfg(target_os = "linux")]
mod drawing;
mod events;
mod external;
mod last_look;
mod logs;
#[cfg(target_os = "linux")]
mod memory_watch;
mod notifications;
mod placement;
mod quit;
mod tray;
mod window;

use std::io::Write as _;
use std::process::ExitCode;

use data_encoding::HEXLOWER;
use next_desktop::app::{App, Dirs, Options};
use next_desktop::error::{Code, UserError, UserResult};
use sha2::{Digest as _, Sha256};
use tauri::{AppHandle, Manager as _, RunEvent};

/// The core as the commands reach it: open, or the reason why it is not.
#[derive(Clone)]
pub struct Core(UserResult<App>);

impl Core {
    /// The open core.
    pub fn app(&self) -> UserResult<&App> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

/// Opens the window and stays until it is closed.
pub fn run() -> ExitCode {
    #[cfg(target_os = "linux")]
    {
        drawing::suit_the_machine();
        memory_watch::suit_the_machine();
    }
    if let Err(error) = look_for_display() {
        return fail(&error);
    }
    let options = Options::from_system();
    if let Ok(options) = &options {
        logs::begin(&options.dirs);
    }
    let mut context = tauri::generate_context!();
    if let Some(own) = options.as_ref().ok().and_then(|options| own_identifier(options, context.config())) {
        context.config_mut().identifier = own;
    }
    let built = tauri::Builder::default()
        // First: a second start must end before it touches anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _directory| {
            // The session starts the app once more, hidden, when a person was faster.
            if !background::starts_hidden(arguments) {
                window::present(app);
            }
        }))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(commands::all())
        .setup(move |app| {
            if let Err(error) = open(app.handle(), options) {
                fail(&UserError::unexpected("open its window", error));
                // An error handed back from here would end in a panic.
                app.cleanup_before_exit();
                std::process::exit(1);
            }
            Ok(())
        })
        .build(context);
    let app = match built {
        Ok(app) => app,
        Err(error) => return fail(&UserError::unexpected("open its window", error)),
    };
    let code = app.run_return(|app, event| match event {
        RunEvent::WindowEvent { event: tauri::WindowEvent::CloseRequested { api, .. }, .. } => {
            api.prevent_close();
            background::on_close(app);
        }
        RunEvent::WindowEvent { event: tauri::WindowEvent::Focused(focused), .. } => {
            if let Ok(core) = app.state::<Core>().app() {
                core.set_in_front(focused);
            }
        }
        // Without a code it is because the last window is gone: it was let go, and the app stays.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::present(app),
        _ => {}
    });
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// Opens the core, then the window on it.
fn open(app: &AppHandle, options: UserResult<Options>) -> tauri::Result<()> {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the app starts");
    let links = deep_link::listen(app);
    let dirs = options.as_ref().ok().map(|options| options.dirs.clone());
    let core = Core(options.and_then(|options| tauri::async_runtime::block_on(App::open(options))));
    tracing::debug!("the core is open");
    app.manage(core.clone());
    app.manage(events::Page::default());
    app.manage(quit::Quit::new(&core));
    app.manage(background::InTray::default());
    app.manage(tray::Drawn::default());
    quit::on_signals(app);
    window::prepare(app, dirs.as_ref());
    // What is wrong with the core is said by the window, however the start was asked for.
    if core.app().is_err() || !background::starts_hidden(std::env::args()) {
        window::open(app, &core, window::How::InFront)?;
    }
    match core.0 {
        Ok(core) => {
            // It starts tasks, which need the runtime around them.
            tauri::async_runtime::block_on(async {
                core.start_worker();
                core.start_auto_import();
            });
            events::forward(app, &core);
            notifications::follow(app, &core);
            background::follow(app, &core);
            tray::follow(app, &core);
            deep_link::follow(app, core, links);
        }
        Err(error) => {
            tracing::error!(code = %error.code.name(), "the core could not be opened");
            say(&error);
        }
    }
    deep_link::register(app);
    Ok(())
}

/// An identifier of its own for a data directory of its own: two profiles on one machine are two apps, and a
/// second start with the same data directory still finds the first.
fn own_identifier(options: &Options, config: &tauri::Config) -> Option<String> {
    let root = options.dirs.root();
    if Dirs::of_system().is_ok_and(|system| system.root() == root) {
        return None;
    }
    // The same folder by another path is still the same folder.
    let root = std::fs::canonicalize(root).or_else(|_| std::path::absolute(root)).ok()?;
    let digest = HEXLOWER.encode(&Sha256::digest(root.as_os_str().as_encoded_bytes()));
    // A part of a D-Bus name must not begin with a digit.
    Some(format!("{}.d{}", config.identifier, digest.get(..16)?))
}

/// A window needs a display. Asked before GTK is, which would only panic.
#[cfg(target_os = "linux")]
fn look_for_display() -> UserResult<()> {
    gtk::init().map_err(|error| {
        UserError::new(
            Code::Unexpected,
            "NEXT Desktop found no display to open its window on",
            "start it in a desktop session; without a display, `nextctl` does the same work",
        )
        .detail(error)
    })
}

/// Elsewhere a graphical session is part of the system.
#[cfg(not(target_os = "linux"))]
fn look_for_display() -> UserResult<()> {
    Ok(())
}

fn fail(error: &UserError) -> ExitCode {
    say(error);
    ExitCode::FAILURE
}

fn say(error: &UserError) {
    // Nobody listening there is no reason to fail.
    let _ = writeln!(std::io::stderr(), "error: {error}");
}
