//! Highlights: what one marks, the others see, on whatever way the teamspace comes to them.

use next_desktop::app::{App, HighlightDraft, HighlightItem, HighlightsWish};
use next_desktop::catalog::{Highlight, HistoryKind};
use next_desktop::error::Code;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::{EVERY, TeamspaceInfo, entry_key};
use serde_json::json;

use super::harness::{Person, World};
use super::long_logs::Others;
use super::moving::{MOVE, colleague, import_talks, text};
use super::nextctl::Machine;

fn draft(from: u64, to: u64, note: &str, tags: &[&str]) -> HighlightDraft {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    HighlightDraft { from, to, note: note.to_owned(), tags }
}

async fn look(person: &Person, teamspace: &TeamspaceInfo) {
    assert_eq!(person.app.refresh_teamspace(&teamspace.id).await.unwrap().error, None);
}

async fn all(app: &App) -> Vec<HighlightItem> {
    let wish = HighlightsWish {
        teamspace: None,
        recording_id: None,
        tag: None,
        words: String::new(),
        skip: 0,
        limit: 100,
    };
    app.highlights(wish).await.unwrap().highlights
}

async fn notes(person: &Person, teamspace: &TeamspaceInfo, id: &RecordingId) -> Vec<String> {
    let all = person.app.recording_highlights(&teamspace.id, id).await.unwrap();
    all.into_iter().map(|one| one.note).collect()
}

/// Maya, who imported a talk, and Jonas in the same teamspace.
async fn team(world: &World) -> (Person, Person, TeamspaceInfo, RecordingId) {
    let (maya, research) = world.importer().await;
    let talk = import_talks(world, &maya, &research, &["Interview"]).await.remove(0);
    let jonas = colleague(world, &research).await;
    (maya, jonas, research, talk.recording_id)
}

#[tokio::test]
async fn what_one_marks_the_others_see_change_and_remove() {
    let world = World::empty().await;
    let (maya, jonas, research, id) = team(&world).await;
    let made = maya
        .app
        .add_highlight(&research.id, &id, draft(6_500, 12_000, " The lamp\nhad a dent ", &["quote", "Quote"]))
        .await
        .unwrap();
    assert_eq!((made.note.as_str(), made.tags.join(" ")), ("The lamp\nhad a dent", "quote".to_owned()));
    look(&jonas, &research).await;
    let seen = jonas.app.recording_highlights(&research.id, &id).await.unwrap();
    assert_eq!(seen, std::slice::from_ref(&made));
    assert_eq!(seen[0].name.as_deref(), Some("Maya Lindqvist"));
    let [listed] = all(&jonas.app).await.try_into().unwrap();
    assert_eq!((listed.title.as_str(), &listed.highlight), ("Interview", &made));

    let his = draft(6_000, 13_000, "The lamp had a dent, and he kept it", &["quote", "delivery"]);
    let changed = jonas.app.change_highlight(&research.id, &id, &made.id, his).await.unwrap();
    assert_eq!((changed.profile, changed.from), (made.profile.clone(), 6_000), "she made it");
    look(&maya, &research).await;
    assert_eq!(notes(&maya, &research, &id).await, ["The lamp had a dent, and he kept it"]);

    maya.app.remove_highlight(&research.id, &id, &made.id).await.unwrap();
    maya.app.remove_highlight(&research.id, &id, &made.id).await.unwrap();
    look(&jonas, &research).await;
    assert_eq!(all(&jonas.app).await, []);
    let too_late = jonas.app.change_highlight(&research.id, &id, &made.id, draft(1, 2, "", &[])).await;
    assert_eq!(too_late.unwrap_err().code, Code::NotFound);
    let back = jonas.app.restore_highlight(&research.id, &id, &made.id).await.unwrap();
    assert_eq!(
        (back.from, back.tags.join(" "), back.profile),
        (6_000, "quote delivery".to_owned(), made.profile)
    );
    look(&maya, &research).await;
    let history = maya.app.recording_history(&research.id, &id).await.unwrap();
    assert!(history.iter().all(|entry| entry.kind == HistoryKind::Highlight));
    let who: Vec<_> = history.iter().map(|entry| entry.name.as_deref().unwrap_or_default()).collect();
    assert_eq!(who, ["Jonas", "Maya Lindqvist", "Jonas", "Maya Lindqvist"]);
    assert_eq!(history[2].old, ["6500", "12000", "The lamp\nhad a dent", "quote"]);
}

