//! What the front ends ask about meetings.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::mask::Mask;
use crate::domain::meeting::agenda::{self, Line};
use crate::domain::meeting::feedback::{self, Feedback};
use crate::domain::meeting::minutes::{self, Reader};
use crate::domain::meeting::papers::{self, Sheet};
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::paper::{Form, Paper};
use crate::domain::state::State;
use crate::domain::views::{Case, Member, owner_name};
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
    /// Whether a copy made now reads the same; `None` where it is not known for whom it was made.
    pub as_now: Option<bool>,
}

/// More copies of one paper than this are a slip of the finger.
pub const MOST_COPIES: u32 = 200;

/// Minutes sealed to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCopy {
    /// Whose card it is sealed to.
    pub name: String,
    /// A name for the file; nobody but the sender needs it.
    pub file: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What became of the minutes of a meeting that were sealed to whoever was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedMinutes {
    /// One for each who has given a card, by name.
    pub sealed: Vec<SealedCopy>,
    /// Those who were there and can open this vault: they read them here.
    pub here: Vec<String>,
    /// Those who were there and have neither: they get a numbered printed copy.
    pub without: Vec<String>,
}

impl SealedMinutes {
    /// How the minutes were sent, for the record; empty if none was sealed.
    pub fn how(&self) -> String {
        let names: Vec<&str> = self.sealed.iter().map(|copy| &*copy.name).collect();
        if names.is_empty() { String::new() } else { format!("sealed to {}", names.join(", ")) }
    }
}

/// Members with a card, and everybody else.
struct Receivers {
    with_card: Vec<(ItemId, String)>,
    all: SealedMinutes,
}

/// `here`: who can open this vault.
fn receivers(state: &State, here: &HashSet<ItemId>, meeting: Meeting<'_>) -> Receivers {
    let mut found = Receivers { with_card: Vec::new(), all: SealedMinutes::default() };
    for one in meeting.attendance(state).into_iter().filter(|one| one.was_here()) {
        let name = one.name(state).to_owned();
        let member = one.member().and_then(|member| Member::get(state, member)).filter(|member| !member.left());
        match member {
            Some(member) if !member.0.str(Field::MemberCard).is_empty() => found.with_card.push((member.0.id, name)),
            Some(member) if here.contains(&member.0.id) => found.all.here.push(name),
            _ => found.all.without.push(name),
        }
    }
    found
}

fn checked_copies(copies: u32) -> Result<u32> {
    if copies > MOST_COPIES {
        let hint = "Print one, and copy it.";
        return Err(AppError::new(Kind::Usage, format!("More than {MOST_COPIES} copies at once."), hint));
    }
    Ok(copies)
}

/// "minutes-M-7K3Q-a-brown.mahoe".
fn file_name(code: &str, name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    format!("minutes-{code}-{}.mahoe", words.join("-").chars().take(40).collect::<String>())
}

impl Session {
    /// The agenda of a meeting as it stands now, in order; empty if there is no such meeting.
    pub fn agenda(&self, meeting: ItemId) -> Vec<Line> {
        self.whole_agenda(meeting).0
    }

    /// As [`Session::agenda`], and how many lines that the policy's rules find have no place in it.
    pub fn whole_agenda(&self, meeting: ItemId) -> (Vec<Line>, usize) {
        let Some(meeting) = Meeting::get(&self.state, meeting) else { return (Vec::new(), 0) };
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
        // The meeting's own words may name somebody of any case that it talks about.
        let of_meeting = self.meeting_mask(meeting);
        // A mask costs more than the words it is for, and a case has many.
        let masks: RefCell<HashMap<Option<ItemId>, Mask>> = RefCell::default();
        let mask = |case: Option<ItemId>, text: &str| {
            if case.is_none() {
                return of_meeting.masked(text).into_owned();
            }
            let mut masks = masks.borrow_mut();
            masks.entry(case).or_insert_with(|| self.mask(case)).masked(text).into_owned()
        };
        Ok(minutes::minutes(&self.state, &self.pack, found, reader, self.practice(), &mask))
    }

    /// What is masked in the words of a meeting itself, its place and the team's matters: people, addresses and telephones of
    /// the cases on its agenda. Schools and communities are not: people have to know where they meet.
    pub fn meeting_mask(&self, meeting: ItemId) -> Mask {
        let cases = self.agenda(meeting).into_iter().filter_map(|line| line.case);
        let secrets = cases.filter_map(|case| Case::get(&self.state, case)).flat_map(|case| case.secrets(&self.state));
        let near: Vec<(String, &str)> =
            secrets.filter(|(_, role)| !matches!(*role, "school" | "community" | "placement")).collect();
        Mask::new(&near)
    }

