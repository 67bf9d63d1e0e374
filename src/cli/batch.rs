//! `batch`: one command a line, one unlocked session; each output is flushed once its command is durable.
//!
//! Lines are read as a shell reads them, without its dangers: single quotes keep everything, double quotes know `\"`
//! and `\\`, a backslash keeps the next character, `#` starts a comment. Nothing is expanded.

use std::io::{BufRead, BufReader, Read};

use clap::Parser;
use serde_json::{Value as Json, json};

use crate::error::{AppError, Kind, Result};
use crate::session::Session;

use super::args::{BatchArgs, Line};
use super::output::{self, Output};
use super::{Cx, commands, open};

/// The longest line, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// Runs a batch.
///
/// # Errors
/// The first error of a line, with its number; with `--keep-going` the first, after all lines were tried.
pub fn run(cx: &Cx<'_>, args: &BatchArgs) -> Result<()> {
    let from_stdin = args.file.as_os_str() == "-";
    let reader: Box<dyn Read> = if from_stdin {
        Box::new(std::io::stdin())
    } else {
        let file = std::fs::File::open(&args.file);
        Box::new(file.map_err(|error| open::io(&format!("read {}", args.file.display()), &error))?)
    };
    // The passphrase can be asked for where the commands come from a file.
    let asks = cx.asks && !from_stdin;
    let mut session = open::unlock(&Cx { globals: cx.globals, asks, batch: false, atomic: false })?;
    let inside = Cx { globals: cx.globals, asks: false, batch: true, atomic: args.atomic };
    if !cx.globals.json {
        output::practice(&session);
    }
    let mut reader = BufReader::new(reader);
    if args.atomic {
        let outputs = session.all_or_nothing(|session| {
            let mut outputs = Vec::new();
            each(&mut reader, |number, line| {
                outputs.extend(one(session, &inside, line).map_err(|error| at(number, error))?);
                Ok(())
            })?;
            Ok(outputs)
        })?;
        session.settle()?;
        return outputs.iter().try_for_each(|output| output::print(output, cx.globals.json));
    }
    let mut first = None;
    each(&mut reader, |number, line| {
        let ran = one(&mut session, &inside, line).map_err(|error| at(number, error));
        match ran {
            Ok(None) => Ok(()),
            Ok(Some(printed)) => {
                output::print(&printed, cx.globals.json)?;
                if printed.code != 0 && first.is_none() {
                    first = Some(AppError::new(
                        Kind::Damaged,
                        format!("Line {number}: the check found something wrong."),
                        "Read what it printed.",
                    ));
                }
                Ok(())
            }
            Err(error) if args.keep_going => {
                output::fail(&error, cx.globals.json);
                first.get_or_insert(error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    })?;
    session.settle()?;
    match first {
        Some(error) if args.keep_going => Err(AppError {
            kind: error.kind,
            message: "Some lines failed.".to_owned(),
            hint: "Each is named above; the others are done.".to_owned(),
        }),
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Hands on each line with its number; too long a line is refused before it fills the memory.
fn each(reader: &mut impl BufRead, mut work: impl FnMut(usize, &str) -> Result<()>) -> Result<()> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| open::io("read the batch", &error))?;
        if read == 0 {
            break;
        }
        if read as u64 > MAX_LINE {
            return Err(AppError::new(
                Kind::Usage,
                format!("Line {number}: it is longer than a command can be."),
                "Split it.",
            ));
        }
        let line = std::str::from_utf8(&bytes).map_err(|_| {
            AppError::new(Kind::Usage, format!("Line {number}: it is not UTF-8 text."), "Save the file as UTF-8.")
        })?;
        work(number, line.trim_start_matches('\u{feff}'))?;
    }
    Ok(())
}

fn at(number: usize, error: AppError) -> AppError {
    AppError { message: format!("Line {number}: {}", error.message), ..error }
}

fn one(session: &mut Session, cx: &Cx<'_>, line: &str) -> Result<Option<Output>> {
    let mut words = split(line).map_err(|why| AppError::new(Kind::Usage, why, "Close the quote on the same line."))?;
    if words.first().is_some_and(|word| word == "mahoe") {
        words.remove(0);
    }
    if words.is_empty() {
        return Ok(None);
    }
    let parsed = Line::try_parse_from(&words).map_err(|error| super::usage(&error))?;
    let output = commands::in_vault(session, cx, parsed.command)?;
    Ok(Some(if cx.globals.json { output } else { plain(output) }))
}

/// Without JSON an output stays as it is.
fn plain(output: Output) -> Output {
    Output { json: if output.json.is_null() { Json::Null } else { json!({}) }, ..output }
}

/// The words of a line.
fn split(line: &str) -> std::result::Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("A single quote is not closed."),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => match characters.next() {
                            Some(c @ ('"' | '\\')) => word.push(c),
                            Some('n') => word.push('\n'),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err("A double quote is not closed."),
                        },
                        Some(c) => word.push(c),
                        None => return Err("A double quote is not closed."),
                    }
                }
            }
            '\\' => match characters.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '#' if word.is_none() => break,
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_a_shell_reads_them_without_expanding() {
        let read = |line| split(line).unwrap();
        assert_eq!(
            read("case note 06-7K3Q 'it''s  here' \"say \\\"hm\\\"\\n$HOME\" a\\ b # c"),
            ["case", "note", "06-7K3Q", "its  here", "say \"hm\"\n$HOME", "a b"]
        );
        assert_eq!(read("  # only a comment"), [""; 0]);
        assert_eq!(read("a#b ''"), ["a#b", ""]);
        assert!(split("case note 'open").is_err());
        assert!(split("\"open\\").is_err());
    }
}
