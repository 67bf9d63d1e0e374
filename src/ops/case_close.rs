//! Closing a case: asking for it with the policy's checklist, or doing it where nobody has to approve it.

use chrono::NaiveDate;

use crate::domain::care;
use crate::domain::class::Class;
use crate::domain::clean;
use crate::domain::closure::{self, Answer};
use crate::domain::dates;
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::pack::Pack;
use crate::domain::state::State;
use crate::domain::value::Value;
use crate::domain::views::{Action, Case, owner_name};

use super::closure_approve::settle;
use super::{At, Ctx, Danger, Group, Plan, Refusal, Spec, Verb};

/// Closes a case with a reason, or asks somebody else who leads to approve it.
#[derive(Clone, Debug)]
pub struct CaseClose {
    /// The case.
    pub case: ItemId,
    /// The reason's code in the policy pack.
    pub reason: String,
    /// Closing words.
    pub note: String,
    /// Close although actions are open: they are cancelled with the case.
    pub cancel_open: bool,
    /// The policy's checklist; `None` where nobody filled it in, which then stands on record.
    pub checklist: Option<Checklist>,
    /// When the child was last seen; as it is on record, if not said.
    pub seen: Option<NaiveDate>,
}

/// A checklist as somebody filled it in.
#[derive(Clone, Debug, Default)]
pub struct Checklist {
    /// Codes of criteria that are met.
    pub met: Vec<String>,
    /// Codes of criteria that are not.
    pub unmet: Vec<String>,
    /// Why the case is to be closed all the same.
    pub why: String,
}

impl CaseClose {
    /// Closing for a reason, with nothing more said.
    pub fn new(case: ItemId, reason: &str) -> Self {
        let reason = reason.to_owned();
        Self { case, reason, note: String::new(), cancel_open: false, checklist: None, seen: None }
    }
}

impl Verb for CaseClose {
    const SPEC: Spec = Spec {
        name: "case.close",
        label: "Close the case",
        doc: "Asks for approval to close the case, with the policy's checklist; closes it where nobody has to approve. Clocks and follow-ups stop then, the record stays.",
        group: Group::Case,
        danger: Danger::Undoable,
        cli: "case close",
    };

    fn decide(&self, state: &State, cx: &mut Ctx<'_>) -> Result<Plan, Refusal> {
        cx.may_write(state)?;
        let item = cx.open_case(state, self.case)?;
        let case = Case(item);
        cx.check_code("close-reason", &self.reason)?;
        let at_once = closure::at_once(state, cx.pack, case, cx.me, &self.reason);
        check_died(case, &self.reason)?;
        if at_once.is_none() {
            already_asked(state, cx, case)?;
        }
        let cancel = self.cancel_open || self.reason == closure::REASON_DIED;
        check_open(state, case, cancel)?;
        let seen = self.seen.or_else(|| closure::last_seen(state, case));
        if self.seen.is_some_and(|day| day > cx.today()) {
            return Err(Refusal::new("The child can't have been seen in the future.", "Give a day up to today."));
        }
        let answers = self.answers(cx.pack, seen, cx.today())?;
        let at = At { stream: item.stream, item: cx.new_id(), class: Class::Notes };
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Closure);
        let note = clean::prose_owned(&self.note);
        let why = clean::prose_owned(self.checklist.as_ref().map_or("", |list| list.why.as_str()));
        for (field, value) in [
            (Field::ClosureReason, Value::code(&self.reason)),
            (Field::ClosureAsked, Value::when(cx.now)),
            (Field::ClosureSeen, seen.map_or(Value::Nothing, Value::date)),
            (Field::ClosureStage, Value::code(case.stage())),
            (Field::ClosureFilled, Value::YesNo(!answers.is_empty())),
            (Field::ClosureCancel, Value::YesNo(cancel)),
            (Field::ClosureRefused, if at_once.is_some() { Value::YesNo(false) } else { Value::Nothing }),
            (Field::ClosureHow, Value::text(at_once.unwrap_or_default())),
            (Field::ClosureCriteria, Value::text(&closure::kept(&answers))),
            (Field::ClosureWhy, Value::text(&why)),
            (Field::ClosureNote, Value::text(&note)),
        ] {
            cx.check_value(state, field, &value)?;
            plan.set(state, at, field, value);
        }
        let code = state.code(self.case);
        let unfilled = if answers.is_empty() && cx.pack.criteria_for(&self.reason).next().is_some() {
            " The policy's checklist is not filled in."
        } else {
            ""
        };
        let Some(how) = at_once else {
            let who: Vec<_> = closure::approvers(state, case, Some(cx.me));
            let who: Vec<String> = who.into_iter().map(|id| owner_name(state, Some(id)).into_owned()).collect();
            return Ok(plan.say(format!(
                "Asked to close case {code}. It stays open until {} approves.{unfilled}",
                who.join(" or ")
            )));
        };
        // What waited is overtaken.
        settle(state, &mut plan, case);
        close(state, cx, &mut plan, item, (&self.reason, &note));
        let left = left_running(state, case);
        let left = if self.reason == closure::REASON_DIED { String::new() } else { left };
        let how = if how == closure::ALONE { " at once: nobody else can approve it" } else { "" };
        Ok(plan.say(format!("Case {code} is closed{how}.{unfilled}{left}")))
    }
}

