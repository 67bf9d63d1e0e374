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

/// One page of keys, from the keymap: two columns of 45, so that it fits on a sheet of A4.
fn card() -> String {
    const COLUMN: usize = 45;
    let blocks: Vec<Vec<String>> = start::keys()
        .into_iter()
        .map(|(place, keys)| {
            let line = |(key, says): (String, String)| output::cut(&format!("  {key:16} {says}"), COLUMN - 2);
            std::iter::once(place.to_owned()).chain(keys.into_iter().map(line)).chain([String::new()]).collect()
        })
        .collect();
    let lines: usize = blocks.iter().map(Vec::len).sum();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for block in blocks {
        if left.len() + block.len() / 2 <= lines / 2 { left.extend(block) } else { right.extend(block) }
    }
    let mut text = String::from("mahoe: the keys\n\n");
    for at in 0..left.len().max(right.len()) {
        let (left, right) = (left.get(at).map_or("", String::as_str), right.get(at).map_or("", String::as_str));
        let room = COLUMN.saturating_sub(unicode_width::UnicodeWidthStr::width(left));
        let _ = writeln!(text, "{}", format!("{left}{}{right}", " ".repeat(room)).trim_end());
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
}
