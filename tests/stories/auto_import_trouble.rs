//! Auto-import when something is wrong: said once, nothing is lost, and it goes on by itself.

use std::time::Duration;

use jiff::SignedDuration;
use next_desktop::activity::ActivityKind;
use next_desktop::app::ClaimAnswer;
use next_desktop::auto_import::{DecidedBy, ProblemKind};
use next_desktop::import::Disks;
use zoom_sim::{Fault, FaultRule, ListingHabits, MeetingSpec, Place, RetryAfter};

use super::auto_import::{
    HOUR, activity, forget_pace, library, look, meet, pass, set, switched_on, titles, world,
};
use super::harness::{HOME_NETWORK, JONAS, MAYA, Person};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn problem(person: &Person) -> Option<ProblemKind> {
    person.app.auto_import_status().await.unwrap().problem.map(|problem| problem.kind)
}

/// Looks several times and says how often a person was called for.
async fn calls_for_a_person(person: &Person) -> usize {
    for _ in 0..3 {
        let _ = person.app.check_now().await;
    }
    activity(person, ActivityKind::NeedsPerson).await.len()
}

#[tokio::test]
async fn a_clock_that_is_set_forward_and_back_by_a_day_skips_nothing() {
    let world = world().await;
    // Switched on under a clock that is a day ahead.
    world.clock.advance(DAY);
    let (maya, research) = world.importer().await;
    maya.app.switch_on_auto_import(&research.id).await.unwrap();
    maya.app.start_worker();
    let status = look(&maya).await;
    assert!(status.covered_up_to.unwrap() <= world.sim.now(), "never the future: {status:?}");
    let sim_clock_back = || world.clock.advance(world.sim.now().duration_since(world.clock.now()));
    sim_clock_back();
    meet(&world, "Right again");
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Right again"]));

    // Set back by a day, and by ten.
    for (days, title) in [(1, "A day back"), (10, "Ten days back")] {
        meet(&world, title);
        world.clock.advance(-DAY * days);
        maya.app.look_if_due().await.unwrap();
        look(&maya).await;
        assert!(titles(&maya, &research).await.contains(title), "{title}");
        sim_clock_back();
    }

    // Set forward by a year for one look.
    world.clock.advance(DAY * 365);
    let status = look(&maya).await;
    assert!(status.covered_up_to.unwrap() <= world.sim.now(), "{status:?}");
    sim_clock_back();
    meet(&world, "After a year");
    maya.app.look_if_due().await.unwrap();
    look(&maya).await;
    assert!(titles(&maya, &research).await.contains("After a year"));
    assert_eq!(library(&maya, &research).await.len(), 4);
}

#[tokio::test]
async fn a_sign_in_that_is_over_is_said_once_and_costs_no_more_calls_until_it_is_renewed() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    meet(&world, "Interview");
    world.sim.revoke_tokens(MAYA);

    assert_eq!(calls_for_a_person(&maya).await, 1);
    assert_eq!(problem(&maya).await, Some(ProblemKind::NeedsReauthorization));
    world.sim.clear_requests();
    for _ in 0..3 {
        pass(&world, DAY);
        maya.app.look_if_due().await.unwrap();
    }
    assert_eq!(world.sim.requests(), [], "nothing is asked of Zoom");
    assert_eq!(maya.app.auto_import_status().await.unwrap().next_poll, None);

    maya.connect(&world.sim, MAYA).await.unwrap();
    maya.app.look_if_due().await.unwrap();
    look(&maya).await;
    assert_eq!(problem(&maya).await, None);
    assert_eq!(titles(&maya, &research).await, set(&["Interview"]), "what came meanwhile came too");
    world.sim.revoke_tokens(MAYA);
    pass(&world, HOUR * 2);
    assert_eq!(calls_for_a_person(&maya).await, 2, "another incident");
}

