//! Reads a policy pack from TOML, strictly: an unknown key, a missing part or a contradiction refuses the pack, and every
//! fault is named with its line and column.
//!
//! Faults of form (not TOML, wrong type, unknown or missing key) are found here, faults of meaning by [`Pack::check`]; the
//! latter name an item, whose place in the text is remembered here.

mod forms;
#[cfg(test)]
mod more_tests;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use chrono::Weekday;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::calendar::{Holiday, HolidayRule, Moves};
use crate::domain::class::Class;
use crate::domain::pack::{
    AGENDA, Agency, AgendaRule, Approval, CallLine, Choice, Clock, ClosureRules, Criterion, FollowUpRule, Limits,
    MeetingRules, Origin, OutreachRules, Pack, Profile, Question, ReferralRules, RetentionRule, SERVICES, STAGES,
    ServiceKind, Since, Stage, Topic, Trigger, Unit, When, Within, is_agency_code,
};
use crate::domain::training::TOPICS;

/// The largest pack that is read, in bytes.
pub const LARGEST: usize = 256 * 1024;
/// The most items of one kind.
const MOST_ITEMS: usize = 500;
/// The longest text, in characters.
const LONGEST_TEXT: usize = 300;
/// The most faults that are listed.
const MOST_FAULTS: usize = 50;

/// A fault of a pack and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for PackError {}

/// Reads and checks a pack. All faults that can be found at once are given (at most 50), in the order of the text.
pub fn parse(text: &str) -> Result<Pack, Vec<PackError>> {
    if text.len() > LARGEST {
        let message = format!("a pack has at most {} KiB, this has {}", LARGEST / 1024, text.len().div_ceil(1024));
        return Err(vec![PackError { line: 1, column: 1, message }]);
    }
    let mut reader = Reader::default();
    let (table, broken) = DeTable::parse_recoverable(text);
    for error in broken {
        reader.fault(error.span().unwrap_or(0..0), sentence(error.message()));
    }
    // Half a table would only be misunderstood.
    let pack = if reader.faults.is_empty() { reader.pack(&table) } else { None };
    if let Some(pack) = &pack.as_ref().filter(|_| reader.faults.is_empty()) {
        for fault in pack.check() {
            reader.fault(reader.place(&fault.at), fault.message);
        }
    }
    match pack {
        Some(pack) if reader.faults.is_empty() => Ok(pack),
        _ => Err(reader.errors(text)),
    }
}

/// The keys that each kind of table may have, as the reader asks for them in the built-in pack: what the document of packs
/// is checked against.
pub fn keys() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut reader = Reader::default();
    let (table, _) = DeTable::parse_recoverable(super::BUILTIN);
    let _ = reader.pack(&table);
    reader.known
}

/// The TOML reader's message on one line.
fn sentence(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("can't be read").to_owned();
    lines.take(2).fold(first, |all, line| format!("{all}; {line}"))
}

type Span = Range<usize>;

/// What has been found so far.
#[derive(Default)]
struct Reader {
    faults: Vec<(Span, String)>,
    places: HashMap<String, Span>,
    /// Choices that are offered no longer: list, code, words.
    former: BTreeMap<String, BTreeMap<String, String>>,
    /// Who is to confirm something.
    confirms: Vec<(Span, String)>,
    /// Keys that were asked for, by kind of table.
    known: BTreeMap<String, BTreeSet<&'static str>>,
}

/// A table being read: what stands in it and which keys were asked for.
struct Item<'a> {
    table: &'a DeTable<'a>,
    span: Span,
    /// The path in [`Reader::places`], empty for the whole pack.
    at: String,
    asked: Vec<&'static str>,
    /// What applies if the item doesn't say it itself.
    origin: Option<Origin>,
}

