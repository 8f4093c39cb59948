//! Auto-import: one checkbox, and every new recording comes by itself; rules, review, and older ones on purpose.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use next_desktop::activity::{ActivityEntry, ActivityKind, ExportFormat};
use next_desktop::auto_import::{AutoImportStatus, DecidedBy, PauseUntil, Rules, Verdict};
use next_desktop::clock::Clock;
use next_desktop::error::Code;
use next_desktop::events::Event;
use next_desktop::import::JobState;
use next_desktop::recording::{FileKind, Recording};
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::{FileSpec, ListingHabits, MeetingHandle, MeetingSpec, Place};

use super::harness::{Person, World};

/// A world whose clock is in hand, Zoom's with it.
pub async fn world() -> World {
    let world = World::empty().await;
    let now = world.sim.now();
    world.with_clock(Clock::manual(now))
}

/// Lets time pass, here and at Zoom.
pub fn pass(world: &World, time: SignedDuration) {
    world.sim.advance(Duration::try_from(time).unwrap());
    world.clock.advance(world.sim.now().duration_since(world.clock.now()));
}

/// Time has passed for the pace of calls too, which goes by the machine's own clock that no story can move: a pause
/// that Zoom asked for is over.
pub fn forget_pace(person: &Person) {
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(person.data().join("zoom-pace"))
        .unwrap();
    // As the app does: a call under way would write what it read before.
    file.lock().unwrap();
    file.set_len(0).unwrap();
    file.write_all(b"{}").unwrap();
    file.unlock().unwrap();
}

pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Maya, who switched auto-import on for "Research".
pub async fn switched_on(world: &World) -> (Person, TeamspaceInfo) {
    let (maya, research) = world.importer().await;
    maya.app.switch_on_auto_import(&research.id).await.unwrap();
    maya.app.start_worker();
    (maya, research)
}

/// A meeting that begins now; an hour later Zoom has finished it.
pub fn meet(world: &World, title: &str) -> MeetingHandle {
    let start = world.sim.now() + SignedDuration::from_secs(1);
    let meeting = world.sim.add_meeting(MeetingSpec::talk(title, "checkout").start(start).minutes(30));
    pass(world, HOUR);
    meeting
}

/// Looks now, and waits until what was asked for is settled.
pub async fn look(person: &Person) -> AutoImportStatus {
    let status = person.app.check_now().await.unwrap();
    let jobs = person.app.jobs().await.unwrap();
    person.jobs_until(&jobs, |job| !matches!(job.state, JobState::Queued | JobState::Running)).await;
    status
}

pub async fn library(person: &Person, teamspace: &TeamspaceInfo) -> Vec<Recording> {
    let items = person.app.recordings(&teamspace.id).await.unwrap();
    items.into_iter().map(|item| item.recording).collect()
}

pub async fn titles(person: &Person, teamspace: &TeamspaceInfo) -> BTreeSet<String> {
    library(person, teamspace).await.into_iter().map(|recording| recording.title).collect()
}

pub async fn activity(person: &Person, kind: ActivityKind) -> Vec<ActivityEntry> {
    person.app.activity("", Some(kind), None, 500).await.unwrap().entries
}

pub fn set(titles: &[&str]) -> BTreeSet<String> {
    titles.iter().map(|title| (*title).to_owned()).collect()
}

async fn set_rules(person: &Person, change: impl FnOnce(&mut Rules)) {
    let mut rules = person.app.auto_import_rules().await.unwrap();
    change(&mut rules);
    person.app.set_auto_import_rules(rules).await.unwrap();
}

