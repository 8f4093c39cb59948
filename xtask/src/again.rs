//! Failed tests once more, alone: what then passes is unsteady, and named in the summary. A machine that stands still
//! for seconds must not hide what a run has found, nor a race be taken for luck: whoever reads the summary sees both.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::process::{Cleaning, Failure, Guarded, Result, attempt, show};

/// When more fail than this, they fail by themselves.
const MOST: usize = 5;

/// Runs a test program, or `cargo test`; what failed once more, each alone. `command` makes the command for these names
/// (all tests when there are none), and the end of all that the run leaves behind. Returns a remark for the summary.
pub fn run(
    limit: Option<Duration>,
    mut command: impl FnMut(&[String]) -> Result<(Command, Cleaning)>,
) -> Result<Option<String>> {
    let (mut all, cleaning) = command(&[])?;
    let (shown, ran) = (show(&all), watched(&mut all, cleaning, limit)?);
    if ran.passed {
        return Ok(None);
    }
    let failed = failed(&ran.said);
    if failed.is_empty() || failed.len() > MOST {
        return Err(Failure::new(format!("`{shown}` failed")));
    }
    println!("\n--- Once more, alone: {}", failed.join(", "));
    let (mut some, cleaning) = command(&failed)?;
    let (shown, ran) = (show(&some), watched(&mut some, cleaning, limit)?);
    if ran.passed && passed(&ran.said) == failed.len() {
        Ok(Some(format!("UNSTEADY, passed when run again alone: {}", failed.join(", "))))
    } else {
        Err(Failure::new(format!("`{shown}` failed, twice")))
    }
}

struct Ran {
    passed: bool,
    said: String,
}

/// Runs a command to its end, shows what it says, and keeps it.
fn watched(command: &mut Command, cleaning: Cleaning, limit: Option<Duration>) -> Result<Ran> {
    let mut running = Guarded::spawn(command.stdout(Stdio::piped()), cleaning)?;
    let out = running.child().stdout.take();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        let Some(out) = out else { return said };
        for line in BufReader::new(out).split(b'\n').map_while(std::result::Result::ok) {
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            let _ = std::io::stdout().flush();
            said.push_str(&line);
            said.push('\n');
        }
        said
    });
    let status = running.wait(limit)?;
    let said = attempt("cannot read what the tests say", reader.join().map_err(|_| "its reader ended"))?;
    Ok(Ran { passed: status.success(), said })
}

/// The tests that a run names as failed at its end, or at the ends of its programs.
fn failed(said: &str) -> Vec<String> {
    let (mut named, mut failed) = (Vec::new(), Vec::new());
    for line in said.lines() {
        if line == "failures:" {
            // The list comes twice: with what each test said, and then the names alone.
            named.clear();
        } else if line.starts_with("test result: ") {
            failed.append(&mut named);
        } else if let Some(name) = line.strip_prefix("    ").filter(|name| is_name(name)) {
            named.push(name.to_owned());
        }
    }
    failed
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

/// How many tests passed, in all programs of a run.
fn passed(said: &str) -> usize {
    said.lines()
        .filter_map(|line| line.strip_prefix("test result: ")?.split_once(". ")?.1.split_once(" passed"))
        .filter_map(|(count, _)| count.parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_PROGRAMS: &str = "\
test a::one ... ok
test result: ok. 1 passed; 0 failed; 0 ignored

test b::two ... FAILED
test b::three ... ok

failures:

---- b::two stdout ----
thread 'b::two' panicked at src/b.rs:1:1:
    indented
failures:
    indented::again
never as wanted

failures:
    b::two

test result: FAILED. 1 passed; 1 failed; 0 ignored
";

    #[test]
    fn the_names_of_failed_tests_are_read_from_the_end_of_each_program() {
        assert_eq!(failed(TWO_PROGRAMS), ["b::two"]);
        assert_eq!(passed(TWO_PROGRAMS), 2);
        assert_eq!(failed("error: could not compile"), [] as [&str; 0]);
    }

    /// A test program in the shell: says what it is told to at its n-th run, and fails where it names a failure.
    fn program(runs: &[&str]) -> Result<Option<String>> {
        let mut runs = runs.iter();
        let mut asked = Vec::new();
        let result = run(None, |names| {
            asked.push(names.to_vec());
            let said = runs.next().ok_or_else(|| Failure::new("it ran too often"))?;
            let mut shell = Command::new("/bin/sh");
            let end = if said.contains("FAILED") { 101 } else { 0 };
            shell.args(["-c", &format!("printf '%s' \"$SAID\"; exit {end}")]).env("SAID", said);
            Ok((shell, Cleaning::IfInterrupted))
        });
        for names in asked.iter().skip(1) {
            assert_eq!(names, &["b::two"]);
        }
        result
    }

    #[cfg(unix)]
    #[test]
    fn what_fails_once_is_named_and_what_fails_twice_fails() {
        let good = "test result: ok. 1 passed; 0 failed\n";
        let nothing = "test result: ok. 0 passed; 0 failed\n";
        assert_eq!(program(&[good]).unwrap(), None);
        let remark = program(&[TWO_PROGRAMS, good]).unwrap().unwrap();
        assert!(remark.contains("UNSTEADY") && remark.contains("b::two"), "{remark}");
        assert!(program(&[TWO_PROGRAMS, TWO_PROGRAMS]).is_err());
        assert!(program(&[TWO_PROGRAMS, nothing]).is_err(), "the test has to have run");
        assert!(program(&["error: FAILED to compile"]).is_err(), "nothing to run again");
    }
}
