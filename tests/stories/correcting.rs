//! Correcting transcripts: what one person changes, everybody sees, finds and exports; the file stays as it is.

use next_desktop::app::{ExportPart, ExportWish, LineCorrection, SpeakerName};
use next_desktop::catalog::{HistoryKind, HitKind};
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::recording::{Cue, RecordingId};
use next_desktop::teamspace::TeamspaceInfo;
use next_desktop::transcript::Transcript;
use tempfile::TempDir;
use zoom_sim::{Content, FileSpec, MeetingSpec};

use super::harness::{JONAS, Person, World, files_below};
use super::nextctl::{Machine, set_writable};

const VTT: &str = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nSpeaker 1: Tell me about the clinick.\n\n\
    00:00:03.000 --> 00:00:05.000\nSpeaker 2: It starts with the handover.\n\n\
    00:00:06.000 --> 00:00:08.000\nSpeaker 1: And then?\n";
const CHAT: &str = "00:00:04\tSpeaker 2:\tthe plan is at https://example.com\n";

fn interview() -> MeetingSpec {
    MeetingSpec::new("Interview")
        .file(FileSpec::audio("checkout"))
        .file(FileSpec::transcript("checkout").content(Content::Text(VTT.to_owned())))
        .file(FileSpec::chat("checkout").content(Content::Text(CHAT.to_owned())))
        .days_ago(2)
}

/// Maya, who imported an interview, and Jonas, who opened the same teamspace.
struct Team {
    world: World,
    maya: Person,
    jonas: Person,
    research: TeamspaceInfo,
    id: RecordingId,
}

async fn team() -> Team {
    let world = World::empty().await;
    let uuid = world.sim.add_meeting(interview()).uuid;
    let (maya, research) = world.importer().await;
    let jobs = maya.import(&research, &[&uuid]).await;
    assert_eq!(jobs[0].state, JobState::Done, "{jobs:?}");
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    Team { id: RecordingId::of_zoom_meeting(&uuid), world, maya, jonas, research }
}

impl Team {
    async fn look(&self, person: &Person) {
        assert_eq!(person.app.refresh_teamspace(&self.research.id).await.unwrap().error, None);
    }

    async fn cues(&self, person: &Person) -> Vec<Cue> {
        person.app.open_recording(&self.research.id, &self.id).await.unwrap().transcript.remove(0)
    }

    async fn text(&self, person: &Person, line: usize) -> String {
        self.cues(person).await[line - 1].text.clone()
    }

    async fn correction(&self, line: u32, text: Option<&str>) -> LineCorrection {
        let known = self.maya.app.corrections(&self.research.id, &self.id).await.unwrap();
        LineCorrection { source: known.sources[0].clone(), line, text: text.map(str::to_owned) }
    }

    async fn correct(&self, person: &Person, line: u32, text: Option<&str>) {
        let correction = self.correction(line, text).await;
        person.app.correct_line(&self.research.id, &self.id, correction).await.unwrap();
    }

    async fn rename(&self, person: &Person, speaker: &str, name: Option<&str>) -> Vec<SpeakerName> {
        let name = name.map(str::to_owned);
        person.app.rename_speaker(&self.research.id, &self.id, speaker, name).await.unwrap()
    }

    async fn found(&self, person: &Person, text: &str) -> Vec<HitKind> {
        person.app.search(text, None).await.unwrap().hits.into_iter().map(|hit| hit.kind).collect()
    }

    /// Entries of the log.
    fn log(&self) -> usize {
        files_below(&self.world.folder("research/log")).len()
    }
}

