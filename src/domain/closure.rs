//! Asking that a case be closed: the checklist, who may approve it, and where it stands.
//!
//! A closure is asked by one person and answered by another who leads. Until then the case stays open. Of an approval and
//! a refusal that did not know of each other the refusal counts until somebody decides (docs/adr/0017-closing-a-case.md).

use chrono::{DateTime, NaiveDate, Utc};

use super::dates::jamaica;
use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::{Head, Item, Register};
use super::meeting::agenda;
use super::pack::{Approval, Pack};
use super::state::{Stamp, State};
use super::teams;
use super::views::{Case, Member};

/// What stands on record where nobody else can approve.
pub const ALONE: &str = "nobody else can approve";
/// What stands on record where the policy asks for no approval.
pub const NOT_ASKED: &str = "the policy asks for no approval";
/// What stands on record where the child has died.
pub const DIED: &str = "the child has died";

/// The reason of closing that waits for nobody.
pub const REASON_DIED: &str = "died";

/// A request that a case be closed, with its answer.
#[derive(Clone, Copy, Debug)]
pub struct Closure<'a>(pub &'a Item);

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has answered.
    Waiting,
    /// Somebody has approved it.
    Approved,
    /// Somebody has refused it, or whoever asked has taken it back.
    Refused,
}

/// A line of a checklist that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// True where it is so.
    pub met: bool,
    /// The criterion's code.
    pub code: &'a str,
    /// The criterion as it was read then.
    pub label: &'a str,
}

impl<'a> Closure<'a> {
    /// A standing closure by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Closure && item.stands()).map(Self)
    }

    /// Every closure of a case, the latest first.
    pub fn all(state: &'a State, case: Case<'_>) -> Vec<Self> {
        let mut all: Vec<Self> = state.items_in(case.0.stream, ItemKind::Closure).map(Self).collect();
        all.sort_by_key(|it| std::cmp::Reverse((it.asked(), it.0.id)));
        all
    }

    /// Why the case is to be closed: a code of the list `close-reason`.
    pub fn reason(self) -> &'a str {
        self.0.str(Field::ClosureReason)
    }

    /// When it was asked.
    pub fn asked(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::ClosureAsked).as_when()
    }

    /// Who asked: whoever signed it.
    pub fn by(self, state: &State) -> Option<ItemId> {
        self.0.created.and_then(|entry| state.stamp(entry)).map(|stamp| stamp.author)
    }

    /// When the child was last seen, as far as whoever asked knew.
    pub fn seen(self) -> Option<NaiveDate> {
        self.0.held(Field::ClosureSeen).as_date()
    }

    /// Where it stands. Of an approval and a refusal side by side the refusal counts.
    pub fn phase(self) -> Phase {
        match self.0.held(Field::ClosureRefused).as_yes_no() {
            None => Phase::Waiting,
            Some(false) => Phase::Approved,
            Some(true) => Phase::Refused,
        }
    }

    /// The entry that gave the answer which counts.
    fn answer_entry(self, state: &State) -> Option<Stamp> {
        let register = self.0.register(Field::ClosureRefused)?;
        let ruling = register.ruling(Field::ClosureRefused.def().merge);
        let head = register.heads().iter().find(|head| head.value == *ruling && !head.value.is_nothing())?;
        state.stamp(head.entry)
    }

    /// When the answer was given that counts.
    pub fn answered(self, state: &State) -> Option<DateTime<Utc>> {
        self.answer_entry(state).and_then(|stamp| DateTime::from_timestamp_millis(stamp.wall))
    }

    /// Who gave the answer that counts: whoever signed it.
    pub fn answered_by(self, state: &State) -> Option<ItemId> {
        self.answer_entry(state).map(|stamp| stamp.author)
    }

    /// True while an approval and a refusal stand side by side.
    pub fn disputed(self) -> bool {
        self.0.register(Field::ClosureRefused).is_some_and(Register::in_conflict)
    }

    /// The words of the answer that counts; empty if there are none, or if they can't be read here.
    pub fn words(self, state: &'a State) -> &'a str {
        let Some(register) = self.0.register(Field::ClosureWords) else { return "" };
        let by = self.answered_by(state);
        let theirs = |head: &&Head| state.stamp(head.entry).map(|stamp| stamp.author) == by;
        let head = register.heads().iter().find(theirs).or_else(|| register.heads().first());
        head.and_then(|head| head.value.as_str()).unwrap_or("")
    }

    /// Why nobody else was asked; empty where somebody was.
    pub fn how(self) -> &'a str {
        self.0.str(Field::ClosureHow)
    }

    /// True if open actions end with the case.
    pub fn cancels(self) -> bool {
        self.0.held(Field::ClosureCancel).as_yes_no() == Some(true)
    }

    /// The checklist as it was filled in; `None` where it was, and can't be read here. Empty if nobody filled it in.
    pub fn answers(self) -> Option<Vec<Answer<'a>>> {
        let text = self.0.str(Field::ClosureCriteria);
        if text.is_empty() && self.0.held(Field::ClosureFilled).as_yes_no() == Some(true) {
            return None;
        }
        Some(text.lines().filter_map(answer).collect())
    }
}

