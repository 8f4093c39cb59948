//! The real `nextctl`, run on a data directory of its own, with its secrets in an encrypted file.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use zoom_sim::{Choice, ZoomSim};

/// Whoever is nobody: for whom permissions count, which for root they do not.
const NOBODY: u32 = 65_534;

/// A machine with `nextctl` on it.
pub struct Machine {
    dir: TempDir,
    program: PathBuf,
    environment: Vec<(String, OsString)>,
    user: Option<u32>,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Machine {
    /// A machine whose Zoom is the simulator.
    pub fn of(sim: &ZoomSim) -> Self {
        let dir = TempDir::new().unwrap();
        let text = |value: &str| OsString::from(value);
        let environment = vec![
            ("NEXT_DATA_DIR".to_owned(), dir.path().join("data").into_os_string()),
            ("NEXT_SECRETS".to_owned(), text("file")),
            ("NEXT_SECRETS_PASSPHRASE".to_owned(), text("correct horse battery")),
            ("NEXT_ZOOM_CLIENT_ID".to_owned(), text(&sim.client_id())),
            ("NEXT_ZOOM_OAUTH_URL".to_owned(), text(&sim.oauth_url())),
            ("NEXT_ZOOM_API_URL".to_owned(), text(&sim.api_url())),
            // No keyring and no browser of whoever runs the tests.
            ("DBUS_SESSION_BUS_ADDRESS".to_owned(), text("unix:path=/nonexistent")),
            ("PATH".to_owned(), text("/nonexistent")),
            ("HOME".to_owned(), dir.path().into()),
        ];
        Self { dir, program: env!("CARGO_BIN_EXE_nextctl").into(), environment, user: None }
    }

    /// The same, used by somebody whom permissions stop. Nothing changes where the tests are not run by root.
    pub fn of_nobody(sim: &ZoomSim) -> Self {
        let mut machine = Self::of(sim);
        if std::fs::metadata(machine.dir.path()).unwrap().uid() == 0 {
            let program = machine.dir.path().join("nextctl");
            std::fs::copy(&machine.program, &program).unwrap();
            std::fs::set_permissions(machine.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
            chown(machine.dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            (machine.program, machine.user) = (program, Some(NOBODY));
        }
        machine
    }

    /// The same person's next machine, with all that this one knows: set up from its backup.
    pub fn restored_elsewhere(&self) -> Self {
        let dir = TempDir::new().unwrap();
        let data = dir.path().join("data");
        for (path, bytes) in super::harness::files_below(&self.data()) {
            let path = data.join(path.strip_prefix(self.data()).unwrap());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let mut machine = Self {
            dir,
            program: self.program.clone(),
            environment: self.environment.clone(),
            user: self.user,
        };
        machine.set("NEXT_DATA_DIR", data.to_str().unwrap());
        machine
    }

    /// A folder or file beside the data directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Sets a variable from now on; an empty one counts as not set.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.into()));
    }

    /// A variable that is set.
    fn variable(&self, name: &str) -> Option<String> {
        let (_, value) = self.environment.iter().find(|(known, _)| known == name)?;
        value.to_str().filter(|value| !value.is_empty()).map(str::to_owned)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(self.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ran {
        ended(self.start(arguments)).await
    }

    /// Runs a command to its end that reads this from its standard input.
    pub async fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ended(child).await
    }

    /// Runs a command that must succeed, with `--json`; gives its one document.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[&["--json"], arguments].concat()).await;
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        ran.document()
    }

    /// Makes a profile and the teamspace "Research".
    pub async fn set_up(&self) {
        self.json(&["profile", "set", "--name", "Maya Lindqvist", "--email", "maya@example.com"]).await;
        let folder = self.path("research");
        self.json(&["teamspace", "add", "Research", "--at", folder.to_str().unwrap()]).await;
    }

    /// Signs in as the person does: the address from the first line, the browser, the end.
    pub async fn connect(&self, sim: &ZoomSim, choice: &Choice, arguments: &[&str]) -> Ran {
        let mut child = self.start(&[&["zoom", "connect", "--no-browser"], arguments].concat());
        let (address, rest) = first_line(&mut child).await;
        let zoom = self.variable("NEXT_ZOOM_OAUTH_URL").unwrap_or_else(|| "https://zoom.us".to_owned());
        assert!(address.starts_with(&zoom), "the address alone, at once: {address:?}");
        let address = address.replacen(&zoom, &sim.oauth_url(), 1);
        let _ = sim.authorize_and_follow(&address, choice).await.unwrap();
        let mut ran = ended(child).await;
        ran.stdout = rest.await.unwrap();
        ran
    }

    /// With profile, teamspace and a connected account.
    pub async fn connected(sim: &ZoomSim) -> Self {
        let machine = Self::of(sim);
        machine.connect_all(sim).await;
        machine
    }

    pub async fn connect_all(&self, sim: &ZoomSim) {
        self.set_up().await;
        let ran = self.connect(sim, &Choice::authorize("maya@example.com"), &[]).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

/// The first line of a command's stdout, and later the others.
async fn first_line(child: &mut Child) -> (String, tokio::task::JoinHandle<String>) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (tell, told) = tokio::sync::oneshot::channel();
    let rest = tokio::task::spawn_blocking(move || {
        let _ = tell.send(lines.next().map(Result::unwrap).unwrap_or_default());
        lines.map(|line| line.unwrap() + "\n").collect()
    });
    (told.await.unwrap(), rest)
}

/// Waits until a command ends.
pub async fn ended(child: Child) -> Ran {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// The one JSON document on stdout.
    pub fn document(&self) -> Value {
        serde_json::from_str(self.stdout.trim()).unwrap_or_else(|_| panic!("one document: {self:?}"))
    }

    /// The lines of JSON on stdout.
    pub fn events(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The summary: the last line of `import --wait --json`.
    pub fn summary(&self) -> Value {
        let last = self.events().pop().unwrap_or_else(|| panic!("a last line: {self:?}"));
        assert_eq!(last["event"], "summary", "{self:?}");
        last
    }

    /// Fails with this exit code and one line on stderr: what happened, and what to do.
    pub fn assert_fails(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let errors: Vec<&str> = self.stderr.lines().filter(|line| !line.starts_with("note: ")).collect();
        assert_eq!(errors.len(), 1, "one line: {self:?}");
        let (what, action) = errors[0].split_once("; ").unwrap_or_else(|| panic!("and what to do: {self:?}"));
        assert!(what.starts_with("error: ") && !action.is_empty(), "{self:?}");
        assert!(errors[0].contains(words), "it should say {words:?}: {}", errors[0]);
    }
}

/// Takes away, or gives back, the right to write in a folder and all below it.
pub fn set_writable(folder: &Path, writable: bool) {
    let mode = if writable { 0o755 } else { 0o555 };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            set_writable(&path, writable);
        }
    }
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
}
