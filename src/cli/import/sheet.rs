//! From a spreadsheet's bytes to rows of clean text. Everything is bounded before it is read.
//!
//! A formula is never evaluated: in .csv it is the text that it is, in .xlsx the value that was saved with it.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::domain::clean;
use crate::error::{AppError, Kind, Result};

use super::super::open;

/// The largest file that is read, in bytes.
const MAX_CSV: u64 = 64 << 20;
/// The largest workbook, in bytes.
const MAX_XLSX: u64 = 8 << 20;
/// The most that a workbook may unpack to, in bytes: packed bytes can stand for a thousand times as many.
const MAX_UNPACKED: u64 = 256 << 20;
/// The longest cell, in characters.
pub const MAX_CELL: usize = 20_000;
/// The most rows below the head.
const MAX_ROWS: usize = 50_000;
/// The most columns.
const MAX_COLUMNS: usize = 200;

/// A row: the line it stands on, counted from 1, and its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line in the file (its first, where a cell has several) or the row of the sheet.
    pub line: usize,
    /// One for each column, cleaned; empty where nothing stands.
    pub cells: Vec<String>,
}

/// Something wrong in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The line.
    pub line: usize,
    /// The column, by its letter and title.
    pub column: String,
    /// What is wrong.
    pub why: String,
}

/// A sheet: titles, rows, and cells that are too long (their rows are left out).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The first row.
    pub titles: Vec<String>,
    /// The others; rows without anything are left out.
    pub rows: Vec<Row>,
    /// Rows that can't be taken as they are.
    pub bad: Vec<Bad>,
}

/// Reads a spreadsheet.
///
/// # Errors
/// [`Kind::Io`] if the file can't be read; [`Kind::Refused`] if it is too large or is no spreadsheet.
pub fn read(path: &Path) -> Result<Sheet> {
    let xlsx = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("xlsx"));
    let most = if xlsx { MAX_XLSX } else { MAX_CSV };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|error| open::io(&format!("read {}", path.display()), &error))?;
    if bytes.len() as u64 > most {
        return Err(refused(format!("The file is larger than {} MiB.", most >> 20), "Split it into several."));
    }
    // A workbook under another name is bounded like one.
    let packed = xlsx || bytes.starts_with(b"PK\x03\x04");
    if packed && bytes.len() as u64 > MAX_XLSX {
        return Err(refused(format!("The workbook is larger than {} MiB.", MAX_XLSX >> 20), "Split it into several."));
    }
    if packed { workbook(bytes) } else { csv(&bytes) }
}

fn refused(message: impl Into<String>, hint: &str) -> AppError {
    AppError::new(Kind::Refused, message, hint)
}

/// Reads separated text: the separator is whichever of `;`, tab and `,` parts the first line most.
fn csv(bytes: &[u8]) -> Result<Sheet> {
    let text = decode(bytes)?;
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    // Excel can say it itself: sep=;
    let said = head.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
    let body = if said.is_some() { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    let count = |separator: &char| head.matches(*separator).count();
    // Of equals the last: a sheet of one column is read with commas.
    let separator = [';', '\t', ','].into_iter().max_by_key(count).unwrap_or(',');
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(said.unwrap_or(u8::try_from(separator).unwrap_or(b',')))
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut building = Building::default();
    for record in reader.records() {
        let record =
            record.map_err(|error| refused(format!("The file can't be read: {error}."), "Save it again as CSV."))?;
        let line = record.position().map_or(0, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        let line = line + usize::from(said.is_some());
        building.row(line, record.iter().map(Cow::Borrowed))?;
    }
    Ok(building.sheet)
}

/// UTF-8 or UTF-16 by their marks, UTF-8 if it is, else Windows-1252, which every byte is.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, wrong) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if wrong {
            return Err(refused(
                format!("The file says that it is {}, and is not.", encoding.name()),
                "Save it again as CSV UTF-8.",
            ));
        }
        return Ok(text);
    }
    if bytes.contains(&0) {
        return Err(refused("This is no spreadsheet: it holds zero bytes.", "Save it as .csv or .xlsx."));
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    })
}

/// Takes rows in order and holds them to their bounds.
#[derive(Default)]
struct Building {
    sheet: Sheet,
    seen_titles: bool,
}

