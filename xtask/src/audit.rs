//! The dependency audit: licences, sources and bans always; known vulnerabilities where their lists can be reached.
//! What could not be checked is said, never passed over.

use std::process::Stdio;

use crate::process::{Failure, Result, attempt, run, show, succeeds};
use crate::project;

/// The version of cargo-deny that `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Both audits.
pub fn audit() -> Result {
    for step in [rust, npm] {
        if let Some(remark) = step()? {
            println!("{remark}");
        }
    }
    Ok(())
}

/// Makes sure that cargo-deny is here. Compiled without optimisation: that takes a minute rather than several, and
/// it runs for a second.
pub fn provide_cargo_deny() -> Result {
    if succeeds(project::cargo().args(["deny", "--version"])) {
        return Ok(());
    }
    println!("cargo-deny (audits the Rust dependencies), compiled from its source: about a minute");
    run(project::cargo()
        .args(["install", "--locked", "--debug", "--version", CARGO_DENY, "cargo-deny"])
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_DIR", project::target_dir().join("cargo-deny")))
}

/// Audits the Rust dependencies. The remark says when the advisories could not be had.
pub fn rust() -> Result<Option<String>> {
    provide_cargo_deny()?;
    run(project::cargo().args(["deny", "--all-features", "check", "bans", "licenses", "sources"]))?;

    let mut advisories = project::cargo();
    advisories.args(["deny", "--all-features", "check", "advisories"]).stdin(Stdio::null());
    let shown = show(&advisories);
    let output = attempt(&format!("cannot start `{shown}`"), advisories.output())?;
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        println!("No known vulnerability in the Rust dependencies.");
        return Ok(None);
    }
    if database_unreachable(&text) {
        println!(
            "The list of known vulnerabilities (RustSec) cannot be reached from here; that part was not checked."
        );
        return Ok(Some("RustSec not reachable, advisories not checked".into()));
    }
    Err(Failure::new(format!("`{shown}` found something:\n{text}")))
}

fn database_unreachable(text: &str) -> bool {
    text.contains("failed to fetch advisory database") || text.contains("failed to load advisory database")
}

/// Audits the npm packages that reach the app. The remark says when the registry did not answer.
pub fn npm() -> Result<Option<String>> {
    let mut npm = project::npm();
    npm.args(["audit", "--omit=dev", "--json"]).stdin(Stdio::null());
    let shown = show(&npm);
    let output = attempt(&format!("cannot start `{shown}`"), npm.output())?;
    let text = String::from_utf8_lossy(&output.stdout);
    // The report has this field; an answer without it is the registry's error, not a clean bill.
    if !text.contains("\"auditReportVersion\"") {
        println!(
            "The npm registry gives no audit here; known vulnerabilities of the npm packages were not checked."
        );
        return Ok(Some("registry gave no audit, not checked".into()));
    }
    if output.status.success() {
        println!("No known vulnerability in the npm packages of the app.");
        return Ok(None);
    }
    Err(Failure::new(format!("`{shown}` found something:\n{text}")))
}
