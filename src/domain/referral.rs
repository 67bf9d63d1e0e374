//! Referrals: a case, or a part of it, that another team or an agency was asked to take up; and the answer.
//!
//! The way of a referral: sent → received → accepted → done, or declined with a reason, or revoked by whoever asked.

use chrono::{DateTime, Utc};

use super::field::{Field, ItemKind};
use super::ids::ItemId;
use super::item::Item;
use super::state::State;
use super::teams;
use super::views::Case;

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
