//! Copying a teamspace to another place, and moving it there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::spaces::within;
use super::{App, BucketDraft, PlaceDraft};
use crate::error::{Code, UserError, UserResult};
use crate::events::{Event, Events};
use crate::import::send_outbox;
use crate::ledger::Problem;
use crate::recording::RecordingId;
use crate::secret::Secret;
use crate::teamspace::{Copying, Error, Found, Location, Op, Step, Teamspace, TeamspaceState, Whereabouts};

/// How often is told how far it is.
const TELL: Duration = Duration::from_millis(250);

/// What to do when the new place is full.
const MAKE_ROOM: &str = "make room there, then begin again with the same place: it goes on where it stopped";

/// What is wanted of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CopyWish {
    /// A backup only: the teamspace stays where it is.
    pub backup: bool,
    /// Moves also when files are damaged: these stay behind at the old place.
    pub leave_damaged: bool,
}

/// What became of a copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CopyReport {
    /// Where the copy is, in words.
    pub place: String,
    /// Whether the teamspace stands there now.
    pub moved: bool,
    /// Files that were looked at.
    #[ts(type = "number")]
    pub files: u64,
    /// Their bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// What is damaged at the old place, and was not copied.
    pub damaged: Vec<CopyDamage>,
}

/// A file that was not copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CopyDamage {
    /// Its key in the teamspace.
    pub key: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// How far it is.
struct Progress<'a> {
    events: &'a Events,
    teamspace: &'a str,
    files: AtomicU64,
    bytes: AtomicU64,
    total: (u64, u64),
    told: Mutex<Instant>,
}

