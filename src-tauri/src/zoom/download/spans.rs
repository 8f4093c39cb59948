//! Which bytes of a file are here: the bookkeeping of a download that does not come in order.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Stretches of a file, sorted, apart from each other, none of them empty. Read from outside in any shape, it is
/// put into this one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub(super) struct Spans(Vec<Range<u64>>);

impl Spans {
    /// The first bytes, up to here.
    pub(super) fn up_to(end: u64) -> Self {
        let mut spans = Self::default();
        spans.insert(0..end);
        spans
    }

    /// Adds a stretch, which may touch or overlap what is here.
    pub(super) fn insert(&mut self, new: Range<u64>) {
        if new.is_empty() {
            return;
        }
        let first = self.0.partition_point(|span| span.end < new.start);
        let last = self.0.partition_point(|span| span.start <= new.end);
        let (mut start, mut end) = (new.start, new.end);
        for span in self.0.get(first..last).unwrap_or_default() {
            (start, end) = (start.min(span.start), end.max(span.end));
        }
        self.0.splice(first..last, std::iter::once(start..end));
    }

    /// Forgets everything from here on.
    pub(super) fn truncate(&mut self, end: u64) {
        self.0.retain_mut(|span| {
            span.end = span.end.min(end);
            !span.is_empty()
        });
    }

    /// Up to where everything is here.
    pub(super) fn front(&self) -> u64 {
        self.0.first().filter(|span| span.start == 0).map_or(0, |span| span.end)
    }

    /// Bytes in all.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|span| span.end - span.start).sum()
    }

    /// What is missing of a file of this size, in order.
    pub(super) fn gaps(&self, size: u64) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut at = 0;
        for span in &self.0 {
            if at < span.start.min(size) {
                gaps.push(at..span.start.min(size));
            }
            at = at.max(span.end);
        }
        if at < size {
            gaps.push(at..size);
        }
        gaps
    }
}

impl From<Vec<(u64, u64)>> for Spans {
    fn from(pairs: Vec<(u64, u64)>) -> Self {
        let mut spans = Self::default();
        for (start, end) in pairs {
            spans.insert(start..end);
        }
        spans
    }
}

impl From<Spans> for Vec<(u64, u64)> {
    fn from(spans: Spans) -> Self {
        spans.0.into_iter().map(|span| (span.start, span.end)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Stretches of a small file, some of them empty.
    fn stretches() -> impl Strategy<Value = Vec<(u64, u64)>> {
        prop::collection::vec((0..60_u64, 0..12_u64).prop_map(|(at, length)| (at, at + length)), 0..20)
    }

    proptest! {
        #[test]
        fn exactly_the_bytes_that_were_put_in_are_here(put in stretches(), size in 0..80_u64) {
            let spans = Spans::from(put.clone());
            let here = |byte: u64| put.iter().any(|(start, end)| (*start..*end).contains(&byte));
            let missing = spans.gaps(size);
            for byte in 0..size {
                prop_assert_eq!(!missing.iter().any(|gap| gap.contains(&byte)), here(byte));
            }
            prop_assert_eq!(spans.total(), (0..80).filter(|byte| here(*byte)).count() as u64);
            prop_assert_eq!(spans.front(), (0..).take_while(|byte| here(*byte)).count() as u64);
        }

        #[test]
        fn stretches_are_sorted_apart_and_never_empty(put in stretches()) {
            let spans = Spans::from(put);
            prop_assert!(spans.0.iter().all(|span| span.start < span.end));
            prop_assert!(spans.0.windows(2).all(|pair| pair[0].end < pair[1].start));
        }

        #[test]
        fn what_was_written_down_is_read_back(put in stretches()) {
            let spans = Spans::from(put);
            let text = serde_json::to_string(&spans).unwrap();
            prop_assert_eq!(serde_json::from_str::<Spans>(&text).unwrap(), spans);
        }

        #[test]
        fn cutting_keeps_what_stands_before_the_cut(put in stretches(), end in 0..80_u64) {
            let whole = Spans::from(put);
            let mut cut = whole.clone();
            cut.truncate(end);
            prop_assert_eq!(cut.gaps(end), whole.gaps(end));
            prop_assert!(cut.gaps(100).iter().any(|gap| gap.end == 100 && gap.start <= end));
        }
    }

    #[test]
    fn nonsense_that_was_written_down_claims_nothing() {
        let spans: Spans = serde_json::from_str("[[5,2],[9,9]]").unwrap();
        assert_eq!(spans, Spans::default());
    }
}
