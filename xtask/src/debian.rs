//! Debian packages: what is installed, and installing the rest, as root or through sudo.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::needs::{Group, Need, on_path};
use crate::process::{Failure, Result, output, show, succeeded, succeeds};
use crate::project;

/// Whether this is Debian or one of its kin.
pub fn is_here() -> bool {
    Path::new("/etc/debian_version").exists() && on_path("dpkg-query") && on_path("apt-get")
}

/// Which of these packages are installed.
pub fn installed(packages: &[&str]) -> Vec<String> {
    // dpkg-query fails when it does not know one of the names, and still writes about the others.
    let listed = project::command("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(packages)
        .stderr(std::process::Stdio::null())
        .output();
    let text = listed.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().filter_map(|line| line.strip_suffix(" installed")).map(str::to_owned).collect()
}

/// Installs what is missing; quick when nothing is.
pub fn install(missing: &[(Group, &Need)]) -> Result {
    if missing.is_empty() {
        return Ok(());
    }
    for group in Group::ALL {
        let packages: Vec<_> =
            missing.iter().filter(|(g, _)| *g == group).map(|(_, need)| need.package).collect();
        if !packages.is_empty() {
            let (name, purpose) = group.purpose();
            println!("Debian packages to {name} ({purpose}): {}", packages.join(" "));
        }
    }
    let packages: Vec<_> = missing.iter().map(|(_, need)| need.package).collect();
    let by_hand = format!("apt-get install --no-install-recommends {}", packages.join(" "));
    let Some(privilege) = privilege() else {
        return Err(Failure::needs_person(format!(
            "installing Debian packages needs root, and there is no sudo here. As root, please: {by_hand}"
        )));
    };
    if !lists_are_here() {
        apt_get(privilege, &["update"], &[])?;
    }
    let install = ["install", "--yes", "--no-install-recommends"];
    if apt_get(privilege, &install, &packages).is_ok() {
        return Ok(());
    }
    println!("That did not work; trying once more with fresh package lists.");
    apt_get(privilege, &["update"], &[])?;
    apt_get(privilege, &install, &packages)
        .map_err(|failure| Failure::needs_person(format!("{}. By hand: {by_hand}", failure.message)))
}

/// How to become root: not at all, or through sudo.
#[derive(Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

fn privilege() -> Option<Privilege> {
    let root = output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    if root {
        return Some(Privilege::Root);
    }
    succeeds(Command::new("sudo").arg("--version")).then_some(Privilege::Sudo)
}

fn lists_are_here() -> bool {
    let Ok(entries) = fs::read_dir("/var/lib/apt/lists") else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
}

/// Runs apt-get with the terminal attached: sudo may ask for a password.
fn apt_get(privilege: Privilege, arguments: &[&str], packages: &[&str]) -> Result {
    let mut command = match privilege {
        Privilege::Root => project::command("env"),
        Privilege::Sudo => {
            let mut sudo = project::command("sudo");
            sudo.arg("env");
            sudo
        }
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]);
    command.args(arguments).args(packages);
    let status = command.status().map_err(|error| Failure::new(format!("cannot start apt-get: {error}")))?;
    succeeded(&show(&command), status)
}
