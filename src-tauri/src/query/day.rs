//! Days as people write them in a query: fixed ones, and ones that move along with today.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

/// A day, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// `2026-03-14`, or `14.3.2026`.
    On(Date),
    /// The first day of a month: `2026-03`.
    Month(Date),
    /// The first day of a year: `2026`.
    Year(Date),
    /// `today`.
    Today,
    /// `yesterday`.
    Yesterday,
    /// So many days, weeks, months or years before today: `7d`, `2w`, `3m`, `1y`.
    Ago(u16, Unit),
}

/// What [`Day::Ago`] counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `d`
    Days,
    /// `w`
    Weeks,
    /// `m`
    Months,
    /// `y`
    Years,
}

impl Day {
    /// Reads a day; none when it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        match text.as_str() {
            "today" => return Some(Self::Today),
            "yesterday" => return Some(Self::Yesterday),
            _ => {}
        }
        if let Some((number, unit)) = text.char_indices().last().map(|(at, unit)| (text.split_at(at).0, unit))
        {
            let unit = match unit {
                'd' => Some(Unit::Days),
                'w' => Some(Unit::Weeks),
                'm' => Some(Unit::Months),
                'y' => Some(Unit::Years),
                _ => None,
            };
            if let Some(unit) = unit {
                return digits(number, 4)?.parse().ok().map(|number| Self::Ago(number, unit));
            }
        }
        if text.contains('.') {
            let mut parts = text.split('.');
            let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
            return parts.next().is_none().then(|| date(year, month, day))?.map(Self::On);
        }
        let mut parts = text.split('-');
        match (parts.next()?, parts.next(), parts.next(), parts.next()) {
            (year, None, None, None) => date(year, "1", "1").map(Self::Year),
            (year, Some(month), None, None) => date(year, month, "1").map(Self::Month),
            (year, Some(month), Some(day), None) => date(year, month, day).map(Self::On),
            _ => None,
        }
    }

    /// Which day it is, seen from `today`.
    pub fn date(self, today: Date) -> Date {
        let back = |span: Span| today.saturating_sub(span);
        match self {
            Self::On(date) | Self::Month(date) | Self::Year(date) => date,
            Self::Today => today,
            Self::Yesterday => back(1.day()),
            Self::Ago(n, Unit::Days) => back(i64::from(n).days()),
            Self::Ago(n, Unit::Weeks) => back(i64::from(n).weeks()),
            Self::Ago(n, Unit::Months) => back(i64::from(n).months()),
            Self::Ago(n, Unit::Years) => back(i64::from(n).years()),
        }
    }
}

/// Digits only, and not too many of them.
fn digits(text: &str, most: usize) -> Option<&str> {
    let sound = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    sound.then_some(text)
}

/// A year has four digits: 26 may be anything.
fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = digits(year, 4).filter(|year| year.len() == 4)?.parse().ok()?;
    Date::new(year, digits(month, 2)?.parse().ok()?, digits(day, 2)?.parse().ok()?).ok()
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(date) => write!(f, "{date}"),
            Self::Month(date) => write!(f, "{:04}-{:02}", date.year(), date.month()),
            Self::Year(date) => write!(f, "{:04}", date.year()),
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Ago(n, unit) => {
                let unit = match unit {
                    Unit::Days => 'd',
                    Unit::Weeks => 'w',
                    Unit::Months => 'm',
                    Unit::Years => 'y',
                };
                write!(f, "{n}{unit}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_read_as_people_write_them() {
        let today = date(2026, 3, 31);
        for (text, expected, printed) in [
            ("2026-03-14", date(2026, 3, 14), "2026-03-14"),
            ("14.3.2026", date(2026, 3, 14), "2026-03-14"),
            ("2026-2", date(2026, 2, 1), "2026-02"),
            ("2025", date(2025, 1, 1), "2025"),
            ("Today", today, "today"),
            ("yesterday", date(2026, 3, 30), "yesterday"),
            ("7d", date(2026, 3, 24), "7d"),
            ("2w", date(2026, 3, 17), "2w"),
            ("1M", date(2026, 2, 28), "1m"),
            ("1y", date(2025, 3, 31), "1y"),
        ] {
            let day = Day::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((day.date(today), day.to_string().as_str()), (expected, printed), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "soon",
            "26",
            "2026-13",
            "2026-02-30",
            "1.2",
            "1.2.26",
            "2026-1-1-1",
            "d",
            "-1d",
            "99999d",
            "٣d",
        ] {
            assert_eq!(Day::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_before_all_days_is_the_first() {
        assert!(Day::read("9999y").unwrap().date(date(2026, 1, 1)) < date(1, 1, 1));
    }
}
