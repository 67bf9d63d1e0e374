//! Dates as people say and read them, in Jamaica's time (UTC−5 all year).
//!
//! Nothing here reads a clock: `today` is always given. A date that could mean two days is refused, never guessed.

mod read;

use std::fmt;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, TimeZone, Timelike};

use read::{day, fold, span, take_time};

/// The first year that is accepted.
pub const FIRST_YEAR: i32 = 1900;
/// The last year that is accepted.
pub const LAST_YEAR: i32 = 2200;

/// The longest span, in months (ten years).
const LONGEST_SPAN: u32 = 120;
/// The offset of Jamaica's time from UTC: five hours behind, all year.
///
/// # Panics
/// Never.
pub fn jamaica() -> FixedOffset {
    FixedOffset::west_opt(5 * 3600).expect("five hours is an offset")
}

/// The instant at which a clock in Jamaica shows this date and time.
///
/// # Panics
/// Never.
pub fn at(date: NaiveDate, time: NaiveTime) -> DateTime<FixedOffset> {
    jamaica().from_local_datetime(&date.and_time(time)).single().expect("a fixed offset skips and repeats no hour")
}

/// The hour of so many minutes after midnight; `None` from 24:00 on.
pub fn time_of(minutes: u32) -> Option<NaiveTime> {
    NaiveTime::from_num_seconds_from_midnight_opt(minutes.checked_mul(60)?, 0)
}

/// Minutes after midnight.
pub fn minutes_of(time: NaiveTime) -> u16 {
    u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
}

/// The last minute of a day, 23:59: after it, something that was due that day is late.
///
/// # Panics
/// Never.
pub fn end_of(date: NaiveDate) -> DateTime<FixedOffset> {
    at(date, NaiveTime::from_hms_opt(23, 59, 0).expect("23:59 is a time"))
}

/// The instant of so many milliseconds after 1970 UTC; `None` outside the accepted years.
pub fn from_millis(millis: i64) -> Option<DateTime<FixedOffset>> {
    let instant = DateTime::from_timestamp_millis(millis)?.with_timezone(&jamaica());
    accepted(instant.date_naive())?;
    Some(instant)
}

/// Which way a date without a year, or a weekday, is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// What is planned: the next such day.
    Ahead,
    /// What has happened: the last such day.
    Back,
}

/// A day, and a time of day if one was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The day.
    pub date: NaiveDate,
    /// The time in Jamaica.
    pub time: Option<NaiveTime>,
}

/// Why text is no date. Each says what works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateError {
    /// Nothing that reads as a date.
    Unknown,
    /// Day and month could be the other way round; holds both readings, written out.
    Ambiguous(String, String),
    /// No such day in that month, as "30 Feb".
    NoSuchDay(String),
    /// The weekday and the date don't agree; holds the weekday of that date.
    Weekday(String),
    /// Not a time of day.
    Time,
    /// Outside the years 1900 to 2200.
    TooFar,
    /// Not a span of time.
    Span,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("that is no date: try \"fri\", \"tomorrow\", \"+2w\", \"12 dec\" or \"2026-12-12\"")
            }
            Self::Ambiguous(one, other) => write!(f, "that could be two days: write \"{one}\" or \"{other}\""),
            Self::NoSuchDay(day) => write!(f, "there is no {day}: please check the day and the month"),
            Self::Weekday(day) => write!(f, "that date is a {day}: leave the weekday out, or correct the date"),
            Self::Time => f.write_str("that is no time of day: try \"14:00\" or \"2pm\""),
            Self::TooFar => write!(f, "dates go from {FIRST_YEAR} to {LAST_YEAR}: please check the year"),
            Self::Span => {
                f.write_str("that is no span of time: try \"10 days\", \"2w\" or \"1 month\" (up to 10 years)")
            }
        }
    }
}

impl std::error::Error for DateError {}

/// A length of time in whole days and months.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Calendar months, counted first; the 31st becomes the last day of a shorter month.
    pub months: u32,
    /// Days, counted after the months.
    pub days: u32,
}

