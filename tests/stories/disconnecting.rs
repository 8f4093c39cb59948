//! Disconnecting: what ends, what is forgotten, and what stays.

use next_desktop::account::SignInState;
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::profile::{PhotoChange, ProfileDraft};
use zoom_sim::{MeetingSpec, User};

use super::harness::{Person, World, sample};

/// A name, an address and an id that stand nowhere but in the Zoom account.
const ZOOM_NAME: &str = "Wilhelmina Featherstone";
const ZOOM_EMAIL: &str = "wilhelmina@zoom.example";

/// Somebody whose Zoom account has nothing in common with the profile, and the words that tell of it.
async fn with_an_account_of_another_name(world: &World) -> (Person, Vec<String>) {
    let id = world.sim.add_user(User::licensed(ZOOM_NAME, ZOOM_EMAIL));
    let maya = world.newcomer().await;
    let email = "maya@home.example".to_owned();
    let draft = ProfileDraft { name: "Maya Lindqvist".to_owned(), email, photo: PhotoChange::Keep };
    maya.app.save_profile(draft).await.unwrap();
    maya.add_teamspace("Research", &world.folder("research")).await.unwrap();
    maya.connect_and_confirm(&world.sim, ZOOM_EMAIL).await.unwrap();
    (maya, vec![ZOOM_NAME.to_owned(), ZOOM_EMAIL.to_owned(), id])
}

#[tokio::test]
async fn disconnecting_revokes_at_zoom_and_forgets_the_zoom_user_in_every_file() {
    let world = World::empty().await;
    let (maya, words) = with_an_account_of_another_name(&world).await;
    assert_ne!(maya.files_with(&words), [], "while it is connected, it is known");
    assert!(world.sim.is_authorised(ZOOM_EMAIL));

    let done = maya.app.disconnect_zoom().await.unwrap();

    assert!(done.revoked_at_zoom);
    assert!(!world.sim.is_authorised(ZOOM_EMAIL));
    let status = maya.app.account_status().await.unwrap();
    assert_eq!((status.state, status.account, status.since), (SignInState::Disconnected, None, None));
    assert_eq!(maya.files_with(&words), [], "not in the database, its journal, nor its backup");
    let maya = maya.reopen().await;
    assert_eq!(maya.files_with(&words), [], "nor after a restart");
    assert_eq!(maya.sign_in_state().await, SignInState::Disconnected);
}

#[tokio::test]
async fn an_import_that_waits_names_the_former_account_no_more() {
    let world = World::empty().await;
    let (maya, words) = with_an_account_of_another_name(&world).await;
    let meeting = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout"));
    world.sim.revoke_tokens(ZOOM_EMAIL);
    let research = maya.app.teamspaces().await.unwrap().remove(0);
    let jobs = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(jobs[0].error.as_ref().unwrap().code, Code::NeedsReauthorization);

    maya.app.disconnect_zoom().await.unwrap();

    let jobs = maya.app.jobs().await.unwrap();
    assert_eq!(
        (jobs[0].state, jobs[0].error.as_ref().unwrap().code),
        (JobState::Waiting, Code::NotConnected)
    );
    assert_eq!(maya.files_with(&words), []);
}

#[tokio::test]
async fn a_manifest_keeps_whose_recording_it_is_because_the_team_needs_it() {
    let world = World::empty().await;
    let (maya, words) = with_an_account_of_another_name(&world).await;
    let host = words[2].clone();
    let meeting = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").host(&host));
    let research = maya.app.teamspaces().await.unwrap().remove(0);
    assert_eq!(maya.import(&research, &[&meeting.uuid]).await[0].state, JobState::Done);

    maya.app.disconnect_zoom().await.unwrap();

    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    assert_eq!(recording.host.as_deref(), Some(ZOOM_EMAIL), "the host, as with every recording");
    let known = maya.files_with(&words);
    assert!(
        known.iter().all(|(path, _)| path.file_name().unwrap().to_str().unwrap().starts_with("catalog.db")),
        "only the copy of what the teamspace holds names the host: {known:?}"
    );
}

#[tokio::test]
async fn what_was_imported_still_opens_and_plays() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&uuid]).await;
    maya.app.disconnect_zoom().await.unwrap();

    let maya = maya.reopen().await;
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    let opened = maya.app.open_recording(&research.id, &recording.recording_id).await.unwrap();

    assert!(!opened.transcript[0].is_empty());
    let video = recording.files.iter().position(|file| file.key.ends_with(".mp4")).unwrap();
    let answer = reqwest::get(&opened.urls[video]).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.bytes().await.unwrap(), sample("checkout.mp4"));
    let hits = maya.app.search("Interview", None).await.unwrap();
    assert_eq!(hits.hits[0].recording_id, recording.recording_id, "and it is found");
}

#[tokio::test]
async fn disconnecting_without_a_network_clears_this_machine_and_says_so() {
    let world = World::empty().await;
    let (maya, words) = with_an_account_of_another_name(&world).await;
    world.sim.set_offline(true);

    let done = maya.app.disconnect_zoom().await.unwrap();

    assert!(!done.revoked_at_zoom, "Zoom was not told");
    assert_eq!(maya.sign_in_state().await, SignInState::Disconnected);
    assert_eq!(maya.files_with(&words), []);
    world.sim.set_offline(false);
    assert!(world.sim.is_authorised(ZOOM_EMAIL), "which is why it is said");
    let today = "2026-03-01".parse().unwrap();
    let error = maya.app.cloud_recordings(today, today).await.unwrap_err();
    assert_eq!(error.code, Code::NotConnected, "no token is left to ask with");
}

#[tokio::test]
async fn disconnecting_what_is_not_connected_is_said() {
    let world = World::empty().await;
    let maya = world.person("Maya Lindqvist", "maya@home.example").await;

    assert_eq!(maya.app.disconnect_zoom().await.unwrap_err().code, Code::NotConnected);
}

#[tokio::test]
async fn after_disconnecting_nothing_is_asked_of_zoom() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    maya.app.disconnect_zoom().await.unwrap();
    world.sim.clear_requests();

    let error = maya.ask(&research, &[&uuid]).await.unwrap_err();

    assert_eq!(error.code, Code::NotConnected);
    assert_eq!(world.sim.requests(), []);
}
