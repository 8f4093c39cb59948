//! A machine with `nextctl` on it, whose processes can be killed.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::cloud::Cloud;
use crate::plan::Moment;

/// A data directory and a teamspace's folder.
pub struct Machine {
    dir: TempDir,
    environment: Vec<(&'static str, OsString)>,
}

/// What became of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was alive, and is not any more.
    Killed,
    /// It had ended by itself.
    Ended(ExitStatus),
}

/// A running `nextctl import`.
pub struct Process {
    child: Child,
    started: Instant,
    /// Speaks whenever an import begins or ends; closed when the process is gone.
    news: Receiver<()>,
}

impl Machine {
    /// With a profile, the teamspace "Research" and a signed-in account. Secrets are in a file with a passphrase, so
    /// that each process is signed in without a person.
    pub async fn connected(cloud: &Cloud) -> Self {
        let dir = TempDir::new().unwrap();
        let environment = vec![
            ("NEXT_DATA_DIR", dir.path().join("data").into_os_string()),
            ("NEXT_SECRETS", "file".into()),
            ("NEXT_SECRETS_PASSPHRASE", "correct horse battery".into()),
            ("NEXT_ZOOM_CLIENT_ID", cloud.said("client_id").into()),
            ("NEXT_ZOOM_OAUTH_URL", cloud.said("oauth_url").into()),
            ("NEXT_ZOOM_API_URL", cloud.said("api_url").into()),
            // No keyring and no browser of whoever runs this.
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent".into()),
            ("PATH", "/nonexistent".into()),
            ("HOME", dir.path().into()),
        ];
        let machine = Self { dir, environment };
        machine.json(&["profile", "set", "--name", "Maya Lindqvist", "--email", "maya@example.com"]);
        machine.json(&["teamspace", "add", "Research", "--at", machine.teamspace().to_str().unwrap()]);
        let mut connecting = machine.command(&["zoom", "connect", "--no-browser"]).spawn().unwrap();
        let mut said = BufReader::new(connecting.stdout.take().unwrap());
        let mut address = String::new();
        said.read_line(&mut address).unwrap();
        cloud.consent(address.trim()).await;
        std::io::copy(&mut said, &mut std::io::sink()).unwrap();
        assert!(connecting.wait().unwrap().success(), "signed in");
        machine
    }

    /// The teamspace's folder.
    pub fn teamspace(&self) -> PathBuf {
        self.dir.path().join("research")
    }

    /// Where downloads under way stand.
    pub fn staged(&self) -> PathBuf {
        self.dir.path().join("data/cache/staged")
    }

    /// Keeps everything for somebody who looks for what went wrong.
    pub fn keep(self) -> PathBuf {
        self.dir.keep()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nextctl"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command that must succeed; gives its last line of JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(&[&["--json"], arguments].concat()).output().unwrap();
        let (said, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {}\n{said}\n{errors}", output.status);
        serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap()
    }

    /// Starts to import everything.
    pub fn start_import(&self) -> Process {
        let mut child = self
            .command(&["--json", "import", "--teamspace", "Research", "--all", "--wait"])
            .spawn()
            .unwrap();
        let (tell, news) = channel();
        let said = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in said.lines().map_while(Result::ok).filter(|line| line.contains(r#""event":"job""#)) {
                if !line.contains(r#""state":"queued""#) {
                    let _ = tell.send(());
                }
            }
        });
        let mut errors = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            let mut said = String::new();
            let _ = errors.read_to_string(&mut said);
            if !said.trim().is_empty() {
                println!("  nextctl said: {}", said.trim());
            }
        });
        Process { child, started: Instant::now(), news }
    }
}

impl Process {
    /// Sends SIGKILL at the moment, if it is still there then.
    pub fn kill_at(self, moment: Moment) -> Fate {
        // Nobody waits for news for ever.
        const PATIENCE: Duration = Duration::from_secs(5);
        match moment {
            Moment::After(time) => self.sleep_until(time),
            Moment::AfterNews(time) => {
                // Not the first: all that was in hand is said at the start.
                let _ = self.news.recv_timeout(PATIENCE);
                while self.news.try_recv().is_ok() {}
                if self.news.recv_timeout(PATIENCE / 2).is_ok() {
                    std::thread::sleep(time);
                }
            }
        }
        self.kill()
    }

    /// Sends SIGKILL now.
    pub fn kill(mut self) -> Fate {
        if let Some(status) = self.child.try_wait().unwrap() {
            return Fate::Ended(status);
        }
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        if status.code().is_none() { Fate::Killed } else { Fate::Ended(status) }
    }

    fn sleep_until(&self, time: Duration) {
        std::thread::sleep(time.saturating_sub(self.started.elapsed()));
    }
}
