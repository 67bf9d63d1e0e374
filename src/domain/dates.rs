//! Dates as people say and read them, in Jamaica's time (UTC−5 all year).
//!
//! Nothing here reads a clock: `today` is always given. A date that could mean two days is refused, never guessed.

use std::fmt;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, TimeZone, Weekday};

/// The first year that is accepted.
pub const FIRST_YEAR: i32 = 1900;
/// The last year that is accepted.
pub const LAST_YEAR: i32 = 2200;

/// The longest text that is looked at, in characters.
const LONGEST: usize = 40;
/// The longest span, in months (ten years).
const LONGEST_SPAN: u32 = 120;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// The offset of Jamaica's time from UTC: five hours behind, all year.
pub fn jamaica() -> FixedOffset {
    FixedOffset::west_opt(5 * 3600).expect("five hours is an offset")
}

/// The instant at which a clock in Jamaica shows this date and time.
pub fn at(date: NaiveDate, time: NaiveTime) -> DateTime<FixedOffset> {
    jamaica().from_local_datetime(&date.and_time(time)).single().expect("a fixed offset skips and repeats no hour")
}

/// The last minute of a day, 23:59: when something that is due that day is late.
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

/// How long ago something happened: "today", "yesterday", "5 days ago"; of what is to come, as [`distance`].
pub fn ago(date: NaiveDate, today: NaiveDate) -> String {
    match days_from(date, today) {
        -1 => "yesterday".to_owned(),
        days if days < -1 => format!("{} days ago", -days),
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

/// Lower case, one space between words; `None` if empty or too long.
fn fold(text: &str) -> Option<String> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let lower = text.to_lowercase().replace([',', '\u{2212}', '\u{2013}'], " ");
    let folded = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    (!folded.is_empty()).then_some(folded)
}

/// Takes a time of day off the text, wherever it stands.
fn take_time(text: &str) -> Result<(String, Option<NaiveTime>), DateError> {
    // An ISO date and time are one word: "2026-12-12t14:00".
    let text = match text.split_once('t') {
        Some((date, time)) if date.len() == 10 && date.is_ascii() => format!("{date} {time}"),
        _ => text.to_owned(),
    };
    // "2 pm" is one word to us.
    let text = text.replace(" pm", "pm").replace(" am", "am").replace("p.m.", "pm").replace("a.m.", "am");
    let mut found = None;
    let mut words = Vec::new();
    for word in text.split(' ') {
        match time_of_day(word) {
            None => words.push(word),
            Some(Some(time)) if found.is_none() => found = Some(time),
            Some(_) => return Err(DateError::Time),
        }
    }
    words.retain(|&word| found.is_none() || word != "at");
    Ok((words.join(" "), found))
}

/// `None` if the word is not meant as a time, `Some(None)` if it is but there is no such time.
fn time_of_day(word: &str) -> Option<Option<NaiveTime>> {
    if word == "noon" {
        return Some(NaiveTime::from_hms_opt(12, 0, 0));
    }
    let (digits, half) = match (word.strip_suffix("pm"), word.strip_suffix("am")) {
        (Some(digits), _) => (digits, Some(12)),
        (_, Some(digits)) => (digits, Some(0)),
        _ => (word, None),
    };
    let (hour, minute) = match digits.split_once(':').or_else(|| half.and_then(|_| digits.split_once('.'))) {
        Some((hour, minute)) => (hour, minute),
        None if half.is_some() => (digits, "00"),
        None => return None,
    };
    let time = || {
        let (hour, minute) = (number(hour, 2)?, number(minute, 2).filter(|_| minute.len() == 2)?);
        let hour = match half {
            None => hour,
            Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
            Some(_) => return None,
        };
        NaiveTime::from_hms_opt(hour, minute, 0)
    };
    // "spam" is no time, "25pm" is a wrong one.
    digits.starts_with(|c: char| c.is_ascii_digit()).then(time)
}

/// A number of at most `most` ASCII digits.
fn number(digits: &str, most: usize) -> Option<u32> {
    let fits = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { digits.parse().ok() } else { None }
}

/// A day without a time.
fn day(text: &str, today: NaiveDate, lean: Lean) -> Result<NaiveDate, DateError> {
    if let Some(date) = relative(text, today) {
        return date.ok_or(DateError::TooFar);
    }
    if let Some(date) = by_weekday(text, today, lean) {
        return date.ok_or(DateError::TooFar);
    }
    if let Some(date) = numeric(text, today, lean) {
        return date;
    }
    written(text, today, lean)
}

/// `today`, `tomorrow`, `yesterday`, `next week`, `+3`, `+2w`, `in 3 days`, `3 days ago`. The inner `None`: too far.
fn relative(text: &str, today: NaiveDate) -> Option<Option<NaiveDate>> {
    let days = |count| Span { months: 0, days: count };
    let (span, back) = match text {
        "today" | "tod" | "now" => (days(0), false),
        "tomorrow" | "tom" | "tmr" | "tomorow" => (days(1), false),
        "yesterday" | "yes" => (days(1), true),
        "next week" => (days(7), false),
        "next month" => (Span { months: 1, days: 0 }, false),
        "last week" => (days(7), true),
        _ => {
            if let Some(rest) = text.strip_prefix('+').or_else(|| text.strip_prefix("in ")) {
                (span(rest)?, false)
            } else if let Some(rest) = text.strip_suffix(" ago").or_else(|| text.strip_prefix('-')) {
                (span(rest)?, true)
            } else {
                return None;
            }
        }
    };
    Some(if back { span.before(today) } else { span.after(today) })
}

/// `3`, `3d`, `10 days`, `2w`, `a week`, `1 month`, `1y`.
fn span(text: &str) -> Option<Span> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = match text.split_once(' ') {
        Some(("a" | "an" | "one", unit)) => (1, unit),
        Some(("two", unit)) => (2, unit),
        _ => (number(&text[..split], 5)?, text[split..].trim_start()),
    };
    match unit {
        "" | "d" | "day" | "days" => Some(Span { months: 0, days: count }),
        "w" | "wk" | "wks" | "week" | "weeks" => Some(Span { months: 0, days: count * 7 }),
        "m" | "mo" | "month" | "months" => Some(Span { months: count, days: 0 }),
        "y" | "yr" | "yrs" | "year" | "years" => Some(Span { months: count * 12, days: 0 }),
        _ => None,
    }
}

