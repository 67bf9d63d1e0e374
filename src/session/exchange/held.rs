//! What this copy of the vault holds, and what of it another copy lacks by what that one told.
//!
//! It only saves sending twice. What is told is what a copy *holds*, never what it was sent: a bundle that was lost is
//! therefore made up for by the next.

use std::collections::HashMap;

use crate::bundle::sync::{Chain, Held, mark};
use crate::domain::ids::{BlobId, CopyId, EntryId, KeyId};
use crate::error::Result;
use crate::log::order::ChainKey;
use crate::vault::{SealedBody, Vault};

/// An entry of a chain: its sequence, its id, and whether its body is here.
type Link = (u64, EntryId, bool);

/// Every entry that a copy holds, by chain, in the order of sequences.
pub(super) struct Index {
    chains: HashMap<ChainKey, Vec<Link>>,
}

impl Index {
    /// Of the journal as it is.
    pub fn of(vault: &Vault) -> Result<Self> {
        let mut chains: HashMap<ChainKey, Vec<Link>> = HashMap::new();
        vault.walk_sealed(&mut |id, header, entry| {
            let chain = chains.entry((header.device, header.stream, header.class)).or_default();
            chain.push((header.sequence, id, entry.body != SealedBody::Withheld));
        })?;
        for chain in chains.values_mut() {
            // With its body before without, so that of two records of one entry the fuller stays.
            chain.sort_unstable_by_key(|(sequence, id, body)| (*sequence, *id, !*body));
            chain.dedup_by_key(|(_, id, _)| *id);
        }
        Ok(Self { chains })
    }

    /// What another copy is told, under the next number: of chains, and of documents' files.
    pub fn held(&self, (copy, count): (CopyId, u64), epoch: KeyId, blobs: Vec<BlobId>) -> Held {
        let chain = |((device, stream, class), links): (&ChainKey, &Vec<Link>)| {
            let upto = gapless(links);
            Chain { device: *device, stream: *stream, class: class.number(), upto, digest: digest(links, upto) }
        };
        Held { copy, count, epoch, blobs, chains: self.chains.iter().map(chain).collect() }
    }

    /// The bodies that are here, of all entries that are.
    pub fn bodies(&self) -> HashMap<EntryId, bool> {
        self.chains.values().flatten().map(|(_, id, body)| (*id, *body)).collect()
    }

    /// Of each chain the sequence above which another copy lacks something, by what it told.
    pub fn lacked(&self, told: &Held) -> HashMap<ChainKey, u64> {
        let told: HashMap<_, _> =
            told.chains.iter().map(|chain| ((chain.device, chain.stream, chain.class), chain)).collect();
        let from = |(key, links): (&ChainKey, &Vec<Link>)| {
            let from = told.get(&(key.0, key.1, key.2.number())).map_or(0, |chain| {
                // Whoever is behind can't compare, and lacks more than it could give.
                let same = gapless(links) < chain.upto || digest(links, chain.upto) == chain.digest;
                if same { chain.upto } else { 0 }
            });
            (*key, from)
        };
        self.chains.iter().map(from).collect()
    }
}

/// The highest sequence up to which none is missing.
fn gapless(links: &[Link]) -> u64 {
    links.iter().fold(0, |upto, (sequence, ..)| if *sequence == upto + 1 { *sequence } else { upto })
}

fn digest(links: &[Link], upto: u64) -> [u8; 8] {
    let mut digest = [0; 8];
    for (_, id, body) in links.iter().take_while(|(sequence, ..)| *sequence <= upto) {
        for (byte, more) in digest.iter_mut().zip(mark(id.bytes(), *body)) {
            *byte ^= more;
        }
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::class::Class;
    use crate::domain::ids::{DeviceId, StreamId};

    const KEY: ChainKey = (DeviceId([1; 32]), StreamId([2; 16]), Class::Core);

    fn index(links: &[Link]) -> Index {
        Index { chains: HashMap::from([(KEY, links.to_vec())]) }
    }

    fn link(sequence: u64, id: u8) -> Link {
        (sequence, EntryId([id; 32]), true)
    }

    fn lacks(ours: &[Link], theirs: &[Link]) -> u64 {
        index(ours).lacked(&index(theirs).held((CopyId([0; 16]), 1), KeyId([0; 16]), Vec::new()))[&KEY]
    }

    #[test]
    fn the_rest_is_lacked_and_all_of_a_chain_that_differs() {
        let four = [link(1, 1), link(2, 2), link(3, 3), link(4, 4)];
        assert_eq!(lacks(&four, &four[..2]), 2);
        assert_eq!(lacks(&four, &four), 4);
        assert_eq!(lacks(&four[..2], &four), 4, "whoever is behind sends nothing of it");
        assert_eq!(lacks(&four, &[four[0], four[2]]), 1, "behind a gap nothing counts as held");
        let forked = [link(1, 1), link(2, 9), link(3, 8), link(4, 7)];
        assert_eq!(lacks(&four, &forked), 0, "a fork: all of it");
        let both = [four[0], four[1], link(2, 9), four[2], four[3]];
        assert_eq!(lacks(&both, &four), 0);
        let bodiless = [four[0], (2, EntryId([2; 32]), false), four[2], four[3]];
        assert_eq!(lacks(&four, &bodiless), 0, "a body that is not there");
        assert_eq!(index(&four).lacked(&index(&[]).held((CopyId([0; 16]), 1), KeyId([0; 16]), Vec::new()))[&KEY], 0);
    }
}
