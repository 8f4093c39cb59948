//! Teamspaces whose log has become long: checkpoints, a beginning that was removed, recordings that are listed and not
//! read yet, and repairing what is missing.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use next_desktop::app::{App, RecordingEdit};
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::import::JobState;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::{EVERY, TeamspaceInfo, entry_key};
use serde_json::{Value, json};
use zoom_sim::MeetingSpec;

use super::harness::{JONAS, Person, World, sha256};

/// What others wrote into the folder while nobody looked.
pub struct Others {
    root: PathBuf,
    pub next: u64,
}

impl Others {
    pub fn new(root: PathBuf) -> Self {
        let next = (1..).find(|n| !root.join(entry_key(*n)).exists()).unwrap();
        Self { root, next }
    }

    pub fn write(&mut self, ops: &[Value]) {
        let n = self.next;
        let entry = json!({"n": n, "writer": "somebody", "nonce": format!("n{n}"), "at": "2026-03-01T09:00:00Z", "ops": ops});
        put(&self.root.join(entry_key(n)), entry.to_string().as_bytes());
        self.next += 1;
    }

    /// Publishes meetings without files, all of them in a distant future.
    fn publish(&mut self, count: u64) {
        let mut ops = Vec::new();
        for n in 0..count {
            let id = RecordingId::of_zoom_meeting(&format!("future {n}"));
            let start = format!("2040-01-{:02}T{:02}:{:02}:00Z", n / 1_440 + 1, n % 1_440 / 60, n % 60);
            let manifest = json!({
                "format": 1, "recording_id": id, "source": {"integration": "zoom"}, "title": format!("Future {n}"),
                "start": start, "duration": 60, "imported_by": "Somebody", "imported_at": start, "attempt": "a",
                "nonce": "n", "files": [],
            });
            let bytes = manifest.to_string().into_bytes();
            put(&self.root.join(format!("recordings/{}/{id}/manifest.json", id.shard())), &bytes);
            ops.push(json!({
                "op": "add", "recording_id": id, "manifest": sha256(&bytes), "title": format!("Future {n}"),
                "start": start, "duration": 60, "size": 0,
            }));
        }
        ops.chunks(100).for_each(|ops| self.write(ops));
    }
}

fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

async fn import_talk(world: &World, maya: &Person, research: &TeamspaceInfo) -> RecordingId {
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Talk", "checkout")).uuid;
    let jobs = maya.import(research, &[&uuid]).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    RecordingId::of_zoom_meeting(&uuid)
}

async fn titles(app: &App, teamspace: &TeamspaceInfo) -> Vec<String> {
    let items = app.recordings(&teamspace.id).await.unwrap();
    items.into_iter().map(|item| item.recording.title).collect()
}

#[tokio::test]
async fn whoever_notices_writes_the_checkpoint_and_a_newcomer_needs_no_more_than_that() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    import_talk(&world, &maya, &research).await;
    let mut others = Others::new(world.folder("research"));
    while others.next <= EVERY + 20 {
        others.write(&[json!({"op": "member", "profile": "p", "name": format!("Name {}", others.next)})]);
    }
    let info = maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(info.error, None);
    let written: Vec<_> = std::fs::read_dir(world.folder("research").join("checkpoints")).unwrap().collect();
    assert_eq!(written.len(), 1);

    // Somebody tidies up.
    for n in 1..EVERY {
        std::fs::remove_file(world.folder("research").join(entry_key(n))).unwrap();
    }
    let jonas = world.person("Jonas Weber", JONAS).await;
    let shared = jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    assert_eq!((shared.recordings, titles(&jonas.app, &shared).await), (1, vec!["Talk".to_owned()]));
    // And what is imported next stands behind it all, for everybody.
    import_talk(&world, &maya, &research).await;
    assert!(!world.folder("research").join(entry_key(2)).exists());
    assert_eq!(jonas.app.refresh_teamspace(&shared.id).await.unwrap().recordings, 2);
}

#[tokio::test]
async fn a_machine_that_was_away_for_a_week_goes_on_behind_a_log_whose_beginning_was_removed() {
    let world = World::empty().await.with_clock(Clock::manual(jiff::Timestamp::now()));
    let (maya, research) = world.importer().await;
    let talk = import_talk(&world, &maya, &research).await;
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    assert_eq!(titles(&jonas.app, &research).await, ["Talk"]);
    jonas.app.close().await;

    let title = |title: &str| RecordingEdit { title: Some(title.to_owned()), ..RecordingEdit::default() };
    maya.app.edit_recording(&research.id, &talk, title("Renamed meanwhile")).await.unwrap();
    let mut others = Others::new(world.folder("research"));
    while others.next <= EVERY + 20 {
        others.write(&[json!({"op": "member", "profile": "p", "name": format!("Name {}", others.next)})]);
    }
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    for n in 1..EVERY {
        std::fs::remove_file(world.folder("research").join(entry_key(n))).unwrap();
    }
    world.clock.advance(SignedDuration::from_hours(24 * 7));
    let jonas = jonas.try_reopen().await.unwrap();

    let info = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!((info.error, info.recordings), (None, 1));
    assert_eq!(titles(&jonas.app, &research).await, ["Renamed meanwhile"]);
    // And he is one of them again.
    jonas.app.edit_recording(&research.id, &talk, title("Back again")).await.unwrap();
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(titles(&maya.app, &research).await, ["Back again"]);
}

