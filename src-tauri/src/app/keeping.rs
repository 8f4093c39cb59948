//! Keeping what is pinned on this machine: fetched in the background, one file after the other, the newest recordings
//! first; and the cache beside it, with its budget.
//!
//! One process of a machine keeps. Nothing is let go because it cannot be seen just now: a teamspace that is away, or a
//! catalog that was deleted and is built anew, says nothing about what a person wants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{App, Inner};
use crate::cache::{CacheUse, MediaHere};
use crate::catalog::Place;
use crate::error::{Code, UserError, UserResult};
use crate::events::Event;
use crate::pins::{Cover, Fetch, Pin, PinInfo, PinState, PinTarget, fetch};
use crate::recording::{Recording, RecordingId};
use crate::teamspace::Teamspace;

/// What is left is tried again after so long.
const TRY_AGAIN: Duration = Duration::from_secs(60);
/// Several changes in a row are looked at together.
const GATHER: Duration = Duration::from_millis(300);
/// How often is told how far it is.
const TELL: Duration = Duration::from_millis(250);
/// Bytes that are left free on the disk.
const SPARE: u64 = 1 << 30;

/// Teamspace and recording.
type Which = (String, RecordingId);

/// What is known of keeping in this process.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// What is fetched just now.
    now: Mutex<Option<Which>>,
    /// Why something could not be kept when that was tried last.
    troubles: Mutex<BTreeMap<Which, UserError>>,
}

impl Keeping {
    fn set_now(&self, which: Option<Which>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = which;
    }

    /// Whether that is another trouble than before.
    fn note(&self, which: Which, trouble: Option<UserError>) -> bool {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let code = trouble.as_ref().map(|error| error.code);
        let before = match trouble {
            Some(error) => troubles.insert(which, error),
            None => troubles.remove(&which),
        };
        before.map(|error| error.code) != code
    }
}

/// What came of keeping all that is pinned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// Recordings that are here now and were not before.
    pub kept: u64,
    /// What could not be kept, each with its reason.
    pub failed: Vec<(RecordingId, UserError)>,
}

/// Keeps what is pinned, from when `owns` says that the import queue's place is ours: after each change, and now and then
/// while something is left to do.
pub(super) async fn watch(app: Weak<Inner>, owns: CancellationToken, stop: CancellationToken) {
    if stop.run_until_cancelled(owns.cancelled()).await.is_none() {
        return;
    }
    let Some(mut heard) = app.upgrade().map(|inner| inner.events.subscribe()) else { return };
    let mut before = None;
    loop {
        let Some(this) = app.upgrade().map(App) else { return };
        let pins = this.0.pins.all().ok();
        if before.is_some() && pins != before {
            // Perhaps in another process.
            this.0.events.emit(Event::PinsChanged);
        }
        let some = pins.as_ref().is_some_and(|pins| !pins.is_empty());
        before = pins;
        let left = match this.keep_pinned().await {
            Ok(kept) => !kept.failed.is_empty(),
            Err(error) => {
                tracing::debug!(code = ?error.code, "what is pinned cannot be kept now");
                some
            }
        };
        drop(this);
        loop {
            let event = tokio::select! {
                event = heard.recv() => event,
                () = tokio::time::sleep(TRY_AGAIN), if left => break,
                () = stop.cancelled() => return,
            };
            let wakes = match event {
                Ok(Event::PinsChanged | Event::QueueChanged) => true,
                Ok(Event::RecordingsChanged { .. } | Event::TeamspacesChanged) => some,
                Ok(_) => false,
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => true,
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            };
            if wakes {
                if stop.run_until_cancelled(tokio::time::sleep(GATHER)).await.is_none() {
                    return;
                }
                heard = heard.resubscribe();
                break;
            }
        }
    }
}

impl App {
    /// Keeps these on this machine from now on. They are fetched by whoever works in the background, or by
    /// [`App::keep_pinned`].
    pub async fn pin(&self, pins: &[Pin]) -> UserResult<()> {
        for pin in pins {
            self.0.spaces.one(&pin.teamspace)?;
            if let PinTarget::Recording { recording_id } = &pin.target {
                self.recording(&pin.teamspace, recording_id)?;
            }
        }
        self.0.pins.add(pins, self.0.clock.now())?;
        self.pins_changed(pins);
        Ok(())
    }

