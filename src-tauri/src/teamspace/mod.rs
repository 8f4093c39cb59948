//! Teamspaces: the stores of recordings that a team shares. Everything others may use is in this file.
//!
//! A teamspace is an object store used with one primitive, put if absent. Everything in it is immutable; a
//! recording is there when its manifest is; order comes from one numbered log. Colleagues on other machines
//! write at the same time, and nothing here needs their clocks or their good behaviour.
//!
//! # Why
//!
//! Compare-and-swap and locks differ from store to store and fail in silence on several; put if absent is
//! the least that makes "exactly once" possible, and a store can be tested for it.

mod checkpoint;
mod claim;
mod contents;
mod copying;
mod error;
mod exclusive;
mod frames;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod key;
mod lease;
mod location;
mod log;
mod manifest;
mod member;
mod moved;
mod on_disk;
mod paced;
mod patience;
mod probe;
mod publish;
mod reach;
mod sending;
mod store;
mod trouble;
mod upload;
mod uploads;
mod wire;
#[cfg(test)]
mod buckets;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod conformance_killed;
#[cfg(test)]
mod conformance_leases;
#[cfg(test)]
mod conformance_log;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod uploading;
#[cfg(test)]
mod uploading_memory;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use object_store::ObjectStore;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

pub use checkpoint::{Checkpoint, CheckpointReader, EVERY, Progress};
pub use claim::{Claimant, Claimed};
pub use contents::{AttemptFolder, Found, Published, RecordingFolder};
pub use copying::{Copied, Copying, Step, Uncopied};
pub use error::Error;
pub use key::{entry_number, file_name, log_entry as entry_key, new_attempt};
pub use lease::{Lease, Leased};
pub use location::{Bucket, Credentials, Location, Place, free_bytes};
pub use log::{Entry, KnownOp, MAX_OPS, Op, TagChange, Told};
pub use manifest::{FORMAT, Manifest, ManifestFile, Source};
pub use member::Member;
pub use moved::Whereabouts;
pub use publish::{Outcome, Publication, Staged};
pub use reach::{Keys, Reach, Road};
pub use trouble::Trouble;
pub use uploads::Uploads;

use crate::error::UserError;
use crate::recording::RecordingId;
use exclusive::Created;
use location::Access;
use store::Store;

/// A teamspace as the window and the command line list it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TeamspaceInfo {
    /// Its id, from `teamspace.json`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// Whether it can be used now.
    pub state: TeamspaceState,
    /// What is wrong with it, when it cannot be used wholly.
    pub error: Option<UserError>,
    /// What a person should know about its place, for example a synced folder.
    pub warnings: Vec<UserError>,
    /// How many recordings it holds.
    #[ts(type = "number")]
    pub recordings: u64,
}

/// Whether a teamspace can be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TeamspaceState {
    /// Read and write.
    Ready,
    /// Read only.
    ReadOnly,
    /// Its place is not there now: unplugged, unmounted, removed.
    Unreachable,
    /// It is there and must not be used: newer format, unsafe place.
    Refused,
}

/// A place that passed its test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Tested {
    /// The name of the teamspace that stands there; none when a new one would be made.
    pub teamspace: Option<String>,
    /// Who uses it, by name, as far as that could be read in a few seconds.
    pub members: Vec<Member>,
    /// Whether there may be more members than these.
    pub more_members: bool,
    /// Whether it can be read and not written.
    pub read_only: bool,
    /// What a person should know about the place, for example a synced folder.
    pub warnings: Vec<UserError>,
}

impl Tested {
    /// A place where a new teamspace would be made.
    pub fn nothing_there() -> Self {
        Self {
            teamspace: None,
            members: Vec::new(),
            more_members: false,
            read_only: false,
            warnings: Vec::new(),
        }
    }
}

/// An open teamspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Teamspace {
    store: Store,
    location: Location,
    about: Arc<About>,
    access: Access,
    /// Entries from one checkpoint to the next: [`EVERY`], and fewer only in stories about checkpoints.
    every: u64,
    log: Arc<log::LogState>,
    /// Uploads that are under way; none forgets them with its process.
    uploads: Option<Uploads>,
    /// The name that they are noted under: its id; while it is a copy that is not finished, also its place, because
    /// the original can have uploads of the same keys.
    noted_under: Arc<str>,
}

/// `teamspace.json`: what makes a place a teamspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct About {
    format: u32,
    id: String,
    name: String,
    created_at: Timestamp,
    /// What a version must know to use it; this one knows none.
    #[serde(default)]
    features: Vec<String>,
    nonce: String,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

/// Where the bytes of a stored file are.
#[derive(Debug, Clone)]
pub enum FileSource {
    /// A file on this machine or a file server.
    Path(PathBuf),
    /// An object in a store, to be read by ranges.
    Object {
        /// The store.
        store: Arc<dyn ObjectStore>,
        /// Its key in the store.
        path: object_store::path::Path,
    },
}

