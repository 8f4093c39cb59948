//! What people correct in transcripts: seen, found, taken back, whenever it comes.

use serde_json::{Value, json};

use super::*;
use crate::catalog::corrections::digest_of;
use crate::transcript::ChatMessage;

const ADA: &str = "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01";
const BEN: &str = "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c02";

/// The lines of one meeting: enough for three passages.
fn lines() -> Vec<String> {
    (1..=25)
        .map(|n| format!("{}: sentence number {n} of it", if n % 2 == 0 { "Ben" } else { "Speaker 1" }))
        .collect()
}

fn source(lines: &[&str]) -> String {
    digest_of(&sha256(vtt(lines).as_bytes())).unwrap()
}

fn field(lines: &[&str], number: u32) -> String {
    Corrected::Line { source: source(lines), number }.field()
}

struct Told {
    home: Home,
    id: RecordingId,
    said: Vec<String>,
}

impl Told {
    async fn new() -> Self {
        let home = home().await;
        let said = lines();
        let mut manifest = meeting("a", 0);
        let chat = "00:02:15\tSpeaker 1:\tsee the wiki\n00:02:16\tBen:\tthanks\n";
        home.put(&mut manifest, FileKind::Chat, 0, "txt", chat).await;
        let id = home.import_said(manifest, &Self::texts(&said)).await;
        home.refresh().await;
        Self { home, id, said }
    }

    fn texts(said: &[String]) -> Vec<&str> {
        said.iter().map(String::as_str).collect()
    }

    async fn set(&self, writer: &str, field: &str, value: Value) {
        set(&self.home, &self.id, writer, field, value).await;
    }

    /// Somebody corrects a line.
    async fn line(&self, writer: &str, number: u32, value: Value) {
        self.set(writer, &field(&Self::texts(&self.said), number), value).await;
    }

    fn text(&self, number: usize) -> String {
        transcript(&self.home, &self.id)[0][number - 1].text.clone()
    }

    fn speaker(&self, number: usize) -> String {
        transcript(&self.home, &self.id)[0][number - 1].speaker.clone().unwrap()
    }

    fn chat(&self) -> Vec<ChatMessage> {
        self.home.catalog.chat(self.home.teamspace.id(), &self.id).unwrap().remove(0)
    }

    fn corrections(&self) -> Corrections {
        self.home.catalog.corrections(self.home.teamspace.id(), &self.id).unwrap()
    }

    fn history(&self) -> Vec<(HistoryKind, String, String, String)> {
        let one = |values: Vec<String>| values.join(", ");
        let all = self.home.catalog.history(self.home.teamspace.id(), &self.id).unwrap();
        all.into_iter().map(|entry| (entry.kind, entry.profile, one(entry.old), one(entry.new))).collect()
    }

    fn people(&self) -> Vec<String> {
        let all = self.home.catalog.people_in(self.home.teamspace.id(), 50).unwrap();
        let mut names: Vec<String> = all.into_iter().map(|one| one.name).collect();
        names.sort();
        names
    }

    /// All that can be seen of it, to be compared.
    fn seen(&self) -> impl PartialEq + std::fmt::Debug {
        let texts = transcript(&self.home, &self.id);
        (texts, self.chat(), self.corrections(), self.history(), self.people())
    }

    /// The catalog, built anew.
    async fn anew(&self) {
        self.home.catalog.forget(self.home.teamspace.id()).unwrap();
        self.home.refresh().await;
    }
}

async fn set(home: &Home, id: &RecordingId, writer: &str, field: &str, value: Value) {
    let op = KnownOp::Set { recording_id: id.clone(), field: field.to_owned(), value, base: 1 };
    home.teamspace.append(&[op.into()], writer, NOW).await.unwrap();
    home.refresh().await;
}

fn transcript(home: &Home, id: &RecordingId) -> Vec<Vec<Cue>> {
    home.catalog.transcript(home.teamspace.id(), id).unwrap()
}

