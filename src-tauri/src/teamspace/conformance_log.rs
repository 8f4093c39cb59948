//! The log at scale, wherever it stands: many writers, checkpoints, a beginning that was removed, holes, and what
//! somebody hostile may put there.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use serde_json::json;

use super::conformance::{self, Place, folder, member};
use super::testing::{Fault, Faulty, Halting, teamspace_over};
use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn id(n: u64) -> RecordingId {
    RecordingId::of_zoom_meeting(&n.to_string())
}

fn add(n: u64, manifest: &str) -> Op {
    KnownOp::Add {
        recording_id: id(n),
        manifest: manifest.to_owned(),
        title: format!("Meeting {n}"),
        start: NOW,
        duration: 60,
        size: 5,
    }
    .into()
}

fn set(n: u64, title: &str) -> Op {
    KnownOp::Set { recording_id: id(n), field: "title".to_owned(), value: title.into(), base: 0 }.into()
}

fn named(profile: &str, name: &str) -> Op {
    KnownOp::Member { profile: profile.to_owned(), name: name.to_owned(), photo: None }.into()
}

/// The places, each with how many entries a checkpoint comes after. On a real server the number itself shows nothing
/// that it does not show in memory, and each entry is a request.
async fn places() -> Vec<(Place, u64)> {
    let mut places = conformance::places().await;
    let every = |place: &mut Place| {
        if matches!(place.teamspace.location, Location::Bucket(_)) {
            place.teamspace.every = 20;
        }
        place.teamspace.every
    };
    places
        .drain(..)
        .map(|mut place| (every(&mut place), place))
        .map(|(every, place)| (place, every))
        .collect()
}

/// A log whose beginning was removed when its last checkpoint, which says nothing, was at `n`.
async fn begin_at(teamspace: &Teamspace, n: u64) {
    let header = json!({"format": 1, "n": n, "nonce": new_nonce(), "writer": "ada", "at": NOW, "ops": 0});
    let body = zstd::bulk::compress(format!("{header}\n").as_bytes(), 3).unwrap();
    put(teamspace, &key::checkpoint(n), body).await;
}

/// Another machine: it knows nothing of what this one has seen.
fn stranger(teamspace: &Teamspace) -> Teamspace {
    Teamspace { log: Arc::default(), ..teamspace.clone() }
}

async fn put(teamspace: &Teamspace, key: &str, content: impl Into<Vec<u8>>) {
    let content = content.into();
    match teamspace.store.root() {
        // Without waiting for the disk, a thousand times.
        Some(root) => {
            let path = root.join(key);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        None => drop(teamspace.store.objects.put(&Key::from(key), content.into()).await.unwrap()),
    }
}

async fn remove(teamspace: &Teamspace, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        teamspace.store.delete(&Key::from(key::log_entry(n))).await.unwrap();
    }
}

async fn put_entry(teamspace: &Teamspace, n: u64, ops: Vec<Op>) {
    // Only of themselves people say who they are.
    let themselves = |op: &Op| match op {
        Op::Known(KnownOp::Member { profile, .. }) => Some(profile.clone()),
        _ => None,
    };
    let writer = ops.iter().find_map(themselves).unwrap_or_else(|| format!("writer {n}"));
    let entry = Entry { n, writer, nonce: new_nonce(), at: NOW, ops };
    put(teamspace, &key::log_entry(n), serde_json::to_vec(&entry).unwrap()).await;
}

/// Entries that say nothing of note, except where `ops` says something.
async fn fill(
    teamspace: &Teamspace,
    numbers: std::ops::RangeInclusive<u64>,
    mut ops: BTreeMap<u64, Vec<Op>>,
) {
    for n in numbers {
        let ops = ops.remove(&n).unwrap_or_else(|| vec![named("ada", &format!("Ada {n}"))]);
        put_entry(teamspace, n, ops).await;
    }
}

