//! Titles compared as people read them: without regard to case, to how an accent is typed, and to spaces.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization as _;

/// Text on one line, its spaces single.
pub(crate) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The form that two texts share which people read as the same.
pub(crate) fn folded(text: &str) -> String {
    // Composed after folding too: folding can take composed letters apart.
    let composed: String = one_line(text).nfkc().collect();
    UniCase::new(composed).to_folded_case().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_read_as_the_same_is_the_same() {
        for (one, other) in [
            ("Interview", "INTERVIEW"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("Ümit", "U\u{308}mit"),
            ("a \t b", "A B"),
            ("ﬁnal", "FINAL"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("resume"), folded("résumé"), "an accent is a letter of its own");
    }
}
