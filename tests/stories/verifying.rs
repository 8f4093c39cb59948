//! Verifying and repairing a teamspace: what is read again, what is said, and what is never touched.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::import::JobState;
use next_desktop::ledger::{How, Problem, VerifyState};
use next_desktop::recording::{Recording, RecordingId};
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::{MeetingSpec, ZoomSim};

use super::harness::{JONAS, Person, World, files_below};
use super::nextctl::Machine;

/// Imports this many talks.
async fn import_talks(
    world: &World,
    maya: &Person,
    research: &TeamspaceInfo,
    count: usize,
) -> Vec<Recording> {
    let uuids: Vec<String> = (0..count)
        .map(|n| world.sim.add_meeting(MeetingSpec::talk(&format!("Talk {n}"), "checkout")).uuid)
        .collect();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();
    let jobs = maya.import(research, &uuids).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    let items = maya.app.recordings(&research.id).await.unwrap();
    items.into_iter().map(|item| item.recording).collect()
}

fn folder(world: &World, id: &RecordingId) -> PathBuf {
    world.folder("research").join("recordings").join(id.shard()).join(id.as_str())
}

/// Turns one byte in the middle of a file over: nothing else about it changes.
fn turn_a_byte(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn every_byte_is_read_again_and_the_ledger_says_by_whom_and_when() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 2).await;

    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();

    assert_eq!((report.state, report.checked, report.total), (VerifyState::Done, 2, 2));
    assert_eq!((report.damaged.len(), report.orphans.len()), (0, 0), "{report:?}");
    let bytes: u64 = recordings.iter().flat_map(|recording| &recording.files).map(|file| file.size).sum();
    assert_eq!((report.files, report.bytes), (6, bytes));
    for recording in &recordings {
        let ledger = maya.app.recording_ledger(&research.id, &recording.recording_id).await.unwrap();
        let how: Vec<How> = ledger.verified.iter().map(|verification| verification.how).collect();
        assert_eq!(how, [How::Manual, How::Import], "the import's own read-back is the first entry");
        assert!(ledger.verified.iter().all(|one| one.is_whole() && one.by == "Maya Lindqvist"));
        assert!(ledger.verified.iter().all(|one| one.files == 3 && one.manifest.len() == 64));
        assert_eq!(ledger.verified[0].manifest, ledger.verified[1].manifest);
    }
}

#[tokio::test]
async fn what_is_damaged_or_missing_is_named_and_nothing_is_touched() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 4).await;
    let at = |n: usize, file: usize| {
        folder(&world, &recordings[n].recording_id).join(&recordings[n].files[file].key)
    };
    turn_a_byte(&at(0, 0));
    std::fs::remove_file(at(1, 0)).unwrap();
    std::fs::write(at(2, 0), b"short").unwrap();
    std::fs::write(folder(&world, &recordings[3].recording_id).join("manifest.json"), b"{").unwrap();
    let before = files_below(&world.folder("research"));

    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();

    let mut found: Vec<(&str, Problem)> =
        report.damaged.iter().map(|damage| (damage.title.as_str(), damage.problem)).collect();
    found.sort_by_key(|(title, _)| (*title).to_owned());
    let mut wanted: Vec<(&str, Problem)> = recordings
        .iter()
        .map(|recording| recording.title.as_str())
        .zip([Problem::Content, Problem::Missing, Problem::Size, Problem::Unreadable])
        .collect();
    wanted.sort_by_key(|(title, _)| (*title).to_owned());
    assert_eq!(found, wanted);
    assert_eq!(report.checked, 4, "one that is damaged does not stop the others");
    let opened = maya.app.open_recording(&research.id, &recordings[0].recording_id).await.unwrap();
    let kept_apart: Vec<(&str, Problem)> =
        opened.damaged.iter().map(|damage| (damage.key.as_str(), damage.problem)).collect();
    assert_eq!(kept_apart, [(recordings[0].files[0].key.as_str(), Problem::Content)], "its page says so");
    let repaired = maya.app.repair_teamspace(&research.id).await.unwrap();
    assert_eq!((repaired.entered, repaired.removed.len()), (0, 0));
    assert_eq!(files_below(&world.folder("research")), before, "neither of the two touches anything");
}

