//! Downloads: two hosts, ranges, and bytes that can be checked.

use reqwest::StatusCode;
use zoom_sim::{Content, FileSpec, MeetingSpec, Place};

use crate::client::{JONAS, MAYA, Tokens, Zoom, header, twice};

/// A meeting with one file; a storage URL for it.
async fn one_file(file: FileSpec) -> (Zoom, Tokens, String, String) {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(MAYA).await;
    let meeting = zoom.sim.add_meeting(MeetingSpec::new("one").file(file));
    let url = zoom.download_url(&tokens, &meeting.uuid, 0).await;
    let storage = zoom.storage_url(&tokens, &url).await;
    (zoom, tokens, meeting.files[0].clone(), storage)
}

#[tokio::test]
async fn a_file_arrives_whole_over_two_hosts_and_is_what_was_put_there() {
    let (zoom, _, key, storage) = one_file(FileSpec::video("checkout")).await;
    assert!(storage.starts_with(&zoom.sim.storage_url()));
    let answer = zoom.http.get(&storage).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "content-type").as_deref(), Some("video/mp4"));
    let length = header(&answer, "content-length").unwrap();
    let body = answer.bytes().await.unwrap();
    assert_eq!(length, body.len().to_string());
    assert_eq!(Content::Bytes(body.to_vec()).sha256(), zoom.sim.content(&key).unwrap().sha256());
    let record = zoom.sim.requests_at(Place::Storage).remove(0);
    assert_eq!(
        (record.status, record.authorization, record.file.as_ref(), record.sent),
        (Some(200), false, Some(&key), body.len() as u64)
    );
}

#[tokio::test]
async fn the_storage_host_refuses_the_bearer_token_and_remembers_it() {
    let (zoom, tokens, _, storage) = one_file(FileSpec::video("checkout")).await;
    assert!(zoom.sim.leaked_authorizations().is_empty());
    let answer = zoom.http.get(&storage).bearer_auth(&tokens.access).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert_eq!(zoom.sim.leaked_authorizations().len(), 1);
}

#[tokio::test]
async fn the_first_host_wants_a_living_token_of_the_host() {
    let (zoom, tokens, key, _) = one_file(FileSpec::video("checkout")).await;
    let uuid =
        zoom.get(&tokens, "/users/me/recordings").await.1["meetings"][0]["uuid"].as_str().unwrap().to_owned();
    let url = zoom.download_url(&tokens, &uuid, 0).await;
    // No header: a page, with success.
    let answer = zoom.http.get(&url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(header(&answer, "content-type").unwrap().starts_with("text/html"));
    // Somebody else's token: a page, with success.
    let jonas = zoom.connect(JONAS).await;
    let answer = zoom.http.get(&url).bearer_auth(&jonas.access).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("Only the host can download"));
    // A dead token.
    zoom.sim.expire_access_tokens();
    let answer = zoom.http.get(&url).bearer_auth(&tokens.access).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    // A token in the query is no token.
    let answer = zoom.http.get(format!("{url}?access_token={}", tokens.access)).send().await.unwrap();
    assert!(header(&answer, "content-type").unwrap().starts_with("text/html"));
    assert!(zoom.sim.requests_at(Place::Download).iter().all(|request| request.file.as_ref() == Some(&key)));
}

#[tokio::test]
async fn a_signed_url_ends_after_an_hour_and_cannot_be_changed() {
    let (zoom, _, _, storage) = one_file(FileSpec::video("checkout")).await;
    let other = storage.replace("Signature=", "Signature=x");
    assert_eq!(zoom.http.get(other).send().await.unwrap().status(), 403);
    zoom.sim.advance(std::time::Duration::from_secs(3601));
    assert_eq!(zoom.http.get(storage).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn ranges_resume_a_download_as_long_as_the_etag_agrees() {
    let (zoom, _, key, storage) = one_file(FileSpec::video_of_size(2_000_000, 5)).await;
    let whole = zoom.http.get(&storage).send().await.unwrap();
    assert_eq!(header(&whole, "accept-ranges").as_deref(), Some("bytes"));
    let etag = header(&whole, "etag").unwrap();
    let whole = whole.bytes().await.unwrap();
    assert_eq!(whole.len(), 2_000_000);

    let part = zoom
        .http
        .get(&storage)
        .header("Range", "bytes=1500000-")
        .header("If-Range", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range").as_deref(), Some("bytes 1500000-1999999/2000000"));
    assert_eq!(part.bytes().await.unwrap(), whole.slice(1_500_000..));

    let beyond = zoom.http.get(&storage).header("Range", "bytes=2000000-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    assert_eq!(header(&beyond, "content-range").as_deref(), Some("bytes */2000000"));

    assert!(zoom.sim.replace_content(&key, Content::video_of_size(2_000_000, 6)));
    let changed = zoom
        .http
        .get(&storage)
        .header("Range", "bytes=1500000-")
        .header("If-Range", &etag)
        .send()
        .await
        .unwrap();
    assert_eq!(changed.status(), 200);
    assert_ne!(header(&changed, "etag").unwrap(), etag);
}

#[tokio::test]
async fn head_tells_the_size_without_the_bytes() {
    let (zoom, _, _, storage) = one_file(FileSpec::video_of_size(1_000_000, 1)).await;
    let answer = zoom.http.head(&storage).send().await.unwrap();
    assert_eq!(
        (answer.status(), header(&answer, "content-length").as_deref()),
        (StatusCode::OK, Some("1000000"))
    );
    assert!(answer.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_of_zero_bytes_and_a_file_of_a_gigabyte_are_both_fine() {
    let (zoom, _, _, storage) = one_file(FileSpec::chat("sync").content(Content::Empty)).await;
    assert_eq!(zoom.http.get(&storage).send().await.unwrap().bytes().await.unwrap().len(), 0);
    let (zoom, _, _, storage) = one_file(FileSpec::video_of_size(1 << 30, 1)).await;
    let tail = zoom.http.get(&storage).header("Range", "bytes=-7").send().await.unwrap();
    assert_eq!((tail.status(), tail.bytes().await.unwrap().len()), (StatusCode::PARTIAL_CONTENT, 7));
}

#[tokio::test]
async fn the_meeting_endpoint_gives_a_token_for_downloads_when_asked() {
    let (zoom, tokens, _, _) = one_file(FileSpec::video("checkout")).await;
    zoom.sim.set_downloads_need_own_token(true);
    let listed = zoom.get(&tokens, "/users/me/recordings").await.1;
    let uuid = twice(listed["meetings"][0]["uuid"].as_str().unwrap());
    let path = format!("/meetings/{uuid}/recordings?include_fields=download_access_token&ttl=60");
    let (_, body) = zoom.get(&tokens, &path).await;
    let url = body["recording_files"][0]["download_url"].as_str().unwrap();
    let fetch = async |token: &str| {
        let answer = zoom.http.get(url).bearer_auth(token).send().await.unwrap();
        answer.status().as_u16()
    };
    let own = body["download_access_token"].as_str().unwrap();
    assert_eq!((fetch(&tokens.access).await, fetch(own).await), (401, 302));
    zoom.sim.advance(std::time::Duration::from_secs(61));
    assert_eq!(fetch(own).await, 401);
}
