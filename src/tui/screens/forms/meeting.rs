//! Meetings: planning and changing one, what recurs, what is put on an agenda, and what is said and given at one.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::clean;
use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::meeting::{AgendaItem, Meeting, Recur};
use crate::domain::views::Member;
use crate::ops::{
    AgendaAdd, AgendaMinutes, Matter, MeetingAction, MeetingAttend, MeetingCancel, MeetingEdit, MeetingNew, MeetingSay,
    MinutesSent, SeriesAdd, Who,
};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;

use super::agree;
use super::fields::{as_typed, case_of, field, in_words, names_nobody, person, person_code, refused, sentence, value};
use super::{draft_name, layer, said};

/// A day and an hour to come.
fn when_field(desk: &Desk) -> forms::Field {
    let today = desk.today();
    forms::Field::date("when", "When").required().hint("tue 10:00, 8 dec 14:00").check(move |text| {
        let (day, time) = ahead(text, today)?;
        Ok(format!("{} at {}", in_words(day, today), time.format("%H:%M")))
    })
}

fn ahead(text: &str, today: NaiveDate) -> Result<(NaiveDate, chrono::NaiveTime), String> {
    let when = dates::parse(text, today, Lean::Ahead).map_err(|error| sentence(&error.to_string()))?;
    let time = when.time.ok_or_else(|| "Say the hour too: \"tue 10:00\".".to_owned())?;
    if when.date < today {
        return Err("That day has passed: type one from today on.".to_owned());
    }
    Ok((when.date, time))
}

fn moment(desk: &Desk, values: &Values) -> Result<DateTime<Utc>, Wrong> {
    let (day, time) = ahead(values.get("when"), desk.today()).map_err(|error| Wrong::field("when", error))?;
    Ok(dates::at(day, time).to_utc())
}

/// Who is with the team, as a form lists them.
fn everybody(desk: &Desk) -> String {
    let state = desk.open_session().state();
    let here = Member::all(state).into_iter().filter(|member| !member.left());
    here.map(|member| person_code(member.0)).collect::<Vec<_>>().join("\n")
}

fn me(desk: &Desk) -> String {
    let session = desk.open_session();
    session.state().item(session.me()).map(person_code).unwrap_or_default()
}

fn member_of(desk: &Desk, values: &Values, name: &'static str) -> Option<ItemId> {
    values.some(name).and_then(|code| person(desk.open_session().state(), code))
}

fn people_of(desk: &Desk, values: &Values, name: &str) -> Vec<ItemId> {
    let state = desk.open_session().state();
    values.many(name).filter_map(|code| person(state, code)).collect()
}

/// The fields that every meeting has, beside its day.
fn common(desk: &Desk) -> Vec<forms::Field> {
    vec![
        field(desk, Field::MeetingPlace).hint("where: parish office, by telephone"),
        field(desk, Field::MeetingChair).required().value(&me(desk)),
        field(desk, Field::MeetingScribe).value(&me(desk)),
        field(desk, Field::MeetingExpected).value(&everybody(desk)).hint("Space takes somebody in or out"),
    ]
}

/// Plans one meeting.
pub(super) fn new(desk: &Desk) -> Box<dyn Layer<Desk>> {
    plan(desk, draft_name("meeting.new", None), when_field(desk))
}

/// Plans one meeting on a day that was chosen.
pub(in crate::tui::screens) fn new_on(desk: &Desk, day: NaiveDate) -> Box<dyn Layer<Desk>> {
    let when = when_field(desk).value(&day.format("%-d %b %Y 10:00").to_string());
    plan(desk, format!("meeting.new/{day}"), when)
}

