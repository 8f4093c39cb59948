//! What is shown of a place where words were found: text, and where in it the words stand.

use crate::catalog::passage::{LINE_FEED, MARK, MARK_ENDS};
use crate::query::SEPARATOR;

/// Characters of a snippet, about.
const LONGEST: usize = 160;

/// A text, and where words were found in it: from, and the first behind, in characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) marks: Vec<(usize, usize)>,
    /// What was found goes on in the next line.
    pub(super) goes_on: bool,
}

/// The lines of a stored text in which the index marked what it found.
pub(super) fn marked_lines(stored: &str) -> Vec<Marked> {
    let mut open = false;
    let line = |line: &str| {
        let mut marked = Marked::default();
        let mut length = 0;
        let mut from = 0;
        for c in line.chars() {
            match c {
                MARK => (open, from) = (true, length),
                MARK_ENDS => {
                    open = false;
                    if length > from {
                        marked.marks.push((from, length));
                    }
                }
                SEPARATOR => {}
                c => {
                    marked.text.push(if c == LINE_FEED { ' ' } else { c });
                    length += 1;
                }
            }
        }
        if open && length > from {
            marked.marks.push((from, length));
        }
        marked.goes_on = open;
        marked
    };
    stored.split('\n').map(line).collect()
}

impl Marked {
    /// Puts the next line behind this one.
    pub(super) fn append(&mut self, next: &Self) {
        let length = self.text.chars().count() + 1;
        self.text.push(' ');
        self.text.push_str(&next.text);
        self.marks.extend(next.marks.iter().map(|(from, to)| (from + length, to + length)));
        self.goes_on = next.goes_on;
    }

    /// The part around the first mark, cut between words.
    pub(super) fn cut(self) -> Self {
        let letters: Vec<char> = self.text.chars().collect();
        if letters.len() <= LONGEST {
            return self;
        }
        let space = |place: usize| letters.get(place).is_some_and(|c| c.is_whitespace());
        let found = self.marks.first().map_or(0, |(from, _)| *from);
        let mut first = found.saturating_sub(LONGEST / 3);
        if first > 0 {
            // At the beginning of a word, where one is near.
            first =
                (first..found.min(first + 40)).find(|place| space(*place)).map_or(first, |place| place + 1);
        }
        let mut last = (first + LONGEST).min(letters.len());
        if last < letters.len() {
            last = (last.saturating_sub(40)..last).rev().find(|place| space(*place)).unwrap_or(last);
        }
        let before = if first > 0 { "…" } else { "" };
        let after = if last < letters.len() { "…" } else { "" };
        let shift = before.chars().count();
        let text: String = letters.iter().skip(first).take(last - first).collect();
        let moved = |(from, to): (usize, usize)| {
            let (from, to) = (from.max(first), to.min(last));
            (from < to).then(|| (from - first + shift, to - first + shift))
        };
        Self {
            text: format!("{before}{text}{after}"),
            marks: self.marks.into_iter().filter_map(moved).collect(),
            goes_on: false,
        }
    }
}

/// Marks in order, each place once.
pub(super) fn merged(mut marks: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    marks.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (from, to) in marks {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_places_in_the_text_also_from_line_to_line() {
        let lines =
            marked_lines("the \u{2}clinic\nmanager\u{3} said\n\u{1D}\u{2}会\u{1D}\u{1D}議\u{3}\u{1D}");
        assert_eq!(
            (lines[0].text.as_str(), &lines[0].marks[..], lines[0].goes_on),
            ("the clinic", &[(4, 10)][..], true)
        );
        assert_eq!(
            (lines[1].text.as_str(), &lines[1].marks[..], lines[1].goes_on),
            ("manager said", &[(0, 7)][..], false)
        );
        assert_eq!((lines[2].text.as_str(), &lines[2].marks[..]), ("会議", &[(0, 2)][..]));
        let mut both = lines[0].clone();
        both.append(&lines[1]);
        assert_eq!(
            (both.text.as_str(), &both.marks[..]),
            ("the clinic manager said", &[(4, 10), (11, 18)][..])
        );
    }

    #[test]
    fn a_long_text_is_cut_around_what_was_found() {
        let long = format!("{}\u{2}budget\u{3}{}", "before ".repeat(80), " after".repeat(80));
        let cut = marked_lines(&long).remove(0).cut();
        assert!(cut.text.starts_with("…before") && cut.text.ends_with("after…"), "{}", cut.text);
        let (from, to) = cut.marks[0];
        assert_eq!(cut.text.chars().skip(from).take(to - from).collect::<String>(), "budget");
        let wordless = Marked { text: "会".repeat(400), marks: vec![(300, 302)], goes_on: false }.cut();
        assert!(wordless.text.chars().count() <= LONGEST + 2 && !wordless.marks.is_empty());
    }

    #[test]
    fn marks_that_touch_are_one() {
        assert_eq!(merged(vec![(4, 6), (0, 2), (1, 3), (3, 4)]), [(0, 6)]);
    }
}
