//! A policy pack: the rules that a team may edit — stages, code lists, clocks, holidays, agencies, follow-ups, limits.
//!
//! Each item says where it comes from and whether a published text confirms it; what is unverified is never shown as law.
//! These types are pure: reading TOML is [`policy`](crate::policy)'s work. [`Pack::check`] holds every rule about what a
//! pack must contain, so that a pack made by a program is held to the same as one that was typed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Days, FixedOffset};

use super::calendar::{Calendar, Holiday};
use super::class::Class;
use super::dates::{end_of, jamaica};

/// The list whose items are the pack's stages; a pack writes it as `[[stage]]`.
pub const STAGES: &str = "stage";

/// Lists that the program itself reckons with: exactly these codes, in any order; labels and hints are free.
pub const FIXED_LISTS: &[(&str, &[&str])] = &[
    ("risk", &["high", "medium", "low", "unassessed"]),
    ("action-state", &["open", "doing", "blocked", "done", "cancelled"]),
    ("why", &["circumstances", "agency"]),
    ("priority", &["high", "normal", "low"]),
    ("role", &["coordinator", "deputy", "champion", "observer"]),
    ("followup-state", &["planned", "done", "missed", "cancelled"]),
];

/// Lists that every pack must have, with whatever items the team wants; the named items must be among them.
pub const FREE_LISTS: &[(&str, &[&str])] = &[
    ("channel", &["other"]),
    ("exploitation", &["other"]),
    ("trafficking-status", &["possible", "actual", "not-a-victim"]),
    ("sex", &["unknown"]),
    ("note-kind", &["general"]),
    ("place-safety", &[]),
    ("flag", &[]),
    ("close-reason", &["died"]),
    ("placement-kind", &["other"]),
    ("link-kind", &["sibling", "household"]),
    ("followup-kind", &["other"]),
    ("agency-kind", &["other"]),
];

/// The most hours, days or working days that a clock may give.
const LONGEST_CLOCK: u32 = 1_000;

/// How likely serious harm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
    /// Not yet assessed: treated as high.
    Unassessed,
}

impl Risk {
    /// Every risk, the most urgent first.
    pub const ALL: [Self; 4] = [Self::High, Self::Unassessed, Self::Medium, Self::Low];

    /// The code in the list `risk`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Unassessed => "unassessed",
        }
    }

    /// Reads [`Risk::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|risk| risk.code() == code)
    }
}

/// A whole pack, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its code, such as `jm-default`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Counts up with each change.
    pub version: u32,
    /// The stages of a case, the first being where a case begins and the last where it ends.
    pub stages: Vec<Stage>,
    /// Code lists by name, [`STAGES`] among them.
    pub lists: BTreeMap<String, Vec<Choice>>,
    /// What must happen by when.
    pub clocks: Vec<Clock>,
    /// Public holidays.
    pub holidays: Vec<Holiday>,
    /// Agencies that members and actions may belong to.
    pub agencies: Vec<Agency>,
    /// How often a family is contacted.
    pub followups: Vec<FollowUpRule>,
    /// Numbers shown before anybody has to unlock anything.
    pub call_card: Vec<CallLine>,
    /// Times after which the program protects what it shows.
    pub limits: Limits,
}

/// Where an item comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The text it was taken from.
    pub source: String,
    /// Whether a published text confirms it.
    pub verified: bool,
}

/// A stage on the way of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Codes of the stages that usually follow. A path, not a gate: any stage may be set.
    pub next: Vec<String>,
    /// Whether it may also run beside the stage, as a track (justice beside care).
    pub track: bool,
    /// Where it comes from.
    pub origin: Origin,
}

/// An item of a code list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub code: String,
    /// What people read.
    pub label: String,
    /// A sentence that helps to choose.
    pub hint: Option<String>,
    /// The word in the HTCDS v2.0 export, where the standard has one.
    pub htcds: Option<String>,
    /// Of a kind of note: the class that is proposed for it.
    pub class: Option<Class>,
    /// Where it comes from.
    pub origin: Origin,
}

