//! Meetings: when, who, what was on the agenda, who was there.
//!
//! A meeting is a stream of its own. What is said about a child is written into that child's case and only names the
//! agenda item it was said under, so that need-to-know stays the case's business; what belongs to no case stays here.

pub mod agenda;
pub mod feedback;
pub mod minutes;
pub mod papers;
pub mod record;
mod recur;
pub mod twice;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::state::State;
use super::views::{Case, Member};

pub use recur::Recur;

/// How far a meeting has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It is to come.
    Planned,
    /// It was called off.
    Cancelled,
    /// It runs.
    Live,
    /// It is over, and its minutes are not approved.
    Ended,
    /// Its minutes are approved, and not marked as sent.
    Approved,
    /// Its minutes went out.
    Sent,
}

impl Phase {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Cancelled => "called off",
            Self::Live => "running",
            Self::Ended => "ended",
            Self::Approved => "minutes approved",
            Self::Sent => "minutes sent",
        }
    }
}

/// A meeting.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a>(pub &'a Item);

impl<'a> Meeting<'a> {
    /// A standing meeting by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Meeting && item.stands()).map(Self)
    }

    /// All meetings, the earliest first; what is called off among them.
    pub fn all(state: &'a State) -> Vec<Self> {
        let mut all: Vec<Self> = state.items(ItemKind::Meeting).map(Self).collect();
        all.sort_by_key(|meeting| (meeting.when(), meeting.0.id));
        all
    }

    /// The one that runs now; the one that began last, if somebody began two.
    pub fn live(state: &'a State) -> Option<Self> {
        let live = state.items(ItemKind::Meeting).map(Self).filter(|meeting| meeting.phase() == Phase::Live);
        live.max_by_key(|meeting| (meeting.started(), meeting.0.id))
    }

    /// The next one that is to come, from a moment on; one whose hour has passed today still counts.
    pub fn next(state: &'a State, today: NaiveDate) -> Option<Self> {
        Self::all(state)
            .into_iter()
            .find(|meeting| meeting.phase() == Phase::Planned && meeting.day().is_some_and(|day| day >= today))
    }

    /// The last one that was held before this one.
    pub fn before(self, state: &'a State) -> Option<Self> {
        let held = state.items(ItemKind::Meeting).map(Meeting).filter(|other| other.0.id != self.0.id);
        let mine = self.started().or(self.when());
        held.filter(|other| other.ended().is_some() && (mine.is_none() || other.started() < mine))
            .max_by_key(|other| (other.started(), other.0.id))
    }

    /// How far it has come.
    pub fn phase(self) -> Phase {
        let has = |field| !self.0.held(field).is_nothing();
        match () {
            () if has(Field::MeetingCancelled) && !has(Field::MeetingStarted) => Phase::Cancelled,
            () if has(Field::MeetingSent) => Phase::Sent,
            () if has(Field::MeetingApproved) => Phase::Approved,
            () if has(Field::MeetingEnded) => Phase::Ended,
            () if has(Field::MeetingStarted) => Phase::Live,
            () => Phase::Planned,
        }
    }

    /// The series that it is one of, as long as that goes on.
    pub fn recurs(self, state: &'a State) -> Option<Series<'a>> {
        let series = self.0.held(Field::MeetingSeries).as_item().and_then(|id| Series::get(state, id));
        series.filter(|series| series.0.held(Field::SeriesEnded).is_nothing())
    }

    /// The type's code.
    pub fn kind(self) -> &'a str {
        self.0.str(Field::MeetingType)
    }

    /// When it is, or was to be.
    pub fn when(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::MeetingWhen).as_when()
    }

    /// The day in Jamaica.
    pub fn day(self) -> Option<NaiveDate> {
        self.when().map(|when| when.with_timezone(&jamaica()).date_naive())
    }

    /// When it was held, if that was on another day than it was planned for; else when it was to be.
    pub fn held(self) -> Option<DateTime<Utc>> {
        let day = |when: DateTime<Utc>| when.with_timezone(&jamaica()).date_naive();
        self.started().filter(|started| self.day() != Some(day(*started))).or(self.when())
    }

    /// The day in Jamaica on which it was held, or is to be.
    pub fn held_day(self) -> Option<NaiveDate> {
        self.held().map(|when| when.with_timezone(&jamaica()).date_naive())
    }

    /// Where.
    pub fn place(self) -> &'a str {
        self.0.str(Field::MeetingPlace)
    }

    /// Who chairs.
    pub fn chair(self) -> Option<ItemId> {
        self.0.held(Field::MeetingChair).as_item()
    }

    /// Who takes the minutes.
    pub fn scribe(self) -> Option<ItemId> {
        self.0.held(Field::MeetingScribe).as_item()
    }

    /// When it began.
    pub fn started(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::MeetingStarted).as_when()
    }

    /// When it ended.
    pub fn ended(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::MeetingEnded).as_when()
    }

    /// The agenda item that people are talking about.
    pub fn at(self) -> Option<ItemId> {
        self.0.held(Field::MeetingAt).as_item()
    }

    /// Whoever is expected: the listed members who are still with the team, in the order of their names.
    pub fn expected(self, state: &'a State) -> Vec<Member<'a>> {
        let listed = self.0.value(Field::MeetingExpected);
        let mut members: Vec<Member<'a>> =
            listed.as_items().iter().filter_map(|id| Member::get(state, *id)).filter(|member| !member.left()).collect();
        members.sort_by_key(|member| (member.name(), member.0.id));
        members
    }

    /// The items on record of its agenda, those taken off among them, in order: one for each matter.
    ///
    /// Two devices that put the same case on the agenda, or both began the meeting, made two items of it. Of these the one
    /// that people are talking about stands for all, else the one that came furthest; what was said under any of them
    /// is [`Record`](record::Record)'s, and [`AgendaItem::twins`] gives all.
    pub fn items(self, state: &'a State) -> Vec<AgendaItem<'a>> {
        let at = self.at();
        let far = |item: &AgendaItem<'a>| {
            let state = match item.state() {
                _ if at == Some(item.0.id) => 0,
                "done" => 1,
                "parked" => 2,
                "dropped" => 4,
                _ => 3,
            };
            (state, std::cmp::Reverse(item.spent()), item.place(), item.0.id)
        };
        let mut of: HashMap<Matter<'a>, AgendaItem<'a>> = HashMap::new();
        for item in state.items_in(self.0.stream, ItemKind::Agenda).map(AgendaItem) {
            let one = of.entry(item.matter()).or_insert(item);
            if far(&item) < far(one) {
                *one = item;
            }
        }
        let mut items: Vec<AgendaItem<'a>> = of.into_values().collect();
        items.sort_by_key(|item| (item.place(), item.0.id));
        items
    }

    /// Who was there, who was not: those expected first, in the order of their names, then others.
    pub fn attendance(self, state: &'a State) -> Vec<Attendance<'a>> {
        let mut all: Vec<Attendance<'a>> =
            state.items_in(self.0.stream, ItemKind::Attendance).map(Attendance).collect();
        all.sort_by_key(|attendance| (attendance.member().is_none(), attendance.name(state), attendance.0.id));
        // Two devices that marked the same person made two items: the later word counts, and both are kept.
        let newest = |of: &Attendance<'a>| {
            let heads = of.0.register(Field::AttendanceMark).map_or(&[][..], super::item::Register::heads);
            heads.iter().filter_map(|head| state.stamp(head.entry)).map(|stamp| (stamp.wall, stamp.id)).max()
        };
        let mut kept: Vec<Attendance<'a>> = Vec::with_capacity(all.len());
        for one in all {
            let same = kept.iter().position(|other| other.member().is_some() && other.member() == one.member());
            match same {
                Some(at) if newest(&one) > newest(&kept[at]) => kept[at] = one,
                Some(_) => {}
                None => kept.push(one),
            }
        }
        kept
    }

    /// The members in the room.
    pub fn in_the_room(self, state: &'a State) -> Vec<ItemId> {
        let here = self.attendance(state).into_iter().filter(|one| one.is_here());
        here.filter_map(Attendance::member).collect()
    }
}

