//! How long a search takes in a large library: the catalog is filled and asked in a program of its own for each size
//! (`tests/bench/library_at_scale.rs`). Then the app is opened on it (`library_window.rs`).

use std::fs;

use super::library_window;
use super::measure::machine;
use super::table::{Part, write};
use crate::needs::{self, Group};
use crate::process::{Failure, Result, attempt, output, run, show};
use crate::{project, ui};

/// Recordings, and lines of transcripts in all of them together.
const SIZES: [(u64, u64); 2] = [(10_000, 5_000_000), (100_000, 5_000_000)];
/// The same for a first look.
const QUICK: [(u64, u64); 1] = [(1_000, 50_000)];

const HEAD: &str = "\
| Recordings | Lines | Query | p50 | p99 | Found something |
|---|---|---|---|---|---|
";

/// Measures, prints, and writes `docs/benchmarks.md`; the quick way measures a small library and only prints.
pub fn library(quick: bool) -> Result {
    needs::provide(&[Group::Build, Group::Run, Group::Test])?;
    ui::provide_packages()?;
    ui::build()?;
    let machine = machine();
    let mut cargo = project::cargo();
    cargo.args([
        "build",
        "--release",
        "--bin",
        "next-desktop",
        "--bin",
        "nextctl",
        "--example",
        "empty-window",
    ]);
    cargo.args(["--example", "library-at-scale", "--example", "first-look", "--example", "window-at-scale"]);
    cargo.args(project::FEATURES);
    run(&mut cargo)?;
    let name = format!("library-at-scale{}", std::env::consts::EXE_SUFFIX);
    let program = project::target_dir().join("release/examples").join(name);
    let folder = project::target_dir().join("bench-library");
    let _ = fs::remove_dir_all(&folder);
    attempt("cannot make a folder to measure in", fs::create_dir_all(&folder))?;
    let (mut table, mut window) = (HEAD.to_owned(), library_window::HEAD.to_owned());
    for (recordings, cues) in if quick { QUICK.as_slice() } else { SIZES.as_slice() } {
        let mut command = project::command(&program);
        command.args([recordings.to_string(), cues.to_string()]).arg(&folder);
        let lines = output(&mut command);
        let lines = lines.ok_or_else(|| Failure::new(format!("`{}` failed", show(&command))))?;
        println!("{}", lines.trim());
        table += &format!("{}\n", lines.trim());
        window += &library_window::lines(&folder, *recordings)?;
        attempt("cannot remove the library", fs::remove_dir_all(&folder))?;
        attempt("cannot make a folder to measure in", fs::create_dir_all(&folder))?;
    }
    let _ = fs::remove_dir_all(&folder);
    println!("\n{machine}\n\n{table}\n{window}");
    if quick {
        return Ok(());
    }
    write(Part::Library, &machine, &table)?;
    write(Part::LibraryWindow, &machine, &window)
}