/// What happens in a case and can start or stop a clock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// Somebody reported the concern.
    Reported,
    /// The case was opened here.
    Opened,
    /// A risk was set.
    RiskSet,
    /// The risk was looked at again, whether or not it changed.
    RiskReview,
    /// Somebody from the team first reached the child or the family.
    FirstContact,
    /// The report to the Registry was made.
    StatutoryReport,
    /// The Registry gave its case ID.
    NcrNumber,
    /// The child was seen by a health worker.
    MedicalCheck,
    /// The case was closed.
    Closed,
    /// A meeting was held.
    MeetingHeld,
    /// A meeting's minutes went out.
    MinutesSent,
    /// The case came to a stage.
    Stage(String),
}

const TRIGGERS: [(&str, Trigger); 11] = [
    ("reported", Trigger::Reported),
    ("opened", Trigger::Opened),
    ("risk-set", Trigger::RiskSet),
    ("risk-review", Trigger::RiskReview),
    ("first-contact", Trigger::FirstContact),
    ("statutory-report", Trigger::StatutoryReport),
    ("ncr-number", Trigger::NcrNumber),
    ("medical-check", Trigger::MedicalCheck),
    ("closed", Trigger::Closed),
    ("meeting-held", Trigger::MeetingHeld),
    ("minutes-sent", Trigger::MinutesSent),
];

impl Trigger {
    /// Reads a trigger's name, or `stage:` and a stage's code.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("stage:") {
            Some(code) if is_code(code) => Some(Self::Stage(code.to_owned())),
            Some(_) => None,
            None => TRIGGERS.iter().find(|(name, _)| *name == text).map(|(_, trigger)| trigger.clone()),
        }
    }

    /// The names that [`Trigger::parse`] reads, for a message.
    pub fn names() -> String {
        let names: Vec<&str> = TRIGGERS.iter().map(|(name, _)| *name).collect();
        format!("{}, stage:CODE", names.join(", "))
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(code) => write!(f, "stage:{code}"),
            other => f.write_str(TRIGGERS.iter().find(|(_, trigger)| trigger == other).map_or("", |(name, _)| name)),
        }
    }
}

/// What a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Hours, to the minute.
    Hours,
    /// Calendar days, to the end of the day; 0 is the same day.
    Days,
    /// Days on which offices are open, to the end of the day; 0 is the same day, or the next such day.
    WorkingDays,
}

impl Unit {
    /// The word in a pack.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::WorkingDays => "working-days",
        }
    }

    /// Reads [`Unit::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Hours, Self::Days, Self::WorkingDays].into_iter().find(|unit| unit.name() == name)
    }
}

/// A value for each risk; a risk not yet assessed counts as high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerRisk {
    /// At high risk, and while the risk is not assessed.
    pub high: u32,
    /// At medium risk.
    pub medium: u32,
    /// At low risk.
    pub low: u32,
}

impl PerRisk {
    /// The value at a risk.
    pub const fn at(self, risk: Risk) -> u32 {
        match risk {
            Risk::High | Risk::Unassessed => self.high,
            Risk::Medium => self.medium,
            Risk::Low => self.low,
        }
    }
}

/// Something that must happen within a time after something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// What starts it.
    pub start: Trigger,
    /// What it counts.
    pub unit: Unit,
    /// How many of them.
    pub value: PerRisk,
    /// What stops it: whichever comes first. Closing the case, or the child's death, stops every clock.
    pub stops: Vec<Trigger>,
    /// Whether what stopped it starts it again (a review that recurs).
    pub again: bool,
    /// The code of the agency that usually does it.
    pub owner: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// An agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its code, such as `CPFSA`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// A code of the list `agency-kind`.
    pub kind: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// How often a planned contact recurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUpRule {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// A code of the list `followup-kind`.
    pub kind: String,
    /// The stage in which it applies; `None`: in every stage that has no rule of its own.
    pub stage: Option<String>,
    /// Calendar days between two contacts.
    pub every: PerRisk,
    /// Where it comes from.
    pub origin: Origin,
}

/// A line of the call card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLine {
    /// Its code.
    pub code: String,
    /// Whom one reaches.
    pub label: String,
    /// The number, as it is dialled.
    pub number: String,
    /// When it answers, such as "24 h".
    pub hours: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Times after which the program protects what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Minutes without a key until it locks.
    pub idle_minutes: u32,
    /// Minutes without a key in a live meeting until the screen goes blank.
    pub live_blank_minutes: u32,
    /// Minutes without a key in a live meeting until it locks.
    pub live_lock_minutes: u32,
    /// Seconds that names stay revealed.
    pub reveal_seconds: u32,
    /// Where they come from.
    pub origin: Origin,
}

