//! The care plan: what is needed, what is planned, what came of it; and whom an agency's help is asked from.

use crate::domain::care::{self, Phase, Service};
use crate::domain::consent;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::pack::SERVICES;
use crate::domain::referral::Referral;
use crate::domain::teams;
use crate::domain::telling;
use crate::ops::{Answer, ReferralAnswer, ReferralSend, ServiceEdit, ServiceEnd, ServiceNeed, ServicePlan};
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::Layer;
use crate::tui::screens::exchange;

use super::fields::{as_typed, choice, field, names_nobody, refused, value};
use super::{draft_name, layer, said};

/// What is asked of a service, in the order of the form.
const ASKED: &[Field] = &[
    Field::ServiceAgency,
    Field::ServiceProvider,
    Field::ServicePlannedStart,
    Field::ServicePlannedEnd,
    Field::ServiceDose,
    Field::ServiceStarted,
    Field::ServiceNote,
];

/// The form's field for a field of a service, with the hint that belongs to it.
fn ask(desk: &Desk, case: ItemId, of: Field) -> forms::Field {
    let mask = || desk.open_session().mask(Some(case));
    let asked = field(desk, of);
    match of {
        Field::ServiceAgency => asked.hint("type the first letters; empty if it is none on the list"),
        Field::ServiceProvider => asked.hint("who or where, in words: it is read only by whoever may").private(),
        Field::ServicePlannedStart => asked.hint("fri, +2w, 12 dec; Today tells when it has not begun"),
        Field::ServicePlannedEnd => asked.hint("empty: no end is planned"),
        Field::ServiceDose => asked.hint("12 sessions, daily, until the trial").check(names_nobody(mask())),
        Field::ServiceStarted => asked.hint("only if it has begun: today, mon, 12 nov"),
        Field::ServiceNote => asked.hint("what is agreed").check(names_nobody(mask())),
        Field::ServiceOutcomeNote => asked.check(names_nobody(mask())),
        Field::ServiceViews => asked.hint("in the child's own words; read only by whoever may"),
        _ => asked,
    }
}

