//! Late files: what Zoom finishes after a recording was imported becomes part of it, exactly once, and of what
//! never comes the looks end.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use next_desktop::account::SignInState;
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::import::{Job, JobState};
use next_desktop::recording::{FileKind, RecordingId};
use next_desktop::teamspace::{Location, Staged, Teamspace, TeamspaceInfo, new_attempt, new_nonce};
use zoom_sim::{Content, Fault, FaultRule, FileSpec, MeetingHandle, MeetingSpec, Place};

use super::harness::{MAYA, Person, World, files_below, sample, sha256};

/// A world with a clock in hand, and an hour-old meeting of which only the video is there.
async fn with_late(files: impl IntoIterator<Item = FileSpec>) -> (World, MeetingHandle) {
    let now = Timestamp::now();
    let world = World::empty().await.with_clock(Clock::manual(now));
    let spec = MeetingSpec::new("Interview").start(now - SignedDuration::from_hours(1));
    let spec = files.into_iter().fold(spec.file(FileSpec::video("checkout")), MeetingSpec::file);
    let meeting = world.sim.add_meeting(spec);
    (world, meeting)
}

async fn with_late_transcript() -> (World, MeetingHandle) {
    with_late([FileSpec::transcript("checkout").unlisted()]).await
}

/// Somebody who imported what there was.
async fn importer(world: &World, meeting: &MeetingHandle) -> (Person, TeamspaceInfo) {
    let (maya, research) = world.importer().await;
    let jobs = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    assert_eq!(kinds(&maya, &research).await, [FileKind::Video]);
    (maya, research)
}

async fn kinds(person: &Person, teamspace: &TeamspaceInfo) -> Vec<FileKind> {
    let recording = person.app.recordings(&teamspace.id).await.unwrap().remove(0).recording;
    recording.files.iter().map(|file| file.kind).collect()
}

/// Lets hours pass until a recording holds so many files.
async fn files_come(world: &World, person: &Person, teamspace: &TeamspaceInfo, files: usize) {
    for _ in 0..120 {
        if kinds(person, teamspace).await.len() >= files {
            return;
        }
        world.clock.advance(SignedDuration::from_mins(15));
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("they never came: {:?} {:?}", person.app.jobs().await, kinds(person, teamspace).await);
}

/// Lets time pass until a look for late files stands as wanted.
async fn look_stands(
    world: &World,
    person: &Person,
    teamspace: &TeamspaceInfo,
    meeting: &MeetingHandle,
    wanted: impl Fn(Option<&next_desktop::import::LateLook>) -> bool,
) {
    for _ in 0..120 {
        let opened = person.app.open_recording(&teamspace.id, &id(meeting)).await.unwrap();
        if wanted(opened.late.as_ref()) {
            return;
        }
        world.clock.advance(SignedDuration::from_hours(6));
        world.sim.advance(std::time::Duration::from_secs(6 * 3600));
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("never as wanted: {:?}", person.app.open_recording(&teamspace.id, &id(meeting)).await);
}

fn id(meeting: &MeetingHandle) -> RecordingId {
    RecordingId::of_zoom_meeting(&meeting.uuid)
}

async fn spoken(person: &Person, word: &str) -> usize {
    person.app.search(word, None).await.unwrap().hits.len()
}

/// Files of the shared folder with this content.
fn copies(world: &World, content: &[u8]) -> usize {
    files_below(&world.folder("research")).iter().filter(|(_, bytes)| bytes == content).count()
}

/// Addenda in the shared folder.
fn addenda(world: &World) -> Vec<PathBuf> {
    let paths = files_below(&world.folder("research")).into_iter().map(|(path, _)| path);
    paths.filter(|path| path.parent().is_some_and(|folder| folder.ends_with("addenda"))).collect()
}

/// Asks for a look now, and waits for its end.
async fn look_now(person: &Person, teamspace: &TeamspaceInfo, meeting: &MeetingHandle) -> Vec<Job> {
    let job = person.app.look_for_late_files(&teamspace.id, &id(meeting)).await.unwrap();
    person.settled(&[job]).await
}

#[tokio::test]
async fn a_transcript_that_zoom_finishes_hours_later_comes_by_itself_and_is_searchable() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    assert_eq!(spoken(&maya, "lamp").await, 0);
    let opened = maya.app.open_recording(&research.id, &id(&meeting)).await.unwrap();
    assert!(opened.late.unwrap().next_look.unwrap() > world.clock.now());

    world.sim.complete(&meeting.files[1]);
    files_come(&world, &maya, &research, 2).await;

    assert!(spoken(&maya, "lamp").await > 0);
    let opened = maya.app.open_recording(&research.id, &id(&meeting)).await.unwrap();
    assert!(!opened.transcript[0].is_empty());
    assert_eq!(addenda(&world).len(), 1);
    assert_eq!(world.sim.requests_at(Place::Storage).len(), 2, "the video is not fetched again");

    let jonas = world.person("Jonas Weber", super::harness::JONAS).await;
    let his = jonas.add_teamspace("Ours", &world.folder("research")).await.unwrap();
    jonas.app.refresh_teamspace(&his.id).await.unwrap();
    assert!(spoken(&jonas, "lamp").await > 0, "a colleague, who only has the folder, finds it too");
}

#[tokio::test]
async fn asking_for_the_import_again_looks_at_once_and_takes_nothing_twice() {
    let (world, meeting) =
        with_late([FileSpec::transcript("checkout").unlisted(), FileSpec::chat("checkout").unlisted()]).await;
    let (maya, research) = importer(&world, &meeting).await;
    for file in &meeting.files {
        world.sim.complete(file);
    }

    for _ in 0..3 {
        let jobs = maya.import(&research, &[&meeting.uuid]).await;
        assert_eq!((jobs[0].state, jobs[0].title.as_str()), (JobState::Done, "Interview"), "{jobs:?}");
        look_now(&maya, &research, &meeting).await;
    }

    assert_eq!(kinds(&maya, &research).await, [FileKind::Video, FileKind::Transcript, FileKind::Chat]);
    assert_eq!(copies(&world, &sample("checkout.vtt")), 1);
    assert_eq!(addenda(&world).len(), 2, "one for each");
    assert_eq!(world.sim.requests_at(Place::Storage).len(), 3);
}

#[tokio::test]
async fn two_machines_that_find_the_same_late_file_end_with_one() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    let other = world.second_machine(&maya).await;
    other.app.start_worker();
    world.sim.complete(&meeting.files[1]);
    // Slow enough that both have begun before one has ended.
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 4_000 }));

    let (one, two) =
        tokio::join!(look_now(&maya, &research, &meeting), look_now(&other, &research, &meeting));

    assert_eq!((one[0].state, two[0].state), (JobState::Done, JobState::Done), "{one:?} {two:?}");
    assert_eq!(addenda(&world).len(), 1);
    assert_eq!(copies(&world, &sample("checkout.vtt")), 1, "the slower one removed what it had put");
    for person in [&maya, &other] {
        person.app.refresh_teamspace(&research.id).await.unwrap();
        assert_eq!(kinds(person, &research).await, [FileKind::Video, FileKind::Transcript]);
    }
}

