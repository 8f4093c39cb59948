//! Copying a teamspace to another place, as it is.
//!
//! The place holds `copying.json` from the first moment on and `teamspace.json` only at the very end: until then nobody
//! takes it for a teamspace, and nobody makes another one there. Objects go in the order in which they depend on each
//! other: the files of a recording, its addenda and manifest, claims, then the log, in order; checkpoints after it.
//!
//! Each step looks at what stands at the new place: what has the right size and digest is not sent again, so the same
//! call goes on after any interruption, and any of its futures may be dropped at any moment. What no manifest names (dead attempts), leases and the self-test's objects stay
//! behind.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use object_store::ObjectStoreExt;
use object_store::path::Path as Key;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exclusive::Created;
use super::location::{Access, Location, Place};
use super::log::Op;
use super::manifest::{FORMAT, Manifest, ManifestFile, parse_versioned, to_json};
use super::store::Store;
use super::{Error, Found, Teamspace, Whereabouts, key, new_nonce};
use crate::recording::RecordingId;

/// A copy under way: where from and where to.
#[derive(Debug)]
pub struct Copying {
    pub(super) from: Teamspace,
    /// Opened by its marker: it is no teamspace yet.
    pub(super) to: Teamspace,
    /// The bytes of `teamspace.json`.
    about: Bytes,
}

/// What marks the place of a copy.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: u32,
    /// Id and name of the teamspace that is copied.
    id: String,
    name: String,
    begun_at: Timestamp,
    nonce: String,
}

/// What is heard while copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many more bytes are done with.
    Bytes(u64),
    /// One more file is done with.
    File,
}

/// A file that is not whole at the old place, and was not copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncopied {
    /// Its key in the teamspace.
    pub key: String,
    /// What is wrong with it.
    pub found: Found,
}

/// What became of one recording.
#[derive(Debug, Default)]
pub struct Copied {
    /// Files that are not whole at the old place.
    pub faults: Vec<Uncopied>,
    /// What the log should say about it.
    pub ops: Vec<Op>,
}

/// Refuses a place that holds a copy that is not finished, or a backup. One request.
pub(super) async fn refuse_copy(store: &Store) -> Result<(), Error> {
    let place = store.place.to_string();
    match store.objects.get(&Key::from(key::COPYING)).await {
        Ok(found) => {
            let bytes =
                found.bytes().await.map_err(|source| store.error("read from the teamspace", source))?;
            let marker: Marker = parse_versioned(&bytes, key::COPYING)?;
            Err(Error::Copy { place, name: marker.name })
        }
        Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(source) => Err(store.error("read from the teamspace", source)),
    }
}

impl Copying {
    /// Begins to copy to a place, or goes on there. The place must be empty, or hold what an earlier call left.
    pub async fn begin(from: &Teamspace, place: Place, now: Timestamp) -> Result<Self, Error> {
        refuse_nested(from.location(), &place.location)?;
        if let Location::Folder { path } = &place.location {
            let root = super::location::absolute(path)?;
            super::blocking(move || super::location::folder::make_folder(&root)).await?;
        }
        let (mut store, access) = super::open_store(&place).await?;
        let words = place.location.place();
        if access == Access::ReadOnly {
            return Err(Error::ReadOnly { place: words });
        }
        let about = from.store.get(key::TEAMSPACE).await?;
        let about = about.ok_or_else(|| Error::Unreachable { place: from.location().place() })?;
        let there = store.get(key::TEAMSPACE).await?;
        store.marker = if there.is_some() { key::TEAMSPACE } else { key::COPYING };
        match (there, store.get(key::COPYING).await?) {
            // Made by this copy, which did not hear of it.
            (Some(there), _) if there == about && from.log.moved().is_some() => {}
            (Some(_), _) => return Err(Error::NotEmpty { place: words }),
            (None, Some(marker)) => {
                let marker: Marker = parse_versioned(&marker, key::COPYING)?;
                if marker.id != from.id() {
                    return Err(Error::Copy { place: words, name: marker.name });
                }
            }
            (None, None) => {
                if !store.is_empty().await? {
                    return Err(Error::NotEmpty { place: words });
                }
                if store.probe().await? == Access::ReadOnly {
                    return Err(Error::ReadOnly { place: words });
                }
                let marker = Marker {
                    format: FORMAT,
                    id: from.id().to_owned(),
                    name: from.name().to_owned(),
                    begun_at: now,
                    nonce: new_nonce(),
                };
                if let Created::Lost(_) = store.create_first(key::COPYING, to_json(&marker).into()).await? {
                    return Err(Error::NotEmpty { place: words });
                }
            }
        }
        let noted = serde_json::to_string(&Whereabouts::from(&place.location)).unwrap_or_default();
        let mut to = Teamspace::new(store, place, (*from.about).clone(), Access::ReadWrite);
        to.noted_under = format!("{} {noted}", from.id()).into();
        Ok(Self { from: from.clone(), to, about })
    }

