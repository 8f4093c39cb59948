//! The trash empties itself after 30 days: on one machine, once, whatever clocks say, and only where the store lets it.

use jiff::SignedDuration;
use next_desktop::app::BucketDraft;
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::import::JobState;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::{Bucket, Credentials, TeamspaceInfo};
use s3_servers::{Fault, Proxy};
use zoom_sim::MeetingSpec;

use super::harness::{JONAS, MAYA, Person, World, files_below, sample};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Maya, who imported two recordings, and Jonas, whose clock a story holds in its hand. It begins 40 days ago: the
/// store's clock, which no story can move, is ahead of it.
struct Trash {
    world: World,
    clock: Clock,
    maya: Person,
    jonas: Person,
    research: TeamspaceInfo,
    gone: RecordingId,
    kept: RecordingId,
}

async fn trash() -> Trash {
    let (world, uuid) = World::with_talk("Interview").await;
    let other = world.sim.add_meeting(MeetingSpec::talk("Another", "sync").days_ago(1)).uuid;
    let (maya, research) = world.importer().await;
    let jobs = maya.import(&research, &[&uuid, &other]).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:?}");
    let id = |place: usize| jobs[place].recording_id.clone().unwrap();
    let (gone, kept) = (id(0), id(1));
    let clock = Clock::manual(jiff::Timestamp::now() - DAY * 40);
    let world = world.with_clock(clock.clone());
    let jonas = joined(&world, "Jonas Weber", JONAS).await;
    Trash { world, clock, maya, jonas, research, gone, kept }
}

async fn joined(world: &World, name: &str, email: &str) -> Person {
    let person = world.person(name, email).await;
    person.add_teamspace("Research", &world.folder("research")).await.unwrap();
    person
}

impl Trash {
    async fn empty(&self, person: &Person) -> Vec<RecordingId> {
        person.app.refresh_teamspace(&self.research.id).await.unwrap();
        person.app.empty_trash(&self.research.id).await.unwrap()
    }

    fn stored(&self, id: &RecordingId) -> Vec<String> {
        let folder = self.world.folder("research/recordings").join(id.shard()).join(id.as_str());
        let files = files_below(&folder).into_iter();
        files.map(|(path, _)| path.strip_prefix(&folder).unwrap().display().to_string()).collect()
    }

    /// How often the log says that it is deleted.
    fn said(&self) -> usize {
        let log = files_below(&self.world.folder("research/log"));
        let entries =
            log.iter().map(|(_, bytes)| serde_json::from_slice::<serde_json::Value>(bytes).unwrap());
        entries
            .flat_map(|entry| entry["ops"].as_array().unwrap().clone())
            .filter(|op| op["op"] == "delete" && op["recording_id"] == self.gone.as_str())
            .count()
    }

    fn days_later(&self, days: i32) {
        self.clock.advance(DAY * days);
    }
}

