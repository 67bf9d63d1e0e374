//! A QR code in half blocks: two modules in the height of a line.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::{AppError, Kind, Result};

/// Light modules around the code: readers ask for some.
const QUIET: usize = 2;

/// The picture of a text as lines of blocks, all equally long. The blocks are the light modules: draw them white on
/// black, whatever colours the terminal has.
///
/// # Errors
/// [`Kind::Refused`] if the text is too long for any.
pub fn picture(text: &str) -> Result<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(|_| {
        AppError::new(Kind::Refused, "This is too long for a QR code.", "Write it into a file instead.")
    })?;
    let side = code.width() + 2 * QUIET;
    let light = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < code.width());
        inside(x).zip(inside(y)).is_none_or(|place| code[place] == Color::Light)
    };
    let block = |x: usize, line: usize| {
        // Below the last row of an odd number there is nothing: the terminal's own ground.
        match (light(x, 2 * line), 2 * line + 1 < side && light(x, 2 * line + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }
    };
    Ok((0..side.div_ceil(2)).map(|line| (0..side).map(|x| block(x, line)).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_square_and_quiet_around() {
        let lines = picture("mahoe card 1\nname Saint Ann MDT\n").expect("short");
        let side = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == side));
        assert_eq!(lines.len(), side.div_ceil(2));
        assert!(lines[0].chars().all(|c| c == '█'), "light around it");
        assert!(lines[1].starts_with("██ ▄▄▄▄▄ ") || lines[1].starts_with("██ ▄"), "{}", lines[1]);
        assert!(picture(&"x".repeat(4000)).is_err());
    }
}