#[tokio::test]
async fn a_corrected_line_is_shown_and_found_and_what_it_was_is_not() {
    let told = Told::new().await;
    for number in [1, 10, 11, 25] {
        told.line(ADA, number, json!("the Zwiebelfisch was here")).await;
        assert_eq!(told.text(number as usize), "the Zwiebelfisch was here");
        assert_eq!(told.home.found("zwiebelfisch").last().unwrap().1, Some(f64::from(number - 1)));
        assert_eq!(told.home.found(&format!("\"number {number} of\"")), [], "{number}");
        told.line(ADA, number, Value::Null).await;
        assert_eq!(told.text(number as usize), format!("sentence number {number} of it"));
        assert_eq!(told.home.found("zwiebelfisch"), []);
        assert_eq!(told.home.found(&format!("\"number {number} of\"")).len(), 1);
    }
    assert_eq!(told.corrections().lines, []);
    assert_eq!(told.corrections().sources, [source(&Told::texts(&told.said))]);
    assert_eq!(told.text(2), "sentence number 2 of it", "the others are as they were");
}

#[tokio::test]
async fn of_two_who_correct_a_line_the_later_counts_and_the_history_has_both() {
    let told = Told::new().await;
    told.line(ADA, 3, json!("hers")).await;
    told.line(BEN, 3, json!("his")).await;
    // Said twice, by an outbox after a crash: once.
    told.line(BEN, 3, json!("his")).await;
    told.line(ADA, 3, Value::Null).await;
    let line =
        |by: &str, old: &str, new: &str| (HistoryKind::Line, by.to_owned(), old.to_owned(), new.to_owned());
    let original = "sentence number 3 of it";
    let expected = [line(ADA, "his", original), line(BEN, "hers", "his"), line(ADA, original, "hers")];
    assert_eq!(told.history(), expected);
    assert_eq!(told.text(3), original);
    told.line(BEN, 3, json!("again")).await;
    let known = &told.corrections().lines[0];
    assert_eq!(
        (known.segment, known.line, known.original.as_str(), known.profile.as_str()),
        (0, 3, original, BEN)
    );
    let before = told.seen();
    told.anew().await;
    assert_eq!(before, told.seen());
    assert_eq!(told.home.found("again").len(), 1);
}

#[tokio::test]
async fn a_speaker_is_renamed_in_transcript_chat_people_and_search_and_back() {
    let told = Told::new().await;
    assert!(told.people().contains(&"Speaker 1".to_owned()));
    told.line(ADA, 3, json!("corrected too")).await;
    told.set(ADA, "speaker/Speaker 1", json!("Priya Raman")).await;
    assert_eq!((told.speaker(1).as_str(), told.speaker(2).as_str()), ("Priya Raman", "Ben"));
    assert_eq!((told.speaker(3), told.text(3)), ("Priya Raman".to_owned(), "corrected too".to_owned()));
    assert_eq!(told.chat()[0].sender.as_deref(), Some("Priya Raman"));
    let named = |text: &str| told.home.find(text).into_iter().map(|hit| hit.kind).collect::<Vec<_>>();
    assert_eq!(named("raman"), [HitKind::Person]);
    assert_eq!(named("from:priya wiki"), [HitKind::Chat]);
    assert!(named("from:priya sentence").contains(&HitKind::Transcript));
    assert_eq!(named("from:\"Speaker 1\" sentence"), []);
    assert_eq!(named("kind:person speaker"), []);
    let people = told.people();
    assert!(people.contains(&"Priya Raman".to_owned()) && !people.contains(&"Speaker 1".to_owned()));
    let renamed = &told.corrections().speakers[0];
    assert_eq!((renamed.original.as_str(), renamed.name.as_str()), ("Speaker 1", "Priya Raman"));
    let before = told.seen();
    told.anew().await;
    assert_eq!(before, told.seen());

    // Two become one, and the one in the file under that name stays by itself.
    told.set(ADA, "speaker/Speaker 1", json!("Ben")).await;
    assert_eq!((told.speaker(1).as_str(), told.speaker(2).as_str()), ("Ben", "Ben"));
    told.set(BEN, "speaker/Ben", json!("Benedikt")).await;
    assert_eq!((told.speaker(1).as_str(), told.speaker(2).as_str()), ("Ben", "Benedikt"));
    told.set(BEN, "speaker/Ben", Value::Null).await;
    told.set(ADA, "speaker/Speaker 1", Value::Null).await;
    assert_eq!((told.speaker(1).as_str(), told.speaker(2).as_str()), ("Speaker 1", "Ben"));
    assert_eq!(told.chat()[0].sender.as_deref(), Some("Speaker 1"));
    assert_eq!(told.text(3), "corrected too");
    assert!(told.people().contains(&"Speaker 1".to_owned()));
    assert!(told.home.find("kind:person speaker").len() == 1);
}

