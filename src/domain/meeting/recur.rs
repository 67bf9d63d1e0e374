//! The rule by which meetings recur: "second tuesday", "last friday", "every tuesday", "every 2 weeks, tuesday".
//!
//! A day that falls on a public holiday or a weekend moves to the next working day. The rule is kept as people read it,
//! so that it can be read again by whoever has no mahoe.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::domain::calendar::Calendar;

/// The most weeks between two meetings.
const MOST_WEEKS: u32 = 12;
/// How many months are looked through for a day that a month may lack (a fifth Friday).
const MONTHS: u32 = 14;

const PLACES: [(&str, u8); 6] = [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5), ("last", 0)];

/// When meetings recur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recur {
    /// The nth such weekday of each month; 0 is the last.
    Monthly {
        /// 1 to 5, or 0 for the last.
        nth: u8,
        /// The weekday.
        weekday: Weekday,
    },
    /// Every so many weeks on a weekday, counted from the series' first day.
    Weekly {
        /// 1 to 12.
        weeks: u32,
        /// The weekday.
        weekday: Weekday,
    },
}

impl Recur {
    /// Reads what people type; `None` if it is no such rule.
    ///
    /// ```
    /// use mahoe::domain::meeting::Recur;
    /// assert_eq!(Recur::parse("2nd Tue of the month").unwrap().to_string(), "second tuesday of the month");
    /// assert_eq!(Recur::parse("every 2 weeks on Friday").unwrap().to_string(), "every 2 weeks on friday");
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_lowercase().replace(',', " ");
        let skip = ["of", "the", "each", "month", "on", "weeks", "week", "monthly"];
        let words: Vec<&str> = text.split_whitespace().filter(|word| !skip.contains(word)).collect();
        match words[..] {
            ["every", day] => Some(Self::Weekly { weeks: 1, weekday: weekday(day)? }),
            ["every", weeks, day] => {
                let weeks = if weeks == "other" || weeks == "second" { 2 } else { weeks.parse().ok()? };
                (1..=MOST_WEEKS).contains(&weeks).then_some(Self::Weekly { weeks, weekday: weekday(day)? })
            }
            [place, day] => Some(Self::Monthly { nth: nth(place)?, weekday: weekday(day)? }),
            _ => None,
        }
    }

    /// The first such day on or after `from`, in a series that began on `start`, moved off holidays and weekends.
    pub fn next(self, start: NaiveDate, from: NaiveDate, calendar: &Calendar) -> Option<NaiveDate> {
        // A day that moved forward may be on or after `from` although its own day lies before.
        let back = from.checked_sub_days(Days::new(7))?.max(start);
        let mut day = self.plain(start, back)?;
        loop {
            let kept = calendar.add_working_days(day, 0)?;
            if kept >= from {
                return Some(kept);
            }
            day = self.plain(start, day.succ_opt()?)?;
        }
    }

    /// The first such day on or after `from`, wherever it falls.
    fn plain(self, start: NaiveDate, from: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Weekly { weeks, weekday } => {
                let first = start.iter_days().find(|day| day.weekday() == weekday)?;
                let apart = i64::from(weeks) * 7;
                let gone = from.signed_duration_since(first).num_days().max(0);
                let rounds = (gone + apart - 1) / apart;
                first.checked_add_days(Days::new(u64::try_from(rounds * apart).ok()?))
            }
            Self::Monthly { nth, weekday } => {
                let from = from.max(start);
                let mut month = from.with_day(1)?;
                for _ in 0..MONTHS {
                    if let Some(day) = in_month(month, nth, weekday).filter(|day| *day >= from) {
                        return Some(day);
                    }
                    month = month.checked_add_months(chrono::Months::new(1))?;
                }
                None
            }
        }
    }
}

/// The nth such weekday of the month that begins on `first`; 0 is the last.
fn in_month(first: NaiveDate, nth: u8, weekday: Weekday) -> Option<NaiveDate> {
    if nth > 0 {
        return NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), weekday, nth);
    }
    (4..=5).rev().find_map(|nth| NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), weekday, nth))
}

fn weekday(word: &str) -> Option<Weekday> {
    word.strip_suffix('s').and_then(|one| one.parse().ok()).or_else(|| word.parse().ok())
}

fn nth(word: &str) -> Option<u8> {
    let by_name = PLACES.iter().find(|(name, _)| *name == word).map(|(_, nth)| *nth);
    by_name.or(match word {
        "1st" => Some(1),
        "2nd" => Some(2),
        "3rd" => Some(3),
        "4th" => Some(4),
        "5th" => Some(5),
        _ => None,
    })
}

fn name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

impl fmt::Display for Recur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Monthly { nth, weekday } => {
                let place = PLACES.iter().find(|(_, known)| known == nth).map_or("", |(name, _)| name);
                write!(f, "{place} {} of the month", name(*weekday))
            }
            Self::Weekly { weeks: 1, weekday } => write!(f, "every {}", name(*weekday)),
            Self::Weekly { weeks, weekday } => write!(f, "every {weeks} weeks on {}", name(*weekday)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::builtin;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_is_read_the_way_people_type_it_and_reads_back() {
        for (typed, says) in [
            ("second tuesday", "second tuesday of the month"),
            ("2nd Tuesday of each month", "second tuesday of the month"),
            ("last fri", "last friday of the month"),
            ("every Monday", "every monday"),
            ("Every other wednesday", "every 2 weeks on wednesday"),
            ("every 3 weeks, thursdays", "every 3 weeks on thursday"),
        ] {
            let rule = Recur::parse(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!(rule.to_string(), says);
            assert_eq!(Recur::parse(says), Some(rule), "{says}");
        }
        for wrong in ["", "tuesday", "sixth monday", "every 0 weeks monday", "every 99 weeks monday", "second", "every"]
        {
            assert_eq!(Recur::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_come_in_turn_and_move_off_holidays() {
        let calendar = builtin().calendar();
        let all = |rule: &str, start: &str, from: &str, count: usize| {
            let (rule, start) = (Recur::parse(rule).unwrap(), day(start));
            let mut from = day(from);
            let mut days = Vec::new();
            for _ in 0..count {
                let next = rule.next(start, from, &calendar).unwrap();
                days.push(next.to_string());
                from = next.succ_opt().unwrap();
            }
            days
        };
        assert_eq!(all("second tuesday", "2026-11-01", "2026-11-22", 3), ["2026-12-08", "2027-01-12", "2027-02-09"]);
        // Good Friday 2027 is 26 March, and Easter Monday follows the weekend.
        assert_eq!(all("last friday", "2027-01-01", "2027-03-01", 2), ["2027-03-30", "2027-04-30"]);
        // A month without a fifth Monday is passed over.
        assert_eq!(all("fifth monday", "2026-11-01", "2026-11-01", 2), ["2026-11-30", "2027-03-30"]);
        assert_eq!(all("every 2 weeks tuesday", "2026-11-03", "2026-11-04", 2), ["2026-11-17", "2026-12-01"]);
        assert_eq!(all("every tuesday", "2026-11-22", "2020-01-01", 1), ["2026-11-24"], "not before it begins");
    }
}
