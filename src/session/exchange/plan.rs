//! What taking a bundle in would do: worked out by doing it in memory, looking, and forgetting it again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::bundle::manifest::Kind as BundleKind;
use crate::bundle::statistics::Figures;
use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::mask::Mask;
use crate::domain::pack::Risk;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};
use crate::error::Result;
use crate::session::Session;

use super::read::Opened;
use super::{AskedStrike, Introduced};

/// How far the sender is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Words were compared: when, how, and by whom.
    Verified(DateTime<Utc>, String, String),
    /// In the list, and nobody has compared words.
    Unverified,
    /// Not in the list: its card came with the bundle.
    Unknown,
}

/// What taking in a bundle would do.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// The sender's name, as its card says.
    pub from: String,
    /// How far it is known.
    pub trust: Trust,
    /// What the bundle is for.
    pub kind: String,
    /// Its id, in hex.
    pub id: String,
    /// Its place in the row from the sending device.
    pub number: u64,
    /// When it was made, by the sender's clock.
    pub made: DateTime<Utc>,
    /// What happens to each case.
    pub cases: Vec<CasePlan>,
    /// Teams whose cards it brings.
    pub introduces: Vec<String>,
    /// What a person should look at, each in a sentence: "please check".
    pub checks: Vec<String>,
    /// Why it can't be taken in, if so.
    pub blocked: Option<String>,
    /// True if everything in it is here already.
    pub nothing_new: bool,
    /// Who of us may read what it brings, in a sentence; empty where all of the team may.
    pub readers: String,
    /// A line from the sender.
    pub note: String,
    /// The teams that a bundle of cards introduces.
    pub introduced: Vec<Introduced>,
    /// What a bundle of figures holds.
    pub figures: Option<Figures>,
    /// What the sender asks to destroy.
    pub strikes: Vec<AskedStrike>,
    /// "2 documents come along (41 KB)".
    pub documents: Option<String>,
}

impl ImportPlan {
    /// What it holds beside cases, a line each: teams and figures. Requests to destroy something stand with their case.
    pub fn tells(&self) -> Vec<String> {
        let year = self.figures.iter().map(|figures| format!("Figures of {}", figures.year));
        let counts = self.figures.iter().flat_map(|figures| &figures.counts);
        let counts = counts.map(|count| format!("{}: {}", count.label(), count.number));
        let introduced = self.introduced.iter().map(Introduced::says);
        let readers = (!self.readers.is_empty()).then(|| self.readers.clone());
        let documents = self.documents.clone();
        readers.into_iter().chain(introduced).chain(year).chain(counts).chain(documents).collect()
    }
}

/// What happens to one case.
#[derive(Clone, Debug)]
pub struct CasePlan {
    /// Its stream.
    pub stream: StreamId,
    /// The case; `None` while nothing of it can be read.
    pub case: Option<ItemId>,
    /// Its code as we will say it.
    pub code: String,
    /// True if it is not here yet.
    pub new: bool,
    /// "medium, Screening".
    pub state: String,
    /// Its risk; `None` while nothing of it can be read.
    pub risk: Option<Risk>,
    /// Each change in words, masked as free text is.
    pub changes: Vec<String>,
    /// Fields in which both sides wrote: in words, ours and theirs.
    pub conflicts: Vec<String>,
    /// Entries that came without their words.
    pub withheld: usize,
    /// Cases of ours that may be about the same child.
    pub same_child: Vec<ItemId>,
}

type Snapshot = BTreeMap<(ItemId, Field), (Value, bool)>;

/// How far ahead a clock may be before somebody should look.
const SKEW: TimeDelta = TimeDelta::hours(24);

