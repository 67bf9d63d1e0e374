//! Working days: which days are weekends or public holidays, and what is so many working days away.
//!
//! Which holidays there are is data of the policy pack; this module knows only how to reckon them.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::dates::{FIRST_YEAR, LAST_YEAR};

/// The most working days that can be counted at once (about ten years).
const MOST: u32 = 2_600;

/// When a holiday falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayRule {
    /// The same day each year. 29 February falls in leap years only.
    Fixed {
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
    /// So many days after (or, negative, before) Easter Sunday.
    Easter {
        /// Days, -100 to 100.
        offset: i16,
    },
    /// The nth such weekday of a month.
    Nth {
        /// 1 to 5; a fifth that a month has not got is no holiday that year.
        nth: u8,
        /// The weekday.
        weekday: Weekday,
        /// 1 to 12.
        month: u32,
    },
}

/// What happens when a holiday falls on a weekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// Nothing.
    None,
    /// It is kept on the Monday after, or the first day after that which is no holiday itself.
    Monday,
}

/// A public holiday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Its code in the pack.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When it falls.
    pub rule: HolidayRule,
    /// What happens on a weekend.
    pub moves: Moves,
    /// Where the rule was found.
    pub source: String,
    /// Whether a published text confirms it.
    pub verified: bool,
}

/// The days off of all accepted years, reckoned once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, String>,
    /// The same days as bits, counted from the first day of the first year: what is asked for every clock of every case.
    off: Vec<u64>,
}

impl Calendar {
    /// Reckons the holidays of the years 1900 to 2200.
    pub fn new(holidays: &[Holiday]) -> Self {
        let mut days = BTreeMap::new();
        for year in FIRST_YEAR..=LAST_YEAR {
            let mut moved = Vec::new();
            for holiday in holidays {
                match holiday.rule.falls(year) {
                    Some(date) if holiday.moves == Moves::Monday && is_weekend(date) => moved.push((date, holiday)),
                    Some(date) => add(&mut days, date, &holiday.name),
                    None => {}
                }
            }
            // Those that move give way to those that don't: Christmas on a Sunday is kept after Boxing Day.
            moved.sort_by_key(|&(date, _)| date);
            for (date, holiday) in moved {
                let free = date.iter_days().find(|&day| !is_weekend(day) && !days.contains_key(&day));
                if let Some(day) = free {
                    add(&mut days, day, &format!("{} (kept)", holiday.name));
                }
            }
        }
        let mut off = Vec::new();
        for (word, bit) in days.keys().filter_map(|day| place(*day)) {
            off.resize(off.len().max(word + 1), 0);
            off[word] |= bit;
        }
        Self { days, off }
    }

    /// The holiday kept on a day; a holiday that moved to a Monday says "(kept)".
    pub fn holiday(&self, date: NaiveDate) -> Option<&str> {
        self.days.get(&date).map(String::as_str)
    }

    /// The holidays of a year in order, as they are kept.
    pub fn year(&self, year: i32) -> impl Iterator<Item = (NaiveDate, &str)> {
        self.days.iter().filter(move |(date, _)| date.year() == year).map(|(date, name)| (*date, name.as_str()))
    }

    /// Whether offices are open: neither a weekend nor a holiday.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        let holiday = |(word, bit): (usize, u64)| self.off.get(word).is_some_and(|days| days & bit != 0);
        !is_weekend(date) && !place(date).is_some_and(holiday)
    }

    /// The `count`th working day after `date`; for 0, `date` itself or the first working day after it. `None` beyond the
    /// accepted years or 2,600 working days.
    pub fn add_working_days(&self, date: NaiveDate, count: u32) -> Option<NaiveDate> {
        if count > MOST {
            return None;
        }
        let (start, nth) = if count == 0 { (Some(date), 0) } else { (date.succ_opt(), count - 1) };
        start?
            .iter_days()
            .take_while(|day| (FIRST_YEAR..=LAST_YEAR).contains(&day.year()))
            .filter(|&day| self.is_working_day(day))
            .nth(usize::try_from(nth).ok()?)
    }
}

impl HolidayRule {
    /// The day in a year, before it moves; `None` if that year has none.
    pub fn falls(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed { month, day } => NaiveDate::from_ymd_opt(year, month, day),
            Self::Easter { offset } => {
                let distance = Days::new(u64::from(offset.unsigned_abs()));
                let easter = easter(year)?;
                if offset < 0 { easter.checked_sub_days(distance) } else { easter.checked_add_days(distance) }
            }
            Self::Nth { nth, weekday, month } => NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth),
        }
    }
}