async fn read_all(teamspace: &Teamspace, n: u64) -> Result<Vec<Told>, Error> {
    let all = teamspace.checkpoints().await?;
    let checkpoint = all.iter().find(|checkpoint| checkpoint.n == n).expect("it is listed");
    let mut reader = teamspace.read_checkpoint(checkpoint, None).await?;
    let mut told = Vec::new();
    while let Some(more) = reader.next().await? {
        told.extend(more);
    }
    Ok(told)
}

#[tokio::test]
async fn a_checkpoint_holds_what_still_matters_and_the_next_is_built_on_it() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        let newer = Op::Unknown(json!({"op": "sing", "song": [1, {"verse": null}]}));
        let says = BTreeMap::from([
            (3, vec![add(1, "a"), add(1, "a"), newer.clone()]),
            (5, vec![set(1, "first"), named("ben", "Ben"), add(1, "other manifest")]),
            (9, vec![set(1, "second"), KnownOp::Trash { recording_id: id(1) }.into()]),
            (11, vec![KnownOp::Restore { recording_id: id(1) }.into(), add(1, "a")]),
        ]);
        fill(teamspace, 1..=k + 4, says).await;
        assert!(!teamspace.write_checkpoint(k - 1, "ada", NOW).await.unwrap(), "not yet");
        assert!(teamspace.write_checkpoint(k + 4, "ada", NOW).await.unwrap());
        assert!(!teamspace.write_checkpoint(k + 4, "ada", NOW).await.unwrap(), "it is there");
        assert!(!stranger(teamspace).write_checkpoint(k, "ben", NOW).await.unwrap(), "for everybody");

        let told = read_all(teamspace, k).await.unwrap();
        let said: Vec<(u64, Op)> = told.iter().map(|told| (told.n, told.op.clone())).collect();
        let trash = |op: KnownOp| Op::from(op);
        let wanted = [
            (3, add(1, "a")),
            (3, newer.clone()),
            (5, set(1, "first")),
            (5, named("ben", "Ben")),
            (5, add(1, "other manifest")),
            (9, set(1, "second")),
            (9, trash(KnownOp::Trash { recording_id: id(1) })),
            (11, trash(KnownOp::Restore { recording_id: id(1) })),
            (k, named("ada", &format!("Ada {k}"))),
        ];
        assert_eq!(said, wanted);
        assert_eq!(told[0].writer, "writer 3");

        // An administrator removes what came before; what is new is added to what was.
        remove(teamspace, 1..k).await;
        let says = BTreeMap::from([
            (k + k / 2, vec![add(1, "a"), add(2, "b"), named("ben", "Benjamin")]),
            (2 * k, vec![member("cleo".to_owned())]),
        ]);
        fill(teamspace, k + 1..=2 * k + 1, says).await;
        assert!(stranger(teamspace).write_checkpoint(2 * k + 1, "ben", NOW).await.unwrap());
        let told = read_all(teamspace, 2 * k).await.unwrap();
        let said: Vec<(u64, Op)> = told.into_iter().map(|told| (told.n, told.op)).collect();
        let mut wanted: Vec<(u64, Op)> =
            wanted.into_iter().filter(|(_, op)| !matches!(op, Op::Known(KnownOp::Member { .. }))).collect();
        wanted.extend([
            (k + k / 2, add(2, "b")),
            (k + k / 2, named("ben", "Benjamin")),
            (2 * k - 1, named("ada", &format!("Ada {}", 2 * k - 1))),
            (2 * k, member("cleo".to_owned())),
        ]);
        assert_eq!(said, wanted);
        let listed: Vec<u64> = teamspace.checkpoints().await.unwrap().iter().map(|found| found.n).collect();
        assert_eq!(listed, [2 * k, k], "newest first");
    }
}

