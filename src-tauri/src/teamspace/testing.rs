//! A store with knobs: it does what real stores were seen to do on a bad day.

use std::collections::VecDeque;
use std::fmt;
use std::io;
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
    let location = super::Location::folder("/a/store/without/folders");
    let store = super::Store { objects, root: None, place: location.place().into(), parts: None };
    let about = super::create_about(&store, "Team".to_owned(), jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    super::Teamspace::new(store, (&location).into(), about, super::Access::ReadWrite)
}
