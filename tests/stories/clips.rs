//! Highlights as clips, cut by the real ffmpeg.

use std::path::{Path, PathBuf};
use std::process::Command;

use next_desktop::app::{App, ClipWish, HighlightDraft, HighlightRef};
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::profile::{PhotoChange, ProfileDraft};
use next_desktop::recording::RecordingId;
use next_desktop::settings::Environment;
use next_desktop::teamspace::TeamspaceInfo;
use serde_json::Value;
use tempfile::TempDir;
use zoom_sim::{FileSpec, MeetingSpec};

use super::buckets::draft;
use super::harness::{MAYA, Person, World, files_below};
use super::nextctl::Machine;

/// Somebody on whose machine programs are found.
async fn maya_with_programs(world: &World) -> Person {
    let environment = Environment { path: std::env::var_os("PATH"), ..world.environment() };
    let maya = world.newcomer_with(environment).await.unwrap();
    let profile =
        ProfileDraft { name: "Maya Lindqvist".to_owned(), email: MAYA.to_owned(), photo: PhotoChange::Keep };
    maya.app.save_profile(profile).await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();
    maya
}

/// Imports a meeting into the shared folder.
async fn imported(world: &World, maya: &Person, meeting: MeetingSpec) -> (TeamspaceInfo, RecordingId) {
    let uuid = world.sim.add_meeting(meeting.days_ago(2)).uuid;
    let research = maya.add_teamspace("Research", &world.folder("research")).await.unwrap();
    maya.import(&research, &[&uuid]).await;
    (research, RecordingId::of_zoom_meeting(&uuid))
}

async fn mark(app: &App, teamspace: &str, id: &RecordingId, from: u64, to: u64, note: &str) -> HighlightRef {
    let draft = HighlightDraft { from, to, note: note.to_owned(), tags: Vec::new() };
    let made = app.add_highlight(teamspace, id, draft).await.unwrap();
    HighlightRef { teamspace: teamspace.to_owned(), recording_id: id.clone(), id: made.id }
}

fn wish(highlights: Vec<HighlightRef>, folder: &Path) -> ClipWish {
    ClipWish { highlights, folder: folder.to_str().unwrap().to_owned() }
}

/// What ffprobe says of a file: its length in seconds and its kinds of streams.
fn probed(file: &Path) -> (f64, Vec<String>) {
    let said = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_entries", "format=duration:stream=codec_name"])
        .arg(file)
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    let streams = said["streams"].as_array().unwrap().iter();
    let streams = streams.map(|stream| stream["codec_name"].as_str().unwrap().to_owned());
    (said["format"]["duration"].as_str().unwrap().parse().unwrap(), streams.collect())
}

fn about(length: f64, wanted: f64) -> bool {
    (length - wanted).abs() < 0.15
}

fn names(folder: &Path) -> Vec<String> {
    let name = |(path, _): (PathBuf, Vec<u8>)| path.file_name().unwrap().to_str().unwrap().to_owned();
    files_below(folder).into_iter().map(name).collect()
}

#[tokio::test]
async fn a_clip_is_as_long_as_the_highlight_and_named_after_it() {
    let world = World::empty().await;
    let maya = maya_with_programs(&world).await;
    assert_eq!(maya.app.clip_trouble().await.unwrap(), None);
    let (research, id) = imported(&world, &maya, MeetingSpec::talk("Interview: Dana", "checkout")).await;
    let lamp = mark(&maya.app, &research.id, &id, 6_650, 11_900, "The lamp/had a dent\nsecond line").await;
    let plain = mark(&maya.app, &research.id, &id, 1_000, 3_500, "").await;
    let out = TempDir::new().unwrap();
    let mut events = maya.app.events().subscribe();

    let report = maya.app.export_clips(wish(vec![lamp.clone(), plain], out.path())).await.unwrap();

    assert_eq!(report.failed, []);
    let [first, second] = report.saved.try_into().unwrap();
    let (length, streams) = probed(Path::new(&first.file));
    assert!(about(length, 5.25), "{length}");
    assert_eq!(streams, ["h264", "aac"]);
    assert!(about(probed(Path::new(&second.file)).0, 2.5));
    assert!(first.file.ends_with(" Interview- Dana 0.06-0.11 The lamp-had a dent.mp4"), "{}", first.file);
    assert!(second.file.ends_with(" Interview- Dana 0.01-0.03.mp4"), "{}", second.file);
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::ClipProgress { done, total, cut, length } = event {
            assert!(
                done <= total && cut <= length && (total, length) == (2, 7_750),
                "{done} {total} {cut} {length}"
            );
            told.push(cut);
        }
    }
    assert!(told.is_sorted() && told.last() == Some(&7_750), "{told:?}");

    // Again: what stands there stays.
    let before = files_below(out.path());
    maya.app.export_clips(wish(vec![lamp], out.path())).await.unwrap();
    assert!(before.iter().all(|file| files_below(out.path()).contains(file)));
    assert!(names(out.path()).iter().any(|name| name.ends_with("dent (2).mp4")), "{:?}", names(out.path()));
    maya.app.show_exported(&first.file).await.unwrap();
    assert_eq!(files_below(&maya.data().join("cache/clips")), [], "nothing is left in the cache");
}