#[tokio::test]
async fn a_corrected_line_is_there_for_a_colleague_found_and_exported_and_the_file_stays() {
    let team = team().await;
    team.correct(&team.maya, 1, Some("  Tell me about\n the clinic. ")).await;
    team.look(&team.jonas).await;
    assert_eq!(team.text(&team.jonas, 1).await, "Tell me about the clinic.");
    for person in [&team.maya, &team.jonas] {
        assert_eq!(team.found(person, "clinic ").await, [HitKind::Transcript]);
        assert_eq!(team.found(person, "clinick ").await, []);
    }
    let opened = team.jonas.app.open_recording(&team.research.id, &team.id).await.unwrap();
    let line = &opened.corrections.lines[0];
    assert_eq!(
        (line.line, line.original.as_str(), line.name.as_deref()),
        (1, "Tell me about the clinick.", Some("Maya Lindqvist"))
    );

    team.rename(&team.jonas, "Speaker 2", Some("Priya Raman")).await;
    let out = TempDir::new().unwrap();
    let wish = ExportWish {
        recordings: vec![team.id.clone()],
        parts: vec![ExportPart::Vtt, ExportPart::Text, ExportPart::Markdown, ExportPart::Files],
        folder: out.path().to_str().unwrap().to_owned(),
    };
    let report = team.jonas.app.export_recordings(&team.research.id, wish).await.unwrap();
    assert_eq!(report.failed, []);
    let mut corrected = 0;
    for (path, bytes) in files_below(out.path()) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if path.ends_with("Transcript.vtt") {
            assert_eq!(text, VTT, "the original file as it is");
        } else if path.ends_with("Chat.txt") {
            assert_eq!(text, CHAT);
        } else if let Some("vtt" | "txt" | "md") = path.extension().and_then(|name| name.to_str()) {
            assert!(text.contains("the clinic.") && text.contains("Priya Raman"), "{path:?}: {text}");
            assert!(!text.contains("clinick") && !text.contains("Speaker 2"), "{path:?}: {text}");
            corrected += 1;
        }
    }
    assert_eq!(corrected, 3);
    let stored = files_below(&team.world.folder("research/recordings"));
    assert!(stored.iter().any(|(_, bytes)| bytes == VTT.as_bytes()), "nothing is written over");
}

#[tokio::test]
async fn two_who_correct_one_line_at_once_come_to_the_same_and_both_are_in_the_history() {
    let team = team().await;
    tokio::join!(team.correct(&team.maya, 2, Some("Hers.")), team.correct(&team.jonas, 2, Some("His.")),);
    team.look(&team.maya).await;
    team.look(&team.jonas).await;
    let shown = team.text(&team.maya, 2).await;
    assert_eq!(shown, team.text(&team.jonas, 2).await);
    let history = team.jonas.app.recording_history(&team.research.id, &team.id).await.unwrap();
    assert_eq!(history, team.maya.app.recording_history(&team.research.id, &team.id).await.unwrap());
    let lines: Vec<_> = history.iter().filter(|entry| entry.kind == HistoryKind::Line).collect();
    assert_eq!(lines.len(), 2, "{history:?}");
    assert_eq!((&lines[0].new, &lines[0].old), (&vec![shown], &lines[1].new));
    assert_eq!(lines[1].old, ["It starts with the handover."]);
    assert_eq!(lines[0].line.as_ref().unwrap().at, 3.0);

    // What is as it was already is not said again; what is typed as in the file goes back to it.
    let before = team.log();
    let now = team.text(&team.maya, 2).await;
    team.correct(&team.maya, 2, Some(&now)).await;
    assert_eq!(team.log(), before);
    team.correct(&team.maya, 2, Some("It starts with the handover.")).await;
    let known = team.maya.app.corrections(&team.research.id, &team.id).await.unwrap();
    assert_eq!(known.lines, []);
}