fn add(days: &mut BTreeMap<NaiveDate, String>, date: NaiveDate, name: &str) {
    days.entry(date).and_modify(|both| *both = format!("{both}, {name}")).or_insert_with(|| name.to_owned());
}

/// Where a day stands among the bits; `None` before the first year.
fn place(date: NaiveDate) -> Option<(usize, u64)> {
    let first = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1)?;
    let day = usize::try_from(date.num_days_from_ce() - first.num_days_from_ce()).ok()?;
    Some((day / 64, 1 << (day % 64)))
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Easter Sunday of the Western churches, by the Gregorian computus (the "anonymous" algorithm, Nature 1876).
pub fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let count = epact + to_sunday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(count / 31).ok()?, u32::try_from(count % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn holiday(name: &str, rule: HolidayRule, moves: Moves) -> Holiday {
        let (code, source) = (name.to_lowercase(), String::new());
        Holiday { code, name: name.to_owned(), rule, moves, source, verified: false }
    }

    fn sample() -> Calendar {
        use HolidayRule::{Easter, Fixed, Nth};
        Calendar::new(&[
            holiday("New Year", Fixed { month: 1, day: 1 }, Moves::Monday),
            holiday("Ash Wednesday", Easter { offset: -46 }, Moves::None),
            holiday("Good Friday", Easter { offset: -2 }, Moves::None),
            holiday("Easter Monday", Easter { offset: 1 }, Moves::None),
            holiday("Labour Day", Fixed { month: 5, day: 23 }, Moves::Monday),
            holiday("Heroes", Nth { nth: 3, weekday: Weekday::Mon, month: 10 }, Moves::None),
            holiday("Christmas", Fixed { month: 12, day: 25 }, Moves::Monday),
            holiday("Boxing Day", Fixed { month: 12, day: 26 }, Moves::Monday),
        ])
    }

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for (year, day) in [
            (1900, "1900-04-15"),
            (1943, "1943-04-25"),
            (2000, "2000-04-23"),
            (2008, "2008-03-23"),
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2028, "2028-04-16"),
            (2029, "2029-04-01"),
            (2030, "2030-04-21"),
            (2038, "2038-04-25"),
            (2200, "2200-04-06"),
        ] {
            assert_eq!(easter(year), Some(date(day)));
        }
    }

    #[test]
    fn holidays_fall_and_move() {
        let calendar = sample();
        for (day, name) in [
            ("2026-02-18", Some("Ash Wednesday")),
            ("2026-04-03", Some("Good Friday")),
            ("2026-04-06", Some("Easter Monday")),
            ("2026-10-19", Some("Heroes")),
            ("2026-05-23", None), // a Saturday
            ("2026-05-25", Some("Labour Day (kept)")),
            ("2027-12-27", Some("Christmas (kept)")), // Saturday and Sunday, so Monday and Tuesday
            ("2027-12-28", Some("Boxing Day (kept)")),
            ("2022-12-26", Some("Boxing Day")), // Christmas on a Sunday gives way to it
            ("2022-12-27", Some("Christmas (kept)")),
            ("2028-01-03", Some("New Year (kept)")),
        ] {
            assert_eq!(calendar.holiday(date(day)), name, "{day}");
        }
        assert_eq!(calendar.year(2026).count(), 8);
        assert_eq!(calendar.year(3000).count(), 0);
    }

    #[test]
    fn working_days_step_over_weekends_and_holidays() {
        let calendar = sample();
        for (from, count, to) in [
            ("2026-11-20", 1, "2026-11-23"), // Friday to Monday
            ("2026-11-22", 0, "2026-11-23"), // on a Sunday: the next working day
            ("2026-11-23", 0, "2026-11-23"),
            ("2026-04-02", 1, "2026-04-07"), // over Easter
            ("2026-12-24", 2, "2026-12-30"), // Boxing Day 2026 is a Saturday, kept on Monday
        ] {
            assert_eq!(calendar.add_working_days(date(from), count), Some(date(to)), "{from} + {count}");
        }
        assert_eq!(calendar.add_working_days(date("2200-12-31"), 5), None);
        assert_eq!(calendar.add_working_days(date("2026-01-01"), 2_601), None);
        assert_eq!(calendar.add_working_days(NaiveDate::MAX, 1), None);
    }

    proptest! {
        #[test]
        fn so_many_working_days_lie_between(from in 0i64..100_000, count in 1u32..60) {
            let (calendar, from) = (sample(), date("1900-01-01") + chrono::Duration::days(from));
            let to = calendar.add_working_days(from, count).unwrap();
            prop_assert!(calendar.is_working_day(to));
            let between = from.iter_days().skip(1).take_while(|&day| day <= to).filter(|&day| calendar.is_working_day(day)).count();
            prop_assert_eq!(between, count as usize);
        }
    }
}
