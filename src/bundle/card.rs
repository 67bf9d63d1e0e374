//! A parish's public card: who its team is, whom to seal to, and which devices write for it, signed by its root.
//!
//! A card that parses is authentic for the root that it names; whether that root is the right one only people can say
//! (see [`words`](super::words)). One content has one spelling: what was read is spelt again and compared, so nothing
//! that this version doesn't understand can hide in a card. Format: docs/formats/card.md.

use std::fmt::{self, Write as _};

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::domain::clean;
use crate::domain::ids::{DeviceId, ItemId, RootId, VaultId};
use crate::domain::parish::Parish;
use crate::error::{AppError, Kind};
use crate::log::sign;
use crate::vault::keys::identity::{Recipient, Signer, device_id, root_id};

use super::lines::{self, LineError, Lines};

/// The largest card, in bytes. Checked before anything is parsed.
pub const MAX_CARD: usize = 64 * 1024;
/// The most devices, and the most revocations, that a card can name.
pub const MAX_DEVICES: usize = 512;
/// The longest team name, in characters.
pub const MAX_NAME: usize = 120;

const TITLE: &str = "mahoe card";
/// What the signature is over: this, then every byte before its line.
const CONTEXT: &[u8] = b"mahoe card v1\0";
const MADE: &str = "%Y-%m-%dT%H:%M:%SZ";

/// A device that writes for the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardDevice {
    /// Its Ed25519 public key.
    pub key: [u8; 32],
    /// For whom it writes: the member's id in the team's own vault.
    pub member: ItemId,
}

impl CardDevice {
    /// The device's id.
    pub fn id(&self) -> DeviceId {
        device_id(&self.key)
    }
}

/// A device whose later entries no longer count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revoked {
    /// Its Ed25519 public key.
    pub key: [u8; 32],
    /// The first sequence that no longer counts.
    pub from: u64,
}

/// What a card says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Says {
    /// A practice team: nothing passes between it and real ones.
    pub practice: bool,
    /// The parish.
    pub parish: Parish,
    /// The team's name, one clean line of at most [`MAX_NAME`] characters.
    pub name: String,
    /// The team's vault.
    pub vault: VaultId,
    /// The root's Ed25519 public key.
    pub root: [u8; 32],
    /// Rises with each new content under one root; from 1.
    pub serial: u64,
    /// When it was made, to the second.
    pub made: DateTime<Utc>,
    /// Whom mail for the team is sealed to.
    pub recipient: Recipient,
    /// Whom mail for the team's coordinators and deputies alone is sealed to; none on a short card, nor on one that was
    /// made before there was such mail.
    pub leaders: Option<Recipient>,
    /// Who signs for the team; empty on a short card. Sorted by key, each once.
    pub devices: Vec<CardDevice>,
    /// Revocations. Sorted by key, each once.
    pub revoked: Vec<Revoked>,
}

impl Says {
    /// The root's id.
    pub fn root_id(&self) -> RootId {
        root_id(&self.root)
    }

    /// The same without devices, which fits a QR code.
    #[must_use]
    pub fn short(&self) -> Self {
        Self { leaders: None, devices: Vec::new(), ..self.clone() }
    }

    /// True if both say the same of the team, whenever and however often it was said.
    pub fn same_content(&self, other: &Self) -> bool {
        let undated = |of: &Self| Self { serial: 0, made: DateTime::UNIX_EPOCH, ..of.clone() };
        undated(self) == undated(other)
    }

    /// Every line but the signature's.
    fn text(&self) -> String {
        let mut text = format!(
            "{TITLE} 1\nmark {}\nparish {}\nname {}\nvault {}\nroot {}\nserial {}\nmade {}\nrecipient {}\n",
            if self.practice { "practice" } else { "real" },
            self.parish,
            self.name,
            self.vault,
            hex(&self.root),
            self.serial,
            self.made.format(MADE),
            self.recipient,
        );
        // Writing into a string can't fail.
        if let Some(leaders) = &self.leaders {
            let _ = writeln!(text, "leaders {leaders}");
        }
        for device in &self.devices {
            let _ = writeln!(text, "device {} {}", hex(&device.key), device.member);
        }
        for revoked in &self.revoked {
            let _ = writeln!(text, "revoked {} {}", hex(&revoked.key), revoked.from);
        }
        text
    }

