//! Screening and identification: the policy's questions, the prompt to stop, what may follow, and the formal decision.

use chrono::NaiveDate;

use crate::domain::dates;
use crate::domain::decision;
use crate::domain::field::Field;
use crate::domain::form::{self as form_of, Asks, Given, LONGEST_ANSWER, Question};
use crate::domain::ids::ItemId;
use crate::domain::screening::{self, Proposed, STOP, Screening};
use crate::ops::{ActionAdd, CaseIdentify, ScreeningFinish};
use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::forms::{self, Form, Values, Wrong};
use crate::tui::layers::{Effects, Layer};
use crate::tui::widgets::Choice;

use super::fields::{agencies, choice, date, field, members, names_nobody, person, refused, value};
use super::{draft_name, form_layer, layer, said};
use crate::domain::dates::Lean;

/// What stands before a question's code in the names of fields.
const QUESTION: &str = "q:";
/// What is told instead of an answer where asking is to stop.
const STOPPED: &str = "!";

/// A screening: the questions of the policy's form, then how it went. `None` for a case that is not there.
pub(super) fn new(desk: &mut Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    desk.case(case)?;
    let pack = desk.open_session().pack();
    let Some(asked) = screening::form_of(pack, "").cloned() else {
        let lines = vec![
            "The policy in force has no screening form.".into(),
            "A coordinator can add one: the pack that mahoe ships has it.".into(),
        ];
        return Some(Box::new(crate::tui::overlays::Page::new("No form", lines)));
    };
    let mut all = Vec::new();
    for section in &asked.sections {
        for (at, question) in section.questions.iter().enumerate() {
            let asked = question_field(desk, case, question);
            all.push(if at == 0 { asked.section(section.title.clone()) } else { asked });
        }
    }
    all.extend(about(desk, case));
    let code = asked.code.clone();
    let title = format!("{}, case {}", asked.label, desk.code(case));
    let form = Form::new(title, all)
        .preview(|_| "! stops, if the child begins to tell (Ctrl-X in text). Once saved, it stays.".to_owned());
    let draft = draft_name("screening.new", Some(case));
    let (form_code, questions) = (code.clone(), asked.clone());
    let layer = form_layer(desk, draft, form, move |values, _, desk| {
        let op = finished(desk, case, &form_code, &questions, values, false)?;
        kept(desk, op)
    });
    Some(Box::new(layer.watch(move |name, entered, values, desk| {
        let question = name.strip_prefix(QUESTION).and_then(|code| asked.question(code));
        let said: Vec<String> = entered.lines().map(str::to_owned).collect();
        let stops = entered == STOPPED || question.is_some_and(|question| question.stops(&said));
        stops.then(|| {
            let form = stopped(desk, case, &asked, values.clone());
            vec![Effect::Push("form", form)]
        })
    })))
}

/// A question of the policy as a field.
fn question_field(desk: &Desk, case: ItemId, question: &Question) -> forms::Field {
    let session = desk.open_session();
    let (state, pack, today) = (session.state(), session.pack(), desk.today());
    let name = format!("{QUESTION}{}", question.code);
    let label = question.text.clone();
    let asked = match question.asks {
        Asks::Text => forms::Field::prose(name, label).private().check({
            let named = names_nobody(session.mask(Some(case)));
            move |text| match text.chars().count() {
                chars if chars > LONGEST_ANSWER => Err(format!("{chars} characters, and {LONGEST_ANSWER} fit.")),
                _ => named(text),
            }
        }),
        Asks::Choice | Asks::YesNo => forms::Field::choice(name, label, question.options(pack)),
        Asks::Several => forms::Field::many(name, label, question.options(pack)),
        Asks::Date => forms::Field::date(name, label).hint("yesterday, mon, 12 nov, 2014-06-30").check(move |text| {
            let day = dates::parse_date(text, today, Lean::Back).map_err(|error| format!("{error}"))?;
            Ok(super::fields::in_words(day, today))
        }),
        Asks::Number => forms::Field::number(name, label),
        Asks::Member => forms::Field::pick(name, label, members(state)),
        Asks::Agency => forms::Field::pick(name, label, agencies(state)),
    };
    let asked = match &question.show_if {
        Some(condition) => asked.only_if_any(format!("{QUESTION}{}", condition.question), condition.is.clone()),
        None => asked,
    };
    let asked = if question.required { asked.required() } else { asked };
    let asked = match &question.help {
        Some(help) => asked.hint(help.clone()),
        None => asked,
    };
    asked.as_question()
}