impl Teamspace {
    /// Makes a teamspace at a place, with the folders it needs, when the place passes its test; only ever after
    /// a person asked for it. One that is already there is opened, and keeps its name.
    pub async fn create(place: impl Into<Place>, name: &str, now: Timestamp) -> Result<Self, Error> {
        let (place, name) = (place.into(), checked_name(name)?);
        if let Location::Folder { path } = &place.location {
            let root = location::absolute(path)?;
            blocking(move || location::folder::make_folder(&root)).await?;
        }
        let (store, access) = open_store(&place).await?;
        let access = match access {
            Access::ReadOnly if store.get(key::TEAMSPACE).await?.is_none() => {
                return Err(Error::ReadOnly { place: place.location.place() });
            }
            Access::ReadOnly => Access::ReadOnly,
            Access::ReadWrite => store.probe().await?,
        };
        let about = match access {
            Access::ReadWrite => create_about(&store, name, now).await?,
            Access::ReadOnly => match store.get(key::TEAMSPACE).await? {
                Some(bytes) => About::parse(&bytes)?,
                None => return Err(Error::ReadOnly { place: place.location.place() }),
            },
        };
        Ok(Self::new(store, place, about, access))
    }

    /// Opens the teamspace that stands at a place. With `expected`, its id, another one there is refused, and
    /// nothing there means that its disk is away.
    pub async fn open(place: impl Into<Place>, expected: Option<&str>) -> Result<Self, Error> {
        let place = place.into();
        let (store, mut access) = open_store(&place).await?;
        let found = store.get(key::TEAMSPACE).await?;
        let about = match (&found, expected) {
            (Some(bytes), _) => About::parse(bytes)?,
            (None, None) => {
                copying::refuse_copy(&store).await?;
                return Err(Error::NotATeamspace { place: place.location.place() });
            }
            (None, Some(_)) => return Err(Error::Unreachable { place: place.location.place() }),
        };
        if expected.is_some_and(|id| id != about.id) {
            return Err(Error::AnotherTeamspace { place: place.location.place(), name: about.name });
        }
        if let (Location::Bucket(_), Some(bytes)) = (&place.location, found) {
            access = store.may_write(bytes).await?;
        }
        Ok(Self::new(store, place, about, access))
    }

    /// Opens the teamspace in an object store that is given as it is, or makes one there: for measuring, and for trying
    /// what a store does on a bad day. It is not tested; `place` names it to people.
    pub async fn over(
        objects: Arc<dyn ObjectStore>,
        place: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let store = Store { objects, root: None, place: place.into(), parts: None, marker: key::TEAMSPACE };
        let about = create_about(&store, checked_name(name)?, now).await?;
        Ok(Self::new(store, (&Location::folder(place)).into(), about, Access::ReadWrite))
    }

    /// The name of the teamspace that stands at a place, after a test of the place; none when it can become one.
    /// Makes nothing but what the test needs, and not the folder itself.
    pub async fn test(place: impl Into<Place>) -> Result<Tested, Error> {
        let place = place.into();
        let (store, access) = open_store(&place).await?;
        let about = match store.get(key::TEAMSPACE).await? {
            Some(bytes) => Some(About::parse(&bytes)?),
            None => {
                copying::refuse_copy(&store).await?;
                None
            }
        };
        let access = match access {
            Access::ReadWrite => store.probe().await?,
            Access::ReadOnly => Access::ReadOnly,
        };
        if about.is_none() && access == Access::ReadOnly {
            return Err(Error::ReadOnly { place: place.location.place() });
        }
        let (read_only, warnings) = (access == Access::ReadOnly, place.location.warnings());
        let Some(about) = about else {
            return Ok(Tested { read_only, warnings, ..Tested::nothing_there() });
        };
        let found = Self::new(store, place, about, access);
        let (members, more_members) = found.members_so_far().await;
        Ok(Tested { teamspace: Some(found.name().to_owned()), members, more_members, read_only, warnings })
    }

    fn new(store: Store, place: Place, about: About, access: Access) -> Self {
        let Place { location, reach } = place;
        let noted_under = about.id.as_str().into();
        let (about, log) = (Arc::new(about), Arc::default());
        Self { store, location, about, access, every: EVERY, log, uploads: reach.uploads, noted_under }
    }

    /// Its id, a UUIDv7.
    pub fn id(&self) -> &str {
        &self.about.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// Where it stands.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        self.about.created_at
    }

    /// Whether it can be used now: its place is looked at again.
    pub async fn state(&self) -> Result<TeamspaceState, Error> {
        match &self.location {
            Location::Folder { .. } => self.store.ensure_there().await?,
            Location::Bucket(_) => {
                if self.store.get(key::TEAMSPACE).await?.is_none() {
                    return Err(Error::Unreachable { place: self.location.place() });
                }
            }
        }
        Ok(self.opened_as())
    }

    /// Whether it could be written when it was opened.
    pub fn opened_as(&self) -> TeamspaceState {
        match self.access {
            Access::ReadWrite => TeamspaceState::Ready,
            Access::ReadOnly => TeamspaceState::ReadOnly,
        }
    }

