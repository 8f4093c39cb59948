//! `nextctl`: what scripts rely on. The real program, against the simulator.

use serde_json::Value;
use zoom_sim::{Choice, Fault, FaultRule, FileSpec, MeetingSpec, Place, Shape, ZoomSim};

use super::harness::{MAYA, files_below, sample, sha256};
use super::nextctl::{Machine, Ran, ended};

async fn zoom() -> ZoomSim {
    ZoomSim::start(zoom_sim::Options::default()).await.unwrap()
}

/// A Zoom with one meeting, and its UUID.
async fn zoom_with_talk() -> (ZoomSim, String) {
    let sim = zoom().await;
    let uuid = sim.add_meeting(MeetingSpec::talk("Interview with Dana", "checkout").days_ago(2)).uuid;
    (sim, uuid)
}

async fn import(machine: &Machine, uuids: &[&str]) -> Ran {
    machine.run(&[&["--json", "import", "--teamspace", "Research", "--wait"], uuids].concat()).await
}

/// Whether a JSON object has these keys.
fn assert_keys(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some(), "{key} in {object}");
    }
}

fn assert_utc(time: &Value) {
    let text = time.as_str().unwrap_or_else(|| panic!("a time: {time}"));
    assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "ISO 8601 in UTC: {text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_is_made_shown_and_changed() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);
    machine.run(&["profile", "show"]).await.assert_fails(3, "no profile");
    machine.run(&["profile", "set", "--name", "Maya"]).await.assert_fails(2, "e-mail");

    let made = machine.json(&["profile", "set", "--name", "Maya", "--email", MAYA]).await;
    let changed = machine.json(&["profile", "set", "--name", "Maya Lindqvist"]).await;

    assert_eq!(changed["profile"]["id"], made["profile"]["id"]);
    let shown = machine.json(&["profile", "show"]).await;
    assert_eq!(shown["profile"]["name"], "Maya Lindqvist");
    assert_eq!(shown["profile"]["email"], MAYA);
    machine.run(&["profile", "set", "--email", "maya"]).await.assert_fails(2, "e-mail");
    machine.run(&["profile", "set", "--photo", "/nonexistent.png"]).await.assert_fails(1, "cannot be read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn teamspaces_are_added_listed_and_found_by_name() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);
    machine.set_up().await;

    let listed = machine.json(&["teamspace", "list"]).await;

    let research = &listed["teamspaces"][0];
    assert_eq!((&research["name"], &research["state"]), (&"Research".into(), &"ready".into()));
    assert!(machine.path("research/teamspace.json").is_file());
    let relative = machine.json(&["teamspace", "add", "Archive", "--at", "archive"]).await;
    assert_eq!(relative["teamspace"]["location"]["path"], machine.path("archive").to_str().unwrap());
    machine.run(&["recordings", "--teamspace", "Nowhere"]).await.assert_fails(1, "Nowhere");
    machine.run(&["teamspace", "add", "B", "--at", "ftp://host/x"]).await.assert_fails(2, "ftp://host/x");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connecting_prints_the_address_first_and_ends_with_who_is_connected() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);
    machine.set_up().await;
    let before = machine.json(&["zoom", "status"]).await;
    assert_eq!((&before["state"], &before["account"]), (&"disconnected".into(), &Value::Null));

    let ran = machine.connect(&sim, &Choice::authorize(MAYA), &[]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains(MAYA), "who is connected: {ran:?}");
    let status = machine.json(&["zoom", "status"]).await;
    assert_eq!(status["state"], "connected");
    assert_keys(&status["account"], &["id", "account_id", "email", "name", "plan"]);
    assert_eq!((&status["account"]["email"], &status["account"]["plan"]), (&MAYA.into(), &"licensed".into()));
    assert_utc(&status["since"]);
    let gone = machine.json(&["zoom", "disconnect"]).await;
    assert_eq!(gone["revoked_at_zoom"], true);
    assert!(!sim.is_authorised(MAYA));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_or_forgotten_sign_in_is_said_and_leaves_nothing_connected() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);
    machine.set_up().await;

    machine.connect(&sim, &Choice::decline(), &[]).await.assert_fails(1, "declined");
    let nobody_came = machine.run(&["zoom", "connect", "--no-browser", "--timeout", "1"]).await;

    nobody_came.assert_fails(1, "1 second");
    assert_eq!(machine.json(&["zoom", "status"]).await["state"], "disconnected");
    machine.run(&["zoom", "connect", "--timeout", "0"]).await.assert_fails(2, "--timeout");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_machine_is_told_whose_the_account_is_and_takes_it_over_with_move() {
    let sim = zoom().await;
    let first = Machine::connected(&sim).await;
    let second = Machine::of(&sim);
    let shared = first.path("research");
    second.json(&["profile", "set", "--name", "Jonas Weber", "--email", MAYA]).await;
    second.json(&["teamspace", "add", "Research", "--at", shared.to_str().unwrap()]).await;

    second.connect(&sim, &Choice::authorize(MAYA), &[]).await.assert_fails(3, "Maya Lindqvist");
    assert_eq!(second.json(&["zoom", "status"]).await["state"], "disconnected");
    let moved = second.connect(&sim, &Choice::authorize(MAYA), &["--move"]).await;

    assert_eq!(moved.code, Some(0), "{moved:?}");
    let uuid = sim.add_meeting(MeetingSpec::talk("Interview", "checkout")).uuid;
    let ran = first.run(&["import", "--teamspace", "Research", "--wait", &uuid]).await;
    ran.assert_fails(3, "Jonas Weber");
    assert_eq!(first.json(&["zoom", "status"]).await["state"], "needs_reauthorization");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_scripts_read_has_the_promised_shapes() {
    let (sim, uuid) = zoom_with_talk().await;
    let machine = Machine::connected(&sim).await;

    let listing = machine.json(&["zoom", "recordings"]).await;

    assert_keys(&listing["covered"], &["from", "to"]);
    let cloud = &listing["recordings"][0];
    assert_keys(
        cloud,
        &["uuid", "recording_id", "topic", "start", "duration", "size", "status", "imported", "files"],
    );
    assert_keys(&cloud["files"][0], &["id", "kind", "segment", "size", "status"]);
    assert_eq!((&cloud["uuid"], &cloud["imported"]), (&uuid.as_str().into(), &false.into()));
    assert_utc(&cloud["start"]);

    let ran = import(&machine, &[&uuid]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for event in ran.events() {
        assert!(event["event"].is_string(), "{event}");
        assert_utc(&event["at"]);
    }
    let summary = ran.summary();
    assert_keys(&summary, &["imported", "already", "waiting", "failed"]);
    assert_eq!(
        (&summary["imported"], &summary["already"], &summary["failed"]),
        (&1.into(), &0.into(), &Value::Array(vec![]))
    );

    let jobs = machine.json(&["jobs"]).await;
    assert_keys(
        &jobs["jobs"][0],
        &[
            "id",
            "recording_id",
            "uuid",
            "teamspace",
            "state",
            "attempts",
            "retry_at",
            "bytes",
            "bytes_total",
            "error",
        ],
    );
    assert_eq!(jobs["jobs"][0]["state"], "done");
    assert_eq!(jobs["jobs"][0]["bytes"], jobs["jobs"][0]["bytes_total"]);

    let recordings = machine.json(&["recordings"]).await;
    let recording = &recordings["recordings"][0];
    assert_keys(
        recording,
        &["recording_id", "teamspace", "title", "start", "duration", "imported_by", "imported_at", "files"],
    );
    assert_keys(&recording["files"][0], &["key", "kind", "segment", "size", "sha256"]);
    assert_eq!(recording["recording_id"], cloud["recording_id"], "the same name everywhere");
    assert_eq!(recording["files"][0]["sha256"], sha256(&sample("checkout.mp4")));
    assert_utc(&recording["start"]);
    assert_utc(&recording["imported_at"]);
    assert_eq!(machine.json(&["zoom", "recordings"]).await["recordings"][0]["imported"], true);

    let id = recording["recording_id"].as_str().unwrap();
    assert_eq!(machine.json(&["recordings", "show", id]).await["recording"]["title"], "Interview with Dana");
    let hits = machine.json(&["recordings", "search", "dana"]).await;
    assert_keys(&hits, &["hits", "more"]);
    assert_keys(&hits["hits"][0], &["recording_id", "teamspace", "title", "kind", "at", "snippet"]);
    assert_eq!(hits["hits"][0]["recording_id"], id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_import_says_that_it_is_there_already() {
    let (sim, uuid) = zoom_with_talk().await;
    let machine = Machine::connected(&sim).await;
    import(&machine, &[&uuid]).await;
    let stored = files_below(&machine.path("research"));
    sim.clear_requests();

    let ran = import(&machine, &[&uuid]).await;

    assert_eq!(ran.code, Some(0));
    let summary = ran.summary();
    assert_eq!((&summary["imported"], &summary["already"]), (&0.into(), &1.into()));
    assert_eq!(files_below(&machine.path("research")), stored);
    assert_eq!(sim.count(Place::Download), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_means_all_that_zoom_still_has() {
    let sim = zoom().await;
    for (title, days) in [("New", 1), ("Old", 100)] {
        sim.add_meeting(MeetingSpec::new(title).file(FileSpec::transcript("checkout")).days_ago(days));
    }
    let machine = Machine::connected(&sim).await;

    let ran = machine.run(&["--json", "import", "--teamspace", "Research", "--all", "--wait"]).await;

    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.summary()["imported"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_exported_under_names_for_people_and_nothing_is_overwritten() {
    let (sim, uuid) = zoom_with_talk().await;
    let machine = Machine::connected(&sim).await;
    import(&machine, &[&uuid]).await;
    let recordings = machine.json(&["recordings"]).await;
    let id = recordings["recordings"][0]["recording_id"].as_str().unwrap();

    let files = ["recordings", "export", id, "--to", "out", "--as", "files"];
    let first = machine.json(&files).await;
    let paths: Vec<&str> =
        first["exported"][0]["files"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(paths[0].contains("Interview with Dana") && paths[0].ends_with("/Video.mp4"), "{paths:?}");
    assert!(paths.iter().any(|path| path.ends_with("/Transcript.vtt")), "{paths:?}");
    let exported = |path: &str| std::fs::read(machine.path(path)).unwrap();
    assert_eq!(exported(paths[0]), sample("checkout.mp4"));
    std::fs::write(machine.path(paths[0]), "my own cut").unwrap();

    let second = machine.json(&files).await;

    assert_ne!(second["exported"][0]["files"][0], first["exported"][0]["files"][0]);
    assert_eq!(exported(paths[0]), b"my own cut");
    machine.run(&["recordings", "export", "nothing", "--to", "out"]).await.assert_fails(1, "nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exit_code_says_who_must_act() {
    let (sim, uuid) = zoom_with_talk().await;
    let processing = sim.add_shape(Shape::Processing).remove(0).uuid;
    let forbidden = sim.add_shape(Shape::Forbidden).remove(0).uuid;
    let machine = Machine::of(&sim);
    machine.set_up().await;
    import(&machine, &[&uuid]).await.assert_fails(3, "No Zoom account is connected");
    machine.connect(&sim, &Choice::authorize(MAYA), &[]).await;

    let waiting = import(&machine, &[&processing]).await;
    assert_eq!(
        (waiting.code, &waiting.summary()["waiting"]),
        (Some(0), &1.into()),
        "Zoom is at work: {waiting:?}"
    );
    let failed = import(&machine, &[&forbidden, &uuid]).await;
    assert_eq!(failed.code, Some(1), "{failed:?}");
    let summary = failed.summary();
    assert_eq!(
        (&summary["imported"], &summary["failed"][0]["uuid"]),
        (&1.into(), &forbidden.as_str().into())
    );
    assert_eq!(summary["failed"][0]["error"]["code"], "zoom_refused");
    sim.revoke_tokens(MAYA);
    let another = sim.add_meeting(MeetingSpec::talk("Another", "sync")).uuid;
    let revoked = import(&machine, &[&another]).await;
    revoked.assert_fails(3, "connect Zoom again");
    assert_eq!(revoked.summary()["waiting"], 1);
    sim.clear_requests();
    import(&machine, &[&another]).await.assert_fails(3, "connect Zoom again");
    machine.run(&["zoom", "recordings"]).await.assert_fails(3, "connect Zoom again");
    assert_eq!(sim.requests(), [], "no further refresh is spent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_line_that_makes_no_sense_is_one_line_and_a_document() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);
    for arguments in [
        &["fly"][..],
        &["import", "--teamspace", "Research"],
        &["import", "--teamspace", "Research", "--all", "uuid"],
        &["zoom", "recordings", "--from", "yesterday"],
        &["zoom", "recordings", "--from", "2026-02-01", "--to", "2026-01-01"],
        &["retry", "many"],
        &[],
    ] {
        let ran = machine.run(&[&["--json"], arguments].concat()).await;

        ran.assert_fails(2, "");
        let error = &ran.document()["error"];
        assert_keys(error, &["code", "message", "action"]);
        assert_eq!(error["code"], "usage", "{arguments:?}");
    }
    assert_eq!(machine.run(&["--help"]).await.code, Some(0));
    assert_eq!(machine.run(&["--version"]).await.code, Some(0));
    machine.run(&["retry", "99"]).await.assert_fails(1, "99");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_is_a_document_for_scripts() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);

    let ran = machine.run(&["--json", "zoom", "disconnect"]).await;

    ran.assert_fails(3, "No Zoom account is connected");
    let error = &ran.document()["error"];
    assert_eq!((&error["code"], &error["action"]), (&"not_connected".into(), &"connect Zoom first".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn import_without_wait_only_asks_and_another_process_does_the_work() {
    let (sim, uuid) = zoom_with_talk().await;
    let other = sim.add_meeting(MeetingSpec::talk("Another", "sync")).uuid;
    let machine = Machine::connected(&sim).await;

    let asked = machine.run(&["--json", "import", "--teamspace", "Research", &uuid]).await;

    assert_eq!(asked.code, Some(0));
    assert!(asked.stderr.contains("--wait"), "it says who does the work: {asked:?}");
    assert_eq!(asked.document()["jobs"][0]["state"], "queued");
    assert_eq!(sim.count(Place::Download), 0);
    import(&machine, &[&uuid, &other]).await;
    let states = machine.json(&["jobs"]).await;
    let states: Vec<&Value> = states["jobs"].as_array().unwrap().iter().map(|job| &job["state"]).collect();
    assert_eq!(states, ["done", "done"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_import_the_same_at_once_do_nothing_twice() {
    let sim = zoom().await;
    let uuids: Vec<String> = (0..4)
        .map(|day| sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(day + 1)).uuid)
        .collect();
    let machine = Machine::connected(&sim).await;
    sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 1_000_000 }));
    let mut arguments = vec!["--json", "import", "--teamspace", "Research", "--wait"];
    arguments.extend(uuids.iter().map(String::as_str));

    let (one, two) = (machine.start(&arguments), machine.start(&arguments));
    let (one, two) = tokio::join!(ended(one), ended(two));

    for ran in [&one, &two] {
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let summary = ran.summary();
        let sum = summary["imported"].as_u64().unwrap() + summary["already"].as_u64().unwrap();
        assert_eq!(sum, 4, "both wait for the same result: {ran:?}");
    }
    assert_eq!(sim.count(Place::Storage), 12, "three files of four meetings, once each");
    let manifests = files_below(&machine.path("research"));
    let manifests = manifests.iter().filter(|(path, _)| path.ends_with("manifest.json"));
    assert_eq!(manifests.count(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_and_run_again_it_ends_whole() {
    let sim = zoom().await;
    let meeting = sim.add_meeting(MeetingSpec::new("Long").file(FileSpec::video_of_size(3_000_000, 5)));
    let machine = Machine::connected(&sim).await;
    sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 400_000 }));
    let mut killed = machine.start(&["import", "--teamspace", "Research", "--wait", &meeting.uuid]);
    let staged = machine.data().join("cache/staged");
    while files_below(&staged).iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0) < 100_000 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    sim.clear_faults();
    sim.clear_requests();

    let ran = import(&machine, &[&meeting.uuid]).await;

    assert_eq!((ran.code, &ran.summary()["imported"]), (Some(0), &1.into()), "{ran:?}");
    let asked = sim.requests_at(Place::Storage);
    assert!(asked[0].range.is_some(), "it went on where it stopped: {asked:?}");
    let recordings = machine.json(&["recordings"]).await;
    let file = &recordings["recordings"][0]["files"][0];
    assert_eq!(file["sha256"], sim.content(&meeting.files[0]).unwrap().sha256());
    assert_eq!(std::fs::read_dir(&staged).unwrap().count(), 0, "nothing is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wait_ends_and_says_so_when_a_teamspace_is_away() {
    let (sim, uuid) = zoom_with_talk().await;
    let machine = Machine::connected(&sim).await;
    sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 200_000 }));
    let child = machine.start(&["--json", "import", "--teamspace", "Research", "--wait", &uuid]);
    while sim.count(Place::Storage) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    std::fs::rename(machine.path("research"), machine.path("unplugged")).unwrap();

    let ran = ended(child).await;
    ran.assert_fails(3, "cannot be reached");
    assert_eq!(ran.summary()["waiting"], 1);
    assert!(!machine.path("research").exists(), "no new one is made in its place");
    machine
        .run(&["import", "--teamspace", "Research", "--wait", &uuid])
        .await
        .assert_fails(3, "cannot be reached");
    std::fs::rename(machine.path("unplugged"), machine.path("research")).unwrap();
    sim.clear_faults();
    assert_eq!(import(&machine, &[&uuid]).await.summary()["imported"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_job_is_cancelled_and_retried_by_its_number() {
    let sim = zoom().await;
    let meeting = sim.add_shape(Shape::Processing).remove(0);
    let machine = Machine::connected(&sim).await;
    import(&machine, &[&meeting.uuid]).await;
    let id = machine.json(&["jobs"]).await["jobs"][0]["id"].to_string();

    assert_eq!(machine.json(&["cancel", &id]).await["state"], "cancelled");
    machine.run(&["cancel", &id]).await.assert_fails(2, &id);
    assert_eq!(machine.json(&["retry", &id]).await["state"], "queued");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_queue_is_said_a_wait_does_not_hang_on_it_and_resume_lets_it_go_on() {
    let (sim, uuid) = zoom_with_talk().await;
    let machine = Machine::connected(&sim).await;
    assert_eq!(machine.json(&["pause"]).await["paused"], true);

    let held = import(&machine, &[&uuid]).await;

    assert_eq!((held.code, &held.summary()["waiting"]), (Some(3), &1.into()), "{held:?}");
    assert!(held.stderr.contains("nextctl resume"), "{held:?}");
    let jobs = machine.json(&["jobs"]).await;
    assert_eq!(jobs["queue"], serde_json::json!({ "paused": true, "full": null }));
    assert_eq!((&jobs["jobs"][0]["state"], &jobs["jobs"][0]["attempts"]), (&"queued".into(), &0.into()));
    let id = jobs["jobs"][0]["id"].to_string();
    assert_eq!(machine.json(&["pause", &id]).await["paused"], true);
    machine.run(&["pause", &id]).await.assert_fails(2, &id);
    assert_eq!(machine.json(&["resume"]).await["paused"], false);
    assert_eq!(import(&machine, &[&uuid]).await.summary()["imported"], 1);
    assert_eq!(machine.json(&["cancel", "--all"]).await["ids"], serde_json::json!([]));
    machine.run(&["retry"]).await.assert_fails(2, "--all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_from_this_computer_is_imported_with_its_transcript() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);
    machine.set_up().await;
    std::fs::write(machine.path("talk.mp4"), sample("sync.mp4")).unwrap();
    std::fs::write(machine.path("talk.vtt"), sample("sync.vtt")).unwrap();
    let file = ["--json", "import", "--teamspace", "Research", "--file", "talk.mp4"];

    let ran = machine.run(&[&file[..], &["--transcript", "talk.vtt", "--wait"]].concat()).await;

    assert_eq!((ran.code, &ran.summary()["imported"]), (Some(0), &1.into()), "{ran:?}");
    let recordings = machine.json(&["recordings"]).await;
    assert_eq!(recordings["recordings"][0]["title"], "talk");
    std::fs::write(machine.path("letter.mp4"), "Dear Dana").unwrap();
    let refused = machine.run(&["import", "--teamspace", "Research", "--file", "letter.mp4", "--wait"]).await;
    refused.assert_fails(1, "not a video");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_says_what_is_well_and_what_to_do() {
    let sim = zoom().await;
    let machine = Machine::of(&sim);

    let ill = machine.run(&["--json", "doctor"]).await;

    assert_eq!(ill.code, Some(1));
    let document = ill.document();
    let profile =
        document["checks"].as_array().unwrap().iter().find(|check| check["name"] == "profile").unwrap();
    assert_eq!((&document["ok"], &profile["ok"]), (&false.into(), &false.into()));
    assert!(profile["action"].is_string(), "and what to do: {profile}");
    machine.connect_all(&sim).await;
    let well = machine.json(&["doctor"]).await;
    assert_eq!(well["ok"], true, "{well}");
}
