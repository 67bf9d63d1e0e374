//! A QR code on standard output: as large as it is, or a sentence about the terminal.

use std::io::IsTerminal;

use crate::error::{AppError, Kind, Result};
use crate::text::qr;

/// White on black for the blocks, which are the light modules, whatever colours the terminal has.
const COLOURS: &str = "\u{1b}[38;5;231;48;5;16m";

/// The picture of a text, for standard output as it is.
///
/// # Errors
/// [`Kind::Usage`] if the terminal is too small for it; [`Kind::Refused`] if the text is too long for any.
pub fn draw(text: &str, no_color: bool) -> Result<String> {
    let lines = qr::picture(text)?;
    let terminal = std::io::stdout().is_terminal();
    if terminal {
        let side = lines.first().map_or(0, |line| line.chars().count());
        fits(side, lines.len() + 1, crossterm::terminal::size().ok())?;
    }
    let coloured = terminal && !no_color && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let (before, after) = if coloured { (COLOURS, "\u{1b}[0m\n") } else { ("", "\n") };
    Ok(lines.iter().flat_map(|line| [before, line, after]).collect())
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
    fn a_small_terminal_is_told_what_it_needs() {
        let said = fits(81, 42, Some((80, 24))).expect_err("too small");
        assert_eq!(said.message, "The QR code needs 81 columns and 42 lines; this terminal has 80 and 24.");
        assert!(fits(81, 42, Some((81, 42))).is_ok() && fits(81, 42, None).is_ok());
    }
}