#[tokio::test]
async fn a_recording_that_lists_show_and_whose_folder_is_gone_is_missing() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 1).await;
    std::fs::remove_dir_all(folder(&world, &recordings[0].recording_id)).unwrap();

    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();

    assert_eq!(report.damaged.len(), 1, "{report:?}");
    assert_eq!(report.damaged[0].key, "manifest.json");
    assert_eq!(report.damaged[0].problem, Problem::Missing);
    assert_eq!(report.damaged[0].title, "Talk 0");
}

#[tokio::test]
async fn an_interrupted_verification_goes_on_and_reads_nothing_twice() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 4).await;
    let mut events = maya.app.events().subscribe();
    {
        let work = maya.app.verify_teamspace(&research.id, false);
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => if let Event::VerifyProgress { checked: 1.., .. } = event.unwrap() {
                    break;
                },
                _ = &mut work => panic!("it was over before it could be interrupted"),
            }
        }
        // The process ends here.
    }
    let maya = maya.try_reopen().await.unwrap();
    let report = maya.app.verify_report(&research.id).await.unwrap().unwrap();
    assert_eq!(report.state, VerifyState::Stopped);
    assert!((1..4).contains(&report.checked), "{report:?}");

    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();

    assert_eq!((report.state, report.checked), (VerifyState::Done, 4));
    for recording in &recordings {
        let ledger = maya.app.recording_ledger(&research.id, &recording.recording_id).await.unwrap();
        let again = ledger.verified.iter().filter(|one| one.how == How::Manual).count();
        assert_eq!(again, 1, "{}", recording.title);
    }
}

#[tokio::test]
async fn a_verification_can_be_stopped_and_the_window_sees_how_far_it_is() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    import_talks(&world, &maya, &research, 1).await;
    let mut events = maya.app.events().subscribe();

    maya.app.start_verify(&research.id, false).await.unwrap();
    maya.app.stop_verify(&research.id).await.unwrap();

    let state = loop {
        let report = maya.app.verify_report(&research.id).await.unwrap();
        match report.map(|report| report.state) {
            None | Some(VerifyState::Running) => {
                let _ = tokio::time::timeout(Duration::from_secs(1), events.recv()).await;
            }
            Some(settled) => break settled,
        }
    };
    assert_eq!(state, VerifyState::Stopped, "it was stopped before it had read anything");
    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();
    assert_eq!((report.state, report.checked), (VerifyState::Done, 1));
}

#[tokio::test]
async fn an_unplugged_teamspace_is_said_and_nothing_in_it_counts_as_damaged() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    import_talks(&world, &maya, &research, 1).await;
    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();

    let error = maya.app.verify_teamspace(&research.id, false).await.unwrap_err();

    assert_eq!(error.code, Code::TeamspaceUnreachable);
    assert_eq!(maya.app.verify_report(&research.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_repair_enters_in_the_log_what_stands_there_without_an_entry() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 1).await;
    let restored = maya.add_teamspace("Restored", &world.folder("restored")).await.unwrap();
    let from = folder(&world, &recordings[0].recording_id);
    for (path, bytes) in files_below(&from) {
        let to = world.folder("restored").join(path.strip_prefix(world.folder("research")).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    let jonas = world.person("Jonas Weber", JONAS).await;
    let shared = jonas.add_teamspace("Restored", &world.folder("restored")).await.unwrap();
    assert_eq!(shared.recordings, 0, "lists follow the log, and it does not know of the copied folder");

    let repaired = maya.app.repair_teamspace(&restored.id).await.unwrap();

    assert_eq!(repaired.entered, 1);
    assert_eq!(jonas.app.refresh_teamspace(&shared.id).await.unwrap().recordings, 1);
    assert_eq!(maya.app.repair_teamspace(&restored.id).await.unwrap().entered, 0, "once is enough");
}

#[tokio::test]
async fn a_repair_removes_dead_attempts_and_nothing_that_is_named_or_young() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 1).await;
    let home = folder(&world, &recordings[0].recording_id);
    let week = SystemTime::now() - Duration::from_secs(8 * 24 * 3600);
    for (name, old) in [("deadattempt", true), ("youngattempt", false)] {
        std::fs::create_dir(home.join(name)).unwrap();
        let path = home.join(name).join("video-0.mp4");
        std::fs::write(&path, b"left over").unwrap();
        if old {
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(week).unwrap();
        }
    }
    for file in &recordings[0].files {
        let path = home.join(&file.key);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(week).unwrap();
    }

    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();
    let mut orphans: Vec<(&str, bool)> =
        report.orphans.iter().map(|orphan| (orphan.attempt.as_str(), orphan.dead)).collect();
    orphans.sort_unstable();
    assert_eq!(orphans, [("deadattempt", true), ("youngattempt", false)]);

    let repaired = maya.app.repair_teamspace(&research.id).await.unwrap();

    let removed: Vec<&str> = repaired.removed.iter().map(|orphan| orphan.attempt.as_str()).collect();
    assert_eq!(removed, ["deadattempt"]);
    assert!(!home.join("deadattempt").exists() && home.join("youngattempt/video-0.mp4").exists());
    let report = maya.app.verify_teamspace(&research.id, false).await.unwrap();
    assert_eq!(report.damaged, [], "what the manifest names is all there");
}

