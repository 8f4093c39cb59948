//! `nextctl` among colleagues: members, titles, tags, history, the trash.

use zoom_sim::ZoomSim;

use super::harness::sample;
use super::nextctl::Machine;

/// A machine whose teamspace holds one file of its own, and that recording's id.
async fn machine_with_recording() -> (ZoomSim, Machine, String) {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let machine = Machine::of(&sim);
    machine.set_up().await;
    let file = machine.path("Focus group.mp4");
    std::fs::write(&file, sample("checkout.mp4")).unwrap();
    let import = ["import", "--teamspace", "Research", "--wait", "--file", file.to_str().unwrap()];
    let ran = machine.run(&import).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let listed = machine.json(&["recordings"]).await;
    let id = listed["recordings"][0]["recording_id"].as_str().unwrap().to_owned();
    (sim, machine, id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn title_and_tags_are_set_listed_by_tag_and_their_history_is_shown() {
    let (_sim, machine, id) = machine_with_recording().await;

    let set = ["recordings", "set", &id, "--title", "Nurses", "--add-tag", "clinic", "--add-tag", "draft"];
    let document = machine.json(&set).await;
    assert_eq!(document["recording"]["title"], "Nurses");
    machine.json(&["recordings", "set", &id, "--remove-tag", "DRAFT"]).await;

    let tagged = machine.json(&["recordings", "--tag", "Clinic"]).await;
    assert_eq!(tagged["recordings"][0]["tags"], serde_json::json!(["clinic"]));
    let none = machine.json(&["recordings", "--tag", "draft"]).await;
    assert_eq!(none["recordings"], serde_json::json!([]));
    let found = machine.json(&["recordings", "search", "clini"]).await;
    assert_eq!((&found["hits"][0]["kind"], &found["hits"][0]["snippet"]), (&"tag".into(), &"clinic".into()));
    let among = machine.json(&["recordings", "search", "--tag", "CLINIC", "nurses"]).await;
    assert_eq!(among["hits"][0]["recording_id"], serde_json::json!(id));
    let none = machine.json(&["recordings", "search", "--tag", "draft", "nurses"]).await;
    assert_eq!(none["hits"], serde_json::json!([]));
    let history = machine.json(&["recordings", "history", &id]).await;
    let kinds: Vec<&str> =
        history["history"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["tags", "tags", "title"]);
    let said = machine.run(&["recordings", "history", &id]).await.stdout;
    assert!(said.contains("Maya Lindqvist  title: Focus group -> Nurses"), "{said}");
    machine.run(&["recordings", "set", &id]).await.assert_fails(2, "nothing to set");
    machine.run(&["recordings", "set", &id, "--title", " "]).await.assert_fails(2, "A title has 1 to");
    machine.run(&["recordings", "set", "nothing", "--title", "x"]).await.assert_fails(1, "nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_goes_to_the_trash_and_comes_back() {
    let (_sim, machine, id) = machine_with_recording().await;

    machine.json(&["recordings", "trash", &id]).await;
    assert_eq!(machine.json(&["recordings"]).await["recordings"], serde_json::json!([]));
    let trash = machine.json(&["recordings", "--trash"]).await;
    let one = &trash["trash"][0];
    assert_eq!((&one["recording_id"], &one["days_left"]), (&serde_json::json!(id), &serde_json::json!(30)));
    assert_eq!(one["name"], "Maya Lindqvist");
    machine.run(&["recordings", "delete", &id]).await.assert_fails(2, "can still be restored for 30 days");

    let file = machine.path("Focus group.mp4");
    let import = ["import", "--teamspace", "Research", "--wait", "--file", file.to_str().unwrap()];
    let ran = machine.run(&import).await;
    assert!(ran.code == Some(1) && ran.stdout.contains("in the trash of Research"), "{ran:?}");

    machine.json(&["recordings", "restore", &id]).await;
    assert_eq!(machine.json(&["recordings", "--trash"]).await["trash"], serde_json::json!([]));
    assert_eq!(machine.json(&["recordings"]).await["recordings"][0]["recording_id"], serde_json::json!(id));
    machine.run(&["recordings", "restore", &id]).await.assert_fails(1, "not in the trash");
    machine.run(&["recordings", "delete", "--now", &id]).await.assert_fails(1, "not in the trash");

    machine.json(&["recordings", "trash", &id]).await;
    assert_eq!(machine.json(&["recordings", "empty-trash"]).await["deleted"], serde_json::json!([]));
    assert_eq!(machine.json(&["recordings", "delete", "--now", &id]).await["deleted"], serde_json::json!(id));
    assert_eq!(machine.json(&["recordings", "--trash"]).await["trash"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_are_listed() {
    let (_sim, machine, _) = machine_with_recording().await;
    machine.json(&["profile", "set", "--name", "Maya L."]).await;
    let members = machine.json(&["teamspace", "members", "Research"]).await;
    let names: Vec<&str> =
        members["members"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Maya L."], "the newest name, once");
}
