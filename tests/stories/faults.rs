//! What goes wrong at Zoom while something is imported: what is published, and what is said.
//!
//! Whatever happens, only whole files are published, under a manifest that comes last; what is not imported is said
//! with a code and a next step; and when the trouble is over, the same import ends well. The failures that people
//! reported about other importers (`zoom-facts.md` §8), and where each is told here:
//!
//! | # | Failure | Story |
//! |---|---|---|
//! | 1 | a note of 59 bytes kept as a video, and taken for done | [`what_is_not_the_file_is_published_nowhere_and_said`] |
//! | 2 | after the first hour every file is tiny | `waiting::an_access_token_that_expires_in_the_middle_of_a_queue_is_renewed_once` |
//! | 3 | an error read as data | `listing::an_error_is_never_read_as_an_empty_list`, [`an_error_about_the_meeting_is_never_read_as_a_meeting`] |
//! | 4, 40 | no files: too short, processing, or the account is full | `importing::every_odd_shape_ends_as_it_should_and_what_is_imported_is_whole` |
//! | 5 | types empty while Zoom is at work | `importing::what_zoom_still_processes_is_imported_when_it_is_finished_and_asked_for_again` |
//! | 6 | a transcript that comes later is never imported | `late_files::a_transcript_that_zoom_finishes_hours_later_comes_by_itself_and_is_searchable` |
//! | 7 | segments overwrite each other | `importing::segments_with_the_same_name_do_not_overwrite_each_other` |
//! | 8 | a wide range is cut in silence | `listing::everything_between_two_days_is_found_newest_first_and_month_by_month` |
//! | 9 | a day without overlap misses recordings | `listing::a_recording_of_a_series_is_found_under_either_of_its_dates`, `listing::it_does_not_matter_whether_the_last_day_counts_and_how_zoom_sorts` |
//! | 10 | a list that is empty now and then | `listing::records_that_zoom_promises_and_does_not_give_are_said` |
//! | 11, 12 | topics that make no file names | `importing::a_topic_stays_text_whatever_it_looks_like`, `app::names` |
//! | 13, 14 | permissions missing | `signing_in::permissions_that_were_unticked_are_named_and_the_sign_in_is_ended`, `waiting::a_permission_that_is_missing_is_not_asked_for_again_and_again` |
//! | 15 | a size that is only nearly right | `downloading::a_size_that_is_slightly_wrong_in_the_list_does_no_harm` |
//! | 16 | a range that ends after the newest recording | [`a_range_far_beyond_the_newest_recording_lists_all_of_it`] |
//! | 17 | a pager without end | `listing::a_busy_month_is_read_page_by_page_to_its_end` |
//! | 18, 19, 22, 24 | new types, numbers as text, captions without ids, bare timelines | `importing::every_odd_shape_ends_as_it_should_and_what_is_imported_is_whole` |
//! | 20 | a token that lists and does not download | `downloading::a_download_that_wants_the_meetings_own_token_gets_it`, [`what_is_not_the_file_is_published_nowhere_and_said`] |
//! | 21 | the token in the address | `downloading::a_file_comes_whole_and_the_token_stays_with_zoom` |
//! | 23, 37 | UUIDs with slashes, numbers instead of UUIDs | `listing::every_shape_that_was_seen_in_life_is_listed_and_can_be_asked_for` |
//! | 25 | 404 for what is there | `listing::a_recording_that_is_missing_is_asked_for_again_before_it_is_believed`, [`a_meeting_that_zoom_denies_for_a_moment_is_imported`] |
//! | 26, 27, 39 | pages where files or JSON should be | [`what_is_not_the_file_is_published_nowhere_and_said`], [`an_error_about_the_meeting_is_never_read_as_a_meeting`] |
//! | 28 | a refresh token lost, or the refusal taken for passing | `staying_signed_in::a_new_refresh_token_is_kept_before_the_access_token_that_came_with_it`, `staying_signed_in::a_sign_in_that_is_over_is_said_once_and_kept` |
//! | 29 | signed out by another machine | `staying_signed_in::signing_in_on_another_machine_ends_the_sign_in_here`, `waiting::imports_wait_when_the_sign_in_is_revoked_and_nothing_more_is_asked_of_zoom` |
//! | 30, 32 | the browser never comes back | `signing_in::a_browser_that_never_comes_back_is_not_waited_for_for_ever` |
//! | 31 | a wrong client id | `signing_in::a_client_id_that_zoom_does_not_know_is_seen_before_it_is_kept` |
//! | 33 | a public client that sends a secret | `signing_in::a_public_client_signs_in_with_pkce_and_without_a_secret` |
//! | 34 | addresses that are too old | [`an_address_that_is_too_old_is_asked_for_afresh_in_the_same_try`] |
//! | 36 | the same thing twice | `importing::asking_twice_is_asking_once` |
//! | 38 | the storage host's signature is over | [`an_address_that_is_too_old_is_asked_for_afresh_in_the_same_try`] |
//! | 41 | a callback without state | `signing_in::a_callback_without_state_was_started_at_zooms_marketplace_and_is_answered_kindly` |
//!
//! Beyond the table: [`a_recording_deleted_at_zoom_before_its_turn_is_said_and_not_asked_for_again_and_again`],
//! [`a_file_that_changes_at_zoom_between_two_tries_is_stored_as_it_is_now`],
//! [`what_breaks_off_is_kept_said_and_gone_on_with`].