#[tokio::test]
async fn a_highlight_over_two_parts_is_one_clip_and_one_behind_the_end_is_none() {
    let world = World::empty().await;
    let maya = maya_with_programs(&world).await;
    let parts = MeetingSpec::talk("Two parts", "checkout")
        .file(FileSpec::video("sync").at(600))
        .file(FileSpec::transcript("sync").at(600));
    let (research, id) = imported(&world, &maya, parts).await;
    let opened = maya.app.open_recording(&research.id, &id).await.unwrap();
    let videos: Vec<_> = opened.recording.files.iter().filter(|file| file.segment == 1).collect();
    assert!(!videos.is_empty(), "{:?}", opened.recording.files);
    let folder = world.folder("research").join(format!("recordings/{}/{id}", id.shard()));
    let first =
        opened.recording.files.iter().find(|file| file.segment == 0 && file.media_type == "video/mp4");
    let edge = (probed(&folder.join(&first.unwrap().key)).0 * 1_000.0) as u64;
    let over = mark(&maya.app, &research.id, &id, edge - 2_000, edge + 3_000, "over the edge").await;
    let beyond = mark(&maya.app, &research.id, &id, edge * 3, edge * 3 + 1_000, "nowhere").await;
    let out = TempDir::new().unwrap();
    let report = maya.app.export_clips(wish(vec![over, beyond.clone()], out.path())).await.unwrap();
    let (length, streams) = probed(Path::new(&report.saved[0].file));
    assert!(about(length, 5.0), "{length}");
    assert_eq!(streams, ["h264", "aac"]);
    let failed = &report.failed[0];
    assert_eq!((&failed.highlight, failed.error.code), (&beyond, Code::NotFound));
    assert_eq!(names(out.path()).len(), 1, "of what failed nothing is there");
}

#[tokio::test]
async fn sound_without_a_picture_becomes_a_sound_file() {
    let world = World::empty().await;
    let maya = maya_with_programs(&world).await;
    let phone = MeetingSpec::new("By phone").file(FileSpec::audio("checkout"));
    let (research, id) = imported(&world, &maya, phone).await;
    let one = mark(&maya.app, &research.id, &id, 2_000, 5_000, "").await;
    let out = TempDir::new().unwrap();
    let report = maya.app.export_clips(wish(vec![one], out.path())).await.unwrap();
    assert_eq!(report.failed, []);
    let file = Path::new(&report.saved[0].file);
    assert_eq!(file.extension().unwrap(), "m4a");
    let (length, streams) = probed(file);
    assert!(about(length, 3.0) && streams == ["aac"], "{length} {streams:?}");
}

#[tokio::test]
async fn what_is_in_a_bucket_is_cut_without_being_kept_here_first() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let maya = maya_with_programs(&world).await;
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(2)).uuid;
    let research = maya.add_bucket("Research", draft).await.unwrap();
    maya.import(&research, &[&uuid]).await;
    let id = RecordingId::of_zoom_meeting(&uuid);
    let one = mark(&maya.app, &research.id, &id, 3_000, 7_000, "").await;
    let out = TempDir::new().unwrap();
    maya.app.free_up_space().await.unwrap();
    let report = maya.app.export_clips(wish(vec![one.clone()], out.path())).await.unwrap();
    assert_eq!(report.failed, []);
    assert!(about(probed(Path::new(&report.saved[0].file)).0, 4.0));
    drop(proxy);
}

