//! Files from this computer: what is taken, with which transcript, and what is refused at once.

use std::path::PathBuf;

use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::recording::FileKind;

use super::harness::{Person, World, files_below, sample, sha256, strange_paths};

/// A file of a person's own, outside the data directory.
fn own(person: &Person, name: &str, bytes: &[u8]) -> PathBuf {
    let path = person.dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn a_video_with_its_transcript_is_imported_whole_and_the_original_stays() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let video = own(&maya, "Interview with Dana.mp4", &sample("sync.mp4"));
    let words = own(&maya, "Interview with Dana.vtt", &sample("sync.vtt"));

    let job = maya.app.import_file(&research.id, &video, Some(&words)).await.unwrap();
    maya.app.start_worker();
    let jobs = maya.settled(&[job]).await;

    assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);
    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    assert_eq!(recording.title, "Interview with Dana");
    assert!(recording.duration > 0, "its length is read from the video");
    let digests: Vec<&str> = recording.files.iter().map(|file| file.sha256.as_str()).collect();
    assert_eq!(digests, [sha256(&sample("sync.mp4")), sha256(&sample("sync.vtt"))]);
    let opened = maya.app.open_recording(&research.id, &recording.recording_id).await.unwrap();
    assert!(!opened.transcript[0].is_empty(), "its words are there");
    assert_eq!(std::fs::read(&video).unwrap(), sample("sync.mp4"));
    assert_eq!(strange_paths(&world.folder("research")), [] as [PathBuf; 0]);
    assert_eq!(maya.staged(), [] as [PathBuf; 0]);
}

#[tokio::test]
async fn an_audio_file_without_a_transcript_is_a_recording_too() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let audio = own(&maya, "memo.m4a", &sample("checkout.m4a"));

    let job = maya.app.import_file(&research.id, &audio, None).await.unwrap();
    maya.app.start_worker();
    maya.settled(&[job]).await;

    let recording = maya.app.recordings(&research.id).await.unwrap().remove(0).recording;
    assert_eq!(recording.files.len(), 1);
    assert_eq!(
        (recording.files[0].kind, recording.files[0].media_type.as_str()),
        (FileKind::Audio, "audio/mp4")
    );
}

#[tokio::test]
async fn the_same_file_twice_is_one_recording_under_whatever_name() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let first = own(&maya, "interview.mp4", &sample("sync.mp4"));
    let second = own(&maya, "copy of interview.mp4", &sample("sync.mp4"));
    maya.app.start_worker();
    for path in [&first, &second, &first] {
        let job = maya.app.import_file(&research.id, path, None).await.unwrap();
        let jobs = maya.settled(&[job]).await;
        assert_eq!(jobs[0].state, JobState::Done, "{:?}", jobs[0].error);
    }

    assert_eq!(maya.app.recordings(&research.id).await.unwrap().len(), 1);
    let stored = files_below(&world.folder("research"));
    let videos = stored.iter().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "mp4"));
    assert_eq!(videos.count(), 1, "it is stored once");
    assert_eq!(maya.staged(), [] as [PathBuf; 0]);
}

#[tokio::test]
async fn what_is_no_recording_is_refused_at_once_whatever_its_name() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let letter = own(&maya, "interview.mp4", b"Dear Dana, the video is not ready yet. Yours, Maya");
    let empty = own(&maya, "empty.mp4", b"");
    let missing = maya.dir.path().join("gone.mp4");
    for (path, code) in [
        (letter, Code::FileRefused),
        (empty, Code::FileRefused),
        (maya.dir.path().to_owned(), Code::FileRefused),
        (missing, Code::NotFound),
        ("relative.mp4".into(), Code::Usage),
    ] {
        let error = maya.app.import_file(&research.id, &path, None).await.unwrap_err();
        assert_eq!(error.code, code, "{path:?}: {error}");
    }
    assert_eq!(maya.app.jobs().await.unwrap(), [], "nothing is asked for");
}

#[tokio::test]
async fn a_transcript_that_is_none_is_refused_and_the_video_is_not_imported_without_it() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let video = own(&maya, "interview.mp4", &sample("sync.mp4"));
    for words in [
        own(&maya, "letter.vtt", b"Dear Dana, here is what you said."),
        own(&maya, "page.vtt", b"<html><body>Sign in</body></html>"),
        own(&maya, "video.vtt", &sample("sync.mp4")),
    ] {
        let error = maya.app.import_file(&research.id, &video, Some(&words)).await.unwrap_err();
        assert_eq!(error.code, Code::FileRefused, "{words:?}");
        assert!(error.message.contains("transcript"), "{error}");
    }
    assert_eq!(maya.app.jobs().await.unwrap(), []);
}

#[tokio::test]
async fn a_file_that_is_moved_before_its_turn_is_said_and_found_again() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let video = own(&maya, "interview.mp4", &sample("sync.mp4"));
    let job = maya.app.import_file(&research.id, &video, None).await.unwrap();
    let elsewhere = maya.dir.path().join("elsewhere.mp4");
    std::fs::rename(&video, &elsewhere).unwrap();
    maya.app.start_worker();
    let failed = maya.settled(&[job]).await;
    assert_eq!(failed[0].error.as_ref().unwrap().code, Code::NotFound);
    std::fs::rename(&elsewhere, &video).unwrap();

    maya.app.retry_job(failed[0].id).await.unwrap();

    assert_eq!(maya.settled(&failed).await[0].state, JobState::Done);
}
