//! Checkpoints: the log up to a number, as far as it still matters, so that a first reader need not read all of it.
//!
//! Every [`EVERY`] entries whoever notices writes one, created once; that several try is harmless. It is a list of
//! operations as the log has them, each with its number, writer and time, in the same order: applying it runs the same
//! code as applying entries. What an administrator may remove when a log has become long is what stands before the
//! newest checkpoint's number; the entry of that number stays, and says that the checkpoint is not ahead of the log.
//!
//! # What matters
//!
//! The first `add` of each recording and manifest, each addendum once, every `set` (the history stays visible), every
//! `trash`, `restore`, `delete`, `claim`, `release` and `moved`, the last `member` of each profile, and what this
//! version does not know, as it is. Entries that nobody can read are named, so that a reader can say so.
//!
//! # Why it is sent in one piece
//!
//! Some 72 MB for a million recordings. An upload in parts ends without the condition that a checkpoint is created once:
//! few stores know it there. Sending has time in proportion to its size (`wire.rs`), and whoever fails leaves it to the
//! next.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::exclusive::Created;
use super::frames::{self, FrameReader, FrameWriter};
use super::log::{RawEntry, Told};
use super::manifest::parse_versioned;
use super::{Error, FORMAT, Teamspace, key, new_nonce};

/// Entries from one checkpoint to the next.
pub const EVERY: u64 = 1_000;

/// Bytes of a checkpoint at most, compressed: some ten million recordings.
const MAX_SIZE: u64 = 1 << 30;
/// The newest ones that are looked at: those before stand in for one that is damaged.
const LOOKED_AT: usize = 8;
/// Entries that are read at once.
const AT_ONCE: usize = 16;

/// A checkpoint that stands in a teamspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of the last entry that is in it.
    pub n: u64,
    size: u64,
}

impl Checkpoint {
    /// Its key.
    pub fn key(&self) -> String {
        key::checkpoint(self.n)
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

/// How far a checkpoint is read, so that reading can go on there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Number of the checkpoint.
    pub n: u64,
    /// Which one it is.
    pub nonce: String,
    /// Bytes of it that are done with.
    pub offset: u64,
    /// Operations of it that are done with.
    pub ops: u64,
}

/// The first line of a checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Header {
    format: u32,
    /// Number of the last entry that is in it.
    n: u64,
    /// Makes it unlike any other writer's.
    nonce: String,
    writer: String,
    at: Timestamp,
    /// How many operations follow.
    ops: u64,
    /// Entries up to `n` that could not be read.
    #[serde(default)]
    skipped: Vec<u64>,
}

/// Any other line.
#[derive(Serialize)]
struct Line<'a> {
    n: u64,
    writer: &'a str,
    at: Timestamp,
    op: &'a Value,
}

/// What must be known of a line to see whether it still matters.
#[derive(Deserialize)]
struct Peek {
    writer: String,
    op: PeekOp,
}

#[derive(Deserialize)]
struct PeekOp {
    op: Option<String>,
    recording_id: Option<String>,
    manifest: Option<String>,
    profile: Option<String>,
}

/// What a line says for the first time, as a digest: there can be millions.
type Said = [u8; 16];

/// Of what a line is the first, or the last.
enum Matter {
    /// Only the first matters.
    First(Said),
    /// Only the last matters.
    Last(String),
    /// Each matters.
    Each,
}

impl PeekOp {
    fn matter(self, writer: &str) -> Matter {
        match (self.op.as_deref(), self.recording_id, self.manifest, self.profile) {
            (Some(op @ ("add" | "addendum")), Some(id), Some(manifest), _) => {
                let digest = Sha256::digest(format!("{op} {id} {manifest}"));
                let mut said = Said::default();
                said.iter_mut().zip(digest).for_each(|(said, byte)| *said = byte);
                Matter::First(said)
            }
            (Some("member"), _, _, Some(profile)) => {
                // Of others nobody says who they are: what they write there must not push out the person's own word.
                Matter::Last(format!("{writer} {profile}"))
            }
            _ => Matter::Each,
        }
    }
}

/// A line whose operation has other fields than ours matters as it is.
fn matter(line: &[u8]) -> Matter {
    serde_json::from_slice::<Peek>(line).map_or(Matter::Each, |peek| peek.op.matter(&peek.writer))
}

/// Reads a checkpoint, piece by piece.
pub struct CheckpointReader {
    header: Header,
    frames: FrameReader,
    what: String,
    ops: u64,
}

impl std::fmt::Debug for CheckpointReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckpointReader").field("header", &self.header).field("ops", &self.ops).finish()
    }
}

