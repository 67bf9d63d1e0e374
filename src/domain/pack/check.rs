//! The rules of what a pack must hold.
//!
//! Each fault names the item it is about, so that a reader can point at it; nothing here knows how a pack is written down.

use std::collections::BTreeSet;

use crate::domain::class::Class;
use crate::domain::training::TOPICS;

use super::{
    AGENDA, AGENDA_RULES, ASKED, BUSINESS, Clock, FIXED_LISTS, FREE_LISTS, Fault, FollowUpRule, LATER_LISTS,
    LONGEST_CLOCK, Origin, Pack, PerRisk, Profile, SERVICES, SHORT, STAGES, Trigger, Unit, is_agency_code, is_code,
};

/// Lists whose codes name the class of what is made with them.
fn classed(list: &str) -> bool {
    matches!(list, "note-kind" | "document-kind")
}

fn kind_words(list: &str) -> &'static str {
    if list == "note-kind" { "kind of note" } else { "kind of document" }
}

impl Pack {
    /// Everything that is wrong with the pack, in its own order; empty if it may be used.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.check_head(&mut faults);
        self.check_stages(&mut faults);
        self.check_lists(&mut faults);
        self.check_clocks(&mut faults);
        self.check_forms(&mut faults);
        self.check_rest(&mut faults);
        self.check_meetings(&mut faults);
        self.check_services(&mut faults);
        self.check_outreach(&mut faults);
        self.check_retention(&mut faults);
        self.check_closure(&mut faults);
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
            if let Some(short) = &stage.short {
                faults.text(&at, "short", short);
                if short.chars().count() > SHORT {
                    faults.add(&join(&at, "short"), format!("the short name has more than {SHORT} characters"));
                }
            }
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
        for (name, codes) in FIXED_LISTS.iter().chain(FREE_LISTS).chain(LATER_LISTS) {
            let Some(choices) = self.lists.get(*name) else {
                if LATER_LISTS.iter().any(|(later, _)| later == name) {
                    continue;
                }
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
        for (name, choices) in
            self.lists.iter().filter(|(name, _)| ![STAGES, AGENDA, SERVICES, TOPICS].contains(&name.as_str()))
        {
            let at = format!("list.{name}");
            let known = FIXED_LISTS.iter().chain(FREE_LISTS).any(|(known, _)| known == name);
            match LATER_LISTS.iter().find(|(later, _)| later == name) {
                Some((_, codes)) => {
                    for code in codes.iter().filter(|code| self.choice(name, code).is_none()) {
                        faults.add(&at, format!("the list \"{name}\" must have the code \"{code}\""));
                    }
                }
                None if !known => faults.add(&at, format!("no list is called \"{name}\"")),
                None => {}
            }
            let retired = self.former.get(name).into_iter().flat_map(|codes| codes.keys().map(String::as_str));
            faults.unique(&at, choices.iter().map(|choice| choice.code.as_str()).chain(retired));
            for choice in choices {
                let at = format!("{at}.{}", choice.code);
                faults.code(&at, "code", &choice.code);
                faults.text(&at, "label", &choice.label);
                faults.origin(&at, &choice.origin);
                match choice.class {
                    Some(_) if !classed(name) => faults.add(&at, "only a kind of note or document has a class"),
                    Some(class) if class.team_only() => {
                        faults.add(&at, format!("notes can't have the class \"{class}\": it is the team's"));
                    }
                    Some(Class::Core) => {
                        let what = if name == "document-kind" { "a document" } else { "a note" };
                        faults.add(&at, format!("{what} can't have the class \"core\": every profile sends that"));
                    }
                    None if classed(name) => {
                        faults.add(&at, format!("a {} needs the class that is proposed for it", kind_words(name)));
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
            self.check_triggers(&at, clock, faults);
            if let Some(owner) = &clock.owner
                && !self.agencies.iter().any(|agency| agency.code == *owner)
            {
                faults.add(&format!("{at}.owner"), format!("there is no agency \"{owner}\""));
            }
        }
    }

    fn check_triggers(&self, at: &str, clock: &Clock, faults: &mut Faults) {
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
                    Trigger::Flag(_) if key == "stops" => {
                        faults.add(&format!("{at}.{key}"), "a flag can start a clock, not stop it");
                    }
                    Trigger::Flag(code) => faults.in_list(self, &format!("{at}.{key}"), "flag", code),
                    Trigger::Screened if key == "start" => {
                        faults.add(&format!("{at}.{key}"), "a screening can stop a clock, not start it");
                    }
                    Trigger::CarePlan if self.services.iter().all(|kind| kind.standard.is_none()) => {
                        faults.add(&format!("{at}.{key}"), "no service is a standard: a care plan is never complete");
                    }
                    _ => {}
                }
            }
        }
    }

    fn check_meetings(&self, faults: &mut Faults) {
        faults.unique("agenda", self.agenda.iter().map(|rule| rule.code.as_str()));
        for rule in &self.agenda {
            let at = format!("agenda.{}", rule.code);
            if !AGENDA_RULES.contains(&rule.code.as_str()) {
                faults.add(&format!("{at}.code"), format!("a rule is one of: {}", AGENDA_RULES.join(", ")));
            }
            faults.text(&at, "label", &rule.label);
            faults.origin(&at, &rule.origin);
            if rule.minutes == 0 || rule.minutes > 240 {
                faults.add(&format!("{at}.minutes"), "an item gets from 1 to 240 minutes");
            }
            if rule.days > LONGEST_CLOCK {
                faults.add(&format!("{at}.days"), format!("at most {LONGEST_CLOCK} days"));
            }
        }
        for needed in [ASKED, BUSINESS] {
            if self.agenda_rule(needed).is_none() {
                faults.add("agenda", format!("the rule \"{needed}\" is missing: somebody can always ask for an item"));
            }
        }
        faults.text("meeting", "statement", &self.meeting.statement);
        faults.origin("meeting", &self.meeting.origin);
        if self.meeting.quorum == 0 || self.meeting.quorum > 50 {
            faults.add("meeting.quorum", "a quorum goes from 1 to 50 people");
        }
        if self.meeting.feedback == 0 || self.meeting.feedback > 50 {
            faults.add("meeting.feedback", "the feedback goes over 1 to 50 meetings");
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
        faults.unique("profile", self.profiles.iter().map(|profile| profile.code.as_str()));
        for profile in &self.profiles {
            check_profile(profile, faults);
        }
        faults.unique("followup", self.followups.iter().map(|rule| rule.code.as_str()));
        for rule in &self.followups {
            self.check_followup(rule, faults);
        }
        faults.origin("referral", &self.referral.origin);
        for (key, within) in [("answer", self.referral.answer), ("answer-urgent", self.referral.urgent)] {
            if within.amount == 0 || within.amount > LONGEST_CLOCK {
                faults.add(&format!("referral.{key}"), format!("the amount goes from 1 to {LONGEST_CLOCK}"));
            }
        }
        faults.unique("holiday", self.holidays.iter().map(|holiday| holiday.code.as_str()));
        for holiday in &self.holidays {
            let at = format!("holiday.{}", holiday.code);
            faults.code(&at, "code", &holiday.code);
            faults.text(&at, "name", &holiday.name);
            faults.origin(&at, &Origin { source: holiday.source.clone(), verified: holiday.verified });
            // 28 years hold every weekday on every date, 29 February included.
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

    fn check_followup(&self, rule: &FollowUpRule, faults: &mut Faults) {
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

    fn check_limits(&self, faults: &mut Faults) {
        let limits = &self.limits;
        for (key, value, range) in [
            ("idle-minutes", limits.idle_minutes, 1..=60),
            ("live-blank-minutes", limits.live_blank_minutes, 1..=60),
            ("live-lock-minutes", limits.live_lock_minutes, 1..=180),
            ("reveal-seconds", limits.reveal_seconds, 5..=300),
            ("document-mib", limits.document_mib, 1..=128),
            ("documents-mib", limits.documents_mib, 1..=100_000),
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
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, at: &str, message: impl Into<String>) {
        self.0.push(Fault { at: at.to_owned(), message: message.into() });
    }

    pub(super) fn code(&mut self, at: &str, key: &str, code: &str) {
        if !is_code(code) {
            self.add(&join(at, key), "a code is lower-case letters, digits and single hyphens, at most 32");
        }
    }

    pub(super) fn text(&mut self, at: &str, key: &str, text: &str) {
        if text.is_empty() {
            self.add(&join(at, key), format!("the {key} is empty"));
        }
    }

    pub(super) fn origin(&mut self, at: &str, origin: &Origin) {
        if origin.source.is_empty() {
            self.add(&join(at, "source"), "the source is empty: say where this comes from");
        }
    }

    pub(super) fn unique<'a>(&mut self, kind: &str, codes: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for code in codes {
            if !seen.insert(code) {
                self.add(&join(kind, code), format!("the code \"{code}\" is here twice"));
            }
        }
    }

    pub(super) fn per_risk(&mut self, at: &str, value: PerRisk, most: u32) {
        if value.high > value.medium || value.medium > value.low {
            self.add(at, "a higher risk can't have more time than a lower one");
        }
        if value.low > most {
            self.add(at, format!("at most {most}"));
        }
    }

    pub(super) fn in_list(&mut self, pack: &Pack, at: &str, list: &str, code: &str) {
        if pack.choice(list, code).is_none() {
            self.add(at, format!("the list \"{list}\" has no \"{code}\""));
        }
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// A profile sends the core, sends no class twice, and never what is the team's own.
fn check_profile(profile: &Profile, faults: &mut Faults) {
    let at = format!("profile.{}", profile.code);
    faults.code(&at, "code", &profile.code);
    faults.text(&at, "label", &profile.label);
    faults.origin(&at, &profile.origin);
    let place = format!("{at}.classes");
    if !profile.classes.contains(&Class::Core) {
        faults.add(&place, "a case can't leave without its \"core\"");
    }
    let mut seen = BTreeSet::new();
    for class in &profile.classes {
        if class.team_only() {
            faults.add(&place, format!("\"{class}\" is the team's own and never leaves"));
        }
        if !seen.insert(class) {
            faults.add(&place, format!("\"{class}\" is here twice"));
        }
    }
}