    /// Puts on record that minutes with what is only for some people leave, or are shown.
    fn note_minutes(&mut self, what: &'static str, meeting: ItemId, reader: Reader, detail: &str) -> Result<()> {
        self.note_access(what, meeting, detail)?;
        let state = &self.state;
        let items = Meeting::get(state, meeting).map(|it| it.items(state)).unwrap_or_default();
        let seen = items.into_iter().filter(|item| !item.is_dropped() && reader.may_see(state, *item));
        let cases = seen.filter_map(|item| item.case(state)).filter(|case| case.is_restricted());
        let cases: Vec<ItemId> = cases.map(|case| case.0.id).collect();
        cases.into_iter().try_for_each(|case| self.note_access(what, case, "minutes"))
    }

    /// The minutes as text to be shown here. Once they are approved every copy is put on record, so that it is known
    /// again.
    ///
    /// # Errors
    /// As [`Session::minutes`]; [`Kind::Io`] if it could not be put on record: then no copy is given out.
    pub fn copy_of_minutes(&mut self, meeting: ItemId, reader: Reader, form: Form) -> Result<String> {
        let text = self.minutes(meeting, reader)?.render(form);
        self.note_minutes("print", meeting, reader, "minutes")?;
        self.issue(meeting, reader, form, &text, "")?;
        Ok(text)
    }

    /// Numbered copies of the minutes, to be printed, handed out and handed back; 0 for one without a number.
    ///
    /// # Errors
    /// As [`Session::copy_of_minutes`], and [`Kind::Usage`] for more than [`MOST_COPIES`].
    pub fn printed_minutes(&mut self, meeting: ItemId, reader: Reader, form: Form, copies: u32) -> Result<String> {
        let copies = checked_copies(copies)?;
        let text = Paper { copies, ..self.minutes(meeting, reader)? }.render(form);
        self.note_minutes("print", meeting, reader, "minutes")?;
        self.issue(meeting, reader, form, &text, "")?;
        Ok(text)
    }

    /// The minutes as a file that anybody can read who gets hold of it. Outside practice vaults that needs a reason, and the
    /// reason goes on record.
    ///
    /// # Errors
    /// As [`Session::printed_minutes`], and [`Kind::Refused`] without a reason.
    pub fn clear_minutes(
        &mut self,
        meeting: ItemId,
        reader: Reader,
        form: Form,
        copies: u32,
        why: &str,
    ) -> Result<String> {
        let why = clean::line_owned(why);
        if why.is_empty() && !self.practice() {
            return Err(AppError::new(
                Kind::Refused,
                "As a file the minutes can be read by whoever gets hold of it.",
                "Seal them instead: `mahoe meeting send`. Or print numbered copies: P on the meeting's page. Or say why \
                 it must be a file: --clear REASON; the reason goes on record.",
            ));
        }
        let text = Paper { copies: checked_copies(copies)?, ..self.minutes(meeting, reader)? }.render(form);
        self.note_minutes("export", meeting, reader, &why)?;
        self.issue(meeting, reader, form, &text, &why)?;
        Ok(text)
    }

    /// Puts a copy of approved minutes on record; one that is there already only if there is a reason to add.
    fn issue(&mut self, meeting: ItemId, reader: Reader, form: Form, text: &str, why: &str) -> Result<()> {
        let approved = Meeting::get(&self.state, meeting).is_some_and(|it| it.phase() >= Phase::Approved);
        let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        if approved && (self.copy(&digest).is_none() || !why.is_empty()) {
            self.run(PaperIssue { meeting, reader, form, digest, why: why.to_owned() })?;
        }
        Ok(())
    }

    /// Seals the approved minutes to each member who was there and has given a card of their own: each gets the version
    /// for them. All or nothing.
    ///
    /// # Errors
    /// As [`Session::minutes`] and [`Session::seal_paper`]; [`Kind::Refused`] before they are approved.
    pub fn seal_minutes(&mut self, meeting: ItemId) -> Result<SealedMinutes> {
        let found = Meeting::get(&self.state, meeting).filter(|it| it.phase() >= Phase::Approved).ok_or_else(|| {
            let hint = "Have them approved first: `mahoe meeting approve`.";
            AppError::new(Kind::Refused, "These minutes are not approved.", hint)
        })?;
        let code = self.state.code(found.0.id).to_string();
        let Receivers { with_card, mut all } = receivers(&self.state, &self.participants(), found);
        let sealed = self.all_or_nothing(|session| {
            let mut sealed = Vec::with_capacity(with_card.len());
            let copies = u32::try_from(with_card.len()).unwrap_or(u32::MAX);
            for (number, (member, name)) in (1..).zip(with_card) {
                let reader = Reader::Member(member);
                let paper = Paper { copies, only: Some(number), ..session.minutes(meeting, reader)? };
                let text = clean::prose_owned(&paper.render(Form::Text)).trim_end().to_owned();
                session.note_minutes("export", meeting, reader, "sealed minutes")?;
                let bytes = session.seal_paper(member, &text, Some(meeting))?.bytes;
                session.issue(meeting, reader, Form::Text, &text, "")?;
                sealed.push(SealedCopy { file: file_name(&code, &name), name, bytes });
            }
            Ok(sealed)
        })?;
        all.sealed = sealed;
        Ok(all)
    }

