//! Colours and symbols by role: a widget says *late*, a theme says how late looks.
//!
//! Colour is never the only sign: each theme, even without any colour, keeps the selection (`▌` and bold) and the
//! words. Nothing here reads the environment except [`Env::read`].

mod detect;
mod palette;

pub use detect::{Depth, Env};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is, from which its look follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Text,
    /// Secondary: hints, units, what may be overlooked.
    Dim,
    /// The one accent: keys, the current screen, the focused label.
    Accent,
    /// Due soon.
    Soon,
    /// Late or unsafe.
    Late,
    /// Done or met.
    Done,
    /// The selected row or choice.
    Selected,
    /// The title of a section.
    Title,
    /// Thin rules.
    Rule,
    /// The border of an overlay.
    Border,
    /// The header line.
    Header,
    /// The footer line.
    Footer,
    /// An error beside its field, a refusal.
    Error,
}

/// How many roles there are.
const ROLES: usize = 13;

/// The themes a person can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeName {
    /// Light text on the terminal's own dark background.
    Dark,
    /// Dark text on a light background.
    Light,
    /// White, yellow and cyan on black.
    HighContrast,
    /// For projectors: dark on white, nothing in grey.
    Projector,
    /// No colour at all: bold and underline only.
    None,
}

impl ThemeName {
    /// All themes, in the order in which `F8` steps through them.
    pub const ALL: [Self; 5] = [Self::Dark, Self::Light, Self::Projector, Self::HighContrast, Self::None];

    /// The name in settings and in `:theme`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Projector => "projector",
            Self::None => "none",
        }
    }

    /// The theme of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// The one after this, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|t| *t == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// The signs used beside letters. The default set is within WGL4, which old Windows consoles have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// High risk.
    pub full: &'static str,
    /// Medium risk; a bullet.
    pub dot: &'static str,
    /// Low risk.
    pub ring: &'static str,
    /// Done, yes, marked.
    pub check: &'static str,
    /// No; takes a filter away.
    pub cross: &'static str,
    /// Stands before the selected row.
    pub bar: &'static str,
    /// Leads to.
    pub arrow: &'static str,
    /// Something was cut off here.
    pub ellipsis: &'static str,
    /// Between two short facts.
    pub middot: &'static str,
    /// Horizontal rule.
    pub rule: &'static str,
    /// Vertical border.
    pub wall: &'static str,
    /// Border corners: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// More to the left.
    pub left: &'static str,
    /// More below.
    pub down: &'static str,
    /// More to the right.
    pub right: &'static str,
    /// Part of a progress bar that is done.
    pub filled: &'static str,
    /// Part of a progress bar still to do.
    pub hollow: &'static str,
}

impl Symbols {
    /// The signs of WGL4.
    pub const WGL4: Self = Self {
        full: "●",
        dot: "•",
        ring: "○",
        check: "√",
        cross: "×",
        bar: "▌",
        arrow: "→",
        ellipsis: "…",
        middot: "·",
        rule: "─",
        wall: "│",
        corners: ["┌", "┐", "└", "┘"],
        left: "‹",
        down: "↓",
        right: "›",
        filled: "█",
        hollow: "░",
    };
    /// ASCII alone, for terminals that show nothing else.
    pub const ASCII: Self = Self {
        full: "#",
        dot: "*",
        ring: "o",
        check: "v",
        cross: "x",
        bar: ">",
        arrow: "->",
        ellipsis: "...",
        middot: "-",
        rule: "-",
        wall: "|",
        corners: ["+", "+", "+", "+"],
        left: "<",
        down: "v",
        right: ">",
        filled: "#",
        hollow: ".",
    };
}

/// What stands on an ASCII terminal for a sign that was written into a text; one cell for one.
const IN_ASCII: &[(&str, &str)] = &[
    ("●", "#"),
    ("•", "*"),
    ("○", "o"),
    ("√", "v"),
    ("×", "x"),
    ("▌", ">"),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("…", "~"),
    ("·", "-"),
    ("–", "-"),
    ("─", "-"),
    ("│", "|"),
];

/// A theme, ready to draw with.
///
/// ```
/// use mahoe::tui::theme::{Depth, Role, Symbols, Theme, ThemeName};
/// let theme = Theme::new(ThemeName::Projector, Depth::Sixteen, Symbols::WGL4);
/// let late = theme.style(Role::Late);
/// assert_ne!(late, theme.style(Role::Text));
/// ```
#[derive(Clone, Debug)]
pub struct Theme {
    /// Which theme this is.
    pub name: ThemeName,
    /// Its signs.
    pub symbols: Symbols,
    depth: Depth,
    styles: [Style; ROLES],
    base: Style,
}

impl Theme {
    /// The theme `name` in as many colours as `depth` allows; [`Depth::None`] makes every theme colourless.
    pub fn new(name: ThemeName, depth: Depth, symbols: Symbols) -> Self {
        let shown = if depth == Depth::None { ThemeName::None } else { name };
        let (base, styles) = palette::styles(shown, depth);
        Self { name: shown, symbols, depth, styles, base }
    }

    /// The theme that suits the environment: `NO_COLOR`, `COLORTERM`, `TERM`, `COLORFGBG`, locale.
    pub fn detect(env: &Env) -> Self {
        Self::new(env.theme(), env.depth(), env.symbols())
    }