impl CheckpointReader {
    /// Begins to read the checkpoint that should be the one of this number; with `from`, where reading of the same one
    /// stood, it goes on there.
    async fn begin(
        mut frames: FrameReader,
        what: String,
        n: u64,
        from: Option<&Progress>,
    ) -> Result<Self, Error> {
        let damaged = |detail: &str| Error::Damaged { what: what.clone(), detail: detail.to_owned() };
        let first = frames.next().await?.ok_or_else(|| damaged("it is empty"))?;
        let header: Header = parse_versioned(&first, &what)?;
        if header.n != n || header.nonce.is_empty() {
            return Err(damaged("it is another one"));
        }
        let mut ops = 0;
        if let Some(from) = from.filter(|from| (from.n, &from.nonce) == (header.n, &header.nonce)) {
            frames.seek(from.offset.max(frames.offset()));
            ops = from.ops;
        }
        Ok(Self { header, frames, what, ops })
    }

    /// The same of bytes in memory.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) async fn of_bytes(bytes: Bytes, n: u64, from: Option<&Progress>) -> Result<Self, Error> {
        Self::begin(FrameReader::of_bytes(bytes)?, key::checkpoint(n), n, from).await
    }

    /// Keys of the entries that could not be read when it was written.
    pub fn skipped(&self) -> Vec<String> {
        self.header.skipped.iter().map(|n| key::log_entry(*n)).collect()
    }

    /// How far it is read.
    pub fn progress(&self) -> Progress {
        Progress {
            n: self.header.n,
            nonce: self.header.nonce.clone(),
            offset: self.frames.offset(),
            ops: self.ops,
        }
    }

    /// The next operations, some thousands at most; none at its end.
    pub async fn next(&mut self) -> Result<Option<Vec<Told>>, Error> {
        let Some(frame) = self.next_frame().await? else { return Ok(None) };
        let told = frames::lines(&frame)
            .map(|line| serde_json::from_slice::<Told>(line).ok().filter(|told| told.n <= self.header.n));
        told.collect::<Option<Vec<_>>>().map(Some).ok_or_else(|| self.damaged("one of its lines is none"))
    }

    async fn next_frame(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(frame) = self.frames.next().await? else {
            let whole = self.ops == self.header.ops;
            return if whole {
                Ok(None)
            } else {
                Err(self.damaged("it holds fewer operations than it says"))
            };
        };
        self.ops += frames::lines(&frame).count() as u64;
        if self.ops > self.header.ops {
            return Err(self.damaged("it holds more operations than it says"));
        }
        Ok(Some(frame))
    }

    fn damaged(&self, detail: &str) -> Error {
        Error::Damaged { what: self.what.clone(), detail: detail.to_owned() }
    }
}

