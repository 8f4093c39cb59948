//! The worker: takes due jobs from the queue, a few at a time, and settles each by its outcome.
//!
//! # Why one per data directory
//!
//! The window and `nextctl` share the queue. Whoever holds the worker's place does the work, the other only
//! asks for it and watches the rows. The place is a file lock, which dies with its process: a crash frees it,
//! and the next owner, and only that one, puts `running` rows back.
//!
//! The worker sleeps until somebody wakes it, a waiting job is due, another process wrote to the queue, or it
//! is stopped. Stopping lets the steps in hand reach their next safe point.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Job;
use super::outcome::Outcome;
use super::pause::Full;
use super::queue::{Claimed, Queue};
use crate::clock::Clock;
use crate::database::Error;
use crate::error::UserError;
use crate::events::{Event, Events};

/// How much is worked on at the same time, by weight: a large recording has the line and the disk to itself and
/// one other, of small ones each is mostly waiting for an answer.
const CAPACITY: u32 = 8;
/// Bytes from which on a recording is large. One of unknown size may be.
const LARGE: u64 = 32 << 20;
/// How often the rows are looked at for what another process wrote.
const LOOK: Duration = Duration::from_millis(500);
/// How often everything is looked at although no row has changed: what a cancelled import left, late files.
const REST: Duration = Duration::from_secs(5);
/// No nap is shorter.
const SHORTEST: Duration = Duration::from_millis(20);
/// How long a stop waits for the steps in hand.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// How one job is done. The token is cancelled when the job is cancelled or the worker stops.
pub trait Work: Send + Sync + 'static {
    /// Does what is still missing of a job.
    fn work(&self, claimed: Claimed, stop: CancellationToken) -> BoxFuture<'_, Outcome>;

    /// Removes what a cancelled job left behind. Nobody works on it.
    fn discard(&self, id: i64) -> BoxFuture<'_, ()>;

    /// Asks for what is due by itself: late files that are there now.
    fn look(&self, stop: CancellationToken) -> BoxFuture<'_, ()>;

    /// Whether a disk that was full has room again.
    fn has_room(&self, full: &Full) -> bool;
}

/// A running worker. Dropped without [`Worker::stop`], it ends where it stands, as in a crash: the next owner of
/// the place goes on from there.
#[derive(Debug)]
pub struct Worker {
    stop: CancellationToken,
    owns: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.cancel();
        self.task.abort();
    }
}

impl Worker {
    /// Starts working as soon as the place is free. `wake` is notified by whoever adds work.
    pub fn start(
        place: &Path,
        queue: Queue,
        work: Arc<dyn Work>,
        events: Events,
        clock: Clock,
        wake: Arc<Notify>,
    ) -> Self {
        let (stop, owns) = (CancellationToken::new(), CancellationToken::new());
        let run = Run {
            place: place.to_owned(),
            queue,
            work,
            events,
            clock,
            wake,
            stop: stop.clone(),
            owns: owns.clone(),
        };
        Self { stop, owns, task: tokio::spawn(run.run()) }
    }

    /// Cancelled once the place is ours: what only its owner may do begins then.
    pub fn owns_place(&self) -> CancellationToken {
        self.owns.clone()
    }

    /// Stops, and waits for the steps in hand to reach a safe point.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(STOP_DEADLINE + Duration::from_secs(2), &mut self.task).await.is_err() {
            tracing::warn!("the import worker did not stop in time");
        }
    }
}

/// A job in hand.
struct InHand {
    stop: CancellationToken,
    weight: u32,
}

fn weight(job: &Job) -> u32 {
    match job.bytes_total {
        0 | LARGE.. => CAPACITY / 2,
        _ => 1,
    }
}

/// What cancelled jobs left, while it is removed.
#[derive(Default)]
struct Leftovers {
    task: JoinSet<()>,
    tried: HashSet<i64>,
}

struct Run {
    place: PathBuf,
    queue: Queue,
    work: Arc<dyn Work>,
    events: Events,
    clock: Clock,
    wake: Arc<Notify>,
    stop: CancellationToken,
    owns: CancellationToken,
}

