//! A pack's text as a list of rules, each with its place, its name, its parts and where it comes from: what a screen shows
//! and what two packs are compared by.
//!
//! It walks the text as it is written and knows no kind of rule by its meaning, so that a table which the reader learns to
//! read is shown and compared without a line here. It must never decide what a pack means: that is the reader's, and only
//! a text that the reader has accepted comes here.

use toml_edit::{Document, Item, TableLike, Value};

/// One step of the way to a rule: the key of its table, and its code there; no code for a table that stands alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The key, such as `clock`, `list` or `choices`.
    pub key: String,
    /// The code, such as `first-contact`; the name of a list; empty for a single table.
    pub code: String,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands, from the outside in; empty for the head of the pack.
    pub at: Vec<Step>,
    /// Under which key its name is written, such as `label`; empty if it has none.
    pub name_key: &'static str,
    /// Its name; its code where it has none.
    pub name: String,
    /// What else it says, in the order of the text. A number for each risk is three parts.
    pub parts: Vec<(String, String)>,
    /// Where it comes from: its own source, or that of what holds it.
    pub source: String,
    /// Whether a published text confirms it.
    pub verified: bool,
    /// Who is to confirm it, where the pack says so.
    pub confirm_with: Option<String>,
    /// Whether source and mark are its own.
    pub own: bool,
}

/// The keys under which rules have their names, the likeliest first.
pub(super) const NAMES: [&str; 4] = ["label", "name", "title", "text"];
/// The keys that say where a rule comes from.
const ORIGIN: [&str; 3] = ["source", "verified", "confirm-with"];

/// A kind of rule: key, word for one, words for all, who usually confirms it.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("", "pack", "The pack", "the team"),
    ("stage", "stage", "Stages", "NATFATIP"),
    ("clock", "clock", "Clocks", "CPFSA"),
    ("followup", "follow-up", "Follow-ups", "CPFSA"),
    ("form", "form", "Forms", "NATFATIP"),
    ("section", "section", "Sections", "NATFATIP"),
    ("questions", "question", "Questions", "NATFATIP"),
    ("follows", "next step", "What follows", "NATFATIP"),
    ("service", "service", "Services", "CPFSA"),
    ("criterion", "criterion", "Criteria of closing", "CPFSA"),
    ("closure", "closing", "Closing", "CPFSA"),
    ("list", "list", "Lists", "the team"),
    ("choices", "choice", "Choices", "the team"),
    ("agency", "agency", "Agencies", "the agency itself"),
    ("holiday", "holiday", "Holidays", "MLSS"),
    ("profile", "profile", "Profiles", "the agencies that share cases"),
    ("referral", "answers to referrals", "Referrals", "the agencies that refer"),
    ("agenda", "agenda rule", "Agenda", "the team"),
    ("meeting", "meetings", "Meetings", "the team"),
    ("retention", "retention rule", "Retention", "the Office of the Information Commissioner"),
    ("call", "call", "Call card", "whoever answers the number"),
    ("limits", "limits", "Limits", "the team"),
    ("outreach", "outreach", "Outreach", "the team"),
    ("outreach-question", "outreach question", "Outreach questions", "the team"),
    ("training-topic", "topic of training", "Topics of training", "NATFATIP"),
];

/// The word for one rule of a kind: `clock`.
pub fn word(key: &str) -> &str {
    KINDS.iter().find(|kind| kind.0 == key).map_or(key, |kind| kind.1)
}

/// The words for all rules of a kind: `Clocks`.
pub fn words(key: &str) -> &str {
    KINDS.iter().find(|kind| kind.0 == key).map_or(key, |kind| kind.2)
}

/// The place of a kind on a screen; kinds that have none come last.
pub fn rank(key: &str) -> usize {
    KINDS.iter().position(|kind| kind.0 == key).unwrap_or(KINDS.len())
}

impl Rule {
    /// The key of its kind: that of the last step; empty for the head.
    pub fn kind(&self) -> &str {
        self.at.last().map_or("", |step| &step.key)
    }

    /// The key of the outermost table that holds it.
    pub fn group(&self) -> &str {
        self.at.first().map_or("", |step| &step.key)
    }

    /// Its code.
    pub fn code(&self) -> &str {
        self.at.last().map_or("", |step| &step.code)
    }

    /// Its place on one line, as the command line takes it: `clock/first-contact`, `list/flag/media`.
    pub fn path(&self) -> String {
        let codes = self.at.iter().map(|step| step.code.as_str()).filter(|code| !code.is_empty());
        let steps: Vec<&str> = std::iter::once(self.group()).chain(codes).collect();
        steps.join("/")
    }

    /// A part of it.
    pub fn part(&self, key: &str) -> Option<&str> {
        self.parts.iter().find(|(of, _)| of == key).map(|(_, value)| value.as_str())
    }

    /// Whether it is in the pack for the sake of older records only.
    pub fn retired(&self) -> bool {
        self.part("retired") == Some("yes")
    }

