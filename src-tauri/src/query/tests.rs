//! The query language, as a specification.

use proptest::prelude::*;

use super::*;

/// The parts as `kind:text`, for reading at a glance.
fn read(text: &str) -> Vec<String> {
    let part = |part: &Part| {
        let what = match &part.what {
            What::Words(Words { text, form }) => format!("{form:?} {text}"),
            What::Filter(filter) => format!("{}={}", filter.name(), filter.value()),
        };
        if part.without { format!("not {what}") } else { what }
    };
    Query::parse(text).parts.iter().map(part).collect()
}

#[test]
fn words_phrases_beginnings_and_what_must_not_be_there() {
    assert_eq!(read("clinic budget"), ["Word clinic", "Unfinished budget"]);
    assert_eq!(read("clinic budget "), ["Word clinic", "Word budget"]);
    assert_eq!(read("\"clinic  manager\""), ["Phrase clinic manager"]);
    assert_eq!(read("„Guten Morgen“ «oui»"), ["Phrase Guten Morgen", "Phrase oui"]);
    assert_eq!(read("clin* x"), ["Beginning clin", "Unfinished x"]);
    assert_eq!(read("-budget -\"next year\""), ["not Word budget", "not Phrase next year"]);
    assert_eq!(read("会議 🎉"), ["Word 会議", "Unfinished 🎉"]);
    assert_eq!(read("\u{200F}שלום עולם"), ["Word שלום", "Unfinished עולם"]);
}

#[test]
fn filters() {
    assert_eq!(read("from:Ada Person:\"Ada Kessler\""), ["from=Ada", "from=Ada Kessler"]);
    assert_eq!(read("tag:\"clinic study\" -tag:draft"), ["tag=clinic study", "not tag=draft"]);
    assert_eq!(read("kind:Chat in:Research"), ["kind=chat", "in=Research"]);
    assert_eq!(read("after:2026-03 before:7d"), ["after=2026-03", "before=7d"]);
    assert_eq!(read("longer:1h30m shorter:2:00"), ["longer=1h30m", "shorter=2h"]);
}

#[test]
fn what_makes_no_sense_as_a_filter_is_a_word() {
    assert_eq!(read("https://example.com "), ["Word https://example.com"]);
    assert_eq!(read("kind:of "), ["Word kind:of"]);
    assert_eq!(read("after:\"the break\""), ["Phrase after:the break"]);
    assert_eq!(read("note:\"to self\""), ["Word note:", "Phrase to self"]);
}

#[test]
fn what_is_being_typed_is_no_mistake() {
    assert_eq!(read("from: -"), [] as [&str; 0]);
    assert_eq!(read("clinic \"open quo"), ["Word clinic", "Phrase open quo"]);
    assert_eq!(read("clinic from:\"Ada K"), ["Word clinic", "from=Ada K"]);
    assert_eq!(read("** - \"\" ()"), [] as [&str; 0]);
}

#[test]
fn a_query_loses_and_gains_parts() {
    let query = Query::parse("clinic tag:\"clinic study\"");
    assert_eq!(query.without_part(0).to_string(), "tag:\"clinic study\"");
    assert_eq!(query.without_part(1).to_string(), "clinic ");
    assert_eq!(Query::parse("a").with(Filter::Tag("b c".to_owned())).to_string(), "a tag:\"b c\"");
    let shown = query.shown();
    assert_eq!((shown[0].filter.as_deref(), shown[0].value.as_str()), (None, "clinic"));
    assert_eq!((shown[1].filter.as_deref(), shown[1].value.as_str()), (Some("tag"), "clinic study"));
}

/// Text with what means something in the language, and anything else.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just(" ".to_owned()),
        Just("-".to_owned()),
        Just("*".to_owned()),
        Just(":".to_owned()),
        Just("„".to_owned()),
        "(from|person|tag|kind|in|after|before|longer|shorter|FROM|x):",
        "(chat|title|today|7d|2026-03|1h30m|90s|45)",
        "[a-zäß会🎉א0-9]{1,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_query_and_survives_printing(text in typed()) {
        let query = Query::parse(&text);
        let printed = query.to_string();
        prop_assert_eq!(&Query::parse(&printed), &query, "printed as {}", printed);
    }

    #[test]
    fn each_part_of_a_query_alone_survives_too(text in typed()) {
        let query = Query::parse(&text);
        for place in 0..query.parts.len() {
            let fewer = query.without_part(place);
            let printed = fewer.to_string();
            prop_assert_eq!(&Query::parse(&printed), &fewer, "printed as {}", printed);
        }
    }

    #[test]
    fn places_of_words_lie_in_the_text(text in "\\PC{0,40}", words in "\\PC{1,6}") {
        let length = text.chars().count();
        for (from, to) in find_in(&text, &words, (false, false)) {
            prop_assert!(from < to && to <= length);
        }
    }
}
