//! One Zoom account, one profile: claims in the teamspaces that two people share.

use next_desktop::account::{AuthorizationStep, ClaimHolder, SignInState};
use next_desktop::app::ClaimAnswer;
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::teamspace::TeamspaceInfo;

use super::harness::{JONAS, MAYA, Person, World, files_below};

/// Jonas, who has the same teamspace and signs in at Zoom as Maya.
async fn jonas_as_maya(world: &World) -> (Person, ClaimHolder) {
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    let status = jonas.connect_and_confirm(&world.sim, MAYA).await.unwrap();
    match status.step {
        Some(AuthorizationStep::ClaimConflict { holder, .. }) => (jonas, holder),
        other => panic!("a conflict, not {other:?}"),
    }
}

async fn importer_with_talk() -> (World, String, Person, TeamspaceInfo) {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    (world, uuid, maya, research)
}

#[tokio::test]
async fn a_second_profile_is_told_whose_the_account_is_where_and_since_when() {
    let (world, _, maya, _) = importer_with_talk().await;
    let since = maya.app.account_status().await.unwrap().since.unwrap();

    let (jonas, holder) = jonas_as_maya(&world).await;

    assert_eq!((holder.name.as_str(), holder.teamspace.as_str()), ("Maya Lindqvist", "Research"));
    assert_eq!(holder.device, maya.app.app_info().await.unwrap().device);
    assert!(
        holder.since.duration_since(since).abs() < jiff::SignedDuration::from_secs(5),
        "{}",
        holder.since
    );
    assert_eq!(jonas.sign_in_state().await, SignInState::Authorizing, "nothing is connected yet");
}

#[tokio::test]
async fn cancelling_leaves_the_claim_where_it_is_and_revokes_the_second_sign_in() {
    let (world, uuid, maya, research) = importer_with_talk().await;
    let claims = || files_below(&world.folder("research/claims"));
    let before = claims();
    let (jonas, _) = jonas_as_maya(&world).await;

    let status = jonas.app.resolve_claim(ClaimAnswer::Cancel).await.unwrap();

    assert_eq!((status.state, status.account), (SignInState::Disconnected, None));
    assert_eq!(status.error.unwrap().code, Code::ClaimConflict);
    assert!(!world.sim.is_authorised(MAYA), "the sign-in that nobody wants is over at Zoom");
    assert_eq!(claims(), before);
    // The newest authorisation of a user ends the older ones at Zoom, which no app can prevent. So Maya signs
    // in again, and nobody is in her way.
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].error.as_ref().unwrap().code, Code::NeedsReauthorization);
    let status = maya.connect(&world.sim, MAYA).await.unwrap();
    assert_eq!(status.state, SignInState::Connected);
    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
}

#[tokio::test]
async fn moving_the_account_lets_the_second_import_and_tells_the_first_who_took_it() {
    let (world, uuid, maya, research) = importer_with_talk().await;
    let (jonas, _) = jonas_as_maya(&world).await;

    let status = jonas.app.resolve_claim(ClaimAnswer::Move).await.unwrap();

    assert_eq!(status.state, SignInState::Connected);
    let his = jonas.app.teamspaces().await.unwrap().remove(0);
    assert_eq!(jonas.import(&his, &[&uuid]).await[0].state, JobState::Done);

    let other = world.sim.add_meeting(zoom_sim::MeetingSpec::talk("Another", "sync")).uuid;
    let jobs = maya.import(&research, &[&other]).await;
    let why = jobs[0].error.clone().unwrap();
    assert!(matches!(why.code, Code::ClaimConflict | Code::NeedsReauthorization), "{why:?}");
    assert!(why.message.contains("Jonas Weber"), "it says who took it: {why}");
    let status = maya.app.account_status().await.unwrap();
    assert_eq!(status.state, SignInState::NeedsReauthorization);
    assert!(status.error.unwrap().message.contains("Jonas Weber"));

    world.sim.clear_requests();
    let maya = maya.reopen().await;
    maya.app.start_worker();
    maya.app.retry_job(jobs[0].id).await.unwrap();
    let jobs = maya.settled(&jobs).await;
    assert_eq!((jobs[0].state, jobs[0].retry_at), (JobState::Waiting, None), "it does not fail for ever");
    assert_eq!(world.sim.requests(), [], "nothing is asked with a sign-in that was moved away");
}

#[tokio::test]
async fn the_first_is_told_when_the_app_starts_and_when_the_list_is_opened() {
    let (world, _, maya, _) = importer_with_talk().await;
    let maya = maya.reopen().await;
    let (jonas, _) = jonas_as_maya(&world).await;
    jonas.app.resolve_claim(ClaimAnswer::Move).await.unwrap();
    world.sim.clear_requests();

    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let error = maya.app.cloud_recordings(today, today).await.unwrap_err();

    assert_eq!(error.code, Code::ClaimConflict);
    assert!(error.message.contains("Jonas Weber"), "{error}");
    assert_eq!(maya.sign_in_state().await, SignInState::NeedsReauthorization);

    maya.connect_and_confirm(&world.sim, MAYA).await.unwrap();
    maya.app.resolve_claim(ClaimAnswer::Move).await.unwrap();
    let jonas = jonas.reopen().await;
    world.sim.clear_requests();
    jonas.app.start_worker();
    let mut events = jonas.app.events().subscribe();
    while jonas.sign_in_state().await != SignInState::NeedsReauthorization {
        let _ = tokio::time::timeout(std::time::Duration::from_millis(100), events.recv()).await;
    }
    assert_eq!(world.sim.requests(), [], "and Zoom was not asked for it");
}

