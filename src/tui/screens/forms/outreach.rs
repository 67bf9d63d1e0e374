//! Outreach and training: planning, how it was, who came, who took part.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::outreach::{Audience, BANDS, Event, KINDS, Phase, Results};
use crate::domain::training::{self, TOPICS, Training};
use crate::domain::value::Value;
use crate::ops::{
    OutreachAction, OutreachAdd, OutreachCancel, OutreachEdit, OutreachHeld, TrainingAdd, TrainingEdit, TrainingHeld,
};
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;

use super::fields::{as_typed, date, field, given, in_words, person, person_code, refused, sentence, value};
use super::{draft_name, layer, said};

/// What is asked of an event that is to come, beside kind, topic and hour.
const PLAN: &[Field] = &[
    Field::OutreachCommunity,
    Field::OutreachPlace,
    Field::OutreachLead,
    Field::OutreachFacilitators,
    Field::OutreachOthers,
    Field::OutreachPartners,
    Field::OutreachMaterials,
    Field::OutreachCost,
    Field::OutreachNote,
];

/// What is asked once it was held.
const AFTER: &[Field] = &[
    Field::OutreachAudience,
    Field::OutreachResults,
    Field::OutreachReports,
    Field::OutreachReportsNote,
    Field::OutreachMaterials,
    Field::OutreachCost,
    Field::OutreachNote,
];

/// Day and hour, to come or gone: an event may be written down after it was.
fn when_field(desk: &Desk) -> forms::Field {
    let today = desk.today();
    forms::Field::date("when", "When").required().hint("tue 10:00, 8 dec 14:00; also one that was: 2 nov 10:00").check(
        move |text| {
            let (day, time) = hour(text, today)?;
            Ok(format!("{} at {}", in_words(day, today), time.format("%H:%M")))
        },
    )
}

fn hour(text: &str, today: NaiveDate) -> Result<(NaiveDate, chrono::NaiveTime), String> {
    let when = dates::parse(text, today, Lean::Ahead).map_err(|error| sentence(&error.to_string()))?;
    let time = when.time.ok_or_else(|| "Say the hour too: \"tue 10:00\".".to_owned())?;
    Ok((when.date, time))
}

fn moment(desk: &Desk, values: &Values) -> Result<DateTime<Utc>, Wrong> {
    let (day, time) = hour(values.get("when"), desk.today()).map_err(|error| Wrong::field("when", error))?;
    Ok(dates::at(day, time).to_utc())
}

/// A field of an event as the form has it: with its hint and what its rule says.
fn of_event(desk: &Desk, of: Field) -> forms::Field {
    let asked = field(desk, of);
    let pack = desk.open_session().pack().clone();
    match of {
        Field::OutreachFacilitators => asked.hint("Space takes somebody in or out"),
        Field::OutreachPartners => asked.hint("agencies, churches, schools that hold it with us"),
        Field::OutreachOthers => asked.hint("who speaks and is not of the team"),
        Field::OutreachMaterials => asked.hint("120 cards with 211, 3 posters"),
        Field::OutreachCost => asked.hint("whole dollars, from our own budget"),
        Field::OutreachReportsNote => asked.hint("in general words: nothing that leads to a child"),
        Field::OutreachAudience => {
            let bands: Vec<&str> = pack.list(BANDS).iter().map(|band| band.code.as_str()).collect();
            let hint = format!("female 0-11: 12, m 12-17: 8, unknown: 30; ages {}", bands.join(" "));
            asked.hint(hint).check(move |text| {
                let audience = Audience::typed(&pack, text).map_err(|error| sentence(&error))?;
                Ok(format!("{} came", audience.total()))
            })
        }
        Field::OutreachResults => {
            let codes: Vec<&str> = pack.questions.iter().map(|question| question.code.as_str()).collect();
            let hint = format!("who-to-call: asked 30, before 12, after 25; questions {}", codes.join(" "));
            asked
                .hint(hint)
                .check(move |text| Results::typed(&pack, text).map(|_| String::new()).map_err(|error| sentence(&error)))
        }
        _ => asked,
    }
}

fn me(desk: &Desk) -> String {
    let session = desk.open_session();
    session.state().item(session.me()).map(person_code).unwrap_or_default()
}

