//! The objects of `--json`. Their keys are stable: docs/generated/cli.md lists them, scripts rely on them.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json, json};

use crate::bundle::card::Card;
use crate::domain::dates;
use crate::domain::field::{Field, FieldType, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::today::{Bucket, Due, What};
use crate::domain::value::Value;
use crate::domain::views::{Action, Case, FollowUp, Member, item_name, owner_name};
use crate::session::{PeerInfo, Session};

use super::words::{self, Veil};

/// A moment, in Jamaica's time: `2026-11-22T09:20:00-05:00`.
pub fn moment(when: DateTime<Utc>) -> String {
    when.with_timezone(&dates::jamaica()).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}

fn day(day: Option<NaiveDate>) -> Json {
    day.map_or(Json::Null, |day| Json::String(day.format("%Y-%m-%d").to_string()))
}

fn code(session: &Session, item: Option<ItemId>) -> Json {
    item.map_or(Json::Null, |item| Json::String(words::code(session, item)))
}

fn owner(session: &Session, owner: Option<ItemId>) -> Json {
    owner.map_or(Json::Null, |_| Json::String(owner_name(session.state(), owner).into_owned()))
}

/// What a new item is answered with.
pub fn made(session: &Session, item: ItemId) -> Json {
    json!({ "code": words::code(session, item), "id": item.to_string() })
}

/// The value of a field: codes as codes, days and moments in ISO 8601, people by name.
pub fn value(session: &Session, field: Field, value: &Value, veil: &Veil) -> Json {
    let name = |item: &ItemId| Json::String(item_name(session.state(), *item));
    match value {
        Value::Nothing => Json::Null,
        Value::Text(_) if field == Field::DocumentKey => Json::Null,
        Value::Text(text) => Json::String(veil.text(text)),
        Value::Code(code) => Json::String(code.to_string()),
        Value::Codes(codes) => Json::Array(codes.iter().map(|code| Json::String(code.to_string())).collect()),
        Value::Date(_) => day(value.as_date()),
        Value::When(_) => value.as_when().map_or(Json::Null, |when| Json::String(moment(when))),
        Value::Number(number) => json!(number),
        Value::YesNo(yes) => json!(yes),
        Value::Item(item) if field.def().ty == FieldType::Item && session.state().item(*item).is_none() => Json::Null,
        Value::Item(item) => name(item),
        Value::Items(items) => Json::Array(items.iter().map(name).collect()),
    }
}

/// A case in a list.
pub fn case(session: &Session, case: Case<'_>, veil: &Veil) -> Json {
    let item = case.0;
    let late = session.due_in(item.id).iter().filter(|due| due.bucket == Bucket::Late).count();
    json!({
        "code": words::code(session, item.id),
        "id": item.id.to_string(),
        "open": case.is_open(),
        "risk": case.risk().code(),
        "stage": case.stage(),
        "tracks": item.value(Field::CaseTracks).as_codes().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "lead": owner(session, case.lead()),
        "reported": case.reported().map(moment),
        "concern": veil.text(case.concern()),
        "restricted": case.is_restricted(),
        "late": late,
    })
}

/// The fields of an item; those that name somebody are null while masked.
pub fn fields(session: &Session, item: &Item, veil: &Veil) -> Json {
    let mut all = Map::new();
    for def in Field::of(item.kind) {
        let masked = veil.masks() && def.field.class(item.class).names();
        let held = item.value(def.field);
        let shown = if masked && !held.is_nothing() { Json::Null } else { value(session, def.field, &held, veil) };
        if !held.is_nothing() {
            all.insert(def.name.to_owned(), shown);
        }
    }
    Json::Object(all)
}

/// An action.
pub fn action(session: &Session, action: Action<'_>, reveal: bool) -> Json {
    let case = action.case(session.state()).map(|case| case.0.id);
    let veil = Veil::new(session, case, reveal);
    let at = |field| value(session, field, &action.0.value(field), &veil);
    let late = action.is_open() && action.due().is_some_and(|due| due < session.today_date());
    json!({
        "code": words::code(session, action.0.id),
        "id": action.0.id.to_string(),
        "case": code(session, case),
        "text": veil.text(action.text()),
        "owner": owner(session, action.owner()),
        "due": day(action.due()),
        "time": action.minutes().map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60)),
        "late": late,
        "priority": at(Field::ActionPriority),
        "state": action.state(),
        "why": at(Field::ActionWhy),
        "why_note": at(Field::ActionWhyNote),
        "done": at(Field::ActionDone),
        "class": action.0.class.name(),
    })
}

