//! A policy pack: the rules that a team may edit — stages, code lists, clocks, holidays, agencies, follow-ups, limits.
//!
//! Each item says where it comes from and whether a published text confirms it; what is unverified is never shown as law.
//! These types are pure: reading TOML is [`policy`](crate::policy)'s work. [`Pack::check`] holds every rule about what a
//! pack must contain, so that a pack made by a program is held to the same as one that was typed.

mod check;
mod check_forms;
mod closure;
mod outreach;
mod retention;
mod services;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Days, Duration, FixedOffset};

use super::calendar::{Calendar, Holiday};
use super::class::Class;
use super::dates::{end_of, from_millis, jamaica};
use super::form::Form;

pub use services::{SERVICES, SUPPORT, ServiceKind, When};

pub use outreach::{OutreachRules, Question, Topic};

pub use closure::{Approval, ClosureRules, Criterion};

pub use retention::{RetentionRule, Since};

/// The list whose items are the pack's stages; a pack writes it as `[[stage]]`.
pub const STAGES: &str = "stage";

/// The list of why a case is on an agenda; a pack writes it as `[[agenda]]`.
pub const AGENDA: &str = "agenda-why";

/// The rules that can put a matter on an agenda; a pack has each at most once, and [`ASKED`] and [`BUSINESS`] always.
pub const AGENDA_RULES: &[&str] =
    &["unfinished", "overdue", "new", "due", "awaiting", "consent", CLOSING, "not-seen", ASKED, BUSINESS];
/// Its closing waits for approval.
pub const CLOSING: &str = "closing";
/// Somebody asked for it.
pub const ASKED: &str = "asked";
/// A matter of the team, not of a case.
pub const BUSINESS: &str = "business";

/// Lists that the program itself reckons with: exactly these codes, in any order; labels and hints are free.
pub const FIXED_LISTS: &[(&str, &[&str])] = &[
    ("risk", &["high", "medium", "low", "unassessed"]),
    ("action-state", &["open", "doing", "blocked", "done", "cancelled"]),
    ("why", &["circumstances", "agency"]),
    ("priority", &["high", "normal", "low"]),
    ("role", &["coordinator", "deputy", "champion", "observer"]),
    ("followup-state", &["planned", "done", "missed", "cancelled"]),
    ("consent-scope", &["services", "disclosure", "reporting"]),
    ("referral-kind", &["refer", "transfer"]),
    ("referral-state", &["sent", "received", "accepted", "declined", "done", "revoked"]),
    ("attendance", &["present", "apologies", "absent", "left", "observer"]),
    ("agenda-state", &["open", "done", "parked", "dropped"]),
];

/// Lists that every pack must have, with whatever items the team wants; the named items must be among them.
pub const FREE_LISTS: &[(&str, &[&str])] = &[
    ("channel", &["other"]),
    ("exploitation", &["other"]),
    ("trafficking-status", &["possible", "actual", "not-a-victim"]),
    ("sex", &["unknown"]),
    ("note-kind", &["general", "decision", "dissent", "views"]),
    ("place-safety", &[]),
    ("flag", &[]),
    ("close-reason", &["died"]),
    ("placement-kind", &["other"]),
    ("link-kind", &["sibling", "household"]),
    ("followup-kind", &["other"]),
    ("agency-kind", &["other"]),
    ("consent-giver", &["child", "other"]),
    ("meeting-type", &["review"]),
];

/// Lists that a pack may have, with whatever items the team wants; where one is there, the named items must be among them.
/// Packs from before these lists were thought of stay good.
pub const LATER_LISTS: &[(&str, &[&str])] = &[
    ("screening-why", &["other"]),
    ("screening-mode", &[]),
    ("screening-outcome", &[]),
    ("decision-kind", &["identification", "best-interests"]),
    ("decision-by", &["other"]),
    ("trafficking-act", &[]),
    ("trafficking-means", &[]),
    ("service-outcome", &[]),
    ("document-kind", &["other"]),
    (
        "person-role",
        &["mother", "father", "carer", "sibling", "household", "alleged-offender", "in-control", "reporter", "other"],
    ),
    ("person-knows", &[]),
    ("outreach-kind", &["other"]),
    ("outreach-band", &["unknown"]),
    ("consent-capacity", &[]),
    ("assent", &["agreed", "refused"]),
    ("may-tell", &["ask", "team", "named", "nobody"]),
];

/// The most hours, days or working days that a clock may give.
const LONGEST_CLOCK: u32 = 1_000;

