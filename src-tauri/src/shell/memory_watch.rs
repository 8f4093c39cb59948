//! WebKit's watch over memory, on Linux. Twice a minute it adds up how much the page's process holds, from a list of the
//! kernel's that grows with it (`/proc/self/smaps`), and draws nothing meanwhile: 60 to 160 ms were seen with a hundred
//! thousand recordings. It is for pages that nobody knows, of which a hundred are open; above 1 GB it drops what can be
//! reckoned again. Where memory is plentiful, one page that is known goes without.

use std::fs;

use gtk::glib;

/// With this one set, WebKit does not watch. It is looked at when a process of WebKit begins (WebKitGTK 2.50).
const NO_WATCH: &str = "WEBKIT_DISABLE_MEMORY_PRESSURE_MONITOR";
/// KiB. With less, what WebKit gives back when the machine runs short is worth a picture that comes late.
const PLENTY: u64 = 6 << 20;

/// Calls the watch off where memory is plentiful, unless somebody has decided otherwise. Before anything else: what it says
/// is read by libraries and handed to other processes.
pub fn suit_the_machine() {
    let known = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    if known.is_some_and(|total| total >= PLENTY) {
        // It fails for names that are none only.
        let _ = glib::setenv(NO_WATCH, "1", false);
    }
}

/// How much memory the machine has, in KiB, as `/proc/meminfo` says it.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_how_much_memory_there_is() {
        assert_eq!(total("MemTotal:       16318480 kB\nMemFree:         1048576 kB\n"), Some(16_318_480));
        assert_eq!(total("MemFree: 5 kB\n"), None);
        assert_eq!(total("MemTotal: plenty\n"), None);
        assert!(total(&fs::read_to_string("/proc/meminfo").unwrap()).is_some());
    }
}
