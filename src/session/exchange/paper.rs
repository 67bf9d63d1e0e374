//! A paper for one person: text sealed to the card of somebody who has no vault.
//!
//! It is made for members of the roster whose card the team was handed, and for nobody else. Nothing of it is kept here
//! but that it was made.

use crate::bundle::manifest::{Addressee, Kind as BundleKind, Lane, Manifest, Part};
use crate::bundle::paper::{MAX_TEXT, person_id};
use crate::bundle::person::PersonalCard;
use crate::domain::clean;
use crate::domain::field::Field;
use crate::domain::ids::{BundleId, ItemId};
use crate::domain::value::Value;
use crate::domain::views::Member;
use crate::error::{AppError, Kind, Result};
use crate::ops::TeamEdit;
use crate::session::Session;
use crate::vault::keys::identity::Recipient;

use super::pack::pack;

/// A paper that was made.
#[derive(Clone, Debug)]
pub struct PaperMade {
    /// Its id.
    pub id: BundleId,
    /// The file.
    pub bytes: Vec<u8>,
    /// One sentence.
    pub says: String,
}

impl Session {
    /// Takes the card that a member made for themselves: papers can be sealed to it.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if it is no such card; [`Kind::Refused`] as for any change of the roster.
    pub fn take_member_card(&mut self, member: ItemId, card: &[u8]) -> Result<PersonalCard> {
        let card = PersonalCard::parse_loose(card).map_err(|error| {
            let says = format!("This is no personal card. {error}");
            AppError::new(Kind::Damaged, says, "They make one with `mahoe card new`.")
        })?;
        let values = vec![(Field::MemberCard, Value::text(&card.recipient.to_string()))];
        self.run(TeamEdit { member, values })?;
        Ok(card)
    }

    /// Seals a text to a member's personal card. `about` is what the record names: a case, or the member.
    ///
    /// # Errors
    /// [`Kind::Refused`] for a member without a card, for an empty or too long text, and for observers; [`Kind::Io`].
    pub fn seal_paper(&mut self, member: ItemId, text: &str, about: Option<ItemId>) -> Result<PaperMade> {
        let (name, recipient) = self.reader_of(member)?;
        let text = clean::prose_owned(text);
        if text.trim().is_empty() || text.len() as u64 > MAX_TEXT {
            return Err(AppError::new(
                Kind::Refused,
                if text.trim().is_empty() { "There is nothing on this paper." } else { "A paper holds 1 MiB of text." },
                "Give a text file; only text that a person can read goes on it.",
            ));
        }
        self.all_or_nothing(|session| {
            session.note_access("export", about.unwrap_or(member), "paper")?;
            let mine = session.card(false)?;
            let mut id = [0; BundleId::LEN];
            session.vault.random(&mut id);
            let manifest = Manifest {
                id: BundleId(id),
                practice: session.practice(),
                from: session.sender(&mine),
                to: vec![Addressee { root: person_id(&recipient), recipient }],
                made: session.now(),
                // A person keeps no record of rows.
                lane: Lane { number: 1, before: [0; 32] },
                answers: None,
                cases: Vec::new(),
                writers: Vec::new(),
                note: None,
                entries: 0,
                files: Vec::new(),
                kind: BundleKind::Paper,
            };
            let parts = [(Part::Paper, text.into_bytes())];
            let packed = pack(session, &manifest, &Vec::new(), &[], &[mine], &parts, Vec::new())?;
            Ok(PaperMade {
                id: manifest.id,
                bytes: packed.bytes,
                says: format!("Sealed to {name}, who opens it with `mahoe open`; nobody else can."),
            })
        })
    }

    /// A standing member's name, and whom their papers are sealed to.
    fn reader_of(&self, member: ItemId) -> Result<(String, Recipient)> {
        if Member::get(&self.state, self.me).is_none_or(|me| me.role() == "observer" || me.left()) {
            return Err(AppError::new(Kind::Refused, "Observers send nothing.", "Ask a champion or a coordinator."));
        }
        let found = Member::get(&self.state, member).filter(|member| !member.left()).ok_or_else(|| {
            AppError::new(Kind::Refused, "There is no such member on the team.", "`mahoe team list` shows everybody.")
        })?;
        let recipient = found.0.str(Field::MemberCard).parse().map_err(|_| {
            AppError::new(
                Kind::Refused,
                format!("{} has given no card of their own.", found.name()),
                "They make one with `mahoe card new`; then: mahoe team card NAME FILE.",
            )
        })?;
        Ok((found.name().to_owned(), recipient))
    }
}
