//! One key with its modifiers, as people write it in a keymap: `ctrl-s`, `g`, `F8`, `shift-tab`, `?`, `space`.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key, whatever its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character; Shift is part of it (`N`, `?`).
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Deletes to the left.
    Backspace,
    /// Deletes to the right.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Start of line.
    Home,
    /// End of line.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// A function key, 1 to 24.
    F(u8),
}

/// Names of keys that are no single character: how a keymap writes them, how people read them.
const NAMED: [(Key, &str, &str); 16] = [
    (Key::Enter, "enter", "Enter"),
    (Key::Esc, "esc", "Esc"),
    (Key::Tab, "tab", "Tab"),
    (Key::Backspace, "backspace", "Backspace"),
    (Key::Delete, "delete", "Del"),
    (Key::Insert, "insert", "Ins"),
    (Key::Up, "up", "Up"),
    (Key::Down, "down", "Down"),
    (Key::Left, "left", "Left"),
    (Key::Right, "right", "Right"),
    (Key::Home, "home", "Home"),
    (Key::End, "end", "End"),
    (Key::PageUp, "pageup", "PgUp"),
    (Key::PageDown, "pagedown", "PgDn"),
    (Key::Char(' '), "space", "Space"),
    (Key::Char('-'), "minus", "-"),
];

/// A key with its modifiers.
///
/// ```
/// use mahoe::tui::keymap::Chord;
/// let save: Chord = "Ctrl-s".parse().unwrap();
/// assert_eq!(save.to_string(), "ctrl-s");
/// assert_eq!(save.label(), "Ctrl-S");
/// assert!("ctrl-nokey".parse::<Chord>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Ctrl is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
    /// Shift is held; never set for characters, which carry it in themselves.
    pub shift: bool,
}

impl Chord {
    /// A key alone.
    pub const fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }

    /// What the terminal sent, in normal form; `None` for keys that no keymap can name.
    pub fn from_event(event: &KeyEvent) -> Option<Self> {
        let mut ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let mut alt = event.modifiers.contains(KeyModifiers::ALT);
        let mut shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let key = match event.code {
            KeyCode::Char(c) => {
                shift = false;
                // A Windows console reports AltGr as Ctrl and Alt: `@` on many layouts. It is a character, no command.
                if ctrl && alt {
                    (ctrl, alt) = (false, false);
                }
                Key::Char(if ctrl { c.to_ascii_lowercase() } else { c })
            }
            KeyCode::BackTab => {
                shift = true;
                Key::Tab
            }
            KeyCode::F(n) => Key::F(n),
            KeyCode::Enter => Key::Enter,
            KeyCode::Esc => Key::Esc,
            KeyCode::Tab => Key::Tab,
            KeyCode::Backspace => Key::Backspace,
            KeyCode::Delete => Key::Delete,
            KeyCode::Insert => Key::Insert,
            KeyCode::Up => Key::Up,
            KeyCode::Down => Key::Down,
            KeyCode::Left => Key::Left,
            KeyCode::Right => Key::Right,
            KeyCode::Home => Key::Home,
            KeyCode::End => Key::End,
            KeyCode::PageUp => Key::PageUp,
            KeyCode::PageDown => Key::PageDown,
            _ => return None,
        };
        Some(Self { key, ctrl, alt, shift })
    }

    /// The character that this chord types into a text field, if it types one.
    pub const fn types(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Whether the key moves: only such keys may repeat while held down.
    pub const fn is_movement(self) -> bool {
        use Key::{Backspace, Char, Delete, Down, End, Home, Left, PageDown, PageUp, Right, Up};
        matches!(self.key, Up | Down | Left | Right | Home | End | PageUp | PageDown | Backspace | Delete)
            || (matches!(self.key, Char('h' | 'j' | 'k' | 'l')) && !self.ctrl && !self.alt)
    }

    /// As people read it in the footer: `Ctrl-S`, `Enter`, `?`.
    pub fn label(self) -> String {
        let mut out = String::new();
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                out.push_str(name);
            }
        }
        match (self.key, NAMED.iter().find(|(key, ..)| *key == self.key)) {
            (_, Some((.., label))) => out.push_str(label),
            (Key::F(_), _) => out.push_str(&Self::plain(self.key).to_string()),
            (Key::Char(c), _) if self.ctrl => out.extend(c.to_uppercase()),
            (Key::Char(c), _) => out.push(c),
            _ => {}
        }
        out
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match (self.key, NAMED.iter().find(|(key, ..)| *key == self.key)) {
            (_, Some((_, name, _))) => f.write_str(name),
            (Key::F(n), _) => write!(f, "F{n}"),
            (Key::Char(c), _) => write!(f, "{c}"),
            _ => Ok(()),
        }
    }
}

