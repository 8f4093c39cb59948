//! The screenshots that the documentation shows: chosen ones of the last end-to-end run.

use std::fs;

use crate::process::{Failure, Result, attempt};
use crate::{e2e, project};

/// The chosen ones, by file name; the end-to-end run makes them.
const CHOSEN: [&str; 5] = [
    "edit-profile-light.png",
    "import-light.png",
    "library-dark.png",
    "library-light.png",
    "recording-light.png",
];

/// Copies the chosen screenshots into `docs/screenshots`.
pub fn copy() -> Result {
    let (from, to) = (e2e::artifacts(), project::root().join("docs/screenshots"));
    attempt("cannot make docs/screenshots", fs::create_dir_all(&to))?;
    for name in CHOSEN {
        fs::copy(from.join(name), to.join(name)).map_err(|error| {
            Failure::new(format!(
                "cannot copy {name}: {error}; `cargo xtask e2e` takes the screenshots first"
            ))
        })?;
        println!("docs/screenshots/{name}");
    }
    Ok(())
}
