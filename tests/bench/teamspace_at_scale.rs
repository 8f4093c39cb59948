//! What a large teamspace costs: how often its store is asked, how long it takes, how much memory. The store is made up
//! as it is asked, so that a million recordings take no room; each call takes as long as one to a store far away. For
//! `cargo xtask bench teamspace`, which runs one process for each line.

mod on_a_server;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use next_desktop::catalog::Catalog;
use next_desktop::recording::RecordingId;
use next_desktop::teamspace::{EVERY, Teamspace, entry_number};
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use sha2::{Digest, Sha256};

/// How long a call takes.
const LATENCY: Duration = Duration::from_millis(20);
/// So many of the newest have manifests that are asked for.
const WINDOW: u64 = 2_000;
/// Recordings that a colleague adds.
const NEW: u64 = 10;
/// Lines of each transcript.
const CUES: u64 = 100;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["prepare", recordings, folder] => prepare(number(recordings), FilePath::new(folder)).await,
        ["measure", recordings, folder, "server"] => {
            on_a_server::measure_on_a_server(number(recordings), FilePath::new(folder)).await;
        }
        ["measure", recordings, folder, with] => {
            measure_made_up(number(recordings), FilePath::new(folder), with == "checkpoint").await;
        }
        _ => panic!("prepare RECORDINGS FOLDER, or measure RECORDINGS FOLDER checkpoint|log|server"),
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number of recordings")
}

/// Writes the checkpoint of such a teamspace into the folder.
async fn prepare(recordings: u64, folder: &FilePath) {
    let store = Arc::new(MadeUp::new(recordings, folder, Duration::ZERO, false));
    let teamspace = Teamspace::over(store, "made up", "Team", start()).await.expect("a teamspace");
    let wrote = teamspace.write_checkpoint(recordings, "bench", start()).await.expect("a checkpoint");
    assert!(wrote || recordings < EVERY, "a checkpoint is written");
}

/// Reads it, and prints a line of the table.
async fn measure_made_up(recordings: u64, folder: &FilePath, checkpoint: bool) {
    let store = Arc::new(MadeUp::new(recordings, folder, LATENCY, checkpoint));
    let teamspace = Teamspace::over(store.clone(), "made up", "Team", start()).await.expect("a teamspace");
    let from = match (checkpoint, recordings) {
        (_, ..EVERY) => "the log; there is no checkpoint yet",
        (true, _) => "its checkpoint",
        (false, _) => "the log alone",
    };
    let more = async {
        store.recordings.fetch_add(NEW, Ordering::Relaxed);
    };
    measure(&teamspace, folder, recordings, from, &|| store.take(), more).await;
}

/// Reads a teamspace as somebody who knows nothing of it, and prints a line of the table. `calls` tells how often the store
/// was asked since it was last called; `more` adds the new recordings.
async fn measure(
    teamspace: &Teamspace,
    folder: &FilePath,
    recordings: u64,
    from: &str,
    calls: &dyn Fn() -> u64,
    more: impl Future<Output = ()>,
) {
    let file = folder.join("catalog.db");
    for companion in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(folder.join(companion));
    }
    let (catalog, _) = Catalog::open(&file).expect("a catalog");
    let (before, memory) = (own_memory(), Memory::watch());
    calls();

    let begun = Instant::now();
    let mut shown = None;
    let mut tell = || {
        shown.get_or_insert_with(|| begun.elapsed());
    };
    let mut refreshed = catalog.refresh_telling(teamspace, &mut tell).await.expect("a refresh");
    let listed = begun.elapsed();
    while refreshed.more {
        refreshed = catalog.refresh(teamspace).await.expect("a refresh");
    }
    let read = begun.elapsed();
    let first_calls = calls();
    assert_eq!(catalog.count(teamspace.id()).expect("a count"), recordings, "everything is listed");

    let begun = Instant::now();
    catalog.refresh(teamspace).await.expect("a refresh");
    let (idle, idle_calls) = (begun.elapsed(), calls());

    more.await;
    calls();
    let begun = Instant::now();
    catalog.refresh(teamspace).await.expect("a refresh");
    let (new, new_calls) = (begun.elapsed(), calls());
    assert_eq!(catalog.count(teamspace.id()).expect("a count"), recordings + NEW, "the new ones are listed");

    let size = std::fs::metadata(&file).map_or(0, |found| found.len());
    println!(
        "| {recordings} | {from} | {first_calls} | {:.1} s | {:.1} s | {:.1} s | {idle_calls}, {} ms | {new_calls}, {:.1} s | {} MiB | {} MiB |",
        shown.unwrap_or(listed).as_secs_f64(),
        listed.as_secs_f64(),
        read.as_secs_f64(),
        idle.as_millis(),
        new.as_secs_f64(),
        memory.peak().saturating_sub(before) >> 20,
        size >> 20,
    );
}

