//! Stories of the catalog: given a teamspace that holds X, the catalog lists and finds Y.

mod corrections;
mod highlights;
mod idle;
mod marks;

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::query::Query;
use crate::recording::FileKind;
use crate::teamspace::testing::{manifest, sha256};
use crate::teamspace::{
    KnownOp, Location, Manifest, ManifestFile, Op, Staged, Teamspace, new_attempt, new_nonce,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(super) struct Home {
    pub(super) dir: tempfile::TempDir,
    pub(super) teamspace: Teamspace,
    pub(super) catalog: Catalog,
}

pub(super) async fn home() -> Home {
    let dir = tempfile::tempdir().unwrap();
    let teamspace = Teamspace::create(&Location::folder(dir.path().join("Team")), "Team", NOW).await.unwrap();
    let (catalog, fresh) = Catalog::open(&dir.path().join("catalog.db")).unwrap();
    assert!(fresh);
    Home { dir, teamspace, catalog }
}

/// A manifest that started `hours` after the first one of all.
pub(super) fn meeting(uuid: &str, hours: i64) -> Manifest {
    let first = manifest(uuid);
    Manifest { start: first.start + SignedDuration::from_hours(hours), files: Vec::new(), ..first }
}

pub(super) fn vtt(lines: &[&str]) -> String {
    let cue = |(n, line): (usize, &&str)| {
        format!("{:02}:{:02}.000 --> {:02}:{:02}.500\n{line}\n\n", n / 60, n % 60, n / 60, n % 60)
    };
    format!("WEBVTT\n\n{}", lines.iter().enumerate().map(cue).collect::<String>())
}

impl Home {
    pub(super) async fn put(
        &self,
        manifest: &mut Manifest,
        kind: FileKind,
        segment: u32,
        extension: &str,
        content: &str,
    ) {
        let path = self.dir.path().join("staged.part");
        std::fs::write(&path, content).unwrap();
        let sha256 = sha256(content.as_bytes());
        let name = teamspace::file_name(kind, segment, 0, extension);
        let staged = Staged { path: &path, size: content.len() as u64, sha256: &sha256 };
        let key =
            self.teamspace.put_file(&manifest.recording_id, &manifest.attempt, &name, staged).await.unwrap();
        manifest.files.push(ManifestFile {
            key,
            kind,
            segment,
            layout: None,
            source_file_id: None,
            media_type: "text/plain".to_owned(),
            size: content.len() as u64,
            sha256,
            extra: serde_json::Map::new(),
        });
    }

    pub(super) async fn import(&self, manifest: &Manifest) {
        let publication = self.teamspace.publish(manifest).await.unwrap();
        self.append(publication.op).await;
    }

    /// Imports a meeting with what was said in it.
    pub(super) async fn import_said(&self, mut manifest: Manifest, lines: &[&str]) -> RecordingId {
        self.put(&mut manifest, FileKind::Transcript, 0, "vtt", &vtt(lines)).await;
        self.import(&manifest).await;
        manifest.recording_id
    }

    pub(super) async fn append(&self, op: impl Into<Op>) {
        self.teamspace.append(&[op.into()], "profile", NOW).await.unwrap();
    }

    pub(super) async fn refresh(&self) -> Refreshed {
        self.catalog.refresh(&self.teamspace).await.unwrap()
    }

    pub(super) fn titles(&self) -> Vec<String> {
        let all = self.catalog.recordings(self.teamspace.id()).unwrap();
        all.into_iter().map(|recording| recording.title).collect()
    }

    pub(super) fn find(&self, words: &str) -> Vec<Hit> {
        self.catalog.search(words, None, 50).unwrap().hits
    }

    pub(super) fn found(&self, words: &str) -> Vec<(String, Option<f64>)> {
        self.find(words).into_iter().map(|hit| (hit.title, hit.at)).collect()
    }

    pub(super) fn problems(&self) -> Vec<Code> {
        let all = self.catalog.problems(self.teamspace.id(), None).unwrap();
        all.into_iter().map(|problem| problem.code).collect()
    }

    pub(super) fn stored(&self, key: &str) -> PathBuf {
        self.dir.path().join("Team").join(key)
    }

    pub(super) fn manifest_path(&self, id: &RecordingId) -> PathBuf {
        self.stored(&format!("recordings/{}/{id}/manifest.json", id.shard()))
    }
}

impl Catalog {
    /// Searches as somebody whose days begin in UTC.
    pub(super) fn search(&self, words: &str, teamspace: Option<&str>, limit: usize) -> Result<Hits, Error> {
        self.find(&asked(words, teamspace, limit), &around())
    }
}

fn asked(words: &str, teamspace: Option<&str>, limit: usize) -> Search {
    Search { query: Query::parse(words), teamspace: teamspace.map(str::to_owned), skip: 0, limit }
}

fn around() -> Around {
    Around { now: NOW, zone: jiff::tz::TimeZone::UTC, teamspaces: Vec::new() }
}

#[tokio::test]
async fn what_is_published_is_listed_newest_first() {
    let home = home().await;
    for (uuid, hours) in [("b", 1), ("c", 2), ("a", 0), ("same second", 2)] {
        home.import(&meeting(uuid, hours)).await;
    }
    let refreshed = home.refresh().await;
    assert_eq!((refreshed.changed.len(), refreshed.cursor), (4, 4));
    assert_eq!(home.titles(), ["Meeting same second", "Meeting c", "Meeting b", "Meeting a"]);
    assert_eq!(home.catalog.count(home.teamspace.id()).unwrap(), 4);
    assert_eq!(home.refresh().await, Refreshed { changed: vec![], cursor: 4, more: false });
}

#[tokio::test]
async fn a_recording_comes_out_as_its_manifest_says() {
    let home = home().await;
    let mut manifest = meeting("a", 0);
    home.put(&mut manifest, FileKind::Video, 0, "mp4", "video").await;
    home.put(&mut manifest, FileKind::Audio, 1, "m4a", "audio").await;
    home.import(&manifest).await;
    home.refresh().await;
    let found = home.catalog.recording(home.teamspace.id(), &manifest.recording_id).unwrap();
    assert_eq!(found, Some(manifest.recording(home.teamspace.id(), &[])));
    assert_eq!(home.catalog.teamspaces_of(&manifest.recording_id).unwrap(), [home.teamspace.id()]);
}

#[tokio::test]
async fn a_word_is_found_at_the_moment_when_it_was_said() {
    let home = home().await;
    let mut lines = vec!["Ada: nothing of note"; 25];
    lines[13] = "Ada: the Café budget is approved";
    let id = home.import_said(meeting("a", 0), &lines).await;
    home.refresh().await;
    for words in ["budget", "BUDG", "cafe budget", "budget approved "] {
        assert_eq!(home.found(words), [("Meeting a".to_owned(), Some(13.0))], "{words}");
    }
    let hit = home.find("budget").pop().unwrap();
    assert_eq!((&hit.recording_id, hit.kind, hit.segment), (&id, HitKind::Transcript, 0));
    assert_eq!((hit.speaker.as_deref(), hit.snippet.as_str()), (Some("Ada"), "the Café budget is approved"));
    assert_eq!(hit.marks, [(9, 15)]);
    for words in ["bud ", "xyz", "budget xyz", "", "  ", "\"", "*", "-", "NEAR(", "a\" OR \"b"] {
        assert_eq!(home.found(words), [], "{words}");
    }
}

#[tokio::test]
async fn titles_and_hosts_are_found_by_any_three_letters_and_come_first() {
    let home = home().await;
    home.import_said(Manifest { title: "Quarterly Büdget".to_owned(), ..meeting("a", 0) }, &["Ada: hello"])
        .await;
    home.import_said(meeting("b", 1), &["Ada: quarterly numbers"]).await;
    home.refresh().await;
    let kinds =
        |words: &str| home.find(words).into_iter().map(|hit| (hit.kind, hit.title)).collect::<Vec<_>>();
    let title = "Quarterly Büdget".to_owned();
    assert_eq!(kinds("arterl"), [(HitKind::Title, title.clone())]);
    assert_eq!(kinds("budget quart"), [(HitKind::Title, title.clone())]);
    assert_eq!(kinds("Qu"), [(HitKind::Title, title.clone())]);
    assert_eq!(kinds("quarterly"), [(HitKind::Title, title), (HitKind::Transcript, "Meeting b".to_owned())]);
    let hosts = kinds("ada@example.org");
    assert_eq!(hosts.iter().filter(|(kind, _)| *kind == HitKind::Host).count(), 2);
    assert_eq!(home.found("%%"), []);
    assert_eq!(home.found("__"), []);
}

#[tokio::test]
async fn chat_is_found_and_read_too() {
    let home = home().await;
    let mut manifest = meeting("a", 0);
    home.put(&mut manifest, FileKind::Chat, 0, "txt", "00:02:15\tBen:\tsee the wiki\nfor details\n").await;
    home.import(&manifest).await;
    home.refresh().await;
    let hit = home.find("wiki details").pop().unwrap();
    assert_eq!(
        (hit.kind, hit.at, hit.speaker.as_deref(), hit.snippet.as_str()),
        (HitKind::Chat, Some(135.0), Some("Ben"), "see the wiki for details")
    );
    let chat = home.catalog.chat(home.teamspace.id(), &manifest.recording_id).unwrap();
    assert_eq!(chat[0][0].text, "see the wiki\nfor details");
}

#[tokio::test]
async fn a_transcript_is_read_by_segment_and_captions_only_where_there_is_none() {
    let home = home().await;
    let mut manifest = meeting("a", 0);
    home.put(&mut manifest, FileKind::Captions, 0, "vtt", &vtt(&["captions zero"])).await;
    home.put(&mut manifest, FileKind::Transcript, 0, "vtt", &vtt(&["Ada: spoken zero"])).await;
    home.put(&mut manifest, FileKind::Captions, 2, "vtt", &vtt(&["captions two"])).await;
    home.import(&manifest).await;
    home.refresh().await;
    let segments = home.catalog.transcript(home.teamspace.id(), &manifest.recording_id).unwrap();
    let texts: Vec<Vec<_>> =
        segments.iter().map(|cues| cues.iter().map(|cue| cue.text.as_str()).collect()).collect();
    assert_eq!(texts, [vec!["spoken zero"], vec![], vec!["captions two"]]);
    assert_eq!(home.find("two").pop().unwrap().segment, 2);
}

#[tokio::test]
async fn what_zoom_finished_later_is_added_and_stays() {
    let home = home().await;
    let first = meeting("a", 0);
    let id = &first.recording_id;
    home.import(&first).await;
    home.refresh().await;
    let mut late = Manifest { attempt: new_attempt(), nonce: new_nonce(), ..first.clone() };
    home.put(&mut late, FileKind::Transcript, 0, "vtt", &vtt(&["Ada: late words"])).await;
    let publication = home.teamspace.publish_addendum("file-2", &late).await.unwrap();
    home.append(publication.op).await;
    assert_eq!(home.refresh().await.changed, std::slice::from_ref(id));
    assert_eq!(home.found("late words").len(), 1);

    // An outbox that is replayed says once more that the recording was added.
    home.append(home.teamspace.publication(id).await.unwrap().unwrap().op).await;
    assert_eq!(home.refresh().await.changed, []);
    assert_eq!(home.found("late words").len(), 1);
}

#[tokio::test]
async fn what_is_in_the_trash_is_hidden_until_it_is_taken_out() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    home.refresh().await;
    home.append(KnownOp::Trash { recording_id: id.clone() }).await;
    assert_eq!(home.refresh().await.changed, std::slice::from_ref(&id));
    assert_eq!((home.titles().len(), home.found("budget").len()), (0, 0));
    home.append(KnownOp::Restore { recording_id: id }).await;
    home.refresh().await;
    assert_eq!((home.titles().len(), home.found("budget").len()), (1, 1));
}

