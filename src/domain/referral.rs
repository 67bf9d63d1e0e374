//! Referrals: a case, or a part of it, that another team or an agency was asked to take up; and the answer.
//!
//! The way of a referral: sent → received → accepted → done, or declined with a reason, or revoked by whoever asked.

use chrono::{DateTime, TimeDelta, Utc};

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::pack::Pack;
use super::state::{Stamp, State};
use super::teams;
use super::views::{Case, Member};

/// How long an answer stands in the Today of whoever asked, until they have seen it.
pub const NEWS: TimeDelta = TimeDelta::days(30);

/// A referral.
#[derive(Clone, Copy, Debug)]
pub struct Referral<'a>(pub &'a Item);

impl<'a> Referral<'a> {
    /// A standing referral by its id.
    pub fn get(state: &'a State, id: ItemId) -> Option<Self> {
        state.item(id).filter(|item| item.kind == ItemKind::Referral && item.stands()).map(Self)
    }

    /// `refer` or `transfer`.
    pub fn kind(self) -> &'a str {
        self.0.str(Field::ReferralKind)
    }

    /// True if the other side was asked to take the whole case over.
    pub fn is_transfer(self) -> bool {
        self.kind() == "transfer"
    }

    /// Who asked: a team's root key; empty for a team that had no card yet.
    pub fn from(self) -> &'a str {
        self.0.str(Field::ReferralFrom)
    }

    /// Who was asked: a team's root key, or `agency:CODE`.
    pub fn to(self) -> &'a str {
        self.0.str(Field::ReferralTo)
    }

    /// What was asked for.
    pub fn service(self) -> &'a str {
        self.0.str(Field::ReferralService)
    }

    /// The category of help: a code of the pack's services; empty in older referrals and in transfers.
    pub fn category(self) -> &'a str {
        self.0.str(Field::ReferralCategory)
    }

    /// What was asked for in one line: the words, else the category's label; empty for a transfer without words.
    pub fn subject(self, pack: &'a Pack) -> &'a str {
        match (self.service(), self.category()) {
            ("", category) => pack.label(super::pack::SERVICES, category),
            (words, _) => words,
        }
    }

    /// The outcome's code, once it is done; empty if none was said.
    pub fn outcome(self) -> &'a str {
        self.0.str(Field::ReferralOutcome)
    }

    /// True if it stays in the parish: an agency was asked.
    pub fn is_inside(self) -> bool {
        teams::agency_code(self.to()).is_some()
    }

    /// The agency that was asked, where it is on this team's list.
    pub fn agency(self, state: &'a State) -> Option<&'a Item> {
        let code = teams::agency_code(self.to())?;
        state.items(ItemKind::Agency).find(|agency| agency.str(Field::AgencyCode) == code)
    }

    /// Who wrote it, if that is a member of this team.
    pub fn referrer(self, state: &State) -> Option<ItemId> {
        let stamp = self.0.created.and_then(|entry| state.stamp(entry))?;
        Member::get(state, stamp.author).filter(|member| !member.left()).map(|member| member.0.id)
    }

    /// The answer that whoever asked has not taken note of: when it was written. What they wrote down themselves they
    /// know, and after [`NEWS`] it is news no more.
    pub fn news(self, state: &State, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let answered = self.answered().filter(|_| matches!(self.state(), "accepted" | "declined" | "done"))?;
        let seen = self.0.value(Field::ReferralSeen).as_when();
        if !self.is_ours(state) || now - answered > NEWS || seen.is_some_and(|seen| seen >= answered) {
            return None;
        }
        let head = self.0.register(Field::ReferralState)?.heads().first()?;
        let by: Option<Stamp> = state.stamp(head.entry);
        (by.map(|by| by.author) != self.referrer(state)).then_some(answered)
    }

    /// True if its answer is late.
    pub fn is_late(self, now: DateTime<Utc>) -> bool {
        self.is_waiting() && self.due().is_some_and(|due| due < now)
    }

    /// Whom to turn to when no answer comes: of an agency whoever its card names, and who leads this team.
    pub fn above(self, state: &State) -> Vec<String> {
        let agency = self.agency(state).map(|agency| {
            let contact = [agency.str(Field::AgencyContact), agency.str(Field::AgencyPhone)];
            let said: Vec<&str> = contact.into_iter().filter(|part| !part.is_empty()).collect();
            (agency.str(Field::AgencyCode), said.join(" "))
        });
        let agency = agency.filter(|(_, said)| !said.is_empty()).map(|(code, said)| format!("{code}: {said}"));
        let leaders = Member::all(state).into_iter().filter(|member| member.leads());
        agency.into_iter().chain(leaders.map(|member| member.name().to_owned())).collect()
    }

    /// The agency of whoever asked, where an agency of the own parish was asked.
    pub fn by(self) -> &'a str {
        self.0.str(Field::ReferralBy)
    }

    /// Why.
    pub fn reason(self) -> &'a str {
        self.0.str(Field::ReferralReason)
    }

    /// The state's code. Taken back on one side goes before whatever the other answered without knowing of it.
    pub fn state(self) -> &'a str {
        let heads = self.0.register(Field::ReferralState).map_or(&[][..], super::item::Register::heads);
        if heads.iter().any(|head| head.value.as_str() == Some("revoked")) {
            return "revoked";
        }
        self.0.str(Field::ReferralState)
    }

    /// True until it is answered or taken back.
    pub fn is_waiting(self) -> bool {
        matches!(self.state(), "sent" | "received")
    }

    /// When it was sent.
    pub fn sent(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::ReferralSent).as_when()
    }

    /// By when an answer is expected.
    pub fn due(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::ReferralDue).as_when()
    }

    /// When it was answered.
    pub fn answered(self) -> Option<DateTime<Utc>> {
        self.0.value(Field::ReferralAnswered).as_when()
    }

    /// The words of the answer.
    pub fn answer(self) -> &'a str {
        self.0.str(Field::ReferralAnswer)
    }

    /// The case.
    pub fn case(self, state: &'a State) -> Option<Case<'a>> {
        Case::of_stream(state, self.0.stream)
    }

    /// True if our own team asked.
    pub fn is_ours(self, state: &State) -> bool {
        match self.from() {
            "" => !teams::made_elsewhere(state, self.0),
            from => teams::own_root(state) == Some(from),
        }
    }

    /// True if our own team answers: it was asked, or it asked one of its own parish's agencies and writes down what
    /// that agency says.
    pub fn is_for_us(self, state: &State) -> bool {
        match teams::agency_code(self.to()) {
            Some(_) => self.is_ours(state),
            None => teams::own_root(state) == Some(self.to()),
        }
    }

    /// How the other side is called: "Saint Mary", "MOH".
    pub fn other_side(self, state: &State) -> String {
        let party = if self.is_ours(state) { self.to() } else { self.from() };
        teams::party_name(state, party)
    }
}

