//! The log: what happened in a teamspace, in order.
//!
//! Entries are numbered from 1 without gaps, each created once by whoever was first; whoever lost reads what
//! came between and takes the next number. No clock is needed to put them in order.

use std::time::Duration;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::atomic::Ordering;

use super::exclusive::Created;
use super::manifest::{Manifest, to_json};
use super::{Error, Teamspace, key, new_nonce};
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
    /// The teamspace stands somewhere else now.
    Moved {
        /// Where.
        location: super::Location,
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
        let mut last = self.seen.load(Ordering::Relaxed);
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
        let nonce = new_nonce();
        let latest = self.latest().await?;
        let mut last = ops.iter().map(|(after, _)| *after).min().unwrap_or(latest).min(latest);
        for tries in 0..TRIES {
            loop {
                let next = last.saturating_add(1);
                match self.read(next).await {
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
            if ops.is_empty() {
                return Ok(last);
            }
            let n = last.saturating_add(1);
            let ops: Vec<Op> = ops.iter().map(|(_, op)| op.clone()).collect();
            let entry = Entry { n, writer: writer.to_owned(), nonce: nonce.clone(), at, ops };
            match self.store.create(&key::log_entry(n), to_json(&entry).into()).await? {
                Created::Won => {
                    self.seen.fetch_max(n, Ordering::Relaxed);
                    return Ok(n);
                }
                Created::Lost(_) => tokio::time::sleep(pause(tries)).await,
            }
        }
        Err(Error::Contended { what: "its log".to_owned() })
    }

    /// Reads entry `n`; none when it is not written yet.
    pub async fn read(&self, n: u64) -> Result<Option<Entry>, Error> {
        let at = key::log_entry(n);
        let Some(bytes) = self.store.get(&at).await? else { return Ok(None) };
        self.seen.fetch_max(n, Ordering::Relaxed);
        let damaged = |detail: String| Error::Damaged { what: at.clone(), detail };
        let entry: Entry = serde_json::from_slice(&bytes)
            .map_err(|error| damaged(format!("line {}, column {}", error.line(), error.column())))?;
        if entry.n == n { Ok(Some(entry)) } else { Err(damaged(format!("it is entry {}", entry.n))) }
    }

    /// The number of the last entry; 0 when the log is empty. Few looks, however long the log is: in steps
    /// that double, then by halves.
    pub async fn latest(&self) -> Result<u64, Error> {
        let mut there = self.seen.load(Ordering::Relaxed);
        let mut step = 1;
        let mut gone = loop {
            let next = there.saturating_add(step);
            if !self.is_written(next).await? {
                break next;
            }
            there = next;
            step = step.saturating_mul(2);
        };
        while gone - there > 1 {
            let middle = there + (gone - there) / 2;
            if self.is_written(middle).await? { there = middle } else { gone = middle }
        }
        self.seen.fetch_max(there, Ordering::Relaxed);
        Ok(there)
    }

    async fn is_written(&self, n: u64) -> Result<bool, Error> {
        Ok(self.store.size(&key::log_entry(n)).await?.is_some())
    }
}

/// Writers that met wait for different times, longer the more often they meet.
fn pause(tries: u32) -> Duration {
    let longest = (2u64 << tries.min(7)).min(250);
    Duration::from_millis(rand::random_range(0..=longest))
}
