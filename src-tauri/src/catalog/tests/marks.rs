//! What people make of recordings, and who they are.

use super::*;

const ADA: &str = "0199a7c1-7a11-7b1e-a0b5-5b9f3b0f1c01";

impl Home {
    /// What Ada says.
    async fn say(&self, op: KnownOp) {
        self.teamspace.append(&[op.into()], ADA, NOW).await.unwrap();
    }

    fn history(&self, id: &RecordingId) -> Vec<(HistoryKind, Vec<String>, Vec<String>)> {
        let all = self.catalog.history(self.teamspace.id(), id).unwrap();
        all.into_iter().map(|entry| (entry.kind, entry.old, entry.new)).collect()
    }
}

fn set(id: &RecordingId, field: &str, value: serde_json::Value) -> KnownOp {
    KnownOp::Set { recording_id: id.clone(), field: field.to_owned(), value, base: 1 }
}

#[tokio::test]
async fn two_changes_at_once_are_both_kept_the_later_shown_and_the_older_in_the_history() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    // Both built on entry 1.
    home.say(set(&id, "title", "Hers".into())).await;
    home.say(set(&id, "title", "His".into())).await;
    home.say(set(&id, "tags", serde_json::json!({"add": ["clinic", "draft"]}))).await;
    home.say(set(&id, "tags", serde_json::json!({"add": ["Interview", "CLINIC"], "remove": ["draft"]})))
        .await;
    home.refresh().await;
    let found = home.catalog.recording(home.teamspace.id(), &id).unwrap().unwrap();
    assert_eq!((found.title.as_str(), found.tags.join(" ")), ("His", "clinic Interview".to_owned()));
    let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let expected = [
        (HistoryKind::Tags, texts(&["clinic", "draft"]), texts(&["clinic", "Interview"])),
        (HistoryKind::Tags, texts(&[]), texts(&["clinic", "draft"])),
        (HistoryKind::Title, texts(&["Hers"]), texts(&["His"])),
        (HistoryKind::Title, texts(&["Meeting a"]), texts(&["Hers"])),
    ];
    assert_eq!(home.history(&id), expected);
    // What the teamspace is read for anew is the same.
    home.catalog.forget(home.teamspace.id()).unwrap();
    home.refresh().await;
    assert_eq!(home.history(&id), expected);
}

#[tokio::test]
async fn hostile_titles_and_tags_are_plain_and_bounded() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: hello"]).await;
    home.say(set(&id, "title", format!("\u{1b}[2J{}", "x".repeat(100_000)).into())).await;
    home.say(set(&id, "title", serde_json::json!(" \n "))).await;
    let many: Vec<String> = (0..1000).map(|n| format!("{n}\u{0}{}", "y".repeat(1000))).collect();
    home.say(set(&id, "tags", serde_json::json!(many))).await;
    home.say(set(&id, "tags", serde_json::json!({"add": 7}))).await;
    home.refresh().await;
    let found = home.catalog.recording(home.teamspace.id(), &id).unwrap().unwrap();
    assert_eq!(found.title.chars().count(), LONGEST_TITLE);
    assert_eq!(found.tags.len(), MOST_TAGS);
    let sound = |text: &String| !text.chars().any(char::is_control);
    assert!(sound(&found.title) && found.tags.iter().all(|t| sound(t) && t.chars().count() <= LONGEST_TAG));
}

#[tokio::test]
async fn the_trash_says_what_who_and_when_and_keeps_what_others_change_meanwhile() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    let member = |name: &str| KnownOp::Member { profile: ADA.to_owned(), name: name.to_owned(), photo: None };
    home.say(member("Ada")).await;
    home.say(KnownOp::Trash { recording_id: id.clone() }).await;
    home.say(set(&id, "title", "Renamed in the trash".into())).await;
    home.say(member("Ada Kessler")).await;
    home.refresh().await;
    let teamspace = home.teamspace.id();
    assert_eq!(home.catalog.place(teamspace, &id).unwrap(), Place::Trash);
    assert_eq!(home.catalog.out_of_sight_in(&id).unwrap(), [teamspace]);
    let trash = home.catalog.trash(teamspace).unwrap();
    let shown: Vec<_> =
        trash.iter().map(|one| (one.recording.title.as_str(), one.name.as_deref(), one.at)).collect();
    assert_eq!(shown, [("Renamed in the trash", Some("Ada Kessler"), NOW)]);
    assert_eq!(home.history(&id)[0].1, ["Meeting a"], "the older title stays visible");
    home.say(KnownOp::Restore { recording_id: id.clone() }).await;
    home.refresh().await;
    assert_eq!(
        (home.titles(), home.catalog.trash(teamspace).unwrap()),
        (vec![shown[0].0.to_owned()], vec![])
    );
}