#[tokio::test]
async fn a_new_title_is_shown_and_found_and_the_old_one_is_not() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    let set = |field: &str, value: &str| KnownOp::Set {
        recording_id: id.clone(),
        field: field.to_owned(),
        value: value.into(),
        base: 1,
    };
    home.append(set("title", "Kick-off")).await;
    home.append(set("mood", "calm")).await;
    home.refresh().await;
    assert_eq!(home.titles(), ["Kick-off"]);
    assert_eq!((home.found("kick-off").len(), home.found("meeting").len()), (1, 0));
}

#[tokio::test]
async fn an_operation_of_a_newer_version_is_passed_over() {
    let home = home().await;
    home.append(Op::Unknown(serde_json::json!({"op": "sing"}))).await;
    home.import(&meeting("a", 0)).await;
    home.refresh().await;
    assert_eq!((home.titles().len(), home.problems().len()), (1, 0));
}

#[tokio::test]
async fn a_damaged_manifest_is_said_does_not_stop_the_others_and_heals() {
    let home = home().await;
    let bad = meeting("bad", 0);
    home.import(&bad).await;
    home.import(&meeting("good", 1)).await;
    let path = home.manifest_path(&bad.recording_id);
    let whole = std::fs::read_to_string(&path).unwrap();
    for (content, code) in [
        (String::new(), Code::FileDamaged),
        (whole.replace("\"format\": 1", "\"format\": 7"), Code::FormatTooNew),
    ] {
        std::fs::write(&path, content).unwrap();
        home.refresh().await;
        assert_eq!(home.titles(), ["Meeting good"]);
        assert_eq!(home.problems(), [code]);
        assert_eq!(home.refresh().await.changed, [], "nothing new, nothing to tell");
    }
    std::fs::remove_file(&path).unwrap();
    home.refresh().await;
    assert_eq!(home.problems(), [Code::FileDamaged]);
    std::fs::write(&path, whole).unwrap();
    home.refresh().await;
    assert_eq!((home.titles().len(), home.problems().len()), (2, 0));
}