/// What an item of an agenda is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Matter<'a> {
    Case(ItemId),
    Text(&'a str),
    /// Neither can be read here: the item is like no other.
    Unknown(ItemId),
}

/// One item of an agenda.
#[derive(Clone, Copy, Debug)]
pub struct AgendaItem<'a>(pub &'a Item);

impl<'a> AgendaItem<'a> {
    /// A standing agenda item by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Agenda && item.stands()).map(Self)
    }

    /// The meeting.
    pub fn meeting(self, state: &'a State) -> Option<Meeting<'a>> {
        Meeting::get(state, self.0.stream.item())
    }

    fn matter(self) -> Matter<'a> {
        match (self.case_id(), self.text()) {
            (Some(case), _) => Matter::Case(case),
            (None, "") => Matter::Unknown(self.0.id),
            (None, text) => Matter::Text(text),
        }
    }

    /// All items of this meeting about the same matter, this one among them, in the order of their ids: more than one
    /// where two devices each made one.
    pub fn twins(self, state: &'a State) -> Vec<Self> {
        let all = state.items_in(self.0.stream, ItemKind::Agenda).map(AgendaItem);
        let mut twins: Vec<Self> = all.filter(|other| other.matter() == self.matter()).collect();
        twins.sort_by_key(|item| item.0.id);
        twins
    }

    /// The case, where it is about one.
    pub fn case_id(self) -> Option<ItemId> {
        self.0.held(Field::AgendaCase).as_item()
    }

    /// The case, where it is about one that can be read here.
    pub fn case(self, state: &'a State) -> Option<Case<'a>> {
        self.case_id().and_then(|case| Case::get(state, case))
    }

    /// The matter's words; empty for a case.
    pub fn text(self) -> &'a str {
        self.0.str(Field::AgendaText)
    }

    /// Why it is here: codes of the agenda's rules.
    pub fn why(self) -> Vec<Box<str>> {
        self.0.value(Field::AgendaWhy).as_codes().to_vec()
    }

    /// Its place in the order.
    pub fn place(self) -> i64 {
        self.0.held(Field::AgendaPlace).as_number().unwrap_or(i64::MAX)
    }

    /// How many minutes it was given.
    pub fn minutes(self) -> i64 {
        self.0.held(Field::AgendaMinutes).as_number().unwrap_or(0)
    }

    /// `open`, `done`, `parked` or `dropped`.
    pub fn state(self) -> &'a str {
        self.0.str(Field::AgendaState)
    }

    /// True until it was dealt with or taken off; parked items come again at the end.
    pub fn is_open(self) -> bool {
        matches!(self.state(), "open" | "parked")
    }

    /// True if the item was taken off before it was talked about.
    pub fn is_dropped(self) -> bool {
        self.state() == "dropped"
    }

    /// When people first came to it.
    pub fn opened(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::AgendaOpened).as_when()
    }

    /// Seconds spent on it, without those of a turn that still runs.
    pub fn spent(self) -> i64 {
        self.0.held(Field::AgendaSpent).as_number().unwrap_or(0)
    }

    /// Who declared a conflict of interest, on whatever device.
    pub fn conflicted(self, state: &State) -> Vec<ItemId> {
        let mut who: Vec<ItemId> = Vec::new();
        for twin in self.twins(state) {
            let more = twin.0.value(Field::AgendaConflicted);
            who.extend(more.as_items().iter().filter(|member| !who.contains(member)).collect::<Vec<_>>());
        }
        who
    }
}