#[tokio::test]
async fn from_the_checkbox_on_every_new_recording_comes_and_older_ones_do_not() {
    let world = world().await;
    meet(&world, "Before");
    let (maya, research) = switched_on(&world).await;
    let mut heard = maya.app.events().subscribe();
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&[]));

    let meeting = meet(&world, "Interview with Dana");
    let status = look(&maya).await;

    assert_eq!(titles(&maya, &research).await, set(&["Interview with Dana"]));
    assert!(status.on && !status.running && status.problem.is_none(), "{status:?}");
    let (now, covered) = (world.sim.now(), status.covered_up_to.unwrap());
    assert!(covered <= now && now.duration_since(covered) < SignedDuration::from_mins(5), "{covered}");
    assert!(status.next_poll.unwrap() > status.last_poll.unwrap());
    let told = std::iter::from_fn(|| heard.try_recv().ok())
        .filter(|event| matches!(event, Event::ActivityAdded { kind: ActivityKind::Imported, .. }));
    assert_eq!(told.count(), 1);
    let entry = activity(&maya, ActivityKind::Imported).await.remove(0);
    assert_eq!((entry.title.as_str(), entry.uuid.as_ref()), ("Interview with Dana", Some(&meeting.uuid)));
    assert!(entry.automatic);

    let maya = maya.reopen().await;
    maya.app.start_worker();
    meet(&world, "After a restart");
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Interview with Dana", "After a restart"]));
    assert_eq!(activity(&maya, ActivityKind::Imported).await.len(), 2);
}

#[tokio::test]
async fn a_look_that_finds_nothing_new_costs_one_call_and_imports_nothing_twice() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    meet(&world, "Interview");
    look(&maya).await;
    for _ in 0..3 {
        pass(&world, HOUR);
        world.sim.clear_requests();
        look(&maya).await;
        assert_eq!(world.sim.count(Place::ListRecordings), 1);
        assert_eq!(world.sim.count(Place::Storage), 0);
    }
    assert_eq!(library(&maya, &research).await.len(), 1);
    assert_eq!(maya.app.jobs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn switching_off_stops_at_once_and_another_teamspace_is_for_what_comes_after() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    meet(&world, "One");
    look(&maya).await;
    let archive = maya.add_teamspace("Archive", &world.folder("archive")).await.unwrap();
    maya.app.switch_on_auto_import(&archive.id).await.unwrap();
    meet(&world, "Two");
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["One"]));
    assert_eq!(titles(&maya, &archive).await, set(&["Two"]));

    maya.app.pause_queue().await.unwrap();
    meet(&world, "Three");
    maya.app.check_now().await.unwrap();
    assert_eq!(maya.app.jobs().await.unwrap()[0].state, JobState::Queued);
    let status = maya.app.switch_off_auto_import().await.unwrap();
    maya.app.resume_queue().await.unwrap();

    assert!(!status.on && status.next_poll.is_none());
    assert_eq!(maya.app.jobs().await.unwrap().len(), 2, "what nobody had begun is off the queue");
    let three = meet(&world, "Four");
    world.sim.clear_requests();
    maya.app.look_if_due().await.unwrap();
    assert_eq!(maya.app.check_now().await.unwrap_err().code, Code::Usage);
    assert_eq!(world.sim.count(Place::ListRecordings), 0);
    let why = maya.app.why_not_imported(&three.uuid).await.unwrap();
    assert_eq!(why.decision.by, DecidedBy::Off);
}

#[tokio::test]
async fn a_pause_holds_it_until_it_is_over() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    let until = world.clock.now() + HOUR * 3;
    let status = maya.app.pause_auto_import(PauseUntil::Instant { at: until }).await.unwrap();
    let milliseconds = until.duration_since(status.paused_until.unwrap()).as_millis();
    assert_eq!(milliseconds, 0, "{status:?}");
    meet(&world, "Interview");
    world.sim.clear_requests();
    maya.app.look_if_due().await.unwrap();
    assert_eq!(world.sim.count(Place::ListRecordings), 0);

    pass(&world, HOUR * 3);
    maya.app.look_if_due().await.unwrap();

    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Interview"]));
    assert_eq!(maya.app.auto_import_status().await.unwrap().paused_until, None);
    let past = PauseUntil::Instant { at: Timestamp::UNIX_EPOCH };
    assert_eq!(maya.app.pause_auto_import(past).await.unwrap_err().code, Code::Usage);
    let tomorrow = maya.app.pause_auto_import(PauseUntil::Tomorrow).await.unwrap().paused_until.unwrap();
    assert!(tomorrow > world.clock.now());
    assert_eq!(maya.app.resume_auto_import().await.unwrap().paused_until, None);
}