impl CaseClose {
    /// The checklist as it is kept. What has to be answered is, and what is not so has words.
    fn answers<'p>(
        &self,
        pack: &'p Pack,
        seen: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Vec<Answer<'p>>, Refusal> {
        let Some(list) = &self.checklist else { return Ok(Vec::new()) };
        let asked: Vec<_> = pack.criteria_for(&self.reason).collect();
        if let Some(code) = list.met.iter().chain(&list.unmet).find(|code| !asked.iter().any(|it| it.code == **code)) {
            let codes: Vec<&str> = asked.iter().map(|it| it.code.as_str()).collect();
            return Err(Refusal::new(
                format!("The policy asks no \"{code}\" where a case is closed for this reason."),
                if codes.is_empty() {
                    "It asks nothing.".to_owned()
                } else {
                    format!("It asks: {}.", codes.join(", "))
                },
            ));
        }
        let mut answers = Vec::new();
        let mut needs_words = None;
        for it in &asked {
            let (met, unmet) = (list.met.contains(&it.code), list.unmet.contains(&it.code));
            match (met, unmet) {
                (true, true) => {
                    return Err(Refusal::new(
                        format!("\"{}\" is answered with yes and with no.", it.label),
                        "Give one answer.",
                    ));
                }
                (false, false) if it.required => {
                    return Err(Refusal::new(
                        format!("\"{}\" is not answered.", it.label),
                        format!("Say whether it is so ({}).", it.code),
                    ));
                }
                (false, false) => continue,
                _ => {}
            }
            if unmet && it.required {
                needs_words.get_or_insert_with(|| format!("\"{}\" is not met", it.label));
            }
            answers.push(Answer { met, code: &it.code, label: &it.label });
        }
        if !asked.is_empty() && !closure::seen_lately(pack, seen, today) {
            needs_words.get_or_insert_with(|| match seen {
                Some(seen) => format!("The child was last seen on {}", dates::people(seen, today)),
                None => "When the child was last seen is not on record".to_owned(),
            });
        }
        match needs_words {
            Some(what) if list.why.trim().is_empty() => Err(Refusal::new(
                format!("{what}, and nobody says why the case is to be closed all the same."),
                "Say why, or do it first.",
            )),
            _ => Ok(answers),
        }
    }
}

