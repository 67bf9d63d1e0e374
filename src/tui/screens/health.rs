//! Vault health: where it lies, what was found, what waits.

use crate::vault::Found;
use crate::vault::framelog::{Finding, Why};

/// Everything found, as one sentence in plain words; `None` if there was nothing worth saying.
pub fn sentence(found: &[Found]) -> Option<String> {
    let (mut repaired, mut lost, mut stuck, mut cut) = (0, 0_u64, 0, false);
    for item in found {
        match item {
            Found::Journal(finding) | Found::Ring(finding) => match finding {
                Finding::Lost { first, last } => lost += last.saturating_sub(*first) + 1,
                Finding::BrokenChain { .. } => lost += 1,
                Finding::NotRepaired { .. } => stuck += 1,
                Finding::TailSetAside { .. } => cut = true,
                // After a power cut the mirror lags by a moment: ordinary, and made whole.
                Finding::Repaired { why: Why::Behind, .. } | Finding::LeftOver { .. } => {}
                Finding::Repaired { .. } | Finding::Diverged { .. } | Finding::StartRepaired { .. } => repaired += 1,
            },
            Found::KeyFile(_) | Found::Config | Found::Store(_) | Found::Salvaged(_) => repaired += 1,
            Found::Drafts(whole) => repaired += usize::from(*whole),
            Found::Unreadable(bodies) => lost += *bodies as u64,
            Found::ForeignEpoch(_) => stuck += 1,
        }
    }
    if lost > 0 {
        let records = if lost == 1 { "1 record".to_owned() } else { format!("{lost} records") };
        return Some(format!(
            "{records} could not be read in any copy: fetch them from a backup or another device. Vault health (9) says which."
        ));
    }
    if stuck > 0 {
        return Some(
            "A copy of the vault could not be repaired; the other is whole. Vault health (9) says more.".to_owned(),
        );
    }
    if repaired > 0 {
        return Some(
            "A damaged copy was made whole from the other; nothing is lost. Vault health (9) says more.".to_owned(),
        );
    }
    cut.then(|| "The last thing typed before the power cut was not saved; all before it is there.".to_owned())
}