    /// Who is to confirm it: whom the pack names, or who usually confirms rules of its kind. `None` if a published text does.
    pub fn to_confirm(&self) -> Option<&str> {
        if self.verified {
            return None;
        }
        let usual = || {
            let owner = self.part("owner").filter(|_| self.kind() == "clock");
            owner.unwrap_or_else(|| KINDS.iter().find(|kind| kind.0 == self.kind()).map_or("the team", |kind| kind.3))
        };
        Some(self.confirm_with.as_deref().unwrap_or_else(usual))
    }

    /// What it says, on one line: `high 24, medium 72, low 168 hours, from reported until first-contact`.
    pub fn says(&self) -> String {
        let part = |key: &str| self.part(key).unwrap_or_default();
        let plain = |skip: &[&str]| -> String {
            let shown = self.parts.iter().filter(|(key, _)| !skip.contains(&key.as_str()));
            shown.map(|(key, value)| format!("{} {value}", key_words(key))).collect::<Vec<_>>().join(", ")
        };
        match self.kind() {
            "clock" => {
                let again = if part("again") == "yes" { ", again and again" } else { "" };
                format!("{}, from {} until {}{again}", self.by_risk("value"), part("start"), part("stops"))
            }
            "followup" => {
                let stage = self.part("stage").map(|stage| format!(", at stage {stage}")).unwrap_or_default();
                format!("every {}{stage}", self.by_risk("every"))
            }
            "choices" | "service" => {
                let hint = part("hint");
                let rest = plain(&["hint", "retired"]);
                let retired = if self.retired() { "retired" } else { "" };
                let all = [retired, hint, &rest];
                all.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("  ")
            }
            "stage" => match part("next") {
                "" => "the end".to_owned(),
                next => format!("then {next}"),
            },
            "retention" => {
                let keep = self.part("years").map_or("none set".to_owned(), |years| format!("{years} years"));
                let rest = plain(&["years", "what"]);
                format!("{}: {keep}, {rest}", part("what")).trim_end_matches(", ").to_owned()
            }
            _ => plain(&[]),
        }
    }

    /// The three numbers of a risk with their unit: `high 24, medium 72, low 168 hours`, or one if they are the same.
    fn by_risk(&self, key: &str) -> String {
        let unit = self.unit();
        let at = |risk: &str| self.part(&format!("{key}.{risk}")).unwrap_or_default();
        if at("high") == at("low") {
            return format!("{} {unit}", at("high"));
        }
        format!("high {}, medium {}, low {} {unit}", at("high"), at("medium"), at("low"))
    }

    /// What its numbers count.
    pub fn unit(&self) -> String {
        let unit = match self.kind() {
            "followup" => "days",
            _ => self.part("unit").unwrap_or_default(),
        };
        unit.replace('-', " ")
    }
}

/// A key as people read it: `value.high` is `high`, `show-if.question` is `show if question`.
pub fn key_words(key: &str) -> String {
    let short = ["value.", "every."].iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key);
    short.replace(['.', '-'], " ")
}

/// All rules of a pack's text, each before those it holds; none if the text is no TOML, which the reader refuses.
pub fn rules(text: &str) -> Vec<Rule> {
    let mut out = Vec::new();
    if let Ok(document) = Document::parse(text) {
        let above = Above { source: String::new(), verified: true, confirm_with: None };
        walk(document.as_table(), &[], &above, &mut out);
    }
    out
}

/// What a rule has from the one that holds it, unless it says it itself.
#[derive(Clone)]
struct Above {
    source: String,
    verified: bool,
    confirm_with: Option<String>,
}

fn walk(table: &dyn TableLike, at: &[Step], above: &Above, out: &mut Vec<Rule>) {
    let text = |key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
    let own = Above {
        source: text("source").unwrap_or_else(|| above.source.clone()),
        verified: table.get("verified").and_then(Item::as_bool).unwrap_or(above.verified),
        confirm_with: text("confirm-with").or_else(|| above.confirm_with.clone()),
    };
    let named = NAMES.into_iter().find(|key| table.get(key).is_some_and(Item::is_str));
    let code = at.last().map_or("", |step| step.code.as_str());
    let name = named.and_then(text).unwrap_or_else(|| match at.last() {
        Some(step) if step.code.is_empty() => word(&step.key).to_owned(),
        _ => code.to_owned(),
    });
    let place = out.len();
    out.push(Rule {
        at: at.to_vec(),
        name_key: named.unwrap_or(""),
        name,
        parts: Vec::new(),
        source: own.source.clone(),
        verified: own.verified,
        confirm_with: own.confirm_with.clone(),
        own: ORIGIN.iter().any(|key| table.contains_key(key)),
    });
    let mut parts = Vec::new();
    for (key, item) in table.iter() {
        if key == "code" || named == Some(key) || ORIGIN.contains(&key) {
            continue;
        }
        match held(item, key, at.is_empty()) {
            Some(held) => {
                for (code, table) in held {
                    let mut at = at.to_vec();
                    at.push(Step { key: key.to_owned(), code });
                    walk(table, &at, &own, out);
                }
            }
            None => flatten(key, item, &mut parts),
        }
    }
    out[place].parts = parts;
}

