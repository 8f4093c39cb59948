//! What every teamspace does, wherever it stands: the same stories on a folder, on a store in memory and in a bucket
//! of a real S3 server.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use object_store::memory::InMemory;

use super::testing::{Fault, Faulty, manifest, sha256, teamspace_over};
use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A teamspace, and the folders that go with it.
pub(super) struct Place {
    pub(super) teamspace: Teamspace,
    pub(super) home: tempfile::TempDir,
}

pub(super) async fn folder() -> Place {
    let home = tempfile::tempdir().unwrap();
    let location = Location::folder(home.path().join("Team"));
    let teamspace = Teamspace::create(&location, "Team", NOW).await.unwrap();
    Place { teamspace, home }
}

pub(super) async fn places() -> Vec<Place> {
    let memory = teamspace_over(Arc::new(InMemory::new())).await;
    let mut places = vec![folder().await, Place { teamspace: memory, home: tempfile::tempdir().unwrap() }];
    if let Some(teamspace) = buckets::fresh_teamspace().await {
        places.push(Place { teamspace, home: tempfile::tempdir().unwrap() });
    }
    places
}

impl Place {
    fn staged(&self, content: &[u8]) -> std::path::PathBuf {
        let path = self.home.path().join("staged.part");
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Puts a video and publishes a manifest that names it.
    pub(super) async fn import(&self, manifest: &Manifest) -> Publication {
        self.put(manifest, b"video").await.unwrap();
        self.teamspace.publish(manifest).await.unwrap()
    }

    async fn put(&self, manifest: &Manifest, content: &[u8]) -> Result<String, Error> {
        let (path, sha256) = (self.staged(content), sha256(content));
        let staged = Staged { path: &path, size: content.len() as u64, sha256: &sha256 };
        self.teamspace.put_file(&manifest.recording_id, &manifest.attempt, "video-0.mp4", staged).await
    }
}

pub(super) fn somebody(profile: &str) -> Claimant {
    let (name, device) = (format!("{profile}'s name"), format!("{profile}'s machine"));
    Claimant { profile: profile.to_owned(), name, device }
}

pub(super) fn member(profile: String) -> Op {
    KnownOp::Member { profile, name: "Somebody".to_owned(), photo: None }.into()
}

#[tokio::test]
async fn a_file_is_put_then_published_and_reads_back() {
    for place in places().await {
        let manifest = manifest("m");
        let id = &manifest.recording_id;
        assert_eq!(place.teamspace.manifest(id).await.unwrap(), None);
        let publication = place.import(&manifest).await;
        assert_eq!(publication.outcome, Outcome::Published);
        assert_eq!(place.teamspace.manifest(id).await.unwrap(), Some(manifest.clone()));
        let key = &manifest.files[0].key;
        assert_eq!(&place.teamspace.read_file(id, key).await.unwrap()[..], b"video");
        assert_eq!(&place.teamspace.get_range(id, key, 1..3).await.unwrap()[..], b"id");
        assert_eq!(place.teamspace.list_recordings().await.unwrap(), std::slice::from_ref(id));
        assert!(!place.home.path().join("staged.part").exists(), "the staged file is gone");
    }
}

#[tokio::test]
async fn the_second_importer_sees_what_the_first_published_and_removes_only_its_own() {
    for place in places().await {
        let (first, second) = (manifest("m"), manifest("m"));
        place.import(&first).await;
        let publication = place.import(&second).await;
        assert_eq!(publication.outcome, Outcome::AlreadyThere);
        assert_eq!(publication.manifest, first);
        let id = &first.recording_id;
        let refused = place.teamspace.remove_attempt(id, &first.attempt).await;
        assert!(matches!(refused, Err(Error::Published { .. })));
        place.teamspace.remove_attempt(id, &second.attempt).await.unwrap();
        assert!(place.teamspace.read_file(id, &first.files[0].key).await.is_ok());
        assert!(matches!(
            place.teamspace.read_file(id, &second.files[0].key).await,
            Err(Error::Missing { .. })
        ));
    }
}

#[tokio::test]
async fn publishing_again_after_a_crash_is_a_success() {
    for place in places().await {
        let first = manifest("m");
        let before = place.import(&first).await;
        let again = Manifest { nonce: new_nonce(), imported_at: Timestamp::MAX, ..first.clone() };
        place.put(&again, b"video").await.unwrap();
        let publication = place.teamspace.publish(&again).await.unwrap();
        assert_eq!(publication.outcome, Outcome::Published);
        assert_eq!((publication.manifest, &publication.op), (first.clone(), &before.op));
        let found = place.teamspace.publication(&first.recording_id).await.unwrap().unwrap();
        assert_eq!(found.op, before.op, "an outbox that was lost can be filled again");
    }
}

#[tokio::test]
async fn a_manifest_whose_files_are_not_whole_is_not_published() {
    for place in places().await {
        let mut manifest = manifest("m");
        assert!(matches!(place.teamspace.publish(&manifest).await, Err(Error::Missing { .. })));
        place.put(&manifest, b"video").await.unwrap();
        manifest.files[0].size = 6;
        assert!(matches!(place.teamspace.publish(&manifest).await, Err(Error::Damaged { .. })));
        assert_eq!(place.teamspace.manifest(&manifest.recording_id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_it_was_said_to_be_is_not_put() {
    for place in places().await {
        let manifest = manifest("m");
        let path = place.staged(b"vide");
        let sha256 = sha256(b"video");
        let staged = Staged { path: &path, size: 5, sha256: &sha256 };
        let put = place.teamspace.put_file(&manifest.recording_id, "a", "video-0.mp4", staged).await;
        assert!(matches!(put, Err(Error::Staged { .. })), "{put:?}");
        assert!(path.exists(), "nothing is lost");
        let read = place.teamspace.read_file(&manifest.recording_id, "a/video-0.mp4").await;
        assert!(matches!(read, Err(Error::Missing { .. })));
    }
}

#[tokio::test]
async fn copying_checks_the_content_too_and_leaves_a_persons_file_alone() {
    for place in places().await {
        let id = RecordingId::of_content(&[1; 32]);
        let path = place.staged(b"video");
        let wrong = sha256(b"other");
        let staged = Staged { path: &path, size: 5, sha256: &wrong };
        let put = place.teamspace.copy_file(&id, "a", "video-0.mp4", staged).await;
        assert!(matches!(put, Err(Error::Staged { .. })), "{put:?}");
        let right = sha256(b"video");
        let staged = Staged { path: &path, size: 5, sha256: &right };
        let key = place.teamspace.copy_file(&id, "a", "video-0.mp4", staged).await.unwrap();
        assert_eq!(&place.teamspace.read_file(&id, &key).await.unwrap()[..], b"video");
        assert!(path.exists());
    }
}

#[tokio::test]
async fn a_file_of_several_pieces_is_copied_whole() {
    for place in places().await {
        let id = RecordingId::of_content(&[2; 32]);
        let content: Vec<u8> = (0..20_000_003u32).map(|n| (n % 251) as u8).collect();
        let (path, sha256) = (place.staged(&content), sha256(&content));
        let staged = Staged { path: &path, size: content.len() as u64, sha256: &sha256 };
        let key = place.teamspace.copy_file(&id, "a", "video-0.mp4", staged).await.unwrap();
        let tail = place.teamspace.get_range(&id, &key, 20_000_000..20_000_003).await.unwrap();
        assert_eq!(&tail[..], &content[20_000_000..]);
    }
}

#[tokio::test]
async fn an_empty_file_is_put_too() {
    for place in places().await {
        let manifest = manifest("m");
        let key = place.put(&manifest, b"").await.unwrap();
        assert!(place.teamspace.read_file(&manifest.recording_id, &key).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_different_download_of_the_same_attempt_replaces_what_was_never_published() {
    for place in places().await {
        let manifest = manifest("m");
        place.put(&manifest, b"first").await.unwrap();
        place.put(&manifest, b"video").await.unwrap();
        place.teamspace.publish(&manifest).await.unwrap();
        let put = place.put(&manifest, b"other").await;
        assert!(matches!(put, Err(Error::Published { .. })));
        let key = &manifest.files[0].key;
        let read = place.teamspace.read_file(&manifest.recording_id, key).await.unwrap();
        assert_eq!(&read[..], b"video");
    }
}

#[tokio::test]
async fn what_zoom_finished_later_becomes_an_addendum() {
    for place in places().await {
        let first = manifest("m");
        place.import(&first).await;
        let late = Manifest { attempt: new_attempt(), nonce: new_nonce(), ..first.clone() };
        let mut late = Manifest { files: vec![late.files[0].clone()], ..late };
        late.files[0].key = place.put(&late, b"video").await.unwrap();
        let publication = place.teamspace.publish_addendum("file/../2", &late).await.unwrap();
        assert_eq!(publication.outcome, Outcome::Published);
        assert!(matches!(publication.op, Op::Known(KnownOp::Addendum { .. })));
        let id = &first.recording_id;
        let addenda: Vec<_> =
            place.teamspace.addenda(id).await.unwrap().into_iter().map(Result::unwrap).collect();
        assert_eq!(addenda, [late.clone()]);
        assert!(matches!(
            place.teamspace.remove_attempt(id, &late.attempt).await,
            Err(Error::Published { .. })
        ));
    }
}

#[tokio::test]
async fn of_two_who_bring_the_same_late_file_one_addendum_stands_and_the_other_removes_its_own() {
    for place in places().await {
        let first = manifest("m");
        place.import(&first).await;
        let late = || Manifest { attempt: new_attempt(), nonce: new_nonce(), ..first.clone() };
        let (mut ours, mut theirs) = (late(), late());
        for addendum in [&mut ours, &mut theirs] {
            addendum.files[0].key = place.put(addendum, b"video").await.unwrap();
        }
        let won = place.teamspace.publish_addendum("file", &theirs).await.unwrap();
        let lost = place.teamspace.publish_addendum("file", &ours).await.unwrap();
        let again = place.teamspace.publish_addendum("file", &theirs).await.unwrap();
        assert_eq!((won.outcome, lost.outcome), (Outcome::Published, Outcome::AlreadyThere));
        assert_eq!((again.outcome, &lost.manifest), (Outcome::Published, &theirs), "a crash is replayed");
        assert_eq!((&lost.op, &again.op), (&won.op, &won.op));
        let id = &first.recording_id;
        let found = place.teamspace.addenda_published(id).await.unwrap().remove(0).unwrap();
        assert_eq!(
            (found.op, found.manifest),
            (won.op, theirs.clone()),
            "an outbox that was lost is filled again"
        );
        place.teamspace.remove_attempt(id, &ours.attempt).await.unwrap();
        for attempt in [&theirs.attempt, &first.attempt] {
            let refused = place.teamspace.remove_attempt(id, attempt).await;
            assert!(matches!(refused, Err(Error::Published { .. })));
        }
        let read = place.teamspace.read_file(id, &theirs.files[0].key).await.unwrap();
        assert_eq!(&read[..], b"video");
    }
}

#[tokio::test]
async fn the_log_has_no_gaps_whoever_writes() {
    for place in places().await {
        let writers = (0..8).map(|writer| {
            // Each writer is another machine: it knows nothing of what the others have seen.
            let teamspace = Teamspace { log: Arc::default(), ..place.teamspace.clone() };
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                for op in 0..4 {
                    let ops = [member(format!("{writer}-{op}"))];
                    numbers.push(teamspace.append(&ops, "profile", NOW).await.unwrap());
                }
                numbers
            })
        });
        let mut numbers = BTreeSet::new();
        for written in futures::future::join_all(writers).await {
            numbers.extend(written.unwrap());
        }
        assert_eq!(numbers, (1..=32).collect());
        let mut seen = BTreeSet::new();
        for n in 1..=32 {
            let entry = place.teamspace.read(n).await.unwrap().unwrap();
            for op in entry.ops {
                let Op::Known(KnownOp::Member { profile, .. }) = op else { panic!("{op:?}") };
                assert!(seen.insert(profile), "nothing is written twice");
            }
        }
        assert_eq!(seen.len(), 32, "nothing is lost");
        assert_eq!(place.teamspace.read(33).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_end_of_a_log_is_found_by_somebody_who_knows_nothing() {
    for place in places().await {
        assert_eq!(place.teamspace.latest().await.unwrap(), 0);
        for n in 1..=11 {
            place.teamspace.append(&[member(n.to_string())], "profile", NOW).await.unwrap();
            let stranger = Teamspace { log: Arc::default(), ..place.teamspace.clone() };
            assert_eq!(stranger.latest().await.unwrap(), n);
        }
    }
}

#[tokio::test]
async fn many_operations_take_as_many_entries_as_they_need() {
    for place in places().await {
        let ops: Vec<_> = (0..MAX_OPS * 2 + 1).map(|n| member(n.to_string())).collect();
        assert_eq!(place.teamspace.append(&ops, "profile", NOW).await.unwrap(), 3);
        assert_eq!(place.teamspace.read(3).await.unwrap().unwrap().ops.len(), 1);
        assert_eq!(place.teamspace.append(&[], "profile", NOW).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn what_several_say_at_once_or_again_after_a_crash_is_in_the_log_once() {
    for place in places().await {
        place.teamspace.append(&[member("before".to_owned())], "profile", NOW).await.unwrap();
        let said: Vec<_> = ["a", "b", "c"].map(|name| (1, member(name.to_owned()))).to_vec();
        let writers = (0..8).map(|writer| {
            let teamspace = Teamspace { log: Arc::default(), ..place.teamspace.clone() };
            // Each says one thing of its own beside what all of them say.
            let ops = said.iter().cloned().chain([(1, member(format!("own {writer}")))]).collect();
            tokio::spawn(async move { teamspace.append_once(ops, "profile", NOW).await.unwrap() })
        });
        futures::future::join_all(writers)
            .await
            .into_iter()
            .for_each(|written| assert!(written.unwrap() > 1));
        let last = place.teamspace.append_once(said, "profile", NOW).await.unwrap();

        let mut seen = Vec::new();
        for n in 1..=last {
            seen.extend(place.teamspace.read(n).await.unwrap().unwrap().ops);
        }
        assert_eq!(place.teamspace.read(last + 1).await.unwrap(), None, "saying it again wrote nothing");
        assert_eq!(seen.len(), 1 + 3 + 8, "{seen:?}");
        // What is meant again, as a name that is changed back, is said again.
        assert_eq!(
            place.teamspace.append(&[member("a".to_owned())], "profile", NOW).await.unwrap(),
            last + 1
        );
    }
}

#[tokio::test]
async fn an_operation_of_a_newer_version_is_kept_and_does_not_stop_the_others() {
    for place in places().await {
        let newer = serde_json::json!({"op": "sing", "song": 7});
        let ops = [Op::Unknown(newer.clone()), member("a".to_owned())];
        place.teamspace.append(&ops, "profile", NOW).await.unwrap();
        let read = place.teamspace.read(1).await.unwrap().unwrap().ops;
        assert_eq!(read, ops);
    }
}

#[tokio::test]
async fn a_lost_reply_does_not_write_an_entry_twice() {
    for fault in [Fault::ErrorAfter, Fault::AlreadyExistsAfter, Fault::ArrivesWithNext] {
        let memory = Arc::new(InMemory::new());
        teamspace_over(memory.clone()).await;
        let teamspace = teamspace_over(Arc::new(Faulty::new(memory, &[fault]))).await;
        assert_eq!(teamspace.append(&[member("a".to_owned())], "profile", NOW).await.unwrap(), 1);
        assert_eq!(teamspace.latest().await.unwrap(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_zoom_account_belongs_to_one_profile() {
    for place in places().await {
        let (ada, ben) = (somebody("ada"), somebody("ben"));
        let teamspace = &place.teamspace;
        assert_eq!(teamspace.holder("zoom-1").await.unwrap(), None);
        assert_eq!(teamspace.claim("zoom-1", &ada, NOW).await.unwrap(), Claimed::Ours);
        assert_eq!(teamspace.claim("zoom-1", &ada, Timestamp::MAX).await.unwrap(), Claimed::Ours);
        let Claimed::HeldBy(holder) = teamspace.claim("zoom-1", &ben, NOW).await.unwrap() else {
            panic!("two profiles hold one account");
        };
        assert_eq!((holder.name.as_str(), holder.teamspace.as_str()), ("ada's name", "Team"));
        assert_eq!(holder.since, NOW, "claiming again does not make it younger");
        assert!(matches!(teamspace.release("zoom-1", &ben, NOW).await.unwrap(), Claimed::HeldBy(_)));

        assert_eq!(teamspace.take_over("zoom-1", &ben, NOW).await.unwrap(), Claimed::Ours);
        assert_eq!(teamspace.holder("zoom-1").await.unwrap().unwrap().profile, "ben");
        assert!(matches!(teamspace.claim("zoom-1", &ada, NOW).await.unwrap(), Claimed::HeldBy(_)));

        assert_eq!(teamspace.release("zoom-1", &ben, NOW).await.unwrap(), Claimed::Ours);
        assert_eq!(teamspace.holder("zoom-1").await.unwrap(), None);
        assert_eq!(teamspace.claim("zoom-1", &ada, NOW).await.unwrap(), Claimed::Ours);
        assert_eq!(teamspace.latest().await.unwrap(), 4, "each change, and nothing else, is in the log");
    }
}

#[tokio::test]
async fn of_many_who_claim_at_once_one_wins() {
    for place in places().await {
        let claims = (0..12).map(|n| {
            let teamspace = place.teamspace.clone();
            tokio::spawn(
                async move { teamspace.claim("zoom-1", &somebody(&n.to_string()), NOW).await.unwrap() },
            )
        });
        let claims = futures::future::join_all(claims).await;
        let ours = claims.into_iter().filter(|claim| matches!(claim, Ok(Claimed::Ours))).count();
        assert_eq!(ours, 1);
    }
}

#[tokio::test]
async fn a_teamspace_is_opened_by_whoever_comes_second() {
    let place = folder().await;
    let location = place.teamspace.location();
    let again = Teamspace::create(location, "Another name", NOW).await.unwrap();
    assert_eq!((again.id(), again.name()), (place.teamspace.id(), "Team"));
    let opened = Teamspace::open(location, Some(place.teamspace.id())).await.unwrap();
    assert_eq!(opened.state().await.unwrap(), TeamspaceState::Ready);
}

#[tokio::test]
async fn an_unplugged_folder_is_said_and_never_made_anew() {
    let place = folder().await;
    let teamspace = &place.teamspace;
    let (root, away) = (place.home.path().join("Team"), place.home.path().join("away"));
    let manifest = manifest("m");
    place.import(&manifest).await;
    std::fs::rename(&root, &away).unwrap();
    for empty_mount_point in [false, true] {
        if empty_mount_point {
            std::fs::create_dir(&root).unwrap();
        }
        let gone = |error: Error| assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        gone(Teamspace::open(teamspace.location(), Some(teamspace.id())).await.unwrap_err());
        gone(teamspace.state().await.unwrap_err());
        gone(teamspace.read(1).await.unwrap_err());
        gone(teamspace.latest().await.unwrap_err());
        gone(teamspace.manifest(&manifest.recording_id).await.unwrap_err());
        gone(teamspace.append(&[member("a".to_owned())], "profile", NOW).await.unwrap_err());
        gone(teamspace.claim("zoom-1", &somebody("ada"), NOW).await.unwrap_err());
        gone(place.put(&manifest, b"video").await.unwrap_err());
        gone(teamspace.publish(&manifest).await.unwrap_err());
        assert_eq!(root.exists(), empty_mount_point);
        assert!(!empty_mount_point || is_empty(&root));
    }
    std::fs::remove_dir(&root).unwrap();
    std::fs::rename(&away, &root).unwrap();
    assert!(teamspace.manifest(&manifest.recording_id).await.unwrap().is_some(), "plugged in again");
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn whatever_fails_while_a_folder_goes_away_is_said_to_be_its_going() {
    let place = folder().await;
    let not_found =
        || Error::Io { attempted: "move a file".to_owned(), source: std::io::ErrorKind::NotFound.into() };
    assert!(matches!(place.teamspace.store.explain(not_found()).await, Error::Io { .. }), "it is there");
    std::fs::rename(place.home.path().join("Team"), place.home.path().join("Away")).unwrap();
    assert!(matches!(place.teamspace.store.explain(not_found()).await, Error::Unreachable { .. }));
}

#[tokio::test]
async fn what_is_not_our_teamspace_is_not_used() {
    let place = folder().await;
    let location = place.teamspace.location();
    let other = Teamspace::open(location, Some("0198c0de-0000-7000-8000-000000000000")).await;
    assert!(matches!(other, Err(Error::AnotherTeamspace { .. })));
    let empty = Location::folder(place.home.path());
    assert!(matches!(Teamspace::open(&empty, None).await, Err(Error::NotATeamspace { .. })));

    let about = place.home.path().join("Team/teamspace.json");
    let text = std::fs::read_to_string(&about).unwrap();
    for (wrong, too_new) in [
        (text.replace("\"format\": 1", "\"format\": 2"), true),
        (text.replace("\"features\": []", "\"features\": [\"encryption\"]"), true),
        (text.replace("\"format\"", "\"fromat\""), false),
        (text[..text.len() / 2].to_owned(), false),
        (String::new(), false),
    ] {
        std::fs::write(&about, wrong).unwrap();
        let refused = Teamspace::open(location, None).await.unwrap_err();
        assert_eq!(refused.state(), TeamspaceState::Refused);
        assert_eq!(matches!(refused, Error::TooNew { .. }), too_new, "{refused:?}");
        let created = Teamspace::create(location, "Team", NOW).await;
        assert!(created.is_err(), "a teamspace that cannot be read is not replaced");
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_before_anything_is_made() {
    let home = tempfile::tempdir().unwrap();
    let location = Location::folder(home.path().join("Team"));
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        assert!(matches!(Teamspace::create(&location, name, NOW).await, Err(Error::Invalid(_))));
    }
    assert!(is_empty(home.path()));
}

#[tokio::test]
async fn a_damaged_entry_or_manifest_is_said_by_its_key() {
    let place = folder().await;
    let root = place.home.path().join("Team");
    let manifest = manifest("m");
    place.import(&manifest).await;
    place.teamspace.append(&[member("a".to_owned())], "profile", NOW).await.unwrap();
    std::fs::write(root.join("log/00000000/001.json"), "{\"n\":1,").unwrap();
    std::fs::write(root.join(key::manifest(&manifest.recording_id)), "").unwrap();
    let Err(Error::Damaged { what, .. }) = place.teamspace.read(1).await else { panic!() };
    assert_eq!(what, "log/00000000/001.json");
    let read = place.teamspace.manifest(&manifest.recording_id).await;
    assert!(matches!(read, Err(Error::Damaged { .. })));
    let removed = place.teamspace.remove_attempt(&manifest.recording_id, &manifest.attempt).await;
    assert!(removed.is_err(), "what a damaged manifest may name is not removed");
}

#[cfg(unix)]
#[tokio::test]
async fn on_the_same_disk_media_is_moved_and_not_copied() {
    use std::os::unix::fs::MetadataExt;
    let place = folder().await;
    let manifest = manifest("m");
    let inode = std::fs::metadata(place.staged(b"video")).unwrap().ino();
    let (path, sha256) = (place.home.path().join("staged.part"), sha256(b"video"));
    let staged = Staged { path: &path, size: 5, sha256: &sha256 };
    let id = &manifest.recording_id;
    let key = place.teamspace.put_file(id, &manifest.attempt, "video-0.mp4", staged).await.unwrap();
    let FileSource::Path(stored) = place.teamspace.file_source(id, &key).unwrap() else { panic!() };
    assert_eq!(std::fs::metadata(stored).unwrap().ino(), inode);
}

#[tokio::test]
async fn a_key_never_leads_out_of_the_teamspace() {
    for place in places().await {
        let id = RecordingId::of_zoom_meeting("m");
        for key in ["../../../teamspace.json", "/etc/passwd", "a/../../x", ""] {
            assert!(place.teamspace.file_source(&id, key).is_err(), "{key}");
            assert!(place.teamspace.read_file(&id, key).await.is_err(), "{key}");
        }
        let path = place.staged(b"video");
        let sha256 = sha256(b"video");
        for (attempt, name) in [("..", "x.mp4"), ("a", "../x.mp4"), ("a", "X.mp4"), ("", "x.mp4")] {
            let staged = Staged { path: &path, size: 5, sha256: &sha256 };
            let put = place.teamspace.put_file(&id, attempt, name, staged).await;
            assert!(matches!(put, Err(Error::Invalid(_))), "{attempt} {name}");
        }
    }
}