#[tokio::test]
async fn an_old_recording_of_a_large_teamspace_is_listed_and_read_when_it_is_opened() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talk = import_talk(&world, &maya, &research).await;
    Others::new(world.folder("research")).publish(2_001);
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    let shared = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!((shared.error, shared.recordings), (None, 2_002));

    let items = jonas.app.recordings(&research.id).await.unwrap();
    let listed = &items.last().unwrap().recording;
    assert_eq!((&listed.title, listed.files.len()), (&"Talk".to_owned(), 0));
    assert!(listed.unread.is_some_and(|size| size > 0) && listed.duration > 0);
    assert_eq!(items.iter().filter(|item| item.recording.unread.is_some()).count(), 2);
    assert!(jonas.app.search("Dana", None).await.unwrap().hits.is_empty());

    let opened = jonas.app.open_recording(&research.id, &talk).await.unwrap();
    assert!(opened.recording.unread.is_none() && opened.urls.len() == 3 && !opened.transcript.is_empty());
    assert_eq!(opened.recording.imported_by, "Maya Lindqvist");
    assert!(!jonas.app.search("Dana", None).await.unwrap().hits.is_empty());

    // What was changed by somebody is not shown, and the sentence says so.
    let oldest = RecordingId::of_zoom_meeting("future 0");
    let path = world.folder("research").join(format!("recordings/{}/{oldest}/manifest.json", oldest.shard()));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("Future", "Forged")).unwrap();
    let error = jonas.app.open_recording(&research.id, &oldest).await.unwrap_err();
    assert_eq!(error.code, Code::FileDamaged, "{error}");

    let mut left = Vec::new();
    jonas.app.read_all_recordings(&research.id, &mut |more| left.push(more)).await.unwrap();
    assert!(
        !jonas.app.recordings(&research.id).await.unwrap().iter().any(|item| item.recording.unread.is_some())
    );
}

#[tokio::test]
async fn while_its_teamspace_is_away_an_unread_recording_says_so_when_it_is_opened() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talk = import_talk(&world, &maya, &research).await;
    Others::new(world.folder("research")).publish(2_001);
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    jonas.app.refresh_teamspace(&research.id).await.unwrap();
    std::fs::rename(world.folder("research"), world.folder("away")).unwrap();
    let error = jonas.app.open_recording(&research.id, &talk).await.unwrap_err();
    assert_eq!(error.code, Code::TeamspaceUnreachable, "{error}");
    std::fs::rename(world.folder("away"), world.folder("research")).unwrap();
    assert_eq!(jonas.app.open_recording(&research.id, &talk).await.unwrap().urls.len(), 3);
}

#[tokio::test]
async fn a_repair_fills_a_hole_in_the_log_and_enters_what_was_lost_with_it() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    for _ in 0..3 {
        import_talk(&world, &maya, &research).await;
    }
    let root = world.folder("research");
    let last = Others::new(root.clone()).next - 1;
    let holds_add = |n: &u64| std::fs::read_to_string(root.join(entry_key(*n))).unwrap().contains("\"add\"");
    let lost = (1..=last).find(holds_add).unwrap();
    std::fs::remove_file(root.join(entry_key(lost))).unwrap();
    // The log knows her already: she reads it anew, and has nothing to say.
    maya.app.forget_teamspace(&research.id).await.unwrap();
    let shared = maya.add_teamspace("Research", &root).await.unwrap();
    assert_eq!(shared.recordings, 0, "what comes after it waits");
    let checks = maya.app.doctor().await.unwrap();
    assert!(checks.iter().any(|check| format!("{check:?}").contains(&entry_key(lost))), "{checks:?}");

    let repaired = maya.app.repair_teamspace(&shared.id).await.unwrap();

    assert_eq!((repaired.entered, repaired.removed.len()), (1, 0));
    assert_eq!(maya.app.refresh_teamspace(&shared.id).await.unwrap().recordings, 3);
    let again = maya.app.repair_teamspace(&shared.id).await.unwrap();
    assert_eq!((again.sent, again.entered, again.removed.len()), (0, 0, 0));
    let jonas = world.person("Jonas Weber", JONAS).await;
    assert_eq!(jonas.add_teamspace("Research", &root).await.unwrap().recordings, 3);
}

#[tokio::test]
async fn a_repair_that_was_stopped_goes_on_after_the_last_folder_that_it_was_done_with() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    Others::new(world.folder("research")).publish(60);
    let mut events = maya.app.events().subscribe();
    {
        let work = maya.app.repair_teamspace(&research.id);
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => if let Event::RepairProgress { done: 5.., .. } = event.unwrap() {
                    break;
                },
                _ = &mut work => panic!("it was over before it could be stopped"),
            }
        }
    }
    let maya = maya.try_reopen().await.unwrap();
    let mut events = maya.app.events().subscribe();
    maya.app.repair_teamspace(&research.id).await.unwrap();
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::RepairProgress { done, total, .. } = event {
            seen.push((done, total));
        }
    }
    let (first, last) = (seen.first().unwrap(), seen.last().unwrap());
    assert!(first.0 >= 6 && last.0 == last.1, "{seen:?}");
    // Once it came to its end, the next one begins anew.
    let mut events = maya.app.events().subscribe();
    maya.app.repair_teamspace(&research.id).await.unwrap();
    while let Ok(event) = events.try_recv() {
        if let Event::RepairProgress { done, .. } = event {
            assert_eq!(done, 1);
            return;
        }
    }
    panic!("it tells how far it is");
}
