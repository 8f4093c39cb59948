//! Bodies that end early, are too long, or are not what they say; storage that offers less.

use std::time::{Duration, Instant};

use zoom_sim::{Fault, FaultRule, Place};

use crate::client::header;
use crate::faults::{SIZE, setting};

#[tokio::test]
async fn bodies_end_early_in_four_ways() {
    let zoom = setting().await;
    // The connection breaks.
    let answer = zoom.storage(Fault::Cut { after: 1_000 }).await.unwrap();
    assert_eq!(header(&answer, "content-length").unwrap(), SIZE.to_string());
    assert!(answer.bytes().await.is_err());
    // Nothing more comes.
    let answer = zoom.storage(Fault::Stall { after: 1_000 }).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(300), answer.bytes()).await.is_err());
    // The end looks like an end.
    let answer = zoom.storage(Fault::Truncated { after: 1_000 }).await.unwrap();
    assert_eq!(header(&answer, "content-length"), None);
    assert_eq!(answer.bytes().await.unwrap().len(), 1_000);
    // Even the length agrees.
    let answer = zoom.storage(Fault::Short { after: 1_000 }).await.unwrap();
    assert_eq!(header(&answer, "content-length").as_deref(), Some("1000"));
    assert_eq!(answer.bytes().await.unwrap().len(), 1_000);
    // How much was sent is known.
    let sent: Vec<u64> =
        zoom.zoom.sim.requests_at(Place::Storage).iter().map(|request| request.sent).collect();
    assert_eq!(sent, [1_000; 4]);
}

#[tokio::test]
async fn bodies_can_be_too_long_or_not_what_they_say() {
    let zoom = setting().await;
    assert_eq!(
        zoom.storage(Fault::Long { extra: 17 }).await.unwrap().bytes().await.unwrap().len(),
        SIZE + 17
    );
    let answer = zoom.storage(Fault::WrongContainer).await.unwrap();
    assert_eq!(header(&answer, "content-type").as_deref(), Some("video/mp4"));
    let body = answer.bytes().await.unwrap();
    assert_eq!(body.len(), SIZE);
    assert!(!body.windows(4).take(100).any(|four| four == b"ftyp"));
    let answer = zoom.storage(Fault::MediaType { value: "text/html".to_owned() }).await.unwrap();
    assert_eq!(header(&answer, "content-type").as_deref(), Some("text/html"));
}

#[tokio::test]
async fn what_storage_usually_offers_can_be_missing() {
    let zoom = setting().await;
    let answer = zoom.storage(Fault::NoLength).await.unwrap();
    assert_eq!(header(&answer, "content-length"), None);
    assert_eq!(answer.bytes().await.unwrap().len(), SIZE);
    assert_eq!(header(&zoom.storage(Fault::NoEtag).await.unwrap(), "etag"), None);

    zoom.zoom.sim.fault(FaultRule::always(Place::Storage, Fault::NoRanges));
    let answer = zoom.zoom.http.get(&zoom.storage).header("Range", "bytes=5-").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), header(&answer, "accept-ranges")), (200, None));
    zoom.zoom.sim.clear_faults();
    zoom.zoom.sim.fault(FaultRule::always(Place::Storage, Fault::RangeRefused));
    let answer = zoom.zoom.http.get(&zoom.storage).header("Range", "bytes=5-").send().await.unwrap();
    assert_eq!(answer.status(), 416);
    let etag = async || header(&zoom.storage(Fault::ChangingEtag).await.unwrap(), "etag").unwrap();
    assert_ne!(etag().await, etag().await);
    assert_eq!(zoom.storage(Fault::SignatureExpired).await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_throttle_holds_for_each_connection() {
    let zoom = setting().await;
    let begin = Instant::now();
    let answer = zoom.storage(Fault::Throttle { bytes_per_second: SIZE as u64 * 4 }).await.unwrap();
    assert_eq!(answer.bytes().await.unwrap().len(), SIZE);
    // A quarter of a second at least: the throttle only ever makes it slower.
    assert!(begin.elapsed() >= Duration::from_millis(240));
}

#[tokio::test]
async fn two_faults_can_meet_the_same_request() {
    let zoom = setting().await;
    zoom.zoom.sim.fault(FaultRule::times(Place::Storage, 1, Fault::NoLength));
    zoom.zoom.sim.fault(FaultRule::times(Place::Storage, 1, Fault::Short { after: 10 }));
    let answer = zoom.zoom.http.get(&zoom.storage).send().await.unwrap();
    assert_eq!((header(&answer, "content-length"), answer.bytes().await.unwrap().len()), (None, 10));
}
