//! Keeping on this machine what is in a bucket: pins, the cache and its budget, and life without the store.

use next_desktop::app::App;
use next_desktop::cache::MediaHere;
use next_desktop::error::Code;
use next_desktop::import::Disks;
use next_desktop::pins::{Pin, PinState, PinTarget};
use next_desktop::recording::{FileKind, Recording, RecordingId};
use next_desktop::teamspace::{TeamspaceInfo, TeamspaceState};
use s3_servers::{Fault, Proxy};
use zoom_sim::MeetingSpec;

use super::buckets::draft;
use super::harness::{JONAS, MAYA, Person, World, sample, sha256};
use super::nextctl::Machine;

/// Somebody with two recordings in a bucket behind a proxy; her worker does not run. None without a server.
async fn with_bucket(world: &World) -> Option<(Person, TeamspaceInfo, Proxy)> {
    let (draft, proxy) = draft()?;
    let jonas = world.person("Jonas", MAYA).await;
    jonas.connect(&world.sim, MAYA).await.unwrap();
    let research = jonas.add_bucket("Research", draft.clone()).await.unwrap();
    let mut uuids = Vec::new();
    for (title, talk) in [("Interview", "checkout"), ("Weekly", "signup")] {
        uuids.push(world.sim.add_meeting(MeetingSpec::talk(title, talk).days_ago(2)).uuid);
    }
    jonas.import(&research, &uuids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    jonas.app.close().await;

    let maya = world.person("Maya", JONAS).await;
    let research = maya.add_bucket("Research", draft).await.unwrap();
    assert_eq!(maya.app.recordings(&research.id).await.unwrap().len(), 2);
    Some((maya, research, proxy))
}

async fn titled(app: &App, teamspace: &TeamspaceInfo, title: &str) -> Recording {
    let items = app.recordings(&teamspace.id).await.unwrap();
    items.into_iter().map(|item| item.recording).find(|one| one.title == title).unwrap()
}

async fn media(app: &App, teamspace: &TeamspaceInfo, title: &str) -> (MediaHere, bool) {
    let items = app.recordings(&teamspace.id).await.unwrap();
    let item = items.into_iter().find(|item| item.recording.title == title).unwrap();
    (item.media, item.pinned)
}

fn pin(teamspace: &TeamspaceInfo, target: PinTarget) -> Pin {
    Pin { teamspace: teamspace.id.clone(), target }
}

fn pin_of(teamspace: &TeamspaceInfo, recording: &Recording) -> Pin {
    pin(teamspace, PinTarget::Recording { recording_id: recording.recording_id.clone() })
}

/// Plays all of a recording's video, and gives its bytes; none when it does not play.
async fn play(app: &App, recording: &Recording) -> Option<Vec<u8>> {
    let opened = app.open_recording(&recording.teamspace, &recording.recording_id).await.unwrap();
    let video = recording.files.iter().position(|file| file.kind == FileKind::Video).unwrap();
    let answer = reqwest::get(&opened.urls[video]).await.unwrap();
    if !answer.status().is_success() {
        return None;
    }
    let bytes = answer.bytes().await.ok()?.to_vec();
    assert_eq!(sha256(&bytes), recording.files[video].sha256);
    Some(bytes)
}

/// Nobody answers any more, whatever is asked.
fn cut(proxy: &Proxy) {
    for method in ["GET", "HEAD", "PUT", "POST"] {
        proxy.on(method, "", Fault::LostRequest, usize::MAX);
    }
}

/// Requests for a recording's files that came since the last look.
fn asked_for(proxy: &Proxy, recording: &Recording) -> usize {
    let id = recording.recording_id.to_string();
    proxy
        .take_seen()
        .iter()
        .filter(|seen| seen.target.contains(&id) && !seen.target.contains(".json"))
        .count()
}

#[tokio::test]
async fn a_pinned_recording_plays_without_the_store_and_one_that_is_not_does_not() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    let kept = titled(&maya.app, &research, "Interview").await;
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Away, false));

    maya.app.pin(&[pin_of(&research, &kept)]).await.unwrap();
    let info = maya.app.pins().await.unwrap().remove(0);
    assert_eq!((info.state, info.bytes_here, info.title.as_str()), (PinState::Waiting, 0, "Interview"));
    let done = maya.app.keep_pinned().await.unwrap();
    assert_eq!((done.kept, done.failed), (1, vec![]));
    let info = maya.app.pins().await.unwrap().remove(0);
    assert_eq!((info.state, info.bytes_here), (PinState::Here, info.bytes));
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, true));
    assert_eq!(media(&maya.app, &research, "Weekly").await, (MediaHere::Away, false));

    cut(&proxy);
    let maya = maya.reopen().await;
    assert!(play(&maya.app, &kept).await.is_some(), "it plays");
    let away = titled(&maya.app, &research, "Weekly").await;
    assert_eq!(play(&maya.app, &away).await, None);
    let opened = maya.app.open_recording(&research.id, &away.recording_id).await.unwrap();
    assert!(!opened.transcript[0].is_empty(), "what was said is there all the same");
    maya.app.open_file(&research.id, &kept.recording_id, &kept.files[0].key).await.unwrap();
    let path = maya.desktop.files.lock().unwrap().last().cloned().unwrap();
    assert!(path.starts_with(maya.data()), "the system's player is given the kept file: {}", path.display());
    let refused = maya.app.open_file(&research.id, &away.recording_id, &away.files[0].key).await;
    assert_eq!(refused.unwrap_err().code, Code::TeamspaceUnreachable);
}

