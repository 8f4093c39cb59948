//! Imports beside programs that only download: one large file, one large file from a server that slows each
//! connection down, and many small recordings from a server that is far away.
//!
//! `nextctl` does more than its peers: it signs requests, lists, hashes, checks, flushes and publishes. What it takes
//! is counted from its start to its end. Its secrets are in a keyring, as on a desktop.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::measure::{Took, machine, took};
use super::median;
use super::stage::{Remote, Stage, TEAMSPACE};
use super::table::{Figure, Line, Part, markdown, write};
use crate::needs::{self, Group};
use crate::process::{Cleaning, Guarded, Result, attempt, run, succeeded};
use crate::{e2e, project};

const MIB: u64 = 1 << 20;
const LARGE: u64 = 2048 * MIB;
const THROTTLED: u64 = 256 * MIB;
/// What each connection gets where it is slowed down, in bytes per second.
const PER_CONNECTION: u64 = 8 * MIB;
const SMALL: u64 = 600_000;
const RECORDINGS: u64 = 500;
const LATENCY: u64 = 30;
/// The teamspace of the small recordings.
const FRESH: &str = "Small";
/// Rounds of the large file; what counts is the median.
const ROUNDS: u64 = 3;
/// No run takes longer.
const LIMIT: Duration = Duration::from_secs(600);

/// The hidden argument with which the command calls itself on a bus with a keyring.
pub const INSIDE: &str = "bench-inside-import";
/// All of it takes no longer.
const WHOLE: Duration = Duration::from_secs(3600);

/// Builds everything, measures, prints, and writes `docs/benchmarks.md`.
pub fn import() -> Result {
    needs::provide(&[Group::Build, Group::Test, Group::Bench])?;
    // The `nextctl` of the package. Built apart from the simulator, whose needs would change those of the app's crates.
    run(project::cargo().args(["build", "--release", "--bin", "nextctl"]).args(project::FEATURES))?;
    run(project::cargo().args(["build", "--release", "-p", "zoom-sim"]))?;
    let home = e2e::private_folder()?;
    let this = attempt("cannot find this program", std::env::current_exe())?;
    let mut command = e2e::wrapped(&home, &this);
    command.arg(INSIDE);
    let status = Guarded::spawn(&mut command, Cleaning::Always(home))?.wait(Some(WHOLE))?;
    succeeded("the benchmark", status)
}

/// Measures, with the keyring that is there.
pub fn inside() -> Result {
    let machine = machine();
    let stage = Stage::set()?;
    let mut lines = Vec::new();
    // What it holds with everything open and nothing to do.
    let rest = took(&mut stage.nextctl(&["jobs"]), LIMIT)?.peak;
    // First, while all that Zoom has are these.
    small(&stage, rest, &mut lines)?;
    large(&stage, rest, &mut lines)?;
    throttled(&stage, rest, &mut lines)?;
    println!("\n{machine}\n\n{}", markdown(&lines));
    write(Part::Import, &machine, &markdown(&lines))
}

/// One file as fast as the machine gives it.
fn large(stage: &Stage, rest: u64, lines: &mut Vec<Line>) -> Result {
    let (mut plain, mut flushed, mut checked) = (vec![], vec![], vec![]);
    let (mut ours, mut peers) = (vec![], vec![]);
    // The first round brings programs and folders into memory: not counted.
    for round in 0..=ROUNDS {
        let (file, remote) = (stage.path("curl"), stage.add(LARGE, round)?);
        let curl = took(&mut curl(&remote.storage, &file), LIMIT)?;
        let flush = took(Command::new("sync").arg(&file), LIMIT)?;
        let hash = took(Command::new("sha256sum").arg(&file), LIMIT)?;
        stage.clear(&file);
        let next = imported(stage, &remote)?;
        println!(
            "2 GiB, round {round}: NEXT {:.2} s, curl {:.2} s, flushed after {:.2} s more, hashed after {:.2} s more",
            next.seconds, curl.seconds, flush.seconds, hash.seconds
        );
        if round > 0 {
            plain.push(curl.seconds / next.seconds);
            flushed.push((curl.seconds + flush.seconds) / next.seconds);
            checked.push((curl.seconds + flush.seconds + hash.seconds) / next.seconds);
            ours.push(next);
            peers.push(curl);
        }
    }
    let gib = LARGE as f64 / (1024 * MIB) as f64;
    let (next, curl) = (middle(&ours), middle(&peers));
    lines.push(Line {
        what: "one file of 2 GiB; `curl -L -o`".to_owned(),
        ours: seconds(next.seconds),
        peer: seconds(curl.seconds),
        figure: Figure::AtLeast { promised: 0.9, measured: median(&mut plain) },
    });
    lines.push(Line {
        what: "the same, with curl's file flushed to the disk as ours is".to_owned(),
        ours: seconds(next.seconds),
        peer: "curl, `sync`".to_owned(),
        figure: Figure::Ratio(median(&mut flushed)),
    });
    lines.push(Line {
        what: "the same, and hashed as ours is".to_owned(),
        ours: seconds(next.seconds),
        peer: "curl, `sync`, `sha256sum`".to_owned(),
        figure: Figure::Ratio(median(&mut checked)),
    });
    lines.push(Line {
        what: "processor per GiB; curl".to_owned(),
        ours: seconds(next.processor / gib),
        peer: seconds(curl.processor / gib),
        figure: Figure::Ratio(next.processor / curl.processor),
    });
    lines.push(memory("2 GiB", &ours, rest));
    Ok(())
}

