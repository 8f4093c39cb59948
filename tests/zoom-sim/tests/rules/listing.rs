//! Lists, pages, and the JSON of meetings and files.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use zoom_sim::{FileSpec, ListingHabits, MeetingSpec, Options, Shape};

use crate::client::{JONAS, MAYA, Tokens, Zoom};

fn day(days_ago: i64) -> String {
    let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
    time.strftime("%Y-%m-%d").to_string()
}

fn topics(page: &Value) -> Vec<&str> {
    page["meetings"].as_array().unwrap().iter().map(|meeting| meeting["topic"].as_str().unwrap()).collect()
}

/// Lists the last month.
async fn list(zoom: &Zoom, tokens: &Tokens, more: &str) -> Value {
    let path = format!("/users/me/recordings?from={}&to={}&page_size=300{more}", day(20), day(-1));
    let (status, page) = zoom.get(tokens, &path).await;
    assert_eq!(status, 200, "{page}");
    page
}

/// The one meeting of a shape, as the listing and as the meeting endpoint tell it.
async fn both(shape: Shape) -> (Value, Value) {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let handle = zoom.sim.add_shape(shape).remove(0);
    let listed = list(&zoom, &tokens, "").await["meetings"][0].clone();
    let (_, alone) = zoom.get(&tokens, &format!("/meetings/{}/recordings", twice(&handle.uuid))).await;
    (listed, alone)
}

fn once(uuid: &str) -> String {
    uuid.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
}

fn twice(uuid: &str) -> String {
    once(uuid).replace('%', "%25")
}

#[tokio::test]
async fn a_wide_window_is_clamped_to_the_month_before_its_end_and_says_so_only_in_the_echo() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    zoom.sim.add_meeting(MeetingSpec::talk("near", "sync").days_ago(10));
    zoom.sim.add_meeting(MeetingSpec::talk("far", "sync").days_ago(50));
    let (status, page) =
        zoom.get(&tokens, &format!("/users/me/recordings?from={}&to={}", day(90), day(0))).await;
    assert_eq!(status, 200);
    assert_eq!(topics(&page), ["near"]);
    assert_ne!(page["from"], day(90));
    assert_eq!(page["to"], day(0));
    let (_, page) = zoom.get(&tokens, &format!("/users/me/recordings?from={}&to={}", day(60), day(40))).await;
    assert_eq!(topics(&page), ["far"]);
}

#[tokio::test]
async fn without_dates_only_yesterday_and_today_are_listed() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    zoom.sim.add_meeting(MeetingSpec::talk("yesterday", "sync").days_ago(1));
    zoom.sim.add_meeting(MeetingSpec::talk("older", "sync").days_ago(3));
    assert_eq!(topics(&zoom.get(&tokens, "/users/me/recordings").await.1), ["yesterday"]);
}

#[tokio::test]
async fn pages_are_walked_by_a_token_that_ages() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    for number in 0..5 {
        zoom.sim.add_meeting(MeetingSpec::talk(&format!("meeting {number}"), "sync").days_ago(number));
    }
    let first = format!("/users/me/recordings?from={}&to={}&page_size=2", day(20), day(0));
    let mut path = first.clone();
    let mut seen = Vec::new();
    loop {
        let (_, page) = zoom.get(&tokens, &path).await;
        assert_eq!(page["total_records"], 5);
        seen.extend(topics(&page).into_iter().map(ToOwned::to_owned));
        let token = page["next_page_token"].as_str().unwrap();
        if token.is_empty() {
            break;
        }
        path = format!("{first}&next_page_token={token}");
    }
    assert_eq!(seen, ["meeting 0", "meeting 1", "meeting 2", "meeting 3", "meeting 4"]);

    zoom.sim.advance(Duration::from_secs(901));
    let (status, body) = zoom.get(&tokens, &path).await;
    assert_eq!((status, &body["code"]), (400, &300.into()));
}

