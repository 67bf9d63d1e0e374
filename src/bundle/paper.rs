//! A paper: text that a team seals to one person who has no vault, in the container that every bundle is.
//!
//! What opens it is that person's own key. Whose paper it is, the team's card in it says; whether that is the right
//! card, only somebody who was given the card by hand can tell. Format: docs/formats/bundle.md.

use chrono::{DateTime, Utc};

use super::card::Card;
use super::container::Reader;
use super::manifest::{Kind as BundleKind, Part};
use crate::domain::clean;
use crate::domain::ids::RootId;
use crate::error::{AppError, Kind};
use crate::vault::keys::identity::{Identity, Recipient, root_id};

/// The largest text, in bytes.
pub const MAX_TEXT: u64 = 1 << 20;
const CONTEXT: &str = "mahoe person v1";

/// What stands for a person in the place where a team's root id stands.
pub fn person_id(recipient: &Recipient) -> RootId {
    root_id(&blake3::derive_key(CONTEXT, recipient.to_string().as_bytes()))
}

/// A paper that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The card of the team that it says it is from; its device signed the paper.
    pub from: Card,
    /// When it was made, by the sender's clock.
    pub made: DateTime<Utc>,
    /// The text, cleaned.
    pub text: String,
}

/// Opens a paper with a person's key.
///
/// # Errors
/// [`Kind::Damaged`] if it is for somebody else, changed, or not signed by a device of the team that it names;
/// [`Kind::Refused`] for a bundle between teams.
pub fn open(bytes: &[u8], identity: &Identity) -> Result<Paper, AppError> {
    let mut reader = Reader::open(bytes, bytes.len() as u64, &[identity]).map_err(|refusal| {
        let error = AppError::from(refusal);
        match refusal {
            super::refusal::Refusal::NotForUs => AppError::new(
                Kind::Damaged,
                "This file is sealed to somebody else, or to another card of yours.",
                "Ask the team whom they sealed it to. If you made more than one card, give the other key: --identity FILE.",
            ),
            _ => error,
        }
    })?;
    if reader.manifest().kind != BundleKind::Paper {
        return Err(AppError::new(
            Kind::Refused,
            "This is no paper for one person.",
            "A bundle between teams is opened in their vault: mahoe bundle inspect FILE.",
        ));
    }
    let (mut card, mut text) = (None, None);
    while let Some(attached) = reader.attachment()? {
        match attached.part() {
            Part::Card(_) => {
                card = Some(Card::parse(&attached.bytes()?).map_err(|_| unsound("its card is not a card"))?);
            }
            Part::Paper => text = Some(attached.bytes()?),
            _ => {}
        }
    }
    let manifest = reader.finish()?.manifest;
    let from = card.filter(|card| card.says().root_id() == manifest.from.root);
    let from = from.ok_or_else(|| unsound("it brings no card of the team that it says it is from"))?;
    let says = from.says();
    let listed = says.devices.iter().any(|device| device.key == manifest.from.device);
    let revoked = says.revoked.iter().any(|device| device.key == manifest.from.device);
    if !listed || revoked || says.vault != manifest.from.vault || says.practice != manifest.practice {
        return Err(unsound("the device that signed it is not one that the team's card names"));
    }
    let text = text.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| unsound("it holds no text"))?;
    Ok(Paper { made: manifest.made, text: clean::prose_owned(&text), from })
}

fn unsound(what: &str) -> AppError {
    AppError::new(
        Kind::Damaged,
        format!("This paper can't be trusted: {what}."),
        "Don't act on it. Keep the file, and call the team on a number that you know.",
    )
}
