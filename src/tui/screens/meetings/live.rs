//! The live meeting, projected: one item at a time, with what people need, captured without leaving it.
//!
//! It is always in room mode: names are masked and stay so, the child's words are never shown, nothing of another case
//! is, and while somebody watches who may see `core` alone, no notes are. It is an overlay, so that the keys of other
//! screens don't work in it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates::{self, jamaica};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::meeting::record::{Outcome, Record, last_decision, letter};
use crate::domain::meeting::{AgendaItem, Meeting, Phase};
use crate::domain::pack::AGENDA;
use crate::domain::views::{Action, Case, Member};
use crate::ops::{ActionDone, MeetingCarry, MeetingConflict, MeetingEnd, MeetingTurn, must_leave, spent};
use crate::tui::desk::{Desk, error_text, risk};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::overlays::{Ask, Page, Pick};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::{put, put_fit, width, wrapped};
use crate::tui::widgets::{Choice, Column, Line, Row, Table, TableState, bars, cell};

use super::super::doors;

const LEAVES: &str = "live-leaves";
const ENDS: &str = "live-ends";
const GOES: &str = "live-goes";
const WHY: &str = "live-why";
const CONFLICT: &str = "live-conflict";

/// The live screen of a meeting that runs.
pub fn open(desk: &mut Desk, meeting: ItemId) -> Box<dyn Layer<Desk>> {
    let mut live = Live { meeting, last_time: Vec::new(), state: TableState::default() };
    live.refresh(desk);
    Box::new(live)
}

struct Live {
    meeting: ItemId,
    /// The actions of earlier meetings in this item, which a person goes through.
    last_time: Vec<(ItemId, Row)>,
    state: TableState,
}

