//! The user interface: its npm packages, its build and its checks. Packages are installed only when the lock file
//! changed, and the build is made only when a source changed.

use std::path::PathBuf;

use crate::process::{Failure, Result, run};
use crate::{project, stamp};

/// What the UI's sources are not: installed, made, or only used by its tests.
const NOT_SOURCES: [&str; 5] = ["node_modules", "dist", "paraglide", "coverage", "test-results"];

fn folder() -> PathBuf {
    project::root().join("ui")
}

/// Installs the npm packages of the lock file.
pub fn provide_packages() -> Result {
    let lock = folder().join("package-lock.json");
    if !lock.exists() {
        return Err(Failure::new("ui/package-lock.json is missing: is this a whole checkout?"));
    }
    // The stamp lies in the folder that it speaks of: it goes when the folder goes.
    let written = folder().join("node_modules").join(".next-desktop-stamp");
    let now = stamp::digest(&[folder().join("package.json"), lock], &[])?;
    if stamp::matches(&written, &now) {
        return Ok(());
    }
    println!("npm packages of the UI (the lock file is new or changed)");
    run(project::npm().args(["ci", "--no-audit", "--no-fund"]))?;
    stamp::write(&written, &now)
}

/// Builds `ui/dist`, which the app embeds.
pub fn build() -> Result {
    let written = project::memory("ui-dist");
    let now = stamp::digest(&[folder()], &NOT_SOURCES)?;
    if folder().join("dist/index.html").exists() && stamp::matches(&written, &now) {
        return Ok(());
    }
    println!("Building the UI (its sources are new or changed)");
    script("build")?;
    stamp::write(&written, &now)
}

/// Runs a script of `ui/package.json`.
pub fn script(name: &str) -> Result {
    run(project::npm().args(["run", "--silent", name]))
}