/// The rules that a key holds, with their codes; `None` if it holds a value.
fn held<'a>(item: &'a Item, key: &str, top: bool) -> Option<Vec<(String, &'a dyn TableLike)>> {
    let code = |table: &dyn TableLike| table.get("code").and_then(Item::as_str).map(str::to_owned);
    match item {
        Item::ArrayOfTables(tables) => {
            tables.iter().map(|table| Some((code(table)?, table as &dyn TableLike))).collect()
        }
        Item::Value(Value::Array(array)) if !array.is_empty() => array
            .iter()
            .map(|value| {
                let table = value.as_inline_table()?;
                Some((code(table)?, table as &dyn TableLike))
            })
            .collect(),
        Item::Table(lists) if top && key == "list" => {
            lists.iter().map(|(name, list)| Some((name.to_owned(), list.as_table_like()?))).collect()
        }
        Item::Table(table) if top => Some(vec![(String::new(), table as &dyn TableLike)]),
        _ => None,
    }
}

/// A value as parts of a rule: a table inside becomes a part for each of its keys.
fn flatten(key: &str, item: &Item, parts: &mut Vec<(String, String)>) {
    let risks = ["high", "medium", "low"];
    match item {
        Item::Value(Value::Integer(number)) if key == "value" || key == "every" => {
            parts.extend(risks.map(|risk| (format!("{key}.{risk}"), number.value().to_string())));
        }
        other => match other.as_table_like() {
            Some(table) if table.len() == 2 && table.contains_key("amount") && table.contains_key("unit") => {
                let part = |key| table.get(key).map(value_of).unwrap_or_default();
                parts.push((key.to_owned(), format!("{} {}", part("amount"), part("unit").replace('-', " "))));
            }
            Some(table) => {
                for (inner, item) in table.iter() {
                    flatten(&format!("{key}.{inner}"), item, parts);
                }
            }
            None => parts.push((key.to_owned(), value_of(other))),
        },
    }
}

/// A value as people read it.
fn value_of(item: &Item) -> String {
    match item {
        Item::Value(value) => shown(value),
        _ => String::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        Value::Integer(number) => number.value().to_string(),
        Value::Float(number) => number.value().to_string(),
        Value::Boolean(yes) => if *yes.value() { "yes" } else { "no" }.to_owned(),
        Value::Datetime(when) => when.value().to_string(),
        Value::Array(array) => array.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::InlineTable(table) => {
            let parts = table.iter().map(|(key, value)| format!("{key} {}", shown(value)));
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::BUILTIN;

    fn of<'a>(all: &'a [Rule], kind: &str, code: &str) -> &'a Rule {
        all.iter().find(|rule| rule.kind() == kind && rule.code() == code).expect("the rule")
    }

    #[test]
    fn every_rule_of_the_built_in_pack_has_a_name_a_source_and_somebody_to_confirm_it() {
        let all = rules(BUILTIN);
        assert!(all.len() > 150, "{}", all.len());
        for rule in all.iter().filter(|rule| !rule.at.is_empty()) {
            assert!(!rule.name.is_empty() && !rule.source.is_empty(), "{rule:?}");
            assert_eq!(rule.to_confirm().is_none(), rule.verified, "{rule:?}");
            assert!(rank(rule.kind()) < KINDS.len(), "the kind {} has no words", rule.kind());
        }
    }

    #[test]
    fn rules_are_said_on_one_line() {
        let all = rules(BUILTIN);
        let clock = of(&all, "clock", "first-contact");
        assert_eq!(clock.says(), "high 24, medium 72, low 168 hours, from reported until first-contact");
        assert_eq!((clock.name.as_str(), clock.to_confirm()), ("First contact", Some("CPFSA")));
        assert_eq!(of(&all, "clock", "ncr-number").says(), "2 working days, from statutory-report until ncr-number");
        assert_eq!(
            of(&all, "followup", "placement").says(),
            "every high 7, medium 14, low 30 days, at stage reintegration"
        );
        assert_eq!(of(&all, "referral", "").says(), "answer 3 working days, answer urgent 24 hours");
        assert_eq!(of(&all, "choices", "211").says(), "The child abuse line, 24 hours.");
        assert_eq!(of(&all, "stage", "closed").says(), "the end");
    }

    #[test]
    fn a_choice_has_the_source_of_its_list_unless_it_says_its_own() {
        let all = rules(BUILTIN);
        let (school, station) = (of(&all, "choices", "school"), of(&all, "choices", "station"));
        assert!(school.own && !school.verified && !station.own && station.verified);
        assert_eq!(school.to_confirm(), Some("the team"));
        assert_eq!(station.source, of(&all, "list", "channel").source);
    }

    #[test]
    fn whom_a_pack_names_is_to_confirm_it() {
        let text = BUILTIN.replacen("code = \"minutes\"\n", "code = \"minutes\"\nconfirm-with = \"the chair\"\n", 1);
        assert_eq!(of(&rules(&text), "clock", "minutes").to_confirm(), Some("the chair"));
        assert!(rules("no = ").is_empty());
    }
}
