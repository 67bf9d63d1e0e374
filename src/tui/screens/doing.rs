//! What the keys of a line of Today or Actions do: done, why not, postpone, owner, slip; on one line or several at once.
//!
//! Each becomes ops, run together: all of them become durable or none.

use chrono::NaiveDate;

use crate::domain::care::{Phase, Service};
use crate::domain::dates::{self, Lean};
use crate::domain::field::ItemKind;
use crate::domain::find;
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::referral::Referral;
use crate::domain::slip::{self, Task};
use crate::domain::teams;
use crate::domain::today::{Due, What};
use crate::domain::views::{Action, FollowUp, owner_name};
use crate::ops::{
    ActionCancel, ActionDone, ActionPostpone, ActionReassign, ActionStart, ActionWhy, FollowUpCancel, FollowUpDone,
    FollowUpMissed, FollowUpMove, FollowUpReassign, Op, ReferralReceive, ReferralSeen, ServiceStart,
};
use crate::session::Session;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{Field, Form, FormLayer, Wrong};
use crate::tui::layers::{Effects, Handled};
use crate::tui::overlays::Pick;
use crate::tui::widgets::Choice;

use super::{doors, forms};

/// The tags of the pickers that a list pushes; [`picked`] takes their answers.
const WHY: &str = "why";
const OWNER: &str = "owner";
const REPLY: &str = "reply";

/// Does what a key says to these lines.
pub fn command(name: &str, targets: &[Due], desk: &mut Desk) -> Handled<Desk> {
    let effects = match name {
        "action.start" => start(targets, desk),
        "action.done" => return done(targets, desk),
        "action.cancel" => cancel(targets, desk),
        "action.why" => why(targets, desk),
        "action.postpone" => postpone(targets, desk),
        "action.owner" => owner(targets, desk),
        "action.edit" => return edit(targets, desk),
        "action.slip" => slip(targets, desk),
        "action.new" => return doors::form("action.add", targets.first().and_then(|due| due.case), desk),
        "list.open" => return open(targets, desk),
        _ => return Handled::Pass,
    };
    Handled::Done(effects)
}

/// Takes what was picked for these lines.
pub fn picked(tag: &str, code: &str, targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    match tag {
        WHY => {
            let why = |action: &ItemId| ActionWhy { action: *action, why: code.to_owned(), note: String::new() };
            run(desk, targets, actions(targets).iter().map(why).collect())
        }
        REPLY => targets.first().map_or_else(Vec::new, |due| replied(due, code, desk)),
        OWNER => {
            let Some(owner) = owners(desk.open_session()).into_iter().find(|item| item.id.to_string() == code) else {
                return Vec::new();
            };
            let owner = owner.id;
            let give = |work: &Work| match *work {
                Work::Action(action) => Op::from(ActionReassign { action, owner }),
                Work::Contact(followup) => FollowUpReassign { followup, who: owner }.into(),
            };
            run(desk, targets, work(targets).iter().map(give).collect())
        }
        _ => Vec::new(),
    }
}

/// A line of work: what has a day and somebody who does it.
#[derive(Clone, Copy)]
enum Work {
    Action(ItemId),
    Contact(ItemId),
}

/// The actions and planned contacts among the lines.
fn work(targets: &[Due]) -> Vec<Work> {
    let work = |due: &Due| match due.what {
        What::Action(id) => Some(Work::Action(id)),
        What::FollowUp(id) => Some(Work::Contact(id)),
        _ => None,
    };
    targets.iter().filter_map(work).collect()
}

/// The actions among the lines.
fn actions(targets: &[Due]) -> Vec<ItemId> {
    let action = |due: &Due| match due.what {
        What::Action(id) => Some(id),
        _ => None,
    };
    targets.iter().filter_map(action).collect()
}

/// Runs the ops of these lines together and says what came of them.
fn run(desk: &mut Desk, targets: &[Due], ops: Vec<impl Into<Op>>) -> Effects<Desk> {
    match try_run(desk, targets.len(), ops) {
        Ok(says) => vec![Effect::info(says)],
        Err(refused) => vec![Effect::refused(refused)],
    }
}