impl Run {
    async fn run(self) {
        let Some(_place) = self.take_place().await else { return };
        self.owns.cancel();
        if let Err(error) = self.queue.put_back_running(self.clock.now()) {
            tracing::error!(%error, "cannot put back interrupted imports");
        }
        let mut running: HashMap<i64, InHand> = HashMap::new();
        let mut tasks: JoinSet<(i64, Outcome)> = JoinSet::new();
        let mut unsettled: Vec<(i64, Outcome)> = Vec::new();
        let mut leftovers = Leftovers::default();
        let mut looking: JoinSet<()> = JoinSet::new();
        while !self.stop.is_cancelled() {
            self.settle(&mut unsettled);
            if let Err(error) = self.look_for_room() {
                tracing::error!(%error, "cannot read the import queue");
            }
            if let Err(error) = self.claim_due(&mut running, &mut tasks) {
                // The rows stay as they are; a full disk or a long write elsewhere passes.
                tracing::error!(%error, "cannot read the import queue");
            }
            tokio::select! {
                Some(joined) = tasks.join_next(), if !tasks.is_empty() => {
                    unsettled.extend(put_down(joined, &mut running));
                    // What ended meanwhile too: then the rows are looked at once for all of them.
                    while let Some(joined) = tasks.try_join_next() {
                        unsettled.extend(put_down(joined, &mut running));
                    }
                }
                () = self.wake.notified() => {}
                () = self.nap() => {}
                () = self.stop.cancelled() => {}
            }
            self.stop_what_nobody_wants(&running);
            self.discard_leftovers(&running, &mut leftovers);
            self.keep_looking(&mut looking);
        }
        running.values().for_each(|job| job.stop.cancel());
        let drain = async {
            while let Some(joined) = tasks.join_next().await {
                unsettled.extend(put_down(joined, &mut running));
                self.settle(&mut unsettled);
            }
        };
        if tokio::time::timeout(STOP_DEADLINE, drain).await.is_err() {
            tracing::warn!("imports in hand were cut short; they go on at the next start");
        }
    }

    /// Waits for the place. None when stopped before.
    async fn take_place(&self) -> Option<File> {
        loop {
            match File::options().create(true).truncate(false).write(true).open(&self.place) {
                Ok(file) if file.try_lock().is_ok() => return Some(file),
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "cannot open the worker's place"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.stop.cancelled() => return None,
            }
        }
    }

    fn claim_due(
        &self,
        running: &mut HashMap<i64, InHand>,
        tasks: &mut JoinSet<(i64, Outcome)>,
    ) -> Result<(), Error> {
        while running.values().map(|job| job.weight).sum::<u32>() < CAPACITY {
            let Some(claimed) = self.queue.claim(self.clock.now())? else { break };
            let (id, stop) = (claimed.job.id, CancellationToken::new());
            if let Some(former) = running.get(&id) {
                // Cancelled and asked for again within a moment: the former try lets go first.
                former.stop.cancel();
                self.queue.settle(id, &Outcome::Interrupted, self.clock.now())?;
                break;
            }
            self.events.emit(Event::JobChanged { id });
            running.insert(id, InHand { stop: stop.clone(), weight: weight(&claimed.job) });
            let work = Arc::clone(&self.work);
            tasks.spawn(async move {
                // A panic inside must settle the row too.
                let outcome = AssertUnwindSafe(work.work(claimed, stop)).catch_unwind().await;
                let outcome = outcome.unwrap_or_else(|_| {
                    Outcome::Failed(UserError::unexpected("import this recording", "a panic; see the log"))
                });
                (id, outcome)
            });
        }
        Ok(())
    }

