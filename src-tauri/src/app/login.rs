//! Starting with the desktop session: off until a person switches it on, and off for good when they switch it off,
//! here or with the means of their desktop.
//!
//! # Why the entry on Linux is written here
//! The crate that does it elsewhere writes paths unquoted and knows neither `XDG_CONFIG_HOME` nor the ways in which a
//! desktop switches an entry off.

use std::path::{Path, PathBuf};

use crate::error::{Code, UserError};

/// What is started, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginStart {
    /// The window's program.
    pub program: PathBuf,
    /// The data directory, when it is not the system's own.
    pub data_dir: Option<PathBuf>,
    /// A name for the entry that another data directory does not have.
    pub name: String,
}

impl LoginStart {
    /// The window's program beside this one, be this the window or `nextctl`; an AppImage is started as a whole.
    pub(super) fn of(appimage: Option<&Path>, data_dir: Option<PathBuf>) -> Result<Self, UserError> {
        let program = match appimage {
            Some(image) => image.to_owned(),
            None => {
                let this = std::env::current_exe()
                    .map_err(|error| UserError::unexpected("find its own program", error))?;
                this.with_file_name(format!("next-desktop{}", std::env::consts::EXE_SUFFIX))
            }
        };
        let name = match &data_dir {
            None => "next-desktop".to_owned(),
            Some(folder) => format!("next-desktop-{}", short_digest(folder)),
        };
        Ok(Self { program, data_dir, name })
    }
}

fn short_digest(folder: &Path) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    data_encoding::HEXLOWER.encode(digest.get(..4).unwrap_or_default())
}

/// Whether the app starts with the session.
#[cfg(target_os = "linux")]
pub(super) fn is_on(start: &LoginStart) -> Result<bool, UserError> {
    Ok(linux::is_on(&linux::folder()?, start))
}

/// Switches it on or off.
#[cfg(target_os = "linux")]
pub(super) fn set(start: &LoginStart, on: bool) -> Result<(), UserError> {
    linux::set(&linux::folder()?, start, on)
}

