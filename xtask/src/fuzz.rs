//! Fuzzing: throws anything at the parsers that meet bytes from outside; `fuzz/` has the targets.
//!
//! # Why without a sanitizer, and on a stable Rust
//! The core forbids unsafe code: what there is to find are panics, overflows and broken promises, which any build
//! finds, and a build without sanitizers several times as often. The counters that steer the fuzzer are the only thing
//! that a stable compiler keeps to itself; `RUSTC_BOOTSTRAP` lets it give them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::needs::{self, Group};
use crate::process::{Failure, Result, attempt, run, succeeds};
use crate::project;

/// The version of cargo-fuzz that `fuzz/Cargo.toml` is written for.
const CARGO_FUZZ: &str = "0.13.2";
const USAGE: &str = "usage: cargo xtask fuzz [TARGET] [--minutes N]";

/// Runs one target, or all of them one after the other, each for so many minutes.
pub fn fuzz(arguments: &[String]) -> Result {
    let known = targets()?;
    let (mut wanted, mut minutes) = (Vec::new(), 10_u64);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--minutes" {
            let number = words.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
            minutes = number.ok_or_else(|| Failure::usage(USAGE))?;
        } else if known.contains(word) {
            wanted.push(word.clone());
        } else {
            return Err(Failure::usage(format!("{USAGE}\ntargets: {}", known.join(", "))));
        }
    }
    needs::provide(&[Group::Build])?;
    provide_cargo_fuzz()?;
    for target in if wanted.is_empty() { &known } else { &wanted } {
        let corpus = folder().join("corpus").join(target);
        attempt("cannot make the corpus", fs::create_dir_all(&corpus))?;
        println!("\n=== {target}, {minutes} min");
        let mut command = cargo_fuzz();
        command
            .args(["run", "--sanitizer", "none", target])
            .arg(&corpus)
            .arg(folder().join("seeds").join(target));
        command.args([
            "--",
            &format!("-max_total_time={}", minutes * 60),
            "-timeout=10",
            "-print_final_stats=1",
        ]);
        run(&mut command)?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    project::root().join("fuzz")
}

/// The targets, by their files.
fn targets() -> Result<Vec<String>> {
    let files = attempt("cannot read the fuzz targets", fs::read_dir(folder().join("fuzz_targets")))?;
    let names = files.flatten().map(|file| file.path());
    let mut names: Vec<String> =
        names.filter_map(|path| Path::new(&path).file_stem()?.to_str().map(ToOwned::to_owned)).collect();
    names.sort();
    Ok(names)
}

fn cargo_fuzz() -> Command {
    let mut cargo = project::cargo();
    cargo.arg("fuzz").env("RUSTC_BOOTSTRAP", "1");
    // Beside the targets: built with other flags, it would push out what everything else has built.
    cargo.env_remove("CARGO_TARGET_DIR");
    cargo
}

fn provide_cargo_fuzz() -> Result {
    if succeeds(cargo_fuzz().arg("--version")) {
        return Ok(());
    }
    println!("cargo-fuzz (drives the fuzz targets), compiled from its source: about a minute");
    run(project::cargo()
        .args(["install", "--locked", "--debug", "--version", CARGO_FUZZ, "cargo-fuzz"])
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_DIR", project::target_dir().join("cargo-fuzz")))
}
