//! What the terminal can show, guessed from the environment and nothing else.

use ratatui::style::Color;

use super::{Symbols, ThemeName};

/// How many colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: `NO_COLOR`, `--no-color`, a dumb terminal.
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The 256 of xterm.
    Many,
    /// 24 bits; only where `COLORTERM` says so.
    True,
}

impl Depth {
    /// A colour at this depth: `rgb` is 0xRRGGBB, `named` its stand-in among the sixteen.
    pub const fn colour(self, rgb: u32, named: Color) -> Color {
        let [_, r, g, b] = rgb.to_be_bytes();
        match self {
            Self::True => Color::Rgb(r, g, b),
            Self::Many => Color::Indexed(nearest(r, g, b)),
            Self::Sixteen => named,
            Self::None => Color::Reset,
        }
    }

    /// Whether a coloured word is still readable on the selection's tint.
    pub const fn tints(self) -> bool {
        matches!(self, Self::True | Self::Many)
    }
}

/// The index of the colour in xterm's 6×6×6 cube or grey ramp that comes closest.
const fn nearest(r: u8, g: u8, b: u8) -> u8 {
    let (max, min) = (max3(r, g, b), min3(r, g, b));
    if max - min < 10 {
        return match max {
            0..8 => 16,
            248.. => 231,
            grey => 232 + (grey - 8) / 10,
        };
    }
    16 + 36 * step(r) + 6 * step(g) + step(b)
}

/// The cube's steps are 0, 95, 135, 175, 215, 255.
const fn step(v: u8) -> u8 {
    match v {
        0..48 => 0,
        48..115 => 1,
        _ => (v - 35) / 40,
    }
}

const fn max3(a: u8, b: u8, c: u8) -> u8 {
    let ab = if a > b { a } else { b };
    if ab > c { ab } else { c }
}

const fn min3(a: u8, b: u8, c: u8) -> u8 {
    let ab = if a < b { a } else { b };
    if ab < c { ab } else { c }
}

/// The environment variables that say what a terminal can do; a value of its own so that tests can make one.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// `NO_COLOR` is set and not empty (<https://no-color.org>), or `--no-color` was given.
    pub no_color: bool,
    /// `COLORTERM`.
    pub colorterm: String,
    /// `TERM`.
    pub term: String,
    /// `COLORFGBG`: some terminals tell their colours as `fg;bg`.
    pub colorfgbg: String,
    /// The first of `LC_ALL`, `LC_CTYPE`, `LANG` that is not empty.
    pub locale: String,
    /// Whether this is a Windows console.
    pub windows: bool,
}

impl Env {
    /// Reads the process environment.
    pub fn read() -> Self {
        let get = |name: &str| std::env::var(name).unwrap_or_default();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(get).find(|v| !v.is_empty()).unwrap_or_default();
        Self {
            no_color: !get("NO_COLOR").is_empty(),
            colorterm: get("COLORTERM"),
            term: get("TERM"),
            colorfgbg: get("COLORFGBG"),
            locale,
            windows: cfg!(windows),
        }
    }

    /// How many colours to use.
    pub fn depth(&self) -> Depth {
        if self.no_color || self.term == "dumb" {
            Depth::None
        } else if matches!(self.colorterm.as_str(), "truecolor" | "24bit") {
            Depth::True
        } else if self.term.contains("256color") {
            Depth::Many
        } else {
            Depth::Sixteen
        }
    }

    /// Light if the terminal says that its background is; else dark.
    pub fn theme(&self) -> ThemeName {
        match self.colorfgbg.rsplit(';').next() {
            Some("7" | "15") => ThemeName::Light,
            _ => ThemeName::Dark,
        }
    }

    /// ASCII only where the locale is named and is not UTF-8; without any locale most terminals are UTF-8 today.
    pub fn symbols(&self) -> Symbols {
        let locale = self.locale.to_ascii_lowercase();
        let utf8 = locale.is_empty() || locale.contains("utf-8") || locale.contains("utf8");
        if self.windows || utf8 { Symbols::WGL4 } else { Symbols::ASCII }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn true_colour_only_if_told() {
        let mut env = Env { term: "xterm-256color".into(), ..Env::default() };
        assert_eq!(env.depth(), Depth::Many);
        env.colorterm = "truecolor".into();
        assert_eq!(env.depth(), Depth::True);
        env.no_color = true;
        assert_eq!(env.depth(), Depth::None);
        assert_eq!(Env { term: "vt220".into(), ..Env::default() }.depth(), Depth::Sixteen);
    }

    #[test]
    fn locale_and_background() {
        assert_eq!(Env { locale: "en_JM.UTF-8".into(), ..Env::default() }.symbols(), Symbols::WGL4);
        assert_eq!(Env { locale: "C".into(), ..Env::default() }.symbols(), Symbols::ASCII);
        assert_eq!(Env { colorfgbg: "0;15".into(), ..Env::default() }.theme(), ThemeName::Light);
    }

    #[test]
    fn the_cube() {
        assert_eq!(nearest(0, 0, 0), 16);
        assert_eq!(nearest(255, 255, 255), 231);
        assert_eq!(nearest(255, 0, 0), 196);
        assert_eq!(nearest(95, 135, 175), 67);
    }
}