    /// What is copied.
    pub fn source(&self) -> &Teamspace {
        &self.from
    }

    /// Where the copy goes.
    pub fn destination(&self) -> Whereabouts {
        self.to.location().into()
    }

    /// Copies a recording: the files that are named, what else belongs to it, its addenda, its manifest. Of one that was
    /// deleted for good (`gone`), missing files are no fault.
    pub async fn recording(
        &self,
        id: &RecordingId,
        gone: bool,
        told: &(dyn Fn(Step) + Sync),
    ) -> Result<Copied, Error> {
        let folder = key::recording(id);
        let (mut small, mut named) = (Vec::new(), BTreeMap::<String, ManifestFile>::new());
        let (mut copied, mut manifest) = (Copied::default(), None);
        for object in self.from.store.list(&folder).await? {
            let at = object.location.to_string();
            let Some(inside) = at.strip_prefix(&format!("{folder}/")) else { continue };
            let first = inside.split('/').next().unwrap_or_default();
            let is_addendum = first == "addenda" && inside.ends_with(".json");
            if inside == "manifest.json" || is_addendum {
                let bytes = match self.from.store.get(&at).await {
                    Ok(Some(bytes)) => bytes,
                    Ok(None) => continue,
                    Err(Error::Damaged { .. }) => {
                        copied.faults.push(Uncopied { key: at, found: Found::Unreadable });
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                match Manifest::parse(&bytes, id, &at) {
                    Ok(parsed) => {
                        let op = if is_addendum { Op::addendum } else { Op::add };
                        copied.ops.push(op(&parsed, &bytes));
                        for file in parsed.files {
                            named.entry(file.key.clone()).or_insert(file);
                        }
                    }
                    Err(Error::Damaged { .. } | Error::TooNew { .. }) => {
                        copied.faults.push(Uncopied { key: at, found: Found::Unreadable });
                        continue;
                    }
                    Err(error) => return Err(error),
                }
                if is_addendum { small.push((at, bytes)) } else { manifest = Some((at, bytes)) }
            } else if !inside.contains('/') {
                // Of a newer version: as it is.
                self.object(&at, object.size).await?;
            }
        }
        for file in named.values() {
            let at = format!("{folder}/{}", file.key);
            match self.send(&at, file.size, &file.sha256, told).await? {
                Found::Whole => {}
                Found::Missing if gone => {}
                found => copied.faults.push(Uncopied { key: at, found }),
            }
            told(Step::File);
        }
        for (at, bytes) in small.into_iter().chain(manifest) {
            self.put(&at, bytes).await?;
        }
        Ok(copied)
    }

    /// Copies what stands below a folder of the teamspace, for example all claims.
    pub async fn everything_in(&self, folder: &str) -> Result<(), Error> {
        for object in self.from.store.list(folder).await? {
            self.object(object.location.as_ref(), object.size).await?;
        }
        Ok(())
    }

    /// Copies the log from entry `after` + 1 on and returns the number of its last entry. One that moves the teamspace is
    /// not copied: at the new place stands something else under its number.
    pub async fn log(&self, after: u64) -> Result<u64, Error> {
        let mut latest = self.from.latest().await?;
        if let Some((n, _)) = self.from.moved(latest).await? {
            latest = n.saturating_sub(1);
        }
        let mut checkpoints = self.from.checkpoints().await?;
        checkpoints.retain(|checkpoint| checkpoint.n <= latest);
        let pruned = checkpoints.first().map_or(0, |newest| newest.n);
        let mut n = after;
        if n == 0 && pruned > 0 && !self.from.is_written(1).await? {
            // What stood before a checkpoint may have been removed, folder by folder.
            let shards = self.from.store.folders_in(key::LOG).await?;
            let first = shards.iter().filter_map(|shard| key::entry_number(&format!("{shard}/000.json")));
            n = first.min().unwrap_or(pruned).saturating_sub(1);
        }
        while n < latest {
            n = n.saturating_add(1);
            let at = key::log_entry(n);
            match self.from.store.get(&at).await? {
                Some(bytes) => self.put(&at, bytes).await?,
                None if n < pruned => {}
                None => return Err(Error::Missing { what: at }),
            }
        }
        for checkpoint in checkpoints {
            self.object(&checkpoint.key(), checkpoint.size()).await?;
        }
        Ok(latest)
    }

    /// Ends the log of the old place with entry `n`, which says where the teamspace went. `false` when somebody else wrote
    /// that entry: there is more to copy.
    pub async fn end_log(&self, n: u64, writer: &str, at: Timestamp) -> Result<bool, Error> {
        self.from.end_log(n, self.destination(), writer, at).await
    }

    /// Writes, under the number that `moved` has at the old place, what the new log says instead: that the teamspace
    /// arrived. After it, for whoever has read `moved` already, comes what was published at the old place and did not come
    /// into its log.
    pub async fn arrive(&self, n: u64, ops: &[Op], writer: &str, at: Timestamp) -> Result<(), Error> {
        let from = serde_json::to_value(Whereabouts::from(self.from.location())).unwrap_or(Value::Null);
        let arrived = [Op::Unknown(serde_json::json!({ "op": "arrived", "from": from }))];
        let entries = std::iter::once(&arrived[..]).chain(ops.chunks(super::MAX_OPS));
        for (n, ops) in (n..).zip(entries) {
            let entry =
                super::Entry { n, writer: writer.to_owned(), nonce: new_nonce(), at, ops: ops.to_vec() };
            // What an earlier call that was killed wrote there says the same.
            self.to.store.create(&key::log_entry(n), to_json(&entry).into()).await?;
        }
        Ok(())
    }

    /// Gives up what was begun of files that turned out to be damaged. A store that does not let us has its own rule.
    async fn give_up_rest(&self) {
        if let Err(error) = self.to.give_up_rest().await {
            tracing::info!(%error, "parts of files that were not copied are left at the new place");
        }
    }

    /// Makes the copy a teamspace. Nothing may be missing then.
    pub async fn finish(&self) -> Result<(), Error> {
        self.give_up_rest().await;
        match self.to.store.create_first(key::TEAMSPACE, self.about.clone()).await? {
            Created::Lost(there) if there != self.about => {
                Err(Error::NotEmpty { place: self.to.location().place() })
            }
            _ => {
                // Who may not remove it leaves it there: `teamspace.json` makes it meaningless.
                for left in [key::BACKUP, key::COPYING] {
                    let _ = self.to.store.delete(&Key::from(left)).await;
                }
                Ok(())
            }
        }
    }

    /// Makes the copy a backup: all of the teamspace, and not usable as one beside the original.
    pub async fn finish_backup(&self) -> Result<(), Error> {
        self.give_up_rest().await;
        self.put(key::BACKUP, self.about.clone()).await
    }

    /// Creates a small object. The same one is there already: fine.
    async fn put(&self, at: &str, bytes: Bytes) -> Result<(), Error> {
        if self.to.store.size(at).await? == Some(bytes.len() as u64)
            && self.to.store.get(at).await?.as_ref() == Some(&bytes)
        {
            return Ok(());
        }
        self.clear_staged(at).await;
        match self.to.store.create(at, bytes.clone()).await? {
            Created::Lost(there) if there != bytes => Err(Error::Damaged {
                what: at.to_owned(),
                detail: "something else stands at the new place".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Copies an object that no manifest describes, as it is.
    async fn object(&self, at: &str, size: u64) -> Result<(), Error> {
        if !key::is_sound(at) {
            return Ok(());
        }
        let digest = self.from.digest(at).await?;
        match self.send(at, size, &digest, &|_| {}).await? {
            Found::Whole => Ok(()),
            _ => {
                Err(Error::Damaged { what: at.to_owned(), detail: "it changed while it was read".to_owned() })
            }
        }
    }
}

/// Refuses a place inside of the other one, or the same one.
fn refuse_nested(from: &Location, to: &Location) -> Result<(), Error> {
    let nested = match (from, to) {
        (Location::Folder { path: from }, Location::Folder { path: to }) => {
            let (from, to) = (real(from), real(to));
            to.starts_with(&from) || from.starts_with(&to)
        }
        (Location::Bucket(from), Location::Bucket(to)) => {
            let inside = |a: &str, b: &str| a.is_empty() || format!("{b}/").starts_with(&format!("{a}/"));
            (&from.endpoint, &from.bucket) == (&to.endpoint, &to.bucket)
                && (inside(&from.prefix, &to.prefix) || inside(&to.prefix, &from.prefix))
        }
        _ => false,
    };
    if nested {
        return Err(Error::Invalid("a teamspace cannot be copied into itself, or into what holds it"));
    }
    Ok(())
}

/// The path without links, as far as it exists.
fn real(path: &str) -> std::path::PathBuf {
    let path = std::path::Path::new(path);
    let Some(there) = path.ancestors().find(|path| path.exists()) else { return path.to_owned() };
    match (there.canonicalize(), path.strip_prefix(there)) {
        (Ok(real), Ok(rest)) => real.join(rest),
        _ => path.to_owned(),
    }
}
