//! The doors between screens: who opens which, in one place, so that screens don't know each other.

use chrono::NaiveDate;

use crate::domain::ids::ItemId;
use crate::ops::Matter;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::layers::{Effects, Handled, Layer};

/// A screen or form on its own.
pub type Door = Box<dyn Layer<Desk>>;

/// The screen before a session is open: unlocking, or the first run.
pub fn locked(desk: &Desk) -> Door {
    super::unlock::first(desk)
}

/// The list of cases.
pub fn cases(desk: &mut Desk) -> Option<Door> {
    Some(super::cases::screen(desk))
}

/// The team.
pub fn team(desk: &mut Desk) -> Option<Door> {
    Some(super::team::screen(desk))
}

/// The vault's health.
pub fn health(desk: &mut Desk) -> Option<Door> {
    Some(super::health::screen(desk))
}

/// The tour.
pub fn tour(desk: &mut Desk) -> Option<Door> {
    Some(super::tour::open(desk))
}

/// One case over the screen that asks.
pub fn case(desk: &mut Desk, case: ItemId) -> Effects<Desk> {
    vec![Effect::Push("case", super::case::open(desk, case))]
}

/// One case with its referrals in sight.
pub fn case_referrals(desk: &mut Desk, case: ItemId) -> Effects<Desk> {
    vec![Effect::Push("case", super::case::open_referrals(desk, case))]
}

/// One case with what has to be decided in it.
pub fn case_conflicts(desk: &mut Desk, case: ItemId) -> Effects<Desk> {
    vec![Effect::Push("case", super::case::open_conflicts(desk, case))]
}

/// The exchange with other teams.
pub fn exchange(desk: &mut Desk) -> Option<Door> {
    Some(super::exchange::screen(desk))
}

/// The meetings.
pub fn meetings(desk: &mut Desk) -> Option<Door> {
    Some(super::meetings::screen(desk))
}

/// The calendar.
pub fn calendar(desk: &mut Desk) -> Option<Door> {
    Some(super::calendar::screen(desk))
}

/// The form that plans a meeting on a day.
pub fn meeting_on(day: NaiveDate, desk: &mut Desk) -> Handled<Desk> {
    if day < desk.today() {
        return Effect::refused("That day has passed: choose one from today on.").into();
    }
    Effect::Push("form", super::forms::meeting_on(desk, day)).into()
}

/// One meeting: live while it runs.
pub fn meeting(desk: &mut Desk, meeting: ItemId) -> Effects<Desk> {
    super::meetings::open(desk, meeting)
}

/// What is printed, about a meeting or about the next.
pub fn printing(desk: &Desk, meeting: Option<ItemId>) -> Effects<Desk> {
    super::printing::ask(desk, meeting)
}

/// Where the sealed minutes of a meeting are written to.
pub fn send_minutes(desk: &Desk, meeting: ItemId) -> Effects<Desk> {
    super::exchange::send_minutes(desk, meeting)
}

/// Where a calendar file is written to: one member's, or everybody's.
pub fn write_calendar(desk: &Desk, reader: Option<ItemId>) -> Effects<Desk> {
    super::exchange::write_calendar(desk, reader)
}

/// The form that marks minutes as sent, with the words for how.
pub fn minutes_sent(desk: &Desk, meeting: ItemId, how: &str) -> Effects<Desk> {
    super::forms::minutes_sent(desk, meeting, how).map(|form| Effect::Push("form", form)).into_iter().collect()
}

/// How many minutes a line of an agenda gets.
pub fn minutes_for(meeting: ItemId, matter: Option<Matter>, desk: &Desk) -> Handled<Desk> {
    match matter {
        Some(matter) => Effect::Push("form", super::forms::agenda_minutes(desk, meeting, matter)).into(),
        None => Handled::Pass,
    }
}

/// A form by its name, for a case or an item where it belongs to one; passes if there is none of that name, or if it
/// needs something to be about.
pub fn form(name: &str, about: Option<ItemId>, desk: &mut Desk) -> Handled<Desk> {
    match super::forms::open(name, about, desk) {
        Some(form) => Effect::Push("form", form).into(),
        None => Handled::Pass,
    }
}
