//! Moving a teamspace: to a bucket and between folders, stopped in the middle, with colleagues, with damage.

use std::path::{Path, PathBuf};

use next_desktop::app::{BucketDraft, CopyWish, PlaceDraft};
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::import::JobState;
use next_desktop::ledger::Problem;
use next_desktop::recording::{Recording, RecordingId};
use next_desktop::teamspace::{Bucket, Credentials, Entry, Location, Op, Teamspace, TeamspaceInfo};
use s3_servers::shared_moto;
use zoom_sim::{MeetingSpec, ZoomSim};

use super::buckets::draft;
use super::harness::{MAYA, Person, World, files_below};
use super::nextctl::Machine;

pub const MOVE: CopyWish = CopyWish { backup: false, leave_damaged: false };
const BACKUP: CopyWish = CopyWish { backup: true, leave_damaged: false };

/// Imports these talks.
pub async fn import_talks(
    world: &World,
    maya: &Person,
    research: &TeamspaceInfo,
    names: &[&str],
) -> Vec<Recording> {
    let talk = |name: &&str| world.sim.add_meeting(MeetingSpec::talk(name, "checkout")).uuid;
    let uuids: Vec<String> = names.iter().map(talk).collect();
    let uuids: Vec<&str> = uuids.iter().map(String::as_str).collect();
    let jobs = maya.import(research, &uuids).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    recordings(maya, research).await
}

pub async fn recordings(person: &Person, teamspace: &TeamspaceInfo) -> Vec<Recording> {
    let items = person.app.recordings(&teamspace.id).await.unwrap();
    items.into_iter().map(|item| item.recording).collect()
}

pub async fn colleague(world: &World, research: &TeamspaceInfo) -> Person {
    let jonas = world.person("Jonas", "jonas@example.com").await;
    let joined = jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    assert_eq!(joined.id, research.id);
    jonas
}

fn folder_of(root: &Path, id: &RecordingId) -> PathBuf {
    root.join("recordings").join(id.shard()).join(id.as_str())
}

pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Key and content of everything below a folder that is part of what people put there.
fn content(root: &Path) -> Vec<(String, Vec<u8>)> {
    let inside = |path: &Path| path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
    let mut all: Vec<_> = files_below(root).into_iter().map(|(path, bytes)| (inside(&path), bytes)).collect();
    all.retain(|(key, _)| !key.starts_with("log/") && !key.starts_with("leases/"));
    all.sort();
    all
}

#[tokio::test]
async fn a_teamspace_moves_to_another_folder_whole_and_takes_colleagues_along() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let before = import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let jonas = colleague(&world, &research).await;
    let (old, new) = (world.folder("research"), world.folder("archive"));
    let stranger = folder_of(&old, &before[0].recording_id).join("aaaaaaaaaaaaaaa7");
    std::fs::create_dir(&stranger).unwrap();
    std::fs::write(stranger.join("video-0.mp4"), "of a dead attempt").unwrap();
    // A field that a newer version wrote.
    let about = std::fs::read_to_string(old.join("teamspace.json")).unwrap();
    std::fs::write(old.join("teamspace.json"), about.replacen('{', "{\"mood\":\"calm\",", 1)).unwrap();

    let report = maya.app.copy_to_folder(&research.id, &text(&new), MOVE).await.unwrap();

    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    let bytes: u64 = before.iter().flat_map(|recording| &recording.files).map(|file| file.size).sum();
    assert_eq!((report.files, report.bytes), (6, bytes));
    std::fs::remove_dir_all(&stranger).unwrap();
    assert_eq!(content(&new), content(&old), "all of it, as it is, and nothing of dead attempts");
    let listed = maya.app.teamspaces().await.unwrap();
    assert_eq!((&listed[0].id, &listed[0].location), (&research.id, &Location::folder(&new)));
    assert_eq!(recordings(&maya, &research).await, before);

    // Whoever is at the old place still is told, goes along, and keeps what they had.
    let followed = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!((followed.location, followed.error), (Location::folder(&new), None));
    assert_eq!(recordings(&jonas, &research).await.len(), 2);

    // What is added at the new place, everybody there sees.
    import_talks(&world, &maya, &research, &["Three"]).await;
    jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(recordings(&jonas, &research).await.len(), 3);
    assert_eq!(content(&new).len(), content(&old).len() + 4, "the old place stays as it was");
}