#[tokio::test]
async fn a_teamspace_that_is_gone_is_one_problem_costs_no_call_and_goes_on_when_it_is_back() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    std::fs::rename(world.folder("research"), world.folder("unplugged")).unwrap();
    for n in 0..3 {
        meet(&world, &format!("Interview {n}"));
    }
    world.sim.clear_requests();
    assert_eq!(calls_for_a_person(&maya).await, 1);
    assert_eq!(problem(&maya).await, Some(ProblemKind::TeamspaceGone));
    assert_eq!(world.sim.count(Place::ListRecordings), 0);
    assert!(maya.app.jobs().await.unwrap().is_empty());

    std::fs::rename(world.folder("unplugged"), world.folder("research")).unwrap();
    pass(&world, HOUR);
    maya.app.look_if_due().await.unwrap();
    look(&maya).await;
    assert_eq!(problem(&maya).await, None);
    assert_eq!(library(&maya, &research).await.len(), 3);
}

#[tokio::test]
async fn a_hundred_recordings_at_once_onto_a_full_disk_are_one_problem_and_then_all_come() {
    let world = world().await.with_disks(Disks::with_free(1_000));
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    let start = world.sim.now() + SignedDuration::from_secs(1);
    for n in 0..100 {
        let spec = MeetingSpec::new(&format!("{n}")).minutes(30).start(start + SignedDuration::from_secs(n));
        world.sim.add_meeting(spec.file(zoom_sim::FileSpec::transcript("checkout")));
    }
    pass(&world, HOUR);
    maya.app.check_now().await.unwrap();
    for _ in 0..200 {
        if problem(&maya).await.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(problem(&maya).await, Some(ProblemKind::TeamspaceFull));
    assert_eq!(calls_for_a_person(&maya).await, 1);
    assert_eq!(maya.app.jobs().await.unwrap().len(), 100);

    world.disks.set_free(1 << 40);
    look(&maya).await;
    assert_eq!(problem(&maya).await, None);
    assert_eq!(library(&maya, &research).await.len(), 100);
    assert_eq!(activity(&maya, ActivityKind::Imported).await.len(), 100);
}

#[tokio::test]
async fn a_free_plan_is_said_kindly_and_calls_nobody() {
    let world = world().await;
    world.sim.change_user(MAYA, |user| user.kind = 1);
    let (maya, _) = switched_on(&world).await;
    meet(&world, "Interview");
    look(&maya).await;
    assert_eq!(problem(&maya).await, Some(ProblemKind::NoCloudRecordings));
    assert_eq!(calls_for_a_person(&maya).await, 0);
    let status = maya.app.auto_import_status().await.unwrap();
    assert!(status.next_poll.unwrap().duration_since(world.clock.now()) > HOUR, "rarely: {status:?}");
}

#[tokio::test]
async fn an_account_that_was_moved_to_another_machine_ends_it_here_and_is_said_once() {
    let world = world().await;
    let (maya, _) = switched_on(&world).await;
    look(&maya).await;
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    jonas.connect_and_confirm(&world.sim, MAYA).await.unwrap();
    jonas.app.resolve_claim(ClaimAnswer::Move).await.unwrap();
    meet(&world, "Interview");

    assert_eq!(calls_for_a_person(&maya).await, 1);
    let kind = problem(&maya).await.unwrap();
    assert!(matches!(kind, ProblemKind::ClaimLost | ProblemKind::NeedsReauthorization), "{kind:?}");
    world.sim.clear_requests();
    pass(&world, DAY);
    maya.app.look_if_due().await.unwrap();
    assert_eq!(world.sim.count(Place::ListRecordings), 0);
}

#[tokio::test]
async fn another_zoom_account_is_not_imported_from_until_it_is_switched_on_for_it() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    maya.app.disconnect_zoom().await.unwrap();
    assert_eq!(problem(&maya).await, Some(ProblemKind::NotConnected));
    assert_eq!(calls_for_a_person(&maya).await, 0, "a person did that on purpose");
    maya.connect_and_confirm(&world.sim, JONAS).await.unwrap();
    let host = world.sim.users().into_iter().find(|user| user.email == JONAS).unwrap().id;
    let talk = MeetingSpec::talk("Jonas's", "checkout")
        .host(&host)
        .start(world.sim.now() + SignedDuration::from_secs(1))
        .minutes(30);
    world.sim.add_meeting(talk.clone());
    pass(&world, HOUR);
    maya.app.check_now().await.unwrap();
    assert_eq!(problem(&maya).await, Some(ProblemKind::OtherAccount));
    assert!(maya.app.jobs().await.unwrap().is_empty());

    maya.app.switch_on_auto_import(&research.id).await.unwrap();
    world.sim.add_meeting(
        MeetingSpec { topic: "Later".to_owned(), ..talk }
            .start(world.sim.now() + SignedDuration::from_secs(1)),
    );
    pass(&world, HOUR);
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Later"]));
}