#[tokio::test]
async fn only_what_is_in_the_trash_is_deleted_and_what_is_gone_stays_gone() {
    let home = home().await;
    let id = home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    let (trash, restore, delete) = (
        KnownOp::Trash { recording_id: id.clone() },
        KnownOp::Restore { recording_id: id.clone() },
        KnownOp::Delete { recording_id: id.clone() },
    );
    let place = || home.catalog.place(home.teamspace.id(), &id).unwrap();
    // Restored by a colleague a moment before: the delete that did not know of it does not count.
    for op in [&trash, &restore, &delete] {
        home.say(op.clone()).await;
    }
    home.refresh().await;
    assert_eq!((place(), home.titles().len()), (Place::Library, 1));
    for op in [&trash, &delete, &restore] {
        home.say(op.clone()).await;
    }
    home.refresh().await;
    home.teamspace.delete_files(&id).await.unwrap();
    assert_eq!((place(), home.titles().len()), (Place::Gone, 0));
    // A machine that reads the log from its start finds no file missing.
    home.catalog.forget(home.teamspace.id()).unwrap();
    home.refresh().await;
    assert_eq!((place(), home.titles().len(), home.problems()), (Place::Gone, 0, vec![]));
    assert!(home.manifest_path(&id).exists(), "the mark against importing it again");
}

#[tokio::test]
async fn deleting_the_files_of_one_touches_no_other() {
    let home = home().await;
    let one = home.import_said(meeting("a", 0), &["Ada: one"]).await;
    let other = home.import_said(meeting("b", 1), &["Ada: other"]).await;
    home.teamspace.delete_files(&one).await.unwrap();
    home.refresh().await;
    assert_eq!(home.found("other").len(), 1);
    let left = home.teamspace.folders(one.shard()).await.unwrap();
    let left = left.iter().find(|folder| folder.id == one).unwrap();
    assert!(left.has_manifest && left.attempts.is_empty(), "{left:?}");
    assert_eq!(home.teamspace.published(&other).await.unwrap().files().len(), 1);
}

#[tokio::test]
async fn members_are_as_they_said_last() {
    let home = home().await;
    let member = |profile: &str, name: &str| KnownOp::Member {
        profile: profile.to_owned(),
        name: name.to_owned(),
        photo: Some("javascript:alert(1)".to_owned()),
    };
    home.say(member(ADA, "Ada")).await;
    home.say(member(ADA, "Ada Kessler")).await;
    home.say(member("0199a7c2-0000-7000-8000-000000000009", "Mallory, in the name of another")).await;
    home.refresh().await;
    let members = home.catalog.members(home.teamspace.id()).unwrap();
    let said: Vec<_> = members.iter().map(|member| (member.name.as_str(), &member.photo)).collect();
    assert_eq!(said, [("Ada Kessler", &None)]);
}

#[tokio::test]
async fn tags_are_found_by_words_and_narrow_what_is_found() {
    let home = home().await;
    let clinic = home.import_said(meeting("a", 0), &["Ada: budget"]).await;
    let other = home.import_said(meeting("b", 1), &["Ada: budget"]).await;
    home.say(set(&clinic, "tags", serde_json::json!({"add": ["Clinic study", "Über uns"]}))).await;
    home.refresh().await;
    let found = |words: &str| {
        let hits = home.catalog.search(words, None, 50).unwrap().hits;
        hits.into_iter().map(|hit| (hit.recording_id, hit.kind, hit.snippet)).collect::<Vec<_>>()
    };
    let by_tag = [(clinic.clone(), HitKind::Tag, "Clinic study, Über uns".to_owned())];
    assert_eq!(found("linic stu"), by_tag, "any three letters of it");
    assert_eq!(found("st"), by_tag, "or two");
    assert_eq!(found("meeting clinic").len(), 1, "one word in the title, the other a tag");
    assert_eq!(found("budget").len(), 2);
    let tagged = |tag: &str, words: &str| {
        let words = format!("tag:\"{tag}\" {words}");
        let hits = home.catalog.search(&words, Some(home.teamspace.id()), 50).unwrap().hits;
        hits.into_iter().map(|hit| hit.recording_id).collect::<Vec<_>>()
    };
    let it = std::slice::from_ref(&clinic);
    assert_eq!(tagged("ÜBER UNS", "budget"), it, "whatever its case");
    assert_eq!(tagged("clinic study", "meeting"), it);
    assert!(tagged("clinic", "budget").is_empty(), "the whole tag");

    // Taken off, it is found no more; and what is read anew brings its tags along.
    home.say(set(&clinic, "tags", serde_json::json!({"remove": ["clinic study"]}))).await;
    home.say(set(&other, "tags", serde_json::json!({"add": ["pilot"]}))).await;
    home.refresh().await;
    home.catalog.forget(home.teamspace.id()).unwrap();
    home.refresh().await;
    assert!(found("clinic").is_empty());
    assert_eq!(found("pilot"), [(other, HitKind::Tag, "pilot".to_owned())]);
}
