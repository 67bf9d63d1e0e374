//! Pictures in the terminal: a PNG or JPEG as coarse blocks, two of them in each cell.
//!
//! A picture that says that it is larger than it may be is refused before anything is allocated for it. Nothing of a
//! picture is kept but the blocks that are shown.

use std::fmt;
use std::io::Cursor;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::domain::media::Media;

use super::theme::{Depth, Symbols, Theme};

/// The most pixels that are decoded: a page scanned at 400 dpi.
const MOST_PIXELS: usize = 16_000_000;
/// The longest side, in pixels.
const LONGEST: usize = 20_000;
/// The most blocks that are kept, in each direction.
const BLOCKS: usize = 240;
/// What a PNG decoder may allocate besides the picture, in bytes.
const WORKSPACE: usize = 64 << 20;

/// Why a picture can't be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPicture {
    /// It says that it has so many pixels in each direction, which is more than is decoded.
    TooLarge(usize, usize),
    /// It is damaged, or no such picture at all.
    Damaged,
}

impl fmt::Display for NoPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(width, height) => {
                write!(f, "This picture says that it has {width} × {height} pixels: more than can be shown here.")
            }
            Self::Damaged => f.write_str("This picture is damaged, or is none."),
        }
    }
}

/// A picture as blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    blocks: Vec<[u8; 3]>,
}

/// Refuses what is too large before it is decoded.
fn bounded(width: usize, height: usize) -> Result<usize, NoPicture> {
    let pixels = width.checked_mul(height).filter(|pixels| *pixels > 0);
    let pixels = pixels.ok_or(NoPicture::TooLarge(width, height));
    pixels.and_then(|pixels| {
        let fits = pixels <= MOST_PIXELS && width <= LONGEST && height <= LONGEST;
        if fits { Ok(pixels) } else { Err(NoPicture::TooLarge(width, height)) }
    })
}

impl Picture {
    /// Reads a picture.
    ///
    /// # Errors
    /// [`NoPicture`]: nothing was allocated for one that is too large.
    pub fn decode(bytes: &[u8], media: Media) -> Result<Self, NoPicture> {
        match media {
            Media::Png => Self::png(bytes),
            Media::Jpeg => Self::jpeg(bytes),
            _ => Err(NoPicture::Damaged),
        }
    }

    fn png(bytes: &[u8]) -> Result<Self, NoPicture> {
        let damaged = |_| NoPicture::Damaged;
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: WORKSPACE });
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let (width, height) = decoder.read_header_info().map_err(damaged)?.size();
        let (width, height) = (width as usize, height as usize);
        bounded(width, height)?;
        let mut reader = decoder.read_info().map_err(damaged)?;
        let size = reader.output_buffer_size().ok_or(NoPicture::TooLarge(width, height))?;
        let mut pixels = vec![0; size];
        let shown = reader.next_frame(&mut pixels).map_err(damaged)?;
        let samples = shown.color_type.samples();
        Ok(Self::shrunk(width, height, |at| {
            let pixel = pixels.get(at * samples..(at + 1) * samples).unwrap_or_default();
            match *pixel {
                [grey] => [grey; 3],
                // What can be seen through is shown on white, as on paper.
                [grey, alpha] => [on_white(grey, alpha); 3],
                [red, green, blue] => [red, green, blue],
                [red, green, blue, alpha] => [red, green, blue].map(|part| on_white(part, alpha)),
                _ => [255; 3],
            }
        }))
    }

    fn jpeg(bytes: &[u8]) -> Result<Self, NoPicture> {
        let options = DecoderOptions::default()
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(|_| NoPicture::Damaged)?;
        let info = decoder.info().ok_or(NoPicture::Damaged)?;
        let (width, height) = (usize::from(info.width), usize::from(info.height));
        let count = bounded(width, height)?;
        let pixels = decoder.decode().map_err(|_| NoPicture::Damaged)?;
        if pixels.len() != count * 3 {
            return Err(NoPicture::Damaged);
        }
        Ok(Self::shrunk(width, height, |at| [pixels[at * 3], pixels[at * 3 + 1], pixels[at * 3 + 2]]))
    }

    /// The picture with at most [`BLOCKS`] blocks in each direction, each the mean of what it stands for.
    fn shrunk(width: usize, height: usize, pixel: impl Fn(usize) -> [u8; 3]) -> Self {
        let (wide, high) = fitted(width, height, BLOCKS, BLOCKS);
        let mut blocks = Vec::with_capacity(wide * high);
        for y in 0..high {
            for x in 0..wide {
                let rows = part(y, high, height);
                let columns = part(x, wide, width);
                let all = rows.flat_map(|row| columns.clone().map(move |column| row * width + column));
                blocks.push(mean(all.map(&pixel)));
            }
        }
        Self { width: wide, height: high, blocks }
    }

    /// Draws it as large as the area allows, in the middle: two blocks in each cell.
    pub fn draw(&self, buf: &mut Buffer, area: Rect, theme: &Theme) {
        let (columns, rows) = (usize::from(area.width), usize::from(area.height) * 2);
        if columns == 0 || rows == 0 {
            return;
        }
        let (wide, high) = fitted(self.width, self.height, columns, rows);
        let shown = Self::shrunk_to(self, wide, high);
        let left = area.x + u16::try_from((columns - wide) / 2).unwrap_or(0);
        let top = area.y + u16::try_from((rows - high) / 4).unwrap_or(0);
        for row in 0..high.div_ceil(2) {
            for column in 0..wide {
                let upper = shown[row * 2 * wide + column];
                let lower = shown.get((row * 2 + 1) * wide + column).copied();
                let (x, y) = (left + u16::try_from(column).unwrap_or(0), top + u16::try_from(row).unwrap_or(0));
                if let Some(cell) = buf.cell_mut((x, y)) {
                    let (symbol, style) = block(upper, lower, theme);
                    cell.set_symbol(symbol).set_style(style);
                }
            }
        }
    }

    fn shrunk_to(&self, wide: usize, high: usize) -> Vec<[u8; 3]> {
        let mut out = Vec::with_capacity(wide * high);
        for y in 0..high {
            for x in 0..wide {
                let columns = part(x, wide, self.width);
                let all = part(y, high, self.height)
                    .flat_map(|row| columns.clone().map(move |column| row * self.width + column));
                out.push(mean(all.map(|at| self.blocks[at])));
            }
        }
        out
    }
}

