//! What notifications are shown, and when.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which notifications are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct NotificationSettings {
    /// When recordings were imported.
    pub imported: bool,
    /// When something needs a person: signing in, a disk, a failure.
    pub trouble: bool,
    /// Whether nothing is said between two times of the day.
    pub quiet: bool,
    /// When quiet begins, on this machine's clock.
    #[ts(type = "string")]
    pub quiet_from: Time,
    /// When it ends; before the beginning means the next day.
    #[ts(type = "string")]
    pub quiet_to: Time,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            imported: true,
            trouble: true,
            quiet: false,
            quiet_from: Time::constant(22, 0, 0, 0),
            quiet_to: Time::constant(7, 0, 0, 0),
        }
    }
}

impl NotificationSettings {
    /// When the quiet hours end in which this moment lies; none when it lies in none. The end of quiet hours that a
    /// change of the clocks swallows is when the clocks have changed.
    pub fn quiet_until(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (from, to) = (self.quiet_from, self.quiet_to);
        // The same time twice is a day without quiet, not one without anything else.
        if !self.quiet || from == to {
            return None;
        }
        let local = now.to_zoned_datetime(zone.clone());
        let time = local.time();
        let ends_today = if from < to { (from..to).contains(&time) } else { time < to };
        let ends_tomorrow = from > to && time >= from;
        let day = match (ends_today, ends_tomorrow) {
            (true, _) => local.date(),
            (false, true) => local.date().checked_add(1.day()).ok()?,
            (false, false) => return None,
        };
        Some(day.to_datetime(to).to_zoned_datetime(zone.clone()).ok()?.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: &str, to: &str) -> NotificationSettings {
        let at = |text: &str| text.parse().unwrap();
        NotificationSettings { quiet: true, quiet_from: at(from), quiet_to: at(to), ..Default::default() }
    }

    fn until(settings: &NotificationSettings, now: &str) -> Option<String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        settings.quiet_until(now.parse().unwrap(), &zone).map(|end| end.to_string())
    }

    #[test]
    fn quiet_hours_reach_over_midnight_on_this_machines_clock() {
        let night = quiet("22:00", "07:00");
        // Berlin is two hours ahead in summer.
        assert_eq!(until(&night, "2026-07-01T20:00:00Z").as_deref(), Some("2026-07-02T05:00:00Z"));
        assert_eq!(until(&night, "2026-07-02T04:59:59Z").as_deref(), Some("2026-07-02T05:00:00Z"));
        assert_eq!(until(&night, "2026-07-02T05:00:00Z"), None, "the end is not part of it");
        assert_eq!(until(&night, "2026-07-01T19:59:59Z"), None);
    }

    #[test]
    fn quiet_hours_may_lie_within_a_day() {
        let noon = quiet("12:00", "13:30");
        assert_eq!(until(&noon, "2026-01-05T11:00:00Z").as_deref(), Some("2026-01-05T12:30:00Z"));
        assert_eq!(until(&noon, "2026-01-05T12:30:00Z"), None);
    }

    #[test]
    fn the_night_in_which_clocks_change_ends_at_seven_all_the_same() {
        let night = quiet("22:00", "07:00");
        // From 29 March 2026, 2 o'clock, Berlin is two hours ahead instead of one.
        assert_eq!(until(&night, "2026-03-28T22:00:00Z").as_deref(), Some("2026-03-29T05:00:00Z"));
    }

    #[test]
    fn switched_off_or_empty_hours_are_never_quiet() {
        assert_eq!(until(&NotificationSettings::default(), "2026-07-01T23:00:00Z"), None);
        assert_eq!(until(&quiet("07:00", "07:00"), "2026-07-01T05:00:00Z"), None);
    }
}