#[tokio::test]
async fn of_many_who_write_a_checkpoint_one_does_and_nobody_minds() {
    for (place, k) in places().await {
        fill(&place.teamspace, 1..=k, BTreeMap::new()).await;
        let writers = (0..8).map(|n| {
            let teamspace = stranger(&place.teamspace);
            tokio::spawn(async move { teamspace.write_checkpoint(k, &n.to_string(), NOW).await.unwrap() })
        });
        let wrote = futures::future::join_all(writers).await;
        assert_eq!(wrote.into_iter().filter(|wrote| *wrote.as_ref().unwrap()).count(), 1);
        assert_eq!(read_all(&place.teamspace, k).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_checkpoint_whose_answer_was_lost_is_our_own() {
    for fault in [Fault::ErrorAfter, Fault::AlreadyExistsAfter, Fault::ArrivesWithNext] {
        let memory = Arc::new(InMemory::new());
        fill(&teamspace_over(memory.clone()).await, 1..=1_000, BTreeMap::new()).await;
        let teamspace = teamspace_over(Arc::new(Faulty::new(memory, &[fault]))).await;
        assert!(teamspace.write_checkpoint(1_000, "ada", NOW).await.unwrap(), "{fault:?}");
    }
}

#[tokio::test]
async fn reading_a_checkpoint_goes_on_where_it_was_stopped() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        let long = |n: u64| {
            // Together more than two frames hold.
            let mut text = vec![0; (3 << 20) / k as usize];
            rand::fill(&mut text[..]);
            let text = data_encoding::HEXLOWER.encode(&text);
            vec![Op::Unknown(json!({"op": "sing", "n": n, "text": text}))]
        };
        fill(teamspace, 1..=k, (1..=k).map(|n| (n, long(n))).collect()).await;
        assert!(teamspace.write_checkpoint(k, "ada", NOW).await.unwrap());
        let checkpoint = teamspace.checkpoints().await.unwrap().remove(0);
        let mut reader = teamspace.read_checkpoint(&checkpoint, None).await.unwrap();
        let mut told = reader.next().await.unwrap().unwrap();
        assert!((told.len() as u64) < k, "it comes in several pieces");
        let progress = reader.progress();
        assert_eq!(progress.ops, told.len() as u64);
        let mut reader = teamspace.read_checkpoint(&checkpoint, Some(&progress)).await.unwrap();
        while let Some(more) = reader.next().await.unwrap() {
            told.extend(more);
        }
        assert_eq!(told.iter().map(|told| told.n).collect::<Vec<_>>(), (1..=k).collect::<Vec<_>>());

        let other = Progress { nonce: "another".to_owned(), ..progress };
        let mut reader = teamspace.read_checkpoint(&checkpoint, Some(&other)).await.unwrap();
        assert_eq!(reader.next().await.unwrap().unwrap()[0].n, 1, "another one is read from its beginning");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_in_the_checkpoint_and_a_hole_is_not_passed_over() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        fill(teamspace, 1..=2 * k, BTreeMap::new()).await;
        put(teamspace, &key::log_entry(7), "{").await;
        assert!(teamspace.write_checkpoint(k, "ada", NOW).await.unwrap());
        let checkpoint = teamspace.checkpoints().await.unwrap().remove(0);
        let reader = teamspace.read_checkpoint(&checkpoint, None).await.unwrap();
        assert_eq!(reader.skipped(), ["log/00000000/007.json"]);

        remove(teamspace, [k + k / 2]).await;
        assert!(!teamspace.write_checkpoint(2 * k, "ada", NOW).await.unwrap());
        assert_eq!(teamspace.checkpoints().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_none_is_said_and_the_next_is_built_on_the_one_before() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        fill(teamspace, 1..=3 * k, BTreeMap::from([(1, vec![add(1, "a")])])).await;
        assert!(teamspace.write_checkpoint(k, "ada", NOW).await.unwrap());
        let whole = teamspace.store.get(&key::checkpoint(k)).await.unwrap().unwrap();
        let cut = whole.slice(..whole.len() - 3);
        let zip = zstd::bulk::compress(format!("{{\"format\":1,\"n\":{}}}\n", 2 * k).as_bytes(), 3).unwrap();
        let newer = zstd::bulk::compress(b"{\"format\":2}\n", 3).unwrap();
        for (content, too_new) in
            [(cut.to_vec(), false), (whole.to_vec(), false), (Vec::new(), false), (zip, false), (newer, true)]
        {
            put(teamspace, &key::checkpoint(2 * k), content).await;
            let read = read_all(teamspace, 2 * k).await.unwrap_err();
            assert_eq!(matches!(read, Error::TooNew { .. }), too_new, "{read:?}");
            assert!(too_new || matches!(read, Error::Damaged { .. }), "{read:?}");
        }
        // One that claims to know what nobody has written yet.
        put(teamspace, &key::checkpoint(7 * k), whole.to_vec()).await;
        let read = read_all(teamspace, 7 * k).await;
        assert!(matches!(read, Err(Error::Damaged { .. })), "{read:?}");

        assert!(teamspace.write_checkpoint(3 * k, "ada", NOW).await.unwrap());
        let told = read_all(teamspace, 3 * k).await.unwrap();
        assert_eq!((told.len(), &told[0].op), (2, &add(1, "a")));
        assert_eq!(stranger(teamspace).append(&[set(1, "x")], "ada", NOW).await.unwrap(), 3 * k + 1);
    }
}

#[tokio::test]
async fn objects_of_other_tools_are_in_nobodys_way() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        let manifest = testing::manifest("m");
        put(teamspace, &key::manifest(&manifest.recording_id), "x").await;
        for other in [
            "checkpoints/.ds-store",
            "checkpoints/000000000000-notes.txt",
            "checkpoints/a/b.jsonl.zst",
            "log/index.html",
            "log/00000000/1.json.bak",
            "log/00000001/notes.json",
            "log/00000001/x/001.json",
            "log/trash/001.json",
            "recordings/readme.txt",
            "recordings/aa/not-a-recording/manifest.json",
            "recordings/aa/Thumbs.db",
        ] {
            put(teamspace, other, "none of ours").await;
        }
        if cfg!(target_os = "linux") && teamspace.store.root().is_some() {
            strange_names(&place.home.path().join("Team"));
        }
        fill(teamspace, 1..=k, BTreeMap::new()).await;
        assert_eq!(teamspace.checkpoints().await.unwrap(), []);
        assert!(!teamspace.has_hole_at(k + 1).await.unwrap());
        assert!(teamspace.write_checkpoint(k, "ada", NOW).await.unwrap());
        assert_eq!(stranger(teamspace).latest().await.unwrap(), k);
        assert_eq!(teamspace.list_recordings().await.unwrap(), std::slice::from_ref(&manifest.recording_id));
        let mut found = Vec::new();
        for shard in teamspace.shards().await.unwrap() {
            found.extend(teamspace.folders(&shard).await.unwrap());
        }
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

/// Names that a person, or somebody hostile, can give a file on Linux, and that no key can have.
fn strange_names(root: &std::path::Path) {
    #[cfg(unix)]
    for name in
        [&b"\xff\xfe.json"[..], b"a b\n\x07.json", "Grüße ✓.json".as_bytes(), b"half#1", b"..json", b"%2e%2e"]
    {
        use std::os::unix::ffi::OsStrExt;
        for folder in ["checkpoints", "log", "log/00000000", "recordings", "recordings/aa"] {
            std::fs::write(root.join(folder).join(std::ffi::OsStr::from_bytes(name)), "none of ours")
                .unwrap();
        }
    }
    let _ = root;
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_a_gigabyte_is_refused_before_it_is_held() {
    let Place { teamspace, home } = folder().await;
    let root = home.path().join("Team");
    let manifest = testing::manifest("m");
    fill(&teamspace, 1..=1_000, BTreeMap::new()).await;
    // They take no room on the disk; whoever held one would be seen in memory, and would take its time.
    for key in [
        key::log_entry(1_001),
        key::checkpoint(1_000),
        key::manifest(&manifest.recording_id),
        key::addendum(&manifest.recording_id, "x"),
    ] {
        let path = root.join(&key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path).unwrap().set_len(3 << 30).unwrap();
    }
    let damaged = |error: Error| assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    damaged(teamspace.read(1_001).await.unwrap_err());
    damaged(teamspace.manifest(&manifest.recording_id).await.unwrap_err());
    damaged(teamspace.addenda(&manifest.recording_id).await.unwrap().remove(0).unwrap_err());
    let checkpoint = teamspace.checkpoints().await.unwrap().remove(0);
    damaged(teamspace.read_checkpoint(&checkpoint, None).await.unwrap_err());
    assert_eq!(
        teamspace.append(&[set(1, "x")], "ada", NOW).await.unwrap(),
        1_002,
        "writing goes on after it"
    );
}

#[tokio::test]
async fn nobody_writes_where_the_beginning_of_a_log_was_removed() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        fill(teamspace, 1..=5, BTreeMap::new()).await;
        let (asleep, outbox) = (stranger(teamspace), stranger(teamspace));
        assert_eq!((asleep.latest().await.unwrap(), outbox.latest().await.unwrap()), (5, 5));
        fill(teamspace, 6..=2 * k + 2, BTreeMap::new()).await;
        assert!(teamspace.write_checkpoint(2 * k + 2, "ada", NOW).await.unwrap());
        remove(teamspace, 1..2 * k).await;
        let unknowing = stranger(teamspace);
        assert_eq!(unknowing.append(&[set(1, "a")], "ada", NOW).await.unwrap(), 2 * k + 3);
        assert_eq!(asleep.append(&[set(1, "b")], "ada", NOW).await.unwrap(), 2 * k + 4, "away for a week");
        assert_eq!(outbox.append_once(vec![(3, set(1, "c"))], "ada", NOW).await.unwrap(), 2 * k + 5);
        assert_eq!(teamspace.latest().await.unwrap(), 2 * k + 5);
        assert_eq!(teamspace.read(6).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_hole_is_seen_and_whoever_writes_next_behind_it_fills_it() {
    for (place, k) in places().await {
        let teamspace = &place.teamspace;
        // In a young log; and in one whose beginning was removed, where the next entry stands in another folder.
        for (first, last, hole) in [(1, 9, 6), (2_000 - k, 2_005, 1_999)] {
            fill(teamspace, first..=last, BTreeMap::new()).await;
            if first > 1 {
                begin_at(teamspace, first).await;
            }
            assert!(!teamspace.has_hole_at(last + 1).await.unwrap());
            remove(teamspace, [hole]).await;
            assert!(teamspace.has_hole_at(hole).await.unwrap());
            let reader = stranger(teamspace);
            for n in first..hole {
                reader.read(n).await.unwrap();
            }
            assert_eq!(reader.append(&[set(1, "a")], "ada", NOW).await.unwrap(), hole);
            assert!(!teamspace.has_hole_at(hole).await.unwrap());
            assert_eq!(reader.append(&[set(1, "b")], "ada", NOW).await.unwrap(), last + 1);
            remove(teamspace, first..=last + 1).await;
        }
    }
}

/// Lets every writer write so many entries, and tells who wrote each.
async fn written_by(teamspace: &Teamspace, writers: usize, entries: usize) -> Vec<usize> {
    let writing = (0..writers).map(|writer| {
        let teamspace = stranger(teamspace);
        tokio::spawn(async move {
            // Clocks are hours apart, and it does not matter.
            let at = NOW + SignedDuration::from_hours(writer as i64 * 5);
            for entry in 0..entries {
                teamspace
                    .append(&[member(format!("{writer}-{entry}"))], &writer.to_string(), at)
                    .await
                    .unwrap();
            }
        })
    });
    futures::future::join_all(writing).await.into_iter().for_each(|done| done.unwrap());
    let mut by = Vec::new();
    let mut next = vec![0; writers];
    for n in 1..=(writers * entries) as u64 {
        let entry = teamspace.read(n).await.unwrap().expect("the log is dense");
        let writer: usize = entry.writer.parse().unwrap();
        assert_eq!(
            entry.ops,
            [member(format!("{writer}-{}", next[writer]))],
            "in the order in which it was said"
        );
        next[writer] += 1;
        by.push(writer);
    }
    assert_eq!(teamspace.read(by.len() as u64 + 1).await.unwrap(), None, "nothing is there twice");
    by
}

/// The most entries of others that stand between two of one writer.
fn longest_wait(by: &[usize], writers: usize) -> usize {
    let mut last = vec![0; writers];
    let mut longest = 0;
    for (place, writer) in by.iter().enumerate() {
        longest = longest.max(place - last[*writer]);
        last[*writer] = place;
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_writers_of_four_hundred_entries_each_end_dense_and_nobody_starves() {
    let memory = teamspace_over(Arc::new(testing::Counting::new(Arc::new(InMemory::new())))).await;
    let by = written_by(&memory, 16, 400).await;
    let longest = longest_wait(&by, 16);
    assert!(longest < 1_600, "somebody waited for {longest} others, where 15 would be fair");
    // On a disk each entry waits for the disk: fewer tell as much.
    let place = folder().await;
    let by = written_by(&place.teamspace, 16, 25).await;
    let longest = longest_wait(&by, 16);
    assert!(longest < 250, "somebody waited for {longest} others, where 15 would be fair");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "for measuring: over a hundred thousand requests"]
async fn sixteen_writers_of_four_hundred_entries_each_on_a_real_server() {
    let Some(bucket) = buckets::fresh_teamspace().await else { return };
    let by = written_by(&bucket, 16, 400).await;
    let longest = longest_wait(&by, 16);
    assert!(longest < 1_600, "somebody waited for {longest} others, where 15 would be fair");
}

#[tokio::test]
async fn a_writer_that_is_killed_at_any_step_stops_nobody() {
    for place in conformance::places().await {
        let mut steps = 0;
        let others = stranger(&place.teamspace);
        for after in [false, true] {
            for step in 0.. {
                let before = others.latest().await.unwrap();
                let halting = Halting::new(place.teamspace.store.objects.clone(), step, after);
                let halted = halting.halted();
                let mut killed = stranger(&place.teamspace);
                killed.store.objects = Arc::new(halting);
                // It knows the log but for the last entry, as somebody who was away for a moment.
                killed.log.note(before.saturating_sub(1));
                let op = member(format!("killed {after} {step}"));
                let writing = [op.clone()];
                let over = tokio::select! {
                    written = killed.append(&writing, "killed", NOW) => { written.unwrap(); true }
                    () = halted.notified() => false,
                };
                steps += 1;
                let there = others.latest().await.unwrap();
                let next = others.append(&[named("ada", "Ada")], "ada", NOW).await.unwrap();
                assert_eq!(next, there + 1);
                // The outbox says it again, and the log holds it once.
                others.append_once(vec![(before, op.clone())], "killed", NOW).await.unwrap();
                if over {
                    break;
                }
            }
        }
        assert!(steps > 6, "{steps} steps");
        let mut seen = std::collections::HashSet::new();
        for n in 1..=others.latest().await.unwrap() {
            for op in others.read(n).await.unwrap().expect("the log is dense").ops {
                let Op::Known(KnownOp::Member { profile, .. }) = op else { panic!() };
                assert!(profile == "ada" || seen.insert(profile.clone()), "{profile} is there twice");
            }
        }
        assert_eq!(seen.len(), steps, "nothing is lost");
    }
}

#[tokio::test]
async fn an_entry_is_read_with_one_request_and_written_with_few() {
    let counting = Arc::new(testing::Counting::new(Arc::new(InMemory::new())));
    let teamspace = teamspace_over(counting.clone()).await;
    teamspace.append(&[set(1, "a")], "ada", NOW).await.unwrap();
    let asked = counting.take();
    assert!(teamspace.read(2).await.unwrap().is_none());
    assert_eq!(counting.take(), 1);
    teamspace.append(&[set(1, "b")], "ada", NOW).await.unwrap();
    let again = counting.take();
    assert!(again <= 4 && asked <= 8, "{asked} first, {again} then");
}
