//! Which codes are in use, and how many symbols each shows.
//!
//! An index over the six symbols of every id. After a merge brought two cases with the same code, both show one more
//! symbol (as many as it takes to tell them apart) and the old, shorter code finds both.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::code::{Code, CodeRef, LONGEST, Prefix, SHORTEST, symbols_of};
use super::field::ItemKind;
use super::ids::ItemId;

type Symbols = [u8; LONGEST as usize];
/// Where a code is looked for: the parish's number for cases, the letter for others.
pub type Space = (u8, u8);

/// The index.
#[derive(Debug, Default)]
pub struct CodeIndex(BTreeMap<Space, RefCell<Codes>>);

/// The codes of one space: most screens ask for one kind of them, and there are many more of the others.
#[derive(Debug, Default)]
struct Codes {
    used: BTreeSet<(Symbols, ItemId)>,
    /// Not yet among those: while a vault is opened a million come, and sorting them once is cheaper.
    fresh: Vec<(Symbols, ItemId)>,
}

impl Codes {
    /// All codes in use, those that came since among them.
    fn settled(&mut self) -> &mut BTreeSet<(Symbols, ItemId)> {
        if !self.fresh.is_empty() {
            let fresh = std::mem::take(&mut self.fresh);
            if fresh.len() > self.used.len() / 4 {
                self.used = std::mem::take(&mut self.used).into_iter().chain(fresh).collect();
            } else {
                self.used.extend(fresh);
            }
        }
        &mut self.used
    }
}

/// The space of a parish's cases.
pub const fn of_parish(parish: u8) -> Space {
    (parish, b'-')
}

/// The space of items that aren't cases; `None` for kinds without codes of this form.
pub const fn of_kind(kind: ItemKind) -> Option<Space> {
    match kind {
        ItemKind::Action => Some((0, b'A')),
        ItemKind::FollowUp => Some((0, b'F')),
        ItemKind::Note => Some((0, b'N')),
        ItemKind::Referral => Some((0, b'R')),
        ItemKind::Meeting => Some((0, b'M')),
        ItemKind::Screening => Some((0, b'Q')),
        ItemKind::Service => Some((0, b'V')),
        // A gathering: V is a service's, and a vowel could not be read back.
        ItemKind::Outreach => Some((0, b'G')),
        ItemKind::Training => Some((0, b'T')),
        ItemKind::Document => Some((0, b'D')),
        ItemKind::Person => Some((0, b'P')),
        _ => None,
    }
}

/// How many symbols two codes share from the left.
fn shared(a: Symbols, b: Symbols) -> u8 {
    let count = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    u8::try_from(count).unwrap_or(LONGEST)
}

impl CodeIndex {
    /// Takes in an item, or moves it from the space where it was.
    pub fn insert(&mut self, old: Option<Space>, space: Space, id: ItemId) {
        let symbols = symbols_of(&id.0);
        if let Some(old) = old {
            if old == space {
                return;
            }
            if let Some(codes) = self.0.get_mut(&old) {
                codes.get_mut().settled().remove(&(symbols, id));
            }
        }
        self.0.entry(space).or_default().get_mut().fresh.push((symbols, id));
    }

    /// What `ask` finds among the codes of a space.
    fn among<T: Default>(&self, space: Space, ask: impl FnOnce(&BTreeSet<(Symbols, ItemId)>) -> T) -> T {
        self.0.get(&space).map(|codes| ask(codes.borrow_mut().settled())).unwrap_or_default()
    }

    /// The codes right before and after an item's own.
    fn beside(&self, space: Space, own: (Symbols, ItemId)) -> [Option<(Symbols, ItemId)>; 2] {
        self.among(space, |used| {
            let before = used.range(..own).next_back();
            [before, used.range((Bound::Excluded(own), Bound::Unbounded)).next()].map(Option::<&_>::copied)
        })
    }

