//! The agenda that builds itself.
//!
//! Until a meeting begins, its agenda is computed anew each time from the policy's rules, and what people added, took off
//! or moved is laid over it; when it begins, the lines are put on record and stay as they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::dates::jamaica;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::pack::{ASKED, BUSINESS, CLOSING, Pack, Risk};
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::today::{Due, What};
use crate::domain::views::{Action, Case, FollowUp};
use crate::text::counted;

use super::{AgendaItem, Meeting, Phase};

/// The most lines that an agenda has; what the rules find beyond them is counted.
pub const MOST: usize = 500;
/// Between the places of two neighbours, so that a third can be put between them.
pub const APART: i64 = 1 << 16;

/// One line of an agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The item on record; `None` while it is only computed.
    pub item: Option<ItemId>,
    /// The case, where it is about one.
    pub case: Option<ItemId>,
    /// The matter's words; empty for a case.
    pub text: String,
    /// Why it is here: codes of the pack's rules, in its order.
    pub why: Vec<String>,
    /// How many minutes it gets.
    pub minutes: i64,
}

impl Line {
    /// Why it is here, as people read it.
    pub fn reasons(&self, pack: &Pack) -> String {
        reasons(pack, &self.why).join(", ")
    }
}

/// Why something is on an agenda, as people read it: in the order of the pack's rules, whatever order it was put on record in.
pub fn reasons<'p, W: AsRef<str>>(pack: &'p Pack, why: &[W]) -> Vec<&'p str> {
    let rules = pack.agenda.iter().filter(|rule| rule.code != BUSINESS);
    let given = rules.filter(|rule| why.iter().any(|code| code.as_ref() == rule.code));
    given.map(|rule| pack.label(crate::domain::pack::AGENDA, &rule.code)).collect()
}

/// The agenda of a meeting, in order, and how many lines that the rules find have no place in it: the last of the last
/// rules, never one that is on record. `due` is Today's list of the whole team.
pub fn agenda(state: &State, pack: &Pack, due: &[Due], meeting: Meeting<'_>, now: DateTime<Utc>) -> (Vec<Line>, usize) {
    let stored = meeting.items(state);
    let line = |item: &AgendaItem<'_>| Line {
        item: Some(item.0.id),
        case: item.case_id(),
        text: item.text().to_owned(),
        // Of a case that can't be read here not even the reason is told.
        why: match (item.case_id(), item.case(state)) {
            (Some(_), None) => Vec::new(),
            _ => item.why().iter().map(ToString::to_string).collect(),
        },
        minutes: item.minutes(),
    };
    let shown = || stored.iter().filter(|item| !item.is_dropped()).map(line);
    if meeting.phase() != Phase::Planned {
        return (shown().collect(), 0);
    }
    let known: BTreeSet<ItemId> = stored.iter().filter_map(|item| item.case_id()).collect();
    let team_known =
        stored.iter().any(|item| item.case_id().is_none() && item.why().iter().any(|why| **why == *"unfinished"));
    let mut lines: Vec<Line> = shown().collect();
    let on = meeting.day().unwrap_or_else(|| now.with_timezone(&jamaica()).date_naive());
    let computed = computed(state, pack, due, meeting, on, now);
    found_since(pack, &mut lines, &computed);
    let place = |line: &Line| pack.agenda.iter().position(|rule| line.why.first() == Some(&rule.code));
    let mut found: Vec<Line> = computed
        .into_iter()
        .filter(|line| match line.case {
            Some(case) => !known.contains(&case),
            None => !team_known,
        })
        .collect();
    let left_out = (lines.len() + found.len()).saturating_sub(MOST);
    if left_out > 0 {
        found.sort_by_key(|line| place(line).unwrap_or(usize::MAX));
        found.truncate(MOST.saturating_sub(lines.len()));
    }
    lines.extend(found);
    // What people put in order stays so; only business always comes last, unless somebody moved it.
    let moved = stored.iter().any(|item| item.0.register(Field::AgendaPlace).is_some());
    if !moved {
        lines.sort_by_key(|line| place(line).unwrap_or(usize::MAX));
        lines = together(state, lines);
    }
    (lines, left_out)
}

/// What is said of lines that have no place; nothing where all have one.
pub fn left_out_words(count: usize) -> Option<String> {
    (count > 0).then(|| {
        let more = counted(count, "more case belongs", "more cases belong");
        format!("{more} on this agenda by the policy's rules: {MOST} lines are the most.")
    })
}

