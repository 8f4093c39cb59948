//! "Delete in Zoom after import": when a recording is moved to Zoom's trash, and everything that keeps it there.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use next_desktop::clock::Clock;
use next_desktop::delete_at_zoom::{DeleteAfterImport, PlannedDeletion};
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::ledger::{How, TrashOutcome};
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::{Choice, Fault, FileSpec, MeetingSpec, Place, ZoomSim};

use super::harness::{JONAS, MAYA, Person, World, files_below, sample};
use super::nextctl::Machine;

const SCOPE: &str = "cloud_recording:delete:meeting_recording";

/// A Zoom without any meeting, and a clock that the story moves.
async fn on_a_clock() -> World {
    World::empty().await.with_clock(Clock::manual(jiff::Timestamp::now()))
}

/// The Zoom app has the scope, and a person may grant it.
fn offer_scope(sim: &ZoomSim) {
    sim.change_client(&sim.client_id(), |client| client.optional_scopes.push(SCOPE.to_owned()));
}

/// Maya, who granted the scope, has imported a meeting and switched deleting on.
async fn imported(world: &World, meeting: MeetingSpec) -> (Person, TeamspaceInfo, String) {
    let uuid = world.sim.add_meeting(meeting).uuid;
    offer_scope(&world.sim);
    let (maya, research) = world.importer().await;
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);
    let status = maya.app.set_delete_after_import(true, 7).await.unwrap();
    assert_eq!((status.on, status.error), (true, None));
    (maya, research, uuid)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// Waits until "Delete in Zoom after import" stands as wanted.
