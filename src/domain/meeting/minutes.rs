//! Minutes write themselves from what is on record.
//!
//! Names are masked as the caller's mask says. What a reader may not see is left out, and only counted. The child's own
//! words are never in minutes, nor are remarks about health, police, court or interviews: the case's record has them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::class::Class;
use crate::domain::closure::{Closure, Phase};
use crate::domain::dates::jamaica;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::pack::Pack;
use crate::domain::paper::{Block, Paper};
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::telling;
use crate::domain::views::{Action, Case, Member, agency_of, owner_name};

use super::agenda::reasons;
use super::record;
use super::record::{Record, letter};
use super::twice::differences;
use super::{AgendaItem, Attendance, Meeting};

/// Who reads a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Whoever finds it: what is only for some people, or somebody declared a conflict of interest in, is left out.
    Anybody,
    /// An agency: what one of its people may not see, or declared a conflict of interest in, is left out; and cases that
    /// are to be kept from it.
    Agency(ItemId),
    /// One member: what they may not see or declared a conflict of interest in is left out.
    Member(ItemId),
}

impl Reader {
    /// Whether this reader may see on a day what was said under an item.
    pub fn may_see(self, state: &State, item: AgendaItem<'_>, today: NaiveDate) -> bool {
        let restricted = item.case_id().is_some() && item.case(state).is_none_or(Case::is_restricted);
        let readers = item.case(state).and_then(|case| case.readers(state));
        let listed = |member: ItemId| readers.as_ref().is_some_and(|readers| readers.contains(&member));
        let conflicted = item.conflicted(state);
        match self {
            Self::Anybody => !restricted && conflicted.is_empty(),
            Self::Member(member) => !conflicted.contains(&member) && (!restricted || listed(member)),
            Self::Agency(agency) => {
                let people: Vec<ItemId> = Member::all(state)
                    .into_iter()
                    .filter(|member| member.agency() == Some(agency) && !member.left())
                    .map(|member| member.0.id)
                    .collect();
                let may = !people.is_empty() && people.iter().all(|member| listed(*member));
                let kept = |case| {
                    !state.item(agency).is_some_and(|agency| telling::may_have_paper(state, case, agency, today))
                };
                if item.case(state).is_some_and(kept) {
                    return false;
                }
                !people.iter().any(|member| conflicted.contains(member)) && (!restricted || may)
            }
        }
    }
}

/// The minutes of a meeting for a reader. `mask` masks free text of a case, or of the meeting itself.
pub fn minutes(
    state: &State,
    pack: &Pack,
    meeting: Meeting<'_>,
    reader: Reader,
    today: NaiveDate,
    practice: bool,
    mask: &dyn Fn(Option<ItemId>, &str) -> String,
) -> Paper {
    let day = meeting.held_day().map(|day| day.format("%A %-d %B %Y").to_string()).unwrap_or_default();
    let kind = pack.label("meeting-type", meeting.kind());
    let mut paper = Paper {
        title: format!("Minutes: {kind}, {day}"),
        practice,
        copies: 0,
        only: None,
        blocks: vec![Block::Facts(facts(state, pack, meeting, reader, mask))],
    };
    paper.blocks.extend(attendance(state, pack, meeting));
    let mut todo = Vec::new();
    let mut left_out = 0;
    let mut not_come_to = Vec::new();
    paper.blocks.push(Block::Heading("What was said".into()));
    let items = meeting.items(state).into_iter().filter(|item| !item.is_dropped());
    for (at, item) in items.enumerate() {
        if !reader.may_see(state, item, today) {
            left_out += 1;
            continue;
        }
        if item.opened().is_none() && item.is_open() && Record::of(state, meeting, item).is_empty() {
            let case = item.case_id().map(|case| state.code(case).to_string());
            not_come_to.push(case.unwrap_or_else(|| mask(None, item.text())));
            continue;
        }
        of_item(state, pack, meeting, (at + 1, item), mask, &mut paper.blocks, &mut todo);
    }
    if !not_come_to.is_empty() {
        let when = if meeting.ended().is_some() { "Not come to" } else { "To come" };
        paper.blocks.push(Block::Para(format!("{when}: {}.", not_come_to.join(", "))));
    }
    if left_out > 0 {
        let items = if left_out == 1 { "1 item is".to_owned() } else { format!("{left_out} items are") };
        paper.blocks.push(Block::Para(format!("{items} not in this copy.")));
    }
    paper.blocks.push(Block::Heading("Who does what by when".into()));
    paper.blocks.push(if todo.is_empty() {
        Block::Para("Nothing was given to do.".into())
    } else {
        let head = ["Action", "Who", "By", "What", "Case"].map(str::to_owned).to_vec();
        Block::Table { head, rows: todo, wide: Vec::new() }
    });
    paper
}

