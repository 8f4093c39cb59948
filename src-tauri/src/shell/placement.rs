//! Where the window stood when it was last closed. A small file of its own, because losing it costs nothing.

use std::fs;
use std::path::{Path, PathBuf};

use next_desktop::app::Dirs;
use serde::{Deserialize, Serialize};

/// The smallest useful window, in logical pixels.
pub const SMALLEST: (f64, f64) = (480.0, 560.0);
const LARGEST: f64 = 16_384.0;

/// Size and position of a window, in logical pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// Width inside the frame.
    pub width: f64,
    /// Height inside the frame.
    pub height: f64,
    /// Upper left corner of the frame; none lets the system choose.
    pub position: Option<(f64, f64)>,
    /// Whether it fills the screen.
    pub maximized: bool,
}

impl Default for Placement {
    fn default() -> Self {
        Self { width: 1200.0, height: 800.0, position: None, maximized: false }
    }
}

impl Placement {
    /// The last one, made sensible; the first one when there is none or it cannot be read.
    pub fn load(dirs: &Dirs) -> Self {
        let text = fs::read(file(dirs)).unwrap_or_default();
        serde_json::from_slice::<Self>(&text).unwrap_or_default().made_sensible()
    }

    /// Keeps it for the next start.
    pub fn save(&self, dirs: &Dirs) {
        let written = serde_json::to_vec(self).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|text| replace(&file(dirs), &text)) {
            tracing::warn!(%error, "the window's place cannot be kept");
        }
    }

    /// Whether enough of the title bar stands on a screen (x, y, width, height) to be taken hold of.
    pub fn is_on(&self, (x, y, width, height): (f64, f64, f64, f64)) -> bool {
        self.position.is_some_and(|(left, top)| {
            left + self.width > x + 100.0
                && left + 100.0 < x + width
                && top >= y - 20.0
                && top + 40.0 < y + height
        })
    }

    fn made_sensible(self) -> Self {
        let first = Self::default();
        let sensible = |value: f64, smallest: f64, otherwise: f64| {
            if value.is_finite() { value.clamp(smallest, LARGEST) } else { otherwise }
        };
        Self {
            width: sensible(self.width, SMALLEST.0, first.width),
            height: sensible(self.height, SMALLEST.1, first.height),
            position: self.position.filter(|(x, y)| x.is_finite() && y.is_finite()),
            maximized: self.maximized,
        }
    }
}

fn file(dirs: &Dirs) -> PathBuf {
    dirs.root().join("window.json")
}

/// Whoever reads sees the old text or the new one.
pub fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("json.new");
    fs::write(&fresh, text)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let dirs = Dirs::at(dir.path());
        assert_eq!(Placement::load(&dirs), Placement::default());
        let placement =
            Placement { width: 900.0, height: 700.0, position: Some((-40.0, 12.0)), maximized: true };
        placement.save(&dirs);
        assert_eq!(Placement::load(&dirs), placement);
    }

    #[test]
    fn nonsense_becomes_a_usable_window() {
        let dir = tempfile::tempdir().unwrap();
        let dirs = Dirs::at(dir.path());
        fs::write(file(&dirs), r#"{"width":3,"height":1e9}"#).unwrap();
        let placement = Placement::load(&dirs);
        assert_eq!((placement.width, placement.height), (SMALLEST.0, LARGEST));
        fs::write(file(&dirs), "not json").unwrap();
        assert_eq!(Placement::load(&dirs), Placement::default());
    }

    #[test]
    fn a_window_on_a_screen_that_is_gone_is_not_put_there() {
        let screen = (0.0, 0.0, 1920.0, 1080.0);
        let at = |x, y| Placement { position: Some((x, y)), ..Placement::default() };
        assert!(at(100.0, 50.0).is_on(screen));
        assert!(at(-1000.0, 50.0).is_on(screen), "some of it still shows");
        assert!(!at(2500.0, 50.0).is_on(screen));
        assert!(!at(100.0, -300.0).is_on(screen), "its title bar is out of reach");
        assert!(!Placement::default().is_on(screen));
    }
}