/// How likely serious harm is, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// High.
    High,
    /// Not yet assessed: treated as high.
    Unassessed,
    /// Medium.
    Medium,
    /// Low.
    Low,
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
    /// What is asked, such as at a screening; none in older packs.
    pub forms: Vec<Form>,
    /// What other teams may be shown.
    pub profiles: Vec<Profile>,
    /// The categories of a care plan; a pack may have none.
    pub services: Vec<ServiceKind>,
    /// By when a referral is to be answered.
    pub referral: ReferralRules,
    /// What comes onto an agenda by itself, in this order.
    pub agenda: Vec<AgendaRule>,
    /// How meetings are held.
    pub meeting: MeetingRules,
    /// What is asked before and after an outreach event; none in a pack from before.
    pub questions: Vec<Question>,
    /// What the team's people are trained in; none in a pack from before.
    pub topics: Vec<Topic>,
    /// How outreach is followed up; `None` in a pack from before.
    pub outreach: Option<OutreachRules>,
    /// Numbers shown before anybody has to unlock anything.
    pub call_card: Vec<CallLine>,
    /// Times after which the program protects what it shows.
    pub limits: Limits,
    /// How long records are kept; none in older packs.
    pub retention: Vec<RetentionRule>,
    /// What has to be so before a case is closed; none in a pack from before.
    pub criteria: Vec<Criterion>,
    /// How cases are closed; `None` in a pack from before: nobody has to approve it.
    pub closure: Option<ClosureRules>,
    /// Codes that are offered no longer, by list and code, with the words they had: the pack's own retired ones, and those
    /// of the team's packs before this one.
    pub former: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where an item comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The text it was taken from.
    pub source: String,
    /// Whether a published text confirms it.
    pub verified: bool,
}

/// The longest short name of a stage, in characters.
pub const SHORT: usize = 14;

/// A stage on the way of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// The same in at most [`SHORT`] characters, for a column.
    pub short: Option<String>,
    /// Codes of the stages that usually follow. A path, not a gate: any stage may be set.
    pub next: Vec<String>,
    /// Whether it may also run beside the stage, as a track (justice beside care).
    pub track: bool,
    /// Where it comes from.
    pub origin: Origin,
}

impl Stage {
    /// Its name where there is little room: the short one, or the label.
    pub fn short(&self) -> &str {
        self.short.as_deref().unwrap_or(&self.label)
    }
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
    /// Each service that the pack asks for was decided on and planned.
    CarePlan,
    /// The case came to a stage.
    Stage(String),
    /// A screening was finished.
    Screened,
    /// A flag was put on the case; it can only start a clock.
    Flag(String),
}

const TRIGGERS: [(&str, Trigger); 13] = [
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
    ("screened", Trigger::Screened),
    ("care-plan", Trigger::CarePlan),
];

impl Trigger {
    /// Reads a trigger's name; `stage:` and a stage's code; or `flag:` and a flag's.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("stage", code)) if is_code(code) => Some(Self::Stage(code.to_owned())),
            Some(("flag", code)) if is_code(code) => Some(Self::Flag(code.to_owned())),
            Some(_) => None,
            None => TRIGGERS.iter().find(|(name, _)| *name == text).map(|(_, trigger)| trigger.clone()),
        }
    }

    /// The names that [`Trigger::parse`] reads, for a message.
    pub fn names() -> String {
        let names: Vec<&str> = TRIGGERS.iter().map(|(name, _)| *name).collect();
        format!("{}, stage:CODE, flag:CODE", names.join(", "))
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(code) => write!(f, "stage:{code}"),
            Self::Flag(code) => write!(f, "flag:{code}"),
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

/// A redaction profile: which kinds of data leave for a receiver of this sort. What is in none of its classes stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// The classes that leave; `core` always among them, a team-only class never.
    pub classes: Vec<Class>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A stretch of time in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Within {
    /// When it is over, counted from `start`; `None` beyond the accepted years.
    pub fn after(self, start: DateTime<FixedOffset>, calendar: &Calendar) -> Option<DateTime<FixedOffset>> {
        let start = start.with_timezone(&jamaica());
        let date = start.date_naive();
        let due = match self.unit {
            Unit::Hours => start.checked_add_signed(Duration::hours(i64::from(self.amount)))?,
            Unit::Days => end_of(date.checked_add_days(Days::new(u64::from(self.amount)))?),
            Unit::WorkingDays => end_of(calendar.add_working_days(date, self.amount)?),
        };
        from_millis(due.timestamp_millis())
    }
}

/// By when a referral is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralRules {
    /// Usually.
    pub answer: Within,
    /// Where the urgency is high.
    pub urgent: Within,
    /// Where they come from.
    pub origin: Origin,
}