    fn check(&self) -> Result<(), CardError> {
        let fits = (1..=MAX_NAME).contains(&self.name.chars().count()) && clean::line(&self.name) == self.name;
        if !fits {
            return Err(CardError::Line("name"));
        }
        // The reader's numbers end at i64::MAX.
        if self.serial == 0 || i64::try_from(self.serial).is_err() {
            return Err(CardError::Line("serial"));
        }
        if self.devices.len() > MAX_DEVICES || self.revoked.len() > MAX_DEVICES {
            return Err(CardError::TooMany);
        }
        let rising = self.devices.is_sorted_by(|a, b| a.key < b.key) && self.revoked.is_sorted_by(|a, b| a.key < b.key);
        if rising { Ok(()) } else { Err(CardError::Line("device")) }
    }
}

/// How a card relates to one that is known, under the same root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Newer: it takes the other's place.
    Newer,
    /// The same, with the devices that the known short card left out.
    Completes,
    /// Nothing that is not known.
    Same,
    /// An older one.
    Older,
    /// The same serial and another content: the team made two, or lost its record for a while.
    Disagrees,
}

/// An authentic card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    says: Says,
    text: String,
}

impl Card {
    /// Signs a card. Devices and revocations are sorted here.
    ///
    /// # Errors
    /// [`CardError::Line`] for a name that is not clean, a serial of zero, a root that is not the signer's, or a key
    /// that is named twice; [`CardError::TooMany`] or [`CardError::TooLarge`].
    pub fn sign(mut says: Says, root: &Signer) -> Result<Self, CardError> {
        says.devices.sort_unstable();
        says.revoked.sort_unstable();
        // A card knows whole seconds.
        says.made = DateTime::from_timestamp(says.made.timestamp(), 0).ok_or(CardError::Line("made"))?;
        says.check()?;
        if says.root != root.public() {
            return Err(CardError::Line("root"));
        }
        let mut text = says.text();
        let signature = root.sign(&message(&text));
        let _ = writeln!(text, "signature {}", hex(&signature));
        if text.len() > MAX_CARD { Err(CardError::TooLarge) } else { Ok(Self { says, text }) }
    }

    /// Reads a card: bounded, spelt exactly, signed by the root that it names.
    ///
    /// # Errors
    /// [`CardError`], with the name of the first line that is not as it should be.
    pub fn parse(bytes: &[u8]) -> Result<Self, CardError> {
        if bytes.len() > MAX_CARD {
            return Err(CardError::TooLarge);
        }
        let (says, signature) = read(bytes)?;
        says.check()?;
        let signed = says.text();
        let text = format!("{signed}signature {}\n", hex(&signature));
        // One spelling: whatever else a reader of parishes and moments lets pass ends here.
        if text.as_bytes() != bytes {
            return Err(CardError::Spelling);
        }
        if !sign::verify_message(&says.root, &message(&signed), &signature) {
            return Err(CardError::Signature);
        }
        Ok(Self { says, text })
    }

