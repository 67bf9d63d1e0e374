//! Consent and referrals of a case: their tabs, their places in the overview, and what their keys do.

use crate::domain::clean;
use crate::domain::consent::{self, Consent, SCOPES, Standing};
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::item::Item;
use crate::domain::referral::{Referral, referrals};
use crate::domain::teams;
use crate::domain::telling;
use crate::domain::views::{Case, Peer};
use crate::ops::{ReferralReceive, ReferralSeen};
use crate::tui::desk::{Desk, first_line};
use crate::tui::effect::Effect;
use crate::tui::layers::Handled;
use crate::tui::overlays::Pick;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{Choice, Column, cell};

use super::super::{childs_views, doors, exchange};
use super::lines::moment;
use super::list::{Entry, Line, Sign, Target};
use super::sheet::{Block, Para};

/// The columns of the consent tab.
pub fn consent_columns() -> Vec<Column> {
    vec![
        Column::fixed("", 1),
        Column::flex("Consent to", 20),
        Column::fixed("Given by", 14),
        Column::fixed("Given", 16).from_width(100),
        Column::fixed("Until", 20).right(),
    ]
}

/// The columns of the referrals tab.
pub fn referral_columns() -> Vec<Column> {
    vec![
        Column::fixed("", 1),
        Column::flex("What", 18),
        Column::fixed("Who", 16),
        Column::fixed("Sent", 16).from_width(100),
        Column::fixed("State", 20).right(),
    ]
}

/// Every consent: those that count, then what ran out or was withdrawn, the newest first.
pub fn consents(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let all = Consent::all(desk.open_session().state(), case);
    let counts = |of: &Consent<'_>| of.withdrawn().is_none() && !of.expired(desk.today());
    let (now, before): (Vec<_>, Vec<_>) = all.into_iter().partition(counts);
    let mut lines = Vec::new();
    for (title, part) in [("Now", now), ("Before", before)] {
        if !part.is_empty() {
            lines.push(Line::Section(title.to_owned(), part.len()));
            lines.extend(part.into_iter().map(|of| Line::Entry(consent_line(desk, of))));
        }
    }
    lines
}

fn consent_line(desk: &Desk, of: Consent<'_>) -> Entry {
    let today = desk.today();
    let none = of.scopes().is_empty();
    let (sign, until, role) = match (of.withdrawn(), of.until()) {
        (None, _) if none => (Sign::Missed, "not given".to_owned(), Role::Soon),
        (Some(when), _) => {
            let day = when.with_timezone(&dates::jamaica()).date_naive();
            (Sign::Missed, format!("withdrawn {}", dates::people(day, today)), Role::Soon)
        }
        (None, Some(day)) if day < today => (Sign::Late, format!("ran out {}", dates::people(day, today)), Role::Late),
        (None, Some(day)) => (Sign::Done, format!("until {}", dates::people(day, today)), Role::Dim),
        (None, None) => (Sign::Done, "no end".to_owned(), Role::Dim),
    };
    let refused = consent::scope_words(&of.refused());
    let scopes = match (consent::scope_words(&of.scopes()), refused.as_str()) {
        (scopes, "") => scopes,
        (none, refused) if none.is_empty() => format!("no to {refused}"),
        (scopes, refused) => format!("{scopes}; no to {refused}"),
    };
    let given = of.given().map(|when| moment(desk, when)).unwrap_or_default();
    let who = giver(desk, of);
    let mut detail = vec![
        Para::words(format!("Consent to {scopes}, given by {who}, {given}."), Role::Text),
        Para::words(until.clone(), role),
    ];
    detail.extend(more(desk, of));
    let note = desk.field(of.0.id, Field::ConsentNote);
    if !note.is_empty() {
        detail.push(Para::words(note, Role::Text));
    }
    if of.withdrawn().is_none() {
        detail.push(Para::words("c w withdraws it, or a part of it.", Role::Dim));
    }
    if telling::keeps(of).is_some() && !desk.in_room() {
        detail.push(Para::words("c l: it need no longer be kept from them.", Role::Dim));
    }
    Entry {
        sign: Some(sign),
        target: Target::Consent(of.0.id),
        cells: vec![scopes.into(), who.into(), cell(given, Role::Dim), cell(until, role)],
        struck: of.withdrawn().is_some(),
        detail,
    }
}

