//! How the page is drawn, on Linux. WebKit draws with the graphics processor. Where a machine has none, as most virtual
//! ones, Mesa plays one with the processor: it translates every shader anew at each start, for about as long as the whole
//! start takes otherwise, and holds everything that is drawn twice. WebKit's own drawing is faster there in all that was
//! measured (docs/benchmarks.md).

use std::fs::OpenOptions;
use std::path::Path;

use gtk::glib;

/// With this one set, WebKit draws by itself. It is looked at when a process of WebKit begins; its setting for that, changed
/// while a page begins, ends the page's process now and then (WebKitGTK 2.50).
const BY_ITSELF: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
/// Where Linux puts graphics processors that programs may draw with.
const DEVICES: &str = "/dev/dri";
/// Their names begin so; those that only show pictures are called otherwise.
const DRAWS: &str = "renderD";

/// Lets WebKit draw without a graphics processor where there is none, unless somebody has decided otherwise. Before anything
/// else: what it says is read by libraries and handed to other processes.
pub fn suit_the_machine() {
    if !has_graphics_processor(Path::new(DEVICES)) {
        // It fails for names that are none only.
        let _ = glib::setenv(BY_ITSELF, "1", false);
    }
}

/// Whether one of the devices may be opened: one that belongs to somebody else is of no use.
fn has_graphics_processor(devices: &Path) -> bool {
    let draws = |device: &std::fs::DirEntry| device.file_name().to_string_lossy().starts_with(DRAWS);
    let opens =
        |device: std::fs::DirEntry| OpenOptions::new().read(true).write(true).open(device.path()).is_ok();
    devices.read_dir().into_iter().flatten().flatten().filter(draws).any(opens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_only_shows_pictures_is_none_to_draw_with() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_graphics_processor(&devices.path().join("none")));
        std::fs::write(devices.path().join("card0"), "").unwrap();
        assert!(!has_graphics_processor(devices.path()));
        std::fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(has_graphics_processor(devices.path()));
    }
}
