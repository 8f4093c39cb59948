//! Uploads to a bucket, in parts: gone on with, begun anew, given up. On a real S3 server behind a proxy.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use s3_servers::{Fault, Proxy, Seen};

use super::buckets::behind_proxy;
use super::testing::sha256;
use super::*;
use crate::database::{Database, open_state_in_memory};

const SIZE: usize = 20_000_003;
const NO_UPLOAD: &str = "<Error><Code>NoSuchUpload</Code></Error>";

/// A machine with a bucket, a video to send, and what it remembers of uploads.
struct Machine {
    place: super::Place,
    proxy: Proxy,
    id: String,
    recording: RecordingId,
    home: tempfile::TempDir,
    content: Vec<u8>,
}

impl Machine {
    async fn new() -> Option<Self> {
        let (mut place, proxy) = behind_proxy()?;
        let state: Database = open_state_in_memory().unwrap();
        place.reach.uploads = Some(Uploads::new(state));
        let made = Teamspace::create(place.clone(), "Team", Timestamp::UNIX_EPOCH).await.unwrap();
        proxy.take_seen();
        Some(Self {
            id: made.id().to_owned(),
            place,
            proxy,
            recording: RecordingId::of_zoom_meeting("m"),
            home: tempfile::tempdir().unwrap(),
            content: (0..SIZE as u32).map(|n| (n % 251) as u8).collect(),
        })
    }

    /// The teamspace as a start of the app opens it.
    async fn start(&self) -> Teamspace {
        Teamspace::open(self.place.clone(), Some(&self.id)).await.unwrap()
    }

    async fn put(&self, teamspace: &Teamspace, sha256: &str) -> Result<String, Error> {
        let path = self.home.path().join("video.part");
        std::fs::write(&path, &self.content).unwrap();
        let staged = Staged { path: &path, size: SIZE as u64, sha256 };
        teamspace.put_file(&self.recording, "attempt", "video-0.mp4", staged).await
    }

    async fn put_right(&self, teamspace: &Teamspace) -> Result<String, Error> {
        self.put(teamspace, &sha256(&self.content)).await
    }

    fn noted(&self) -> usize {
        self.place.reach.uploads.as_ref().unwrap().all(&self.id).unwrap().len()
    }
}

fn parts(seen: &[Seen]) -> Vec<(String, usize)> {
    let part = |seen: &Seen| {
        let (_, rest) = seen.target.split_once("partNumber=")?;
        let number = rest.split('&').next()?.to_owned();
        (seen.method == "PUT").then_some((number, seen.sent))
    };
    let mut parts: Vec<_> = seen.iter().filter_map(part).collect();
    parts.sort();
    parts
}

fn given_up(seen: &[Seen]) -> usize {
    seen.iter().filter(|seen| seen.method == "DELETE" && seen.target.contains("uploadId=")).count()
}