#[tokio::test]
async fn a_copy_that_is_stopped_says_so_moves_nothing_and_goes_on_later() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let to = PlaceDraft::Folder { path: text(&world.folder("archive")) };
    let mut events = maya.app.events().subscribe();
    let stop_at_once = async {
        while !matches!(events.recv().await, Ok(Event::CopyProgress { .. })) {}
        maya.app.stop_copy("another one").await.unwrap();
        maya.app.stop_copy(&research.id).await.unwrap();
    };

    let (stopped, ()) = tokio::join!(maya.app.copy_teamspace(&research.id, to.clone(), MOVE), stop_at_once);

    assert_eq!(stopped.unwrap_err().code, Code::Cancelled);
    assert_eq!(maya.app.teamspaces().await.unwrap()[0].location, research.location);
    assert!(!world.folder("archive").join("teamspace.json").exists());

    let report = maya.app.copy_teamspace(&research.id, to, MOVE).await.unwrap();

    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    assert_eq!(recordings(&maya, &research).await.len(), 2);
}

#[tokio::test]
async fn nothing_is_written_at_the_old_place_any_more_and_who_cannot_follow_is_told() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talks = import_talks(&world, &maya, &research, &["One"]).await;
    let jonas = colleague(&world, &research).await;
    let (old, new) = (world.folder("research"), world.folder("archive"));
    maya.app.copy_to_folder(&research.id, &text(&new), MOVE).await.unwrap();
    // The new place cannot be reached from where Jonas is.
    std::fs::rename(&new, world.folder("away")).unwrap();

    let told = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    let error = told.error.unwrap();
    assert_eq!((error.code, &error.params["to"]), (Code::TeamspaceMoved, &text(&new)), "{error:?}");
    assert_eq!(recordings(&jonas, &research).await.len(), 1, "it can be read until then");

    let left = Teamspace::open(&Location::folder(&old), Some(&research.id)).await.unwrap();
    let last = left.latest().await.unwrap();
    let op = serde_json::json!({ "op": "trash", "recording_id": talks[0].recording_id });
    let op: Op = serde_json::from_value(op).unwrap();
    let refused = left.append(&[op], "someone", Clock::system().now()).await.unwrap_err();
    assert!(refused.to_string().contains("was moved"), "{refused}");
    assert_eq!(left.latest().await.unwrap(), last);
    let elsewhere = jonas.app.copy_to_folder(&research.id, &text(&world.folder("other")), MOVE).await;
    assert_eq!(elsewhere.unwrap_err().code, Code::TeamspaceMoved);

    std::fs::rename(world.folder("away"), &new).unwrap();
    let followed = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!((followed.location, followed.error), (Location::folder(&new), None));
}

#[tokio::test]
async fn what_is_damaged_is_said_and_not_copied_and_the_rest_is() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talks = import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let (old, new) = (world.folder("research"), world.folder("archive"));
    let file = &talks[0].files[0];
    let damaged = folder_of(&old, &talks[0].recording_id).join(&file.key);
    let whole = std::fs::read(&damaged).unwrap();
    std::fs::write(&damaged, vec![0; whole.len()]).unwrap();

    let report = maya.app.copy_to_folder(&research.id, &text(&new), MOVE).await.unwrap();

    assert!(!report.moved, "nobody is moved away from a file that could still be put back");
    assert_eq!((report.damaged.len(), report.damaged[0].problem), (1, Problem::Content));
    assert!(report.damaged[0].key.ends_with(&file.key));
    assert!(!folder_of(&new, &talks[0].recording_id).join(&file.key).exists());
    assert!(folder_of(&new, &talks[1].recording_id).join(&talks[1].files[0].key).exists());
    assert!(!new.join("teamspace.json").exists());

    std::fs::write(&damaged, whole).unwrap();
    let report = maya.app.copy_to_folder(&research.id, &text(&new), MOVE).await.unwrap();
    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    assert_eq!(content(&new), content(&old));
}