    /// Keeps these no longer: what no other pin covers becomes part of the cache, and goes when its budget wants that.
    pub async fn unpin(&self, pins: &[Pin]) -> UserResult<()> {
        self.0.pins.remove(pins)?;
        self.let_go().await?;
        self.pins_changed(pins);
        Ok(())
    }

    fn pins_changed(&self, pins: &[Pin]) {
        let teamspaces: BTreeSet<&str> = pins.iter().map(|pin| pin.teamspace.as_str()).collect();
        for teamspace in teamspaces {
            self.0
                .events
                .emit(Event::RecordingsChanged { teamspace: teamspace.to_owned(), recording_id: None });
        }
        self.0.events.emit(Event::PinsChanged);
    }

    /// All pins, the newest first, and how they stand.
    pub async fn pins(&self) -> UserResult<Vec<PinInfo>> {
        let mut infos = Vec::new();
        let mut listed: BTreeMap<String, Vec<Recording>> = BTreeMap::new();
        for (pin, pinned_at) in self.0.pins.all()? {
            let Ok(known) = self.0.spaces.one(&pin.teamspace) else { continue };
            let one;
            let covered: Vec<&Recording> = match &pin.target {
                PinTarget::Recording { recording_id } => {
                    one = self.0.catalog.recording(&pin.teamspace, recording_id)?;
                    one.iter().collect()
                }
                PinTarget::Teamspace | PinTarget::Tag { .. } => {
                    if !listed.contains_key(&pin.teamspace) {
                        listed.insert(pin.teamspace.clone(), self.0.catalog.recordings(&pin.teamspace)?);
                    }
                    let all = listed.get(&pin.teamspace).map_or(&[][..], Vec::as_slice);
                    let cover = Cover::of(std::slice::from_ref(&pin), &pin.teamspace);
                    all.iter().filter(|recording| cover.covers(recording)).collect()
                }
            };
            let folder = !known.location.is_remote();
            let title = match &pin.target {
                PinTarget::Teamspace => known.name.clone(),
                PinTarget::Tag { tag } => {
                    let mut tags = covered.iter().flat_map(|recording| &recording.tags);
                    // As people write it.
                    tags.find(|other| other.to_lowercase() == *tag).unwrap_or(tag).clone()
                }
                PinTarget::Recording { .. } => {
                    covered.first().map_or_else(String::new, |one| one.title.clone())
                }
            };
            let bytes: u64 = covered.iter().map(|recording| size(recording)).sum();
            let bytes_here = match folder {
                true => bytes,
                false => covered.iter().map(|recording| self.bytes_here(recording)).sum(),
            };
            let (state, error) = match bytes_here == bytes {
                true => (PinState::Here, None),
                false => self.state_of(&covered),
            };
            let recordings = covered.len() as u64;
            infos.push(PinInfo {
                pin,
                title,
                pinned_at,
                folder,
                recordings,
                bytes,
                bytes_here,
                state,
                error,
            });
        }
        Ok(infos)
    }

    fn bytes_here(&self, recording: &Recording) -> u64 {
        let (teamspace, id) = (&recording.teamspace, &recording.recording_id);
        recording.files.iter().map(|file| self.0.cache.kept_bytes(teamspace, id, file)).sum()
    }

    fn state_of(&self, covered: &[&Recording]) -> (PinState, Option<UserError>) {
        let is =
            |which: &Which| covered.iter().any(|one| one.teamspace == which.0 && one.recording_id == which.1);
        let now = self.0.keeping.now.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if now.is_some_and(|which| is(&which)) {
            return (PinState::Keeping, None);
        }
        let troubles = self.0.keeping.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let trouble = troubles.iter().find(|(which, _)| is(which)).map(|(_, error)| error.clone());
        match &trouble {
            None => (PinState::Waiting, None),
            Some(error) if is_away(error) => (PinState::Away, trouble),
            Some(_) => (PinState::Failed, trouble),
        }
    }

