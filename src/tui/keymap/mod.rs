//! The keymap: keys as data, read from TOML, checked against the commands that exist.
//!
//! A file has one table array per *context*; a layer names the contexts in which its keys are looked up, first to
//! last, `global` at the end:
//!
//! ```toml
//! [[list]]
//! keys = ["j", "down"]     # each alone does it; "g t" is a sequence
//! run = "list.down"        # the command; "none" takes the keys away
//! says = "down"            # optional: the footer's and the help's words; else the command's own
//! footer = 5               # optional: 1–99, the highest come first; left out of the footer without it
//! why = "…"                # only where a key means something else than in a context below: the reason
//!
//! [[list]]
//! keys = ["g"]
//! label = "go to"          # names a prefix instead of running something
//! ```
//!
//! Nothing is accepted silently: an unknown command, context or setting, and a key with two meanings, are errors with
//! line and column. What a key does is never written in code.

mod chord;
mod commands;
mod read;
mod trie;

use std::collections::BTreeMap;
use std::fmt;

pub use chord::{Chord, ChordError, Key, label, parse_sequence};
use commands::ALWAYS;
pub use commands::{COMMANDS, PLACES, STACKS};
pub use trie::{Binding, Branch, Node};

/// The keymap that ships with mahoe.
pub const DEFAULT: &str = include_str!("default.toml");

/// A command that keys can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// Its name: `group.verb`.
    pub name: &'static str,
    /// What it does, in a few words, as help and palette say it.
    pub says: &'static str,
    /// It changes something that is work to put right: the same key again within 300 ms is ignored.
    pub danger: bool,
    /// The palette offers it everywhere, even without a key.
    pub everywhere: bool,
}

impl CommandSpec {
    /// A harmless command.
    pub const fn new(name: &'static str, says: &'static str) -> Self {
        Self { name, says, danger: false, everywhere: false }
    }

    /// One that must not run twice by accident.
    pub const fn danger(name: &'static str, says: &'static str) -> Self {
        Self { name, says, danger: true, everywhere: false }
    }

    /// One that the palette offers everywhere.
    #[must_use]
    pub const fn everywhere(self) -> Self {
        Self { everywhere: true, ..self }
    }
}

/// Something wrong in a keymap file. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeymapError {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for KeymapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for KeymapError {}

/// What a key means after those that are pending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The sequence is complete: run this command.
    Command(String),
    /// More keys can follow.
    Pending(Branch),
    /// Nothing is bound to it.
    None,
}

/// A binding with its keys, for the footer, the help and the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The context that it stands in.
    pub context: String,
    /// The sequences that run it, the shortest first.
    pub keys: Vec<Vec<Chord>>,
    /// What it does.
    pub binding: Binding,
}

impl Bound {
    /// Its keys as people read them: `j/Down`.
    pub fn label(&self) -> String {
        self.keys.iter().map(|k| label(k)).collect::<Vec<_>>().join("/")
    }
}

/// All bindings by context.
///
/// ```
/// use mahoe::tui::keymap::{COMMANDS, Keymap, Match};
/// let keymap = Keymap::standard();
/// let mut pending = Vec::new();
/// let down = keymap.press(&["list", "global"], &mut pending, "j".parse().unwrap());
/// assert_eq!(down, Match::Command("list.down".into()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    contexts: BTreeMap<String, Branch>,
    commands: Vec<CommandSpec>,
}

impl Keymap {
    /// Reads a complete keymap; `known` are all commands that exist.
    pub fn parse(toml: &str, known: &[CommandSpec]) -> Result<Self, Vec<KeymapError>> {
        let mut map = Self { contexts: BTreeMap::new(), commands: known.to_vec() };
        let entries = read::read(toml, known, None)?;
        map.apply(&entries);
        Ok(map)
    }

    /// The keymap that ships with mahoe, over [`COMMANDS`].
    ///
    /// # Panics
    /// Never: a test parses the same text.
    pub fn standard() -> Self {
        Self::parse(DEFAULT, COMMANDS).expect("a test parses the keymap that ships")
    }

