//! Room on disks, looked at ahead: an import begins only when what it still needs fits beside what the others
//! need, on the disk where it is staged and on the one where it is kept.
//!
//! # Why ahead
//!
//! A disk that fills up in the middle hurts everything else on the machine, and fails one file after the other.
//! It can fill up all the same, by somebody else's doing; then the write fails, and means the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::disks::Disks;
use super::pause::Full;
use super::progress::Progress;
use super::retry::SPARE;
use crate::error::{Code, UserError};

/// Keeps account of the room that running imports need.
#[derive(Debug)]
pub struct Room {
    disks: Disks,
    /// Where files are staged.
    cache: PathBuf,
    needs: Mutex<BTreeMap<i64, Need>>,
}

/// What one running import still needs.
#[derive(Debug)]
struct Need {
    progress: Arc<Progress>,
    /// A second copy, where staged files cannot be moved into the teamspace: where, and how many bytes.
    copy: Option<(PathBuf, u64)>,
}

/// Room that is taken for one import, until it is dropped.
#[derive(Debug)]
pub struct Taken<'a> {
    room: &'a Room,
    job: i64,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.room.needs().remove(&self.job);
    }
}

impl Taken<'_> {
    /// So many bytes have arrived in the teamspace.
    pub fn copied(&self, bytes: u64) {
        if let Some(Need { copy: Some((_, left)), .. }) = self.room.needs().get_mut(&self.job) {
            *left = left.saturating_sub(bytes);
        }
    }
}

impl Room {
    /// On these disks, with files staged below `cache`.
    pub fn new(disks: Disks, cache: &Path) -> Self {
        Self { disks, cache: cache.to_owned(), needs: Mutex::default() }
    }

    fn needs(&self) -> MutexGuard<'_, BTreeMap<i64, Need>> {
        self.needs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes room for what is still to come of a job, and for `kept` bytes in `teamspace` when that is another
    /// disk. Says which disk has too little.
    pub fn take(
        &self,
        job: i64,
        progress: &Arc<Progress>,
        teamspace: &Path,
        kept: u64,
    ) -> Result<Taken<'_>, UserError> {
        let copy = (!self.disks.same(&self.cache, teamspace)).then(|| (teamspace.to_owned(), kept));
        let mut needs = self.needs();
        self.ensure(&needs, &self.cache, progress.to_come())?;
        if let Some((place, bytes)) = &copy {
            self.ensure(&needs, place, *bytes)?;
        }
        needs.insert(job, Need { progress: Arc::clone(progress), copy });
        Ok(Taken { room: self, job })
    }

    fn ensure(&self, needs: &BTreeMap<i64, Need>, path: &Path, bytes: u64) -> Result<(), UserError> {
        let needed = bytes.saturating_add(SPARE);
        match self.free_beside(needs, path) {
            // Nothing is to come: whatever is free is enough.
            Some(free) if bytes > 0 && free < needed => Err(UserError::new(
                Code::DiskFull,
                format!("The disk that holds {} has no room for the next recording", path.display()),
                format!("free {} MB there; imports go on by themselves", (needed - free).div_ceil(1 << 20)),
            )
            .with("path", path.display())
            .with("bytes", needed)
            .with("missing", needed - free)),
            _ => Ok(()),
        }
    }

    /// What is free on the disk of `path` beside what running imports will still write there; none when the disk
    /// does not say.
    fn free_beside(&self, needs: &BTreeMap<i64, Need>, path: &Path) -> Option<u64> {
        let stages = self.disks.same(&self.cache, path);
        let on_it = |need: &Need| {
            let staged = if stages { need.progress.to_come() } else { 0 };
            let copied = need.copy.iter().filter(|(place, _)| self.disks.same(place, path));
            staged + copied.map(|(_, bytes)| bytes).sum::<u64>()
        };
        Some(self.disks.free(path)?.saturating_sub(needs.values().map(on_it).sum()))
    }

    /// Whether there is room again where there was none.
    pub fn has_room(&self, full: &Full, now: Timestamp) -> bool {
        // A time farther ahead than a moment was written before the clock was set back.
        let early = full.not_before.is_some_and(|at| {
            let left = at.duration_since(now);
            left.is_positive() && left <= SignedDuration::from_mins(1)
        });
        let free = self.free_beside(&self.needs(), Path::new(&full.path));
        !early && free.is_none_or(|free| free >= full.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::open_state_in_memory;
    use crate::events::Events;
    use crate::import::Queue;

    fn progress(size: u64) -> Arc<Progress> {
        let queue = Queue::new(open_state_in_memory().unwrap());
        Arc::new(Progress::of_file(Events::default(), queue, 1, size))
    }

    fn room(disks: Disks) -> Room {
        Room::new(disks, Path::new("/"))
    }

    #[test]
    fn what_others_still_need_is_not_free() {
        let room = room(Disks::with_free(SPARE + 1_000));
        let place = Path::new("/");
        let (first, second) = (progress(600), progress(600));
        let taken = room.take(1, &first, place, 600).unwrap();
        let error = room.take(2, &second, place, 600).unwrap_err();
        assert_eq!((error.code, error.params["missing"].as_str()), (Code::DiskFull, "200"));
        assert!(room.take(3, &progress(0), place, 0).is_ok(), "nothing to come needs no room");
        first.file_is_at("media", 400);
        assert!(room.take(2, &second, place, 600).is_ok(), "most of the first is here");
        drop(taken);
        assert!(room.take(3, &progress(1_000), place, 0).is_ok());
    }

    #[test]
    fn what_was_full_beside_others_has_room_when_they_are_gone() {
        let room = room(Disks::with_free(SPARE + 1_000));
        let place = Path::new("/");
        let taken = room.take(1, &progress(600), place, 600).unwrap();
        let why = room.take(2, &progress(600), place, 600).unwrap_err();
        let bytes = why.params["bytes"].parse().unwrap();
        let full = Full { why, path: "/".to_owned(), bytes, job: 2, not_before: None };
        assert!(!room.has_room(&full, Timestamp::UNIX_EPOCH));
        drop(taken);
        assert!(room.has_room(&full, Timestamp::UNIX_EPOCH));
    }

    #[test]
    fn a_full_disk_is_full_until_it_has_room_and_a_clock_that_was_set_back_does_not_keep_it_so() {
        let disks = Disks::with_free(10);
        let room = room(disks.clone());
        let now = Timestamp::UNIX_EPOCH;
        let mut full = Full {
            why: UserError::new(Code::DiskFull, "full", "free"),
            path: "/".to_owned(),
            bytes: 20,
            job: 1,
            not_before: None,
        };
        assert!(!room.has_room(&full, now));
        disks.set_free(20);
        assert!(room.has_room(&full, now));
        full.not_before = Some(now + SignedDuration::from_secs(30));
        assert!(!room.has_room(&full, now), "it refused a moment ago");
        full.not_before = Some(now + SignedDuration::from_hours(24));
        assert!(room.has_room(&full, now));
    }
}