/// Plans an event.
pub(super) fn new(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let first = desk.open_session().pack().list(KINDS).first().map(|kind| kind.code.clone()).unwrap_or_default();
    let mut all = vec![
        forms::Field::line("topic", "Topic").required().hint("what it is about: signs of trafficking, whom to call"),
        when_field(desk),
        field(desk, Field::OutreachKind).value(&first),
    ];
    all.extend(PLAN.iter().map(|of| match of {
        Field::OutreachLead => of_event(desk, *of).required().value(&me(desk)),
        of => of_event(desk, *of),
    }));
    layer(desk, draft_name("outreach.add", None), Form::new("Plan outreach", all), move |values, _, desk| {
        let lead = value(desk, Field::OutreachLead, values)?.as_item();
        let rest: Vec<Field> = PLAN.iter().copied().filter(|of| *of != Field::OutreachLead).collect();
        let op = OutreachAdd {
            kind: values.get("kind").to_owned(),
            topic: values.get("topic").to_owned(),
            when: moment(desk, values)?,
            lead,
            set: given(desk, &rest, values)?,
        };
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    })
}

/// Changes an event; once it was held also who came.
pub(super) fn edit(desk: &Desk, event: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Event::get(state, event)?;
    let held = |of: Field| as_typed(state, of, &found.0.value(of));
    let mut of: Vec<Field> = PLAN.to_vec();
    if found.phase() != Phase::Planned {
        of.extend(AFTER.iter().filter(|of| !PLAN.contains(of)));
    }
    let mut all = vec![
        field(desk, Field::OutreachTopic).required().value(&held(Field::OutreachTopic)),
        when_field(desk).value(&held(Field::OutreachWhen)),
        field(desk, Field::OutreachKind).value(&held(Field::OutreachKind)),
    ];
    all.extend(of.iter().map(|of| of_event(desk, *of).value(&held(*of))));
    let form = Form::new(format!("Outreach {}", desk.code(event)), all);
    Some(layer(desk, draft_name("outreach.edit", Some(event)), form, move |values, _, desk| {
        let mut set = vec![(Field::OutreachWhen, Value::when(moment(desk, values)?))];
        for of in [Field::OutreachTopic, Field::OutreachKind].iter().chain(&of) {
            set.push((*of, value(desk, *of, values)?));
        }
        said(desk.try_run(OutreachEdit { event, set }).map_err(|error| refused(&error))?.says)
    }))
}

/// How it was.
pub(super) fn held(desk: &Desk, event: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Event::get(state, event)?;
    let all = AFTER.iter().map(|of| of_event(desk, *of).value(&as_typed(state, *of, &found.0.value(*of)))).collect();
    let notice = "It was held. What nobody counted stays empty: who came can follow later.";
    let form = Form::new(format!("Outreach {}: how it was", desk.code(event)), all).notice(notice);
    Some(layer(desk, draft_name("outreach.held", Some(event)), form, move |values, _, desk| {
        let set = given(desk, AFTER, values)?;
        said(desk.try_run(OutreachHeld { event, set }).map_err(|error| refused(&error))?.says)
    }))
}

/// Calls an event off.
pub(super) fn cancel(desk: &Desk, event: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Event::get(desk.open_session().state(), event)?;
    let why = forms::Field::line("reason", "Why").required().hint("in words for everybody: storm warning");
    let form = Form::new(format!("Call outreach {} off", desk.code(event)), vec![why]);
    Some(layer(desk, draft_name("outreach.cancel", Some(event)), form, move |values, _, desk| {
        let op = OutreachCancel { event, reason: values.get("reason").to_owned() };
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    }))
}

/// Something to do for an event, or after it.
pub(super) fn give(desk: &Desk, event: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    Event::get(desk.open_session().state(), event)?;
    let all = vec![
        forms::Field::line("text", "What").required().hint("one thing to do"),
        field(desk, Field::ActionOwner).required().hint("the first letters of a name or an agency"),
        date(desk, "due", "By", Lean::Ahead).required(),
    ];
    let form = Form::new(format!("Something to do for outreach {}", desk.code(event)), all);
    Some(layer(desk, draft_name("outreach.action", Some(event)), form, move |values, _, desk| {
        let owner = value(desk, Field::ActionOwner, values)?.as_item();
        let due = dates::parse_date(values.get("due"), desk.today(), Lean::Ahead);
        let op = OutreachAction {
            event,
            text: values.get("text").to_owned(),
            owner: owner.ok_or_else(|| Wrong::field("owner", "Choose who does it."))?,
            due: due.map_err(|error| Wrong::field("due", sentence(&error.to_string())))?,
        };
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    }))
}

/// The day of a training, gone or to come.
fn day_field(desk: &Desk) -> forms::Field {
    let today = desk.today();
    forms::Field::date("date", "Day").required().hint("12 nov, yesterday; to come: +2w, 2026-12-08").check(
        move |text| {
            let day = day(text, today)?;
            Ok(if day > today { format!("{}: planned", in_words(day, today)) } else { in_words(day, today) })
        },
    )
}

/// A day without a year is the last one of that name: trainings are mostly written down after they were.
fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, String> {
    dates::parse_date(text, today, Lean::Back).map_err(|error| sentence(&error.to_string()))
}