#[tokio::test]
async fn what_was_played_whole_plays_again_without_the_store() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    let played = titled(&maya.app, &research, "Interview").await;
    let bytes = play(&maya.app, &played).await.unwrap();
    cut(&proxy);
    let maya = maya.reopen().await;
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, false));
    assert_eq!(play(&maya.app, &played).await, Some(bytes));
}

#[tokio::test]
async fn a_tag_and_a_whole_teamspace_are_kept_also_what_comes_later() {
    let world = World::empty().await;
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    maya.app.pin(&[pin(&research, PinTarget::Tag { tag: "Clinic".to_owned() })]).await.unwrap();
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 0);

    let weekly = titled(&maya.app, &research, "Weekly").await;
    let edit = next_desktop::app::RecordingEdit { add_tags: vec!["clinic".to_owned()], ..Default::default() };
    maya.app.edit_recordings(&research.id, &[weekly.recording_id], edit).await.unwrap();
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 1);
    assert_eq!(media(&maya.app, &research, "Weekly").await, (MediaHere::Here, true));

    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 1, "the other one");
    let states: Vec<PinState> = maya.app.pins().await.unwrap().iter().map(|info| info.state).collect();
    assert_eq!(states, [PinState::Here, PinState::Here]);
}

#[tokio::test]
async fn the_window_fetches_in_the_background_and_says_so() {
    let world = World::empty().await;
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    maya.app.start_worker();
    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    for _ in 0..600 {
        if maya.app.pins().await.unwrap()[0].state == PinState::Here {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("never here: {:?}", maya.app.pins().await);
}

#[tokio::test]
async fn what_was_fetched_or_played_before_is_not_fetched_again() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    let kept = titled(&maya.app, &research, "Interview").await;
    play(&maya.app, &kept).await.unwrap();
    proxy.take_seen();
    maya.app.pin(&[pin_of(&research, &kept)]).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    let video = kept.files.iter().find(|file| file.kind == FileKind::Video).unwrap();
    let seen = proxy.take_seen();
    assert!(
        seen.iter().all(|seen| !seen.target.contains(&video.key)),
        "it came from what was played: {seen:?}"
    );

    maya.app.unpin(&[pin_of(&research, &kept)]).await.unwrap();
    assert_eq!(
        media(&maya.app, &research, "Interview").await,
        (MediaHere::Here, false),
        "it is cached still"
    );
    proxy.take_seen();
    maya.app.pin(&[pin_of(&research, &kept)]).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    assert_eq!(asked_for(&proxy, &kept), 0);
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, true));
}

#[tokio::test]
async fn a_fetch_that_was_cut_off_goes_on_and_a_store_that_is_away_is_said_calmly() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    let kept = titled(&maya.app, &research, "Interview").await;
    maya.app.pin(&[pin_of(&research, &kept)]).await.unwrap();
    cut(&proxy);
    let done = maya.app.keep_pinned().await.unwrap();
    assert_eq!((done.kept, done.failed[0].1.code), (0, Code::TeamspaceUnreachable));
    assert_eq!(maya.app.pins().await.unwrap()[0].state, PinState::Away);

    proxy.heal();
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 1);
    assert_eq!(maya.app.pins().await.unwrap()[0].state, PinState::Here);
}