#[tokio::test]
async fn the_listing_has_habits_that_can_be_switched_on() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    zoom.sim.add_meeting(MeetingSpec::talk("a", "sync").days_ago(3));
    zoom.sim.add_meeting(MeetingSpec::talk("b", "sync").days_ago(2));
    let habits = ListingHabits {
        oldest_first: true,
        records_lost: 1,
        endless_token: true,
        ..ListingHabits::default()
    };
    zoom.sim.set_listing(habits);
    let page = list(&zoom, &tokens, "").await;
    assert_eq!(topics(&page), ["a", "b"]);
    assert_eq!(page["total_records"], 3);
    let token = page["next_page_token"].as_str().unwrap().to_owned();
    let again = list(&zoom, &tokens, &format!("&next_page_token={token}")).await;
    assert_eq!((topics(&again).len(), &again["next_page_token"]), (0, &token.into()));

    zoom.sim.set_listing(ListingHabits { to_exclusive: true, ..ListingHabits::default() });
    let path = format!("/users/me/recordings?from={}&to={}", day(10), day(2));
    assert_eq!(topics(&zoom.get(&tokens, &path).await.1), ["a"]);
}

#[tokio::test]
async fn my_notes_are_mixed_in_unless_cloud_recordings_are_asked_for() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    zoom.sim.add_shape(Shape::Ordinary);
    zoom.sim.add_shape(Shape::MyNotes);
    assert_eq!(topics(&list(&zoom, &tokens, "").await).len(), 2);
    assert_eq!(
        topics(&list(&zoom, &tokens, "&recording_source_type=cloud_recording_only").await),
        ["ordinary"]
    );
}

#[tokio::test]
async fn users_see_their_own_recordings_and_a_basic_user_an_empty_list() {
    let zoom = Zoom::with(Options { samples: true, ..Options::default() }).await;
    let (maya, jonas, priya) =
        (zoom.connect(MAYA).await, zoom.connect(JONAS).await, zoom.connect("priya@example.com").await);
    let (of_maya, of_jonas) = (list(&zoom, &maya, "").await, list(&zoom, &jonas, "").await);
    assert!(topics(&of_maya).len() > 8);
    assert_eq!(topics(&of_jonas).len(), 2);
    assert_eq!(topics(&list(&zoom, &priya, "").await).len(), 0);
    let uuid = of_maya["meetings"][3]["uuid"].as_str().unwrap();
    assert_eq!(zoom.get(&jonas, &format!("/meetings/{}/recordings", twice(uuid))).await.0, 404);
}