#[tokio::test]
async fn two_who_change_one_at_once_come_to_the_same_and_lose_nothing() {
    let world = World::empty().await;
    let (maya, jonas, research, id) = team(&world).await;
    let made = maya.app.add_highlight(&research.id, &id, draft(1_000, 2_000, "both", &[])).await.unwrap();
    look(&jonas, &research).await;
    let change = |person: &Person, note: &str| {
        let (app, note) = (person.app.clone(), draft(1_000, 2_000, note, &[]));
        let (teamspace, id, made) = (research.id.clone(), id.clone(), made.id.clone());
        async move { app.change_highlight(&teamspace, &id, &made, note).await.unwrap() }
    };
    tokio::join!(change(&maya, "hers"), change(&jonas, "his"));
    look(&maya, &research).await;
    look(&jonas, &research).await;
    let shown = notes(&maya, &research, &id).await;
    assert_eq!(shown, notes(&jonas, &research, &id).await);
    let history = jonas.app.recording_history(&research.id, &id).await.unwrap();
    assert_eq!(history, maya.app.recording_history(&research.id, &id).await.unwrap());
    assert_eq!(shown[0], history[0].new[2], "the later one");
    assert_eq!(history[0].old, history[1].new, "and the older one is what it replaced");
}

#[tokio::test]
async fn a_recording_takes_its_highlights_into_the_trash_and_back() {
    let world = World::empty().await;
    let (maya, jonas, research, id) = team(&world).await;
    let made = maya.app.add_highlight(&research.id, &id, draft(1_000, 2_000, "kept", &[])).await.unwrap();
    look(&jonas, &research).await;
    jonas.app.trash_recording(&research.id, &id).await.unwrap();
    look(&maya, &research).await;
    assert_eq!((all(&maya.app).await, notes(&maya, &research, &id).await), (Vec::new(), Vec::new()));
    let error = maya.app.add_highlight(&research.id, &id, draft(1, 2, "", &[])).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    maya.app.restore_recording(&research.id, &id).await.unwrap();
    assert_eq!(maya.app.recording_highlights(&research.id, &id).await.unwrap(), [made]);
}

#[tokio::test]
async fn they_are_there_again_when_the_catalog_is_built_from_nothing_or_from_a_checkpoint() {
    let world = World::empty().await;
    let (maya, jonas, research, id) = team(&world).await;
    let made = maya.app.add_highlight(&research.id, &id, draft(1_000, 2_000, "kept", &["a"])).await.unwrap();
    let gone = maya.app.add_highlight(&research.id, &id, draft(3_000, 4_000, "gone", &[])).await.unwrap();
    maya.app.remove_highlight(&research.id, &id, &gone.id).await.unwrap();
    drop(jonas);
    let data = maya.data();
    maya.app.close().await;
    let catalogs = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
    for file in catalogs.filter(|path| path.to_string_lossy().contains("catalog.db")) {
        std::fs::remove_file(file).unwrap();
    }
    let maya = maya.try_reopen().await.unwrap();
    look(&maya, &research).await;
    let seen = maya.app.recording_highlights(&research.id, &id).await.unwrap();
    assert_eq!(seen, std::slice::from_ref(&made));

    let mut others = Others::new(world.folder("research"));
    while others.next <= EVERY + 20 {
        others.write(&[json!({"op": "member", "profile": "p", "name": format!("Name {}", others.next)})]);
    }
    look(&maya, &research).await;
    for n in 1..EVERY {
        std::fs::remove_file(world.folder("research").join(entry_key(n))).unwrap();
    }
    let mei = colleague(&world, &research).await;
    let seen = mei.app.recording_highlights(&research.id, &id).await.unwrap();
    assert_eq!(
        seen.iter().map(|one| (&one.id, &one.profile)).collect::<Vec<_>>(),
        [(&made.id, &made.profile)]
    );
    let back = mei.app.restore_highlight(&research.id, &id, &gone.id).await.unwrap();
    assert_eq!(back.note, "gone", "also what was removed is known");
}

#[tokio::test]
async fn a_copy_of_the_teamspace_has_them_too() {
    let world = World::empty().await;
    let (maya, jonas, research, id) = team(&world).await;
    let made = maya.app.add_highlight(&research.id, &id, draft(1_000, 2_000, "moved", &["a"])).await.unwrap();
    let report = maya.app.copy_to_folder(&research.id, &text(&world.folder("archive")), MOVE).await.unwrap();
    assert!(report.moved);
    look(&maya, &research).await;
    let newcomer = world.person("Mei Tanaka", "mei@example.com").await;
    let archive = newcomer.add_teamspace("Research", &world.folder("archive")).await.unwrap();
    let seen = newcomer.app.recording_highlights(&archive.id, &id).await.unwrap();
    assert_eq!(seen, [made]);
    drop(jonas);
}