/// What is wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The item: kind, code and key, joined by dots (`clock.first-contact.start`). The part before the last dot holds it.
    pub at: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// When a clock that was started at `start` runs out; `None` beyond the accepted years.
pub fn due_at(
    clock: &Clock,
    start: DateTime<FixedOffset>,
    risk: Risk,
    calendar: &Calendar,
) -> Option<DateTime<FixedOffset>> {
    let start = start.with_timezone(&jamaica());
    let (value, date) = (clock.value.at(risk), start.date_naive());
    match clock.unit {
        Unit::Hours => start.checked_add_signed(chrono::Duration::hours(i64::from(value))),
        Unit::Days => Some(end_of(date.checked_add_days(Days::new(u64::from(value)))?)),
        Unit::WorkingDays => Some(end_of(calendar.add_working_days(date, value)?)),
    }
}

/// Whether text may be a code: lower-case letters, digits and single hyphens, at most 32.
pub fn is_code(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= 32 && text.split('-').all(part)
}

/// Whether text may be an agency's code: as [`is_code`], in capitals.
pub fn is_agency_code(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_lowercase()) && is_code(&text.to_ascii_lowercase())
}

impl Pack {
    /// The working days under this pack's holidays. Costs a millisecond: keep it.
    pub fn calendar(&self) -> Calendar {
        Calendar::new(&self.holidays)
    }

    /// The items of a list, in the pack's order; none if there is no such list.
    pub fn list(&self, name: &str) -> &[Choice] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// An item of a list.
    pub fn choice(&self, list: &str, code: &str) -> Option<&Choice> {
        self.list(list).iter().find(|choice| choice.code == code)
    }

