//! The desktop around the app: what the system is asked to open is written down instead, and links are opened as
//! a person's click would.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::driver::{LOOK, PATIENCE, until};
use super::screens;

/// What the title of the app's window ends with; what it shows stands before it.
const APP: &str = "NEXT Desktop";
/// What the recording handler is for: the browser, the players, the file manager.
const KINDS: [&str; 6] = [
    "x-scheme-handler/http",
    "x-scheme-handler/https",
    "text/html",
    "video/mp4",
    "audio/mp4",
    "inode/directory",
];

/// The desktop of this run; its folders are private to it.
pub struct Desktop {
    opened: PathBuf,
}

impl Desktop {
    /// Makes a program that writes down what it is given the handler of everything that the app opens outside.
    pub fn prepare() -> Self {
        // Without it the run would change a person's own desktop.
        screens::folder();
        let data = folder("XDG_DATA_HOME").join("applications");
        let opened = data.join("opened.txt");
        let recorder = data.join("recorder.sh");
        fs::create_dir_all(&data).expect("the private desktop can be written");
        let _ = fs::remove_file(&opened);
        let script = format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", opened.display());
        fs::write(&recorder, script).expect("a script can be written");
        fs::set_permissions(&recorder, fs::Permissions::from_mode(0o755)).expect("it can be run");
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Recorder\nExec={} %u\nMimeType={};\n",
            recorder.display(),
            KINDS.join(";")
        );
        fs::write(data.join("recorder.desktop"), entry).expect("a desktop entry can be written");
        run(Command::new("update-desktop-database").arg(&data));
        make_thumbnailer();
        for kind in KINDS {
            run(Command::new("xdg-mime").args(["default", "recorder.desktop", kind]));
        }
        Self { opened }
    }

    /// Waits for the next thing that the app asks the system to open.
    pub async fn next_opened(&self) -> String {
        let opened = &self.opened;
        let first = until("the system is asked to open something", || async {
            let text = fs::read_to_string(opened).ok()?;
            text.lines().next().filter(|_| text.ends_with('\n')).map(str::to_owned)
        });
        let first = first.await;
        fs::remove_file(opened).expect("it can be forgotten");
        first
    }
}

/// Makes the desktop one that has a program for pictures of videos. Which picture it makes does not matter.
fn make_thumbnailer() {
    let folder = folder("XDG_DATA_HOME").join("thumbnailers");
    fs::create_dir_all(&folder).expect("the private desktop can be written");
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/icons/256x256.png");
    let entry = format!("[Thumbnailer Entry]\nExec=/bin/cp {picture} %o\nMimeType=video/mp4;\n");
    fs::write(folder.join("of-this-run.thumbnailer"), entry).expect("an entry can be written");
}

/// The handler that the system has for the app's links.
pub fn link_handler() -> String {
    let output =
        Command::new("xdg-mime").args(["query", "default", "x-scheme-handler/next-desktop"]).output();
    String::from_utf8_lossy(&output.expect("xdg-mime runs").stdout).trim().to_owned()
}

/// Opens a link as the desktop does when it is clicked in another program.
pub fn open_link(link: &str, environment: &[(&str, String)]) {
    let mut opener = Command::new("gio");
    opener.args(["open", link]).envs(environment.iter().map(|(name, value)| (name, value)));
    run(&mut opener);
}

/// Waits for the system's dialog with this title, and chooses a file in it as a person does who knows its path.
pub async fn choose_file(title: &str, path: &Path) {
    let dialog = until(title, || async { dialog(title) }).await;
    let path = path.to_str().expect("a path in UTF-8");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while dialog_is_gone(title).is_none() {
        assert!(tokio::time::Instant::now() < deadline, "{title}: the dialog takes no path");
        // Without a window manager nobody gives it the keyboard; and while its list of files is still read, it may
        // not listen yet.
        let focus = ["windowfocus", "--sync", &dialog];
        let open_line = ["key", "ctrl+l", "ctrl+a"];
        for keys in [&focus[..], &open_line[..], &["type", "--delay", "20", path], &["key", "Return"]] {
            let _ = Command::new("xdotool").args(keys).status();
            tokio::time::sleep(LOOK * 3).await;
        }
        tokio::time::sleep(LOOK * 10).await;
    }
}