#[tokio::test]
async fn a_missing_or_damaged_transcript_costs_only_itself() {
    let home = home().await;
    let mut manifest = meeting("a", 0);
    home.put(&mut manifest, FileKind::Transcript, 0, "vtt", "<html>Sign in to see this</html>").await;
    home.put(&mut manifest, FileKind::Transcript, 1, "vtt", &vtt(&["Ada: budget"])).await;
    home.import(&manifest).await;
    let id = &manifest.recording_id;
    let key = format!("recordings/{}/{id}/{}", id.shard(), manifest.files[1].key);
    std::fs::rename(home.stored(&key), home.stored("away")).unwrap();
    home.refresh().await;
    assert_eq!(home.titles().len(), 1);
    assert_eq!(home.catalog.problems(home.teamspace.id(), Some(id)).unwrap().len(), 2);
    assert_eq!(home.refresh().await.changed, []);

    std::fs::rename(home.stored("away"), home.stored(&key)).unwrap();
    assert_eq!(home.refresh().await.changed, std::slice::from_ref(id));
    assert_eq!((home.problems().len(), home.found("budget").len()), (1, 1));
}

#[tokio::test]
async fn a_damaged_entry_of_the_log_loses_no_recording() {
    let home = home().await;
    home.import(&meeting("a", 0)).await;
    home.import(&meeting("b", 1)).await;
    let entry = home.stored("log/00000000/001.json");
    let whole = std::fs::read(&entry).unwrap();
    std::fs::write(&entry, "{").unwrap();
    assert_eq!(home.refresh().await.cursor, 2);
    assert_eq!((home.titles().len(), home.problems().len()), (2, 1));
    std::fs::write(&entry, whole).unwrap();
    assert_eq!(home.refresh().await.cursor, 2);
    assert_eq!((home.titles().len(), home.problems().len()), (2, 0));
}