#[tokio::test]
async fn a_place_that_is_not_fit_is_refused_and_a_backup_is_no_second_teamspace() {
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    import_talks(&world, &maya, &research, &["One"]).await;
    let (old, full, backup) = (world.folder("research"), world.folder("full"), world.folder("backup"));
    std::fs::create_dir_all(&full).unwrap();
    std::fs::write(full.join("letter.txt"), "mine").unwrap();
    let taken = world.folder("taken");
    let jonas = world.person("Jonas", "jonas@example.com").await;
    jonas.add_teamspace("Other", &taken).await.unwrap();
    for (place, code) in [
        (&full, Code::PlaceNotEmpty),
        (&taken, Code::PlaceNotEmpty),
        (&old, Code::Usage),
        (&old.join("inside"), Code::Usage),
    ] {
        let refused = maya.app.copy_to_folder(&research.id, &text(place), MOVE).await.unwrap_err();
        assert_eq!(refused.code, code, "{place:?}: {refused}");
    }
    assert_eq!(files_below(&full).len(), 1);

    let report = maya.app.copy_to_folder(&research.id, &text(&backup), BACKUP).await.unwrap();
    assert!(!report.moved && report.damaged.is_empty());
    assert_eq!(maya.app.teamspaces().await.unwrap()[0].location, Location::folder(&old));
    let refused = jonas.add_teamspace("Research", &backup).await.unwrap_err();
    assert_eq!(refused.code, Code::TeamspaceUnsafe);
    assert!(refused.message.contains("Research"), "{refused}");

    // When the original is gone for good, a person brings the backup to life.
    std::fs::rename(backup.join("backup.json"), backup.join("teamspace.json")).unwrap();
    let revived = jonas.add_teamspace("Research", &backup).await.unwrap();
    assert_eq!((revived.id, revived.recordings), (research.id, 1));
}

#[tokio::test]
async fn a_folder_moves_to_a_bucket_and_goes_on_where_it_was_killed() {
    let Some(server) = shared_moto() else { return };
    let world = World::empty().await;
    let (maya, research) = world.importer().await;
    let talks = import_talks(&world, &maya, &research, &["One", "Two", "Three"]).await;
    let bucket = Bucket {
        endpoint: Some(server.endpoint()),
        region: "us-east-1".to_owned(),
        bucket: server.fresh_bucket(),
        prefix: "next".to_owned(),
        credentials: Credentials::AccessKey { id: "AKIATEAM".to_owned() },
    };
    let draft = BucketDraft { bucket: bucket.clone(), secret: Some("the-secret".to_owned()) };

    // Dropped at the first word of progress after the beginning: as killed as a process can be from within.
    let mut events = maya.app.events().subscribe();
    {
        let copying = maya.app.copy_to_bucket(&research.id, draft.clone(), MOVE);
        tokio::pin!(copying);
        let mut told = 0;
        while told < 2 {
            tokio::select! {
                done = &mut copying => { done.unwrap(); break }
                event = events.recv() => {
                    told += usize::from(matches!(event, Ok(next_desktop::events::Event::CopyProgress { .. })));
                }
            }
        }
    }
    let jonas = colleague(&world, &research).await;
    let report = maya.app.copy_to_bucket(&research.id, draft.clone(), MOVE).await.unwrap();
    assert!(report.moved, "{report:?}");
    let moved = maya.app.teamspaces().await.unwrap();
    assert_eq!(moved[0].location, Location::Bucket(bucket.checked().unwrap()));
    assert_eq!(recordings(&maya, &research).await, talks);
    let verified = maya.app.verify_teamspace(&research.id, true).await.unwrap();
    assert_eq!((verified.checked, verified.damaged.len(), verified.orphans.len()), (3, 0, 0));

    // The entry holds no key. Jonas has none for the bucket: he is told, gives his, and everything stays.
    let log = files_below(&world.folder("research").join("log"));
    let entries = log.iter().map(|(_, bytes)| serde_json::from_slice::<Entry>(bytes).unwrap());
    let last = entries.max_by_key(|entry| entry.n).unwrap();
    let said = serde_json::to_string(&last).unwrap();
    assert!(said.contains("moved") && said.contains(&bucket.bucket), "{said}");
    assert!(!said.contains("AKIATEAM") && !said.contains("the-secret"), "{said}");
    let error = jonas.app.refresh_teamspace(&research.id).await.unwrap().error.unwrap();
    assert_eq!(error.code, Code::TeamspaceMoved);
    let joined = jonas.add_bucket("Research", draft).await.unwrap();
    assert_eq!((&joined.id, joined.recordings), (&research.id, 3));
    assert_eq!(jonas.app.teamspaces().await.unwrap().len(), 1);
}