#[tokio::test]
async fn rules_decide_each_says_so_and_every_recording_has_an_answer() {
    let world = world().await;
    let older = meet(&world, "Interview of yesterday");
    let (maya, research) = switched_on(&world).await;
    set_rules(&maya, |rules| {
        rules.title_contains = vec!["interview".to_owned()];
        rules.title_excludes = vec!["Private".to_owned()];
        rules.min_minutes = Some(10);
    })
    .await;
    let taken = meet(&world, "INTERVIEW with Dana");
    let private = meet(&world, "Private interview");
    let retro = meet(&world, "Retro");
    let short = MeetingSpec::talk("Interview, broken off", "checkout")
        .minutes(3)
        .start(world.sim.now() + SignedDuration::from_secs(1));
    let short = world.sim.add_meeting(short);
    pass(&world, HOUR);
    look(&maya).await;

    assert_eq!(titles(&maya, &research).await, set(&["INTERVIEW with Dana"]));
    for (meeting, by) in [
        (&private, DecidedBy::TitleExcludes),
        (&retro, DecidedBy::TitleContains),
        (&short, DecidedBy::TooShort),
        (&older, DecidedBy::BeforeSwitchedOn),
    ] {
        let why = maya.app.why_not_imported(&meeting.uuid).await.unwrap();
        assert_eq!(
            (why.imported, why.decision.verdict, why.decision.by),
            (false, Verdict::Skip, by),
            "{why:?}"
        );
        assert!(!why.sentence.is_empty());
    }
    assert!(maya.app.why_not_imported(&taken.uuid).await.unwrap().imported);
    let not_seen = meet(&world, "Interview to come");
    let why = maya.app.why_not_imported(&not_seen.uuid).await.unwrap();
    assert_eq!((why.decision.by, why.decided_at), (DecidedBy::NotSeenYet, None));
    let skipped = activity(&maya, ActivityKind::Skipped).await;
    assert_eq!(skipped.len(), 3, "each once: {skipped:?}");
    let found = maya.app.activity("too_short", None, None, 10).await.unwrap().entries;
    assert_eq!((found.len(), found[0].title.as_str()), (1, "Interview, broken off"));
    let csv = maya.app.activity_text(ExportFormat::Csv).await.unwrap();
    assert!(csv.lines().count() >= 5 && csv.contains("Private interview"), "{csv}");

    // Renamed at Zoom so that the rules take it.
    world.sim.change_meeting(&retro.uuid, |spec| spec.topic = "Interview about the retro".to_owned());
    look(&maya).await;
    assert!(titles(&maya, &research).await.contains("Interview about the retro"));
}

#[tokio::test]
async fn a_dry_run_and_a_backfill_show_first_and_import_only_when_they_are_told_to() {
    let world = world().await;
    for (title, days) in [("Interview 1", 2), ("Interview 2", 40), ("Lunch", 41), ("Interview 3", 80)] {
        world.sim.add_meeting(MeetingSpec::talk(title, "checkout").minutes(30).days_ago(days));
    }
    let (maya, research) = switched_on(&world).await;
    set_rules(&maya, |rules| rules.title_contains = vec!["Interview".to_owned()]).await;

    let decided = maya.app.auto_import_dry_run(90, None).await.unwrap();
    let verdicts: Vec<_> = decided
        .iter()
        .map(|one| (one.recording.topic.as_str(), one.decision.verdict, one.decision.by))
        .collect();
    assert_eq!(
        verdicts,
        [
            ("Interview 1", Verdict::Take, DecidedBy::NoObjection),
            ("Interview 2", Verdict::Take, DecidedBy::NoObjection),
            ("Lunch", Verdict::Skip, DecidedBy::TitleContains),
            ("Interview 3", Verdict::Take, DecidedBy::NoObjection),
        ]
    );
    let everything = maya.app.auto_import_dry_run(90, Some(Rules::default())).await.unwrap();
    assert!(everything.iter().all(|one| one.decision.verdict == Verdict::Take), "rules that are not set yet");

    let today = world.sim.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let (from, to) = (today.saturating_sub(60.days()), today);
    let preview = maya.app.backfill_preview(from, to).await.unwrap();
    assert_eq!((preview.count, preview.skipped, preview.already), (2, 1, 0));
    assert!(preview.bytes > 0);
    assert!(maya.app.jobs().await.unwrap().is_empty(), "nothing was asked for");
    assert_eq!(maya.app.backfill(from, to).await.unwrap(), preview);
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Interview 1", "Interview 2"]));
    let again = maya.app.backfill(from, to).await.unwrap();
    assert_eq!((again.count, again.already), (0, 2));
}