#[tokio::test]
async fn the_samples_are_about_two_dozen_over_a_hundred_days_with_every_state() {
    let zoom = Zoom::with(Options { samples: true, ..Options::default() }).await;
    let tokens = zoom.connect(MAYA).await;
    let mut all = BTreeSet::new();
    let mut statuses = BTreeSet::new();
    for window in 0..4 {
        let path = format!(
            "/users/me/recordings?page_size=300&from={}&to={}",
            day(30 * window + 30),
            day(30 * window - 1)
        );
        let (_, page) = zoom.get(&tokens, &path).await;
        for meeting in page["meetings"].as_array().unwrap() {
            all.insert(meeting["uuid"].as_str().unwrap().to_owned());
            for file in meeting["recording_files"].as_array().unwrap() {
                statuses.insert(file["status"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(all.len(), 24);
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), ["completed", "processing"]);
    // Half an hour later everything is finished.
    zoom.sim.advance(Duration::from_secs(1800));
    let page = list(&zoom, &tokens, "").await;
    assert!(!page.to_string().contains("processing"));
    // Next week there is a new one.
    let before = topics(&page).len();
    zoom.sim.advance(Duration::from_secs(5 * 24 * 3600));
    let tokens = crate::client::tokens(&zoom.refresh(&tokens.refresh).await.1);
    let path = format!("/users/me/recordings?from={}&to={}&page_size=300", day(20), day(-5));
    assert_eq!(topics(&zoom.get(&tokens, &path).await.1).len(), before + 1);
}

#[tokio::test]
async fn a_uuid_with_slashes_must_be_encoded_twice() {
    for shape in [Shape::UuidWithSlash, Shape::UuidWithLeadingSlash, Shape::UuidWithTwoSlashes] {
        let zoom = Zoom::start().await;
        let tokens = zoom.connect(MAYA).await;
        let uuid = zoom.sim.add_shape(shape).remove(0).uuid;
        let (status, _) = zoom.get(&tokens, &format!("/meetings/{}/recordings", once(&uuid))).await;
        assert_eq!(status, 404, "{uuid}");
        let (status, body) = zoom.get(&tokens, &format!("/meetings/{}/recordings", twice(&uuid))).await;
        assert_eq!((status, body["uuid"].as_str()), (200, Some(uuid.as_str())));
    }
}

#[tokio::test]
async fn a_uuid_without_slashes_may_be_encoded_once_or_twice() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let uuid = zoom.sim.add_shape(Shape::UuidWithPlus).remove(0).uuid;
    for encoded in [once(&uuid), twice(&uuid)] {
        assert_eq!(zoom.get(&tokens, &format!("/meetings/{encoded}/recordings")).await.0, 200, "{encoded}");
    }
}

#[tokio::test]
async fn a_number_means_the_latest_instance_of_a_series() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let series = zoom.sim.add_shape(Shape::Series);
    let (_, body) = zoom.get(&tokens, &format!("/meetings/{}/recordings", series[0].id)).await;
    assert_eq!(body["uuid"], series[0].uuid);
    let (_, body) = zoom.get(&tokens, &format!("/meetings/{}/recordings", twice(&series[2].uuid))).await;
    assert_eq!(body["uuid"], series[2].uuid);
}

#[tokio::test]
async fn every_listing_has_other_urls_for_the_same_file() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let meeting = zoom.sim.add_shape(Shape::Ordinary).remove(0);
    let file = |page: &Value| page["meetings"][0]["recording_files"][0].clone();
    let (first, second) = (file(&list(&zoom, &tokens, "").await), file(&list(&zoom, &tokens, "").await));
    assert_eq!(first["id"], second["id"]);
    assert_eq!(first["id"], meeting.files[0]);
    assert_ne!(first["download_url"], second["download_url"]);
    let fetch = async |file: &Value| {
        zoom.http
            .get(file["download_url"].as_str().unwrap())
            .bearer_auth(&tokens.access)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(fetch(&first).await, 302);
    zoom.sim.keep_download_urls(Some(1));
    assert_eq!(
        (fetch(&first).await, fetch(&second).await),
        (404.try_into().unwrap(), 302.try_into().unwrap())
    );
    zoom.sim.expire_download_urls();
    assert_eq!(fetch(&second).await, 404);
}

#[tokio::test]
async fn the_odd_shapes_are_as_they_were_seen() {
    let (listed, _) = both(Shape::TwoSegments).await;
    let files = listed["recording_files"].as_array().unwrap();
    assert_eq!(
        files.iter().filter(|file| file["recording_type"] == "shared_screen_with_speaker_view").count(),
        2
    );
    assert_ne!(files[0]["recording_start"], files[3]["recording_start"]);

    let (listed, _) = both(Shape::SeriesDate).await;
    assert!(
        listed["start_time"].as_str().unwrap()
            < listed["recording_files"][0]["recording_start"].as_str().unwrap()
    );
    assert_eq!(both(Shape::EmptyTimezone).await.0["timezone"], "");
    assert_eq!(both(Shape::ZeroDuration).await.0["duration"], 0);
    let (listed, _) = both(Shape::Processing).await;
    assert_eq!(
        (&listed["recording_files"][0]["status"], &listed["recording_files"][0]["file_type"]),
        (&"processing".into(), &"".into())
    );
    assert!(both(Shape::WithoutFiles).await.0.get("recording_files").is_none());

    let (listed, _) = both(Shape::CaptionsInTwoSets).await;
    let captions: Vec<&Value> = listed["recording_files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["file_type"] == "CC")
        .collect();
    assert_eq!(captions.len(), 2);
    for field in ["id", "status", "file_size", "recording_type", "play_url"] {
        assert!(captions[0].get(field).is_none(), "{field}");
    }
    let (listed, _) = both(Shape::Ordinary).await;
    let timeline = &listed["recording_files"][2];
    assert_eq!(timeline["file_type"], "TIMELINE");
    assert!(timeline.get("play_url").is_none() && timeline["id"].is_string());

    let (listed, _) = both(Shape::UnknownTypes).await;
    assert_eq!(listed["recording_files"][3]["file_type"], "HOLOGRAM");
    assert!(both(Shape::IdsAsStrings).await.0["id"].is_string());
    let (listed, _) = both(Shape::SizesAsStrings).await;
    assert!(listed["total_size"].is_string() && listed["recording_files"][0]["file_size"].is_string());
    let (listed, _) = both(Shape::SummaryFiles).await;
    assert_eq!(
        (&listed["recording_count"], listed["recording_files"].as_array().unwrap().len()),
        (&3.into(), 5)
    );
    let (listed, alone) = both(Shape::ParticipantAudio).await;
    assert!(listed.get("participant_audio_files").is_none());
    assert_eq!(alone["participant_audio_files"][1]["file_name"], "Audio only - Dana Okafor");
    assert_eq!(alone["recording_count"], 5);
    assert_eq!(both(Shape::AutoDelete).await.0["auto_delete"], true);
    assert_eq!(both(Shape::ZeroByteFile).await.0["recording_files"][3]["file_size"], 0);
    assert_eq!(both(Shape::TopicVeryLong).await.0["topic"].as_str().unwrap().chars().count(), 300);
    assert!(both(Shape::UploadedThroughPortal).await.0.get("id").is_none());
}

#[tokio::test]
async fn every_shape_can_be_listed() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let added: usize = Shape::ALL.iter().map(|shape| zoom.sim.add_shape(*shape).len()).sum();
    // All but the one in the trash and the oldest of the series.
    assert_eq!(topics(&list(&zoom, &tokens, "").await).len(), added - 2);
    assert_eq!(topics(&list(&zoom, &tokens, "&trash=true").await), ["trashed"]);
}

#[tokio::test]
async fn a_late_transcript_appears_under_the_old_date() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let meeting = zoom.sim.add_shape(Shape::LateTranscript).remove(0);
    let count = |page: &Value| page["meetings"][0]["recording_files"].as_array().unwrap().len();
    assert_eq!(count(&list(&zoom, &tokens, "").await), 2);
    assert!(zoom.sim.complete(&meeting.files[1]));
    assert_eq!(count(&list(&zoom, &tokens, "").await), 3);
    assert!(!zoom.sim.complete("no such file"));
}

