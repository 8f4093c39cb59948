//! Talk that nobody said: words as frequent as in a language (the n-th is 1/n as frequent as the first), always the same.

use std::fmt::Write as _;
use std::ops::Range;

/// Words of the language.
const WORDS: usize = 60_000;
/// People who speak.
const PEOPLE: usize = 200;
const SYLLABLES: [&str; 20] = [
    "ba", "re", "ti", "mo", "ku", "san", "del", "vi", "no", "pla", "ter", "gu", "li", "fon", "ma", "ze",
    "cro", "hi", "wel", "du",
];

/// A kind of query, by its name in the table.
pub type Kind = (&'static str, fn(&mut Babble) -> String);

/// Every kind of query that is measured.
pub const KINDS: [Kind; 11] = [
    ("a rare word", |b| b.word(5_000..WORDS) + " "),
    ("a usual word", |b| b.word(50..5_000) + " "),
    ("one of the 20 most frequent words", |b| b.word(0..20) + " "),
    ("three letters of a word being typed", |b| b.word(0..WORDS).chars().take(3).collect()),
    ("two usual words", |b| format!("{} {} ", b.word(50..2_000), b.word(50..2_000))),
    ("a phrase of two words", |b| format!("\"{} {}\"", b.word(0..200), b.word(0..200))),
    ("a usual word without another", |b| format!("{} -{} ", b.word(50..5_000), b.word(0..500))),
    ("what a person said", |b| format!("from:\"{}\" {} ", b.person(), b.word(50..2_000))),
    ("a usual word of the last 30 days", |b| format!("{} after:30d ", b.word(50..5_000))),
    ("two letters", |b| b.word(0..WORDS).chars().take(2).collect()),
    ("a word that nobody said", |b| format!("{}xq{} ", b.word(0..WORDS), b.number(1_000))),
];

/// Where the talk stands.
pub struct Babble {
    state: u64,
}

impl Babble {
    pub fn new() -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15 }
    }

    /// Any number below this one (xorshift).
    pub fn number(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 16).unwrap_or(0) % below.max(1)
    }

    /// A word of these places in the order of frequency, each as likely as the other.
    pub fn word(&mut self, places: Range<usize>) -> String {
        let place = places.start + self.number(places.len());
        spelled(place)
    }

    /// A word as somebody says it.
    fn said(&mut self) -> String {
        let share = self.number(1 << 20) as f64 / f64::from(1 << 20);
        spelled((WORDS as f64).powf(share) as usize - 1)
    }

    pub fn person(&mut self) -> String {
        name(self.number(PEOPLE))
    }

    pub fn title(&mut self, n: u64) -> String {
        format!("{} {} {n}", self.said(), self.said())
    }

    /// A transcript of so many lines, between three people.
    pub fn transcript(&mut self, cues: u64) -> String {
        let people: Vec<String> = (0..3).map(|_| self.person()).collect();
        let mut text = String::from("WEBVTT\n");
        for cue in 0..cues {
            let (hours, minutes, seconds) = (cue * 5 / 3600, cue * 5 / 60 % 60, cue * 5 % 60);
            let time = format!("{hours:02}:{minutes:02}:{seconds:02}");
            let speaker = people.get(self.number(3)).map_or("", String::as_str);
            let _ = write!(text, "\n{time}.000 --> {time}.900\n{speaker}:");
            for _ in 0..8 + self.number(10) {
                text.push(' ');
                text.push_str(&self.said());
            }
            text.push('\n');
        }
        text
    }
}

/// The word of a place: the more frequent, the shorter.
fn spelled(mut place: usize) -> String {
    let mut word = String::new();
    loop {
        word.push_str(SYLLABLES.get(place % SYLLABLES.len()).copied().unwrap_or_default());
        place /= SYLLABLES.len();
        if place == 0 {
            return word;
        }
        place -= 1;
    }
}

fn name(n: usize) -> String {
    let capital = |word: String| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    format!("{} {}", capital(spelled(n + 20)), capital(spelled(n * 7 + 400)))
}
