//! The catalog of a teamspace with a long log: what is listed at once, what follows, where reading goes on, and what
//! somebody hostile may have put there.

use std::sync::Arc;

use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use serde_json::json;

use super::tests::{Home, home, meeting};
use super::*;
use crate::teamspace::testing::{Counting, teamspace_over};
use crate::teamspace::{EVERY, MAX_OPS, Teamspace};

const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

/// An `add` of which no manifest is there.
fn add(n: u64) -> Op {
    KnownOp::Add {
        recording_id: id(n),
        manifest: "0".repeat(64),
        title: format!("Meeting {n}"),
        start: NOW + jiff::SignedDuration::from_hours(n as i64),
        duration: 60,
        size: 7,
    }
    .into()
}

fn id(n: u64) -> RecordingId {
    RecordingId::of_zoom_meeting(&n.to_string())
}

fn set(recording_id: RecordingId, title: &str) -> Op {
    KnownOp::Set { recording_id, field: "title".to_owned(), value: title.into(), base: 0 }.into()
}

fn member(n: u64) -> Op {
    KnownOp::Member { profile: "ada".to_owned(), name: format!("Ada {n}"), photo: None }.into()
}

fn entry(n: u64, ops: &[Op]) -> Vec<u8> {
    let entry = json!({"n": n, "writer": "ada", "nonce": teamspace::new_nonce(), "at": NOW, "ops": ops});
    serde_json::to_vec(&entry).unwrap()
}

impl Home {
    /// Puts an entry as another machine does.
    fn put_entry(&self, n: u64, ops: &[Op]) {
        let path = self.stored(&teamspace::entry_key(n));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, entry(n, ops)).unwrap();
    }

    fn remove_entries(&self, numbers: impl IntoIterator<Item = u64>) {
        for n in numbers {
            std::fs::remove_file(self.stored(&teamspace::entry_key(n))).unwrap();
        }
    }

    async fn checkpoint(&self, read: u64) {
        assert!(self.teamspace.write_checkpoint(read, "ada", NOW).await.unwrap());
    }

    /// The same teamspace on another machine, and after a start.
    fn elsewhere(self, name: &str) -> Self {
        let (catalog, _) = Catalog::open(&self.dir.path().join(format!("{name}.db"))).unwrap();
        Self { catalog, ..self }
    }

    fn unread(&self) -> u64 {
        self.catalog.unread(self.teamspace.id()).unwrap()
    }
}

#[tokio::test]
async fn what_the_log_says_is_listed_at_once_and_the_rest_follows_newest_first() {
    let home = home().await;
    for n in 0..150 {
        home.import_said(meeting(&n.to_string(), n), &["Ada: budget"]).await;
    }
    let first = home.refresh().await;
    assert_eq!((home.titles().len(), first.cursor, first.more), (150, 150, true));
    let listed = home.catalog.recordings(home.teamspace.id()).unwrap();
    let read: Vec<bool> = listed.iter().map(|recording| recording.unread.is_none()).collect();
    assert!(read.is_sorted_by(|a, b| a >= b) && read[0] && !read[149], "the newest are read first");
    let last = listed.last().unwrap();
    assert_eq!((last.title.as_str(), last.duration, last.files.len()), ("Meeting 0", 1800, 0));
    assert!(last.unread.is_some_and(|size| size > 0));
    while home.refresh().await.more {}
    assert_eq!((home.unread(), home.catalog.search("budget", None, 500).unwrap().hits.len()), (0, 150));
    let listed = home.catalog.recordings(home.teamspace.id()).unwrap();
    assert!(listed.iter().all(|recording| recording.unread.is_none() && recording.imported_by == "Ada"));
}