#[tokio::test]
async fn while_its_teamspace_is_away_everything_known_stays() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    home.refresh().await;
    std::fs::rename(home.stored(""), home.dir.path().join("away")).unwrap();
    let refreshed = home.catalog.refresh(&home.teamspace).await;
    assert!(matches!(refreshed, Err(Error::Teamspace(teamspace::Error::Unreachable { .. }))));
    assert_eq!((home.titles().len(), home.problems().len(), home.found("budget").len()), (1, 0, 1));
    assert_eq!(home.catalog.transcript(home.teamspace.id(), &id).unwrap()[0][0].text, "budget");
}

#[tokio::test]
async fn the_catalog_is_rebuilt_from_the_teamspace() {
    let home = home().await;
    home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    home.refresh().await;
    let path = home.dir.path().join("catalog.db");
    let Home { catalog, teamspace, dir } = home;
    drop(catalog);
    for damage in [b"".as_slice(), b"no longer a database, but a file of some length"] {
        std::fs::write(&path, damage).unwrap();
        let (catalog, fresh) = Catalog::open(&path).unwrap();
        assert!(fresh);
        catalog.refresh(&teamspace).await.unwrap();
        assert_eq!(catalog.search("budget", None, 5).unwrap().hits.len(), 1);
    }
    drop(dir);
}