impl Session {
    /// What taking the bundle in would do. Nothing is changed.
    ///
    /// # Errors
    /// [`Kind::Damaged`](crate::error::Kind::Damaged) if an entry contradicts what is on record here.
    pub fn plan_import(&mut self, opened: &Opened) -> Result<ImportPlan> {
        let manifest = &opened.manifest;
        let peer = self.peer_of_root(&opened.sender.says().root);
        let info = peer.and_then(|peer| self.peer(peer).ok());
        let trust = self.trust_in(opened);
        let skips = |stream: &StreamId| opened.skipped.iter().any(|(skipped, _)| skipped == stream);
        let streams: BTreeSet<StreamId> =
            manifest.cases.iter().map(|line| line.stream).filter(|stream| !skips(stream)).collect();
        let before: BTreeMap<StreamId, Snapshot> =
            streams.iter().map(|stream| (*stream, snapshot(self, *stream))).collect();
        let (cases, nothing_new, waiting) = self.trial(|session| {
            let waiting = session.ledger.parked().count();
            let taken = session.accept_all(opened, None)?;
            let cases = streams.iter().map(|stream| session.case_plan(*stream, &before[stream], opened)).collect();
            let waiting = session.ledger.parked().count().saturating_sub(waiting);
            Ok((cases, taken.is_empty(), waiting))
        })?;
        let mut plan = ImportPlan {
            from: opened.sender.says().name.clone(),
            trust,
            kind: manifest.kind.name().to_owned(),
            id: manifest.id.to_string(),
            number: manifest.lane.number,
            made: manifest.made,
            cases,
            introduced: self.introduced(opened),
            figures: opened.figures.clone(),
            strikes: self.asked_strikes(opened),
            documents: None,
            introduces: opened.cards.iter().map(|card| card.says().name.clone()).collect(),
            checks: Vec::new(),
            blocked: self.blocked(opened),
            readers: self.who_will_read(opened),
            nothing_new: nothing_new && !streams.is_empty(),
            note: manifest.note.clone().unwrap_or_default(),
        };
        if manifest.kind == BundleKind::Strike {
            plan.nothing_new = !plan.strikes.iter().any(AskedStrike::is_open);
            for case in &mut plan.cases {
                let asked = plan.strikes.iter().filter(|strike| strike.case == case.stream.item());
                case.changes.extend(asked.map(AskedStrike::says));
            }
        }
        self.check_lane(opened, peer, &mut plan);
        self.check_left(opened, &mut plan);
        if waiting > 0 {
            plan.checks.push(format!(
                "{waiting} entries follow others that have not arrived: they wait, and count once those come"
            ));
        }
        if let Some(info) = info.filter(|info| !info.alarm.is_empty()) {
            plan.checks.push(format!("another key was shown in the name of {}: call them first", info.name));
        }
        match plan.trust {
            Trust::Verified(..) => {}
            Trust::Unverified => plan.checks.push("nobody has compared words with this team yet".to_owned()),
            Trust::Unknown => {
                plan.checks.push("this team is not in the list yet; its card came with the bundle".to_owned());
            }
        }
        if manifest.made > self.now() + SKEW
            || opened.incoming.iter().any(|entry| entry.header.wall > (self.now() + SKEW).timestamp_millis())
        {
            plan.checks.push("a clock over there is more than a day ahead of ours".to_owned());
        }
        Ok(plan)
    }

    /// Who may read what came for coordinators and deputies alone.
    fn who_will_read(&self, opened: &Opened) -> String {
        if self.for_leaders(opened, None).next().is_none() {
            return String::new();
        }
        let leaders = Member::all(&self.state).into_iter().filter(|it| it.leads() && !it.left());
        let names: Vec<&str> = leaders.map(Member::name).collect();
        format!("Only {} will be able to read it here, until a coordinator or deputy lets others in.", names.join(", "))
    }

    /// What is not taken in, and what only the sender vouches for.
    fn check_left(&self, opened: &Opened, plan: &mut ImportPlan) {
        for (stream, skip) in &opened.skipped {
            let line = opened.manifest.cases.iter().find(|line| line.stream == *stream);
            let code = match self.state.item(stream.item()) {
                Some(_) => self.state.code(stream.item()).to_string(),
                None => line.map(|line| clean::line_owned(&line.code)).unwrap_or_default(),
            };
            plan.checks.push(format!("case {code} {}", skip.says()));
        }
        for team in &opened.vouched {
            let entries = crate::text::counted(team.entries, "entry", "entries");
            plan.checks.push(format!(
                "unverified author team: {entries} by {}, with whom nobody here has compared words; only {} vouches for that",
                team.name, plan.from
            ));
        }
        let (come, checks) = self.documents_in(opened);
        plan.documents = come;
        plan.checks.extend(checks);
        plan.checks.extend(self.rival_cards(opened));
        plan.checks.extend(self.lacking_words(opened));
    }

