//! What large teamspaces cost a reader: requests, seconds, memory. The store is made up as it is asked, in a program of
//! its own for each line (`tests/bench/teamspace_at_scale.rs`), and each call takes 20 ms. The last two lines are of a
//! bucket on a real server.

use std::fs;
use std::path::{Path, PathBuf};

use super::measure::machine;
use super::table::{Part, write};
use crate::needs::{self, Group};
use crate::process::{Failure, Result, attempt, output, run, show};
use crate::{project, s3_servers};

/// Recordings, and whether the log is also read without a checkpoint.
const SIZES: [(u64, bool); 3] = [(10, false), (10_000, true), (1_000_000, false)];
/// The same for a first look, on a debug build.
const QUICK: [(u64, bool); 2] = [(10, false), (2_000, true)];
/// Recordings in a bucket of a real server on this machine.
const ON_A_SERVER: u64 = 10_000;
/// The same for a first look: a checkpoint comes after 1,000.
const QUICK_ON_A_SERVER: u64 = 1_000;

const HEAD: &str = "\
| Recordings | Read from | First sync: requests | something listed | all listed | newest 2,000 read | Idle: requests, time \
| 10 new: requests, time | Memory | Index on disk |
|---|---|---|---|---|---|---|---|---|---|
";

/// Measures, prints, and writes `docs/benchmarks.md`.
pub fn teamspace() -> Result {
    needs::provide(&[Group::Build])?;
    let machine = machine();
    let table = table(&["--release"], "release", &SIZES, ON_A_SERVER)?;
    println!("\n{machine}\n\n{table}");
    write(Part::Teamspace, &machine, &table)
}

/// Tries it at small sizes on a debug build, and only prints.
pub fn quick() -> Result {
    needs::provide(&[Group::Build])?;
    println!("\n{}", table(&[], "debug", &QUICK, QUICK_ON_A_SERVER)?);
    Ok(())
}

fn table(profile: &[&str], built: &str, sizes: &[(u64, bool)], on_a_server: u64) -> Result<String> {
    s3_servers::provide()?;
    let mut cargo = project::cargo();
    cargo.args(["build", "--example", "teamspace-at-scale"]).args(profile).args(project::FEATURES);
    run(&mut cargo)?;
    let name = format!("teamspace-at-scale{}", std::env::consts::EXE_SUFFIX);
    let program = project::target_dir().join(built).join("examples").join(name);
    let folder = Folder(project::target_dir().join("bench-teamspace"));
    attempt("cannot make a folder to measure in", fs::create_dir_all(&folder.0))?;
    let mut table = HEAD.to_owned();
    for (recordings, log_alone) in sizes {
        let recordings = recordings.to_string();
        line(&program, &["prepare", &recordings], &folder.0, None)?;
        for from in ["log", "checkpoint"].into_iter().skip(usize::from(!log_alone)) {
            let line = line(&program, &["measure", &recordings], &folder.0, Some(from))?;
            println!("{line}");
            table += &format!("{line}\n");
        }
    }
    let lines = line(&program, &["measure", &on_a_server.to_string()], &folder.0, Some("server"))?;
    println!("{lines}");
    Ok(table + &lines + "\n")
}

fn line(program: &Path, what: &[&str], folder: &Path, from: Option<&str>) -> Result<String> {
    let mut command = project::command(program);
    command.args(what).arg(folder).args(from).env(s3_servers::VARIABLE, s3_servers::folder());
    let said = output(&mut command).ok_or_else(|| Failure::new(format!("`{}` failed", show(&command))))?;
    Ok(said.trim().to_owned())
}

/// Goes when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