fn facts(
    state: &State,
    pack: &Pack,
    meeting: Meeting<'_>,
    reader: Reader,
    mask: &dyn Fn(Option<ItemId>, &str) -> String,
) -> Vec<(String, String)> {
    let hour = |at: Option<DateTime<Utc>>| at.map(|at| at.with_timezone(&jamaica()).format("%H:%M").to_string());
    let name = |id: Option<ItemId>| id.map(|id| person(state, id)).unwrap_or_default();
    let time = match (hour(meeting.started()), hour(meeting.ended())) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("{from}, not ended"),
        _ => String::new(),
    };
    let read = meeting.0.held(Field::MeetingStatement).as_when();
    let copy = match reader {
        Reader::Anybody => "for the file: nothing that is only for some people".to_owned(),
        Reader::Agency(agency) => format!("for {}", owner_name(state, Some(agency))),
        Reader::Member(member) => format!("for {}", person(state, member)),
    };
    let here = meeting.attendance(state).into_iter().filter(|one| one.was_here()).count();
    let quorum = usize::try_from(pack.meeting.quorum).unwrap_or(usize::MAX);
    let mut facts = vec![
        ("Team", teams::own_name(state)),
        ("Meeting", state.code(meeting.0.id).to_string()),
        ("Time", time),
        ("Place", mask(None, meeting.place())),
        ("Chair", name(meeting.chair())),
        ("Minutes taken by", name(meeting.scribe())),
        (
            "Statement read",
            match hour(read) {
                Some(at) => format!("{at}, by {}", name(meeting.0.held(Field::MeetingStatementBy).as_item())),
                None => "no".to_owned(),
            },
        ),
        ("This copy", copy),
    ];
    if here < quorum {
        facts.push((
            "Please note",
            format!(
                "{} there, and {quorum} are needed to decide.",
                if here == 1 { "1 person was".to_owned() } else { format!("{here} people were") }
            ),
        ));
    }
    facts.extend(differences(state, meeting).iter().map(|differs| ("Please note", differs.says())));
    facts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(label, value)| (label.to_owned(), value)).collect()
}

fn person(state: &State, id: ItemId) -> String {
    let agency = agency_of(state, id);
    let name = owner_name(state, Some(id));
    if agency.is_empty() { name.into_owned() } else { format!("{name} ({agency})") }
}

fn attendance(state: &State, pack: &Pack, meeting: Meeting<'_>) -> Vec<Block> {
    let marked = meeting.attendance(state);
    let line = |one: &Attendance<'_>| {
        let mut says = pack.label("attendance", one.mark()).to_owned();
        if one.sent_info() {
            says.push_str(", sent information");
        }
        if one.signed() {
            says.push_str(", signed the statement");
        }
        vec![one.name(state).to_owned(), one.agency(state).to_owned(), says]
    };
    let mut rows: Vec<Vec<String>> = marked.iter().map(line).collect();
    let known = |member: &Member<'_>| marked.iter().any(|one| one.member() == Some(member.0.id));
    for member in meeting.expected(state).into_iter().filter(|member| !known(member)) {
        let agency = agency_of(state, member.0.id).to_owned();
        rows.push(vec![member.name().to_owned(), agency, "not marked".to_owned()]);
    }
    let head = ["Name", "Agency", ""].map(str::to_owned).to_vec();
    let table = if rows.is_empty() {
        Block::Para("Nobody was marked.".into())
    } else {
        Block::Table { head, rows, wide: Vec::new() }
    };
    vec![Block::Heading("Attendance".into()), table]
}