#[tokio::test]
async fn beyond_the_newest_a_recording_is_read_when_it_is_opened_or_all_are_wanted() {
    let home = home().await;
    let old = home.import_said(meeting("old", -1_000), &["Ada: budget"]).await;
    let older = home.import_said(meeting("older", -2_000), &["Ada: budget"]).await;
    // Newer ones than are read by themselves. Their manifests are missing: what is listed of them is said and gone.
    let ops: Vec<Op> = (0..2_001).map(|n| add(1_000_000 + n)).collect();
    for (place, ops) in ops.chunks(MAX_OPS).enumerate() {
        home.put_entry(3 + place as u64, ops);
    }
    assert!(home.refresh().await.more);
    assert_eq!(home.found("budget"), []);
    let shown = home.catalog.recording(home.teamspace.id(), &old).unwrap().unwrap();
    assert!(shown.files.is_empty() && shown.unread.is_some());

    home.catalog.load(&home.teamspace, &old).await.unwrap();
    assert_eq!(home.found("budget").len(), 1);
    let shown = home.catalog.recording(home.teamspace.id(), &old).unwrap().unwrap();
    assert_eq!((shown.files.len(), shown.unread), (1, None));

    let mut left = Vec::new();
    let stop = tokio_util::sync::CancellationToken::new();
    home.catalog.load_all(&home.teamspace, &mut |more| left.push(more), &stop).await.unwrap();
    assert!(left.is_sorted_by(|a, b| a > b) && left.len() > 2, "{left:?}");
    assert_eq!((home.unread(), home.found("budget").len()), (0, 2));
    assert!(home.catalog.recording(home.teamspace.id(), &older).unwrap().unwrap().unread.is_none());
}

#[tokio::test]
async fn a_first_reader_starts_from_the_checkpoint_and_the_beginning_may_be_gone() {
    let home = home().await;
    let kept = home.import_said(meeting("kept", 1), &["Ada: budget"]).await;
    let trashed = home.import_said(meeting("trashed", 2), &["Ada: budget"]).await;
    let restored = home.import_said(meeting("restored", 3), &["Ada: budget"]).await;
    home.put_entry(4, &[set(kept.clone(), "First"), KnownOp::Trash { recording_id: trashed.clone() }.into()]);
    home.put_entry(
        5,
        &[set(kept.clone(), "Second"), KnownOp::Trash { recording_id: restored.clone() }.into()],
    );
    home.put_entry(6, &[KnownOp::Restore { recording_id: restored.clone() }.into()]);
    (7..=EVERY).for_each(|n| home.put_entry(n, &[member(n)]));
    home.checkpoint(EVERY).await;
    home.remove_entries(1..EVERY);
    home.import_said(meeting("late", 4), &["Ada: budget"]).await;
    let home = home.elsewhere("new");
    let refreshed = home.refresh().await;
    assert_eq!(refreshed.cursor, EVERY + 1);
    assert_eq!(home.titles(), ["Meeting late", "Meeting restored", "Second"]);
    assert_eq!((home.found("budget").len(), home.problems().len()), (3, 0));
    home.append(KnownOp::Restore { recording_id: trashed }).await;
    home.refresh().await;
    assert_eq!(home.titles().len(), 4, "a colleague takes it out of the trash");
}

#[tokio::test]
async fn somebody_who_was_away_goes_on_behind_what_was_removed() {
    let home = home().await;
    home.import_said(meeting("a", 1), &["Ada: budget"]).await;
    assert_eq!(home.refresh().await.cursor, 1);
    (2..=EVERY + 5).for_each(|n| home.put_entry(n, &[add(n)]));
    home.checkpoint(EVERY + 5).await;
    home.remove_entries(1..EVERY);
    // The next start looks for it, and the rare look of one that keeps running.
    let (catalog, fresh) = Catalog::open(&home.dir.path().join("catalog.db")).unwrap();
    assert!(!fresh);
    let home = Home { catalog, ..home };
    assert_eq!(home.refresh().await.cursor, EVERY + 5);
    assert_eq!(home.catalog.count(home.teamspace.id()).unwrap() + home.problems().len() as u64, EVERY + 5);
    assert_eq!(home.found("budget").len(), 1);
}

#[tokio::test]
async fn a_damaged_checkpoint_is_said_and_the_one_before_it_or_the_log_is_taken() {
    let home = home().await;
    home.import_said(meeting("a", 1), &["Ada: budget"]).await;
    (2..=2 * EVERY).for_each(|n| home.put_entry(n, &[member(n)]));
    home.checkpoint(EVERY).await;
    home.checkpoint(2 * EVERY).await;
    let keys: Vec<String> = home.teamspace.checkpoints().await.unwrap().iter().map(|one| one.key()).collect();
    let mut home = home;
    for (damaged, name) in [(1, "one"), (2, "both")] {
        for key in &keys[..damaged] {
            let whole = std::fs::read(home.stored(key)).unwrap();
            std::fs::write(home.stored(key), &whole[..whole.len() - 2]).unwrap();
        }
        home = home.elsewhere(name);
        assert_eq!(home.refresh().await.cursor, 2 * EVERY);
        assert_eq!(home.problems(), vec![Code::FileDamaged; damaged]);
        assert_eq!((home.titles().len(), home.found("budget").len()), (1, 1));
    }
}

