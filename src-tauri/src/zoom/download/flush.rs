//! Flushes a file beside the writing of it, and notes what is safe then.
//!
//! Where pieces come in any order the memo alone says what is here, so writing waits where noting falls behind, and
//! never more than a few per cent of a file are here unnoted. In order nothing waits for a note; but the disk begins while
//! bytes still come, and does not stand still until the last one is here.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use super::part::Memo;
use super::spans::Spans;

/// Noted is after this share of a file that does not come in order …
const STEPS: u64 = 100;
/// … but not after fewer bytes than these.
const SMALLEST_STEP: u64 = 1 << 19;
/// What comes in order is flushed after so many bytes.
const IN_ORDER_STEP: u64 = 32 << 20;

/// What was written when a flush begins.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    /// Up to where everything is here.
    pub(super) front: u64,
    /// All that is here, where it did not come in order.
    pub(super) here: Option<Spans>,
}

/// Flushes, and notes.
pub(super) struct Flusher {
    path: PathBuf,
    memo: Memo,
    /// None before there is enough to flush.
    thread: Option<Flushing>,
    unflushed: u64,
}

/// The thread that flushes.
struct Flushing {
    next: SyncSender<Reached>,
    done: thread::JoinHandle<io::Result<()>>,
}

impl Flusher {
    pub(super) fn of(path: &Path, memo: &Memo) -> Self {
        Self { path: path.to_owned(), memo: memo.clone(), thread: None, unflushed: 0 }
    }

    /// So many bytes were written; `reached` says what is here now.
    pub(super) fn wrote(
        &mut self,
        bytes: u64,
        reached: impl FnOnce() -> Reached,
        in_order: bool,
    ) -> io::Result<()> {
        self.unflushed += bytes;
        let step = match in_order {
            true => IN_ORDER_STEP,
            false => (self.memo.total.unwrap_or_default() / STEPS).max(SMALLEST_STEP),
        };
        if self.unflushed < step {
            return Ok(());
        }
        let waits = !in_order && self.unflushed >= 2 * step;
        let next = &self.started()?.next;
        let told = match next.try_send(reached()) {
            Ok(()) => true,
            Err(TrySendError::Full(reached)) if waits => next.send(reached).is_ok(),
            Err(TrySendError::Full(_)) => return Ok(()),
            Err(TrySendError::Disconnected(_)) => false,
        };
        self.unflushed = 0;
        if told { Ok(()) } else { self.join() }
    }

    /// Notes what was flushed last, which must be everything.
    pub(super) fn finish(mut self, reached: Reached) -> io::Result<()> {
        self.join()?;
        note(&mut self.memo, reached).save(&self.path)
    }

    fn started(&mut self) -> io::Result<&Flushing> {
        if self.thread.is_none() {
            // Without a place to wait in: what is noted is what was here when the last note was finished.
            let (next, told) = sync_channel::<Reached>(0);
            let (file, path, mut memo) = (File::open(&self.path)?, self.path.clone(), self.memo.clone());
            let done = thread::spawn(move || {
                while let Ok(reached) = told.recv() {
                    file.sync_data()?;
                    note(&mut memo, reached).save(&path)?;
                }
                Ok(())
            });
            self.thread = Some(Flushing { next, done });
        }
        self.thread.as_ref().ok_or_else(|| io::Error::other("the flushing thread did not start"))
    }

    /// Waits for the note that is being made; says why when one could not be.
    pub(super) fn join(&mut self) -> io::Result<()> {
        let Some(Flushing { next, done }) = self.thread.take() else { return Ok(()) };
        drop(next);
        done.join().map_err(|_| io::Error::other("the flushing thread ended"))?
    }
}

fn note(memo: &mut Memo, reached: Reached) -> &Memo {
    (memo.flushed, memo.here) = (reached.front, reached.here);
    memo
}
