//! What the app costs in the tray, beside an empty Tauri window on the same display: memory and processor over some
//! minutes, one after the other, so that they share no pages. Measured twice: started hidden, and after its window was
//! open and closed, as most people have it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::measure::machine;
use super::table::{Part, write};
use super::window::{Ending, family, memory, visible};
use crate::needs::{self, Group};
use crate::process::{Cleaning, Failure, Guarded, Result, attempt, run, succeeded};
use crate::{e2e, project, ui};

/// The hidden argument with which the command calls itself inside a display of its own.
pub const INSIDE: &str = "bench-inside-tray";
/// Minutes that each is watched.
const MINUTES: u64 = 10;
/// The same for a first look, which only prints.
const QUICK: u64 = 1;
/// After the start everything comes to rest.
const REST: Duration = Duration::from_secs(30);
/// Nothing takes longer to appear or to go.
const LIMIT: Duration = Duration::from_secs(60);
/// Linux counts processor time in hundredths of a second, whatever the kernel's own tick is.
const TICKS: f64 = 100.0;

/// Builds everything, and measures inside a display of its own.
pub fn tray(quick: bool) -> Result {
    needs::provide(&[Group::Build, Group::Run, Group::Test])?;
    ui::provide_packages()?;
    ui::build()?;
    let mut cargo = project::cargo();
    cargo.args(["build", "--release", "--bin", "next-desktop", "--example", "empty-window"]);
    cargo.args(["--example", "panel"]).args(project::FEATURES);
    run(&mut cargo)?;
    let minutes = if quick { QUICK } else { MINUTES };
    let home = e2e::private_folder()?;
    let this = attempt("cannot find this program", std::env::current_exe())?;
    let mut command = e2e::wrapped(&home, &this);
    command.args([INSIDE, &minutes.to_string()]);
    let limit = Duration::from_secs(minutes * 60 * 3 + 600);
    let status = Guarded::spawn(&mut command, Cleaning::Always(home))?.wait(Some(limit))?;
    succeeded("the benchmark", status)
}

/// Measures, on the display that is there.
pub fn inside(minutes: &str) -> Result {
    let minutes: u64 = minutes.parse().map_err(|_| Failure::usage("minutes are a number"))?;
    let release = project::target_dir().join("release");
    let mut panel = Panel::begin(&release.join("examples/panel"))?;
    let ours = release.join("next-desktop");

    let hidden = watched(&start(&ours, "hidden", &["--hidden"])?, minutes, |_| panel.sees_icon())?;
    let closed = watched(&start(&ours, "closed", &[])?, minutes, |_| {
        panel.sees_icon()?;
        panel.close(&until("the window is on the screen", || visible("NEXT Desktop"))?)?;
        until("the window is closed", || visible("NEXT Desktop").is_none().then_some(()))
    })?;
    let empty = watched(&start(&release.join("examples/empty-window"), "empty", &[])?, minutes, |_| {
        until("the empty window is on the screen", || visible("Empty window")).map(drop)
    })?;

    let mut table = format!(
        "Watched for {minutes} minutes each.\n\n| What | Memory (PSS) | Beside the empty window | Processor | Web \
         processes |\n|---|---|---|---|---|\n"
    );
    for (what, cost) in
        [("NEXT, started hidden", &hidden), ("NEXT, its window closed", &closed), ("Empty window", &empty)]
    {
        table += &format!(
            "| {what} | {} MiB | {:.2}× | {:.2} % | {} |\n",
            cost.memory >> 20,
            cost.memory as f64 / empty.memory as f64,
            cost.processor * 100.0,
            cost.web_processes,
        );
    }
    let machine = machine();
    println!("\n{machine}\n\n{table}");
    if minutes >= MINUTES { write(Part::Tray, &machine, &table) } else { Ok(()) }
}

/// What a program cost while it was watched.
struct Cost {
    /// Of all its processes, in bytes.
    memory: u64,
    /// Processor time of all of them, as a part of the time that passed.
    processor: f64,
    web_processes: usize,
}

fn start(program: &Path, name: &str, arguments: &[&str]) -> Result<Ending> {
    let data = std::env::temp_dir().join(format!("bench-tray-{name}"));
    let mut command = Command::new(program);
    command.args(arguments).env("NEXT_DATA_DIR", data).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(Ending(attempt(&format!("cannot start {}", program.display()), command.spawn())?))
}

/// Brings a program to where it is to be watched, and watches it.
fn watched(program: &Ending, minutes: u64, ready: impl FnOnce(&Ending) -> Result) -> Result<Cost> {
    ready(program)?;
    sleep(REST);
    let root = program.0.id();
    let (begun, before) = (Instant::now(), processor(root));
    sleep(Duration::from_secs(minutes * 60));
    let (passed, after) = (begun.elapsed().as_secs_f64(), processor(root));
    if family(root).len() <= 1 && memory(root) == 0 {
        return Err(Failure::new("the program ended while it was watched"));
    }
    let named = |process: &u32| {
        let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
        name.starts_with("WebKitWebProces")
    };
    Ok(Cost {
        memory: memory(root),
        processor: (after - before) / passed,
        web_processes: family(root).iter().filter(|process| named(process)).count(),
    })
}

/// Seconds of processor time that a process and all below it have had.
fn processor(root: u32) -> f64 {
    let of = |process: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name in parentheses may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / TICKS)
    };
    family(root).into_iter().filter_map(of).sum()
}

fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> Result<T> {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        if let Some(seen) = look() {
            return Ok(seen);
        }
        sleep(Duration::from_millis(100));
    }
    Err(Failure::new(format!("waited in vain: {what}")))
}

/// The panel that shows icons (`tests/bench/panel.rs`).
struct Panel {
    child: Child,
    hand: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Panel {
    fn begin(program: &PathBuf) -> Result<Self> {
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = attempt("cannot start the panel", command.spawn())?;
        let (Some(hand), Some(says)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new("the panel has no pipes"));
        };
        let mut panel = Self { child, hand, says: BufReader::new(says) };
        panel.reads("ready")?;
        Ok(panel)
    }

    fn sees_icon(&mut self) -> Result {
        self.reads("icon")
    }

    fn reads(&mut self, wanted: &str) -> Result {
        let mut line = String::new();
        attempt("cannot hear the panel", self.says.read_line(&mut line))?;
        if line.trim() == wanted { Ok(()) } else { Err(Failure::new(format!("the panel says {line:?}"))) }
    }

    fn close(&mut self, window: &str) -> Result {
        attempt("cannot ask the panel", writeln!(self.hand, "{window}"))
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