impl Building {
    fn row<'a>(&mut self, line: usize, cells: impl Iterator<Item = Cow<'a, str>>) -> Result<()> {
        let mut clean_cells = Vec::new();
        let mut too_long = None;
        for (column, cell) in cells.enumerate() {
            if column >= MAX_COLUMNS {
                return Err(refused(
                    format!("Line {line} has more than {MAX_COLUMNS} columns."),
                    "Leave out the columns that are no fields.",
                ));
            }
            // Counted before it is cleaned, and no further than needed.
            if cell.len() > MAX_CELL && cell.chars().nth(MAX_CELL).is_some() {
                too_long.get_or_insert(column);
                clean_cells.push(String::new());
            } else {
                clean_cells.push(unquoted(&clean::prose(cell.trim())).to_owned());
            }
        }
        if too_long.is_none() && clean_cells.iter().all(String::is_empty) {
            return Ok(());
        }
        if !self.seen_titles {
            self.seen_titles = true;
            if too_long.is_some() {
                return Err(refused("A title in the first row is too long.", "The first row names the columns."));
            }
            self.sheet.titles = clean_cells.iter().map(|title| clean::line_owned(title)).collect();
            return Ok(());
        }
        if self.sheet.rows.len() + self.sheet.bad.len() >= MAX_ROWS {
            return Err(refused(format!("There are more than {MAX_ROWS} rows."), "Split it into several files."));
        }
        if let Some(column) = too_long {
            let why = format!("the cell is longer than {MAX_CELL} characters");
            self.sheet.bad.push(Bad { line, column: self.column(column), why });
        } else {
            let beyond = clean_cells.iter().skip(self.sheet.titles.len()).position(|cell| !cell.is_empty());
            if let Some(beyond) = beyond {
                let column = letter(self.sheet.titles.len() + beyond);
                let why = "the row has more cells than there are titles".to_owned();
                self.sheet.bad.push(Bad { line, column, why });
            } else {
                clean_cells.resize(self.sheet.titles.len(), String::new());
                self.sheet.rows.push(Row { line, cells: clean_cells });
            }
        }
        Ok(())
    }

    fn column(&self, at: usize) -> String {
        named(&self.sheet.titles, at)
    }
}

/// A column by its letter and title: `C "owner"`.
pub fn named(titles: &[String], at: usize) -> String {
    match titles.get(at).filter(|title| !title.is_empty()) {
        Some(title) => format!("{} \"{}\"", letter(at), super::super::output::cut(title, 30)),
        None => letter(at),
    }
}

/// The letter of a column: A, B, … Z, AA.
fn letter(at: usize) -> String {
    let last = char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
    if at < 26 { last.to_string() } else { format!("{}{last}", letter(at / 26 - 1)) }
}

/// Without the quote that an export puts before what could be a formula.
fn unquoted(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if clean::csv_cell(rest).starts_with('\'') => rest,
        _ => cell,
    }
}

