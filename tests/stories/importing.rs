//! Importing: what ends up in the teamspace, and what is said otherwise.

use next_desktop::import::JobState;
use next_desktop::recording::FileKind;
use zoom_sim::{FileSpec, MeetingSpec};

use super::harness::{World, files_below};

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
