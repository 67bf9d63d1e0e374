//! What each agency did with what it was given, over the last meetings: counts alone, no case and no name.

use chrono::NaiveDate;

use crate::domain::dates::jamaica;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::paper::{Block, Paper};
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::views::{Action, Member};

use super::{AgendaItem, Meeting};

/// One agency over some meetings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// The agency.
    pub id: ItemId,
    /// Its code: "MOH".
    pub code: String,
    /// Meetings at which somebody of it was expected, or came unexpected.
    pub expected: usize,
    /// Meetings at which somebody of it was there.
    pub attended: usize,
    /// Actions that it, or its people, got at these meetings; without those that were called off.
    pub given: usize,
    /// Of those: done by their day.
    pub in_time: usize,
    /// Of those: done after their day.
    pub late: usize,
    /// Of those: still open.
    pub open: usize,
    /// Of those: still open, and on record that the agency has not acted.
    pub not_acted: usize,
}

/// All agencies over some meetings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The meetings, the earliest first.
    pub meetings: Vec<ItemId>,
    /// The day of the first and of the last of them.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The agencies that were expected, came, or were given something, by code.
    pub agencies: Vec<Agency>,
}

/// The feedback over the last `most` meetings that have ended. It counts what may be read here.
pub fn feedback(state: &State, most: usize) -> Feedback {
    let mut held: Vec<Meeting<'_>> = Meeting::all(state).into_iter().filter(|it| it.ended().is_some()).collect();
    held.sort_by_key(|meeting| (meeting.started(), meeting.0.id));
    let held = held.split_off(held.len().saturating_sub(most));
    let mut agencies: Vec<Agency> = state
        .items(ItemKind::Agency)
        .map(|agency| Agency {
            id: agency.id,
            code: agency.str(Field::AgencyCode).to_owned(),
            expected: 0,
            attended: 0,
            given: 0,
            in_time: 0,
            late: 0,
            open: 0,
            not_acted: 0,
        })
        .collect();
    agencies.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));
    for meeting in &held {
        let (expected, there) = people(state, *meeting);
        for agency in &mut agencies {
            let came = there.contains(&agency.id);
            agency.attended += usize::from(came);
            agency.expected += usize::from(came || expected.contains(&agency.id));
        }
    }
    let at_one_of_them = |action: &Action<'_>| {
        let item = action.0.held(Field::ActionMeeting).as_item().and_then(|item| AgendaItem::get(state, item));
        item.and_then(|item| item.meeting(state)).is_some_and(|it| held.iter().any(|held| held.0.id == it.0.id))
    };
    for action in state.items(ItemKind::Action).map(Action).filter(at_one_of_them) {
        let owner = action.owner().map(|owner| agency_behind(state, owner));
        if let Some(agency) = agencies.iter_mut().find(|agency| Some(agency.id) == owner) {
            agency.count(action);
        }
    }
    agencies.retain(|agency| agency.expected > 0 || agency.given > 0);
    let day = |meeting: Option<&Meeting<'_>>| meeting.and_then(|meeting| meeting.held_day());
    Feedback {
        days: day(held.first()).zip(day(held.last())),
        meetings: held.into_iter().map(|meeting| meeting.0.id).collect(),
        agencies,
    }
}

/// The agencies that were expected at a meeting, and those that were there; also by people who have left since.
fn people(state: &State, meeting: Meeting<'_>) -> (Vec<ItemId>, Vec<ItemId>) {
    let agency = |member: ItemId| Member::get(state, member).and_then(Member::agency);
    let listed = meeting.0.value(Field::MeetingExpected);
    let expected = listed.as_items().iter().filter_map(|member| agency(*member)).collect();
    let here = meeting.attendance(state).into_iter().filter(|one| one.was_here());
    (expected, here.filter_map(|one| one.member().and_then(agency)).collect())
}

/// The agency itself, or that of a member.
fn agency_behind(state: &State, owner: ItemId) -> ItemId {
    Member::get(state, owner).and_then(Member::agency).unwrap_or(owner)
}

impl Agency {
    fn count(&mut self, action: Action<'_>) {
        if action.state() == "cancelled" {
            return;
        }
        self.given += 1;
        let done = action.0.held(Field::ActionDone).as_when().map(|at| at.with_timezone(&jamaica()).date_naive());
        let number = match (action.is_open(), done) {
            (true, _) if action.state() == "blocked" && action.0.str(Field::ActionWhy) == "agency" => {
                &mut self.not_acted
            }
            (true, _) => &mut self.open,
            (false, Some(done)) if action.due().is_some_and(|due| done > due) => &mut self.late,
            (false, _) => &mut self.in_time,
        };
        *number += 1;
    }

    /// What became of what it was given, in words: "4 in time, 1 late".
    pub fn outcome(&self) -> String {
        let all = [(self.in_time, "in time"), (self.late, "late"), (self.open, "open"), (self.not_acted, "not acted")];
        let said = all.into_iter().filter(|(number, _)| *number > 0);
        let said: Vec<String> = said.map(|(number, words)| format!("{number} {words}")).collect();
        if said.is_empty() { "nothing given".to_owned() } else { said.join(", ") }
    }
}

impl Feedback {
    /// Over which meetings: "the last 6 meetings, 1 Sep to 17 Nov 2026".
    pub fn over(&self) -> String {
        let meetings = match self.meetings.len() {
            0 => return "No meeting was held yet.".to_owned(),
            1 => "The last meeting".to_owned(),
            count => format!("The last {count} meetings"),
        };
        match self.days {
            Some((first, last)) if first != last => {
                format!("{meetings}, {} to {}", first.format("%-d %b %Y"), last.format("%-d %b %Y"))
            }
            Some((day, _)) => format!("{meetings}, {}", day.format("%-d %b %Y")),
            None => meetings,
        }
    }

    /// The feedback to be printed.
    pub fn paper(&self, state: &State, practice: bool) -> Paper {
        let head = ["Agency", "Was there", "", "Given", "Done in time", "Late", "Open", "Not acted"];
        let rows = self.agencies.iter().map(|agency| {
            let there = format!("{} of {}", agency.attended, agency.expected);
            let numbers = [agency.given, agency.in_time, agency.late, agency.open, agency.not_acted];
            let first = [agency.code.clone(), there, bar(agency.attended, agency.expected)];
            first.into_iter().chain(numbers.map(|number| number.to_string())).collect()
        });
        let mut blocks =
            vec![Block::Facts(vec![("Team".to_owned(), teams::own_name(state)), ("Over".to_owned(), self.over())])];
        if !self.agencies.is_empty() {
            let head = head.map(str::to_owned).to_vec();
            blocks.push(Block::Table { head, rows: rows.collect(), wide: Vec::new() });
        }
        blocks.push(Block::Para(
            "Not acted: open, and on record that the agency has not acted. What was called off is not counted."
                .to_owned(),
        ));
        Paper { title: "Feedback to the agencies".to_owned(), practice, copies: 0, only: None, blocks }
    }
}

/// How wide a bar on paper is, in characters.
const BAR: usize = 10;

fn bar(part: usize, whole: usize) -> String {
    let full = (part * BAR).div_ceil(whole.max(1)).min(BAR);
    format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
}
