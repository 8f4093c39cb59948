//! Where things are in this repository, and how its commands are called.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one feature set of every build, check and test of the workspace: dependencies are then compiled once per
/// profile and not once per command.
pub const FEATURES: [&str; 2] = ["--features", "desktop,custom-protocol"];

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where Cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program that the workspace builds, in its debug profile.
pub fn debug_binary(name: &str) -> PathBuf {
    target_dir().join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// A file in which xtask remembers something about this checkout.
pub fn memory(name: &str) -> PathBuf {
    target_dir().join("xtask").join(name)
}

/// A command that runs in the root, without the variables that `cargo run` gave to xtask itself: they would reach
/// build scripts and make Cargo build things again.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "LD_LIBRARY_PATH"
        {
            command.env_remove(&name);
        }
    }
    command
}

/// The Cargo that runs this xtask.
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The name under which npm programs are started: a batch file on Windows.
pub fn npm() -> Command {
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(root().join("ui"));
    npm
}