#[tokio::test]
async fn a_large_file_goes_in_equal_parts_and_is_read_back() {
    let Some(machine) = Machine::new().await else { return };
    let key = machine.put_right(&machine.start().await).await.unwrap();
    let seen = machine.proxy.take_seen();
    let part = 8 << 20;
    assert_eq!(
        parts(&seen),
        [("1".to_owned(), part), ("2".to_owned(), part), ("3".to_owned(), SIZE - 2 * part)]
    );
    assert!(
        seen.iter().any(|seen| seen.method == "GET" && seen.target.ends_with("video-0.mp4")),
        "read back"
    );
    let tail = machine.start().await.get_range(&machine.recording, &key, 20_000_000..SIZE as u64).await;
    assert_eq!(&tail.unwrap()[..], &machine.content[20_000_000..]);
    assert_eq!(machine.noted(), 0);
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_after_a_new_start_and_sends_no_part_twice() {
    let Some(machine) = Machine::new().await else { return };
    let revoked = Fault::Instead(403, "<Error><Code>InvalidAccessKeyId</Code></Error>");
    machine.proxy.on("PUT", "partNumber=2", revoked, 1);
    let broken = machine.put_right(&machine.start().await).await.unwrap_err();
    assert!(matches!(broken, Error::Bucket { trouble: Trouble::UnknownKey, .. }), "{broken:?}");
    let noted = machine.place.reach.uploads.as_ref().unwrap().all(&machine.id).unwrap();
    let there: Vec<String> = noted[0].parts.keys().map(|n| (n + 1).to_string()).collect();
    assert!(!there.is_empty() && !there.contains(&"2".to_owned()), "{there:?}");
    machine.proxy.take_seen();

    let key = machine.put_right(&machine.start().await).await.unwrap();
    let sent = parts(&machine.proxy.take_seen());
    assert_eq!(sent.len(), 3 - there.len(), "{sent:?}");
    assert!(sent.iter().all(|(number, _)| !there.contains(number)), "{sent:?} was sent before: {there:?}");
    let whole = machine.start().await.read_file(&machine.recording, &key).await;
    assert!(whole.is_err(), "too large to be read as a small file");
    assert_eq!(machine.noted(), 0);
}

#[tokio::test]
async fn a_lost_reply_to_the_last_request_is_a_success() {
    let Some(machine) = Machine::new().await else { return };
    machine.proxy.on("POST", "uploadId=", Fault::LostReply, 1);
    machine.put_right(&machine.start().await).await.unwrap();
    assert_eq!(machine.noted(), 0);
}

#[tokio::test]
async fn an_upload_that_the_store_has_forgotten_is_begun_anew() {
    let Some(machine) = Machine::new().await else { return };
    machine.proxy.on("PUT", "partNumber=2", Fault::Instead(404, NO_UPLOAD), 1);
    machine.put_right(&machine.start().await).await.unwrap();
    assert_eq!(machine.noted(), 0);
}

#[tokio::test]
async fn a_file_that_changed_on_its_way_is_given_up_and_not_kept() {
    let Some(machine) = Machine::new().await else { return };
    let teamspace = machine.start().await;
    let put = machine.put(&teamspace, &sha256(b"other")).await;
    assert!(matches!(put, Err(Error::Staged { .. })), "{put:?}");
    assert_eq!((given_up(&machine.proxy.take_seen()), machine.noted()), (1, 0));
    let stored = teamspace.get_range(&machine.recording, "attempt/video-0.mp4", 0..1).await;
    assert!(matches!(stored, Err(Error::Missing { .. })), "{stored:?}");
}

#[tokio::test]
async fn what_nobody_works_on_any_more_is_given_up_at_a_start() {
    let Some(machine) = Machine::new().await else { return };
    machine.proxy.on(
        "PUT",
        "partNumber=",
        Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>"),
        3,
    );
    machine.put_right(&machine.start().await).await.unwrap_err();
    let teamspace = machine.start().await;
    teamspace.give_up_abandoned(|| Ok::<_, Error>(vec!["attempt".to_owned()])).await.unwrap();
    assert_eq!(machine.noted(), 1, "somebody works on it");
    machine.proxy.take_seen();
    teamspace.give_up_abandoned(|| Ok::<_, Error>(vec!["other".to_owned()])).await.unwrap();
    assert_eq!((given_up(&machine.proxy.take_seen()), machine.noted()), (1, 0));
}

#[tokio::test]
async fn with_an_attempt_its_uploads_go() {
    let Some(machine) = Machine::new().await else { return };
    machine.proxy.on(
        "PUT",
        "partNumber=",
        Fault::Instead(403, "<Error><Code>AccessDenied</Code></Error>"),
        3,
    );
    machine.put_right(&machine.start().await).await.unwrap_err();
    machine.start().await.remove_attempt(&machine.recording, "attempt").await.unwrap();
    assert_eq!((given_up(&machine.proxy.take_seen()), machine.noted()), (1, 0));
}

/// A road with a limit, which writes down what it let through.
#[derive(Debug, Default)]
struct Limited {
    sent: std::sync::atomic::AtomicU64,
    largest: std::sync::atomic::AtomicU64,
}

impl Road for Limited {
    fn client<'a>(
        &'a self,
        _: &'a url::Url,
    ) -> futures::future::BoxFuture<'a, Result<reqwest::Client, crate::error::UserError>> {
        Box::pin(async { Ok(reqwest::Client::new()) })
    }

    fn is_limited(&self) -> bool {
        true
    }

    fn upload(&self, bytes: u64) -> futures::future::BoxFuture<'_, ()> {
        use std::sync::atomic::Ordering::Relaxed;
        self.sent.fetch_add(bytes, Relaxed);
        self.largest.fetch_max(bytes, Relaxed);
        Box::pin(tokio::task::yield_now())
    }

    fn certificate(&self, _: &str, _: &(dyn std::error::Error + 'static)) -> Option<crate::error::UserError> {
        None
    }
}

#[tokio::test]
async fn every_byte_of_an_upload_waits_for_its_turn_within_the_bandwidth_limit() {
    let Some(mut machine) = Machine::new().await else { return };
    let road = std::sync::Arc::new(Limited::default());
    machine.place.reach.road = Some(road.clone());
    machine.put_right(&machine.start().await).await.unwrap();
    let (sent, largest) = (road.sent.load(Ordering::Relaxed), road.largest.load(Ordering::Relaxed));
    assert!(sent >= SIZE as u64, "{sent}: all of it counts");
    assert!(sent < SIZE as u64 + (64 << 10), "{sent}: and nothing twice");
    assert!(largest <= 64 << 10, "{largest}: in small pieces, so that a line is not taken for seconds");
}
