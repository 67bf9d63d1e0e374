//! One page of the library, to be read: Markdown as lines, with the words that were looked for marked.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::clean;
use crate::domain::ids::ItemId;
use crate::domain::library::{self, Page};
use crate::domain::markdown::{self, Kind};
use crate::ops::PageRemove;
use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Effects, Handled, Layer};
use crate::tui::overlays::Ask;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text::put_fit;
use crate::tui::widgets::{Filter, RichLine, RichView, Step};

use super::{GOES, Library, Which, goes};

/// The widest that a page is read.
const WIDEST: u16 = 84;

/// The page, with these words marked.
pub(in crate::tui::screens) fn open(desk: &Desk, which: Which, wanted: &str) -> Box<dyn Layer<Desk>> {
    let mut page = Reading {
        which,
        wanted: wanted.to_owned(),
        view: RichView::default(),
        said: Vec::new(),
        head: (String::new(), String::new()),
        filter: Filter::default(),
    };
    page.look(desk);
    Box::new(page)
}

struct Reading {
    which: Which,
    /// The words that were looked for.
    wanted: String,
    view: RichView,
    /// What is shown: where one has scrolled to is kept while it stays.
    said: Vec<RichLine>,
    /// Title; source and date.
    head: (String, String),
    filter: Filter,
}

impl Reading {
    fn look(&mut self, desk: &Desk) {
        let Some(page) = desk.session().and_then(|_| self.which.page(desk)) else {
            self.said.clear();
            self.view = RichView::default();
            self.head = ("This page is not in the library any more.".to_owned(), "Esc goes back".to_owned());
            return;
        };
        let lines = lines(desk, &page);
        self.head = (clean::shown(page.title).into_owned(), origin(desk, &page));
        if lines != self.said {
            self.view = RichView::new(lines.clone(), &self.wanted);
            self.said = lines;
        }
    }

    fn mark(&mut self) {
        self.wanted = self.filter.text().to_owned();
        let mut view = RichView::new(self.said.clone(), &self.wanted);
        std::mem::swap(&mut view, &mut self.view);
        self.view.keep_place(&view);
    }

    fn own(&self) -> Option<ItemId> {
        match self.which {
            Which::Own(item) => Some(item),
            Which::BuiltIn(_) => None,
        }
    }
}

/// "part of the program · CPFSA · as of 22 Nov 2026".
fn origin(desk: &Desk, page: &Page<'_>) -> String {
    let whose = match page.is_built_in() {
        true if library::has_own(desk.open_session().state(), page) => {
            "part of the program; the team has its own version"
        }
        true => "part of the program",
        false => "the team's own",
    };
    let date = page.date.map(|date| date.format("as of %-d %b %Y").to_string()).unwrap_or_default();
    let source = clean::shown(page.source).into_owned();
    [whose.to_owned(), date, source].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn lines(desk: &Desk, page: &Page<'_>) -> Vec<RichLine> {
    let conflicts =
        page.item.and_then(|id| desk.open_session().state().item(id)).map_or(0, |item| item.conflicts().count());
    let mut out = Vec::new();
    if conflicts > 0 {
        let text = "Two devices changed this page at the same time: the later text is shown, both are in the history. e writes one text of both.";
        out.push(RichLine { lead: "! ".into(), text: text.into(), role: Role::Soon, ..RichLine::default() });
        out.push(RichLine::default());
    }
    out.extend(markdown::read(page.body).into_iter().map(|line| {
        let role = match line.kind {
            Kind::Heading(_) => Role::Title,
            Kind::Quote => Role::Dim,
            Kind::Code => Role::Accent,
            Kind::Text | Kind::Rule => Role::Text,
        };
        RichLine { lead: line.lead, text: line.text, strong: line.strong, role, rule: line.kind == Kind::Rule }
    }));
    out
}

impl Layer<Desk> for Reading {
    fn contexts(&self) -> &[&'static str] {
        self.filter.contexts(&["reading", "view"])
    }

    fn wants_text(&self) -> bool {
        self.filter.typing()
    }

    fn can(&self, command: &str) -> bool {
        command != "library.remove" || self.own().is_some()
    }

    fn typed(&mut self, typed: Typed, _: &mut Desk) -> Effects<Desk> {
        self.filter.typed(&typed);
        self.mark();
        Vec::new()
    }

    fn command(&mut self, name: &str, desk: &mut Desk) -> Handled<Desk> {
        if self.filter.command(name) != Step::Pass {
            self.mark();
            self.view.go_to_found();
            return Handled::done();
        }
        let handled = match (name, self.own()) {
            ("library.edit", _) => Library::edit(&self.which, desk),
            ("library.remove", Some(item)) => Effect::push(GOES, Ask::new(goes(desk, item))).into(),
            ("library.remove", None) => {
                Effect::info("It is part of the program: e makes a version of your own.").into()
            }
            _ => Handled::when(self.view.command(name)),
        };
        self.look(desk);
        handled
    }

    fn answer(&mut self, tag: &str, answer: Answer, desk: &mut Desk) -> Effects<Desk> {
        let effects = match (tag, answer, self.own()) {
            (GOES, Answer::Yes, Some(page)) => desk.run(PageRemove { page }),
            _ => Vec::new(),
        };
        self.look(desk);
        effects
    }

    fn refresh(&mut self, desk: &mut Desk) {
        self.look(desk);
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let dots = theme.symbols.ellipsis;
        put_fit(buf, (inside.x, inside.y), inside.width, &self.head.0, dots, theme.style(Role::Title));
        let origin = self.head.1.replace('·', theme.symbols.middot);
        let below = Rect { y: inside.y + 1, height: 1, ..inside };
        let typing = if self.filter.typing() || !self.filter.is_empty() {
            self.filter.draw(buf, below, theme)
        } else {
            put_fit(buf, (below.x, below.y), below.width, &origin, dots, theme.style(Role::Dim));
            None
        };
        let body = Rect {
            y: inside.y + 3,
            height: inside.height.saturating_sub(3),
            width: inside.width.min(WIDEST),
            ..inside
        };
        self.view.draw(buf, body, theme);
        typing.or(Some(Position::new(inside.x, inside.y)))
    }
}