/// Reads the first sheet of a workbook, cell by cell: a cell far away costs no memory.
fn workbook(bytes: Vec<u8>) -> Result<Sheet> {
    let broken = |error: &dyn std::fmt::Display| {
        refused(format!("The workbook can't be read: {error}."), "Open it, save it again as .xlsx or .csv, try again.")
    };
    check_unpacked(&bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let first = book.sheet_names().into_iter().next().ok_or_else(|| broken(&"it has no sheet"))?;
    let mut cells = book.worksheet_cells_reader(&first).map_err(|error| broken(&error))?;
    let mut building = Building::default();
    let mut row: Vec<String> = Vec::new();
    let mut line = 0;
    while let Some(cell) = cells.next_cell().map_err(|error| broken(&error))? {
        let (at, column) = cell.get_position();
        let (at, column) = (at as usize, column as usize);
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if at < line {
            return Err(broken(&"its rows are not in order"));
        }
        if at > line {
            building.row(line + 1, row.drain(..).map(Cow::Owned))?;
            line = at;
        }
        if column >= MAX_COLUMNS {
            return Err(refused(
                format!("Line {} has more than {MAX_COLUMNS} columns.", at + 1),
                "Leave out the columns that are no fields.",
            ));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    building.row(line + 1, row.drain(..).map(Cow::Owned))?;
    Ok(building.sheet)
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(when) => day_of(when.as_f64()).unwrap_or_else(|| when.as_f64().to_string()),
    }
}

/// Excel counts days from 30 December 1899; a fraction is the time of day.
fn day_of(serial: f64) -> Option<String> {
    let start: NaiveDateTime = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    if !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
    let minutes = (serial * 24.0 * 60.0).round() as i64;
    let when = start.checked_add_signed(TimeDelta::minutes(minutes))?;
    let whole_day = minutes % (24 * 60) == 0;
    Some(when.format(if whole_day { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M" }).to_string())
}

/// Unpacks every member of a zip file into nothing, and refuses the file where that comes to more than is allowed. What
/// its directory says of sizes is not asked: it may lie.
fn check_unpacked(bytes: &[u8]) -> Result<()> {
    let broken = |error: &dyn std::fmt::Display| {
        refused(format!("The workbook can't be read: {error}."), "Open it, save it again as .xlsx or .csv, try again.")
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut left = MAX_UNPACKED;
    for member in 0..archive.len() {
        let member = archive.by_index(member).map_err(|error| broken(&error))?;
        let unpacked = std::io::copy(&mut member.take(left + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|error| broken(&error))?;
        left = left.checked_sub(unpacked).ok_or_else(|| {
            refused(
                format!("The workbook unpacks to more than {} MiB.", MAX_UNPACKED >> 20),
                "Save the one sheet that is needed as .csv.",
            )
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<Vec<String>> {
        let sheet = csv(text).expect("a sheet");
        std::iter::once(sheet.titles).chain(sheet.rows.into_iter().map(|row| row.cells)).collect()
    }

    #[test]
    fn every_separator_and_encoding_that_offices_use_is_read() {
        let want = [["concern", "risk"], ["Zoë's café", "high"]];
        assert_eq!(rows("concern,risk\nZoë's café,high\n".as_bytes()), want);
        assert_eq!(rows("\u{feff}concern;risk\r\nZoë's café;high\r\n".as_bytes()), want);
        assert_eq!(rows("concern\trisk\n\n\nZoë's café\thigh".as_bytes()), want);
        assert_eq!(rows("sep=;\nconcern;risk\nZoë's café;high".as_bytes()), want);
        assert_eq!(rows(b"concern,risk\nZo\xeb's caf\xe9,high\n"), want);
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("concern;risk\r\nZoë's café;high".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(rows(&utf16), want);
        assert!(csv(b"a,b\0c").is_err());
    }

    #[test]
    fn lines_columns_and_bounds_are_named() {
        let long = "x".repeat(MAX_CELL + 1);
        let text = format!("concern,risk\n\"two\nlines\",high\n{long},low\nfine,low,extra\n");
        let sheet = csv(text.as_bytes()).expect("a sheet");
        assert_eq!(sheet.rows, [Row { line: 2, cells: vec!["two\nlines".into(), "high".into()] }]);
        assert_eq!((sheet.bad[0].line, sheet.bad[0].column.as_str()), (4, "A \"concern\""));
        assert_eq!((sheet.bad[1].line, sheet.bad[1].column.as_str()), (5, "C"));
        let wide = ["x"; 300].join(",");
        assert!(csv(wide.as_bytes()).is_err());
    }

    #[test]
    fn nothing_hostile_survives_and_formulas_are_text() {
        let sheet = csv("concern\n\"\u{1b}[2J\u{202e}=HYPERLINK(\"\"x\"\")\"\n'=1+1\n".as_bytes()).expect("a sheet");
        assert_eq!(sheet.rows[0].cells, ["[2J=HYPERLINK(\"x\")"]);
        assert_eq!(sheet.rows[1].cells, ["=1+1"]);
    }

    #[test]
    fn excel_days_are_days() {
        assert_eq!(day_of(46_348.0).as_deref(), Some("2026-11-22"));
        assert_eq!(day_of(46_348.5).as_deref(), Some("2026-11-22 12:00"));
        assert_eq!(day_of(-1.0), None);
    }

    /// A zip file of one member; `says` is what its directory says that it unpacks to, if it lies.
    fn packed(name: &str, content: &mut dyn Read, says: Option<u32>) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        std::io::copy(content, &mut writer).expect("packed");
        let mut bytes = writer.finish().expect("finished").into_inner();
        if let Some(says) = says {
            // The size stands in the local header at 22 and in the directory's entry at 24.
            let entry = bytes.windows(4).rposition(|four| four == b"PK\x01\x02").expect("a directory");
            for at in [22, entry + 24] {
                bytes[at..at + 4].copy_from_slice(&says.to_le_bytes());
            }
        }
        bytes
    }

    #[test]
    fn a_workbook_that_unpacks_too_far_is_refused_before_it_is_read_whatever_it_says() {
        for says in [None, Some(1_000)] {
            let bytes = packed("xl/worksheets/sheet1.xml", &mut std::io::repeat(b' ').take(MAX_UNPACKED + 1), says);
            assert!((bytes.len() as u64) < MAX_XLSX, "{}", bytes.len());
            let refused = workbook(bytes).expect_err("refused").message;
            assert!(refused.contains("unpacks") || refused.contains("can't be read"), "{refused}");
            assert!(says.is_some() || refused.contains("unpacks"), "{refused}");
        }
        let small = packed("notes.txt", &mut &b"no workbook"[..], None);
        assert!(workbook(small).expect_err("refused").message.contains("can't be read"));
        assert!(workbook(b"PK\x03\x04 nothing".to_vec()).is_err());
    }
}
