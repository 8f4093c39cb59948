//! Importing: what ends up in the teamspace, and what is said otherwise.

use next_desktop::error::Code;
use next_desktop::import::{Job, JobState};
use next_desktop::recording::FileKind;
use next_desktop::settings::Settings;
use zoom_sim::{FileSpec, MeetingSpec, Progress, Shape};

use super::harness::{JONAS, Person, World, files_below, sample, sha256, strange_paths};

#[tokio::test]
async fn a_recording_is_imported_whole_listed_and_played() {
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(MeetingSpec::talk("Interview with Dana", "checkout").days_ago(2));
    let (maya, research) = world.importer().await;

    let jobs = maya.import(&research, &[&meeting.uuid]).await;

    assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);
    let recordings = maya.app.recordings(&research.id).await.unwrap();
    assert_eq!(recordings.len(), 1);
    let recording = &recordings[0].recording;
    assert_eq!(recording.title, "Interview with Dana");
    assert_eq!(recording.imported_by, "Maya Lindqvist");
    let video = recording.files.iter().find(|file| file.kind == FileKind::Video).unwrap();
    let content =
        meeting.files.iter().filter_map(|key| world.sim.content(key)).find(|c| c.len() == video.size);
    assert_eq!(video.sha256, content.unwrap().sha256());

    let opened = maya.app.open_recording(&research.id, &recording.recording_id).await.unwrap();
    assert!(!opened.transcript[0].is_empty(), "its transcript is there");
    let url = &opened.urls[recording.files.iter().position(|file| file == video).unwrap()];
    let answer = reqwest::Client::new().get(url).header("range", "bytes=0-99").send().await.unwrap();
    assert_eq!(answer.status(), 206);
    assert_eq!(answer.bytes().await.unwrap().len(), 100);
}

#[tokio::test]
async fn asking_twice_is_asking_once() {
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(MeetingSpec::talk("Weekly", "sync"));
    let (maya, research) = world.importer().await;

    let first = maya.import(&research, &[&meeting.uuid]).await;
    let manifests = files_below(&world.folder("research"));
    let again = maya.import(&research, &[&meeting.uuid, &meeting.uuid]).await;

    assert_eq!(first[0].id, again[0].id);
    assert_eq!(again[0].state, JobState::Done);
    assert_eq!(files_below(&world.folder("research")), manifests, "nothing was written again");
}

#[tokio::test]
async fn segments_with_the_same_name_do_not_overwrite_each_other() {
    let world = World::empty().await;
    let meeting = world.sim.add_meeting(
        MeetingSpec::new("In two parts")
            .file(FileSpec::video("checkout"))
            .file(FileSpec::video("signup").at(600)),
    );
    let (maya, research) = world.importer().await;

    maya.import(&research, &[&meeting.uuid]).await;

    let recordings = maya.app.recordings(&research.id).await.unwrap();
    let segments: Vec<u32> = recordings[0].recording.files.iter().map(|file| file.segment).collect();
    assert_eq!(segments, [0, 1]);
    let digests: Vec<&String> = recordings[0].recording.files.iter().map(|file| &file.sha256).collect();
    assert_ne!(digests[0], digests[1]);
}

/// How an import should end.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Imported,
    Waiting(Code),
    Failed(Code),
}

fn end_of(job: &Job) -> End {
    let code = || job.error.as_ref().map_or(Code::Unexpected, |error| error.code);
    match job.state {
        JobState::Done => End::Imported,
        JobState::Waiting => End::Waiting(code()),
        _ => End::Failed(code()),
    }
}

/// How each odd shape should end, and why.
fn wanted(shape: Shape) -> (End, &'static str) {
    match shape {
        Shape::Processing => (End::Waiting(Code::StillProcessing), "every file is still processing"),
        Shape::WithoutFiles | Shape::NoFiles => {
            (End::Waiting(Code::StillProcessing), "nothing is listed of it, which processing looks like")
        }
        Shape::Forbidden => (End::Failed(Code::ZoomRefused), "a 200 can say that there is no permission"),
        Shape::Trashed => (End::Failed(Code::GoneAtZoom), "what is in the trash cannot be fetched"),
        Shape::OnPremises => (End::Failed(Code::ZoomRefused), "it is on the organisation's own server"),
        _ => (End::Imported, "Zoom has finished it"),
    }
}