/// Runs the ops of so many lines together; says which of the lines could not be meant.
fn try_run(desk: &mut Desk, lines: usize, ops: Vec<impl Into<Op>>) -> Result<String, String> {
    let count = ops.len();
    let left_out = match lines.saturating_sub(count) {
        0 => "",
        1 => " One line is of another kind and stays.",
        _ => " Lines of another kind stay.",
    };
    let mut ops: Vec<Op> = ops.into_iter().map(Into::into).collect();
    let says = if count == 1 {
        desk.try_run(ops.remove(0)).map(|done| done.says)
    } else {
        let all = |session: &mut Session| ops.into_iter().try_for_each(|op| session.run(op).map(drop));
        desk.open_session_mut().all_or_nothing(all).map(|()| format!("{count} lines changed. u takes them back."))
    };
    says.map(|says| says + left_out).map_err(|error| error_text(&error))
}

/// Whether a command has anything to do on such a line.
pub fn can(what: &What, command: &str) -> bool {
    match command {
        "action.done" => !matches!(what, What::Eighteen),
        "action.start" => matches!(what, What::Action(_)),
        "action.why" | "action.postpone" | "action.owner" | "action.cancel" => {
            matches!(what, What::Action(_) | What::FollowUp(_))
        }
        _ => true,
    }
}

/// Why a line that is neither action nor contact can't be postponed or given away.
fn no_work(due: &Due) -> Effects<Desk> {
    let text = match due.what {
        What::FollowUp(_) => "A planned contact is made (x) or not (w); it has no state between.",
        What::Incomplete => "The report is complete when the case says what is missing: x opens it.",
        What::Review => "The review is done when the case's risk is set anew: x does it.",
        What::Eighteen => "A birthday only tells. Enter opens the case.",
        What::Consent(_) => {
            "Ask again before it runs out, and write it down: Enter opens the case, c c records consent."
        }
        What::Awaiting(_) => "This waits for their answer. Enter opens the case; R b takes it back.",
        What::Answered(_) => "x takes note of the answer. Enter opens the case.",
        What::Service(_) => "x says that it has begun, or ends it. Enter opens the care plan.",
        What::Meeting(_) | What::Minutes(_) => "Enter opens the meeting.",
        What::Decision(_) => {
            "A newer decision takes its place: Enter opens the case, I writes an identification down, B what is best."
        }
        What::Closing(_) => "x approves or refuses it. Enter opens the case.",
        What::Outreach(_) | What::Numbers(_) => "Enter opens the event; x says how it was.",
        What::Training(_) => "x says who took part. Enter opens it.",
        What::Trained(..) => "It goes when they are trained again: Outreach, Tab, n.",
        What::Asked(_) => "They wait for an answer: Enter opens the case; R a accepts, R d declines.",
        _ => "This is a clock of the policy: x records what stops it. Its day can't be moved.",
    };
    vec![Effect::refused(text)]
}

fn nothing() -> Effects<Desk> {
    vec![Effect::info("No open line is selected; u takes back what was done last.")]
}

/// The actions of the lines, or what to say where there is none.
fn wanted(targets: &[Due]) -> Result<Vec<ItemId>, Effects<Desk>> {
    let actions = actions(targets);
    match targets {
        [] => Err(nothing()),
        [first, ..] if actions.is_empty() => Err(no_work(first)),
        _ => Ok(actions),
    }
}

/// The actions and contacts of the lines, or what to say where there is none.
fn wanted_work(targets: &[Due]) -> Result<Vec<Work>, Effects<Desk>> {
    let work = work(targets);
    match targets {
        [] => Err(nothing()),
        [first, ..] if work.is_empty() => Err(no_work(first)),
        _ => Ok(work),
    }
}

fn done(targets: &[Due], desk: &mut Desk) -> Handled<Desk> {
    if let [due] = targets
        && !matches!(due.what, What::Action(_))
    {
        return settle(due, desk);
    }
    Handled::Done(match wanted(targets) {
        Ok(actions) => run(desk, targets, actions.into_iter().map(|action| ActionDone { action }).collect()),
        Err(says) => says,
    })
}