impl Reader {
    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.faults.push((span, message.into()));
    }

    /// Where an item, or else what holds it, stands.
    fn place(&self, at: &str) -> Span {
        let mut at = at;
        loop {
            if let Some(span) = self.places.get(at) {
                return span.clone();
            }
            match at.rsplit_once('.') {
                Some((holder, _)) => at = holder,
                None => return 0..0,
            }
        }
    }

    fn errors(mut self, text: &str) -> Vec<PackError> {
        self.faults.sort_by_key(|(span, _)| span.start);
        self.faults.dedup();
        self.faults.truncate(MOST_FAULTS);
        let place = |span: Span| {
            let before = text.get(..span.start.min(text.len())).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            (line, column)
        };
        self.faults
            .into_iter()
            .map(|(span, message)| {
                let (line, column) = place(span);
                PackError { line, column, message }
            })
            .collect()
    }

    fn pack(&mut self, table: &Spanned<DeTable<'_>>) -> Option<Pack> {
        let mut top = Item { table: table.get_ref(), span: 0..0, at: String::new(), asked: Vec::new(), origin: None };
        let (id, name, version) =
            (self.text(&mut top, "id"), self.text(&mut top, "name"), self.number(&mut top, "version"));
        let stages = self.items(&mut top, "stage", Self::stage);
        let mut lists = self.lists(&mut top);
        let clocks = self.items(&mut top, "clock", Self::clock);
        let holidays = self.items(&mut top, "holiday", Self::holiday);
        let agencies = self.items(&mut top, "agency", Self::agency);
        let followups = self.items(&mut top, "followup", Self::followup);
        let forms = self.items_if_any(&mut top, "form", Self::form);
        let profiles = self.items(&mut top, "profile", Self::profile);
        // Older packs were written before there were such.
        let services = if top.has("service") { self.items(&mut top, "service", Self::service) } else { Vec::new() };
        let referral = self.referral(&mut top);
        let agenda = self.items(&mut top, "agenda", Self::agenda_rule);
        let meeting = self.meeting(&mut top);
        let questions = self.optional_items(&mut top, "outreach-question", Self::outreach_question);
        let topics = self.optional_items(&mut top, TOPICS, Self::topic);
        let outreach = self.outreach(&mut top);
        let call_card = self.items(&mut top, "call", Self::call_line);
        let limits = self.limits(&mut top);
        let retention = self.optional_items(&mut top, "retention", Self::retention);
        let closure = self.closure(&mut top);
        let criteria = self.optional_items(&mut top, "criterion", Self::criterion);
        self.finish(&top);
        self.who_confirms(&agencies);
        lists.insert(STAGES.to_owned(), stages.iter().map(stage_choice).collect());
        lists.insert(AGENDA.to_owned(), agenda.iter().map(agenda_choice).collect());
        lists.insert(SERVICES.to_owned(), services.iter().map(service_choice).collect());
        lists.insert(TOPICS.to_owned(), topics.iter().map(topic_choice).collect());
        Some(Pack {
            id: id?,
            name: name?,
            version: version?,
            stages,
            lists,
            clocks,
            holidays,
            agencies,
            followups,
            forms,
            profiles,
            services,
            referral: referral?,
            agenda,
            meeting: meeting?,
            questions,
            topics,
            outreach,
            call_card,
            limits: limits?,
            retention,
            criteria,
            closure,
            former: std::mem::take(&mut self.former),
        })
    }

    fn stage(&mut self, item: &mut Item<'_>) -> Option<Stage> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let short = self.optional_text(item, "short");
        let (next, track) = (self.texts(item, "next"), self.flag(item, "track", Some(false)));
        let origin = self.origin(item);
        Some(Stage { code: code?, label: label?, short, next: next?, track: track?, origin: origin? })
    }

    fn lists(&mut self, top: &mut Item<'_>) -> BTreeMap<String, Vec<Choice>> {
        let mut lists = BTreeMap::new();
        let Some(mut holder) = self.table(top, "list", true) else { return lists };
        for (name, value) in holder.table {
            let at = format!("list.{}", name.get_ref());
            self.places.insert(at.clone(), name.span());
            let tables = [
                (STAGES, "stages are written as [[stage]]"),
                (AGENDA, "an agenda's rules are written as [[agenda]]"),
                (SERVICES, "services are written as [[service]]"),
                (TOPICS, "topics are written as [[training-topic]]"),
            ];
            if let Some((_, written)) = tables.into_iter().find(|(list, _)| name.get_ref() == list) {
                self.fault(name.span(), format!("{written}, not as a list"));
                continue;
            }
            let DeValue::Table(table) = value.get_ref() else {
                self.fault(value.span(), "a list is a table with source, verified and choices");
                continue;
            };
            let mut list = Item { table, span: name.span(), at, asked: Vec::new(), origin: None };
            list.origin = self.origin(&mut list);
            let choices = self.items(&mut list, "choices", Self::choice);
            self.finish(&list);
            let (gone, offered): (Vec<_>, Vec<_>) = choices.into_iter().partition(|(_, retired)| *retired);
            if !gone.is_empty() {
                let words = gone.into_iter().map(|(choice, _)| (choice.code, choice.label)).collect();
                self.former.insert(name.get_ref().to_string(), words);
            }
            lists.insert(name.get_ref().to_string(), offered.into_iter().map(|(choice, _)| choice).collect());
        }
        holder.asked.clear();
        lists
    }

    /// A choice, and whether it is offered no longer.
    fn choice(&mut self, item: &mut Item<'_>) -> Option<(Choice, bool)> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let (hint, htcds) = (self.optional_text(item, "hint"), self.optional_text(item, "htcds"));
        let class = self.word(item, "class", false, "a class such as notes, views or health", Class::from_name);
        let retired = self.flag(item, "retired", Some(false));
        let origin = self.origin(item);
        Some((Choice { code: code?, label: label?, hint, htcds, class, origin: origin? }, retired?))
    }

    fn clock(&mut self, item: &mut Item<'_>) -> Option<Clock> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let triggers = Trigger::names();
        let start = self.word(item, "start", true, &triggers, Trigger::parse);
        let unit = self.word(item, "unit", true, "hours, days or working-days", Unit::from_name);
        let value = self.per_risk(item, "value");
        let stops = self.texts(item, "stops").map(|names| {
            let read = |name: &String| Trigger::parse(name).ok_or_else(|| name.clone());
            names.iter().map(read).collect::<Result<Vec<Trigger>, String>>()
        });
        let stops = match stops {
            Some(Err(name)) => {
                let span = self.place(&format!("{}.stops", item.at));
                self.fault(span, format!("\"{name}\" is none of: {triggers}"));
                None
            }
            Some(Ok(stops)) => Some(stops),
            None => None,
        };
        let (again, owner) = (self.flag(item, "again", Some(false)), self.optional_text(item, "owner"));
        let origin = self.origin(item);
        Some(Clock {
            code: code?,
            label: label?,
            start: start?,
            unit: unit?,
            value: value?,
            stops: stops?,
            again: again?,
            owner,
            origin: origin?,
        })
    }

    fn holiday(&mut self, item: &mut Item<'_>) -> Option<Holiday> {
        let (code, name) = (self.text(item, "code"), self.text(item, "name"));
        let moves = self.word(item, "moves", true, "none or monday", |word| match word {
            "none" => Some(Moves::None),
            "monday" => Some(Moves::Monday),
            _ => None,
        });
        let origin = self.origin(item);
        let rule = self.holiday_rule(item);
        let Origin { source, verified } = origin?;
        Some(Holiday { code: code?, name: name?, rule: rule?, moves: moves?, source, verified })
    }

    fn holiday_rule(&mut self, item: &mut Item<'_>) -> Option<HolidayRule> {
        let has = |key: &str| item.table.contains_key(key);
        match (has("day"), has("easter"), has("nth")) {
            (true, false, false) => {
                let (month, day) = (self.number(item, "month"), self.number(item, "day"));
                Some(HolidayRule::Fixed { month: month?, day: day? })
            }
            (false, true, false) => {
                let offset = self.integer(item, "easter", -100..=100);
                Some(HolidayRule::Easter { offset: i16::try_from(offset?).ok()? })
            }
            (false, false, true) => {
                let nth = self.integer(item, "nth", 1..=5);
                let weekday =
                    self.word(item, "weekday", true, "a weekday such as monday", |word| word.parse::<Weekday>().ok());
                let month = self.integer(item, "month", 1..=12);
                let (nth, month) = (u8::try_from(nth?).ok()?, u32::try_from(month?).ok()?);
                Some(HolidayRule::Nth { nth, weekday: weekday?, month })
            }
            _ => {
                item.asked.extend(["day", "easter", "nth", "month", "weekday"]);
                self.fault(item.span.clone(), "a holiday is one of: month and day; easter; nth, weekday and month");
                None
            }
        }
    }

    fn agency(&mut self, item: &mut Item<'_>) -> Option<Agency> {
        let (code, name, kind) = (self.text(item, "code"), self.text(item, "name"), self.text(item, "kind"));
        let origin = self.origin(item);
        Some(Agency { code: code?, name: name?, kind: kind?, origin: origin? })
    }

    fn followup(&mut self, item: &mut Item<'_>) -> Option<FollowUpRule> {
        let (code, label, kind) = (self.text(item, "code"), self.text(item, "label"), self.text(item, "kind"));
        let (stage, every) = (self.optional_text(item, "stage"), self.per_risk(item, "every"));
        let origin = self.origin(item);
        Some(FollowUpRule { code: code?, label: label?, kind: kind?, stage, every: every?, origin: origin? })
    }

    fn profile(&mut self, item: &mut Item<'_>) -> Option<Profile> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let names = self.texts(item, "classes");
        let origin = self.origin(item);
        let mut classes = Vec::new();
        for name in names? {
            let Some(class) = Class::from_name(&name) else {
                let span = self.place(&format!("{}.classes", item.at));
                self.fault(span, format!("\"{name}\" is no class such as core, identity, health or views"));
                return None;
            };
            classes.push(class);
        }
        Some(Profile { code: code?, label: label?, classes, origin: origin? })
    }

    fn service(&mut self, item: &mut Item<'_>) -> Option<ServiceKind> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let (hint, htcds) = (self.optional_text(item, "hint"), self.texts(item, "htcds"));
        let class = self.word(item, "class", true, "a class such as notes, placement or health", Class::from_name);
        let standard = self.flag(item, "standard", Some(false));
        let when = self.word(item, "when", false, "always, stage:CODE or flag:CODE", When::parse);
        let origin = self.origin(item);
        if standard == Some(false) && item.table.contains_key("when") {
            let span = self.place(&format!("{}.when", item.at));
            self.fault(span, "\"when\" says for whom it is a standard: write standard = true, or leave it out");
        }
        let standard = standard?.then(|| when.unwrap_or(When::Always));
        Some(ServiceKind { code: code?, label: label?, hint, htcds: htcds?, standard, class: class?, origin: origin? })
    }

    fn call_line(&mut self, item: &mut Item<'_>) -> Option<CallLine> {
        let (code, label, number) = (self.text(item, "code"), self.text(item, "label"), self.text(item, "number"));
        let hours = self.optional_text(item, "hours");
        let origin = self.origin(item);
        Some(CallLine { code: code?, label: label?, number: number?, hours, origin: origin? })
    }

    fn referral(&mut self, top: &mut Item<'_>) -> Option<ReferralRules> {
        let mut item = self.table(top, "referral", true)?;
        let (answer, urgent) = (self.within(&mut item, "answer"), self.within(&mut item, "answer-urgent"));
        let origin = self.origin(&mut item);
        self.finish(&item);
        Some(ReferralRules { answer: answer?, urgent: urgent?, origin: origin? })
    }

    fn agenda_rule(&mut self, item: &mut Item<'_>) -> Option<AgendaRule> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let minutes = self.number(item, "minutes");
        let days = if item.table.contains_key("days") { self.number(item, "days") } else { Some(0) };
        item.asked.push("days");
        let origin = self.origin(item);
        Some(AgendaRule { code: code?, label: label?, minutes: minutes?, days: days?, origin: origin? })
    }

    fn meeting(&mut self, top: &mut Item<'_>) -> Option<MeetingRules> {
        let mut item = self.table(top, "meeting", true)?;
        let statement = self.text(&mut item, "statement");
        let (quorum, feedback) = (self.number(&mut item, "quorum"), self.number(&mut item, "feedback"));
        let origin = self.origin(&mut item);
        self.finish(&item);
        Some(MeetingRules { statement: statement?, quorum: quorum?, feedback: feedback?, origin: origin? })
    }

    fn outreach_question(&mut self, item: &mut Item<'_>) -> Option<Question> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let answer = self.optional_text(item, "answer");
        let origin = self.origin(item);
        Some(Question { code: code?, label: label?, answer, origin: origin? })
    }

    fn topic(&mut self, item: &mut Item<'_>) -> Option<Topic> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let valid_months =
            if item.table.contains_key("valid-months") { self.number(item, "valid-months") } else { None };
        item.asked.push("valid-months");
        let needed = self.flag(item, "needed", Some(false));
        let origin = self.origin(item);
        Some(Topic { code: code?, label: label?, valid_months, needed: needed?, origin: origin? })
    }

    fn outreach(&mut self, top: &mut Item<'_>) -> Option<OutreachRules> {
        let mut item = self.table(top, "outreach", false)?;
        let numbers = self.within(&mut item, "numbers");
        let origin = self.origin(&mut item);
        self.finish(&item);
        Some(OutreachRules { numbers: numbers?, origin: origin? })
    }

    fn retention(&mut self, item: &mut Item<'_>) -> Option<RetentionRule> {
        let (code, label, what) = (self.text(item, "code"), self.text(item, "label"), self.text(item, "what"));
        let after = self.word(item, "after", true, Since::NAMES, Since::from_name);
        let years = self.optional_number(item, "years");
        let review = self.word(item, "review", false, "a day such as 2027-01-31", |text| text.parse().ok());
        let hold = self.optional_texts(item, "hold");
        let origin = self.origin(item);
        Some(RetentionRule {
            code: code?,
            label: label?,
            what: what?,
            after: after?,
            years,
            review,
            hold,
            origin: origin?,
        })
    }

    fn closure(&mut self, top: &mut Item<'_>) -> Option<ClosureRules> {
        let mut item = self.table(top, "closure", false)?;
        let seen_days = self.number(&mut item, "seen-days");
        let approval = self.word(&mut item, "approval", true, "other or none", Approval::from_name);
        let origin = self.origin(&mut item);
        self.finish(&item);
        Some(ClosureRules { seen_days: seen_days?, approval: approval?, origin: origin? })
    }

    fn criterion(&mut self, item: &mut Item<'_>) -> Option<Criterion> {
        let (code, label) = (self.text(item, "code"), self.text(item, "label"));
        let hint = self.optional_text(item, "hint");
        let required = self.flag(item, "required", Some(true));
        let reasons = self.texts(item, "reasons");
        let origin = self.origin(item);
        Some(Criterion { code: code?, label: label?, hint, required: required?, reasons: reasons?, origin: origin? })
    }

    /// Whoever is named by an agency's code must be an agency of the pack; anything else is words.
    fn who_confirms(&mut self, agencies: &[Agency]) {
        for (span, who) in std::mem::take(&mut self.confirms) {
            if who.is_empty() {
                self.fault(span, "nobody is named: say who is to confirm it, or leave the key out");
            } else if is_agency_code(&who) && !agencies.iter().any(|agency| agency.code == who) {
                self.fault(span, format!("there is no agency \"{who}\": name one of the pack's, or say it in words"));
            }
        }
    }

    /// A table of an amount and its unit.
    fn within(&mut self, holder: &mut Item<'_>, key: &'static str) -> Option<Within> {
        let mut item = self.table(holder, key, true)?;
        item.at = format!("{}.{key}", holder.at);
        let amount = self.number(&mut item, "amount");
        let unit = self.word(&mut item, "unit", true, "hours, days or working-days", Unit::from_name);
        self.finish(&item);
        Some(Within { amount: amount?, unit: unit? })
    }

    fn limits(&mut self, top: &mut Item<'_>) -> Option<Limits> {
        let mut item = self.table(top, "limits", true)?;
        let [idle, blank, lock, reveal] = ["idle-minutes", "live-blank-minutes", "live-lock-minutes", "reveal-seconds"]
            .map(|key| self.number(&mut item, key));
        let document_mib = self.number_or(&mut item, "document-mib", 25);
        let documents_mib = self.number_or(&mut item, "documents-mib", 2_000);
        let origin = self.origin(&mut item);
        self.finish(&item);
        Some(Limits {
            idle_minutes: idle?,
            live_blank_minutes: blank?,
            live_lock_minutes: lock?,
            reveal_seconds: reveal?,
            document_mib: document_mib?,
            documents_mib: documents_mib?,
            origin: origin?,
        })
    }
}

