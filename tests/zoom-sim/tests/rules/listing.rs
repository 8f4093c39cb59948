//! The list of a user's recordings: windows, pages, URLs that change.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use zoom_sim::{ListingHabits, MeetingSpec, Options, Shape};

use crate::client::{JONAS, MAYA, Zoom, day, list, topics, twice};

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
async fn every_shape_can_be_listed() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let added: usize = Shape::ALL.iter().map(|shape| zoom.sim.add_shape(*shape).len()).sum();
    // All but the one in the trash and the oldest of the series.
    assert_eq!(topics(&list(&zoom, &tokens, "").await).len(), added - 2);
    assert_eq!(topics(&list(&zoom, &tokens, "&trash=true").await), ["trashed"]);
}