#[tokio::test]
async fn a_crash_while_a_late_file_comes_costs_nothing() {
    let video = FileSpec::video_of_size(2_000_000, 7).unlisted();
    let (world, meeting) = with_late([video]).await;
    let (maya, research) = importer(&world, &meeting).await;
    world.sim.complete(&meeting.files[1]);
    world.sim.fault(FaultRule::always(Place::Storage, Fault::Throttle { bytes_per_second: 200_000 }));
    let job = maya.app.look_for_late_files(&research.id, &id(&meeting)).await.unwrap();
    maya.staged_something().await;

    let maya = maya.try_reopen().await.unwrap();
    world.sim.clear_faults();
    maya.app.start_worker();

    let jobs = maya.settled(&[job]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    let late = world.sim.content(&meeting.files[1]).unwrap().sha256();
    assert_eq!(recording.files.iter().filter(|file| file.sha256 == late).count(), 1);
    assert_eq!(addenda(&world).len(), 1);
    assert!(maya.staged().is_empty());
}

/// What a machine did to a late file before it crashed for good.
async fn dead_machine(world: &World, meeting: &MeetingHandle, addendum: bool) {
    let location = Location::folder(world.folder("research"));
    let teamspace = Teamspace::open(&location, None).await.unwrap();
    let (id, content) = (id(meeting), sample("checkout.vtt"));
    let first = teamspace.manifest(&id).await.unwrap().unwrap();
    let (attempt, sha256) = (new_attempt(), sha256(&content));
    let path = world.folder("staged.part");
    std::fs::write(&path, &content).unwrap();
    let staged = Staged { path: &path, size: content.len() as u64, sha256: &sha256 };
    let key = teamspace.put_file(&id, &attempt, "transcript-0.vtt", staged).await.unwrap();
    if addendum {
        let mut late = next_desktop::teamspace::Manifest { attempt, nonce: new_nonce(), ..first };
        let file = &mut late.files[0];
        (file.key, file.kind) = (key, FileKind::Transcript);
        (file.size, file.sha256) = (content.len() as u64, sha256);
        (file.media_type, file.source_file_id) = ("text/vtt".to_owned(), Some(meeting.files[1].clone()));
        teamspace.publish_addendum(&meeting.files[1], &late).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_without_its_addendum_is_nothing_and_the_late_file_comes_all_the_same() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    world.sim.complete(&meeting.files[1]);
    dead_machine(&world, &meeting, false).await;

    look_now(&maya, &research, &meeting).await;

    assert_eq!(kinds(&maya, &research).await, [FileKind::Video, FileKind::Transcript]);
    assert_eq!(addenda(&world).len(), 1);
}

#[tokio::test]
async fn an_addendum_that_the_log_never_heard_of_is_told_and_not_made_again() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    world.sim.complete(&meeting.files[1]);
    dead_machine(&world, &meeting, true).await;
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(kinds(&maya, &research).await, [FileKind::Video], "nobody knows it yet");

    look_now(&maya, &research, &meeting).await;

    assert_eq!(kinds(&maya, &research).await, [FileKind::Video, FileKind::Transcript]);
    assert!(spoken(&maya, "lamp").await > 0);
    assert_eq!(copies(&world, &sample("checkout.vtt")), 1);
    assert_eq!(world.sim.requests_at(Place::Storage).len(), 1, "it is there: nothing is fetched");
}

#[tokio::test]
async fn a_recording_that_gets_no_transcript_is_not_looked_at_for_ever() {
    let (world, meeting) = with_late([]).await;
    let (maya, research) = importer(&world, &meeting).await;

    look_stands(&world, &maya, &research, &meeting, |late| late.is_none()).await;

    let error = maya.app.look_for_late_files(&research.id, &id(&meeting)).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    world.sim.clear_requests();
    world.clock.advance(SignedDuration::from_hours(24 * 30));
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(world.sim.count(Place::MeetingRecordings), 0, "nothing more is asked");
    assert_eq!(maya.app.jobs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_video_that_comes_after_the_sound_is_added_to_it() {
    let now = Timestamp::now();
    let world = World::empty().await.with_clock(Clock::manual(now));
    let meeting = world.sim.add_meeting(
        MeetingSpec::new("Interview")
            .start(now - SignedDuration::from_hours(1))
            .file(FileSpec::audio("checkout"))
            .file(FileSpec::video("checkout").unlisted()),
    );
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(kinds(&maya, &research).await, [FileKind::Audio]);

    world.sim.complete(&meeting.files[1]);
    files_come(&world, &maya, &research, 2).await;

    assert_eq!(kinds(&maya, &research).await, [FileKind::Video, FileKind::Audio]);
}

#[tokio::test]
async fn a_file_that_zoom_lists_as_processing_is_said_to_be_and_comes() {
    let (world, meeting) = with_late([FileSpec::transcript("checkout")
        .processing()
        .with("file_type", "TRANSCRIPT")
        .with("recording_type", "audio_transcript")])
    .await;
    let (maya, research) = importer(&world, &meeting).await;
    let opened = maya.app.open_recording(&research.id, &id(&meeting)).await.unwrap();
    assert!(opened.late.unwrap().processing);

    world.sim.complete(&meeting.files[1]);
    files_come(&world, &maya, &research, 2).await;

    let opened = maya.app.open_recording(&research.id, &id(&meeting)).await.unwrap();
    assert!(!opened.late.unwrap().processing, "and something else may still come");
}

#[tokio::test]
async fn a_recording_deleted_at_zoom_meanwhile_stays_and_its_looks_end_with_a_word_about_it() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    world.sim.remove_meeting(&meeting.uuid);

    let ended = |late: Option<&next_desktop::import::LateLook>| {
        late.is_some_and(|late| late.next_look.is_none() && late.why.is_some())
    };
    look_stands(&world, &maya, &research, &meeting, ended).await;

    let late = maya.app.open_recording(&research.id, &id(&meeting)).await.unwrap().late.unwrap();
    assert_eq!(late.why.unwrap().code, Code::GoneAtZoom);
    let jobs = maya.app.jobs().await.unwrap();
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "no import failed: {jobs:?}");
    let jobs = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "it is imported, whatever became of it at Zoom: {jobs:?}");
    assert_eq!(kinds(&maya, &research).await, [FileKind::Video]);
}