#[tokio::test]
async fn after_30_days_it_is_deleted_by_one_of_those_who_saw_it_and_said_once() {
    let trash = trash().await;
    let mei = joined(&trash.world, "Mei", "mei@example.com").await;
    trash.jonas.app.trash_recording(&trash.research.id, &trash.gone).await.unwrap();
    for person in [&trash.jonas, &mei] {
        assert!(trash.empty(person).await.is_empty(), "they see it there for the first time");
    }
    trash.days_later(29);
    assert!(trash.empty(&trash.jonas).await.is_empty());
    let others = trash.stored(&trash.kept);

    trash.days_later(1);
    let late = joined(&trash.world, "Late", "late@example.com").await;
    assert!(trash.empty(&late).await.is_empty(), "who sees it only now does not take others' word for it");
    let (here, there) = tokio::join!(
        trash.jonas.app.empty_trash(&trash.research.id),
        mei.app.empty_trash(&trash.research.id)
    );

    let both = [here.unwrap(), there.unwrap()].concat();
    assert!(both.contains(&trash.gone), "{both:?}");
    assert_eq!(trash.said(), 1, "the log says it once");
    assert_eq!(trash.stored(&trash.gone), ["manifest.json"]);
    assert_eq!(trash.stored(&trash.kept), others, "nothing else is touched");
    assert!(trash.empty(&trash.maya).await.is_empty());
    assert!(trash.maya.app.trash(&trash.research.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_taken_back_and_thrown_away_again_has_its_30_days_anew() {
    let trash = trash().await;
    let (app, space) = (&trash.jonas.app, &trash.research.id);
    app.trash_recording(space, &trash.gone).await.unwrap();
    assert!(trash.empty(&trash.jonas).await.is_empty());
    trash.days_later(20);
    app.restore_recording(space, &trash.gone).await.unwrap();
    app.trash_recording(space, &trash.gone).await.unwrap();
    assert!(trash.empty(&trash.jonas).await.is_empty());
    trash.days_later(15);
    assert!(trash.empty(&trash.jonas).await.is_empty());
    assert_eq!((trash.said(), app.trash(space).await.unwrap()[0].days_left), (0, 15));
}

#[tokio::test]
async fn a_machine_whose_clock_is_a_month_ahead_deletes_nothing_that_came_to_the_trash_today() {
    let trash = trash().await;
    let space = &trash.research.id;
    trash.maya.app.trash_recording(space, &trash.gone).await.unwrap();
    let ahead = Clock::manual(jiff::Timestamp::now() + DAY * 31);
    let world = trash.world.with_clock(ahead.clone());
    let hurried = joined(&world, "Mei", "mei@example.com").await;
    assert_eq!(hurried.app.trash(space).await.unwrap()[0].days_left, 0, "as her clock has it, it is over");

    assert!(hurried.app.empty_trash(space).await.unwrap().is_empty(), "she has seen it only just now");
    // Her clock jumps once more: then the time of the store decides, and there it is today.
    ahead.advance(DAY * 31);
    assert!(hurried.app.empty_trash(space).await.unwrap().is_empty());
    assert_eq!(hurried.app.trash(space).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_asked_for_goes_at_once_and_what_is_in_the_library_never() {
    let trash = trash().await;
    let (app, space) = (&trash.maya.app, &trash.research.id);
    app.trash_recording(space, &trash.gone).await.unwrap();
    let error = app.delete_recording_now(space, &trash.kept).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    let others = trash.stored(&trash.kept);

    app.delete_recording_now(space, &trash.gone).await.unwrap();
    app.delete_recording_now(space, &trash.gone).await.unwrap();

    assert_eq!(trash.stored(&trash.gone), ["manifest.json"]);
    assert_eq!((trash.stored(&trash.kept), trash.said()), (others, 1));
    trash.jonas.app.refresh_teamspace(space).await.unwrap();
    assert!(trash.jonas.app.trash(space).await.unwrap().is_empty());
}

#[tokio::test]
async fn where_the_store_lets_nobody_delete_it_stays_and_says_why() {
    let Some(server) = s3_servers::shared_moto() else { return };
    let proxy = Proxy::before(server.address());
    let bucket = Bucket {
        endpoint: Some(proxy.endpoint()),
        region: "us-east-1".to_owned(),
        bucket: server.fresh_bucket(),
        prefix: String::new(),
        credentials: Credentials::AccessKey { id: "AKIATEAM".to_owned() },
    };
    let draft = BucketDraft { bucket, secret: Some("the-secret-of-the-key".to_owned()) };
    let clock = Clock::manual(jiff::Timestamp::now() - DAY * 40);
    let world = World::empty().await.with_clock(clock.clone());
    let maya = world.person("Maya", MAYA).await;
    let research = maya.add_bucket("Research", draft).await.unwrap();
    let file = maya.dir.path().join("Interview.m4a");
    std::fs::write(&file, sample("checkout.m4a")).unwrap();
    let job = maya.app.import_file(&research.id, &file, None).await.unwrap();
    maya.app.start_worker();
    let id = maya.settled(&[job]).await[0].recording_id.clone().unwrap();
    maya.app.trash_recording(&research.id, &id).await.unwrap();
    maya.app.empty_trash(&research.id).await.unwrap();
    clock.advance(DAY * 31);
    proxy.on("DELETE", "", Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>"), usize::MAX);

    let error = maya.app.empty_trash(&research.id).await.unwrap_err();

    let trashed = &maya.app.trash(&research.id).await.unwrap()[0];
    assert_eq!((trashed.days_left, &trashed.stays), (0, &Some(error)), "it is still there, and says why");
    maya.app.restore_recording(&research.id, &id).await.unwrap();
    let opened = maya.app.open_recording(&research.id, &id).await.unwrap();
    assert!(!opened.urls.is_empty(), "and nothing of it is lost");
}
