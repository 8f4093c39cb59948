//! Who fetches which stretch of a file: each missing byte is somebody's, or nobody's yet, and never two people's.

use std::ops::Range;

/// A connection of one download.
pub(super) type LineId = u32;

/// A stretch that is left to somebody else has at least this many bytes: fewer are fetched sooner by who has them.
const LEAST: u64 = 2 << 20;

/// A stretch that a connection fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    line: LineId,
    at: u64,
    end: u64,
    /// Whether something came.
    flows: bool,
}

/// What is still to be fetched.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Nobody's, in order.
    free: Vec<Range<u64>>,
    taken: Vec<Stretch>,
    next: LineId,
    received: u64,
}

impl Plan {
    /// With what is missing, in order.
    pub(super) fn new(missing: Vec<Range<u64>>) -> Self {
        Self { free: missing, taken: Vec::new(), next: 0, received: 0 }
    }

    /// Gives a new connection something to do: what nobody has, else the second half of the largest rest. None
    /// when nothing is left that is worth a connection.
    pub(super) fn take(&mut self) -> Option<(LineId, Range<u64>)> {
        let range = if self.free.is_empty() {
            let largest = self.taken.iter_mut().max_by_key(|stretch| stretch.end - stretch.at)?;
            let rest = largest.end - largest.at;
            if rest < 2 * LEAST {
                return None;
            }
            let middle = largest.at + rest / 2;
            let half = middle..largest.end;
            largest.end = middle;
            half
        } else {
            self.free.remove(0)
        };
        let line = self.next;
        self.next += 1;
        self.taken.push(Stretch { line, at: range.start, end: range.end, flows: false });
        Some((line, range))
    }

    /// Bytes came on a connection: where they belong, and how many of them are still its own.
    pub(super) fn receive(&mut self, line: LineId, bytes: u64) -> Option<Range<u64>> {
        let stretch = self.taken.iter_mut().find(|stretch| stretch.line == line)?;
        let start = stretch.at;
        stretch.flows = true;
        stretch.at = stretch.end.min(start.saturating_add(bytes));
        self.received += stretch.at - start;
        Some(start..stretch.at)
    }

    /// What a connection still has to fetch; none when it has nothing any more.
    pub(super) fn rest(&self, line: LineId) -> Option<Range<u64>> {
        let stretch = self.taken.iter().find(|stretch| stretch.line == line)?;
        (stretch.at < stretch.end).then_some(stretch.at..stretch.end)
    }

    /// A connection ends. What it leaves goes to the one that fetches what stands before it, or is nobody's.
    pub(super) fn release(&mut self, line: LineId) {
        let Some(place) = self.taken.iter().position(|stretch| stretch.line == line) else { return };
        let left = self.taken.swap_remove(place);
        if left.at == left.end {
            return;
        }
        // Only one that is still on its way: a connection that has reached its end may have stopped already.
        let before = |stretch: &&mut Stretch| stretch.end == left.at && stretch.at < stretch.end;
        if let Some(before) = self.taken.iter_mut().find(before) {
            before.end = left.end;
        } else {
            let place = self.free.partition_point(|range| range.start < left.at);
            self.free.insert(place, left.at..left.end);
        }
    }

    /// How many connections have something to fetch.
    pub(super) fn lines(&self) -> usize {
        self.taken.len()
    }

    /// Whether each connection has brought something.
    pub(super) fn all_flow(&self) -> bool {
        self.taken.iter().all(|stretch| stretch.flows)
    }

    /// The connection that was begun last.
    pub(super) fn newest(&self) -> Option<LineId> {
        self.taken.iter().map(|stretch| stretch.line).max()
    }

    /// Bytes that came so far.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Bytes that are still to come.
    pub(super) fn missing(&self) -> u64 {
        let free = self.free.iter().map(|range| range.end - range.start);
        free.chain(self.taken.iter().map(|stretch| stretch.end - stretch.at)).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1 << 20;

    /// What may happen to a plan.
    #[derive(Debug, Clone)]
    enum Step {
        Take,
        Receive(usize, u64),
        Release(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            Just(Step::Take),
            (0..8_usize, 0..20 * MIB).prop_map(|(line, bytes)| Step::Receive(line, bytes)),
            (0..8_usize).prop_map(Step::Release),
        ];
        prop::collection::vec(step, 0..60)
    }

    /// Everything that is still to be fetched, in order.
    fn to_come(plan: &Plan) -> Vec<Range<u64>> {
        let mut all: Vec<Range<u64>> = plan.free.clone();
        all.extend(
            plan.taken.iter().map(|stretch| stretch.at..stretch.end).filter(|range| !range.is_empty()),
        );
        all.sort_by_key(|range| range.start);
        all
    }

    proptest! {
        #[test]
        fn each_byte_is_received_once_or_still_to_come(steps in steps(), size in 1..100_u64) {
            let size = size * MIB;
            let mut plan = Plan::new(vec![0..MIB / 2, MIB..size + MIB]);
            let mut received = super::super::spans::Spans::default();
            let mut counted = 0;
            for step in steps {
                let lines: Vec<LineId> = plan.taken.iter().map(|stretch| stretch.line).collect();
                let pick = |index: usize| lines.get(index % lines.len().max(1)).copied();
                match step {
                    Step::Take => drop(plan.take()),
                    Step::Receive(index, bytes) => {
                        if let Some(range) = pick(index).and_then(|line| plan.receive(line, bytes)) {
                            counted += range.end - range.start;
                            received.insert(range);
                        }
                    }
                    Step::Release(index) => {
                        if let Some(line) = pick(index) {
                            plan.release(line);
                        }
                    }
                }
                let ranges = to_come(&plan);
                prop_assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{ranges:?}");
                // No byte twice: those that came, counted one by one, are those that are here.
                prop_assert_eq!(received.total(), counted);
                prop_assert_eq!(plan.received(), counted);
                prop_assert_eq!(counted + plan.missing(), size + MIB / 2);
            }
        }

        #[test]
        fn whatever_happened_it_can_be_fetched_to_its_end(steps in steps()) {
            let mut plan = Plan::new(std::iter::once(0..40 * MIB).collect());
            for step in steps {
                match step {
                    Step::Take => drop(plan.take()),
                    Step::Receive(line, bytes) => drop(plan.receive(line as LineId, bytes)),
                    Step::Release(line) => plan.release(line as LineId),
                }
            }
            while plan.missing() > 0 {
                let line = match plan.taken.iter().find(|stretch| stretch.at < stretch.end) {
                    Some(stretch) => stretch.line,
                    None => plan.take().unwrap().0,
                };
                plan.receive(line, 3 * MIB);
            }
            prop_assert_eq!(plan.received(), 40 * MIB);
        }
    }

    #[test]
    fn what_a_refused_connection_was_to_fetch_goes_back_to_the_one_before_it() {
        let mut plan = Plan::new(std::iter::once(0..40 * MIB).collect());
        let (first, all) = plan.take().unwrap();
        let (second, half) = plan.take().unwrap();
        assert_eq!((all, half), (0..40 * MIB, 20 * MIB..40 * MIB));
        plan.receive(first, MIB);
        plan.release(second);
        assert_eq!(plan.rest(first), Some(MIB..40 * MIB));
    }

    #[test]
    fn a_small_rest_is_not_divided() {
        let mut plan = Plan::new(std::iter::once(0..3 * MIB).collect());
        assert!(plan.take().is_some());
        assert_eq!(plan.take(), None);
    }
}