#[tokio::test]
async fn without_ffmpeg_it_is_said_before_anything_is_done() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    maya.import(&research, &[&uuid]).await;
    let id = RecordingId::of_zoom_meeting(&uuid);
    let one = mark(&maya.app, &research.id, &id, 1_000, 2_000, "").await;
    let out = TempDir::new().unwrap();
    let error = maya.app.export_clips(wish(vec![one], &out.path().join("clips"))).await.unwrap_err();
    assert_eq!((error.code, error.params["program"].as_str()), (Code::ProgramMissing, "ffmpeg"));
    assert!(error.code.needs_person() && names(out.path()).is_empty());
    assert_eq!(maya.app.clip_trouble().await.unwrap(), Some(error));
    let checks = maya.app.doctor().await.unwrap();
    let clips = checks.iter().find(|check| check.name == "clips").unwrap();
    assert!(clips.ok && clips.action.as_ref().unwrap().contains("install"), "{clips:?}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_what_is_stopped_leaves_nothing() {
    let world = World::empty().await;
    let maya = maya_with_programs(&world).await;
    let (research, id) = imported(&world, &maya, MeetingSpec::talk("Interview", "checkout")).await;
    let out = TempDir::new().unwrap();
    let one = mark(&maya.app, &research.id, &id, 0, 40_000, "").await;
    let two = mark(&maya.app, &research.id, &id, 0, 30_000, "").await;
    for wrong in [
        wish(Vec::new(), out.path()),
        wish(vec![one.clone()], Path::new("relative")),
        wish(vec![one.clone()], &world.folder("research")),
    ] {
        assert_eq!(maya.app.export_clips(wrong.clone()).await.unwrap_err().code, Code::Usage, "{wrong:?}");
    }
    let mut events = maya.app.events().subscribe();
    let app = maya.app.clone();
    let stop = async {
        while let Ok(event) = events.recv().await {
            if matches!(event, Event::ClipProgress { .. }) {
                return app.stop_export().await.unwrap();
            }
        }
    };
    let (report, ()) = tokio::join!(maya.app.export_clips(wish(vec![one, two.clone()], out.path())), stop);
    let report = report.unwrap();
    let codes: Vec<_> = report.failed.iter().map(|failed| failed.error.code).collect();
    assert_eq!((report.saved, codes), (Vec::new(), vec![Code::Cancelled, Code::Cancelled]));
    assert_eq!(names(out.path()), [""; 0]);

    // A stored file that is none is said, and the others are saved.
    maya.app.remove_highlight(&research.id, &id, &two.id).await.unwrap();
    let report = maya.app.export_clips(wish(vec![two], out.path())).await.unwrap();
    assert_eq!(report.failed[0].error.code, Code::NotFound);
}

#[tokio::test]
async fn a_playlist_that_is_called_a_video_opens_nothing_else() {
    let world = World::empty().await;
    let maya = maya_with_programs(&world).await;
    let (research, id) = imported(&world, &maya, MeetingSpec::talk("Interview", "checkout")).await;
    let one = mark(&maya.app, &research.id, &id, 1_000, 2_000, "").await;
    let recording = maya.app.read_recording(&research.id, &id).await.unwrap();
    let video = recording.files.iter().find(|file| file.media_type == "video/mp4").unwrap();
    let stored = world.folder("research").join(format!("recordings/{}/{id}/{}", id.shard(), video.key));
    let real = world.folder("real.mp4");
    std::fs::rename(&stored, &real).unwrap();
    let playlist = format!("#EXTM3U\n#EXTINF:60,\nfile://{}\n#EXT-X-ENDLIST\n", real.display());
    std::fs::write(&stored, playlist).unwrap();
    let out = TempDir::new().unwrap();
    let report = maya.app.export_clips(wish(vec![one], out.path())).await.unwrap();
    assert_eq!((report.failed[0].error.code, names(out.path()).len()), (Code::FileDamaged, 0));
}

#[tokio::test]
async fn scripts_save_clips() {
    let (world, uuid) = World::with_talk("Interview").await;
    let mut nextctl = Machine::of(&world.sim);
    nextctl.set("PATH", std::env::var("PATH").unwrap().as_str());
    nextctl.connect_all(&world.sim).await;
    nextctl.run(&["import", "--teamspace", "Research", &uuid, "--wait"]).await;
    let id = RecordingId::of_zoom_meeting(&uuid).to_string();
    let mut made = Vec::new();
    for (from, to) in [("0:01", "0:03"), ("0:04", "0:05.5")] {
        let added = nextctl.json(&["highlights", "add", &id, "--from", from, "--to", to]).await;
        made.push(added["highlight"]["id"].as_str().unwrap().to_owned());
    }
    let saved = nextctl.json(&["highlights", "clip", &made[0], &made[1], "--to", "clips"]).await;
    let lengths: Vec<f64> = saved["saved"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clip| probed(Path::new(clip["file"].as_str().unwrap())).0)
        .collect();
    assert!(about(lengths[0], 2.0) && about(lengths[1], 1.5), "{lengths:?}");
    assert_eq!(names(&nextctl.path("clips")).len(), 2);
    let doctor = nextctl.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("highlights can be saved"), "{doctor:?}");
}