/// Where a child has died no other reason is right, and that one waits for nobody.
pub(super) fn check_died(case: Case<'_>, reason: &str) -> Result<(), Refusal> {
    if case.died() && reason != closure::REASON_DIED {
        return Err(Refusal::new(
            "The child has died.",
            "Close the case with the reason \"died\": it waits for nobody's approval.",
        ));
    }
    Ok(())
}

/// Refuses a second request while one waits that somebody can answer.
fn already_asked(state: &State, cx: &Ctx<'_>, case: Case<'_>) -> Result<(), Refusal> {
    let Some(waiting) = closure::waiting(state, case) else { return Ok(()) };
    let approvers = closure::approvers(state, case, waiting.by(state));
    if approvers.is_empty() {
        return Ok(());
    }
    let who = owner_name(state, waiting.by(state));
    let when = closure::asked_when(waiting, cx.today());
    let hint = if approvers.contains(&cx.me) {
        "Approve or refuse it: case approve, case refuse; K in the case.".to_owned()
    } else {
        let who: Vec<String> = approvers.iter().map(|id| owner_name(state, Some(*id)).into_owned()).collect();
        format!("{} can approve it. Whoever asked can take it back with case refuse.", who.join(" or "))
    };
    Err(Refusal::new(format!("{who} asked to close case {} already, {when}.", state.code(case.0.id)), hint))
}

fn open_actions<'a>(state: &'a State, case: Case<'_>) -> Vec<&'a Item> {
    state.items_in(case.0.stream, ItemKind::Action).filter(|action| Action(action).is_open()).collect()
}

/// Refuses to leave open actions behind.
pub(super) fn check_open(state: &State, case: Case<'_>, cancel: bool) -> Result<(), Refusal> {
    let open = open_actions(state, case).len();
    if open == 0 || cancel {
        return Ok(());
    }
    Err(Refusal::new(
        format!(
            "Case {} still has {open} open {}.",
            state.code(case.0.id),
            if open == 1 { "action" } else { "actions" }
        ),
        "Finish or cancel them first, or close with --cancel-open (they are cancelled with the case).",
    ))
}

/// Plans that a case is closed: its open actions and planned contacts end with it.
pub(super) fn close(state: &State, cx: &Ctx<'_>, plan: &mut Plan, case: &Item, (reason, note): (&str, &str)) {
    let at = At::of(case);
    plan.set(state, at, Field::CaseClosed, Value::when(cx.now));
    plan.set(state, at, Field::CaseCloseReason, Value::code(reason));
    plan.set(state, at, Field::CaseCloseNote, Value::text(note));
    plan.set(state, at, Field::CaseStage, Value::code("closed"));
    if reason == closure::REASON_DIED && case.value(Field::CaseDied).is_nothing() {
        plan.set(state, at, Field::CaseDied, Value::date(cx.today()));
    }
    for action in open_actions(state, Case(case)) {
        plan.set(state, At::of(action), Field::ActionState, Value::code("cancelled"));
    }
    for planned in state.items_in(case.stream, ItemKind::FollowUp) {
        if planned.str(Field::FollowUpState) == "planned" {
            plan.set(state, At::of(planned), Field::FollowUpState, Value::code("cancelled"));
        }
    }
}

/// Plans that a case is said to be open, also against a closing that this team does not know of yet.
pub(super) fn keep_open(state: &State, plan: &mut Plan, case: &Item) {
    let field = Field::CaseClosed;
    let fact = Fact::Set { item: case.id, field, value: Value::Nothing, replaces: state.heads(case.id, field) };
    plan.facts.push(Placed { stream: case.stream, class: field.class(case.class), fact });
}

/// What a closed case leaves to others: its services that run.
pub(super) fn left_running(state: &State, case: Case<'_>) -> String {
    match care::running(state, case).count() {
        0 => String::new(),
        1 => " 1 service in its care plan still runs: somebody has to end it or to take it over.".to_owned(),
        several => {
            format!(" {several} services in its care plan still run: somebody has to end them or to take them over.")
        }
    }
}
