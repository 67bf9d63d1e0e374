//! The doors between screens: who opens which, in one place, so that screens don't know each other.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::domain::ids::ItemId;
use crate::error::Result;
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

/// The team's rules.
pub fn policy(desk: &mut Desk) -> Door {
    super::policy::screen(desk)
}

/// The chooser of a policy file.
pub fn choose_policy(desk: &Desk) -> Effects<Desk> {
    super::exchange::choose_policy(desk)
}

/// The text of a policy file that holds no mistake.
///
/// # Errors
/// If it can't be read, or holds mistakes: the first, by line and column.
pub fn read_policy(path: &Path) -> Result<String> {
    super::policy::read(path)
}

/// What a policy would change, to be put in force or not.
pub fn propose_policy(desk: &Desk, text: String) -> Effects<Desk> {
    super::policy::propose(desk, text)
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

/// One outreach event over the screen that asks.
pub fn outreach_event(desk: &mut Desk, event: ItemId) -> Effects<Desk> {
    super::outreach::open(desk, event)
}

/// The form that says how an outreach event was; refused while it lies ahead.
pub fn outreach_held(desk: &mut Desk, event: ItemId) -> Handled<Desk> {
    super::outreach::held(desk, event)
}

/// Outreach and training.
pub fn outreach(desk: &mut Desk) -> Option<Door> {
    Some(super::outreach::screen(desk))
}

/// Words anywhere.
pub fn find(desk: &mut Desk) -> Door {
    super::find::screen(desk)
}

/// The library.
pub fn library(desk: &mut Desk) -> Option<Door> {
    Some(super::library::screen(desk))
}

/// The form in which a team writes its own version of a page that is part of the program.
pub fn own_version(name: &str, desk: &Desk) -> Handled<Desk> {
    super::forms::own_version(desk, name).map_or(Handled::Pass, |form| Effect::Push("form", form).into())
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

/// The form for a file that is attached to a case.
pub fn attach_document(desk: &Desk, case: ItemId, path: PathBuf) -> Effects<Desk> {
    vec![Effect::Push("form", super::forms::attach_document(desk, case, path))]
}

/// The form that asks for whom a document is sealed which is written into a folder.
pub fn export_document(desk: &Desk, document: ItemId, folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    vec![Effect::Push("form", super::forms::export_document(desk, document, folder, drive))]
}

/// The form that asks what stands on a paper for one member.
pub fn paper_for(desk: &Desk, member: ItemId, folder: PathBuf, drive: Option<String>) -> Effects<Desk> {
    vec![Effect::Push("form", super::forms::paper(desk, member, folder, drive))]
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

/// The form that plans a service of a kind, or of one that is still to be chosen.
pub fn service(case: ItemId, category: Option<&str>, desk: &Desk) -> Handled<Desk> {
    match super::forms::plan_service(desk, case, category) {
        Some(form) => Effect::Push("form", form).into(),
        None => Handled::Pass,
    }
}

/// One case with its care plan in sight.
pub fn case_care(desk: &mut Desk, case: ItemId) -> Effects<Desk> {
    vec![Effect::Push("case", super::case::open_care(desk, case))]
}

/// Asking an agency of the own parish for help in a case.
pub fn refer_inside(case: ItemId, to: &str, desk: &Desk) -> Effects<Desk> {
    super::forms::refer_inside(desk, case, to).map(|form| Effect::Push("form", form)).into_iter().collect()
}

/// A form by its name, for a case or an item where it belongs to one; passes if there is none of that name, or if it
/// needs something to be about.
pub fn form(name: &str, about: Option<ItemId>, desk: &mut Desk) -> Handled<Desk> {
    match super::forms::open(name, about, desk) {
        Some(form) => Effect::Push("form", form).into(),
        None => Handled::Pass,
    }
}