/// `fri`, `friday`, `next fri`, `this fri`, `last fri`. The inner `None`: too far.
fn by_weekday(text: &str, today: NaiveDate, lean: Lean) -> Option<Option<NaiveDate>> {
    let (which, name) = text.split_once(' ').unwrap_or(("", text));
    let day = weekday(name)?;
    // 1 to 7 days ahead, and 1 to 7 days back.
    let ahead = u64::from((day.num_days_from_monday() + 6 - today.weekday().num_days_from_monday()) % 7 + 1);
    let back = if ahead == 7 { 7 } else { 7 - ahead };
    let monday = u64::from(7 - today.weekday().num_days_from_monday());
    match (which, lean) {
        ("next", _) => Some(today.checked_add_days(Days::new(monday + u64::from(day.num_days_from_monday())))),
        ("", Lean::Ahead) | ("this" | "on", _) => Some(today.checked_add_days(Days::new(ahead))),
        ("", Lean::Back) | ("last", _) => Some(today.checked_sub_days(Days::new(back))),
        _ => None,
    }
}

/// A weekday's name or at least its first three letters.
fn weekday(word: &str) -> Option<Weekday> {
    let word = match word.trim_end_matches('.') {
        "tues" => "tue",
        "weds" => "wed",
        other => other,
    };
    let found = |(name, _): &&(&str, Weekday)| word.len() >= 3 && name.starts_with(word);
    WEEKDAYS.iter().find(found).map(|&(_, day)| day)
}

/// A month's name or at least its first three letters.
fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    let word = if word == "sept" { "sep" } else { word };
    let index = MONTHS.iter().position(|name| word.len() >= 3 && name.starts_with(word))?;
    u32::try_from(index + 1).ok()
}

/// `2026-12-12`, `25/12`, `25.12.2026`, `12-25-2026`. `None` if the text is not numbers and separators.
fn numeric(text: &str, today: NaiveDate, lean: Lean) -> Option<Result<NaiveDate, DateError>> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(|part| number(part, 4).is_some()) {
        return None;
    }
    let value = |index: usize| number(parts[index], 4).unwrap_or(0);
    if parts[0].len() == 4 {
        let complete = parts.len() == 3 && parts[1..].iter().all(|part| part.len() <= 2);
        return Some(if complete { exact(value(0), value(1), value(2)) } else { Err(DateError::Unknown) });
    }
    if parts[0].len() > 2 || parts[1].len() > 2 {
        return Some(Err(DateError::Unknown));
    }
    let year = parts.get(2).map(|_| value(2));
    if year.is_some() && parts[2].len() != 4 {
        return Some(Err(DateError::Unknown));
    }
    let (first, second) = (value(0), value(1));
    let reading = |day: u32, month: u32| match year {
        Some(year) => exact(year, month, day),
        None => without_year(day, month, None, today, lean),
    };
    Some(match (first, second) {
        (1..=12, 1..=12) if first != second => {
            let both = [reading(first, second), reading(second, first)]
                .map(|date| date.map(|date| iso_free(date, year.is_some())));
            match both {
                [Ok(one), Ok(other)] => Err(DateError::Ambiguous(one, other)),
                _ => Err(DateError::Unknown),
            }
        }
        (_, 1..=12) => reading(first, second),
        (1..=12, _) => reading(second, first),
        _ => Err(DateError::Unknown),
    })
}

