//! Interrupting an import in its middle: closing, crashing, cancelling, unplugging.

use std::path::{Path, PathBuf};

use next_desktop::error::Code;
use next_desktop::import::{Job, JobState};
use next_desktop::teamspace::{TeamspaceInfo, TeamspaceState};
use zoom_sim::{Fault, FaultRule, FileSpec, MeetingHandle, MeetingSpec, Place};

use super::harness::{Person, World, files_below, strange_paths};

const NOTHING: [PathBuf; 0] = [];

/// Somebody in the middle of downloading a large video, which would take minutes.
async fn in_the_middle(world: &World) -> (Person, TeamspaceInfo, MeetingHandle, Vec<Job>) {
    let meeting = world.sim.add_meeting(
        MeetingSpec::new("Long interview")
            .file(FileSpec::video_of_size(3_000_000, 7))
            .file(FileSpec::transcript("checkout")),
    );
    let (maya, research) = world.importer().await;
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 200_000 }));
    let jobs = maya.ask(&research, &[&meeting.uuid]).await.unwrap();
    maya.app.start_worker();
    maya.staged_something().await;
    world.sim.clear_faults();
    (maya, research, meeting, jobs)
}

/// Goes on with what was interrupted, and sees that it was gone on with and not begun anew.
async fn it_goes_on_and_ends_whole(world: &World, maya: &Person, video: &str, jobs: &[Job], teamspace: &str) {
    world.sim.clear_requests();
    maya.app.start_worker();
    let jobs = maya.settled(jobs).await;

    assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);
    let of_video = |request: &zoom_sim::RequestRecord| request.file.as_deref() == Some(video);
    let asked: Vec<_> = world.sim.requests_at(Place::Storage).into_iter().filter(of_video).collect();
    assert_eq!(asked.len(), 1, "the video was asked for once more");
    assert!(asked[0].range.as_deref().is_some_and(|range| range != "bytes=0-"), "{:?}", asked[0].range);
    assert!(asked[0].sent < 3_000_000, "only the rest was sent, {} bytes", asked[0].sent);
    let recording = maya.app.recordings(teamspace).await.unwrap().remove(0).recording;
    assert_eq!(recording.files[0].sha256, world.sim.content(video).unwrap().sha256());
    assert_eq!(maya.staged(), NOTHING);
    assert_eq!(strange_paths(&world.folder("research")), NOTHING);
}

#[tokio::test]
async fn an_app_that_is_closed_in_the_middle_goes_on_where_it_stopped() {
    let world = World::empty().await;
    let (maya, research, meeting, jobs) = in_the_middle(&world).await;

    let maya = maya.reopen().await;

    assert_eq!(maya.app.jobs().await.unwrap()[0].state, JobState::Queued, "it was put back");
    it_goes_on_and_ends_whole(&world, &maya, &meeting.files[0], &jobs, &research.id).await;
}

#[tokio::test]
async fn an_app_that_crashes_in_the_middle_goes_on_where_it_stopped() {
    let world = World::empty().await;
    let (maya, research, meeting, jobs) = in_the_middle(&world).await;

    let maya = maya.try_reopen().await.unwrap();

    it_goes_on_and_ends_whole(&world, &maya, &meeting.files[0], &jobs, &research.id).await;
    let attempts = maya.app.jobs().await.unwrap()[0].attempts;
    assert_eq!(attempts, 2, "a try that took the app down with it counts");
}

#[tokio::test]
async fn nothing_of_a_dropped_app_goes_on() {
    let world = World::empty().await;
    let (maya, ..) = in_the_middle(&world).await;

    drop(maya);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    world.sim.clear_requests();
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;

    assert_eq!(world.sim.requests(), []);
}

