//! `cargo xtask bench`: figures that are promised, each beside its peer in the same run. Ratios count; the machine's
//! own speed cancels out.

mod import;
mod library;
mod library_window;
mod measure;
mod stage;
mod table;
mod teamspace;
mod tray;
mod window;

use crate::process::{Failure, Result};

pub use import::{INSIDE as INSIDE_IMPORT, inside as inside_import};
pub use library_window::{INSIDE as INSIDE_LIBRARY, inside as inside_library};
pub use tray::{INSIDE as INSIDE_TRAY, inside as inside_tray};
pub use window::{INSIDE, inside};

/// `cargo xtask bench [import | library [quick] | teamspace [quick] | tray [quick]]`.
pub fn bench(arguments: &[String]) -> Result {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => window::window(),
        ["import"] => import::import(),
        ["library"] => library::library(false),
        ["library", "quick"] => library::library(true),
        ["teamspace"] => teamspace::teamspace(),
        ["teamspace", "quick"] => teamspace::quick(),
        ["tray"] => tray::tray(false),
        ["tray", "quick"] => tray::tray(true),
        _ => Err(Failure::usage(
            "`bench` takes nothing, `import`, `library [quick]`, `teamspace [quick]` or `tray [quick]`",
        )),
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
