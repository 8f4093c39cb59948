//! The end-to-end run in the real window, hermetic: a display, a session bus, a keyring, a home and a temporary
//! folder of its own. Promise: nothing of it is left when it ends, however it ends, and nothing of the person's is
//! touched.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::needs::{self, Group};
use crate::process::{Cleaning, Failure, Result, attempt, show, succeeded};
use crate::{again, project, s3_servers, ui};

/// Longer than any healthy run by far; a run that hangs must not hang the machine that waits for it.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Unlocks a fresh keyring on the bus of this run, then becomes the test.
const WITH_KEYRING: &str = "printf keyring | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null \
                            || exit 1; exec \"$@\"";

/// Where the run puts its screenshots and logs.
pub fn artifacts() -> PathBuf {
    project::root().join("e2e-artifacts")
}

/// `cargo xtask e2e`: set-up, then the run with an optional filter.
pub fn e2e(filter: &[String]) -> Result {
    needs::provide(&[Group::Build, Group::Run, Group::Test])?;
    s3_servers::provide()?;
    ui::provide_packages()?;
    ui::build()?;
    if let Some(remark) = run(filter)? {
        println!("{remark}");
    }
    Ok(())
}

/// The run alone, of all stories or of those whose names have a word of the filter. Returns a remark.
pub fn run(filter: &[String]) -> Result<Option<String>> {
    let test = compile(&["--test", "e2e"], r#""kind":["test"]"#, "e2e")?;
    attempt("cannot make e2e-artifacts", fs::create_dir_all(artifacts()))?;
    again::run(Some(LIMIT), |names| {
        let home = private_folder()?;
        let mut command = wrapped(&home, &test);
        // One window, one keyring, one display: the stories of this run go one after the other.
        command.args(["--test-threads", "1", "--nocapture"]);
        match names {
            [] => command.args(filter),
            names => command.arg("--exact").args(names),
        };
        Ok((command, Cleaning::Always(home)))
    })
}

/// Compiles a test and returns its program. Cargo is not started inside the private home: it would not find itself.
pub fn compile(selection: &[&str], kind: &str, name: &str) -> Result<PathBuf> {
    let mut cargo = project::cargo();
    cargo
        .args(["test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"])
        .args(selection);
    cargo.args(project::FEATURES).stdin(Stdio::null()).stderr(Stdio::inherit());
    let shown = show(&cargo);
    let output = attempt(&format!("cannot start `{shown}`"), cargo.output())?;
    succeeded(&shown, output.status)?;
    executable(&String::from_utf8_lossy(&output.stdout), kind, name)
        .ok_or_else(|| Failure::new(format!("`{shown}` named no program for the test `{name}`")))
}

/// The test program of a target among Cargo's messages, one JSON object per line.
fn executable(messages: &str, kind: &str, name: &str) -> Option<PathBuf> {
    let name = format!(r#""name":"{name}""#);
    let of_target =
        |line: &&str| line.contains(kind) && line.contains(&name) && line.contains(r#""executable":""#);
    let (_, rest) = messages.lines().find(of_target)?.split_once(r#""executable":""#)?;
    rest.split('"').next().map(PathBuf::from)
}

/// A fresh folder for everything that belongs to this run alone. Short, because sockets live in it.
pub fn private_folder() -> Result<PathBuf> {
    let folder = env::temp_dir().join(format!("next-e2e-{}", std::process::id()));
    let what = format!("cannot make {}", folder.display());
    for name in ["run", "home", "data", "config", "cache", "tmp"] {
        attempt(&what, fs::create_dir_all(folder.join(name)))?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The session's services refuse a runtime folder that others can read.
        attempt(&what, fs::set_permissions(folder.join("run"), fs::Permissions::from_mode(0o700)))?;
    }
    Ok(folder)
}

/// The test inside keyring, bus and display. The display is outermost, so that services which the bus starts see it.
pub fn wrapped(home: &Path, test: &Path) -> Command {
    let mut command = at_home(home, "xvfb-run");
    command
        // Without -noreset the display starts anew whenever its last client leaves, and takes whoever comes just then.
        .args(["-a", "-s", "-screen 0 1280x900x24 -nolisten tcp -noreset"])
        .args(["dbus-run-session", "--", "/bin/sh", "-c", WITH_KEYRING, "with-keyring"])
        .arg(test)
        .env("NEXT_E2E_ARTIFACTS", artifacts())
        .env(s3_servers::VARIABLE, s3_servers::folder())
        .env("CARGO_MANIFEST_DIR", project::root());
    command
}

/// A program with this home, and nothing of the person's own desktop and configuration.
pub fn at_home(home: &Path, program: &str) -> Command {
    let mut command = project::command(program);
    command
        .env("HOME", home.join("home"))
        .env("TMPDIR", home.join("tmp"))
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .stdin(Stdio::null());
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XAUTHORITY", "XDG_SESSION_TYPE"] {
        command.env_remove(name);
    }
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("NEXT_") && !name.to_string_lossy().starts_with("NEXT_E2E_") {
            command.env_remove(name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_program_is_found_among_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["test"],"name":"stories"},"executable":"/t/stories-1"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["test"],"name":"e2e"},"executable":"/t/e2e-2"}"#,
            "\n",
        );
        let kind = r#""kind":["test"]"#;
        assert_eq!(executable(messages, kind, "e2e"), Some(PathBuf::from("/t/e2e-2")));
        assert_eq!(executable("{}", kind, "e2e"), None);
    }
}
