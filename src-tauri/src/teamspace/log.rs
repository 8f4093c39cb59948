//! The log: what happened in a teamspace, in order.
//!
//! Entries are numbered from 1 without gaps, each created once by whoever was first; whoever lost reads what
//! came between and takes the next number. No clock is needed to put them in order.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use object_store::ObjectMeta;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::exclusive::Created;
use super::manifest::{Manifest, to_json};
use super::patience::{MIN_ROUND, Patience, REGARD};
use super::{Error, Teamspace, Whereabouts, key, new_nonce};
use crate::recording::RecordingId;

/// Operations that one entry holds at most.
pub const MAX_OPS: usize = 100;

/// How often a number is tried for before it is given up.
const TRIES: u32 = 400;

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub n: u64,
    /// Id of the profile that wrote it.
    pub writer: String,
    /// Makes it unlike any other writer's.
    pub nonce: String,
    /// When it was written, by the writer's clock; information only.
    pub at: Timestamp,
    /// What happened.
    pub ops: Vec<Op>,
}

/// An entry whose operations are as they stand there: a copy says all that a newer version said.
#[derive(Debug, Deserialize)]
pub(super) struct RawEntry {
    n: u64,
    pub(super) writer: String,
    pub(super) at: Timestamp,
    pub(super) ops: Vec<Value>,
}

/// One operation, and what its entry says about it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Told {
    /// Number of the entry: what is later is larger.
    pub n: u64,
    /// Id of the profile that wrote it.
    pub writer: String,
    /// When it was written, by the writer's clock; information only.
    pub at: Timestamp,
    /// What happened.
    pub op: Op,
}

impl Entry {
    /// Its operations, each with what the entry says about it.
    pub fn told(self) -> impl Iterator<Item = Told> {
        let Self { n, writer, at, ops, .. } = self;
        ops.into_iter().map(move |op| Told { n, writer: writer.clone(), at, op })
    }
}

/// What this process knows of a log that others write too.
#[derive(Debug, Default)]
pub(super) struct LogState {
    /// The largest number that is known to be in the log.
    seen: AtomicU64,
    /// The largest number of a checkpoint that is known to be there.
    checkpoint: AtomicU64,
    /// Whoever writes in this process: one after the other, in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    /// Others were met lately: so many more entries are written with regard for them.
    met: AtomicU32,
    /// The largest number whose entry was read or written here.
    checked: AtomicU64,
    /// The entry that says where the teamspace went, once it was read.
    moved: OnceLock<(u64, Whereabouts)>,
}

impl LogState {
    pub(super) fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    pub(super) fn checkpoint(&self) -> u64 {
        self.checkpoint.load(Ordering::Relaxed)
    }

    pub(super) fn note(&self, n: u64) {
        self.seen.fetch_max(n, Ordering::Relaxed);
    }

    pub(super) fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }

    pub(super) fn note_checked(&self, n: u64) {
        self.checked.fetch_max(n, Ordering::Relaxed);
    }

    pub(super) fn moved(&self) -> Option<&(u64, Whereabouts)> {
        self.moved.get()
    }

    pub(super) fn note_checkpoint(&self, n: u64) {
        self.checkpoint.fetch_max(n, Ordering::Relaxed);
        self.note(n);
    }
}

/// One operation of the log. One that a newer version writes is kept as it is, and skipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Op {
    /// One that this version knows.
    Known(KnownOp),
    /// One that it does not.
    Unknown(Value),
}

/// An operation that this version knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum KnownOp {
    /// A recording was published.
    Add {
        /// The recording.
        recording_id: RecordingId,
        /// SHA-256 of its manifest, lower-case hex.
        manifest: String,
        /// Its title.
        title: String,
        /// When it began.
        start: Timestamp,
        /// Its length in seconds.
        duration: u64,
        /// Sum of the sizes of its files, in bytes.
        size: u64,
    },
    /// Something that was finished later was published.
    Addendum {
        /// The recording that it belongs to.
        recording_id: RecordingId,
        /// SHA-256 of the addendum, lower-case hex.
        manifest: String,
        /// Sum of the sizes of its files, in bytes.
        size: u64,
    },
    /// A person changed a field. The later number wins; what was there before stays in the history.
    ///
    /// `title` is a text. `tags` is a [`TagChange`]: what two people add at once stays both; or the whole list.
    Set {
        /// The recording.
        recording_id: RecordingId,
        /// Which field.
        field: String,
        /// Its new value.
        value: Value,
        /// The last number that the person had seen.
        base: u64,
    },
    /// A person put a recording into the trash.
    Trash {
        /// The recording.
        recording_id: RecordingId,
    },
    /// A person took it out of the trash.
    Restore {
        /// The recording.
        recording_id: RecordingId,
    },
    /// Its files were deleted; its manifest stays as the mark against importing it again.
    Delete {
        /// The recording.
        recording_id: RecordingId,
    },
    /// Who a member is.
    Member {
        /// Id of the profile.
        profile: String,
        /// Its name.
        name: String,
        /// A small square photo as a `data:` address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        photo: Option<String>,
    },
    /// A profile claimed a Zoom account.
    Claim {
        /// SHA-256 of the Zoom user's id, lower-case hex.
        account: String,
        /// Id of the profile.
        profile: String,
        /// Its name.
        name: String,
    },
    /// A profile released a Zoom account.
    Release {
        /// SHA-256 of the Zoom user's id, lower-case hex.
        account: String,
        /// Id of the profile.
        profile: String,
    },
    /// The teamspace stands somewhere else now, and nothing is written here any more.
    Moved {
        /// Where.
        location: Whereabouts,
    },
}

