//! Reads a keymap file: from TOML to checked entries, every mistake with its place.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::trie::Binding;
use super::{Chord, CommandSpec, KeymapError, label, parse_sequence};
use crate::tui::input::head;

/// A keymap of a person is a page or two; a file larger than this is something else.
const MAX_BYTES: usize = 256 * 1024;

/// A checked line of the file.
pub(super) struct Entry {
    pub context: String,
    pub keys: Vec<Chord>,
    pub what: What,
    /// Line and column of the keys, counted from 1.
    pub place: (usize, usize),
}

pub(super) enum What {
    Bind(Binding),
    Label(String),
    Unbind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    keys: Vec<Spanned<String>>,
    run: Option<Spanned<String>>,
    says: Option<String>,
    #[serde(default)]
    footer: u8,
    why: Option<String>,
    label: Option<String>,
}

struct Reader<'a> {
    source: &'a str,
    known: &'a [CommandSpec],
    contexts: Option<&'a [&'a str]>,
    entries: Vec<Entry>,
    errors: Vec<KeymapError>,
}

/// Reads and checks `source`; with `contexts`, no others may occur.
pub(super) fn read(
    source: &str,
    known: &[CommandSpec],
    contexts: Option<&[&str]>,
) -> Result<Vec<Entry>, Vec<KeymapError>> {
    let mut reader = Reader { source, known, contexts, entries: Vec::new(), errors: Vec::new() };
    reader.run();
    if reader.errors.is_empty() { Ok(reader.entries) } else { Err(reader.errors) }
}

impl Reader<'_> {
    /// Line and column of a byte, counted from 1.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = head(self.source, at);
        let line = before.matches('\n').count() + 1;
        (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    }

    fn fail(&mut self, at: usize, message: String) {
        let (line, column) = self.place(at);
        self.errors.push(KeymapError { line, column, message });
    }

    fn run(&mut self) {
        if self.source.len() > MAX_BYTES {
            return self.fail(0, format!("the file is larger than {} KiB. Is it a keymap?", MAX_BYTES / 1024));
        }
        let tables = match toml::from_str::<BTreeMap<Spanned<String>, Vec<Spanned<Raw>>>>(self.source) {
            Ok(tables) => tables,
            Err(e) => return self.fail(e.span().map_or(0, |s| s.start), e.message().to_owned()),
        };
        // In the order of the file, so that errors are too.
        let mut rows: Vec<(String, usize, Spanned<Raw>)> = Vec::new();
        for (context, bindings) in tables {
            let at = context.span().start;
            rows.extend(bindings.into_iter().map(|b| (context.get_ref().clone(), at, b)));
        }
        rows.sort_by_key(|(.., raw)| raw.span().start);
        // Labels come last: the prefix that they name must be there.
        let (labels, binds): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(.., r)| r.get_ref().label.is_some());
        for (context, at, raw) in binds.into_iter().chain(labels) {
            if let Some(known) = self.contexts.filter(|c| !c.contains(&context.as_str())) {
                let list = known.join(", ");
                self.fail(at, format!("there is no context `{context}`. There are: {list}."));
                continue;
            }
            self.row(&context, &raw);
        }
    }

    fn row(&mut self, context: &str, raw: &Spanned<Raw>) {
        let start = raw.span().start;
        let raw = raw.get_ref();
        if raw.keys.is_empty() {
            return self.fail(start, "`keys` is empty. Name at least one key.".into());
        }
        for keys in &raw.keys {
            let at = keys.span().start;
            let chords = match parse_sequence(keys.get_ref()) {
                Ok(chords) => chords,
                Err(e) => {
                    self.fail(at, e.0);
                    continue;
                }
            };
            let Some(what) = self.what(start, raw) else { return };
            if raw.why.is_none() && matches!(what, What::Bind(_)) {
                self.check_double(context, &chords, raw, at);
            }
            let place = self.place(at);
            self.entries.push(Entry { context: context.to_owned(), keys: chords, what, place });
        }
    }

    /// What the row does; `None` after an error was noted.
    fn what(&mut self, start: usize, raw: &Raw) -> Option<What> {
        match (&raw.run, &raw.label) {
            (Some(run), None) if run.get_ref() == "none" => Some(What::Unbind),
            (Some(run), None) => {
                let name = run.get_ref();
                let Some(spec) = self.known.iter().find(|c| c.name == name) else {
                    let hint = self.nearest(name).map_or_else(String::new, |n| format!(" Did you mean `{n}`?"));
                    self.fail(run.span().start, format!("there is no command `{name}`.{hint}"));
                    return None;
                };
                let says = raw.says.clone().unwrap_or_else(|| spec.says.to_owned());
                Some(What::Bind(Binding { command: name.clone(), says, footer: raw.footer, why: raw.why.clone() }))
            }
            (None, Some(label)) => Some(What::Label(label.clone())),
            _ => {
                self.fail(start, "say either `run = \"command\"` or, for a prefix, `label = \"…\"`.".into());
                None
            }
        }
    }

    fn check_double(&mut self, context: &str, chords: &[Chord], raw: &Raw, at: usize) {
        let command = raw.run.as_ref().map(Spanned::get_ref);
        let clash = self.entries.iter().filter(|e| e.context == context).find_map(|e| {
            let What::Bind(other) = &e.what else { return None };
            if e.keys == chords {
                return (Some(&other.command) != command).then(|| {
                    format!(
                        "`{}` already runs `{}` in [{context}]. Choose another key, or give a reason with `why = \"…\"`.",
                        label(chords),
                        other.command
                    )
                });
            }
            let (short, long) = if e.keys.len() < chords.len() { (&e.keys[..], chords) } else { (chords, &e.keys[..]) };
            long.starts_with(short).then(|| {
                format!("`{}` begins with `{}`, which is bound by itself in [{context}]. Choose another key.", label(long), label(short))
            })
        });
        if let Some(message) = clash {
            self.fail(at, message);
        }
    }

    /// The known command that shares the longest beginning with `name`, if it shares a group.
    fn nearest(&self, name: &str) -> Option<&'static str> {
        let shared = |other: &str| name.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        let best = self.known.iter().map(|c| (shared(c.name), c.name)).max_by_key(|(n, _)| (*n, usize::MAX - n))?;
        let first = self.known.iter().find(|c| shared(c.name) == best.0)?;
        (best.0 >= 2).then_some(first.name)
    }
}
