//! The manual: made from the grammar and the keymap, so that it can't say what the program doesn't do.

use std::fmt::Write as _;

use clap::CommandFactory;

use crate::error::Result;
use crate::tui::start;

use super::args::{Cli, ManualArgs};
use super::output::{self, Output};

/// What is written by hand: exit codes, passphrases, the shapes of `--json`.
const BY_HAND: &str = include_str!("manual.md");

/// Prints the manual.
///
/// # Errors
/// [`Kind::Io`](crate::error::Kind::Io) if it can't be printed.
pub(super) fn run(args: &ManualArgs) -> Result<Output> {
    if args.man {
        let mut page = Vec::new();
        // Writing into memory can't fail.
        let _ = clap_mangen::Man::new(Cli::command()).render(&mut page);
        output::raw(&String::from_utf8_lossy(&page))?;
        return Ok(Output::new("", serde_json::Value::Null));
    }
    let text = match args {
        ManualArgs { card: true, .. } => card(),
        ManualArgs { ops: true, .. } => start::ops_markdown(),
        ManualArgs { keys: true, .. } => start::keys_markdown(),
        _ => markdown(),
    };
    let json = serde_json::json!({ "text": text });
    Ok(Output::new(text, json))
}

/// docs/generated/cli.md: every command and flag, then what is written by hand.
pub fn markdown() -> String {
    let mut root = Cli::command();
    root.build();
    let mut text = String::from("# The command line\n\n");
    text.push_str("Made from the program itself by `mahoe manual`; a test compares. Do not edit.\n\n");
    text.push_str("## Flags that every command takes\n\n");
    let globals = root.get_arguments().filter(|arg| arg.is_global_set() && !arg.is_hide_set());
    text.extend(globals.map(line_of));
    for family in visible(&root) {
        let _ = write!(text, "\n## mahoe {}\n\n{}.\n", family.get_name(), about(family));
        if family.has_subcommands() {
            for command in visible(family) {
                let _ = write!(text, "\n### mahoe {} {}\n\n", family.get_name(), command.get_name());
                describe(&mut text, command, &format!("{} {}", family.get_name(), command.get_name()));
            }
        } else {
            text.push('\n');
            describe(&mut text, family, family.get_name());
        }
    }
    text.push('\n');
    text.push_str(BY_HAND);
    text
}

fn visible(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

fn about(command: &clap::Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default().trim_end_matches('.').to_owned()
}

fn describe(text: &mut String, command: &clap::Command, name: &str) {
    let own: Vec<&clap::Arg> = command
        .get_arguments()
        .filter(|arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help")
        .collect();
    let usage: Vec<String> = own.iter().filter(|arg| arg.is_positional()).map(|arg| placeholder(arg)).collect();
    let flags = if own.iter().any(|arg| !arg.is_positional()) { " [flags]" } else { "" };
    let positional = usage.iter().fold(String::new(), |all, one| format!("{all} {one}"));
    let _ = writeln!(text, "```\nmahoe {name}{positional}{flags}\n```");
    if command.get_name() != name {
        let _ = writeln!(text, "{}.", about(command));
    }
    if !own.is_empty() {
        text.push('\n');
    }
    text.extend(own.iter().map(|arg| line_of(arg)));
}

fn placeholder(arg: &clap::Arg) -> String {
    let name = values(arg);
    if arg.is_required_set() { name } else { format!("[{name}]") }
}

fn values(arg: &clap::Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    if names.is_empty() {
        return arg.get_id().as_str().to_uppercase();
    }
    names.iter().map(|name| name.as_str().to_uppercase()).collect::<Vec<_>>().join(" ")
}

fn line_of(arg: &clap::Arg) -> String {
    let takes = arg.get_action().takes_values();
    let flag = match arg.get_long() {
        Some(long) if takes => format!("--{long} {}", values(arg)),
        Some(long) => format!("--{long}"),
        None => values(arg),
    };
    let mut says = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<String> = arg.get_default_values().iter().map(|it| it.to_string_lossy().into_owned()).collect();
    let default = defaults.join(",");
    if takes && !default.is_empty() {
        let _ = write!(says, " (default {default})");
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(says, " (variable {})", variable.to_string_lossy());
    }
    format!("- `{flag}`: {says}\n")
}

/// One page of keys, from the keymap: four columns, so that it fits on a sheet of A4 laid across. A place goes on in the next column
/// under its own name.
fn card() -> String {
    const COLUMNS: usize = 4;
    const COLUMN: usize = 41;
    let places = start::keys();
    let lines: usize = places.iter().map(|(_, keys)| keys.len() + 2).sum();
    // Each column may end early rather than leave a name without its keys, and begin with the name of what goes on.
    let height = lines.div_ceil(COLUMNS) + 1;
    let mut columns: [Vec<String>; COLUMNS] = Default::default();
    let mut at = 0;
    for (place, keys) in places {
        if at + 1 < COLUMNS && columns[at].len() + 3 > height {
            at += 1;
        }
        columns[at].push(place.to_owned());
        for (key, says) in keys {
            if at + 1 < COLUMNS && columns[at].len() >= height {
                at += 1;
                columns[at].push(format!("{place}, further"));
            }
            columns[at].push(output::cut(&format!("  {key:12} {says}"), COLUMN - 2));
        }
        columns[at].push(String::new());
    }
    let mut text = String::from("mahoe: the keys\n\n");
    for row in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
        let mut line = String::new();
        for (at, column) in columns.iter().enumerate() {
            let room = (COLUMN * at).saturating_sub(unicode_width::UnicodeWidthStr::width(line.as_str()));
            line.push_str(&" ".repeat(room));
            line.push_str(column.get(row).map_or("", String::as_str));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for line in &crate::policy::builtin().call_card {
        let _ = write!(text, "\n{}: {}", line.label, line.number);
    }
    text.push_str("\nCall first, write after.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_card_is_one_page_and_has_every_screen() {
        let card = card();
        for place in ["Today", "Cases", "One case", "Actions", "Exchange", "Team", "Vault health", "In a form"] {
            assert!(card.contains(place), "{place}");
        }
        let wide = card.lines().map(unicode_width::UnicodeWidthStr::width).max();
        assert!(card.lines().count() <= 60 && wide <= Some(164), "{} lines, {wide:?} wide", card.lines().count());
    }
}