    /// The same signs and colour depth in another theme.
    #[must_use]
    pub fn switched(&self, name: ThemeName) -> Self {
        Self::new(name, self.depth, self.symbols)
    }

    /// Puts what an ASCII terminal can show in the place of the signs that stand in texts. Everything else is left as it
    /// is drawn.
    pub fn spell(&self, buf: &mut Buffer) {
        if self.symbols != Symbols::ASCII {
            return;
        }
        for cell in &mut buf.content {
            if let Some((_, ascii)) = IN_ASCII.iter().find(|(sign, _)| *sign == cell.symbol()) {
                cell.set_symbol(ascii);
            }
        }
    }

    /// The next theme (`F8`). Without colours there is only one.
    #[must_use]
    pub fn next(&self) -> Self {
        self.switched(self.name.next())
    }

    /// How many colours the terminal shows.
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// The look of a role.
    pub const fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The look of the empty screen.
    pub const fn base(&self) -> Style {
        self.base
    }

    /// The look of a picture whose blocks are its light parts, whatever the theme: a camera wants it so.
    pub const fn picture(&self) -> Style {
        match self.depth {
            Depth::None => Style::new(),
            _ => Style::new().fg(Color::White).bg(Color::Black),
        }
    }

    /// How a line that is done looks, over its own style: fainter too, but for the themes in which nothing is grey.
    pub const fn struck(&self) -> Modifier {
        match self.name {
            ThemeName::Projector | ThemeName::HighContrast => Modifier::CROSSED_OUT,
            _ => Modifier::CROSSED_OUT.union(Modifier::DIM),
        }
    }

    /// Whether a role's own colour can be read on the selection: only where that is a tint.
    fn keeps_ink(&self) -> bool {
        self.depth.tints() && matches!(self.name, ThemeName::Dark | ThemeName::Light)
    }

    /// A role's look inside the selected row: its own colour where the theme has colours, on the selection's tint.
    pub fn on_selected(&self, role: Role) -> Style {
        let selected = self.style(Role::Selected);
        match role {
            Role::Soon | Role::Late | Role::Done | Role::Error | Role::Accent if self.keeps_ink() => {
                let own = self.style(role);
                Style { bg: selected.bg, ..own }.add_modifier(selected.add_modifier - Modifier::REVERSED)
            }
            _ => selected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ascii_terminal_gets_ascii() {
        use ratatui::layout::Rect;
        for (symbols, wanted) in [(Symbols::ASCII, "# high > * 2 ~"), (Symbols::WGL4, "● high → • 2 …")] {
            let mut buf = Buffer::empty(Rect::new(0, 0, 14, 1));
            buf.set_string(0, 0, "● high → • 2 …", Style::default());
            Theme::new(ThemeName::Dark, Depth::Sixteen, symbols).spell(&mut buf);
            let shown: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
            assert_eq!(shown, wanted);
        }
    }

    #[test]
    fn without_colour_no_style_has_one() {
        let theme = Theme::new(ThemeName::Dark, Depth::None, Symbols::WGL4);
        for style in theme.styles.iter().chain([&theme.base]) {
            assert!(style.fg.is_none() && style.bg.is_none());
        }
        assert!(theme.style(Role::Selected).add_modifier.contains(Modifier::BOLD));
        assert_eq!(theme.next().name, ThemeName::None);
    }

    #[test]
    fn each_role_can_be_read_on_the_selection() {
        for name in [ThemeName::Projector, ThemeName::HighContrast] {
            let theme = Theme::new(name, Depth::True, Symbols::WGL4);
            for role in [Role::Done, Role::Late, Role::Soon, Role::Accent] {
                assert_eq!(theme.on_selected(role), theme.style(Role::Selected));
            }
        }
    }

    #[test]
    fn the_projector_theme_has_no_grey() {
        let theme = Theme::new(ThemeName::Projector, Depth::True, Symbols::WGL4);
        assert!(!theme.struck().contains(Modifier::DIM), "what is done can be read, too");
        for style in theme.styles {
            if let Some(Color::Rgb(r, g, b)) = style.fg {
                let (low, high) = (r.min(g).min(b), r.max(g).max(b));
                assert!(
                    high - low > 40 || high < 60 || style.bg == Some(Color::Rgb(0, 0x4F, 0x4C)),
                    "{r} {g} {b} is grey"
                );
            }
        }
    }

    #[test]
    fn each_theme_tells_late_from_text_and_has_a_name() {
        for name in ThemeName::ALL {
            assert_eq!(ThemeName::parse(name.name()), Some(name));
            for depth in [Depth::True, Depth::Many, Depth::Sixteen] {
                let theme = Theme::new(name, depth, Symbols::WGL4);
                assert_ne!(theme.style(Role::Late), theme.style(Role::Text));
                assert_ne!(theme.style(Role::Selected), theme.style(Role::Text));
            }
        }
    }

    #[test]
    fn sixteen_colours_are_named_ones() {
        let theme = Theme::new(ThemeName::Dark, Depth::Sixteen, Symbols::WGL4);
        for style in theme.styles {
            assert!(!matches!(style.fg, Some(Color::Rgb(..) | Color::Indexed(_))));
        }
    }
}