/// Waits until nothing is staged any more.
async fn nothing_staged(maya: &Person) {
    for _ in 0..100 {
        if maya.staged().is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("still staged: {:?}", files_below(&maya.data().join("cache/staged")));
}

fn recordings_in(folder: &Path) -> Vec<PathBuf> {
    let paths = files_below(folder).into_iter().map(|(path, _)| path);
    paths.filter(|path| path.starts_with(folder.join("recordings"))).collect()
}

#[tokio::test]
async fn cancelling_a_running_import_removes_what_it_downloaded() {
    let world = World::empty().await;
    let (maya, research, meeting, jobs) = in_the_middle(&world).await;

    maya.app.cancel_job(jobs[0].id).await.unwrap();

    nothing_staged(&maya).await;
    assert_eq!(maya.app.jobs().await.unwrap()[0].state, JobState::Cancelled);
    assert_eq!(maya.app.recordings(&research.id).await.unwrap(), []);
    let again = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(again[0].state, JobState::Done, "asked for again, it is imported: {:?}", again[0].error);
}

#[tokio::test]
async fn cancelling_removes_also_what_stands_in_the_teamspace_already() {
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(
        MeetingSpec::new("Two parts")
            .file(FileSpec::video("checkout"))
            .file(FileSpec::video_of_size(3_000_000, 7).at(600)),
    );
    let (maya, research) = world.importer().await;
    world.sim.fault(
        FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 100_000 })
            .on_file(&meeting.files[1]),
    );
    let jobs = maya.ask(&research, &[&meeting.uuid]).await.unwrap();
    maya.app.start_worker();
    maya.staged_something().await;
    while recordings_in(&world.folder("research")).is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    maya.app.cancel_job(jobs[0].id).await.unwrap();

    nothing_staged(&maya).await;
    for _ in 0..100 {
        if recordings_in(&world.folder("research")).is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(recordings_in(&world.folder("research")), NOTHING);
}

#[tokio::test]
async fn cancelling_an_import_that_is_not_running_removes_what_it_downloaded() {
    let world = World::empty().await;
    let (maya, _, _, jobs) = in_the_middle(&world).await;
    let maya = maya.reopen().await;
    assert_ne!(maya.staged(), NOTHING, "something is staged");

    maya.app.cancel_job(jobs[0].id).await.unwrap();

    assert_eq!(maya.staged(), NOTHING);
}

#[tokio::test]
async fn a_teamspace_unplugged_in_the_middle_waits_is_not_replaced_and_goes_on_by_itself() {
    let world = World::empty().await;
    let (maya, research, meeting, jobs) = in_the_middle(&world).await;
    let (folder, away) = (world.folder("research"), world.folder("unplugged"));

    std::fs::rename(&folder, &away).unwrap();
    // Whatever was still to be downloaded need not be slow.
    let maya = maya.reopen().await;
    maya.app.start_worker();

    let waiting = maya.jobs_until(&jobs, |job| job.state == JobState::Waiting).await;
    assert_eq!(waiting[0].error.as_ref().unwrap().code, Code::TeamspaceUnreachable);
    assert!(waiting[0].retry_at.is_some());
    let info = maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(info.state, TeamspaceState::Unreachable);
    assert!(!folder.exists(), "no new one is made in its place");
    std::fs::rename(&away, &folder).unwrap();
    let done = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(done[0].id, jobs[0].id);
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    assert_eq!(recording.files[0].sha256, world.sim.content(&meeting.files[0]).unwrap().sha256());
}

#[tokio::test]
async fn a_teamspace_unplugged_while_a_file_comes_in_waits_and_no_folder_is_made() {
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(MeetingSpec::new("Short").file(FileSpec::video_of_size(600_000, 3)));
    let (maya, research) = world.importer().await;
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 80_000 }));
    let jobs = maya.ask(&research, &[&meeting.uuid]).await.unwrap();
    maya.app.start_worker();
    maya.staged_something().await;

    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();

    let waiting = maya.jobs_until(&jobs, |job| job.state == JobState::Waiting).await;
    assert_eq!(waiting[0].error.as_ref().unwrap().code, Code::TeamspaceUnreachable);
    assert!(!world.folder("research").exists());
    std::fs::rename(world.folder("unplugged"), world.folder("research")).unwrap();
    maya.app.retry_job(jobs[0].id).await.unwrap();
    world.sim.clear_requests();
    maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(world.sim.count(Place::Storage), 0, "what was downloaded is not downloaded again");
}
