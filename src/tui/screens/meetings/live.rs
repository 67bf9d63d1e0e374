//! The live meeting, projected: one item at a time, with what people need, captured without leaving it.
//!
//! It is always in room mode: names are masked and stay so, the child's words are never shown, nothing of another case
//! is, and while somebody watches who may see `core` alone, no notes are. It is an overlay, so that the keys of other
//! screens don't work in it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::ids::ItemId;
use crate::domain::meeting::record::Record;
use crate::domain::meeting::{AgendaItem, Meeting};
use crate::error::Result;
use crate::ops::{ActionDone, MeetingCarry, MeetingConflict, MeetingEnd, MeetingTurn};
use crate::text::counted;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Effects, Handled, Kind, Layer};
use crate::tui::overlays::{Ask, Page, Pick};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Choice, Line, TableState};

use super::super::{childs_views, doors};
use super::room::{self, View};

const LEAVES: &str = "live-leaves";
const ENDS: &str = "live-ends";
const GOES: &str = "live-goes";
const WHY: &str = "live-why";
const CONFLICT: &str = "live-conflict";

/// The live screen of a meeting that runs.
pub fn open(desk: &mut Desk, meeting: ItemId) -> Box<dyn Layer<Desk>> {
    let mut live = Live { meeting, view: View::default(), state: TableState::default(), left: false };
    live.refresh(desk);
    Box::new(live)
}

/// Puts on record that a case that is only for some is shown; then it may be.
///
/// # Errors
/// If it can't be put on record.
pub fn on_record(desk: &mut Desk, item: Option<ItemId>) -> Result<()> {
    let session = desk.open_session_mut();
    let case = item.and_then(|item| AgendaItem::get(session.state(), item)?.case(session.state()));
    match case.filter(|case| case.is_restricted()).map(|case| case.0.id) {
        Some(case) => session.note_access("open", case, "live meeting"),
        None => Ok(()),
    }
}

struct Live {
    meeting: ItemId,
    /// What the room sees now.
    view: View,
    /// Which of the actions of earlier meetings is selected.
    state: TableState,
    /// Somebody has left it.
    left: bool,
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
        if let Err(error) = on_record(desk, to) {
            return Effect::refused(error_text(&error)).into();
        }
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

    /// Selects the action of last time with this number, or shows the whole of what was said under it.
    fn pick_line(&mut self, name: &str) -> Handled<Desk> {
        let number = name.rsplit('-').next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(0);
        let Some(at) = number.checked_sub(1) else { return Handled::Pass };
        let before = self.view.last_time().len();
        if at < before {
            self.state.select(at);
            return Handled::done();
        }
        match self.view.said(at - before) {
            Some(text) => {
                let lines = text.lines().map(|line| Line::from(line.to_owned())).collect();
                Effect::push("line", Page::new(format!("Line {number}"), lines)).into()
            }
            None => Effect::info(format!("No line has the number {number}.")).into(),
        }
    }

    fn selected(&self) -> Option<ItemId> {
        self.view.last_time().get(self.state.selected()?).map(|(action, _)| *action)
    }

    /// Makes what the room sees anew, if anything has changed.
    fn look(&mut self, desk: &Desk) {
        let before = self.selected();
        if !self.view.look(desk, self.meeting) {
            return;
        }
        let last_time = self.view.last_time();
        self.state.set_rows(last_time.len(), Vec::new());
        if let Some(at) = last_time.iter().position(|(action, _)| Some(*action) == before) {
            self.state.select(at);
        }
    }

