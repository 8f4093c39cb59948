//! Property tests: whatever people, the worker and clocks do with the queue, in whatever order, it keeps what it
//! promises.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

use super::pause::Full;
use super::{Asker, Outcome, Queue, Source, Wish};
use super::{Job, JobState};
use crate::database::open_state_in_memory;
use crate::error::{Code, UserError};

/// Something that happens to the queue. An index picks a job among those that are there.
#[derive(Debug, Clone)]
enum Step {
    Ask(u8),
    Claim,
    Settle(Index, Ending),
    Pause(Index),
    Resume(Index),
    PauseAll,
    ResumeAll,
    Cancel(Index),
    CancelAll,
    Retry(Index),
    RetryFailed,
    MakeDue(Index),
    /// The process died, and another took the worker's place.
    PutBack,
    RoomAgain,
    /// The clock goes on, or is set back.
    Clock(i64),
}

/// How a try ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Done,
    Wait(Option<i64>, bool),
    Failed,
    Interrupted,
    Full,
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Done),
        (proptest::option::of(-100..200_000i64), any::<bool>())
            .prop_map(|(at, counts)| Ending::Wait(at, counts)),
        Just(Ending::Failed),
        Just(Ending::Interrupted),
        Just(Ending::Full),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6u8).prop_map(Step::Ask),
        8 => Just(Step::Claim),
        6 => (any::<Index>(), ending()).prop_map(|(job, ending)| Step::Settle(job, ending)),
        2 => any::<Index>().prop_map(Step::Pause),
        2 => any::<Index>().prop_map(Step::Resume),
        1 => Just(Step::PauseAll),
        1 => Just(Step::ResumeAll),
        2 => any::<Index>().prop_map(Step::Cancel),
        1 => Just(Step::CancelAll),
        2 => any::<Index>().prop_map(Step::Retry),
        1 => Just(Step::RetryFailed),
        1 => any::<Index>().prop_map(Step::MakeDue),
        1 => Just(Step::PutBack),
        2 => Just(Step::RoomAgain),
        3 => (-200_000..400_000i64).prop_map(Step::Clock),
    ]
}

fn why(code: Code) -> UserError {
    UserError::new(code, "it failed", "do something")
}

fn wish(thing: u8) -> Wish {
    Wish {
        teamspace: format!("t{}", thing % 2),
        source: Source::Zoom { uuid: format!("meeting {}", thing / 2) },
        recording_id: None,
        title: thing.to_string(),
        start: None,
        delete_at: None,
        bytes_total: 1,
        asker: Asker::Person,
    }
}

/// A queue with the time that it is told.
struct World {
    queue: Queue,
    now: Timestamp,
    asked: BTreeSet<u8>,
}

impl World {
    fn jobs(&self) -> Vec<Job> {
        self.queue.jobs().unwrap()
    }

    fn outcome(&self, ending: Ending, job: i64) -> Outcome {
        match ending {
            Ending::Done => Outcome::Done,
            Ending::Wait(seconds, counts) => Outcome::Wait {
                retry_at: seconds.map(|seconds| self.now + SignedDuration::from_secs(seconds)),
                counts,
                why: why(Code::Offline),
            },
            Ending::Failed => Outcome::Failed(why(Code::ZoomRefused)),
            Ending::Interrupted => Outcome::Interrupted,
            Ending::Full => Outcome::Full(Full {
                why: why(Code::DiskFull),
                path: "/".to_owned(),
                bytes: 1,
                job,
                not_before: None,
            }),
        }
    }