    /// The code of an item of a space that was given `given` symbols.
    pub fn code(&self, space: Space, id: ItemId, given: u8) -> Code {
        let symbols = symbols_of(&id.0);
        let nearest = self.beside(space, (symbols, id)).into_iter().flatten();
        let most = nearest.map(|(other, _)| shared(symbols, other)).max();
        let shown = most.map_or(SHORTEST, |most| most + 1).max(given).clamp(SHORTEST, LONGEST);
        match space {
            (parish, b'-') => Code::case(parish, &id.0, shown),
            (_, letter) => Code::item(char::from(letter), &id.0, shown),
        }
    }

    /// The items whose codes come right before and after an item's: those that a new code can make longer.
    pub fn neighbours(&self, space: Space, id: ItemId) -> Vec<ItemId> {
        self.beside(space, (symbols_of(&id.0), id)).into_iter().flatten().map(|(_, other)| other).collect()
    }

    /// The items that a typed code can mean.
    pub fn find(&self, code: &CodeRef) -> Vec<ItemId> {
        let space = match code.prefix {
            Prefix::Parish(parish) => of_parish(parish),
            // No code has a letter of more than one byte.
            Prefix::Letter(letter) => (0, u8::try_from(letter).unwrap_or(0)),
        };
        let matches = |(_, id): &&(Symbols, ItemId)| code.matches(&id.0);
        self.among(space, |used| used.iter().filter(matches).map(|(_, id)| *id).collect())
    }

    /// True if another item already answers to the first `symbols` of this id.
    pub fn taken(&self, kind: ItemKind, parish: u8, id: ItemId, symbols: u8) -> bool {
        let space = of_kind(kind).unwrap_or(of_parish(parish));
        let own = symbols_of(&id.0);
        self.among(space, |used| {
            let (before, after) = (used.range(..(own, id)).next_back(), used.range((own, id)..).next());
            [before, after].into_iter().flatten().any(|(other, _)| shared(own, *other) >= symbols)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(symbols: u64, first: u8) -> ItemId {
        let mut id = [first; 16];
        id[8..].copy_from_slice(&symbols.to_be_bytes());
        ItemId(id)
    }

    #[test]
    fn after_a_collision_both_show_more_and_the_old_code_finds_both() {
        let mut index = CodeIndex::default();
        // The same three lowest base-29 digits, another fourth.
        let (a, b) = (id(5, 1), id(5 + 29 * 29 * 29, 2));
        index.insert(None, of_parish(6), a);
        let old = index.code(of_parish(6), a, 3).to_string();
        index.insert(None, of_parish(6), b);
        assert_ne!(index.code(of_parish(6), a, 3).to_string(), old);
        assert_ne!(index.code(of_parish(6), a, 3).to_string(), index.code(of_parish(6), b, 3).to_string());
        let found = |text: &str| index.find(&Code::parse(text).expect("a code"));
        assert_eq!(found(&old).len(), 2);
        assert_eq!(found(&index.code(of_parish(6), a, 3).to_string()), vec![a]);
        assert_eq!(found(&index.code(of_parish(6), b, 3).to_string()), vec![b]);
    }

    #[test]
    fn every_kind_has_a_letter_of_its_own_that_reads_back() {
        let mut letters = std::collections::BTreeSet::new();
        for kind in ItemKind::ALL {
            let Some((_, letter)) = of_kind(kind) else { continue };
            assert!(letters.insert(letter), "{}: another kind has {}", kind.name(), char::from(letter));
            let code = Code::item(char::from(letter), &[7; 16], SHORTEST).to_string();
            assert!(Code::parse(&code).is_ok_and(|read| read.matches(&[7; 16])), "{code}");
        }
    }

    #[test]
    fn a_code_in_use_is_taken_and_another_parish_does_not_matter() {
        let mut index = CodeIndex::default();
        index.insert(None, of_parish(6), id(5, 1));
        assert!(index.taken(ItemKind::Case, 6, id(5 + 29 * 29 * 29, 2), 3));
        assert!(!index.taken(ItemKind::Case, 5, id(5, 2), 3));
        assert!(!index.taken(ItemKind::Case, 6, id(6, 2), 3));
    }
}