#[tokio::test]
async fn with_review_recordings_wait_to_be_kept_or_discarded() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    set_rules(&maya, |rules| rules.review = true).await;
    let keep = meet(&world, "Keep me");
    let discard = meet(&world, "Discard me");
    look(&maya).await;
    let inbox = maya.app.inbox().await.unwrap();
    assert_eq!(inbox.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["Discard me", "Keep me"]);
    assert_eq!(maya.app.auto_import_status().await.unwrap().inbox_count, 2);
    assert!(maya.app.jobs().await.unwrap().is_empty());
    assert_eq!(activity(&maya, ActivityKind::ToReview).await.len(), 2);

    assert_eq!(maya.app.keep_from_inbox(std::slice::from_ref(&keep.uuid)).await.unwrap(), 1);
    assert_eq!(maya.app.discard_from_inbox(std::slice::from_ref(&discard.uuid)).await.unwrap(), 1);
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Keep me"]));
    let why = maya.app.why_not_imported(&discard.uuid).await.unwrap();
    assert_eq!(why.decision.by, DecidedBy::Discarded);
    assert_eq!(maya.app.keep_from_inbox(std::slice::from_ref(&keep.uuid)).await.unwrap(), 0, "kept already");
    assert_eq!(maya.app.keep_from_inbox(&[discard.uuid]).await.unwrap(), 1, "a second thought");
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Keep me", "Discard me"]));
}

#[tokio::test]
async fn what_is_deleted_at_zoom_while_it_waits_for_review_leaves_the_inbox_and_that_is_said() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    set_rules(&maya, |rules| rules.review = true).await;
    let [gone, stays, elsewhere] =
        ["Deleted at Zoom", "Still there", "Filed elsewhere"].map(|title| meet(&world, title));
    look(&maya).await;
    let inbox = async || -> BTreeSet<String> {
        maya.app.inbox().await.unwrap().into_iter().map(|item| item.title).collect()
    };
    assert_eq!(inbox().await.len(), 3);

    // One is listed under the date of its series from now on, and so not: nothing is concluded from that, and it is asked
    // for once, not every time.
    world.sim.set_listing(ListingHabits { by_start_time: true, ..ListingHabits::default() });
    let series = world.sim.now() - HOUR * 24 * 60;
    world.sim.change_meeting(&elsewhere.uuid, |spec| spec.start_time = Some(series));
    world.sim.remove_meeting(&gone.uuid);
    pass(&world, HOUR);
    look(&maya).await;
    assert_eq!(inbox().await, set(&["Still there", "Filed elsewhere"]));
    let why = maya.app.why_not_imported(&gone.uuid).await.unwrap();
    assert_eq!((why.decision.verdict, why.decision.by), (Verdict::Skip, DecidedBy::GoneAtZoom));
    assert!(why.sentence.contains("deleted at Zoom") && why.sentence.contains("noticed on 20"), "{why:?}");
    let told = maya.app.activity("gone_at_zoom", Some(ActivityKind::Skipped), None, 9).await.unwrap().entries;
    assert_eq!(told.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), ["Deleted at Zoom"]);
    pass(&world, HOUR);
    world.sim.clear_requests();
    look(&maya).await;
    assert_eq!((world.sim.count(Place::ListRecordings), world.sim.count(Place::MeetingRecordings)), (1, 0));

    // Kept in the moment in which it is deleted, it leaves as well, and its import says why.
    world.sim.remove_meeting(&stays.uuid);
    assert_eq!(maya.app.keep_from_inbox(std::slice::from_ref(&stays.uuid)).await.unwrap(), 1);
    let jobs = maya.app.jobs().await.unwrap();
    let settled = maya.settled(&jobs).await;
    assert_eq!(settled[0].error.as_ref().map(|error| error.code), Some(Code::GoneAtZoom));
    assert_eq!(inbox().await, set(&["Filed elsewhere"]));

    // What is older than the list is read for is asked for once a day.
    pass(&world, HOUR * 24 * 40);
    world.sim.remove_meeting(&elsewhere.uuid);
    look(&maya).await;
    assert_eq!(inbox().await, set(&[]));
    assert_eq!(library(&maya, &research).await.len(), 0);
}