    /// How far the sender of a bundle is known.
    pub(super) fn trust_in(&self, opened: &Opened) -> Trust {
        let peer = self.peer_of_root(&opened.sender.says().root);
        match peer.and_then(|peer| self.peer(peer).ok()) {
            None => Trust::Unknown,
            Some(info) => info.verified.map_or(Trust::Unverified, |(when, how, by)| Trust::Verified(when, how, by)),
        }
    }

    /// Why a bundle can't be taken in at all.
    pub(super) fn blocked(&self, opened: &Opened) -> Option<String> {
        if self.was_removed(&opened.sender.says().root) {
            return Some(
                "This team was removed from your list: nothing is taken from it until its card is added again."
                    .to_owned(),
            );
        }
        match &opened.manifest.kind {
            BundleKind::Unknown(kind) => Some(format!(
                "This is a bundle of the kind \"{kind}\", which a newer mahoe made: it is kept, and can be taken in once mahoe is updated."
            )),
            BundleKind::Sync => Some(
                "This carries the team's own record between its devices: take it in with `mahoe device`.".to_owned(),
            ),
            BundleKind::Paper => {
                Some("This is a paper for one person: whoever it is sealed to opens it with `mahoe open`.".to_owned())
            }
            _ => None,
        }
    }

    /// Gaps and repeats in the row of bundles from one device.
    fn check_lane(&self, opened: &Opened, peer: Option<ItemId>, plan: &mut ImportPlan) {
        let manifest = &opened.manifest;
        let id = manifest.id.to_string();
        let device = crate::log::sign::device_of(&manifest.from.device).to_string();
        let received =
            self.state.items(ItemKind::Bundle).filter(|item| item.value(Field::BundleOurs) != Value::YesNo(true));
        let received: Vec<_> = received.filter(|item| item.str(Field::BundleDevice) == device).collect();
        if received.iter().any(|item| item.str(Field::BundleId) == id) {
            plan.checks.push("this bundle was taken in before".to_owned());
            return;
        }
        let number = i64::try_from(manifest.lane.number).unwrap_or(i64::MAX);
        let numbers: BTreeSet<i64> =
            received.iter().filter_map(|item| item.value(Field::BundleLane).as_number()).collect();
        let last = numbers.last().copied().unwrap_or(0);
        if numbers.contains(&number) {
            plan.checks.push(format!("another bundle with number {number} came before: ask {} about it", plan.from));
        } else if number > last + 1 && (last > 0 || peer.is_some()) {
            let missing = if number == last + 2 {
                format!("number {} has not arrived", last + 1)
            } else {
                format!("numbers {} to {} have not arrived", last + 1, number - 1)
            };
            plan.checks.push(format!("{missing} (ask {})", plan.from));
        }
    }

