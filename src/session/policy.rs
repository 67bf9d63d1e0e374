//! Which policy is in force: the team's newest one, or, where this version can't read that, the last one before it that
//! it can. Which of the two holds is never left unsaid.

use crate::domain::fact::Fact;
use crate::domain::field::Field;
use crate::domain::pack::Pack;
use crate::domain::value::Value;
use crate::policy;
use crate::vault::LoadedBody;

use super::Session;

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

impl Session {
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
        self.calendar = self.pack.calendar();
        self.today.take();
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

/// The pack of a text, the built-in one for none; or the first fault.
fn read(text: &str) -> Result<Pack, String> {
    if text.is_empty() {
        return Ok(policy::builtin().clone());
    }
    policy::parse(text).map_err(|faults| faults.first().map(ToString::to_string).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::PolicySet;
    use crate::testing::team::{passphrase, place, team};
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