/// Waits for the system's dialog with this title that asks for a folder, and takes the one that it shows.
pub async fn take_shown_folder(title: &str) {
    let dialog = until(title, || async { dialog(title) }).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while dialog_is_gone(title).is_none() {
        assert!(tokio::time::Instant::now() < deadline, "{title}: the dialog takes no folder");
        for keys in [&["windowfocus", "--sync", &dialog][..], &["key", "alt+o"]] {
            let _ = Command::new("xdotool").args(keys).status();
            tokio::time::sleep(LOOK * 5).await;
        }
    }
}

/// Waits until the app's window is on the screen.
pub async fn see_window() {
    until("the window is on the screen", || async { window() }).await;
}

/// Whether the app's window is on the screen.
pub fn has_window() -> bool {
    window().is_some()
}

/// Waits until the app's window shows this: the view's name stands in its frame.
pub async fn see_window_of(view: &str) {
    let title = format!("{view} – {APP}");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while window().is_none_or(|(_, shown)| shown != title) {
        assert!(tokio::time::Instant::now() < deadline, "the window never shows {view:?}: {:?}", windows());
        tokio::time::sleep(LOOK).await;
    }
}

/// Closes the app's window as the button in its frame does. A person whose press was in vain, because the app was busy
/// just then, presses again.
pub async fn close_window() {
    let (number, _) = until("the window is on the screen", || async { window() }).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while window().is_some() {
        assert!(tokio::time::Instant::now() < deadline, "the window does not close");
        ask_to_close(number);
        for _ in 0..30 {
            if window().is_none() {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The app's window, when it can be seen: its number and its title.
fn window() -> Option<(u32, String)> {
    windows()
        .into_iter()
        .find_map(|(number, title, seen)| (seen && title.ends_with(APP)).then_some((number, title)))
}

/// Windows that have a title: number, title, and whether they can be seen.
fn windows() -> Vec<(u32, String, bool)> {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::{ConnectionExt as _, MapState};
    let (display, screen) = x11rb::connect(None).expect("a display");
    let atom = |name: &[u8]| {
        display.intern_atom(false, name).expect("X answers").reply().expect("X knows names").atom
    };
    let (name, utf8) = (atom(b"_NET_WM_NAME"), atom(b"UTF8_STRING"));
    // Without a window manager the windows of apps stand on the screen itself.
    let root = display.setup().roots[screen].root;
    let all = display.query_tree(root).expect("X answers").reply().expect("X knows its windows").children;
    let look = |number| {
        // It may be gone by now.
        let attributes = display.get_window_attributes(number).ok()?.reply().ok()?;
        let title = display.get_property(false, number, name, utf8, 0, 1024).ok()?.reply().ok()?.value;
        Some((number, String::from_utf8(title).ok()?, attributes.map_state == MapState::VIEWABLE))
    };
    all.into_iter().filter_map(look).filter(|(_, title, _)| !title.is_empty()).collect()
}

fn ask_to_close(window: u32) {
    use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};
    let (display, _) = x11rb::connect(None).expect("a display");
    let atom = |name: &[u8]| {
        display.intern_atom(false, name).expect("X answers").reply().expect("X knows names").atom
    };
    let asked = [atom(b"WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
    let event = ClientMessageEvent::new(32, window, atom(b"WM_PROTOCOLS"), asked);
    display.send_event(false, window, EventMask::NO_EVENT, event).expect("X takes events");
    // An answer to what comes after it: the message was taken before the connection ends.
    display.get_input_focus().expect("X answers").reply().expect("X has taken it");
}

/// The X window of a dialog with this title that can be seen.
fn dialog(title: &str) -> Option<String> {
    let search = ["search", "--onlyvisible", "--name", title];
    let found = Command::new("xdotool").args(search).output().expect("xdotool runs");
    String::from_utf8_lossy(&found.stdout).lines().next().map(str::to_owned)
}

fn dialog_is_gone(title: &str) -> Option<()> {
    dialog(title).is_none().then_some(())
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    assert!(status.success(), "{command:?} ends with {status}");
}

fn folder(variable: &str) -> PathBuf {
    let folder =
        std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is set by `cargo xtask e2e`"));
    Path::new(&folder).to_path_buf()
}