#[tokio::test]
async fn every_odd_shape_ends_as_it_should_and_what_is_imported_is_whole() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let mut meetings = Vec::new();
    for shape in Shape::ALL {
        let specs = shape.specs(world.sim.now());
        for (spec, handle) in specs.into_iter().zip(world.sim.add_shape(shape)) {
            meetings.push((shape, spec, handle));
        }
    }
    let uuids: Vec<&str> = meetings.iter().map(|(_, _, handle)| handle.uuid.as_str()).collect();

    let jobs = maya.import(&research, &uuids).await;

    let recordings = maya.app.recordings(&research.id).await.unwrap();
    for (shape, spec, handle) in &meetings {
        let job = jobs.iter().find(|job| job.uuid.as_ref() == Some(&handle.uuid)).unwrap();
        let (end, why) = wanted(*shape);
        assert_eq!(end_of(job), end, "{shape:?}, because {why}: {:?}", job.error);
        let found =
            recordings.iter().find(|item| Some(&item.recording.recording_id) == job.recording_id.as_ref());
        if end != End::Imported {
            assert!(found.is_none(), "{shape:?} is not imported");
            continue;
        }
        let recording = &found.unwrap_or_else(|| panic!("{shape:?} is listed")).recording;
        let listed =
            spec.files.iter().zip(&handle.files).filter(|(file, _)| file.progress == Progress::Completed);
        let mut at_zoom: Vec<String> =
            listed.map(|(_, key)| world.sim.content(key).unwrap().sha256()).collect();
        let mut here: Vec<String> = recording.files.iter().map(|file| file.sha256.clone()).collect();
        at_zoom.sort();
        here.sort();
        assert_eq!(here, at_zoom, "{shape:?}: as many files as at Zoom, with the same bytes");
    }
    let stored: Vec<String> =
        files_below(&world.folder("research")).iter().map(|(_, bytes)| sha256(bytes)).collect();
    for file in recordings.iter().flat_map(|item| &item.recording.files) {
        assert!(stored.contains(&file.sha256), "{} has the bytes that its manifest names", file.key);
    }
    assert_eq!(strange_paths(&world.folder("research")), [] as [std::path::PathBuf; 0]);
    assert_eq!(files_below(maya.dir.path()).iter().filter(|(p, _)| p.ends_with("passwd")).count(), 0);
}

async fn title_of(shape: Shape) -> String {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let meeting = world.sim.add_shape(shape).remove(0);
    maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(strange_paths(&world.folder("research")), [] as [std::path::PathBuf; 0]);
    maya.app.recordings(&research.id).await.unwrap().remove(0).recording.title
}

#[tokio::test]
async fn a_topic_stays_text_whatever_it_looks_like() {
    assert_eq!(title_of(Shape::TopicAsPath).await, "../../../etc/passwd");
    assert_eq!(title_of(Shape::TopicWithEmoji).await, "Retro 🎉 👩‍👩‍👧‍👦 🇸🇪 👍🏽");
    assert_eq!(title_of(Shape::TopicWithHtml).await, "<img src=x onerror=alert(1)><b>Sync</b> &amp; more");
    assert_eq!(title_of(Shape::TopicVeryLong).await.chars().count(), 300);
    assert!(!title_of(Shape::TopicRightToLeft).await.contains(char::is_control), "one line of text");
    assert!(!title_of(Shape::TopicEmpty).await.is_empty(), "something to call it by");
}

async fn kinds(maya: &Person, teamspace: &str) -> Vec<FileKind> {
    let recording = maya.app.recordings(teamspace).await.unwrap().remove(0).recording;
    recording.files.iter().map(|file| file.kind).collect()
}

#[tokio::test]
async fn participants_separate_audio_stays_at_zoom_unless_it_is_wanted() {
    for wanted in [false, true] {
        let world = World::empty().await;
        let (maya, research) = world.importer().await;
        let settings = Settings { participant_audio: wanted, ..maya.app.settings().await.unwrap() };
        maya.app.save_settings(settings).await.unwrap();
        let meeting = world.sim.add_shape(Shape::ParticipantAudio).remove(0);

        maya.import(&research, &[&meeting.uuid]).await;

        let audio = kinds(&maya, &research.id).await.iter().filter(|kind| **kind == FileKind::Audio).count();
        assert_eq!(audio, if wanted { 2 } else { 0 });
    }
}

