//! `cargo xtask bundle`: the .deb, and a look into it. A package that lacks its link scheme or its command-line
//! program fails here and not on somebody's machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::needs::{self, Group};
use crate::process::{Failure, Result, attempt, output, run};
use crate::{project, ui};

/// Makes the package and checks it. `--debug` builds without optimisation, to look at the package quickly.
pub fn bundle(arguments: &[String]) -> Result {
    let debug = match arguments {
        [] => false,
        [word] if word == "--debug" => true,
        _ => return Err(Failure::usage("`bundle` knows only `--debug`")),
    };
    if !cfg!(target_os = "linux") {
        return Err(Failure::needs_person(
            "this makes the .deb, on Linux. On this system `ui/node_modules/.bin/tauri build` makes its own packages",
        ));
    }
    needs::provide(&[Group::Build, Group::Run])?;
    ui::provide_packages()?;
    ui::build()?;
    let mut cargo = project::cargo();
    cargo.args(["build", "--bin", "next-desktop", "--bin", "nextctl"]).args(project::FEATURES);
    if !debug {
        cargo.arg("--release");
    }
    run(&mut cargo)?;
    let folder = project::target_dir().join(if debug { "debug" } else { "release" }).join("bundle/deb");
    // Only what this run makes is looked at.
    if folder.exists() {
        attempt("cannot remove the old packages", fs::remove_dir_all(&folder))?;
    }
    // Packs what was built above. `tauri build` would compile all of it once more, with other features.
    let mut tauri = project::command(project::root().join("ui/node_modules/.bin/tauri"));
    tauri.args(["bundle", "--bundles", "deb", "--ci"]);
    if debug {
        tauri.arg("--debug");
    }
    run(&mut tauri)?;
    let package = the_package(&folder)?;
    check(&package)?;
    let size = attempt("cannot see the package", fs::metadata(&package))?.len();
    println!("\n{} ({:.1} MB)", package.display(), size as f64 / 1e6);
    println!("To install it: apt-get install {}", package.display());
    Ok(())
}

fn the_package(folder: &Path) -> Result<PathBuf> {
    let entries = attempt("the Tauri CLI made no .deb", fs::read_dir(folder))?;
    let package =
        entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "deb"));
    package.ok_or_else(|| Failure::new("the Tauri CLI made no .deb"))
}

/// Looks for what the package promises: both programs, the link scheme, the icons and the codecs.
fn check(package: &Path) -> Result {
    let listing = dpkg_deb("--contents", package)?;
    let control = dpkg_deb("--info", package)?;
    let paths: Vec<&str> = listing.lines().filter_map(path_in_listing).collect();
    let desktop = desktop_entry(package, &paths)?;
    println!("\nIn the package:");
    for path in &paths {
        println!("  {path}");
    }
    let missing = missing(&paths, &control, &desktop);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("the package lacks:\n  {}", missing.join("\n  "))))
}

/// The path in one line of `dpkg-deb --contents`: the sixth column, which may hold spaces.
fn path_in_listing(line: &str) -> Option<&str> {
    let mut rest = line;
    for _ in 0..5 {
        rest = rest.trim_start().split_once(' ')?.1;
    }
    (!line.starts_with('d')).then(|| rest.trim_start().trim_start_matches("./"))
}

fn missing(paths: &[&str], control: &str, desktop: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let mut expect = |there: bool, what: &str| {
        if !there {
            missing.push(what.to_owned());
        }
    };
    for program in ["usr/bin/next-desktop", "usr/bin/nextctl"] {
        expect(paths.contains(&program), program);
    }
    for size in ["32x32", "128x128", "256x256", "512x512"] {
        let icon = format!("usr/share/icons/hicolor/{size}/apps/next-desktop.png");
        expect(paths.contains(&icon.as_str()), &icon);
    }
    let has_line = |begin: &str, end: &str| {
        desktop.lines().any(|line| line.starts_with(begin) && line.trim_end().ends_with(end))
    };
    expect(
        has_line("Exec=next-desktop", " %u"),
        "a desktop entry with Exec=next-desktop %u: links would be lost",
    );
    expect(
        desktop
            .lines()
            .any(|line| line.starts_with("MimeType=") && line.contains("x-scheme-handler/next-desktop")),
        "a desktop entry with MimeType=x-scheme-handler/next-desktop",
    );
    expect(has_line("Name=", "=NEXT Desktop"), "a desktop entry with Name=NEXT Desktop");
    let depends = control.lines().find(|line| line.trim_start().starts_with("Depends:")).unwrap_or_default();
    for package in ["libwebkit2gtk-4.1-0", "gstreamer1.0-libav", "gstreamer1.0-plugins-good"] {
        expect(depends.contains(package), &format!("a dependency on {package}"));
    }
    expect(
        !depends.contains("appindicator"),
        "freedom from libappindicator: the tray is drawn over D-Bus itself",
    );
    missing
}