#[tokio::test]
async fn a_machine_whose_clock_is_a_month_ahead_removes_nothing_that_is_young() {
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(30 * 24);
    let world = World::empty().await.with_clock(Clock::manual(later));
    let (maya, research) = world.importer().await;
    let recordings = import_talks(&world, &maya, &research, 1).await;
    let attempt = folder(&world, &recordings[0].recording_id).join("youngattempt");
    std::fs::create_dir(&attempt).unwrap();
    std::fs::write(attempt.join("video-0.mp4"), b"another machine is at work on it").unwrap();

    let repaired = maya.app.repair_teamspace(&research.id).await.unwrap();

    assert_eq!(repaired.removed, []);
    assert!(attempt.join("video-0.mp4").exists());
}

#[tokio::test]
async fn nextctl_verifies_with_events_one_document_and_an_exit_code() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let uuid = sim.add_meeting(MeetingSpec::talk("Interview", "checkout")).uuid;
    let machine = Machine::connected(&sim).await;
    let ran = machine.run(&["--json", "import", "--teamspace", "Research", &uuid, "--wait"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let ran = machine.run(&["--json", "teamspace", "verify", "Research"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines = ran.events();
    assert_eq!(lines[0]["event"], "progress", "{ran:?}");
    let last = lines.last().unwrap();
    assert_eq!((&last["checked"], last["damaged"].as_array().unwrap().len()), (&1.into(), 0));
    assert!(last["orphans"].as_array().unwrap().is_empty());

    let files = files_below(&machine.path("research/recordings"));
    let (video, _) = files.iter().find(|(path, _)| path.ends_with("video-0.mp4")).unwrap();
    turn_a_byte(video);
    let ran = machine.run(&["--json", "teamspace", "verify", "Research"]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let damaged = ran.events().pop().unwrap()["damaged"].clone();
    assert_eq!(damaged[0]["problem"], "content");
    let id = damaged[0]["recording_id"].as_str().unwrap().to_owned();

    let one = machine.run(&["--json", "teamspace", "verify", "Research", "--recording", &id]).await;
    assert_eq!((one.code, &one.document()["damaged"][0]["problem"]), (Some(1), &"content".into()));
    let shown = machine.json(&["recordings", "show", &id]).await;
    let how: Vec<&str> =
        shown["verified"].as_array().unwrap().iter().map(|row| row["how"].as_str().unwrap()).collect();
    assert_eq!(how, ["manual", "manual", "manual", "import"]);
    assert_eq!(shown["verified"][3]["damaged"].as_array().unwrap().len(), 0);
    let repaired = machine.json(&["teamspace", "repair", "Research"]).await;
    assert_eq!((&repaired["entered"], &repaired["removed"]), (&0.into(), &serde_json::json!([])));
}