/// Planning a service, of a kind that is known or still to be chosen.
pub(in crate::tui::screens) fn plan(desk: &Desk, case: ItemId, category: Option<&str>) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let label = category.map(|code| session.pack().label(SERVICES, code).to_owned());
    let mut all = Vec::new();
    if category.is_none() {
        all.push(choice(session.pack(), SERVICES, "category", "Service").required());
    }
    all.extend(ASKED.iter().map(|of| ask(desk, case, *of)));
    let code = desk.code(found.0.id);
    let title = label.map_or_else(|| format!("Plan a service, case {code}"), |label| format!("{label}, case {code}"));
    let known = category.map(str::to_owned);
    let name = match category {
        Some(category) => format!("{}/{category}", draft_name("service.plan", Some(case))),
        None => draft_name("service.plan", Some(case)),
    };
    Some(layer(desk, name, Form::new(title, all), move |values, _, desk| {
        let category = known.clone().unwrap_or_else(|| values.get("category").to_owned());
        let values = super::fields::given(desk, ASKED, values)?;
        let done = desk.try_run(ServicePlan { case, category, values }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Changing what stands about a service.
pub(super) fn edit(desk: &Desk, service: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Service::get(state, service)?;
    let case = found.case(state)?.0.id;
    let mut asked: Vec<Field> = ASKED.to_vec();
    if found.phase() == Phase::Ended {
        asked.extend([Field::ServiceEnded, Field::ServiceOutcome, Field::ServiceOutcomeNote]);
    }
    let known = |of: Field| as_typed(state, of, &found.0.value(of));
    // What the tab masks, this form shows no more than the tab, not even where the cursor stands.
    let ask = |of: Field| {
        let (asked, typed) = (ask(desk, case, of), known(of));
        if desk.masked() && !typed.is_empty() && of.class(found.0.class).names() {
            return asked
                .placeholder("(masked)")
                .hint("masked: what you type replaces it; leave it empty to keep it (m reveals, before e)");
        }
        asked.value(&typed)
    };
    let mut all: Vec<forms::Field> = asked.iter().map(|of| ask(*of)).collect();
    all.insert(0, field(desk, Field::ServiceNeeded).value(&known(Field::ServiceNeeded)));
    asked.insert(0, Field::ServiceNeeded);
    let label = desk.open_session().pack().label(SERVICES, found.category());
    let title = format!("{label}, case {}", desk.code(case));
    let form = Form::new(title, all);
    // Only a difference from what the form shows is a change: what is masked and left empty stays as it is.
    let shown = form.values();
    Some(layer(desk, draft_name("service.edit", Some(service)), form, move |values, _, desk| {
        let mut changed = Vec::new();
        for of in asked.iter().copied().filter(|of| values.get(of.def().name) != shown.get(of.def().name)) {
            changed.push((of, value(desk, of, values)?));
        }
        let done = desk.try_run(ServiceEdit { service, values: changed }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// A service ends: what came of it, and what the child says.
pub(super) fn end(desk: &Desk, service: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let state = desk.open_session().state();
    let found = Service::get(state, service)?;
    let case = found.case(state)?.0.id;
    let all = vec![
        field(desk, Field::ServiceOutcome).required(),
        ask(desk, case, Field::ServiceEnded).placeholder("today"),
        ask(desk, case, Field::ServiceOutcomeNote),
        ask(desk, case, Field::ServiceViews),
    ];
    let label = desk.open_session().pack().label(SERVICES, found.category());
    let title = format!("{label} ends, case {}", desk.code(case));
    Some(layer(desk, draft_name("service.end", Some(service)), Form::new(title, all), move |values, _, desk| {
        let op = ServiceEnd {
            service,
            on: value(desk, Field::ServiceEnded, values)?.as_date(),
            outcome: values.get("outcome").to_owned(),
            note: values.get("outcome-note").to_owned(),
            views: values.get("views").to_owned(),
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// What a child needs, all kinds of help at once.
pub(super) fn needs(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let rows = care::plan(session.state(), session.pack(), desk.case(case)?);
    // What runs or was given is needed: nobody has to say so.
    let open: Vec<&care::Row<'_>> =
        rows.iter().filter(|row| row.kind.is_some() && !matches!(row.phase(), Phase::Running | Phase::Ended)).collect();
    let choices = || {
        let label = |row: &&care::Row<'_>| {
            let label = if row.standard { format!("{} *", row.label()) } else { row.label().to_owned() };
            (row.category.to_owned(), label)
        };
        open.iter().map(label).collect::<Vec<_>>()
    };
    let held = |wanted: bool| -> Vec<String> {
        let is = |row: &&&care::Row<'_>| row.current().and_then(Service::needed) == Some(wanted);
        open.iter().filter(is).map(|row| row.category.to_owned()).collect()
    };
    let (yes, no) = (held(true), held(false));
    let form = Form::new(
        format!("What case {} needs", desk.code(case)),
        vec![
            forms::Field::many("needed", "Needed", choices())
                .value(&yes.join("\n"))
                .hint("Space takes one in or out; * a standard of the policy here"),
            forms::Field::many("not-needed", "Not needed", choices()).value(&no.join("\n")),
        ],
    )
    .rule(|values: &Values| {
        let both = values.many("needed").any(|code| values.many("not-needed").any(|other| other == code));
        if both { vec![("not-needed", "One of these stands above as needed, too.".to_owned())] } else { Vec::new() }
    });
    Some(layer(desk, draft_name("service.needs", Some(case)), form, move |values, _, desk| {
        let now = |code: &str| {
            let among = |name: &str| values.many(name).any(|held| held == code);
            if among("needed") { Some(true) } else { among("not-needed").then_some(false) }
        };
        let session = desk.open_session();
        let Some(view) = desk.case(case) else { return Err(Wrong::whole("This case is not here any more.")) };
        let rows = care::plan(session.state(), session.pack(), view);
        let changed = rows.iter().filter(|row| !matches!(row.phase(), Phase::Running | Phase::Ended));
        let needs: Vec<(String, Option<bool>)> = changed
            .filter(|row| row.current().and_then(Service::needed) != now(row.category))
            .map(|row| (row.category.to_owned(), now(row.category)))
            .collect();
        let done = desk.try_run(ServiceNeed { case, needs }).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// Asking an agency of our own parish for help.
pub(in crate::tui::screens) fn refer_inside(desk: &Desk, case: ItemId, to: &str) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let state = session.state();
    let mask = || session.mask(Some(case));
    let mut all = Vec::new();
    let kinds = !session.pack().services.is_empty();
    if kinds {
        all.push(choice(session.pack(), SERVICES, "category", "Service").hint("type the first letters"));
    }
    all.push(
        forms::Field::line("service", "In words")
            .hint(if kinds { "a place at school, six talks; may be empty; no names" } else { "what is asked for" })
            .check(names_nobody(mask())),
    );
    all.push(choice(session.pack(), "priority", "urgency", "Urgency").hint("empty: high at high risk, else normal"));
    all.push(forms::Field::prose("reason", "Why").required().check(names_nobody(mask())));
    let lacking = consent::lacking_for(state, found, ("refer", to), desk.today());
    if !lacking.is_empty() {
        let words: Vec<String> =
            lacking.iter().map(|(scope, standing)| format!("consent to {scope} {}", standing.why_not())).collect();
        let hint = format!("{}: only a coordinator or deputy may, on record", words.join("; "));
        all.push(forms::Field::prose("override", "No consent, because").required().hint(hint));
    }
    let name = teams::party_name(state, to);
    let kept = telling::kept_from(state, found, to);
    // Those from whom it is kept may sit in the room.
    let remember = if kept.is_nothing() || desk.in_room() {
        String::new()
    } else {
        format!("Keep from them: {}.", desk.text(Some(case), &kept.words()))
    };
    let form = Form::new(format!("Ask {name}: case {}", desk.code(case)), all)
        .notice(remember)
        .rule(|values| {
            let none = values.get("category").is_empty() && values.get("service").is_empty();
            if none {
                vec![("service", "Choose a service, or say in words what is asked for.".to_owned())]
            } else {
                Vec::new()
            }
        })
        .preview(move |_| {
            "Their answer is on a clock. When they accept, it stands in the care plan; your team stays responsible."
                .to_owned()
        });
    let to = to.to_owned();
    Some(layer(desk, draft_name("referral.send", Some(case)), form, move |values, _, desk| {
        let text = |name| values.get(name).to_owned();
        let op = ReferralSend {
            case,
            to: to.clone(),
            kind: "refer".to_owned(),
            category: text("category"),
            service: text("service"),
            urgency: text("urgency"),
            reason: text("reason"),
            override_reason: text("override"),
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// What was asked for is done: the service was given, on which day, with what outcome.
pub(super) fn given(desk: &Desk, referral: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let found = Referral::get(session.state(), referral)?;
    let case = found.case(session.state())?.0.id;
    let other = found.other_side(session.state());
    let mut all = vec![
        field(desk, Field::ReferralGiven).placeholder("today"),
        forms::Field::prose("words", "What was done")
            .hint("they read it; may be empty")
            .check(names_nobody(session.mask(Some(case)))),
    ];
    if !session.pack().list("service-outcome").is_empty() {
        all.insert(0, field(desk, Field::ReferralOutcome));
    }
    let title = format!("Done: referral {} ({other}), case {}", desk.code(referral), desk.code(case));
    Some(layer(desk, draft_name("referral.done", Some(referral)), Form::new(title, all), move |values, _, desk| {
        let op = ReferralAnswer {
            outcome: values.get("outcome").to_owned(),
            given: value(desk, Field::ReferralGiven, values)?.as_date(),
            ..ReferralAnswer::new(referral, Answer::Done, values.get("words"))
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        let mut effects = vec![Effect::info(done.says)];
        effects.extend(exchange::answered(referral, desk));
        Ok(effects)
    }))
}