    /// Leaves room mode with the screen, which is refreshed once more before it is gone.
    fn leave(&mut self, desk: &mut Desk) -> Effect<Desk> {
        self.left = true;
        desk.leave_room();
        Effect::Close(Answer::Cancelled)
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
            Some((_, None)) if matches!(name, "live.views" | "live.best-interests") => {
                Effect::info("This item is about no case.").into()
            }
            Some((_, Some(case))) if name.starts_with("case.") => doors::form(name, Some(case), desk),
            Some((item, _)) => doors::form(name, Some(item), desk),
        }
    }

    /// The child's views, on purpose: not while somebody looks on who may not see this item, or any notes.
    fn views(&self, desk: &mut Desk) -> Handled<Desk> {
        let item = self.item(desk);
        let case = item.and_then(AgendaItem::case_id);
        let shown = self
            .meeting(desk)
            .zip(item)
            .is_some_and(|(meeting, item)| room::may_see(desk, meeting, item) && room::notes_may_show(desk, meeting));
        match case {
            None => Effect::info("This item is about no case.").into(),
            Some(_) if !shown => Effect::info("Not everybody here may see this.").into(),
            Some(case) => Handled::Done(childs_views::open(case, desk)),
        }
    }

    fn pick_item(&self, desk: &Desk) -> Handled<Desk> {
        let words = desk.open_session().meeting_mask(self.meeting);
        let choices = self.items(desk).into_iter().enumerate().map(|(at, item)| {
            let what = item
                .case_id()
                .map_or_else(|| words.masked(&clean::shown(item.text())).into_owned(), |case| desk.code(case));
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
            let left = left.saturating_sub(at);
            let were = counted(left, "item was", "items were");
            let question = match left {
                0 => "End the meeting?".to_owned(),
                _ if !self.goes_on(desk) => {
                    format!("{were} not dealt with, and no next meeting is planned. End the meeting all the same?")
                }
                1 => "1 item was not dealt with: it goes onto the next agenda. End the meeting?".to_owned(),
                count => format!("{count} items were not dealt with: they go onto the next agenda. End the meeting?"),
            };
            return vec![Effect::push(ENDS, Ask::new(question))];
        }
        match desk.try_run(MeetingEnd { meeting: self.meeting, anyway: true }) {
            Ok(done) => {
                let summary = Page::new("Who does what by when", self.summary(desk));
                vec![self.leave(desk), Effect::info(done.says), Effect::push("summary", summary)]
            }
            Err(error) => vec![Effect::refused(error_text(&error))],
        }
    }

    /// Whether there is a next agenda, for what was not come to.
    fn goes_on(&self, desk: &Desk) -> bool {
        let state = desk.open_session().state();
        let recurs = self.meeting(desk).is_some_and(|meeting| meeting.recurs(state).is_some());
        recurs || Meeting::next(state, desk.today()).is_some()
    }

    /// Who does what by when, as it fits one screen.
    fn summary(&self, desk: &Desk) -> Vec<Line> {
        let state = desk.open_session().state();
        let Some(meeting) = self.meeting(desk) else { return Vec::new() };
        let (mut lines, mut left_out) = (Vec::new(), 0);
        for item in self.items(desk) {
            let given = Record::of(state, meeting, item).given;
            // The room still looks: whoever had to leave for an item doesn't read its actions now.
            if !room::may_see(desk, meeting, item) {
                left_out += given.len();
                continue;
            }
            for action in given {
                let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
                let what = room::words(desk, meeting, item, action.text());
                let code = item.case_id().map_or_else(|| "team".to_owned(), |case| desk.code(case));
                lines.push(Line::from(format!("{due:<11} {:<12} {code:<8} {what}", desk.owner(action.owner()))));
            }
        }
        if left_out > 0 {
            let actions = counted(left_out, "action is", "actions are");
            lines.push(Line::new(format!("{actions} not shown: not everybody here may see them."), Role::Dim));
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
            "action.done" | "live.carry" | "live.why" => !self.view.last_time().is_empty(),
            "live.decision" | "live.action" | "live.dissent" | "live.remark" | "live.park" | "live.conflict" => {
                self.view.about().is_some()
            }
            "live.views" | "live.best-interests" | "case.views" | "case.risk" | "case.stage" => {
                self.view.about() == Some(true)
            }
            "list.open" | "list.filter" => false,
            // What belongs to no meeting leads out of the room; leaving it asks first.
            _ => !crate::tui::shell::leads_out(command),
        }
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "live.next" => self.next(false, "done", desk),
            "live.previous" => self.next(true, "open", desk),
            "live.park" => self.next(false, "parked", desk),
            "live.go" => self.pick_item(desk),
            _ if name.starts_with("live.line-") => self.pick_line(name),
            "live.attendance" => Handled::Done(vec![super::attendance::open(desk, self.meeting)]),
            "live.conflict" => self.pick_conflict(desk),
            "live.end" => Handled::Done(self.end(false, desk)),
            "live.leave" => {
                let question = "Leave the live meeting? It goes on: Enter on it in Meetings brings it back.";
                Effect::push(LEAVES, Ask::new(question)).into()
            }
            "live.decision"
            | "live.dissent"
            | "live.views"
            | "live.remark"
            | "live.action"
            | "live.best-interests"
            | "case.risk"
            | "case.stage" => self.form(name, desk),
            "case.views" => self.views(desk),
            "agenda.business" | "agenda.add" => doors::form(name, Some(self.meeting), desk),
            "action.done" | "live.carry" | "live.why" => self.on_last_time(name, desk),
            // Names stay masked whatever somebody presses, and the list's own filter has nothing to filter.
            "reveal" | "list.filter" | "list.open" => Handled::done(),
            _ => Handled::when(self.state.command(name)),
        }
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = match (tag, answer) {
            (LEAVES, Answer::Yes) => return vec![self.leave(desk)],
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
        if !self.left {
            desk.enter_room(self.meeting);
        }
        self.look(desk);
    }

    fn leaving(&mut self, desk: &mut Desk) {
        desk.leave_room();
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, desk: &Desk) -> Option<Position> {
        self.look(desk);
        ratatui::widgets::Widget::render(ratatui::widgets::Clear, area, buf);
        buf.set_style(area, theme.style(Role::Text));
        self.view.draw(buf, area, theme, desk, &mut self.state)
    }
}
