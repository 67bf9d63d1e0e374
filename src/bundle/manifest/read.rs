//! A manifest's bytes taken apart, in the one order and spelling that there is.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{
    Addressee, CaseLine, ENTRIES, FileLine, HEADS, Kind, Lane, MAX_ATTACHMENTS, MAX_LINES, MAX_RECIPIENTS, MAX_SIZE,
    MOMENT, Manifest, Part, Sender, TITLE, WriterLine,
};
use crate::bundle::lines::{Lines, hex, is_word, number, words};
use crate::bundle::refusal::Refusal;
use crate::bundle::{entries, heads};
use crate::domain::clean;
use crate::domain::ids::{BundleId, ItemId, RootId, StreamId, VaultId};
use crate::domain::parish::Parish;

/// What every word that people read is shorter than, in bytes: a line has more room than a screen.
const MAX_WORDS: usize = 900;

/// The public key that a manifest says it is signed with. Nothing else of it is looked at: the signature comes first.
pub fn sender_key(bytes: &[u8]) -> Result<[u8; 32], Refusal> {
    let (_, _, from) = head(&mut open(bytes)?)?;
    Ok(from.device)
}

impl Manifest {
    /// Reads a manifest whose signature was checked.
    ///
    /// # Errors
    /// [`Refusal::Newer`], or [`Refusal::Manifest`] with the name of the line.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut lines = open(bytes)?;
        let (id, (kind, practice), from) = head(&mut lines)?;
        let manifest = Self {
            id,
            kind,
            practice,
            from,
            to: each(&mut lines, "to", MAX_RECIPIENTS, addressee)?,
            made: one(&mut lines, "made", moment)?,
            lane: one(&mut lines, "lane", lane)?,
            answers: maybe(&mut lines, "answers", |text| hex(text).map(BundleId))?,
            cases: each(&mut lines, "case", MAX_LINES, case)?,
            writers: each(&mut lines, "writer", MAX_LINES, writer)?,
            note: maybe(&mut lines, "note", readable)?,
            entries: one(&mut lines, "entries", number)?,
            files: each(&mut lines, "file", MAX_ATTACHMENTS + 2, file)?,
        };
        if lines.bare() != Some("end") || lines.bare().is_some() {
            return Err(Refusal::Manifest("end"));
        }
        manifest.check()?;
        Ok(manifest)
    }

    /// What no single line shows.
    fn check(&self) -> Result<(), Refusal> {
        let ascending = [
            ("to", !self.to.is_empty() && self.to.is_sorted_by(|one, next| one.root < next.root)),
            ("case", self.cases.is_sorted_by(|one, next| one.stream < next.stream)),
            ("writer", self.writers.is_sorted_by(|one, next| one.member < next.member)),
            ("answers", self.answers.is_none() || self.kind == Kind::Receipt || !self.kind.known()),
            ("entries", self.entries <= entries::MAX_COUNT),
        ];
        if let Some((place, _)) = ascending.into_iter().find(|(_, good)| !good) {
            return Err(Refusal::Manifest(place));
        }
        let [entries_bin, heads_bin, attachments @ ..] = self.files.as_slice() else {
            return Err(Refusal::Manifest("file"));
        };
        let first = entries_bin.name == ENTRIES && entries_bin.size <= entries::MAX_SIZE;
        let second = heads_bin.name == HEADS && heads_bin.size <= heads::MAX_SIZE;
        let rest = attachments.iter().all(|file| self.may_hold(file));
        let in_order = attachments.is_sorted_by(|one, next| one.name < next.name);
        let card = Part::Card(self.from.root).name();
        let introduced = !self.kind.known() || attachments.iter().any(|file| file.name == card);
        if !(first && second && rest && in_order) {
            return Err(Refusal::Manifest("file"));
        }
        if introduced { Ok(()) } else { Err(Refusal::Manifest("the sender's card")) }
    }

    fn may_hold(&self, file: &FileLine) -> bool {
        Part::from_name(&file.name).is_some_and(|part| part.fits(&self.kind) && file.size <= part.max_size())
    }
}

fn open(bytes: &[u8]) -> Result<Lines<'_>, Refusal> {
    if bytes.len() as u64 > MAX_SIZE {
        return Err(Refusal::Manifest("length"));
    }
    Ok(Lines::new(bytes, TITLE)?)
}

/// The lines up to the sender's.
fn head(lines: &mut Lines<'_>) -> Result<(BundleId, (Kind, bool), Sender), Refusal> {
    let id = one(lines, "id", |text| hex(text).map(BundleId))?;
    let kind = one(lines, "kind", Kind::from_name)?;
    let practice = one(lines, "mark", |text| match text {
        "practice" => Some(true),
        "real" => Some(false),
        _ => None,
    })?;
    Ok((id, (kind, practice), one(lines, "from", sender)?))
}

fn one<T>(lines: &mut Lines<'_>, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<T, Refusal> {
    read(lines.one(name)?).ok_or(Refusal::Manifest(name))
}

fn maybe<T>(lines: &mut Lines<'_>, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
    lines.maybe(name).map(|text| read(text).ok_or(Refusal::Manifest(name))).transpose()
}

fn each<T>(
    lines: &mut Lines<'_>,
    name: &'static str,
    most: usize,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    lines.all(name, most)?.into_iter().map(|text| read(text).ok_or(Refusal::Manifest(name))).collect()
}

fn sender(text: &str) -> Option<Sender> {
    let [root, parish, device, vault] = words(text)?;
    let parish = Parish::parse(parish).ok().filter(|found| found.to_string() == parish)?;
    Some(Sender { root: RootId(hex(root)?), parish, device: hex(device)?, vault: VaultId(hex(vault)?) })
}

fn addressee(text: &str) -> Option<Addressee> {
    let [root, recipient] = words(text)?;
    Some(Addressee { root: RootId(hex(root)?), recipient: recipient.parse().ok()? })
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let moment = NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc();
    let leap = moment.timestamp_subsec_nanos() != 0;
    (text.len() == 20 && !leap && moment.format(MOMENT).to_string() == text).then_some(moment)
}

fn lane(text: &str) -> Option<Lane> {
    let [place, before] = words(text)?;
    let lane = Lane { number: number(place)?, before: hex(before)? };
    let first = lane.number == 1;
    (lane.number > 0 && first == (lane.before == [0; 32])).then_some(lane)
}

fn case(text: &str) -> Option<CaseLine> {
    let [stream, profile, code] = words(text)?;
    let profile = (profile == "-" || is_word(profile, 32)).then(|| profile.to_owned())?;
    Some(CaseLine { stream: StreamId(hex(stream)?), profile, code: readable(code)? })
}

fn writer(text: &str) -> Option<WriterLine> {
    let [member, root, agency, name] = words(text)?;
    let agency = (agency != "-")
        .then(|| readable(agency).filter(|code| code.len() <= 64))
        .map_or(Some(None), |code| code.map(Some))?;
    Some(WriterLine { member: ItemId(hex(member)?), root: RootId(hex(root)?), agency, name: readable(name)? })
}

fn file(text: &str) -> Option<FileLine> {
    let (digest, rest) = text.split_once("  ")?;
    let (size, name) = rest.split_once("  ")?;
    Some(FileLine { digest: hex(digest)?, size: number(size)?, name: name.to_owned() })
}

/// Words for people, as they may be shown. What another Unicode version would normalise is normalised, not refused.
fn readable(text: &str) -> Option<String> {
    let cleaned = clean::line_owned(text);
    (!cleaned.is_empty() && text.len() <= MAX_WORDS).then_some(cleaned)
}
