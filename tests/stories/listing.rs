//! Zoom's list, read whole although it clamps, repeats, forgets and changes its shapes.

use std::collections::BTreeSet;
use std::sync::Mutex;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use next_desktop::error::{Code, UserError};
use next_desktop::recording::{CloudRecording, CloudStatus, FileKind};
use next_desktop::zoom::{Days, Listing, Meeting};
use zoom_sim::{
    Choice, Fault, FaultRule, FileSpec, HtmlPage, ListingHabits, MeetingHandle, MeetingSpec, Place,
    RetryAfter, Shape, ZoomSim,
};

use super::signing::{Signer, maya, maya_connected};

fn today() -> Date {
    day(Timestamp::now())
}

fn day(time: Timestamp) -> Date {
    time.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
}

fn last(days: i32) -> Days {
    Days { from: today().saturating_sub(days.days()), to: today() }
}

async fn list(maya: &Signer, days: Days) -> Result<Listing, UserError> {
    Ok(maya.zoom.recordings(&maya.accounts, days, &|_| {}).await?)
}

async fn found(maya: &Signer, days: Days) -> Vec<String> {
    list(maya, days).await.unwrap().recordings.into_iter().map(|recording| recording.uuid).collect()
}

async fn meeting(maya: &Signer, handle: &MeetingHandle) -> Result<Meeting, UserError> {
    Ok(maya.zoom.meeting(&maya.accounts, &handle.uuid).await?)
}

/// The one meeting of a shape, as the list has it.
async fn shaped(sim: &ZoomSim, maya: &Signer, shape: Shape) -> CloudRecording {
    let handle = sim.add_shape(shape).remove(0);
    let recordings = list(maya, last(20)).await.unwrap().recordings;
    recordings.into_iter().find(|recording| recording.uuid == handle.uuid).unwrap()
}

fn talk(sim: &ZoomSim, days_ago: i64) -> String {
    sim.add_meeting(MeetingSpec::talk(&format!("{days_ago} days ago"), "checkout").days_ago(days_ago)).uuid
}

#[tokio::test]
async fn everything_between_two_days_is_found_newest_first_and_month_by_month() {
    let (sim, maya) = maya_connected().await;
    let wanted: Vec<String> =
        [0, 1, 29, 30, 31, 32, 60, 61, 62, 89, 90, 150, 199].into_iter().map(|n| talk(&sim, n)).collect();
    talk(&sim, 210);
    let heard = Mutex::new(Vec::new());
    let hear = |window: next_desktop::zoom::Window<'_>| heard.lock().unwrap().push(window.recordings.len());
    let listing = maya.zoom.recordings(&maya.accounts, last(200), &hear).await.unwrap();
    let uuids: Vec<String> = listing.recordings.iter().map(|recording| recording.uuid.clone()).collect();
    assert_eq!(uuids, wanted);
    assert!(!listing.incomplete);
    let heard = heard.into_inner().unwrap();
    assert!(heard.len() >= 7, "a screen can show months as they arrive: {heard:?}");
    assert_eq!(heard.iter().sum::<usize>(), wanted.len(), "each is told once");
}

#[tokio::test]
async fn every_call_asks_for_cloud_recordings_between_two_days_a_month_apart() {
    let (sim, maya) = maya_connected().await;
    list(&maya, last(365)).await.unwrap();
    for request in sim.requests_at(Place::ListRecordings) {
        let url = url::Url::parse(&format!("http://x/?{}", request.query)).unwrap();
        let value = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
        let (from, to): (Date, Date) = (value("from").parse().unwrap(), value("to").parse().unwrap());
        assert!(from >= to.saturating_sub(1.month()), "{from} to {to} would be clamped");
        assert_eq!(value("page_size"), "300");
        assert_eq!(value("recording_source_type"), "cloud_recording_only");
    }
}

#[tokio::test]
async fn an_ordinary_month_costs_one_call() {
    let (sim, maya) = maya_connected().await;
    list(&maya, last(27)).await.unwrap();
    assert_eq!(sim.count(Place::ListRecordings), 1);
}

#[tokio::test]
async fn a_busy_month_is_read_page_by_page_to_its_end() {
    let (sim, maya) = maya_connected().await;
    let wanted: BTreeSet<String> =
        (0..650).map(|n| sim.add_meeting(MeetingSpec::new(&format!("{n}")).days_ago(n % 20)).uuid).collect();
    for endless_token in [false, true] {
        sim.clear_requests();
        sim.set_listing(ListingHabits { endless_token, ..ListingHabits::default() });
        let uuids = found(&maya, last(22)).await;
        assert_eq!(uuids.len(), wanted.len());
        assert_eq!(uuids.into_iter().collect::<BTreeSet<_>>(), wanted);
        let calls = sim.count(Place::ListRecordings);
        assert!((3..=4).contains(&calls), "{calls} calls; a token that repeats ends the walk");
    }
}