/// A follow-up.
pub fn followup(session: &Session, followup: FollowUp<'_>, reveal: bool) -> Json {
    let case = Case::of_stream(session.state(), followup.0.stream).map(|case| case.0.id);
    let veil = Veil::new(session, case, reveal);
    let at = |field| value(session, field, &followup.0.value(field), &veil);
    json!({
        "code": words::code(session, followup.0.id),
        "id": followup.0.id.to_string(),
        "case": code(session, case),
        "kind": veil.text(followup.kind()),
        "due": day(followup.due()),
        "every_days": at(Field::FollowUpEvery),
        "who": owner(session, followup.who()),
        "state": at(Field::FollowUpState),
        "policy": followup.from_policy(),
        "why": at(Field::FollowUpWhy),
        "note": at(Field::FollowUpNote),
        "done": at(Field::FollowUpDone),
        "late": followup.is_planned() && followup.due().is_some_and(|due| due < session.today_date()),
    })
}

/// A line of Today.
pub fn due(session: &Session, due: &Due) -> Json {
    let item = match &due.what {
        What::Action(id)
        | What::FollowUp(id)
        | What::Awaiting(id)
        | What::Asked(id)
        | What::Answered(id)
        | What::Service(id)
        | What::Meeting(id)
        | What::Minutes(id)
        | What::Decision(id)
        | What::Outreach(id)
        | What::Numbers(id)
        | What::Training(id) => Some(*id),
        _ => None,
    };
    let clock = if let What::Clock(clock) = &due.what { Some(&**clock) } else { None };
    json!({
        "bucket": due.bucket.name(),
        "what": due.what.name(),
        "text": words::what(session, due),
        "case": code(session, due.case),
        "code": code(session, item),
        "clock": clock,
        "risk": due.risk.map(crate::domain::pack::Risk::code),
        "due": if due.timed { moment(due.at.to_utc()) } else { due.day().format("%Y-%m-%d").to_string() },
        "owner": owner(session, due.owner),
    })
}

/// A member of the team.
pub fn member(session: &Session, member: Member<'_>) -> Json {
    let item = member.0;
    let at = |field: Field| match item.str(field) {
        "" => Json::Null,
        text => Json::String(text.to_owned()),
    };
    let on = session.today_date();
    json!({
        "name": member.name(),
        "handle": at(Field::MemberHandle),
        "id": item.id.to_string(),
        "agency": owner(session, member.agency()),
        "role": member.role(),
        "phone": at(Field::MemberPhone),
        "email": at(Field::MemberEmail),
        "away": member.away(on),
        "away_until": day(item.value(Field::MemberAwayUntil).as_date()),
        "cover": owner(session, member.covered_by(on)),
        "unlocks": session.participants().contains(&item.id),
        "left": member.left(),
    })
}

/// An agency.
pub fn agency(item: &Item) -> Json {
    debug_assert_eq!(item.kind, ItemKind::Agency);
    json!({
        "code": item.str(Field::AgencyCode),
        "name": item.str(Field::AgencyName),
        "kind": item.str(Field::AgencyKind),
        "phone": item.str(Field::AgencyPhone),
        "contact": item.str(Field::AgencyContact),
        "retired": day(item.value(Field::AgencyRetired).as_date()),
    })
}

/// What a card says.
pub fn card(card: &Card) -> Json {
    let says = card.says();
    json!({
        "name": says.name,
        "parish": says.parish.to_string(),
        "practice": says.practice,
        "root": says.root_id().to_string(),
        "serial": says.serial,
        "made": moment(says.made),
        "recipient": says.recipient.to_string(),
        "short": card.is_short(),
        "devices": says.devices.len(),
    })
}

/// Another team.
pub fn peer(peer: &PeerInfo) -> Json {
    json!({
        "id": peer.item.to_string(),
        "name": peer.name,
        "parish": peer.parish.map(|parish| parish.to_string()),
        "card": peer.card.as_ref().map(card),
        "verified": peer.verified.as_ref().map(|(when, how, by)| json!({
            "when": moment(*when), "how": how, "by": by,
        })),
        "alarm": if peer.alarm.is_empty() { Json::Null } else { Json::String(peer.alarm.clone()) },
    })
}