    /// Reads a person's own file over this one: their keys win, all others stay.
    ///
    /// Contexts that this keymap doesn't have are errors, as are all that [`Keymap::parse`] refuses; a key that would
    /// mean two things on one screen without a reason; and a file after which nobody could lock, leave or find help.
    /// After an error nothing is changed.
    pub fn merge(&mut self, toml: &str) -> Result<(), Vec<KeymapError>> {
        let names: Vec<&str> = self.contexts.keys().map(String::as_str).collect();
        let entries = read::read(toml, &self.commands, Some(&names))?;
        let mut merged = self.clone();
        merged.apply(&entries);
        let mut errors: Vec<KeymapError> = entries.iter().filter_map(|entry| merged.second_meaning(entry)).collect();
        errors.extend(self.lost(&merged, &entries));
        if errors.is_empty() {
            *self = merged;
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// What a new binding means besides, on a screen where both are looked up.
    fn second_meaning(&self, entry: &read::Entry) -> Option<KeymapError> {
        let read::What::Bind(new) = &entry.what else { return None };
        let find = |context: &str| self.contexts.get(context).and_then(|root| root.find(&entry.keys));
        // Bound twice in the file: the later one counts.
        find(&entry.context).filter(|node| matches!(node, Node::Leaf(binding) if binding == new))?;
        for stack in STACKS {
            let Some(at) = stack.iter().position(|context| *context == entry.context) else { continue };
            for (other_at, other) in stack.iter().enumerate().filter(|(other, _)| *other != at) {
                let (means, why) = match find(other) {
                    None => continue,
                    Some(Node::Leaf(binding)) if binding.command == new.command => continue,
                    Some(Node::Leaf(binding)) => (format!("runs `{}`", binding.command), &binding.why),
                    Some(Node::Branch(_)) => ("begins other keys".to_owned(), &None),
                };
                // The nearer one hides the other, and has to say why.
                if if at < other_at { new.why.is_none() } else { why.is_none() } {
                    let keys = label(&entry.keys);
                    let message = format!(
                        "`{keys}` in [{other}] {means}, on the same screen as [{}]. Choose another key, or give a reason \
                         with `why = \"…\"` in the nearer one.",
                        entry.context
                    );
                    let (line, column) = entry.place;
                    return Some(KeymapError { line, column, message });
                }
            }
        }
        None
    }

    /// What must always have a key and has none after a merge.
    fn lost(&self, merged: &Self, entries: &[read::Entry]) -> Vec<KeymapError> {
        let has = |map: &Self, context: &str, command: &str| {
            map.bound(&[context]).iter().any(|bound| bound.binding.command == command)
        };
        let gone = |(context, command): &&(&str, &str)| has(self, context, command) && !has(merged, context, command);
        let error = |(context, command): &(&str, &str)| {
            let last = entries.iter().rev().find(|entry| entry.context == *context);
            let (line, column) = last.map_or((1, 1), |entry| entry.place);
            let message = format!("after this no key runs `{command}` in [{context}]. It needs one.");
            KeymapError { line, column, message }
        };
        ALWAYS.iter().filter(gone).map(error).collect()
    }

    fn apply(&mut self, entries: &[read::Entry]) {
        for entry in entries {
            let root = self.contexts.entry(entry.context.clone()).or_default();
            match &entry.what {
                read::What::Bind(binding) => root.insert(&entry.keys, Node::Leaf(binding.clone())),
                read::What::Label(label) => {
                    root.set_label(&entry.keys, label);
                }
                read::What::Unbind => root.remove(&entry.keys),
            }
        }
    }

    /// What `chord` means after `pending` in the contexts, first to last. A nearer context wins; `pending` is kept up
    /// to date and empty again after a command or a key without meaning.
    pub fn press(&self, contexts: &[&str], pending: &mut Vec<Chord>, chord: Chord) -> Match {
        pending.push(chord);
        let mut branches = Branch::default();
        for root in contexts.iter().filter_map(|c| self.contexts.get(*c)) {
            match root.find(pending) {
                Some(Node::Leaf(binding)) if branches.next.is_empty() => {
                    pending.clear();
                    return Match::Command(binding.command.clone());
                }
                Some(Node::Branch(branch)) => {
                    for (chord, node) in &branch.next {
                        branches.next.entry(*chord).or_insert_with(|| node.clone());
                    }
                    if branches.label.is_empty() {
                        branches.label.clone_from(&branch.label);
                    }
                }
                _ => {}
            }
        }
        if branches.next.is_empty() {
            pending.clear();
            return Match::None;
        }
        Match::Pending(branches)
    }

    /// Everything bound in these contexts, near contexts first, in each what the footer shows first, then in the order of
    /// the commands; one row per command and context. What a nearer context hides is left out.
    pub fn bound(&self, contexts: &[&str]) -> Vec<Bound> {
        let mut rows: Vec<Bound> = Vec::new();
        let mut taken: Vec<Vec<Chord>> = Vec::new();
        for name in contexts {
            let Some(root) = self.contexts.get(*name) else { continue };
            let mut here = Vec::new();
            root.each(&mut |keys, binding| {
                if taken.iter().any(|t| keys.starts_with(t)) {
                    return;
                }
                here.push(keys.to_vec());
                match rows.iter_mut().find(|r| r.context == *name && r.binding.command == binding.command) {
                    Some(row) => {
                        row.keys.push(keys.to_vec());
                        row.binding.footer = row.binding.footer.max(binding.footer);
                    }
                    None => rows.push(Bound {
                        context: (*name).to_owned(),
                        keys: vec![keys.to_vec()],
                        binding: binding.clone(),
                    }),
                }
            });
            taken.append(&mut here);
        }
        let rank = |row: &Bound| contexts.iter().position(|name| row.context == *name);
        let listed = |row: &Bound| self.commands.iter().position(|command| command.name == row.binding.command);
        rows.sort_by_key(|row| (rank(row), std::cmp::Reverse(row.binding.footer), listed(row)));
        for row in &mut rows {
            // Letters before arrows before chords with modifiers: what a newcomer reads first is what is easiest.
            row.keys.sort_by_key(|k| (k.len(), k[0].ctrl || k[0].alt, k.clone()));
        }
        rows
    }

    /// The footer of these contexts: the highest ranks first.
    pub fn footer(&self, contexts: &[&str]) -> Vec<Bound> {
        let mut rows: Vec<Bound> = self.bound(contexts).into_iter().filter(|b| b.binding.footer > 0).collect();
        rows.sort_by_key(|b| std::cmp::Reverse(b.binding.footer));
        rows
    }

    /// Keys that a nearer context gives another meaning than a farther one, without a reason (`why`).
    pub fn clashes(&self, contexts: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for (at, near) in contexts.iter().enumerate() {
            let Some(root) = self.contexts.get(*near) else { continue };
            root.each(&mut |keys, binding| {
                for far in &contexts[at + 1..] {
                    let other = self.contexts.get(*far).and_then(|r| r.find(keys));
                    let differs = match other {
                        None => false,
                        Some(Node::Branch(_)) => true,
                        Some(Node::Leaf(other)) => other.command != binding.command,
                    };
                    if differs && binding.why.is_none() {
                        found.push(format!("{} in [{near}] and [{far}]", label(keys)));
                    }
                }
            });
        }
        found
    }

    /// The command of that name.
    pub fn command(&self, name: &str) -> Option<&CommandSpec> {
        self.commands.iter().find(|c| c.name == name)
    }

    /// All commands.
    pub fn commands(&self) -> &[CommandSpec] {
        &self.commands
    }

    /// The names of all contexts.
    pub fn contexts(&self) -> impl Iterator<Item = &str> {
        self.contexts.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[CommandSpec] =
        &[CommandSpec::new("a.one", "one"), CommandSpec::new("a.two", "two"), CommandSpec::danger("a.three", "three")];

    fn chord(text: &str) -> Chord {
        text.parse().unwrap()
    }

    fn error(toml: &str) -> String {
        Keymap::parse(toml, KNOWN).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_shipped_keymap_is_sound() {
        let map = Keymap::parse(DEFAULT, COMMANDS).unwrap_or_else(|e| panic!("{}", e[0]));
        for stack in STACKS {
            assert_eq!(map.clashes(stack), Vec::<String>::new(), "{stack:?}");
        }
    }

    #[test]
    fn each_command_is_named_once() {
        let mut names: Vec<_> = COMMANDS.iter().map(|c| c.name).collect();
        names.sort_unstable();
        let before = names.len();
        names.dedup();
        assert_eq!(names.len(), before);
    }

    #[test]
    fn errors_name_line_and_column() {
        assert_eq!(
            error("[[list]]\nkeys = [\"j\"]\nrun = \"a.four\"\n"),
            "line 3, column 7: there is no command `a.four`. Did you mean `a.one`?"
        );
        assert_eq!(
            error("[[list]]\nkeys = [\"j\", \"hyper-x\"]\nrun = \"a.one\"\n").split('.').next().unwrap(),
            "line 2, column 14: `hyper-x` is no key"
        );
        assert_eq!(
            error("[[list]]\nkeys = [\"j\"]\nrun = \"a.one\"\n[[list]]\nkeys = [\"j\"]\nrun = \"a.two\"\n"),
            "line 5, column 9: `j` already runs `a.one` in [list]. Choose another key, or give a reason with `why = \"…\"`."
        );
        assert!(
            error("[[list]]\nkeys = [\"g\"]\nrun = \"a.one\"\n[[list]]\nkeys = [\"g t\"]\nrun = \"a.two\"\n")
                .contains("begins")
        );
        assert!(error("[[list]]\nkeys = [\"j\"]\nrum = \"a.one\"\n").starts_with("line 3, column 1:"));
        assert!(error("[[list]]\nkeys = [\"j\"]\n").contains("run"));
        assert!(error("[[list\n").starts_with("line 1"));
        assert!(error(&"#".repeat(300_000)).contains("larger than"));
    }

    #[test]
    fn all_errors_are_told_at_once() {
        let errors = Keymap::parse("[[x]]\nkeys=[\"a\"]\nrun=\"no.1\"\n[[x]]\nkeys=[\"b\"]\nrun=\"no.2\"\n", KNOWN);
        assert_eq!(errors.unwrap_err().len(), 2);
    }

    #[test]
    fn a_persons_file_wins_and_can_unbind() {
        let mut map = Keymap::parse("[[list]]\nkeys=[\"j\", \"down\"]\nrun=\"a.one\"\n", KNOWN).unwrap();
        map.merge("[[list]]\nkeys=[\"j\"]\nrun=\"a.two\"\n[[list]]\nkeys=[\"down\"]\nrun=\"none\"\n").unwrap();
        let mut pending = Vec::new();
        assert_eq!(map.press(&["list"], &mut pending, chord("j")), Match::Command("a.two".into()));
        assert_eq!(map.press(&["list"], &mut pending, chord("down")), Match::None);
        let before = map.clone();
        let e = map.merge("[[lost]]\nkeys=[\"j\"]\nrun=\"a.two\"\n").unwrap_err();
        assert!(e[0].message.contains("no context `lost`"), "{}", e[0]);
        assert_eq!(map.bound(&["list"]), before.bound(&["list"]), "nothing of a wrong file is taken");
    }

    #[test]
    fn a_persons_file_obeys_the_same_rules() {
        let wrong = |toml: &str| {
            let errors = Keymap::standard().merge(toml).expect_err(toml);
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let two = wrong("[[list]]\nkeys = [\"x\"]\nrun = \"list.last\"\n");
        assert!(two.starts_with("line 2, column 9: `x` in [today] runs `action.done`"), "{two}");
        let hides = wrong("[[today]]\nkeys = [\"g\"]\nrun = \"list.first\"\n");
        assert!(hides.contains("begins other keys"), "{hides}");
        let lost = wrong("[[form]]\nkeys = [\"ctrl-s\"]\nrun = \"none\"\n");
        assert_eq!(lost, "line 2, column 9: after this no key runs `form.save` in [form]. It needs one.");
        let mut map = Keymap::standard();
        let file = "[[today]]\nkeys = [\"d\"]\nrun = \"action.done\"\n[[today]]\nkeys = [\"?\"]\nrun = \"action.why\"\n\
                    why = \"F1 is help enough\"\n[[form]]\nkeys = [\"F2\"]\nrun = \"form.save\"\n";
        map.merge(file).unwrap_or_else(|errors| panic!("{}", errors[0]));
        let stack = ["today", "list", "global"];
        assert_eq!(map.press(&stack, &mut Vec::new(), chord("d")), Match::Command("action.done".into()));
        assert_eq!(map.press(&stack, &mut Vec::new(), chord("?")), Match::Command("action.why".into()));
    }

    #[test]
    fn sequences_pend_and_contexts_stack() {
        let toml = "[[near]]\nkeys=[\"g n\"]\nrun=\"a.one\"\n[[far]]\nkeys=[\"g f\"]\nrun=\"a.two\"\n\
                    [[far]]\nkeys=[\"g\"]\nlabel=\"go to\"\n[[far]]\nkeys=[\"x\"]\nrun=\"a.three\"\n[[near]]\nkeys=[\"x\"]\nrun=\"a.one\"\n";
        let map = Keymap::parse(toml, KNOWN).unwrap();
        let stack = ["near", "far"];
        let mut pending = Vec::new();
        let Match::Pending(node) = map.press(&stack, &mut pending, chord("g")) else { panic!("pending") };
        assert_eq!((node.label.as_str(), node.next.len()), ("go to", 2));
        assert_eq!(map.press(&stack, &mut pending, chord("f")), Match::Command("a.two".into()));
        assert!(pending.is_empty());
        assert_eq!(map.press(&stack, &mut pending, chord("x")), Match::Command("a.one".into()));
        map.press(&stack, &mut pending, chord("g"));
        assert_eq!(map.press(&stack, &mut pending, chord("z")), Match::None);
        assert!(pending.is_empty(), "an unknown key ends the sequence");
        assert_eq!(map.clashes(&stack), ["x in [near] and [far]"]);
        assert!(map.bound(&stack).iter().all(|b| b.binding.command != "a.three"), "hidden keys are not shown");
    }
}