/// A size that fits with the same proportions; never larger than the picture.
fn fitted(width: usize, height: usize, most_wide: usize, most_high: usize) -> (usize, usize) {
    let (most_wide, most_high) = (most_wide.min(width).max(1), most_high.min(height).max(1));
    // The side that is cut more decides.
    if width * most_high > height * most_wide {
        (most_wide, (height * most_wide / width).max(1))
    } else {
        ((width * most_high / height).max(1), most_high)
    }
}

/// What the block `at` of `blocks` stands for among `length` pixels.
fn part(at: usize, blocks: usize, length: usize) -> std::ops::Range<usize> {
    let start = at * length / blocks;
    start..((at + 1) * length / blocks).max(start + 1)
}

fn mean(pixels: impl Iterator<Item = [u8; 3]>) -> [u8; 3] {
    let (mut sum, mut count) = ([0usize; 3], 0);
    for pixel in pixels {
        sum.iter_mut().zip(pixel).for_each(|(sum, part)| *sum += usize::from(part));
        count += 1;
    }
    sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(255))
}

fn on_white(part: u8, alpha: u8) -> u8 {
    let (part, alpha) = (u16::from(part), u16::from(alpha));
    u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
}

/// The sign and the colours of a cell. Where there are few colours, its brightness alone.
fn block(upper: [u8; 3], lower: Option<[u8; 3]>, theme: &Theme) -> (&'static str, Style) {
    let colour = |[red, green, blue]: [u8; 3]| {
        if theme.depth() == Depth::True {
            return Color::Rgb(red, green, blue);
        }
        let step = |part: u8| (u16::from(part) * 5 + 127) / 255;
        let index = 16 + 36 * step(red) + 6 * step(green) + step(blue);
        Color::Indexed(u8::try_from(index).unwrap_or(231))
    };
    if matches!(theme.depth(), Depth::True | Depth::Many) {
        let style = Style::new().fg(colour(upper));
        return ("▀", lower.map_or(style, |lower| style.bg(colour(lower))));
    }
    let shades: [&'static str; 5] =
        if theme.symbols == Symbols::ASCII { [" ", ".", "+", "#", "@"] } else { [" ", "░", "▒", "▓", "█"] };
    let light =
        |[red, green, blue]: [u8; 3]| (usize::from(red) * 30 + usize::from(green) * 59 + usize::from(blue) * 11) / 100;
    let bright = usize::midpoint(light(upper), light(lower.unwrap_or(upper)));
    (shades[bright * 4 / 255], theme.picture())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::picture::{jpeg_that_says, png_that_says, small_png};
    use crate::tui::theme::ThemeName;

    fn theme(depth: Depth, symbols: &Symbols) -> Theme {
        Theme::new(ThemeName::Dark, depth, *symbols)
    }

    fn drawn(picture: &Picture, width: u16, height: u16, theme: &Theme) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        picture.draw(&mut buf, area, theme);
        buf
    }

    #[test]
    fn a_picture_is_shown_in_colours_or_in_shades() {
        // Left half black, right half white.
        let picture = Picture::decode(&small_png(8, 8, |x, _| if x < 4 { [0; 3] } else { [255; 3] }), Media::Png);
        let picture = picture.expect("a picture");
        let buf = drawn(&picture, 8, 4, &theme(Depth::True, &Symbols::WGL4));
        assert_eq!(buf[(0, 0)].symbol(), "▀");
        assert_eq!((buf[(0, 0)].fg, buf[(7, 3)].bg), (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)));
        let many = drawn(&picture, 8, 4, &theme(Depth::Many, &Symbols::WGL4));
        assert_eq!((many[(0, 0)].fg, many[(7, 0)].fg), (Color::Indexed(16), Color::Indexed(231)));
        let shades = drawn(&picture, 8, 4, &theme(Depth::None, &Symbols::WGL4));
        assert_eq!((shades[(0, 0)].symbol(), shades[(7, 0)].symbol()), (" ", "█"));
        let ascii = drawn(&picture, 8, 4, &theme(Depth::None, &Symbols::ASCII));
        assert_eq!((ascii[(0, 0)].symbol(), ascii[(7, 0)].symbol()), (" ", "@"));
        // As large as it fits, in the middle.
        let wide = drawn(&picture, 40, 2, &theme(Depth::None, &Symbols::WGL4));
        assert_eq!((wide[(0, 0)].symbol(), wide[(21, 0)].symbol()), (" ", "█"));
        drawn(&picture, 0, 0, &theme(Depth::True, &Symbols::WGL4));
    }

    #[test]
    fn pictures_that_lie_about_their_size_are_refused_before_anything_is_allocated() {
        for (width, height) in [(1 << 30, 1 << 30), (100_000, 100_000), (21_000, 1), (5_000, 5_000)] {
            let wanted = Err(NoPicture::TooLarge(width as usize, height as usize));
            assert_eq!(Picture::decode(&png_that_says(width, height), Media::Png), wanted, "{width}");
        }
        for (width, height) in [(65_535, 65_535), (6_000, 6_000)] {
            let wanted = Err(NoPicture::TooLarge(usize::from(width), usize::from(height)));
            assert_eq!(Picture::decode(&jpeg_that_says(width, height), Media::Jpeg), wanted, "{width}");
        }
    }

    #[test]
    fn what_is_damaged_or_cut_is_refused_and_nothing_stumbles() {
        let whole = small_png(40, 30, |x, y| [u8::try_from(x * 6).unwrap_or(0), u8::try_from(y * 8).unwrap_or(0), 9]);
        assert!(Picture::decode(&whole, Media::Png).is_ok());
        for cut in 0..whole.len() - 12 {
            assert!(Picture::decode(&whole[..cut], Media::Png).is_err(), "{cut}");
        }
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 0xff;
            // A changed byte behind the picture may do no harm.
            let _ = Picture::decode(&bad, Media::Png).map(|picture| assert!(picture.blocks.len() <= BLOCKS * BLOCKS));
        }
        let jpeg = jpeg_that_says(8, 8);
        for cut in 0..jpeg.len() {
            assert!(Picture::decode(&jpeg[..cut], Media::Jpeg).is_err(), "{cut}");
        }
        assert_eq!(Picture::decode(b"GIF89a", Media::Other), Err(NoPicture::Damaged));
    }

    #[test]
    fn proportions_are_kept() {
        assert_eq!(fitted(100, 50, 240, 240), (100, 50), "never larger than it is");
        assert_eq!(fitted(1_000, 500, 240, 240), (240, 120));
        assert_eq!(fitted(500, 1_000, 240, 240), (120, 240));
        assert_eq!(fitted(20_000, 1, 240, 240), (240, 1));
        assert_eq!(fitted(3, 2, 1, 1), (1, 1));
    }
}