#[tokio::test]
async fn it_does_not_matter_whether_the_last_day_counts_and_how_zoom_sorts() {
    let (sim, maya) = maya_connected().await;
    let wanted = [talk(&sim, 3), talk(&sim, 10), talk(&sim, 33)];
    talk(&sim, 2);
    talk(&sim, 34);
    let days = Days { from: today().saturating_sub(33.days()), to: today().saturating_sub(3.days()) };
    for habits in [
        ListingHabits::default(),
        ListingHabits { to_exclusive: true, ..Default::default() },
        ListingHabits { oldest_first: true, ..Default::default() },
        ListingHabits { to_exclusive: true, oldest_first: true, ..Default::default() },
    ] {
        sim.set_listing(habits.clone());
        assert_eq!(found(&maya, days).await, wanted, "{habits:?}");
    }
}

#[tokio::test]
async fn a_recording_of_a_series_is_found_under_either_of_its_dates() {
    let (sim, maya) = maya_connected().await;
    let handle = sim.add_shape(Shape::SeriesDate).remove(0);
    for (by_start_time, days) in [(true, last(20)), (false, last(20)), (false, last(2))] {
        sim.set_listing(ListingHabits { by_start_time, ..Default::default() });
        assert_eq!(found(&maya, days).await, std::slice::from_ref(&handle.uuid), "{by_start_time} {days:?}");
    }
    let recording = list(&maya, last(20)).await.unwrap().recordings.remove(0);
    assert!(day(recording.start) >= last(2).from, "its date is the recording's, not the series'");
}

#[tokio::test]
async fn records_that_zoom_promises_and_does_not_give_are_said() {
    let (sim, maya) = maya_connected().await;
    talk(&sim, 1);
    sim.set_listing(ListingHabits { records_lost: 2, ..Default::default() });
    let listing = list(&maya, last(5)).await.unwrap();
    assert!(listing.incomplete);
    assert_eq!(listing.recordings.len(), 1);
    assert_eq!(sim.count(Place::ListRecordings), 2, "asked twice before it is believed");
}

