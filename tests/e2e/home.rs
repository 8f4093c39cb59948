//! One person's machine for one story: a data directory, a simulated Zoom, and how the app is started on them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zoom_sim::{Options, ZoomSim};

use super::desktop::Desktop;
use super::window::Window;

/// Where the relay page of the stories stands; nobody needs to reach it.
pub const RELAY: &str = zoom_sim::RELAY_URI;

/// A machine with a simulated Zoom that knows the sample meetings.
pub struct Home {
    pub sim: ZoomSim,
    pub desktop: Desktop,
    dir: TempDir,
    redirect_uri: Option<String>,
}

impl Home {
    /// A machine on which the app was never started.
    pub async fn new() -> Self {
        let sim = ZoomSim::start(Options { samples: true, ..Options::default() }).await;
        Self {
            sim: sim.expect("the simulator starts"),
            desktop: Desktop::prepare(),
            dir: tempfile::tempdir().expect("a temporary folder"),
            redirect_uri: None,
        }
    }

    /// The same, with a Zoom app that is registered with a relay page.
    pub async fn with_relay() -> Self {
        Self { redirect_uri: Some(RELAY.to_owned()), ..Self::new().await }
    }

    /// All local data of the app.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The folder of the first teamspace.
    pub fn recordings(&self) -> PathBuf {
        self.dir.path().join("Recordings")
    }

    /// A file of the person's own, outside everything that the app knows: a copy of a sample.
    pub fn own_file(&self, name: &str) -> PathBuf {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zoom-sim/samples").join(name);
        let own = self.dir.path().join(name);
        std::fs::copy(&sample, &own).unwrap_or_else(|error| panic!("{}: {error}", sample.display()));
        own
    }

    /// A folder beside everything else.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What the app's process finds in its environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        self.environment_with(&self.data())
    }

    fn environment_with(&self, data: &Path) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("NEXT_DATA_DIR", data.display().to_string()),
            ("NEXT_ZOOM_OAUTH_URL", self.sim.oauth_url()),
            ("NEXT_ZOOM_API_URL", self.sim.api_url()),
            ("NEXT_ZOOM_CLIENT_ID", self.sim.client_id()),
            // As loud as it gets: nothing secret may be in the log even so.
            ("NEXT_LOG", "trace".to_owned()),
        ];
        environment.extend(self.redirect_uri.clone().map(|uri| ("NEXT_ZOOM_REDIRECT_URI", uri)));
        environment
    }

    /// Runs the command line beside the app, on the same data.
    pub fn nextctl(&self, arguments: &[&str]) {
        let mut nextctl = std::process::Command::new(env!("CARGO_BIN_EXE_nextctl"));
        let ran = nextctl.args(arguments).envs(self.environment()).output().expect("nextctl runs");
        assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Starts the app and waits for its window.
    pub async fn start(&self) -> Window {
        Window::open(&self.environment(), &[]).await
    }

    /// Starts the app as the session does, without a window.
    pub fn start_hidden(&self) -> Running {
        let mut app = std::process::Command::new(env!("CARGO_BIN_EXE_next-desktop"));
        Running(app.arg("--hidden").envs(self.environment()).spawn().expect("the app starts"))
    }

    /// Starts the app of somebody else on this machine: another data directory, the same Zoom and keyring.
    pub async fn start_as_second_person(&self) -> Window {
        Window::open(&self.environment_with(&self.dir.path().join("data of a second person")), &[]).await
    }

    /// Starts the app as the system does when a link is clicked and it does not run.
    pub async fn start_by_link(&self, link: &str) -> Window {
        Window::open(&self.environment(), &[link]).await
    }
}

/// The app without WebDriver; it ends with its value.
pub struct Running(pub std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every file below these folders, with its content.
pub fn files_below(folders: &[&Path]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut todo: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => todo.push(path),
                Ok(kind) if kind.is_file() => {
                    found.extend(std::fs::read(&path).ok().map(|bytes| (path, bytes)))
                }
                _ => {}
            }
        }
    }
    found
}