    /// Fetches all that is pinned and not here, and lets go of what is not pinned any more. One process at a time.
    pub async fn keep_pinned(&self) -> UserResult<Kept> {
        let _place = self.take_keep_place()?;
        let pins = self.pinned()?;
        self.let_go().await?;
        let mut kept = Kept::default();
        let teamspaces: BTreeSet<&String> = pins.iter().map(|pin| &pin.teamspace).collect();
        for teamspace in teamspaces {
            let Ok(known) = self.0.spaces.one(teamspace) else { continue };
            if known.location.is_remote() {
                let mut missing = self.0.catalog.recordings(teamspace)?;
                let cover = Cover::of(&pins, teamspace);
                missing.retain(|recording| cover.covers(recording));
                missing.retain(|recording| self.bytes_here(recording) < size(recording));
                self.keep_all(teamspace, missing, &mut kept).await;
            }
        }
        Ok(kept)
    }

    async fn keep_all(&self, teamspace: &str, missing: Vec<Recording>, kept: &mut Kept) {
        let mut opened: Option<UserResult<Teamspace>> = None;
        for recording in missing {
            if self.0.stop.is_cancelled() {
                return;
            }
            let id = recording.recording_id.clone();
            let which = (teamspace.to_owned(), id.clone());
            if opened.is_none() {
                opened = Some(self.0.spaces.opened(teamspace).await);
            }
            let done = match &opened {
                Some(Ok(opened)) => {
                    self.0.keeping.set_now(Some(which.clone()));
                    let done = self.keep_recording(opened, recording).await;
                    self.0.keeping.set_now(None);
                    done
                }
                Some(Err(error)) => Err(error.clone()),
                None => return,
            };
            let changed = match done {
                Ok(()) => {
                    self.0.keeping.note(which, None);
                    kept.kept += 1;
                    self.0.events.emit(Event::RecordingsChanged {
                        teamspace: teamspace.to_owned(),
                        recording_id: Some(id),
                    });
                    true
                }
                Err(error) => {
                    if is_away(&error) || error.code == Code::BucketRefused {
                        // The others need not wait for the same.
                        opened = Some(Err(error.clone()));
                    }
                    let changed = self.0.keeping.note(which, Some(error.clone()));
                    kept.failed.push((id, error));
                    changed
                }
            };
            // Said once: whoever hears of it looks again, and so does the keeping itself.
            if changed {
                self.0.events.emit(Event::PinsChanged);
            }
        }
    }

    async fn keep_recording(&self, opened: &Teamspace, recording: Recording) -> UserResult<()> {
        let (teamspace, id) = (recording.teamspace.clone(), recording.recording_id.clone());
        let recording = match recording.unread {
            Some(_) => self.read_recording(&teamspace, &id).await?,
            None => recording,
        };
        let total = size(&recording);
        let here = self.bytes_here(&recording);
        self.ensure_room(total.saturating_sub(here))?;
        let (came, told) = (AtomicU64::new(here), Mutex::new(Instant::now()));
        let tell = |bytes: u64| {
            let bytes = came.fetch_add(bytes, Ordering::Relaxed) + bytes;
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.elapsed() >= TELL {
                *told = Instant::now();
                self.0.events.emit(Event::KeepProgress {
                    teamspace: teamspace.clone(),
                    recording_id: id.clone(),
                    bytes: bytes.min(total),
                    bytes_total: total,
                });
            }
        };
        let way = Fetch {
            teamspace: opened,
            id: &id,
            cache: &self.0.cache,
            zoom: &self.0.zoom,
            tell: &tell,
            stop: &self.0.stop,
        };
        for file in &recording.files {
            fetch(&way, file).await?;
        }
        Ok(())
    }

