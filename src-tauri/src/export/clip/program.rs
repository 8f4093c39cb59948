//! Runs ffmpeg and its companion: heard line by line, ended when it is stopped or does nothing any more.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Error;

/// So long may ffmpeg write nothing: from a bucket, the begin of what is wanted has to come first.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// How often is looked whether somebody stopped it.
const LOOK: Duration = Duration::from_millis(50);
/// Bytes of ffmpeg's complaints that are kept, from the end.
const COMPLAINTS: usize = 2_000;
/// Bytes of an answer of ffprobe, or of the list of encoders, that are read.
const LONGEST_ANSWER: usize = 1 << 20;

/// Ends with what it was made for: a program that nobody waits for any more is killed.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended just now.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Runs a program and gives what it wrote.
pub(super) fn answer(command: Command, stop: &CancellationToken) -> Result<String, Error> {
    let mut said = String::new();
    run(command, PATIENCE, stop, &mut |line| {
        if said.len() < LONGEST_ANSWER {
            said.push_str(line);
            said.push('\n');
        }
        Some(said.len() as u64)
    })?;
    Ok(said)
}

/// Runs a program to its end. `hear` gets each line that it writes and says how far it is by that: as long as this number
/// grows, it is waited for.
pub(super) fn run(
    mut command: Command,
    patience: Duration,
    stop: &CancellationToken,
    hear: &mut dyn FnMut(&str) -> Option<u64>,
) -> Result<(), Error> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Our own server is asked directly.
    command.env_remove("http_proxy").env_remove("HTTP_PROXY").env_remove("all_proxy").env_remove("ALL_PROXY");
    without_console(&mut command);
    let mut child = Killed(command.spawn().map_err(Error::Start)?);
    let (say, said) = mpsc::channel();
    if let Some(output) = child.0.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if say.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
    }
    let complaints = child.0.stderr.take().map(|errors| thread::spawn(move || last_of(errors)));
    let (mut far, mut moved) = (None, Instant::now());
    let mut heard_all = false;
    let status = loop {
        match said.recv_timeout(LOOK) {
            Ok(line) => {
                let now = hear(&line);
                if now.is_some() && now != far {
                    (far, moved) = (now, Instant::now());
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                heard_all = true;
                thread::sleep(LOOK);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stop.is_cancelled() {
            return Err(Error::Stopped);
        }
        if moved.elapsed() > patience {
            return Err(Error::Silent);
        }
        // Only when all is heard: it may have ended with lines on their way.
        if heard_all && let Some(status) = child.0.try_wait().map_err(Error::Start)? {
            break status;
        }
    };
    if status.success() {
        return Ok(());
    }
    let said = complaints.and_then(|reading| reading.join().ok()).unwrap_or_default();
    Err(Error::Failed(if said.is_empty() { status.to_string() } else { said }))
}

/// The last bytes of what a program complains about; all of it is read, so that it never waits for us.
fn last_of(mut errors: impl Read) -> String {
    let (mut kept, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read) = errors.read(&mut piece) {
        if read == 0 {
            break;
        }
        kept.extend(piece.iter().take(read));
        let too_many = kept.len().saturating_sub(COMPLAINTS);
        kept.drain(..too_many);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}

#[cfg(windows)]
fn without_console(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn without_console(_: &mut Command) {}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn never() -> CancellationToken {
        CancellationToken::new()
    }

    #[test]
    fn what_a_program_says_is_heard_to_its_end_and_what_it_complains_about_is_told() {
        let mut heard = Vec::new();
        run(sh("echo out_time_us=5; echo; echo progress=end"), PATIENCE, &never(), &mut |line| {
            heard.push(line.to_owned());
            None
        })
        .unwrap();
        assert_eq!(heard, ["out_time_us=5", "", "progress=end"]);
        let failed = run(sh("echo no such codec >&2; exit 8"), PATIENCE, &never(), &mut |_| None);
        assert_eq!(failed.unwrap_err().to_string(), "no such codec");
        assert!(matches!(
            run(Command::new("/no such program"), PATIENCE, &never(), &mut |_| None),
            Err(Error::Start(_))
        ));
    }

    #[test]
    fn one_that_says_nothing_new_is_ended() {
        let repeating = "while :; do echo out_time_us=5; sleep 0.01; done";
        let result = run(sh(repeating), Duration::from_millis(200), &never(), &mut |_| Some(5));
        assert!(matches!(result, Err(Error::Silent)));
    }

    #[test]
    fn one_that_is_stopped_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let number = folder.path().join("pid");
        let stop = never();
        let script = format!("echo $$ > '{}'; echo begun; exec sleep 600", number.display());
        let result = run(sh(&script), PATIENCE, &stop, &mut |_| {
            stop.cancel();
            None
        });
        assert!(matches!(result, Err(Error::Stopped)));
        let number = std::fs::read_to_string(number).unwrap();
        let there = Path::new("/proc").join(number.trim());
        assert!(!there.exists(), "process {} goes on", number.trim());
    }
}