impl Progress<'_> {
    fn hear(&self, step: Step) {
        match step {
            Step::Bytes(more) => self.bytes.fetch_add(more, Ordering::Relaxed),
            Step::File => self.files.fetch_add(1, Ordering::Relaxed),
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= TELL {
            *told = Instant::now();
            self.tell();
        }
    }

    fn tell(&self) {
        let (files, bytes) = (self.files.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        self.events.emit(Event::CopyProgress {
            teamspace: self.teamspace.to_owned(),
            files,
            files_total: self.total.0.max(files),
            bytes,
            bytes_total: self.total.1.max(bytes),
        });
    }
}

/// What was copied in this call: recordings, each with how many addenda it had.
#[derive(Default)]
struct Done {
    recordings: HashMap<RecordingId, u64>,
    /// What the log should say of those that it did not name when they were copied.
    unlisted: HashMap<RecordingId, Vec<Op>>,
    damaged: Vec<CopyDamage>,
}

/// The copy that is under way in this process, and how to stop it. There is one at a time.
pub(super) type UnderWay = Option<(String, CancellationToken)>;

/// Says that a copy is under way, for as long as it lives.
struct Stoppable<'a> {
    under_way: &'a Mutex<UnderWay>,
    stop: CancellationToken,
}

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl App {
    /// Copies a teamspace to a place as a person entered it: see [`App::copy_to_folder`].
    pub async fn copy_teamspace(
        &self,
        teamspace: &str,
        draft: PlaceDraft,
        wish: CopyWish,
    ) -> UserResult<CopyReport> {
        match draft {
            PlaceDraft::Folder { path } => self.copy_to_folder(teamspace, &path, wish).await,
            PlaceDraft::Bucket(draft) => self.copy_to_bucket(teamspace, draft, wish).await,
        }
    }

    /// Stops a copy under way in this process: it ends with [`Code::Cancelled`], and goes on from there when it is asked
    /// for again with the same place.
    pub async fn stop_copy(&self, teamspace: &str) -> UserResult<()> {
        let under_way = self.0.copying.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stop)) = under_way.as_ref().filter(|(of, _)| of == teamspace) {
            stop.cancel();
        }
        Ok(())
    }

    /// Only for whoever has the place that [`App::take_verify_place`] gives.
    fn stoppable(&self, teamspace: &str) -> Stoppable<'_> {
        let (under_way, stop) = (&self.0.copying, self.0.stop.child_token());
        *under_way.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((teamspace.to_owned(), stop.clone()));
        Stoppable { under_way, stop }
    }

    /// Copies a teamspace to a folder, and moves it there unless a backup is wished. Goes on where an earlier call stopped.
    pub async fn copy_to_folder(
        &self,
        teamspace: &str,
        path: &str,
        wish: CopyWish,
    ) -> UserResult<CopyReport> {
        let location = Location::folder(super::people::expand_home(path));
        self.copy_to(teamspace, location, None, wish).await
    }

    /// The same to a bucket.
    pub async fn copy_to_bucket(
        &self,
        teamspace: &str,
        draft: BucketDraft,
        wish: CopyWish,
    ) -> UserResult<CopyReport> {
        let (bucket, secret) = (draft.bucket.checked()?, self.0.spaces.reaching().given(&draft));
        if secret.is_some() {
            self.0.secrets.probe().await?;
        }
        self.copy_to(teamspace, Location::Bucket(bucket), secret, wish).await
    }

    async fn copy_to(
        &self,
        id: &str,
        location: Location,
        secret: Option<Secret>,
        wish: CopyWish,
    ) -> UserResult<CopyReport> {
        let (writer, _) = self.verified_by()?;
        let _alone = self.take_verify_place()?;
        let stoppable = self.stoppable(id);
        let stop = &stoppable.stop;
        let copied = self.copy_until(id, &writer, location, secret, wish, stop).await;
        copied.map_err(|error| {
            let is_full = error.code == Code::DiskFull
                || error.params.get("trouble").is_some_and(|trouble| trouble == "full");
            match is_full {
                true => UserError { action: MAKE_ROOM.to_owned(), ..error.with("deed", "copy") },
                false => error,
            }
        })
    }

    async fn copy_until(
        &self,
        id: &str,
        writer: &str,
        location: Location,
        secret: Option<Secret>,
        wish: CopyWish,
        stop: &CancellationToken,
    ) -> UserResult<CopyReport> {
        let inner = &self.0;
        let from = inner.spaces.opened(id).await?;
        if !wish.backup && from.opened_as() != TeamspaceState::Ready {
            return Err(Error::ReadOnly { place: from.location().place() }.into());
        }
        let to = Whereabouts::from(&location);
        let mut moved = from.moved(from.latest().await?).await?;
        refuse_elsewhere(&from, moved.as_ref(), &to, wish)?;
        if !wish.backup && moved.is_none() {
            send_outbox(&inner.spaces.outbox, &from, writer, inner.clock.now()).await?;
        }
        let place = inner.spaces.reaching().place(&location, secret.as_ref()).await?;
        let beginning = within(&location, Copying::begin(&from, place.clone(), inner.clock.now()));
        let copying = unless_stopped(stop, beginning).await?;
        let progress = Progress {
            events: &inner.events,
            teamspace: id,
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            total: totals(&from).await?,
            told: Mutex::new(Instant::now()),
        };
        progress.tell();
        let mut done = Done::default();
        unless_stopped(stop, self.copy_news(&copying, &progress, &mut done)).await?;
        let mut n = unless_stopped(stop, copying.log(0)).await?;
        progress.tell();
        let report = |damaged: Vec<CopyDamage>, moved: bool| CopyReport {
            place: location.place(),
            moved,
            files: progress.files.load(Ordering::Relaxed),
            bytes: progress.bytes.load(Ordering::Relaxed),
            damaged,
        };
        if wish.backup {
            copying.finish_backup().await?;
            return Ok(report(done.damaged, false));
        }
        if moved.is_none() && !done.damaged.is_empty() && !wish.leave_damaged {
            return Ok(report(done.damaged, false));
        }
        let end = loop {
            if let Some((end, _)) = moved {
                break end;
            }
            // What came while the rest was copied; then nothing may come any more.
            unless_stopped(stop, self.copy_news(&copying, &progress, &mut done)).await?;
            n = unless_stopped(stop, copying.log(n)).await?;
            if copying.end_log(n.saturating_add(1), writer, inner.clock.now()).await? {
                break n.saturating_add(1);
            }
            moved = from.moved(n.saturating_add(1)).await?;
            refuse_elsewhere(&from, moved.as_ref(), &to, wish)?;
        };
        // Manifests that were published at the last moment, and did not come into the log. There is no way back from here:
        // somebody who stops it now is too late.
        unless_stopped(&inner.stop, self.copy_news(&copying, &progress, &mut done)).await?;
        let listed = inner.catalog.titles(id)?;
        done.unlisted.retain(|recording, _| !listed.contains_key(recording));
        let ops: Vec<Op> = done.unlisted.into_values().flatten().collect();
        copying.arrive(end, &ops, writer, inner.clock.now()).await?;
        copying.finish().await?;
        progress.tell();
        let opened = within(&location, Teamspace::open(place, Some(id))).await?;
        inner.spaces.adopt(opened, &location, secret.as_ref()).await?;
        self.back_up();
        inner.wake.notify_one();
        Ok(report(done.damaged, true))
    }

    /// Copies recordings and claims that were not copied by this call before.
    async fn copy_news(&self, copying: &Copying, progress: &Progress<'_>, done: &mut Done) -> UserResult<()> {
        let inner = &self.0;
        let from = copying.source();
        let id = from.id();
        if let Err(error) = inner.catalog.refresh(from).await {
            tracing::warn!(%error, "a teamspace is copied without having read its last log entries");
        }
        let (listed, gone) = (inner.catalog.titles(id)?, inner.catalog.gone(id)?);
        for shard in from.shards().await? {
            for folder in from.folders(&shard).await? {
                let nothing = !folder.has_manifest && folder.addenda == 0;
                if nothing || done.recordings.get(&folder.id) == Some(&folder.addenda) {
                    continue;
                }
                let hear = |step| progress.hear(step);
                let is_gone = gone.contains(&folder.id);
                let copied = copying.recording(&folder.id, is_gone, &hear).await?;
                for fault in copied.faults {
                    let damage = CopyDamage { key: fault.key, problem: problem(fault.found) };
                    if !done.damaged.contains(&damage) {
                        done.damaged.push(damage);
                    }
                }
                if !is_gone && !listed.contains_key(&folder.id) {
                    done.unlisted.insert(folder.id.clone(), copied.ops);
                }
                done.recordings.insert(folder.id, folder.addenda);
            }
        }
        Ok(copying.everything_in("claims").await?)
    }
}

