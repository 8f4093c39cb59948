//! Reading a query: one pass over the characters, and whatever stands there is something.

use super::{Filter, Form, Part, Query, What, Words, is_sound};

/// Parts that are looked at; nobody types more.
const MOST_PARTS: usize = 16;
/// Characters of a word, phrase or value at most.
const LONGEST: usize = 100;

pub(super) fn parse(text: &str) -> Query {
    let characters: Vec<char> = text.chars().filter(|c| !steers_direction(*c)).map(plain).collect();
    let mut reader = Reader { characters: &characters, at: 0 };
    let mut parts = Vec::new();
    while parts.len() < MOST_PARTS
        && let Some(part) = reader.next()
    {
        parts.extend(part);
    }
    Query { parts }
}

/// Quotes of all the kinds that keyboards and word processors make.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '„' | '“' | '”' | '«' | '»' | '「' | '」')
}

/// Marks that turn the direction of text: they stand in what is pasted, and nobody sees them.
fn steers_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// A control character or any white space is a space; any quote is the straight one.
fn plain(c: char) -> char {
    match c {
        c if c.is_control() || c.is_whitespace() => ' ',
        c if is_quote(c) => '"',
        c => c,
    }
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| wanted(*c)) {
            text.push(c);
            self.at += 1;
        }
        text
    }

    /// What stands in quotes, the first of which is next. The last one may be missing.
    fn quoted(&mut self) -> String {
        self.at += 1;
        let text = self.take_while(|c| c != '"');
        self.at += 1;
        tidy(&text)
    }

    /// The next part: `Some(None)` for one that asks for nothing, none at the end.
    fn next(&mut self) -> Option<Option<Part>> {
        self.take_while(|c| c == ' ');
        let first = self.peek()?;
        let next = self.characters.get(self.at + 1).copied().unwrap_or(' ');
        let without = first == '-' && next != ' ';
        self.at += usize::from(without);
        let what = if self.peek() == Some('"') {
            words(&self.quoted(), Form::Phrase)
        } else {
            let bare = self.take_while(|c| c != ' ' && c != '"');
            self.unquoted(&bare)
        };
        Some(what.map(|what| Part { without, what }))
    }

    fn unquoted(&mut self, bare: &str) -> Option<What> {
        if let Some((name, value)) = bare.split_once(':') {
            let quoted = value.is_empty() && self.peek() == Some('"') && Filter::read(name, "").is_some();
            let value = if quoted { self.quoted() } else { tidy(value.trim_end_matches('*')) };
            match Filter::read(name, &value) {
                Some(Some(filter)) => return Some(What::Filter(filter)),
                // Its value is still to come.
                Some(None) if value.is_empty() => return None,
                Some(None) if quoted => return words(&format!("{name}:{value}"), Form::Phrase),
                _ => {}
            }
        }
        let text = bare.trim_end_matches('*');
        let form = if text.len() < bare.len() {
            Form::Beginning
        } else if self.at >= self.characters.len() {
            Form::Unfinished
        } else {
            Form::Word
        };
        words(text, form)
    }
}

fn words(text: &str, form: Form) -> Option<What> {
    let text = tidy(text);
    let text = match form {
        Form::Phrase => text,
        Form::Word | Form::Beginning | Form::Unfinished => text.trim_end_matches('*').to_owned(),
    };
    is_sound(&text).then_some(What::Words(Words { text, form }))
}

/// Single spaces, none around, and no longer than it may be.
fn tidy(text: &str) -> String {
    let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let cut: String = text.chars().take(LONGEST).collect();
    cut.trim_end().to_owned()
}