/// The most memory that this process has held of its own, in bytes, looked at a hundred times a second; 0 where nobody
/// says. The index is mapped into memory by SQLite; the system keeps or drops that as it likes, so it does not count.
struct Memory(Arc<AtomicU64>);

impl Memory {
    fn watch() -> Self {
        let peak = Arc::new(AtomicU64::new(0));
        let seen = Arc::downgrade(&peak);
        std::thread::spawn(move || {
            while let Some(peak) = seen.upgrade() {
                peak.fetch_max(own_memory(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        Self(peak)
    }

    fn peak(&self) -> u64 {
        self.0.load(Ordering::Relaxed).max(own_memory())
    }
}

fn own_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) << 10
}

fn start() -> Timestamp {
    "2020-01-01T08:00:00Z".parse().expect("a time")
}

fn id(n: u64) -> RecordingId {
    RecordingId::of_zoom_meeting(&format!("meeting {n}"))
}

/// Recording `n` begins so many minutes after the first one.
fn start_of(n: u64) -> Timestamp {
    start() + SignedDuration::from_mins(i64::try_from(n).expect("a number of minutes") * 3)
}

fn transcript(n: u64) -> Vec<u8> {
    let mut text = String::from("WEBVTT\n");
    for cue in 0..CUES {
        let (minutes, seconds) = (cue * 5 / 60, cue * 5 % 60);
        text += &format!(
            "\n00:{minutes:02}:{seconds:02}.000 --> 00:{minutes:02}:{seconds:02}.900\nAda Kessler: so about point {cue} of meeting {n}, we agreed to look again at the plan\n"
        );
    }
    text.into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

fn manifest(n: u64) -> Vec<u8> {
    let text = transcript(n);
    let manifest = serde_json::json!({
        "format": 1, "recording_id": id(n), "source": {"integration": "zoom"}, "title": format!("Weekly meeting {n}"),
        "host": "ada@example.org", "start": start_of(n), "duration": 1800, "imported_by": "Ada",
        "imported_at": start_of(n), "attempt": "k3x9", "nonce": "nonce", "files": [
            {"key": "k3x9/video-0.mp4", "kind": "video", "segment": 0, "media_type": "video/mp4",
             "size": 300_000_000, "sha256": sha256(b"video")},
            {"key": "k3x9/transcript-0.vtt", "kind": "transcript", "segment": 0, "media_type": "text/vtt",
             "size": text.len(), "sha256": sha256(&text)},
        ],
    });
    serde_json::to_vec_pretty(&manifest).expect("JSON")
}

/// A teamspace that is made up as it is asked: one entry of the log for each recording.
struct MadeUp {
    recordings: AtomicU64,
    /// The first of those whose manifests are asked for.
    newest: u64,
    /// Their folders.
    named: HashMap<String, u64>,
    /// The checkpoint, on the disk.
    checkpoint: PathBuf,
    listed: bool,
    small: Mutex<BTreeMap<Path, Bytes>>,
    latency: Duration,
    calls: AtomicU64,
}

impl MadeUp {
    fn new(recordings: u64, folder: &FilePath, latency: Duration, listed: bool) -> Self {
        let newest = recordings.saturating_sub(WINDOW + NEW) + 1;
        let named = (newest..=recordings + NEW).map(|n| (id(n).to_string(), n)).collect();
        let checkpoint = folder.join(format!("checkpoint-{recordings}"));
        Self {
            recordings: recordings.into(),
            newest,
            named,
            listed: listed && checkpoint.exists(),
            checkpoint,
            small: Mutex::default(),
            latency,
            calls: AtomicU64::new(0),
        }
    }

    /// Calls since this was asked last.
    fn take(&self) -> u64 {
        self.calls.swap(0, Ordering::Relaxed)
    }

    async fn call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
    }

    fn checkpoint_key(&self) -> Path {
        let n = self.recordings.load(Ordering::Relaxed) / EVERY * EVERY;
        Path::from(format!("checkpoints/{:012}.jsonl.zst", 1_000_000_000_000 - n))
    }

    fn entry(&self, n: u64) -> Option<Vec<u8>> {
        if n == 0 || n > self.recordings.load(Ordering::Relaxed) {
            return None;
        }
        // Of the others nobody reads the manifest.
        let digest = if n >= self.newest { sha256(&manifest(n)) } else { sha256(&n.to_be_bytes()) };
        let entry = serde_json::json!({
            "n": n, "writer": "0198c0de-0000-7000-8000-000000000000", "nonce": format!("{n:032x}"), "at": start_of(n),
            "ops": [{"op": "add", "recording_id": id(n), "manifest": digest, "title": format!("Weekly meeting {n}"),
                     "start": start_of(n), "duration": 1800, "size": 300_000_000}],
        });
        serde_json::to_vec(&entry).ok()
    }

    fn body(&self, path: &Path) -> Option<Vec<u8>> {
        if let Some(n) = entry_number(path.as_ref()) {
            return self.entry(n);
        }
        let mut parts = path.as_ref().strip_prefix("recordings/")?.split('/').skip(1);
        let n = *self.named.get(parts.next()?)?;
        match parts.next()? {
            "manifest.json" => Some(manifest(n)),
            _ => Some(transcript(n)).filter(|_| parts.next() == Some("transcript-0.vtt")),
        }
    }

    fn meta(&self, location: &Path, size: u64) -> ObjectMeta {
        ObjectMeta {
            location: location.clone(),
            last_modified: std::time::SystemTime::UNIX_EPOCH.into(),
            size,
            e_tag: None,
            version: None,
        }
    }

    fn checkpoint_meta(&self) -> Option<ObjectMeta> {
        let size = std::fs::metadata(&self.checkpoint).ok().filter(|_| self.listed)?.len();
        Some(self.meta(&self.checkpoint_key(), size))
    }
}

impl fmt::Debug for MadeUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MadeUp")
    }
}

impl fmt::Display for MadeUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MadeUp")
    }
}