async fn until(person: &Person, wanted: impl Fn(&DeleteAfterImport) -> bool) -> DeleteAfterImport {
    for _ in 0..400 {
        let status = person.app.delete_after_import().await.unwrap();
        if wanted(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never as wanted: {:?}", person.app.delete_after_import().await);
}

/// Waits until the only recording stayed for a reason.
async fn kept(person: &Person, code: Code) -> PlannedDeletion {
    let is = |planned: &PlannedDeletion| planned.why.as_ref().is_some_and(|why| why.code == code);
    until(person, |status| status.planned.iter().any(is)).await.planned.remove(0)
}

/// Gives the watch several looks at what is due.
async fn some_looks() {
    tokio::time::sleep(Duration::from_secs(5)).await;
}

/// What was asked of Zoom; never anything but its trash.
fn asked(sim: &ZoomSim) -> usize {
    let requests = sim.requests_at(Place::TrashRecordings);
    for request in &requests {
        assert_eq!((request.method.as_str(), request.query.as_str()), ("DELETE", "action=trash"));
    }
    requests.len()
}

fn video(world: &World) -> PathBuf {
    let files = files_below(&world.folder("research/recordings"));
    files.into_iter().map(|(path, _)| path).find(|path| path.ends_with("video-0.mp4")).unwrap()
}

#[tokio::test]
async fn a_recording_goes_to_zooms_trash_after_its_days_and_a_second_verification() {
    let world = on_a_clock().await;
    let meeting = MeetingSpec::talk("Interview", "checkout").uuid("/ab//cd+e==");
    let (maya, research, uuid) = imported(&world, meeting).await;
    let planned = maya.app.delete_after_import().await.unwrap().planned;
    assert_eq!((planned.len(), planned[0].title.as_str()), (1, "Interview"), "said before it happens");

    world.clock.advance(days(6));
    some_looks().await;
    assert_eq!(asked(&world.sim), 0, "it is not due yet");
    world.clock.advance(days(1));
    let status = until(&maya, |status| !status.trashed.is_empty()).await;

    assert_eq!(asked(&world.sim), 1);
    assert_eq!(world.sim.trashed_meetings(), [uuid], "in the trash, from where it can be recovered");
    assert_eq!(status.planned, []);
    let trashed = &status.trashed[0];
    assert_eq!((trashed.outcome, trashed.by.as_str()), (TrashOutcome::Trashed, "Maya Lindqvist"));
    let ledger = maya.app.recording_ledger(&research.id, &trashed.recording_id).await.unwrap();
    let second = &ledger.verified[0];
    assert_eq!((second.how, second.id, second.is_whole()), (How::Second, trashed.verification, true));
    assert_eq!(ledger.at_zoom.as_ref(), Some(trashed));
    assert_eq!(maya.app.recordings(&research.id).await.unwrap().len(), 1, "here it stays");
}

#[tokio::test]
async fn off_is_how_it_begins_and_off_again_nothing_is_moved() {
    let world = on_a_clock().await;
    let (maya, _, _) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    let off = maya.app.set_delete_after_import(false, 7).await.unwrap();
    assert!(!off.on);
    assert_eq!(off.planned.len(), 1, "what would be moved is said all the same");

    world.clock.advance(days(30));
    some_looks().await;

    assert_eq!(asked(&world.sim), 0);
    let jonas = world.person("Jonas Weber", JONAS).await;
    let status = jonas.app.delete_after_import().await.unwrap();
    assert_eq!((status.on, status.days), (false, 7), "off at first");
    let error = jonas.app.set_delete_after_import(true, 0).await.unwrap_err();
    assert_eq!(error.code, Code::Usage, "never sooner than a day");
}

#[tokio::test]
async fn a_damaged_copy_keeps_the_recording_at_zoom_until_it_is_whole_again() {
    let world = on_a_clock().await;
    let (maya, research, _) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    let (path, whole) = (video(&world), std::fs::read(video(&world)).unwrap());
    let mut damaged = whole.clone();
    damaged[1000] ^= 1;
    std::fs::write(&path, damaged).unwrap();

    world.clock.advance(days(8));
    let planned = kept(&maya, Code::CopyDamaged).await;
    world.clock.advance(days(30));
    some_looks().await;

    assert_eq!(asked(&world.sim), 0, "never, however long it is due");
    let ledger = maya.app.recording_ledger(&research.id, &planned.recording_id).await.unwrap();
    assert_eq!((ledger.verified[0].how, ledger.verified[0].damaged.len()), (How::Second, 1));

    std::fs::write(&path, whole).unwrap();
    assert!(maya.app.verify_recording(&research.id, &planned.recording_id).await.unwrap().is_whole());
    until(&maya, |status| status.trashed.len() == 1).await;
    assert_eq!(asked(&world.sim), 1);
}

#[tokio::test]
async fn a_file_that_is_not_in_the_teamspace_keeps_the_recording_at_zoom() {
    for meeting in [
        MeetingSpec::talk("Still at work on the summary", "checkout")
            .file(FileSpec::summary("checkout").processing()),
        MeetingSpec {
            participant_audio_files: vec![FileSpec::participant_audio("Dana", "checkout")],
            ..MeetingSpec::talk("Voices that nobody wanted", "checkout")
        },
    ] {
        let world = on_a_clock().await;
        let (maya, _, _) = imported(&world, meeting).await;

        world.clock.advance(days(8));
        let planned = kept(&maya, Code::NotAllImported).await;

        assert_eq!(asked(&world.sim), 0, "{}", planned.title);
        assert_eq!(planned.why.unwrap().params["files"], "1");
    }
}

#[tokio::test]
async fn what_is_gone_at_zoom_already_is_noted_and_not_asked_for() {
    let world = on_a_clock().await;
    let (maya, _, uuid) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    world.sim.remove_meeting(&uuid);

    world.clock.advance(days(8));
    let status = until(&maya, |status| !status.trashed.is_empty()).await;

    assert_eq!(status.trashed[0].outcome, TrashOutcome::AlreadyGone);
    assert_eq!(asked(&world.sim), 0);
}

#[tokio::test]
async fn without_the_permission_it_is_said_and_everything_else_goes_on() {
    let world = on_a_clock().await;
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout")).uuid;
    let (maya, research) = world.importer().await;
    assert!(!last_address(&maya).contains("scope="), "while it is off, nothing more is asked for");

    let status = maya.app.set_delete_after_import(true, 1).await.unwrap();
    let error = status.error.unwrap();
    assert_eq!((error.code, error.params["scopes"].as_str()), (Code::ScopesMissing, SCOPE));
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "imports need no such permission");
    world.clock.advance(days(2));
    some_looks().await;
    assert_eq!(asked(&world.sim), 0);

    offer_scope(&world.sim);
    maya.connect(&world.sim, MAYA).await.unwrap();
    let address = url::Url::parse(&last_address(&maya)).unwrap();
    let scope = address.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    assert!(scope.split(' ').any(|word| word == SCOPE), "signing in again asks for it: {scope}");
    assert!(scope.split(' ').any(|word| word == "user:read:user"), "beside what was granted: {scope}");
    until(&maya, |status| status.error.is_none() && status.trashed.len() == 1).await;
    assert_eq!(asked(&world.sim), 1);
}

fn last_address(person: &Person) -> String {
    person.desktop.addresses.lock().unwrap().last().cloned().unwrap()
}

#[tokio::test]
async fn a_permission_that_is_taken_away_later_is_said_and_the_recording_stays() {
    let world = on_a_clock().await;
    let (maya, _, _) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    world.sim.drop_scope(SCOPE);

    world.clock.advance(days(8));
    let status = until(&maya, |status| status.error.is_some()).await;

    assert_eq!(status.error.unwrap().code, Code::ScopesMissing);
    assert_eq!((status.trashed.len(), world.sim.trashed_meetings().len()), (0, 0));
    assert_eq!(asked(&world.sim), 1, "asked once, refused with 4711");
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_not_taken_for_somebody_elses_doing() {
    let world = on_a_clock().await;
    let (maya, _, uuid) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    world.sim.fault_once(Place::TrashRecordings, Fault::LoseAnswer);

    world.clock.advance(days(8));
    kept(&maya, Code::Offline).await;
    assert_eq!(world.sim.trashed_meetings(), [uuid], "Zoom did it, and could not say so");
    world.clock.advance(SignedDuration::from_hours(2));
    let status = until(&maya, |status| !status.trashed.is_empty()).await;

    assert_eq!(status.trashed[0].outcome, TrashOutcome::Trashed);
    assert_eq!(asked(&world.sim), 1, "it is not asked for twice");
}

#[tokio::test]
async fn another_account_is_asked_anew() {
    let world = on_a_clock().await;
    let (maya, _, _) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    maya.app.disconnect_zoom().await.unwrap();
    assert_eq!(maya.app.set_delete_after_import(true, 7).await.unwrap_err().code, Code::NotConnected);
    maya.connect_and_confirm(&world.sim, JONAS).await.unwrap();

    let status = maya.app.delete_after_import().await.unwrap();

    assert_eq!((status.on, status.planned.len()), (false, 0));
}

#[tokio::test]
async fn a_file_from_this_computer_is_nobodys_recording_at_zoom() {
    let world = on_a_clock().await;
    let (maya, research, _) = imported(&world, MeetingSpec::talk("Interview", "checkout")).await;
    let path = world.folder("interview.mp4");
    std::fs::write(&path, sample("signup.mp4")).unwrap();
    let job = maya.app.import_file(&research.id, &path, None).await.unwrap();
    assert_eq!(maya.settled(&[job]).await[0].state, JobState::Done);

    let status = maya.app.delete_after_import().await.unwrap();

    let titles: Vec<&str> = status.planned.iter().map(|planned| planned.title.as_str()).collect();
    assert_eq!(titles, ["Interview"]);
}

#[tokio::test]
async fn nextctl_switches_it_on_and_off_and_says_what_would_be_moved() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let uuid = sim.add_meeting(MeetingSpec::talk("Interview", "checkout")).uuid;
    let machine = Machine::connected(&sim).await;
    let ran = machine.run(&["import", "--teamspace", "Research", &uuid, "--wait"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let off = machine.json(&["zoom", "delete-after-import", "status"]).await;
    assert_eq!(
        (&off["on"], &off["days"], &off["planned"][0]["title"]),
        (&false.into(), &7.into(), &"Interview".into())
    );
    let ran = machine.run(&["zoom", "delete-after-import", "on", "--days", "3"]).await;
    ran.assert_fails(3, SCOPE);
    offer_scope(&sim);
    let ran = machine.connect(&sim, &Choice::authorize(MAYA), &[]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let on = machine.json(&["zoom", "delete-after-import", "status"]).await;
    assert_eq!((&on["on"], &on["days"], &on["error"]), (&true.into(), &3.into(), &serde_json::Value::Null));
    let off = machine.json(&["zoom", "delete-after-import", "off"]).await;
    assert_eq!((&off["on"], &off["days"]), (&false.into(), &3.into()));
    machine.run(&["zoom", "delete-after-import", "on", "--days", "0"]).await.assert_fails(2, "0");
    assert_eq!(asked(&sim), 0);
}
