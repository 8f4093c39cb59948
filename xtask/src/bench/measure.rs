//! What a program took: time, processor, memory. Read from `/proc`, so Linux only.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{Failure, Result, attempt, show};

/// Linux counts processor time in hundredths of a second, whatever the kernel's own tick is.
const TICKS: f64 = 100.0;

/// What a program took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Took {
    /// From its start to its end.
    pub seconds: f64,
    /// Of all its threads, its own and the kernel's for it.
    pub processor: f64,
    /// The most memory it held at once, in bytes.
    pub peak: u64,
}

/// Runs a program to its end, which must be a success within the limit.
pub fn took(command: &mut Command, limit: Duration) -> Result<Took> {
    let shown: String = show(command).chars().take(200).collect();
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let mut child = Ending(attempt(&format!("cannot start `{shown}`"), command.spawn())?);
    let process = child.0.id();
    let mut peak = 0;
    // A program that has ended keeps its figures until somebody asks for its exit code.
    let processor = loop {
        peak = peak.max(memory(process, "VmHWM:").unwrap_or(0));
        match figures(process) {
            Some((true, processor)) => break processor,
            Some(_) if started.elapsed() < limit => {}
            _ => return Err(Failure::new(format!("`{shown}` took more than {} s", limit.as_secs()))),
        }
        sleep(Duration::from_millis(5));
    };
    let seconds = started.elapsed().as_secs_f64();
    let status = attempt("cannot wait for a program", child.0.wait())?;
    if !status.success() {
        return Err(Failure::new(format!("`{shown}` failed ({status})")));
    }
    Ok(Took { seconds, processor, peak })
}

/// Ends the program, whatever came of it.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a process has ended, and its seconds of processor so far.
fn figures(process: u32) -> Option<(bool, f64)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((*fields.first()? == "Z", (ticks(11)? + ticks(12)?) / TICKS))
}

fn memory(process: u32, what: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with(what))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
}

/// What was measured when, for people: processor, cores, system.
pub fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = |name: &str| {
        let line = processors.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        text.lines().next()?.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib >> 20)
    });
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split_whitespace().next().unwrap_or("?").to_owned();
    format!(
        "{}, {cores} cores, {} GiB of memory, Linux {}; load at the start {busy}",
        named("model name").unwrap_or_else(|| "unknown processor".to_owned()),
        memory.unwrap_or(0),
        kernel.trim(),
    )
}
