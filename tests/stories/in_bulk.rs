//! Many recordings at once: tags, the trash and back, and what is said of each that could not be changed.

use next_desktop::app::{App, RecordingEdit};
use next_desktop::error::Code;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::MeetingSpec;

use super::harness::{Person, World, files_below, sample};
use super::nextctl::Machine;

async fn with_recordings(world: &World, count: usize) -> (Person, TeamspaceInfo, Vec<RecordingId>) {
    let (maya, research) = world.importer().await;
    let mut uuids = Vec::new();
    for n in 0..count {
        let meeting = MeetingSpec::talk(&format!("Interview {n}"), "signup").days_ago(2);
        uuids.push(world.sim.add_meeting(meeting).uuid);
    }
    maya.import(&research, &uuids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let ids = listed(&maya.app, &research).await;
    assert_eq!(ids.len(), count);
    (maya, research, ids)
}

async fn listed(app: &App, teamspace: &TeamspaceInfo) -> Vec<RecordingId> {
    let items = app.recordings(&teamspace.id).await.unwrap();
    items.into_iter().map(|item| item.recording.recording_id).collect()
}

fn unknown() -> RecordingId {
    RecordingId::of_zoom_meeting("nobody ever recorded this")
}

fn tags(add: &[&str], remove: &[&str]) -> RecordingEdit {
    let owned = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    RecordingEdit { title: None, add_tags: owned(add), remove_tags: owned(remove) }
}

#[tokio::test]
async fn tags_are_given_to_many_in_one_entry_of_the_log_and_what_is_unknown_is_said() {
    let world = World::empty().await;
    let (maya, research, ids) = with_recordings(&world, 3).await;
    let log = || files_below(&world.folder("research/log")).len();
    let before = log();

    let wanted = [ids.clone(), vec![unknown(), ids[0].clone()]].concat();
    let outcome = maya.app.edit_recordings(&research.id, &wanted, tags(&["clinic"], &[])).await.unwrap();

    assert_eq!(outcome.done, ids, "each once");
    assert_eq!(outcome.failed.len(), 1);
    assert_eq!(outcome.failed[0].recording_id, unknown());
    assert_eq!(outcome.failed[0].error.code, Code::NotFound);
    assert_eq!(log() - before, 1, "one entry for all of them");
    let jonas = world.person("Jonas", "jonas@example.com").await;
    let his = jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    for item in jonas.app.recordings(&his.id).await.unwrap() {
        assert_eq!(item.recording.tags, ["clinic"], "a colleague sees it too");
    }

    let off = maya.app.edit_recordings(&research.id, &ids[..2], tags(&[], &["CLINIC"])).await.unwrap();
    assert_eq!((off.done.len(), off.failed.len()), (2, 0));
    let items = maya.app.recordings(&research.id).await.unwrap();
    assert_eq!(items.iter().filter(|item| item.recording.tags.is_empty()).count(), 2);
}

#[tokio::test]
async fn one_with_too_many_tags_keeps_the_others_from_nothing() {
    let world = World::empty().await;
    let (maya, research, ids) = with_recordings(&world, 2).await;
    let many: Vec<String> = (0..next_desktop::catalog::MOST_TAGS).map(|n| format!("tag {n}")).collect();
    let full = RecordingEdit { add_tags: many, ..RecordingEdit::default() };
    maya.app.edit_recording(&research.id, &ids[0], full).await.unwrap();

    let outcome = maya.app.edit_recordings(&research.id, &ids, tags(&["one more"], &[])).await.unwrap();

    assert_eq!(outcome.done, [ids[1].clone()]);
    assert_eq!(outcome.failed[0].recording_id, ids[0]);
    assert_eq!(outcome.failed[0].error.code, Code::Usage);
    assert!(outcome.failed[0].title.starts_with("Interview"), "{:?}", outcome.failed);
    let titled = RecordingEdit { title: Some("The same".to_owned()), ..RecordingEdit::default() };
    let refused = maya.app.edit_recordings(&research.id, &ids, titled).await.unwrap_err();
    assert_eq!(refused.code, Code::Usage, "each has its own title");
}

#[tokio::test]
async fn many_go_to_the_trash_and_come_back() {
    let world = World::empty().await;
    let (maya, research, ids) = with_recordings(&world, 3).await;
    maya.app.trash_recording(&research.id, &ids[0]).await.unwrap();

    let outcome = maya.app.trash_recordings(&research.id, &[ids.clone(), vec![unknown()]].concat()).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.done.len(), 3, "the one that was there already is done");
    assert_eq!(outcome.failed.iter().map(|one| one.recording_id.clone()).collect::<Vec<_>>(), [unknown()]);
    assert_eq!(listed(&maya.app, &research).await, []);

    let back = maya.app.restore_recordings(&research.id, &ids[1..]).await.unwrap();
    assert_eq!((back.done.len(), back.failed.len()), (2, 0));
    let again = maya.app.restore_recordings(&research.id, &ids).await.unwrap();
    assert_eq!(again.done, [ids[0].clone()]);
    assert!(again.failed.iter().all(|one| one.error.code == Code::NotFound), "{:?}", again.failed);
    assert_eq!(listed(&maya.app, &research).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nextctl_takes_several_ids_and_ends_with_1_when_one_of_them_fails() {
    let sim = zoom_sim::ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let machine = Machine::of(&sim);
    machine.set_up().await;
    for name in ["checkout.mp4", "signup.mp4"] {
        let file = machine.path(name);
        std::fs::write(&file, sample(name)).unwrap();
        let import = ["import", "--teamspace", "Research", "--wait", "--file", file.to_str().unwrap()];
        assert_eq!(machine.run(&import).await.code, Some(0));
    }
    let all = machine.json(&["recordings"]).await;
    let id = |n: usize| all["recordings"][n]["recording_id"].as_str().unwrap().to_owned();
    let (one, two) = (id(0), id(1));

    let set = machine.json(&["recordings", "set", &one, &two, "--add-tag", "clinic"]).await;
    let tags: Vec<&serde_json::Value> =
        set["recordings"].as_array().unwrap().iter().map(|recording| &recording["tags"]).collect();
    assert_eq!(tags, [&serde_json::json!(["clinic"]), &serde_json::json!(["clinic"])]);
    machine.run(&["recordings", "set", &one, &two, "--title", "x"]).await.assert_fails(2, "one title");

    assert_eq!(
        machine.json(&["recordings", "trash", &one, &two]).await["trashed"].as_array().unwrap().len(),
        2
    );
    machine.json(&["recordings", "restore", &one]).await;
    let ran = machine.run(&["recordings", "restore", &one, &two]).await;
    assert!(ran.code == Some(1) && ran.stdout.contains("1 in the library again"), "{ran:?}");
    assert!(ran.stderr.contains("not in the trash"), "{ran:?}");
}