#[tokio::test]
async fn corrections_that_come_before_the_recording_apply_when_it_is_there() {
    let home = home().await;
    let said = ["Ada: hello", "Ben: good bye"];
    let mut manifest = meeting("a", 0);
    let id = manifest.recording_id.clone();
    set(&home, &id, ADA, &field(&said, 2), json!("farewell")).await;
    set(&home, &id, ADA, "speaker/Ada", json!("Grace")).await;
    home.put(&mut manifest, FileKind::Transcript, 1, "vtt", &vtt(&said)).await;
    home.put(&mut manifest, FileKind::Transcript, 0, "vtt", &vtt(&["Ada: another part"])).await;
    home.import(&manifest).await;
    home.refresh().await;
    let all = transcript(&home, &id);
    assert_eq!((all[1][1].text.as_str(), all[1][0].speaker.as_deref()), ("farewell", Some("Grace")));
    assert_eq!(all[0][0].speaker.as_deref(), Some("Grace"), "in all of its parts");
    assert_eq!(home.find("farewell")[0].segment, 1);
    let history = home.catalog.history(home.teamspace.id(), &id).unwrap();
    assert_eq!(history[1].line.as_ref().map(|line| (line.segment, line.line, line.at)), Some((1, 2, 1.0)));
}

#[tokio::test]
async fn a_recording_that_was_in_the_trash_comes_back_as_corrected_there() {
    let told = Told::new().await;
    told.line(ADA, 1, json!("before the trash")).await;
    told.home.append(KnownOp::Trash { recording_id: told.id.clone() }).await;
    told.home.refresh().await;
    told.line(BEN, 2, json!("in the trash")).await;
    told.set(BEN, "speaker/Ben", json!("Benedikt")).await;
    assert_eq!(told.home.found("trash"), []);
    told.home.append(KnownOp::Restore { recording_id: told.id.clone() }).await;
    told.home.refresh().await;
    assert_eq!((told.text(1).as_str(), told.text(2).as_str()), ("before the trash", "in the trash"));
    assert_eq!(told.speaker(2), "Benedikt");
    let before = told.seen();
    told.anew().await;
    assert_eq!(before, told.seen());
}

#[tokio::test]
async fn a_transcript_that_comes_later_is_corrected_and_other_files_corrections_stay_away() {
    let home = home().await;
    let mut first = meeting("a", 0);
    let id = first.recording_id.clone();
    let (captions, said) = (["Ada: captions here"], ["Ada: spoken here"]);
    home.put(&mut first, FileKind::Captions, 0, "vtt", &vtt(&captions)).await;
    home.import(&first).await;
    set(&home, &id, ADA, &field(&captions, 1), json!("better captions")).await;
    set(&home, &id, ADA, &field(&said, 1), json!("better words")).await;
    assert_eq!(transcript(&home, &id)[0][0].text, "better captions");
    let mut late = Manifest { attempt: new_attempt(), nonce: new_nonce(), files: Vec::new(), ..first };
    home.put(&mut late, FileKind::Transcript, 0, "vtt", &vtt(&said)).await;
    let publication = home.teamspace.publish_addendum("file-2", &late).await.unwrap();
    home.append(publication.op).await;
    home.refresh().await;
    assert_eq!(transcript(&home, &id)[0][0].text, "better words");
    let known = home.catalog.corrections(home.teamspace.id(), &id).unwrap();
    assert_eq!(known.lines.len(), 1, "what is about another file is not in force");
    assert_eq!(home.found("captions"), []);
}

