//! Set-up, run, test and bundle, in plain std Rust: no dependency, so that it is compiled in a second on a fresh machine.
//!
//! Promise: each command brings what it needs by itself, says what it brings and why, and is quick the second time.

mod again;
mod audit;
mod bench;
mod bindings;
mod bundle;
mod debian;
mod e2e;
mod fuzz;
mod keyring;
mod needs;
mod practice;
mod process;
mod project;
mod run;
mod rust;
mod s3_servers;
mod screenshots;
mod stamp;
mod steps;
mod test;
mod torture;
mod ui;

use std::process::ExitCode;

use needs::Group;
use process::{Failure, Result};

const USAGE: &str = "\
NEXT Desktop: cargo xtask COMMAND

  run [--no-practice] [-- ARGS]  install what is missing, build, and start the app; without NEXT_ZOOM_CLIENT_ID
                                 in practice mode, with a simulated Zoom and its own data
  test                           every check, in order, with a summary; the same as .ci/run

  setup                          only install what run, test and bundle need
  doctor-system                  say what is here and what is missing; changes nothing
  e2e [FILTER …]                 only the end-to-end run in the real window, on a display of its own
  torture [--kills N] [--recordings N] [--seed N]
                                 kill importing processes at random instants, and see that nothing is lost, doubled
                                 or published by half
  fuzz [TARGET] [--minutes N]    throw anything at the parsers, each target for 10 minutes if nothing else is said
  screenshots                    copy the screenshots of the last end-to-end run into docs/screenshots
  bindings                       write the TypeScript types of ui/src/lib/bindings again from Rust
  audit                          only the dependency audit
  bundle [--debug]               make the .deb and check what is in it
  bench                          measure start and memory of the release build beside an empty Tauri window
  bench import                   measure imports beside curl and aria2, and write docs/benchmarks.md
  bench tray [quick]             measure what the app costs in the tray, and write docs/benchmarks.md; or one minute each
  bench library [quick]          measure searching a large library, and write docs/benchmarks.md; or try it small
  bench teamspace [quick]        measure what large teamspaces cost, and write docs/benchmarks.md; or try it small
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(Failure { message, exit_code }) => {
            eprintln!("\nerror: {message}");
            ExitCode::from(exit_code)
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    if !matches!(
        command.as_str(),
        "run" | "e2e" | "bundle" | "bench" | bench::INSIDE_LIBRARY | bench::INSIDE_TRAY | "torture" | "fuzz"
    ) && !rest.is_empty()
    {
        return Err(Failure::usage(format!("`{command}` takes no arguments\n\n{USAGE}")));
    }
    match command.as_str() {
        "run" => return run::run(rest),
        "test" => test::test()?,
        "setup" => setup()?,
        "doctor-system" => return Ok(needs::report()),
        "e2e" => e2e::e2e(rest)?,
        "torture" => torture::torture(rest)?,
        "fuzz" => fuzz::fuzz(rest)?,
        "screenshots" => screenshots::copy()?,
        "bindings" => bindings::write()?,
        "audit" => audit::audit()?,
        "bundle" => bundle::bundle(rest)?,
        "bench" => bench::bench(rest)?,
        bench::INSIDE => bench::inside()?,
        bench::INSIDE_IMPORT => bench::inside_import()?,
        bench::INSIDE_LIBRARY => bench::inside_library(rest)?,
        bench::INSIDE_TRAY => bench::inside_tray(rest.first().map_or("", String::as_str))?,
        "help" | "--help" | "-h" => print!("{USAGE}"),
        other => return Err(Failure::usage(format!("there is no command `{other}`\n\n{USAGE}"))),
    }
    Ok(ExitCode::SUCCESS)
}

/// Installs all that any command needs.
fn setup() -> Result {
    needs::provide(&[Group::Build, Group::Run, Group::Test])?;
    rust::provide_components()?;
    ui::provide_packages()?;
    s3_servers::provide()?;
    audit::provide_cargo_deny()?;
    println!("Everything that run, test and bundle need is here.");
    Ok(())
}
