//! A store with knobs: it does what real stores were seen to do on a bad day.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::*;

use crate::recording::{FileKind, RecordingId};

/// What the next write meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Written, and answered with an error.
    ErrorAfter,
    /// Written, and answered with "already exists": the client's own retry was refused.
    AlreadyExistsAfter,
    /// Written, answered with an error, and the read-back fails once too.
    ErrorAfterAndUnreadable,
    /// Not written, and answered with an error.
    ErrorInstead,
    /// Not written, and answered with "already exists": a conflict in flight.
    AlreadyExistsInstead,
    /// Answered with an error, and written just before the next write.
    ArrivesWithNext,
    /// Not written: no space.
    FullInstead,
}

/// Passes everything on to `inner`; each write meets the next fault, then none.
#[derive(Debug)]
pub(crate) struct Faulty {
    inner: Arc<dyn ObjectStore>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: VecDeque<Fault>,
    late: Option<(Path, PutPayload, PutOptions)>,
    unreadable: bool,
}

impl Faulty {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, faults: &[Fault]) -> Self {
        let state = State { faults: faults.iter().copied().collect(), ..State::default() };
        Self { inner, state: Mutex::new(state) }
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faulty({})", self.inner)
    }
}

fn dropped() -> Error {
    Error::Generic { store: "Faulty", source: "the reply was lost".into() }
}

fn exists(path: &Path) -> Error {
    Error::AlreadyExists { path: path.to_string(), source: "conflict".into() }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let late = self.state.lock().unwrap().late.take();
        if let Some((path, payload, options)) = late {
            self.inner.put_opts(&path, payload, options).await?;
        }
        let fault = self.state.lock().unwrap().faults.pop_front();
        let write = self.inner.put_opts(path, payload.clone(), options.clone());
        match fault {
            None => write.await,
            Some(Fault::ErrorAfter) => {
                write.await?;
                Err(dropped())
            }
            Some(Fault::AlreadyExistsAfter) => {
                write.await?;
                Err(exists(path))
            }
            Some(Fault::ErrorAfterAndUnreadable) => {
                write.await?;
                self.state.lock().unwrap().unreadable = true;
                Err(dropped())
            }
            Some(Fault::ErrorInstead) => Err(dropped()),
            Some(Fault::AlreadyExistsInstead) => Err(exists(path)),
            Some(Fault::ArrivesWithNext) => {
                self.state.lock().unwrap().late = Some((path.clone(), payload, options));
                Err(dropped())
            }
            Some(Fault::FullInstead) => Err(Error::Generic {
                store: "Faulty",
                source: Box::new(io::Error::from(io::ErrorKind::StorageFull)),
            }),
        }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        if std::mem::take(&mut self.state.lock().unwrap().unreadable) {
            return Err(dropped());
        }
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// How a store breaks its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Does not know "put if absent", and says nothing.
    IgnoresCreate,
    /// Looks first and then writes, as if nobody else were there.
    ChecksThenWrites,
    /// Answers a range with the start of the file.
    ReadsWrongParts,
    /// Says that it removed.
    KeepsRemoved,
}

/// A store with a bad habit.
#[derive(Debug)]
pub(crate) struct Careless {
    inner: memory::InMemory,
    habit: Habit,
}

impl Careless {
    pub(crate) fn new(habit: Habit) -> Self {
        Self { inner: memory::InMemory::new(), habit }
    }
}

impl fmt::Display for Careless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Careless({:?})", self.habit)
    }
}

#[async_trait]
impl ObjectStore for Careless {
    async fn put_opts(&self, path: &Path, payload: PutPayload, mut options: PutOptions) -> Result<PutResult> {
        let creates = matches!(options.mode, PutMode::Create);
        if creates && self.habit == Habit::ChecksThenWrites {
            if self.inner.head(path).await.is_ok() {
                return Err(exists(path));
            }
            tokio::task::yield_now().await;
        }
        if matches!(self.habit, Habit::IgnoresCreate | Habit::ChecksThenWrites) {
            options.mode = PutMode::Overwrite;
        }
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, mut options: GetOptions) -> Result<GetResult> {
        if let (Habit::ReadsWrongParts, Some(GetRange::Bounded(range))) = (self.habit, &mut options.range) {
            *range = 0..range.end - range.start;
        }
        self.inner.get_opts(path, options).await
    }