fn plan(desk: &Desk, draft: String, when: forms::Field) -> Box<dyn Layer<Desk>> {
    let first = desk.open_session().pack().list("meeting-type").first().map(|kind| kind.code.clone());
    let kind = field(desk, Field::MeetingType).required().value(&first.unwrap_or_default());
    let mut all = vec![when, kind];
    all.extend(common(desk));
    let form = Form::new("New meeting", all);
    layer(desk, draft, form, move |values, _, desk| {
        let op = MeetingNew {
            kind: values.get("type").to_owned(),
            when: moment(desk, values)?,
            place: values.get("place").to_owned(),
            chair: member_of(desk, values, "chair"),
            scribe: member_of(desk, values, "minute-taker"),
            expected: people_of(desk, values, "expected"),
            note: String::new(),
            anyway: false,
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    })
}

/// Changes a meeting that is to come.
pub(super) fn edit(desk: &Desk, meeting: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Meeting::get(state, meeting)?;
    let held = |field: Field| as_typed(state, field, &found.0.value(field));
    let mut all = vec![
        when_field(desk).value(&held(Field::MeetingWhen)),
        field(desk, Field::MeetingType).required().value(&held(Field::MeetingType)),
    ];
    let fields = [Field::MeetingPlace, Field::MeetingChair, Field::MeetingScribe, Field::MeetingExpected];
    all.extend(common(desk).into_iter().zip(fields).map(|(form, field)| form.value(&held(field))));
    let form = Form::new(format!("Meeting {}", desk.code(meeting)), all);
    Some(layer(desk, draft_name("meeting.edit", Some(meeting)), form, move |values, _, desk| {
        let mut set = vec![(Field::MeetingWhen, crate::domain::value::Value::when(moment(desk, values)?))];
        for field in
            [Field::MeetingType, Field::MeetingPlace, Field::MeetingChair, Field::MeetingScribe, Field::MeetingExpected]
        {
            set.push((field, value(desk, field, values)?));
        }
        let done = desk.try_run(MeetingEdit { meeting, set }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Calls a meeting off.
pub(super) fn cancel(desk: &Desk, meeting: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Meeting::get(desk.open_session().state(), meeting)?;
    let why = forms::Field::line("reason", "Why").required().hint("in words for everybody: storm warning");
    let form = Form::new(format!("Call meeting {} off", desk.code(meeting)), vec![why]);
    Some(layer(desk, draft_name("meeting.cancel", Some(meeting)), form, move |values, _, desk| {
        let op = MeetingCancel { meeting, reason: values.get("reason").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Meetings that recur.
pub(super) fn series(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let first = desk.open_session().pack().list("meeting-type").first().map(|kind| kind.code.clone());
    let rule =
        forms::Field::line("rule", "When").required().hint("second tuesday, last friday, every 2 weeks on monday");
    let mut all = vec![
        rule.check(|text| {
            let read =
                Recur::parse(text).map(|rule| format!("the {rule}, moved off holidays").replace("the every", "every"));
            read.ok_or_else(|| "Say it like \"second tuesday\" or \"every 2 weeks on monday\".".to_owned())
        }),
        forms::Field::line("at", "At")
            .required()
            .value("10:00")
            .hint("the hour: 10:00, 2pm")
            .check(|text| hour(text).map(|_| String::new()).ok_or_else(|| "Say the hour like 10:00.".to_owned())),
        field(desk, Field::MeetingType).required().value(&first.unwrap_or_default()),
    ];
    all.extend(common(desk));
    let form = Form::new("Meetings that recur", all);
    layer(desk, draft_name("series.add", None), form, move |values, _, desk| {
        let time = hour(values.get("at")).ok_or_else(|| Wrong::field("at", "Say the hour like 10:00."))?;
        let standing = people_of(desk, values, "expected");
        // Everybody means whoever is with the team then, not those of today.
        let all = Member::all(desk.open_session().state()).into_iter().filter(|member| !member.left()).count();
        let op = SeriesAdd {
            rule: values.get("rule").to_owned(),
            time,
            kind: values.get("type").to_owned(),
            place: values.get("place").to_owned(),
            chair: member_of(desk, values, "chair"),
            scribe: member_of(desk, values, "minute-taker"),
            standing: if standing.len() == all { Vec::new() } else { standing },
            from: None,
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    })
}

/// Minutes after midnight.
fn hour(text: &str) -> Option<u16> {
    let today = NaiveDate::from_ymd_opt(2026, 1, 1)?;
    let time = dates::parse(&format!("today {}", text.trim()), today, Lean::Ahead).ok()?.time?;
    Some(dates::minutes_of(time))
}

/// A case, by its code, on an agenda.
pub(super) fn agenda_case(desk: &Desk, meeting: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Meeting::get(desk.open_session().state(), meeting)?;
    let code = forms::Field::line("case", "Case").required().hint("its code, like 7K3Q");
    let form = Form::new("Put a case on the agenda", vec![code]);
    Some(layer(desk, draft_name("agenda.add", Some(meeting)), form, move |values, _, desk| {
        let case = case_of(desk, values)?.ok_or_else(|| Wrong::field("case", "Type the case's code."))?;
        let op = AgendaAdd { meeting: Some(meeting), case: Some(case), text: String::new(), minutes: None };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// A matter of the team on an agenda.
pub(super) fn business(desk: &Desk, meeting: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Meeting::get(desk.open_session().state(), meeting)?;
    let all = vec![
        forms::Field::line("text", "Matter").required().hint("what it is about; no names"),
        forms::Field::number("minutes", "Minutes").placeholder("as usual"),
    ];
    let form = Form::new("Open business", all);
    Some(layer(desk, draft_name("agenda.business", Some(meeting)), form, move |values, _, desk| {
        let minutes = values.some("minutes").map(minutes_of).transpose()?;
        let op = AgendaAdd { meeting: Some(meeting), case: None, text: values.get("text").to_owned(), minutes };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

fn minutes_of(text: &str) -> Result<u32, Wrong> {
    text.trim().parse().map_err(|_| Wrong::field("minutes", "Give a number of minutes."))
}

/// How many minutes a line gets.
pub(in crate::tui::screens) fn minutes(desk: &Desk, meeting: ItemId, matter: Matter) -> Box<dyn Layer<Desk>> {
    let form = Form::new("Minutes for this item", vec![forms::Field::number("minutes", "Minutes").required()]);
    layer(desk, draft_name("agenda.minutes", Some(meeting)), form, move |values, _, desk| {
        let op = AgendaMinutes { meeting, matter: matter.clone(), minutes: minutes_of(values.get("minutes"))? };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    })
}

/// Somebody who is not on the team.
pub(super) fn visitor(desk: &Desk, meeting: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Meeting::get(desk.open_session().state(), meeting)?;
    let all = vec![
        forms::Field::line("name", "Name").required(),
        forms::Field::line("agency", "From").hint("agency or organisation"),
        forms::Field::yes_no("signed", "Signed the statement")
            .required()
            .hint("the confidentiality statement: before anything is said"),
    ];
    Some(layer(
        desk,
        draft_name("meeting.visitor", Some(meeting)),
        Form::new("A visitor", all),
        move |values, _, desk| {
            let (name, agency) = (values.get("name").to_owned(), values.get("agency").to_owned());
            let signed = Some(values.get("signed") == "yes");
            let op = MeetingAttend {
                meeting,
                who: Who::Visitor { name, agency },
                mark: "observer".into(),
                info: None,
                signed,
            };
            let done = desk.try_run(op).map_err(|error| refused(&error))?;
            said(done.says)
        },
    ))
}

/// The title's end: "case 06-7K3Q", or the matter.
fn about(desk: &Desk, item: ItemId) -> Option<(AgendaItem<'_>, String)> {
    let found = AgendaItem::get(desk.open_session().state(), item)?;
    let what = match found.case_id() {
        Some(case) => format!("case {}", desk.code(case)),
        None => clean::shown(found.text()).into_owned(),
    };
    Some((found, what))
}

/// A decision, dissent, the child's views or a remark, under an item.
pub(super) fn say(desk: &Desk, item: ItemId, kind: &'static str) -> Option<Box<dyn Layer<Desk>>> {
    let (found, what) = about(desk, item)?;
    let label = desk.label("note-kind", kind);
    let hint = match kind {
        "views" => "the child's own words; they go into the case, and are not shown here",
        "dissent" => "who sees it otherwise, and why",
        _ => "as it goes into the minutes; no names",
    };
    let mask = desk.open_session().mask(found.case_id());
    let mut all = vec![
        forms::Field::prose("text", "Text").required().hint(hint).check(names_nobody(mask)),
        forms::Field::line("said-by", "Said by").hint("if it matters; may be empty"),
        field(desk, Field::NoteWhen)
            .placeholder("now")
            .hint("when it was said, if it stood on paper first: today 10:20"),
    ];
    if kind == "views" {
        all.extend(agree::may_tell(desk, None));
    }
    let title = format!(
        "{}{}: {what}",
        label.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default(),
        label.chars().skip(1).collect::<String>()
    );
    Some(layer(desk, draft_name(&format!("live.{kind}"), Some(item)), Form::new(title, all), move |values, _, desk| {
        let when = value(desk, Field::NoteWhen, values)?.as_when();
        let (text, said_by) = (values.get("text").to_owned(), values.get("said-by").to_owned());
        let op = MeetingSay { item, kind: kind.to_owned(), text, said_by, when };
        let says = desk.open_session_mut().all_or_nothing(|session| {
            let done = session.run(op)?;
            let tell = done.made.first().filter(|_| kind == "views").and_then(|note| agree::told(values, *note));
            tell.map(|tell| session.run(tell)).transpose()?;
            Ok(done.says)
        });
        said(says.map_err(|error| refused(&error))?)
    }))
}

/// Something to do, under an item: what, who, by when.
pub(super) fn give(desk: &Desk, item: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let (found, what) = about(desk, item)?;
    let today = desk.today();
    let mask = desk.open_session().mask(found.case_id());
    let all = vec![
        forms::Field::line("text", "What").required().hint("one thing to do; no names").check(names_nobody(mask)),
        field(desk, Field::ActionOwner).required().hint("the first letters of a name or an agency"),
        forms::Field::date("due", "By").required().hint("fri, tomorrow 2pm, +2w, 12 dec").check(move |text| {
            let when = dates::parse(text, today, Lean::Ahead).map_err(|error| sentence(&error.to_string()))?;
            if when.date < today {
                return Err("That day has passed: type one from today on.".to_owned());
            }
            Ok(in_words(when.date, today))
        }),
    ];
    Some(layer(
        desk,
        draft_name("live.action", Some(item)),
        Form::new(format!("Action: {what}"), all),
        move |values, _, desk| {
            let owner = member_of(desk, values, "owner")
                .ok_or_else(|| Wrong::field("owner", "Choose somebody from the list."))?;
            let when = dates::parse(values.get("due"), desk.today(), Lean::Ahead)
                .map_err(|error| Wrong::field("due", sentence(&error.to_string())))?;
            let time = when.time.map(dates::minutes_of);
            let text = values.get("text").to_owned();
            let op = MeetingAction { item, text, owner, due: when.date, time, priority: String::new() };
            desk.try_run(op).map_err(|error| refused(&error))?;
            said(format!("{} has it, {}.", desk.owner(Some(owner)), in_words(when.date, desk.today())))
        },
    ))
}

/// How the minutes were sent; `how` is proposed.
pub(in crate::tui::screens) fn sent(desk: &Desk, meeting: ItemId, how: &str) -> Option<Box<dyn Layer<Desk>>> {
    Meeting::get(desk.open_session().state(), meeting)?;
    let how = forms::Field::line("how", "How").required().hint("9 numbered copies; sealed to each agency").value(how);
    let form = Form::new(format!("Minutes of {} are sent", desk.code(meeting)), vec![how]);
    Some(layer(desk, draft_name("minutes.sent", Some(meeting)), form, move |values, _, desk| {
        let op = MinutesSent { meeting, how: values.get("how").to_owned() };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
