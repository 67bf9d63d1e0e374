//! What the room sees of a live meeting: made once for each State, and drawn each frame.
//!
//! Whatever somebody present may not see is not made at all, so that it can't be drawn.

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::care;
use crate::domain::clean;
use crate::domain::dates::{self, jamaica};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::mask::Mask;
use crate::domain::meeting::agenda::reasons;
use crate::domain::meeting::record::{self, Outcome, Record, last_decision, letter};
use crate::domain::meeting::twice::{differences, kept_elsewhere};
use crate::domain::meeting::{AgendaItem, Attendance, Meeting, Phase};
use crate::domain::views::{Action, Case, Member};
use crate::ops::{must_leave, spent};
use crate::text::counted;
use crate::tui::desk::{Desk, risk};
use crate::tui::theme::{Role, Symbols, Theme};
use crate::tui::widgets::text::{put, put_fit, width, wrapped};
use crate::tui::widgets::{Column, Row, Table, TableState, bars, cell};

/// What stands in the place of words while observers are in the room.
const HIDDEN: &str = "(not while observers are here)";
/// From this height of the body on, long lines are wrapped, and there is room for what happened meanwhile.
const ROOMY: u16 = 15;

/// What the room sees.
#[derive(Default)]
pub(super) struct View {
    /// The State and the day that it was made for.
    made: Option<(u64, NaiveDate)>,
    meeting: Option<ItemId>,
    kind: String,
    /// Who is here and how many sent apologies; or how far the meeting has come, if it is over.
    right: [String; 2],
    /// That another device keeps the same meeting, and what the two hold differently.
    others: Vec<String>,
    /// How many items there are, and which one people are talking about.
    items: usize,
    at: Option<usize>,
    item: Option<ItemView>,
}

/// One item.
struct ItemView {
    item: ItemId,
    about_case: bool,
    title: String,
    why: Option<String>,
    /// The item is not shown: why.
    covered: Option<String>,
    /// The last decision, and that the child's views are on record.
    before: Vec<(String, Role)>,
    /// What happened since the last meeting: shown where there is room.
    since: Option<String>,
    last_time: Vec<(ItemId, Row)>,
    said: Vec<(String, Role)>,
}

impl View {
    /// Makes it anew if anything has changed; `true` if so.
    pub(super) fn look(&mut self, desk: &Desk, id: ItemId) -> bool {
        let session = desk.open_session();
        let state = session.state();
        let now = Some((state.revision(), desk.today()));
        if self.made == now {
            return false;
        }
        *self = Self { made: now, ..Self::default() };
        let Some(meeting) = Meeting::get(state, id) else { return true };
        self.meeting = Some(id);
        self.kind = capital(&desk.label("meeting-type", meeting.kind()));
        let attendance = meeting.attendance(state);
        let here = attendance.iter().filter(|one| one.is_here()).count();
        let apologies = attendance.iter().filter(|one| one.mark() == "apologies").count();
        self.right = match (meeting.phase(), apologies) {
            (Phase::Live, 0) => [format!("{here} here"), String::new()],
            (Phase::Live, _) => [format!("{here} here"), format!("{apologies} with apologies")],
            (other, _) => [other.name().to_owned(), String::new()],
        };
        self.others = others(desk, meeting);
        let items: Vec<AgendaItem<'_>> = meeting.items(state).into_iter().filter(|item| !item.is_dropped()).collect();
        self.items = items.len();
        self.at = meeting.at().and_then(|at| items.iter().position(|item| item.0.id == at));
        let at = meeting.at().and_then(|at| AgendaItem::get(state, at));
        self.item = at.map(|item| ItemView::new(desk, meeting, item));
        true
    }

    /// The actions of earlier meetings in this item, which a person goes through.
    pub(super) fn last_time(&self) -> &[(ItemId, Row)] {
        self.item.as_ref().map_or(&[], |item| &item.last_time)
    }

    /// What was said today, by its place: the whole of it, as the room may see it.
    pub(super) fn said(&self, at: usize) -> Option<&str> {
        self.item.as_ref()?.said.get(at).map(|(text, _)| text.as_str())
    }

