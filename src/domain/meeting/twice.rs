//! What two devices that kept the same meeting hold differently: both are kept, and this says where to look.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::class::Class;
use crate::domain::dates::jamaica;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::DeviceId;
use crate::domain::state::{Stamp, State};

use super::{AgendaItem, Attendance, Meeting, Phase};

/// One thing that two devices hold differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// So many items were made on more than one device; each is shown once, with what was said under all.
    Items(usize),
    /// So many items ended in different ways: dealt with on one device, parked or open on another.
    Outcome(usize),
    /// So many people were marked differently; the later mark counts.
    Attendance(usize),
    /// When it began: all that was said, the one that counts first.
    Began(Vec<DateTime<Utc>>),
    /// When it ended, likewise.
    Ended(Vec<DateTime<Utc>>),
}

impl Differs {
    /// The difference in a sentence. Names nobody.
    pub fn says(&self) -> String {
        let hours = |all: &[DateTime<Utc>]| {
            all.iter()
                .map(|at| at.with_timezone(&jamaica()).format("%H:%M").to_string())
                .collect::<Vec<_>>()
                .join(" or ")
        };
        match self {
            Self::Items(1) => "1 item was kept on two devices: what was said on both stands under it.".to_owned(),
            Self::Items(count) => {
                format!("{count} items were kept on two devices: what was said on both stands under each.")
            }
            Self::Outcome(1) => "1 item was left differently on two devices.".to_owned(),
            Self::Outcome(count) => format!("{count} items were left differently on two devices."),
            Self::Attendance(1) => "1 person was marked differently on two devices: the later mark counts.".to_owned(),
            Self::Attendance(count) => {
                format!("{count} people were marked differently on two devices: the later mark counts.")
            }
            Self::Began(all) => format!("Two devices began it: {}.", hours(all)),
            Self::Ended(all) => format!("Two devices ended it: {}.", hours(all)),
        }
    }
}

/// What another device wrote last into a meeting that runs, if it and ours have written without knowing of each other; nothing
/// where one hands over to the other, as people do at one keyboard.
pub fn kept_elsewhere(state: &State, meeting: Meeting<'_>, ours: DeviceId) -> Option<Stamp> {
    let since = meeting.started()?.timestamp_millis();
    // Whoever knows of all others' entries takes a number that nobody has had.
    let mut writers: HashMap<(Class, u64), DeviceId> = HashMap::new();
    let (mut last, mut apart): (Option<Stamp>, bool) = (None, false);
    for stamp in state.entries_of(meeting.0.stream).filter(|stamp| stamp.wall >= since) {
        apart |= *writers.entry((stamp.class, stamp.lamport)).or_insert(stamp.device) != stamp.device;
        if stamp.device != ours && last.is_none_or(|last| last.wall <= stamp.wall) {
            last = Some(stamp);
        }
    }
    last.filter(|_| apart && meeting.phase() == Phase::Live)
}

/// All that differs; empty where one device kept the meeting.
pub fn differences(state: &State, meeting: Meeting<'_>) -> Vec<Differs> {
    let mut all = Vec::new();
    for (field, make) in
        [(Field::MeetingStarted, Differs::Began as fn(_) -> _), (Field::MeetingEnded, Differs::Ended as fn(_) -> _)]
    {
        let heads = meeting.0.register(field).map_or(&[][..], |register| register.heads());
        let when: Vec<DateTime<Utc>> = heads.iter().filter_map(|head| head.value.as_when()).collect();
        if when.len() > 1 {
            all.push(make(when));
        }
    }
    let (mut twice, mut outcome) = (0, 0);
    let items = meeting.items(state);
    let single = state.items_in(meeting.0.stream, ItemKind::Agenda).count() == items.len();
    for item in items.into_iter().filter(|_| !single) {
        let twins = item.twins(state);
        twice += usize::from(twins.len() > 1);
        // What nobody came to on one device says nothing against the other.
        let came: Vec<&AgendaItem<'_>> = twins.iter().filter(|twin| twin.opened().is_some()).collect();
        outcome += usize::from(came.windows(2).any(|pair| pair[0].state() != pair[1].state()));
    }
    let marked: Vec<Attendance<'_>> = state.items_in(meeting.0.stream, ItemKind::Attendance).map(Attendance).collect();
    let people = meeting.attendance(state).into_iter().filter(|one| {
        one.member().is_some()
            && marked.iter().any(|other| other.member() == one.member() && other.mark() != one.mark())
    });
    let people = people.count();
    for (count, make) in [
        (twice, Differs::Items as fn(_) -> _),
        (outcome, Differs::Outcome as fn(_) -> _),
        (people, Differs::Attendance as fn(_) -> _),
    ] {
        if count > 0 {
            all.push(make(count));
        }
    }
    all
}
