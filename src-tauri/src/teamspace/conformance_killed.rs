//! Members who are killed while they publish: at whichever step, each recording ends there once, and nothing is left over.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use object_store::memory::InMemory;

use super::conformance::{Place, folder};
use super::testing::{Halting, manifest, sha256, teamspace_over};
use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// What an import does in a teamspace, from its first look to the log; it looks at the world rather than at memory. The log
/// is known up to an entry.
async fn import(teamspace: &Teamspace, known: u64, home: &std::path::Path, ours: &Manifest) -> Publication {
    teamspace.log.note(known);
    let id = &ours.recording_id;
    let publication = match teamspace.publication(id).await.unwrap() {
        Some(there) => there,
        None => {
            let path = home.join(format!("{}.part", ours.attempt));
            std::fs::write(&path, b"video").unwrap();
            let staged = Staged { path: &path, size: 5, sha256: &sha256(b"video") };
            teamspace.put_file(id, &ours.attempt, "video-0.mp4", staged).await.unwrap();
            teamspace.publish(ours).await.unwrap()
        }
    };
    match teamspace.remove_attempt(id, &ours.attempt).await {
        Ok(()) => assert_ne!(publication.manifest.attempt, ours.attempt, "a loser removes its own"),
        Err(Error::Published { .. }) => assert_eq!(publication.manifest.attempt, ours.attempt),
        Err(error) => panic!("{error}"),
    }
    teamspace.append_once(vec![(known, publication.op.clone())], "writer", NOW).await.unwrap();
    publication
}

fn another_start(teamspace: &Teamspace) -> Teamspace {
    Teamspace { log: Arc::default(), ..teamspace.clone() }
}

#[tokio::test]
async fn whoever_is_killed_at_any_step_of_an_import_each_recording_ends_there_once() {
    let memory = teamspace_over(Arc::new(InMemory::new())).await;
    let memory = Place { teamspace: memory, home: tempfile::tempdir().unwrap() };
    for Place { teamspace, home } in [memory, folder().await] {
        let (mut ids, mut brought_by_the_killed) = (BTreeSet::new(), 0);
        for after in [false, true] {
            for step in 0.. {
                let known = teamspace.latest().await.unwrap();
                let uuid = format!("{after} {step}");
                let (ours, theirs) = (manifest(&uuid), manifest(&uuid));
                let halting = Halting::new(teamspace.store.objects.clone(), step, after);
                let halted = halting.halted();
                let mut killed = another_start(&teamspace);
                killed.store.objects = Arc::new(halting);
                let over = tokio::select! {
                    _ = import(&killed, known, home.path(), &ours) => true,
                    () = halted.notified() => false,
                };
                // A colleague imports the same meanwhile; then the killed one is started again.
                let seen = import(&another_start(&teamspace), known, home.path(), &theirs).await;
                let again = import(&another_start(&teamspace), known, home.path(), &ours).await;
                assert_eq!((&again.manifest, &again.op), (&seen.manifest, &seen.op), "{uuid}");
                brought_by_the_killed += usize::from(again.manifest == ours);
                ids.insert(ours.recording_id);
                if over {
                    break;
                }
            }
        }
        assert!(ids.len() > 10, "{} steps", ids.len());
        assert!((2..ids.len()).contains(&brought_by_the_killed), "some died before the manifest, some after");

        let mut added = Vec::new();
        for n in 1..=teamspace.latest().await.unwrap() {
            for op in teamspace.read(n).await.unwrap().expect("the log is dense").ops {
                let Op::Known(KnownOp::Add { recording_id, .. }) = op else { panic!("{op:?}") };
                added.push(recording_id);
            }
        }
        assert_eq!(added.len(), ids.len(), "the log says each once");
        assert_eq!(added.into_iter().collect::<BTreeSet<_>>(), ids);
        for shard in teamspace.shards().await.unwrap() {
            for folder in teamspace.folders(&shard).await.unwrap() {
                assert!(
                    folder.has_manifest && folder.attempts.len() == 1,
                    "nothing is left over: {folder:?}"
                );
                let published = teamspace.published(&folder.id).await.unwrap();
                assert!(published.names_attempt(&folder.attempts[0].name));
            }
        }
    }
}