    /// Whether an item is taken up that may be shown, and if so whether it is about a case.
    pub(super) fn about(&self) -> Option<bool> {
        self.item.as_ref().map(|item| item.about_case)
    }

    /// Draws the whole screen; the actions of last time are a list with this selection.
    pub(super) fn draw(
        &self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        desk: &Desk,
        selection: &mut TableState,
    ) -> Option<Position> {
        self.draw_head(buf, area, theme, desk);
        bars::rule(buf, Rect { y: area.y + 1, height: 1, ..area }, theme);
        let mut body = Rect {
            x: area.x + 1,
            y: area.y + 2,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        };
        for says in self.others.iter().take(usize::from(body.height / 4)) {
            put_fit(buf, (body.x, body.y), body.width, says, theme.symbols.ellipsis, theme.style(Role::Soon));
            body = Rect { y: body.y + 1, height: body.height - 1, ..body };
        }
        if let Some(item) = &self.item {
            return item.draw(buf, body, theme, selection);
        }
        let says = if self.items == 0 {
            "Nothing is on the agenda. b adds a matter of the team, C a case."
        } else {
            "l or the right arrow goes to the next item; i marks who is here; E ends the meeting."
        };
        for (y, line) in (body.y + 1..body.bottom()).zip(wrapped(says, usize::from(body.width.max(8)))) {
            put(buf, body.x, y, body.width, &line, theme.style(Role::Text));
        }
        Some(Position::new(body.x, body.y + 1))
    }

    fn draw_head(&self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) {
        let session = desk.open_session();
        let dot = theme.symbols.middot;
        let meeting = self.meeting.and_then(|id| Meeting::get(session.state(), id));
        let item = self.item.as_ref().and_then(|item| AgendaItem::get(session.state(), item.item));
        let left = match (self.at, meeting.zip(item)) {
            (Some(at), Some((meeting, item))) => {
                let minutes = spent(session.state(), meeting, item, session.now()) / 60;
                let of = self.items;
                format!("{} {dot} item {} of {of} {dot} {minutes} of {} min", self.kind, at + 1, item.minutes())
            }
            _ => format!("{} {dot} {}", self.kind, counted(self.items, "item", "items")),
        };
        let [here, apologies] = &self.right;
        let right = if apologies.is_empty() || area.width < 76 { here.clone() } else { format!("{here}, {apologies}") };
        let room = u16::try_from(width(&right)).unwrap_or(0) + 1;
        let (at, cells) = ((area.x + 1, area.y), area.width.saturating_sub(room + 3));
        put_fit(buf, at, cells, &left, theme.symbols.ellipsis, theme.style(Role::Title));
        put(buf, area.right().saturating_sub(room), area.y, room, &right, theme.style(Role::Text));
    }
}

