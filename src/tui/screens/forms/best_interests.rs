//! What was decided to be best for the child: from the case, and at a meeting under its item.

use crate::domain::class::Class;
use crate::domain::dates::Lean;
use crate::domain::decision::{lacks, weighed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::AgendaItem;
use crate::domain::state::State;
use crate::domain::views::Case;
use crate::ops::CaseBestInterests;
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Form};
use crate::tui::layers::Layer;
use crate::tui::screens::case::moment;
use crate::tui::widgets::Choice;

use super::fields::{date, field, names_nobody, person, person_code, refused, value};
use super::screening::review;
use super::{draft_name, layer, said};

/// A decision in a case.
pub(super) fn open(desk: &Desk, case: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    form(desk, case, None)
}

/// A decision under an item of a meeting: whoever is in the room is the panel, until somebody says otherwise.
pub(super) fn under(desk: &Desk, item: ItemId) -> Option<Box<dyn Layer<Desk>>> {
    let case = AgendaItem::get(desk.open_session().state(), item)?.case_id()?;
    form(desk, case, Some(item))
}

/// Who is in the room, as a form lists them.
fn in_the_room(state: &State, item: Option<ItemId>) -> String {
    let meeting = item.and_then(|item| AgendaItem::get(state, item)).and_then(|item| item.meeting(state));
    let here = meeting.map(|meeting| meeting.in_the_room(state)).unwrap_or_default();
    here.iter().filter_map(|id| state.item(*id)).map(person_code).collect::<Vec<_>>().join("\n")
}

/// The notes in which the child's own words stand, by their day alone.
fn words_of_the_child(desk: &Desk, case: Case<'_>) -> Vec<Choice> {
    let state = desk.open_session().state();
    let notes = state.items_in(case.0.stream, ItemKind::Note).filter(|note| note.class == Class::Views);
    let mut all: Vec<_> = notes.map(|note| (note.held(Field::NoteWhen).as_when(), note.id)).collect();
    all.sort_by_key(|one| std::cmp::Reverse(*one));
    let label = |when: Option<_>| when.map_or_else(|| "without a day".to_owned(), |when| moment(desk, when));
    all.into_iter().map(|(when, id)| Choice::new(id.to_string(), label(when))).collect()
}

fn form(desk: &Desk, case: ItemId, item: Option<ItemId>) -> Option<Box<dyn Layer<Desk>>> {
    let found = desk.case(case)?;
    let session = desk.open_session();
    let words = |of: Field, label: &'static str, hint: &str| {
        let mask = session.mask(Some(case));
        forms::Field::prose(of.def().name, label).hint(hint).check(names_nobody(mask)).private()
    };
    let heard = Field::DecisionHeard.def().name;
    let options = words(
        Field::DecisionOptions,
        "Options",
        "a line for each; under it + what speaks for it, - what speaks against it",
    );
    let mask = session.mask(Some(case));
    let options = options.required().check(move |text| match weighed(text) {
        Err(says) => Err(says),
        Ok(all) => {
            let named = super::fields::named(&mask, text);
            Ok(if named.is_empty() { lacks(&all).unwrap_or_default() } else { named })
        }
    });
    let mut all = vec![
        words(Field::DecisionQuestion, "The question", "what has to be decided: where to live, whom to tell")
            .required(),
        options,
        forms::Field::yes_no(heard, "Child's views").required().hint("y: they were considered; n: say why not"),
        words(Field::DecisionViews, "What they are", "as the panel took them in; empty where the note below says it")
            .only_if(heard, "yes"),
    ];
    let notes = words_of_the_child(desk, found);
    if let Some(newest) = notes.first().map(|note| note.code.clone()) {
        let pick = forms::Field::pick(Field::DecisionViewsNote.def().name, "Written down", notes);
        all.push(pick.value(&newest).only_if(heard, "yes"));
    }
    all.extend([
        words(Field::DecisionUnheard, "Why not", "too young, could not be asked without danger").only_if(heard, "no"),
        words(Field::DecisionText, "The decision", "what is best for the child, and why").required(),
        field(desk, Field::DecisionPanel).hint("Space takes somebody in").value(&in_the_room(session.state(), item)),
        forms::Field::line(Field::DecisionOthers.def().name, "Others").hint("who else decided, by office"),
        words(Field::DecisionDissent, "Dissent", "who sees it otherwise, and why"),
        date(desk, Field::DecisionReview.def().name, "Look again on", Lean::Ahead),
        field(desk, Field::DecisionWhen).placeholder("now"),
    ]);
    let rule = |values: &forms::Values| {
        let empty = |of: Field| values.some(of.def().name).is_none();
        let mut all = Vec::new();
        if let Some(says) = weighed(values.get(Field::DecisionOptions.def().name)).ok().and_then(|all| lacks(&all)) {
            all.push((Field::DecisionOptions.def().name, says));
        }
        if empty(Field::DecisionPanel) && empty(Field::DecisionOthers) {
            all.push((Field::DecisionPanel.def().name, "Say who decided: Space takes somebody in.".to_owned()));
        }
        let views = empty(Field::DecisionViews) && empty(Field::DecisionViewsNote);
        if values.yes(Field::DecisionHeard.def().name) && views {
            all.push((Field::DecisionViews.def().name, "Say what they are.".to_owned()));
        }
        if values.get(Field::DecisionHeard.def().name) == "no" && empty(Field::DecisionUnheard) {
            all.push((Field::DecisionUnheard.def().name, "Say why they were not considered.".to_owned()));
        }
        all
    };
    let form = Form::new(format!("Best interests, case {}", desk.code(case)), all).rule(rule).preview(|_| {
        "It stands beside the decisions before it; the day on which it is looked at again comes into Today.".to_owned()
    });
    let draft = if item.is_some() { "live.best-interests" } else { "case.best-interests" };
    Some(layer(desk, draft_name(draft, Some(item.unwrap_or(case))), form, move |values, _, desk| {
        let text = |of: Field| values.get(of.def().name).to_owned();
        let state = desk.open_session().state();
        let op = CaseBestInterests {
            case,
            question: text(Field::DecisionQuestion),
            options: text(Field::DecisionOptions),
            heard: values.yes(Field::DecisionHeard.def().name),
            views: text(Field::DecisionViews),
            views_note: ItemId::from_hex(values.get(Field::DecisionViewsNote.def().name)),
            unheard: text(Field::DecisionUnheard),
            decision: text(Field::DecisionText),
            panel: values.many(Field::DecisionPanel.def().name).filter_map(|code| person(state, code)).collect(),
            others: text(Field::DecisionOthers),
            dissent: text(Field::DecisionDissent),
            when: value(desk, Field::DecisionWhen, values)?.as_when(),
            review: review(values.get(Field::DecisionReview.def().name), desk.today())?,
            under: item,
        };
        let done = desk.try_run(op).map_err(|error| refused(&error))?;
        said(done.says)
    }))
}