/// A date in words, with its year if one was given.
fn iso_free(date: NaiveDate, with_year: bool) -> String {
    date.format(if with_year { "%-d %b %Y" } else { "%-d %b" }).to_string()
}

/// `12 dec`, `dec 12`, `12th december 2026`, `12dec`, `tue 24 nov`, `the 12th of dec`.
fn written(text: &str, today: NaiveDate, lean: Lean) -> Result<NaiveDate, DateError> {
    let (mut on, mut day, mut month_number, mut year) = (None, None, None, None);
    let spaced = space_out(text);
    for word in spaced.split(' ').filter(|word| !matches!(*word, "the" | "of" | "on" | "st" | "nd" | "rd" | "th")) {
        let fresh = if let Some(named) = month(word) {
            month_number.replace(named).is_none()
        } else if let Some(named) = weekday(word) {
            on.replace(named).is_none()
        } else if let Some(digits) = number(word, 2) {
            day.replace(digits).is_none()
        } else if let Some(digits) = number(word, 4).filter(|_| word.len() == 4) {
            year.replace(digits).is_none()
        } else {
            false
        };
        if !fresh {
            return Err(DateError::Unknown);
        }
    }
    let (Some(day), Some(month)) = (day, month_number) else { return Err(DateError::Unknown) };
    let date = match year {
        Some(year) => exact(year, month, day)?,
        None => without_year(day, month, on, today, lean)?,
    };
    match on {
        Some(on) if on != date.weekday() => Err(DateError::Weekday(date.format("%A").to_string())),
        _ => Ok(date),
    }
}

/// Puts a space between digits and letters: "12dec" → "12 dec", "12th" → "12 th".
fn space_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut last = ' ';
    for c in text.chars() {
        if last.is_ascii_digit() && c.is_alphabetic() || last.is_alphabetic() && c.is_ascii_digit() {
            out.push(' ');
        }
        out.push(c);
        last = c;
    }
    out
}

/// A date with everything given.
fn exact(year: u32, month: u32, day: u32) -> Result<NaiveDate, DateError> {
    let number =
        i32::try_from(year).ok().filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year)).ok_or(DateError::TooFar)?;
    NaiveDate::from_ymd_opt(number, month, day).ok_or_else(|| match month_name(month) {
        Some(month) => DateError::NoSuchDay(format!("{day} {month} {year}")),
        None => DateError::Unknown,
    })
}

/// The next (or last) such day of the year, today included. A weekday that fits only the
/// other such day of this year decides against the lean, so that what is shown ("Tue 3 Nov") reads back. 29 February is looked for over eight years.
fn without_year(
    day: u32,
    month: u32,
    on: Option<Weekday>,
    today: NaiveDate,
    lean: Lean,
) -> Result<NaiveDate, DateError> {
    let find = |lean: Lean| {
        (0..=8)
            .filter_map(|step| {
                let year = if lean == Lean::Ahead { today.year() + step } else { today.year() - step };
                NaiveDate::from_ymd_opt(year, month, day)
            })
            .find(|&date| if lean == Lean::Ahead { date >= today } else { date <= today })
    };
    let other = if lean == Lean::Ahead { Lean::Back } else { Lean::Ahead };
    let [wanted, second] = [find(lean), find(other)];
    let wanted = wanted.or(second).ok_or_else(|| match month_name(month) {
        Some(month) => DateError::NoSuchDay(format!("{day} {month}")),
        None => DateError::Unknown,
    })?;
    match (on, second) {
        (Some(on), Some(second))
            if wanted.weekday() != on && second.weekday() == on && second.year() == today.year() =>
        {
            Ok(second)
        }
        _ => Ok(wanted),
    }
}

fn month_name(month: u32) -> Option<String> {
    let name = MONTHS.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    Some(format!("{}{}", name[..1].to_uppercase(), &name[1..3]))
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