#[tokio::test]
async fn what_is_not_what_its_manifest_says_is_not_kept() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    let kept = titled(&maya.app, &research, "Interview").await;
    let video = kept.files.iter().find(|file| file.kind == FileKind::Video).unwrap();
    let part = maya.data().join("cache/kept").join(&research.id).join(kept.recording_id.as_str());
    std::fs::create_dir_all(&part).unwrap();
    let part = part.join(format!("{}.mp4.part", video.sha256));
    std::fs::write(&part, "not the beginning of that video").unwrap();
    maya.app.pin(&[pin_of(&research, &kept)]).await.unwrap();

    let done = maya.app.keep_pinned().await.unwrap();
    assert_eq!(done.failed[0].1.code, Code::FileDamaged);
    let info = maya.app.pins().await.unwrap().remove(0);
    assert_eq!((info.state, info.error.map(|error| error.code)), (PinState::Failed, Some(Code::FileDamaged)));
    assert!(!part.exists());
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 1, "the next try begins anew");
    drop(proxy);
}

#[tokio::test]
async fn a_disk_without_room_is_said_and_it_goes_on_when_there_is_some() {
    let disks = Disks::with_free(u64::MAX);
    let world = World::empty().await.with_disks(disks.clone());
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    disks.set_free(1_000);
    let done = maya.app.keep_pinned().await.unwrap();
    assert!(done.failed.iter().all(|(_, error)| error.code == Code::DiskFull), "{done:?}");
    disks.set_free(u64::MAX);
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 2);
}

#[tokio::test]
async fn the_budget_takes_what_was_not_used_for_longest_and_never_what_is_pinned() {
    let world = World::empty().await;
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    let (kept, played) =
        (titled(&maya.app, &research, "Interview").await, titled(&maya.app, &research, "Weekly").await);
    maya.app.pin(&[pin_of(&research, &kept)]).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    play(&maya.app, &played).await.unwrap();
    let before = maya.app.cache_use().await.unwrap();
    assert!(before.pinned > 0 && before.played > 0, "{before:?}");

    let settings = maya.app.settings().await.unwrap();
    assert_eq!(before.budget, settings.cache_budget);
    let small = next_desktop::settings::Settings { cache_budget: 1, ..settings };
    maya.app.save_settings(small).await.unwrap();

    let after = maya.app.cache_use().await.unwrap();
    assert_eq!((after.pinned, after.played, after.budget), (before.pinned, 0, 1));
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, true));
    assert_eq!(media(&maya.app, &research, "Weekly").await, (MediaHere::Away, false));
}

#[tokio::test]
async fn freeing_up_space_leaves_what_is_pinned_and_what_is_played_just_now() {
    let world = World::empty().await;
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    let played = titled(&maya.app, &research, "Weekly").await;
    play(&maya.app, &played).await.unwrap();
    assert_eq!(maya.app.free_up_space().await.unwrap(), 0, "it is in use");

    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3_600);
    for (path, _) in super::harness::files_below(&maya.data().join("cache/played")) {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    let before = maya.app.cache_use().await.unwrap();
    assert_eq!(maya.app.free_up_space().await.unwrap(), before.played);
    assert_eq!(maya.app.cache_use().await.unwrap().played, 0);
}

#[tokio::test]
async fn what_is_pinned_outlives_the_catalog_while_the_store_is_away() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 2);
    let before = maya.app.cache_use().await.unwrap();
    maya.app.close().await;
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(maya.data().join(name));
    }
    cut(&proxy);
    let maya = maya.try_reopen().await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    assert_eq!(maya.app.cache_use().await.unwrap().pinned, before.pinned, "nothing is let go unseen");

    proxy.heal();
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    let again = titled(&maya.app, &research, "Interview").await;
    proxy.take_seen();
    assert_eq!(maya.app.keep_pinned().await.unwrap().kept, 0);
    assert_eq!(asked_for(&proxy, &again), 0, "it was all here");
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, true));
}

#[tokio::test]
async fn a_trashed_recording_and_a_forgotten_teamspace_are_not_kept_any_more() {
    let world = World::empty().await;
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    let weekly = titled(&maya.app, &research, "Weekly").await;
    let all = maya.app.cache_use().await.unwrap().pinned;
    maya.app.trash_recording(&research.id, &weekly.recording_id).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    let less = maya.app.cache_use().await.unwrap().pinned;
    assert!(less < all && less > 0, "{less} of {all}");
    maya.app.forget_teamspace(&research.id).await.unwrap();
    assert_eq!((maya.app.cache_use().await.unwrap().pinned, maya.app.pins().await.unwrap()), (0, vec![]));
}

