//! The keyring as desktops have it: unlocked, locked, missing. Each is tried for real, on a bus of its own.

use std::fs;
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use crate::e2e;
use crate::process::{Cleaning, Failure, Guarded, Result, attempt};

/// No trial takes longer.
const LIMIT: Duration = Duration::from_secs(120);

/// A session bus that starts no service by itself: a keyring is there only when a test brings one.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// What is done on the bus before the test, and the test.
const TRIALS: [(&str, &str); 3] = [
    (
        "printf keyring | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null || exit 1; exec \"$@\"",
        "secret::tests::the_keyring_keeps_the_promises_of_a_store",
    ),
    (
        "gnome-keyring-daemon --start --components=secrets >/dev/null || exit 1; exec \"$@\"",
        "secret::keyring::tests::a_locked_keyring_refuses_to_keep_and_looks_empty",
    ),
    ("exec \"$@\"", "secret::keyring::tests::a_missing_keyring_is_said_and_looked_for_again"),
];

/// Runs each trial in a fresh home.
pub fn run() -> Result {
    let test = e2e::compile(&["--lib", "--package", "next-desktop"], r#""kind":["lib"]"#, "next_desktop")?;
    for (before, name) in TRIALS {
        let home = e2e::private_folder()?;
        let bus = home.join("bus.conf");
        attempt("cannot write the bus configuration", fs::write(&bus, BUS))?;
        let mut command = e2e::at_home(&home, "dbus-run-session");
        command.arg("--config-file").arg(&bus).args(["--", "/bin/sh", "-c", before, "with-keyring"]);
        command.arg(&test).args(["--ignored", "--exact", name]).stdout(Stdio::piped());
        let mut guarded = Guarded::spawn(&mut command, Cleaning::Always(home))?;
        let stdout = guarded.child().stdout.take();
        let status = guarded.wait(Some(LIMIT))?;
        let mut said = String::new();
        if let Some(mut stdout) = stdout {
            attempt("cannot read what the test says", stdout.read_to_string(&mut said))?;
        }
        // A name that matches nothing passes too, and proves nothing.
        if !status.success() || !said.contains("1 passed") {
            return Err(Failure::new(format!("{name} failed:\n{said}")));
        }
        println!("{name}: passed");
    }
    Ok(())
}
