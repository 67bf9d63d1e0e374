//! Which policy is in force: the team's newest one, or, where this version can't read that, the last one before it that
//! it can. Which of the two holds is never left unsaid.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fact::Fact;
use crate::domain::field::{Field, FieldDef, FieldType, ItemKind};
use crate::domain::item::Item;
use crate::domain::pack::Pack;
use crate::domain::value::Value;
use crate::error::{AppError, Kind, Result};
use crate::policy;
use crate::text::counted;
use crate::vault::LoadedBody;

use super::Session;

/// Earlier policies whose words are remembered, the latest first: more changes than a team makes in years.
const MOST_EARLIER: usize = 200;

/// The team's newest policy can't be read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyTrouble {
    /// The first fault, with its line and column.
    pub reason: String,
    /// The text that is in force in its place; the built-in one's, where no earlier policy of the team can be read.
    pub text: String,
    /// What is in force in its place, by name and version.
    in_force: String,
}

impl PolicyTrouble {
    /// All of it: what can't be read and why, what holds meanwhile, what to do now.
    pub fn says(&self) -> String {
        format!(
            "The team's newest policy can't be read by this mahoe ({}). In force meanwhile: {}. Install the newest mahoe \
             here, or put a corrected policy in force.",
            self.reason.trim_end_matches('.'),
            self.in_force
        )
    }

    /// One line of it.
    pub const fn brief(&self) -> &'static str {
        "The team's newest policy can't be read here, so an older one holds (Vault says more)."
    }
}

/// A code that records have and that another policy would not offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The list, [`STAGES`](crate::domain::pack::STAGES) among them.
    pub list: String,
    /// The code.
    pub code: String,
    /// The words that the records keep.
    pub label: String,
    /// How many records, of those that can be read here.
    pub records: usize,
}

impl InUse {
    /// It in one sentence.
    pub fn says(&self) -> String {
        let records = counted(self.records, "record has", "records have");
        format!("{records} \"{}\" ({}): the words stay there, and no form offers them any more.", self.label, self.list)
    }
}

impl Session {
    /// What is different between the policy in force and another text, in plain words.
    pub fn policy_changes(&self, text: &str) -> Vec<policy::diff::Change> {
        policy::diff(&policy::rules(self.policy_text()), &policy::rules(text))
    }

    /// What the policy in force says otherwise than the built-in one of this version.
    pub fn policy_own(&self) -> Vec<policy::diff::Change> {
        policy::diff(&policy::rules(policy::BUILTIN), &policy::rules(self.policy_text()))
    }

    /// The text in force with changes made, and checked.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is nothing to change, if the pack would not be sound, or while the team's newest policy
    /// can't be read here: it would be lost.
    pub fn policy_edited(&self, edits: &[policy::edit::Edit]) -> Result<String> {
        if self.policy_trouble.is_some() {
            return Err(AppError::new(
                Kind::Refused,
                "The team's newest policy can't be read here, so it can't be changed here.",
                "Install the newest mahoe, or put a corrected policy in force.",
            ));
        }
        policy::edit::apply(self.policy_text(), edits, self.today_date()).map_err(|error| {
            let says = error.to_string();
            AppError::new(
                Kind::Refused,
                format!("The policy would not be sound: {}.", says.trim_end_matches('.')),
                "Nothing was changed.",
            )
        })
    }

    /// What records have of the policy in force and `after` would not offer, by list and code.
    pub fn orphans(&self, after: &Pack) -> Vec<InUse> {
        let mut dropped: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for (list, choices) in &self.pack.lists {
            for choice in choices.iter().filter(|choice| after.choice(list, &choice.code).is_none()) {
                dropped.entry(list).or_default().insert(&choice.code, 0);
            }
        }
        for kind in ItemKind::ALL {
            let of_list = |def: &FieldDef| match def.ty {
                FieldType::Choice(list) | FieldType::Choices(list) => {
                    dropped.contains_key(list).then_some((def.field, list))
                }
                _ => None,
            };
            let fields: Vec<(Field, &str)> = Field::of(kind).filter_map(of_list).collect();
            for item in self.state.items(kind).filter(|item| !fields.is_empty() && item.stands()) {
                for (field, list) in &fields {
                    for code in codes(&item.value(*field)) {
                        if let Some(count) = dropped.get_mut(list).and_then(|codes| codes.get_mut(code)) {
                            *count += 1;
                        }
                    }
                }
            }
        }
        let all = dropped.into_iter().flat_map(|(list, codes)| codes.into_iter().map(move |(code, n)| (list, code, n)));
        all.filter(|(.., records)| *records > 0)
            .map(|(list, code, records)| InUse {
                list: list.to_owned(),
                code: code.to_owned(),
                label: self.pack.label(list, code).to_owned(),
                records,
            })
            .chain(self.forms_dropped(after))
            .collect()
    }