    /// What people read for a code; the code itself if this pack hasn't got it (an older or another pack made it).
    pub fn label<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        self.choice(list, code).map_or(code, |choice| choice.label.as_str())
    }

    /// A stage by its code.
    pub fn stage(&self, code: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.code == code)
    }

    /// The stage in which a case begins.
    pub fn first_stage(&self) -> Option<&Stage> {
        self.stages.first()
    }

    /// A clock by its code.
    pub fn clock(&self, code: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.code == code)
    }

    /// An agency by its code, in any case.
    pub fn agency(&self, code: &str) -> Option<&Agency> {
        self.agencies.iter().find(|agency| agency.code.eq_ignore_ascii_case(code))
    }

    /// The rules of follow-up in a stage: those made for it, or else those made for no stage.
    pub fn followups_in(&self, stage: &str) -> Vec<&FollowUpRule> {
        let of = |wanted: Option<&str>| -> Vec<&FollowUpRule> {
            self.followups.iter().filter(|rule| rule.stage.as_deref() == wanted).collect()
        };
        let own = of(Some(stage));
        if own.is_empty() { of(None) } else { own }
    }

    /// Everything that is wrong with the pack, in its own order; empty if it may be used.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.check_head(&mut faults);
        self.check_stages(&mut faults);
        self.check_lists(&mut faults);
        self.check_clocks(&mut faults);
        self.check_rest(&mut faults);
        faults.0
    }

    fn check_head(&self, faults: &mut Faults) {
        faults.code("", "id", &self.id);
        faults.text("", "name", &self.name);
        if self.version == 0 {
            faults.add("version", "versions count from 1");
        }
    }

    fn check_stages(&self, faults: &mut Faults) {
        if self.stages.len() < 2 {
            faults.add("stage", "a pack needs at least two stages: where a case begins and where it ends");
        }
        faults.unique("stage", self.stages.iter().map(|stage| stage.code.as_str()));
        for (index, stage) in self.stages.iter().enumerate() {
            let at = format!("stage.{}", stage.code);
            faults.code(&at, "code", &stage.code);
            faults.text(&at, "label", &stage.label);
            faults.origin(&at, &stage.origin);
            for next in &stage.next {
                if self.stage(next).is_none() {
                    faults.add(&format!("{at}.next"), format!("there is no stage \"{next}\""));
                }
            }
            let last = index + 1 == self.stages.len();
            match (last, stage.next.is_empty()) {
                (false, true) => faults.add(&at, "only the last stage may have no next stage"),
                (true, false) => faults.add(&format!("{at}.next"), "the last stage ends a case: it has no next stage"),
                _ => {}
            }
            if stage.track && (index == 0 || last) {
                faults.add(&format!("{at}.track"), "the first and the last stage can't run beside another");
            }
        }
        if let Some(code) = self.stage_in_a_circle() {
            faults.add(&format!("stage.{code}.next"), format!("the next stages lead in a circle back to \"{code}\""));
        }
    }

    /// The first stage that can be reached from itself.
    fn stage_in_a_circle(&self) -> Option<&str> {
        self.stages.iter().map(|stage| stage.code.as_str()).find(|start| {
            let mut seen = BTreeSet::new();
            let mut open = vec![*start];
            while let Some(stage) = open.pop().and_then(|code| self.stage(code)) {
                for next in &stage.next {
                    if next == start {
                        return true;
                    }
                    if self.stage(next).is_some() && seen.insert(next.as_str()) {
                        open.push(next);
                    }
                }
            }
            false
        })
    }

    fn check_lists(&self, faults: &mut Faults) {
        for (name, codes) in FIXED_LISTS.iter().chain(FREE_LISTS) {
            let Some(choices) = self.lists.get(*name) else {
                faults.add("list", format!("the list \"{name}\" is missing"));
                continue;
            };
            for code in *codes {
                if !choices.iter().any(|choice| choice.code == *code) {
                    faults.add(&format!("list.{name}"), format!("the list \"{name}\" must have the code \"{code}\""));
                }
            }
        }
        for (name, codes) in FIXED_LISTS {
            for choice in self.list(name).iter().filter(|choice| !codes.contains(&choice.code.as_str())) {
                let message = format!("the list \"{name}\" is fixed: it can't have \"{}\"", choice.code);
                faults.add(&format!("list.{name}.{}", choice.code), message);
            }
        }
        for (name, choices) in self.lists.iter().filter(|(name, _)| *name != STAGES) {
            let at = format!("list.{name}");
            let known = FIXED_LISTS.iter().chain(FREE_LISTS).any(|(known, _)| known == name);
            if !known {
                faults.add(&at, format!("no list is called \"{name}\""));
            }
            faults.unique(&at, choices.iter().map(|choice| choice.code.as_str()));
            for choice in choices {
                let at = format!("{at}.{}", choice.code);
                faults.code(&at, "code", &choice.code);
                faults.text(&at, "label", &choice.label);
                faults.origin(&at, &choice.origin);
                match choice.class {
                    Some(_) if name != "note-kind" => faults.add(&at, "only a kind of note has a class"),
                    Some(class) if class.team_only() => {
                        faults.add(&at, format!("notes can't have the class \"{class}\": it is the team's"));
                    }
                    None if name == "note-kind" => {
                        faults.add(&at, "a kind of note needs the class that is proposed for it")
                    }
                    _ => {}
                }
            }
        }
    }

    fn check_clocks(&self, faults: &mut Faults) {
        faults.unique("clock", self.clocks.iter().map(|clock| clock.code.as_str()));
        for clock in &self.clocks {
            let at = format!("clock.{}", clock.code);
            faults.code(&at, "code", &clock.code);
            faults.text(&at, "label", &clock.label);
            faults.origin(&at, &clock.origin);
            faults.per_risk(&format!("{at}.value"), clock.value, LONGEST_CLOCK);
            if clock.unit == Unit::Hours && clock.value.high == 0 {
                faults.add(&format!("{at}.value"), "0 hours would be late at once");
            }
            if clock.stops.is_empty() {
                faults.add(&format!("{at}.stops"), "nothing stops this clock");
            }
            if clock.stops.contains(&clock.start) {
                faults.add(&format!("{at}.stops"), format!("\"{}\" can't both start and stop it", clock.start));
            }
            let of_meeting = |trigger: &Trigger| matches!(trigger, Trigger::MeetingHeld | Trigger::MinutesSent);
            if clock.stops.iter().any(|stop| of_meeting(stop) != of_meeting(&clock.start)) {
                faults.add(&format!("{at}.stops"), "a clock belongs to a case or to a meeting, not to both");
            }
            for (key, triggers) in [("start", std::slice::from_ref(&clock.start)), ("stops", &clock.stops[..])] {
                for trigger in triggers {
                    match trigger {
                        Trigger::Stage(code) if self.stage(code).is_none() => {
                            faults.add(&format!("{at}.{key}"), format!("there is no stage \"{code}\""));
                        }
                        _ => {}
                    }
                }
            }
            if let Some(owner) = &clock.owner
                && !self.agencies.iter().any(|agency| agency.code == *owner)
            {
                faults.add(&format!("{at}.owner"), format!("there is no agency \"{owner}\""));
            }
        }
    }

    fn check_rest(&self, faults: &mut Faults) {
        faults.unique("agency", self.agencies.iter().map(|agency| agency.code.as_str()));
        for agency in &self.agencies {
            let at = format!("agency.{}", agency.code);
            if !is_agency_code(&agency.code) {
                faults
                    .add(&format!("{at}.code"), "an agency's code is capitals, digits and single hyphens, at most 32");
            }
            faults.text(&at, "name", &agency.name);
            faults.origin(&at, &agency.origin);
            faults.in_list(self, &format!("{at}.kind"), "agency-kind", &agency.kind);
        }
        faults.unique("followup", self.followups.iter().map(|rule| rule.code.as_str()));
        for rule in &self.followups {
            let at = format!("followup.{}", rule.code);
            faults.code(&at, "code", &rule.code);
            faults.text(&at, "label", &rule.label);
            faults.origin(&at, &rule.origin);
            faults.in_list(self, &format!("{at}.kind"), "followup-kind", &rule.kind);
            faults.per_risk(&format!("{at}.every"), rule.every, 366);
            if rule.every.high == 0 {
                faults.add(&format!("{at}.every"), "a contact every 0 days would never end");
            }
            if let Some(stage) = &rule.stage
                && self.stage(stage).is_none()
            {
                faults.add(&format!("{at}.stage"), format!("there is no stage \"{stage}\""));
            }
        }
        faults.unique("holiday", self.holidays.iter().map(|holiday| holiday.code.as_str()));
        for holiday in &self.holidays {
            let at = format!("holiday.{}", holiday.code);
            faults.code(&at, "code", &holiday.code);
            faults.text(&at, "name", &holiday.name);
            faults.origin(&at, &Origin { source: holiday.source.clone(), verified: holiday.verified });
            // 2024 has a 29 February and five of some weekday in each month from January on.
            if (2000..2028).all(|year| holiday.rule.falls(year).is_none()) {
                faults.add(&at, "there is no such day in any year");
            }
        }
        faults.unique("call", self.call_card.iter().map(|line| line.code.as_str()));
        for line in &self.call_card {
            let at = format!("call.{}", line.code);
            faults.code(&at, "code", &line.code);
            faults.text(&at, "label", &line.label);
            faults.origin(&at, &line.origin);
            let dialled = line.number.bytes().all(|byte| byte.is_ascii_digit() || b" -+*#".contains(&byte));
            if line.number.is_empty() || line.number.len() > 20 || !dialled {
                faults.add(
                    &format!("{at}.number"),
                    "a telephone number is digits, spaces, hyphens, + * and #, at most 20",
                );
            }
        }
        self.check_limits(faults);
    }

    fn check_limits(&self, faults: &mut Faults) {
        let limits = &self.limits;
        for (key, value, range) in [
            ("idle-minutes", limits.idle_minutes, 1..=60),
            ("live-blank-minutes", limits.live_blank_minutes, 1..=60),
            ("live-lock-minutes", limits.live_lock_minutes, 1..=180),
            ("reveal-seconds", limits.reveal_seconds, 5..=300),
        ] {
            if !range.contains(&value) {
                faults.add(&format!("limits.{key}"), format!("{key} goes from {} to {}", range.start(), range.end()));
            }
        }
        if limits.live_blank_minutes > limits.live_lock_minutes {
            faults.add("limits.live-blank-minutes", "the screen must go blank before it locks");
        }
        faults.origin("limits", &limits.origin);
    }
}

