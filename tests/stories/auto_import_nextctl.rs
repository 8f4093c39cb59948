//! `nextctl auto-import`: the real program, as servers and scripts use it.

use std::process::Command;
use std::time::Duration;

use zoom_sim::{MeetingSpec, ZoomSim};

use super::nextctl::{Machine, ended};

async fn machine() -> (ZoomSim, Machine) {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let machine = Machine::connected(&sim).await;
    (sim, machine)
}

/// A meeting that begins a moment from now, and is there already.
fn meet(sim: &ZoomSim, title: &str) -> String {
    let start = sim.now() + jiff::SignedDuration::from_secs(2);
    sim.add_meeting(MeetingSpec::talk(title, "checkout").minutes(30).start(start)).uuid
}

async fn library(machine: &Machine) -> Vec<String> {
    let listed = machine.json(&["recordings"]).await;
    let titles = listed["recordings"].as_array().unwrap().iter();
    titles.map(|recording| recording["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn once_looks_and_finishes_what_it_finds_and_every_question_has_its_document() {
    let (sim, machine) = machine().await;
    machine.run(&["auto-import", "once"]).await.assert_fails(2, "off");
    machine.run(&["auto-import", "on", "--teamspace", "Nowhere"]).await.assert_fails(1, "Nowhere");
    machine.run(&["auto-import", "rules", "--set", "min_minutes=x"]).await.assert_fails(2, "makes no sense");
    let status = machine.json(&["auto-import", "on", "--teamspace", "Research"]).await;
    assert_eq!(status["auto_import"]["on"], true);
    let rules = machine.json(&["auto-import", "rules", "--set", "title_contains=Interview"]).await;
    assert_eq!(rules["rules"]["title_contains"][0], "Interview");
    meet(&sim, "Interview with Dana");
    let lunch = meet(&sim, "Lunch");

    let ran = machine.run(&["--json", "auto-import", "once"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.summary()["imported"], 1);
    assert_eq!(library(&machine).await, ["Interview with Dana"]);
    let why = machine.json(&["auto-import", "why", &lunch]).await;
    assert_eq!(why["why"]["decision"]["by"], "title_contains");
    let activity = machine.json(&["auto-import", "activity"]).await;
    let kinds: Vec<_> = activity["activity"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["imported", "skipped"]);
    let csv = machine.run(&["auto-import", "activity", "--export", "csv"]).await;
    assert_eq!(csv.stdout.lines().count(), 3, "{csv:?}");
    let decided = machine.json(&["auto-import", "dry-run", "--days", "5"]).await;
    assert_eq!(decided["recordings"].as_array().unwrap().len(), 2);
    let off = machine.json(&["auto-import", "off"]).await;
    assert_eq!(off["auto_import"]["on"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watch_looks_at_once_and_ends_with_0_when_it_is_told_to_end() {
    let (sim, machine) = machine().await;
    machine.json(&["auto-import", "on", "--teamspace", "Research"]).await;
    meet(&sim, "Interview");
    let child = machine.start(&["--json", "auto-import", "watch"]);
    let id = child.id().to_string();
    for _ in 0..100 {
        if !library(&machine).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ran = ended(child).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.events().first().unwrap()["event"], "watching");
    assert_eq!(ran.events().last().unwrap()["event"], "imported", "{ran:?}");
}
