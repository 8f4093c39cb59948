//! Somebody else in the team, on a machine of their own: `nextctl` on another data directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::home::Home;

/// A colleague's machine, with its secrets in an encrypted file of its own.
pub struct Colleague {
    data: PathBuf,
    zoom: Vec<(&'static str, String)>,
}

impl Colleague {
    /// Somebody who has said who they are.
    pub fn new(home: &Home, name: &str, email: &str) -> Self {
        let zoom = home.environment().into_iter().filter(|(name, _)| name.starts_with("NEXT_ZOOM")).collect();
        let colleague = Self { data: home.folder("data of a colleague"), zoom };
        colleague.run(&["profile", "set", "--name", name, "--email", email]);
        colleague
    }

    /// Joins the teamspace in a bucket of this machine's store.
    pub fn join(&self, endpoint: &str, bucket: &str, key_id: &str) {
        let place =
            ["--bucket", bucket, "--prefix", "next", "--endpoint", endpoint, "--access-key-id", key_id];
        self.run(&[&["teamspace", "add", "Ours"], &place[..]].concat());
    }

    /// Imports a file of theirs, and says under which id it stands.
    pub fn import(&self, teamspace: &str, file: &Path) -> String {
        let file = file.display().to_string();
        let answer = self.run(&["import", "--teamspace", teamspace, "--file", &file, "--wait"]);
        // One line for each step of it.
        let done = answer.iter().find(|line| line["state"] == "done");
        let id = done.and_then(|line| line["recording_id"].as_str());
        id.unwrap_or_else(|| panic!("nothing was imported: {answer:?}")).to_owned()
    }

    /// What they see in their library: titles, and ids.
    pub fn library(&self) -> Vec<(String, String)> {
        let answer = self.run(&["recordings"]);
        let all = answer.last().and_then(|line| line["recordings"].as_array()).cloned().unwrap_or_default();
        let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
        all.iter().map(|one| (text(one, "title"), text(one, "recording_id"))).collect()
    }

    /// Runs a command, which must succeed, and answers its lines.
    pub fn run(&self, arguments: &[&str]) -> Vec<Value> {
        let output = Command::new(env!("CARGO_BIN_EXE_nextctl"))
            .arg("--json")
            .args(arguments)
            .env("NEXT_DATA_DIR", &self.data)
            .env("NEXT_SECRETS", "file")
            .env("NEXT_SECRETS_PASSPHRASE", "correct horse battery")
            .env("NEXT_BUCKET_SECRET", super::bucket::SECRET)
            .envs(self.zoom.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .output()
            .expect("nextctl runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "nextctl {arguments:?}: {said}{why}");
        let mut lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if lines.is_empty() {
            lines.extend(serde_json::from_str(&said).ok());
        }
        lines
    }
}
