//! Highlights, in whatever order and shape the log says them.

use serde_json::json;

use super::*;
use crate::catalog::{Highlight, LATEST, LONGEST_NOTE, MOST_HIGHLIGHTS, WantedHighlights};

const ADA: &str = "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01";
const BEN: &str = "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c02";

/// The field of a highlight with this number.
fn field(n: u32) -> String {
    format!("highlight/0199a7c2-0000-7000-8000-{n:012}")
}

impl Home {
    /// What somebody says of a highlight.
    async fn mark(&self, id: &RecordingId, who: &str, n: u32, value: serde_json::Value) {
        let op = KnownOp::Set { recording_id: id.clone(), field: field(n), value, base: 1 };
        self.teamspace.append(&[op.into()], who, NOW).await.unwrap();
    }

    fn highlights(&self, id: &RecordingId) -> Vec<Highlight> {
        self.catalog.highlights(self.teamspace.id(), id).unwrap()
    }

    fn notes(&self, id: &RecordingId) -> Vec<String> {
        self.highlights(id).into_iter().map(|one| one.note).collect()
    }
}

fn said(from: u64, to: u64, note: &str) -> serde_json::Value {
    json!({ "from": from, "to": to, "note": note, "tags": ["clinic"] })
}

#[tokio::test]
async fn the_later_word_counts_and_the_older_stays_in_the_history() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    home.mark(&id, ADA, 1, said(1_000, 2_000, "hers")).await;
    home.mark(&id, BEN, 1, said(1_000, 3_000, "his")).await;
    home.mark(&id, BEN, 2, said(500, 900, "first")).await;
    home.mark(&id, ADA, 2, serde_json::Value::Null).await;
    home.refresh().await;
    let [one] = home.highlights(&id).try_into().unwrap();
    assert_eq!((one.note.as_str(), one.to, one.profile.as_str()), ("his", 3_000, ADA), "who made it stays");
    let history = home.catalog.history(home.teamspace.id(), &id).unwrap();
    let told: Vec<_> = history.iter().map(|entry| (entry.old.len(), entry.new.join(" "))).collect();
    let expected = [
        (4, String::new()),
        (0, "500 900 first clinic".to_owned()),
        (4, "1000 3000 his clinic".to_owned()),
        (0, "1000 2000 hers clinic".to_owned()),
    ];
    assert_eq!(told, expected);
    // Taken back by somebody who had not seen that it was removed, or by an undo.
    home.mark(&id, ADA, 2, said(500, 900, "first")).await;
    home.refresh().await;
    assert_eq!(home.notes(&id), ["first", "his"]);
    assert_eq!(home.highlights(&id)[0].profile, BEN);
    // What the teamspace is read for anew is the same.
    let before = home.highlights(&id);
    home.catalog.forget(home.teamspace.id()).unwrap();
    assert_eq!(home.highlights(&id), []);
    home.refresh().await;
    assert_eq!(home.highlights(&id), before);
}

#[tokio::test]
async fn they_come_before_their_recording_too_and_hide_with_it_in_the_trash() {
    let home = home().await;
    let id = meeting("a", 0).recording_id;
    home.mark(&id, ADA, 1, said(1_000, 2_000, "early")).await;
    home.refresh().await;
    assert_eq!(home.notes(&id), [""; 0], "there is nothing yet that it is of");
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    home.refresh().await;
    assert_eq!(home.notes(&id), ["early"]);
    let everything = WantedHighlights { limit: 9, ..WantedHighlights::default() };
    for (op, shown) in
        [(KnownOp::Trash { recording_id: id.clone() }, 0), (KnownOp::Restore { recording_id: id.clone() }, 1)]
    {
        home.teamspace.append(&[op.into()], ADA, NOW).await.unwrap();
        home.refresh().await;
        assert_eq!(home.notes(&id).len(), shown);
        assert_eq!(home.catalog.find_highlights(&everything).unwrap().total, shown);
    }
}