impl ItemView {
    fn new(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> Self {
        let state = desk.open_session().state();
        let covered = covered(desk, meeting, item);
        let mut view = Self {
            item: item.0.id,
            about_case: item.case_id().is_some(),
            title: title(desk, meeting, item),
            why: why(desk, item),
            covered,
            before: Vec::new(),
            since: None,
            last_time: Vec::new(),
            said: Vec::new(),
        };
        if view.covered.is_some() {
            return view;
        }
        let notes = notes_may_show(desk, meeting);
        let mask = mask(desk, meeting, item);
        let words = |text: &str| if notes { masked_by(&mask, text) } else { HIDDEN.to_owned() };
        view.before.extend(decided(desk, meeting, item, &words).map(|line| (line, Role::Text)));
        view.before.extend(care_plan(desk, item));
        view.before.extend(views(desk, item).map(|line| (line, Role::Dim)));
        view.since = since(desk, meeting, item);
        let record = Record::of(state, meeting, item);
        let row = |(at, (action, outcome)): (usize, &(Action<'_>, Outcome))| {
            (action.0.id, last_row(desk, (at, &words(action.text())), *action, *outcome))
        };
        view.last_time = record.last_time.iter().enumerate().map(row).collect();
        view.said = said_lines(desk, &record, &words);
        view
    }

    fn draw(&self, buf: &mut Buffer, area: Rect, theme: &Theme, selection: &mut TableState) -> Option<Position> {
        let mut y = area.y;
        let dots = theme.symbols.ellipsis;
        let roomy = area.height >= ROOMY;
        let mut say = |text: &str, role: Role, most: usize| {
            let lines = if roomy { wrapped(text, usize::from(area.width.max(8))) } else { vec![text.to_owned()] };
            let more = lines.len() > most;
            for (at, line) in lines.into_iter().take(most).enumerate() {
                if y >= area.bottom() {
                    break;
                }
                let line = if more && at + 1 == most { format!("{line}{dots}") } else { line };
                put_fit(buf, (area.x, y), area.width, &line, dots, theme.style(role));
                y += 1;
            }
            y
        };
        say(&self.title, Role::Title, 2);
        if let Some(why) = &self.why {
            say(why, Role::Dim, 2);
        }
        if let Some(covered) = &self.covered {
            let y = say(covered, Role::Late, 4);
            return Some(Position::new(area.x, y.saturating_sub(1)));
        }
        for (line, role) in &self.before {
            say(line, *role, 3);
        }
        if let Some(since) = self.since.as_ref().filter(|_| roomy) {
            say(since, Role::Dim, 1);
        }
        let mut cursor = None;
        if !self.last_time.is_empty() && y < area.bottom() {
            let dot = theme.symbols.middot;
            let used = put(buf, area.x, y, area.width, "From last time", theme.style(Role::Title)) + 3;
            let keys = format!("x done {dot} c carry on {dot} w why not");
            put_fit(buf, (area.x + used, y), area.width.saturating_sub(used), &keys, dots, theme.style(Role::Dim));
            y += 1;
            // What is being said stays in sight: last time's list gives way.
            let keep = u16::try_from(self.said.len().clamp(1, 4)).unwrap_or(4) + 1;
            let room = area.bottom().saturating_sub(y + keep).max(1);
            let lines = u16::try_from(self.last_time.len()).unwrap_or(u16::MAX).min(room);
            let columns = vec![
                Column::fixed("", 1),
                Column::flex("", 16),
                Column::fixed("", 12),
                Column::fixed("", 12),
                Column::fixed("", 16).from_width(66),
            ];
            let rows = &self.last_time;
            let place = Rect { x: area.x.saturating_sub(1), y, width: area.width + 1, height: lines };
            cursor = Table::new(columns)
                .draw(buf, place, theme, selection, |range| rows[range].iter().map(|(_, row)| row.clone()).collect());
            y += lines;
        }
        let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        draw_said(buf, below, theme, (self.last_time.len(), &self.said));
        cursor.or(Some(Position::new(area.x, area.y)))
    }
}

/// The digit that picks a line; nothing from the tenth on.
fn numbered(at: usize) -> String {
    if at < 9 { (at + 1).to_string() } else { String::new() }
}

/// The newest lines that fit, under their title, numbered on from those before.
fn draw_said(buf: &mut Buffer, area: Rect, theme: &Theme, (before, said): (usize, &[(String, Role)])) {
    if area.height == 0 {
        return;
    }
    put(buf, area.x, area.y, area.width, "Said today", theme.style(Role::Title));
    let room = usize::from(area.height - 1);
    let cells = usize::from(area.width.max(8));
    let mut lines: Vec<(String, Role)> = Vec::new();
    // Only what can be seen is broken into lines: a remark may be long, and this is done for every frame.
    for (number, (text, role)) in said.iter().enumerate().skip(said.len().saturating_sub(room)) {
        for (at, line) in wrapped(text, cells.saturating_sub(6)).into_iter().enumerate() {
            let lead = if at == 0 { format!(" {:1} ", numbered(before + number)) } else { " ".repeat(6) };
            lines.push((format!("{lead}{line}"), *role));
        }
    }
    if lines.is_empty() {
        lines.push((" nothing yet: d decision, a action, v the child's views, ! dissent".to_owned(), Role::Dim));
    }
    let from = lines.len().saturating_sub(room);
    for (y, (text, role)) in (area.y + 1..area.bottom()).zip(&lines[from..]) {
        put_fit(buf, (area.x, y), area.width, text, theme.symbols.ellipsis, theme.style(*role));
    }
}

/// Whether everybody in the room may see an item.
pub(super) fn may_see(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> bool {
    covered(desk, meeting, item).is_none()
}

/// Free text of an item as the room may see it: always masked, and hidden while somebody watches who sees no notes.
pub(super) fn words(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>, text: &str) -> String {
    if notes_may_show(desk, meeting) { masked_by(&mask(desk, meeting, item), text) } else { HIDDEN.to_owned() }
}

fn mask(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> Mask {
    let session = desk.open_session();
    match item.case_id() {
        None => session.meeting_mask(meeting.0.id),
        case => session.mask(case),
    }
}

fn masked_by(mask: &Mask, text: &str) -> String {
    mask.masked(&clean::shown(text)).into_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// That another device keeps this meeting too, and what differs; nothing where one keeps it.
fn others(desk: &Desk, meeting: Meeting<'_>) -> Vec<String> {
    let session = desk.open_session();
    let (state, ours) = (session.state(), session.vault().participant().device().device_id());
    let Some(last) = kept_elsewhere(state, meeting, ours) else { return Vec::new() };
    let at = dates::from_millis(last.wall).map(|at| at.format(" at %H:%M").to_string()).unwrap_or_default();
    let who = desk.owner(Some(last.author));
    let says = format!("! Another device keeps this meeting too, last {who}{at}: sync brings both together.");
    let differs = differences(state, meeting).iter().map(|differs| format!("! {}", differs.says())).collect::<Vec<_>>();
    std::iter::once(says).chain(differs).collect()
}

/// Why an item is not shown to everybody in the room; `None` if it may be.
fn covered(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> Option<String> {
    let state = desk.open_session().state();
    let nobody = !meeting.attendance(state).iter().any(|one| one.is_here());
    let for_some = item.case(state).is_some_and(Case::is_restricted) || !item.conflicted(state).is_empty();
    match must_leave(state, meeting, item) {
        // The projector may be on while nobody has said yet who looks at it.
        0 if for_some && nobody => Some("Nobody is marked as here yet: i marks who is.".to_owned()),
        0 if item.case_id().is_none() || item.case(state).is_some() => None,
        0 => Some("This case is only for others: nothing of it is shown here.".to_owned()),
        1 => Some("1 person here may not see this: i marks who has left the room, p parks the item.".to_owned()),
        count => {
            Some(format!("{count} people here may not see this: i marks who has left the room, p parks the item."))
        }
    }
}

/// Observers and visitors see `core` alone: no words of notes while one of them is in the room.
pub(super) fn notes_may_show(desk: &Desk, meeting: Meeting<'_>) -> bool {
    let state = desk.open_session().state();
    let watches = |member: Option<ItemId>| {
        member.is_none_or(|member| Member::get(state, member).is_none_or(|member| member.role() == "observer"))
    };
    let is_one = |one: &Attendance<'_>| one.marks().any(|mark| mark == "observer") || watches(one.member());
    !meeting.attendance(state).iter().any(|one| one.is_here() && is_one(one))
}

fn title(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> String {
    let state = desk.open_session().state();
    match (item.case_id(), item.case(state)) {
        (Some(id), Some(case)) => {
            let (sign, _) = risk(case.risk(), &Symbols::WGL4);
            let stage = desk.open_session().pack().label("stage", case.stage()).to_owned();
            format!("{}   {sign}   {stage}   lead {}", desk.code(id), desk.owner(case.lead()))
        }
        (Some(id), None) => desk.code(id),
        (None, _) => masked_by(&mask(desk, meeting, item), item.text()),
    }
}

fn why(desk: &Desk, item: AgendaItem<'_>) -> Option<String> {
    let pack = desk.open_session().pack();
    item.case_id()?;
    let labels = reasons(pack, &item.why());
    (!labels.is_empty()).then(|| format!("why here: {}", labels.join("; ")))
}

fn decided(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>, words: &impl Fn(&str) -> String) -> Option<String> {
    let state = desk.open_session().state();
    let note = last_decision(state, item.case(state)?.0.stream, meeting)?;
    let when = note.value(Field::NoteWhen).as_when().map(|when| when.with_timezone(&jamaica()).date_naive());
    let day = when.map(|day| dates::people(day, desk.today())).unwrap_or_default();
    let words = words(note.str(Field::NoteText));
    Some(format!("Last decision ({day}): {}", words.lines().next().unwrap_or_default()))
}

/// How far the care plan goes, and what it lacks; nothing for a case that has none yet.
fn care_plan(desk: &Desk, item: AgendaItem<'_>) -> Option<(String, Role)> {
    let session = desk.open_session();
    let rows = care::plan(session.state(), session.pack(), item.case(session.state())?);
    let count = care::count(&rows);
    if rows.iter().all(|row| row.services.is_empty()) || count.standards == 0 {
        return None;
    }
    let missing: Vec<&str> = rows.iter().filter(|row| row.is_missing()).map(care::Row::label).collect();
    let says = format!("Care plan: {} of {} standards", count.met, count.standards);
    Some(match missing.as_slice() {
        [] => (says, Role::Dim),
        missing => (format!("{says}; to be planned: {}", missing.join(", ")), Role::Soon),
    })
}

/// That the child's views are on record, and how many; never their words.
fn views(desk: &Desk, item: AgendaItem<'_>) -> Option<String> {
    let state = desk.open_session().state();
    let case = item.case(state)?;
    let count =
        state.items_in(case.0.stream, ItemKind::Note).filter(|note| note.str(Field::NoteKind) == "views").count();
    (count > 0).then(|| format!("The child's views are on record ({count}): F3 asks before it shows them"))
}

/// What happened since the last meeting, in numbers.
fn since(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> Option<String> {
    let state = desk.open_session().state();
    let since = record::since(state, item.case(state)?.0.stream, meeting)?;
    let all = [
        (since.done, "action done", "actions done"),
        (since.contacts, "contact made", "contacts made"),
        (since.screenings, "screening", "screenings"),
        (since.answers, "answer to a referral", "answers to referrals"),
        (since.begun, "service begun", "services begun"),
        (since.ended, "service ended", "services ended"),
        (since.documents, "document", "documents"),
        (since.notes, "note", "notes"),
    ];
    let told: Vec<String> =
        all.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| counted(count, one, many)).collect();
    let told = if told.is_empty() { "nothing was written down".to_owned() } else { told.join(", ") };
    Some(format!("Since the last meeting: {told}"))
}

fn said_lines(desk: &Desk, record: &Record<'_>, words: &impl Fn(&str) -> String) -> Vec<(String, Role)> {
    let state = desk.open_session().state();
    let mut lines = Vec::new();
    for note in &record.said {
        let kind = note.str(Field::NoteKind);
        let words = match kind {
            "views" => "the child's views, written down".to_owned(),
            _ if note.kind == ItemKind::Decision => format!("best interests: {}", words(record::words(note))),
            _ => words(record::words(note)),
        };
        let role = if kind == "dissent" { Role::Soon } else { Role::Text };
        lines.push((record::written(state, note), format!("{}  {words}", letter(note)), role));
    }
    for action in &record.given {
        let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
        let words = words(action.text());
        lines.push((
            record::written(state, action.0),
            format!("A  {words}: {}, {due}", desk.owner(action.owner())),
            Role::Text,
        ));
    }
    lines.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    lines.into_iter().map(|(_, text, role)| (text, role)).collect()
}

fn last_row(desk: &Desk, (at, words): (usize, &str), action: Action<'_>, outcome: Outcome) -> Row {
    let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
    let (sign, role) = match outcome {
        Outcome::Done => ("√ done", Role::Done),
        Outcome::Open => ("? open", Role::Soon),
        Outcome::Carried => ("→ carried on", Role::Text),
        Outcome::Circumstances => ("→ circumstances", Role::Text),
        Outcome::NotActed => ("! not acted", Role::Late),
    };
    Row::item([
        cell(numbered(at), Role::Dim),
        words.to_owned().into(),
        cell(desk.owner(action.owner()), Role::Text),
        due.into(),
        cell(sign, role),
    ])
    .struck(outcome == Outcome::Done)
}
