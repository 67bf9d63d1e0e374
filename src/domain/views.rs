//! Typed readings of items: what a case, an action, a follow-up or a member says now.
//!
//! Views borrow and compute; they hold no state of their own and change nothing.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};

use super::field::{Field, ItemKind};
use super::ids::{ItemId, StreamId};
use super::item::Item;
use super::pack::Risk;
use super::parish::Parish;
use super::state::State;
use super::teams;
use super::value::Value;

/// A case.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a>(pub &'a Item);

/// An action.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a>(pub &'a Item);

/// A follow-up.
#[derive(Clone, Copy, Debug)]
pub struct FollowUp<'a>(pub &'a Item);

/// A member of the team.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a>(pub &'a Item);

/// Another parish's team.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a>(pub &'a Item);

impl<'a> Case<'a> {
    /// A standing case by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Case && item.stands()).map(Self)
    }

    /// The case of a stream; `None` for the team's stream.
    pub fn of_stream(state: &'a State, stream: StreamId) -> Option<Self> {
        Self::get(state, stream.item())
    }

    /// The risk that rules.
    pub fn risk(self) -> Risk {
        self.0.held(Field::CaseRisk).as_str().and_then(Risk::from_code).unwrap_or(Risk::Unassessed)
    }

    /// The stage's code.
    pub fn stage(self) -> &'a str {
        self.0.str(Field::CaseStage)
    }

    /// The concern, as written.
    pub fn concern(self) -> &'a str {
        self.0.str(Field::CaseConcern)
    }

    /// Who leads it: in a case that another team opened or holds, the member whom this team named for itself, else
    /// the one whom everybody sees.
    pub fn lead(self) -> Option<ItemId> {
        let here = self.0.held(Field::CaseLeadHere).as_item();
        here.or_else(|| self.0.held(Field::CaseLead).as_item())
    }

    /// True if only some may read it.
    pub fn is_restricted(self) -> bool {
        !self.0.held(Field::CaseRestricted).is_nothing() || !self.0.held(Field::CaseRestrictedHere).is_nothing()
    }

    /// Who of this team may read it; `None` where all of it may.
    pub fn readers(self, state: &State) -> Option<Vec<ItemId>> {
        let (here, listed) = (self.0.held(Field::CaseRestrictedHere), self.0.held(Field::CaseRestricted));
        teams::readers(state, &here, &listed)
    }

    /// True until it is closed.
    pub fn is_open(self) -> bool {
        self.0.held(Field::CaseClosed).is_nothing()
    }

    /// True if the child has died: every clock, birthday and reminder of the case stops.
    pub fn died(self) -> bool {
        !self.0.held(Field::CaseDied).is_nothing()
    }

    /// True if its clocks and reminders run.
    pub fn runs(self) -> bool {
        self.is_open() && !self.died()
    }

    /// When it was reported; when it was opened, if that isn't known.
    pub fn reported(self) -> Option<DateTime<Utc>> {
        self.0.held(Field::CaseReported).as_when().or_else(|| self.0.held(Field::CaseOpened).as_when())
    }

    /// The eighteenth birthday, where a birth date is known here.
    pub fn eighteenth(self) -> Option<NaiveDate> {
        super::dates::birthday(self.0.held(Field::CaseDob).as_date()?, 18)
    }

    /// Names and other words that are masked, each with the role that stands in its place; also those of the people in
    /// the case.
    pub fn secrets(self, state: &State) -> Vec<(String, &'static str)> {
        const SECRET: &[(Field, &str)] = &[
            (Field::CaseChildName, "child"),
            (Field::CaseAlias, "child"),
            (Field::CaseSchool, "school"),
            (Field::CaseCommunity, "community"),
            (Field::CaseAddress, "address"),
            (Field::CasePhone, "telephone"),
            (Field::CaseSafePhone, "telephone"),
            (Field::CaseReporter, "reporter"),
            (Field::CaseReporterPhone, "telephone"),
            (Field::CaseMother, "mother"),
            (Field::CaseFather, "father"),
            (Field::CaseCarer, "carer"),
            (Field::CaseAlleged, "person named"),
            (Field::CasePlacement, "placement"),
        ];
        let known = SECRET.iter().map(|(field, role)| (self.0.str(*field).to_owned(), *role));
        known.filter(|(text, _)| !text.is_empty()).chain(super::person::secrets(state, self)).collect()
    }

    /// Linked cases with the kind of the link.
    pub fn links(self, state: &'a State) -> Vec<(ItemId, &'a str)> {
        let other = |link: &'a Item| {
            let (a, b) = (link.held(Field::LinkA).as_item()?, link.held(Field::LinkB).as_item()?);
            let other = if a == self.0.id { b } else { a };
            (a == self.0.id || b == self.0.id).then_some((other, link.str(Field::LinkKind)))
        };
        state.links_of(self.0.id).filter_map(other).collect()
    }
}