/// Whom it is for, what is kept from whom, how it was understood, and what the child said.
fn more(desk: &Desk, of: Consent<'_>) -> Vec<Para> {
    let state = desk.open_session().state();
    let mut all = Vec::new();
    if !of.to().is_empty() {
        all.push(Para::field("Only to", telling::party_words(state, &of.to()), Role::Text));
    }
    all.extend(telling::keeps(of).and_then(|kept| kept_line(desk, &kept)));
    for (label, field) in [("Understood", Field::ConsentCapacity), ("The child", Field::ConsentAssent)] {
        let mut words = desk.field(of.0.id, field);
        let asked = of.0.value(Field::ConsentAssentWhen).as_when();
        if let Some(when) = asked.filter(|_| field == Field::ConsentAssent) {
            words = format!("{words}, {}", moment(desk, when));
        }
        if !words.is_empty() {
            all.push(Para::field(label, words, Role::Text));
        }
    }
    all
}

/// "Kept: health from MOH (her uncle works there)". Not in front of a room: those from whom it is kept may sit there.
fn kept_line(desk: &Desk, kept: &telling::Kept<'_>) -> Option<Para> {
    if desk.in_room() {
        return None;
    }
    let from = telling::party_words(desk.open_session().state(), &kept.from);
    let why = desk.field(kept.consent.0.id, Field::ConsentKeepWhy).replace('\n', " ");
    let why = if why.is_empty() { why } else { format!(" ({why})") };
    Some(Para::field("Kept back", format!("{} from {from}{why}", kept.what_words()), Role::Soon))
}

/// Who gave it: while masked what they are to the child.
fn giver(desk: &Desk, of: Consent<'_>) -> String {
    let role = if of.role().is_empty() { String::new() } else { desk.label("consent-giver", of.role()) };
    let by = desk.field(of.0.id, Field::ConsentBy);
    match (desk.masked(), by.as_str(), role.as_str()) {
        (true, _, "") => "masked (m)".to_owned(),
        (true, ..) | (false, "", _) => role,
        (false, by, "") => by.to_owned(),
        (false, by, role) => format!("{by} ({role})"),
    }
}

/// Every referral: those that wait for an answer, then the others, the newest first.
pub fn referral_lines(desk: &Desk, case: Case<'_>) -> Vec<Line> {
    let all = referrals(desk.open_session().state(), case);
    let (waiting, answered): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.is_waiting());
    let mut lines = Vec::new();
    for (title, part) in [("Waiting for an answer", waiting), ("Answered or taken back", answered)] {
        if !part.is_empty() {
            lines.push(Line::Section(title.to_owned(), part.len()));
            lines.extend(part.into_iter().map(|it| Line::Entry(referral_line(desk, case, it))));
        }
    }
    lines
}

fn referral_line(desk: &Desk, case: Case<'_>, it: Referral<'_>) -> Entry {
    let state = desk.open_session().state();
    let kind = desk.label("referral-kind", it.kind());
    let service = desk.text(Some(case.0.id), it.subject(desk.open_session().pack())).into_owned();
    let what = if service.is_empty() || it.is_transfer() { kind.clone() } else { service.clone() };
    let other = it.other_side(state);
    let (who, ask) = if it.is_ours(state) {
        (format!("to {other}"), format!("{other} was {kind}"))
    } else {
        (
            format!("from {other}"),
            format!("{other} {}", if it.is_transfer() { "asks us to take over" } else { "asks us to help" }),
        )
    };
    let (standing, role) = standing(desk, it);
    let sign = match it.state() {
        "accepted" | "done" => Sign::Done,
        "declined" => Sign::Missed,
        "revoked" => Sign::Cancelled,
        _ if role == Role::Late => Sign::Late,
        _ => Sign::Open,
    };
    let sent = it.sent().map(|when| moment(desk, when)).unwrap_or_default();
    let mut detail = vec![Para::words(format!("Referral {}: {ask}, {sent}", desk.code(it.0.id)), Role::Dim)];
    let mut says = |label: &str, text: String, role: Role| {
        if !text.is_empty() {
            detail.push(Para::field(label, text, role));
        }
    };
    says("For", service, Role::Text);
    says("Why", desk.field(it.0.id, Field::ReferralReason), Role::Text);
    says("State", standing.clone(), role);
    says("Answer", desk.field(it.0.id, Field::ReferralAnswer), Role::Text);
    says("Outcome", desk.field(it.0.id, Field::ReferralOutcome), Role::Text);
    says("Asked by", it.by().to_owned(), Role::Dim);
    if it.is_late(desk.open_session().now()) {
        let above: Vec<String> = it.above(state).iter().map(|line| clean::shown(line).into_owned()).collect();
        says("Turn to", above.join(", "), Role::Soon);
    }
    says("No consent", desk.field(it.0.id, Field::ReferralOverride), Role::Soon);
    if it.is_waiting() && it.is_for_us(state) {
        let keys = if it.is_ours(state) {
            format!("When {other} answers: R a accepted, R r only arrived, R d declined, and why.")
        } else {
            "They wait for an answer: R a accepts, R d declines with a reason.".to_owned()
        };
        detail.push(Para::words(keys, Role::Dim));
    }
    if it.news(state, desk.open_session().now()).is_some() {
        detail.push(Para::words("R v: seen. Then it leaves Today.", Role::Dim));
    }
    if it.state() == "accepted" && it.is_for_us(state) {
        detail.push(Para::words("R x when it is done: on which day, and what came of it.", Role::Dim));
    }
    Entry {
        sign: Some(sign),
        target: Target::Referral(it.0.id),
        cells: vec![first_line(&what).into(), who.into(), cell(sent, Role::Dim), cell(standing, role)],
        struck: it.state() == "revoked",
        detail,
    }
}

