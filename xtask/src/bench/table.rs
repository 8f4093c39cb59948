//! The figures, for the terminal and for `docs/benchmarks.md`.

use std::fmt::Write as _;
use std::fs;

use crate::process::{Result, attempt};
use crate::project;

/// A part of the document that is measured: it stands between two lines of its own; the rest is written by people.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// `cargo xtask bench import`.
    Import,
    /// `cargo xtask bench library`.
    Library,
    /// `cargo xtask bench library`, the window.
    LibraryWindow,
    /// `cargo xtask bench teamspace`.
    Teamspace,
    /// `cargo xtask bench tray`.
    Tray,
}

impl Part {
    fn lines(self) -> [String; 2] {
        let name = match self {
            Self::Import => "measured",
            Self::Library => "library",
            Self::LibraryWindow => "library window",
            Self::Teamspace => "teamspace",
            Self::Tray => "tray",
        };
        ["begin", "end"].map(|end| format!("<!-- {name}: {end} -->"))
    }
}

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
pub fn write(part: Part, machine: &str, table: &str) -> Result {
    let path = project::root().join("docs/benchmarks.md");
    let text = attempt("cannot read docs/benchmarks.md", fs::read_to_string(&path))?;
    let text = replaced(part, &text, &format!("Measured on: {machine}.\n\n{table}"));
    attempt("cannot write docs/benchmarks.md", fs::write(path, text))
}

fn replaced(part: Part, text: &str, measured: &str) -> String {
    let [begin, end] = part.lines();
    let before = text.split_once(&begin).map_or(text, |(before, _)| before);
    let after = text.split_once(&end).map_or("", |(_, after)| after);
    format!("{before}{begin}\n\n{measured}\n{end}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_measured_is_replaced() {
        for (part, other) in [(Part::Import, Part::Teamspace), (Part::Teamspace, Part::Import)] {
            let ([begin, end], other) = (part.lines(), other.lines().join("\nkept\n"));
            let text = format!("before\n{other}\n{begin}\nold\n{end}\nafter\n");
            let wanted = format!("before\n{other}\n{begin}\n\nnew\n\n{end}\nafter\n");
            assert_eq!(replaced(part, &text, "new\n"), wanted);
        }
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