#[tokio::test]
async fn what_zoom_still_processes_is_imported_when_it_is_finished_and_asked_for_again() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let meeting = world.sim.add_shape(Shape::Processing).remove(0);
    let waiting = maya.import(&research, &[&meeting.uuid]).await;
    assert_eq!(end_of(&waiting[0]), End::Waiting(Code::StillProcessing));
    assert!(waiting[0].retry_at.is_some(), "it is looked at again by itself");
    for file in &meeting.files {
        world.sim.complete(file);
    }

    let jobs = maya.import(&research, &[&meeting.uuid]).await;

    assert_eq!((jobs[0].id, end_of(&jobs[0])), (waiting[0].id, End::Imported), "{:?}", jobs[0].error);
}

#[tokio::test]
async fn a_failed_import_is_tried_again_when_it_is_asked_for_again() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    world.sim.change_meeting(&uuid, |meeting| meeting.forbidden = true);
    let failed = maya.import(&research, &[&uuid]).await;
    assert_eq!(end_of(&failed[0]), End::Failed(Code::ZoomRefused));
    world.sim.change_meeting(&uuid, |meeting| meeting.forbidden = false);

    maya.app.retry_job(failed[0].id).await.unwrap();

    let jobs = maya.settled(&failed).await;
    assert_eq!(end_of(&jobs[0]), End::Imported, "{:?}", jobs[0].error);
}

#[tokio::test]
async fn two_who_import_the_same_at_once_import_it_once() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("", &world.folder("research")).await.unwrap_err();
    let his = jonas.add_teamspace("Ours", &world.folder("research")).await.unwrap();
    let clip =
        world.sim.content(&world.sim.add_meeting(MeetingSpec::talk("x", "checkout")).files[0]).unwrap();
    let mine = maya.dir.path().join("interview.mp4");
    std::fs::write(&mine, sample("checkout.mp4")).unwrap();
    assert_eq!(sha256(&std::fs::read(&mine).unwrap()), clip.sha256());

    let hers = maya.app.import_file(&research.id, &mine, None).await.unwrap();
    let same = jonas.app.import_file(&his.id, &mine, None).await.unwrap();
    maya.app.start_worker();
    jonas.app.start_worker();

    assert_eq!(end_of(&maya.settled(&[hers]).await[0]), End::Imported);
    assert_eq!(end_of(&jonas.settled(&[same]).await[0]), End::Imported);
    let videos = files_below(&world.folder("research"));
    let videos = videos.iter().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "mp4"));
    assert_eq!(videos.count(), 1, "the slower one removed what it had put");
    maya.import(&research, &[&uuid]).await;
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    jonas.app.refresh_teamspace(&his.id).await.unwrap();
    let ids = |items: Vec<next_desktop::app::StoredRecording>| -> Vec<_> {
        items.into_iter().map(|item| item.recording.recording_id).collect()
    };
    assert_eq!(
        ids(maya.app.recordings(&research.id).await.unwrap()),
        ids(jonas.app.recordings(&his.id).await.unwrap()),
        "both see the same library"
    );
}

#[tokio::test]
async fn recordings_imported_at_the_same_time_are_named_in_the_log_once_each() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let chat = |n| MeetingSpec::new(&format!("Chat {n}")).file(FileSpec::chat("checkout"));
    let uuids: Vec<String> = (0..24).map(|n| world.sim.add_meeting(chat(n)).uuid).collect();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();

    maya.import(&research, &uuids).await;

    let mut added: Vec<String> = Vec::new();
    for (_, bytes) in files_below(&world.folder("research/log")) {
        let entry: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let ops = entry["ops"].as_array().unwrap().iter().filter(|op| op["op"] == "add");
        added.extend(ops.map(|op| op["title"].as_str().unwrap().to_owned()));
    }
    added.sort();
    let mut wanted: Vec<String> = (0..24).map(|n| format!("Chat {n}")).collect();
    wanted.sort();
    assert_eq!(added, wanted);
}