    /// Reads a card as mail programs and the clipboard hand it over: other line ends, and empty lines around it. What
    /// is kept is the exact card.
    ///
    /// # Errors
    /// As [`Card::parse`].
    pub fn parse_loose(bytes: &[u8]) -> Result<Self, CardError> {
        // Twice the size leaves room for line ends; anything longer is no card.
        if bytes.len() > 2 * MAX_CARD {
            return Err(CardError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| CardError::NotACard)?;
        let lines = text.trim_start_matches('\u{feff}').trim().lines().map(str::trim_end);
        let mut exact = lines.collect::<Vec<_>>().join("\n");
        exact.push('\n');
        Self::parse(exact.as_bytes())
    }

    /// What it says.
    pub fn says(&self) -> &Says {
        &self.says
    }

    /// The card itself, to the byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if it leaves the devices out.
    pub fn is_short(&self) -> bool {
        self.says.devices.is_empty()
    }

    /// How it relates to a known card under the same root.
    pub fn against(&self, known: &Self) -> Standing {
        match self.says.serial.cmp(&known.says.serial) {
            std::cmp::Ordering::Greater => Standing::Newer,
            std::cmp::Ordering::Less => Standing::Older,
            std::cmp::Ordering::Equal if self.says.short() != known.says.short() => Standing::Disagrees,
            std::cmp::Ordering::Equal if self.is_short() || self.says == known.says => Standing::Same,
            std::cmp::Ordering::Equal if known.is_short() => Standing::Completes,
            std::cmp::Ordering::Equal => Standing::Disagrees,
        }
    }
}

fn message(signed: &str) -> Vec<u8> {
    [CONTEXT, signed.as_bytes()].concat()
}

/// Reads the lines in their order.
fn read(bytes: &[u8]) -> Result<(Says, [u8; 64]), CardError> {
    let mut lines = Lines::new(bytes, TITLE)?;
    let practice = match lines.one("mark")? {
        "practice" => true,
        "real" => false,
        _ => return Err(CardError::Line("mark")),
    };
    let parish = lines.one("parish")?.strip_prefix("JM-").and_then(|number| Parish::by_number(number.parse().ok()?));
    let parish = parish.ok_or(CardError::Line("parish"))?;
    let name = lines.one("name")?.to_owned();
    let vault = lines::hex(lines.one("vault")?).map(VaultId).ok_or(CardError::Line("vault"))?;
    let root = lines::hex(lines.one("root")?).ok_or(CardError::Line("root"))?;
    let serial = lines::number(lines.one("serial")?).ok_or(CardError::Line("serial"))?;
    let made = NaiveDateTime::parse_from_str(lines.one("made")?, MADE).map_err(|_| CardError::Line("made"))?.and_utc();
    let recipient = lines.one("recipient")?.parse().map_err(|_| CardError::Line("recipient"))?;
    let leaders = lines.maybe("leaders").map(str::parse).transpose().map_err(|_| CardError::Line("leaders"))?;
    let device = |line: &str| {
        let [key, member] = lines::words(line)?;
        Some(CardDevice { key: lines::hex(key)?, member: ItemId(lines::hex(member)?) })
    };
    let devices = lines.all("device", MAX_DEVICES)?.into_iter().map(device).collect::<Option<_>>();
    let revocation = |line: &str| {
        let [key, from] = lines::words(line)?;
        Some(Revoked { key: lines::hex(key)?, from: lines::number(from)? })
    };
    let revoked = lines.all("revoked", MAX_DEVICES)?.into_iter().map(revocation).collect::<Option<_>>();
    let devices = devices.ok_or(CardError::Line("device"))?;
    let revoked = revoked.ok_or(CardError::Line("revoked"))?;
    let signature = lines::hex(lines.one("signature")?).ok_or(CardError::Line("signature"))?;
    if lines.bare().is_some() {
        return Err(CardError::Spelling);
    }
    let says = Says { practice, parish, name, vault, root, serial, made, recipient, leaders, devices, revoked };
    Ok((says, signature))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Why bytes are no card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardError {
    /// Over [`MAX_CARD`].
    TooLarge,
    /// Something else altogether.
    NotACard,
    /// Made by a newer mahoe.
    Newer,
    /// The line of this name is missing, or says nothing that it could say.
    Line(&'static str),
    /// Everything can be read, but it is not spelt as a card is, or something follows it.
    Spelling,
    /// Over [`MAX_DEVICES`].
    TooMany,
    /// The root did not sign this.
    Signature,
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("This is too large for a card."),
            Self::NotACard => f.write_str("This is no card."),
            Self::Newer => f.write_str("This card was made by a newer mahoe."),
            Self::Line(name) => write!(f, "The card's line \"{name}\" is missing or can't be right."),
            Self::Spelling => f.write_str("The card is not spelt as cards are: something was added or changed."),
            Self::TooMany => write!(f, "The card names more than {MAX_DEVICES} devices."),
            Self::Signature => {
                f.write_str("The card's signature is not its root's: it was changed after it was signed.")
            }
        }
    }
}

impl std::error::Error for CardError {}

impl From<LineError> for CardError {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Newer => Self::Newer,
            LineError::At("encoding" | "first line") => Self::NotACard,
            LineError::At("last line" | "spelling") => Self::Spelling,
            LineError::At(name) => Self::Line(name),
        }
    }
}

