//! Where things are in this repository, and how its commands are called.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

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

static LINTING: AtomicBool = AtomicBool::new(false);

/// From now on Cargo compiles the workspace with Clippy's driver, which is the compiler with the lints put in: what
/// `cargo clippy` would say is said by the build, and no crate is compiled once more for it. Warnings are errors.
/// Whatever must find the built things again has to be called in the same way, therefore it cannot be undone.
pub fn lint_while_building() {
    LINTING.store(true, Ordering::Relaxed);
}

/// The Cargo that runs this xtask.
pub fn cargo() -> Command {
    let cargo = PathBuf::from(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let mut command = command(&cargo);
    if LINTING.load(Ordering::Relaxed) {
        let beside = cargo.with_file_name(format!("clippy-driver{}", env::consts::EXE_SUFFIX));
        let driver = if beside.is_file() { beside } else { "clippy-driver".into() };
        command.env("RUSTC_WORKSPACE_WRAPPER", driver);
        // As `cargo clippy -- -D warnings` hands it over.
        command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    }
    command
}

/// The name under which npm programs are started: a batch file on Windows.
pub fn npm() -> Command {
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(root().join("ui"));
    npm
}
