//! Steps in order, each with a headline and its duration; stops at the first failure and always sums up.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::process::{Failure, Result};

/// One step: what it is called and what it does. It may return a remark for the summary.
pub type Step = (&'static str, fn() -> Result<Option<String>>);

enum Outcome {
    Passed(Duration, Option<String>),
    Failed(Duration),
    NotRun,
}

/// Runs the steps.
pub fn run(steps: &[Step]) -> Result {
    let start = Instant::now();
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut failure = None;
    for (index, (name, step)) in steps.iter().enumerate() {
        if failure.is_some() {
            outcomes.push(Outcome::NotRun);
            continue;
        }
        println!("\n=== {}/{} {name}", index + 1, steps.len());
        let _ = std::io::stdout().flush();
        let begun = Instant::now();
        match step() {
            Ok(remark) => {
                println!("--- {name}: {}", duration(begun.elapsed()));
                outcomes.push(Outcome::Passed(begun.elapsed(), remark));
            }
            Err(error) => {
                println!("--- {name}: FAILED after {}", duration(begun.elapsed()));
                eprintln!("{}", error.message);
                outcomes.push(Outcome::Failed(begun.elapsed()));
                failure = Some((*name, error));
            }
        }
    }
    print!("\n{}", summary(steps, &outcomes));
    println!("{:9} in all", duration(start.elapsed()));
    match failure {
        None => Ok(()),
        Some((name, error)) => {
            Err(Failure { message: format!("{name}: {}", error.message), exit_code: error.exit_code })
        }
    }
}

fn summary(steps: &[Step], outcomes: &[Outcome]) -> String {
    let mut text = String::from("=== Summary\n");
    for ((name, _), outcome) in steps.iter().zip(outcomes) {
        let (time, result) = match outcome {
            Outcome::Passed(time, None) => (duration(*time), "passed".to_owned()),
            Outcome::Passed(time, Some(remark)) => (duration(*time), format!("passed; {remark}")),
            Outcome::Failed(time) => (duration(*time), "FAILED".to_owned()),
            Outcome::NotRun => ("-".to_owned(), "not run".to_owned()),
        };
        text.push_str(&format!("{time:9} {name:44} {result}\n"));
    }
    text
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn steps_after_a_failed_one_do_not_run() {
        static RAN: AtomicBool = AtomicBool::new(false);
        let steps: [Step; 3] = [
            ("good", || Ok(None)),
            ("bad", || Err(Failure::needs_person("lamp broken"))),
            ("later", || {
                RAN.store(true, Ordering::SeqCst);
                Ok(None)
            }),
        ];
        let failure = run(&steps).unwrap_err();
        assert_eq!(failure.message, "bad: lamp broken");
        assert_eq!(failure.exit_code, 3);
        assert!(!RAN.load(Ordering::SeqCst));
    }

    #[test]
    fn the_summary_names_every_step_and_its_remark() {
        let steps: [Step; 2] = [("audit", || Ok(None)), ("window", || Ok(None))];
        let text = summary(
            &steps,
            &[Outcome::Passed(Duration::from_secs(75), Some("no network".into())), Outcome::NotRun],
        );
        assert!(text.contains("1 min 15 s audit"));
        assert!(text.contains("passed; no network"));
        assert!(text.contains("not run"));
    }
}
