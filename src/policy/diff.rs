//! What is different between two packs, rule by rule and in plain words: "clock First contact: high 24 → 12 hours".
//!
//! It compares what the packs say, never how they are written: comments, blank lines and the order of keys are nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{Rule, Step, key_words, word, words};

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// One thing that it says is another; an empty text stands for what is not there.
    Changed {
        /// The key.
        key: String,
        /// What it said.
        from: String,
        /// What it says.
        to: String,
    },
    /// Rules of this kind come in another order.
    Moved,
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where the rule stands; of [`What::Moved`] the kind alone.
    pub at: Vec<Step>,
    /// What became of it.
    pub what: What,
    /// All of it in one plain sentence.
    pub says: String,
}

/// All differences, in the order of the new pack; what is gone comes first.
pub fn diff(before: &[Rule], after: &[Rule]) -> Vec<Change> {
    let mut out = Vec::new();
    let (old, new) = (by_place(before), by_place(after));
    for rule in before.iter().filter(|rule| !new.contains_key(&rule.at[..])) {
        // What went with the rule that held it needs no line of its own.
        if held_in(rule, &new) {
            out.push(gone_or_new(rule, before, What::Removed));
        }
    }
    for rule in after {
        match old.get(&rule.at[..]) {
            Some(was) => changes(was, rule, after, &mut out),
            None if held_in(rule, &old) => out.push(gone_or_new(rule, after, What::Added)),
            None => {}
        }
    }
    out.extend(moved(before, after));
    out
}

type Places<'a> = BTreeMap<&'a [Step], &'a Rule>;

fn by_place(all: &[Rule]) -> Places<'_> {
    all.iter().map(|rule| (&rule.at[..], rule)).collect()
}

/// Whether the rule that holds this one is there.
fn held_in(rule: &Rule, all: &Places<'_>) -> bool {
    rule.at.len() < 2 || all.contains_key(&rule.at[..rule.at.len() - 1])
}

fn gone_or_new(rule: &Rule, all: &[Rule], what: What) -> Change {
    let new = what == What::Added;
    let name = if rule.name == rule.code() { String::new() } else { format!(" (\"{}\")", rule.name) };
    let says = match rule.kind() {
        "choices" => {
            let sign = if new { "+" } else { "−" };
            format!("{}: {sign} {}{name}", holder(rule, all), rule.code())
        }
        "questions" | "section" | "follows" => {
            let what = if new { "new" } else { "removed" };
            format!("{} {what}{name}", place(rule, all))
        }
        _ => format!("{}: {}", place(rule, all), if new { "new" } else { "removed" }),
    };
    Change { at: rule.at.clone(), what, says }
}

/// The rule in words: "clock First contact", "list channel", "question 7 of form Indicators".
fn place(rule: &Rule, all: &[Rule]) -> String {
    let word = word(rule.kind());
    match rule.kind() {
        "" => "pack".to_owned(),
        "choices" => format!("{}: {}", holder(rule, all), rule.code()),
        "questions" | "section" | "follows" => {
            let of = |it: &&Rule| it.kind() == rule.kind() && it.at.first() == rule.at.first();
            let number = all.iter().filter(of).position(|it| it.at == rule.at).map_or(0, |at| at + 1);
            let form = rule.at.first().and_then(|form| all.iter().find(|it| it.at == [form.clone()]));
            format!("{word} {number} of {}", form.map_or_else(String::new, |form| place(form, all)))
        }
        "list" => format!("list {}", rule.code()),
        _ if rule.code().is_empty() => word.to_owned(),
        _ => format!("{word} {}", rule.name),
    }
}

/// What holds a rule, in words.
fn holder(rule: &Rule, all: &[Rule]) -> String {
    let above = &rule.at[..rule.at.len().saturating_sub(1)];
    all.iter().find(|it| it.at == above).map_or_else(String::new, |it| place(it, all))
}

fn changes(was: &Rule, is: &Rule, all: &[Rule], out: &mut Vec<Change>) {
    let mut add = |key: &str, from: &str, to: &str| {
        if from != to {
            let says = format!("{}: {}", place(is, all), changed(is, key, from, to));
            let what = What::Changed { key: key.to_owned(), from: from.to_owned(), to: to.to_owned() };
            out.push(Change { at: is.at.clone(), what, says });
        }
    };
    if !is.name_key.is_empty() || !was.name_key.is_empty() {
        add(if is.name_key.is_empty() { was.name_key } else { is.name_key }, &was.name, &is.name);
    }
    let mut seen = BTreeSet::new();
    for (key, _) in was.parts.iter().chain(&is.parts) {
        // Left out, or "no": a flag that is not up is the same either way.
        let part = |rule: &Rule| rule.part(key).filter(|value| *value != "no").unwrap_or_default().to_owned();
        if seen.insert(key) {
            add(key, &part(was), &part(is));
        }
    }
    if was.own || is.own {
        let mark = |rule: &Rule| if rule.verified { "yes" } else { "" };
        add("source", &was.source, &is.source);
        add("verified", mark(was), mark(is));
        let confirm = |rule: &Rule| rule.confirm_with.clone().unwrap_or_default();
        add("confirm-with", &confirm(was), &confirm(is));
    }
}

/// What is different, without the rule: `high 24 → 12 hours`.
fn changed(rule: &Rule, key: &str, from: &str, to: &str) -> String {
    match (key, to) {
        ("retired", "yes") => return "retired".to_owned(),
        ("retired", _) => return "offered again".to_owned(),
        ("verified", "yes") => return "now confirmed by a published text".to_owned(),
        ("verified", _) => return "no longer confirmed by a published text".to_owned(),
        _ => {}
    }
    let number = |text: &str| text.parse::<i64>().is_ok();
    if number(from) && number(to) {
        let by_risk = key.starts_with("value.") || key.starts_with("every.");
        let unit = if by_risk { format!(" {}", rule.unit()) } else { String::new() };
        return format!("{} {from} → {to}{unit}", key_words(key)).trim_end().to_owned();
    }
    let said = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("\"{text}\"") };
    format!("{} {} → {}", key_words(key), said(from), said(to))
}