impl<'a> Action<'a> {
    /// A standing action by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Action && item.stands()).map(Self)
    }

    /// What is to be done; empty if its class can't be read here.
    pub fn text(self) -> &'a str {
        self.0.str(Field::ActionText)
    }

    /// Member or agency.
    pub fn owner(self) -> Option<ItemId> {
        self.0.held(Field::ActionOwner).as_item()
    }

    /// By when.
    pub fn due(self) -> Option<NaiveDate> {
        self.0.held(Field::ActionDue).as_date()
    }

    /// Minutes after midnight, where the hour matters.
    pub fn minutes(self) -> Option<u16> {
        self.0.held(Field::ActionTime).as_number().and_then(|minutes| u16::try_from(minutes).ok())
    }

    /// The state's code.
    pub fn state(self) -> &'a str {
        self.0.str(Field::ActionState)
    }

    /// True until done or cancelled.
    pub fn is_open(self) -> bool {
        !matches!(self.state(), "done" | "cancelled")
    }

    /// The case, if it belongs to one.
    pub fn case(self, state: &'a State) -> Option<Case<'a>> {
        Case::of_stream(state, self.0.stream)
    }
}

impl<'a> FollowUp<'a> {
    /// A standing follow-up by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::FollowUp && item.stands()).map(Self)
    }

    /// What contact.
    pub fn kind(self) -> &'a str {
        self.0.str(Field::FollowUpKind)
    }

    /// The day.
    pub fn due(self) -> Option<NaiveDate> {
        self.0.held(Field::FollowUpDue).as_date()
    }

    /// By whom.
    pub fn who(self) -> Option<ItemId> {
        self.0.held(Field::FollowUpWho).as_item()
    }

    /// Days between two contacts; `None` for one that stands alone.
    pub fn every(self) -> Option<u16> {
        let days = self.0.value(Field::FollowUpEvery).as_number();
        days.and_then(|days| u16::try_from(days).ok()).filter(|days| *days > 0)
    }

    /// True if the policy's rule planned it, not a person by hand.
    pub fn from_policy(self) -> bool {
        self.0.value(Field::FollowUpAuto).as_yes_no() == Some(true)
    }

    /// True while it waits.
    pub fn is_planned(self) -> bool {
        self.0.str(Field::FollowUpState) == "planned"
    }
}

impl<'a> Member<'a> {
    /// A standing member by their id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Member && item.stands()).map(Self)
    }

    /// The members who have not left, by name.
    pub fn all(state: &'a State) -> Vec<Self> {
        let mut all: Vec<Self> = state.items(ItemKind::Member).map(Self).filter(|member| !member.left()).collect();
        all.sort_by_key(|member| (member.name(), member.0.id));
        all
    }

    /// The name.
    pub fn name(self) -> &'a str {
        self.0.str(Field::MemberName)
    }

    /// The handle; empty if none.
    pub fn handle(self) -> &'a str {
        self.0.str(Field::MemberHandle)
    }

    /// The role's code.
    pub fn role(self) -> &'a str {
        self.0.str(Field::MemberRole)
    }

    /// True for a coordinator or deputy.
    pub fn leads(self) -> bool {
        matches!(self.role(), "coordinator" | "deputy")
    }

    /// True once they have left the team.
    pub fn left(self) -> bool {
        !self.0.held(Field::MemberLeft).is_nothing()
    }

    /// The agency.
    pub fn agency(self) -> Option<ItemId> {
        self.0.held(Field::MemberAgency).as_item()
    }

    /// Who covers for them on a day, if they are away then.
    pub fn covered_by(self, on: NaiveDate) -> Option<ItemId> {
        self.away(on).then(|| self.0.held(Field::MemberCover).as_item()).flatten()
    }

    /// True if they are away on a day.
    pub fn away(self, on: NaiveDate) -> bool {
        let from = self.0.held(Field::MemberAwayFrom).as_date();
        let until = self.0.held(Field::MemberAwayUntil).as_date();
        from.is_some_and(|from| from <= on) && until.is_some_and(|until| on <= until)
    }
}

impl<'a> Peer<'a> {
    /// A team that was added and not removed.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Peer && item.stands()).map(Self).filter(|it| !it.removed())
    }

    /// Every team that was added and not removed, in no promised order.
    pub fn all(state: &'a State) -> impl Iterator<Item = Self> {
        state.items(ItemKind::Peer).map(Self).filter(|peer| !peer.removed())
    }

    /// The team's name.
    pub fn name(self) -> &'a str {
        self.0.str(Field::PeerName)
    }

    /// Its parish.
    pub fn parish(self) -> Option<Parish> {
        let number = self.0.value(Field::PeerParish).as_number()?;
        Parish::by_number(u8::try_from(number).ok()?)
    }

    /// Its root key, in hex.
    pub fn root(self) -> &'a str {
        self.0.str(Field::PeerRoot)
    }

    /// Its newest card, which was checked before it was stored.
    pub fn card(self) -> &'a str {
        self.0.str(Field::PeerCard)
    }

    /// When somebody compared words with them; `None` if nobody did.
    pub fn verified(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::PeerVerified).as_when()
    }

    /// That another root key was shown in its name, and when; empty if none was since words were last compared.
    pub fn alarm(self) -> &'a str {
        self.0.str(Field::PeerAlarm)
    }

    fn removed(self) -> bool {
        !self.0.value(Field::PeerRemoved).is_nothing()
    }
}