#[tokio::test]
async fn hostile_corrections_are_plain_and_bounded_or_nothing() {
    let told = Told::new().await;
    let nothing = told.seen();
    let digest = source(&Told::texts(&told.said));
    for (field, value) in [
        (format!("line/{digest}/0"), json!("x")),
        (format!("line/{digest}/03"), json!("x")),
        (format!("line/{digest}/+3"), json!("x")),
        (format!("line/{digest}/99999999999"), json!("x")),
        (format!("line/{}/3", digest.to_uppercase()), json!("x")),
        ("line/3".to_owned(), json!("x")),
        ("speaker/".to_owned(), json!("x")),
        ("speaker/a\nb".to_owned(), json!("x")),
        (format!("speaker/{}", "y".repeat(5000)), json!("x")),
        (format!("line/{digest}/3"), json!(7)),
        (format!("line/{digest}/3"), json!({"text": "x"})),
        (format!("line/{digest}/3"), json!(" \u{1b}\n ")),
        ("speaker/Ben".to_owned(), json!([])),
    ] {
        told.set(ADA, &field, value).await;
        assert!(nothing == told.seen(), "{field}");
    }
    // Known, but of no line that is there.
    told.line(ADA, 26, json!("beyond")).await;
    told.line(ADA, u32::MAX, json!("far beyond")).await;
    assert_eq!(told.corrections().lines, []);
    assert_eq!(told.home.found("beyond"), []);
    told.line(ADA, 3, json!(format!("a\u{2}b\u{1e}\u{1d}\n{}", "x".repeat(9_000)))).await;
    let text = told.text(3);
    assert!(text.starts_with("abx") && text.chars().count() == LONGEST_LINE, "{}", text.len());
    told.set(ADA, "speaker/Ben", json!("z".repeat(9_000))).await;
    assert_eq!(told.speaker(2).chars().count(), LONGEST_SPEAKER);
    let before = told.seen();
    told.anew().await;
    assert_eq!(before, told.seen());
}

#[tokio::test]
async fn a_library_is_narrowed_by_people_tags_length_and_what_there_is() {
    let home = home().await;
    let mut with_chat = Manifest { title: "With chat".to_owned(), ..meeting("b", 1) };
    home.put(&mut with_chat, FileKind::Chat, 0, "txt", "00:02:15\tBen:\thi\n").await;
    let talk = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    home.import(&with_chat).await;
    home.refresh().await;
    let left = |text: &str| {
        let search = asked(text, Some(home.teamspace.id()), 1);
        let ids = home.catalog.matching(&search, &around()).unwrap();
        ids.into_iter().map(|id| if id == talk { "talk" } else { "chat" }).collect::<Vec<_>>()
    };
    assert_eq!(left("has:transcript"), ["talk"]);
    assert_eq!(left("-has:transcript"), ["chat"]);
    assert_eq!(left("has:chat from:ben"), ["chat"]);
    assert_eq!(left("has:chat -from:ben"), [] as [&str; 0]);
    assert_eq!(left("from:ada has:transcript -has:chat"), ["talk"]);
    assert_eq!(left("has:video"), [] as [&str; 0]);
    assert_eq!(left("-has:video"), ["chat", "talk"], "newest first");
    assert_eq!(left("longer:1m"), ["chat", "talk"]);
    assert_eq!(left(""), [] as [&str; 0]);
    set(&home, &talk, ADA, "tags", json!(["clinic study"])).await;
    assert_eq!(left("tag:\"Clinic Study\""), ["talk"]);
    set(&home, &talk, ADA, "speaker/Ada", json!("Grace")).await;
    assert_eq!(left("from:grace"), ["talk"]);
}