impl Live {
    fn meeting<'d>(&self, desk: &'d Desk) -> Option<Meeting<'d>> {
        Meeting::get(desk.open_session().state(), self.meeting)
    }

    /// The item that people are talking about.
    fn item<'d>(&self, desk: &'d Desk) -> Option<AgendaItem<'d>> {
        AgendaItem::get(desk.open_session().state(), self.meeting(desk)?.at()?)
    }

    /// The items that are not taken off, in order.
    fn items<'d>(&self, desk: &'d Desk) -> Vec<AgendaItem<'d>> {
        let state = desk.open_session().state();
        let items = self.meeting(desk).map(|meeting| meeting.items(state)).unwrap_or_default();
        items.into_iter().filter(|item| !item.is_dropped()).collect()
    }

    fn turn(&mut self, to: Option<ItemId>, leave: &str, desk: &mut Desk) -> Handled<Desk> {
        let op = MeetingTurn { meeting: self.meeting, to, leave: leave.to_owned() };
        let result = desk.try_run(op);
        self.refresh(desk);
        match result {
            Ok(_) => Handled::done(),
            Err(error) => Effect::refused(error_text(&error)).into(),
        }
    }

    /// The next item in some direction; after the last, the first that was parked or passed over.
    fn next(&mut self, back: bool, leave: &str, desk: &mut Desk) -> Handled<Desk> {
        let items = self.items(desk);
        let at = self.item(desk).and_then(|item| items.iter().position(|other| other.0.id == item.0.id));
        let open = |item: &&AgendaItem<'_>| item.is_open();
        let next = match (at, back) {
            (Some(at), true) => at.checked_sub(1).and_then(|at| items.get(at)),
            (Some(at), false) => {
                let after = items.get(at + 1..).unwrap_or_default().iter().find(open);
                after.or_else(|| items[..at].iter().find(open))
            }
            (None, _) => items.iter().find(open),
        };
        match next.map(|item| item.0.id) {
            Some(next) => self.turn(Some(next), leave, desk),
            None if back => Effect::info("This is the first item.").into(),
            None => {
                let handled = self.turn(None, leave, desk);
                match handled {
                    Handled::Done(mut effects) => {
                        effects.push(Effect::info("That was the last item. E ends the meeting."));
                        Handled::Done(effects)
                    }
                    Handled::Pass => Handled::Pass,
                }
            }
        }
    }

    fn selected(&self) -> Option<ItemId> {
        self.last_time.get(self.state.selected()?).map(|(action, _)| *action)
    }

    /// Does something to the selected action of last time.
    fn on_last_time(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        let Some(action) = self.selected() else {
            return Effect::info("Nothing of last time is open in this item.").into();
        };
        match name {
            "action.done" => {
                let effects = desk.run(ActionDone { action });
                self.refresh(desk);
                Handled::Done(effects)
            }
            "live.carry" => self.carry(action, "", desk),
            _ => {
                let pack = desk.open_session().pack();
                let choices = pack.list("why").iter().map(|why| Choice::new(why.code.clone(), why.label.clone()));
                Effect::push(WHY, Pick::new("Not done: why?", choices.collect())).into()
            }
        }
    }

    fn carry(&mut self, action: ItemId, why: &str, desk: &mut Desk) -> Handled<Desk> {
        let Some(item) = self.item(desk).map(|item| item.0.id) else { return Handled::done() };
        let op = MeetingCarry { item, action, due: None, why: why.to_owned(), note: String::new() };
        let effects = desk.run(op);
        self.refresh(desk);
        Handled::Done(effects)
    }

    /// The forms that write down what is said, about the item that people are talking about.
    fn form(&self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match self.item(desk).map(|item| (item.0.id, item.case_id())) {
            None => Effect::info("Go to an item first: l or the right arrow.").into(),
            Some((_, None)) if name.starts_with("case.") => Effect::info("This item is about no case.").into(),
            Some((_, None)) if name == "live.views" => Effect::info("This item is about no case.").into(),
            Some((_, Some(case))) if name.starts_with("case.") => doors::form(name, Some(case), desk),
            Some((item, _)) => doors::form(name, Some(item), desk),
        }
    }

    fn pick_item(&self, desk: &Desk) -> Handled<Desk> {
        let choices = self.items(desk).into_iter().enumerate().map(|(at, item)| {
            let what = item.case_id().map_or_else(|| clean::shown(item.text()).into_owned(), |case| desk.code(case));
            Choice::new(item.0.id.to_string(), format!("{} {what}", at + 1))
                .noted(desk.label("agenda-state", item.state()))
        });
        Effect::push(GOES, Pick::new("Go to", choices.collect())).into()
    }

    fn pick_conflict(&self, desk: &Desk) -> Handled<Desk> {
        if self.item(desk).is_none() {
            return Effect::info("Go to an item first: l or the right arrow.").into();
        }
        let state = desk.open_session().state();
        let here = self.meeting(desk).map(|meeting| meeting.in_the_room(state)).unwrap_or_default();
        let choices = here
            .into_iter()
            .map(|member| Choice::new(member.to_string(), desk.owner(Some(member))).noted(desk.agency(Some(member))));
        Effect::push(CONFLICT, Pick::new("Who declares a conflict of interest?", choices.collect())).into()
    }

    fn end(&mut self, anyway: bool, desk: &mut Desk) -> Effects<Desk> {
        let left = self.items(desk).iter().filter(|item| item.is_open()).count();
        let at = usize::from(self.item(desk).is_some_and(AgendaItem::is_open));
        if !anyway {
            let question = match left.saturating_sub(at) {
                0 => "End the meeting?".to_owned(),
                1 => "1 item was not dealt with: it goes onto the next agenda. End the meeting?".to_owned(),
                count => format!("{count} items were not dealt with: they go onto the next agenda. End the meeting?"),
            };
            return vec![Effect::push(ENDS, Ask::new(question))];
        }
        match desk.try_run(MeetingEnd { meeting: self.meeting, anyway: true }) {
            Ok(done) => {
                let summary = Page::new("Who does what by when", self.summary(desk));
                vec![Effect::Close(Answer::Yes), Effect::info(done.says), Effect::push("summary", summary)]
            }
            Err(error) => vec![Effect::refused(error_text(&error))],
        }
    }

    /// Who does what by when, as it fits one screen.
    fn summary(&self, desk: &Desk) -> Vec<Line> {
        let state = desk.open_session().state();
        let Some(meeting) = self.meeting(desk) else { return Vec::new() };
        let mut lines = Vec::new();
        for item in self.items(desk) {
            for action in Record::of(state, meeting, item).given {
                let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
                let what = masked(desk, item.case_id(), action.text());
                let code = item.case_id().map_or_else(|| "team".to_owned(), |case| desk.code(case));
                lines.push(Line::from(format!("{due:<11} {:<18} {what} ({code})", desk.owner(action.owner()))));
            }
        }
        if lines.is_empty() {
            lines.push(Line::new("Nothing was given to do.", Role::Dim));
        }
        lines
    }
}