/// How it went, and when, where and why it was done.
fn about(desk: &Desk, case: ItemId) -> Vec<forms::Field> {
    let session = desk.open_session();
    let mask = || session.mask(Some(case));
    let mut all = vec![
        field(desk, Field::ScreeningOutcome).required().section("How it went"),
        field(desk, Field::ScreeningNote).check(names_nobody(mask())).private(),
        field(desk, Field::ScreeningMode),
        field(desk, Field::ScreeningWhy),
        field(desk, Field::ScreeningWhere)
            .hint("a kind of place: at school, at the station")
            .check(names_nobody(mask()))
            .private(),
        field(desk, Field::ScreeningWhen).placeholder("now"),
    ];
    let earlier = desk.case(case).map(|case| Screening::all(session.state(), case)).unwrap_or_default();
    if !earlier.is_empty() {
        let choices = earlier.iter().map(|it| {
            let code = desk.code(it.0.id);
            let day =
                it.when().map(|when| dates::people(when.with_timezone(&dates::jamaica()).date_naive(), desk.today()));
            Choice::new(it.0.id.to_string(), code).noted(day.unwrap_or_default())
        });
        let follows = forms::Field::pick(Field::ScreeningFollows.def().name, "Follows", choices.collect());
        all.push(follows.value(&earlier[0].0.id.to_string()));
    }
    all
}

/// Asking has stopped: what to do now, and what can be said of it already. The answers so far come along.
fn stopped(desk: &mut Desk, case: ItemId, asked: &form_of::Form, answers: Values) -> Box<dyn Layer<Desk>> {
    let all = vec![
        field(desk, Field::ScreeningOutcome).hint("if you can say already; may be empty"),
        field(desk, Field::ScreeningNote)
            .hint("where, when, who was there; the child's own words belong to a note of the child's views")
            .check(names_nobody(desk.open_session().mask(Some(case))))
            .private(),
    ];
    let form = Form::new(format!("Stop here, case {}", desk.code(case)), all).notice(STOP).preview(|_| {
        "Saving keeps the screening as stopped. Esc: it was no disclosure; the answers wait as a draft.".to_owned()
    });
    let asked = asked.clone();
    layer(desk, draft_name("screening.stopped", Some(case)), form, move |values, _, desk| {
        let mut both = answers.clone();
        both.0.extend(values.0.clone());
        let op = finished(desk, case, &asked.code, &asked, &both, true)?;
        let effects = kept(desk, op)?;
        desk.drop_draft(&draft_name("screening.new", Some(case)));
        Ok(effects)
    })
}

/// The op of what was entered.
fn finished(
    desk: &Desk,
    case: ItemId,
    form: &str,
    asked: &form_of::Form,
    values: &Values,
    stopped: bool,
) -> Result<ScreeningFinish, Wrong> {
    let state = desk.open_session().state();
    let mut answers = Given::new();
    for question in asked.questions() {
        let entered = values.get(&format!("{QUESTION}{}", question.code)).to_owned();
        let said: Vec<String> = match question.asks {
            _ if entered.is_empty() => continue,
            Asks::Several => entered.lines().map(str::to_owned).collect(),
            // A form names people by their handles; a screening keeps who it was.
            Asks::Member | Asks::Agency => person(state, &entered).map(|id| id.to_string()).into_iter().collect(),
            _ => vec![entered],
        };
        answers.insert(question.code.clone(), said);
    }
    let text = |field: Field| values.get(field.def().name).to_owned();
    Ok(ScreeningFinish {
        case,
        form: form.to_owned(),
        answers,
        when: value(desk, Field::ScreeningWhen, values)?.as_when(),
        place: text(Field::ScreeningWhere),
        why: text(Field::ScreeningWhy),
        mode: text(Field::ScreeningMode),
        by: None,
        outcome: text(Field::ScreeningOutcome),
        stopped,
        follows: ItemId::from_hex(values.get(Field::ScreeningFollows.def().name)),
        note: text(Field::ScreeningNote),
    })
}

/// Keeps a screening, then proposes what may follow.
fn kept(desk: &mut Desk, op: ScreeningFinish) -> Result<Effects<Desk>, Wrong> {
    let done = desk.try_run(op).map_err(|error| refused(&error))?;
    let mut effects = vec![Effect::info(done.says)];
    effects.extend(done.made.first().and_then(|id| follow(desk, *id)).map(|form| Effect::Push("form", form)));
    Ok(effects)
}

/// What the policy proposes after a screening: people choose. `None` if it proposes nothing.
pub(super) fn follow(desk: &Desk, id: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let session = desk.open_session();
    let it = Screening::get(session.state(), id)?;
    let case = it.0.stream.item();
    let proposed = screening::proposals(session.state(), session.pack(), session.calendar(), it, session.now());
    if proposed.is_empty() {
        return None;
    }
    let unverified = proposed.iter().any(|it| !it.origin.verified);
    let label =
        |it: &Proposed<'_>| format!("{}, {}: {}", dates::people(it.due, desk.today()), desk.owner(it.owner), it.text);
    let choices: Vec<(String, String)> = proposed.iter().map(|it| (it.code.to_owned(), label(it))).collect();
    let codes: Vec<String> = choices.iter().map(|(code, _)| code.clone()).collect();
    let take = forms::Field::many("take", "What follows? Each becomes an action, if you leave it in.", choices)
        .as_question()
        .value(&codes.join("\n"));
    let mark = if unverified { " Policy, unverified: confirm it with your agency." } else { "" };
    let form = Form::new(format!("After the screening, case {}", desk.code(case)), vec![take])
        .preview(move |_| format!("Nothing is done by itself. Esc leaves all of it.{mark}"));
    Some(layer(desk, draft_name("screening.follow", Some(id)), form, move |values, _, desk| {
        let session = desk.open_session_mut();
        let Some(it) = Screening::get(session.state(), id) else { return said("The screening is not here any more.") };
        let all = screening::proposals(session.state(), session.pack(), session.calendar(), it, session.now());
        let chosen: Vec<ActionAdd> = all
            .iter()
            .filter(|it| values.many("take").any(|code| code == it.code))
            .map(|it| action(case, it, session.me()))
            .collect();
        let count = chosen.len();
        let done = session.all_or_nothing(|session| chosen.into_iter().try_for_each(|op| session.run(op).map(drop)));
        done.map_err(|error| refused(&error))?;
        said(match count {
            0 => "No action was added.".to_owned(),
            1 => "1 action added.".to_owned(),
            count => format!("{count} actions added."),
        })
    }))
}

