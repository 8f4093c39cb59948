//! The rules: what auto-import takes.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::activity::words;
use crate::error::{Code, UserError, UserResult};
use crate::recording::FileKind;

/// The longest phrase, in characters, and the most of them: more is a slip of the clipboard.
const LONGEST_PHRASE: usize = 200;
/// The most phrases of one rule.
const MOST_PHRASES: usize = 100;

/// What auto-import takes. The default takes everything. A recording is taken when no rule objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Rules {
    /// The title must contain one of these phrases, without regard to case; empty: any title.
    pub title_contains: Vec<String>,
    /// The title must contain none of these phrases.
    pub title_excludes: Vec<String>,
    /// The shortest recording, in minutes.
    pub min_minutes: Option<u32>,
    /// The longest recording, in minutes.
    pub max_minutes: Option<u32>,
    /// Which files are taken; none: all of them.
    pub kinds: Option<BTreeSet<FileKind>>,
    /// Only recordings that began on this day or later (`yyyy-mm-dd`, in the time zone).
    #[ts(type = "string | null")]
    pub not_before: Option<Date>,
    /// Not what began on a Saturday or Sunday.
    pub skip_weekends: bool,
    /// Only what began within these hours.
    pub hours: Option<Hours>,
    /// The IANA time zone that days and hours are meant in; none: this computer's.
    pub time_zone: Option<String>,
    /// What is taken waits in the inbox until a person keeps or discards it.
    pub review: bool,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Hours {
    /// From this time of the day on, `hh:mm`.
    #[ts(type = "string")]
    pub from: Time,
    /// Up to this one, which is no longer in it, `hh:mm`. Earlier than `from`: on the next day.
    #[ts(type = "string")]
    pub to: Time,
}

impl Hours {
    /// Whether a time of the day is in it.
    pub fn contain(self, time: Time) -> bool {
        match self.from < self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        }
    }
}

impl Rules {
    /// The rules as they are kept: blank phrases are gone. Fails with a sentence when they make no sense.
    pub fn checked(mut self) -> UserResult<Self> {
        for phrases in [&mut self.title_contains, &mut self.title_excludes] {
            *phrases =
                phrases.iter().map(|phrase| words::one_line(phrase)).filter(|p| !p.is_empty()).collect();
            phrases.dedup();
            if phrases.len() > MOST_PHRASES || phrases.iter().any(|p| p.chars().count() > LONGEST_PHRASE) {
                return Err(refused("Those are too many or too long words for a title", "give fewer words"));
            }
        }
        if let (Some(least), Some(most)) = (self.min_minutes, self.max_minutes)
            && least > most
        {
            return Err(refused(
                "The shortest length is longer than the longest",
                "give a minimum that is not above the maximum",
            ));
        }
        if self.kinds.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(refused("No kind of file is chosen", "choose at least one kind, or all"));
        }
        if self.hours.is_some_and(|hours| hours.from == hours.to) {
            return Err(refused("The hours begin and end at the same time", "give two different times"));
        }
        self.time_zone = self.time_zone.filter(|name| !name.trim().is_empty());
        if let Some(name) = &self.time_zone
            && TimeZone::get(name).is_err()
        {
            return Err(refused(
                &format!("There is no time zone {}", words::one_line(name)),
                "give one like Europe/Berlin, or none for this computer's",
            ));
        }
        Ok(self)
    }

    /// The time zone that days and hours are meant in.
    pub fn zone(&self) -> TimeZone {
        let named = self.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
        named.unwrap_or_else(TimeZone::system)
    }

    /// Whether files of a kind are taken.
    pub fn take_kind(&self, kind: FileKind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

fn refused(message: &str, action: &str) -> UserError {
    UserError::new(Code::Usage, message, action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> Hours {
        Hours { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn hours_may_go_past_midnight() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let day = hours("09:00", "17:30");
        assert!(day.contain(at("09:00")) && day.contain(at("17:29")) && !day.contain(at("17:30")));
        let night = hours("22:00", "06:00");
        assert!(night.contain(at("23:59")) && night.contain(at("00:00")) && !night.contain(at("06:00")));
    }

    #[test]
    fn rules_that_make_no_sense_are_refused_with_a_sentence() {
        let wrong = [
            Rules { min_minutes: Some(10), max_minutes: Some(5), ..Rules::default() },
            Rules { kinds: Some(BTreeSet::new()), ..Rules::default() },
            Rules { hours: Some(hours("09:00", "09:00")), ..Rules::default() },
            Rules { time_zone: Some("Atlantis/Capital".to_owned()), ..Rules::default() },
            Rules { title_contains: vec!["x".repeat(201)], ..Rules::default() },
        ];
        for rules in wrong {
            assert_eq!(rules.checked().unwrap_err().code, Code::Usage);
        }
        let blank =
            Rules { title_contains: vec!["  ".to_owned(), " a \n b ".to_owned()], ..Rules::default() };
        assert_eq!(blank.checked().unwrap().title_contains, ["a b"]);
    }

    #[test]
    fn rules_of_a_former_version_are_read_and_take_what_they_did() {
        let rules: Rules = serde_json::from_str(r#"{"min_minutes":5,"unheard_of":1}"#).unwrap();
        assert_eq!(rules, Rules { min_minutes: Some(5), ..Rules::default() });
        let text = serde_json::to_string(&Rules { hours: Some(hours("09:00", "17:00")), ..rules }).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&text).unwrap().hours, Some(hours("09:00", "17:00")));
    }
}