/// One item: its heading, why it was there, last time's actions, what was said; what was given goes to the summary too.
fn of_item(
    state: &State,
    pack: &Pack,
    meeting: Meeting<'_>,
    (number, item): (usize, AgendaItem<'_>),
    mask: &dyn Fn(Option<ItemId>, &str) -> String,
    blocks: &mut Vec<Block>,
    todo: &mut Vec<Vec<String>>,
) {
    let case = item.case_id();
    let code = case.map(|case| state.code(case).to_string());
    let title = match (&code, item.case(state)) {
        (Some(code), Some(of)) => format!("{code}, {}", pack.label("risk", of.risk().code())),
        (Some(code), None) => code.clone(),
        (None, _) => mask(None, item.text()),
    };
    let state_word = match item.state() {
        "done" => String::new(),
        other => format!(" ({})", pack.label("agenda-state", other)),
    };
    blocks.push(Block::Part(format!("{number}. {title}{state_word}")));
    let why = reasons(pack, &item.why());
    if case.is_some() && !why.is_empty() {
        blocks.push(Block::Para(format!("Why here: {}.", why.join(", "))));
    }
    let conflicted = item.conflicted(state);
    if !conflicted.is_empty() {
        let names: Vec<String> = conflicted.iter().map(|member| person(state, *member)).collect();
        blocks.push(Block::Para(format!("Conflict of interest declared by {}.", names.join(", "))));
    }
    let record = Record::of(state, meeting, item);
    let mut lines: Vec<(String, String)> = Vec::new();
    for (action, outcome) in &record.last_time {
        let words = words_of(*action, case, mask);
        let owner = owner_name(state, action.owner()).into_owned();
        lines.push(("L".to_owned(), format!("Last time: {words} ({owner}): {}", outcome.name())));
    }
    lines.extend(said(&record.said, case, mask));
    lines.extend(closings(state, pack, meeting, item, mask));
    for action in &record.given {
        let row = given(state, *action, case, code.as_deref(), mask);
        lines.push(("A".to_owned(), format!("{}: {}, by {}", row[3], row[1], row[2])));
        todo.push(row);
    }
    blocks.push(if lines.is_empty() { Block::Para("Nothing was written down.".into()) } else { Block::List(lines) });
}

fn said(notes: &[&Item], case: Option<ItemId>, mask: &dyn Fn(Option<ItemId>, &str) -> String) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut elsewhere = 0;
    for note in notes {
        if note.kind == ItemKind::Decision {
            let dissent =
                if note.str(Field::DecisionDissent).is_empty() { "" } else { ". Somebody sees it otherwise." };
            let words = mask(case, record::words(note));
            let words = if words.is_empty() { "in the case's record".to_owned() } else { words };
            lines.push(("D".to_owned(), format!("Best interests: {}{dissent}", words.trim_end_matches('.'))));
        } else if note.str(Field::NoteKind) == "views" {
            lines.push(("V".to_owned(), "The child's views were heard; they are in the case's record.".to_owned()));
        } else if matches!(note.class, Class::Notes | Class::Core) {
            let by = note.str(Field::NoteSaidBy);
            let by = if by.is_empty() { String::new() } else { format!(" ({})", mask(case, by)) };
            lines.push((letter(note).to_string(), format!("{}{by}", mask(case, note.str(Field::NoteText)))));
        } else {
            elsewhere += 1;
        }
    }
    if elsewhere > 0 {
        lines.push(("·".to_owned(), format!("{elsewhere} more in the case's record, not in minutes.")));
    }
    lines
}

/// What was asked and answered about closing the item's case while the meeting ran.
fn closings(
    state: &State,
    pack: &Pack,
    meeting: Meeting<'_>,
    item: AgendaItem<'_>,
    mask: &dyn Fn(Option<ItemId>, &str) -> String,
) -> Vec<(String, String)> {
    let Some(case) = item.case(state) else { return Vec::new() };
    let during = |when: Option<DateTime<Utc>>| {
        when >= meeting.started() && meeting.started().is_some() && meeting.ended().is_none_or(|end| when <= Some(end))
    };
    let mut lines = Vec::new();
    let mut all = Closure::all(state, case);
    all.reverse();
    for it in all {
        let who = |id: Option<ItemId>| owner_name(state, id).into_owned();
        if during(it.asked()) && it.how().is_empty() {
            let reason = pack.label("close-reason", it.reason());
            lines.push(format!("{} asked that the case be closed: {reason}.", who(it.by(state))));
        }
        if !during(it.answered(state)) {
            continue;
        }
        lines.push(match (it.phase(), it.how()) {
            (Phase::Approved, "") => format!("{} approved that the case be closed.", who(it.answered_by(state))),
            (Phase::Approved, how) => {
                format!("{} closed the case: {}.", who(it.answered_by(state)), mask(Some(case.0.id), how))
            }
            (Phase::Refused, _) => format!("{} said that the case stays open.", who(it.answered_by(state))),
            (Phase::Waiting, _) => continue,
        });
    }
    lines.into_iter().map(|line| ("C".to_owned(), line)).collect()
}

/// What an action is about, where minutes may say it.
fn words_of(action: Action<'_>, case: Option<ItemId>, mask: &dyn Fn(Option<ItemId>, &str) -> String) -> String {
    let plain = matches!(action.0.class, Class::Notes | Class::Core);
    if plain { mask(case, action.text()) } else { "in the case's record".to_owned() }
}

fn given(
    state: &State,
    action: Action<'_>,
    case: Option<ItemId>,
    code: Option<&str>,
    mask: &dyn Fn(Option<ItemId>, &str) -> String,
) -> Vec<String> {
    let due = action.due().map(|due| due.format("%a %-d %b %Y").to_string()).unwrap_or_default();
    let time = action.minutes().map(|minutes| format!(" {:02}:{:02}", minutes / 60, minutes % 60)).unwrap_or_default();
    let words = words_of(action, case, mask);
    vec![
        state.code(action.0.id).to_string(),
        owner_name(state, action.owner()).into_owned(),
        format!("{due}{time}"),
        words,
        code.unwrap_or("–").to_owned(),
    ]
}