    /// Settles what ended. What cannot be written now, on a disk without any room, is written later.
    fn settle(&self, ended: &mut Vec<(i64, Outcome)>) {
        if ended.is_empty() {
            return;
        }
        if let Err(error) = self.queue.settle_all(ended, self.clock.now()) {
            return tracing::error!(%error, "cannot settle imports yet");
        }
        for (id, outcome) in ended.drain(..) {
            self.events.emit(Event::JobChanged { id });
            if let Outcome::Full(full) = outcome {
                tracing::warn!(detail = ?full.why.detail, "a disk has no room; the queue waits for it");
                self.events.emit(Event::QueueChanged);
            }
        }
    }

    /// Goes on when a disk that was full has room, or when what needed it is not wanted any more.
    fn look_for_room(&self) -> Result<(), Error> {
        let Some(full) = self.queue.full()? else { return Ok(()) };
        if !self.queue.waits_for_room(full.job)? || self.work.has_room(&full) {
            self.queue.lift_full()?;
            self.events.emit(Event::QueueChanged);
        }
        Ok(())
    }

    /// What was cancelled or is held, here or by another process.
    fn stop_what_nobody_wants(&self, running: &HashMap<i64, InHand>) {
        if running.is_empty() {
            return;
        }
        match self.queue.wanted_running() {
            Ok(wanted) => {
                let unwanted = running.iter().filter(|(id, _)| !wanted.contains(id));
                unwanted.for_each(|(_, job)| job.stop.cancel());
            }
            Err(error) => tracing::error!(%error, "cannot read the import queue"),
        }
    }

    /// Removes what cancelled jobs left, one at a time, and each once: a place that is away now is looked at
    /// again at the next start.
    fn discard_leftovers(&self, running: &HashMap<i64, InHand>, leftovers: &mut Leftovers) {
        if leftovers.task.try_join_next().is_none() && !leftovers.task.is_empty() {
            return;
        }
        let ids = match self.queue.cancelled_with_files() {
            Ok(ids) => ids,
            Err(error) => return tracing::error!(%error, "cannot read the import queue"),
        };
        leftovers.tried.retain(|id| ids.contains(id));
        if let Some(id) =
            ids.into_iter().find(|id| !running.contains_key(id) && !leftovers.tried.contains(id))
        {
            leftovers.tried.insert(id);
            let work = Arc::clone(&self.work);
            leftovers.task.spawn(async move { work.discard(id).await });
        }
    }

    /// Looks for late files, beside the imports and one look at a time.
    fn keep_looking(&self, looking: &mut JoinSet<()>) {
        while looking.try_join_next().is_some() {}
        if looking.is_empty() {
            let (work, stop) = (Arc::clone(&self.work), self.stop.clone());
            looking.spawn(async move { work.look(stop).await });
        }
    }

    /// Until the next waiting job is due, the rows or the clock have changed, or it is time to look at everything
    /// again. An app at rest spends nearly all of its time here: what is done between two naps is felt in its idling.
    async fn nap(&self) {
        let (begun, asleep) = (Instant::now(), self.clock.now());
        let before = self.queue.changes().ok();
        // One that is due and was not taken waits for something else than its time.
        let due = self.queue.next_due().ok().flatten().filter(|due| *due > asleep);
        // Room is looked for more often than what nobody waits for.
        let rest = if self.queue.full().is_ok_and(|full| full.is_none()) { REST } else { LOOK };
        while begun.elapsed() < rest {
            let left = due.map_or(SignedDuration::MAX, |due| due.duration_since(self.clock.now()));
            tokio::time::sleep(Duration::try_from(left).unwrap_or_default().clamp(SHORTEST, LOOK)).await;
            let now = self.clock.now();
            let jumped =
                now.duration_since(asleep).as_secs().abs_diff(begun.elapsed().as_secs().cast_signed()) > 2;
            if jumped || due.is_some_and(|due| due <= now) || self.queue.changes().ok() != before {
                return;
            }
        }
    }
}

/// What ended is no longer in hand.
fn put_down(
    joined: Result<(i64, Outcome), tokio::task::JoinError>,
    running: &mut HashMap<i64, InHand>,
) -> Option<(i64, Outcome)> {
    let (id, outcome) = joined.ok()?;
    running.remove(&id);
    Some((id, outcome))
}
