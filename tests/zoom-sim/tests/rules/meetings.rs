//! One meeting: the JSON of its odd shapes, the meeting endpoint, summaries and the trash.

use reqwest::Method;
use serde_json::Value;
use zoom_sim::{FileSpec, MeetingSpec, Options, Shape};

use crate::client::{MAYA, Zoom, list, once, topics, twice};

/// The one meeting of a shape, as the listing and as the meeting endpoint tell it.
async fn both(shape: Shape) -> (Value, Value) {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let handle = zoom.sim.add_shape(shape).remove(0);
    let listed = list(&zoom, &tokens, "").await["meetings"][0].clone();
    let (_, alone) = zoom.get(&tokens, &format!("/meetings/{}/recordings", twice(&handle.uuid))).await;
    (listed, alone)
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
