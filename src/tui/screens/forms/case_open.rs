//! Opening a case: the full report, the quick report, another child of the household.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};

use crate::domain::calendar::Calendar;
use crate::domain::dates::{self, Lean};
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::mask::Mask;
use crate::domain::pack::{Pack, Risk, Trigger, due_at};
use crate::domain::views::Case;
use crate::ops::{CaseOpen, Opened};
use crate::session::PART;
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;
use crate::tui::screens::{call_card, doors};

use super::fields::{self, field, given, named};
use super::proposal::{self, Proposals};
use super::{draft_name, form_layer, layer, likely, said};

/// What a full report asks, in the order of the form.
const REPORT: &[Field] = &[
    Field::CaseConcern,
    Field::CaseReported,
    Field::CaseChannel,
    Field::CaseRisk,
    Field::CaseExploitation,
    Field::CaseFlags,
    Field::CaseLead,
];
const SAFETY: &[Field] = &[
    Field::CaseSafePhone,
    Field::CaseSafeWhen,
    Field::CaseSafeWords,
    Field::CaseSafeNever,
    Field::CaseNoMessages,
    Field::CasePlaceSafety,
    Field::CasePlaceNote,
];
const CHILD: &[Field] = &[
    Field::CaseChildName,
    Field::CaseAlias,
    Field::CaseSex,
    Field::CaseDob,
    Field::CaseDobEstimated,
    Field::CaseSchool,
    Field::CasePlacementKind,
    Field::CasePlacement,
    Field::CaseWithChild,
];
const FAMILY: &[Field] = &[
    Field::CaseCommunity,
    Field::CaseAddress,
    Field::CasePhone,
    Field::CaseMother,
    Field::CaseFather,
    Field::CaseCarer,
    Field::CaseHousehold,
    Field::CaseAlleged,
];
const REPORTER: &[Field] = &[Field::CaseReporter, Field::CaseReporterPhone, Field::CaseReporterRelation];

/// Does it touch the team? And if it does: who may read.
const TOUCHES: &str = "touches";
const ONLY: &str = "restricted";

/// The full report.
pub(super) fn full(desk: &Desk) -> Box<dyn Layer<Desk>> {
    form(desk, "New case", Opened::Report)
}

/// The full report for another child of a case's household; household and reporter are carried over by the op.
pub(super) fn sibling(desk: &Desk, first: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let case = desk.case(first)?;
    let title = format!("Another child of the household of case {}", desk.code(case.0.id));
    Some(form(desk, &title, Opened::SiblingOf(first)))
}

fn form(desk: &Desk, title: &str, how: Opened) -> Box<dyn Layer<Desk>> {
    let sibling = matches!(how, Opened::SiblingOf(_));
    let about = if let Opened::SiblingOf(first) = how { Some(first) } else { None };
    let asked: Vec<Field> = [REPORT, SAFETY, CHILD, FAMILY, REPORTER]
        .concat()
        .into_iter()
        // What the household shares is carried over, and may be edited in the new case.
        .filter(|field| !sibling || REPORT.contains(field) || CHILD.contains(field))
        .collect();
    let mut all: Vec<forms::Field> = Vec::new();
    for name in &asked {
        all.push(dressed(desk, *name));
        if *name == Field::CaseRisk {
            all.push(proposal::field());
        }
        // Who may read is decided before anything else is written.
        if *name == Field::CaseConcern {
            all.extend(touches(desk));
        }
    }
    let session = desk.open_session();
    let rules = Rules { pack: session.pack().clone(), calendar: session.calendar().clone(), now: session.now() };
    let (today, proposals) = (desk.today(), Proposals::by_risk(desk, None));
    let form = Form::new(title, all)
        .notice(call_card::text(session.pack()))
        .preview(move |values| {
            let risk = values.some(Field::CaseRisk.def().name).unwrap_or(Risk::Unassessed.code());
            format!("{}\n{}", proposals.contacts(risk, values), rules.preview(values, today)).trim_start().to_owned()
        })
        .rule(|values| {
            if values.yes(TOUCHES) && values.get(ONLY).is_empty() {
                return vec![(ONLY, "Choose at least one person with Space.".to_owned())];
            }
            Vec::new()
        });
    // What tells children apart is read while the first fields are filled in.
    session.read_words(PART);
    let form = form_layer(desk, draft_name("case.open", about), form, move |values, _, desk| {
        let (restricted_to, followup) = (chosen(desk, values)?, proposal::accepted(values));
        let values = given(desk, &asked, values)?;
        save(desk, CaseOpen { how: how.clone(), values, restricted_to, followup })
    });
    Box::new(form.beside(move |values, desk| likely::told(values, desk, about)))
}

