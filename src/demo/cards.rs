//! Fourteen practice teams, one a parish, whose keys are made from their parish's number: whoever has the source has
//! their secrets. Their cards lie in `keys/`, so that the demo, the tests and people who practise have somebody to
//! exchange cards and bundles with.
//!
//! They carry the mark `practice`, which no real vault takes.

use chrono::DateTime;

use crate::bundle::card::{Card, CardDevice, CardError, Says};
use crate::domain::ids::{ItemId, VaultId};
use crate::domain::parish::Parish;
use crate::error::Result;
use crate::vault::keys::identity::{Identity, Signer};
use crate::vault::seal::SecretKey32;

use super::bug;

/// Sunday 1 November 2026, 07:00 in Jamaica.
const MADE: i64 = 1_793_534_400;
/// Saint Mary's, as it ships.
pub const SAINT_MARY: &str = include_str!("../../keys/practice-jm-05.card");
/// Portland's, as it ships.
pub const PORTLAND: &str = include_str!("../../keys/practice-jm-04.card");

fn bytes(parish: Parish, what: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("mahoe practice parish v1");
    *hasher.update(&[parish.number]).update(what.as_bytes()).finalize().as_bytes()
}

fn id(parish: Parish, what: &str) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes(parish, what)[..16]);
    id
}

fn secret(parish: Parish, what: &str) -> SecretKey32 {
    SecretKey32::from_slice(&bytes(parish, what)).expect("a hash has 32 bytes")
}

/// The root signer of a practice team.
pub fn root(parish: Parish) -> Signer {
    Signer::from_seed(&secret(parish, "root"))
}

/// The signer of its one device.
pub fn device(parish: Parish) -> Signer {
    Signer::from_seed(&secret(parish, "device"))
}

/// The member for whom that device writes.
pub fn member(parish: Parish) -> ItemId {
    ItemId(id(parish, "member"))
}

/// Its vault.
pub fn vault(parish: Parish) -> VaultId {
    VaultId(id(parish, "vault"))
}

/// What opens its mail.
pub fn identity(parish: Parish) -> Identity {
    Identity::from_secret(&secret(parish, "recipient"))
}

/// What opens what is for its coordinator alone.
pub fn leaders(parish: Parish) -> Identity {
    Identity::from_secret(&secret(parish, "leaders"))
}

/// The card of a practice team.
///
/// # Errors
/// [`CardError`] only if the rules of cards change.
pub fn card(parish: Parish) -> std::result::Result<Card, CardError> {
    let root = root(parish);
    let says = Says {
        practice: true,
        parish,
        name: format!("{} MDT", parish.name),
        vault: vault(parish),
        root: root.public(),
        serial: 1,
        made: DateTime::from_timestamp(MADE, 0).unwrap_or_default(),
        recipient: identity(parish).recipient(),
        leaders: Some(leaders(parish).recipient()),
        devices: vec![CardDevice { key: device(parish).public(), member: member(parish) }],
        revoked: Vec::new(),
    };
    Card::sign(says, &root)
}

/// A card as it ships.
pub(super) fn shipped(text: &str) -> Result<Card> {
    Card::parse(text.as_bytes()).map_err(|error| bug(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::domain::parish::ALL;

    fn file(parish: Parish) -> PathBuf {
        let name = format!("practice-jm-{:02}.card", parish.number);
        Path::new(env!("CARGO_MANIFEST_DIR")).join("keys").join(name)
    }

    #[test]
    fn the_cards_that_ship_are_those_of_the_practice_teams() {
        for parish in ALL {
            let text = std::fs::read_to_string(file(parish)).expect("it ships");
            let card = Card::parse(text.as_bytes()).expect("authentic");
            assert_eq!(Ok(&card), super::card(parish).as_ref(), "{parish}: see `write_the_cards_again`");
            assert!(card.says().practice && card.says().parish == parish);
        }
        assert_eq!(shipped(SAINT_MARY).expect("authentic").says().parish.name, "Saint Mary");
        assert_eq!(shipped(PORTLAND).expect("authentic").says().parish.name, "Portland");
    }

    #[test]
    #[ignore = "writes into keys/"]
    fn write_the_cards_again() {
        for parish in ALL {
            std::fs::write(file(parish), card(parish).expect("fine").text()).expect("written");
        }
    }
}