/// Adds to lines on record what the rules find now: they may have been put there days ago, and of a case that is only for
/// some people no reason is on record.
fn found_since(pack: &Pack, lines: &mut [Line], computed: &[Line]) {
    let found: HashMap<ItemId, &Line> = computed.iter().filter_map(|line| Some((line.case?, line))).collect();
    for line in lines {
        let Some(now) = line.case.and_then(|case| found.get(&case)) else { continue };
        let new = now.why.iter().filter(|code| !line.why.contains(code)).cloned().collect::<Vec<_>>();
        line.why.extend(new);
        line.why.sort_by_key(|code| pack.agenda.iter().position(|rule| rule.code == *code));
    }
}

/// What the policy's rules put on the agenda, in their order.
fn computed(
    state: &State,
    pack: &Pack,
    due: &[Due],
    meeting: Meeting<'_>,
    on: NaiveDate,
    now: DateTime<Utc>,
) -> Vec<Line> {
    let found = Found::new(state, pack, due, meeting, on, now);
    let mut lines: Vec<(usize, Risk, Line)> = Vec::new();
    let rank =
        |why: &[String]| pack.agenda.iter().position(|rule| Some(&rule.code) == why.first()).unwrap_or(usize::MAX);
    for (case, mut why) in found.cases {
        let Some(of) = Case::get(state, case).filter(|of| of.runs()) else { continue };
        if teams::held_elsewhere(state, of.0).is_some() {
            continue;
        }
        why.sort_by_key(|code| pack.agenda.iter().position(|rule| rule.code == *code));
        why.dedup();
        let minutes = minutes(pack, &why);
        lines.push((rank(&why), of.risk(), Line { item: None, case: Some(case), text: String::new(), why, minutes }));
    }
    lines.sort_by(|(a, risk_a, line_a), (b, risk_b, line_b)| (a, risk_a, line_a.case).cmp(&(b, risk_b, line_b.case)));
    let mut lines: Vec<Line> = lines.into_iter().map(|(.., line)| line).collect();
    if found.team > 0 {
        let why = vec!["unfinished".to_owned()];
        let text = match found.team {
            1 => "The team's own action".to_owned(),
            count => format!("The team's own {count} actions"),
        };
        lines.insert(0, Line { item: None, case: None, text, minutes: minutes(pack, &why), why });
    }
    together(state, lines)
}

/// The minutes of the rule that gives most of them.
pub fn minutes(pack: &Pack, why: &[String]) -> i64 {
    let given = why.iter().filter_map(|code| pack.agenda_rule(code)).map(|rule| i64::from(rule.minutes));
    given.max().or_else(|| pack.agenda_rule(ASKED).map(|rule| i64::from(rule.minutes))).unwrap_or(5)
}

/// Puts cases of one household or one family one after the other, at the place of the first.
fn together(state: &State, lines: Vec<Line>) -> Vec<Line> {
    let place: HashMap<ItemId, usize> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((line.case?, at))).collect();
    let mut taken = vec![false; lines.len()];
    let mut order = Vec::with_capacity(lines.len());
    for at in 0..lines.len() {
        let mut next = vec![at];
        while let Some(at) = next.pop() {
            if std::mem::replace(&mut taken[at], true) {
                continue;
            }
            order.push(at);
            let Some(case) = lines[at].case.and_then(|case| Case::get(state, case)) else { continue };
            let mut linked: Vec<usize> =
                case.links(state).iter().filter_map(|(other, _)| place.get(other)).copied().collect();
            linked.sort_unstable_by(|a, b| b.cmp(a));
            next.extend(linked);
        }
    }
    let mut lines: Vec<Option<Line>> = lines.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| lines[at].take()).collect()
}

/// What the rules found.
struct Found {
    cases: BTreeMap<ItemId, Vec<String>>,
    /// Open actions without a case that were given at an earlier meeting or are overdue.
    team: usize,
}

impl Found {
    fn new(state: &State, pack: &Pack, due: &[Due], meeting: Meeting<'_>, on: NaiveDate, now: DateTime<Utc>) -> Self {
        let mut found = Self { cases: BTreeMap::new(), team: 0 };
        for action in unfinished(state, meeting) {
            match action.case(state) {
                Some(case) => found.add(pack, "unfinished", case.0.id),
                None => found.team += usize::from(pack.agenda_rule("unfinished").is_some()),
            }
        }
        for line in due.iter().filter(|line| line.day() <= on) {
            let Some(case) = line.case else { continue };
            let rule = match line.what {
                What::Action(_) if line.day() < on => "overdue",
                What::Action(_)
                | What::Answered(_)
                | What::Minutes(_)
                | What::Meeting(_)
                | What::Outreach(_)
                | What::Numbers(_)
                | What::Training(_)
                | What::Trained(..) => continue,
                What::Awaiting(_) | What::Asked(_) => "awaiting",
                What::Consent(_) => "consent",
                What::Closing(_) => CLOSING,
                What::FollowUp(_)
                | What::Clock(_)
                | What::Review
                | What::Eighteen
                | What::Incomplete
                | What::Service(_)
                | What::Decision(_) => "due",
            };
            found.add(pack, rule, case);
        }
        // A consent that runs out after the meeting is asked for before it has.
        for line in due.iter().filter(|line| line.day() > on && matches!(line.what, What::Consent(_))) {
            if let Some(case) = line.case {
                found.add(pack, "consent", case);
            }
        }
        found.by_case(state, pack, meeting, now);
        found
    }

