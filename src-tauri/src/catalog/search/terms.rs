//! The words of a query, as the indexes are asked for them.

use crate::query::{Filter, Form, Kind, Query, What, Words, find_in, separated, spellings};

/// Letters of a word that the index of letters can look for.
const LETTERS: usize = 3;

/// The words of a query, and where they are to stand.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// All of these must be there.
    pub(super) with: Vec<Words>,
    /// None of these.
    pub(super) without: Vec<Words>,
    /// One of these people, where there are any.
    pub(super) people: Vec<String>,
    /// None of these.
    pub(super) not_people: Vec<String>,
    kinds: Vec<Kind>,
    not_kinds: Vec<Kind>,
}

impl Terms {
    pub(super) fn of(query: &Query) -> Self {
        let mut terms = Self::default();
        for part in &query.parts {
            match (&part.what, part.without) {
                (What::Words(words), false) => terms.with.push(words.clone()),
                (What::Words(words), true) => terms.without.push(finished(words)),
                (What::Filter(Filter::From(name)), false) => terms.people.push(name.clone()),
                (What::Filter(Filter::From(name)), true) => terms.not_people.push(name.clone()),
                (What::Filter(Filter::Kind(kind)), false) => terms.kinds.push(*kind),
                (What::Filter(Filter::Kind(kind)), true) => terms.not_kinds.push(*kind),
                _ => {}
            }
        }
        terms
    }

    /// Whether words of this kind of place are wanted.
    pub(super) fn wants(&self, kind: Kind) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&kind)) && !self.not_kinds.contains(&kind)
    }

    /// Whether somebody asked for this kind of place by name.
    pub(super) fn names(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind) && !self.not_kinds.contains(&kind)
    }

    /// What the index of what was said and written is asked; none when nothing is to be looked for there.
    pub(super) fn said(&self) -> Option<String> {
        let all: Vec<String> = self.with.iter().map(said).collect();
        let anywhere = format!("({})", all.join(" AND "));
        // A word may be the speaker's name, but not all of them: whoever speaks all the time is not all that is found.
        let mut expression = match all.len() {
            0 => String::new(),
            1 => format!("{{body}} : {anywhere}"),
            _ => format!("({anywhere} AND {{body}} : ({}))", all.join(" OR ")),
        };
        if !self.people.is_empty() {
            let people: Vec<String> = self
                .people
                .iter()
                .flat_map(|name| spellings(name))
                .map(|name| quoted(&name) + " *")
                .collect();
            let people = format!("{{speakers}} : ({})", people.join(" OR "));
            expression = if all.is_empty() { people } else { format!("({expression} AND {people})") };
        }
        if expression.is_empty() {
            return None;
        }
        if !self.without.is_empty() {
            let none: Vec<String> = self.without.iter().map(said).collect();
            expression = format!("{expression} NOT {{body}} : ({})", none.join(" OR "));
        }
        Some(expression)
    }

    /// Each word that must be there or be a person's, alone, in the language of the index of what was said: of a phrase and
    /// of a name every one.
    pub(super) fn each_word(&self) -> Vec<String> {
        let texts = self.with.iter().map(|words| (words.text.as_str(), begins(words, 0)));
        let people = self.people.iter().map(|name| (name.as_str(), true));
        let mut all = Vec::new();
        for (text, begins) in texts.chain(people) {
            let text = separated(text);
            let mut words = text
                .split(|letter: char| !letter.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .peekable();
            while let Some(word) = words.next() {
                let unfinished = begins && words.peek().is_none();
                all.push(phrase(word) + if unfinished { " *" } else { "" });
            }
        }
        all
    }

    /// What the index of letters is asked in titles, people and tags; none when no word is long enough for it.
    pub(super) fn letters(&self, columns: &str) -> Option<String> {
        let all = |all: Vec<String>| {
            let long = all.iter().all(|spelling| spelling.chars().count() >= LETTERS);
            let any: Vec<String> = all.iter().map(|spelling| phrase(spelling)).collect();
            long.then(|| format!("({})", any.join(" OR ")))
        };
        let mut parts: Vec<String> = Vec::new();
        for words in &self.with {
            parts.extend(all(spellings(&words.text)).map(|any| format!("{{{columns}}} : {any}")));
        }
        let people: Vec<String> = self.people.iter().flat_map(|name| spellings(name)).collect();
        if !people.is_empty() {
            parts.extend(all(people).map(|any| format!("{{host people}} : {any}")));
        }
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }

    /// For words that are too short for the index of letters: patterns of LIKE, one of each list must be there.
    pub(super) fn short(&self) -> Vec<Vec<String>> {
        let short = |words: &&Words| spellings(&words.text).iter().any(|s| s.chars().count() < LETTERS);
        self.with.iter().filter(short).map(|words| patterns(&words.text)).collect()
    }

    /// Where words stand in a name: title, host, tag, and so on.
    pub(super) fn in_name(words: &Words, name: &str) -> Vec<(usize, usize)> {
        // One or two letters stand in many words: there, they must begin one.
        let short = words.text.chars().count() < LETTERS;
        match words.form {
            Form::Phrase => find_in(name, &words.text, (true, true)),
            _ => find_in(name, &words.text, (short, false)),
        }
    }

    /// Whether a word that must not be there stands in a name.
    pub(super) fn forbidden_in(&self, name: &str) -> bool {
        self.without.iter().any(|words| {
            let whole = (true, words.form != Form::Beginning);
            !find_in(name, &words.text, whole).is_empty()
        })
    }

    /// Whether one of the names, one per line, belongs to somebody who is asked for.
    pub(super) fn meets(&self, names: &str) -> bool {
        self.people.is_empty() || self.people.iter().any(|person| is_named(person, names))
    }

    /// Whether one of the names belongs to somebody who must not be there.
    pub(super) fn avoids(&self, names: &str) -> bool {
        !self.not_people.iter().any(|person| is_named(person, names))
    }
}