    /// The forms that screenings were made with and that `after` has not got.
    fn forms_dropped<'s>(&'s self, after: &'s Pack) -> impl Iterator<Item = InUse> + 's {
        let gone = self.pack.forms.iter().filter(|form| after.form(&form.code).is_none());
        gone.filter_map(|form| {
            let made = |item: &&Item| item.stands() && item.str(Field::ScreeningForm) == form.code;
            let records = self.state.items(ItemKind::Screening).filter(made).count();
            let (code, label) = (form.code.clone(), form.label.clone());
            (records > 0).then(|| InUse { list: "form".to_owned(), code, label, records })
        })
    }

    /// Why the policy in force is not the team's newest; `None` if it is.
    pub const fn policy_trouble(&self) -> Option<&PolicyTrouble> {
        self.policy_trouble.as_ref()
    }

    /// The text of the policy in force.
    pub fn policy_text(&self) -> &str {
        match &self.policy_trouble {
            Some(trouble) => &trouble.text,
            None => Some(self.newest_policy()).filter(|text| !text.is_empty()).unwrap_or(policy::BUILTIN),
        }
    }

    fn newest_policy(&self) -> &str {
        let team = self.state.item(self.state.team_stream().item());
        team.map_or("", |team| team.str(Field::TeamPolicy))
    }

    /// Reads the policy that the team has put in force.
    pub(super) fn read_policy(&mut self) {
        let newest = self.newest_policy().to_owned();
        (self.pack, self.policy_trouble) = match read(&newest) {
            Ok(pack) => (pack, None),
            Err(reason) => {
                let (pack, text, what) = self.older_policy();
                let in_force = format!("{what}, {} (version {})", pack.name, pack.version);
                (pack, Some(PolicyTrouble { reason, text, in_force }))
            }
        };
        self.remember_words();
        self.calendar = self.pack.calendar();
        self.today.take();
    }

    /// A record keeps the words that it was made with: what the policy has dropped since is still read under the label that
    /// an earlier one gave it.
    fn remember_words(&mut self) {
        if !self.has_had_policies() {
            return;
        }
        let mut seen = BTreeSet::new();
        let mut earlier = self.policies_of_the_past();
        earlier.retain(|text| !text.is_empty() && seen.insert(text.clone()));
        for text in earlier.iter().take(MOST_EARLIER) {
            if let Ok(pack) = policy::parse(text) {
                self.pack.remember(&pack);
            }
        }
        // Before a team's first policy the built-in one held.
        self.pack.remember(policy::builtin());
    }

    /// Whether the team has ever put a policy in force: most never do, and nothing has to be read for them.
    fn has_had_policies(&self) -> bool {
        let team = self.state.item(self.state.team_stream().item());
        team.is_some_and(|team| team.register(Field::TeamPolicy).is_some())
    }

    /// The last policy of the team that can be read, from its entries; else the built-in one.
    fn older_policy(&mut self) -> (Pack, String, &'static str) {
        for text in self.policies_of_the_past() {
            if let Ok(pack) = read(&text) {
                return if text.is_empty() {
                    (pack, policy::BUILTIN.to_owned(), "the one that is built in, as the team had it")
                } else {
                    (pack, text, "the team's one before it")
                };
            }
        }
        (policy::builtin().clone(), policy::BUILTIN.to_owned(), "the one that is built in")
    }

    /// Every text that the team ever put in force, the latest in the order first; empty for "none of its own".
    fn policies_of_the_past(&mut self) -> Vec<String> {
        let team = self.state.team_stream();
        let blocks = self.blocks.get(&team).cloned().unwrap_or_default();
        // A store that can't be read is told elsewhere; here it means that nothing older is known.
        let mut entries = self.vault.entries_of(team, &blocks).unwrap_or_default();
        entries.retain(|entry| self.ledger.contains(entry.id));
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.header.lamport, entry.header.device, entry.id)));
        let facts = entries.into_iter().filter_map(|entry| match entry.body {
            LoadedBody::Present(facts) => Some(facts.into_iter().rev()),
            _ => None,
        });
        let text = |fact: Fact| match fact {
            Fact::Set { item, field: Field::TeamPolicy, value, .. } if item == team.item() => match value {
                Value::Text(text) => Some(text.into()),
                Value::Nothing => Some(String::new()),
                _ => None,
            },
            _ => None,
        };
        facts.flatten().filter_map(text).collect()
    }
}

/// The codes of a value.
fn codes(value: &Value) -> Vec<&str> {
    match value {
        Value::Code(code) => vec![code],
        Value::Codes(codes) => codes.iter().map(|code| &**code).collect(),
        _ => Vec::new(),
    }
}