impl Teamspace {
    /// The newest checkpoints, newest first: one look at the store.
    pub async fn checkpoints(&self) -> Result<Vec<Checkpoint>, Error> {
        let found = self.store.list_first(key::CHECKPOINTS, LOOKED_AT * 2).await?;
        let named = found.iter().filter_map(|object| {
            Some(Checkpoint { n: frames::number(object.location.as_ref())?, size: object.size })
        });
        let mut found: Vec<Checkpoint> = named.collect();
        found.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.n));
        found.truncate(LOOKED_AT);
        Ok(found)
    }

    /// Opens a checkpoint; with `from`, where reading of the same one stood, it goes on there.
    pub async fn read_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        from: Option<&Progress>,
    ) -> Result<CheckpointReader, Error> {
        let what = checkpoint.key();
        let damaged = |detail: &str| Error::Damaged { what: what.clone(), detail: detail.to_owned() };
        if checkpoint.size > MAX_SIZE {
            return Err(damaged("it is larger than any of ours"));
        }
        if !self.is_written(checkpoint.n).await? {
            return Err(damaged("it is ahead of the log"));
        }
        let frames = FrameReader::of_object(&self.store, &what, checkpoint.size, 0)?;
        CheckpointReader::begin(frames, what, checkpoint.n, from).await
    }

    /// Writes the checkpoint that is due when the log is read up to entry `read`, unless it is there. Whether it
    /// wrote one.
    pub async fn write_checkpoint(&self, read: u64, writer: &str, at: Timestamp) -> Result<bool, Error> {
        let n = read - read % self.every;
        if n == 0 || self.log.checkpoint() >= n {
            return Ok(false);
        }
        let mut bases = self.checkpoints().await?;
        // One that claims to be ahead of the log is nobody's base.
        bases.retain(|base| base.n <= read);
        if bases.first().is_some_and(|newest| newest.n >= n) {
            self.log.note_checkpoint(n);
            return Ok(false);
        }
        for base in bases.iter().map(Some).chain([None]) {
            match self.gather(base, n, writer, at).await {
                Ok(Some(body)) if body.len() as u64 <= MAX_SIZE => {
                    let created = self.store.create(&key::checkpoint(n), body).await?;
                    self.log.note_checkpoint(n);
                    return Ok(created == Created::Won);
                }
                Ok(_) => return Ok(false),
                Err(error @ (Error::Damaged { .. } | Error::TooNew { .. } | Error::Missing { .. })) => {
                    tracing::warn!(%error, "a checkpoint cannot be built on; the one before it is taken");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// The body of checkpoint `n`: what still matters of the one before, and of the entries since. None when one of
    /// these is missing.
    async fn gather(
        &self,
        base: Option<&Checkpoint>,
        n: u64,
        writer: &str,
        at: Timestamp,
    ) -> Result<Option<Bytes>, Error> {
        let mut old = match base {
            Some(base) => Some(self.read_checkpoint(base, None).await?),
            None => None,
        };
        let mut skipped = old.as_ref().map(|old| old.header.skipped.clone()).unwrap_or_default();
        let first = base.map_or(0, |base| base.n).saturating_add(1);
        let Some((news, matters)) = self.gather_news(first, n, &mut skipped).await? else { return Ok(None) };

        let (mut kept, mut known) = (FrameWriter::default(), HashSet::new());
        while let Some(old) = &mut old
            && let Some(frame) = old.next_frame().await?
        {
            for line in frames::lines(&frame) {
                match matter(line) {
                    Matter::Last(profile) if matters.last.contains_key(&profile) => continue,
                    Matter::First(of) if matters.first.contains(&of) => drop(known.insert(of)),
                    _ => {}
                }
                kept.push(line)?;
            }
        }
        let (mut fresh, mut place) = (FrameWriter::default(), 0);
        let mut news = FrameReader::of_bytes(news)?;
        while let Some(frame) = news.next().await? {
            for line in frames::lines(&frame) {
                place += 1;
                let keep = match matter(line) {
                    Matter::First(of) => known.insert(of),
                    Matter::Last(profile) => matters.last.get(&profile) == Some(&place),
                    Matter::Each => true,
                };
                if keep {
                    fresh.push(line)?;
                }
            }
        }
        let header = Header {
            format: FORMAT,
            n,
            nonce: new_nonce(),
            writer: writer.to_owned(),
            at,
            ops: kept.lines() + fresh.lines(),
            skipped,
        };
        let mut body = FrameWriter::default();
        body.push(&one_line(&header)?)?;
        let mut body = body.finish()?;
        body.extend(kept.finish()?);
        body.extend(fresh.finish()?);
        Ok(Some(body.into()))
    }

    /// The lines of entries `first` to `n`, compressed, and which of them matter.
    async fn gather_news(
        &self,
        first: u64,
        n: u64,
        skipped: &mut Vec<u64>,
    ) -> Result<Option<(Bytes, Matters)>, Error> {
        let (mut news, mut matters) = (FrameWriter::default(), Matters::default());
        let entries = futures::stream::iter(first..=n);
        let entries = entries.map(|n| async move { Ok::<_, Error>((n, self.read_raw(n).await)) });
        let mut entries = entries.buffered(AT_ONCE);
        while let Some((number, entry)) = entries.try_next().await? {
            let entry: RawEntry = match entry {
                Ok(Some(entry)) => entry,
                Ok(None) => return Ok(None),
                Err(Error::Damaged { .. } | Error::TooNew { .. }) => {
                    skipped.push(number);
                    continue;
                }
                Err(error) => return Err(error),
            };
            for op in &entry.ops {
                let line = Line { n: number, writer: &entry.writer, at: entry.at, op };
                let line = one_line(&line)?;
                match matter(&line) {
                    Matter::First(of) => drop(matters.first.insert(of)),
                    Matter::Last(profile) => drop(matters.last.insert(profile, news.lines() + 1)),
                    Matter::Each => {}
                }
                news.push(&line)?;
            }
            if news.size() as u64 > MAX_SIZE {
                return Ok(None);
            }
        }
        Ok(Some((news.finish()?.into(), matters)))
    }
}

/// What the new entries say.
#[derive(Default)]
struct Matters {
    /// Of what they may hold the first.
    first: HashSet<Said>,
    /// In which of their lines, from 1, each profile is said last.
    last: HashMap<String, u64>,
}

fn one_line(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value)
        .map_err(|source| Error::Io { attempted: "write a checkpoint".to_owned(), source: source.into() })
}
