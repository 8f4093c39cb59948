//! A year of meetings, replayed: recordings that appear late and out of order, transcripts later still, laptops that
//! sleep, rate limits, a sign-in that is revoked, two time zones and their changes to summer time and back.
//!
//! Only looks and imports take real time; between them the clocks jump to what comes next.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::{Date, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use next_desktop::auto_import::{Hours, MOST_CALLS_A_DAY, Rules};
use next_desktop::import::JobState;
use next_desktop::recording::FileKind;
use zoom_sim::{Fault, FaultRule, FileSpec, MeetingSpec, Place, RetryAfter};

use super::auto_import::{forget_pace, world};
use super::harness::{JONAS, MAYA, Person, World};

const BERLIN: &str = "Europe/Berlin";
const LOS_ANGELES: &str = "America/Los_Angeles";
const WEEKS: i32 = 52;

/// A meeting of the year, and whether the rules should take it.
struct Planned {
    spec: MeetingSpec,
    taken: bool,
}

/// A number that looks like chance and is the same in every run.
fn chance(seed: i64, below: i64) -> i64 {
    let mixed = (seed.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(1_442_695_040_888_963_407);
    (mixed >> 33).rem_euclid(below)
}

/// A meeting on a day, at an hour of the host's wall clock: when it appears, and when its files are there.
fn meeting(host: &str, title: &str, day: Date, hour: i8, zone: &str, seed: i64) -> MeetingSpec {
    let start = day.at(hour, 0, 0, 0).to_zoned_datetime(TimeZone::get(zone).unwrap()).unwrap().timestamp();
    let minutes = |minutes: i64| SignedDuration::from_mins(minutes);
    let ended = start + minutes(30);
    // Most are there within the hour; of some it takes two days and a half until they are so much as listed.
    let listed = ended + if seed % 9 == 0 { minutes(60 * 60) } else { minutes(1 + chance(seed, 20)) };
    let sound = listed + minutes(5 + chance(seed + 1, 90));
    let transcript = sound + minutes(10 + chance(seed + 2, 40 * 60));
    let mut spec = MeetingSpec::new(title)
        .host(host)
        .start(start)
        .minutes(30)
        .file(FileSpec::audio("checkout").processing().ready_at(sound))
        .file(FileSpec::transcript("checkout").unlisted().ready_at(transcript));
    spec.listed_from = Some(listed);
    // Some are filed under the date on which their series began.
    spec.start_time = (seed % 7 == 0).then(|| start - SignedDuration::from_hours(13 * 24));
    spec
}

/// The year of both. What the rules should take follows from the days and hours here, not from the rules' code.
fn year(world: &World, from: Date) -> Vec<Planned> {
    let id = |email: &str| world.sim.users().into_iter().find(|user| user.email == email).unwrap().id;
    let (maya, jonas) = (id(MAYA), id(JONAS));
    let mut year = Vec::new();
    let mut plan = |host: &str, title: String, day: Date, hour, zone, taken| {
        let seed = i64::try_from(year.len()).unwrap();
        year.push(Planned { spec: meeting(host, &title, day, hour, zone, seed), taken });
    };
    let monday = (1..=7).map(|n| from.saturating_add(n.days())).find(|day| day.weekday() == Weekday::Monday);
    for week in 0..WEEKS {
        let day = |days: i32| monday.unwrap().saturating_add((7 * week + days).days());
        plan(&maya, format!("Interview {week}"), day(1), 9, BERLIN, true);
        plan(&maya, format!("Retro {week}"), day(2), 16, BERLIN, false);
        if week % 2 == 0 {
            plan(&maya, format!("Interview on Saturday {week}"), day(5), 12, BERLIN, false);
            plan(&jonas, format!("INTERVIEW in the afternoon {week}"), day(4), 16, LOS_ANGELES, true);
            plan(&jonas, format!("Interview at night {week}"), day(3), 18, LOS_ANGELES, false);
        }
    }
    year
}

fn rules(zone: &str) -> Rules {
    Rules {
        title_contains: vec!["interview".to_owned()],
        skip_weekends: true,
        hours: Some(Hours { from: time(9, 0, 0, 0), to: time(18, 0, 0, 0) }),
        time_zone: Some(zone.to_owned()),
        ..Rules::default()
    }
}

/// When the laptops are open: half an hour on three days a week, and a day without a pause. Three weeks in summer and
/// a week now and then they stay shut.
fn opened(from: Date, day: i32) -> Option<(Timestamp, Timestamp)> {
    let date = from.saturating_add(day.days());
    let at = |hour: i8| {
        date.at(hour, 0, 0, 0).to_zoned_datetime(TimeZone::get(BERLIN).unwrap()).unwrap().timestamp()
    };
    let away = (150..171).contains(&day) || (80..87).contains(&day) || (300..308).contains(&day);
    let shut = !matches!(date.weekday(), Weekday::Monday | Weekday::Wednesday | Weekday::Friday);
    match day {
        120 => Some((at(0), at(0) + SignedDuration::from_hours(24))),
        _ if away || shut => None,
        _ => Some((at(17), at(17) + SignedDuration::from_mins(30))),
    }
}

/// Moves both clocks on to an instant.
fn go_to(world: &World, at: Timestamp) {
    let by = at.duration_since(world.sim.now());
    if by > SignedDuration::ZERO {
        world.sim.advance(Duration::try_from(by).unwrap());
    }
    world.clock.advance(world.sim.now().duration_since(world.clock.now()));
}

/// What is being imported is finished before the clocks jump on.
async fn rest(person: &Person) {
    for _ in 0..1000 {
        let jobs = person.app.jobs().await.unwrap();
        if !jobs.iter().any(|job| matches!(job.state, JobState::Queued | JobState::Running)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    panic!("it never rests: {:?}", person.app.jobs().await);
}

/// Looks as often as it is due until `until`.
async fn work_until(world: &World, people: &[&Person], until: Timestamp) {
    while world.clock.now() < until {
        let mut next = until;
        for person in people {
            forget_pace(person);
            person.app.look_if_due().await.unwrap();
            rest(person).await;
            let planned = person.app.auto_import_status().await.unwrap().next_poll;
            next = next.min(planned.unwrap_or(until));
        }
        go_to(world, next.max(world.clock.now() + SignedDuration::from_secs(30)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_meetings_comes_exactly_once_and_the_calls_of_each_day_stay_few() {
    let world = world().await.in_memory();
    let maya = world.person("Maya Lindqvist", MAYA).await;
    let research = maya.add_teamspace("Research", &world.folder("research")).await.unwrap();
    maya.connect(&world.sim, MAYA).await.unwrap();
    let jonas = world.person("Jonas Weber", JONAS).await;
    jonas.add_teamspace("Research", &world.folder("research")).await.unwrap();
    jonas.connect(&world.sim, JONAS).await.unwrap();
    let from = world.sim.now().to_zoned_datetime(TimeZone::UTC).date();
    let year = year(&world, from);
    for planned in &year {
        world.sim.add_meeting(planned.spec.clone());
    }
    for (person, zone) in [(&maya, BERLIN), (&jonas, LOS_ANGELES)] {
        person.app.set_auto_import_rules(rules(zone)).await.unwrap();
        person.app.switch_on_auto_import(&research.id).await.unwrap();
        person.app.start_worker();
    }

    let mut calls: BTreeMap<i32, usize> = BTreeMap::new();
    for day in 1..=7 * (WEEKS + 2) {
        world.sim.clear_requests();
        match day {
            60 => world.sim.fault(FaultRule::times(
                Place::ListRecordings,
                6,
                Fault::TooManyRequests { retry_after: RetryAfter::Iso(600) },
            )),
            100 => world.sim.revoke_tokens(MAYA),
            108 => {
                forget_pace(&maya);
                maya.connect(&world.sim, MAYA).await.unwrap();
            }
            200 => world.sim.set_offline(true),
            203 => world.sim.set_offline(false),
            230 => world.sim.fault(FaultRule::times(Place::ListRecordings, 9, Fault::Status { status: 503 })),
            _ => {}
        }
        let Some((open, shut)) = opened(from, day) else { continue };
        if shut <= world.clock.now() {
            continue;
        }
        go_to(&world, open);
        work_until(&world, &[&maya, &jonas], shut).await;
        calls.insert(day, world.sim.count(Place::ListRecordings));
        assert_eq!(world.sim.leaked_authorizations(), []);
    }

    let wanted: BTreeSet<&str> = year.iter().filter(|p| p.taken).map(|p| p.spec.topic.as_str()).collect();
    for person in [&maya, &jonas] {
        rest(person).await;
    }
    maya.app.refresh_teamspace(&research.id).await.unwrap();
    let library = maya.app.recordings(&research.id).await.unwrap();
    let there: BTreeSet<&str> = library.iter().map(|item| item.recording.title.as_str()).collect();
    assert_eq!(there, wanted);
    assert_eq!(library.len(), wanted.len(), "each once");
    for item in &library {
        let kinds: Vec<FileKind> = item.recording.files.iter().map(|file| file.kind).collect();
        assert_eq!(kinds, [FileKind::Audio, FileKind::Transcript], "{}", item.recording.title);
    }
    let told = super::auto_import::activity(&maya, next_desktop::activity::ActivityKind::Imported).await;
    let ids: BTreeSet<_> = told.iter().map(|entry| entry.recording_id.clone()).collect();
    assert_eq!(ids.len(), told.len(), "each is told once");

    let most = calls.values().max().copied().unwrap_or(0);
    let whole_day = calls[&120];
    println!(
        "list calls of two accounts: at most {most} a day; {whole_day} on a day without a pause; {} in the year; \
         {} recordings",
        calls.values().sum::<usize>(),
        wanted.len()
    );
    assert!(most <= 2 * MOST_CALLS_A_DAY as usize, "{calls:?}");
    assert!(whole_day > 150 && whole_day < 420, "about 130 each: {whole_day}");
}

/// A meeting of three days on which the laptop is never shut: when Zoom has it, and when a person heard of it.
struct Told {
    title: String,
    available: Timestamp,
    at: Option<Timestamp>,
}

/// Meetings by day and at night, of which Zoom finishes the sound some minutes to an hour after their end.
fn three_days(world: &World) -> Vec<Told> {
    // Of the host's wall clock: late in the evening, tomorrow's midnight of Berlin is past in UTC's today.
    let today = world.sim.now().to_zoned_datetime(TimeZone::get(BERLIN).unwrap()).date();
    let hours = [0, 1, 2, 3, 4, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 23];
    let mut told = Vec::new();
    for day in 1..=3 {
        for hour in hours {
            let seed = i64::try_from(told.len()).unwrap();
            let title = format!("Day {day}, {hour}:00");
            let start = today.saturating_add(day.days()).at(hour, 0, 0, 0);
            let start = start.to_zoned_datetime(TimeZone::get(BERLIN).unwrap()).unwrap().timestamp();
            let ended = start + SignedDuration::from_mins(30);
            let available = ended + SignedDuration::from_secs(60 * 5 + chance(seed, 55 * 60));
            let sound = FileSpec::audio("checkout").processing().ready_at(available);
            let mut spec = MeetingSpec::new(&title).start(start).minutes(30).file(sound);
            spec.listed_from = Some(ended + SignedDuration::from_mins(1));
            world.sim.add_meeting(spec);
            told.push(Told { title, available, at: None });
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_told_of_within_minutes_of_being_available_at_the_default_interval() {
    let world = world().await.in_memory();
    let (maya, research) = super::auto_import::switched_on(&world).await;
    let zone = Rules { time_zone: Some(BERLIN.to_owned()), ..Rules::default() };
    maya.app.set_auto_import_rules(zone).await.unwrap();
    let mut told = three_days(&world);
    let end = told.iter().map(|one| one.available).max().unwrap() + SignedDuration::from_hours(2);
    let mut notices = maya.app.notices();

    while world.clock.now() < end {
        forget_pace(&maya);
        maya.app.look_if_due().await.unwrap();
        rest(&maya).await;
        let there = super::auto_import::titles(&maya, &research).await;
        if told.iter().any(|one| one.at.is_none() && there.contains(&one.title)) {
            // One notification for what one look brought; the clock stands until it is said.
            let notice = tokio::time::timeout(Duration::from_secs(30), notices.recv()).await;
            assert!(!notice.expect("it is told").unwrap().trouble);
            for one in told.iter_mut().filter(|one| one.at.is_none() && there.contains(&one.title)) {
                one.at = Some(world.clock.now());
            }
        }
        go_to(&world, maya.app.auto_import_status().await.unwrap().next_poll.unwrap());
    }

    let by_day = |one: &Told| {
        let hour = one.available.to_zoned_datetime(TimeZone::get(BERLIN).unwrap()).hour();
        (9..22).contains(&hour)
    };
    for (when, is_day, longest) in [("by day", true, 11.0), ("at night", false, 76.0)] {
        let mut minutes: Vec<f64> = told
            .iter()
            .filter(|one| by_day(one) == is_day)
            .map(|one| one.at.expect("each was told").duration_since(one.available).as_secs_f64() / 60.0)
            .collect();
        minutes.sort_by(f64::total_cmp);
        let (median, worst) = (minutes[minutes.len() / 2], minutes[minutes.len() - 1]);
        println!(
            "from available in Zoom to notified, {when}: median {median:.1} min, worst {worst:.1} min, of {}",
            minutes.len()
        );
        assert!(minutes[0] >= 0.0 && worst <= longest, "{when}: {minutes:?}");
    }
}
