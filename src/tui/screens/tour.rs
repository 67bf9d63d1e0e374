//! The tour: six short pages for somebody who has never seen the program, over whatever screen is open.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::desk::Desk;
use crate::tui::effect::{Answer, Effect};
use crate::tui::layers::{Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};

use super::unlock::lines;

/// The pages: a title, and what to know.
const STEPS: [(&str, &str); 6] = [
    (
        "Today",
        "Today is where a day begins: everything that is due, from every case, the late first. Nobody types this list; it \
         follows from the cases and the policy.\n\nArrows move, Enter opens, x says done, z postpones, w says why not.",
    ),
    (
        "Cases",
        "Press 2 for Cases, / to search. A case has a code such as 06-7K3Q, which names nobody: say it aloud, write it on \
         paper.\n\nIn a case: a adds an action, n a note, e edits, r sets the risk. How to reach the child safely stands \
         on top.",
    ),
    (
        "A report comes in",
        "N, on any screen: what, where, who is with the child, who reported. Four fields, saved as they are; what is \
         missing leads Today until somebody completes it.\n\nA child in danger now: call first, write after.",
    ),
    (
        "Who is looking?",
        "Names are masked: the child is [child] on every screen. m shows them for half a minute, and that is on \
         record.\n\nF9 blanks the screen at once, F9 brings it back. Ctrl-L locks; then a colleague can unlock in their \
         own name.",
    ),
    (
        "Nothing is lost",
        "u takes the last thing back. Every change is kept with who and when, in two copies; what you were typing when \
         the lock came is there when you return.\n\nIn a form: Tab next field, Ctrl-S save, Esc leave and keep the draft.",
    ),
    (
        "Finding the way",
        "? shows every key that works here, : finds any command by its words. The last line of the screen has the keys \
         that matter now; Esc always goes back.\n\nThe numbers at the top open the screens. The tour is in : under \"tour\", and in ? with t.",
    ),
];

/// The tour, from its first page.
pub fn open(desk: &mut Desk) -> Box<dyn Layer<Desk>> {
    let _ = desk;
    Box::new(Tour { at: 0 })
}

struct Tour {
    at: usize,
}

impl Layer<Desk> for Tour {
    fn contexts(&self) -> &[&'static str] {
        &["tour"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn can(&self, command: &str) -> bool {
        command != "tour.back" || self.at > 0
    }

    fn command(&mut self, name: &str, _: &mut Desk) -> Handled<Desk> {
        match name {
            "tour.next" if self.at + 1 == STEPS.len() => return Effect::Close(Answer::Yes).into(),
            "tour.next" => self.at += 1,
            "tour.back" => self.at = self.at.saturating_sub(1),
            "overlay.cancel" => return Effect::Close(Answer::Cancelled).into(),
            _ => return Handled::Pass,
        }
        Handled::done()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, _: &Desk) -> Option<Position> {
        let (title, text) = STEPS[self.at.min(STEPS.len() - 1)];
        let inside = panel(buf, centred(area, 66, 13), theme, &format!("The tour, {} of {}", self.at + 1, STEPS.len()));
        let body = inside;
        let roomy = body.height > 9;
        let top = Rect { y: body.y + u16::from(roomy), height: body.height - u16::from(roomy), ..body };
        let below = lines(buf, top, theme, title, Role::Title);
        let below =
            Rect { y: below.y + u16::from(roomy), height: below.height.saturating_sub(u16::from(roomy)), ..below };
        lines(buf, below, theme, text, Role::Text);
        Some(Position::new(top.x, top.y))
    }
}