/// The referrals of a case, the newest first.
pub fn referrals<'a>(state: &'a State, case: Case<'_>) -> Vec<Referral<'a>> {
    let mut all: Vec<Referral<'a>> = state.items_in(case.0.stream, ItemKind::Referral).map(Referral).collect();
    all.sort_by_key(|referral| std::cmp::Reverse((referral.sent(), referral.0.id)));
    all
}

/// What we asked for and nobody has answered, in cases that run; the first to be answered first.
pub fn awaiting_answer(state: &State) -> Vec<Referral<'_>> {
    waiting(state).filter(|referral| referral.is_ours(state)).collect()
}

/// What is late: those that we asked and that have not answered, and those whom we have not answered.
pub fn late(state: &State, now: DateTime<Utc>) -> Vec<Referral<'_>> {
    waiting(state).filter(|it| it.is_late(now) && (it.is_ours(state) || it.is_for_us(state))).collect()
}

/// What other teams asked us for and we have not answered, in cases that run; the first to be answered first.
pub fn to_answer(state: &State) -> Vec<Referral<'_>> {
    waiting(state).filter(|referral| !referral.is_ours(state) && referral.is_for_us(state)).collect()
}

fn waiting(state: &State) -> impl Iterator<Item = Referral<'_>> {
    let mut all: Vec<Referral<'_>> = state.items(ItemKind::Referral).map(Referral).collect();
    all.retain(|referral| referral.is_waiting() && referral.case(state).is_some_and(Case::runs));
    all.sort_by_key(|referral| (referral.due(), referral.0.id));
    all.into_iter()
}