#[tokio::test]
async fn what_cannot_be_a_highlight_is_refused_with_a_sentence_and_nothing_is_said() {
    let world = World::empty().await;
    let (maya, _jonas, research, id) = team(&world).await;
    let log = world.folder("research/log");
    let before = super::harness::files_below(&log).len();
    let many: Vec<String> = (0..31).map(|n| format!("tag {n}")).collect();
    let (long, many) = ("x".repeat(1_001), many.iter().map(String::as_str).collect::<Vec<_>>());
    let bad = [
        draft(2_000, 2_000, "", &[]),
        draft(3_000, 2_000, "", &[]),
        draft(u64::MAX - 1, u64::MAX, "", &[]),
        draft(900_000_000, 900_001_000, "", &[]),
        draft(1, 2, &long, &[]),
        draft(1, 2, "\u{1b}[2J", &[]),
        draft(1, 2, "", &[" "]),
        draft(1, 2, "", &many),
    ];
    for draft in bad {
        let error = maya.app.add_highlight(&research.id, &id, draft.clone()).await.unwrap_err();
        assert_eq!(error.code, Code::Usage, "{draft:?}: {error}");
    }
    assert_eq!(super::harness::files_below(&log).len(), before);
    let wish = |limit: u32, teamspace: Option<&str>| HighlightsWish {
        teamspace: teamspace.map(str::to_owned),
        recording_id: None,
        tag: None,
        words: String::new(),
        skip: 0,
        limit,
    };
    for wrong in [wish(0, None), wish(1_001, None), wish(10, Some("nowhere"))] {
        maya.app.highlights(wrong).await.unwrap_err();
    }
}

#[tokio::test]
async fn scripts_make_list_change_and_remove_highlights() {
    let (world, uuid) = World::with_talk("Interview").await;
    let nextctl = Machine::connected(&world.sim).await;
    nextctl.run(&["import", "--teamspace", "Research", &uuid, "--wait"]).await;
    let id = RecordingId::of_zoom_meeting(&uuid).to_string();

    let added = nextctl
        .json(&[
            "highlights",
            "add",
            &id,
            "--from",
            "0:06.5",
            "--to",
            "12",
            "--note",
            "The lamp",
            "--tag",
            "quote",
        ])
        .await;
    let one = &added["highlight"];
    assert_eq!((one["from"].as_f64(), one["to"].as_f64()), (Some(6.5), Some(12.0)));
    let highlight = one["id"].as_str().unwrap().to_owned();
    let listed = nextctl.json(&["highlights", "--tag", "QUOTE", "lamp", "interview"]).await;
    assert_eq!(listed["highlights"][0]["id"], highlight.as_str());
    assert_eq!(listed["highlights"][0]["by"], "Maya Lindqvist");
    assert_eq!(nextctl.json(&["highlights", "--recording", &id]).await["total"], 1);
    assert_eq!(nextctl.json(&["highlights", "nothing", "like", "it"]).await["total"], 0);

    let changed = nextctl
        .json(&[
            "highlights",
            "change",
            &highlight,
            "--to",
            "0:14",
            "--add-tag",
            "lamp",
            "--remove-tag",
            "Quote",
        ])
        .await;
    let one = &changed["highlight"];
    assert_eq!((one["from"].as_f64(), one["to"].as_f64()), (Some(6.5), Some(14.0)), "the rest stays");
    assert_eq!((&one["note"], &one["tags"]), (&json!("The lamp"), &json!(["lamp"])));
    let text = nextctl.run(&["highlights"]).await;
    assert!(text.stdout.contains("0:06-0:14") && text.stdout.contains("The lamp #lamp"), "{text:?}");

    nextctl.json(&["highlights", "remove", &highlight]).await;
    assert_eq!(nextctl.json(&["highlights"]).await["total"], 0);
    let gone = nextctl.run(&["highlights", "change", &highlight, "--to", "0:15"]).await;
    assert_eq!(gone.code, Some(1));
    assert!(gone.stderr.contains("nextctl highlights restore"), "{gone:?}");
    nextctl.json(&["highlights", "restore", &highlight]).await;
    assert_eq!(nextctl.json(&["highlights"]).await["total"], 1);
    let history = nextctl.run(&["recordings", "history", &id]).await;
    assert!(history.stdout.contains("highlight: nothing -> 0:06-0:12 The lamp"), "{history:?}");

    for wrong in [
        vec!["highlights", "add", &id, "--from", "0:10", "--to", "0:05"],
        vec!["highlights", "add", &id, "--from", "soon", "--to", "0:05"],
    ] {
        assert_eq!(nextctl.run(&wrong).await.code, Some(2), "{wrong:?}");
    }
    for unknown in [vec!["highlights", "remove", "nothing"], vec!["highlights", "--recording", "nothing"]] {
        assert_eq!(nextctl.run(&unknown).await.code, Some(1), "{unknown:?}");
    }
    // Nothing named ffmpeg is on this machine's path.
    let clips = nextctl.path("clips");
    let missing = nextctl.run(&["highlights", "clip", &highlight, "--to", clips.to_str().unwrap()]).await;
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.stderr.contains("ffmpeg") && !clips.exists(), "{missing:?}");
    let doctor = nextctl.run(&["doctor"]).await;
    assert!(doctor.stdout.contains("needs ffmpeg"), "{doctor:?}");
}

/// What is kept of a highlight for whoever has it in hand.
#[test]
fn a_highlight_is_written_as_scripts_and_windows_read_it() {
    let written = json!({
        "id": "0199a7c2-0000-7000-8000-000000000001", "teamspace": "t", "recording_id": RecordingId::of_zoom_meeting("x"),
        "from": 1, "to": 2, "note": "", "tags": [], "profile": "p", "name": null, "at": "2026-03-01T09:00:00Z",
    });
    let read: Highlight = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), written);
}
