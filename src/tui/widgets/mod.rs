//! Widgets: they draw what they are given into a buffer and know nothing of cases, sessions or commands' meaning.
//!
//! A widget that has a cursor says where it stands; the screen hands that on, so that the terminal's real cursor is
//! where the eye is (screen readers, magnifiers, input methods).

pub mod bars;
mod filter;
mod line;
pub mod panel;
mod picker;
mod prose;
mod rich;
mod table;
pub mod text;
mod view;

pub use filter::{Filter, Step};
pub use line::LineEditor;
pub use picker::{Choice, Picker, rank};
pub use prose::ProseEditor;
pub use rich::{RichLine, RichView};
pub use table::{Cell, Column, Row, Table, TableState, Width, cell};
pub use view::{Line, TextView};

#[cfg(test)]
pub(crate) mod testing {
    //! Draws a widget and gives back what a person sees.

    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use crate::testing::screen_text;
    use crate::tui::theme::{Depth, Symbols, Theme, ThemeName};

    pub fn theme() -> Theme {
        Theme::new(ThemeName::None, Depth::None, Symbols::WGL4)
    }

    pub fn draw(w: u16, h: u16, f: impl FnOnce(&mut Buffer, Rect)) -> String {
        let area = Rect::new(0, 0, w, h);
        let mut buf = Buffer::empty(area);
        f(&mut buf, area);
        screen_text(&buf)
    }
}