    async fn get_ranges(&self, path: &Path, ranges: &[std::ops::Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        self.inner.get_ranges(path, ranges).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        if self.habit == Habit::KeepsRemoved { paths } else { self.inner.delete_stream(paths) }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A manifest of the Zoom meeting `uuid`, with one video.
pub(crate) fn manifest(uuid: &str) -> super::Manifest {
    let attempt = super::new_attempt();
    super::Manifest {
        format: super::FORMAT,
        recording_id: RecordingId::of_zoom_meeting(uuid),
        source: super::Source {
            integration: "zoom".to_owned(),
            meeting_uuid: Some(uuid.to_owned()),
            ..super::Source::default()
        },
        title: format!("Meeting {uuid}"),
        host: Some("ada@example.org".to_owned()),
        start: "2026-03-01T09:00:00Z".parse().unwrap(),
        duration: 1800,
        time_zone: Some("Europe/Berlin".to_owned()),
        imported_by: "Ada".to_owned(),
        importer: None,
        imported_at: "2026-03-01T11:00:00Z".parse().unwrap(),
        files: vec![super::ManifestFile {
            key: format!("{attempt}/video-0.mp4"),
            kind: FileKind::Video,
            segment: 0,
            layout: None,
            source_file_id: Some("file-1".to_owned()),
            media_type: "video/mp4".to_owned(),
            size: 5,
            sha256: sha256(b"video"),
            extra: serde_json::Map::new(),
        }],
        attempt,
        nonce: super::new_nonce(),
        extra: serde_json::Map::new(),
    }
}

/// Lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

/// A teamspace over any store.
pub(crate) async fn teamspace_over(objects: Arc<dyn ObjectStore>) -> super::Teamspace {
    let now = jiff::Timestamp::UNIX_EPOCH;
    super::Teamspace::over(objects, "/a/store/without/folders", "Team", now).await.unwrap()
}

/// Passes on so many calls; the next never ends, as for somebody who is killed there.
#[derive(Debug)]
pub(crate) struct Halting {
    inner: Arc<dyn ObjectStore>,
    left: AtomicUsize,
    /// The last call is passed on, and only its answer never comes.
    after: bool,
    halted: Arc<tokio::sync::Notify>,
}

impl Halting {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, calls: usize, after: bool) -> Self {
        Self { inner, left: AtomicUsize::new(calls), after, halted: Arc::default() }
    }

    /// Told when the call that never ends has begun.
    pub(crate) fn halted(&self) -> Arc<tokio::sync::Notify> {
        self.halted.clone()
    }

    async fn step<T>(&self, call: impl Future<Output = T>) -> T {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() {
            return call.await;
        }
        if self.after {
            call.await;
        }
        self.halted.notify_one();
        std::future::pending().await
    }
}

impl fmt::Display for Halting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Halting({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Halting {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.step(self.inner.put_opts(path, payload, options)).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.step(self.inner.put_multipart_opts(path, options)).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.step(self.inner.get_opts(path, options)).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// Notes the calls that it passes on, and lets others go first with each, as a store far away does.
#[derive(Debug)]
pub(crate) struct Counting {
    inner: Arc<dyn ObjectStore>,
    asked: Mutex<Vec<String>>,
}

impl Counting {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, asked: Mutex::default() }
    }

    /// How many calls there were since this was asked last.
    pub(crate) fn take(&self) -> usize {
        self.take_asked().len()
    }

    /// Which calls there were since this was asked last, each with the key that it was about.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn note(&self, what: &str, path: Option<&Path>) {
        let path = path.map(Path::as_ref).unwrap_or_default();
        self.asked.lock().unwrap().push(format!("{what} {path}"));
    }

    async fn turn(&self, what: &str, path: &Path) {
        self.note(what, Some(path));
        tokio::task::yield_now().await;
    }
}

impl fmt::Display for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Counting({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Counting {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.turn("put", path).await;
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.note("put", Some(path));
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.turn(if options.head { "head" } else { "get" }, path).await;
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.note("delete", None);
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.note("list", prefix);
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.note("list", prefix);
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.note("copy", Some(from));
        self.inner.copy_opts(from, to, options).await
    }
}
