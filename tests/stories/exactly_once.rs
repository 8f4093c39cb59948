//! Many machines, one bucket: every recording once, and what stores and colleagues do to it on a bad day.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use next_desktop::app::BucketDraft;
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::import::{Job, JobState};
use next_desktop::recording::RecordingId;
use next_desktop::secret::Secret;
use next_desktop::teamspace::{
    Bucket, Claimant, Credentials, Keys, KnownOp, Lease, Location, Op, Place, Reach, Teamspace,
    TeamspaceState,
};
use s3_servers::Fault;
use zoom_sim::{FaultRule, FileSpec, MeetingSpec};

use super::buckets::{SECRET, draft, parts_noted};
use super::harness::{JONAS, MAYA, Person, World};
use super::nextctl::{Machine, ended};

/// The teamspace as its bytes are, without an app.
async fn bare(draft: &BucketDraft) -> Teamspace {
    let reach = Reach { keys: Keys::Secret(Secret::new(SECRET.to_owned())), ..Reach::default() };
    let place = Place { location: Location::Bucket(draft.bucket.clone()), reach };
    Teamspace::open(place, None).await.unwrap()
}

/// The recordings that a log adds, in order; fails when it has a hole.
async fn added(teamspace: &Teamspace) -> Vec<RecordingId> {
    let mut added = Vec::new();
    for n in 1..=teamspace.latest().await.unwrap() {
        let entry = teamspace.read(n).await.unwrap().unwrap_or_else(|| panic!("entry {n} is missing"));
        added.extend(entry.ops.into_iter().filter_map(|op| match op {
            Op::Known(KnownOp::Add { recording_id, .. }) => Some(recording_id),
            _ => None,
        }));
    }
    added
}

/// Fails unless these recordings, and nothing beside them, stand there once each.
async fn each_stands_there_once(teamspace: &Teamspace, ids: &BTreeSet<RecordingId>) {
    let added = added(teamspace).await;
    assert_eq!(added.len(), ids.len(), "the log says each once: {added:?}");
    assert_eq!(&added.into_iter().collect::<BTreeSet<_>>(), ids);
    let mut there = BTreeSet::new();
    for shard in teamspace.shards().await.unwrap() {
        for folder in teamspace.folders(&shard).await.unwrap() {
            assert!(folder.has_manifest && folder.attempts.len() == 1, "nothing is left over: {folder:?}");
            assert_eq!(teamspace.newest_lease(&folder.id).await.unwrap(), None, "nobody is at it any more");
            there.insert(folder.id);
        }
    }
    assert_eq!(&there, ids);
}

