//! The figures, for the terminal and for `docs/benchmarks.md`.

use std::fmt::Write as _;
use std::fs;

use crate::process::{Result, attempt};
use crate::project;

/// Between these two lines of the document stands what was measured; the rest is written by people.
const BEGIN: &str = "<!-- measured: begin -->";
const END: &str = "<!-- measured: end -->";

/// One promise, and what came of it.
pub struct Line {
    pub what: String,
    pub ours: String,
    pub peer: String,
    /// More is better, or less.
    pub figure: Figure,
}

/// A figure beside what is promised.
pub enum Figure {
    /// At least so much.
    AtLeast { promised: f64, measured: f64 },
    /// At most so many MiB.
    AtMostMib { promised: f64, measured: f64 },
    /// Nothing is promised.
    Ratio(f64),
}

impl Figure {
    fn texts(&self) -> [String; 3] {
        match self {
            Self::AtLeast { promised, measured } => {
                [format!("{measured:.2}×"), format!("≥ {promised}×"), verdict(measured >= promised)]
            }
            Self::AtMostMib { promised, measured } => {
                [format!("{measured:.0} MiB"), format!("≤ {promised:.0} MiB"), verdict(measured <= promised)]
            }
            Self::Ratio(ratio) => [format!("{ratio:.2}×"), "–".to_owned(), "–".to_owned()],
        }
    }
}

fn verdict(kept: bool) -> String {
    if kept { "kept".to_owned() } else { "missed".to_owned() }
}

/// The table in Markdown.
pub fn markdown(lines: &[Line]) -> String {
    let mut text =
        String::from("| What | NEXT | Beside it | Figure | Promised | |\n|---|---|---|---|---|---|\n");
    for Line { what, ours, peer, figure } in lines {
        let [measured, promised, verdict] = figure.texts();
        let _ = writeln!(text, "| {what} | {ours} | {peer} | {measured} | {promised} | {verdict} |");
    }
    text
}

/// Puts what was measured into the document.
pub fn write(machine: &str, lines: &[Line]) -> Result {
    let path = project::root().join("docs/benchmarks.md");
    let text = attempt("cannot read docs/benchmarks.md", fs::read_to_string(&path))?;
    let text = replaced(&text, &format!("Measured on: {machine}.\n\n{}", markdown(lines)));
    attempt("cannot write docs/benchmarks.md", fs::write(path, text))
}

fn replaced(text: &str, measured: &str) -> String {
    let before = text.split_once(BEGIN).map_or(text, |(before, _)| before);
    let after = text.split_once(END).map_or("", |(_, after)| after);
    format!("{before}{BEGIN}\n\n{measured}\n{END}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_measured_is_replaced() {
        let text = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        assert_eq!(replaced(&text, "new\n"), format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
    }

    #[test]
    fn a_promise_that_was_missed_is_called_so() {
        let line = |measured| Line {
            what: "x".to_owned(),
            ours: "1 s".to_owned(),
            peer: "1 s".to_owned(),
            figure: Figure::AtLeast { promised: 0.9, measured },
        };
        assert!(markdown(&[line(0.8)]).contains("| 0.80× | ≥ 0.9× | missed |"));
        assert!(markdown(&[line(1.0)]).contains("kept"));
    }
}