    /// What is asked of every case: whether it is new, and when its child was last seen.
    fn by_case(&mut self, state: &State, pack: &Pack, meeting: Meeting<'_>, now: DateTime<Utc>) {
        let days = |rule: &str| pack.agenda_rule(rule).map(|rule| TimeDelta::days(i64::from(rule.days)));
        let last = meeting.before(state).and_then(Meeting::started);
        let new_since = days("new").map(|days| last.unwrap_or(now - days));
        let seen_since = days("not-seen").map(|days| now - days);
        for case in state.items(ItemKind::Case).map(Case).filter(|case| case.runs()) {
            let opened = case.0.held(Field::CaseOpened).as_when();
            if let (Some(since), Some(opened)) = (new_since, opened)
                && opened > since
            {
                self.add(pack, "new", case.0.id);
            }
            let urgent = matches!(case.risk(), Risk::High | Risk::Unassessed);
            if let (Some(since), true) = (seen_since, urgent && opened.is_some_and(|opened| seen_since > Some(opened)))
                && last_seen(state, case).is_none_or(|seen| seen < since)
            {
                self.add(pack, "not-seen", case.0.id);
            }
        }
    }

    fn add(&mut self, pack: &Pack, rule: &str, case: ItemId) {
        if pack.agenda_rule(rule).is_none() {
            return;
        }
        let why = self.cases.entry(case).or_default();
        if !why.iter().any(|known| known == rule) {
            why.push(rule.to_owned());
        }
    }
}

/// The open actions that were given or carried on at an earlier meeting than this, the first due first.
pub fn unfinished<'a>(state: &'a State, meeting: Meeting<'_>) -> Vec<Action<'a>> {
    let mut open: Vec<Action<'a>> = state
        .items(ItemKind::Action)
        .map(Action)
        .filter(|action| action.is_open() && earlier(state, meeting, *action))
        .collect();
    open.sort_by_key(|action| (action.due(), action.0.id));
    open
}

/// The actions of earlier meetings in one stream that were not finished when this meeting began, the first due first: those
/// that people go through, with what became of them.
pub fn last_time<'a>(state: &'a State, meeting: Meeting<'_>, stream: StreamId) -> Vec<Action<'a>> {
    let began = meeting.started();
    let in_time = |action: &Action<'_>| {
        let done = action.0.held(Field::ActionDone).as_when();
        action.is_open() || (began.is_some() && done >= began)
    };
    let mut all: Vec<Action<'a>> = state
        .items_in(stream, ItemKind::Action)
        .map(Action)
        .filter(|action| earlier(state, meeting, *action) && in_time(action))
        .collect();
    all.sort_by_key(|action| (action.due(), action.0.id));
    all
}

/// Whether an action was given under another meeting's item.
fn earlier(state: &State, meeting: Meeting<'_>, action: Action<'_>) -> bool {
    let under = action.0.held(Field::ActionMeeting).as_item().and_then(|item| state.item(item));
    under.is_some_and(|item| item.stream != meeting.0.stream)
}

/// When somebody of the team was last in contact with the child or the household.
pub fn last_seen(state: &State, case: Case<'_>) -> Option<DateTime<Utc>> {
    let stream = case.0.stream;
    let notes =
        state.items_in(stream, ItemKind::Note).filter(|note| matches!(note.str(Field::NoteKind), "contact" | "visit"));
    let noted = notes.filter_map(|note| note.held(Field::NoteWhen).as_when());
    let contacts = state.items_in(stream, ItemKind::FollowUp).map(FollowUp);
    let made = contacts
        .filter(|contact| contact.0.str(Field::FollowUpState) == "done")
        .filter_map(|contact| contact.0.held(Field::FollowUpDone).as_when());
    noted.chain(made).chain(case.0.held(Field::CaseFirstContact).as_when()).max()
}
