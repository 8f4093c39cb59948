//! From the start of a program until its window shows something: pixels, not the window's name, which stands there some
//! frames before anything is painted. For the benchmarks of the start; looks at the display, so Linux with X11 only.
//!
//! `first-look PROGRAM painted RRGGBB` waits until the middle of the window has this colour, `first-look PROGRAM cards`
//! until pictures and words are there. Prints the milliseconds, then leaves the program running for a while, as somebody
//! who uses it would, and ends it.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ChangeWindowAttributesAux, ConnectionExt as _, EventMask, ImageFormat, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

/// The part of the window that is looked at, in pixels: with cards in rows, the first picture and what stands below it.
const PART: (i16, i16, u16, u16) = (300, 300, 200, 160);
/// A menu or a tooltip is no window of an app.
const LEAST_WIDTH: u16 = 400;
/// A picture with words below it has far more colours; a frame, a shadow and a placeholder fewer.
const PICTURE: usize = 64;
/// Between two looks.
const PACE: Duration = Duration::from_millis(2);
/// No start takes longer.
const LIMIT: Duration = Duration::from_secs(60);
/// As long as it is used then: it keeps what it shows for the next start.
const USED: Duration = Duration::from_secs(6);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (program, wanted) = match words[..] {
        [program, "painted", colour] => (program, Wanted::Colour(u32::from_str_radix(colour, 16)?)),
        [program, "cards"] => (program, Wanted::Cards),
        _ => return Err("PROGRAM painted RRGGBB, or PROGRAM cards".into()),
    };
    let (display, screen) = x11rb::connect(None)?;
    let root = display.setup().roots[screen].root;
    let told = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
    display.change_window_attributes(root, &told)?.check()?;

    let begun = Instant::now();
    let mut program = Ending(Command::new(program).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    let mut window = None;
    loop {
        while let Some(event) = display.poll_for_event()? {
            if let Event::MapNotify(mapped) = event
                && is_an_apps(&display, mapped.window)
            {
                window = Some(mapped.window);
            }
        }
        if window.is_some_and(|window| wanted.is_seen(&colours(&display, window))) {
            break;
        }
        if program.0.try_wait()?.is_some() {
            return Err("the program ended before it showed anything".into());
        }
        if begun.elapsed() > LIMIT {
            return Err("the program showed nothing".into());
        }
        sleep(PACE);
    }
    println!("{:.1}", begun.elapsed().as_secs_f64() * 1000.0);
    sleep(USED);
    Ok(())
}

enum Wanted {
    Colour(u32),
    Cards,
}

impl Wanted {
    fn is_seen(&self, colours: &[u32]) -> bool {
        match self {
            Wanted::Colour(colour) => !colours.is_empty() && colours.iter().all(|one| one == colour),
            Wanted::Cards => {
                let mut different = colours.to_vec();
                different.sort_unstable();
                different.dedup();
                different.len() >= PICTURE
            }
        }
    }
}

fn is_an_apps(display: &RustConnection, window: Window) -> bool {
    let seen = || {
        let attributes = display.get_window_attributes(window).ok()?.reply().ok()?;
        let place = display.get_geometry(window).ok()?.reply().ok()?;
        Some(
            attributes.map_state == MapState::VIEWABLE
                && !attributes.override_redirect
                && place.width >= LEAST_WIDTH,
        )
    };
    seen().unwrap_or(false)
}

/// The colours of the part, pixel by pixel; none while the window cannot be read.
fn colours(display: &RustConnection, window: Window) -> Vec<u32> {
    let (x, y, width, height) = PART;
    let read =
        || display.get_image(ImageFormat::Z_PIXMAP, window, x, y, width, height, u32::MAX).ok()?.reply().ok();
    let image = read().map(|image| image.data).unwrap_or_default();
    image.as_chunks::<4>().0.iter().map(|pixel| u32::from_le_bytes(*pixel) & 0x00ff_ffff).collect()
}

/// Ends the program when it was looked at, whatever came of it.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        // Its web processes see the connection close and end by themselves.
        sleep(Duration::from_secs(2));
    }
}