/// Twelve machines of one person, set up from the backup of the first: that is how several machines share a Zoom
/// account, which belongs to one profile, and whose newest sign-in ends all earlier ones.
async fn machines(world: &World, draft: &BucketDraft, many: usize) -> Vec<Machine> {
    let mut first = Machine::of(&world.sim);
    first.set("NEXT_BUCKET_SECRET", SECRET);
    first.json(&["profile", "set", "--name", "Maya Lindqvist", "--email", MAYA]).await;
    let endpoint = draft.bucket.endpoint.clone().unwrap();
    let place = ["--bucket", &draft.bucket.bucket, "--prefix", "next", "--endpoint", &endpoint];
    let key = ["--access-key-id", "AKIATEAM"];
    first.json(&[&["teamspace", "add", "Research"], &place[..], &key].concat()).await;
    let ran = first.connect(&world.sim, &zoom_sim::Choice::authorize(MAYA), &[]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let others: Vec<Machine> = (1..many).map(|_| first.restored_elsewhere()).collect();
    [first].into_iter().chain(others).collect()
}

/// So many machines import so many recordings at the same moment. Tells how many downloads there were, and how many
/// files there are.
async fn import_at_once(many: usize, recordings: usize) -> Option<(usize, usize)> {
    let (draft, _) = draft()?;
    let world = World::empty().await;
    let meetings: Vec<_> = (0..recordings)
        .map(|n| world.sim.add_meeting(MeetingSpec::talk(&format!("Interview {n}"), "checkout").days_ago(2)))
        .collect();
    let machines = machines(&world, &draft, many).await;
    world.sim.clear_requests();
    let all = ["--json", "import", "--teamspace", "Research", "--all", "--wait"];
    let running: Vec<_> = machines.iter().map(|machine| tokio::spawn(ended(machine.start(&all)))).collect();
    let mut imported = 0;
    for ran in running {
        let ran = ran.await.unwrap();
        assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
        let summary = ran.summary();
        let count = |field: &str| summary[field].as_u64().unwrap() as usize;
        assert_eq!(count("imported") + count("already"), recordings, "{summary}");
        imported += count("imported");
    }
    assert_eq!(imported, recordings, "each was brought by one machine");
    machines[0].json(&["teamspace", "repair", "Research"]).await;
    let ids = meetings.iter().map(|meeting| RecordingId::of_zoom_meeting(&meeting.uuid)).collect();
    each_stands_there_once(&bare(&draft).await, &ids).await;
    let verified = machines[many - 1].run(&["--json", "teamspace", "verify", "Research"]).await;
    let last = verified.events().pop().unwrap();
    assert_eq!((verified.code, &last["checked"]), (Some(0), &recordings.into()), "{last}");
    assert_eq!(last["orphans"], serde_json::json!([]), "{last}");
    let requests = world.sim.requests();
    let downloads = requests.iter().filter(|asked| asked.host == zoom_sim::Host::Storage).count();
    Some((downloads, meetings.iter().map(|meeting| meeting.files.len()).sum()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_machines_that_import_the_same_account_into_one_bucket_bring_each_recording_once() {
    let Some((downloads, files)) = import_at_once(12, 6).await else { return };
    assert_eq!(downloads, files, "and none was downloaded in vain");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "for measuring: takes minutes"]
async fn twelve_machines_and_many_recordings() {
    let Some((downloads, files)) = import_at_once(12, 100).await else { return };
    println!("{downloads} downloads for {files} files");
    assert!(downloads >= files);
}

/// Somebody with a bucket for a teamspace and a connected account.
async fn importer(world: &World, draft: &BucketDraft) -> (Person, String) {
    let maya = world.person("Maya Lindqvist", MAYA).await;
    maya.connect(&world.sim, MAYA).await.unwrap();
    let research = maya.add_bucket("Research", draft.clone()).await.unwrap();
    (maya, research.id)
}

#[tokio::test]
async fn whoever_meets_a_colleague_at_work_says_so_and_looks_again() {
    let Some((draft, _)) = draft() else { return };
    let world = World::empty().await;
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(2)).uuid;
    let id = RecordingId::of_zoom_meeting(&uuid);
    // As precise as times are kept.
    let now = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
    let clock = Clock::manual(now);
    let world = world.with_clock(clock.clone());
    let (maya, research) = importer(&world, &draft).await;
    let bucket = bare(&draft).await;
    let dana =
        Claimant { profile: "dana".to_owned(), name: "Dana Brook".to_owned(), device: "thinkpad".to_owned() };
    let minutes = SignedDuration::from_mins(2);
    // Her clock is hours off, which is nobody's business.
    bucket.take_lease(&id, 0, &dana, "hers", minutes, now - SignedDuration::from_hours(9)).await.unwrap();
    world.sim.clear_requests();

    let info = maya.app.teamspaces().await.unwrap().remove(0);
    let jobs = maya.ask(&info, &[&uuid]).await.unwrap();
    maya.app.start_worker();
    let waiting = |job: &Job| job.state == JobState::Waiting;
    let jobs = maya.jobs_until(&jobs, waiting).await;
    let why = jobs[0].error.clone().unwrap();
    assert_eq!(why.code, Code::AtWorkElsewhere);
    assert_eq!(why.message, "Dana Brook is importing this now, on thinkpad");
    assert_eq!(jobs[0].retry_at, Some(now + SignedDuration::from_secs(3)));
    assert_eq!(world.sim.requests(), [], "and Zoom was not asked");

    // She renews it, and then her machine dies: it is waited for from when the renewal was seen.
    bucket.take_lease(&id, 1, &dana, "hers", minutes, now).await.unwrap();
    clock.advance(SignedDuration::from_secs(110));
    let renewed = Some(now + SignedDuration::from_secs(140));
    maya.jobs_until(&jobs, |job| waiting(job) && job.retry_at == renewed).await;
    clock.advance(SignedDuration::from_secs(121));
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(jobs[0].error, None);
    each_stands_there_once(&bare(&draft).await, &[id].into()).await;
    assert_eq!(maya.app.recordings(&research).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_renewed_while_its_import_takes_long_and_taken_over_when_it_no_longer_is() {
    let Some((draft, proxy)) = draft() else { return };
    let clock = Clock::manual(Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap());
    let world = World::empty().await.with_clock(clock.clone());
    let spec = MeetingSpec::new("Long interview").file(FileSpec::video_of_size(3_000_000, 7)).days_ago(2);
    let uuid = world.sim.add_meeting(spec).uuid;
    let id = RecordingId::of_zoom_meeting(&uuid);
    let (first, _) = importer(&world, &draft).await;
    let second = world.second_machine(&first).await;
    let bucket = bare(&draft).await;
    // It would take minutes.
    let slow = zoom_sim::Fault::Throttle { bytes_per_second: 25_000 };
    world.sim.fault(FaultRule::always(zoom_sim::Place::Storage, slow));
    let info = first.app.teamspaces().await.unwrap().remove(0);
    first.ask(&info, &[&uuid]).await.unwrap();
    first.app.start_worker();
    first.staged_something().await;
    let jobs = second.ask(&info, &[&uuid]).await.unwrap();
    second.app.start_worker();
    let waits =
        |job: &Job| job.state == JobState::Waiting && job.retry_at.is_some_and(|look| look > clock.now());
    let why = second.jobs_until(&jobs, waits).await.remove(0).error.unwrap();
    assert_eq!(why.code, Code::AtWorkElsewhere, "{why}");

    // The first lease would be over: the other machine has seen that it was renewed.
    clock.advance(SignedDuration::from_secs(61));
    let renewed = lease_after(&bucket, &id, 0).await;
    assert_eq!((renewed.generation, renewed.lasts), (1, SignedDuration::from_secs(240)));
    clock.advance(SignedDuration::from_secs(60));
    second.jobs_until(&jobs, waits).await;
    // A store that refuses for a while costs nothing: it is tried again before the time is over.
    let denied = Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>");
    proxy.on("PUT", "leases/", denied, usize::MAX);
    proxy.take_seen();
    clock.advance(SignedDuration::from_secs(61));
    while !proxy.take_seen().iter().any(|seen| seen.method == "PUT" && seen.target.contains("leases/")) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    proxy.heal();
    clock.advance(SignedDuration::from_secs(61));
    assert_eq!(lease_after(&bucket, &id, 1).await.lasts, SignedDuration::from_secs(480));
    clock.advance(SignedDuration::from_secs(60));
    second.jobs_until(&jobs, waits).await;
    assert_eq!(second.staged(), [] as [std::path::PathBuf; 0], "nothing is downloaded twice");

    // The machine at work crashes. Nobody renews any more.
    drop(first);
    world.sim.clear_faults();
    clock.advance(SignedDuration::from_secs(400));
    second.jobs_until(&jobs, waits).await;
    clock.advance(SignedDuration::from_secs(100));
    let done = second.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(done[0].error, None);
    each_stands_there_once(&bucket, &[id].into()).await;
}

/// The lease that is in force once there is a newer generation than this.
async fn lease_after(teamspace: &Teamspace, id: &RecordingId, generation: u64) -> Lease {
    for _ in 0..600 {
        let newest = teamspace.newest_lease(id).await.unwrap();
        if let Some(lease) = newest.filter(|lease| lease.generation > generation) {
            return lease;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was never renewed");
}

#[tokio::test]
async fn in_a_folder_of_ones_own_nobody_is_waited_for_and_among_colleagues_the_lease_goes_with_the_import() {
    let (world, uuid) = World::with_talk("Interview").await;
    let (maya, research) = world.importer().await;
    let leases = world.folder("research/leases");
    assert_eq!(maya.import(&research, &[&uuid]).await[0].state, JobState::Done);
    assert!(!leases.exists(), "she is alone");

    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    let other = world.sim.add_meeting(MeetingSpec::talk("Another", "sync").days_ago(1)).uuid;
    assert_eq!(maya.import(&research, &[&other]).await[0].state, JobState::Done);
    assert!(leases.exists(), "now she is not");
    assert_eq!(std::fs::read_dir(&leases).unwrap().count(), 0, "and it is given back");
}

#[tokio::test]
async fn members_who_may_not_remove_leave_leases_for_whoever_sweeps() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(2)).uuid;
    let (maya, research) = importer(&world, &draft).await;
    let denied = Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>");
    proxy.on("DELETE", "", denied, usize::MAX);
    let info = maya.app.teamspaces().await.unwrap().remove(0);
    let jobs = maya.import(&info, &[&uuid]).await;
    assert_eq!((jobs[0].state, &jobs[0].error), (JobState::Done, &None));
    let id = RecordingId::of_zoom_meeting(&uuid);
    let bucket = bare(&draft).await;
    assert!(bucket.newest_lease(&id).await.unwrap().is_some());

    proxy.heal();
    maya.app.repair_teamspace(&research).await.unwrap();
    each_stands_there_once(&bucket, &[id].into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_in_the_middle_of_an_upload_costs_no_part_that_was_sent() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let spec = MeetingSpec::new("Long interview").file(FileSpec::video_of_size(20_000_003, 7));
    let uuid = world.sim.add_meeting(spec).uuid;
    let (maya, _) = importer(&world, &draft).await;
    // The third part meets the new order of things, and so does everything after it.
    let revoked = Fault::Instead(403, "<Error><Code>InvalidAccessKeyId</Code></Error>");
    proxy.on("PUT", "partNumber=3", revoked.clone(), usize::MAX);
    let info = maya.app.teamspaces().await.unwrap().remove(0);
    let jobs = maya.import(&info, &[&uuid]).await;
    let why = jobs[0].error.clone().unwrap();
    assert_eq!((jobs[0].state, why.code), (JobState::Waiting, Code::BucketRefused));
    assert_eq!(why.params["trouble"], "unknown_key", "{why}");
    assert!(why.message.contains("does not know this access key") && why.code.needs_person(), "{why}");
    assert_eq!(jobs[0].attempts, 0, "and no try was spent");
    assert_eq!(parts_noted(&maya.data()), 2);

    proxy.heal();
    proxy.take_seen();
    let credentials = Credentials::AccessKey { id: "AKIANEW".to_owned() };
    let renewed = BucketDraft { bucket: Bucket { credentials, ..draft.bucket.clone() }, ..draft.clone() };
    maya.add_bucket("Research", renewed.clone()).await.unwrap();
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(jobs[0].error, None);
    let seen = proxy.take_seen();
    // The test of the place sends parts too.
    let is_ours = |seen: &&s3_servers::Seen| {
        seen.target.contains("/recordings/") && seen.target.contains("partNumber=")
    };
    let sent: Vec<_> = seen.iter().filter(is_ours).collect();
    assert!(sent.len() == 1 && sent[0].target.contains("partNumber=3"), "{sent:?}");
    each_stands_there_once(&bare(&renewed).await, &[RecordingId::of_zoom_meeting(&uuid)].into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_asks_to_slow_down_for_a_minute_is_waited_for_without_a_failure() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let uuid = world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(2)).uuid;
    let clock = Clock::manual(Timestamp::now());
    let world = world.with_clock(clock.clone());
    let (maya, _) = importer(&world, &draft).await;
    let slow = Fault::Instead(503, "<Error><Code>SlowDown</Code></Error>");
    for method in ["GET", "PUT", "POST", "HEAD", "DELETE"] {
        proxy.on(method, "", slow.clone(), usize::MAX);
    }
    let info = maya.app.teamspaces().await.unwrap().remove(0);
    let jobs = maya.ask(&info, &[&uuid]).await.unwrap();
    maya.app.start_worker();
    // Each try asks again and again with growing pauses, before it leaves the job to the next try.
    for (tries, later) in [(1, 6), (2, 60)] {
        let waits = |job: &Job| job.state == JobState::Waiting && job.attempts == tries;
        let job = maya.jobs_until(&jobs, waits).await.remove(0);
        let why = job.error.unwrap();
        assert!(why.code == Code::Busy && !why.code.needs_person(), "nobody is asked to do anything: {why}");
        assert_eq!(proxy.take_seen().iter().filter(|seen| seen.target.contains("manifest.json")).count(), 5);
        if tries == 2 {
            proxy.heal();
        }
        clock.advance(SignedDuration::from_secs(later + 1));
    }
    let jobs = maya.jobs_until(&jobs, |job| job.state == JobState::Done).await;
    assert_eq!(jobs[0].error, None);
    each_stands_there_once(&bare(&draft).await, &[RecordingId::of_zoom_meeting(&uuid)].into()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_breaks_its_promise_after_it_was_accepted_is_noticed_and_nothing_is_lost() {
    let Some((draft, proxy)) = draft() else { return };
    let world = World::empty().await;
    let uuids: Vec<String> = (0..3)
        .map(|n| world.sim.add_meeting(MeetingSpec::talk(&format!("Interview {n}"), "sync").days_ago(1)).uuid)
        .collect();
    let (maya, research) = importer(&world, &draft).await;
    let info = maya.app.teamspaces().await.unwrap().remove(0);
    assert_eq!(maya.import(&info, &[&uuids[0]]).await[0].state, JobState::Done);

    // A new version of the store has forgotten what "only if it is not there" means.
    proxy.on("PUT", "", Fault::Unconditioned, usize::MAX);
    let twin = world.second_machine(&maya).await;
    let opened = twin.app.refresh_teamspace(&research).await.unwrap();
    assert_eq!(opened.state, TeamspaceState::Refused, "whoever opens it notices");
    let error = opened.error.unwrap();
    assert_eq!(error.code, Code::TeamspaceUnsafe);
    assert!(error.message.contains("several writers"), "{error}");
    let asked = twin.ask(&info, &[&uuids[1]]).await;
    assert_eq!(asked.unwrap_err().code, Code::TeamspaceUnsafe, "and puts nothing there");

    // Who has it open goes on; what was published before and after stays whole.
    assert_eq!(maya.import(&info, &[&uuids[2]]).await[0].state, JobState::Done);
    proxy.heal();
    let repaired = maya.app.repair_teamspace(&research).await.unwrap();
    assert_eq!((repaired.entered, repaired.removed), (0, vec![]));
    let ids = [&uuids[0], &uuids[2]].map(|uuid| RecordingId::of_zoom_meeting(uuid));
    each_stands_there_once(&bare(&draft).await, &ids.into()).await;
    let twin = twin.reopen().await;
    let opened = twin.app.refresh_teamspace(&research).await.unwrap();
    assert_eq!((opened.state, opened.recordings), (TeamspaceState::Ready, 2), "healed, it is used again");
}
