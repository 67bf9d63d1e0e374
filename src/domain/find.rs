//! From what a person types to what they mean: members, agencies, cases, actions.

use super::code::CodeError;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::parish::Parish;
use super::state::State;
use super::views::Peer;

/// Why nothing, or not one thing, was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// Nothing answers to it.
    Nobody,
    /// Several do: their names or codes.
    Several(Vec<String>),
    /// It is no code.
    Code(CodeError),
}

/// The member, or if `agencies` the agency, of a handle, code, name or the beginning of a name, in that order.
pub fn owner(state: &State, text: &str, agencies: bool) -> Result<ItemId, NotFound> {
    let wanted = fold(text);
    if wanted.is_empty() {
        return Err(NotFound::Nobody);
    }
    let members = || state.items(ItemKind::Member).filter(|member| member.value(Field::MemberLeft).is_nothing());
    let all_agencies = || state.items(ItemKind::Agency).filter(|_| agencies);
    let name = |item: &Item| match item.kind {
        ItemKind::Agency => fold(item.str(Field::AgencyName)),
        _ => fold(item.str(Field::MemberName)),
    };
    let exact = |item: &&Item| {
        fold(item.str(Field::MemberHandle)) == wanted
            || fold(item.str(Field::AgencyCode)) == wanted
            || name(item) == wanted
    };
    let begins = |item: &&Item| {
        let name = name(item);
        name.starts_with(&wanted) || name.split([' ', '.', '-']).any(|word| word.starts_with(&wanted))
    };
    let first: Vec<&Item> = members().chain(all_agencies()).filter(exact).collect();
    let found = if first.is_empty() { members().chain(all_agencies()).filter(begins).collect() } else { first };
    one(state, &found)
}

/// The agency of a code or name, retired or not.
pub fn agency(state: &State, text: &str) -> Result<ItemId, NotFound> {
    let wanted = fold(text);
    let called = |field| state.items(ItemKind::Agency).filter(|it| fold(it.str(field)) == wanted).collect::<Vec<_>>();
    let by_code = called(Field::AgencyCode);
    one(state, &if by_code.is_empty() { called(Field::AgencyName) } else { by_code })
}

/// Everybody and every agency that could own something (none that left or retired) and whose name, handle or code begins like the text.
pub fn owners<'a>(state: &'a State, text: &str) -> Vec<&'a Item> {
    let wanted = fold(text);
    let here =
        |item: &&Item| item.value(Field::MemberLeft).is_nothing() && item.value(Field::AgencyRetired).is_nothing();
    let fits = |item: &&Item| {
        let names = [Field::MemberName, Field::MemberHandle, Field::AgencyCode, Field::AgencyName];
        names.iter().any(|field| {
            let name = fold(item.str(*field));
            name.starts_with(&wanted) || name.split([' ', '.', '-']).any(|word| word.starts_with(&wanted))
        })
    };
    let both = state.items(ItemKind::Member).chain(state.items(ItemKind::Agency)).filter(here);
    both.filter(fits).collect()
}

/// The team of a name, the beginning of one, or a parish's code, number or name.
pub fn peer(state: &State, text: &str) -> Result<ItemId, NotFound> {
    let wanted = fold(text);
    if wanted.is_empty() {
        return Err(NotFound::Nobody);
    }
    let parish = Parish::parse(text).ok();
    let exact = |peer: &Peer<'_>| fold(peer.name()) == wanted || (parish.is_some() && peer.parish() == parish);
    let begins = |peer: &Peer<'_>| fold(peer.name()).starts_with(&wanted);
    let first: Vec<&Item> = Peer::all(state).filter(exact).map(|peer| peer.0).collect();
    let found = if first.is_empty() { Peer::all(state).filter(begins).map(|peer| peer.0).collect() } else { first };
    one(state, &found)
}

/// The case, action or follow-up of a typed code.
pub fn code(state: &State, text: &str, kind: ItemKind) -> Result<ItemId, NotFound> {
    let found = state.find_code(text).map_err(NotFound::Code)?;
    let items: Vec<&Item> = found.iter().filter_map(|id| state.item(*id)).filter(|item| item.kind == kind).collect();
    one(state, &items)
}

fn one(state: &State, found: &[&Item]) -> Result<ItemId, NotFound> {
    match found {
        [] => Err(NotFound::Nobody),
        [one] => Ok(one.id),
        several => {
            let mut names: Vec<String> = several.iter().map(|item| super::views::item_name(state, item.id)).collect();
            names.sort();
            Err(NotFound::Several(names))
        }
    }
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