fn answer(line: &str) -> Option<Answer<'_>> {
    let (word, rest) = line.split_once(' ')?;
    let (code, label) = rest.split_once(' ')?;
    let met = match word {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    Some(Answer { met, code, label })
}

/// A checklist as it is kept.
pub fn kept(answers: &[Answer<'_>]) -> String {
    let line = |it: &Answer<'_>| format!("{} {} {}", if it.met { "yes" } else { "no" }, it.code, it.label);
    answers.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The request of this team that waits in a case: none where the case is closed, where the child has died, and where
/// another team holds it.
pub fn waiting<'a>(state: &'a State, case: Case<'_>) -> Option<Closure<'a>> {
    if !case.runs() || teams::held_elsewhere(state, case.0).is_some() {
        return None;
    }
    let ours = |it: &Closure<'_>| it.phase() == Phase::Waiting && !teams::made_elsewhere(state, it.0);
    Closure::all(state, case).into_iter().find(ours)
}

/// Who could approve that a case be closed if `asker` asks: coordinators and deputies with a key who may read the case.
pub fn approvers(state: &State, case: Case<'_>, asker: Option<ItemId>) -> Vec<ItemId> {
    let readers = case.readers(state);
    let reads = |id: ItemId| readers.as_ref().is_none_or(|readers| readers.contains(&id));
    let has_key = |id: ItemId| state.devices().any(|(_, device)| device.member == id);
    let may = |member: &Member<'_>| {
        let id = member.0.id;
        member.leads() && Some(id) != asker && reads(id) && has_key(id)
    };
    Member::all(state).into_iter().filter(may).map(|member| member.0.id).collect()
}

/// True if a member may approve or refuse a request that waits.
pub fn may_answer(state: &State, case: Case<'_>, closure: Closure<'_>, who: ItemId) -> bool {
    approvers(state, case, closure.by(state)).contains(&who)
}

/// Why a case need not wait for approval where `asker` closes it; `None` where it has to.
pub fn at_once(state: &State, pack: &Pack, case: Case<'_>, asker: ItemId, reason: &str) -> Option<&'static str> {
    if reason == REASON_DIED || case.died() {
        return Some(DIED);
    }
    if pack.closure.as_ref().is_none_or(|rules| rules.approval == Approval::None) {
        return Some(NOT_ASKED);
    }
    approvers(state, case, Some(asker)).is_empty().then_some(ALONE)
}

/// The day on which somebody of the team was last in contact, as far as it is on record.
pub fn last_seen(state: &State, case: Case<'_>) -> Option<NaiveDate> {
    agenda::last_seen(state, case).map(|when| when.with_timezone(&jamaica()).date_naive())
}

/// Whether a day on which the child was seen is recent enough; true where the pack sets no limit.
pub fn seen_lately(pack: &Pack, seen: Option<NaiveDate>, today: NaiveDate) -> bool {
    let Some(rules) = &pack.closure else { return true };
    seen.is_some_and(|seen| today.signed_duration_since(seen).num_days() <= i64::from(rules.seen_days))
}

/// Since when a request waits, in words: "since today", "since 3 days".
pub fn waits(closure: Closure<'_>, today: NaiveDate) -> String {
    let asked = closure.asked().map(|asked| asked.with_timezone(&jamaica()).date_naive());
    match asked.map_or(0, |asked| today.signed_duration_since(asked).num_days()) {
        ..=0 => "since today".to_owned(),
        1 => "since 1 day".to_owned(),
        days => format!("since {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checklist_is_read_as_it_was_kept() {
        let all = [
            Answer { met: true, code: "safe", label: "The child is safe" },
            Answer { met: false, code: "no-concern", label: "There is no other concern" },
        ];
        let text = kept(&all);
        assert_eq!(text, "yes safe The child is safe\nno no-concern There is no other concern");
        assert_eq!(text.lines().filter_map(answer).collect::<Vec<_>>(), all);
        assert_eq!(["", "perhaps safe The child", "yes safe"].map(answer), [None, None, None]);
    }
}
