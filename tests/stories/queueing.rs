//! The queue: held and let go, by one process or another; a disk without room; clocks that jump; many at once.

use std::time::Duration;

use jiff::SignedDuration;
use next_desktop::account::SignInState;
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::import::{Disks, Job, JobState};
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::{Fault, FaultRule, FileSpec, MeetingSpec, Place, RetryAfter};

use super::harness::{Person, World};

/// A large video at Zoom, which takes minutes until the line is better.
async fn slow_video(world: &World) -> String {
    let spec = MeetingSpec::new("Long interview").file(FileSpec::video_of_size(3_000_000, 7));
    let uuid = world.sim.add_meeting(spec).uuid;
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 200_000 }));
    uuid
}

/// Waits until a job is in a state, and gives it.
async fn reaches(maya: &Person, job: &Job, state: JobState) -> Job {
    maya.jobs_until(std::slice::from_ref(job), |job| job.state == state).await.remove(0)
}

/// Bytes of the video that were sent since the requests were last forgotten.
fn sent(world: &World) -> u64 {
    world.sim.requests_at(Place::Storage).iter().map(|request| request.sent).sum()
}

/// Small recordings at Zoom, one a day.
fn talks(world: &World, count: i64) -> Vec<String> {
    let talk = |day| MeetingSpec::talk(&format!("Talk {day}"), "checkout").days_ago(day);
    (1..=count).map(|day| world.sim.add_meeting(talk(day)).uuid).collect()
}

async fn ask(maya: &Person, research: &TeamspaceInfo, uuids: &[String]) -> Vec<Job> {
    maya.app.import_recordings(&research.id, uuids).await.unwrap()
}

#[tokio::test]
async fn a_paused_import_keeps_what_it_has_and_goes_on_after_a_restart_only_when_it_is_let_go() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let uuid = slow_video(&world).await;
    let job = ask(&maya, &research, &[uuid]).await.remove(0);
    maya.app.start_worker();
    maya.staged_something().await;

    maya.app.pause_job(job.id).await.unwrap();

    let held = reaches(&maya, &job, JobState::Queued).await;
    assert!(held.paused);
    assert_eq!(held.attempts, 0, "a try that was put down does not count");
    world.sim.clear_faults();
    let maya = maya.reopen().await;
    world.sim.clear_requests();
    maya.app.start_worker();
    let other = talks(&world, 1);
    let others = ask(&maya, &research, &other).await;
    maya.settled(&others).await;
    assert!(maya.app.jobs().await.unwrap().iter().any(|job| job.paused), "others pass by");

    world.sim.clear_requests();
    maya.app.resume_job(job.id).await.unwrap();
    reaches(&maya, &job, JobState::Done).await;
    assert!(sent(&world) < 3_000_000, "only the rest was sent: {}", sent(&world));
}

#[tokio::test]
async fn a_queue_that_another_process_pauses_stands_still_until_somebody_resumes_it() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let uuid = slow_video(&world).await;
    let job = ask(&maya, &research, &[uuid]).await.remove(0);
    maya.app.start_worker();
    maya.staged_something().await;
    let other = world.another_start(&maya).await;
    let mut heard = maya.app.events().subscribe();

    other.app.pause_queue().await.unwrap();

    reaches(&maya, &job, JobState::Queued).await;
    let mut told = false;
    while let Ok(event) = heard.try_recv() {
        told |= event == Event::QueueChanged;
    }
    assert!(told, "the window hears of it");
    assert!(maya.app.queue_state().await.unwrap().paused);
    let late = ask(&maya, &research, &talks(&world, 1)).await;
    world.sim.clear_requests();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(world.sim.requests(), [], "what is asked for later is held too");

    world.sim.clear_faults();
    maya.app.resume_queue().await.unwrap();
    for job in [&job, &late[0]] {
        reaches(&maya, job, JobState::Done).await;
    }
}

#[tokio::test]
async fn letting_everything_go_lets_also_go_what_was_held_by_itself() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let jobs = ask(&maya, &research, &talks(&world, 2)).await;
    maya.app.pause_job(jobs[0].id).await.unwrap();
    maya.app.pause_queue().await.unwrap();
    maya.app.start_worker();

    maya.app.resume_queue().await.unwrap();

    let jobs = maya.settled(&jobs).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done && !job.paused), "{jobs:?}");
}

