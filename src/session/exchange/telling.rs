//! What may leave of a case by what people agreed to: nothing that is kept from a team, and of the child's own words what
//! the child said that this team may be told. The preview says why the rest stays.

use std::collections::{BTreeSet, HashSet};

use crate::domain::class::Class;
use crate::domain::consent::{self, Consent};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::teams;
use crate::domain::telling::{self, MayTell};
use crate::domain::views::Case;
use crate::session::{PeerInfo, Session};
use crate::text::counted;

use super::Wish;
use super::send::Views;

impl Session {
    /// The key by which entries name a team.
    pub(super) fn root_of(&self, peer: &PeerInfo) -> &str {
        self.state.item(peer.item).map_or("", |peer| peer.str(Field::PeerRoot))
    }

    /// Takes out what is kept of a case from a team.
    pub(super) fn without_kept(&self, case: StreamId, root: &str, classes: &mut BTreeSet<Class>) {
        let Some(case) = Case::of_stream(&self.state, case) else { return };
        let kept = telling::kept_from(&self.state, case, root);
        // Where all of it is kept, only a reason on record lets anything out; then what is named still stays.
        classes.retain(|class| !kept.classes.contains(class));
    }

    /// Things whose words of the child may leave for a team: what the child said that they may be told, and what was
    /// chosen.
    pub(super) fn told(&self, case: StreamId, root: &str, wish: &Wish) -> HashSet<ItemId> {
        let Some(case) = Case::of_stream(&self.state, case) else { return HashSet::new() };
        let may = |item: &&crate::domain::item::Item| {
            telling::may_be_told(item, root)
                || wish.let_go.contains(&item.id)
                || match wish.views {
                    Views::Agreed => false,
                    Views::Asked => MayTell::of(item) != MayTell::Nobody,
                    Views::All => true,
                }
        };
        telling::of_the_child(&self.state, case).filter(may).map(|item| item.id).collect()
    }

    /// An export's detail for the record: also how many of the child's words left without the child having said so.
    pub(super) fn with_views(&self, detail: String, wish: &Wish) -> String {
        let Some(case) = wish.case.and_then(|case| Case::get(&self.state, case)) else { return detail };
        let root = wish.peer.and_then(|peer| self.state.item(peer)).map_or("", |peer| peer.str(Field::PeerRoot));
        let told = self.told(case.0.stream, root, wish);
        let chosen = telling::of_the_child(&self.state, case)
            .filter(|item| told.contains(&item.id) && !telling::may_be_told(item, root))
            .count();
        if chosen == 0 { detail } else { format!("{detail}; the child's words, by choice: {chosen}") }
    }

    /// Why something of what the profile lets out stays, in sentences; and what they will not know over there.
    pub(super) fn remarks(
        &self,
        peer: &PeerInfo,
        case: StreamId,
        profile: &BTreeSet<Class>,
        transfer: bool,
    ) -> Vec<String> {
        let Some(case) = Case::of_stream(&self.state, case) else { return Vec::new() };
        let root = self.root_of(peer);
        let mut remarks = Vec::new();
        let kept = telling::kept_from(&self.state, case, root);
        if !kept.is_nothing() {
            remarks.push(format!("Kept from {}: {}", teams::peer_name(&self.state, peer.item), kept.words()));
        }
        if profile.contains(&Class::Views) {
            let count = |wanted: &[MayTell]| {
                let all = telling::of_the_child(&self.state, case).filter(|item| !telling::may_be_told(item, root));
                all.filter(|item| wanted.contains(&MayTell::of(item))).count()
            };
            let (ask, nobody) = (count(&[MayTell::Ask, MayTell::Team, MayTell::Named]), count(&[MayTell::Nobody]));
            if ask > 0 {
                let things = counted(ask, "thing that the child said", "things that the child said");
                remarks.push(format!("Only after asking the child: {things}"));
            }
            if nobody > 0 {
                let things = counted(nobody, "thing that the child said is", "things that the child said are");
                remarks.push(format!("{things} for nobody"));
            }
        }
        let others: Vec<String> = telling::kept(&self.state, case)
            .iter()
            .filter(|kept| transfer && !kept.is_from(&self.state, root))
            .map(|kept| format!("{} from {}", kept.what_words(), telling::party_words(&self.state, &kept.from)))
            .collect();
        if !others.is_empty() {
            remarks.push(format!("They don't learn what is kept from whom, so tell them: {}", others.join("; ")));
        }
        remarks
    }

    /// That nothing more leaves of a case for a team, and why.
    pub(super) fn nothing_more(&self, peer: &PeerInfo, case: StreamId) -> String {
        let why = Case::of_stream(&self.state, case).map_or_else(String::new, |case| {
            let standing = consent::telling_to(&self.state, case, self.root_of(peer), self.today_date());
            match standing {
                consent::Standing::Withdrawn(_) => "consent to telling others was withdrawn".to_owned(),
                consent::Standing::Refused(_) => "consent to telling others was not given".to_owned(),
                consent::Standing::Kept => {
                    format!("all of it is to be kept from {}", teams::peer_name(&self.state, peer.item))
                }
                _ => {
                    let named = telling::named(&self.state, case, self.today_date()).unwrap_or_default();
                    format!("it may be told to {} alone", telling::party_words(&self.state, &named))
                }
            }
        });
        format!("Nothing more leaves of case {}: {why}.", self.state.code(case.item()))
    }

    /// To whom alone a case may be told, where that is what is in the way.
    pub(super) fn named_for(&self, case: Case<'_>, lacking: &[(&str, consent::Standing<'_>)]) -> Option<String> {
        let for_others = lacking.iter().any(|(_, standing)| matches!(standing, consent::Standing::ForOthers(_)));
        let named = telling::named(&self.state, case, self.today_date()).filter(|_| for_others)?;
        Some(format!("it may be told to {} alone", telling::party_words(&self.state, &named)))
    }

    /// The cases of children for whom use in reports was refused, or is no longer agreed to.
    pub(super) fn declined(&self) -> HashSet<StreamId> {
        let said = |consent: &Consent<'_>| consent.withdrawn().is_some() || consent.refuses(consent::REPORTING);
        let streams: HashSet<StreamId> =
            self.state.items(ItemKind::Consent).map(Consent).filter(said).map(|consent| consent.0.stream).collect();
        let no = |stream: &StreamId| {
            Case::of_stream(&self.state, *stream).is_some_and(|case| {
                consent::consent(&self.state, case, consent::REPORTING, self.today_date()).says_no()
            })
        };
        streams.into_iter().filter(no).collect()
    }
}