fn cannot(error: impl std::fmt::Display) -> UserError {
    UserError::new(
        Code::PermissionDenied,
        "The system does not let NEXT change what starts when you sign in",
        "add NEXT Desktop to the programs that start with your session yourself",
    )
    .detail(error)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io;

    use super::{LoginStart, Path, PathBuf, UserError, cannot};

    pub fn folder() -> Result<PathBuf, UserError> {
        let dirs = directories::BaseDirs::new().ok_or_else(|| cannot("there is no home folder"))?;
        Ok(dirs.config_dir().join("autostart"))
    }

    fn file(folder: &Path, start: &LoginStart) -> PathBuf {
        folder.join(format!("{}.desktop", start.name))
    }

    /// Desktops switch an entry off by one of these lines, some of them by removing it.
    pub fn is_on(folder: &Path, start: &LoginStart) -> bool {
        let text = fs::read_to_string(file(folder, start)).unwrap_or_default();
        let off = |line: &str| matches!(line.trim(), "Hidden=true" | "X-GNOME-Autostart-enabled=false");
        !text.is_empty() && !text.lines().any(off)
    }

    pub fn set(folder: &Path, start: &LoginStart, on: bool) -> Result<(), UserError> {
        let file = file(folder, start);
        if on {
            fs::create_dir_all(folder).and_then(|()| fs::write(&file, entry(start))).map_err(cannot)
        } else {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(error)),
                _ => Ok(()),
            }
        }
    }

    fn entry(start: &LoginStart) -> String {
        let data = start.data_dir.as_ref().map(|folder| format!("NEXT_DATA_DIR={}", folder.display()));
        let data = data.map_or(String::new(), |data| format!("env {} ", quoted(&data)));
        let program = quoted(&start.program.display().to_string());
        format!(
            "[Desktop Entry]\nType=Application\nName=NEXT Desktop\nIcon=next-desktop\n\
             Exec={data}{program} --hidden\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
        )
    }

    /// An argument as the Desktop Entry Specification wants it: quoted for the command line, then escaped as a value.
    fn quoted(argument: &str) -> String {
        let mut quoted = String::from("\"");
        for character in argument.chars() {
            match character {
                '"' | '`' | '$' => quoted.extend(['\\', '\\', character]),
                '\\' => quoted.push_str("\\\\\\\\"),
                '%' => quoted.push_str("%%"),
                '\n' => quoted.push_str("\\n"),
                other => quoted.push(other),
            }
        }
        quoted.push('"');
        quoted
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn start() -> LoginStart {
            LoginStart {
                program: PathBuf::from("/opt/next"),
                data_dir: None,
                name: "next-desktop".to_owned(),
            }
        }

        #[test]
        fn it_is_off_until_switched_on_and_off_again_for_good() {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("autostart");
            assert!(!is_on(&folder, &start()));
            set(&folder, &start(), true).unwrap();
            assert!(is_on(&folder, &start()));
            set(&folder, &start(), false).unwrap();
            assert!(!is_on(&folder, &start()));
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left behind");
            set(&folder, &start(), false).unwrap();
        }

        #[test]
        fn an_entry_that_the_desktop_switched_off_is_off() {
            let dir = tempfile::tempdir().unwrap();
            set(dir.path(), &start(), true).unwrap();
            let file = dir.path().join("next-desktop.desktop");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, text.replace("enabled=true", "enabled=false")).unwrap();
            assert!(!is_on(dir.path(), &start()));
            fs::write(&file, format!("{text}Hidden=true\n")).unwrap();
            assert!(!is_on(dir.path(), &start()));
        }

        #[test]
        fn it_starts_hidden_wherever_program_and_data_stand() {
            assert!(entry(&start()).contains("\nExec=\"/opt/next\" --hidden\n"));
            let odd = LoginStart {
                program: PathBuf::from("/my apps/100% \"next\""),
                data_dir: Some(PathBuf::from("/my data/$x")),
                ..start()
            };
            let text = entry(&odd);
            assert!(
                text.contains(
                    r#"Exec=env "NEXT_DATA_DIR=/my data/\\$x" "/my apps/100%% \\"next\\"" --hidden"#
                ),
                "{text}"
            );
        }

        #[test]
        fn another_data_directory_has_an_entry_of_its_own() {
            let name = |folder: Option<&str>| LoginStart::of(None, folder.map(PathBuf::from)).unwrap().name;
            assert_eq!(name(None), "next-desktop");
            assert_ne!(name(Some("/a")), name(Some("/b")));
        }
    }
}

/// Whether the app starts with the session.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_on(start: &LoginStart) -> Result<bool, UserError> {
    elsewhere(start)?.is_enabled().map_err(cannot)
}

/// Switches it on or off.
#[cfg(not(target_os = "linux"))]
pub(super) fn set(start: &LoginStart, on: bool) -> Result<(), UserError> {
    let entry = elsewhere(start)?;
    match (on, entry.is_enabled().map_err(cannot)?) {
        (true, _) => entry.enable().map_err(cannot),
        (false, true) => entry.disable().map_err(cannot),
        (false, false) => Ok(()),
    }
}

/// A launch agent on macOS, the Run key of the person on Windows.
#[cfg(not(target_os = "linux"))]
fn elsewhere(start: &LoginStart) -> Result<auto_launch::AutoLaunch, UserError> {
    if start.data_dir.is_some() {
        return Err(UserError::new(
            Code::Usage,
            "With a data directory of its own NEXT cannot start with your session on this system",
            "start it without NEXT_DATA_DIR, and switch it on then",
        ));
    }
    let program = start.program.display().to_string();
    // A path with spaces is one argument; the crate writes it into the registry as it is.
    let program = if cfg!(windows) { format!("\"{program}\"") } else { program };
    auto_launch::AutoLaunchBuilder::new()
        .set_app_name("NEXT Desktop")
        .set_app_path(&program)
        .set_macos_launch_mode(auto_launch::MacOSLaunchMode::LaunchAgent)
        .set_windows_enable_mode(auto_launch::WindowsEnableMode::CurrentUser)
        .set_args(&["--hidden"])
        .build()
        .map_err(cannot)
}