#[tokio::test]
async fn when_the_network_is_back_it_looks_at_once_and_not_when_the_next_look_was_due() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    meet(&world, "Interview");
    world.way_out.set(None);
    world.sim.set_offline(true);
    for _ in 0..5 {
        maya.app.check_now().await.unwrap();
    }
    assert_eq!(problem(&maya).await, Some(ProblemKind::Offline));
    let status = maya.app.auto_import_status().await.unwrap();
    assert!(status.next_poll.unwrap() > world.clock.now(), "{status:?}");

    // Who begins to look begins with one; it fails, and from then on nothing is due: the clock stands still.
    maya.app.start_auto_import();
    let mut heard = maya.app.events().subscribe();
    for _ in 0..2 {
        while !matches!(heard.recv().await.unwrap(), next_desktop::events::Event::AutoImportChanged) {}
    }
    world.sim.set_offline(false);
    world.sim.clear_requests();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(world.sim.count(Place::ListRecordings), 0, "Zoom answers, but nobody is to look yet");
    forget_pace(&maya);
    world.way_out.set(Some(HOME_NETWORK));
    for _ in 0..200 {
        if titles(&maya, &research).await == set(&["Interview"]) {
            assert_eq!(problem(&maya).await, None);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody looked: {:?}", maya.app.auto_import_status().await);
}

#[tokio::test]
async fn what_zoom_never_finishes_is_not_waited_for_for_ever_and_comes_all_the_same_when_it_does() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    let unfinished = |title: &str| {
        let start = world.sim.now() + SignedDuration::from_secs(1);
        world.sim.add_meeting(
            MeetingSpec::new(title)
                .minutes(30)
                .start(start)
                .file(zoom_sim::FileSpec::audio("checkout").processing()),
        )
    };
    let (late, never) = (unfinished("Finished late"), unfinished("Never finished"));
    pass(&world, HOUR);
    look(&maya).await;
    let by = async |uuid: &str| maya.app.why_not_imported(uuid).await.unwrap().decision.by;
    assert_eq!(by(&never.uuid).await, DecidedBy::StillProcessing);

    pass(&world, DAY * 7);
    look(&maya).await;
    let why = maya.app.why_not_imported(&never.uuid).await.unwrap();
    assert_eq!(why.decision.by, DecidedBy::NeverFinished);
    assert!(why.sentence.contains("in a week") && why.sentence.contains("once a day"), "{why:?}");
    for _ in 0..3 {
        pass(&world, DAY);
        look(&maya).await;
    }
    assert_eq!(activity(&maya, ActivityKind::Skipped).await.len(), 2, "each is told once");

    // Ordinary looks do not come that far back any more; the widest, once a day, finds what was finished after all.
    world.sim.complete(&late.files[0]);
    pass(&world, HOUR);
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&[]), "an ordinary look");
    pass(&world, DAY);
    look(&maya).await;
    assert_eq!(titles(&maya, &research).await, set(&["Finished late"]));

    // What was unfinished when it was last listed, and is out of reach when somebody looks again, is settled too.
    let lost = unfinished("Lost");
    pass(&world, HOUR);
    look(&maya).await;
    assert_eq!(by(&lost.uuid).await, DecidedBy::StillProcessing);
    world.sim.remove_meeting(&lost.uuid);
    pass(&world, DAY * 30);
    look(&maya).await;
    assert_eq!(by(&lost.uuid).await, DecidedBy::NeverFinished);
}