#[tokio::test]
async fn all_that_failed_is_tried_again_and_all_that_is_not_over_is_cancelled() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let uuids = talks(&world, 3);
    world.sim.fault(FaultRule::always(Place::MeetingRecordings, Fault::ErrorBody));
    let jobs = maya.import(&research, &uuids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Failed), "{jobs:?}");

    world.sim.clear_faults();
    let mut retried = maya.app.retry_failed_jobs().await.unwrap();
    retried.sort_unstable();
    assert_eq!(retried, jobs.iter().map(|job| job.id).collect::<Vec<_>>());
    let jobs = maya.settled(&jobs).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");

    let slow = ask(&maya, &research, &[slow_video(&world).await]).await;
    maya.staged_something().await;
    let waiting = ask(&maya, &research, &talks(&world, 1)).await;
    maya.app.pause_job(waiting[0].id).await.ok();
    maya.app.cancel_all_jobs().await.unwrap();
    reaches(&maya, &slow[0], JobState::Cancelled).await;
    let all = maya.app.jobs().await.unwrap();
    assert!(all.iter().all(|job| matches!(job.state, JobState::Done | JobState::Cancelled)), "{all:?}");
    while !maya.staged().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_disk_without_room_holds_the_queue_with_one_sentence_and_it_goes_on_by_itself() {
    let world = World::empty().await.with_disks(Disks::with_free(1_000));
    let (maya, research) = world.importer().await;
    let jobs = ask(&maya, &research, &talks(&world, 4)).await;
    world.sim.clear_requests();
    maya.app.start_worker();

    let full = full(&maya).await;
    assert_eq!(full.code, Code::DiskFull);
    assert!(full.params.contains_key("missing"), "{full:?}");
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Queued).await;
    assert!(jobs.iter().all(|job| job.error.is_none() && job.attempts == 0), "no error per import: {jobs:?}");
    assert_eq!(world.sim.count(Place::Storage), 0, "nothing was begun that would not fit");

    world.disks.set_free(1 << 40);
    let jobs = maya.settled(&jobs).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    assert_eq!(maya.app.queue_state().await.unwrap().full, None);
}

/// Waits until the queue says that a disk is full.
async fn full(maya: &Person) -> next_desktop::error::UserError {
    for _ in 0..400 {
        if let Some(full) = maya.app.queue_state().await.unwrap().full {
            return full;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never full: {:?}", maya.app.jobs().await);
}

#[tokio::test]
async fn what_does_not_fit_can_be_cancelled_and_the_others_go_on() {
    let world = World::empty().await.with_disks(Disks::with_free(160 << 20));
    let large = MeetingSpec::new("Large").file(FileSpec::video_of_size(90_000_000, 7)).days_ago(30);
    let large = world.sim.add_meeting(large).uuid;
    let (maya, research) = world.importer().await;
    let large = ask(&maya, &research, &[large]).await;
    let small = ask(&maya, &research, &talks(&world, 1)).await;
    maya.app.start_worker();
    full(&maya).await;

    maya.app.cancel_job(large[0].id).await.unwrap();

    reaches(&maya, &small[0], JobState::Done).await;
    assert_eq!(maya.app.queue_state().await.unwrap().full, None);
}

/// Needs the right to mount a file system: `cargo test -- --ignored a_disk_that_fills_up`.
#[tokio::test]
#[ignore = "mounts a small disk, which only root may"]
async fn a_disk_that_fills_up_in_the_middle_of_writing_holds_the_queue_and_nothing_is_lost() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let staged = maya.data().join("cache/staged");
    let mount = |arguments: &[&str]| {
        let done = std::process::Command::new("mount").args(arguments).arg(&staged).status().unwrap();
        assert!(done.success());
    };
    mount(&["-t", "tmpfs", "-o", "size=300m", "tmpfs"]);
    let spec = MeetingSpec::new("Large").file(FileSpec::video_of_size(140_000_000, 7));
    let uuid = world.sim.add_meeting(spec).uuid;
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 40_000_000 }));
    let jobs = ask(&maya, &research, &[uuid]).await;
    maya.app.start_worker();
    maya.staged_something().await;
    let other = staged.join("somebody-elses");
    std::fs::write(&other, vec![0; 250_000_000]).unwrap();

    let full = full(&maya).await;

    assert_eq!(full.code, Code::DiskFull);
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Queued).await;
    assert!(jobs[0].error.is_none() && jobs[0].attempts == 0, "{jobs:?}");
    std::fs::remove_file(other).unwrap();
    let done = maya.settled(&jobs).await;
    maya.app.close().await;
    assert!(std::process::Command::new("umount").arg(&staged).status().unwrap().success());
    assert_eq!(done[0].state, JobState::Done, "{done:?}");
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_strand_what_waits() {
    let world = World::empty().await.with_clock(Clock::manual(jiff::Timestamp::now()));
    let spec = MeetingSpec::new("Still at work").file(FileSpec::video("checkout").processing());
    let meeting = world.sim.add_meeting(spec);
    let (maya, research) = world.importer().await;
    let jobs = ask(&maya, &research, std::slice::from_ref(&meeting.uuid)).await;
    maya.app.start_worker();
    let waiting = reaches(&maya, &jobs[0], JobState::Waiting).await;
    assert_eq!(waiting.error.unwrap().code, Code::StillProcessing);

    assert!(world.sim.complete(&meeting.files[0]));
    world.clock.advance(SignedDuration::from_hours(-24 * 30));

    reaches(&maya, &jobs[0], JobState::Done).await;
}