    /// Does a step. Returns the jobs that a person asked to be done.
    fn take(&mut self, step: &Step) -> BTreeSet<i64> {
        let (queue, now, jobs) = (&self.queue, self.now, self.jobs());
        let ids: Vec<i64> = jobs.iter().map(|job| job.id).collect();
        let pick = |index: &Index| (!ids.is_empty()).then(|| *index.get(&ids));
        let mut wanted = BTreeSet::new();
        match step {
            Step::Ask(thing) => {
                wanted.insert(queue.ask(&wish(*thing), now).unwrap().id);
                self.asked.insert(*thing);
            }
            Step::Claim => self.claim(),
            Step::Settle(index, ending) => {
                if let Some(id) = pick(index) {
                    queue.settle(id, &self.outcome(*ending, id), now).unwrap();
                }
            }
            Step::Pause(index) => drop(pick(index).map(|id| queue.pause(id).unwrap())),
            Step::Resume(index) => drop(pick(index).map(|id| queue.resume(id).unwrap())),
            Step::PauseAll => queue.pause_all().unwrap(),
            Step::ResumeAll => queue.resume_all().unwrap(),
            Step::Cancel(index) => drop(pick(index).map(|id| queue.cancel(id, now).unwrap())),
            Step::CancelAll => drop(queue.cancel_all(now).unwrap()),
            Step::Retry(index) => {
                if let Some(id) = pick(index) {
                    queue.retry(id, now).unwrap();
                    wanted.insert(id);
                }
            }
            Step::RetryFailed => drop(queue.retry_failed(now).unwrap()),
            Step::MakeDue(index) => drop(pick(index).map(|id| queue.make_due(id, now).unwrap())),
            Step::PutBack => drop(queue.put_back_running(now).unwrap()),
            Step::RoomAgain => queue.lift_full().unwrap(),
            Step::Clock(seconds) => self.now = now + SignedDuration::from_secs(*seconds),
        }
        wanted
    }

    fn claim(&self) {
        let (before, queue) = (self.jobs(), self.queue.state().unwrap());
        let Some(claimed) = self.queue.claim(self.now).unwrap() else { return };
        assert!(!queue.paused && queue.full.is_none(), "nothing begins while the queue stands still");
        let former = before.iter().find(|job| job.id == claimed.job.id).unwrap();
        assert!(!former.paused, "nothing begins that a person holds");
        assert!(matches!(former.state, JobState::Queued | JobState::Waiting), "{former:?}");
        assert_eq!(claimed.job.state, JobState::Running);
        assert_eq!(claimed.job.attempts, former.attempts + 1, "the attempt is counted before the work");
        assert_eq!(self.queue.job(former.id).unwrap().unwrap().attempts, claimed.job.attempts);
    }

    fn holds(&self, before: &[Job], wanted: &BTreeSet<i64>) {
        let jobs = self.jobs();
        assert_eq!(jobs.len(), self.asked.len(), "one row per thing and teamspace");
        for job in &jobs {
            let was = before.iter().find(|former| former.id == job.id).map(|former| former.state);
            if was == Some(JobState::Cancelled) && !wanted.contains(&job.id) {
                assert_eq!(job.state, JobState::Cancelled, "cancelled until asked for again");
            }
            if was.is_some_and(|was| was != JobState::Running) && job.state == JobState::Running {
                assert!(!job.paused);
            }
            let over = matches!(job.state, JobState::Done | JobState::Failed | JobState::Cancelled);
            assert!(!(over && job.paused), "what is over is not held: {job:?}");
            assert!(job.retry_at.is_none() || job.state == JobState::Waiting, "{job:?}");
            assert_eq!(job.error.is_some(), matches!(job.state, JobState::Waiting | JobState::Failed));
        }
    }

    /// Everything that is not over can be begun, once nothing holds it and some time has passed.
    fn everything_is_reached(&self) {
        self.queue.put_back_running(self.now).unwrap();
        self.queue.resume_all().unwrap();
        for job in self.jobs().iter().filter(|job| job.state == JobState::Waiting && job.retry_at.is_none()) {
            assert!(self.queue.make_due(job.id, self.now).unwrap(), "its person acted");
        }
        let open = |job: &&Job| matches!(job.state, JobState::Queued | JobState::Waiting);
        let expected: BTreeSet<i64> = self.jobs().iter().filter(open).map(|job| job.id).collect();
        let mut reached = BTreeSet::new();
        for hours in 1..=3 {
            let later = self.now + SignedDuration::from_hours(hours);
            reached.extend(
                std::iter::from_fn(|| self.queue.claim(later).unwrap()).map(|claimed| claimed.job.id),
            );
        }
        assert_eq!(reached, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_it_the_queue_keeps_what_it_promises(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let queue = Queue::new(open_state_in_memory().unwrap());
        let now = Timestamp::from_second(1_780_000_000).unwrap();
        let mut world = World { queue, now, asked: BTreeSet::new() };
        for step in &steps {
            let before = world.jobs();
            let wanted = world.take(step);
            world.holds(&before, &wanted);
        }
        world.everything_is_reached();
    }
}