#[tokio::test]
async fn damage_that_shows_later_is_mended_at_the_next_start() {
    let home = home().await;
    let lines: Vec<String> = (0..2_000).map(|n| format!("Ada: word{n} budget")).collect();
    home.import_said(meeting("a", 0), &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    home.refresh().await;
    let path = home.dir.path().join("catalog.db");
    let Home { catalog, teamspace, dir: _dir } = home;
    drop(catalog);
    let mut bytes = std::fs::read(&path).unwrap();
    let from = bytes.len() / 2;
    bytes[from..].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    let (catalog, fresh) = Catalog::open(&path).unwrap();
    assert!(!fresh, "the first page does not show it");
    let error = catalog.search("budget", None, 5).unwrap_err();
    assert_eq!(UserError::from(error).code, Code::FileDamaged);
    drop(catalog);
    let (catalog, fresh) = Catalog::open(&path).unwrap();
    assert!(fresh);
    catalog.refresh(&teamspace).await.unwrap();
    assert!(!catalog.search("budget", None, 5).unwrap().hits.is_empty());
}

#[tokio::test]
async fn two_processes_refresh_at_once_without_harm() {
    let home = home().await;
    for n in 0..10 {
        home.import_said(meeting(&n.to_string(), n), &["Ada: budget"]).await;
    }
    let (other, fresh) = Catalog::open(&home.dir.path().join("catalog.db")).unwrap();
    assert!(!fresh);
    let (a, b) = tokio::join!(home.catalog.refresh(&home.teamspace), other.refresh(&home.teamspace));
    assert_eq!((a.unwrap().cursor, b.unwrap().cursor), (10, 10));
    assert_eq!((home.titles().len(), home.found("budget").len()), (10, 10));
}

#[tokio::test]
async fn two_teamspaces_are_kept_apart_and_one_can_be_forgotten() {
    let home = home().await;
    let location = Location::folder(home.dir.path().join("Other"));
    let other = Teamspace::create(&location, "Other", NOW).await.unwrap();
    let id = home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    home.refresh().await;
    let twin = Home { teamspace: other.clone(), ..home };
    twin.import_said(meeting("a", 0), &["Ada: budget"]).await;
    twin.refresh().await;
    assert_eq!(twin.catalog.teamspaces_of(&id).unwrap().len(), 2);
    assert_eq!(twin.found("budget").len(), 2);
    let mine = twin.catalog.search("budget", Some(other.id()), 5).unwrap().hits;
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0].teamspace, other.id());
    twin.catalog.forget(other.id()).unwrap();
    assert_eq!((twin.titles().len(), twin.found("budget").len()), (0, 1));
    assert_eq!(twin.catalog.cursor(other.id()).unwrap(), 0);
}

#[tokio::test]
async fn more_hits_than_asked_for_are_said() {
    let home = home().await;
    let lines = vec!["Ada: budget"; 40];
    home.import_said(meeting("a", 0), &lines).await;
    home.refresh().await;
    let hits = home.catalog.search("budget", None, 3).unwrap();
    assert_eq!((hits.hits.len(), hits.more), (3, true));
    let hits = home.catalog.search("budget", None, 4).unwrap();
    assert_eq!((hits.hits.len(), hits.more), (4, false));
}

#[tokio::test]
async fn the_best_come_first_and_when_that_takes_too_long_the_newest() {
    let home = home().await;
    let mut lines = vec!["Ada: something about the budget and many other words"; 4_000];
    lines[3_990..].fill("Ada: unrelated");
    lines[100] = "Ada: budget budget budget budget";
    home.import_said(meeting("long", 0), &lines).await;
    home.import_said(
        meeting("newest", 5),
        &["Ada: one budget among so many other words that it counts for little"],
    )
    .await;
    home.refresh().await;
    let first = |deadline| {
        let mut hits = home.catalog.find_within(&asked("budget", None, 1), &around(), deadline).unwrap().hits;
        hits.pop().unwrap().title
    };
    assert_eq!(first(Duration::from_secs(60)), "Meeting long");
    assert_eq!(first(Duration::ZERO), "Meeting newest");
}

#[tokio::test]
async fn what_stands_in_more_places_than_can_be_ranked_comes_newest_first() {
    let home = home().await;
    let mut lines = vec!["Ada: something about the budget and many other words"; 25_000];
    lines[100] = "Ada: budget quarterly, budget quarterly, budget quarterly";
    home.import_said(meeting("long", 0), &lines).await;
    home.import_said(
        meeting("newest", 5),
        &[
            "Ada: one budget, quarterly, among so many other words that both count for little",
            "Ada: and more",
        ],
    )
    .await;
    home.refresh().await;
    let first = |words| {
        let deadline = Duration::from_secs(60);
        let mut hits = home.catalog.find_within(&asked(words, None, 1), &around(), deadline).unwrap().hits;
        hits.pop().unwrap().title
    };
    assert_eq!(first("budget"), "Meeting newest", "too many hold it");
    assert_eq!(first("budget quarterly"), "Meeting long", "few hold both");
}

#[tokio::test]
async fn a_snippet_shows_the_words_with_what_stands_around_them() {
    let home = home().await;
    let long = format!("Ada: {}the budget{}", "before ".repeat(80), " after".repeat(80));
    home.import_said(meeting("a", 0), &[&long]).await;
    home.refresh().await;
    let snippet = home.find("budget").pop().unwrap().snippet;
    assert!(snippet.starts_with("…before") && snippet.ends_with("after…"), "{snippet}");
    assert!(snippet.contains("the budget after") && snippet.chars().count() < 180, "{snippet}");
}
