//! Practice mode: a simulated Zoom on this machine with sample recordings, and data of its own, so that trying things
//! out never touches a person's real library.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Cleaning, Failure, Guarded, Result, attempt};
use crate::project;

/// A running simulator; it ends when this value is dropped.
pub struct Practice {
    simulator: Guarded,
    oauth_url: String,
    api_url: String,
    client_id: String,
}

impl Practice {
    /// Starts the simulator with its state in `data`. It keeps its port from one run to the next, where that port is
    /// free, so that addresses which the app remembers stay right.
    pub fn start(data: &Path) -> Result<Self> {
        attempt(&format!("cannot make {}", data.display()), fs::create_dir_all(data))?;
        let remembered = data.join("simulator-port");
        let port = fs::read_to_string(&remembered).ok().and_then(|text| text.trim().parse::<u16>().ok());
        let port = port.filter(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok());
        let (simulator, line) = Self::launch(data, port)?;
        let said = |name: &str| {
            json_field(&line, name).ok_or_else(|| {
                Failure::new(format!("the Zoom simulator started, but did not say its {name}"))
            })
        };
        let (oauth_url, api_url, client_id) = (said("oauth_url")?, said("api_url")?, said("client_id")?);
        attempt("cannot remember the simulator's port", fs::write(&remembered, said("port")?))?;
        Ok(Self { simulator, oauth_url, api_url, client_id })
    }

    fn launch(data: &Path, port: Option<u16>) -> Result<(Guarded, String)> {
        let mut command = project::command(project::debug_binary("zoom-sim"));
        command
            .arg("--samples")
            .arg("--state-file")
            .arg(data.join("simulator.json"))
            .arg("--until-stdin-closes");
        if let Some(port) = port {
            command.args(["--port", &port.to_string()]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut simulator = Guarded::spawn(&mut command, Cleaning::IfInterrupted)?;
        let stdout = simulator.child().stdout.take();
        let mut lines =
            BufReader::new(stdout.ok_or_else(|| Failure::new("the Zoom simulator has no output"))?);
        let mut line = String::new();
        attempt("cannot read from the Zoom simulator", lines.read_line(&mut line))?;
        if line.is_empty() {
            return Err(Failure::new(
                "the Zoom simulator ended before it was ready; what it said stands above",
            ));
        }
        // Whatever it says later must not fill the pipe and stop it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok((simulator, line))
    }

    /// Tells the app where this Zoom is.
    pub fn configure(&self, app: &mut Command) {
        app.env("NEXT_ZOOM_OAUTH_URL", &self.oauth_url)
            .env("NEXT_ZOOM_API_URL", &self.api_url)
            .env("NEXT_ZOOM_CLIENT_ID", &self.client_id);
    }

    /// Where the simulated Zoom is, for the person.
    pub fn address(&self) -> &str {
        &self.oauth_url
    }

    /// Ends the simulator in its own way: it writes its state when its input closes.
    pub fn end(mut self) -> Result {
        drop(self.simulator.child().stdin.take());
        self.simulator.wait(Some(std::time::Duration::from_secs(10))).map(|_| ())
    }
}

/// The folder of practice mode: `NEXT_DATA_DIR`, or one beside the real data.
pub fn data_dir() -> Result<PathBuf> {
    if let Some(dir) = set("NEXT_DATA_DIR") {
        return Ok(dir.into());
    }
    let base = if cfg!(windows) {
        set("APPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| PathBuf::from(home).join("Library/Application Support"))
    } else {
        set("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".local/share")))
    };
    base.map(|base| base.join("next-desktop-practice")).ok_or_else(|| {
        Failure::needs_person("no home folder is set; please set NEXT_DATA_DIR to a folder for the data")
    })
}

/// A variable that is set and not empty.
pub fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// A string or a number in one line of JSON, by its name. Enough for the one line that our own simulator writes, and
/// no reason for a dependency.
pub fn json_field(line: &str, name: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("\"{name}\""))?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let found = match value.strip_prefix('"') {
        Some(text) => text.split('"').next()?,
        None => value.split([',', '}']).next()?.trim(),
    };
    (!found.is_empty()).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulators_line_is_read_by_name() {
        let line =
            r#"{"oauth_url":"http://127.0.0.1:1234", "api_url": "http://127.0.0.1:1234/v2","port": 1234}"#;
        assert_eq!(json_field(line, "oauth_url").as_deref(), Some("http://127.0.0.1:1234"));
        assert_eq!(json_field(line, "api_url").as_deref(), Some("http://127.0.0.1:1234/v2"));
        assert_eq!(json_field(line, "port").as_deref(), Some("1234"));
        assert_eq!(json_field(line, "client_id"), None);
    }
}