/// A line that is no action is done by a form: the contact that was made, or what stops the clock.
fn settle(due: &Due, desk: &mut Desk) -> Handled<Desk> {
    let form = match &due.what {
        What::FollowUp(id) => return Handled::Done(contact_made(*id, due, desk)),
        What::Clock(code) => desk.open_session().pack().clock(code).and_then(forms::for_clock),
        What::Review => Some("case.risk"),
        What::Incomplete => Some("case.edit"),
        What::Consent(_) => Some("consent.record"),
        What::Closing(_) => Some("closure.answer"),
        What::Awaiting(id) | What::Asked(id) => return Handled::Done(reply(*id, due, desk)),
        What::Answered(id) => return Handled::Done(desk.run(ReferralSeen { referral: *id })),
        What::Service(id) => return service(*id, desk),
        What::Outreach(id) | What::Numbers(id) => return doors::outreach_held(desk, *id),
        What::Training(id) => return doors::form("training.held", Some(*id), desk),
        What::Decision(_)
        | What::Action(_)
        | What::Eighteen
        | What::Meeting(_)
        | What::Minutes(_)
        | What::Trained(..) => None,
    };
    match form {
        Some(form) => doors::form(form, due.case, desk),
        None => Handled::Done(no_work(due)),
    }
}

/// A service that is to begin has begun; one that runs ends by a form.
fn service(service: ItemId, desk: &mut Desk) -> Handled<Desk> {
    match Service::get(desk.open_session().state(), service).map(Service::phase) {
        Some(Phase::Running) => doors::form("service.end", Some(service), desk),
        Some(_) => Handled::Done(desk.run(ServiceStart { service, on: None })),
        None => Handled::Done(nothing()),
    }
}

/// The answer to a referral, chosen from a list; nobody answers for another team.
fn reply(referral: ItemId, due: &Due, desk: &Desk) -> Effects<Desk> {
    let state = desk.open_session().state();
    let Some(found) = Referral::get(state, referral).filter(|it| it.is_for_us(state)) else { return no_work(due) };
    let mut choices =
        vec![Choice::new("referral.accept", "accepted"), Choice::new("referral.decline", "declined").noted("and why")];
    if found.state() == "sent" {
        choices.push(Choice::new("referral.received", "arrived").noted("an answer is still to come"));
    }
    let who = if found.is_ours(state) { found.other_side(state) } else { "Your team".to_owned() };
    vec![Effect::push(
        REPLY,
        Pick::new(format!("{who} answers, case {}", due.case.map(|it| desk.code(it)).unwrap_or_default()), choices),
    )]
}

fn replied(due: &Due, code: &str, desk: &mut Desk) -> Effects<Desk> {
    let (What::Awaiting(referral) | What::Asked(referral)) = due.what else { return Vec::new() };
    match code {
        "referral.accept" => super::exchange::accept(referral, desk),
        "referral.received" => desk.run(ReferralReceive { referral }),
        _ => match doors::form(code, Some(referral), desk) {
            Handled::Done(effects) => effects,
            Handled::Pass => Vec::new(),
        },
    }
}

fn start(targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    match wanted(targets) {
        Ok(actions) => run(desk, targets, actions.into_iter().map(|action| ActionStart { action }).collect()),
        Err(says) => says,
    }
}

/// What the lines of work are called in a form's title: the one, or how many.
fn titled(what: &str, work: &[Work], targets: &[Due], desk: &Desk) -> String {
    match work.len() {
        1 => {
            let due = targets.iter().find(|due| matches!(due.what, What::Action(_) | What::FollowUp(_)));
            due.map_or_else(String::new, |due| format!("{what}: {}", desk.due_text(due)))
        }
        count => format!("{what} {count} lines"),
    }
}