/// "answer due Tue 24 Nov", "accepted 12 Nov".
fn standing(desk: &Desk, it: Referral<'_>) -> (String, Role) {
    let today = desk.today();
    let day = |when: chrono::DateTime<chrono::Utc>| when.with_timezone(&dates::jamaica()).date_naive();
    match (it.is_waiting(), it.due(), it.answered()) {
        (true, Some(due), _) if due < desk.open_session().now() => {
            let due = day(due);
            let late = if due == today { "answer late".to_owned() } else { dates::distance(due, today) };
            (late, Role::Late)
        }
        (true, Some(due), _) => (format!("due {}", dates::people(day(due), today)), Role::Soon),
        (false, _, Some(when)) => {
            (format!("{} {}", desk.label("referral-state", it.state()), dates::people(day(when), today)), Role::Dim)
        }
        _ => (desk.label("referral-state", it.state()), Role::Dim),
    }
}

/// The consent of a case in three lines.
pub fn consent_block(desk: &Desk, case: Case<'_>, theme: &Theme) -> Block {
    let (today, state) = (desk.today(), desk.open_session().state());
    let paras = SCOPES.into_iter().map(|scope| {
        let label = consent::scope_word(scope);
        match consent::consent(state, case, scope, today) {
            Standing::Given(of) => {
                let given = of.given().map(|when| when.with_timezone(&dates::jamaica()).date_naive());
                let given = given.map(|day| format!(" {}", dates::people(day, today))).unwrap_or_default();
                let until = of.until().map(|day| format!(", until {}", dates::people(day, today))).unwrap_or_default();
                Para::field(label, format!("{} ", theme.symbols.check), Role::Done)
                    .and(format!("{}{given}{until}", giver(desk, of)), Role::Text)
            }
            Standing::Missing => Para::field(label, format!("{} missing", theme.symbols.cross), Role::Soon),
            other => Para::field(label, format!("{} {}", theme.symbols.cross, other.why_not()), Role::Late),
        }
    });
    let mut paras: Vec<Para> = paras.collect();
    if let Some(named) = telling::named(state, case, today) {
        paras.push(Para::field("only to", telling::party_words(state, &named), Role::Text));
    }
    paras.extend(telling::kept(state, case).iter().filter_map(|kept| kept_line(desk, kept)));
    Block::new("Consent", paras)
}

/// The referrals of a case, where there are any.
pub fn referral_block(desk: &Desk, case: Case<'_>) -> Option<Block> {
    let state = desk.open_session().state();
    let all = referrals(state, case);
    let para = |it: &Referral<'_>| {
        let (says, role) = standing(desk, *it);
        let service = desk.text(Some(case.0.id), it.subject(desk.open_session().pack())).into_owned();
        let what =
            if it.is_transfer() || service.is_empty() { desk.label("referral-kind", it.kind()) } else { service };
        Para::field(it.other_side(state), format!("{what}  "), Role::Text).and(says, role)
    };
    (!all.is_empty()).then(|| Block::new("Referrals", all.iter().take(4).map(para).collect()))
}

/// How many referrals wait for an answer, for the tab.
pub fn waiting(desk: &Desk, case: Case<'_>) -> usize {
    referrals(desk.open_session().state(), case).iter().filter(|it| it.is_waiting()).count()
}