    fn ensure_room(&self, bytes: u64) -> UserResult<()> {
        let needed = bytes.saturating_add(SPARE);
        match self.0.disks.free(self.0.cache.root()) {
            Some(free) if free < needed => Err(UserError::new(
                Code::DiskFull,
                "The disk has no room to keep this recording",
                format!(
                    "free {} MB there, or pin less; it goes on by itself",
                    (needed - free).div_ceil(1_000_000)
                ),
            )
            .with("path", self.0.cache.root().display())
            .with("missing", needed - free)),
            _ => Ok(()),
        }
    }

    fn pinned(&self) -> UserResult<Vec<Pin>> {
        Ok(self.0.pins.all()?.into_iter().map(|(pin, _)| pin).collect())
    }

    /// Lets go of what is kept and not pinned, where that is sure.
    async fn let_go(&self) -> UserResult<()> {
        let app = self.clone();
        tokio::task::spawn_blocking(move || app.let_go_now())
            .await
            .map_err(|panic| UserError::unexpected("let go of recordings", panic))?
    }

    fn let_go_now(&self) -> UserResult<()> {
        let pins = self.pinned()?;
        for (teamspace, id) in self.0.cache.kept_recordings()? {
            let cover = Cover::of(&pins, &teamspace);
            let wanted = !cover.is_empty()
                && match self.0.catalog.recording(&teamspace, &id)? {
                    Some(recording) => cover.covers(&recording),
                    // The catalog may not know it yet, or not any more.
                    None => self.0.catalog.place(&teamspace, &id)? == Place::Library,
                };
            if !wanted {
                self.0.cache.let_go(&teamspace, &id)?;
            }
        }
        Ok(())
    }

    /// What of these recordings can be played without a network, and whether they are pinned.
    pub(super) fn here(
        &self,
        teamspace: &str,
        recordings: &[Recording],
    ) -> UserResult<Vec<(MediaHere, bool)>> {
        let known = self.0.spaces.one(teamspace).ok();
        let folder = known.is_some_and(|known| !known.location.is_remote());
        let away = self.0.spaces.standing(teamspace) == Some(crate::teamspace::TeamspaceState::Unreachable);
        let pins = self.pinned()?;
        let cover = Cover::of(&pins, teamspace);
        let holdings = self.0.cache.holdings(teamspace);
        let one = |recording: &Recording| {
            let media = match folder {
                true if away => MediaHere::Away,
                true => MediaHere::Here,
                false => holdings.of(recording),
            };
            (media, cover.covers(recording))
        };
        Ok(recordings.iter().map(one).collect())
    }

    /// How much the cache takes.
    pub async fn cache_use(&self) -> UserResult<CacheUse> {
        let (cache, disks) = (self.0.cache.clone(), self.0.disks.clone());
        tokio::task::spawn_blocking(move || CacheUse { free: disks.free(cache.root()), ..cache.used() })
            .await
            .map_err(|panic| UserError::unexpected("look at the cache", panic))
    }

    /// Removes what is in the cache and neither pinned nor in use; answers the bytes that this freed.
    pub async fn free_up_space(&self) -> UserResult<u64> {
        let cache = self.0.cache.clone();
        let freed = tokio::task::spawn_blocking(move || cache.free_up())
            .await
            .map_err(|panic| UserError::unexpected("free up space", panic))??;
        for known in self.0.spaces.known()?.iter().filter(|known| known.location.is_remote()) {
            self.0.events.emit(Event::RecordingsChanged { teamspace: known.id.clone(), recording_id: None });
        }
        Ok(freed)
    }

    /// One process at a time keeps: two would write the same files. The place goes with the returned file.
    fn take_keep_place(&self) -> UserResult<File> {
        let path = self.0.dirs.keep_lock();
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| UserError::of_data_directory("keep a recording", &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(_) => Err(UserError::new(
                Code::Busy,
                "What is pinned is being fetched already",
                "wait until that is over",
            )),
        }
    }
}

fn is_away(error: &UserError) -> bool {
    matches!(error.code, Code::TeamspaceUnreachable | Code::Offline)
}

/// Bytes of a recording's files, as far as known.
fn size(recording: &Recording) -> u64 {
    let files: u64 = recording.files.iter().map(|file| file.size).sum();
    recording.unread.map_or(files, |told| told.max(files))
}