/// The services as a code list, so that every field with a code is shown alike.
fn service_choice(kind: &ServiceKind) -> Choice {
    let ServiceKind { code, label, hint, origin, .. } = kind.clone();
    Choice { code, label, hint, htcds: None, class: None, origin }
}

/// The agenda's rules as a code list, for the same reason.
fn agenda_choice(rule: &AgendaRule) -> Choice {
    let AgendaRule { code, label, origin, .. } = rule.clone();
    Choice { code, label, hint: None, htcds: None, class: None, origin }
}

/// The topics of training as a code list, for the same reason.
fn topic_choice(topic: &Topic) -> Choice {
    let Topic { code, label, origin, .. } = topic.clone();
    Choice { code, label, hint: None, htcds: None, class: None, origin }
}

/// The stages as a code list, so that every field with a code is shown alike.
fn stage_choice(stage: &Stage) -> Choice {
    let Stage { code, label, origin, .. } = stage.clone();
    Choice { code, label, hint: None, htcds: None, class: None, origin }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pack::{FIXED_LISTS, FREE_LISTS, Risk, due_at};
    use crate::policy::{BUILTIN, builtin};
    use proptest::prelude::*;

    #[test]
    fn the_built_in_pack_is_sound() {
        let pack = parse(BUILTIN).unwrap();
        assert_eq!(pack.check(), []);
        for (name, _) in FIXED_LISTS.iter().chain(FREE_LISTS) {
            assert!(!pack.list(name).is_empty(), "{name}");
        }
        assert_eq!(pack.list("stage").len(), pack.stages.len());
        assert_eq!(pack.first_stage().map(|stage| stage.code.as_str()), Some("report"));
        assert_eq!(pack.label("exploitation", "begging"), "forced begging");
        assert_eq!(pack.label("exploitation", "from-another-pack"), "from-another-pack");
        assert_eq!(pack.choice("note-kind", "views").and_then(|kind| kind.class), Some(Class::Views));
        assert_eq!(pack.choice("channel", "school").map(|choice| choice.origin.verified), Some(false));
        assert_eq!(pack.agency("cpfsa").map(|agency| agency.kind.as_str()), Some("child-protection"));
        assert_eq!(pack.followups_in("follow-up")[0].code, "long-term");
        assert_eq!(pack.followups_in("care")[0].code, "contact");
        assert!(pack.clocks.iter().all(|clock| !clock.origin.verified), "no clock is law");
    }

    #[test]
    fn the_built_in_clocks_run_over_real_holidays() {
        let (pack, calendar) = (builtin(), builtin().calendar());
        let due = |code: &str, start: &str, risk| {
            due_at(pack.clock(code).unwrap(), start.parse().unwrap(), risk, &calendar).unwrap().to_rfc3339()
        };
        assert_eq!(due("first-contact", "2026-11-22T14:00:00-05:00", Risk::Unassessed), "2026-11-23T14:00:00-05:00");
        assert_eq!(due("first-contact", "2026-11-22T14:00:00-05:00", Risk::Low), "2026-11-29T14:00:00-05:00");
        assert_eq!(due("statutory-report", "2026-11-22T14:00:00-05:00", Risk::Low), "2026-11-22T23:59:00-05:00");
        // Maundy Thursday 2026: Good Friday and Easter Monday are no working days.
        assert_eq!(due("ncr-number", "2026-04-02T09:00:00-05:00", Risk::High), "2026-04-08T23:59:00-05:00");
        assert_eq!(calendar.year(2026).count(), 10);
    }

    /// What is changed in the built-in pack, and what is then said: name, from, to, line (0: any), start of the message.
    #[rustfmt::skip]
    const BAD: &[(&str, &str, &str, usize, &str)] = &[
        ("not TOML", "id = \"jm-default\"", "id = ", 8, "string values must be quoted"),
        ("key given twice", "version = 1", "version = 1\nversion = 2", 11, "duplicate key"),
        ("unknown key", "version = 1", "version = 1\nauthor = \"x\"", 11, "the key \"author\" is unknown here; known are id,"),
        ("unknown key in an item", "again = true", "agian = true", 0, "the key \"agian\" is unknown here"),
        ("missing part", "version = 1", "", 1, "\"version\" is missing"),
        ("missing mark", "verified = false\nchoices = [\n    { code = \"open\"", "choices = [\n    { code = \"open\"", 0, "\"verified\" is missing"),
        ("wrong type", "version = 1", "version = \"1\"", 10, "this must be a whole number, not text"),
        ("number out of range", "version = 1", "version = -1", 10, "this goes from 0 to 1000000"),
        ("version nought", "version = 1", "version = 0", 10, "versions count from 1"),
        ("bad id", "\"jm-default\"", "\"JM default\"", 8, "a code is lower-case letters, digits and single hyphens, at most 32"),
        ("hidden characters", "Jamaica: defaults", "Jamaica\u{202e}", 9, "this text holds hidden characters, a line break, or spaces at its ends"),
        ("empty text", "Jamaica: defaults", "", 9, "the name is empty"),
        ("duplicate stage", "code = \"identification\"\nlabel", "code = \"screening\"\nlabel", 31, "the code \"screening\" is here twice"),
        ("unknown next stage", "next = [\"screening\"]", "next = [\"scrutiny\"]", 19, "there is no stage \"scrutiny\""),
        ("circle of stages", "next = [\"justice\", \"reintegration\"]", "next = [\"care\"]", 0, "the next stages lead in a circle back to \"care\""),
        ("longer circle", "next = [\"follow-up\"]", "next = [\"protection\"]", 0, "the next stages lead in a circle back to \"protection\""),
        ("end in the middle", "next = [\"follow-up\"]", "next = []", 0, "only the last stage may have no next stage"),
        ("missing list", "[list.why]", "[list.wy]", 0, "no list is called \"wy\""),
        ("fixed list without a code", "code = \"medium\"", "code = \"middling\"", 0, "the list \"risk\" must have the code \"medium\""),
        ("fixed list with another code", "code = \"medium\"", "code = \"middling\"", 0, "the list \"risk\" is fixed: it can't have \"middling\""),
        ("stages as a list", "[list.flag]", "[list.stage]", 0, "stages are written as [[stage]], not as a list"),
        ("duplicate choice", "code = \"with-police\"", "code = \"in-two\"", 0, "the code \"in-two\" is here twice"),
        ("class that does not exist", "class = \"views\"", "class = \"wishes\"", 0, "\"wishes\" is none of: a class such as notes, views or health"),
        ("class of the team", "class = \"views\"", "class = \"links\"", 0, "notes can't have the class \"links\": it is the team's"),
        ("unknown trigger", "start = \"risk-set\"", "start = \"whenever\"", 0, "\"whenever\" is none of: reported, opened,"),
        ("unknown stop", "stops = [\"ncr-number\"]", "stops = [\"number\"]", 0, "\"number\" is none of: reported, opened,"),
        ("clock that starts at no stage", "stage:protection", "stage:shelter", 0, "there is no stage \"shelter\""),
        ("clock that nothing stops", "stops = [\"ncr-number\"]", "stops = []", 0, "nothing stops this clock"),
        ("clock that stops at its start", "stops = [\"ncr-number\"]", "stops = [\"statutory-report\"]", 0, "\"statutory-report\" can't both start and stop it"),
        ("clock of case and meeting", "stops = [\"minutes-sent\"]", "stops = [\"closed\"]", 0, "a clock belongs to a case or to a meeting, not to both"),
        ("more time at higher risk", "high = 24, medium = 72", "high = 96, medium = 72", 0, "a higher risk can't have more time than a lower one"),
        ("a risk left out", "high = 24, medium = 72", "high = 24", 0, "\"medium\" is missing"),
        ("unknown unit", "unit = \"hours\"", "unit = \"weeks\"", 0, "\"weeks\" is none of: hours, days or working-days"),
        ("note in the core", "class = \"views\"", "class = \"core\"", 0, "a note can't have the class \"core\": every profile sends that"),
        ("profile of an unknown class", "\"identity\", \"health\"", "\"identities\", \"health\"", 0, "\"identities\" is no class such as"),
        ("profile without the core", "classes = [\"core\"]", "classes = [\"notes\"]", 0, "a case can't leave without its \"core\""),
        ("profile of the team's own", "classes = [\"core\"]", "classes = [\"core\", \"links\"]", 0, "\"links\" is the team's own and never leaves"),
        ("profile with a class twice", "classes = [\"core\"]", "classes = [\"core\", \"core\"]", 0, "\"core\" is here twice"),
        ("unknown owner", "owner = \"NCR\"", "owner = \"NASA\"", 0, "there is no agency \"NASA\""),
        ("holiday that never falls", "day = 23", "day = 32", 0, "there is no such day in any year"),
        ("holiday of two kinds", "day = 23", "day = 23\neaster = 1", 0, "a holiday is one of: month and day; easter; nth, weekday and month"),
        ("weekend rule", "moves = \"monday\"\nsource = \"public holidays of Jamaica; the weekend rule is not confirmed\"\nverified = false\n\n[[holiday]]\ncode = \"ash", "moves = \"friday\"\nsource = \"x\"\nverified = false\n\n[[holiday]]\ncode = \"ash", 0, "\"friday\" is none of: none or monday"),
        ("agency in small letters", "code = \"PICA\"", "code = \"Pica\"", 0, "an agency's code is capitals, digits and single hyphens, at most 32"),
        ("unknown kind of agency", "kind = \"immigration\"", "kind = \"borders\"", 0, "the list \"agency-kind\" has no \"borders\""),
        ("endless follow-up", "every = { high = 30,", "every = { high = 0,", 0, "a contact every 0 days would never end"),
        ("number that can't be dialled", "number = \"119\"", "number = \"one\"", 0, "a telephone number is digits, spaces, hyphens, + * and #, at most 20"),
        ("referral without an answer", "answer = { amount = 3, unit = \"working-days\" }", "", 0, "\"answer\" is missing"),
        ("answer at once", "amount = 24, unit", "amount = 0, unit", 0, "the amount goes from 1 to 1000"),
        ("answer in weeks", "amount = 24, unit = \"hours\"", "amount = 1, unit = \"weeks\"", 0, "\"weeks\" is none of: hours, days or working-days"),
        ("answer with a third key", "amount = 24, unit", "amount = 24, risk = \"high\", unit", 0, "the key \"risk\" is unknown here; known are amount, unit"),
        ("service of an unknown class", "class = \"placement\"", "class = \"places\"", 0, "\"places\" is none of: a class such as"),
        ("service in the core", "class = \"placement\"", "class = \"core\"", 0, "a service's words can't have the class \"core\""),
        ("service of the team's own", "class = \"placement\"", "class = \"links\"", 0, "a service's words can't have the class \"links\""),
        ("service of an unknown support", "[\"SocialCare\"]", "[\"Kindness\"]", 0, "HTCDS has no support \"Kindness\""),
        ("service without support", "htcds = [\"SocialCare\"]\n", "", 0, "\"htcds\" is missing"),
        ("standard for nobody known", "when = \"always\"", "when = \"sometimes\"", 0, "\"sometimes\" is none of: always, stage:CODE or flag:CODE"),
        ("standard at no stage", "when = \"stage:reintegration\"", "when = \"stage:home\"", 0, "there is no stage \"home\""),
        ("standard for no flag", "when = \"flag:court-date\"", "when = \"flag:trial\"", 0, "the list \"flag\" has no \"trial\""),
        ("when without a standard", "standard = true\nwhen = \"always\"", "when = \"always\"", 0, "\"when\" says for whom it is a standard"),
        ("duplicate service", "code = \"repatriation\"", "code = \"medical\"", 0, "the code \"medical\" is here twice"),
        ("services as a list", "[list.service-outcome]", "[list.service]", 0, "services are written as [[service]], not as a list"),
        ("topic without end of months", "valid-months = 24", "valid-months = 0", 0, "a training holds from 1 to 240 months"),
        ("topic twice", "code = \"nrm\"", "code = \"indicators\"", 0, "the code \"indicators\" is here twice"),
        ("topics as a list", "[list.flag]", "[list.training-topic]", 0, "topics are written as [[training-topic]], not as a list"),
        ("question without words", "label = \"Whom do you call if you think that a child is in danger?\"", "label = \"\"", 0, "the label is empty"),
        ("numbers at once", "numbers = { amount = 5", "numbers = { amount = 0", 0, "the amount goes from 1 to 1000"),
        ("band of age that is not known", "code = \"unknown\", label = \"age not known\"", "code = \"any\", label = \"age not known\"", 0, "the list \"outreach-band\" must have the code \"unknown\""),
        ("document in the core", "label = \"court order\", class = \"justice\"", "label = \"court order\", class = \"core\"", 0, "a document can't have the class \"core\": every profile sends that"),
        ("document without a class", "label = \"court order\", class = \"justice\"", "label = \"court order\"", 0, "a kind of document needs the class that is proposed for it"),
        ("documents without a rest", "code = \"other\", label = \"other document\"", "code = \"rest\", label = \"other document\"", 0, "the list \"document-kind\" must have the code \"other\""),
        ("documents too large", "document-mib = 25", "document-mib = 500", 0, "document-mib goes from 1 to 128"),
        ("limit", "reveal-seconds = 30", "reveal-seconds = 3000", 0, "reveal-seconds goes from 5 to 300"),
        ("blank after lock", "live-lock-minutes = 45", "live-lock-minutes = 2", 0, "the screen must go blank before it locks"),
        ("no source", "source = \"CPFSA\"", "source = \"\"", 0, "the source is empty: say where this comes from"),
        ("clock that starts at no flag", "flag:alleged", "flag:accused", 0, "the list \"flag\" has no \"accused\""),
        ("flag that stops a clock", "stops = [\"screened\"]", "stops = [\"flag:media\"]", 0, "a flag can start a clock, not stop it"),
        ("screening that starts a clock", "start = \"flag:alleged\"", "start = \"screened\"", 0, "a screening can stop a clock, not start it"),
        ("later list without its code", "code = \"best-interests\", label = \"best interests\"", "code = \"best\", label = \"best interests\"", 0, "the list \"decision-kind\" must have the code \"best-interests\""),
        ("what may be told without nobody", "code = \"nobody\", label = \"nobody\"", "code = \"no-one\", label = \"nobody\"", 0, "the list \"may-tell\" must have the code \"nobody\""),
        ("assent without a no", "code = \"refused\", label = \"asked, and", "code = \"no\", label = \"asked, and", 0, "the list \"assent\" must have the code \"refused\""),
        ("form with an unknown key", "purpose = \"screening\"", "purpose = \"screening\"\nscore = 10", 0, "the key \"score\" is unknown here; known are code, label, purpose, version, class, source, verified"),
        ("form for nothing", "purpose = \"screening\"", "purpose = \"scoring\"", 0, "\"scoring\" is none of: screening"),
        ("form without a version", "version = 1\npurpose", "version = 0\npurpose", 0, "a form's version counts from 1"),
        ("answers in the core", "class = \"interview\"\nsource", "class = \"core\"\nsource", 0, "answers can't be kept under \"core\""),
        ("answers in the team's own", "class = \"interview\"\nsource", "class = \"access\"\nsource", 0, "answers can't be kept under \"access\""),
        ("form that asks nothing", "[[form.section]]\ncode = \"family\"", "[[form.sections]]\ncode = \"family\"", 0, "the key \"sections\" is unknown here"),
        ("section twice", "code = \"everyday\"", "code = \"family\"", 0, "the code \"family\" is here twice"),
        ("section without a title", "title = \"Everyday life\"", "title = \"\"", 0, "the title is empty"),
        ("question twice", "code = \"friends\", type", "code = \"parents\", type", 0, "the question \"parents\" is in this form twice"),
        ("question of no type", "code = \"friends\", type = \"yes-no-unknown\"", "code = \"friends\", type = \"maybe\"", 0, "\"maybe\" is none of: text, choice, several, yes-no-unknown, date, number, member, agency"),
        ("question without words", "text = \"For how many days, the last time?\"", "text = \"\"", 0, "the text is empty"),
        ("question with a score", "code = \"friends\", type", "code = \"friends\", score = 3, type", 0, "the key \"score\" is unknown here; known are code, text, type, help, required, stop, show-if, choices, list"),
        ("choice without choices", "code = \"informant\", type = \"agency\"", "code = \"informant\", type = \"choice\"", 0, "a question of type choice needs choices or a list"),
        ("number with choices", "code = \"household\", type = \"choice\"", "code = \"household\", type = \"number\"", 0, "a question of type number has no choices"),
        ("choices and a list", "code = \"pay\", type = \"choice\"", "code = \"pay\", list = \"sex\", type = \"choice\"", 0, "a question has choices of its own or those of a list, not both"),
        ("list that is not there", "code = \"informant\", type = \"agency\"", "code = \"informant\", list = \"sexes\", type = \"choice\"", 0, "there is no list \"sexes\""),
        ("choice twice", "code = \"farm\", label", "code = \"begging\", label", 0, "the code \"begging\" is here twice"),
        ("condition on nothing", "question = \"missing\", is", "question = \"absent\", is", 0, "there is no question \"absent\""),
        ("condition on itself", "question = \"missing\", is", "question = \"missing-days\", is", 0, "\"missing-days\" must stand before what depends on it"),
        ("condition on what comes later", "question = \"missing\", is", "question = \"told\", is", 0, "\"told\" must stand before what depends on it"),
        ("condition on a number", "code = \"online\", type", "code = \"online\", show-if = { question = \"missing-days\", is = [\"3\"] }, type", 0, "\"missing-days\" has no choices: nothing can depend on it"),
        ("condition on no answer", "question = \"missing\", is = [\"yes\"]", "question = \"missing\", is = []", 0, "say which answers are meant"),
        ("condition on another answer", "question = \"missing\", is = [\"yes\"]", "question = \"missing\", is = [\"often\"]", 0, "\"missing\" can't be answered with \"often\""),
        ("what follows at no time", "within = { amount = 2, unit = \"working-days\" }\noutcome", "outcome", 0, "say by when: either the clock that tells it, or within how long"),
        ("what follows by two times", "within = { amount = 2, unit = \"working-days\" }\noutcome", "clock = \"medical-check\"\nwithin = { amount = 2, unit = \"working-days\" }\noutcome", 0, "say by when: either the clock that tells it, or within how long"),
        ("what follows by no clock", "clock = \"statutory-report\"", "clock = \"statutory\"", 0, "there is no clock \"statutory\""),
        ("what follows at once", "within = { amount = 2, unit = \"working-days\" }\noutcome", "within = { amount = 0, unit = \"days\" }\noutcome", 0, "the amount goes from 1 to 1000"),
        ("what follows no outcome", "outcome = [\"some\", \"strong\"]", "outcome = [\"high\"]", 0, "the list \"screening-outcome\" has no \"high\""),
        ("what nobody does", "owner = \"A-TIP\"\nwithin", "owner = \"ATIP\"\nwithin", 0, "there is no agency \"ATIP\""),
        ("screening without outcomes", "[list.screening-outcome]", "[list.screening-outcomes]", 0, "a screening needs the list \"screening-outcome\""),
    ];

    #[test]
    fn bad_packs_are_refused_by_name() {
        let mut bad = Vec::new();
        for &(name, from, to, line, message) in BAD {
            assert!(BUILTIN.contains(from), "{name}: the pack no longer holds {from:?}");
            let text = BUILTIN.replacen(from, to, 1);
            let errors = parse(&text).expect_err(name);
            let found = errors.iter().find(|error| error.message.starts_with(message));
            let Some(found) = found else {
                bad.push(format!("{name}: {errors:#?}"));
                continue;
            };
            if line != 0 && line != found.line {
                bad.push(format!("{name}: {found}"));
            }
            assert!(found.line > 0 && found.column > 0 && found.line <= text.lines().count());
        }
        assert!(bad.is_empty(), "{}", bad.join("\n"));
    }

    /// What the newest parts are for is told by their marks in the text.
    const LATER: &str = "# Screening and identification.";

    #[test]
    fn a_pack_from_before_there_were_forms_is_read() {
        let (before, _) = BUILTIN.split_once(LATER).expect("the later part has its heading");
        let pack = parse(before).expect("good as it was");
        assert!(pack.forms.is_empty() && pack.list("decision-by").is_empty());
    }

    #[test]
    fn a_form_has_its_limits() {
        let question =
            |at: usize| format!("{{ code = \"q{at}\", type = \"number\", text = \"{}?\" }},\n", "N".repeat(120));
        let form = |count: usize| {
            // No more than 500 of anything stand in one place.
            let all: Vec<usize> = (0..count).collect();
            let parts = all.chunks(300).enumerate();
            let sections: Vec<String> = parts
                .map(|(at, part)| {
                    let all: String = part.iter().map(|at| question(*at)).collect();
                    format!("[[form.section]]\ncode = \"s{at}\"\ntitle = \"S\"\nquestions = [\n{all}]\n")
                })
                .collect();
            format!(
                "{BUILTIN}\n[[form]]\ncode = \"long\"\nlabel = \"L\"\nversion = 1\npurpose = \"screening\"\nsource = \"s\"\nverified = false\n{}",
                sections.concat()
            )
        };
        assert_eq!(
            parse(&form(500)).expect("as many as fit").form("long").map(|form| form.questions().count()),
            Some(500)
        );
        let errors = parse(&form(501)).unwrap_err();
        assert_eq!(errors[0].message, "a form has at most 500 questions, this has 501");
        let choices: Vec<String> = (0..201).map(|at| format!("{{ code = \"c{at}\", label = \"C\" }}, ")).collect();
        let choices = choices.concat();
        let many = BUILTIN.replacen(
            "code = \"informant\", type = \"agency\"",
            &format!("code = \"informant\", choices = [{choices}], type = \"choice\""),
            1,
        );
        assert_eq!(parse(&many).unwrap_err()[0].message, "a question has from 1 to 200 choices");
    }

    #[test]
    fn the_built_in_form_is_what_it_says() {
        let pack = builtin();
        let form = pack.form("trafficking").expect("there");
        assert!(form.questions().count() <= 25 && form.sections.len() == 5);
        assert!(form.class == Class::Interview && !form.origin.verified);
        assert!(form.questions().any(|question| question.stop));
        assert!(form.follows.iter().all(|follow| !follow.origin.verified));
    }

    /// A pack from before there were services, as teams have it in their logs.
    #[test]
    fn an_older_pack_without_services_stays_readable() {
        let cut = |text: &str, from: &str, to: &str| {
            let start = text.find(from).expect(from);
            let end = start + text[start..].find(to).expect(to);
            format!("{}{}", &text[..start], &text[end..])
        };
        let text = cut(BUILTIN, "[[clock]]\ncode = \"care-plan\"", "[[clock]]\ncode = \"minutes\"");
        let text = cut(&text, "[list.service-outcome]", "# What kinds of meetings the team holds");
        let without = cut(&text, "[[service]]", "# ----");
        let pack = parse(&without).expect("read");
        assert!(pack.services.is_empty() && pack.list("service").is_empty() && pack.list("service-outcome").is_empty());
        // A clock for a plan that can never be complete is a mistake.
        let clock = cut(BUILTIN, "[[service]]", "# ----");
        let says = parse(&clock).expect_err("refused").remove(0).message;
        assert_eq!(says, "no service is a standard: a care plan is never complete");
    }

    #[test]
    fn a_pack_from_before_outreach_is_still_read() {
        let end = "# Outreach and training";
        let start = BUILTIN.find(end).expect("the part");
        let rest = &BUILTIN[start..];
        let stop = rest.find("# The call card").expect("the next part");
        let older = format!("{}{}", &BUILTIN[..start], &rest[stop..]);
        let pack = parse(&older).expect("read");
        assert!(pack.questions.is_empty() && pack.topics.is_empty() && pack.outreach.is_none());
        assert!(pack.list("outreach-kind").is_empty());
    }

    #[test]
    fn a_fault_points_at_its_place() {
        let text = BUILTIN.replacen("stops = [\"ncr-number\"]", "stops = [\"opened\", \"statutory-report\"]", 1);
        let errors = parse(&text).unwrap_err();
        let line = text.lines().position(|line| line.starts_with("stops = [\"opened\"")).unwrap() + 1;
        assert_eq!(errors.len(), 1);
        assert_eq!(
            errors[0].to_string(),
            format!("line {line}, column 9: \"statutory-report\" can't both start and stop it")
        );
    }

    #[test]
    fn several_faults_come_in_the_order_of_the_text() {
        let text =
            BUILTIN.replacen("version = 1", "version = 0", 1).replacen("reveal-seconds = 30", "reveal-seconds = 1", 1);
        let errors = parse(&text).unwrap_err();
        assert_eq!(errors.len(), 2);
        assert!(errors[0].line < errors[1].line);
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let message = parse(&" ".repeat(LARGEST + 1)).unwrap_err().remove(0).message;
        assert_eq!(message, "a pack has at most 256 KiB, this has 257");
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
        assert!(parse(&"a.".repeat(100_000)).is_err());
        assert!(parse("").unwrap_err().len() > 5);
        let long = parse(&BUILTIN.replacen("Jamaica: defaults", &"x".repeat(301), 1)).unwrap_err().remove(0).message;
        assert_eq!(long, "this is 301 characters long and 300 fit: please shorten it by 1");
        let many = format!("{BUILTIN}\n{}", "[[call]]\n".repeat(600));
        assert!(parse(&many).unwrap_err().len() <= MOST_FAULTS);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_damage_makes_it_stumble(at: prop::sample::Index, length in 0usize..40, with in "[a-z0-9=\"\\[\\]{}.,\n -]{0,12}") {
            let mut text = BUILTIN.to_owned();
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                text.replace_range(start..end, &with);
                for error in parse(&text).err().unwrap_or_default() {
                    prop_assert!(error.line <= text.lines().count() + 1);
                }
            }
        }
    }
}