#[tokio::test]
async fn a_first_read_goes_on_where_it_was_stopped_and_shows_what_has_arrived() {
    let home = home().await;
    let many = 60_000;
    let ops: Vec<Op> = (0..many).map(add).collect();
    for (place, ops) in ops.chunks(100).enumerate() {
        home.put_entry(1 + place as u64, ops);
    }
    (many / 100 + 1..=EVERY).for_each(|n| home.put_entry(n, &[member(n)]));
    home.checkpoint(EVERY).await;
    let mut home = home.elsewhere("new");
    let mut arrived = Vec::new();
    for start in 0.. {
        let mut pieces = 0;
        let stop = tokio::sync::Notify::new();
        let mut tell = || {
            pieces += 1;
            stop.notify_one();
        };
        // It is stopped as soon as the first piece has arrived, as often as there are pieces.
        let over = tokio::select! {
            biased;
            () = stop.notified() => false,
            read = home.catalog.refresh_telling(&home.teamspace, &mut tell) => { read.unwrap(); true }
        };
        let count = home.catalog.count(home.teamspace.id()).unwrap();
        arrived.push(count);
        if over || home.catalog.cursor(home.teamspace.id()).unwrap() == EVERY {
            break;
        }
        assert!(count > 0 && start < 100, "{arrived:?}");
        let (catalog, fresh) = Catalog::open(&home.dir.path().join("new.db")).unwrap();
        assert!(!fresh);
        home = Home { catalog, ..home };
    }
    assert!(arrived.is_sorted() && arrived.len() > 2, "{arrived:?}");
    assert!(arrived.last().is_some_and(|all| *all > many - 200), "all are there: {arrived:?}");
}

#[tokio::test]
async fn a_hole_in_the_log_is_said_nothing_is_lost_and_reading_goes_on_when_it_is_filled() {
    let home = home().await;
    home.import_said(meeting("a", 1), &["Ada: budget"]).await;
    home.import_said(meeting("b", 2), &["Ada: budget"]).await;
    home.import_said(meeting("c", 3), &["Ada: budget"]).await;
    let (path, away) = (home.stored(&teamspace::entry_key(2)), home.stored("away"));
    std::fs::rename(&path, &away).unwrap();
    assert_eq!(home.refresh().await.cursor, 1);
    assert_eq!((home.titles(), home.problems()), (vec!["Meeting a".to_owned()], vec![Code::FileDamaged]));
    home.refresh().await;
    assert_eq!(home.problems().len(), 1, "it is said as long as it is there");
    std::fs::rename(&away, &path).unwrap();
    assert_eq!(home.refresh().await.cursor, 3);
    assert_eq!((home.titles().len(), home.found("budget").len(), home.problems().len()), (3, 3, 0));
}

#[tokio::test]
async fn an_entry_that_was_unreadable_when_a_checkpoint_was_written_is_said_and_takes_its_place_when_it_heals()
 {
    let home = home().await;
    let id = home.import_said(meeting("a", 1), &["Ada: budget"]).await;
    home.put_entry(2, &[set(id.clone(), "Older")]);
    let entry = home.stored(&teamspace::entry_key(2));
    let whole = std::fs::read(&entry).unwrap();
    std::fs::write(&entry, "{").unwrap();
    home.put_entry(3, &[set(id, "Newer")]);
    (4..=EVERY).for_each(|n| home.put_entry(n, &[member(n)]));
    home.checkpoint(EVERY).await;
    let home = home.elsewhere("new");
    home.refresh().await;
    assert_eq!((home.titles(), home.problems()), (vec!["Newer".to_owned()], vec![Code::FileDamaged]));
    std::fs::write(&entry, whole).unwrap();
    for _ in 0..2 {
        assert_eq!(home.refresh().await.cursor, EVERY);
        assert_eq!((home.titles(), home.problems()), (vec!["Newer".to_owned()], vec![]));
    }
}