/// What is not needed any more: never without a reason.
fn cancel(targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    let all = match wanted_work(targets) {
        Ok(all) => all,
        Err(says) => return says,
    };
    let lines = targets.len();
    let title = titled("Cancel", &all, targets, desk);
    let repeats = all.iter().any(|work| match work {
        Work::Contact(id) => FollowUp::get(desk.open_session().state(), *id).is_some_and(|it| it.every().is_some()),
        Work::Action(_) => false,
    });
    let reason = Field::line("reason", "Why").required().hint("Why it is not needed any more, without names.");
    let form = Form::new(title, vec![reason]).preview(move |_| {
        let more = "The contacts that would repeat it are cancelled with it.";
        if repeats { more.to_owned() } else { String::new() }
    });
    let save = move |values: &crate::tui::forms::Values, _: &mut _, desk: &mut Desk| {
        let reason = values.get("reason").to_owned();
        let end = |work: &Work| match *work {
            Work::Action(action) => Op::from(ActionCancel { action, reason: reason.clone() }),
            Work::Contact(followup) => FollowUpCancel { followup, reason: reason.clone() }.into(),
        };
        try_run(desk, lines, all.iter().map(end).collect()).map(|says| vec![Effect::info(says)]).map_err(Wrong::whole)
    };
    vec![Effect::push("cancel", FormLayer::new(form, save))]
}

fn why(targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    if let [Due { what: What::FollowUp(id), .. }] = targets {
        return contact_missed(*id, &targets[0], desk);
    }
    if let Err(says) = wanted(targets) {
        return says;
    }
    let choice = |choice: &crate::domain::pack::Choice| {
        Choice::new(&choice.code, &choice.label).noted(choice.hint.clone().unwrap_or_default())
    };
    let choices = desk.open_session().pack().list("why").iter().map(choice).collect();
    vec![Effect::push(WHY, Pick::new("Not done, because", choices))]
}

fn owners(session: &Session) -> Vec<&Item> {
    let mut all = find::owners(session.state(), "");
    // People first, each group by name.
    all.sort_by_key(|item| (item.kind == ItemKind::Agency, owner_name(session.state(), Some(item.id)), item.id));
    all
}

fn owner(targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    let all = match wanted_work(targets) {
        Ok(all) => all,
        Err(says) => return says,
    };
    let session = desk.open_session();
    let choices = owners(session).into_iter().map(|item| {
        let note = match item.kind {
            ItemKind::Agency => item.str(crate::domain::field::Field::AgencyName).to_owned(),
            _ => desk.agency(Some(item.id)),
        };
        Choice::new(item.id.to_string(), desk.owner(Some(item.id))).noted(note)
    });
    let mut pick = Pick::new("Owner", choices.collect());
    let now = match all[0] {
        Work::Action(action) => Action::get(session.state(), action).and_then(Action::owner),
        Work::Contact(followup) => FollowUp::get(session.state(), followup).and_then(FollowUp::who),
    };
    if let Some(now) = now {
        pick = pick.selected(&now.to_string());
    }
    vec![Effect::push(OWNER, pick)]
}

/// What a day means, while it is typed.
fn says_day(text: &str, today: NaiveDate) -> Result<String, String> {
    let day = dates::parse_date(text, today, Lean::Ahead).map_err(|error| error.to_string())?;
    if day < today {
        return Err("That day has passed: give one from today on.".to_owned());
    }
    Ok(format!("{}, {}", day.format("%A %-d %B %Y"), dates::distance(day, today)))
}

fn postpone(targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    let all = match wanted_work(targets) {
        Ok(all) => all,
        Err(says) => return says,
    };
    let (today, lines) = (desk.today(), targets.len());
    let late = targets.iter().any(|due| matches!(due.what, What::Action(_) | What::FollowUp(_)) && due.day() < today);
    let title = titled("Postpone", &all, targets, desk);
    let mut reason = Field::line("reason", "Why");
    if late {
        reason = reason.required().hint("It was late: say why, in a few words and without names.");
    }
    let day = Field::date("due", "New day").required().hint("fri, tomorrow, +2w, 12 dec");
    let form = Form::new(title, vec![day.check(move |text| says_day(text, today)), reason]);
    let save = move |values: &crate::tui::forms::Values, _: &mut _, desk: &mut Desk| {
        let due = dates::parse_date(values.get("due"), today, Lean::Ahead);
        let due = due.map_err(|error| Wrong::field("due", error.to_string()))?;
        let reason = values.get("reason").to_owned();
        let move_it = |work: &Work| match *work {
            Work::Action(action) => Op::from(ActionPostpone { action, due, reason: reason.clone() }),
            Work::Contact(followup) => FollowUpMove { followup, due, reason: reason.clone() }.into(),
        };
        try_run(desk, lines, all.iter().map(move_it).collect())
            .map(|says| vec![Effect::info(says)])
            .map_err(Wrong::whole)
    };
    vec![Effect::push("postpone", FormLayer::new(form, save))]
}

