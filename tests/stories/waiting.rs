//! Imports whose sign-in ends: an access token in the middle of a queue, or the sign-in itself.

use next_desktop::account::SignInState;
use next_desktop::error::Code;
use next_desktop::import::JobState;
use zoom_sim::{Fault, FaultRule, MeetingSpec, Place};

use super::harness::{MAYA, Person, World};

/// How often a refresh token was spent.
fn refreshes(world: &World) -> usize {
    let spent = |request: &zoom_sim::RequestRecord| request.grant_type.as_deref() == Some("refresh_token");
    world.sim.requests_at(Place::Token).into_iter().filter(spent).count()
}

#[tokio::test]
async fn an_access_token_that_expires_in_the_middle_of_a_queue_is_renewed_once() {
    let world = World::empty().await;
    let meetings: Vec<String> = (0..5)
        .map(|day| world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(day + 1)).uuid)
        .collect();
    let (maya, research) = world.importer().await;
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 1_500_000 }));
    let uuids: Vec<&str> = meetings.iter().map(String::as_str).collect();
    let jobs = maya.ask(&research, &uuids).await.unwrap();
    maya.app.start_worker();
    while !maya.app.jobs().await.unwrap().iter().any(|job| job.state == JobState::Done) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    world.sim.expire_access_tokens();

    let jobs = maya.settled(&jobs).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    assert_eq!(refreshes(&world), 1, "for all of them together");
    assert_eq!(maya.sign_in_state().await, SignInState::Connected);
}

/// Somebody whose access was revoked at Zoom, and who then asked for an import.
async fn revoked(world: &World, uuid: &str) -> (Person, Vec<next_desktop::import::Job>) {
    let (maya, research) = world.importer().await;
    world.sim.revoke_tokens(MAYA);
    let jobs = maya.import(&research, &[uuid]).await;
    assert_eq!(jobs[0].state, JobState::Waiting, "{jobs:?}");
    (maya, jobs)
}

#[tokio::test]
async fn imports_wait_when_the_sign_in_is_revoked_and_nothing_more_is_asked_of_zoom() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, jobs) = revoked(&world, &uuid).await;

    let why = jobs[0].error.as_ref().unwrap();
    assert_eq!((why.code, jobs[0].retry_at), (Code::NeedsReauthorization, None), "a person must act");
    assert_eq!(maya.sign_in_state().await, SignInState::NeedsReauthorization);
    let maya = maya.reopen().await;
    assert_eq!(maya.sign_in_state().await, SignInState::NeedsReauthorization, "it is kept on disk");

    world.sim.clear_requests();
    maya.app.start_worker();
    let research = maya.app.teamspaces().await.unwrap().remove(0);
    let today = "2026-03-01".parse().unwrap();
    for error in [
        maya.app.cloud_recordings(today, today).await.unwrap_err(),
        maya.ask(&research, &[&uuid]).await.unwrap_err(),
    ] {
        assert_eq!(error.code, Code::NeedsReauthorization);
    }
    maya.app.retry_job(jobs[0].id).await.unwrap();
    let jobs = maya.settled(&jobs).await;
    assert_eq!(jobs[0].error.as_ref().unwrap().code, Code::NeedsReauthorization);
    assert_eq!(world.sim.requests(), [], "no call, and no refresh is spent");
}

#[tokio::test]
async fn connecting_again_resumes_what_waited_for_it() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, jobs) = revoked(&world, &uuid).await;

    maya.connect(&world.sim, MAYA).await.unwrap();

    let done = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(done[0].id, jobs[0].id);
}

#[tokio::test]
async fn connecting_again_while_the_app_was_closed_resumes_at_the_next_start() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, jobs) = revoked(&world, &uuid).await;
    let maya = maya.reopen().await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let maya = maya.reopen().await;

    maya.app.start_worker();

    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
}

#[tokio::test]
async fn an_import_asked_for_before_disconnecting_waits_for_the_next_account() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    let jobs = maya.ask(&research, &[&uuid]).await.unwrap();
    maya.app.disconnect_zoom().await.unwrap();
    maya.app.start_worker();
    let waiting = maya.settled(&jobs).await;
    assert_eq!(waiting[0].error.as_ref().unwrap().code, Code::NotConnected);

    maya.connect(&world.sim, MAYA).await.unwrap();

    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
}

#[tokio::test]
async fn a_permission_that_is_missing_is_not_asked_for_again_and_again() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    world.sim.drop_scope("cloud_recording:read:list_recording_files");
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].error.as_ref().unwrap().code, Code::ScopesMissing, "{jobs:?}");

    world.sim.clear_requests();
    maya.app
        .save_profile(next_desktop::profile::ProfileDraft {
            name: "Maya L".to_owned(),
            email: MAYA.to_owned(),
            photo: Default::default(),
        })
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(world.sim.requests(), [], "being connected gives no permissions");

    maya.connect(&world.sim, MAYA).await.unwrap();
    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
}