#[tokio::test]
async fn the_first_is_told_once_while_the_app_is_open() {
    let (world, _, maya, _) = importer_with_talk().await;
    let (jonas, _) = jonas_as_maya(&world).await;
    maya.app.start_worker();
    let mut events = maya.app.events().subscribe();
    maya.app.set_in_front(false);
    jonas.app.resolve_claim(ClaimAnswer::Move).await.unwrap();
    world.sim.clear_requests();

    // Whoever comes back to the window sees what happened meanwhile; the log of the teamspace tells it.
    maya.app.set_in_front(true);
    while maya.sign_in_state().await != SignInState::NeedsReauthorization {
        let _ = tokio::time::timeout(std::time::Duration::from_millis(100), events.recv()).await;
    }

    let error = maya.app.account_status().await.unwrap().error.unwrap();
    assert_eq!(error.code, Code::ClaimConflict);
    let device = jonas.app.app_info().await.unwrap().device;
    let year = jiff::Timestamp::now().strftime("%Y").to_string();
    for part in ["Jonas Weber", &device, &year] {
        assert!(error.message.contains(part), "whose, which machine, since when: {error}");
    }
    assert_eq!(world.sim.requests(), [], "Zoom was not asked for it, nor is it from now on");
}

#[tokio::test]
async fn the_first_can_move_the_account_back() {
    let (world, _, maya, _) = importer_with_talk().await;
    let (jonas, _) = jonas_as_maya(&world).await;
    jonas.app.resolve_claim(ClaimAnswer::Move).await.unwrap();

    let status = maya.connect(&world.sim, MAYA).await.unwrap();

    let Some(AuthorizationStep::ClaimConflict { holder, .. }) = status.step else { panic!("{status:?}") };
    assert_eq!(holder.name, "Jonas Weber");
    assert_eq!(maya.app.resolve_claim(ClaimAnswer::Move).await.unwrap().state, SignInState::Connected);
}

#[tokio::test]
async fn disconnecting_lets_another_connect_the_account() {
    let (world, uuid, maya, _) = importer_with_talk().await;
    maya.app.disconnect_zoom().await.unwrap();
    let jonas = world.person("Jonas Weber", JONAS).await;
    let research = jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();

    let status = jonas.connect_and_confirm(&world.sim, MAYA).await.unwrap();

    assert_eq!(status.state, SignInState::Connected);
    assert_eq!(jonas.import(&research, &[&uuid]).await[0].state, JobState::Done);
}

#[tokio::test]
async fn a_teamspace_in_which_another_holds_the_account_is_refused() {
    let (world, _, _, _) = importer_with_talk().await;
    let jonas = world.person("Jonas Weber", JONAS).await;
    let own = jonas.add_teamspace("Own", &world.folder("own")).await.unwrap();
    jonas.connect_and_confirm(&world.sim, MAYA).await.unwrap();

    let error = jonas.add_teamspace("Research", &world.folder("research")).await.unwrap_err();

    assert_eq!(error.code, Code::ClaimConflict);
    assert!(error.message.contains("Maya Lindqvist"), "{error}");
    let known: Vec<String> = jonas.app.teamspaces().await.unwrap().into_iter().map(|info| info.id).collect();
    assert_eq!(known, [own.id]);
    assert_eq!(jonas.sign_in_state().await, SignInState::Connected, "his own teamspace goes on");
}

#[tokio::test]
async fn an_account_is_claimed_in_every_teamspace_one_has() {
    let (world, _, maya, _) = importer_with_talk().await;
    maya.add_teamspace("Archive", &world.folder("archive")).await.unwrap();
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Own", &world.folder("own")).await.unwrap();
    jonas.add_teamspace("Archive", &world.folder("archive")).await.unwrap();

    let status = jonas.connect_and_confirm(&world.sim, MAYA).await.unwrap();

    let Some(AuthorizationStep::ClaimConflict { holder, .. }) = status.step else { panic!("{status:?}") };
    assert_eq!(holder.teamspace, "Archive");
    jonas.app.resolve_claim(ClaimAnswer::Cancel).await.unwrap();
    let claims = world.folder("own/claims");
    assert!(!claims.exists() || files_below(&claims).is_empty(), "nothing is claimed in his own teamspace");
}

#[tokio::test]
async fn two_accounts_live_in_one_teamspace_side_by_side() {
    let (world, uuid, maya, research) = importer_with_talk().await;
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();

    let status = jonas.connect(&world.sim, JONAS).await.unwrap();

    assert_eq!(status.state, SignInState::Connected);
    assert_eq!(maya.import(&research, &[&uuid]).await[0].state, JobState::Done);
    assert_eq!(maya.sign_in_state().await, SignInState::Connected);
}
