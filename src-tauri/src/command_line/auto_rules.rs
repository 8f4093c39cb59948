//! `nextctl auto-import rules`: rules by name.

use std::collections::BTreeSet;

use next_desktop::auto_import::{Hours, Rules};
use next_desktop::error::{Code, UserError, UserResult};

use super::output::plain;

/// Sets one rule, `name=value`; an empty value takes it away.
pub fn change(rules: &mut Rules, text: &str) -> UserResult<()> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(makes_no_sense(text, "RULE=VALUE, for example min_minutes=5"));
    };
    let (name, value) = (name.trim().replace('-', "_"), value.trim());
    let given = (!value.is_empty()).then_some(value);
    match name.as_str() {
        "title_contains" => rules.title_contains = phrases(value),
        "title_excludes" => rules.title_excludes = phrases(value),
        "min_minutes" => {
            rules.min_minutes = given.map(|value| parsed(value, "a number of minutes")).transpose()?
        }
        "max_minutes" => {
            rules.max_minutes = given.map(|value| parsed(value, "a number of minutes")).transpose()?
        }
        "kinds" => rules.kinds = given.map(kinds).transpose()?,
        "not_before" => {
            rules.not_before = given.map(|value| parsed(value, "a day, yyyy-mm-dd")).transpose()?
        }
        "skip_weekends" => rules.skip_weekends = on_or_off(value)?,
        "hours" => rules.hours = given.map(hours).transpose()?,
        "time_zone" => rules.time_zone = given.map(str::to_owned),
        "review" => rules.review = on_or_off(value)?,
        _ => {
            return Err(makes_no_sense(
                &name,
                "title_contains, title_excludes, min_minutes, max_minutes, kinds, not_before, skip_weekends, hours, \
                 time_zone or review",
            ));
        }
    }
    Ok(())
}

/// The rules, one a line.
pub fn shown(rules: &Rules) -> String {
    let list = |phrases: &[String]| phrases.iter().map(|phrase| plain(phrase)).collect::<Vec<_>>().join(", ");
    let any = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned());
    let on = |on: bool| if on { "on" } else { "off" };
    let kinds = rules.kinds.as_ref().and_then(|kinds| {
        let names = serde_json::to_value(kinds).ok()?;
        let names = names.as_array()?.iter().filter_map(|name| name.as_str()).collect::<Vec<_>>();
        Some(names.join(", "))
    });
    let clock = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    [
        ("title_contains", any(Some(list(&rules.title_contains)))),
        ("title_excludes", any(Some(list(&rules.title_excludes)))),
        ("min_minutes", any(rules.min_minutes.map(|minutes| minutes.to_string()))),
        ("max_minutes", any(rules.max_minutes.map(|minutes| minutes.to_string()))),
        ("kinds", kinds.unwrap_or_else(|| "all".to_owned())),
        ("not_before", any(rules.not_before.map(|day| day.to_string()))),
        ("skip_weekends", on(rules.skip_weekends).to_owned()),
        ("hours", any(rules.hours.map(|hours| format!("{}-{}", clock(hours.from), clock(hours.to))))),
        ("time_zone", rules.time_zone.as_deref().map_or("this computer's".to_owned(), plain)),
        ("review", on(rules.review).to_owned()),
    ]
    .iter()
    .map(|(name, value)| format!("{name:<15} {value}\n"))
    .collect()
}

fn phrases(value: &str) -> Vec<String> {
    value.split(',').map(str::trim).filter(|phrase| !phrase.is_empty()).map(str::to_owned).collect()
}

fn kinds(value: &str) -> UserResult<BTreeSet<next_desktop::recording::FileKind>> {
    let kind = |name: String| {
        serde_json::from_value(serde_json::Value::String(name.clone())).map_err(|_| {
            makes_no_sense(&name, "video, audio, transcript, captions, chat, timeline, summary or other")
        })
    };
    phrases(value).into_iter().map(kind).collect()
}

fn hours(value: &str) -> UserResult<Hours> {
    let wanted = "two times of the day, for example 09:00-17:00";
    let (from, to) = value.split_once('-').ok_or_else(|| makes_no_sense(value, wanted))?;
    Ok(Hours { from: parsed(from, wanted)?, to: parsed(to, wanted)? })
}

fn on_or_off(value: &str) -> UserResult<bool> {
    match value {
        "on" => Ok(true),
        "off" | "" => Ok(false),
        _ => Err(makes_no_sense(value, "on or off")),
    }
}

fn parsed<T: std::str::FromStr>(value: &str, wanted: &str) -> UserResult<T> {
    value.trim().parse().map_err(|_| makes_no_sense(value, wanted))
}

fn makes_no_sense(value: &str, wanted: &str) -> UserError {
    let message = format!("The value {:?} makes no sense here", plain(value));
    UserError::new(Code::Usage, message, format!("give {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_set_by_name_and_taken_away_by_an_empty_value() {
        let mut rules = Rules::default();
        for text in [
            "title_contains=Interview, Retro",
            "min-minutes=5",
            "kinds=video,transcript",
            "not_before=2026-03-01",
            "hours=09:00-17:30",
            "skip_weekends=on",
            "time_zone=Europe/Berlin",
        ] {
            change(&mut rules, text).unwrap();
        }
        assert_eq!(rules.title_contains, ["Interview", "Retro"]);
        let text = shown(&rules);
        assert!(text.contains("hours           09:00-17:30\n"), "{text}");
        assert!(text.contains("kinds           video, transcript\n"), "{text}");
        change(&mut rules, "hours=").unwrap();
        change(&mut rules, "kinds=").unwrap();
        assert_eq!((rules.hours, rules.kinds), (None, None));
        for text in
            ["min_minutes", "min_minutes=five", "kinds=hologram", "hours=9", "colour=red", "review=maybe"]
        {
            assert_eq!(change(&mut Rules::default(), text).unwrap_err().code, Code::Usage, "{text}");
        }
    }
}
