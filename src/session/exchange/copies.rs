//! The team's other copies of this vault, by what they told last: who, when, and what of ours they still lack.

use chrono::{DateTime, Utc};

use crate::domain::ids::{CopyId, DeviceId, ItemId};
use crate::domain::views::owner_name;
use crate::session::Session;

/// Another copy of the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyInfo {
    /// Which copy.
    pub copy: CopyId,
    /// The device that told of it last.
    pub device: DeviceId,
    /// Whose device that is.
    pub member: ItemId,
    /// Their name.
    pub name: String,
    /// When it told, by its own clock.
    pub heard: DateTime<Utc>,
    /// Entries that are here and were not there then.
    pub lacks: u64,
    /// Entries that were there then and are not here yet.
    pub ahead: u64,
}

impl Session {
    /// The other copies of this vault that were heard of, the one heard of last first. What a copy holds behind a gap
    /// counts as lacking.
    pub fn copies(&mut self) -> Vec<CopyInfo> {
        let tips = self.ledger.tips();
        let ours: u64 = tips.values().sum();
        let tellers = self.all_tellers();
        let info = |teller: super::sync::Teller| {
            let (mut both, mut ahead) = (0, 0);
            for chain in &teller.held.chains {
                let class = crate::domain::class::Class::from_number(chain.class);
                let here = class.and_then(|class| tips.get(&(chain.device, chain.stream, class)));
                let here = here.map_or(0, |tip| *tip);
                both += here.min(chain.upto);
                ahead = u64::saturating_add(ahead, chain.upto.saturating_sub(here));
            }
            CopyInfo {
                copy: teller.held.copy,
                device: teller.device,
                member: teller.member,
                name: owner_name(&self.state, Some(teller.member)).into_owned(),
                heard: teller.heard,
                lacks: ours.saturating_sub(both),
                ahead,
            }
        };
        let mut all: Vec<CopyInfo> = tellers.into_iter().map(info).collect();
        all.sort_by_key(|copy| (std::cmp::Reverse(copy.heard), copy.copy));
        all
    }
}