#[tokio::test]
async fn notes_and_trash_are_not_listed() {
    let (sim, maya) = maya_connected().await;
    sim.add_shape(Shape::MyNotes);
    sim.add_shape(Shape::Trashed);
    assert_eq!(found(&maya, last(5)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_passing_failure_is_asked_again() {
    let (sim, maya) = maya_connected().await;
    let uuid = talk(&sim, 1);
    for fault in [
        Fault::Status { status: 500 },
        Fault::BrokenJson,
        Fault::Drop,
        Fault::LoseAnswer,
        Fault::Html { page: HtmlPage::SignIn },
        Fault::InvalidToken,
        Fault::TooManyRequests { retry_after: RetryAfter::Seconds(1) },
        Fault::TooManyRequests { retry_after: RetryAfter::Iso(1) },
        Fault::TooManyRequests { retry_after: RetryAfter::HttpDate(1) },
    ] {
        sim.fault_once(Place::ListRecordings, fault.clone());
        assert_eq!(found(&maya, last(5)).await, std::slice::from_ref(&uuid), "{fault:?}");
    }
}

#[tokio::test]
async fn an_error_is_never_read_as_an_empty_list() {
    let (sim, maya) = maya_connected().await;
    talk(&sim, 1);
    for (fault, code) in [
        (Fault::Html { page: HtmlPage::SignIn }, Code::ZoomUnavailable),
        (Fault::BrokenJson, Code::ZoomUnavailable),
        (Fault::Status { status: 503 }, Code::ZoomUnavailable),
        (Fault::Status { status: 403 }, Code::ZoomRefused),
        (Fault::ErrorBody, Code::ZoomRefused),
        (Fault::MissingScopes { status: 400 }, Code::ScopesMissing),
        (Fault::MissingScopes { status: 403 }, Code::ScopesMissing),
        (Fault::TooManyRequests { retry_after: RetryAfter::Seconds(600) }, Code::RateLimited),
    ] {
        sim.fault(FaultRule::always(Place::ListRecordings, fault.clone()));
        let error = list(&maya, last(5)).await.unwrap_err();
        assert_eq!(error.code, code, "{fault:?}: {error}");
        sim.clear_faults();
    }
    // Ten minutes were asked for: until then nobody is bothered.
    sim.clear_requests();
    let error = list(&maya, last(5)).await.unwrap_err();
    assert_eq!(error.code, Code::RateLimited);
    assert!(error.params.contains_key("retry_at"), "{error:?}");
    assert_eq!(sim.count(Place::ListRecordings), 0);
}

#[tokio::test]
async fn every_shape_that_was_seen_in_life_is_listed_and_can_be_asked_for() {
    let (sim, maya) = maya_connected().await;
    let unlisted = [Shape::MyNotes, Shape::Trashed];
    let handles: Vec<(Shape, MeetingHandle)> = Shape::ALL
        .into_iter()
        .filter(|shape| !unlisted.contains(shape))
        .flat_map(|shape| sim.add_shape(shape).into_iter().map(move |handle| (shape, handle)))
        .collect();
    let listing = list(&maya, last(25)).await.unwrap();
    let listed: BTreeSet<&str> = listing.recordings.iter().map(|recording| recording.uuid.as_str()).collect();
    for (shape, handle) in &handles {
        assert!(listed.contains(handle.uuid.as_str()), "{shape:?} is listed");
        match meeting(&maya, handle).await {
            Ok(meeting) => {
                assert_eq!(meeting.recording.uuid, handle.uuid, "{shape:?}: this instance and no other");
                assert!(!meeting.recording.topic.is_empty() && !meeting.recording.topic.contains('\0'));
                let ids: BTreeSet<&str> = meeting.recording.files.iter().map(|f| f.id.as_str()).collect();
                assert_eq!(ids.len(), meeting.recording.files.len(), "{shape:?}: each file is one");
            }
            Err(error) => assert_eq!((*shape, error.code), (Shape::Forbidden, Code::ZoomRefused)),
        }
    }
}

#[tokio::test]
async fn recording_that_was_stopped_and_begun_again_has_two_segments() {
    let (sim, maya) = maya_connected().await;
    let recording = shaped(&sim, &maya, Shape::TwoSegments).await;
    let videos: Vec<u32> =
        recording.files.iter().filter(|file| file.kind == FileKind::Video).map(|file| file.segment).collect();
    assert_eq!(videos, [0, 1]);
    let views = shaped(&sim, &maya, Shape::SeveralViews).await;
    assert!(views.files.iter().all(|file| file.segment == 0), "other views are no other segment");
    let layouts: BTreeSet<_> = views.files.iter().filter_map(|file| file.layout.clone()).collect();
    assert_eq!(layouts.len(), 4);
}

#[tokio::test]
async fn what_zoom_still_works_on_is_told_from_what_it_has_finished() {
    let (sim, maya) = maya_connected().await;
    for shape in [Shape::Processing, Shape::WithoutFiles, Shape::NoFiles] {
        assert_eq!(shaped(&sim, &maya, shape).await.status, CloudStatus::Processing, "{shape:?}");
    }
    for shape in [Shape::Ordinary, Shape::BareTimeline, Shape::CaptionsInTwoSets, Shape::WithoutExtension] {
        let recording = shaped(&sim, &maya, shape).await;
        assert_eq!(recording.status, CloudStatus::Completed, "{shape:?}: {recording:?}");
    }
    let handle = sim.add_meeting(
        MeetingSpec::new("Half done")
            .file(FileSpec::video("checkout"))
            .file(FileSpec::chat("sync").processing()),
    );
    let half = meeting(&maya, &handle).await.unwrap();
    assert_eq!(half.recording.status, CloudStatus::Processing);
    let done = |meeting: &Meeting| {
        meeting.recording.files.iter().filter(|file| file.status == CloudStatus::Completed).count()
    };
    assert_eq!(done(&half), 1);
    for file in &half.recording.files {
        assert_eq!(half.link(&file.id).is_some(), file.status == CloudStatus::Completed);
    }
    sim.complete(&handle.files[1]);
    let whole = meeting(&maya, &handle).await.unwrap();
    assert_eq!((whole.recording.status, done(&whole)), (CloudStatus::Completed, 2));
}

#[tokio::test]
async fn sizes_lengths_and_dates_are_read_in_every_form() {
    let (sim, maya) = maya_connected().await;
    let plain = shaped(&sim, &maya, Shape::Ordinary).await;
    let text = shaped(&sim, &maya, Shape::SizesAsStrings).await;
    assert_eq!(plain.size, text.size);
    assert!(plain.size > 100_000);
    let short = shaped(&sim, &maya, Shape::ZeroDuration).await;
    assert!(short.duration > 0 && short.duration < 120, "from its files: {}", short.duration);
    assert_eq!(shaped(&sim, &maya, Shape::EmptyTimezone).await.time_zone, None);
    assert_eq!(plain.time_zone.as_deref(), Some("Europe/Berlin"));
    let deleted = shaped(&sim, &maya, Shape::AutoDelete).await.auto_delete_at.unwrap();
    assert!(deleted > Timestamp::now());
    assert_eq!(plain.host.as_deref(), Some(super::signing::MAYA));
    let topic = shaped(&sim, &maya, Shape::TopicAsPath).await.topic;
    assert_eq!(topic, "../../../etc/passwd", "a topic is text and stays as it is");
}

#[tokio::test]
async fn participants_audio_is_listed_and_marked() {
    let (sim, maya) = maya_connected().await;
    let handle = sim.add_shape(Shape::ParticipantAudio).remove(0);
    let files = meeting(&maya, &handle).await.unwrap().recording.files;
    let (audio, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.participant_audio);
    assert_eq!((audio.len(), others.len()), (2, 3));
    assert!(audio.iter().all(|file| file.kind == FileKind::Audio));
}

#[tokio::test]
async fn a_recording_that_is_missing_is_asked_for_again_before_it_is_believed() {
    let (sim, maya) = maya_connected().await;
    let handle = sim.add_shape(Shape::MissingAtFirst).remove(0);
    assert_eq!(meeting(&maya, &handle).await.unwrap().recording.uuid, handle.uuid);

    let late = sim
        .add_meeting(MeetingSpec { missing_for: 100, ..MeetingSpec::talk("Just now", "sync").days_ago(0) });
    assert_eq!(meeting(&maya, &late).await.unwrap_err().code, Code::StillProcessing, "the list has it");

    let gone = sim.add_meeting(MeetingSpec::talk("Gone", "sync").days_ago(40));
    sim.remove_meeting(&gone.uuid);
    assert_eq!(meeting(&maya, &gone).await.unwrap_err().code, Code::GoneAtZoom);
    let trashed = sim.add_meeting(MeetingSpec::talk("Trashed", "sync").days_ago(1));
    sim.trash_meeting(&trashed.uuid);
    assert_eq!(meeting(&maya, &trashed).await.unwrap_err().code, Code::GoneAtZoom);
}

#[tokio::test]
async fn a_name_that_is_no_uuid_is_not_found_and_leads_nowhere_else() {
    let (sim, maya) = maya_connected().await;
    for uuid in ["..", "../../users/me", "a b", "%2e%2e", "?x=1", "#", "ü"] {
        let error = maya.zoom.meeting(&maya.accounts, uuid).await.unwrap_err();
        assert_eq!(UserError::from(error).code, Code::GoneAtZoom, "{uuid}");
    }
    assert_eq!(sim.count(Place::Unknown), 0, "no such name became a path");
}

#[tokio::test]
async fn the_oldest_recording_is_found_by_walking_back() {
    let (sim, maya) = maya_connected().await;
    for days_ago in [3, 100, 400] {
        talk(&sim, days_ago);
    }
    let first = maya.zoom.first_day(&maya.accounts).await.unwrap();
    let oldest = today().saturating_sub(400.days());
    assert!(first <= oldest && first >= oldest.saturating_sub(2.months()), "{first} for {oldest}");
}

#[tokio::test]
async fn a_basic_user_has_an_empty_list_and_no_error() {
    let (sim, maya) = maya().await;
    maya.connect(&sim, &Choice::authorize("priya@example.com")).await.unwrap();
    maya.accounts.confirm(true).await.unwrap();
    assert_eq!(found(&maya, last(60)).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_page_of_two_hundred_megabytes_is_refused_before_it_is_here() {
    let (sim, maya) = maya_connected().await;
    for place in [Place::ListRecordings, Place::MeetingRecordings] {
        let uuid = talk(&sim, 2);
        sim.fault(FaultRule::always(place, Fault::LongJson { bytes: 200_000_000 }));
        let error = match place {
            Place::ListRecordings => list(&maya, last(5)).await.map(drop).unwrap_err(),
            _ => UserError::from(maya.zoom.meeting(&maya.accounts, &uuid).await.unwrap_err()),
        };
        assert_eq!(error.code, Code::ZoomUnavailable, "{error:?}");
        let largest = sim.requests_at(place).iter().map(|request| request.sent).max().unwrap();
        // Above what is taken stands what the system holds on the way, which may be tens of megabytes.
        assert!(largest < 100_000_000, "{largest} bytes went out");
        sim.clear_faults();
    }
    assert_eq!(list(&maya, last(5)).await.unwrap().recordings.len(), 2);
}
