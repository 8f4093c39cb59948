//! How the app's window bears a large library: started beside an empty Tauri window, until its list can be used; then from
//! a key to what it finds, scrolling, and memory (`tests/bench/window_at_scale.rs`).

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::median;
use super::window::measure;
use crate::process::{Cleaning, Failure, Guarded, Result, attempt, output, run, show, succeeded};
use crate::{e2e, project};

/// The hidden argument with which the command calls itself inside a display of its own.
pub const INSIDE: &str = "bench-inside-library";
/// Pairs of starts, ours and the empty window by turns; an even number of others makes no median.
const PAIRS: usize = 7;
/// Nothing that is measured takes longer.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// What the teamspace is called, and the title of its window with it.
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
    let title = format!("{TEAMSPACE} .*NEXT Desktop");
    for round in 0..=PAIRS {
        let (a, _) = measure(&ours, &title, &data)?;
        let (b, _) = measure(&empty, "Empty window", &folder.join("empty"))?;
        // The first start of each reads the program from the disk: not counted.
        if round > 0 {
            starts.push(a.as_secs_f64());
            empties.push(b.as_secs_f64());
            ratios.push(a.as_secs_f64() / b.as_secs_f64());
        }
    }
    let worst = ratios.iter().copied().fold(f64::MIN, f64::max);
    let mut lines = format!(
        "| {recordings} | start, to a list that can be used | {:.2} s | | | an empty window {:.2} s; {:.2}×, at worst \
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