impl Span {
    /// Reads `2w`, `10 days`, `1 month`, `every 2 weeks`, `1y`; at least a day, at most ten years.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let text = fold(text).ok_or(DateError::Span)?;
        let text = text.strip_prefix("every ").unwrap_or(&text);
        let span = span(text).ok_or(DateError::Span)?;
        let empty = span == Self::default();
        if empty || span.months > LONGEST_SPAN || span.days > LONGEST_SPAN / 12 * 366 {
            Err(DateError::Span)
        } else {
            Ok(span)
        }
    }

    /// The day so long after `date`; `None` outside the accepted years.
    pub fn after(self, date: NaiveDate) -> Option<NaiveDate> {
        accepted(date.checked_add_months(Months::new(self.months))?.checked_add_days(Days::new(self.days.into()))?)
    }

    /// The day so long before `date`; `None` outside the accepted years.
    pub fn before(self, date: NaiveDate) -> Option<NaiveDate> {
        accepted(date.checked_sub_months(Months::new(self.months))?.checked_sub_days(Days::new(self.days.into()))?)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |f: &mut fmt::Formatter<'_>, count: u32, unit: &str| match count {
            1 => write!(f, "1 {unit}"),
            _ => write!(f, "{count} {unit}s"),
        };
        if self.months > 0 {
            part(f, self.months, "month")?;
            if self.days == 0 {
                return Ok(());
            }
            f.write_str(" ")?;
        }
        if self.days > 0 && self.days.is_multiple_of(7) {
            part(f, self.days / 7, "week")
        } else {
            part(f, self.days, "day")
        }
    }
}

/// Reads a day as people say it, with an optional time: `fri`, `next tue 2pm`, `+3d`, `in 2 weeks`, `12 dec`,
/// `25/12/2026`, `2026-12-12 14:00`. A weekday is never today; `next fri` is the Friday of next week, Monday first.
pub fn parse(text: &str, today: NaiveDate, lean: Lean) -> Result<When, DateError> {
    let text = fold(text).ok_or(DateError::Unknown)?;
    let (text, time) = take_time(&text)?;
    let date = match (text.as_str(), time) {
        ("", Some(_)) => today,
        (text, _) => day(text, today, lean)?,
    };
    Ok(When { date: accepted(date).ok_or(DateError::TooFar)?, time })
}

/// As [`parse`], for a field that holds a day only: a time is refused.
pub fn parse_date(text: &str, today: NaiveDate, lean: Lean) -> Result<NaiveDate, DateError> {
    match parse(text, today, lean)? {
        When { date, time: None } => Ok(date),
        When { time: Some(_), .. } => Err(DateError::Unknown),
    }
}

/// A date as people read it: "today", "tomorrow", "Tue 24 Nov" in this year, "24 Nov 2027" in another.
pub fn people(date: NaiveDate, today: NaiveDate) -> String {
    match days_from(date, today) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        _ if date.year() == today.year() => date.format("%a %-d %b").to_string(),
        _ => date.format("%-d %b %Y").to_string(),
    }
}

/// How far off something due is: "today", "tomorrow", "in 9 days", "1 day late", "3 days late".
pub fn distance(due: NaiveDate, today: NaiveDate) -> String {
    match days_from(due, today) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "1 day late".to_owned(),
        days if days > 0 => format!("in {days} days"),
        days => format!("{} days late", -days),
    }
}

/// How long ago something happened: "today", "yesterday", "5 days ago", "13 years ago"; of what is to come, as
/// [`distance`].
pub fn ago(date: NaiveDate, today: NaiveDate) -> String {
    match (days_from(date, today), age(date, today)) {
        (-1, _) => "yesterday".to_owned(),
        // Nobody reads a birthday in days.
        (_, Some(years)) if years >= 2 => format!("{years} years ago"),
        (days, _) if days < -1 => format!("{} days ago", -days),
        _ => distance(date, today),
    }
}

/// The day on which somebody becomes `years` old. Born on 29 February: 1 March in a common year, so that no protection ends
/// early.
pub fn birthday(born: NaiveDate, years: u16) -> Option<NaiveDate> {
    let year = born.year().checked_add(i32::from(years))?;
    accepted(born.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))?)
}

/// Whole years of age on a day; `None` before birth.
pub fn age(born: NaiveDate, on: NaiveDate) -> Option<u16> {
    let years = u16::try_from(on.year() - born.year()).ok()?;
    match birthday(born, years) {
        Some(birthday) if birthday <= on => Some(years),
        _ => years.checked_sub(1),
    }
}

fn days_from(date: NaiveDate, today: NaiveDate) -> i64 {
    date.signed_duration_since(today).num_days()
}

