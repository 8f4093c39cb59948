//! How words are compared: case and accents aside, German umlauts in both spellings, and scripts that part no words by
//! spaces letter by letter.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Stands around letters that stand alone, in the texts that the index of words reads: it parts words there.
pub const SEPARATOR: char = '\u{1D}';

/// Whether a character is a word of its own: scripts that part no words by spaces, where any run of characters may be
/// searched for, and symbols such as emoji.
pub fn stands_alone(c: char) -> bool {
    matches!(c,
        // ©, ®, °
        '\u{A9}' | '\u{AE}' | '\u{B0}'
        // Thai, Lao, Burmese, Khmer
        | '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        // Signs, arrows, shapes, dingbats
        | '\u{2100}'..='\u{2BFF}'
        // Radicals, kana, bopomofo, ideographs, hangul
        | '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FFDC}'
        // Emoji and other pictures, ideographs beyond the first plane
        | '\u{1F000}'..='\u{1FBFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether there is anything in a text that can be searched for.
pub fn is_sound(text: &str) -> bool {
    text.chars().any(|c| c.is_alphanumeric() || stands_alone(c))
}

/// The text with every letter that stands alone set apart. Without such letters it is the same text.
pub fn separated(text: &str) -> String {
    let mut parted = String::with_capacity(text.len());
    for c in text.chars() {
        if stands_alone(c) {
            parted.extend([SEPARATOR, c, SEPARATOR]);
        } else {
            parted.push(c);
        }
    }
    parted
}

/// A text and the other ways to write it: in small letters, `ü` as `ue` and `ue` as `u`, `ß` as `ss` and `ss` as `ß`.
pub fn spellings(text: &str) -> Vec<String> {
    let written: String = text.nfc().collect::<String>().to_lowercase();
    let umlauts = [("ä", "ae"), ("ö", "oe"), ("ü", "ue")];
    let replaced = |text: &str, pairs: &[(&str, &str)]| {
        pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let long = replaced(&written, &umlauts);
    let short = replaced(&written, &[("ae", "a"), ("oe", "o"), ("ue", "u")]);
    let mut found: Vec<String> = Vec::new();
    for form in [written, long, short] {
        for form in [form.clone(), replaced(&form, &[("ß", "ss")]), replaced(&form, &[("ss", "ß")])] {
            if !found.contains(&form) {
                found.push(form);
            }
        }
    }
    found
}

/// A text as it is compared: each letter with the place in the text that it comes from, in characters.
fn folded(text: &str) -> Vec<(char, usize)> {
    let mut letters = Vec::with_capacity(text.len());
    for (place, c) in text.chars().enumerate() {
        if c.is_ascii() {
            letters.push((c.to_ascii_lowercase(), place));
            continue;
        }
        for c in std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
            if c == 'ß' {
                letters.extend([('s', place), ('s', place)]);
            } else {
                letters.push((c, place));
            }
        }
    }
    letters
}

/// Where `words` stand in a text, in characters: from, and the first behind. `whole` wants the beginning and the end of a
/// word around them, as given; letters that stand alone are both.
pub fn find_in(text: &str, words: &str, whole: (bool, bool)) -> Vec<(usize, usize)> {
    let letters = folded(text);
    let mut needles: Vec<Vec<char>> = Vec::new();
    for spelling in spellings(words) {
        let needle: Vec<char> = folded(&spelling).into_iter().map(|(c, _)| c).collect();
        if !needle.is_empty() && !needles.contains(&needle) {
            needles.push(needle);
        }
    }
    let parts = |at: Option<usize>| {
        at.and_then(|at| letters.get(at)).is_none_or(|(c, _)| !c.is_alphanumeric() || stands_alone(*c))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let fits = |needle: &&Vec<char>| {
            let rest = letters.iter().skip(at).map(|(c, _)| c);
            let alone = |c: Option<&char>| c.is_some_and(|c| stands_alone(*c));
            needle.len() <= letters.len() - at
                && rest.zip(needle.iter()).all(|(a, b)| a == b)
                && (!whole.0 || at == 0 || parts(at.checked_sub(1)) || alone(needle.first()))
                && (!whole.1 || parts(Some(at + needle.len())) || alone(needle.last()))
        };
        let length = needles.iter().filter(fits).map(Vec::len).max();
        match length {
            Some(length) => {
                let first = letters.get(at).map_or(0, |(_, place)| *place);
                let last = letters.get(at + length - 1).map_or(first, |(_, place)| *place);
                found.push((first, last + 1));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYWHERE: (bool, bool) = (false, false);

    #[test]
    fn umlauts_are_found_in_every_spelling() {
        for (text, words) in [
            ("Müller", "muller"),
            ("Müller", "Mueller"),
            ("Mueller", "Müller"),
            ("MÜLLER", "müller"),
            ("Mu\u{308}ller", "Müller"),
            ("Straße", "STRASSE"),
            ("Strasse", "straße"),
            ("Übergrößenträger", "uebergroessen"),
            ("Zieliński", "zielinski"),
            ("crème brûlée", "creme brulee"),
        ] {
            assert_eq!(find_in(text, words, ANYWHERE).len(), 1, "{words} in {text}");
        }
    }

    #[test]
    fn places_are_counted_in_characters_of_the_text() {
        assert_eq!(find_in("Große Straße", "strasse", ANYWHERE), [(6, 12)]);
        assert_eq!(find_in("a u\u{308}b", "üb", ANYWHERE), [(2, 5)]);
        assert_eq!(find_in("🎉 Budget 🎉", "budget", ANYWHERE), [(2, 8)]);
        assert_eq!(find_in("会議の会議", "会議", (true, true)), [(0, 2), (3, 5)]);
        assert_eq!(find_in("a🎉b", "🎉", (true, true)), [(1, 2)]);
        assert_eq!(find_in("", "x", ANYWHERE), []);
    }

    #[test]
    fn whole_words_are_told_from_parts_of_words() {
        assert_eq!(find_in("Start the art", "art", (true, true)), [(10, 13)]);
        assert_eq!(find_in("artist, smart", "art", (true, false)), [(0, 3)]);
        assert_eq!(find_in("Start the art", "art", ANYWHERE).len(), 2);
    }

    #[test]
    fn letters_that_stand_alone_are_set_apart() {
        assert_eq!(separated("plain text"), "plain text");
        assert_eq!(separated("a会🎉").replace(SEPARATOR, "|"), "a|会||🎉|");
        assert!(is_sound("🎉") && is_sound("é") && !is_sound("-*:"));
    }
}