#[tokio::test]
async fn only_the_kinds_that_are_wanted_come_also_late_and_a_person_gets_everything() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    set_rules(&maya, |rules| rules.kinds = Some(BTreeSet::from([FileKind::Audio, FileKind::Transcript])))
        .await;
    let start = world.sim.now() + SignedDuration::from_secs(1);
    let spec = MeetingSpec::new("Interview").minutes(30).start(start).file(FileSpec::video("checkout"));
    let spec = spec.file(FileSpec::audio("checkout")).file(FileSpec::transcript("checkout").unlisted());
    let meeting = world.sim.add_meeting(spec.file(FileSpec::chat("checkout").unlisted()));
    pass(&world, HOUR);
    look(&maya).await;
    let kinds = async |wanted: &[FileKind]| {
        for _ in 0..100 {
            let files = library(&maya, &research).await.remove(0).files;
            if files.iter().map(|file| file.kind).collect::<Vec<_>>() == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never {wanted:?}: {:?}", library(&maya, &research).await);
    };
    kinds(&[FileKind::Audio]).await;

    world.sim.complete(&meeting.files[2]);
    world.sim.complete(&meeting.files[3]);
    look(&maya).await;
    kinds(&[FileKind::Audio, FileKind::Transcript]).await;

    maya.import(&research, &[&meeting.uuid]).await;
    kinds(&[FileKind::Video, FileKind::Audio, FileKind::Transcript, FileKind::Chat]).await;
}

#[tokio::test]
async fn the_window_and_a_watch_on_one_data_directory_do_not_both_look() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    let watch = world.another_start(&maya).await;
    watch.app.start_worker();
    maya.app.start_auto_import();
    let looked = async |person: &Person, since: Option<Timestamp>| {
        for _ in 0..200 {
            let status = person.app.auto_import_status().await.unwrap();
            if status.last_poll > since && !status.running {
                return status.last_poll;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody looked: {:?}", person.app.auto_import_status().await);
    };
    let first = looked(&maya, None).await;
    watch.app.start_auto_import();
    meet(&world, "Interview");
    world.sim.clear_requests();
    // An hour went by at once: to the one who looks it is as if the computer had slept.
    let second = looked(&maya, first).await;
    assert_eq!(world.sim.count(Place::ListRecordings), 1);

    // Asking the other one makes the first look.
    pass(&world, SignedDuration::from_secs(30));
    watch.app.check_now().await.unwrap();
    assert!(maya.app.auto_import_status().await.unwrap().last_poll > second);

    maya.app.close().await;
    drop(maya);
    meet(&world, "Retro");
    let jobs = watch.app.jobs().await.unwrap();
    watch.settled(&jobs).await;
    for _ in 0..200 {
        if titles(&watch, &research).await == set(&["Interview", "Retro"]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the other one never took over: {:?}", watch.app.auto_import_status().await);
}
