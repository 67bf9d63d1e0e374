//! The themes' colours: one row per role, each as true colour and as one of the sixteen.

use ratatui::style::{Color, Modifier, Style};

use super::{Depth, ROLES, ThemeName};

/// A colour twice: 0xRRGGBB, and the named one for terminals of sixteen colours.
type Ink = (u32, Color);

/// Foreground, background, modifiers of one role.
type Look = (Option<Ink>, Option<Ink>, Modifier);

const B: Modifier = Modifier::BOLD;
const U: Modifier = Modifier::UNDERLINED;
const O: Modifier = Modifier::empty();

#[expect(clippy::unnecessary_wraps, reason = "it stands in a table whose other cells are None")]
const fn fg(rgb: u32, named: Color) -> Option<Ink> {
    Some((rgb, named))
}

/// The look of the empty screen, and of each role in the order of [`super::Role`].
pub(super) fn styles(name: ThemeName, depth: Depth) -> (Style, [Style; ROLES]) {
    let (base, looks) = match name {
        ThemeName::Dark => dark(),
        ThemeName::Light => light(),
        ThemeName::HighContrast => high_contrast(),
        ThemeName::Projector => projector(),
        ThemeName::None => none(),
    };
    (style(base, depth), looks.map(|look| style(look, depth)))
}

fn style((fg, bg, modifier): Look, depth: Depth) -> Style {
    let ink = |(rgb, named): Ink| depth.colour(rgb, named);
    Style { fg: fg.map(ink), bg: bg.map(ink), ..Style::new() }.add_modifier(modifier)
}

/// Leaves the background to the terminal: most are dark, and people choose theirs with care.
fn dark() -> (Look, [Look; ROLES]) {
    let base = (None, None, O);
    let looks = [
        (None, None, O),                                                // text
        (fg(0x8A_95_99, Color::Gray), None, O),                         // dim
        (fg(0x5F_C9_BF, Color::Cyan), None, O),                         // accent
        (fg(0xE3_B3_41, Color::Yellow), None, O),                       // soon
        (fg(0xF0_7C_66, Color::LightRed), None, O),                     // late
        (fg(0x86_C2_7A, Color::Green), None, O),                        // done
        (fg(0xF4_F7_F7, Color::White), fg(0x1F_45_44, Color::Blue), B), // selected
        (None, None, B),                                                // title
        (fg(0x4A_58_5C, Color::DarkGray), None, O),                     // rule
        (fg(0x5F_C9_BF, Color::Cyan), None, O),                         // border
        (None, None, O),                                                // header
        (fg(0x8A_95_99, Color::Gray), None, O),                         // footer
        (fg(0xF0_7C_66, Color::LightRed), None, B),                     // error
    ];
    (base, looks)
}

fn light() -> (Look, [Look; ROLES]) {
    let text = fg(0x1D_2A_2C, Color::Black);
    let paper = fg(0xFB_FB_F8, Color::White);
    let on = |rgb, named| (fg(rgb, named), paper, O);
    let looks = [
        (text, paper, O),
        on(0x5E_69_6B, Color::DarkGray),
        on(0x0B_6E_69, Color::Blue),
        on(0x8A_5A_00, Color::Magenta),
        on(0xB3_26_1E, Color::Red),
        on(0x2C_6E_2F, Color::Blue),
        (text, fg(0xCF_E8_E5, Color::Cyan), B),
        (text, paper, B),
        on(0xB8_C2_C3, Color::DarkGray),
        on(0x0B_6E_69, Color::Blue),
        (text, paper, O),
        on(0x5E_69_6B, Color::DarkGray),
        (fg(0xB3_26_1E, Color::Red), paper, B),
    ];
    ((text, paper, O), looks)
}

fn high_contrast() -> (Look, [Look; ROLES]) {
    let white = fg(0xFF_FF_FF, Color::White);
    let black = fg(0x00_00_00, Color::Black);
    let on = |rgb, named, m| (fg(rgb, named), black, m);
    let looks = [
        (white, black, O),
        (white, black, O),
        on(0x00_FF_FF, Color::LightCyan, B),
        on(0xFF_FF_00, Color::LightYellow, B),
        on(0xFF_9C_8A, Color::LightRed, B | U),
        on(0x7C_FF_7C, Color::LightGreen, O),
        (black, fg(0xFF_FF_00, Color::LightYellow), B),
        (white, black, B | U),
        (white, black, O),
        (white, black, B),
        (white, black, B),
        (white, black, O),
        on(0xFF_9C_8A, Color::LightRed, B | U),
    ];
    ((white, black, O), looks)
}

/// A projector washes out grey and pale colours, so all is dark on white and weight does the rest.
fn projector() -> (Look, [Look; ROLES]) {
    let ink = fg(0x00_00_00, Color::Black);
    let paper = fg(0xFF_FF_FF, Color::White);
    let on = |rgb, named, m| (fg(rgb, named), paper, m);
    let looks = [
        (ink, paper, O),
        (ink, paper, O),
        on(0x00_4F_4C, Color::Blue, B),
        on(0x7A_3E_00, Color::Magenta, B),
        on(0xA0_00_00, Color::Red, B),
        on(0x00_50_10, Color::Blue, O),
        (paper, fg(0x00_4F_4C, Color::Blue), B),
        (ink, paper, B),
        (ink, paper, O),
        (ink, paper, O),
        (ink, paper, B),
        (ink, paper, O),
        on(0xA0_00_00, Color::Red, B | U),
    ];
    ((ink, paper, O), looks)
}

fn none() -> (Look, [Look; ROLES]) {
    let plain = (None, None, O);
    let with = |m| (None, None, m);
    let looks = [
        plain,       // text
        plain,       // dim
        with(B),     // accent
        with(B),     // soon
        with(B | U), // late
        plain,       // done
        with(B | U), // selected
        with(B),     // title
        plain,       // rule
        plain,       // border
        plain,       // header
        plain,       // footer
        with(B | U), // error
    ];
    (plain, looks)
}