fn typed_day(desk: &Desk, values: &Values) -> Result<NaiveDate, Wrong> {
    day(values.get("date"), desk.today()).map_err(|error| Wrong::field("date", error))
}

/// The day until which it holds, if the certificate says so.
fn until_field(desk: &Desk) -> forms::Field {
    date(desk, "until", "Certificate until", Lean::Ahead).placeholder("as the policy reckons")
}

fn until(desk: &Desk, values: &Values) -> Result<Option<NaiveDate>, Wrong> {
    let read = |text: &str| {
        dates::parse_date(text, desk.today(), Lean::Ahead)
            .map_err(|error| Wrong::field("until", sentence(&error.to_string())))
    };
    values.some("until").map(read).transpose()
}

fn people(desk: &Desk, values: &Values) -> Vec<ItemId> {
    let state = desk.open_session().state();
    values.many("who").filter_map(|code| person(state, code)).collect()
}

/// What may be said of a training beside topic, day, people and certificate.
const DETAILS: &[Field] = &[Field::TrainingTitle, Field::TrainingTrainer, Field::TrainingHours, Field::TrainingNote];

/// Writes a training down.
pub(super) fn training(desk: &Desk) -> Box<dyn Layer<Desk>> {
    let mut all = vec![
        field(desk, Field::TrainingTopic).required(),
        day_field(desk),
        field(desk, Field::TrainingWho).hint("Space takes somebody in or out"),
    ];
    all.extend(DETAILS.iter().map(|of| field(desk, *of)));
    all.push(until_field(desk));
    layer(desk, draft_name("training.add", None), Form::new("A training of ours", all), move |values, _, desk| {
        let mut set = given(desk, DETAILS, values)?;
        set.extend(until(desk, values)?.map(|day| (Field::TrainingUntil, Value::date(day))));
        let op = TrainingAdd {
            topic: values.get("topic").to_owned(),
            date: typed_day(desk, values)?,
            who: people(desk, values),
            set,
        };
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    })
}

/// Changes a training; one that is to come can be called off.
pub(super) fn training_edit(desk: &Desk, training: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Training::get(state, training)?;
    let held = |of: Field| as_typed(state, of, &found.0.value(of));
    let day = found.day().map(|day| day.to_string()).unwrap_or_default();
    let planned = found.phase() == training::Phase::Planned;
    let mut all = vec![
        field(desk, Field::TrainingTopic).required().value(&held(Field::TrainingTopic)),
        day_field(desk).value(&day),
        field(desk, Field::TrainingWho).value(&held(Field::TrainingWho)).hint("Space takes somebody in or out"),
    ];
    all.extend(DETAILS.iter().map(|of| field(desk, *of).value(&held(*of))));
    all.push(until_field(desk).value(&held(Field::TrainingUntil)));
    if planned {
        all.push(field(desk, Field::TrainingCancelled).hint("leave it empty unless it is called off"));
    }
    let form = Form::new(format!("Training {}", desk.code(training)), all);
    Some(layer(desk, draft_name("training.edit", Some(training)), form, move |values, _, desk| {
        let mut set = vec![
            (Field::TrainingDate, Value::date(typed_day(desk, values)?)),
            (Field::TrainingTopic, value(desk, Field::TrainingTopic, values)?),
            (Field::TrainingWho, Value::items(people(desk, values))),
            (Field::TrainingUntil, until(desk, values)?.map_or(Value::Nothing, Value::date)),
        ];
        let more = DETAILS.iter().copied().chain(planned.then_some(Field::TrainingCancelled));
        for of in more {
            set.push((of, value(desk, of, values)?));
        }
        said(desk.try_run(TrainingEdit { training, set }).map_err(|error| refused(&error))?.says)
    }))
}

/// A training was held: who took part.
pub(super) fn training_held(desk: &Desk, training: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Training::get(state, training)?;
    let who = as_typed(state, Field::TrainingWho, &found.0.value(Field::TrainingWho));
    let day = found.day().map(|day| day.to_string()).unwrap_or_default();
    let all = vec![
        field(desk, Field::TrainingWho).required().value(&who).hint("Space takes somebody in or out"),
        day_field(desk).value(&day),
        until_field(desk),
    ];
    let topic = desk.label(TOPICS, found.topic());
    let form = Form::new(format!("Training {}: {topic}: who took part?", desk.code(training)), all);
    Some(layer(desk, draft_name("training.held", Some(training)), form, move |values, _, desk| {
        let date = Some(typed_day(desk, values)?);
        let op = TrainingHeld { training, who: people(desk, values), date, until: until(desk, values)? };
        said(desk.try_run(op).map_err(|error| refused(&error))?.says)
    }))
}
