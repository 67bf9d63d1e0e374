//! A QR code in half blocks: two modules in the height of a line.

use std::io::IsTerminal;

use qrcode::{Color, EcLevel, QrCode};

use crate::error::{AppError, Kind, Result};

/// Light modules around the code: readers ask for some.
const QUIET: usize = 2;
/// White on black for the blocks, which are the light modules, whatever colours the terminal has.
const COLOURS: &str = "\u{1b}[38;5;231;48;5;16m";

/// The picture of a text, for standard output as it is.
///
/// # Errors
/// [`Kind::Usage`] if the terminal is too small for it; [`Kind::Refused`] if the text is too long for any.
pub fn draw(text: &str, no_color: bool) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| {
        AppError::new(Kind::Refused, "This is too long for a QR code.", "Write it into a file instead: -o FILE.")
    })?;
    let side = code.width() + 2 * QUIET;
    let lines = side.div_ceil(2);
    let terminal = std::io::stdout().is_terminal();
    if terminal {
        fits(side, lines + 1, crossterm::terminal::size().ok())?;
    }
    let light = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < code.width());
        inside(x).zip(inside(y)).is_none_or(|place| code[place] == Color::Light)
    };
    let coloured = terminal && !no_color && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let mut picture = String::new();
    for line in 0..lines {
        picture.push_str(if coloured { COLOURS } else { "" });
        // Below the last row of an odd number there is nothing: the terminal's own ground.
        picture.extend((0..side).map(|x| match (light(x, 2 * line), 2 * line + 1 < side && light(x, 2 * line + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        picture.push_str(if coloured { "\u{1b}[0m\n" } else { "\n" });
    }
    Ok(picture)
}

fn fits(columns: usize, lines: usize, terminal: Option<(u16, u16)>) -> Result<()> {
    let Some((width, height)) = terminal.filter(|(width, height)| *width > 0 && *height > 0) else { return Ok(()) };
    if usize::from(width) >= columns && usize::from(height) >= lines {
        return Ok(());
    }
    Err(AppError::new(
        Kind::Usage,
        format!("The QR code needs {columns} columns and {lines} lines; this terminal has {width} and {height}."),
        "Make the window larger or its letters smaller (often Ctrl and -), or write the card into a file: -o FILE.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_square_and_quiet_around() {
        let picture = draw("mahoe card 1\nname Saint Ann MDT\n", false).expect("short");
        let lines: Vec<&str> = picture.lines().collect();
        let side = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == side));
        assert_eq!(lines.len(), side.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == '█'), "light around it");
        assert!(lines[1].starts_with("██ ▄▄▄▄▄ ") || lines[1].starts_with("██ ▄"), "{}", lines[1]);
        assert!(draw(&"x".repeat(4000), false).is_err());
    }

    #[test]
    fn a_small_terminal_is_told_what_it_needs() {
        let said = fits(81, 42, Some((80, 24))).expect_err("too small");
        assert_eq!(said.message, "The QR code needs 81 columns and 42 lines; this terminal has 80 and 24.");
        assert!(fits(81, 42, Some((81, 42))).is_ok() && fits(81, 42, None).is_ok());
    }
}
