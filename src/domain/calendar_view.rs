//! The calendar as people look at it: what stands on which day, and a month as a grid of weeks.
//!
//! Everything here is computed from what is due, from the meetings and from the policy's holidays. Nothing is stored,
//! and nothing here names a child: the front ends put words to it, masked.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate};

use super::calendar::Calendar;
use super::dates::{self, FIRST_YEAR, LAST_YEAR, jamaica};
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::meeting::{Meeting, Phase, Series};
use super::outreach::{self, Event};
use super::state::State;
use super::today::{Bucket, Due, What};
use super::training::{self, Training};

/// What kind of thing stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// People meet: at a meeting, an outreach event, a training.
    Meeting,
    /// A planned contact with a child or a household.
    Contact,
    /// Everything else that has to be done by then.
    Deadline,
}

impl Kind {
    /// The letter for it in a grid.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Meeting => "M",
            Self::Contact => "C",
            Self::Deadline => "D",
        }
    }

    /// The word in `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Contact => "contact",
            Self::Deadline => "deadline",
        }
    }

    /// What something due is.
    pub const fn of(what: &What) -> Self {
        match what {
            What::Meeting(_) | What::Outreach(_) | What::Training(_) => Self::Meeting,
            What::FollowUp(_) => Self::Contact,
            _ => Self::Deadline,
        }
    }
}

/// What stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// Something due, a meeting that is to come among it.
    Due(Due),
    /// A meeting that runs or was held.
    Meeting(ItemId),
    /// An outreach event that was held.
    Outreach(ItemId),
    /// A training that was held.
    Training(ItemId),
    /// A later meeting of a series, which is not planned yet.
    Series(ItemId),
}

/// One line of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, in Jamaica; the end of the day where no hour was given.
    pub at: DateTime<FixedOffset>,
    /// True if the hour matters.
    pub timed: bool,
    /// What.
    pub thing: Thing,
}

impl Entry {
    /// The day.
    pub fn day(&self) -> NaiveDate {
        self.at.date_naive()
    }

    /// What kind of thing it is.
    pub const fn kind(&self) -> Kind {
        match &self.thing {
            Thing::Due(due) => Kind::of(&due.what),
            Thing::Meeting(_) | Thing::Series(_) | Thing::Outreach(_) | Thing::Training(_) => Kind::Meeting,
        }
    }

    /// True if its time has passed and it is not done.
    pub fn late(&self) -> bool {
        matches!(&self.thing, Thing::Due(due) if due.bucket == Bucket::Late)
    }
}

/// What stands between two days, both included, in order: by day, first what has an hour.
pub fn entries(
    state: &State,
    calendar: &Calendar,
    dues: &[Due],
    today: NaiveDate,
    (from, to): (NaiveDate, NaiveDate),
) -> Vec<Entry> {
    let within = |day: NaiveDate| from <= day && day <= to;
    let due = |due: &Due| Entry { at: due.at, timed: due.timed, thing: Thing::Due(due.clone()) };
    let mut all: Vec<Entry> = dues.iter().filter(|due| within(due.day())).map(due).collect();
    let meetings = || state.items(ItemKind::Meeting).map(Meeting);
    // Those that are to come stand among what is due.
    let held = meetings().filter(|meeting| !matches!(meeting.phase(), Phase::Planned | Phase::Cancelled));
    all.extend(held.filter_map(|meeting| {
        let at = meeting.held()?.with_timezone(&jamaica());
        within(at.date_naive()).then_some(Entry { at, timed: true, thing: Thing::Meeting(meeting.0.id) })
    }));
    all.extend(state.items(ItemKind::Outreach).map(Event).filter_map(|event| {
        let held = matches!(event.phase(), outreach::Phase::Held | outreach::Phase::Counted);
        let at = event.when().filter(|_| held)?.with_timezone(&jamaica());
        within(at.date_naive()).then_some(Entry { at, timed: true, thing: Thing::Outreach(event.0.id) })
    }));
    all.extend(state.items(ItemKind::Training).map(Training).filter_map(|training| {
        let day = training.day().filter(|day| training.phase() == training::Phase::Held && within(*day))?;
        Some(Entry { at: dates::end_of(day), timed: false, thing: Thing::Training(training.0.id) })
    }));
    for series in Series::running(state) {
        let of_it = meetings().filter(|it| it.0.held(Field::MeetingSeries).as_item() == Some(series.0.id));
        let last = of_it.filter_map(Meeting::day).max();
        let first = [Some(from), Some(today), last.and_then(|day| day.succ_opt())].into_iter().flatten().max();
        all.extend(first.into_iter().flat_map(|first| later(series, calendar, first, to)));
    }
    all.sort_by_key(|entry| (entry.day(), !entry.timed, entry.at, entry.kind()));
    all
}