/// Does what a key says about consent or a referral of this case; passes what is neither.
pub fn command(name: &str, case: ItemId, target: Option<Target>, desk: &mut Desk) -> Handled<Desk> {
    match name {
        "consent.record" => doors::form(name, Some(case), desk),
        "consent.lift" => {
            let view = desk.case(case);
            if view.is_none_or(|view| telling::kept(desk.open_session().state(), view).is_empty()) {
                return Effect::info("Nothing of this case is kept from anybody.").into();
            }
            let about = if let Some(Target::Consent(of)) = target { of } else { case };
            doors::form(name, Some(about), desk)
        }
        "views.tell" => {
            let view = desk.case(case);
            if view.is_none_or(|view| super::notes::views(desk, view).is_empty()) {
                return Effect::info(childs_views::NONE).into();
            }
            let about = if let Some(Target::Note(note)) = target { note } else { case };
            doors::form(name, Some(about), desk)
        }
        "referral.send" => Handled::Done(who(case, desk)),
        "bundle.refer" | "bundle.transfer" => Handled::Done(exchange::refer(case, name == "bundle.transfer", desk)),
        "bundle.update" => exchange::update_case(case, desk),
        "share.end" => {
            let view = desk.case(case);
            if view.is_none_or(|view| teams::shared_with(desk.open_session().state(), view).is_empty()) {
                return Effect::info("No other team shares this case.").into();
            }
            doors::form(name, Some(case), desk)
        }
        "consent.withdraw" => {
            let view = desk.case(case);
            let any = view.is_some_and(|view| {
                Consent::all(desk.open_session().state(), view).iter().any(|of| of.withdrawn().is_none())
            });
            match target {
                _ if !any => Effect::info("There is no consent to withdraw.").into(),
                Some(Target::Consent(of)) => doors::form(name, Some(of), desk),
                _ => doors::form(name, Some(case), desk),
            }
        }
        "referral.accept" | "referral.received" | "referral.decline" | "referral.done" | "referral.revoke"
        | "referral.seen" => answer(name, case, target, desk),
        _ => Handled::Pass,
    }
}

/// The tag of the chooser of whom to ask; [`asked`] takes what was picked.
pub const WHO: &str = "refer-to";

/// Whom to ask: an agency of the own parish, or another parish's team.
fn who(case: ItemId, desk: &Desk) -> Vec<Effect<Desk>> {
    let state = desk.open_session().state();
    let kept = |agency: &&Item| agency.value(Field::AgencyRetired).is_nothing();
    let mut agencies: Vec<Choice> = state
        .items(ItemKind::Agency)
        .filter(kept)
        .map(|agency| {
            let (code, name) = (agency.str(Field::AgencyCode), agency.str(Field::AgencyName));
            Choice::new(teams::agency_party(code), clean::shown(code).into_owned())
                .noted(clean::shown(name).into_owned())
        })
        .collect();
    agencies.sort_by(|a, b| a.label.cmp(&b.label));
    let mut peers: Vec<Choice> = Peer::all(state)
        .map(|peer| {
            let name = teams::peer_name(state, peer.0.id);
            Choice::new(peer.0.id.to_string(), clean::shown(&name).into_owned()).noted("another parish, by a bundle")
        })
        .collect();
    peers.sort_by(|a, b| a.label.cmp(&b.label));
    agencies.extend(peers);
    vec![Effect::push(WHO, Pick::new(format!("Case {}: who is asked?", desk.code(case)), agencies))]
}

/// Takes whom somebody chose to ask.
pub fn asked(case: ItemId, code: &str, desk: &mut Desk) -> Vec<Effect<Desk>> {
    match ItemId::from_hex(code) {
        Some(peer) => exchange::refer_to(case, peer, desk),
        None => doors::refer_inside(case, code, desk),
    }
}

/// Answers the selected referral; where none is selected the only one of the case that this can mean.
fn answer(name: &str, case: ItemId, target: Option<Target>, desk: &mut Desk) -> Handled<Desk> {
    let chosen = match target {
        Some(Target::Referral(id)) => Some(id),
        _ => only(name, case, desk),
    };
    let Some(referral) = chosen else {
        return Effect::info("Choose the referral first: Tab goes to their list.").into();
    };
    match name {
        "referral.accept" => Handled::Done(exchange::accept(referral, desk)),
        "referral.received" => Handled::Done(desk.run(ReferralReceive { referral })),
        "referral.seen" => Handled::Done(desk.run(ReferralSeen { referral })),
        _ => doors::form(name, Some(referral), desk),
    }
}

fn only(name: &str, case: ItemId, desk: &Desk) -> Option<ItemId> {
    let state = desk.open_session().state();
    let fits = |it: &Referral<'_>| match name {
        "referral.done" => it.state() == "accepted" && it.is_for_us(state),
        "referral.seen" => it.news(state, desk.open_session().now()).is_some(),
        "referral.revoke" => it.is_ours(state) && (it.is_waiting() || it.state() == "accepted"),
        _ => it.is_waiting() && it.is_for_us(state),
    };
    let mut all = referrals(state, desk.case(case)?).into_iter().filter(fits);
    match (all.next(), all.next()) {
        (Some(one), None) => Some(one.0.id),
        _ => None,
    }
}