/// A rule that puts matters on an agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgendaRule {
    /// One of [`AGENDA_RULES`].
    pub code: String,
    /// What people read as the reason: "the risk review is due".
    pub label: String,
    /// How many minutes such a matter gets.
    pub minutes: u32,
    /// How far the rule looks, in days, where it looks at days.
    pub days: u32,
    /// Where it comes from.
    pub origin: Origin,
}

/// How meetings are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingRules {
    /// The confidentiality statement that is read at the beginning.
    pub statement: String,
    /// Fewer people than this can't decide; the meeting says so and goes on.
    pub quorum: u32,
    /// Over how many meetings the feedback to the agencies goes.
    pub feedback: u32,
    /// Where they come from.
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
    /// The largest document that can be attached, in MiB.
    pub document_mib: u32,
    /// From how many MiB of documents on the program points out that there are many.
    pub documents_mib: u32,
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
    Within { amount: clock.value.at(risk), unit: clock.unit }.after(start, calendar)
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

    /// What people read for a code: as this pack says it, or as the pack did that had it last; the code itself if none of
    /// them has it (another team's pack made it).
    pub fn label<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        match self.choice(list, code) {
            Some(choice) => &choice.label,
            None => self.former(list, code).unwrap_or(code),
        }
    }

    /// The words of a code that is offered no longer.
    pub fn former(&self, list: &str, code: &str) -> Option<&str> {
        self.former.get(list)?.get(code).map(String::as_str)
    }

    /// Remembers the words of an earlier pack for the codes that this one, and those remembered before, have not got.
    pub fn remember(&mut self, earlier: &Self) {
        let all = earlier
            .lists
            .iter()
            .flat_map(|(list, choices)| choices.iter().map(move |choice| (list, &choice.code, &choice.label)));
        let gone =
            earlier.former.iter().flat_map(|(list, codes)| codes.iter().map(move |(code, label)| (list, code, label)));
        for (list, code, label) in all.chain(gone) {
            if self.choice(list, code).is_none() && self.former(list, code).is_none() {
                self.former.entry(list.clone()).or_default().insert(code.clone(), label.clone());
            }
        }
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

    /// A form by its code.
    pub fn form(&self, code: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.code == code)
    }

    /// A rule of the agenda by its code.
    pub fn agenda_rule(&self, code: &str) -> Option<&AgendaRule> {
        self.agenda.iter().find(|rule| rule.code == code)
    }

    /// A redaction profile by its code.
    pub fn profile(&self, code: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.code == code)
    }

    /// The rules of follow-up in a stage: those made for it, or else those made for no stage.
    pub fn followups_in(&self, stage: &str) -> Vec<&FollowUpRule> {
        let of = |wanted: Option<&str>| -> Vec<&FollowUpRule> {
            self.followups.iter().filter(|rule| rule.stage.as_deref() == wanted).collect()
        };
        let own = of(Some(stage));
        if own.is_empty() { of(None) } else { own }
    }
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
        // Half past midnight on Saturday in UTC is Friday evening in Jamaica.
        let start: DateTime<FixedOffset> = "2026-11-21T00:30:00+00:00".parse().unwrap();
        let due = |unit, risk| due_at(&clock(unit), start, risk, &calendar).unwrap().to_rfc3339();
        assert_eq!(due(Unit::Hours, Risk::High), "2026-11-20T20:30:00-05:00");
        assert_eq!(due(Unit::Hours, Risk::Unassessed), due(Unit::Hours, Risk::High));
        assert_eq!(due(Unit::Days, Risk::Medium), "2026-11-23T23:59:00-05:00");
        assert_eq!(due(Unit::WorkingDays, Risk::High), "2026-11-23T23:59:00-05:00");
        assert_eq!(due(Unit::WorkingDays, Risk::Low), "2026-12-01T23:59:00-05:00");
        let late = at(chrono::NaiveDate::from_ymd_opt(2200, 12, 31).unwrap(), chrono::NaiveTime::MIN);
        for unit in [Unit::Hours, Unit::Days, Unit::WorkingDays] {
            let mut long = clock(unit);
            long.value.low = 1_000;
            assert_eq!(due_at(&long, late, Risk::Low, &calendar), None);
        }
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