/// A field as this form asks for it.
fn dressed(desk: &Desk, name: Field) -> forms::Field {
    let made = field(desk, name);
    match name {
        Field::CaseConcern => made
            .required()
            .section("The report")
            .hint("What was seen or said, in plain words. Write \"the child\", \"the mother\": no names here."),
        Field::CaseReported => made.placeholder("now"),
        Field::CaseRisk => made.placeholder("not yet assessed"),
        Field::CaseLead => made.hint("who leads; may be decided later"),
        Field::CaseSafePhone => {
            made.section("Before the first call or visit").hint("a number that only the child or a safe adult answers")
        }
        Field::CaseSafeWhen => made.hint("\"weekdays after 2, when the aunt is in\""),
        Field::CaseSafeWords => made.hint("who you say you are: \"the school about the trip\""),
        Field::CaseSafeNever => made.hint("who must not learn of it"),
        Field::CasePlaceNote => made.hint("dogs, the road, who watches the yard"),
        Field::CaseChildName => made.section("The child"),
        Field::CaseWithChild => made.hint("with the child now"),
        Field::CaseDob => made.hint("\"2014-06-30\"; if nobody knows, a day that fits the age, and say so below"),
        Field::CaseCommunity => made.section("Home and family"),
        Field::CaseReporter => made.section("Who reported").hint("may be left empty; kept apart from the rest"),
        _ => made,
    }
}

/// The question that comes before everything is written, and who may read if the answer is yes.
fn touches(desk: &Desk) -> [forms::Field; 2] {
    let me = desk.open_session().state().item(desk.open_session().me()).map(fields::person_code).unwrap_or_default();
    let question = forms::Field::yes_no(TOUCHES, "Touches the team")
        .required()
        .hint("Does the concern touch someone on the team, a relative or a colleague? y or n")
        .check(|answer| {
            Ok(if answer == "yes" {
                "Only those whom you choose can read this case, from its first word on."
            } else {
                ""
            }
            .to_owned())
        });
    let only = field(desk, Field::CaseRestricted).value(&me).only_if(TOUCHES, "yes");
    [question, only.hint("Space takes one in or out; you are always among them")]
}

/// Who may read, if the concern touches the team: those chosen, and whoever writes.
fn chosen(desk: &Desk, values: &Values) -> Result<Vec<ItemId>, Wrong> {
    if !values.yes(TOUCHES) {
        return Ok(Vec::new());
    }
    let chosen = fields::value(desk, Field::CaseRestricted, values)?;
    let mut all = chosen.as_items().to_vec();
    let me = desk.open_session().me();
    if !all.contains(&me) {
        all.push(me);
    }
    Ok(all)
}

fn save(desk: &mut Desk, op: CaseOpen) -> Result<crate::tui::layers::Effects<Desk>, Wrong> {
    let readers = op.restricted_to.len();
    let done = desk.try_run(op).map_err(|error| fields::refused(&error))?;
    let Some(case) = done.made.first().copied() else { return said(done.says) };
    let only = match readers {
        0 => String::new(),
        1 => " Only you can read it.".to_owned(),
        n => format!(" Only {n} people can read it."),
    };
    let first = next_clock(desk, case).map(|clock| format!(" {clock}")).unwrap_or_default();
    let mut effects = doors::case(desk, case);
    effects.push(Effect::info(format!("Case {} is open.{only}{first}", desk.code(case))));
    Ok(effects)
}

/// What the policy asks first of a new case: "First contact: Mon 23 Nov 14:00."
fn next_clock(desk: &Desk, case: ItemId) -> Option<String> {
    let session = desk.open_session();
    let case = Case::get(session.state(), case)?;
    let waiting = crate::domain::today::started(session.state(), session.pack(), session.calendar(), case)
        .filter(|c| c.met.is_none());
    let next = waiting.filter_map(|status| Some((status.due?, status.clock))).min_by_key(|(due, _)| *due)?;
    Some(format!("{}: {}.", next.1.label, due_words(next.0, desk.today())))
}

/// The quick report: four fields, saved incomplete, what is missing leads Today.
pub(super) fn quick(desk: &Desk) -> Box<dyn Layer<Desk>> {
    const FOUR: &[Field] = &[Field::CaseConcern, Field::CasePlacement, Field::CaseWithChild, Field::CaseReporter];
    let all = vec![
        forms::Field::prose(Field::CaseConcern.def().name, "What").hint("what was seen or said; no names here"),
        forms::Field::line(Field::CasePlacement.def().name, "Where").hint("where the child is now"),
        forms::Field::line(Field::CaseWithChild.def().name, "Who is with the child"),
        forms::Field::line(Field::CaseReporter.def().name, "Who reported").hint("may be left empty"),
    ];
    let form =
        Form::new("Quick report", all)
            .notice(call_card::text(desk.open_session().pack()))
            .rule(|values| {
                if values.is_empty() { vec![("concern", "Write at least one thing.".to_owned())] } else { Vec::new() }
            })
            .preview(|values| {
                let mask = typed_mask(values);
                let gives_away = named(&mask, values.get("concern"));
                let then = "Saved as it is, at high risk until assessed; what is missing will lead Today.";
                if gives_away.is_empty() { then.to_owned() } else { format!("{gives_away}\n{then}") }
            });
    layer(desk, draft_name("case.quick", None), form, move |values, _, desk| {
        let values = given(desk, FOUR, values)?;
        save(desk, CaseOpen { how: Opened::Quick, values, ..CaseOpen::default() })
    })
}