    /// One case after the trial, against what stood before it.
    fn case_plan(&self, stream: StreamId, before: &Snapshot, opened: &Opened) -> CasePlan {
        let after = snapshot(self, stream);
        let case = stream.item();
        let mask = self.mask(Some(case));
        let view = Case::get(&self.state, case);
        let mut plan = CasePlan {
            stream,
            case: view.map(|_| case),
            code: self.state.code(case).to_string(),
            new: before.is_empty(),
            risk: view.map(Case::risk),
            state: view
                .map(|view| {
                    format!(
                        "{}, {}",
                        self.pack.label("risk", view.risk().code()),
                        self.pack.label("stage", view.stage())
                    )
                })
                .unwrap_or_default(),
            withheld: opened
                .incoming
                .iter()
                .filter(|entry| entry.header.stream == stream && entry.facts.is_none())
                .count(),
            changes: Vec::new(),
            conflicts: Vec::new(),
            same_child: Vec::new(),
        };
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for ((item, field), (value, conflict)) in &after {
            let old = before.get(&(*item, *field));
            if old == Some(&(value.clone(), *conflict)) {
                continue;
            }
            let Some(known) = self.state.item(*item) else { continue };
            let is_new = known.kind != ItemKind::Case && !before.keys().any(|(other, _)| other == item);
            let label = match known.kind {
                ItemKind::Case => field.def().label.to_owned(),
                kind => format!("{} {}", kind.name(), field.def().label.to_lowercase()),
            };
            if field.follows() || field.is_silent() {
                continue;
            }
            if *conflict && !old.is_some_and(|(_, was)| *was) {
                let ours = old.map(|(value, _)| self.value_text(*field, value)).unwrap_or_default();
                let heads = known.register(*field).map(|register| register.heads().to_vec()).unwrap_or_default();
                let theirs = heads.iter().map(|head| self.value_text(*field, &head.value)).find(|text| *text != ours);
                let line = format!("{label}: ours {ours}, theirs {}", theirs.unwrap_or_default());
                plan.conflicts.push(shown(&mask, field.class(known.class), &line));
            } else if is_new {
                *counts.entry(known.kind.name()).or_default() += usize::from(is_naming(*field));
            } else if !plan.new {
                let text = if value.is_nothing() { "cleared".to_owned() } else { self.value_text(*field, value) };
                plan.changes.push(shown(&mask, field.class(known.class), &format!("{label}: {text}")));
            }
        }
        // What stood before and does not stand any more: the case itself, or something of it.
        let gone: BTreeSet<ItemId> =
            before.keys().map(|(item, _)| *item).filter(|item| !after.keys().any(|(other, _)| other == item)).collect();
        for item in gone {
            let kind = self.state.item(item).map_or("entry", |item| item.kind.name());
            plan.changes.push(format!("{kind} {}: taken back", self.state.code(item)));
        }
        for (kind, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            plan.changes.insert(0, format!("{count} new {kind}{}", if count == 1 { "" } else { "s" }));
        }
        if plan.new {
            plan.same_child = self.same_child(case);
        }
        plan
    }

    /// Cases of ours that may be about the same child as one that another team brings: the same name, or the same day
    /// of birth and sex. They are pointed out, never merged.
    fn same_child(&self, case: ItemId) -> Vec<ItemId> {
        let Some(view) = Case::get(&self.state, case) else { return Vec::new() };
        let name = |case: Case<'_>| case.0.str(Field::CaseChildName).to_lowercase();
        let born = |case: Case<'_>| {
            let born = case.0.value(Field::CaseDob);
            (!born.is_nothing()).then(|| (born, case.0.str(Field::CaseSex).to_owned()))
        };
        let (their_name, their_born) = (name(view), born(view));
        let others = self.state.items(ItemKind::Case).map(Case).filter(|other| other.0.id != case);
        let same = |other: &Case<'_>| {
            (!their_name.is_empty() && name(*other) == their_name)
                || (their_born.is_some() && born(*other) == their_born)
        };
        let mut found: Vec<ItemId> = others.filter(same).map(|other| other.0.id).collect();
        found.sort_unstable();
        found
    }
}

/// A line as it may be shown while names are masked.
fn shown(mask: &Mask, class: Class, line: &str) -> String {
    if matches!(class, Class::Identity | Class::Contact | Class::Reporter | Class::People | Class::Placement) {
        let label = line.split(':').next().unwrap_or_default();
        return format!("{label}: masked");
    }
    mask.masked(line).into_owned()
}

/// The field by which a new thing is counted: each kind has exactly one that it always has.
fn is_naming(field: Field) -> bool {
    matches!(
        field,
        Field::ActionState
            | Field::FollowUpDue
            | Field::NoteKind
            | Field::ConsentScopes
            | Field::ReferralState
            | Field::DocumentName
    )
}

fn snapshot(session: &Session, stream: StreamId) -> Snapshot {
    let mut values = Snapshot::new();
    for item in session.state().items_of(stream) {
        for (field, register) in item.fields() {
            let class = field.class(item.class);
            if !class.team_only() {
                let decides = register.in_conflict() && !item.follows_policy() && !field.follows();
                values.insert((item.id, field), (register.ruling(field.def().merge).into_owned(), decides));
            }
        }
    }
    values
}