    /// Where the bytes of a recording's file are. `key` is relative to the recording's folder.
    pub fn file_source(&self, id: &RecordingId, key: &str) -> Result<FileSource, Error> {
        let full = self.full_key(id, key)?;
        Ok(match self.store.root() {
            Some(root) => FileSource::Path(root.join(full)),
            None => FileSource::Object {
                store: self.store.objects.clone(),
                path: object_store::path::Path::from(full),
            },
        })
    }

    /// Reads a small file of a recording whole: a transcript, a chat.
    pub async fn read_file(&self, id: &RecordingId, key: &str) -> Result<Bytes, Error> {
        let full = self.full_key(id, key)?;
        self.store.get(&full).await?.ok_or(Error::Missing { what: full })
    }

    /// Reads a stretch of a file of a recording.
    pub async fn get_range(
        &self,
        id: &RecordingId,
        key: &str,
        range: std::ops::Range<u64>,
    ) -> Result<Bytes, Error> {
        use object_store::ObjectStoreExt;
        let full = self.full_key(id, key)?;
        let path = object_store::path::Path::from(full.as_str());
        match self.store.objects.get_range(&path, range).await {
            Err(object_store::Error::NotFound { .. }) => {
                self.store.ensure_there().await?;
                Err(Error::Missing { what: full })
            }
            read => read.map_err(|source| self.store.error("read from the teamspace", source)),
        }
    }

    /// Every recording whose manifest is there, by looking at all keys: slow, for repairs only.
    pub async fn list_recordings(&self) -> Result<Vec<RecordingId>, Error> {
        let found = self.store.list("recordings").await?;
        let ids = found.iter().filter_map(|object| {
            let mut parts = object.location.as_ref().split('/').skip(1);
            match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(_), Some(id), Some("manifest.json"), None) => id.parse::<RecordingId>().ok(),
                _ => None,
            }
        });
        Ok(ids.collect())
    }

    fn full_key(&self, id: &RecordingId, key: &str) -> Result<String, Error> {
        let full = format!("{}/{key}", key::recording(id));
        if key::is_sound(&full) { Ok(full) } else { Err(Error::Invalid("this is not the key of a file")) }
    }
}

impl About {
    fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let about: Self = manifest::parse_versioned(bytes, key::TEAMSPACE)?;
        if let Some(feature) = about.features.first() {
            tracing::info!(%feature, "a teamspace needs a feature that this version does not have");
            return Err(Error::TooNew { what: key::TEAMSPACE.to_owned() });
        }
        if about.id.parse::<uuid::Uuid>().is_err() {
            let detail = "its id is not a UUID".to_owned();
            return Err(Error::Damaged { what: key::TEAMSPACE.to_owned(), detail });
        }
        Ok(about)
    }
}

async fn create_about(store: &Store, name: String, now: Timestamp) -> Result<About, Error> {
    if let Some(bytes) = store.get(key::TEAMSPACE).await? {
        return About::parse(&bytes);
    }
    copying::refuse_copy(store).await?;
    let about = About {
        format: FORMAT,
        id: uuid::Uuid::now_v7().to_string(),
        name,
        created_at: now,
        features: Vec::new(),
        nonce: new_nonce(),
        extra: Map::new(),
    };
    match store.create_first(key::TEAMSPACE, manifest::to_json(&about).into()).await? {
        Created::Won => Ok(about),
        Created::Lost(theirs) => About::parse(&theirs),
    }
}

/// The store of a place, and what may be done there. Of a bucket that is not known before it was written to.
async fn open_store(place: &Place) -> Result<(Store, Access), Error> {
    let words = place.location.place().into();
    match &place.location {
        Location::Folder { path } => {
            let root = location::absolute(path)?;
            let (objects, access, root) = blocking(move || {
                let objects = location::folder::folder_store(&root)?;
                let access = location::folder::test_folder(&root)?;
                Ok((objects, access, root))
            })
            .await?;
            let objects = Arc::new(objects);
            Ok((
                Store {
                    objects,
                    root: Some(Arc::new(root)),
                    place: words,
                    parts: None,
                    marker: key::TEAMSPACE,
                },
                access,
            ))
        }
        Location::Bucket(bucket) => {
            let objects = bucket.store(&place.reach)?;
            let parts: Option<Arc<dyn store::InParts>> = Some(objects.clone());
            let store = Store { objects, root: None, place: words, parts, marker: key::TEAMSPACE };
            store.may_list().await?;
            Ok((store, Access::ReadWrite))
        }
    }
}

/// Folders can hang for as long as a file server does: they are looked at from a thread of their own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(stopped) => Err(Error::Io {
            attempted: "look at the teamspace's folder".to_owned(),
            source: std::io::Error::other(stopped),
        }),
    }
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::Invalid("a teamspace needs a name of 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

/// A fresh nonce: unlike any other writer's.
pub fn new_nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}