#[tokio::test]
async fn speakers_are_renamed_become_one_and_are_parted_again() {
    let team = team().await;
    let before = team.rename(&team.maya, "Speaker 2", Some("Priya Raman")).await;
    assert_eq!(before, [SpeakerName { original: "Speaker 2".to_owned(), name: None }]);
    team.look(&team.jonas).await;
    assert_eq!(team.found(&team.jonas, "from:priya handover").await, [HitKind::Transcript]);
    let chat = team.jonas.app.open_recording(&team.research.id, &team.id).await.unwrap().chat;
    assert_eq!(chat[0][0].sender.as_deref(), Some("Priya Raman"));
    let left = team.jonas.app.filter_recordings(&team.research.id, "from:\"Priya Raman\"").await.unwrap();
    assert_eq!(left.recordings, std::slice::from_ref(&team.id));
    let left = team.jonas.app.filter_recordings(&team.research.id, "from:\"Speaker 2\"").await.unwrap();
    assert_eq!(left.recordings, []);

    // Both are Priya; whoever renames Priya renames both.
    team.rename(&team.jonas, "Speaker 1", Some("Priya Raman")).await;
    let merged = team.rename(&team.jonas, "Priya Raman", Some("Grace")).await;
    assert_eq!(merged.len(), 2);
    let speakers = |cues: Vec<Cue>| cues.into_iter().filter_map(|cue| cue.speaker).collect::<Vec<_>>();
    assert_eq!(speakers(team.cues(&team.jonas).await), ["Grace", "Grace", "Grace"]);
    team.jonas.app.name_speakers(&team.research.id, &team.id, merged).await.unwrap();
    assert_eq!(speakers(team.cues(&team.jonas).await), ["Priya Raman", "Priya Raman", "Priya Raman"]);
    team.rename(&team.jonas, "Speaker 1", None).await;
    assert_eq!(speakers(team.cues(&team.jonas).await), ["Speaker 1", "Priya Raman", "Speaker 1"]);
    team.rename(&team.jonas, "Priya Raman", None).await;
    let known = team.jonas.app.corrections(&team.research.id, &team.id).await.unwrap();
    assert_eq!(known.speakers, []);
}

