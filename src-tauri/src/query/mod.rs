//! What a person types to search, and what it means: the query language.
//!
//! Words (all of them count), `"a phrase"`, `begin*`, `-without`, and filters such as `from:Ada` or `tag:"clinic study"`.
//! Any text is a query: what makes no sense as a filter is a word, and nothing here fails. A query that is printed and
//! read again is the same query. The language is described for people in `docs/search.md`.

mod day;
mod length;
mod parse;
mod spelling;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use day::Day;
pub use spelling::{SEPARATOR, find_in, is_sound, separated, spellings, stands_alone};

/// What is searched for: parts, as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The parts, in the order in which they stand.
    pub parts: Vec<Part>,
}

/// One part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it asks for must not be there.
    pub without: bool,
    /// What it asks for.
    pub what: What,
}

/// What one part of a query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A word or a phrase.
    Words(Words),
    /// A property of the recording, or of the place in it.
    Filter(Filter),
}

/// A word or a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The text: no quotes, no control characters, spaces single; never empty.
    pub text: String,
    /// How it must stand there.
    pub form: Form,
}

/// How a word or phrase must stand in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a whole word.
    Word,
    /// The words one after the other.
    Phrase,
    /// As the beginning of a word.
    Beginning,
    /// The last word of what is being typed: perhaps only its beginning.
    Unfinished,
}

/// A property of a recording, or of a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Who said or wrote it; of a recording as a whole, who hosted it, imported it or speaks in it.
    From(String),
    /// A tag of the recording, the whole of it.
    Tag(String),
    /// Where the words stand.
    Kind(Kind),
    /// The name of a teamspace, or how it begins, or its id.
    In(String),
    /// Begun on this day or later.
    After(Day),
    /// Begun before this day.
    Before(Day),
    /// At least so many seconds long.
    Longer(u64),
    /// Shorter than so many seconds.
    Shorter(u64),
    /// Recordings that have this.
    Has(Has),
}

/// What a recording may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// A picture.
    Video,
    /// Sound alone.
    Audio,
    /// What was said, as text: a transcript or captions.
    Transcript,
    /// The meeting chat.
    Chat,
    /// A summary of Zoom's.
    Summary,
}

/// Where words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the title.
    Title,
    /// In the name of the host, the importer or a speaker.
    Person,
    /// In a tag.
    Tag,
    /// In what was said.
    Transcript,
    /// In the meeting chat.
    Chat,
}

/// A part of a query as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct QueryPart {
    /// The part in the query language.
    pub text: String,
    /// Whether it excludes.
    pub without: bool,
    /// The name of its filter; none for words.
    pub filter: Option<String>,
    /// The words, or the value of the filter, without quotes.
    pub value: String,
}

impl Query {
    /// Reads what a person typed: whatever it is.
    pub fn parse(text: &str) -> Self {
        parse::parse(text)
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The same without one part.
    #[must_use]
    pub fn without_part(&self, place: usize) -> Self {
        let kept = self.parts.iter().enumerate().filter(|(n, _)| *n != place);
        Self { parts: kept.map(|(_, part)| part.clone()).collect() }
    }

    /// The same with one more filter.
    #[must_use]
    pub fn with(mut self, filter: Filter) -> Self {
        if let Some(What::Words(words)) = self.parts.last_mut().map(|part| &mut part.what)
            && words.form == Form::Unfinished
        {
            words.form = Form::Word;
        }
        self.parts.push(Part { without: false, what: What::Filter(filter) });
        self
    }

    /// The parts as they are shown.
    pub fn shown(&self) -> Vec<QueryPart> {
        self.parts.iter().map(Part::shown).collect()
    }
}

impl Part {
    /// The part as it is shown.
    pub fn shown(&self) -> QueryPart {
        let (filter, value) = match &self.what {
            What::Words(words) => (None, words.text.clone()),
            What::Filter(filter) => (Some(filter.name().to_owned()), filter.value()),
        };
        QueryPart { text: self.to_string(), without: self.without, filter, value }
    }
}

impl Filter {
    /// Its name in the language.
    pub fn name(&self) -> &'static str {
        match self {
            Self::From(_) => "from",
            Self::Tag(_) => "tag",
            Self::Kind(_) => "kind",
            Self::In(_) => "in",
            Self::After(_) => "after",
            Self::Before(_) => "before",
            Self::Longer(_) => "longer",
            Self::Shorter(_) => "shorter",
            Self::Has(_) => "has",
        }
    }

    /// Its value in the language, without quotes.
    pub fn value(&self) -> String {
        match self {
            Self::From(value) | Self::Tag(value) | Self::In(value) => value.clone(),
            Self::Kind(kind) => kind.name().to_owned(),
            Self::After(day) | Self::Before(day) => day.to_string(),
            Self::Longer(seconds) | Self::Shorter(seconds) => length::print(*seconds),
            Self::Has(has) => has.name().to_owned(),
        }
    }

    /// A filter by its name and value, where both make sense.
    pub fn named(name: &str, value: &str) -> Option<Self> {
        Self::read(name, value).flatten()
    }

    /// A filter by its name, whatever its case, and its value. None when there is no such filter; `Some(None)` when the
    /// value makes no sense.
    fn read(name: &str, value: &str) -> Option<Option<Self>> {
        let text = || (!value.is_empty()).then(|| value.to_owned());
        Some(match name.to_lowercase().as_str() {
            "from" | "person" => text().map(Self::From),
            "tag" => text().map(Self::Tag),
            "kind" => Kind::read(value).map(Self::Kind),
            "in" => text().map(Self::In),
            "after" => Day::read(value).map(Self::After),
            "before" => Day::read(value).map(Self::Before),
            "longer" => length::read(value).map(Self::Longer),
            "shorter" => length::read(value).map(Self::Shorter),
            "has" => Has::read(value).map(Self::Has),
            _ => return None,
        })
    }
}

impl Kind {
    const ALL: [Self; 5] = [Self::Title, Self::Person, Self::Tag, Self::Transcript, Self::Chat];

    fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Person => "person",
            Self::Tag => "tag",
            Self::Transcript => "transcript",
            Self::Chat => "chat",
        }
    }

    fn read(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(value))
    }
}

impl Has {
    const ALL: [Self; 5] = [Self::Video, Self::Audio, Self::Transcript, Self::Chat, Self::Summary];

    fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Transcript => "transcript",
            Self::Chat => "chat",
            Self::Summary => "summary",
        }
    }

    fn read(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|has| has.name().eq_ignore_ascii_case(value))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.parts.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            part.fmt(f)?;
        }
        // A space says that the last word is finished.
        let last = self.parts.last().map(|part| &part.what);
        if let Some(What::Words(Words { form: Form::Word, .. })) = last {
            f.write_str(" ")?;
        }
        Ok(())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.without {
            f.write_str("-")?;
        }
        match &self.what {
            What::Words(Words { text, form }) => match form {
                Form::Word | Form::Unfinished => f.write_str(text),
                Form::Phrase => write!(f, "\"{text}\""),
                Form::Beginning => write!(f, "{text}*"),
            },
            What::Filter(filter) => {
                let value = filter.value();
                let quoted = value.contains(' ') || value.ends_with('*');
                if quoted {
                    write!(f, "{}:\"{value}\"", filter.name())
                } else {
                    write!(f, "{}:{value}", filter.name())
                }
            }
        }
    }
}
