//! What is said to people outside the window, in their language: tray, notifications, exported documents.
//!
//! The words are those of `ui/messages/<language>/background.json` and `documents.json`, the window's own kind of file,
//! read into the program when it is built: translations stand in one place, and the window may use the same ones. Of that
//! format only what these messages need is understood: `{name}`, and two forms by `count`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::settings::Language;

/// The messages of one language, by key.
type Table = BTreeMap<String, Message>;

static ENGLISH: LazyLock<Table> = LazyLock::new(|| {
    let documents = include_str!("../../ui/messages/en/documents.json");
    read(&[include_str!("../../ui/messages/en/background.json"), documents])
});
static GERMAN: LazyLock<Table> = LazyLock::new(|| {
    let documents = include_str!("../../ui/messages/de/documents.json");
    read(&[include_str!("../../ui/messages/de/background.json"), documents])
});

/// A message as the file has it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Message {
    One(String),
    ByCount([Variants; 1]),
}

#[derive(Debug, Deserialize)]
struct Variants {
    r#match: Forms,
}

/// English and German both have two forms.
#[derive(Debug, Deserialize)]
struct Forms {
    #[serde(rename = "plural=one")]
    one: String,
    #[serde(rename = "plural=other")]
    other: String,
}

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// English.
    English,
    /// German.
    German,
}

impl Messages {
    /// The words of the language that a person chose; `System` takes the first of the system's languages that there
    /// are words for, as the window does.
    pub fn of(language: Language) -> Self {
        match language {
            Language::En => Self::English,
            Language::De => Self::German,
            Language::System => Self::first(sys_locale::get_locales()),
        }
    }

    fn first(tags: impl IntoIterator<Item = String>) -> Self {
        let known = |tag: String| match tag.split(['-', '_']).next()?.to_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            _ => None,
        };
        tags.into_iter().find_map(known).unwrap_or(Self::English)
    }

    /// A message with its inputs. A key that there is not answers itself.
    pub fn say(self, key: &str, inputs: &[(&str, &str)]) -> String {
        self.form(key, 0, inputs)
    }

    /// A message in the form that belongs to a number, which is its input `count`.
    pub fn count(self, key: &str, count: usize, inputs: &[(&str, &str)]) -> String {
        let number = count.to_string();
        let mut all = vec![("count", number.as_str())];
        all.extend(inputs);
        self.form(key, count, &all)
    }

    fn form(self, key: &str, count: usize, inputs: &[(&str, &str)]) -> String {
        let table: &Table = match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        };
        match table.get(key) {
            Some(Message::One(text)) => fill(text, inputs),
            Some(Message::ByCount([variants])) => {
                let forms = &variants.r#match;
                fill(if count == 1 { &forms.one } else { &forms.other }, inputs)
            }
            None => key.to_owned(),
        }
    }
}

/// Puts inputs in place of their names in braces, in one walk: what an input says is never read again.
fn fill(text: &str, inputs: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        filled.push_str(inputs.iter().find(|(input, _)| *input == name).map_or("", |(_, value)| value));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn read(files: &[&str]) -> Table {
    let read = |file: &&str| -> Table {
        serde_json::from_str(file).expect("the files of this repository are read in a test")
    };
    files.iter().flat_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_everything() {
        assert_eq!(ENGLISH.keys().collect::<Vec<_>>(), GERMAN.keys().collect::<Vec<_>>());
        assert!(ENGLISH.len() > 30, "the files are not empty");
    }

    #[test]
    fn a_message_takes_its_inputs_as_they_are() {
        let inputs = [("title", "{teamspace} & <b>"), ("teamspace", "Research")];
        assert_eq!(
            Messages::English.say("notice_imported", &inputs),
            "{teamspace} & <b> was imported to Research"
        );
        assert_eq!(
            Messages::German.say("notice_imported", &inputs),
            "{teamspace} & <b> wurde in Research importiert"
        );
    }

    #[test]
    fn a_number_decides_the_form() {
        let say =
            |count| Messages::English.count("notice_imported_many", count, &[("teamspace", "Research")]);
        assert_eq!(say(1), "1 recording was imported to Research");
        assert_eq!(say(5), "5 recordings were imported to Research");
    }

    #[test]
    fn the_systems_first_known_language_is_spoken_and_else_english() {
        let first = |tags: &[&str]| Messages::first(tags.iter().map(|tag| (*tag).to_owned()));
        assert_eq!(first(&["de-AT", "en-GB"]), Messages::German);
        assert_eq!(first(&["fr-FR", "de_DE"]), Messages::German);
        assert_eq!(first(&["C", "fr"]), Messages::English);
        assert_eq!(first(&[]), Messages::English);
        assert_eq!(Messages::of(Language::De), Messages::German);
    }
}