fn desktop_entry(package: &Path, paths: &[&str]) -> Result<String> {
    let path =
        paths.iter().find(|path| path.starts_with("usr/share/applications/") && path.ends_with(".desktop"));
    let path = path.ok_or_else(|| Failure::new("the package has no desktop entry"))?;
    let folder = project::memory("deb");
    if folder.exists() {
        attempt("cannot empty the folder of the last look", fs::remove_dir_all(&folder))?;
    }
    run(project::command("dpkg-deb").arg("--extract").arg(package).arg(&folder))?;
    let text = attempt("cannot read the desktop entry", fs::read_to_string(folder.join(path)));
    attempt("cannot remove the extracted package", fs::remove_dir_all(&folder))?;
    text
}

fn dpkg_deb(what: &str, package: &Path) -> Result<String> {
    output(project::command("dpkg-deb").arg(what).arg(package))
        .ok_or_else(|| Failure::new(format!("`dpkg-deb {what}` cannot read {}", package.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESKTOP: &str =
        "[Desktop Entry]\nName=NEXT Desktop\nExec=next-desktop %u\nMimeType=x-scheme-handler/next-desktop\n";
    const CONTROL: &str = " Depends: libwebkit2gtk-4.1-0, gstreamer1.0-libav, \
                           gstreamer1.0-plugins-good\n";
    const PATHS: [&str; 6] = [
        "usr/bin/next-desktop",
        "usr/bin/nextctl",
        "usr/share/icons/hicolor/32x32/apps/next-desktop.png",
        "usr/share/icons/hicolor/128x128/apps/next-desktop.png",
        "usr/share/icons/hicolor/256x256/apps/next-desktop.png",
        "usr/share/icons/hicolor/512x512/apps/next-desktop.png",
    ];

    #[test]
    fn a_whole_package_lacks_nothing() {
        assert_eq!(missing(&PATHS, CONTROL, DESKTOP), Vec::<String>::new());
    }

    #[test]
    fn a_desktop_entry_that_would_lose_links_is_said() {
        let said = missing(&PATHS, CONTROL, &DESKTOP.replace(" %u", ""));
        assert_eq!(said, ["a desktop entry with Exec=next-desktop %u: links would be lost"]);
    }

    #[test]
    fn a_library_that_the_tray_does_not_need_is_said() {
        let control = CONTROL.replace("Depends: ", "Depends: libayatana-appindicator3-1, ");
        let said = missing(&PATHS, &control, DESKTOP);
        assert_eq!(said, ["freedom from libappindicator: the tray is drawn over D-Bus itself"]);
    }

    #[test]
    fn a_missing_command_line_program_is_said() {
        assert_eq!(missing(&[&PATHS[..1], &PATHS[2..]].concat(), CONTROL, DESKTOP), ["usr/bin/nextctl"]);
    }

    #[test]
    fn a_listing_gives_paths_even_with_spaces() {
        for begin in ["", "./"] {
            let line =
                format!("-rw-r--r-- 0/0           305 2026-01-01 00:00 {begin}usr/share/A name.desktop");
            assert_eq!(path_in_listing(&line), Some("usr/share/A name.desktop"));
        }
        assert_eq!(path_in_listing("drwxr-xr-x 0/0               0 2026-01-01 00:00 usr"), None);
    }
}