/// Who was at a meeting.
#[derive(Clone, Copy, Debug)]
pub struct Attendance<'a>(pub &'a Item);

impl<'a> Attendance<'a> {
    /// The member; `None` for a visitor.
    pub fn member(self) -> Option<ItemId> {
        self.0.held(Field::AttendanceMember).as_item()
    }

    /// The name of the member or visitor.
    pub fn name(self, state: &'a State) -> &'a str {
        match self.member().and_then(|member| state.item(member)) {
            Some(member) => member.str(Field::MemberName),
            None => self.0.str(Field::AttendanceName),
        }
    }

    /// The agency's code.
    pub fn agency(self, state: &'a State) -> &'a str {
        match self.member() {
            Some(member) => super::views::agency_of(state, member),
            None => self.0.str(Field::AttendanceAgency),
        }
    }

    /// The mark's code.
    pub fn mark(self) -> &'a str {
        self.0.str(Field::AttendanceMark)
    }

    /// All marks that stand: more than one where two devices marked them at once and nobody has since.
    pub fn marks(self) -> impl Iterator<Item = &'a str> {
        let heads = self.0.register(Field::AttendanceMark).map_or(&[][..], super::item::Register::heads);
        heads.iter().filter_map(|head| head.value.as_str())
    }

    /// True if they are in the room: while two devices differ, whoever one of them sees there is taken to be there.
    pub fn is_here(self) -> bool {
        self.marks().any(|mark| matches!(mark, "present" | "observer"))
    }

    /// True if they were in the room, also if they have left it since.
    pub fn was_here(self) -> bool {
        self.is_here() || self.mark() == "left"
    }

    /// True if they sent information.
    pub fn sent_info(self) -> bool {
        self.0.held(Field::AttendanceInfo).as_yes_no() == Some(true)
    }

    /// True if they signed the confidentiality statement.
    pub fn signed(self) -> bool {
        self.0.held(Field::AttendanceSigned).as_yes_no() == Some(true)
    }
}

/// Meetings that recur.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a>(pub &'a Item);

impl<'a> Series<'a> {
    /// A standing series by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Series && item.stands()).map(Self)
    }

    /// The series that go on.
    pub fn running(state: &'a State) -> impl Iterator<Item = Self> {
        state.items(ItemKind::Series).map(Self).filter(|series| series.0.held(Field::SeriesEnded).is_nothing())
    }

    /// The rule.
    pub fn rule(self) -> Option<Recur> {
        Recur::parse(self.0.str(Field::SeriesRule))
    }

    /// Its first day.
    pub fn from(self) -> Option<NaiveDate> {
        self.0.held(Field::SeriesFrom).as_date()
    }

    /// Minutes after midnight.
    pub fn minutes(self) -> u32 {
        let minutes = self.0.held(Field::SeriesTime).as_number().and_then(|minutes| u32::try_from(minutes).ok());
        minutes.filter(|minutes| *minutes < 24 * 60).unwrap_or(10 * 60)
    }
}