/// One file from a server that gives each connection only so much.
fn throttled(stage: &Stage, rest: u64, lines: &mut Vec<Line>) -> Result {
    let fault =
        format!(r#"{{"at":"storage","fault":{{"kind":"throttle","bytes_per_second":{PER_CONNECTION}}}}}"#);
    stage.turn("faults", &fault)?;
    let remote = stage.add(THROTTLED, 100)?;
    let file = stage.path("peer");
    let curl = took(&mut curl(&remote.storage, &file), LIMIT)?;
    stage.clear(&file);
    let mut aria = project::command("aria2c");
    aria.args(["-q", "-x4", "-s4", "--min-split-size=1M", "--file-allocation=none", "-o", "peer", "-d"]);
    let aria = took(aria.arg(stage.path("")).arg(&remote.storage), LIMIT)?;
    stage.clear(&file);
    let next = imported(stage, &remote)?;
    stage.turn("faults/clear", "{}")?;
    println!(
        "throttled: NEXT {:.2} s, curl {:.2} s, aria2 {:.2} s",
        next.seconds, curl.seconds, aria.seconds
    );
    lines.push(Line {
        what: "256 MiB at 8 MiB/s per connection; curl".to_owned(),
        ours: seconds(next.seconds),
        peer: seconds(curl.seconds),
        figure: Figure::AtLeast { promised: 3.5, measured: curl.seconds / next.seconds },
    });
    lines.push(Line {
        what: "the same; `aria2c -x4`".to_owned(),
        ours: seconds(next.seconds),
        peer: seconds(aria.seconds),
        figure: Figure::AtLeast { promised: 1.0, measured: aria.seconds / next.seconds },
    });
    lines.push(memory("256 MiB, throttled", &[next], rest));
    Ok(())
}

/// Many recordings from a server whose answers take their time.
fn small(stage: &Stage, rest: u64, lines: &mut Vec<Line>) -> Result {
    let remotes: Vec<Remote> =
        (0..RECORDINGS).map(|seed| stage.add(SMALL, 1_000 + seed)).collect::<Result<_>>()?;
    stage.turn(
        "faults",
        &format!(r#"{{"at":"any","fault":{{"kind":"latency","milliseconds":{LATENCY}}}}}"#),
    )?;
    stage.add_teamspace(FRESH)?;
    let next = took(&mut stage.nextctl(&["import", "--teamspace", FRESH, "--all", "--wait"]), LIMIT)?;
    // After our run, whose first request may have renewed the token.
    let one_by_one = stage.path("one-by-one");
    let wanted = requests(&remotes, stage.api(), &stage.access_token()?, &stage.path("peer"));
    attempt("cannot write what curl shall ask for", fs::write(&one_by_one, wanted))?;
    let curl = took(project::command("curl").arg("-K").arg(&one_by_one), LIMIT)?;
    stage.turn("faults/clear", "{}")?;
    println!("{RECORDINGS} recordings: NEXT {:.2} s, one by one {:.2} s", next.seconds, curl.seconds);
    lines.push(Line {
        what: format!(
            "{RECORDINGS} small recordings, {LATENCY} ms away; the same requests one by one (curl)"
        ),
        ours: seconds(next.seconds),
        peer: seconds(curl.seconds),
        figure: Figure::AtLeast { promised: 4.0, measured: curl.seconds / next.seconds },
    });
    lines.push(memory("small recordings", &[next], rest));
    Ok(())
}

/// The requests of an import, for one curl that makes them one after the other on connections that it keeps: the
/// meeting, the file's address, and where that leads.
fn requests(remotes: &[Remote], api: &str, token: &str, file: &Path) -> String {
    let common = format!("silent\nshow-error\nfail\nlocation\nheader = \"Authorization: Bearer {token}\"\n");
    let one = |remote: &Remote| {
        let uuid = remote.uuid.replace('/', "%252F").replace('+', "%252B").replace('=', "%253D");
        format!(
            "{common}url = \"{api}/meetings/{uuid}/recordings\"\noutput = \"/dev/null\"\nnext\n\
             {common}url = \"{}\"\noutput = \"{}\"\n",
            remote.download,
            file.display(),
        )
    };
    remotes.iter().map(one).collect::<Vec<_>>().join("next\n")
}

fn curl(from: &str, file: &Path) -> Command {
    let mut curl = project::command("curl");
    curl.args(["-sS", "--fail", "-L", "-o"]).arg(file).arg(from);
    curl
}

/// Imports one recording, and removes it again from the disk.
fn imported(stage: &Stage, remote: &Remote) -> Result<Took> {
    let took =
        took(&mut stage.nextctl(&["import", "--teamspace", TEAMSPACE, "--wait", &remote.uuid]), LIMIT)?;
    stage.clear(&stage.path(TEAMSPACE).join("recordings"));
    Ok(took)
}

fn middle(runs: &[Took]) -> Took {
    let of = |pick: fn(&Took) -> f64| median(&mut runs.iter().map(pick).collect::<Vec<_>>());
    Took { seconds: of(|t| t.seconds), processor: of(|t| t.processor), peak: of(|t| t.peak as f64) as u64 }
}

/// The run that took most, above what the program holds at rest.
fn memory(what: &str, runs: &[Took], rest: u64) -> Line {
    let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
    let mib = |bytes: u64| bytes as f64 / MIB as f64;
    Line {
        what: format!("peak memory above rest; {what}"),
        ours: format!("{:.0} MiB", mib(peak)),
        peer: format!("{:.0} MiB at rest", mib(rest)),
        figure: Figure::AtMostMib { promised: 64.0, measured: mib(peak.saturating_sub(rest)) },
    }
}

fn seconds(value: f64) -> String {
    format!("{value:.2} s")
}
