//! What the front ends ask about meetings.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::mask::Mask;
use crate::domain::meeting::agenda::{self, Line};
use crate::domain::meeting::minutes::{self, Reader};
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::paper::{Form, Paper};
use crate::error::{AppError, Kind, Result};
use crate::ops::PaperIssue;

use super::Session;

/// The largest file that is looked at as a copy of minutes.
pub const MAX_COPY: usize = 8 << 20;

/// A copy that the team made, known again by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCopy {
    /// The meeting.
    pub meeting: ItemId,
    /// For whom it was made.
    pub made_for: String,
    /// When it was made.
    pub made: Option<chrono::DateTime<chrono::Utc>>,
}

impl Session {
    /// The agenda of a meeting as it stands now, in order; empty if there is no such meeting.
    pub fn agenda(&self, meeting: ItemId) -> Vec<Line> {
        let Some(meeting) = Meeting::get(&self.state, meeting) else { return Vec::new() };
        agenda::agenda(&self.state, &self.pack, &self.today(), meeting, self.now())
    }

    /// The minutes of a meeting for a reader, names masked.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is no such meeting or it has not begun.
    pub fn minutes(&self, meeting: ItemId, reader: Reader) -> Result<Paper> {
        let found = Meeting::get(&self.state, meeting).filter(|meeting| meeting.started().is_some());
        let found = found.ok_or_else(|| {
            AppError::new(
                Kind::Refused,
                "This meeting has no minutes: it has not begun.",
                "Begin it first; its agenda is there already.",
            )
        })?;
        // A mask costs more than the words it is for, and a case has many.
        let masks: RefCell<HashMap<Option<ItemId>, Mask>> = RefCell::default();
        let mask = |case: Option<ItemId>, text: &str| {
            let mut masks = masks.borrow_mut();
            masks.entry(case).or_insert_with(|| self.mask(case)).masked(text).into_owned()
        };
        Ok(minutes::minutes(&self.state, &self.pack, found, reader, self.practice(), &mask))
    }

    /// The minutes as a file's text. Once they are approved every copy is put on record, so that it is known again.
    ///
    /// # Errors
    /// As [`Session::minutes`]; [`Kind::Io`] if it could not be put on record: then no copy is given out.
    pub fn copy_of_minutes(&mut self, meeting: ItemId, reader: Reader, form: Form) -> Result<String> {
        let text = self.minutes(meeting, reader)?.render(form);
        self.note_access("print", meeting, "minutes")?;
        let approved = Meeting::get(&self.state, meeting).is_some_and(|it| it.phase() >= Phase::Approved);
        let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        if approved && self.copy(&digest).is_none() {
            self.run(PaperIssue { meeting, reader, form, digest })?;
        }
        Ok(text)
    }

    /// The copy on record that a file is, byte for byte.
    pub fn known_copy(&self, bytes: &[u8]) -> Option<KnownCopy> {
        let paper = self.copy(&blake3::hash(bytes).to_hex())?;
        Some(KnownCopy {
            meeting: paper.stream.item(),
            made_for: paper.str(Field::PaperFor).to_owned(),
            made: paper.value(Field::PaperMade).as_when(),
        })
    }

    fn copy(&self, digest: &str) -> Option<&Item> {
        self.state.items(ItemKind::Paper).find(|paper| paper.str(Field::PaperDigest) == digest)
    }
}
