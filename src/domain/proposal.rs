//! What the policy's follow-up rules ask of a case at a stage and risk, beside what is planned there already.
//!
//! A form shows the proposal before anything is saved, the op applies the very same; nobody decides anything in here.

use chrono::{NaiveDate, TimeDelta};

use super::calendar::Calendar;
use super::dates;
use super::field::ItemKind;
use super::ids::{ItemId, StreamId};
use super::pack::{FollowUpRule, Pack, Risk};
use super::state::State;
use super::views::FollowUp;

/// One change to the contacts that the policy planned in a case. What people planned by hand is never touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'p> {
    /// A new contact, repeating.
    Plan(Ask<'p>),
    /// An open one follows another rule or rhythm from now on; its day is never later than it was.
    Change(ItemId, Ask<'p>),
    /// An open one is no longer asked for.
    Drop(ItemId),
}

/// What a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask<'p> {
    /// The rule.
    pub rule: &'p FollowUpRule,
    /// Days between two contacts.
    pub every: u16,
    /// The next day.
    pub due: NaiveDate,
}

/// What is to change so that the policy's contacts of a case fit this stage and risk; nothing where they do. Give no
/// stream for a case that is only about to be opened.
pub fn propose<'p>(
    state: &State,
    pack: &'p Pack,
    calendar: &Calendar,
    stream: Option<StreamId>,
    (stage, risk): (&str, Risk),
    today: NaiveDate,
) -> Vec<Step<'p>> {
    let planned = || {
        let all = stream.into_iter().flat_map(|stream| state.items_in(stream, ItemKind::FollowUp));
        all.filter(|item| item.stands()).map(FollowUp).filter(|contact| contact.is_planned())
    };
    let mut open: Vec<FollowUp<'_>> = planned().filter(|contact| contact.from_policy()).collect();
    let mut steps = Vec::new();
    let mut rules = pack.followups_in(stage);
    // What already follows its rule stays as it is.
    rules.retain(|rule| {
        let fits = |contact: &FollowUp<'_>| {
            says(*contact, kind(pack, rule)) && contact.every() == u16::try_from(rule.every.at(risk)).ok()
        };
        open.iter().position(fits).map(|at| open.remove(at)).is_none()
    });
    for rule in rules {
        let Ok(every) = u16::try_from(rule.every.at(risk)) else { continue };
        let label = kind(pack, rule);
        let first = first_day(calendar, today, every);
        let same =
            open.iter().position(|contact| says(*contact, label)).or(if open.is_empty() { None } else { Some(0) });
        if let Some(at) = same {
            let contact = open.remove(at);
            let due = contact.due().map_or(first, |due| due.min(first));
            steps.push(Step::Change(contact.0.id, Ask { rule, every, due }));
        } else if !planned().any(|contact| !contact.from_policy() && contact.every().is_some() && says(contact, label))
        {
            // A repeating contact of this kind that somebody planned by hand stands for the rule's.
            steps.push(Step::Plan(Ask { rule, every, due: first }));
        }
    }
    steps.extend(open.into_iter().map(|contact| Step::Drop(contact.0.id)));
    steps
}

/// What a rule's contact is called: the label of its kind.
pub fn kind<'p>(pack: &'p Pack, rule: &'p FollowUpRule) -> &'p str {
    pack.label("followup-kind", &rule.kind)
}

fn says(contact: FollowUp<'_>, kind: &str) -> bool {
    contact.kind().to_lowercase() == kind.to_lowercase()
}

/// The last working day within so many days from today, so that the first contact is never later than the rule says;
/// the very day where no office is open in between.
pub fn first_day(calendar: &Calendar, today: NaiveDate, every: u16) -> NaiveDate {
    let last = today + TimeDelta::days(i64::from(every));
    let mut days = last.iter_days().rev().take_while(|day| *day > today);
    days.find(|day| calendar.is_working_day(*day)).unwrap_or(last)
}

/// "every week", "every 2 weeks", "every 30 days".
pub fn rhythm(every: u16) -> String {
    match every {
        1 => "every day".to_owned(),
        7 => "every week".to_owned(),
        days if days.is_multiple_of(7) => format!("every {} weeks", days / 7),
        days => format!("every {days} days"),
    }
}

/// The proposal in a sentence: "High risk: home visit every week, first Fri 27 Nov (policy)." Empty for none.
pub fn words(pack: &Pack, steps: &[Step<'_>], risk: Risk, today: NaiveDate) -> String {
    let mut parts = Vec::new();
    let mut unverified = false;
    for step in steps {
        let (ask, first) = match step {
            Step::Plan(ask) => (ask, "first"),
            Step::Change(_, ask) => (ask, "from now on, next"),
            Step::Drop(_) => {
                parts.push("one planned contact is not asked for any more".to_owned());
                continue;
            }
        };
        unverified |= !ask.rule.origin.verified;
        let comma = if matches!(step, Step::Plan(_)) { "," } else { "" };
        let (kind, rhythm) = (kind(pack, ask.rule), rhythm(ask.every));
        parts.push(format!("{}{rhythm}{comma} {first} {}", lower(kind), dates::people(ask.due, today)));
    }
    if parts.is_empty() {
        return String::new();
    }
    let policy = if unverified { " (policy)" } else { "" };
    format!("{}: {}{policy}.", risk_words(risk), parts.join("; "))
}

/// "High risk"; a risk that nobody has assessed says how it is treated.
pub const fn risk_words(risk: Risk) -> &'static str {
    match risk {
        Risk::High => "High risk",
        Risk::Medium => "Medium risk",
        Risk::Low => "Low risk",
        Risk::Unassessed => "Risk not yet assessed, treated as high",
    }
}

/// "Home visit" in the middle of a sentence, with a space after it.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{} ", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_first_day_is_a_working_day_and_never_too_late() {
        let calendar = Calendar::default();
        // From a Sunday: a week on is a Sunday again, so the Friday before.
        assert_eq!(first_day(&calendar, day("2026-11-22"), 7), day("2026-11-27"));
        assert_eq!(first_day(&calendar, day("2026-11-22"), 30), day("2026-12-22"));
        // From a Friday there is no office open tomorrow: then it is tomorrow all the same.
        assert_eq!(first_day(&calendar, day("2026-11-27"), 1), day("2026-11-28"));
        assert_eq!(first_day(&calendar, day("2026-11-27"), 3), day("2026-11-30"));
    }

    #[test]
    fn a_rhythm_reads_as_people_say_it() {
        assert_eq!([1, 7, 14, 30].map(rhythm), ["every day", "every week", "every 2 weeks", "every 30 days"]);
    }
}