/// Whether names hold what was asked for, at the beginning of a name or a part of it.
pub(super) fn is_named(person: &str, names: &str) -> bool {
    !find_in(names, person, (true, false)).is_empty()
}

/// What must not be there is not guessed from its beginning.
fn finished(words: &Words) -> Words {
    let form = if words.form == Form::Unfinished { Form::Word } else { words.form };
    Words { form, ..words.clone() }
}

fn said(words: &Words) -> String {
    let mut any: Vec<String> = Vec::new();
    for (place, spelling) in spellings(&words.text).iter().enumerate() {
        any.push(quoted(spelling) + if begins(words, place) { " *" } else { "" });
    }
    format!("({})", any.join(" OR "))
}

/// Whether this one of the words' spellings is to be found where a longer word begins so.
fn begins(words: &Words, spelling: usize) -> bool {
    let letters = words.text.chars().count();
    match words.form {
        Form::Word | Form::Phrase => false,
        // One letter begins too many words.
        Form::Beginning => letters > 1,
        // Another spelling of a beginning is the beginning of other words: "blue" is no "blü".
        Form::Unfinished => letters >= LETTERS && spelling == 0,
    }
}

/// A string of the index's language, with the letters that stand alone set apart as in what it reads.
fn quoted(text: &str) -> String {
    phrase(&separated(text))
}

fn phrase(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Patterns of LIKE, which knows the case of ASCII only.
fn patterns(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for spelling in spellings(text) {
        for spelling in [spelling.to_uppercase(), spelling] {
            let mut pattern = String::from("%");
            for letter in spelling.chars() {
                if matches!(letter, '%' | '_' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
            pattern.push('%');
            if !found.contains(&pattern) {
                found.push(pattern);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_a_phrase_and_of_a_name_is_asked_for_alone() {
        let terms = Terms::of(&Query::parse("\"not yet\" from:\"Ada Berg\" -never pric"));
        assert_eq!(terms.each_word(), [r#""not""#, r#""yet""#, r#""pric" *"#, r#""Ada""#, r#""Berg" *"#]);
    }
}