#[tokio::test]
async fn what_cannot_be_is_said_and_changes_nothing() {
    let team = team().await;
    let (app, teamspace, id) = (&team.maya.app, &team.research.id, &team.id);
    let before = team.log();
    let long = "x".repeat(2_001);
    for (line, text, code) in [
        (1, " \n ", Code::Usage),
        (1, long.as_str(), Code::Usage),
        (9, "x", Code::NotFound),
        (0, "x", Code::NotFound),
    ] {
        let correction = team.correction(line, Some(text)).await;
        assert_eq!(app.correct_line(teamspace, id, correction).await.unwrap_err().code, code, "{line}");
    }
    let other = LineCorrection { source: "0".repeat(16), line: 1, text: Some("x".to_owned()) };
    assert_eq!(app.correct_line(teamspace, id, other).await.unwrap_err().code, Code::NotFound);
    for (speaker, name, code) in [
        ("Nobody", Some("x"), Code::NotFound),
        ("Speaker 1", Some("  "), Code::Usage),
        ("Speaker 1", Some(&long[..201]), Code::Usage),
    ] {
        let name = name.map(str::to_owned);
        assert_eq!(app.rename_speaker(teamspace, id, speaker, name).await.unwrap_err().code, code);
    }
    assert_eq!(team.log(), before);

    let folder = team.world.folder("research");
    let correction = team.correction(1, Some("x")).await;
    std::fs::rename(&folder, team.world.folder("unplugged")).unwrap();
    let refused = app.correct_line(teamspace, id, correction.clone()).await.unwrap_err();
    assert_eq!(refused.code, Code::TeamspaceUnreachable);
    assert!(!team.cues(&team.maya).await.is_empty(), "it is still read");
    std::fs::rename(team.world.folder("unplugged"), &folder).unwrap();
    app.correct_line(teamspace, id, correction).await.unwrap();
    assert_eq!(team.text(&team.maya, 1).await, "x");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nextctl_corrects_and_narrows_as_the_window_does() {
    let world = World::empty().await;
    let uuid = world.sim.add_meeting(interview()).uuid;
    let other =
        world.sim.add_meeting(MeetingSpec::new("Silent").file(FileSpec::audio("checkout")).days_ago(1)).uuid;
    let machine = Machine::connected(&world.sim).await;
    let ran = machine.run(&["import", "--teamspace", "Research", "--wait", &uuid, &other]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let id = RecordingId::of_zoom_meeting(&uuid).to_string();
    let correct = |more: &'static [&'static str]| {
        let arguments: Vec<&str> =
            ["recordings", "correct", &id].into_iter().chain(more.iter().copied()).collect();
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let machine = &machine;
        async move { machine.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await }
    };

    let listed = correct(&[]).await;
    assert!(listed.stdout.contains("    2  0:03  Speaker 2: It starts with the handover."), "{listed:?}");
    let one = correct(&["--at", "0:01", "Tell me about the clinic."]).await;
    assert!(one.stdout.contains("in the file: Tell me about the clinick."), "{one:?}");
    let renamed = correct(&["--speaker", "Speaker 2", "Priya Raman"]).await;
    assert_eq!(renamed.stdout, "Speaker 2 is called Priya Raman now.\n", "{renamed:?}");
    let shown = machine.run(&["recordings", "show", &id]).await.stdout;
    assert!(shown.contains("corrected: 1 line of the transcript"), "{shown}");
    assert!(shown.contains("speaker: Speaker 2 is called Priya Raman, since"), "{shown}");
    let history = machine.run(&["recordings", "history", &id]).await.stdout;
    assert!(
        history.contains("line at 0:00: Tell me about the clinick. -> Tell me about the clinic."),
        "{history}"
    );
    assert!(history.contains("speaker: Speaker 2 -> Priya Raman"), "{history}");

    let titles = |found: serde_json::Value| -> Vec<String> {
        let all = found["recordings"].as_array().unwrap().clone();
        all.into_iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    };
    for (filters, left) in [
        (&["--person", "Priya Raman"][..], &["Interview"][..]),
        (&["--person", "Speaker 2"], &[]),
        (&["--has", "chat,transcript"], &["Interview"]),
        (&["--without", "transcript"], &["Silent"]),
        (&["--after", "7d", "--has", "audio"], &["Silent", "Interview"]),
        (&["--before", "7d"], &[]),
    ] {
        let listed = machine.json(&[&["recordings"], filters].concat()).await;
        assert_eq!(titles(listed), left, "{filters:?}");
    }
    machine.run(&["recordings", "--after", "soon"]).await.assert_fails(2, "soon");
    machine.run(&["recordings", "--has", "legs"]).await.assert_fails(2, "legs");
    let people = machine.json(&["recordings", "--people"]).await;
    assert!(people["people"].to_string().contains("Priya Raman"), "{people}");

    correct(&["--line", "9", "x"]).await.assert_fails(1, "no such line");
    correct(&["--speaker", "Nobody", "x"]).await.assert_fails(1, "Nobody");
    correct(&["--speaker", "Priya Raman"]).await.assert_fails(2, "no new name");
    correct(&["Just words"]).await.assert_fails(2, "");
    assert_eq!(correct(&["--line", "1", "--original"]).await.code, Some(0));
    assert_eq!(correct(&["--speaker", "Priya Raman", "--original"]).await.code, Some(0));
    let known = machine.json(&["recordings", "show", &id]).await;
    assert_eq!(known["corrections"]["lines"], serde_json::json!([]));
    assert_eq!(known["corrections"]["speakers"], serde_json::json!([]));
    assert_eq!(Transcript::parse(VTT.as_bytes()).cues.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_may_write_nextctl_says_so_and_changes_nothing() {
    let world = World::empty().await;
    let uuid = world.sim.add_meeting(interview()).uuid;
    let machine = Machine::of_nobody(&world.sim);
    machine.connect_all(&world.sim).await;
    let ran = machine.run(&["import", "--teamspace", "Research", "--wait", &uuid]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let id = RecordingId::of_zoom_meeting(&uuid).to_string();
    let research = machine.path("research");
    set_writable(&research, false);
    let ran = machine.run(&["recordings", "correct", &id, "--line", "1", "x"]).await;
    set_writable(&research, true);
    assert!(ran.code != Some(0) && ran.stderr.starts_with("error: "), "{ran:?}");
    let shown = machine.run(&["recordings", "correct", &id, "--line", "1"]).await.stdout;
    assert!(shown.contains("Tell me about the clinick.") && !shown.contains("in the file"), "{shown}");
}