/// Tags that are added to a recording and taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TagChange {
    /// Those to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Those to take off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

impl Op {
    /// A recording was published with this manifest; `bytes` are what is stored.
    pub(super) fn add(manifest: &Manifest, bytes: &[u8]) -> Self {
        Self::Known(KnownOp::Add {
            recording_id: manifest.recording_id.clone(),
            manifest: digest(bytes),
            title: manifest.title.clone(),
            start: manifest.start,
            duration: manifest.duration,
            size: manifest.size(),
        })
    }

    /// An addendum was published; `bytes` are what is stored.
    pub(super) fn addendum(addendum: &Manifest, bytes: &[u8]) -> Self {
        Self::Known(KnownOp::Addendum {
            recording_id: addendum.recording_id.clone(),
            manifest: digest(bytes),
            size: addendum.size(),
        })
    }
}

impl From<KnownOp> for Op {
    fn from(op: KnownOp) -> Self {
        Self::Known(op)
    }
}

fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

impl Teamspace {
    /// Writes operations at the end of the log and returns the number of the last entry written, or of the
    /// last known one when there is nothing to write. `writer` is the profile's id.
    ///
    /// An error may leave the first of several entries written; writing all again does no harm.
    pub async fn append(&self, ops: &[Op], writer: &str, at: Timestamp) -> Result<u64, Error> {
        let mut last = self.log.seen();
        for ops in ops.chunks(MAX_OPS) {
            let ops = ops.iter().map(|op| (u64::MAX, op.clone())).collect();
            last = self.append_once(ops, writer, at).await?;
        }
        Ok(last)
    }

    /// Writes those of at most [`MAX_OPS`] operations that the log does not hold yet, and returns the number of
    /// the last entry. Each comes with a number up to which the log was read and did not hold it.
    ///
    /// Whoever loses a number reads what was written there first. So of several who say the same thing at once,
    /// or again after a crash, one says it.
    pub async fn append_once(
        &self,
        mut ops: Vec<(u64, Op)>,
        writer: &str,
        at: Timestamp,
    ) -> Result<u64, Error> {
        let _turn = self.log.turn.lock().await;
        let nonce = new_nonce();
        let latest = self.latest().await?;
        self.refuse_moved(latest).await?;
        let mut last = ops.iter().map(|(after, _)| *after).min().unwrap_or(latest).min(latest);
        let mut round = MIN_ROUND;
        let mut patience = Patience::new(self.log.met.load(Ordering::Relaxed) > 0);
        for tries in 0..TRIES {
            if let Some(pause) = patience.pause(round) {
                tokio::time::sleep(pause).await;
            }
            let begun = Instant::now();
            loop {
                let next = last.saturating_add(1);
                match self.read(next).await {
                    // What came before a checkpoint may have been removed.
                    Ok(None) if next <= latest && next <= self.newest_checkpoint().await? => {
                        last = self.log.checkpoint();
                        continue;
                    }
                    Ok(None) => break,
                    // A late arrival of this very call, under a number that we had given up.
                    Ok(Some(entry)) if entry.nonce == nonce => return Ok(next),
                    Ok(Some(entry)) => ops.retain(|(after, op)| next <= *after || !entry.ops.contains(op)),
                    // What nobody can read says nothing to anybody.
                    Err(Error::Damaged { .. } | Error::TooNew { .. }) => {}
                    Err(error) => return Err(error),
                }
                last = next;
            }
            self.refuse_known_moved()?;
            if ops.is_empty() {
                return Ok(last);
            }
            let n = last.saturating_add(1);
            let ops: Vec<Op> = ops.iter().map(|(_, op)| op.clone()).collect();
            let entry = Entry { n, writer: writer.to_owned(), nonce: nonce.clone(), at, ops };
            if self.store.create(&key::log_entry(n), to_json(&entry).into()).await? == Created::Won {
                self.log.note(n);
                self.log.checked.fetch_max(n, Ordering::Relaxed);
                let met = self.log.met.load(Ordering::Relaxed).saturating_sub(1);
                self.log.met.store(if tries > 0 { REGARD } else { met }, Ordering::Relaxed);
                return Ok(n);
            }
            round = begun.elapsed();
            patience.lost();
        }
        Err(Error::Contended { what: "its log".to_owned() })
    }

