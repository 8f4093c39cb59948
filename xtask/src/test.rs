//! `cargo xtask test`: every check, cheap ones first, so that a slip is said within a minute.
//!
//! All of Rust is compiled once, and linted meanwhile; tests and the end-to-end run reuse that. It needs one feature
//! set and one set of packages for all of them (`WORKSPACE`). The exception is the library without its shell, of which
//! no more than itself is compiled again.

use crate::bindings::{self, EXPORT_DIR};
use crate::needs::{self, Group};
use crate::process::{Cleaning, Result, run};
use crate::steps::{self, Step};
use crate::{again, audit, e2e, keyring, project, rust, s3_servers, torture, ui};

/// The packages and targets of every workspace-wide command.
const WORKSPACE: [&str; 2] = ["--workspace", "--all-targets"];

const STEPS: [Step; 18] = [
    ("Set-up", set_up),
    ("Formatting of Rust", || plain(run(project::cargo().args(["fmt", "--all", "--check"])))),
    ("UI: packages and build", || plain(ui::provide_packages().and_then(|()| ui::build()))),
    ("UI: lint", || plain(ui::script("lint"))),
    ("UI: types", || plain(ui::script("check"))),
    ("UI: unit tests", || plain(ui::script("test"))),
    ("Relay page of the Zoom sign-in", relay_page),
    ("Dependency audit: Rust", audit::rust),
    ("Dependency audit: npm", audit::npm),
    ("The app and the tests, build and clippy", build),
    ("The core without its shell, build and clippy", core),
    ("S3 servers to test buckets on", || plain(s3_servers::finish())),
    ("Unit tests and stories", tests),
    ("Crash test, short", || plain(torture::short())),
    ("Documentation examples", doc_tests),
    ("The keyring: unlocked, locked, missing", || plain(keyring::run())),
    ("Types of the UI come from Rust", || plain(bindings::check_fresh())),
    ("End to end, in the real window", || e2e::run(&[])),
];

/// Runs all steps.
pub fn test() -> Result {
    steps::run(&STEPS)
}

fn plain(result: Result) -> Result<Option<String>> {
    result.map(|()| None)
}

fn set_up() -> Result<Option<String>> {
    needs::provide(&[Group::Build, Group::Run, Group::Test])?;
    s3_servers::begin();
    plain(rust::provide_components())
}

fn relay_page() -> Result<Option<String>> {
    plain(run(project::command("node").args(["--test", "--test-reporter=dot", "docs/relay/relay.test.mjs"])))
}

/// The core must compile where there is no Tauri: the promise that it knows no window. The example makes Cargo count the
/// libraries of the tests, and with them everything below the core is that of the build before.
fn core() -> Result<Option<String>> {
    plain(run(project::cargo().args([
        "build",
        "--lib",
        "--bin",
        "nextctl",
        "--example",
        "teamspace-at-scale",
    ])))
}

fn build() -> Result<Option<String>> {
    project::lint_while_building();
    plain(run(project::cargo().arg("build").args(WORKSPACE).args(project::FEATURES)))
}

fn tests() -> Result<Option<String>> {
    let fresh = bindings::fresh_folder()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    again::run(None, |names| {
        let mut cargo = project::cargo();
        cargo
            .args(["test", "--workspace", "--lib", "--bins", "--test", "stories", "--no-fail-fast"])
            .args(project::FEATURES)
            // Stories wait more than they compute: two cores have time for more than two.
            .env("RUST_TEST_THREADS", if names.is_empty() { cores.max(4) } else { 1 }.to_string())
            .env(s3_servers::VARIABLE, s3_servers::folder())
            .env(EXPORT_DIR, &fresh);
        if !names.is_empty() {
            cargo.args(["--", "--exact"]).args(names);
        }
        Ok((cargo, Cleaning::IfInterrupted))
    })
}

fn doc_tests() -> Result<Option<String>> {
    plain(run(project::cargo().args(["test", "--workspace", "--doc"]).args(project::FEATURES)))
}
