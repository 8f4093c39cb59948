//! What a machine must have, and why. On Debian and its kin xtask installs it; elsewhere it looks for the thing
//! itself and names what is missing.

use std::path::Path;
use std::process::ExitCode;

use crate::process::{Failure, Result, output, succeeds};
use crate::{debian, project};

/// What something is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// To compile the app.
    Build,
    /// To use the app.
    Run,
    /// For the end-to-end run.
    Test,
    /// To measure imports.
    Bench,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 4] = [Group::Build, Group::Run, Group::Test, Group::Bench];

    /// One word for the person, and why.
    pub fn purpose(self) -> (&'static str, &'static str) {
        match self {
            Group::Build => ("build", "the compiler's linker and the web view's headers"),
            Group::Run => ("run", "links into the app, and the codecs that play recordings"),
            Group::Test => ("test", "a display, a browser, a keyring and a driver for the end-to-end run"),
            Group::Bench => ("bench", "the programs that imports are measured beside"),
        }
    }
}

/// How to see on any system whether a thing is there.
enum Sign {
    Program(&'static str),
    Library(&'static str),
    MediaElement(&'static str),
    /// Only Debian's own list can tell.
    Package,
}

/// One thing that is needed.
pub struct Need {
    group: Group,
    /// Name of the Debian package.
    pub package: &'static str,
    why: &'static str,
    sign: Sign,
}

const fn need(group: Group, package: &'static str, why: &'static str, sign: Sign) -> Need {
    Need { group, package, why, sign }
}

#[rustfmt::skip]
const NEEDS: [Need; 28] = {
    use Group::{Bench, Build, Run, Test};
    use Sign::{Library, MediaElement, Package, Program};
    [
        need(Build, "build-essential", "C compiler and linker", Program("cc")),
        need(Build, "pkg-config", "finds libraries", Program("pkg-config")),
        need(Build, "libwebkit2gtk-4.1-dev", "the web view that the window shows", Library("webkit2gtk-4.1")),
        need(Build, "libdbus-1-dev", "talks to the desktop", Library("dbus-1")),
        need(Run, "xdg-utils", "opens the browser and registers links", Program("xdg-open")),
        need(Run, "desktop-file-utils", "registers links", Program("update-desktop-database")),
        need(Run, "libglib2.0-bin", "opens links", Program("gio")),
        need(Run, "gstreamer1.0-plugins-base", "plays media", MediaElement("playbin")),
        need(Run, "gstreamer1.0-plugins-good", "reads MP4", MediaElement("qtdemux")),
        need(Run, "gstreamer1.0-plugins-bad", "media parsers", MediaElement("h264parse")),
        need(Run, "gstreamer1.0-libav", "decodes H.264 and AAC", MediaElement("avdec_h264")),
        need(Run, "gstreamer1.0-gl", "draws video", MediaElement("glupload")),
        need(Test, "xvfb", "a display without a screen", Program("xvfb-run")),
        need(Test, "xauth", "guards that display", Program("xauth")),
        need(Test, "webkit2gtk-driver", "drives the window", Program("WebKitWebDriver")),
        need(Test, "chromium", "the browser of the sign-in round trip", Program("chromium")),
        need(Test, "chromium-driver", "drives that browser", Program("chromedriver")),
        need(Test, "dbus", "a session bus of its own", Program("dbus-run-session")),
        need(Test, "gnome-keyring", "a real Secret Service", Program("gnome-keyring-daemon")),
        need(Test, "libsecret-tools", "looks into the keyring", Program("secret-tool")),
        need(Test, "xdotool", "moves and sizes the window", Program("xdotool")),
        need(Test, "ffmpeg", "cuts clips, and tells how long they are", Program("ffmpeg")),
        need(Test, "procps", "ends programs by their number", Program("kill")),
        need(Test, "python3-venv", "runs the S3 servers that buckets are tested on", Package),
        need(Test, "fonts-noto-color-emoji", "titles with emoji in screenshots", Package),
        need(Test, "ca-certificates", "lets cargo and npm trust their registries", Package),
        need(Bench, "curl", "downloads on one connection, and turns the simulator's knobs", Program("curl")),
        need(Bench, "aria2", "downloads on several connections", Program("aria2c")),
    ]
};

/// Makes sure that everything in these groups is here; installs it on Debian and its kin.
pub fn provide(groups: &[Group]) -> Result {
    check_node()?;
    if cfg!(target_os = "linux") && debian::is_here() {
        return debian::install(&missing_packages(groups));
    }
    if cfg!(target_os = "linux") {
        return provide_on_other_linux(groups);
    }
    if groups.contains(&Group::Test) {
        return Err(Failure::needs_person(
            "the whole test needs Linux (Debian 12 is the reference): the end-to-end run drives WebKitGTK on a display \
             of its own.\nHere these work: cargo test --workspace, cargo xtask run, npm --prefix ui test",
        ));
    }
    println!("Not Linux: needed are {}", if cfg!(windows) { WINDOWS } else { MACOS });
    Ok(())
}

const WINDOWS: &str = "the Microsoft C++ build tools and the WebView2 runtime (part of Windows 11).";
const MACOS: &str = "Apple's command-line tools (xcode-select --install).";

fn missing_packages(groups: &[Group]) -> Vec<(Group, &'static Need)> {
    let asked = NEEDS.iter().filter(|need| groups.contains(&need.group));
    let installed = debian::installed(&asked.clone().map(|need| need.package).collect::<Vec<_>>());
    asked
        .filter(|need| !installed.iter().any(|name| name == need.package))
        .map(|need| (need.group, need))
        .collect()
}

fn provide_on_other_linux(groups: &[Group]) -> Result {
    let missing: Vec<_> =
        NEEDS.iter().filter(|need| groups.contains(&need.group) && !is_present(&need.sign)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = missing.iter().map(|need| format!("  {:28} {}", need.package, need.why)).collect();
    Err(Failure::needs_person(format!(
        "this system's packages are not known to xtask. Please install these (Debian's names) and start again:\n{}",
        lines.join("\n")
    )))
}

fn is_present(sign: &Sign) -> bool {
    match sign {
        Sign::Program(name) => on_path(name),
        Sign::Library(name) => succeeds(project::command("pkg-config").args(["--exists", name])),
        Sign::MediaElement(name) => {
            !on_path("gst-inspect-1.0")
                || succeeds(project::command("gst-inspect-1.0").args(["--exists", name]))
        }
        Sign::Package => true,
    }
}

/// Whether a program of this name is on the path.
pub fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
        || ["/usr/sbin", "/sbin"].iter().any(|dir| Path::new(dir).join(program).is_file())
}

/// The oldest Node.js with which the UI builds: major and minor.
const NODE: (u32, u32) = (20, 19);

fn check_node() -> Result {
    let (major, minor) = NODE;
    let Some(version) = output(project::command("node").arg("--version")) else {
        return Err(Failure::needs_person(format!(
            "Node.js is missing; the UI needs version {major}.{minor} or newer. Get it from https://nodejs.org"
        )));
    };
    if node_version(&version).is_some_and(|version| version >= NODE) {
        return Ok(());
    }
    Err(Failure::needs_person(format!(
        "Node.js {} is too old; the UI needs version {major}.{minor} or newer. Get it from https://nodejs.org",
        version.trim()
    )))
}

/// Major and minor of what `node --version` says.
fn node_version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Says what is here and what is missing, without changing anything. The exit code is 0 when nothing is missing.
pub fn report() -> ExitCode {
    let mut complete = true;
    match check_node() {
        Ok(()) => println!(
            "ok       Node.js {}",
            output(project::command("node").arg("--version")).unwrap_or_default().trim()
        ),
        Err(failure) => {
            complete = false;
            println!("missing  {}", failure.message);
        }
    }
    let debian = debian::is_here();
    for group in Group::ALL {
        let (name, purpose) = group.purpose();
        println!("\nTo {name}: {purpose}");
        let absent = if debian { missing_packages(&[group]) } else { Vec::new() };
        for need in NEEDS.iter().filter(|need| need.group == group) {
            let here = if debian {
                !absent.iter().any(|(_, other)| other.package == need.package)
            } else {
                is_present(&need.sign)
            };
            complete &= here;
            println!("{}  {:28} {}", if here { "ok     " } else { "missing" }, need.package, need.why);
        }
    }
    println!(
        "\n{}",
        if complete {
            "Nothing is missing."
        } else {
            "`cargo xtask setup` installs what is missing on Debian."
        }
    );
    ExitCode::from(if complete { 0 } else { 3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_compare_as_numbers() {
        assert_eq!(node_version("v20.20.2\n"), Some((20, 20)));
        assert!(node_version("v20.9.0") < Some(NODE));
        assert_eq!(node_version("unknown"), None);
    }

    #[test]
    fn each_package_is_asked_for_once() {
        let mut names: Vec<_> = NEEDS.iter().map(|need| need.package).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
