//! What was found and dealt with since unlock, in words: the health screen and the command line say the same.
//!
//! One sentence for each finding, and one for all of them. Nothing in here is a name, a case or a passphrase.

use crate::text::{counted, thousands};
use crate::vault::Found;
use crate::vault::framelog::{Finding, Side, Why};

use super::Session;

/// How far a loss reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// Everything that was in it is here again.
    Salvaged,
    /// It was told at an earlier unlock, and nothing here waits for what was in it.
    Old,
    /// It can't be read in any copy.
    Gone,
}

impl Found {
    /// What was found, in one plain sentence.
    pub fn says(&self) -> String {
        match self {
            Self::Journal(finding) => finding_says(finding, "the journal"),
            Self::Ring(finding) => finding_says(finding, "the key ring"),
            Self::KeyFile(name) => {
                format!("The key file {name} was damaged in one copy, and made whole from the other.")
            }
            Self::Config => "vault.toml was damaged in one copy, and made whole from the other.".to_owned(),
            Self::Store(why) => {
                format!("The working store was built again from the journal ({why}). Nothing is lost.")
            }
            Self::Salvaged(count) => {
                format!("{} back into the journal from the working store.", counted(*count, "entry came", "entries came"))
            }
            Self::Unreadable(count) => format!(
                "{} no copy can open any more: the key or the bytes are gone.",
                counted(*count, "entry is there whose words", "entries are there whose words")
            ),
            Self::NewDevice => {
                "Some of what was written here is in doubt, so you sign as a new device from now on; nothing is to be done."
                    .to_owned()
            }
            Self::Moved => "This folder was restored, copied or moved since it was open here, so you sign as a new device from now on; nothing is to be done."
                .to_owned(),
            Self::Drafts(true) => "Your unfinished forms were made whole from their other copy.".to_owned(),
            Self::Drafts(false) => {
                "Your unfinished forms could not be read in either copy; nothing saved is touched.".to_owned()
            }
            Self::Document(_) => {
                "The file of a document was damaged or missing in one copy, and made whole from the other.".to_owned()
            }
            Self::DocumentsAside(count) => format!(
                "{} in the folder that no record names, as a crash leaves them; they lie in quarantine.",
                counted(*count, "file of a document was", "files of documents were")
            ),
            Self::ForeignEpoch(name) => format!("The key file {name} is sealed to others; it is left alone."),
        }
    }
}

impl Session {
    /// Everything found since unlock: what it is, and whether something can't be read in any copy.
    pub fn health(&self) -> Vec<(String, bool)> {
        let loss = self.loss();
        let with = |found: &Found| match (is_gap(found), loss) {
            (true, Loss::Salvaged) => (format!("{} The working store held it still.", found.says()), false),
            (true, Loss::Old) => (format!("{} Nothing that is here waits for it.", found.says()), false),
            _ => (found.says(), is_gap(found) || matches!(found, Found::Unreadable(_))),
        };
        let disputes = self.disputes().into_iter().map(|says| (says, false));
        self.vault.findings().iter().map(with).chain(disputes).collect()
    }

    /// Everything found since unlock in one sentence; `None` if there was nothing worth saying.
    pub fn health_sentence(&self) -> Option<String> {
        summary(self.vault.findings(), self.loss())
    }

    fn loss(&self) -> Loss {
        let found = self.vault.findings();
        if self.ledger.parked().next().is_some()
            || found.iter().any(|found| matches!(found, Found::Ring(_)) && is_gap(found))
        {
            Loss::Gone
        } else if found.iter().any(|found| matches!(found, Found::Salvaged(_))) {
            Loss::Salvaged
        } else if !self.half_folded && !found.contains(&Found::NewDevice) {
            // A loss that is new makes a new device.
            Loss::Old
        } else {
            Loss::Gone
        }
    }
}

/// True for records that no copy of a log holds.
fn is_gap(found: &Found) -> bool {
    matches!(found, Found::Journal(finding) | Found::Ring(finding) if finding.is_loss())
}