#[tokio::test]
async fn a_file_that_zoom_made_anew_does_not_replace_what_is_there() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    world.sim.complete(&meeting.files[1]);
    look_now(&maya, &research, &meeting).await;
    let before = files_below(&world.folder("research"));
    world.sim.replace_content(&meeting.files[1], Content::Sample("sync.vtt".to_owned()));

    look_now(&maya, &research, &meeting).await;

    assert_eq!(files_below(&world.folder("research")), before);
}

#[tokio::test]
async fn looks_stop_with_the_sign_in_and_go_on_after_the_next() {
    let (world, meeting) = with_late_transcript().await;
    let (maya, research) = importer(&world, &meeting).await;
    world.sim.revoke_tokens(MAYA);
    world.sim.complete(&meeting.files[1]);
    for _ in 0..100 {
        if maya.sign_in_state().await == SignInState::NeedsReauthorization {
            break;
        }
        world.clock.advance(SignedDuration::from_mins(30));
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    world.sim.clear_requests();
    world.clock.advance(SignedDuration::from_hours(1));
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(world.sim.requests(), [], "nothing is asked of Zoom without a sign-in");
    assert_eq!(kinds(&maya, &research).await, [FileKind::Video]);

    maya.connect(&world.sim, MAYA).await.unwrap();
    files_come(&world, &maya, &research, 2).await;

    assert_eq!(kinds(&maya, &research).await, [FileKind::Video, FileKind::Transcript]);
}