#[tokio::test]
async fn a_manifest_that_is_not_the_one_that_the_log_names_is_not_shown_and_said() {
    let home = home().await;
    home.import_said(meeting("good", 1), &["Ada: budget"]).await;
    let changed = home.import_said(meeting("changed", 2), &["Ada: budget"]).await;
    let path = home.manifest_path(&changed);
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replace("Meeting changed", "Meeting forged")).unwrap();
    for _ in 0..2 {
        home.refresh().await;
        assert_eq!(
            (home.titles(), home.problems()),
            (vec!["Meeting good".to_owned()], vec![Code::FileDamaged])
        );
        assert_eq!(home.found("forged"), []);
    }
    std::fs::write(&path, whole).unwrap();
    home.refresh().await;
    assert_eq!((home.titles().len(), home.problems().len()), (2, 0));
}

#[tokio::test]
async fn what_a_hostile_member_writes_does_no_harm() {
    let home = home().await;
    home.import_said(meeting("good", 1), &["Ada: budget"]).await;
    let hostile = [
        json!({"op": "add", "recording_id": "../../../../etc/passwd0000", "manifest": "x", "title": "t",
               "start": NOW, "duration": 1, "size": 1}),
        json!({"op": "add", "recording_id": id(1), "manifest": "x", "title": "a\u{0}b\u{1b}[2J\nc".repeat(500),
               "start": "9999-12-30T00:00:00Z", "duration": u64::MAX, "size": u64::MAX}),
        json!({"op": "set", "recording_id": id(1), "field": "title", "value": "\u{7}bell\u{202e}", "base": 0}),
        json!({"op": "set", "recording_id": id(2), "field": "../../x", "value": {"deep": [1]}, "base": u64::MAX}),
        json!({"op": "trash", "recording_id": "a\u{0}b"}),
    ];
    let ops: Vec<Op> = hostile.into_iter().map(|op| serde_json::from_value(op).unwrap()).collect();
    home.put_entry(2, &ops);
    // More of one second than there are numbers for.
    for (place, ns) in (0..4_200).collect::<Vec<u64>>().chunks(MAX_OPS).enumerate() {
        let at_once: Vec<Op> = ns.iter().map(|n| add(*n)).map(at_one_second).collect();
        home.put_entry(3 + place as u64, &at_once);
    }
    while home.refresh().await.more {}
    assert_eq!((home.found("budget").len(), home.titles().contains(&"Meeting good".to_owned())), (1, true));
    assert!(home.titles().iter().all(|title| !title.contains(char::is_control) && title.len() < 4_001));
    home.import_said(meeting("next", 2), &["Ada: budget"]).await;
    home.refresh().await;
    assert_eq!(home.found("budget").len(), 2);
}

fn at_one_second(op: Op) -> Op {
    match op {
        Op::Known(KnownOp::Add { recording_id, manifest, title, duration, size, .. }) => {
            KnownOp::Add { recording_id, manifest, title, start: NOW, duration, size }.into()
        }
        op => op,
    }
}

async fn counted() -> (Arc<Counting>, Teamspace, tempfile::TempDir, Catalog) {
    let counting = Arc::new(Counting::new(Arc::new(InMemory::new())));
    let teamspace = teamspace_over(counting.clone()).await;
    let dir = tempfile::tempdir().unwrap();
    let (catalog, _) = Catalog::open(&dir.path().join("catalog.db")).unwrap();
    (counting, teamspace, dir, catalog)
}

#[tokio::test]
async fn an_idle_refresh_is_one_request_and_a_first_one_few() {
    let (counting, teamspace, _dir, catalog) = counted().await;
    for n in 1..=EVERY + 3 {
        let key = Key::from(teamspace::entry_key(n));
        counting.put(&key, entry(n, &[member(n)]).into()).await.unwrap();
    }
    assert!(teamspace.write_checkpoint(EVERY, "ada", NOW).await.unwrap());
    counting.take();
    assert_eq!(catalog.refresh(&teamspace).await.unwrap().cursor, EVERY + 3);
    let first = counting.take();
    assert!(first < 20, "{first} requests for {} entries", EVERY + 3);
    for _ in 0..3 {
        catalog.refresh(&teamspace).await.unwrap();
        assert_eq!(counting.take(), 1);
    }
    teamspace.append(&[member(0)], "ada", NOW).await.unwrap();
    counting.take();
    catalog.refresh(&teamspace).await.unwrap();
    let one = counting.take();
    assert!(one <= 3, "{one} requests for one entry");
}