#[tokio::test]
async fn the_meeting_endpoint_has_its_own_refusals() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let (status, body) = zoom.get(&tokens, "/meetings/nothing/recordings").await;
    assert_eq!((status, &body["code"]), (404, &3301.into()));
    let path = |shape| format!("/meetings/{}/recordings", twice(&zoom.sim.add_shape(shape).remove(0).uuid));
    let (status, body) = zoom.get(&tokens, &path(Shape::Forbidden)).await;
    assert_eq!((status, &body["code"]), (200, &200.into()));
    let missing = path(Shape::MissingAtFirst);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(zoom.get(&tokens, &missing).await.0);
    }
    assert_eq!(statuses, [404, 404, 200]);
    let uuid = zoom.sim.add_shape(Shape::Ordinary).remove(0).uuid;
    assert_eq!(zoom.get(&tokens, &format!("/meetings/{}/transcript", twice(&uuid))).await.0, 404);
}

#[tokio::test]
async fn a_summary_needs_the_uuid_and_a_meeting_that_has_one() {
    let zoom = Zoom::with(Options { samples: true, ..Options::default() }).await;
    let tokens = zoom.connect(MAYA).await;
    let page = list(&zoom, &tokens, "").await;
    let dana = page["meetings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|meeting| meeting["topic"].as_str().unwrap().contains("Dana"))
        .unwrap();
    let path = format!("/meetings/{}/meeting_summary", twice(dana["uuid"].as_str().unwrap()));
    let (status, body) = zoom.get(&tokens, &path).await;
    assert_eq!((status, &body["summary_title"]), (200, &"Interview about the checkout".into()));
    let (status, body) = zoom.get(&tokens, &format!("/meetings/{}/meeting_summary", dana["id"])).await;
    assert_eq!((status, &body["code"]), (404, &3001.into()));
}

#[tokio::test]
async fn trashing_needs_its_scope_and_then_moves_the_meeting() {
    let zoom = Zoom::start().await;
    let uuid = zoom.sim.add_meeting(MeetingSpec::new("old").file(FileSpec::video("sync"))).uuid;
    let path = format!("/meetings/{}/recordings?action=trash", twice(&uuid));
    let tokens = zoom.connect(MAYA).await;
    assert_eq!(zoom.request(Method::DELETE, &tokens, &path).send().await.unwrap().status(), 400);
    zoom.sim.change_client(&zoom.sim.client_id(), |client| {
        client.required_scopes.push("cloud_recording:delete:meeting_recording".to_owned())
    });
    let tokens = zoom.connect(MAYA).await;
    assert_eq!(zoom.request(Method::DELETE, &tokens, &path).send().await.unwrap().status(), 204);
    assert_eq!(topics(&list(&zoom, &tokens, "").await).len(), 0);
    assert_eq!(topics(&list(&zoom, &tokens, "&trash=true").await), ["old"]);
}