/// The pack of a text, the built-in one for none; or the first fault.
fn read(text: &str) -> std::result::Result<Pack, String> {
    if text.is_empty() {
        return Ok(policy::builtin().clone());
    }
    policy::parse(text).map_err(|faults| faults.first().map(ToString::to_string).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{CaseEdit, CaseStage, PolicySet};
    use crate::testing::team::{case, passphrase, place, team};
    use crate::vault::disk::MemoryDisk;

    fn set(session: &mut Session, text: String) {
        session.run(PolicySet { text }).expect("set");
    }

    fn version(number: u32) -> String {
        let text = policy::BUILTIN.replacen("version = 1", &format!("version = {number}"), 1);
        assert_eq!(policy::parse(&text).expect("a pack").version, number);
        text
    }

    #[test]
    fn a_policy_from_a_newer_version_leaves_the_teams_last_readable_one_in_force_and_says_so() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        assert_eq!((session.pack().version, session.policy_trouble()), (1, None));
        set(&mut session, version(2));
        set(&mut session, version(3));
        set(&mut session, format!("tides = \"high\"\n{}", version(4)));
        drop(session);
        let mut again = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
        assert_eq!(again.pack().version, 3);
        let says = again.policy_trouble().expect("said").says();
        assert!(says.contains("line 1, column 1") && says.contains("tides") && says.contains("version 3"), "{says}");
        assert_eq!(again.policy_text(), version(3));
        set(&mut again, version(5));
        assert_eq!((again.pack().version, again.policy_trouble()), (5, None));
        assert_eq!(again.policy_text(), version(5));
    }

    fn without(text: &str, line: &str) -> String {
        assert!(text.contains(line), "{line}");
        text.replacen(line, "", 1)
    }

    #[test]
    fn what_a_policy_drops_is_counted_and_keeps_its_words_for_older_records() {
        let disk = MemoryDisk::new();
        let mut session = team(&disk, 1);
        let flagged = case(&mut session, "A worry");
        let flags = vec![(Field::CaseFlags, Value::codes(["language", "media"]))];
        session.run(CaseEdit { case: flagged, values: flags, followup: false }).expect("flagged");
        session.run(CaseStage { case: flagged, stage: "justice".into(), followup: false }).expect("moved");
        let flag = "    { code = \"language\", label = \"needs an interpreter\" },\n";
        let first = without(policy::BUILTIN, flag);
        let next = policy::parse(&first).expect("a pack");
        let said: Vec<String> = session.orphans(&next).iter().map(InUse::says).collect();
        assert_eq!(
            said,
            ["1 record has \"needs an interpreter\" (flag): the words stay there, and no form offers them any more."]
        );
        set(&mut session, first.clone());
        assert!(session.orphans(session.pack()).is_empty());
        assert_eq!(session.pack().label("flag", "language"), "needs an interpreter");
        assert!(session.pack().choice("flag", "language").is_none(), "it is not offered");
        // A stage goes as well, two policies later, with another label meanwhile.
        let renamed = first.replacen("label = \"Justice\"", "label = \"Court\"", 1);
        set(&mut session, renamed.clone());
        let stage = renamed.find("[[stage]]\ncode = \"justice\"").expect("there");
        let end = stage + renamed[stage + 1..].find("[[stage]]").expect("the next") + 1;
        let gone = format!("{}{}", &renamed[..stage], &renamed[end..]);
        let gone = gone.replacen("next = [\"justice\", \"reintegration\"]", "next = [\"reintegration\"]", 1);
        assert_eq!(session.orphans(&policy::parse(&gone).expect("a pack"))[0].code, "justice");
        set(&mut session, gone);
        drop(session);
        let mut again = Session::unlock(place(&disk, 2), "abrown", &passphrase()).expect("unlocked");
        let words = |session: &Session| {
            let item = session.state().item(flagged).expect("there");
            [Field::CaseStage, Field::CaseFlags].map(|field| session.value_text(field, &item.value(field)))
        };
        assert_eq!(words(&again), ["Court", "needs an interpreter, press is asking"]);
        // Another flag is added by whoever sees the old one: it stays.
        let flags = vec![(Field::CaseFlags, Value::codes(["language", "media", "no-school"]))];
        again.run(CaseEdit { case: flagged, values: flags, followup: false }).expect("the old one may stay");
        let new = vec![(Field::CaseFlags, Value::codes(["nonsense"]))];
        again.run(CaseEdit { case: flagged, values: new, followup: false }).expect_err("never offered");
    }

    #[test]
    fn where_no_policy_of_the_team_can_be_read_the_built_in_one_holds_and_that_is_said_too() {
        let mut session = team(&MemoryDisk::new(), 1);
        set(&mut session, "not a policy".into());
        assert_eq!(session.pack().version, 1);
        let says = session.policy_trouble().expect("said").says();
        assert!(says.contains("the one that is built in, "), "{says}");
        set(&mut session, "nor is this".into());
        session.undo().expect("undone");
        session.undo().expect("undone");
        assert_eq!(session.policy_trouble(), None);
        assert_eq!(session.policy_text(), policy::BUILTIN);
    }
}