fn accepted(date: NaiveDate) -> Option<NaiveDate> {
    (FIRST_YEAR..=LAST_YEAR).contains(&date.year()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A Sunday.
    fn today() -> NaiveDate {
        date("2026-11-22")
    }

    #[test]
    fn days_are_read_as_people_say_them() {
        for (said, meant) in [
            ("today", "2026-11-22"),
            ("Tomorrow", "2026-11-23"),
            ("yesterday", "2026-11-21"),
            ("fri", "2026-11-27"),
            ("FRIDAY", "2026-11-27"),
            ("sun", "2026-11-29"),
            ("mon", "2026-11-23"),
            ("next fri", "2026-11-27"),
            ("this tues", "2026-11-24"),
            ("last fri", "2026-11-20"),
            ("next week", "2026-11-29"),
            ("+3", "2026-11-25"),
            ("+3d", "2026-11-25"),
            ("+2w", "2026-12-06"),
            ("+1m", "2026-12-22"),
            ("+1y", "2027-11-22"),
            ("in 3 days", "2026-11-25"),
            ("in a week", "2026-11-29"),
            ("3 days ago", "2026-11-19"),
            ("-3", "2026-11-19"),
            ("12 dec", "2026-12-12"),
            ("12dec", "2026-12-12"),
            ("dec 12th", "2026-12-12"),
            ("the 1st of December", "2026-12-01"),
            ("12 jan", "2027-01-12"),
            ("22 nov", "2026-11-22"),
            ("12 Sept. 2027", "2027-09-12"),
            ("December 12, 2028", "2028-12-12"),
            ("tue 24 nov", "2026-11-24"),
            ("Tue 3 Nov", "2026-11-03"),
            ("29 feb", "2028-02-29"),
            ("25/12", "2026-12-25"),
            ("12/25", "2026-12-25"),
            ("12/12", "2026-12-12"),
            ("25.12.2027", "2027-12-25"),
            ("2026-12-12", "2026-12-12"),
            ("2026/1/2", "2026-01-02"),
        ] {
            assert_eq!(parse_date(said, today(), Lean::Ahead), Ok(date(meant)), "{said}");
        }
    }

    #[test]
    fn what_has_happened_lies_behind() {
        for (said, meant) in [
            ("fri", "2026-11-20"),
            ("sun", "2026-11-15"),
            ("12 dec", "2025-12-12"),
            ("22 nov", "2026-11-22"),
            ("29 feb", "2024-02-29"),
            ("25/12", "2025-12-25"),
            ("next fri", "2026-11-27"),
        ] {
            assert_eq!(parse_date(said, today(), Lean::Back), Ok(date(meant)), "{said}");
        }
    }

    #[test]
    fn a_week_starts_on_monday() {
        let wednesday = date("2026-11-25");
        let read = |text| parse_date(text, wednesday, Lean::Ahead).unwrap();
        assert_eq!(read("fri"), date("2026-11-27"));
        assert_eq!(read("next fri"), date("2026-12-04"));
        assert_eq!(read("wed"), date("2026-12-02"));
        assert_eq!(read("next wed"), date("2026-12-02"));
        assert_eq!(read("mon"), date("2026-11-30"));
    }

    #[test]
    fn times_stand_anywhere() {
        for (said, day, time) in [
            ("2026-12-12T14:00", "2026-12-12", "14:00"),
            ("2026-12-12 14:00", "2026-12-12", "14:00"),
            ("fri 2pm", "2026-11-27", "14:00"),
            ("fri at 2:30 PM", "2026-11-27", "14:30"),
            ("fri 3 p.m.", "2026-11-27", "15:00"),
            ("9.15am tomorrow", "2026-11-23", "09:15"),
            ("12 dec 2026 12am", "2026-12-12", "00:00"),
            ("12 dec 12pm", "2026-12-12", "12:00"),
            ("noon", "2026-11-22", "12:00"),
            ("8:05", "2026-11-22", "08:05"),
        ] {
            let time = Some(format!("{time}:00").parse().unwrap());
            assert_eq!(parse(said, today(), Lean::Ahead), Ok(When { date: date(day), time }), "{said}");
        }
        assert_eq!(parse("fri 25:00", today(), Lean::Ahead), Err(DateError::Time));
        assert_eq!(parse("fri 13pm", today(), Lean::Ahead), Err(DateError::Time));
        assert_eq!(parse("fri 2pm 3pm", today(), Lean::Ahead), Err(DateError::Time));
    }

    #[test]
    fn nonsense_is_refused_with_what_works() {
        let unknown = "that is no date: try \"fri\", \"tomorrow\", \"+2w\", \"12 dec\" or \"2026-12-12\"";
        for (said, answer) in [
            ("11/12", "that could be two days: write \"11 Dec\" or \"12 Nov\""),
            ("3/4/2027", "that could be two days: write \"3 Apr 2027\" or \"4 Mar 2027\""),
            ("30 feb", "there is no 30 Feb: please check the day and the month"),
            ("29 feb 2027", "there is no 29 Feb 2027: please check the day and the month"),
            ("2026-02-30", "there is no 30 Feb 2026: please check the day and the month"),
            ("31/4/2027", "there is no 31 Apr 2027: please check the day and the month"),
            ("mon 24 nov", "that date is a Tuesday: leave the weekday out, or correct the date"),
            ("1 jan 1899", "dates go from 1900 to 2200: please check the year"),
            ("+99999y", "dates go from 1900 to 2200: please check the year"),
            ("+99999w", "dates go from 1900 to 2200: please check the year"),
            ("", unknown),
            ("soon", unknown),
            ("12", unknown),
            ("12 13 dec", unknown),
            ("13/13", unknown),
            ("1/1/27", unknown),
            ("2026-13-01", unknown),
            ("fri the 13th", unknown),
            ("next", unknown),
            ("+-3", unknown),
            ("１２ dec", unknown),
            ("2026-12", unknown),
        ] {
            assert_eq!(parse(said, today(), Lean::Ahead).unwrap_err().to_string(), answer, "{said}");
        }
        assert!(parse(&"9".repeat(5000), today(), Lean::Ahead).is_err());
        assert!(parse_date("fri 2pm", today(), Lean::Ahead).is_err());
    }

    #[test]
    fn dates_are_shown_as_people_read_them() {
        for (day, shown, far, past) in [
            ("2026-11-22", "today", "today", "today"),
            ("2026-11-23", "tomorrow", "tomorrow", "tomorrow"),
            ("2026-11-24", "Tue 24 Nov", "in 2 days", "in 2 days"),
            ("2026-12-01", "Tue 1 Dec", "in 9 days", "in 9 days"),
            ("2027-11-24", "24 Nov 2027", "in 367 days", "in 367 days"),
            ("2026-11-21", "yesterday", "1 day late", "yesterday"),
            ("2026-11-19", "Thu 19 Nov", "3 days late", "3 days ago"),
            ("2024-11-23", "23 Nov 2024", "729 days late", "729 days ago"),
            ("2013-03-12", "12 Mar 2013", "5003 days late", "13 years ago"),
        ] {
            let day = date(day);
            assert_eq!((people(day, today()).as_str(), distance(day, today()).as_str()), (shown, far));
            assert_eq!(ago(day, today()), past);
        }
    }

    #[test]
    fn spans_are_read_and_added() {
        for (said, shown) in [
            ("2w", "2 weeks"),
            ("10 days", "10 days"),
            ("1 month", "1 month"),
            ("every 2 weeks", "2 weeks"),
            ("a month", "1 month"),
            ("7", "1 week"),
            ("1d", "1 day"),
            ("1y", "12 months"),
        ] {
            let span = Span::parse(said).unwrap();
            assert_eq!(span.to_string(), shown);
            assert_eq!(Span::parse(shown), Ok(span));
        }
        for said in ["", "0", "0w", "soon", "-3", "11y", "99999w", "w", "2 fridays"] {
            assert_eq!(Span::parse(said), Err(DateError::Span), "{said}");
        }
        assert_eq!(Span::parse("1m").unwrap().after(date("2027-01-31")), Some(date("2027-02-28")));
        assert_eq!(Span::parse("1m").unwrap().after(date("2028-01-31")), Some(date("2028-02-29")));
        assert_eq!(Span::parse("1y").unwrap().after(date("2200-06-01")), None);
    }

    #[test]
    fn eighteen_is_reached_on_the_day_and_never_early() {
        assert_eq!(birthday(date("2008-11-22"), 18), Some(date("2026-11-22")));
        assert_eq!(birthday(date("2008-02-29"), 18), Some(date("2026-03-01")));
        assert_eq!(age(date("2008-02-29"), date("2026-02-28")), Some(17));
        assert_eq!(age(date("2008-02-29"), date("2026-03-01")), Some(18));
        assert_eq!(age(date("2010-11-23"), today()), Some(15));
        assert_eq!(age(date("2026-11-23"), today()), None);
    }

    #[test]
    fn jamaica_is_five_hours_behind_all_year() {
        assert_eq!(from_millis(1_800_000_000_000).unwrap().to_rfc3339(), "2027-01-15T03:00:00-05:00");
        assert_eq!(end_of(today()).to_rfc3339(), "2026-11-22T23:59:00-05:00");
        assert_eq!(from_millis(i64::MAX), None);
        assert_eq!(from_millis(-5_000_000_000_000), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(from in 0i64..109_000, gap in -400i64..400) {
            let today = date("1901-02-03") + chrono::Duration::days(from);
            let day = today + chrono::Duration::days(gap);
            prop_assume!(day.year() <= LAST_YEAR && today.year() <= LAST_YEAR);
            let shown = people(day, today);
            prop_assert_eq!(parse_date(&shown, today, Lean::Ahead), Ok(day), "{} on {}", shown, today);
            prop_assert_eq!(parse_date(&day.to_string(), today, Lean::Back), Ok(day));
        }

        #[test]
        fn nothing_typed_makes_it_stumble(text in "[a-z0-9 /.:+-]{0,20}", other in ".{0,20}") {
            for text in [text, other] {
                for lean in [Lean::Ahead, Lean::Back] {
                    if let Ok(when) = parse(&text, today(), lean) {
                        prop_assert!((FIRST_YEAR..=LAST_YEAR).contains(&when.date.year()));
                    }
                }
                let _ = Span::parse(&text);
            }
        }
    }
}