impl From<CardError> for AppError {
    fn from(error: CardError) -> Self {
        let (kind, hint) = match error {
            CardError::Newer => (Kind::Refused, "Install the current mahoe, then add it again."),
            CardError::NotACard => (Kind::Damaged, "Give the file that the other team made with `mahoe peer card`."),
            _ => (Kind::Damaged, "Nothing was taken from it. Ask that team for the card again, as a file."),
        };
        Self::new(kind, error.to_string(), hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::entropy::SeededEntropy;
    use crate::vault::keys::identity::Identity;
    use crate::vault::seal::SecretKey32;
    use proptest::prelude::*;

    fn root() -> Signer {
        Signer::from_seed(&SecretKey32::from_slice(&[7; 32]).expect("32"))
    }

    fn says() -> Says {
        Says {
            practice: true,
            parish: Parish::by_number(6).expect("Saint Ann"),
            name: "Saint Ann MDT".into(),
            vault: VaultId([0x11; 16]),
            root: root().public(),
            serial: 3,
            made: DateTime::from_timestamp(1_795_341_600, 5).expect("in range"),
            recipient: Identity::random(&mut SeededEntropy::new(1)).recipient(),
            leaders: None,
            devices: vec![
                CardDevice { key: [0xee; 32], member: ItemId([2; 16]) },
                CardDevice { key: [0x0a; 32], member: ItemId([3; 16]) },
            ],
            revoked: vec![Revoked { key: [0xee; 32], from: 40 }],
        }
    }

    fn card() -> Card {
        Card::sign(says(), &root()).expect("signed")
    }

    /// The card's lines with one change, signed again: what only its own root could have made.
    fn forged(change: impl FnOnce(&str) -> String) -> Vec<u8> {
        let text = card().text;
        let signed = change(&text[..text.rfind("signature").expect("there")]);
        let signature = root().sign(&message(&signed));
        format!("{signed}signature {}\n", hex(&signature)).into_bytes()
    }

    #[test]
    fn the_leaders_line_stands_after_the_recipient_and_on_no_short_card() {
        let leaders = Identity::random(&mut SeededEntropy::new(2)).recipient();
        let with = Card::sign(Says { leaders: Some(leaders.clone()), ..says() }, &root()).expect("signed");
        assert_eq!(Card::parse(with.text().as_bytes()), Ok(with.clone()));
        assert!(with.text().contains(&format!("\nrecipient {}\nleaders {leaders}\ndevice ", says().recipient)));
        assert!(Card::sign(with.says().short(), &root()).expect("signed").text().find("leaders").is_none());
        let twice =
            forged(|text| text.replace("device 0a", &format!("leaders {leaders}\nleaders {leaders}\ndevice 0a")));
        assert!(Card::parse(&twice).is_err());
        let after = forged(|text| format!("{text}leaders {leaders}\n"));
        assert!(Card::parse(&after).is_err());
        assert!(Card::parse(&forged(|text| text.replace("device 0a", "leaders age1x\ndevice 0a"))).is_err());
    }

    #[test]
    fn golden_bytes() {
        let golden = "\
mahoe card 1
mark practice
parish JM-06
name Saint Ann MDT
vault 11111111111111111111111111111111
root ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c
serial 3
made 2026-11-22T10:00:00Z
recipient age1s532y3u3kquml4wxkyhp9zyv6gluqw04au073lr3mexeemkldpmslk0qmy
device 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a 03030303030303030303030303030303
device eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee 02020202020202020202020202020202
revoked eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee 40
signature b560ea04f3644fc9782abeea5d0dc11f2965f4068a6f7a55c33fb95915310d3adbd302142ca26a6f2bf13e0999cd9dde2ad5ae67f47d9115e0b140d78d676505
";
        assert_eq!(card().text(), golden);
    }

    #[test]
    fn what_is_signed_is_read_again() {
        let card = card();
        assert_eq!(Card::parse(card.text().as_bytes()), Ok(card.clone()));
        assert_eq!(card.says().devices[0].key, [0x0a; 32], "sorted");
        let short = Card::sign(card.says().short(), &root()).expect("signed");
        assert!(short.is_short() && short.text().len() < 700, "{}", short.text().len());
        assert_eq!(Card::parse(short.text().as_bytes()), Ok(short));
        let mailed = format!("\u{feff}\r\n{}\r\n\r\n", card.text().replace('\n', "\r\n"));
        assert_eq!(Card::parse(mailed.as_bytes()), Err(CardError::NotACard));
        assert_eq!(Card::parse_loose(mailed.as_bytes()), Ok(card));
    }

    #[test]
    fn every_changed_byte_is_found() {
        let text = card().text;
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(Card::parse(&bytes).is_err(), "byte {at}");
        }
        for end in 0..text.len() {
            assert!(Card::parse(&text.as_bytes()[..end]).is_err(), "cut at {end}");
        }
        let other = Signer::from_seed(&SecretKey32::from_slice(&[8; 32]).expect("32"));
        let signed = &text[..text.rfind("signature").expect("there")];
        let stolen = format!("{signed}signature {}\n", hex(&other.sign(&message(signed))));
        assert_eq!(Card::parse(stolen.as_bytes()), Err(CardError::Signature));
    }

    #[test]
    fn hostile_cards_are_refused_although_they_are_signed() {
        let refused = |change: &dyn Fn(&str) -> String| Card::parse(&forged(change)).expect_err("refused");
        let swap = |from: &'static str, to: &'static str| refused(&|text: &str| text.replacen(from, to, 1));
        assert_eq!(swap("mark practice", "mark demo"), CardError::Line("mark"));
        assert_eq!(swap("JM-06", "JM-15"), CardError::Line("parish"));
        assert_eq!(swap("JM-06", "JM-6"), CardError::Spelling);
        assert_eq!(swap("Saint Ann MDT", " Saint Ann MDT"), CardError::Line("name"));
        assert_eq!(swap("Saint Ann MDT", ""), CardError::Spelling);
        assert_eq!(swap("Saint Ann MDT", "Saint\u{202e}Ann"), CardError::Spelling);
        assert_eq!(swap("Saint Ann MDT", "Saint\u{1b}[31mAnn"), CardError::Spelling);
        assert_eq!(swap("serial 3", "serial 0"), CardError::Line("serial"));
        assert_eq!(swap("serial 3", "serial 03"), CardError::Line("serial"));
        assert_eq!(swap("serial 3", "serial +3"), CardError::Line("serial"));
        assert_eq!(swap("serial 3", "serial 18446744073709551616"), CardError::Line("serial"));
        assert_eq!(swap("recipient age1", "recipient AGE1"), CardError::Line("recipient"));
        assert_eq!(swap("mahoe card 1\n", "mahoe card 1\r\n"), CardError::NotACard);
        assert_eq!(swap("mahoe card 1\n", "mahoe card 2\n"), CardError::Newer);
        assert_eq!(swap("device 0a", "device 0A"), CardError::Line("device"));
        assert_eq!(swap("device 0a", "device  0a"), CardError::Line("device"));
        assert_eq!(swap("device 0a", "device ff"), CardError::Line("device"), "out of order");
        assert_eq!(swap("revoked ", "device "), CardError::Line("device"));
        assert_eq!(refused(&|text| format!("{text}\n")), CardError::Spelling);
        assert_eq!(refused(&|text| format!("{text}unknown line\n")), CardError::Line("signature"));
        let long = "x".repeat(MAX_NAME + 1);
        assert_eq!(refused(&|text| text.replace("Saint Ann MDT", &long)), CardError::Line("name"));
        let twice = |text: &str| {
            let line = text.lines().find(|line| line.starts_with("device ee")).expect("there");
            text.replace(line, &format!("{line}\n{line}"))
        };
        assert_eq!(refused(&twice), CardError::Line("device"));
        let after = [card().text.as_bytes(), b"x"].concat();
        assert_eq!(Card::parse(&after), Err(CardError::Spelling));
        assert_eq!(Card::parse(&vec![b'm'; MAX_CARD + 1]), Err(CardError::TooLarge));
        assert_eq!(Card::parse(&[0xff; 9]), Err(CardError::NotACard));
    }

    #[test]
    fn only_the_root_signs_and_only_what_can_be_read() {
        let other = Signer::from_seed(&SecretKey32::from_slice(&[8; 32]).expect("32"));
        assert_eq!(Card::sign(says(), &other), Err(CardError::Line("root")));
        let named = |name: &str| Card::sign(Says { name: name.into(), ..says() }, &root()).map(drop);
        assert_eq!(named("two\nlines"), Err(CardError::Line("name")));
        assert_eq!(named(""), Err(CardError::Line("name")));
        let device = |at: u16| {
            let mut key = [0; 32];
            key[..2].copy_from_slice(&at.to_be_bytes());
            CardDevice { key, member: ItemId([0; 16]) }
        };
        let many = |count| Says { devices: (0..count).map(device).collect(), ..says() };
        assert!(Card::sign(many(512), &root()).is_ok());
        assert_eq!(Card::sign(many(513), &root()), Err(CardError::TooMany));
    }

    #[test]
    fn serials_decide_and_short_cards_are_completed() {
        let full = card();
        let short = Card::sign(full.says().short(), &root()).expect("signed");
        let with =
            |serial, name: &str| Card::sign(Says { serial, name: name.into(), ..says() }, &root()).expect("signed");
        assert_eq!(full.against(&full), Standing::Same);
        assert_eq!(short.against(&full), Standing::Same);
        assert_eq!(full.against(&short), Standing::Completes);
        assert_eq!(with(4, "Saint Ann MDT").against(&full), Standing::Newer);
        assert_eq!(with(2, "Saint Ann MDT").against(&full), Standing::Older);
        assert_eq!(with(3, "Saint Ann").against(&full), Standing::Disagrees);
        let fewer = Says { devices: says().devices[..1].to_vec(), ..says() };
        assert_eq!(Card::sign(fewer, &root()).expect("signed").against(&full), Standing::Disagrees);
    }

    proptest! {
        #[test]
        fn any_card_survives_and_any_bytes_are_survived(
            serial in 1u64..=u64::MAX / 2,
            practice: bool,
            parish in 1u8..=14,
            seconds in 0i64..253_402_300_800,
            name in "[A-Za-zÀ-ž' -]{0,40}x",
            keys in proptest::collection::btree_map(any::<[u8; 32]>(), (any::<[u8; 16]>(), 0u64..=u64::MAX / 2), 0..20),
            noise in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let Some(parish) = Parish::by_number(parish) else { return Err(TestCaseError::reject("no parish")) };
            let says = Says {
                practice,
                parish,
                name: clean::line_owned(&name),
                serial,
                made: DateTime::from_timestamp(seconds, 0).expect("in range"),
                devices: keys.iter().map(|(key, (id, _))| CardDevice { key: *key, member: ItemId(*id) }).collect(),
                revoked: keys.iter().map(|(key, (_, from))| Revoked { key: *key, from: *from }).collect(),
                ..says()
            };
            let card = Card::sign(says, &root()).expect("signed");
            prop_assert_eq!(Card::parse(card.text().as_bytes()), Ok(card.clone()));
            prop_assert!(Card::parse(&noise).is_err());
            let spoilt = [card.text().as_bytes(), &noise].concat();
            prop_assert_eq!(Card::parse(&spoilt).is_ok(), noise.is_empty());
        }
    }
}