/// The days on which a series is to meet, from one day to another.
fn later(series: Series<'_>, calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> Vec<Entry> {
    let (Some(rule), Some(start)) = (series.rule(), series.from()) else { return Vec::new() };
    let time = dates::time_of(series.minutes()).unwrap_or_default();
    let next = |from: NaiveDate| rule.next(start, from, calendar).filter(|day| *day <= to);
    let days = std::iter::successors(next(from), |day| next(day.succ_opt()?));
    let entry = |day| Entry { at: dates::at(day, time), timed: true, thing: Thing::Series(series.0.id) };
    days.map(entry).collect()
}

/// One day of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// False for the days of the months before and after, which fill the weeks.
    pub inside: bool,
    /// The holiday that is kept on it.
    pub holiday: Option<String>,
    /// Whether offices are open.
    pub working: bool,
    /// How many of each kind stand on it, those that are late not counted.
    pub meetings: usize,
    /// Planned contacts.
    pub contacts: usize,
    /// Everything else that has to be done by then.
    pub deadlines: usize,
    /// What is late since that day.
    pub late: usize,
}

impl Day {
    /// Everything that stands on it.
    pub const fn all(&self) -> usize {
        self.meetings + self.contacts + self.deadlines + self.late
    }
}

/// The weeks of a month, Monday first, as they are filled by what stands on their days. `entries` are those of
/// [`month_span`], in order.
pub fn month(of: NaiveDate, entries: &[Entry], calendar: &Calendar) -> Vec<Vec<Day>> {
    let (from, to) = month_span(of);
    let days: Vec<Day> = from
        .iter_days()
        .take_while(|day| *day <= to)
        .map(|date| {
            let start = entries.partition_point(|entry| entry.day() < date);
            let here = entries[start..].iter().take_while(|entry| entry.day() == date);
            let mut day = Day {
                date,
                inside: (date.year(), date.month()) == (of.year(), of.month()),
                holiday: calendar.holiday(date).map(str::to_owned),
                working: calendar.is_working_day(date),
                meetings: 0,
                contacts: 0,
                deadlines: 0,
                late: 0,
            };
            for entry in here {
                let count = match entry.kind() {
                    _ if entry.late() => &mut day.late,
                    Kind::Meeting => &mut day.meetings,
                    Kind::Contact => &mut day.contacts,
                    Kind::Deadline => &mut day.deadlines,
                };
                *count += 1;
            }
            day
        })
        .collect();
    days.chunks(7).map(<[Day]>::to_vec).collect()
}

/// From the Monday of the week in which a month begins to the Sunday of the week in which it ends.
pub fn month_span(of: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = of.with_day(1).unwrap_or(of);
    let next = first.checked_add_months(Months::new(1));
    let last = next.and_then(|next| next.pred_opt()).unwrap_or(first);
    (week_span(first).0, week_span(last).1)
}

/// From Monday to Sunday.
pub fn week_span(of: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = of.checked_sub_days(Days::new(of.weekday().num_days_from_monday().into())).unwrap_or(of);
    (monday, monday.checked_add_days(Days::new(6)).unwrap_or(of))
}

/// So many days on, or back; the same day where that leaves the years that are accepted.
pub fn days_on(day: NaiveDate, by: i64) -> NaiveDate {
    accepted(day, day.checked_add_signed(chrono::TimeDelta::days(by)))
}

