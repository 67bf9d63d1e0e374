//! A person's own card, for somebody who has no vault: a name and whom to seal to.
//!
//! It is not signed, because there is nothing that a signature by the same unknown key would prove: whoever takes it
//! has the end of the recipient read out by that person. Format: docs/formats/card.md.

use std::fmt::Write as _;

use crate::domain::clean;
use crate::vault::keys::identity::Recipient;

use super::card::{CardError, MAX_NAME};

/// The largest personal card, in bytes.
pub const MAX_CARD: usize = 1024;
const TITLE: &str = "mahoe personal card 1";

/// A name and whom to seal to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalCard {
    /// The name that the person gave.
    pub name: String,
    /// Whom to seal to.
    pub recipient: Recipient,
}

impl PersonalCard {
    /// A card.
    ///
    /// # Errors
    /// [`CardError::Line`] for a name that is empty, too long or not clean.
    pub fn new(name: &str, recipient: Recipient) -> Result<Self, CardError> {
        let fits = (1..=MAX_NAME).contains(&name.chars().count()) && clean::line(name) == name;
        if fits { Ok(Self { name: name.to_owned(), recipient }) } else { Err(CardError::Line("name")) }
    }

    /// Its three lines.
    pub fn text(&self) -> String {
        let mut text = format!("{TITLE}\nname {}\n", self.name);
        // Writing into a string can't fail.
        let _ = writeln!(text, "recipient {}", self.recipient);
        text
    }

    /// Reads a card; other line ends and empty lines around it are let pass.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn parse_loose(bytes: &[u8]) -> Result<Self, CardError> {
        if bytes.len() > MAX_CARD {
            return Err(CardError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| CardError::NotACard)?;
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').trim().lines().map(str::trim_end).collect();
        let [TITLE, name, recipient] = lines[..] else { return Err(CardError::NotACard) };
        let recipient = recipient.strip_prefix("recipient ").and_then(|text| text.parse().ok());
        let name = name.strip_prefix("name ").ok_or(CardError::Line("name"))?;
        Self::new(name, recipient.ok_or(CardError::Line("recipient"))?)
    }

    /// The end of the recipient, which the person reads out: 40 bits in groups of four letters.
    pub fn read_out(&self) -> String {
        let text = self.recipient.to_string();
        let end = &text[text.len().saturating_sub(8)..];
        format!("{} {}", &end[..4], &end[4..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::keys::identity::Identity;

    #[test]
    fn a_personal_card_is_read_as_it_was_written_and_in_no_other_way() {
        let recipient = Identity::random(&mut SeededEntropy::new(1)).recipient();
        let card = PersonalCard::new("D. Example", recipient.clone()).expect("fine");
        assert_eq!(PersonalCard::parse_loose(card.text().as_bytes()), Ok(card.clone()));
        let mailed = format!("\r\n{}\r\n", card.text().replace('\n', "\r\n"));
        assert_eq!(PersonalCard::parse_loose(mailed.as_bytes()), Ok(card.clone()));
        assert_eq!(card.read_out().len(), 9);
        for bad in ["", "mahoe personal card 2\nname a\nrecipient b\n", &format!("{}x", card.text())] {
            assert_eq!(PersonalCard::parse_loose(bad.as_bytes()), Err(CardError::NotACard), "{bad}");
        }
        let bad = card.text().replace("age1", "age2");
        assert_eq!(PersonalCard::parse_loose(bad.as_bytes()), Err(CardError::Line("recipient")));
        assert_eq!(PersonalCard::parse_loose(&[b'm'; MAX_CARD + 1]), Err(CardError::TooLarge));
        assert_eq!(PersonalCard::new("a\u{1b}[2J", recipient), Err(CardError::Line("name")));
    }
}