use std::time::Duration;

use next_desktop::app::StoredRecording;
use next_desktop::error::Code;
use next_desktop::import::{Job, JobState};
use next_desktop::teamspace::TeamspaceInfo;
use zoom_sim::{Content, Fault, FaultRule, FileSpec, HtmlPage, MeetingHandle, MeetingSpec, Place};

use super::harness::{Person, World, files_below};

/// A meeting with a video and its transcript.
fn interview(world: &World) -> MeetingHandle {
    world.sim.add_meeting(
        MeetingSpec::new("Interview")
            .file(FileSpec::video_of_size(1_500_000, 7))
            .file(FileSpec::transcript("checkout")),
    )
}

/// Waits until a try is over, whatever came of it; not for a retry by itself.
async fn tried(maya: &Person, jobs: &[Job]) -> Job {
    maya.app.start_worker();
    let over = |job: &Job| !matches!(job.state, JobState::Queued | JobState::Running);
    maya.jobs_until(jobs, over).await.remove(0)
}

/// Makes a waiting job due now, and waits for its end.
async fn tried_again(maya: &Person, job: &Job) -> Job {
    maya.app.retry_job(job.id).await.unwrap();
    maya.settled(std::slice::from_ref(job)).await.remove(0)
}

/// Whether a file of a recording, or a manifest, stands in the teamspace's folder.
fn stands_there(world: &World) -> Vec<std::path::PathBuf> {
    let recordings = world.folder("research/recordings");
    if !recordings.exists() {
        return Vec::new();
    }
    files_below(&recordings).into_iter().map(|(path, _)| path).collect()
}

/// The recording is there once, with the bytes that Zoom has now, and nothing is left over.
async fn is_whole(world: &World, maya: &Person, teamspace: &TeamspaceInfo, meeting: &MeetingHandle) {
    let mut items = maya.app.recordings(&teamspace.id).await.unwrap();
    let StoredRecording { recording, .. } = items.remove(0);
    assert!(items.is_empty(), "once");
    let mut here: Vec<&str> = recording.files.iter().map(|file| file.sha256.as_str()).collect();
    let mut at_zoom: Vec<String> =
        meeting.files.iter().map(|key| world.sim.content(key).unwrap().sha256()).collect();
    here.sort_unstable();
    at_zoom.sort();
    assert_eq!(here, at_zoom);
    let stored: Vec<String> = files_below(&world.folder("research"))
        .iter()
        .map(|(_, bytes)| super::harness::sha256(bytes))
        .collect();
    assert!(at_zoom.iter().all(|digest| stored.contains(digest)), "with the bytes that its manifest names");
    assert_eq!(stands_there(world).len(), meeting.files.len() + 1, "and nothing beside them");
    assert_eq!(maya.staged(), [] as [std::path::PathBuf; 0]);
}