fn answer(meta: ObjectMeta, range: Range<u64>, bytes: Bytes) -> GetResult {
    let payload = GetResultPayload::Stream(futures::stream::once(async { Ok(bytes) }).boxed());
    GetResult { payload, meta, range, attributes: Attributes::default(), extensions: Default::default() }
}

#[async_trait]
impl ObjectStore for MadeUp {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.call().await;
        let there = self.small.lock().expect("nobody panics").contains_key(path) || self.body(path).is_some();
        if there && matches!(options.mode, PutMode::Create) {
            return Err(Error::AlreadyExists { path: path.to_string(), source: "it is there".into() });
        }
        let bytes = Bytes::from(payload);
        if *path == self.checkpoint_key() {
            std::fs::write(&self.checkpoint, &bytes).expect("room for the checkpoint");
        } else {
            self.small.lock().expect("nobody panics").insert(path.clone(), bytes);
        }
        Ok(PutResult { e_tag: None, version: None, extensions: Default::default() })
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.call().await;
        let whole = |size: u64| match &options.range {
            Some(range) => range.as_range(size).expect("a range of it"),
            None => 0..size,
        };
        if self.listed && *path == self.checkpoint_key() {
            let meta = self.checkpoint_meta().expect("the checkpoint");
            let range = whole(meta.size);
            let mut bytes = vec![0; usize::try_from(range.end - range.start).expect("it fits")];
            let mut file = File::open(&self.checkpoint).expect("the checkpoint");
            file.seek(SeekFrom::Start(range.start))
                .and_then(|_| file.read_exact(&mut bytes))
                .expect("its bytes");
            return Ok(answer(meta, range, bytes.into()));
        }
        let small = self.small.lock().expect("nobody panics").get(path).cloned();
        let Some(body) = small.or_else(|| self.body(path).map(Bytes::from)) else {
            return Err(Error::NotFound { path: path.to_string(), source: "nobody made it up".into() });
        };
        let range = whole(body.len() as u64);
        if options.head {
            return Ok(answer(self.meta(path, body.len() as u64), 0..0, Bytes::new()));
        }
        let part = body.slice(range.start as usize..range.end as usize);
        Ok(answer(self.meta(path, body.len() as u64), range, part))
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let found = self
            .checkpoint_meta()
            .filter(|meta| prefix.is_some_and(|prefix| meta.location.prefix_matches(prefix)));
        let latency = self.latency;
        let listing = async move {
            tokio::time::sleep(latency).await;
            futures::stream::iter(found.map(Ok))
        };
        futures::stream::once(listing).flatten().boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        self.call().await;
        Ok(ListResult { common_prefixes: Vec::new(), objects: Vec::new(), extensions: Default::default() })
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(Error::NotImplemented { operation: "multipart".into(), implementer: "MadeUp".into() })
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        paths
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(Error::NotImplemented { operation: "copy".into(), implementer: "MadeUp".into() })
    }
}
