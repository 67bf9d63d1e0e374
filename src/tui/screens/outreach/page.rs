//! One outreach event: what was planned, who came, what they learnt, what came of it and what is left to do.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::field::Field;
use crate::domain::ids::ItemId;
use crate::domain::outreach::{self, Event, KINDS, Phase};
use crate::tui::desk::Desk;
use crate::tui::effect::Answer;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Line, TextView};

/// The widest that it is read.
const WIDEST: u16 = 100;

/// The page of an event.
pub(super) fn open(desk: &mut Desk, event: ItemId) -> Box<dyn Layer<Desk>> {
    let mut page = EventPage { event, phase: None, view: TextView::default(), said: Vec::new() };
    page.refresh(desk);
    Box::new(page)
}

struct EventPage {
    event: ItemId,
    phase: Option<Phase>,
    view: TextView,
    /// What is shown: where one has scrolled to is kept while it stays.
    said: Vec<Line>,
}

impl Layer<Desk> for EventPage {
    fn contexts(&self) -> &[&'static str] {
        &["event", "view"]
    }

    fn can(&self, command: &str) -> bool {
        super::can(command, self.phase)
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        match name {
            "outreach.edit" | "outreach.held" | "outreach.cancel" | "outreach.action" | "outreach.agenda" => {
                let handled = super::act(name, Some(self.event), desk);
                self.refresh(desk);
                handled
            }
            _ => Handled::when(self.view.command(name)),
        }
    }

    fn answer(&mut self, _: &str, _: Answer, desk: &mut Desk) -> Effects<Desk> {
        self.refresh(desk);
        Vec::new()
    }

    fn refresh(&mut self, desk: &mut Desk) {
        let Some(session) = desk.session() else { return };
        self.phase = Event::get(session.state(), self.event).map(Event::phase);
        let lines = lines(desk, self.event);
        if lines != self.said {
            self.view = TextView::new(lines.clone());
            self.said = lines;
        }
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2).min(WIDEST), ..area };
        self.view.draw(buf, inside, theme);
        Some(Position::new(inside.x, inside.y))
    }
}

fn lines(desk: &Desk, id: ItemId) -> Vec<Line> {
    let Some(event) = Event::get(desk.open_session().state(), id) else {
        return vec!["This event is not on record any more. Esc goes back.".into()];
    };
    let kind = desk.label(KINDS, event.kind());
    let mut out = vec![
        Line::new(format!("{}  {}", desk.code(id), clean::shown(event.topic())), Role::Title),
        Line::new(format!("{kind}, {}", super::when(desk, event)), Role::Text),
        match event.phase() {
            Phase::Planned if event.day().is_some_and(|day| day < desk.today()) => {
                Line::new("! Was it held? x says so and who came, C calls it off.", Role::Late)
            }
            Phase::Planned => Line::new("to come", Role::Dim),
            Phase::Held => Line::new("! Held. Who came is not written down: x does it.", Role::Soon),
            Phase::Counted => Line::new("held and counted", Role::Done),
            Phase::Cancelled => {
                Line::new(format!("called off: {}", desk.field(id, Field::OutreachCancelled)), Role::Dim)
            }
        },
        "".into(),
    ];
    for field in [
        Field::OutreachCommunity,
        Field::OutreachPlace,
        Field::OutreachLead,
        Field::OutreachFacilitators,
        Field::OutreachOthers,
        Field::OutreachPartners,
        Field::OutreachMaterials,
        Field::OutreachCost,
        Field::OutreachNote,
    ] {
        let text = desk.field(id, field);
        if !text.is_empty() {
            out.push(format!("{:22}{}", field.def().label, text.replace('\n', " ")).into());
        }
    }
    audience(&mut out, desk, event);
    results(&mut out, desk, event);
    after(&mut out, desk, event);
    out
}

fn audience(out: &mut Vec<Line>, desk: &Desk, event: Event<'_>) {
    let audience = event.audience();
    if audience.0.is_empty() {
        return;
    }
    let pack = desk.open_session().pack();
    out.push("".into());
    out.push(Line::new(format!("Who came: {}", audience.total()), Role::Title));
    for count in &audience.0 {
        out.push(format!("{:>6}  {}", count.people, clean::shown(&outreach::group_label(pack, count))).into());
    }
    let sums = |by: std::collections::BTreeMap<&str, u64>, list: &str| {
        let words = by.into_iter().map(|(code, sum)| format!("{sum} {}", pack.label(list, code)));
        words.collect::<Vec<_>>().join(", ")
    };
    out.push(Line::new(format!("        in all {}", sums(audience.by_sex(), "sex")), Role::Dim));
    out.push(Line::new(format!("        by age {}", sums(audience.by_band(), outreach::BANDS)), Role::Dim));
}

fn results(out: &mut Vec<Line>, desk: &Desk, event: Event<'_>) {
    let results = event.results();
    if results.0.is_empty() {
        return;
    }
    let pack = desk.open_session().pack();
    out.push("".into());
    out.push(Line::new("Right before and after", Role::Title));
    for score in &results.0 {
        let label = pack.question(&score.question).map_or(score.question.as_str(), |question| question.label.as_str());
        out.push(
            format!("  {:>4} → {:<4} of {:<5} {}", score.before, score.after, score.asked, clean::shown(label)).into(),
        );
    }
}

/// Reports that came in, and what is to be done.
fn after(out: &mut Vec<Line>, desk: &Desk, event: Event<'_>) {
    if event.phase() == Phase::Cancelled {
        return;
    }
    out.push("".into());
    out.push(Line::new("After it", Role::Title));
    match event.reports() {
        Some(count) => out.push(format!("Reports that came in  {count}").into()),
        None if event.phase() >= Phase::Held => out.push(Line::new("Reports that came in  not said yet: e", Role::Dim)),
        None => {}
    }
    let note = desk.field(event.0.id, Field::OutreachReportsNote);
    if !note.is_empty() {
        out.push(format!("  {note}").into());
    }
    let actions = event.actions(desk.open_session().state());
    if actions.is_empty() {
        out.push(Line::new("Nothing is to be done. a gives somebody something to do.", Role::Dim));
    }
    for action in actions {
        let (sign, role) = if action.is_open() { ("○", Role::Text) } else { ("√", Role::Done) };
        let due = action.due().map(|due| dates::people(due, desk.today())).unwrap_or_default();
        let text = clean::shown(action.text()).replace('\n', " ");
        out.push(Line::new(
            format!("{sign} {}  {text}: {}, {due}", desk.code(action.0.id), desk.owner(action.owner())),
            role,
        ));
    }
}
