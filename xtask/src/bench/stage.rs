//! A simulated Zoom and a `nextctl` whose account is connected to it, both in their release builds, on a disk of the
//! machine.

use std::fs;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::practice::json_field;
use crate::process::{Cleaning, Failure, Guarded, Result, attempt, output};
use crate::project;

/// The user whose recordings are imported.
const USER: &str = "maya@example.com";
/// The name of the teamspace.
pub const TEAMSPACE: &str = "Bench";

/// A Zoom and somebody who imports from it. Everything goes when it is dropped.
pub struct Stage {
    _simulator: Guarded,
    control: String,
    environment: Vec<(&'static str, String)>,
    folder: Folder,
}

/// A recording at the simulated Zoom, for whoever wants it without an app.
pub struct Remote {
    pub uuid: String,
    /// Where Zoom's listing says that the file is; wants the token.
    pub download: String,
    /// Where that leads to; wants none.
    pub storage: String,
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Stage {
    /// Builds both programs and connects them.
    pub fn set() -> Result<Self> {
        let folder = Folder(project::target_dir().join("bench"));
        let _ = fs::remove_dir_all(&folder.0);
        attempt("cannot make a folder to measure in", fs::create_dir_all(&folder.0))?;
        let mut command = project::command(program("zoom-sim"));
        command.arg("--until-stdin-closes").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut simulator = Guarded::spawn(&mut command, Cleaning::IfInterrupted)?;
        let mut line = String::new();
        if let Some(stdout) = simulator.child().stdout.take() {
            attempt("cannot hear the Zoom simulator", BufReader::new(stdout).read_line(&mut line))?;
        }
        let said = |name: &str| {
            json_field(&line, name).ok_or_else(|| Failure::new("the Zoom simulator did not say where it is"))
        };
        let control = format!("http://127.0.0.1:{}/sim", said("port")?);
        let environment = vec![
            ("NEXT_DATA_DIR", folder.0.join("data").display().to_string()),
            ("NEXT_ZOOM_OAUTH_URL", said("oauth_url")?),
            ("NEXT_ZOOM_API_URL", said("api_url")?),
            ("NEXT_ZOOM_CLIENT_ID", said("client_id")?),
        ];
        let stage = Self { _simulator: simulator, control, environment, folder };
        stage.done(&["profile", "set", "--name", "Bench", "--email", USER])?;
        stage.add_teamspace(TEAMSPACE)?;
        stage.connect()?;
        Ok(stage)
    }

    /// A place below the folder that is measured in.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// `nextctl` with these arguments.
    pub fn nextctl(&self, arguments: &[&str]) -> Command {
        let mut command = project::command(program("nextctl"));
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// Adds a teamspace in a folder of its name.
    pub fn add_teamspace(&self, name: &str) -> Result {
        let at = self.path(name).display().to_string();
        self.done(&["teamspace", "add", name, "--at", &at])
    }

    fn done(&self, arguments: &[&str]) -> Result {
        match output(&mut self.nextctl(arguments)) {
            Some(_) => Ok(()),
            None => Err(Failure::new(format!("`nextctl {}` failed", arguments.join(" ")))),
        }
    }

    /// Signs in as a person does: takes the address from the first line to the simulator's consent page.
    fn connect(&self) -> Result {
        let mut command = self.nextctl(&["zoom", "connect", "--no-browser"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut signing = Guarded::spawn(&mut command, Cleaning::IfInterrupted)?;
        let stdout = signing.child().stdout.take();
        let mut lines = BufReader::new(stdout.ok_or_else(|| Failure::new("`nextctl` has no output"))?);
        let mut address = String::new();
        attempt("cannot hear `nextctl`", lines.read_line(&mut address))?;
        let body = format!(r#"{{"url":"{}","user":"{USER}","follow":true}}"#, address.trim());
        self.turn("authorize", &body)?;
        let _ = lines.read_to_string(&mut String::new());
        let status = signing.wait(Some(std::time::Duration::from_secs(60)))?;
        crate::process::succeeded("nextctl zoom connect", status)
    }

    /// Turns a knob of the simulator, and gives its answer.
    pub fn turn(&self, knob: &str, body: &str) -> Result<String> {
        let mut curl = project::command("curl");
        curl.args(["-sS", "--fail-with-body", "-H", "content-type: application/json", "-d", body]);
        curl.arg(format!("{}/{knob}", self.control));
        output(&mut curl).ok_or_else(|| Failure::new(format!("the simulator's knob {knob} does not turn")))
    }

    /// Adds a recording with one video of this size.
    pub fn add(&self, size: u64, seed: u64) -> Result<Remote> {
        let spec = format!(
            r#"{{"topic":"Recording {seed}","days_ago":2,"files":[{{"content":{{"padded":{{"sample":"onboarding.mp4","size":{size},"seed":{seed}}}}}}}]}}"#
        );
        let made = self.turn("meetings", &spec)?;
        let field = |text: &str, name: &str| {
            json_field(text, name)
                .ok_or_else(|| Failure::new(format!("the simulator said no {name}: {text}")))
        };
        let uuid = field(&made, "uuid")?;
        let key =
            made.split_once(r#""files":[""#).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
        let addresses = self.turn("files/addresses", &format!(r#"{{"file":"{key}"}}"#))?;
        Ok(Remote {
            uuid,
            download: field(&addresses, "download_url")?,
            storage: field(&addresses, "storage_url")?,
        })
    }

    /// The access token with which `nextctl` asks just now.
    pub fn access_token(&self) -> Result<String> {
        let said = self.turn("tokens/access", &format!(r#"{{"user":"{USER}"}}"#))?;
        json_field(&said, "access_token").ok_or_else(|| Failure::new("nobody is signed in at the simulator"))
    }

    /// Where the API is.
    pub fn api(&self) -> &str {
        self.environment.iter().find(|(name, _)| *name == "NEXT_ZOOM_API_URL").map_or("", |(_, url)| url)
    }

    /// Removes what was imported or downloaded, so that the disk stays as it was.
    pub fn clear(&self, path: &Path) {
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

fn program(name: &str) -> PathBuf {
    project::target_dir().join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