/// What is masked by what this very form says.
fn typed_mask(values: &Values) -> Mask {
    const SECRET: &[(Field, &str)] = &[
        (Field::CaseChildName, "child"),
        (Field::CaseAlias, "child"),
        (Field::CaseSchool, "school"),
        (Field::CaseCommunity, "community"),
        (Field::CaseAddress, "address"),
        (Field::CaseMother, "mother"),
        (Field::CaseFather, "father"),
        (Field::CaseCarer, "carer"),
        (Field::CaseAlleged, "person named"),
        (Field::CaseReporter, "reporter"),
        (Field::CasePhone, "telephone"),
        (Field::CaseSafePhone, "telephone"),
    ];
    let entries: Vec<(&str, &str)> =
        SECRET.iter().filter_map(|(field, role)| Some((values.some(field.def().name)?, *role))).collect();
    Mask::new(&entries)
}

/// "Mon 23 Nov 14:00", "today 14:00", "Mon 23 Nov" where the hour does not matter.
fn due_words(due: DateTime<FixedOffset>, today: NaiveDate) -> String {
    let day = dates::people(due.date_naive(), today);
    let end = dates::end_of(due.date_naive()) == due;
    if end { day } else { format!("{day} {}", due.format("%H:%M")) }
}

/// "Report to the Registry" in the middle of a sentence.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// What the policy will ask for, told while the report is being typed.
struct Rules {
    pack: Pack,
    calendar: Calendar,
    now: DateTime<Utc>,
}

impl Rules {
    fn preview(&self, values: &Values, today: NaiveDate) -> String {
        let mut lines = Vec::new();
        let gives_away = named(&typed_mask(values), values.get("concern"));
        if !gives_away.is_empty() {
            lines.push(gives_away);
        }
        lines.push(self.clocks(values, today));
        let asked = SAFETY.iter().any(|field| values.some(field.def().name).is_some());
        if !asked {
            lines.push("Before the first call or visit: ask how to reach the child safely.".to_owned());
        }
        lines.join("\n")
    }

    fn clocks(&self, values: &Values, today: NaiveDate) -> String {
        let chosen = values.some(Field::CaseRisk.def().name).and_then(Risk::from_code);
        let risk = chosen.unwrap_or(Risk::Unassessed);
        let reported = self.reported(values, today);
        let due = self.pack.clocks.iter().filter_map(|clock| {
            let start = match clock.start {
                Trigger::Reported => reported,
                Trigger::Opened => self.now,
                Trigger::RiskSet if chosen.is_some_and(|risk| risk != Risk::Unassessed) => self.now,
                _ => return None,
            };
            let due = due_at(clock, start.with_timezone(&dates::jamaica()), risk, &self.calendar)?;
            Some((due, clock))
        });
        let mut due: Vec<_> = due.collect();
        due.sort_by_key(|(due, _)| *due);
        let unverified = due.iter().any(|(_, clock)| !clock.origin.verified);
        let words: Vec<String> = due
            .into_iter()
            .map(|(due, clock)| format!("{} due {}", lower_first(&clock.label), due_words(due, today)))
            .collect();
        let policy = if unverified { " (policy)" } else { "" };
        let risk = match chosen {
            Some(Risk::High) => "High risk",
            Some(Risk::Medium) => "Medium risk",
            Some(Risk::Low) => "Low risk",
            _ => "Risk not yet assessed, treated as high",
        };
        if words.is_empty() { format!("{risk}.") } else { format!("{risk}: {}{policy}.", words.join(", ")) }
    }

    fn reported(&self, values: &Values, today: NaiveDate) -> DateTime<Utc> {
        let typed = values.some(Field::CaseReported.def().name);
        let when = typed.and_then(|text| dates::parse(text, today, Lean::Back).ok());
        let at = when.map(|when| match when.time {
            None if when.date == today => self.now,
            time => dates::at(when.date, time.unwrap_or(chrono::NaiveTime::MIN)).to_utc(),
        });
        at.filter(|at| *at <= self.now + TimeDelta::minutes(10)).unwrap_or(self.now)
    }
}
