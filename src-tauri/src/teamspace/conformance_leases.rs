//! Leases, wherever a teamspace stands.

use jiff::{SignedDuration, Timestamp};
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;

use super::conformance::{places, somebody};
use super::testing::manifest;
use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const LASTS: SignedDuration = SignedDuration::from_mins(2);

async fn take(teamspace: &Teamspace, id: &RecordingId, generation: u64, who: &str) -> Leased {
    let attempt = format!("{who}-attempt");
    teamspace.take_lease(id, generation, &somebody(who), &attempt, LASTS, NOW).await.unwrap()
}

async fn left(teamspace: &Teamspace) -> usize {
    teamspace.store.list(key::LEASES).await.unwrap().len()
}

#[tokio::test]
async fn a_generation_of_a_lease_is_taken_once_and_the_newest_is_in_force() {
    for place in places().await {
        let (teamspace, id) = (&place.teamspace, RecordingId::of_zoom_meeting("m"));
        assert_eq!(teamspace.newest_lease(&id).await.unwrap(), None);
        let takers = (0..8).map(|n| {
            let (teamspace, id) = (teamspace.clone(), id.clone());
            tokio::spawn(async move { take(&teamspace, &id, 0, &n.to_string()).await })
        });
        let taken = futures::future::join_all(takers).await.into_iter().map(Result::unwrap);
        let (ours, theirs): (Vec<_>, Vec<_>) = taken.partition(|taken| matches!(taken, Leased::Ours(_)));
        let [Leased::Ours(first)] = &ours[..] else { panic!("one has it: {ours:?}") };
        assert!(
            theirs.iter().all(|theirs| *theirs == Leased::Theirs(first.clone())),
            "and all see whose it is"
        );
        assert_eq!((first.lasts, first.attempt.ends_with("-attempt")), (LASTS, true));

        let Leased::Ours(next) = take(teamspace, &id, 1, "ada").await else { panic!("it was free") };
        assert_eq!(teamspace.newest_lease(&id).await.unwrap(), Some(next.clone()));
        assert_eq!((next.generation, next.holder), (1, somebody("ada")));
        let other = RecordingId::of_zoom_meeting("another");
        assert_eq!(teamspace.newest_lease(&other).await.unwrap(), None, "of one recording");

        teamspace.remove_lease(&id, 1).await.unwrap();
        assert_eq!(teamspace.newest_lease(&id).await.unwrap(), None);
        assert_eq!(left(teamspace).await, 0);
    }
}

#[tokio::test]
async fn a_lease_that_somebody_made_up_says_nothing_and_is_waited_for_as_for_any() {
    for place in places().await {
        let (teamspace, id) = (&place.teamspace, RecordingId::of_zoom_meeting("m"));
        let put = |key: String, content: &str| {
            let (store, content) = (teamspace.store.objects.clone(), content.to_owned());
            async move { store.put(&Key::from(key), content.into()).await.unwrap() }
        };
        put(key::lease(&id, 0), "{").await;
        let lease = teamspace.newest_lease(&id).await.unwrap().unwrap();
        assert_eq!((lease.holder.name.as_str(), lease.lasts), ("", LASTS));

        let body = serde_json::json!({
            "profile": "x", "name": "A\u{202e}\n<b>da</b>", "device": "\u{7}", "attempt": "", "nonce": "x",
            "taken_at": NOW, "seconds": u64::MAX,
        });
        put(key::lease(&id, 3), &body.to_string()).await;
        put(format!("{}/notes.txt", key::leases(&id)), "of another tool").await;
        let lease = teamspace.newest_lease(&id).await.unwrap().unwrap();
        assert_eq!(
            (lease.generation, lease.lasts),
            (3, SignedDuration::from_mins(15)),
            "no longer than that"
        );
        assert!(!lease.holder.name.contains(['\n', '\u{202e}']) && lease.holder.device.is_empty());
        let Leased::Theirs(theirs) = take(teamspace, &id, 3, "ada").await else { panic!("it is theirs") };
        assert_eq!(theirs, lease);
    }
}

#[tokio::test]
async fn sweeping_removes_leases_of_what_is_published_and_of_what_died_long_ago() {
    for place in places().await {
        let (teamspace, published) = (&place.teamspace, manifest("published"));
        place.import(&published).await;
        let at_work = RecordingId::of_zoom_meeting("at work");
        for id in [&published.recording_id, &at_work] {
            take(teamspace, id, 0, "ada").await;
            take(teamspace, id, 1, "ada").await;
        }
        assert_eq!(teamspace.sweep_leases(Timestamp::now()).await.unwrap(), 2);
        assert!(teamspace.newest_lease(&at_work).await.unwrap().is_some(), "somebody may be at it");
        let tomorrow = Timestamp::now() + SignedDuration::from_hours(25);
        assert_eq!(teamspace.sweep_leases(tomorrow).await.unwrap(), 2);
        assert_eq!(left(teamspace).await, 0);
        assert!(teamspace.manifest(&published.recording_id).await.unwrap().is_some());
    }
}