/// Collects faults; each method is one rule that many items share.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, at: &str, message: impl Into<String>) {
        self.0.push(Fault { at: at.to_owned(), message: message.into() });
    }

    fn code(&mut self, at: &str, key: &str, code: &str) {
        if !is_code(code) {
            self.add(&join(at, key), "a code is lower-case letters, digits and single hyphens, at most 32");
        }
    }

    fn text(&mut self, at: &str, key: &str, text: &str) {
        if text.is_empty() {
            self.add(&join(at, key), format!("the {key} is empty"));
        }
    }

    fn origin(&mut self, at: &str, origin: &Origin) {
        if origin.source.is_empty() {
            self.add(&join(at, "source"), "the source is empty: say where this comes from");
        }
    }

    fn unique<'a>(&mut self, kind: &str, codes: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for code in codes {
            if !seen.insert(code) {
                self.add(&join(kind, code), format!("the code \"{code}\" is here twice"));
            }
        }
    }

    fn per_risk(&mut self, at: &str, value: PerRisk, most: u32) {
        if value.high > value.medium || value.medium > value.low {
            self.add(at, "a higher risk can't have more time than a lower one");
        }
        if value.low > most {
            self.add(at, format!("at most {most}"));
        }
    }

    fn in_list(&mut self, pack: &Pack, at: &str, list: &str, code: &str) {
        if pack.choice(list, code).is_none() {
            self.add(at, format!("the list \"{list}\" has no \"{code}\""));
        }
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dates::at;

    fn clock(unit: Unit) -> Clock {
        Clock {
            code: "contact".into(),
            label: "First contact".into(),
            start: Trigger::Reported,
            unit,
            value: PerRisk { high: 1, medium: 3, low: 7 },
            stops: vec![Trigger::FirstContact],
            again: false,
            owner: None,
            origin: Origin::default(),
        }
    }

    #[test]
    fn a_clock_runs_out_in_its_own_unit() {
        let calendar = Calendar::default();
        // A Friday, given in UTC: in Jamaica it is 19:30 the day before midnight in Greenwich.
        let start: DateTime<FixedOffset> = "2026-11-21T00:30:00+00:00".parse().unwrap();
        let due = |unit, risk| due_at(&clock(unit), start, risk, &calendar).unwrap().to_rfc3339();
        assert_eq!(due(Unit::Hours, Risk::High), "2026-11-20T20:30:00-05:00");
        assert_eq!(due(Unit::Hours, Risk::Unassessed), due(Unit::Hours, Risk::High));
        assert_eq!(due(Unit::Days, Risk::Medium), "2026-11-23T23:59:00-05:00");
        assert_eq!(due(Unit::WorkingDays, Risk::High), "2026-11-23T23:59:00-05:00");
        assert_eq!(due(Unit::WorkingDays, Risk::Low), "2026-12-01T23:59:00-05:00");
        let late = at(chrono::NaiveDate::from_ymd_opt(2200, 12, 31).unwrap(), chrono::NaiveTime::MIN);
        assert_eq!(due_at(&clock(Unit::WorkingDays), late, Risk::Low, &calendar), None);
    }

    #[test]
    fn triggers_and_risks_read_back() {
        for (name, trigger) in TRIGGERS {
            assert_eq!(trigger.to_string(), name);
            assert_eq!(Trigger::parse(name), Some(trigger));
        }
        assert_eq!(Trigger::parse("stage:care").map(|trigger| trigger.to_string()), Some("stage:care".to_owned()));
        assert_eq!(Trigger::parse("stage:"), None);
        assert_eq!(Trigger::parse("whenever"), None);
        for risk in Risk::ALL {
            assert_eq!(Risk::from_code(risk.code()), Some(risk));
        }
    }

    #[test]
    fn codes_are_plain() {
        for code in ["211", "not-a-victim", "a"] {
            assert!(is_code(code));
        }
        for code in ["", "-a", "a-", "a--b", "Ab", "é", "a.b", "a b", &"a".repeat(33)] {
            assert!(!is_code(code), "{code}");
        }
        assert!(is_agency_code("A-TIP") && !is_agency_code("Cpfsa") && !is_agency_code(""));
    }
}
