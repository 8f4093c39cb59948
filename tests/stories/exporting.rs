//! Exporting recordings: what is written where, and what is never left behind.

use std::path::{Path, PathBuf};

use next_desktop::app::{ExportPart, ExportReport, ExportWish};
use next_desktop::error::Code;
use next_desktop::import::Disks;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::TeamspaceInfo;
use next_desktop::transcript::Transcript;
use tempfile::TempDir;
use zoom_sim::{Content, FileSpec, MeetingSpec, Shape};

use super::buckets::draft;
use super::harness::{MAYA, Person, World, files_below, sample};
use super::nextctl::{Machine, set_writable};

const DOCUMENTS: [ExportPart; 3] = [ExportPart::Vtt, ExportPart::Text, ExportPart::Markdown];
const EVERYTHING: [ExportPart; 4] =
    [ExportPart::Video, ExportPart::Vtt, ExportPart::Text, ExportPart::Markdown];

/// Somebody who imported these meetings, with their recordings by title, and a folder to export to.
async fn with(world: &World, meetings: Vec<MeetingSpec>) -> (Person, TeamspaceInfo, TempDir) {
    let uuids: Vec<String> =
        meetings.into_iter().map(|meeting| world.sim.add_meeting(meeting.days_ago(2)).uuid).collect();
    let (maya, research) = world.importer().await;
    maya.import(&research, &uuids.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(maya.app.recordings(&research.id).await.unwrap().len(), uuids.len());
    (maya, research, TempDir::new().unwrap())
}

async fn id_of(maya: &Person, teamspace: &TeamspaceInfo, title: &str) -> RecordingId {
    let items = maya.app.recordings(&teamspace.id).await.unwrap();
    let found = items.into_iter().find(|item| item.recording.title == title);
    found.unwrap_or_else(|| panic!("no {title}")).recording.recording_id
}

fn wish(recordings: &[RecordingId], parts: &[ExportPart], folder: &Path) -> ExportWish {
    let folder = folder.to_str().unwrap().to_owned();
    ExportWish { recordings: recordings.to_vec(), parts: parts.to_vec(), folder }
}

/// Names below a folder, without the date that names begin with.
fn names(folder: &Path) -> Vec<String> {
    let name = |(path, _): (PathBuf, Vec<u8>)| {
        let below = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        assert!(below.get(..10).unwrap().parse::<jiff::civil::Date>().is_ok(), "a date first: {below}");
        below[11..].to_owned()
    };
    files_below(folder).into_iter().map(name).collect()
}

fn read(report: &ExportReport, ending: &str) -> String {
    let files = report.exported.iter().flat_map(|exported| &exported.files);
    let path = files.into_iter().find(|path| path.ends_with(ending)).unwrap_or_else(|| panic!("{report:?}"));
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn a_recording_is_exported_as_video_transcript_text_and_document() {
    let world = World::empty().await;
    let chapters = r#"[{"title": "The lamp", "start_time": "00:00:06.650"}]"#;
    let meeting = MeetingSpec::talk("Interview with Dana", "checkout")
        .file(FileSpec::chat("checkout"))
        .file(FileSpec::summary("checkout"))
        .file(
            FileSpec::summary("checkout")
                .recording_type("summary_smart_chapters")
                .content(Content::Text(chapters.to_owned())),
        );
    let (maya, research, out) = with(&world, vec![meeting]).await;
    let id = id_of(&maya, &research, "Interview with Dana").await;

    let report = maya
        .app
        .export_recordings(&research.id, wish(std::slice::from_ref(&id), &EVERYTHING, out.path()))
        .await
        .unwrap();

    assert_eq!((report.failed.len(), report.exported[0].missing.as_slice()), (0, &[] as &[ExportPart]));
    let wanted = ["md", "mp4", "txt", "vtt"].map(|ending| format!("Interview with Dana.{ending}"));
    assert_eq!(names(out.path()), wanted);
    let video = report.exported[0].files.iter().find(|path| path.ends_with(".mp4")).unwrap();
    assert_eq!(std::fs::read(video).unwrap(), sample("checkout.mp4"));
    let said = Transcript::parse(&sample("checkout.vtt"));
    assert_eq!(Transcript::parse(read(&report, ".vtt").as_bytes()).cues, said.cues);
    let text = read(&report, ".txt");
    assert!(text.contains("[0:06] Dana Okafor: Sure.\n"), "{text}");
    assert!(text.contains("[1:02] Dana Okafor (chat): This is the lamp I meant: https://"), "{text}");
    let document = read(&report, ".md");
    for words in [
        "# Interview with Dana\n",
        "- **Participants:** Maya Lindqvist, Dana Okafor\n",
        "## Summary\n\nDana describes buying a desk lamp.",
        "- Show the delivery cost in the basket\n",
        "- 0:06 **The lamp**\n",
        "**Dana Okafor**: Sure.",
    ] {
        assert!(document.contains(words), "{words}: {document}");
    }
    assert!(document.contains(&format!("next-desktop://recording/{}/{id}", research.id)), "{document}");

    let opened = maya.app.open_recording(&research.id, &id).await.unwrap();
    let summary = opened.summary.unwrap();
    assert_eq!((summary.chapters[0].title.as_str(), summary.chapters[0].start), ("The lamp", 6.65));
    assert_eq!(opened.chat[0][0].sender.as_deref(), Some("Dana Okafor"));
}

#[tokio::test]
async fn nothing_is_written_over_and_what_belongs_together_keeps_one_number() {
    let world = World::empty().await;
    let (maya, research, out) = with(&world, vec![MeetingSpec::talk("Interview", "checkout")]).await;
    let id = id_of(&maya, &research, "Interview").await;
    let once = [ExportPart::Vtt, ExportPart::Video];
    let export = |parts: Vec<ExportPart>| {
        maya.app.export_recordings(&research.id, wish(std::slice::from_ref(&id), &parts, out.path()))
    };
    let first = export(vec![ExportPart::Vtt]).await.unwrap();
    let mine = &first.exported[0].files[0];
    std::fs::write(mine, "my own words").unwrap();

    export(once.to_vec()).await.unwrap();
    export(vec![ExportPart::Files]).await.unwrap();
    export(vec![ExportPart::Files]).await.unwrap();

    assert_eq!(std::fs::read_to_string(mine).unwrap(), "my own words");
    let names = names(out.path());
    for name in
        ["Interview (2).mp4", "Interview (2).vtt", "Interview/Video.mp4", "Interview (2)/Transcript.vtt"]
    {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
    assert!(!names.iter().any(|name| name == "Interview.mp4"), "the number is for all: {names:?}");
}

#[tokio::test]
async fn several_segments_are_parts_that_belong_to_each_other() {
    let world = World::empty().await;
    let mut meeting = MeetingSpec::talk("Workshop", "checkout");
    for file in [FileSpec::video("sync"), FileSpec::transcript("sync")] {
        meeting = meeting.file(file.at(1_500));
    }
    let (maya, research, out) = with(&world, vec![meeting]).await;
    let id = id_of(&maya, &research, "Workshop").await;

    let report =
        maya.app.export_recordings(&research.id, wish(&[id], &EVERYTHING, out.path())).await.unwrap();

    let wanted =
        ["part 1.mp4", "part 1.vtt", "part 2.mp4", "part 2.vtt"].map(|name| format!("Workshop {name}"));
    assert_eq!(names(out.path())[..4], wanted);
    assert!(read(&report, ".txt").contains("\nPart 2\n"), "times count from the start of their part");
}

#[tokio::test]
async fn a_stored_file_that_is_not_what_was_imported_is_not_exported_and_the_others_are() {
    let world = World::empty().await;
    let titles = ["Whole", "Changed", "Cut", "Missing"];
    let talks = ["checkout", "sync", "signup", "pricing"];
    let meetings = titles.iter().zip(talks).map(|(title, talk)| MeetingSpec::talk(title, talk)).collect();
    let (maya, research, out) = with(&world, meetings).await;
    let stored = files_below(&world.folder("research"));
    let path =
        |talk: &str| &stored.iter().find(|(_, bytes)| *bytes == sample(&format!("{talk}.mp4"))).unwrap().0;
    let mut changed = sample("sync.mp4");
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(path("sync"), changed).unwrap();
    std::fs::write(path("signup"), &sample("signup.mp4")[..1_000]).unwrap();
    std::fs::remove_file(path("pricing")).unwrap();
    let mut ids = Vec::new();
    for title in titles {
        ids.push(id_of(&maya, &research, title).await);
    }

    let report = maya.app.export_recordings(&research.id, wish(&ids, &EVERYTHING, out.path())).await.unwrap();

    let exported: Vec<&str> = report.exported.iter().map(|exported| exported.title.as_str()).collect();
    assert_eq!(exported, ["Whole"]);
    let failed: Vec<(&str, Code)> =
        report.failed.iter().map(|failed| (failed.title.as_str(), failed.error.code)).collect();
    let damaged = Code::FileDamaged;
    assert_eq!(failed, [("Changed", damaged), ("Cut", damaged), ("Missing", damaged)]);
    assert!(names(out.path()).iter().all(|name| name.starts_with("Whole.")), "not even their texts");
}

#[tokio::test]
async fn a_disk_without_room_is_said_before_anything_is_written_and_ends_the_export() {
    let disks = Disks::with_free(u64::MAX / 2);
    let world = World::empty().await.with_disks(disks.clone());
    let (maya, research, out) =
        with(&world, vec![MeetingSpec::talk("One", "checkout"), MeetingSpec::talk("Two", "sync")]).await;
    let ids = [id_of(&maya, &research, "One").await, id_of(&maya, &research, "Two").await];
    disks.set_free(1_000);

    let report = maya.app.export_recordings(&research.id, wish(&ids, &EVERYTHING, out.path())).await.unwrap();

    let codes: Vec<Code> = report.failed.iter().map(|failed| failed.error.code).collect();
    assert_eq!((codes, report.exported), (vec![Code::DiskFull; 2], vec![]));
    assert_eq!(names(out.path()), [] as [&str; 0]);
}

#[tokio::test]
async fn a_place_that_is_none_is_said() {
    let world = World::empty().await;
    let (maya, research, out) = with(&world, vec![MeetingSpec::talk("One", "checkout")]).await;
    let ids = [id_of(&maya, &research, "One").await];
    std::fs::write(out.path().join("file"), "Dear Dana").unwrap();
    let export = |parts: &[ExportPart], folder: &Path| {
        maya.app.export_recordings(&research.id, wish(&ids, parts, folder))
    };

    let report = export(&EVERYTHING, &out.path().join("file")).await.unwrap();
    assert_eq!(report.failed[0].error.code, Code::NotFound, "a file is no folder");
    let inside = export(&EVERYTHING, &world.folder("research").join("recordings")).await.unwrap_err();
    assert_eq!((inside.code, inside.params["name"].as_str()), (Code::Usage, "Research"));
    for nothing in [export(&[], out.path()).await, export(&EVERYTHING, Path::new("relative")).await] {
        assert_eq!(nothing.unwrap_err().code, Code::Usage);
    }
    assert_eq!(std::fs::read_to_string(out.path().join("file")).unwrap(), "Dear Dana");
}

#[tokio::test]
async fn while_the_teamspace_is_away_texts_are_exported_and_the_video_is_said_to_be_away() {
    let world = World::empty().await;
    let (maya, research, out) = with(&world, vec![MeetingSpec::talk("Interview", "checkout")]).await;
    let ids = [id_of(&maya, &research, "Interview").await];
    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();

    let texts = maya.app.export_recordings(&research.id, wish(&ids, &DOCUMENTS, out.path())).await.unwrap();
    let all = maya.app.export_recordings(&research.id, wish(&ids, &EVERYTHING, out.path())).await.unwrap();

    assert_eq!(texts.exported[0].files.len(), 3);
    assert_eq!(all.failed[0].error.code, Code::TeamspaceUnreachable);
    assert_eq!(names(out.path()), ["md", "txt", "vtt"].map(|ending| format!("Interview.{ending}")));
}

#[tokio::test]
async fn whatever_a_recording_holds_or_is_called_it_is_exported() {
    let world = World::empty().await;
    let chat = |title: &str| {
        let mut meeting = MeetingSpec::new(title);
        meeting = meeting.file(FileSpec::chat("checkout"));
        meeting
    };
    let (maya, research, out) =
        with(&world, vec![chat("Only chat"), chat("🎤 ראיון עם דנה 💡"), chat("../../etc")]).await;
    let odd = world.sim.add_shape(Shape::TopicRightToLeft).remove(0).uuid;
    maya.import(&research, &[&odd]).await;
    let items = maya.app.recordings(&research.id).await.unwrap();
    let ids: Vec<RecordingId> = items.into_iter().map(|item| item.recording.recording_id).collect();

    let report = maya.app.export_recordings(&research.id, wish(&ids, &EVERYTHING, out.path())).await.unwrap();

    assert_eq!((report.exported.len(), report.failed.len()), (4, 0), "{report:?}");
    let chat = report.exported.iter().find(|exported| exported.title == "Only chat").unwrap();
    assert_eq!(chat.missing, [ExportPart::Video, ExportPart::Vtt]);
    let names = names(out.path());
    for name in ["Only chat.txt", "🎤 ראיון עם דנה 💡.md", "etc.md"] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
    let alone = maya.app.export_recordings(
        &research.id,
        wish(std::slice::from_ref(&chat.recording_id), &[ExportPart::Vtt], out.path()),
    );
    assert_eq!(alone.await.unwrap().failed[0].error.code, Code::NotFound, "nothing of what was chosen");
}

#[tokio::test]
async fn what_a_damaged_transcript_still_says_is_exported_and_the_rest_is_said() {
    let world = World::empty().await;
    let damaged = "WEBVTT\n\n00:01.000 --> 00:02.000\nMaya: Good\n\n00:xx.000 --> 00:03.000\nlost\n";
    let meeting = MeetingSpec::new("Damaged")
        .file(FileSpec::transcript("checkout").content(Content::Text(damaged.to_owned())));
    let (maya, research, out) = with(&world, vec![meeting]).await;
    let ids = [id_of(&maya, &research, "Damaged").await];

    let report = maya.app.export_recordings(&research.id, wish(&ids, &DOCUMENTS, out.path())).await.unwrap();

    assert!(read(&report, ".vtt").ends_with("00:00:01.000 --> 00:00:02.000\n<v Maya>Good\n"));
    assert!(read(&report, ".md").contains("could not be read"));
    let opened = maya.app.open_recording(&research.id, &ids[0]).await.unwrap();
    let error = opened.transcript_error.unwrap();
    assert_eq!((error.params["text"].as_str(), error.params["lines"].as_str()), ("transcript", "2"));
    assert_eq!(opened.transcript[0].len(), 1);
}

#[tokio::test]
async fn a_video_in_a_bucket_is_exported_whole() {
    let Some((draft, _)) = draft() else { return };
    let world = World::empty().await;
    let video = FileSpec::video_of_size(20_000_000, 7);
    let content = video.content.sha256();
    let meeting = world.sim.add_meeting(MeetingSpec::new("Long").file(video).days_ago(2));
    let maya = world.person("Maya Lindqvist", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.add_bucket("Research", draft).await.unwrap();
    maya.import(&research, &[&meeting.uuid]).await;
    let out = TempDir::new().unwrap();
    let ids = [id_of(&maya, &research, "Long").await];

    let report =
        maya.app.export_recordings(&research.id, wish(&ids, &[ExportPart::Video], out.path())).await.unwrap();

    let bytes = std::fs::read(&report.exported[0].files[0]).unwrap();
    assert_eq!(super::harness::sha256(&bytes), content);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nextctl_exports_several_and_says_by_its_exit_code_what_was_not() {
    let world = World::empty().await;
    let sim = &world.sim;
    let uuids = [("One", "checkout"), ("Two", "sync")]
        .map(|(title, talk)| sim.add_meeting(MeetingSpec::talk(title, talk).days_ago(2)).uuid);
    let machine = Machine::of_nobody(sim);
    machine.connect_all(sim).await;
    let import = ["--json", "import", "--teamspace", "Research", "--wait", &uuids[0], &uuids[1]];
    assert_eq!(machine.run(&import).await.code, Some(0));
    let listed = machine.json(&["recordings"]).await;
    let ids: Vec<&str> = listed["recordings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["recording_id"].as_str().unwrap())
        .collect();

    let both = machine.json(&["recordings", "export", ids[0], ids[1], "--to", "out", "--as", "mp4,md"]).await;
    assert_eq!(both["exported"].as_array().unwrap().len(), 2, "{both}");
    assert_eq!(names(&machine.path("out")).len(), 4);

    let locked = machine.path("locked");
    std::fs::create_dir(&locked).unwrap();
    set_writable(&locked, false);
    let refused = machine.run(&["recordings", "export", ids[0], "--to", "locked"]).await;
    refused.assert_fails(1, "Nothing can be written to");
    assert_eq!(files_below(&locked), []);

    let stored = files_below(&machine.path("research"));
    let video = &stored.iter().find(|(_, bytes)| *bytes == sample("sync.mp4")).unwrap().0;
    std::fs::write(video, "somebody else's").unwrap();
    let half = machine.run(&["--json", "recordings", "export", ids[0], ids[1], "--to", "out2"]).await;
    half.assert_fails(1, "Two: A stored file");
    let document = half.document();
    let count = |list: &str| document[list].as_array().unwrap().len();
    assert_eq!((count("exported"), count("failed")), (1, 1), "{document}");

    let link = machine.json(&["recordings", "link", ids[0], "--at", "1:15"]).await;
    assert!(link["link"].as_str().unwrap().ends_with(&format!("/{}?t=75", ids[0])), "{link}");
}