    /// Who would get the minutes how, without sealing anything: [`SealedMinutes::sealed`] holds names alone.
    pub fn who_gets_minutes(&self, meeting: ItemId) -> SealedMinutes {
        let Some(found) = Meeting::get(&self.state, meeting) else { return SealedMinutes::default() };
        let Receivers { with_card, mut all } = receivers(&self.state, &self.participants(), found);
        all.sealed = with_card
            .into_iter()
            .map(|(_, name)| SealedCopy { name, file: String::new(), bytes: Vec::new() })
            .collect();
        all
    }

    /// A paper around a meeting, in so many numbered copies; 0 for one without a number.
    ///
    /// # Errors
    /// [`Kind::Refused`] if it needs a meeting and there is none; [`Kind::Usage`] for more than [`MOST_COPIES`];
    /// [`Kind::Io`] if it can't be put on record: then there is no paper.
    pub fn sheet(&mut self, sheet: Sheet, meeting: Option<ItemId>, copies: u32) -> Result<Paper> {
        let copies = checked_copies(copies)?;
        let (state, pack, practice) = (&self.state, &self.pack, self.practice());
        let words = meeting.map(|meeting| self.meeting_mask(meeting)).unwrap_or_default();
        let mask = |text: &str| words.masked(text).into_owned();
        let about = meeting.and_then(|id| Meeting::get(state, id));
        let about = about.map(|meeting| papers::About { state, pack, practice, meeting, mask: &mask });
        let paper = match (sheet, &about) {
            (Sheet::Report, _) => papers::report(state, pack, practice),
            (_, None) => {
                let hint = "Plan one with `mahoe meeting new`, or name it by its code.";
                return Err(AppError::new(Kind::Refused, "There is no meeting that this paper is for.", hint));
            }
            (Sheet::SignIn, Some(it)) => papers::sign_in(it),
            (Sheet::Agenda, Some(it)) => papers::agenda(it, &self.agenda(it.meeting.0.id)),
            (Sheet::Capture, Some(it)) => papers::capture(it, &self.agenda(it.meeting.0.id)),
        };
        let about = meeting.filter(|_| sheet.needs_meeting()).unwrap_or(self.state.team_stream().item());
        self.note_access("print", about, sheet.name())?;
        Ok(Paper { copies, ..paper })
    }

    /// What each agency did with what it was given, over as many meetings as the policy says or as asked for.
    pub fn feedback(&self, meetings: Option<u32>) -> Feedback {
        let most = meetings.unwrap_or(self.pack.meeting.feedback);
        feedback::feedback(&self.state, usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// The copy on record that a file is, byte for byte.
    pub fn known_copy(&self, bytes: &[u8]) -> Option<KnownCopy> {
        // What was sealed as text may have got a line end when it was saved.
        let known = |bytes: &[u8]| self.copy(&blake3::hash(bytes).to_hex());
        let paper = known(bytes).or_else(|| known(bytes.trim_ascii_end()))?;
        let meeting = paper.stream.item();
        Some(KnownCopy {
            meeting,
            made_for: paper.str(Field::PaperFor).to_owned(),
            made: paper.value(Field::PaperMade).as_when(),
            as_now: self.as_now(meeting, paper, bytes),
        })
    }

    /// Whether a copy made now for the same reader, in the same form and with the same number, has the same bytes.
    fn as_now(&self, meeting: ItemId, paper: &Item, bytes: &[u8]) -> Option<bool> {
        let reader = match paper.str(Field::PaperFor) {
            "anybody" => Reader::Anybody,
            name => {
                let called = |id: ItemId| owner_name(&self.state, Some(id)) == name;
                let of = |kind| self.state.items(kind).map(|item| item.id).find(|id| called(*id));
                of(ItemKind::Member).map(Reader::Member).or_else(|| of(ItemKind::Agency).map(Reader::Agency))?
            }
        };
        let text = std::str::from_utf8(bytes).ok()?;
        let form = Form::from_name(paper.str(Field::PaperForm))?;
        let now = self.minutes(meeting, reader).ok()?.numbered_as(text).render(form);
        Some(now.trim_end() == text.trim_end())
    }

    fn copy(&self, digest: &str) -> Option<&Item> {
        self.state.items(ItemKind::Paper).find(|paper| paper.str(Field::PaperDigest) == digest)
    }
}

#[cfg(test)]
#[path = "meetings_tests.rs"]
mod tests;
