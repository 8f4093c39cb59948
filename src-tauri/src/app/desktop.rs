//! What the core asks of the desktop around it: open an address, a file, a folder.

use std::path::Path;

use super::login::{self, LoginStart};
use crate::error::{Code, UserError};

/// The desktop's own abilities; tests give their own.
pub trait Desktop: Send + Sync {
    /// Opens an address in the system's browser.
    fn open_address(&self, address: &str) -> Result<(), UserError>;
    /// Opens a file in the system's program for it.
    fn open_file(&self, path: &Path) -> Result<(), UserError>;
    /// Shows a file in its folder.
    fn show_in_folder(&self, path: &Path) -> Result<(), UserError>;
    /// Writes a picture of a video to `picture`, a PNG by its name, at most `size` pixels wide and high. False where the
    /// desktop has no program for that, or it cannot. Takes seconds at most.
    fn picture_of(&self, video: &Path, picture: &Path, size: u32) -> bool;
    /// Whether the app starts with the session.
    fn starts_at_login(&self, start: &LoginStart) -> Result<bool, UserError>;
    /// Lets it start with the session, or not any more.
    fn set_start_at_login(&self, start: &LoginStart, on: bool) -> Result<(), UserError>;
}

/// The system that we run on.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDesktop;

impl Desktop for SystemDesktop {
    fn open_address(&self, address: &str) -> Result<(), UserError> {
        opener::open_browser(address).map_err(|error| {
            UserError::new(
                Code::NotFound,
                "No browser could be opened",
                "copy the link and open it in a browser yourself",
            )
            .detail(error)
        })
    }

    fn open_file(&self, path: &Path) -> Result<(), UserError> {
        opener::open(path).map_err(|error| {
            UserError::new(
                Code::NotFound,
                "No program for this kind of file could be opened",
                "install a player such as VLC, or show the file in its folder and open it there",
            )
            .detail(error)
        })
    }

    fn show_in_folder(&self, path: &Path) -> Result<(), UserError> {
        opener::reveal(path)
            .or_else(|_| match path.parent() {
                // Without a file manager that can mark a file, its folder alone is still of use.
                Some(folder) => opener::open(folder),
                None => opener::open(path),
            })
            .map_err(|error| {
                UserError::new(
                    Code::NotFound,
                    "No file manager could be opened",
                    "open the folder yourself; its path is in the recording's details",
                )
                .detail(error)
            })
    }

    #[cfg(target_os = "linux")]
    fn picture_of(&self, video: &Path, picture: &Path, size: u32) -> bool {
        super::thumbnailer::picture_of(video, picture, size)
    }

    #[cfg(not(target_os = "linux"))]
    fn picture_of(&self, _video: &Path, _picture: &Path, _size: u32) -> bool {
        false
    }

    fn starts_at_login(&self, start: &LoginStart) -> Result<bool, UserError> {
        login::is_on(start)
    }

    fn set_start_at_login(&self, start: &LoginStart, on: bool) -> Result<(), UserError> {
        login::set(start, on)
    }
}
