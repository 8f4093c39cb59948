//! How the app's window bears a large library: started beside an empty Tauri window, until its list is on the screen
//! (`tests/bench/first_look.rs`); then from a key to what it finds, scrolling, and memory (`tests/bench/window_at_scale.rs`).

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::median;
use crate::process::{Cleaning, Failure, Guarded, Result, attempt, output, run, show, succeeded};
use crate::{e2e, project};

/// The hidden argument with which the command calls itself inside a display of its own.
pub const INSIDE: &str = "bench-inside-library";
/// Pairs of starts, ours and the empty window by turns; an even number of others makes no median.
const PAIRS: usize = 7;
/// Nothing that is measured takes longer.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// The colour of the empty window's page (`tests/bench/empty_window.rs`).
const COLOUR: &str = "2f6f4f";
/// What the teamspace is called.
const TEAMSPACE: &str = "Team";

pub const HEAD: &str = "\
| Recordings | What | median | p99 | worst | |
|---|---|---|---|---|---|
";

/// Measures on a library that `library_at_scale` left in a folder.
pub fn lines(folder: &Path, recordings: u64) -> Result<String> {
    let data = folder.join("data");
    let own = |arguments: &[&str]| {
        let mut command = project::command(project::target_dir().join("release/nextctl"));
        command.args(arguments).env("NEXT_DATA_DIR", &data).env("NEXT_SECRETS", "memory");
        run(&mut command)
    };
    own(&["profile", "set", "--name", "Ada", "--email", "ada@example.org"])?;
    own(&["teamspace", "add", TEAMSPACE, "--at", &folder.join("teamspace").to_string_lossy()])?;
    let home = e2e::private_folder()?;
    let this = attempt("cannot find this program", std::env::current_exe())?;
    let mut command = e2e::wrapped(&home, &this);
    command.arg(INSIDE).arg(folder).arg(recordings.to_string());
    let status = Guarded::spawn(&mut command, Cleaning::Always(home))?.wait(Some(LIMIT))?;
    succeeded("the benchmark", status)?;
    attempt("cannot read what was measured", fs::read_to_string(folder.join("window.md")))
}

/// Measures, on the display that is there.
pub fn inside(arguments: &[String]) -> Result {
    let [folder, recordings] = arguments else { return Err(Failure::usage("FOLDER RECORDINGS")) };
    let (folder, release) = (Path::new(folder), project::target_dir().join("release"));
    let (data, ours, empty) =
        (folder.join("data"), release.join("next-desktop"), release.join("examples/empty-window"));
    let (mut starts, mut empties, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let first_look = |program: &Path, data: &Path, wanted: &[&str]| {
        let mut command = project::command(release.join("examples/first-look"));
        command.arg(program).args(wanted).env("NEXT_DATA_DIR", data).env("NEXT_SECRETS", "memory");
        let took = output(&mut command).and_then(|took| took.trim().parse::<f64>().ok());
        took.map(|took| took / 1000.0).ok_or_else(|| Failure::new(format!("`{}` failed", show(&command))))
    };
    for round in 0..=PAIRS {
        let a = first_look(&ours, &data, &["cards"])?;
        let b = first_look(&empty, &folder.join("empty"), &["painted", COLOUR])?;
        // The first start of each reads the program from the disk: not counted.
        if round > 0 {
            starts.push(a);
            empties.push(b);
            ratios.push(a / b);
        }
    }
    let worst = ratios.iter().copied().fold(f64::MIN, f64::max);
    let mut lines = format!(
        "| {recordings} | start, to the list on the screen | {:.2} s | | | an empty window {:.2} s; {:.2}×, at worst \
         {worst:.2}× ({PAIRS} pairs) |\n",
        median(&mut starts),
        median(&mut empties),
        median(&mut ratios),
    );
    let mut command = project::command(release.join("examples/window-at-scale"));
    command.arg(&ours).arg(&data).arg(recordings);
    let more = output(&mut command).ok_or_else(|| Failure::new(format!("`{}` failed", show(&command))))?;
    lines += &format!("{}\n", more.trim());
    attempt("cannot write what was measured", fs::write(folder.join("window.md"), lines))
}
