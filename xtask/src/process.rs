//! Starting other programs. Promise: what xtask starts does not outlive it.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What went wrong and what to do about it, in words for a person.
#[derive(Debug)]
pub struct Failure {
    /// One sentence, or a few lines.
    pub message: String,
    /// 1 failed, 2 usage, 3 needs a person.
    pub exit_code: u8,
}

impl Failure {
    /// Something failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 1 }
    }

    /// The command line made no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 2 }
    }

    /// A person has to do something first.
    pub fn needs_person(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 3 }
    }
}

/// What every part of xtask returns.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Makes a failure out of an error and what was attempted.
pub fn attempt<T, E: std::fmt::Display>(what: &str, result: std::result::Result<T, E>) -> Result<T> {
    result.map_err(|error| Failure::new(format!("{what}: {error}")))
}

/// Runs a command to its end; anything but success is a failure that shows the command.
pub fn run(command: &mut Command) -> Result {
    let shown = show(command);
    let status = Guarded::spawn(command, Cleaning::IfInterrupted)?.wait(None)?;
    succeeded(&shown, status)
}

/// Turns an exit status into a result.
pub fn succeeded(shown: &str, status: ExitStatus) -> Result {
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{shown}` failed ({status})"))) }
}

/// Runs a command quietly and tells whether it succeeded; false too when the program is not there.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Runs a command quietly and returns what it wrote to stdout; none when it failed or is not there.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as a person would type it.
pub fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains([' ', '"', '\'']) {
            format!("{word:?}")
        } else {
            word.into_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// When to end what a guarded command left behind.
pub enum Cleaning {
    /// Only when xtask goes away before the command.
    IfInterrupted,
    /// In any case, with everything that names this private directory, which is removed at last.
    Always(std::path::PathBuf),
}

/// A running command with a guard beside it: a small shell that ends the command and its descendants when xtask is
/// gone. std has no signal handlers; the guard needs none, it sees its input close.
pub struct Guarded {
    child: Child,
    guard: Option<Child>,
    shown: String,
}

impl Guarded {
    /// Starts the command.
    pub fn spawn(command: &mut Command, cleaning: Cleaning) -> Result<Self> {
        let shown = show(command);
        let (mark, directory) = match cleaning {
            // With the slash, so that no longer name begins with it.
            Cleaning::Always(directory) => {
                (format!("{}/", directory.display()), directory.display().to_string())
            }
            Cleaning::IfInterrupted => (unique_mark(), String::new()),
        };
        command.env("NEXT_XTASK_RUN", &mark);
        let child = command.spawn().map_err(|error| {
            let program = command.get_program().to_string_lossy();
            Failure::new(format!("cannot start `{program}`: {error}"))
        })?;
        let guard = guard(child.id(), &mark, &directory);
        Ok(Self { child, guard, shown })
    }

    /// The child itself, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the end, at most for the given time; a command that takes longer is ended.
    pub fn wait(mut self, limit: Option<Duration>) -> Result<ExitStatus> {
        let what = format!("cannot wait for `{}`", self.shown);
        let Some(limit) = limit else {
            let status = attempt(&what, self.child.wait())?;
            self.release(true);
            return Ok(status);
        };
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = attempt(&what, self.child.try_wait())? {
                self.release(true);
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let shown = self.shown.clone();
        drop(self);
        Err(Failure::new(format!(
            "`{shown}` did not end within {} minutes and was stopped",
            limit.as_secs() / 60
        )))
    }

    /// Tells the guard how it ended and waits until the guard has cleaned up.
    fn release(&mut self, done: bool) {
        let Some(mut guard) = self.guard.take() else { return };
        if let Some(mut stdin) = guard.stdin.take()
            && done
        {
            let _ = std::io::Write::write_all(&mut stdin, b"done\n");
        }
        let _ = guard.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if self.guard.is_none() && matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
        }
        self.release(false);
        let _ = self.child.try_wait();
    }
}

fn unique_mark() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("next-desktop-xtask-{}-{}.", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(unix)]
fn guard(step: u32, mark: &str, directory: &str) -> Option<Child> {
    use std::os::unix::process::CommandExt;
    let always = if directory.is_empty() { "" } else { "always" };
    Command::new("/bin/sh")
        .args(["-c", include_str!("guard.sh"), "guard", &step.to_string(), mark, always, directory])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .ok()
}

#[cfg(not(unix))]
fn guard(_step: u32, _mark: &str, _directory: &str) -> Option<Child> {
    None
}
