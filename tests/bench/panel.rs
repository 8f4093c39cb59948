//! The panel beside which idling in the tray is measured: a place for icons on the session bus, and a hand that closes
//! windows. Prints `ready` once it is there; each line on its standard input is the number of a window to close.

use std::io::BufRead as _;

use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};
use zbus::interface;

struct Watcher;

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, _service: &str) {
        println!("icon");
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _bus = zbus::blocking::connection::Builder::session()?
        .serve_at("/StatusNotifierWatcher", Watcher)?
        .name("org.kde.StatusNotifierWatcher")?
        .build()?;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        close(line?.trim().parse()?)?;
    }
    Ok(())
}

/// Closes a window as the button in its frame does.
fn close(window: u32) -> Result<(), Box<dyn std::error::Error>> {
    let (display, _) = x11rb::connect(None)?;
    let delete = display.intern_atom(false, b"WM_DELETE_WINDOW")?.reply()?.atom;
    let protocols = display.intern_atom(false, b"WM_PROTOCOLS")?.reply()?.atom;
    let event = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
    // Until the server answers: it drops what a client said that is gone by the time it looks.
    display.send_event(false, window, EventMask::NO_EVENT, event)?.check()?;
    Ok(())
}