#[tokio::test]
async fn what_strangers_write_is_cut_or_ignored() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    for nonsense in [
        json!(7),
        json!({}),
        json!({"from": 5, "to": 5}),
        json!({"from": 9, "to": 5}),
        json!({"from": -1, "to": 5}),
        json!({"from": "1", "to": "5"}),
        json!({"from": 1, "to": LATEST + 1}),
        json!({"from": 1, "to": u64::MAX}),
    ] {
        home.mark(&id, ADA, 1, nonsense).await;
    }
    let nobody = KnownOp::Set {
        recording_id: id.clone(),
        field: "highlight/../x".to_owned(),
        value: said(1, 2, "x"),
        base: 1,
    };
    home.teamspace.append(&[nobody.into()], ADA, NOW).await.unwrap();
    home.refresh().await;
    assert_eq!(home.notes(&id), [""; 0]);
    let tags: Vec<String> = (0..90).map(|n| format!("{n}\u{0}{}", "y".repeat(90))).collect();
    let note = format!("two\nlines\u{1b}[2J{}", "x".repeat(5_000));
    home.mark(&id, ADA, 1, json!({"from": 1, "to": 2, "note": note, "tags": tags, "mood": "calm"})).await;
    home.mark(&id, ADA, 2, json!({"from": 1, "to": 2, "note": 7, "tags": 7})).await;
    home.refresh().await;
    let all = home.highlights(&id);
    assert_eq!(all[0].note.chars().count(), LONGEST_NOTE);
    assert!(all[0].note.starts_with("two\nlines[2J"), "{}", all[0].note);
    assert_eq!((all[0].tags.len(), all[1].tags.len(), all[1].note.as_str()), (30, 0, ""));
}

#[tokio::test]
async fn no_more_are_kept_of_a_recording_than_anybody_watches() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    let most = u32::try_from(MOST_HIGHLIGHTS).unwrap();
    let op = |n: u32| {
        let (recording_id, field) = (id.clone(), field(n));
        KnownOp::Set { recording_id, field, value: said(n.into(), 5_000, "x"), base: 1 }.into()
    };
    let ops: Vec<_> = (0..most + 5).map(op).collect();
    home.teamspace.append(&ops, ADA, NOW).await.unwrap();
    home.refresh().await;
    assert_eq!(home.highlights(&id).len(), MOST_HIGHLIGHTS);
    home.mark(&id, ADA, 3, serde_json::Value::Null).await;
    home.mark(&id, ADA, most + 4, said(1, 2, "there is room")).await;
    home.refresh().await;
    assert_eq!(home.highlights(&id).len(), MOST_HIGHLIGHTS);
    assert!(home.notes(&id).contains(&"there is room".to_owned()));
}

#[tokio::test]
async fn they_are_found_by_words_and_tags_a_page_at_a_time() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    for n in 0..5 {
        home.mark(&id, ADA, n, said(1, 2, &format!("Übergabe {n}"))).await;
    }
    home.mark(&id, ADA, 9, json!({"from": 1, "to": 2, "note": "other", "tags": ["Handover"]})).await;
    home.refresh().await;
    let find = |words: &str, tag: Option<&str>, skip: usize, limit: usize| {
        let (words, tag) = (words.to_owned(), tag.map(str::to_owned));
        let wanted = WantedHighlights { tag, words, skip, limit, ..WantedHighlights::default() };
        home.catalog.find_highlights(&wanted).unwrap()
    };
    let list = find("ubergabe MEETING", None, 2, 2);
    let notes: Vec<_> = list.found.iter().map(|one| one.highlight.note.as_str()).collect();
    assert_eq!((notes, list.total), (vec!["Übergabe 2", "Übergabe 1"], 5), "the newest first");
    assert_eq!(list.tags, ["clinic", "Handover"], "of all of them, to choose from");
    assert_eq!(find("", Some("HANDOVER"), 0, 9).total, 1);
    assert_eq!(find("nowhere", None, 0, 9).total, 0);
    let elsewhere = WantedHighlights { teamspace: Some("x".to_owned()), limit: 9, ..Default::default() };
    assert_eq!(home.catalog.find_highlights(&elsewhere).unwrap().total, 0);
    let of_it = WantedHighlights { recording_id: Some(id), limit: 9, ..Default::default() };
    assert_eq!(home.catalog.find_highlights(&of_it).unwrap().total, 6);
}