fn action(case: ItemId, it: &Proposed<'_>, me: ItemId) -> ActionAdd {
    ActionAdd {
        cases: vec![case],
        text: it.text.to_owned(),
        owner: it.owner.unwrap_or(me),
        due: it.due,
        time: it.time,
        priority: "high".to_owned(),
        class: None,
        backdated: false,
    }
}

/// The formal identification.
pub(super) fn identify(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let mask = || session.mask(Some(case));
    let child = decision::is_child(found, session.now());
    let by = choice(session.pack(), "decision-by", Field::DecisionBy.def().name, "Decided by").required();
    let exploitation =
        super::fields::as_typed(session.state(), Field::CaseExploitation, &found.0.value(Field::CaseExploitation));
    let means = field(desk, Field::DecisionMeans);
    let means = if child { means.hint("under 18 or age unknown: the means need not be shown") } else { means };
    let mut all = vec![
        field(desk, Field::DecisionStatus).required(),
        by,
        field(desk, Field::DecisionBasis)
            .required()
            .hint("documents, interviews, the screening; no names")
            .check(names_nobody(mask()))
            .private(),
        field(desk, Field::DecisionActs),
        means,
        field(desk, Field::DecisionPurposes).value(&exploitation),
        forms::Field::prose(Field::DecisionDissent.def().name, "Dissent")
            .hint("who sees it otherwise, and why")
            .check(names_nobody(mask()))
            .private(),
        date(desk, Field::DecisionReview.def().name, "Look again on", Lean::Ahead),
        field(desk, Field::DecisionWhen).placeholder("now"),
    ];
    let screenings = Screening::all(session.state(), found);
    if let Some(latest) = screenings.first() {
        let choices = screenings.iter().map(|it| {
            let outcome = desk.label("screening-outcome", it.outcome());
            Choice::new(it.0.id.to_string(), desk.code(it.0.id)).noted(outcome)
        });
        let pick = forms::Field::pick(Field::DecisionScreening.def().name, "After the screening", choices.collect());
        all.push(pick.value(&latest.0.id.to_string()));
    }
    let rule = move |values: &Values| missing(values, child);
    let form = Form::new(format!("Identification, case {}", desk.code(case)), all).rule(rule).preview(|_| {
        "Trafficking is an act, by some means, for a purpose. The case's status follows; earlier decisions stay."
            .to_owned()
    });
    Some(layer(desk, draft_name("case.identify", Some(case)), form, move |values, _, desk| {
        let many = |field: Field| values.many(field.def().name).map(str::to_owned).collect();
        let text = |field: Field| values.get(field.def().name).to_owned();
        let op = CaseIdentify {
            case,
            status: text(Field::DecisionStatus),
            by: text(Field::DecisionBy),
            when: value(desk, Field::DecisionWhen, values)?.as_when(),
            acts: many(Field::DecisionActs),
            means: many(Field::DecisionMeans),
            purposes: many(Field::DecisionPurposes),
            basis: text(Field::DecisionBasis),
            screening: ItemId::from_hex(values.get(Field::DecisionScreening.def().name)),
            dissent: text(Field::DecisionDissent),
            review: review(values.get(Field::DecisionReview.def().name), desk.today())?,
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}

/// The day of the review lies ahead, whatever the table of fields says of other days.
pub(super) fn review(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |error: dates::DateError| {
        Wrong::field(Field::DecisionReview.def().name, super::fields::sentence(&error.to_string()))
    };
    dates::parse_date(text, today, Lean::Ahead).map(Some).map_err(wrong)
}

/// What an identification as trafficked lacks.
fn missing(values: &Values, child: bool) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if values.get(Field::DecisionStatus.def().name) != "actual" {
        return all;
    }
    let mut need = |field: Field, says: &str| {
        if values.some(field.def().name).is_none() {
            all.push((field.def().name, says.to_owned()));
        }
    };
    need(Field::DecisionActs, "At least one act is needed. Space takes one in.");
    if !child {
        need(Field::DecisionMeans, "From eighteen on the means must be shown.");
    }
    need(Field::DecisionPurposes, "Say for which exploitation. Space takes one in.");
    all
}