/// Files and bytes that there are, without reading anything: attempts that no manifest names are counted too.
async fn totals(from: &Teamspace) -> Result<(u64, u64), Error> {
    let mut total = (0u64, 0u64);
    for shard in from.shards().await? {
        for folder in from.folders(&shard).await?.iter().filter(|folder| folder.has_manifest) {
            for attempt in &folder.attempts {
                total.0 = total.0.saturating_add(attempt.files);
                total.1 = total.1.saturating_add(attempt.bytes);
            }
        }
    }
    Ok(total)
}

/// A teamspace that went somewhere goes nowhere else from there.
fn refuse_elsewhere(
    from: &Teamspace,
    moved: Option<&(u64, Whereabouts)>,
    to: &Whereabouts,
    wish: CopyWish,
) -> Result<(), Error> {
    match moved {
        Some((_, there)) if there != to || wish.backup => {
            Err(Error::Moved { place: from.location().place(), to: there.place() })
        }
        _ => Ok(()),
    }
}

fn problem(found: Found) -> Problem {
    match found {
        Found::Missing => Problem::Missing,
        Found::OtherSize => Problem::Size,
        Found::OtherContent => Problem::Content,
        Found::Unreadable | Found::Whole | Found::Stopped => Problem::Unreadable,
    }
}

/// Work that may end at any moment: what it did stands at the new place, and is not done again.
async fn unless_stopped<T, E: Into<UserError>>(
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, E>>,
) -> UserResult<T> {
    stop.run_until_cancelled(work).await.ok_or_else(copying_stopped)?.map_err(Into::into)
}

/// What is said of a copy that somebody stopped.
pub fn copying_stopped() -> UserError {
    UserError::new(
        Code::Cancelled,
        "Copying was stopped",
        "begin again with the same place: it goes on where it stopped",
    )
}
