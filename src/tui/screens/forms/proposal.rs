//! What the policy's follow-up rules propose, shown in a form before it is saved: yes unless it is declined.

use std::collections::BTreeMap;

use crate::domain::pack::Risk;
use crate::domain::proposal::{propose, words};
use crate::domain::views::Case;
use crate::tui::desk::Desk;
use crate::tui::forms::{self, Values};

/// The field's name.
const FIELD: &str = "followup";

/// The question: `n` declines.
pub(super) fn field() -> forms::Field {
    forms::Field::yes_no(FIELD, "Plan contacts")
        .required()
        .value("yes")
        .hint("y plans what the policy asks for (below); n leaves the planned contacts as they are")
}

/// Whether the proposal was taken.
pub(super) fn accepted(values: &Values) -> bool {
    values.yes(FIELD)
}

/// The proposals in words, by the code of what is being chosen: a risk or a stage.
pub(super) struct Proposals(BTreeMap<String, String>);

impl Proposals {
    /// What each risk would bring in a case; in one that is about to be opened, if none is given.
    pub(super) fn by_risk(desk: &Desk, case: Option<Case<'_>>) -> Self {
        let pack = desk.open_session().pack();
        let stage = case.map_or_else(|| pack.first_stage().map_or("", |stage| stage.code.as_str()), Case::stage);
        Self::made(desk, case, Risk::ALL.into_iter().map(|risk| (risk.code(), stage, risk)))
    }

    /// What each stage would bring in a case.
    pub(super) fn by_stage(desk: &Desk, case: Case<'_>) -> Self {
        let stages = desk.open_session().pack().stages.iter();
        Self::made(desk, Some(case), stages.map(|stage| (stage.code.as_str(), stage.code.as_str(), case.risk())))
    }

    fn made<'a>(desk: &Desk, case: Option<Case<'_>>, all: impl Iterator<Item = (&'a str, &'a str, Risk)>) -> Self {
        if case.is_some_and(|case| !case.runs()) {
            return Self(BTreeMap::new());
        }
        let session = desk.open_session();
        let (state, pack, calendar) = (session.state(), session.pack(), session.calendar());
        let says = |(code, stage, risk): (&str, &str, Risk)| {
            let steps = propose(state, pack, calendar, case.map(|case| case.0.stream), (stage, risk), desk.today());
            (code.to_owned(), words(pack, &steps, risk, desk.today()))
        };
        Self(all.map(says).filter(|(_, words)| !words.is_empty()).collect())
    }

    /// As [`Proposals::says`], where another line says the risk already.
    pub(super) fn contacts(&self, code: &str, values: &Values) -> String {
        match self.0.get(code).and_then(|words| words.split_once(": ")) {
            None => String::new(),
            Some((_, words)) if accepted(values) => format!("Contacts: {words}"),
            Some(_) => "Contacts: none is planned.".to_owned(),
        }
    }

    /// What saving will plan for this choice; empty where nothing would change.
    pub(super) fn says(&self, code: &str, values: &Values) -> String {
        match self.0.get(code) {
            None => String::new(),
            Some(words) if accepted(values) => words.clone(),
            Some(_) => "Declined: the planned contacts stay as they are.".to_owned(),
        }
    }
}