fn contact_made(followup: ItemId, due: &Due, desk: &mut Desk) -> Effects<Desk> {
    let title = format!("Contact made: {}", desk.due_text(due));
    let note = Field::prose("note", "What was found").hint("May stay empty. Without names: write \"the child\".");
    let save = move |values: &crate::tui::forms::Values, _: &mut _, desk: &mut Desk| {
        let note = values.get("note").to_owned();
        try_run(desk, 1, vec![FollowUpDone { followup, note }])
            .map(|says| vec![Effect::info(says)])
            .map_err(Wrong::whole)
    };
    vec![Effect::push("contact", FormLayer::new(Form::new(title, vec![note]), save))]
}

fn contact_missed(followup: ItemId, due: &Due, desk: &mut Desk) -> Effects<Desk> {
    let title = format!("Contact not made: {}", desk.due_text(due));
    let note = Field::prose("note", "Why").required().hint("What was in the way, in a few words.");
    let save = move |values: &crate::tui::forms::Values, _: &mut _, desk: &mut Desk| {
        let note = values.get("note").to_owned();
        try_run(desk, 1, vec![FollowUpMissed { followup, note }])
            .map(|says| vec![Effect::info(says)])
            .map_err(Wrong::whole)
    };
    vec![Effect::push("missed", FormLayer::new(Form::new(title, vec![note]), save))]
}

fn edit(targets: &[Due], desk: &mut Desk) -> Handled<Desk> {
    match targets.first() {
        None => Handled::Done(nothing()),
        Some(Due { what: What::Action(id), .. }) => doors::form("action.edit", Some(*id), desk),
        Some(Due { case: Some(case), .. }) => doors::form("case.edit", Some(*case), desk),
        Some(_) => Handled::Pass,
    }
}

fn open(targets: &[Due], desk: &mut Desk) -> Handled<Desk> {
    match targets.first() {
        None => Handled::Done(nothing()),
        Some(Due { what: What::Meeting(meeting) | What::Minutes(meeting), .. }) => {
            Handled::Done(doors::meeting(desk, *meeting))
        }
        Some(Due { case: Some(case), what: What::Service(_), .. }) => Handled::Done(doors::case_care(desk, *case)),
        Some(Due { case: Some(case), what: What::Awaiting(_) | What::Asked(_) | What::Answered(_), .. }) => {
            Handled::Done(doors::case_referrals(desk, *case))
        }
        Some(Due { what: What::Outreach(event) | What::Numbers(event), .. }) => {
            Handled::Done(doors::outreach_event(desk, *event))
        }
        Some(Due { what: What::Training(training), .. }) => doors::form("training.edit", Some(*training), desk),
        Some(Due { case: Some(case), .. }) => Handled::Done(doors::case(desk, *case)),
        Some(_) => edit(targets, desk),
    }
}

/// A note to carry away: what is to be done by when, by code and without any name of the case's people.
fn slip(targets: &[Due], desk: &mut Desk) -> Effects<Desk> {
    if targets.is_empty() {
        return nothing();
    }
    // A slip leaves the room: it is masked also while names are shown.
    desk.mask();
    let task = |due: &Due| {
        let about = due.case.map_or_else(|| "the team".to_owned(), |case| format!("case {}", desk.code(case)));
        let time = if due.timed { due.at.format(", %H:%M").to_string() } else { String::new() };
        Task {
            what: desk.due_text(due),
            about,
            by: format!("{}{time}", due.day().format("%A %-d %B %Y")),
            who: format!("{} {}", desk.owner(due.owner), desk.agency(due.owner)).trim_end().to_owned(),
        }
    };
    let tasks: Vec<Task> = targets.iter().map(task).collect();
    let mut owners: Vec<ItemId> = targets.iter().filter_map(|due| due.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let session = desk.open_session();
    let day = desk.today().format("%-d %B %Y").to_string();
    let paper = slip::paper(&teams::own_name(session.state()), &day, session.practice(), &tasks);
    super::slip::show(paper, owners)
}