#[tokio::test]
async fn a_clock_that_was_set_forward_has_each_waiting_import_tried_once() {
    let world = World::empty().await.with_clock(Clock::manual(jiff::Timestamp::now()));
    let at_work = |n| MeetingSpec::new("At work").file(FileSpec::video("checkout").processing()).days_ago(n);
    let uuids: Vec<String> = (0..5).map(|_| world.sim.add_meeting(at_work(0)).uuid).collect();
    let (maya, research) = world.importer().await;
    let jobs = ask(&maya, &research, &uuids).await;
    maya.app.start_worker();
    let before = maya.jobs_until(&jobs, |job| job.state == JobState::Waiting).await;
    world.sim.clear_requests();

    // Less than the day after which a video is no longer waited for.
    world.clock.advance(SignedDuration::from_hours(20));

    let later = |job: &Job| {
        let former = before.iter().find(|before| before.id == job.id).unwrap();
        job.state == JobState::Waiting && job.retry_at > former.retry_at
    };
    let jobs = maya.jobs_until(&jobs, later).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.sim.count(Place::MeetingRecordings), jobs.len(), "once each");
    let now = world.clock.now();
    let soon = |job: &Job| job.retry_at.unwrap().duration_since(now).as_mins() <= 60;
    assert!(jobs.iter().all(soon), "as for any that Zoom has been at for so long: {jobs:?}");
}

#[tokio::test]
async fn a_meeting_that_is_deleted_between_listing_and_download_is_said_and_not_asked_for_again() {
    let world = World::empty().await;
    let uuids = talks(&world, 1);
    let (maya, research) = world.importer().await;
    let day = |days: i64| {
        (jiff::Timestamp::now() - SignedDuration::from_hours(24 * days)).strftime("%F").to_string()
    };
    let listed = maya.app.cloud_recordings(day(7).parse().unwrap(), day(0).parse().unwrap()).await.unwrap();
    assert_eq!(listed.recordings.len(), 1);
    world.sim.remove_meeting(&uuids[0]);

    let jobs = maya.import(&research, &[&uuids[0]]).await;

    assert_eq!(jobs[0].state, JobState::Failed, "{jobs:?}");
    assert_eq!(jobs[0].error.as_ref().unwrap().code, Code::GoneAtZoom);
    assert_eq!(jobs[0].title, "Talk 1", "it is said which");
    world.sim.clear_requests();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.sim.requests(), []);
}

#[tokio::test]
async fn files_that_come_at_once_are_named_and_listed_in_zooms_order() {
    let world = World::empty().await;
    let mut spec = MeetingSpec::new("Many files").days_ago(1);
    for (size, offset) in [(400_000, 0), (300_000, 0), (350_000, 600), (310_000, 600)] {
        spec = spec.file(FileSpec::video_of_size(size, size).at(offset));
    }
    let meeting = world.sim.add_meeting(spec);
    let (maya, research) = world.importer().await;
    // The first comes last.
    let slow = FaultRule::always(Place::Storage, Fault::Latency { milliseconds: 400 });
    world.sim.fault(slow.on_file(&meeting.files[0]));

    let jobs = maya.import(&research, &[&meeting.uuid]).await;

    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    let files = maya.app.recordings(&research.id).await.unwrap().remove(0).recording.files;
    let digests: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    let expected: Vec<String> =
        meeting.files.iter().map(|key| world.sim.content(key).unwrap().sha256()).collect();
    assert_eq!(digests, expected);
    let names: Vec<&str> = files.iter().map(|file| file.key.split('/').next_back().unwrap()).collect();
    let distinct: std::collections::BTreeSet<&&str> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
}

#[tokio::test]
async fn when_zoom_asks_one_process_for_a_pause_the_other_holds_back_too() {
    let world = World::empty().await;
    let (window, _) = world.importer().await;
    let nextctl = world.another_start(&window).await;
    let pause = Fault::TooManyRequests { retry_after: RetryAfter::Seconds(1800) };
    world.sim.fault_once(Place::ListRecordings, pause);
    let day: jiff::civil::Date = "2026-03-01".parse().unwrap();
    let error = window.app.cloud_recordings(day, day).await.unwrap_err();
    assert_eq!(error.code, Code::RateLimited);

    world.sim.clear_requests();
    let error = nextctl.app.cloud_recordings(day, day).await.unwrap_err();

    assert_eq!(error.code, Code::RateLimited);
    assert_eq!(world.sim.requests(), [], "it did not ask");
    let window = window.reopen().await;
    let error = window.app.cloud_recordings(day, day).await.unwrap_err();
    assert_eq!(error.code, Code::RateLimited, "a restart does not forget it");
    assert_eq!(window.sign_in_state().await, SignInState::Connected);
}
