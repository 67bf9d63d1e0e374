//! How what people type for a day, a time or a span is read. Its doors are [`parse`](super::parse) and [`Span::parse`].

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};

use super::{DateError, FIRST_YEAR, LAST_YEAR, Lean, Span};

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

/// The longest text that is looked at, in characters.
const LONGEST: usize = 40;

/// Lower case, one space between words; `None` if empty or too long.
pub(super) fn fold(text: &str) -> Option<String> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let lower = text.to_lowercase().replace([',', '\u{2212}', '\u{2013}'], " ");
    let folded = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    (!folded.is_empty()).then_some(folded)
}

/// Takes a time of day off the text, wherever it stands.
pub(super) fn take_time(text: &str) -> Result<(String, Option<NaiveTime>), DateError> {
    // An ISO date and time are one word: "2026-12-12t14:00".
    let text = match text.split_once('t') {
        Some((date, time)) if date.len() == 10 && date.is_ascii() => format!("{date} {time}"),
        _ => text.to_owned(),
    };
    // "2 pm" is one word to us.
    let text = text.replace("p.m.", "pm").replace("a.m.", "am").replace(" pm", "pm").replace(" am", "am");
    let mut found = None;
    let mut words = Vec::new();
    for word in text.split(' ') {
        match time_of_day(word) {
            None => words.push(word),
            Some(Ok(time)) if found.is_none() => found = Some(time),
            Some(_) => return Err(DateError::Time),
        }
    }
    words.retain(|&word| found.is_none() || word != "at");
    Ok((words.join(" "), found))
}

/// `None` if the word is not meant as a time.
fn time_of_day(word: &str) -> Option<Result<NaiveTime, DateError>> {
    if word == "noon" {
        return time_of_day("12:00");
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
    digits.starts_with(|c: char| c.is_ascii_digit()).then(|| time().ok_or(DateError::Time))
}

/// A number of at most `most` ASCII digits.
fn number(digits: &str, most: usize) -> Option<u32> {
    let fits = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { digits.parse().ok() } else { None }
}

/// A day without a time.
pub(super) fn day(text: &str, today: NaiveDate, lean: Lean) -> Result<NaiveDate, DateError> {
    relative(text, today)
        .or_else(|| by_weekday(text, today, lean))
        .or_else(|| numeric(text, today, lean))
        .unwrap_or_else(|| written(text, today, lean))
}

/// `today`, `tomorrow`, `yesterday`, `next week`, `+3`, `+2w`, `in 3 days`, `3 days ago`. `None` if it is none of these.
fn relative(text: &str, today: NaiveDate) -> Option<Result<NaiveDate, DateError>> {
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
    let date = if back { span.before(today) } else { span.after(today) };
    Some(date.ok_or(DateError::TooFar))
}

/// `3`, `3d`, `10 days`, `2w`, `a week`, `1 month`, `1y`.
pub(super) fn span(text: &str) -> Option<Span> {
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

/// `fri`, `friday`, `next fri`, `this fri`, `last fri`. `None` if it is none of these.
fn by_weekday(text: &str, today: NaiveDate, lean: Lean) -> Option<Result<NaiveDate, DateError>> {
    let (which, name) = text.split_once(' ').unwrap_or(("", text));
    let day = weekday(name)?;
    // 1 to 7 days ahead, and 1 to 7 days back.
    let ahead = u64::from((day.num_days_from_monday() + 6 - today.weekday().num_days_from_monday()) % 7 + 1);
    let back = if ahead == 7 { 7 } else { 7 - ahead };
    let monday = u64::from(7 - today.weekday().num_days_from_monday());
    let date = match (which, lean) {
        ("next", _) => today.checked_add_days(Days::new(monday + u64::from(day.num_days_from_monday()))),
        ("", Lean::Ahead) | ("this" | "on", _) => today.checked_add_days(Days::new(ahead)),
        ("", Lean::Back) | ("last", _) => today.checked_sub_days(Days::new(back)),
        _ => return None,
    };
    Some(date.ok_or(DateError::TooFar))
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