/// The kinds whose rules come in another order: in lists and forms that is the order in which they are offered and asked.
fn moved(before: &[Rule], after: &[Rule]) -> Vec<Change> {
    let old = siblings(before);
    let mut out = Vec::new();
    for (kind, codes) in siblings(after) {
        let Some(was) = old.get(&kind) else { continue };
        let both = |one: &[&str], other: &[&str]| -> Vec<String> {
            one.iter().filter(|code| other.contains(code)).map(|&code| code.to_owned()).collect()
        };
        if both(was, &codes) == both(&codes, was) {
            continue;
        }
        let (above, key) = (&kind[..kind.len() - 1], &kind[kind.len() - 1].key);
        let of = after.iter().find(|rule| rule.at == above && !above.is_empty());
        let of = of.map(|rule| format!("{}: ", place(rule, after))).unwrap_or_default();
        let says = format!("{of}{} in another order", words(key).to_lowercase());
        out.push(Change { at: kind.clone(), what: What::Moved, says });
    }
    out
}

/// The codes of rules that stand side by side, by where they stand; the last step of the place has no code.
fn siblings(all: &[Rule]) -> BTreeMap<Vec<Step>, Vec<&str>> {
    let mut out: BTreeMap<Vec<Step>, Vec<&str>> = BTreeMap::new();
    // Tables that stand alone, and the lists among themselves, are in no order that means anything.
    for rule in all.iter().filter(|rule| !rule.code().is_empty() && rule.kind() != "list") {
        let mut kind = rule.at.clone();
        if let Some(last) = kind.last_mut() {
            last.code.clear();
        }
        out.entry(kind).or_default().push(rule.code());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{BUILTIN, rules};

    fn said(changes: &[(&str, &str)]) -> Vec<String> {
        let mut text = BUILTIN.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        crate::policy::parse(&text).expect("a pack");
        diff(&rules(BUILTIN), &rules(&text)).into_iter().map(|change| change.says).collect()
    }

    #[test]
    fn a_change_is_said_in_plain_words() {
        assert_eq!(said(&[("high = 24, medium", "high = 12, medium")]), ["clock First contact: high 24 → 12 hours"]);
        assert_eq!(
            said(&[(
                "{ code = \"other\", label = \"another way\"",
                "{ code = \"radio\", label = \"radio\" },\n    { code = \"other\", label = \"another way\""
            )]),
            ["list channel: + radio"]
        );
        assert_eq!(
            said(&[("    { code = \"language\", label = \"needs an interpreter\" },\n", "")]),
            ["list flag: − language (\"needs an interpreter\")"]
        );
        assert_eq!(
            said(&[("label = \"First contact\"", "label = \"First visit\"")]),
            ["clock First visit: label \"First contact\" → \"First visit\""]
        );
        assert_eq!(said(&[("reveal-seconds = 30", "reveal-seconds = 20")]), ["limits: reveal seconds 30 → 20"]);
        assert_eq!(said(&[("version = 1", "version = 2")]), ["pack: version 1 → 2"]);
        assert_eq!(
            said(&[("answer = { amount = 3,", "answer = { amount = 5,")]),
            ["answers to referrals: answer \"3 working days\" → \"5 working days\""]
        );
    }

    #[test]
    fn how_a_pack_is_written_is_no_difference() {
        assert_eq!(said(&[("version = 1", "version = 1 # ours\n\n# A remark.")]), Vec::<String>::new());
        assert_eq!(said(&[("value = 2\n", "value = { low = 2, medium = 2, high = 2 }\n")]), Vec::<String>::new());
        assert_eq!(
            said(&[("stops = [\"ncr-number\"]", "again = false\nstops = [\"ncr-number\"]")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_order_of_choices_and_the_mark_of_a_list_are_told_once() {
        let swap = [
            ("{ code = \"211\", label = \"211\", hint = \"The child abuse line, 24 hours.\" }", "@"),
            (
                "{ code = \"station\", label = \"police station\" }",
                "{ code = \"211\", label = \"211\", hint = \"The child abuse line, 24 hours.\" }",
            ),
            ("@", "{ code = \"station\", label = \"police station\" }"),
        ];
        assert_eq!(said_raw(&swap), ["list channel: choices in another order"]);
        assert_eq!(
            said(&[(
                "source = \"ways in which the Registry takes reports\"\nverified = true",
                "source = \"ways in which the Registry takes reports\"\nverified = false"
            )]),
            ["list channel: no longer confirmed by a published text"]
        );
    }

    fn said_raw(changes: &[(&str, &str)]) -> Vec<String> {
        let text = changes.iter().fold(BUILTIN.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
        diff(&rules(BUILTIN), &rules(&text)).into_iter().map(|change| change.says).collect()
    }

    #[test]
    fn a_rule_that_goes_takes_what_it_held_along_in_one_line() {
        let (before, mut after) = (rules(BUILTIN), rules(BUILTIN));
        after.retain(|rule| rule.at.first().is_none_or(|step| step.code != "flag"));
        let said: Vec<String> = diff(&before, &after).into_iter().map(|change| change.says).collect();
        assert_eq!(said, ["list flag: removed"]);
        let back: Vec<String> = diff(&after, &before).into_iter().map(|change| change.says).collect();
        assert_eq!(back, ["list flag: new"]);
    }
}