fn finding_says(finding: &Finding, log: &str) -> String {
    match finding {
        Finding::Repaired { side, segment, why } => {
            let why = match why {
                Why::Missing => "was missing",
                Why::Behind => "was a moment behind, as after a power cut",
                Why::Damaged => "was damaged",
                Why::Unreadable => "could not be read in part",
                Why::Suspect => "had not been confirmed by the disk",
            };
            format!("The {} copy of {log}, part {segment}, {why}; it is whole again.", copy(*side))
        }
        Finding::NotRepaired { side, segment, error } => format!(
            "The {} copy of {log}, part {segment}, could not be repaired: {error}. The other copy is used.",
            copy(*side)
        ),
        Finding::TailSetAside { bytes, .. } => format!(
            "{} bytes at the end of {log} were never finished (a power cut); they lie in quarantine.",
            thousands(*bytes)
        ),
        Finding::Lost { first, last } if first == last => format!("Record {first} of {log} is in no copy."),
        Finding::Lost { first, last } => format!("Records {first} to {last} of {log} are in no copy."),
        Finding::BrokenChain { arrival } => format!("Record {arrival} of {log} does not follow the one before it."),
        Finding::Foreign { side, arrival } => format!(
            "Record {arrival} in the {} copy of {log} was made by something that has no key to this vault; it lies in quarantine. Tell the coordinator.",
            copy(*side)
        ),
        Finding::Diverged { arrival } => {
            format!("The two copies of {log} differed in record {arrival}; the one that its chain names was kept.")
        }
        Finding::LeftOver { name, .. } => format!("{name}, left over from work that was cut short, was removed."),
        Finding::StartRepaired { side } => format!("The {} note of where {log} begins was written again.", copy(*side)),
    }
}

const fn copy(side: Side) -> &'static str {
    match side {
        Side::Primary => "first",
        Side::Mirror => "second",
    }
}

fn summary(found: &[Found], loss: Loss) -> Option<String> {
    let (mut repaired, mut lost, mut stuck, mut cut, mut drafts) = (0, 0_u64, 0, false, false);
    for item in found {
        match item {
            gap if is_gap(gap) && loss == Loss::Old => {}
            gap if is_gap(gap) && loss == Loss::Salvaged => repaired += 1,
            Found::Journal(finding) | Found::Ring(finding) => match finding {
                Finding::Lost { first, last } => lost += last.saturating_sub(*first) + 1,
                Finding::BrokenChain { .. } => lost += 1,
                Finding::NotRepaired { .. } => stuck += 1,
                Finding::TailSetAside { .. } => cut = true,
                // After a power cut the mirror lags by a moment: ordinary, and made whole.
                Finding::Repaired { why: Why::Behind, .. } | Finding::LeftOver { .. } => {}
                Finding::Repaired { .. }
                | Finding::Diverged { .. }
                | Finding::Foreign { .. }
                | Finding::StartRepaired { .. } => repaired += 1,
            },
            Found::KeyFile(_) | Found::Config | Found::Store(_) | Found::Salvaged(_) | Found::Document(_) => {
                repaired += 1;
            }
            Found::Drafts(whole) => {
                repaired += usize::from(*whole);
                drafts |= !whole;
            }
            Found::Unreadable(bodies) => lost += *bodies as u64,
            Found::ForeignEpoch(_) => stuck += 1,
            // It says nothing that what led to it does not.
            Found::NewDevice | Found::Moved | Found::DocumentsAside(_) => {}
        }
    }
    if lost > 0 {
        let records = if lost == 1 { "1 record".to_owned() } else { format!("{lost} records") };
        return Some(format!(
            "{records} could not be read in any copy: fetch them from a backup or another device. The Vault screen says which."
        ));
    }
    let text = if stuck > 0 {
        "A copy of the vault could not be repaired; the other is whole. The Vault screen says more."
    } else if repaired > 0 {
        "Damage was made good from what was whole; nothing is lost. The Vault screen says more."
    } else if drafts {
        "Your unfinished forms could not be read and were set aside; nothing saved is touched."
    } else if cut {
        "The last thing typed before the power cut was not saved; all before it is there."
    } else {
        return None;
    };
    Some(text.to_owned())
}