/// Somebody with a connected account whose team works in a bucket, and a colleague with a key of his own.
async fn team_in_a_bucket(world: &World, first: &BucketDraft) -> (Person, Person, TeamspaceInfo) {
    let maya = world.person("Maya Lindqvist", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.app.add_bucket("Research", first.clone()).await.unwrap();
    let jonas = world.person("Jonas", "jonas@example.com").await;
    let credentials = Credentials::AccessKey { id: "AKIAJONAS".to_owned() };
    let his = BucketDraft { bucket: Bucket { credentials, ..first.bucket.clone() }, ..first.clone() };
    jonas.app.add_bucket("Research", his).await.unwrap();
    (maya, jonas, research)
}

/// Moves, and sees that all of it is there, whole, and stays what it was for whoever moved it.
async fn moves_whole(maya: &Person, research: &TeamspaceInfo, to: PlaceDraft) -> Location {
    let before = recordings(maya, research).await;
    let members = maya.app.members(&research.id).await.unwrap();
    let report = maya.app.copy_teamspace(&research.id, to, MOVE).await.unwrap();
    assert!(report.moved && report.damaged.is_empty(), "{report:?}");
    let bytes: u64 = before.iter().flat_map(|recording| &recording.files).map(|file| file.size).sum();
    assert_eq!((report.files, report.bytes), (3 * before.len() as u64, bytes));
    let verified = maya.app.verify_teamspace(&research.id, true).await.unwrap();
    assert_eq!((verified.checked, verified.damaged.len()), (before.len() as u64, 0), "{verified:?}");
    assert_eq!(recordings(maya, research).await, before);
    assert_eq!(maya.app.members(&research.id).await.unwrap(), members);
    maya.app.teamspaces().await.unwrap().remove(0).location
}

#[tokio::test]
async fn a_bucket_moves_to_a_folder_and_its_key_is_kept_no_longer() {
    let Some((first, proxy)) = draft() else { return };
    let world = World::empty().await;
    let (maya, jonas, research) = team_in_a_bucket(&world, &first).await;
    import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let folder = world.folder("archive");

    let location = moves_whole(&maya, &research, PlaceDraft::Folder { path: text(&folder) }).await;

    assert_eq!(location, Location::folder(&folder));
    let secret = first.bucket.checked().unwrap().secret_name().unwrap();
    assert_eq!(maya.secrets.get(&secret).await.unwrap(), None);
    let followed = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!((followed.location, followed.error), (Location::folder(&folder), None));
    proxy.take_seen();
    import_talks(&world, &maya, &research, &["Three"]).await;
    jonas.app.refresh_teamspace(&research.id).await.unwrap();
    assert_eq!(recordings(&jonas, &research).await.len(), 3);
    assert_eq!(proxy.take_seen(), [], "nobody asks the old place any more");
}

#[tokio::test]
async fn a_bucket_moves_to_another_one_and_colleagues_follow_with_the_keys_that_they_have_at_that_store() {
    let Some((first, _)) = draft() else { return };
    let Some((elsewhere, _)) = draft() else { return };
    let world = World::empty().await;
    let (maya, jonas, research) = team_in_a_bucket(&world, &first).await;
    let talks = import_talks(&world, &maya, &research, &["One", "Two"]).await;
    let other = Bucket { prefix: "archive/2026".to_owned(), ..first.bucket.clone() };

    let to = BucketDraft { bucket: other.clone(), ..first.clone() };
    let location = moves_whole(&maya, &research, PlaceDraft::Bucket(to)).await;

    assert_eq!(location, Location::Bucket(other.clone()));
    let followed = jonas.app.refresh_teamspace(&research.id).await.unwrap();
    let credentials = Credentials::AccessKey { id: "AKIAJONAS".to_owned() };
    assert_eq!(followed.location, Location::Bucket(Bucket { credentials, ..other }));
    assert_eq!((followed.error, recordings(&jonas, &research).await), (None, talks));

    // To another store, which is not told his key only because a log says so.
    moves_whole(&maya, &research, PlaceDraft::Bucket(elsewhere)).await;
    let error = jonas.app.refresh_teamspace(&research.id).await.unwrap().error.unwrap();
    assert_eq!(error.code, Code::TeamspaceMoved);
    assert_eq!(recordings(&jonas, &research).await.len(), 2, "it can be read until then");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nextctl_says_with_a_code_of_its_own_that_a_place_holds_something_else() {
    let sim = ZoomSim::start(zoom_sim::Options::default()).await.unwrap();
    let machine = Machine::of(&sim);
    machine.set_up().await;
    let full = machine.path("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("letter.txt"), "mine").unwrap();

    let ran = machine.run(&["--json", "teamspace", "copy", "Research", full.to_str().unwrap()]).await;

    ran.assert_fails(1, "is not empty, so no teamspace is copied there; choose an empty folder");
    assert_eq!(ran.document()["error"]["code"], "place_not_empty");
    assert_eq!(files_below(&full).len(), 1);
    // The self-test of a copy that was killed before it began to copy is nobody's.
    std::fs::remove_file(full.join("letter.txt")).unwrap();
    std::fs::create_dir_all(full.join("probe/killed")).unwrap();
    let ran = machine.run(&["teamspace", "copy", "Research", full.to_str().unwrap()]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