impl Layer<Desk> for Live {
    fn contexts(&self) -> &[&'static str] {
        &["live", "list"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        match command {
            "action.done" | "live.carry" | "live.why" => !self.last_time.is_empty(),
            "list.open" | "list.filter" => false,
            _ => true,
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "live.next" => self.next(false, "done", desk),
            "live.previous" => self.next(true, "open", desk),
            "live.park" => self.next(false, "parked", desk),
            "live.go" => self.pick_item(desk),
            "live.attendance" => Handled::Done(vec![super::attendance::open(desk, self.meeting)]),
            "live.conflict" => self.pick_conflict(desk),
            "live.end" => Handled::Done(self.end(false, desk)),
            "live.leave" => {
                let question = "Leave the live meeting? It goes on: Enter on it in Meetings brings it back.";
                Effect::push(LEAVES, Ask::new(question)).into()
            }
            "live.decision" | "live.dissent" | "live.views" | "live.remark" | "live.action" | "case.risk"
            | "case.stage" => self.form(name, desk),
            "agenda.business" | "agenda.add" => doors::form(name, Some(self.meeting), desk),
            "action.done" | "live.carry" | "live.why" => self.on_last_time(name, desk),
            // Names stay masked whatever somebody presses, and the list's own filter has nothing to filter.
            "reveal" | "list.filter" | "list.open" => Handled::done(),
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = match (tag, answer) {
            (LEAVES, Answer::Yes) => vec![Effect::Close(Answer::Cancelled)],
            (ENDS, Answer::Yes) => return self.end(true, desk),
            (GOES, Answer::Picked(code)) => match self.turn(ItemId::from_hex(&code), "open", desk) {
                Handled::Done(effects) => effects,
                Handled::Pass => Vec::new(),
            },
            (WHY, Answer::Picked(why)) => match self.selected().map(|action| self.carry(action, &why, desk)) {
                Some(Handled::Done(effects)) => effects,
                _ => Vec::new(),
            },
            (CONFLICT, Answer::Picked(member)) => {
                match (self.item(desk).map(|item| item.0.id), ItemId::from_hex(&member)) {
                    (Some(item), Some(member)) => desk.run(MeetingConflict { item, member, declared: true }),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        self.refresh(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        if desk.session().is_none() {
            return;
        }
        desk.mask();
        let rows = match (self.meeting(desk), self.item(desk)) {
            (Some(meeting), Some(item)) if may_show(desk, meeting, item) => {
                let record = Record::of(desk.open_session().state(), meeting, item);
                record
                    .last_time
                    .iter()
                    .map(|(action, outcome)| (action.0.id, last_row(desk, item, *action, *outcome)))
                    .collect()
            }
            _ => Vec::new(),
        };
        let before = self.selected();
        self.last_time = rows;
        self.state.set_rows(self.last_time.len(), Vec::new());
        if let Some(at) = self.last_time.iter().position(|(action, _)| Some(*action) == before) {
            self.state.select(at);
        }
    }

    fn position(&self) -> String {
        String::new()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, area, buf);
        buf.set_style(area, theme.style(Role::Text));
        let meeting = self.meeting(desk)?;
        self.draw_head(buf, area, theme, desk, meeting);
        bars::rule(buf, Rect { y: area.y + 1, height: 1, ..area }, theme);
        let body = Rect {
            x: area.x + 1,
            y: area.y + 2,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        };
        if let Some(item) = self.item(desk) {
            return self.draw_item(buf, body, theme, desk, (meeting, item));
        }
        let says = if self.items(desk).is_empty() {
            "Nothing is on the agenda. b adds a matter of the team, C a case."
        } else {
            "l or the right arrow goes to the first item; i marks who is here; E ends the meeting."
        };
        for (y, line) in (body.y + 1..body.bottom()).zip(wrapped(says, usize::from(body.width.max(8)))) {
            put(buf, body.x, y, body.width, &line, theme.style(Role::Text));
        }
        Some(Position::new(body.x, body.y + 1))
    }
}

impl Live {
    fn draw_head(&self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk, meeting: Meeting<'_>) {
        let session = desk.open_session();
        let items = self.items(desk);
        let at = meeting.at().and_then(|at| items.iter().position(|item| item.0.id == at));
        let dot = theme.symbols.middot;
        let mut left = desk.label("meeting-type", meeting.kind());
        left = left.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default()
            + &left.chars().skip(1).collect::<String>();
        if let Some(at) = at {
            let item = items[at];
            let minutes = spent(session.state(), meeting, item, session.now()) / 60;
            left = format!("{left} {dot} item {} of {} {dot} {minutes} of {} min", at + 1, items.len(), item.minutes());
        } else {
            left = format!("{left} {dot} {}", crate::text::counted(items.len(), "item", "items"));
        }
        let attendance = meeting.attendance(session.state());
        let here = attendance.iter().filter(|one| one.is_here()).count();
        let apologies = attendance.iter().filter(|one| one.mark() == "apologies").count();
        let mut right = format!("{here} here");
        if apologies > 0 && area.width >= 70 {
            right = format!("{right}  {apologies} apologies");
        }
        if meeting.phase() != Phase::Live {
            meeting.phase().name().clone_into(&mut right);
        }
        let room = u16::try_from(width(&right)).unwrap_or(0) + 2;
        put_fit(
            buf,
            (area.x + 1, area.y),
            area.width.saturating_sub(room + 2),
            &left,
            theme.symbols.ellipsis,
            theme.style(Role::Title),
        );
        put(buf, area.right().saturating_sub(room), area.y, room, &right, theme.style(Role::Text));
    }

    fn draw_item(
        &mut self,
        buf: &mut Buffer,
        area: Rect,
        theme: &Theme,
        desk: &Desk,
        (meeting, item): (Meeting<'_>, AgendaItem<'_>),
    ) -> Option<Position> {
        let mut y = area.y;
        let dots = theme.symbols.ellipsis;
        let mut say = |text: &str, role: Role, y: &mut u16| {
            if *y < area.bottom() {
                put_fit(buf, (area.x, *y), area.width, text, dots, theme.style(role));
                *y += 1;
            }
        };
        say(&title(desk, item, theme), Role::Title, &mut y);
        if let Some(why) = why(desk, item) {
            say(&why, Role::Dim, &mut y);
        }
        if !may_show(desk, meeting, item) {
            let count = must_leave(desk.open_session().state(), meeting, item).len();
            let says = match count {
                0 => "This case is only for others: nothing of it is shown here.".to_owned(),
                1 => "1 person here may not see this: i marks who has left the room, p parks the item.".to_owned(),
                count => {
                    format!("{count} people here may not see this: i marks who has left the room, p parks the item.")
                }
            };
            y += 1;
            say(&says, Role::Late, &mut y);
            return Some(Position::new(area.x, y.saturating_sub(1)));
        }
        let record = Record::of(desk.open_session().state(), meeting, item);
        let notes = notes_may_show(desk, meeting);
        if let Some(line) = decided(desk, meeting, item, notes) {
            say(&line, Role::Text, &mut y);
        }
        if let Some(views) = views(desk, item) {
            say(&views, Role::Dim, &mut y);
        }
        let said = said_lines(desk, item, &record, notes);
        let mut cursor = None;
        if !self.last_time.is_empty() {
            say("From last time", Role::Title, &mut y);
            // What is being said stays in sight: last time's list gives way.
            let keep = u16::try_from(said.len().clamp(1, 4)).unwrap_or(4) + 1;
            let room = area.bottom().saturating_sub(y + keep).max(1);
            let lines = u16::try_from(self.last_time.len()).unwrap_or(u16::MAX).min(room);
            let columns = vec![
                Column::flex("", 16),
                Column::fixed("", 14),
                Column::fixed("", 13),
                Column::fixed("", 18).from_width(66),
            ];
            let rows = &self.last_time;
            let place = Rect { x: area.x.saturating_sub(1), y, width: area.width + 1, height: lines };
            cursor = Table::new(columns).draw(buf, place, theme, &mut self.state, |range| {
                rows[range].iter().map(|(_, row)| row.clone()).collect()
            });
            y += lines;
        }
        draw_said(buf, Rect { y, height: area.bottom().saturating_sub(y), ..area }, theme, &said);
        cursor.or(Some(Position::new(area.x, area.y)))
    }
}

/// The newest lines that fit, under their title.
fn draw_said(buf: &mut Buffer, area: Rect, theme: &Theme, said: &[(String, Role)]) {
    if area.height == 0 {
        return;
    }
    put(buf, area.x, area.y, area.width, "Said today", theme.style(Role::Title));
    let room = usize::from(area.height - 1);
    let cells = usize::from(area.width.max(8));
    let mut lines: Vec<(String, Role)> = Vec::new();
    for (text, role) in said {
        for (at, line) in wrapped(text, cells.saturating_sub(3)).into_iter().enumerate() {
            let lead = if at == 0 { " " } else { "    " };
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

/// Free text as the room may see it: always masked.
fn masked(desk: &Desk, case: Option<ItemId>, text: &str) -> String {
    let shown = clean::shown(text);
    desk.open_session().mask(case).masked(&shown).into_owned()
}

/// Whether everybody in the room may see this item.
fn may_show(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>) -> bool {
    let state = desk.open_session().state();
    let readable = item.case_id().is_none() || item.case(state).is_some();
    readable && must_leave(state, meeting, item).is_empty()
}

/// Observers and visitors see `core` alone: no words of notes while one of them is in the room.
fn notes_may_show(desk: &Desk, meeting: Meeting<'_>) -> bool {
    let state = desk.open_session().state();
    let watches = |member: Option<ItemId>| {
        member.is_none_or(|member| Member::get(state, member).is_none_or(|member| member.role() == "observer"))
    };
    !meeting.attendance(state).iter().any(|one| one.is_here() && (one.mark() == "observer" || watches(one.member())))
}

fn title(desk: &Desk, item: AgendaItem<'_>, theme: &Theme) -> String {
    let state = desk.open_session().state();
    match (item.case_id(), item.case(state)) {
        (Some(id), Some(case)) => {
            let (sign, _) = risk(case.risk(), &theme.symbols);
            let stage = desk.open_session().pack().label("stage", case.stage()).to_owned();
            format!("{}   {sign}   {stage}   lead {}", desk.code(id), desk.owner(case.lead()))
        }
        (Some(id), None) => desk.code(id),
        (None, _) => clean::shown(item.text()).into_owned(),
    }
}

fn why(desk: &Desk, item: AgendaItem<'_>) -> Option<String> {
    let pack = desk.open_session().pack();
    let codes = item.why();
    item.case_id()?;
    let labels: Vec<&str> = pack
        .agenda
        .iter()
        .filter(|rule| codes.iter().any(|code| **code == *rule.code))
        .map(|rule| pack.label(AGENDA, &rule.code))
        .collect();
    (!labels.is_empty()).then(|| format!("why here: {}", labels.join(", ")))
}

fn decided(desk: &Desk, meeting: Meeting<'_>, item: AgendaItem<'_>, notes: bool) -> Option<String> {
    let state = desk.open_session().state();
    let note: &Item = last_decision(state, item.case(state)?.0.stream, meeting)?;
    let when = note.value(Field::NoteWhen).as_when().map(|when| when.with_timezone(&jamaica()).date_naive());
    let day = when.map(|day| dates::people(day, desk.today())).unwrap_or_default();
    let words = if notes { masked(desk, item.case_id(), note.str(Field::NoteText)) } else { HIDDEN.to_owned() };
    Some(format!("Last decision ({day}): {}", words.lines().next().unwrap_or_default()))
}

/// What stands in the place of words while observers are in the room.
const HIDDEN: &str = "(not while observers are here)";

/// That the child's views are on record, and how many; never their words.
fn views(desk: &Desk, item: AgendaItem<'_>) -> Option<String> {
    let state = desk.open_session().state();
    let case: Case<'_> = item.case(state)?;
    let count =
        state.items_in(case.0.stream, ItemKind::Note).filter(|note| note.str(Field::NoteKind) == "views").count();
    (count > 0).then(|| format!("The child's views are on record ({count}); they are read in the case, not here"))
}

fn said_lines(desk: &Desk, item: AgendaItem<'_>, record: &Record<'_>, notes: bool) -> Vec<(String, Role)> {
    let mut lines: Vec<(Option<crate::domain::item::EntryNo>, String, Role)> = Vec::new();
    for note in &record.said {
        let kind = note.str(Field::NoteKind);
        let words = match kind {
            "views" => "the child's views, written down".to_owned(),
            _ if !notes => HIDDEN.to_owned(),
            _ => masked(desk, item.case_id(), note.str(Field::NoteText)),
        };
        let role = if kind == "dissent" { Role::Soon } else { Role::Text };
        lines.push((note.created, format!("{}  {words}", letter(note)), role));
    }
    for action in &record.given {
        let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
        let words = if notes { masked(desk, item.case_id(), action.text()) } else { HIDDEN.to_owned() };
        lines.push((action.0.created, format!("A  {words}: {}, {due}", desk.owner(action.owner())), Role::Text));
    }
    lines.sort_by_key(|(made, ..)| *made);
    lines.into_iter().map(|(_, text, role)| (text, role)).collect()
}

fn last_row(desk: &Desk, item: AgendaItem<'_>, action: Action<'_>, outcome: Outcome) -> Row {
    let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
    let (sign, role) = match outcome {
        Outcome::Done => ("√ done", Role::Done),
        Outcome::Open => ("? open", Role::Soon),
        Outcome::Carried => ("→ carried on", Role::Text),
        Outcome::Circumstances => ("→ circumstances", Role::Text),
        Outcome::NotActed => ("! not acted", Role::Late),
    };
    let text = masked(desk, item.case_id(), action.text());
    Row::item([text.into(), cell(desk.owner(action.owner()), Role::Text), due.into(), cell(sign, role)])
        .struck(outcome == Outcome::Done)
}