/// The value of the first line of a card that is called `name`; empty if there is none. For cards that were checked.
pub fn card_line<'c>(card: &'c str, name: &str) -> &'c str {
    card.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap_or("")
}

/// How a member or an agency is named in a list: "M. Clarke", "CPFSA"; a person of another team with agency and team;
/// "–" for nobody.
pub fn owner_name(state: &State, owner: Option<ItemId>) -> Cow<'_, str> {
    let Some(owner) = owner else { return "–".into() };
    match state.item(owner) {
        Some(item) if item.kind == ItemKind::Member => item.str(Field::MemberName).into(),
        Some(item) if item.kind == ItemKind::Agency => item.str(Field::AgencyCode).into(),
        Some(item) if item.kind == ItemKind::Colleague => teams::colleague(state, item).into(),
        // Only whoever holds the recovery words writes for the team itself.
        Some(item) if item.kind == ItemKind::Team => "recovery words".into(),
        Some(_) => "–".into(),
        None => "someone at another team".into(),
    }
}

/// The agency's code of a member; empty if none.
pub fn agency_of(state: &State, member: ItemId) -> &str {
    let agency = Member::get(state, member).and_then(Member::agency).and_then(|agency| state.item(agency));
    agency.map_or("", |agency| agency.str(Field::AgencyCode))
}

/// True if something owned by `owner` is `me`'s business on a day: mine, my agency's, or that of somebody I cover for.
pub fn is_mine(state: &State, me: ItemId, owner: Option<ItemId>, on: NaiveDate) -> bool {
    let Some(owner) = owner else { return false };
    if owner == me || Member::get(state, me).and_then(Member::agency) == Some(owner) {
        return true;
    }
    Member::get(state, owner).and_then(|member| member.covered_by(on)) == Some(me)
}

/// The value of a field as people read it.
pub fn value_text(state: &State, pack: &super::pack::Pack, field: Field, value: &Value) -> String {
    use super::field::FieldType;
    let list = match field.def().ty {
        FieldType::Choice(list) | FieldType::Choices(list) => list,
        _ => "",
    };
    let person = matches!(field.def().ty, FieldType::Member | FieldType::Members | FieldType::Owner);
    let name = |item: &ItemId| if person { author_name(state, *item) } else { item_name(state, *item) };
    match value {
        Value::Nothing => String::new(),
        Value::Text(party) if matches!(field, Field::ReferralFrom | Field::ReferralTo | Field::CaseHolder) => {
            teams::party_name(state, party)
        }
        Value::Text(parties) if matches!(field, Field::ConsentTo | Field::ConsentKeepFrom | Field::NoteTellTo) => {
            super::telling::party_words(state, &super::telling::parties(parties))
        }
        Value::Text(_) if field == Field::DocumentKey => "(sealed)".to_owned(),
        // As they were said, not as they are kept; what can't be read says so itself.
        Value::Text(kept) if field == Field::ScreeningAnswers => match super::form::answers::Answers::read(kept) {
            Ok(answers) => {
                answers.iter().map(|it| format!("{} {}", it.text, it.shown())).collect::<Vec<_>>().join("\n")
            }
            Err(why) => format!("({why})"),
        },
        Value::Text(text) => text.to_string(),
        Value::Code(code) => pack.label(list, code).to_owned(),
        Value::Codes(codes) => codes.iter().map(|code| pack.label(list, code)).collect::<Vec<_>>().join(", "),
        Value::Date(_) => value.as_date().map(|date| date.format("%d %b %Y").to_string()).unwrap_or_default(),
        Value::When(_) => value
            .as_when()
            .map(|when| when.with_timezone(&super::dates::jamaica()).format("%d %b %Y %H:%M").to_string())
            .unwrap_or_default(),
        Value::Number(number) => number.to_string(),
        Value::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Item(item) => name(item),
        Value::Items(items) => items.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// How any item is named: a person's or agency's name, or the code.
pub fn item_name(state: &State, item: ItemId) -> String {
    match state.item(item).map(|item| item.kind) {
        Some(ItemKind::Member | ItemKind::Agency | ItemKind::Colleague | ItemKind::Team) => {
            owner_name(state, Some(item)).into_owned()
        }
        Some(ItemKind::Peer) => teams::peer_name(state, item),
        Some(_) => state.code(item).to_string(),
        None => "(not here)".to_owned(),
    }
}

/// How whoever wrote an entry is named; "someone at another team" where nothing names them.
pub fn author_name(state: &State, author: ItemId) -> String {
    owner_name(state, Some(author)).into_owned()
}