#[tokio::test]
async fn recordings_of_a_folder_are_here_and_are_not_kept_twice() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&uuid]).await;
    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    let info = maya.app.pins().await.unwrap().remove(0);
    assert_eq!((info.state, info.folder, info.title.as_str()), (PinState::Here, true, "Research"));
    assert_eq!(maya.app.cache_use().await.unwrap().pinned, 0);
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, true));
    let unknown = RecordingId::of_zoom_meeting("nobody ever recorded this");
    let refused = maya.app.pin(&[pin(&research, PinTarget::Recording { recording_id: unknown })]).await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nextctl_pins_lists_lets_go_and_shows_the_cache() {
    let sim = zoom_sim::ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let machine = Machine::of(&sim);
    machine.set_up().await;
    let file = machine.path("Focus group.mp4");
    std::fs::write(&file, sample("checkout.mp4")).unwrap();
    let import = ["import", "--teamspace", "Research", "--wait", "--file", file.to_str().unwrap()];
    assert_eq!(machine.run(&import).await.code, Some(0));
    let id = machine.json(&["recordings"]).await["recordings"][0]["recording_id"].clone();
    let id = id.as_str().unwrap();

    let added =
        machine.json(&["pins", "add", "--teamspace", "Research", id, "--tag", "clinic", "--wait"]).await;
    let mut kinds: Vec<&str> =
        added["pins"].as_array().unwrap().iter().map(|pin| pin["target"]["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["recording", "tag"]);
    machine.json(&["pins", "remove", "--teamspace", "Research", "--tag", "CLINIC"]).await;
    let listed = machine.json(&["pins"]).await;
    assert_eq!(listed["pins"].as_array().unwrap().len(), 1);
    assert_eq!((&listed["pins"][0]["state"], &listed["pins"][0]["folder"]), (&"here".into(), &true.into()));
    machine.run(&["pins", "add", "--teamspace", "Research"]).await.assert_fails(2, "required");

    machine.json(&["settings", "set", "cache-budget", "20GB"]).await;
    let cache = machine.json(&["cache", "free-up"]).await;
    assert_eq!(
        (&cache["cache"]["budget"], &cache["freed"]),
        (&20_000_000_000_u64.into(), &0.into()),
        "{cache}"
    );
}

#[tokio::test]
async fn a_store_that_is_away_is_said_and_everything_but_the_media_is_there() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    cut(&proxy);
    let maya = maya.reopen().await;
    let info = maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(info.state, TeamspaceState::Unreachable, "{:?}", info.error);
    assert_eq!(info.recordings, 2);
    assert!(!maya.app.search("interview", None).await.unwrap().hits.is_empty());
    assert_eq!(maya.app.members(&research.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_window_draws_before_a_store_that_never_answers() {
    let world = World::empty().await;
    let Some((maya, research, proxy)) = with_bucket(&world).await else { return };
    for method in ["GET", "HEAD", "PUT", "POST"] {
        proxy.on(method, "", Fault::Silence, usize::MAX);
    }
    let maya = maya.reopen().await;
    maya.app.start_worker();
    let listed = maya.app.teamspaces().await.unwrap();
    assert_eq!((listed[0].state, listed[0].recordings), (TeamspaceState::Ready, 2), "nobody was waited for");
    let interview = titled(&maya.app, &research, "Interview").await;
    let opened = maya.app.open_recording(&research.id, &interview.recording_id).await.unwrap();
    assert!(!opened.transcript[0].is_empty());
}

#[tokio::test]
async fn the_catalog_deleted_while_the_app_runs_costs_nothing() {
    let world = World::empty().await;
    let Some((maya, research, _proxy)) = with_bucket(&world).await else { return };
    maya.app.pin(&[pin(&research, PinTarget::Teamspace)]).await.unwrap();
    maya.app.keep_pinned().await.unwrap();
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(maya.data().join(name));
    }
    let kept = titled(&maya.app, &research, "Interview").await;
    assert!(play(&maya.app, &kept).await.is_some(), "it goes on");
    maya.app.refresh_teamspace(&research.id).await.unwrap();

    let maya = maya.reopen().await;
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    let again = titled(&maya.app, &research, "Interview").await;
    assert_eq!(again, kept, "it is built anew");
    assert_eq!(media(&maya.app, &research, "Interview").await, (MediaHere::Here, true));
    let opened = maya.app.open_recording(&research.id, &again.recording_id).await.unwrap();
    assert!(!opened.transcript[0].is_empty());
}
