//! `cargo xtask bench`: figures that are promised, each beside its peer in the same run. Ratios count; the machine's
//! own speed cancels out.

mod import;
mod measure;
mod stage;
mod table;
mod window;

use crate::process::{Failure, Result};

pub use window::{INSIDE, inside};

/// `cargo xtask bench [import]`.
pub fn bench(arguments: &[String]) -> Result {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => window::window(),
        ["import"] => import::import(),
        _ => Err(Failure::usage("`bench` takes nothing, or `import`")),
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