#[tokio::test]
async fn what_is_not_the_file_is_published_nowhere_and_said() {
    let to = |location: &str| Fault::RedirectTo { location: location.to_owned() };
    let page = |page| Fault::Html { page };
    use Code::{FileRefused, GoneAtZoom, ZoomRefused, ZoomUnavailable};
    for (place, fault, code) in [
        (Place::Download, page(HtmlPage::OnlyTheHost), FileRefused),
        (Place::Download, page(HtmlPage::SignIn), FileRefused),
        (Place::Download, page(HtmlPage::Passcode), FileRefused),
        (Place::Download, Fault::ErrorCode124, FileRefused),
        (Place::Download, Fault::InvalidToken, ZoomRefused),
        (Place::Download, Fault::Status { status: 401 }, ZoomRefused),
        (Place::Download, Fault::Status { status: 403 }, ZoomUnavailable),
        (Place::Download, Fault::Status { status: 404 }, GoneAtZoom),
        (Place::Download, Fault::Status { status: 503 }, ZoomUnavailable),
        (Place::Download, to("http://storage.example.com/x"), ZoomRefused),
        (Place::Download, Fault::RedirectLoop, ZoomRefused),
        (Place::Storage, page(HtmlPage::SignIn), FileRefused),
        (Place::Storage, Fault::ErrorCode124, FileRefused),
        (Place::Storage, Fault::SignatureExpired, ZoomUnavailable),
        (Place::Storage, Fault::MediaType { value: "text/html".to_owned() }, FileRefused),
        (Place::Storage, Fault::WrongContainer, FileRefused),
        (Place::Storage, Fault::Short { after: 59 }, FileRefused),
        (Place::Storage, Fault::Short { after: 1_000_000 }, FileRefused),
        (Place::Storage, Fault::Long { extra: 1_000_000 }, FileRefused),
        (Place::Storage, Fault::Truncated { after: 1_000_000 }, ZoomUnavailable),
    ] {
        let world = World::empty().await;
        let meeting = interview(&world);
        let (maya, research) = world.importer().await;
        world.sim.fault(FaultRule::always(place, fault.clone()).on_file(&meeting.files[0]));

        let job = tried(&maya, &maya.ask(&research, &[&meeting.uuid]).await.unwrap()).await;

        let error = job.error.clone().unwrap_or_else(|| panic!("{fault:?} is said: {job:?}"));
        assert_eq!(error.code, code, "{fault:?}: {error:?}");
        assert!(!error.message.is_empty() && !error.action.is_empty(), "{fault:?}: {error:?}");
        assert_ne!(job.state, JobState::Done, "{fault:?}");
        assert_eq!(maya.app.recordings(&research.id).await.unwrap(), [], "{fault:?}");
        // The transcript may stand there already, under an attempt that no manifest names.
        let mut here = stands_there(&world).into_iter();
        let published =
            here.find(|path| path.ends_with("manifest.json") || path.to_string_lossy().ends_with(".mp4"));
        assert_eq!(published, None, "{fault:?}: nothing of it is published");

        world.sim.clear_faults();
        let job = tried_again(&maya, &job).await;
        assert_eq!(job.state, JobState::Done, "{fault:?} is over: {:?}", job.error);
        is_whole(&world, &maya, &research, &meeting).await;
    }
}

#[tokio::test]
async fn what_breaks_off_is_kept_said_and_gone_on_with() {
    for fault in [
        Fault::Cut { after: 1_000_000 },
        Fault::Stall { after: 1_000_000 },
        Fault::Truncated { after: 1_000_000 },
    ] {
        let mut world = World::empty().await;
        world.stall = Duration::from_secs(2);
        let meeting = interview(&world);
        let (maya, research) = world.importer().await;
        world.sim.fault(FaultRule::times(Place::Storage, 1, fault.clone()).on_file(&meeting.files[0]));

        let job = tried(&maya, &maya.ask(&research, &[&meeting.uuid]).await.unwrap()).await;

        if job.state != JobState::Done {
            let code = job.error.as_ref().unwrap().code;
            assert!(matches!(code, Code::Offline | Code::ZoomUnavailable), "{fault:?}: {job:?}");
            assert_eq!(job.state, JobState::Waiting, "{fault:?} passes by itself");
            assert_eq!(tried_again(&maya, &job).await.state, JobState::Done, "{fault:?}");
        }
        is_whole(&world, &maya, &research, &meeting).await;
        let of_video = |request: &zoom_sim::RequestRecord| request.file.as_ref() == Some(&meeting.files[0]);
        let sent: u64 = world
            .sim
            .requests_at(Place::Storage)
            .into_iter()
            .filter(of_video)
            .map(|request| request.sent)
            .sum();
        assert!(sent < 2_500_000, "{fault:?}: {sent} bytes for one and a half million");
    }
}

#[tokio::test]
async fn an_error_about_the_meeting_is_never_read_as_a_meeting() {
    for (fault, code) in [
        (Fault::ErrorBody, Code::ZoomRefused),
        (Fault::Html { page: HtmlPage::Passcode }, Code::ZoomUnavailable),
        (Fault::BrokenJson, Code::ZoomUnavailable),
        (Fault::Status { status: 500 }, Code::ZoomUnavailable),
        (Fault::MissingScopes { status: 400 }, Code::ScopesMissing),
        (Fault::MissingScopes { status: 403 }, Code::ScopesMissing),
    ] {
        let world = World::empty().await;
        let meeting = interview(&world);
        let (maya, research) = world.importer().await;
        world.sim.fault(FaultRule::always(Place::MeetingRecordings, fault.clone()));

        let job = tried(&maya, &maya.ask(&research, &[&meeting.uuid]).await.unwrap()).await;

        assert_eq!(job.error.as_ref().map(|error| error.code), Some(code), "{fault:?}: {job:?}");
        assert_eq!(world.sim.count(Place::Download), 0, "{fault:?}: nothing is downloaded on its word");
        assert_eq!(stands_there(&world), [] as [std::path::PathBuf; 0], "{fault:?}");
        world.sim.clear_faults();
        assert_eq!(tried_again(&maya, &job).await.state, JobState::Done, "{fault:?} is over");
        is_whole(&world, &maya, &research, &meeting).await;
    }
}

