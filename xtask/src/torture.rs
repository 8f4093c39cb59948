//! The crash test: real `nextctl` processes killed at random instants while they import from a simulator process;
//! `tests/torture` has the story. What it was asked for, it prints, with the seed.

use std::process::Command;

use crate::needs::{self, Group};
use crate::process::{Failure, Result, run};
use crate::project;

/// The options, and the variables that carry them to the test.
const OPTIONS: [(&str, &str, &str); 3] = [
    ("--kills", "NEXT_TORTURE_KILLS", "200"),
    ("--recordings", "NEXT_TORTURE_RECORDINGS", "50"),
    ("--seed", "NEXT_TORTURE_SEED", ""),
];

/// `cargo xtask torture`: the whole of it, unless something else is asked for.
pub fn torture(arguments: &[String]) -> Result {
    let mut wanted = OPTIONS.map(|(_, variable, otherwise)| (variable, otherwise.to_owned()));
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let place = OPTIONS.iter().position(|(option, ..)| option == word);
        let value = words.next().filter(|value| value.parse::<u32>().is_ok());
        match (place, value) {
            (Some(place), Some(value)) => wanted[place].1 = value.clone(),
            _ => {
                return Err(Failure::usage(
                    "usage: cargo xtask torture [--kills N] [--recordings N] [--seed N]",
                ));
            }
        }
    }
    needs::provide(&[Group::Build])?;
    build()?;
    let mut test = test();
    test.envs(wanted.into_iter().filter(|(_, value)| !value.is_empty()));
    run(&mut test)
}

/// A few kills, as part of `cargo xtask test`; the programs are built.
pub fn short() -> Result {
    run(&mut test())
}

/// The simulator's program stands beside `nextctl`, where the test looks for it.
fn build() -> Result {
    let mut cargo = project::cargo();
    cargo.args(["build", "--workspace", "--bin", "nextctl", "--bin", "zoom-sim", "--test", "torture"]);
    run(cargo.args(project::FEATURES))
}

fn test() -> Command {
    let mut cargo = project::cargo();
    cargo.args(["test", "--workspace", "--test", "torture"]).args(project::FEATURES);
    cargo.args(["--", "--include-ignored", "--nocapture"]);
    cargo
}