/// A chord that can't be read; the text is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChordError(pub String);

impl fmt::Display for ChordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ChordError {}

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        while let Some((name, more)) = rest.split_once('-').filter(|(name, more)| !name.is_empty() && !more.is_empty())
        {
            match name.to_ascii_lowercase().as_str() {
                "ctrl" => ctrl = true,
                "alt" => alt = true,
                "shift" => shift = true,
                _ => break,
            }
            rest = more;
        }
        let key = parse_key(rest).ok_or_else(|| {
            ChordError(format!("`{text}` is no key. Write a character, a name such as enter, esc, tab, space, up, F8, or one with ctrl-, alt- or shift- before it."))
        })?;
        match key {
            Key::Char(c) if shift => Err(ChordError(format!(
                "`{text}`: write the character that Shift makes, such as {}.",
                c.to_uppercase()
            ))),
            // A terminal can't tell Ctrl-S from Ctrl-Shift-S.
            Key::Char(c) if ctrl => Ok(Self { key: Key::Char(c.to_ascii_lowercase()), ctrl, alt, shift }),
            key => Ok(Self { key, ctrl, alt, shift }),
        }
    }
}

fn parse_key(text: &str) -> Option<Key> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && c != ' ').then_some(Key::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some((key, ..)) = NAMED.iter().find(|(_, name, _)| *name == lower) {
        return Some(*key);
    }
    let n: u8 = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&n).then_some(Key::F(n))
}

/// One or more chords after each other: `"g t"`.
pub fn parse_sequence(text: &str) -> Result<Vec<Chord>, ChordError> {
    let chords: Vec<Chord> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    if chords.is_empty() {
        return Err(ChordError("A binding needs at least one key.".into()));
    }
    if chords.len() > 4 {
        return Err(ChordError(format!("`{text}` is longer than four keys. Shorten it.")));
    }
    Ok(chords)
}

/// A sequence as people read it: `g t`.
pub fn label(keys: &[Chord]) -> String {
    keys.iter().map(|c| c.label()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    #[test]
    fn round_trips() {
        for text in [
            "a",
            "N",
            "?",
            "ctrl-s",
            "alt-x",
            "F8",
            "f12",
            "shift-tab",
            "enter",
            "space",
            ":",
            "minus",
            "-",
            "ctrl-left",
            "/",
            "é",
        ] {
            let c = chord(text);
            assert_eq!(chord(&c.to_string()), c, "{text}");
        }
        assert_eq!(chord("CTRL-S"), chord("ctrl-s"));
    }

    #[test]
    fn refuses_what_is_no_key() {
        for text in ["", "ctrl-", "hyper-x", "F25", "F0", "enterr", "shift-a", "ab"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
        assert!(parse_sequence("").is_err());
        assert!(parse_sequence("a b c d e").is_err());
    }

    #[test]
    fn events_in_normal_form() {
        let event = |code, mods| Chord::from_event(&KeyEvent::new(code, mods));
        assert_eq!(event(KeyCode::Char('N'), KeyModifiers::SHIFT), Some(chord("N")));
        assert_eq!(event(KeyCode::BackTab, KeyModifiers::SHIFT), Some(chord("shift-tab")));
        assert_eq!(event(KeyCode::Char('S'), KeyModifiers::CONTROL), Some(chord("ctrl-s")));
        let altgr = KeyModifiers::CONTROL | KeyModifiers::ALT;
        assert_eq!(event(KeyCode::Char('@'), altgr), Some(chord("@")), "AltGr types");
        assert_eq!(event(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }
}
