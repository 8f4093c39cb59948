//! The Rust toolchain: its version and the components that the checks need.

use crate::process::{Failure, Result, run, succeeds};
use crate::project;

/// Makes sure that rustfmt and clippy are here.
pub fn provide_components() -> Result {
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if succeeds(project::cargo().args([command, "--version"])) {
            continue;
        }
        if !succeeds(project::command("rustup").arg("--version")) {
            return Err(Failure::needs_person(format!(
                "`cargo {command}` is missing. Please install {component} for this Rust, or Rust from https://rustup.rs"
            )));
        }
        println!("Rust component {component} (for the checks)");
        run(project::command("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}
