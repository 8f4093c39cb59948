//! How fast the release build starts and how much memory it takes, beside an empty Tauri window
//! on the same machine in the same run. Ratios count; the machine's own speed cancels out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::needs::{self, Group};
use crate::process::{Cleaning, Failure, Guarded, Result, attempt, run, succeeded};
use crate::{e2e, project, ui};

use super::median;

/// Pairs of starts, ours and the empty window by turns.
const PAIRS: u32 = 3;
/// After the window is there, memory is read when it has come to rest.
const REST: Duration = Duration::from_secs(6);
/// No start takes longer.
const LIMIT: Duration = Duration::from_secs(60);
/// The hidden argument with which the command calls itself inside a display of its own.
pub const INSIDE: &str = "bench-inside";

/// Builds both, and measures inside a display of its own.
pub fn window() -> Result {
    needs::provide(&[Group::Build, Group::Run, Group::Test])?;
    ui::provide_packages()?;
    ui::build()?;
    let mut cargo = project::cargo();
    cargo
        .args(["build", "--release", "--bin", "next-desktop", "--example", "empty-window"])
        .args(project::FEATURES);
    run(&mut cargo)?;
    let home = e2e::private_folder()?;
    let this = attempt("cannot find this program", std::env::current_exe())?;
    let mut command = e2e::wrapped(&home, &this);
    command.arg(INSIDE);
    let status =
        Guarded::spawn(&mut command, Cleaning::Always(home))?.wait(Some(Duration::from_secs(900)))?;
    succeeded("the benchmark", status)
}

/// Measures, on the display that is there.
pub fn inside() -> Result {
    let release = project::target_dir().join("release");
    let ours = (release.join("next-desktop"), "NEXT Desktop");
    let empty = (release.join("examples/empty-window"), "Empty window");
    let (mut starts, mut memories) = (Vec::new(), Vec::new());
    // The first start of each reads the program from the disk: not counted.
    for round in 0..=PAIRS {
        let (a, b) = (fresh(&ours.0, ours.1)?, fresh(&empty.0, empty.1)?);
        if round > 0 {
            println!(
                "pair {round}: NEXT {:.2} s, {} MiB; empty window {:.2} s, {} MiB",
                a.0.as_secs_f64(),
                a.1 >> 20,
                b.0.as_secs_f64(),
                b.1 >> 20
            );
            starts.push(a.0.as_secs_f64() / b.0.as_secs_f64());
            memories.push(a.1 as f64 / b.1 as f64);
        }
    }
    println!("start to visible window, ours / empty, median: {:.2}", median(&mut starts));
    println!("memory (PSS of all processes), ours / empty, median: {:.2}", median(&mut memories));
    let size = attempt("cannot see the program", fs::metadata(&ours.0))?.len();
    println!("program: {:.1} MiB", size as f64 / f64::from(1 << 20));
    Ok(())
}

fn fresh(program: &Path, title: &str) -> Result<(Duration, u64)> {
    let data = std::env::temp_dir().join(format!("bench-{}", title.replace(' ', "-")));
    measure(program, title, &data)
}

/// From the start of the process to its visible window with this title at its end, and the memory of all its processes at
/// rest in bytes.
fn measure(program: &Path, title: &str, data: &Path) -> Result<(Duration, u64)> {
    let started = Instant::now();
    let child = attempt(
        &format!("cannot start {}", program.display()),
        Command::new(program).env("NEXT_DATA_DIR", data).stdout(Stdio::null()).stderr(Stdio::null()).spawn(),
    )?;
    let mut child = Ending(child);
    while !is_visible(title) {
        if let Ok(Some(status)) = child.0.try_wait() {
            return Err(Failure::new(format!(
                "{} ended before its window was there ({status})",
                program.display()
            )));
        }
        if started.elapsed() > LIMIT {
            return Err(Failure::new(format!("{} showed no window", program.display())));
        }
        sleep(Duration::from_millis(5));
    }
    let took = started.elapsed();
    sleep(REST);
    Ok((took, memory(child.0.id())))
}

/// Ends the program when it was measured, whatever came of it.
pub(super) struct Ending(pub Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        // Its web processes see the connection close and end by themselves.
        sleep(Duration::from_secs(2));
    }
}

fn is_visible(title: &str) -> bool {
    visible(title).is_some()
}

/// The number of a window that can be seen and whose title ends so: what the window shows may stand before it.
pub(super) fn visible(title: &str) -> Option<String> {
    let pattern = format!("{title}$");
    let found =
        Command::new("xdotool").args(["search", "--onlyvisible", "--name", &pattern]).output().ok()?;
    String::from_utf8_lossy(&found.stdout).lines().next().map(str::to_owned)
}

/// Proportional set size of a process and all below it, in bytes.
pub(super) fn memory(root: u32) -> u64 {
    family(root).into_iter().filter_map(pss).sum()
}

/// A process and all below it.
pub(super) fn family(root: u32) -> Vec<u32> {
    let mut ours = vec![root];
    let mut next = 0;
    while let Some(parent) = ours.get(next).copied() {
        ours.extend(children(parent));
        next += 1;
    }
    ours
}

fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let number = |path: PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let parent_of = |process: u32| {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name in parentheses may hold anything.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    processes
        .filter_map(|entry| number(entry.path()))
        .filter(|process| parent_of(*process) == Some(parent))
        .collect()
}

fn pss(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = text.lines().find(|line| line.starts_with("Pss:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
}