    /// Reads entry `n`; none when it is not written yet.
    pub async fn read(&self, n: u64) -> Result<Option<Entry>, Error> {
        let Some(entry) = self.read_as::<Entry>(n).await? else { return Ok(None) };
        if entry.n != n {
            return Err(other_entry(n, entry.n));
        }
        self.log.checked.fetch_max(n, Ordering::Relaxed);
        for op in &entry.ops {
            if let Op::Known(KnownOp::Moved { location }) = op {
                // The first one stands.
                let _ = self.log.moved.set((n, location.clone()));
            }
        }
        Ok(Some(entry))
    }

    pub(super) async fn read_raw(&self, n: u64) -> Result<Option<RawEntry>, Error> {
        let Some(entry) = self.read_as::<RawEntry>(n).await? else { return Ok(None) };
        if entry.n == n { Ok(Some(entry)) } else { Err(other_entry(n, entry.n)) }
    }

    async fn read_as<T: serde::de::DeserializeOwned>(&self, n: u64) -> Result<Option<T>, Error> {
        let at = key::log_entry(n);
        let Some(bytes) = self.store.get(&at).await? else { return Ok(None) };
        self.log.note(n);
        let damaged = |error: serde_json::Error| Error::Damaged {
            what: at.clone(),
            detail: format!("line {}, column {}", error.line(), error.column()),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    /// The number of the last entry; 0 when the log is empty. Few looks, however long the log is: in steps
    /// that double, then by halves. One whose beginning was removed is looked at from its newest checkpoint on.
    pub async fn latest(&self) -> Result<u64, Error> {
        let mut there = self.log.seen();
        let mut step = 1;
        let mut gone = loop {
            let next = there.saturating_add(step);
            if !self.is_written(next).await? {
                if step == 1 && self.is_behind(there).await? {
                    there = self.log.checkpoint();
                    continue;
                }
                break next;
            }
            there = next;
            step = step.saturating_mul(2);
        };
        while gone - there > 1 {
            let middle = there + (gone - there) / 2;
            if self.is_written(middle).await? { there = middle } else { gone = middle }
        }
        self.log.note(there);
        Ok(there)
    }

    /// Whether entry `n`, which was the last that is known, has gone into a checkpoint since.
    async fn is_behind(&self, n: u64) -> Result<bool, Error> {
        if n > 0 && self.is_written(n).await? {
            return Ok(false);
        }
        Ok(self.newest_checkpoint().await? > n)
    }

    /// The number of the newest checkpoint that is not ahead of the log; 0 when there is none.
    async fn newest_checkpoint(&self) -> Result<u64, Error> {
        for checkpoint in self.checkpoints().await? {
            if self.is_written(checkpoint.n).await? {
                self.log.note_checkpoint(checkpoint.n);
                break;
            }
        }
        Ok(self.log.checkpoint())
    }

    /// Whether entries stand there beyond `n`, with `n` itself missing: a log with a hole. A few looks at the store.
    pub async fn has_hole_at(&self, n: u64) -> Result<bool, Error> {
        let shard = key::log_shard(n);
        let mut later = has_entry(&self.store.list_after(&shard, &key::log_entry(n), STRANGERS).await?);
        let mut others = self.store.folders_in(key::LOG).await?;
        others.retain(|other| *other > shard);
        others.sort();
        for other in others.iter().take(STRANGERS) {
            if later {
                break;
            }
            later = has_entry(&self.store.list_first(other, STRANGERS).await?);
        }
        // Written in between, or never.
        Ok(later && !self.is_written(n).await?)
    }

    /// Writes an empty entry where one is missing, unless somebody was faster: readers go on after it.
    pub async fn fill(&self, n: u64, writer: &str, at: Timestamp) -> Result<(), Error> {
        let entry = Entry { n, writer: writer.to_owned(), nonce: new_nonce(), at, ops: Vec::new() };
        self.store.create(&key::log_entry(n), to_json(&entry).into()).await?;
        Ok(())
    }

    pub(super) async fn is_written(&self, n: u64) -> Result<bool, Error> {
        Ok(self.store.size(&key::log_entry(n)).await?.is_some())
    }
}

/// Objects of other tools that may stand before an entry, and do not hide it.
const STRANGERS: usize = 16;

fn has_entry(found: &[ObjectMeta]) -> bool {
    found.iter().any(|object| key::entry_number(object.location.as_ref()).is_some())
}

fn other_entry(n: u64, found: u64) -> Error {
    Error::Damaged { what: key::log_entry(n), detail: format!("it is entry {found}") }
}