/// So many months on, or back; the last day of a month that is too short.
pub fn months_on(day: NaiveDate, by: i32) -> NaiveDate {
    let months = Months::new(by.unsigned_abs());
    accepted(day, if by < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) })
}

fn accepted(day: NaiveDate, moved: Option<NaiveDate>) -> NaiveDate {
    moved.filter(|moved| (FIRST_YEAR..=LAST_YEAR).contains(&moved.year())).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::super::calendar::{Holiday, HolidayRule, Moves};
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn due(day: &str, bucket: Bucket, what: What) -> Entry {
        let at = dates::end_of(date(day));
        let thing = Due { bucket, at, timed: false, what, case: None, risk: None, owner: None, lead: None };
        Entry { at, timed: false, thing: Thing::Due(thing) }
    }

    fn heroes() -> Calendar {
        let rule = HolidayRule::Nth { nth: 3, weekday: Weekday::Mon, month: 10 };
        let (code, name, source) = ("heroes".to_owned(), "Heroes' Day".to_owned(), String::new());
        Calendar::new(&[Holiday { code, name, rule, moves: Moves::None, source, verified: true }])
    }

    #[test]
    fn a_month_is_whole_weeks_from_monday() {
        for (of, weeks, first, last) in [
            ("2026-11-22", 6, "2026-10-26", "2026-12-06"),
            ("2027-02-10", 4, "2027-02-01", "2027-02-28"),
            ("2026-10-31", 5, "2026-09-28", "2026-11-01"),
        ] {
            let grid = month(date(of), &[], &heroes());
            assert_eq!(grid.len(), weeks, "{of}");
            assert!(grid.iter().all(|week| week.len() == 7 && week[0].date.weekday() == Weekday::Mon));
            assert_eq!((grid[0][0].date, grid[weeks - 1][6].date), (date(first), date(last)));
            let inside = grid.iter().flatten().filter(|day| day.inside).count();
            assert_eq!(inside, usize::from(date(of).num_days_in_month()));
        }
    }

    #[test]
    fn days_count_what_stands_on_them() {
        let id = ItemId([7; 16]);
        let entries = [
            due("2026-10-19", Bucket::Late, What::Action(id)),
            due("2026-10-20", Bucket::Today, What::Action(id)),
            due("2026-10-20", Bucket::Today, What::FollowUp(id)),
            due("2026-10-20", Bucket::Today, What::Review),
            due("2026-10-21", Bucket::Week, What::Meeting(id)),
        ];
        let grid = month(date("2026-10-05"), &entries, &heroes());
        let day = |text: &str| grid.iter().flatten().find(|day| day.date == date(text)).expect("in the grid").clone();
        let (late, busy, meets) = (day("2026-10-19"), day("2026-10-20"), day("2026-10-21"));
        assert_eq!((late.late, late.deadlines, late.all()), (1, 0, 1));
        assert_eq!((late.holiday.as_deref(), late.working), (Some("Heroes' Day"), false));
        assert_eq!((busy.deadlines, busy.contacts, busy.meetings, busy.late), (2, 1, 0, 0));
        assert_eq!((meets.meetings, meets.working), (1, true));
        assert_eq!(grid.iter().flatten().map(Day::all).sum::<usize>(), entries.len());
    }

    #[test]
    fn steps_stay_within_the_accepted_years() {
        assert_eq!(months_on(date("2026-01-31"), 1), date("2026-02-28"));
        assert_eq!(months_on(date("2026-03-31"), -1), date("2026-02-28"));
        assert_eq!(days_on(date("2026-12-31"), 1), date("2027-01-01"));
        for edge in ["1900-01-01", "2200-12-31"] {
            let (day, by) = (date(edge), if edge < "2000" { -1 } else { 1 });
            assert_eq!((days_on(day, by), months_on(day, i32::try_from(by).expect("small"))), (day, day));
        }
        assert_eq!(week_span(date("2026-11-22")), (date("2026-11-16"), date("2026-11-22")));
    }
}