#[tokio::test]
async fn a_meeting_that_zoom_denies_for_a_moment_is_imported() {
    let world = World::empty().await;
    let meeting = interview(&world);
    let (maya, research) = world.importer().await;
    world.sim.change_meeting(&meeting.uuid, |meeting| meeting.missing_for = 2);

    let job = tried(&maya, &maya.ask(&research, &[&meeting.uuid]).await.unwrap()).await;

    assert_eq!(job.state, JobState::Done, "{:?}", job.error);
    is_whole(&world, &maya, &research, &meeting).await;
}

#[tokio::test]
async fn a_recording_deleted_at_zoom_before_its_turn_is_said_and_not_asked_for_again_and_again() {
    let world = World::empty().await;
    let (gone, kept) = (interview(&world), interview(&world));
    let (maya, research) = world.importer().await;
    let jobs = maya.ask(&research, &[&gone.uuid, &kept.uuid]).await.unwrap();
    world.sim.remove_meeting(&gone.uuid);

    maya.app.start_worker();
    let jobs = maya.settled(&jobs).await;

    let of = |uuid: &str| jobs.iter().find(|job| job.uuid.as_deref() == Some(uuid)).unwrap();
    assert_eq!(of(&gone.uuid).state, JobState::Failed);
    assert_eq!(of(&gone.uuid).error.as_ref().unwrap().code, Code::GoneAtZoom);
    assert_eq!(of(&kept.uuid).state, JobState::Done, "the others are imported: {:?}", of(&kept.uuid).error);
    is_whole(&world, &maya, &research, &kept).await;
}

#[tokio::test]
async fn an_address_that_is_too_old_is_asked_for_afresh_in_the_same_try() {
    for (place, fault) in
        [(Place::Storage, Fault::SignatureExpired), (Place::Download, Fault::Status { status: 404 })]
    {
        let world = World::empty().await;
        let meeting = interview(&world);
        let (maya, research) = world.importer().await;
        world.sim.fault(FaultRule::times(place, 1, fault.clone()).on_file(&meeting.files[0]));

        let job = tried(&maya, &maya.ask(&research, &[&meeting.uuid]).await.unwrap()).await;

        assert_eq!((job.state, job.attempts), (JobState::Done, 1), "{fault:?}: {:?}", job.error);
        assert_eq!(world.sim.count(Place::MeetingRecordings), 2, "{fault:?}: listed once more");
        is_whole(&world, &maya, &research, &meeting).await;
    }
}

#[tokio::test]
async fn a_file_that_changes_at_zoom_between_two_tries_is_stored_as_it_is_now() {
    for size in [1_500_000, 1_900_000, 1_200_000] {
        let world = World::empty().await;
        let meeting = interview(&world);
        let (maya, research) = world.importer().await;
        world.sim.fault(
            FaultRule::times(Place::Storage, 1, Fault::Cut { after: 1_000_000 }).on_file(&meeting.files[0]),
        );
        world.sim.fault(FaultRule::always(Place::Storage, Fault::Status { status: 503 }).skipping(1));
        let job = tried(&maya, &maya.ask(&research, &[&meeting.uuid]).await.unwrap()).await;
        assert_eq!(job.state, JobState::Waiting, "{job:?}");

        world.sim.replace_content(&meeting.files[0], Content::video_of_size(size, 8));
        world.sim.clear_faults();

        assert_eq!(tried_again(&maya, &job).await.state, JobState::Done, "{size}");
        is_whole(&world, &maya, &research, &meeting).await;
    }
}

#[tokio::test]
async fn a_range_far_beyond_the_newest_recording_lists_all_of_it() {
    let world = World::empty().await;
    let meetings: Vec<String> = (1..4)
        .map(|days| {
            world.sim.add_meeting(MeetingSpec::talk("Interview", "checkout").days_ago(days * 20)).uuid
        })
        .collect();
    let (maya, _) = world.importer().await;
    let today = world.sim.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let days = |days: i32| jiff::Span::new().days(days);

    let listing = maya
        .app
        .cloud_recordings(today.saturating_sub(days(90)), today.saturating_add(days(200)))
        .await
        .unwrap();

    let found: Vec<String> = listing.recordings.into_iter().map(|listed| listed.recording.uuid).collect();
    assert_eq!(found, meetings, "newest first, and each once");
}