#[tokio::test]
async fn what_zoom_holds_back_keeps_the_watermark_where_it_is() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    let before = look(&maya).await.covered_up_to;
    meet(&world, "Interview");
    world.sim.set_listing(ListingHabits { records_lost: 1, ..ListingHabits::default() });
    let status = look(&maya).await;
    assert_eq!(status.problem.map(|problem| problem.kind), Some(ProblemKind::ZoomUnavailable));
    assert_eq!(status.covered_up_to, before, "not beyond what was not read whole");
    assert_eq!(titles(&maya, &research).await, set(&["Interview"]), "and what there was came");

    world.sim.set_listing(ListingHabits::default());
    world
        .sim
        .fault_once(Place::ListRecordings, Fault::TooManyRequests { retry_after: RetryAfter::Iso(1800) });
    pass(&world, HOUR);
    let status = maya.app.check_now().await.unwrap();
    assert_eq!(status.problem.map(|problem| problem.kind), Some(ProblemKind::RateLimited));
    assert!(status.next_poll.unwrap().duration_since(world.clock.now()) >= SignedDuration::from_mins(29));
    assert_eq!(status.covered_up_to, before);
    pass(&world, HOUR);
    forget_pace(&maya);
    let status = look(&maya).await;
    assert!(status.covered_up_to > before, "{status:?}");
}

#[tokio::test]
async fn after_months_asleep_everything_comes_oldest_first_and_a_broken_catch_up_goes_on() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    look(&maya).await;
    for month in 0..4 {
        meet(&world, &format!("Month {month}"));
        pass(&world, DAY * 20);
    }
    maya.app.pause_queue().await.unwrap();
    // The second window fails: the first is kept.
    world.sim.clear_requests();
    world.sim.fault(FaultRule::always(Place::ListRecordings, Fault::Status { status: 503 }).skipping(1));
    let status = maya.app.check_now().await.unwrap();
    assert_eq!(status.problem.as_ref().map(|problem| problem.kind), Some(ProblemKind::ZoomUnavailable));
    let queued = maya.app.jobs().await.unwrap();
    assert_eq!(queued.iter().map(|job| job.title.as_str()).collect::<Vec<_>>(), ["Month 0"]);
    assert!(status.covered_up_to.unwrap() < world.sim.now() - DAY * 50, "{status:?}");

    world.sim.clear_faults();
    pass(&world, HOUR);
    maya.app.check_now().await.unwrap();
    let asked: Vec<String> = maya.app.jobs().await.unwrap().into_iter().rev().map(|job| job.title).collect();
    assert_eq!(asked, ["Month 0", "Month 1", "Month 2", "Month 3"], "the oldest first");
    maya.app.resume_queue().await.unwrap();
    look(&maya).await;
    assert_eq!(library(&maya, &research).await.len(), 4);
}

#[tokio::test]
async fn what_is_in_the_trash_or_was_cancelled_does_not_come_back_behind_anybodys_back() {
    let world = world().await;
    let (maya, research) = switched_on(&world).await;
    let gone = meet(&world, "Into the trash");
    look(&maya).await;
    let id = library(&maya, &research).await[0].recording_id.clone();
    maya.app.trash_recording(&research.id, &id).await.unwrap();
    maya.app.clear_finished_jobs().await.unwrap();
    maya.app.pause_queue().await.unwrap();
    meet(&world, "Cancelled");
    maya.app.check_now().await.unwrap();
    maya.app.cancel_all_jobs().await.unwrap();
    maya.app.resume_queue().await.unwrap();
    for _ in 0..3 {
        pass(&world, HOUR);
        look(&maya).await;
    }
    assert_eq!(titles(&maya, &research).await, set(&[]));

    // Switched on anew by somebody whose machine never saw it, it is still in the trash.
    let other = world.second_machine(&maya).await;
    let why = other.app.why_not_imported(&gone.uuid).await.unwrap();
    assert_eq!(why.decision.by, DecidedBy::NoObjection);
}
