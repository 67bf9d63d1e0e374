//! Makes a bundle: what was chosen, checked at this moment, recorded, and only then handed out.
//!
//! The record comes with the bundle or not at all: referral, share, bundle and access are entries of one commit, and
//! the file lies in the vault's outbox before that commit, so that nothing that counts as sent can be missing.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::bundle::card::Card;
use crate::bundle::entries::{Body, Record};
use crate::bundle::heads::Head;
use crate::bundle::manifest::{CaseLine, Kind as BundleKind, Lane, Manifest, WriterLine};
use crate::bundle::relay::Object;
use crate::domain::class::Class;
use crate::domain::consent;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BundleId, EntryId, ItemId, RootId, StreamId};
use crate::domain::share::Share;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member, agency_of};
use crate::error::{AppError, Kind, Result};
use crate::log::entry::Header;
use crate::ops::{At, Plan, ReferralSend};
use crate::session::{PeerInfo, Session};
use crate::vault::keys::identity::Recipient;
use crate::vault::{LoadedBody, OutgoingBody, Raw};

use super::answer::{Answered, cases_of};
use super::documents;
use super::pack::Packed;
use super::post::Parcel;
use super::preview::{Preview, preview};
use super::select::{Choice, Selected, select};

/// What somebody wants to send.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// To whom.
    pub peer: Option<ItemId>,
    /// The case; for an update or a receipt `None` means every case that is shared with them.
    pub case: Option<ItemId>,
    /// The redaction profile's code (of a referral or transfer).
    pub profile: String,
    /// Single things that stay, though their kind of data leaves.
    pub keep_back: Vec<ItemId>,
    /// Things with the child's own words that leave although the child did not say that they may: each was chosen.
    pub let_go: Vec<ItemId>,
    /// Which of the child's own words leave besides.
    pub views: Views,
    /// The kind of help: a code of the pack's services; may be empty.
    pub category: String,
    /// What is asked for.
    pub service: String,
    /// A code of the list `priority`.
    pub urgency: String,
    /// Why.
    pub reason: String,
    /// The law asks for it: no consent is needed.
    pub mandatory: bool,
    /// Of figures: nobody else leads the team, and one person releases what they prepared themselves.
    pub alone: bool,
    /// Why it goes though consent is missing, or nobody compared words with them; empty: it does not.
    pub override_reason: String,
}

/// Which of the child's own words leave, where their kind of data does at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Views {
    /// What the child agreed this team may be told.
    #[default]
    Agreed,
    /// Also what the child wanted to be asked about first: they were asked now.
    Asked,
    /// All of them, also what the child wanted nobody to be told.
    All,
}

/// A bundle that was made.
#[derive(Clone)]
pub struct Sent {
    /// Its item.
    pub item: ItemId,
    /// Its id.
    pub id: BundleId,
    /// The file.
    pub bytes: Vec<u8>,
    /// A name for the file that tells nothing but the parish that it goes to.
    pub file_name: String,
    /// One sentence.
    pub says: String,
}

/// Without the file's bytes.
impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sent({}, {} bytes: {})", self.id, self.bytes.len(), self.says)
    }
}

/// What the rules allow to be sent.
struct Allowed {
    peer: PeerInfo,
    case: StreamId,
    /// Something was in the way, and a reason was given.
    overridden: bool,
}

/// What is shared of one case.
pub(super) struct Part {
    pub stream: StreamId,
    pub profile: String,
    pub classes: BTreeSet<Class>,
    pub keep_back: HashSet<ItemId>,
    /// Things whose words of the child may leave.
    pub told: HashSet<ItemId>,
    pub held: HashSet<EntryId>,
    pub everybody: bool,
    /// Where some: only the words of these entries leave.
    pub only: Option<HashSet<EntryId>>,
}

/// Everything that goes into a bundle.
#[derive(Default)]
struct Contents {
    records: Vec<Record>,
    heads: Vec<Head>,
    cases: Vec<CaseLine>,
    authors: BTreeSet<ItemId>,
    /// The entries whose words leave and which bring a document.
    documents: Vec<EntryId>,
    new_of_ours: usize,
}

impl Session {
    /// What would leave and what would stay, after every rule was asked. Nothing is made.
    ///
    /// # Errors
    /// [`Kind::Refused`] with what to do instead, as [`Session::refer`] would refuse.
    pub fn preview_referral(&mut self, wish: &Wish, transfer: bool) -> Result<Preview> {
        let Allowed { peer, case, .. } = self.may_refer(wish, transfer)?;
        let classes = self.profile_classes(&wish.profile)?;
        let part = self.referral_part(wish, case, &classes);
        let mut seen = preview(self, case, &part);
        seen.remarks = self.remarks(&peer, case, &classes, transfer);
        seen.show_as_existing = self.select_part(&part, self.vault.id())?.withheld;
        seen.readers = who_reads(&peer.name, self.is_restricted(case));
        Ok(seen)
    }

    /// Refers a case to another team, or hands it over, and makes the bundle that carries it.
    ///
    /// # Errors
    /// [`Kind::Refused`] by a rule; [`Kind::Io`]: then nothing was recorded and nothing leaves.
    pub fn refer(&mut self, wish: &Wish, transfer: bool) -> Result<Sent> {
        let Allowed { peer, case, overridden } = self.may_refer(wish, transfer)?;
        let classes = self.profile_classes(&wish.profile)?;
        let part = self.referral_part(wish, case, &classes);
        let to = crate::bundle::card::hex(&card_of(&peer)?.says().root);
        self.all_or_nothing(|session| {
            // A report that the law asks for is no question, and waits for no answer.
            if !wish.mandatory {
                session.run(ReferralSend {
                    case: case.item(),
                    to: to.clone(),
                    kind: if transfer { "transfer" } else { "refer" }.to_owned(),
                    category: wish.category.clone(),
                    service: wish.service.clone(),
                    urgency: wish.urgency.clone(),
                    reason: wish.reason.clone(),
                    override_reason: if overridden { wish.override_reason.clone() } else { String::new() },
                })?;
            }
            session.record_share(&peer, &part, true)?;
            let why = why(wish, overridden).filter(|_| session.is_restricted(case));
            let detail = why.map_or_else(|| wish.profile.clone(), |why| format!("{}: {why}", wish.profile));
            let detail = session.with_views(detail, wish);
            session.note_access("export", case.item(), &detail)?;
            let kind = if transfer { BundleKind::Transfer } else { BundleKind::Refer };
            let sent = session.make(&peer, kind, &[part], None)?;
            session.note_why(sent.item, wish, overridden)?;
            Ok(sent)
        })
    }

    /// Keeps why a bundle left where a rule was in the way, or the law asked for it.
    pub(super) fn note_why(&mut self, bundle: ItemId, wish: &Wish, overridden: bool) -> Result<()> {
        let Some(why) = why(wish, overridden) else { return Ok(()) };
        let Some(item) = self.state.item(bundle) else { return Ok(()) };
        // All of the team reads this; a restricted case's own record has the words.
        let only_for_some = cases_of(item).any(|case| self.is_restricted(case));
        let why = if only_for_some { "why it left stands on the case's own record".to_owned() } else { why };
        let at = At::of(item);
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::BundleNote, Value::text(&crate::domain::clean::prose_owned(&why)));
        self.write(plan.facts).map(drop)
    }

    /// Sends a team what is new to them in the cases that we share.
    ///
    /// # Errors
    /// [`Kind::Refused`] if nothing is new, or nothing is shared; [`Kind::Io`].
    pub fn update(&mut self, wish: &Wish) -> Result<Sent> {
        let peer = self.addressee(wish)?;
        let case = wish.case.map(|case| [StreamId(case.0)]);
        let parts = self.shared_parts(&peer, case.as_ref().map(<[StreamId; 1]>::as_slice))?;
        let mut sent = self.all_or_nothing(|session| session.make(&peer, BundleKind::Update, &parts, None))?;
        let left = self.parts_of(&peer, case.as_ref().map(<[StreamId; 1]>::as_slice)).0.len() > parts.len();
        if left {
            sent.says.push_str(" What is only for some of the team goes by itself: name the case.");
        }
        Ok(sent)
    }

    /// The team that a wish names.
    pub(super) fn addressee(&self, wish: &Wish) -> Result<PeerInfo> {
        let peer = wish.peer.ok_or_else(|| {
            AppError::new(Kind::Refused, "To which team?", "`mahoe peer list` shows those that can be sent to.")
        })?;
        let peer = self.peer(peer)?;
        if !peer.alarm.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                format!("Another key was shown in the name of {}: nothing is sent until that is settled.", peer.name),
                "Call them on a number that you had before, compare the words again (mahoe peer verify), then send.",
            ));
        }
        Ok(peer)
    }

    /// Every rule of sending a case, asked at this moment.
    fn may_refer(&self, wish: &Wish, transfer: bool) -> Result<Allowed> {
        let peer = self.addressee(wish)?;
        let case = wish.case.and_then(|case| Case::get(&self.state, case)).ok_or_else(|| {
            AppError::new(Kind::Refused, "There is no such case here.", "Look in the list for its code.")
        })?;
        let leads = Member::get(&self.state, self.me).is_some_and(Member::leads);
        if transfer && wish.mandatory {
            return Err(AppError::new(
                Kind::Refused,
                "A report that the law asks for hands nothing over.",
                "Send it as a referral, or hand the case over with consent.",
            ));
        }
        if transfer && !leads {
            return Err(AppError::new(
                Kind::Refused,
                "Only a coordinator or a deputy can hand a case over.",
                "Refer it, or ask one of them.",
            ));
        }
        if case.is_restricted() {
            leaders_of(&peer)?;
        }
        let in_the_way = self.in_the_way(&peer, case, wish, transfer);
        let overridden = in_the_way.is_some();
        if let Some(obstacle) = in_the_way {
            if wish.override_reason.trim().is_empty() {
                return Err(obstacle);
            }
            if !leads {
                return Err(AppError::new(
                    Kind::Refused,
                    "Only a coordinator or a deputy can send where a rule is in the way.",
                    "Ask one of them, or settle what is in the way.",
                ));
            }
        }
        Ok(Allowed { peer, case: case.0.stream, overridden })
    }

    /// What only a coordinator's or deputy's reason overrides: words that nobody compared, consent that is not there.
    fn in_the_way(&self, peer: &PeerInfo, case: Case<'_>, wish: &Wish, transfer: bool) -> Option<AppError> {
        if peer.verified.is_none() {
            return Some(AppError::new(
                Kind::Refused,
                format!("Nobody has compared words with {} yet.", peer.name),
                "Call them and compare (mahoe peer verify). Where it can't wait, a coordinator gives a reason.",
            ));
        }
        // A report that the law asks for needs nobody's consent.
        if wish.mandatory {
            return None;
        }
        let kind = if transfer { "transfer" } else { "refer" };
        let lacking = consent::lacking_for(&self.state, case, (kind, self.root_of(peer)), self.today_date());
        if lacking.is_empty() {
            return None;
        }
        let words: Vec<String> = lacking
            .iter()
            .map(|(scope, standing)| format!("{} {}", consent::scope_word(scope), standing.why_not()))
            .chain(self.named_for(case, &lacking))
            .collect();
        Some(AppError::new(
            Kind::Refused,
            format!("There is no consent in case {}: {}.", self.state.code(case.0.id), words.join("; ")),
            if lacking.iter().any(|(_, standing)| matches!(standing, consent::Standing::Kept)) {
                "Whoever asked for that can say that it no longer holds (mahoe consent lift). Where it can't wait, a coordinator gives a reason."
            } else {
                "Ask, and record it (mahoe consent record). Where it can't wait, a coordinator gives a reason."
            },
        ))
    }

    fn profile_classes(&self, code: &str) -> Result<BTreeSet<Class>> {
        let profile = self.pack.profile(code).ok_or_else(|| {
            let known: Vec<&str> = self.pack.profiles.iter().map(|profile| profile.code.as_str()).collect();
            AppError::new(
                Kind::Refused,
                format!("The policy has no profile called \"{code}\"."),
                format!("Use one of: {}.", known.join(", ")),
            )
        })?;
        let mut classes: BTreeSet<Class> = profile.classes.iter().copied().collect();
        // Who is around the child says who the child is: where that is withheld, so are they.
        if !classes.contains(&Class::Identity) {
            classes.retain(|class| !matches!(class, Class::People | Class::Reporter));
        }
        Ok(classes)
    }

    fn referral_part(&self, wish: &Wish, case: StreamId, classes: &BTreeSet<Class>) -> Part {
        // What the other team was given before, it keeps being given.
        let before = wish.peer.and_then(|peer| Share::with(&self.state, case, peer));
        let mut classes = classes.clone();
        classes.extend(before.map(Share::classes).unwrap_or_default());
        let root = wish.peer.and_then(|peer| self.state.item(peer)).map_or("", |peer| peer.str(Field::PeerRoot));
        self.without_kept(case, root, &mut classes);
        Part {
            stream: case,
            profile: wish.profile.clone(),
            classes,
            told: self.told(case, root, wish),
            // What was kept back before stays so.
            keep_back: wish.keep_back.iter().copied().chain(before.map(Share::withheld).unwrap_or_default()).collect(),
            held: HashSet::new(),
            everybody: true,
            only: None,
        }
    }

    /// What is shared with a team and may be told: of these cases, or of all.
    fn shared_parts(&self, peer: &PeerInfo, cases: Option<&[StreamId]>) -> Result<Vec<Part>> {
        if peer.verified.is_none() {
            return Err(AppError::new(
                Kind::Refused,
                format!("Nobody has compared words with {} yet.", peer.name),
                "Call them and compare (mahoe peer verify), then send what is new.",
            ));
        }
        let (told, silent) = self.parts_of(peer, cases);
        let told = self.apart(told);
        if let (true, Some(silent)) = (told.is_empty(), silent.first()) {
            return Err(AppError::new(
                Kind::Refused,
                self.nothing_more(peer, *silent),
                "Tell them so by telephone; if the family agrees again, record it (mahoe consent record).",
            ));
        }
        if told.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                format!("No such case is shared with {}.", peer.name),
                "Refer it first: an update carries only what they may see already.",
            ));
        }
        Ok(told)
    }

    /// What may be told in an answer. To whom nobody compared words, only that their bundle came is told; and of a case
    /// that may not be told of, only that it came.
    pub(super) fn answer_parts(&self, peer: &PeerInfo, cases: &[StreamId]) -> Vec<Part> {
        if peer.verified.is_some() { self.apart(self.parts_of(peer, Some(cases)).0) } else { Vec::new() }
    }

    /// What all of the other team may read never goes together with what only their leaders may: of both, the first.
    fn apart(&self, parts: Vec<Part>) -> Vec<Part> {
        let (some, all): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| self.is_restricted(part.stream));
        if all.is_empty() { some } else { all }
    }

    /// True for a case that only some of us may read.
    pub(super) fn is_restricted(&self, case: StreamId) -> bool {
        self.state.item(case.item()).is_some_and(|item| Case(item).is_restricted())
    }

    /// Of the cases that are shared with a team: what may be told, and those of which nothing more may be because consent
    /// to telling others was taken back.
    fn parts_of(&self, peer: &PeerInfo, cases: Option<&[StreamId]>) -> (Vec<Part>, Vec<StreamId>) {
        let mut parts = (Vec::new(), Vec::new());
        for share in Share::of_peer(&self.state, peer.item) {
            let stream = share.0.stream;
            if cases.is_some_and(|cases| !cases.contains(&stream)) {
                continue;
            }
            let root = self.root_of(peer);
            let told = Case::of_stream(&self.state, stream)
                .is_none_or(|case| !consent::telling_to(&self.state, case, root, self.today_date()).says_no());
            if told {
                let mut classes = share.classes();
                self.without_kept(stream, root, &mut classes);
                parts.0.push(Part {
                    stream,
                    profile: share.0.str(Field::ShareProfile).to_owned(),
                    classes,
                    keep_back: share.withheld(),
                    told: self.told(stream, root, &Wish::default()),
                    held: share.heads(),
                    everybody: false,
                    only: None,
                });
            } else {
                parts.1.push(stream);
            }
        }
        parts
    }

    fn select_part(&mut self, part: &Part, theirs: crate::domain::ids::VaultId) -> Result<Selected> {
        let raw = self.raw(part.stream)?;
        let state = &self.state;
        let choice = Choice {
            classes: &|class| part.classes.contains(&class),
            keep_back: &part.keep_back,
            told: &part.told,
            held: &part.held,
            everybody: part.everybody,
            own: self.vault.id(),
            theirs,
            set_aside: &|entry| state.is_set_aside(entry),
            only: part.only.as_ref(),
        };
        Ok(select(raw, &choice))
    }

    /// Every entry of a stream with its body, also what is held back for the commit that is being made.
    pub(super) fn raw(&mut self, stream: StreamId) -> Result<Vec<Raw>> {
        let blocks = self.blocks.get(&stream).cloned().unwrap_or_default();
        let mut raw = self.vault.raw_of(stream, &blocks)?;
        raw.retain(|raw| self.ledger.contains(raw.id));
        for held in self.held_back.iter().flatten().filter(|held| held.header.stream == stream) {
            let body = match &held.body {
                OutgoingBody::Present(bytes) => Ok(bytes.clone()),
                OutgoingBody::Withheld => Err(LoadedBody::Withheld),
                OutgoingBody::Destroyed => Err(LoadedBody::Destroyed),
            };
            raw.push(Raw { id: held.header.id(), header: held.header.clone(), signature: held.signature, body });
        }
        Ok(raw)
    }

    /// Notes that a team holds a case too, and which kinds of its data.
    fn record_share(&mut self, peer: &PeerInfo, part: &Part, ours: bool) -> Result<()> {
        let before = Share::with(&self.state, part.stream, peer.item).map(|share| At::of(share.0));
        let mut plan = Plan::default();
        let at = if let Some(at) = before {
            at
        } else {
            let at = At { stream: part.stream, item: self.new_id(), class: Class::Links };
            plan.create(at, ItemKind::Share);
            plan.set(&self.state, at, Field::SharePeer, Value::Item(peer.item));
            plan.set(&self.state, at, Field::ShareSince, Value::When(self.now().timestamp_millis()));
            plan.set(&self.state, at, Field::ShareOurs, Value::YesNo(ours));
            at
        };
        let withheld: Vec<String> =
            part.keep_back.iter().map(ToString::to_string).collect::<BTreeSet<_>>().into_iter().collect();
        // What they were given once they may go on writing, though no more of it is sent.
        let mut classes = part.classes.clone();
        classes.extend(Share::with(&self.state, part.stream, peer.item).map(Share::classes).unwrap_or_default());
        plan.set(&self.state, at, Field::ShareClasses, Value::text(&Share::classes_text(&classes)));
        plan.set(&self.state, at, Field::ShareProfile, Value::text(&part.profile));
        plan.set(&self.state, at, Field::ShareWithheld, Value::text(&withheld.join(" ")));
        self.write(plan.facts).map(drop)
    }

    pub(super) fn new_id(&mut self) -> ItemId {
        let mut id = [0; 16];
        self.vault.random(&mut id);
        ItemId(id)
    }

    pub(super) fn make(
        &mut self,
        peer: &PeerInfo,
        kind: BundleKind,
        parts: &[Part],
        answers: Option<&Answered>,
    ) -> Result<Sent> {
        let theirs = card_of(peer)?;
        let mut contents = self.gather(parts, &theirs)?;
        if let Some(answers) = answers {
            self.name_cases(&mut contents, &answers.cases);
        }
        if kind == BundleKind::Update && contents.new_of_ours == 0 {
            return Err(AppError::new(
                Kind::Refused,
                format!("Nothing is new for {}: they told us that they hold all of it.", peer.name),
                "Send an update once something was written.",
            ));
        }
        let Contents { records, heads, cases, authors, documents, .. } = contents;
        let answers = answers.map(|answers| answers.bundle);
        let leaders = !parts.is_empty() && parts.iter().all(|part| self.is_restricted(part.stream));
        self.post(peer, Parcel { answers, cases, authors, records, heads, leaders, documents, ..Parcel::of(kind) })
    }

    fn gather(&mut self, parts: &[Part], theirs: &Card) -> Result<Contents> {
        let mut contents = Contents::default();
        let mut heads: BTreeMap<(StreamId, u8), Vec<EntryId>> = BTreeMap::new();
        for part in parts {
            let selected = self.select_part(part, theirs.says().vault)?;
            if selected.unreadable > 0 {
                // They would count as sent, and never be sent again.
                return Err(AppError::new(
                    Kind::Refused,
                    format!("Some words of case {} can't be read here.", self.state.code(part.stream.item())),
                    "Have somebody send it who can read all of it, or run `mahoe vault verify`.",
                ));
            }
            contents.new_of_ours += selected.new_of_ours;
            for record in selected.records {
                let header = Header::decode(&record.header).expect("we encoded it");
                // Whose words stay is not told either.
                if let Body::Open(bytes) = &record.body {
                    contents.authors.insert(header.author);
                    contents.documents.extend(documents::brings(bytes).then(|| header.id()));
                }
                // Nobody ever reads a sealed body in a bundle between parishes.
                debug_assert!(!matches!(record.body, Body::Sealed(..)));
                contents.records.push(record);
            }
            for (class, ids) in selected.heads {
                heads.insert((part.stream, class.number()), ids);
            }
            contents.cases.push(self.case_line(part.stream, &part.profile));
        }
        contents.cases.sort_by_key(|line| line.stream);
        contents.heads = heads.into_iter().map(|((stream, class), entries)| Head { stream, class, entries }).collect();
        Ok(contents)
    }

    fn case_line(&self, stream: StreamId, profile: &str) -> CaseLine {
        let profile = if profile.is_empty() { "-" } else { profile };
        CaseLine { stream, profile: profile.to_owned(), code: self.state.code(stream.item()).to_string() }
    }

    /// Names cases of which nothing is told.
    fn name_cases(&self, contents: &mut Contents, cases: &[StreamId]) {
        for stream in cases {
            if contents.cases.iter().all(|line| line.stream != *stream) {
                contents.cases.push(self.case_line(*stream, "-"));
            }
        }
        contents.cases.sort_by_key(|line| line.stream);
    }

    /// The next place in the row from this device to a team.
    pub(super) fn next_lane(&self, peer: ItemId) -> Lane {
        let device = self.vault.participant().device().device_id().to_string();
        let sent = self.state.items(ItemKind::Bundle).filter(|item| {
            item.value(Field::BundleOurs) == Value::YesNo(true)
                && item.value(Field::BundlePeer).as_item() == Some(peer)
                && item.str(Field::BundleDevice) == device
        });
        let number = |item: &&crate::domain::item::Item| item.value(Field::BundleLane).as_number().unwrap_or(0);
        let Some(last) = sent.max_by_key(number) else { return Lane { number: 1, before: [0; 32] } };
        let before = EntryId::from_hex(last.str(Field::BundleHash)).map_or([0; 32], |hash| hash.0);
        Lane { number: u64::try_from(number(&last)).unwrap_or(0) + 1, before }
    }

    /// Who wrote what leaves, as the receiver is to show them.
    pub(super) fn writers(&self, authors: &BTreeSet<ItemId>, mine: &Card) -> Result<Vec<WriterLine>> {
        let mut writers = Vec::with_capacity(authors.len());
        for author in authors {
            let Some(item) = self.state.item(*author) else { continue };
            let (name, agency, root) = match item.kind {
                ItemKind::Member => {
                    let agency = agency_of(&self.state, *author).to_owned();
                    (item.str(Field::MemberName).to_owned(), agency, mine.says().root_id())
                }
                ItemKind::Colleague => {
                    let Some(peer) = item.value(Field::ColleaguePeer).as_item() else { continue };
                    let agency = item.str(Field::ColleagueAgency).to_owned();
                    (item.str(Field::ColleagueName).to_owned(), agency, self.peer_card(peer)?.says().root_id())
                }
                _ => continue,
            };
            let agency = (!agency.is_empty()).then_some(agency);
            writers.push(WriterLine { member: *author, root, agency, name });
        }
        Ok(writers)
    }

    /// The cards that a bundle brings along: ours, and that of every team whose people wrote in it.
    pub(super) fn cards_of(&self, writers: &[WriterLine], mine: Card) -> Vec<Card> {
        let roots: BTreeSet<RootId> = writers.iter().map(|writer| writer.root).collect();
        let mut cards = vec![mine];
        for peer in self.peers() {
            if let Some(card) = peer.card.filter(|card| roots.contains(&card.says().root_id())) {
                cards.push(card);
            }
        }
        cards.sort_by_key(|card| card.says().root_id());
        cards.dedup_by_key(|card| card.says().root_id());
        cards
    }

    pub(super) fn record_sent(&mut self, peer: &PeerInfo, manifest: &Manifest, packed: &Packed) -> Result<ItemId> {
        let at = At { stream: self.state.team_stream(), item: self.new_id(), class: Class::Links };
        let cases: Vec<String> = manifest.cases.iter().map(|line| line.stream.to_string()).collect();
        let mut plan = Plan::default();
        plan.create(at, ItemKind::Bundle);
        let values = [
            (Field::BundleOurs, Value::YesNo(true)),
            (Field::BundleKind, Value::text(manifest.kind.name())),
            (Field::BundlePeer, Value::Item(peer.item)),
            (Field::BundleCases, Value::text(&cases.join(" "))),
            (Field::BundleId, Value::text(&manifest.id.to_string())),
            (Field::BundleLane, Value::Number(i64::try_from(manifest.lane.number).unwrap_or(i64::MAX))),
            (Field::BundleDevice, Value::text(&self.vault.participant().device().device_id().to_string())),
            (Field::BundleHash, Value::text(&EntryId(packed.hash).to_string())),
            (Field::BundleMade, Value::When(manifest.made.timestamp_millis())),
            // By which it is cleared away wherever it lies, once it is answered.
            (Field::BundleObject, Value::text(&Object::of(&packed.bytes).to_string())),
        ];
        for (field, value) in values {
            plan.set(&self.state, at, field, value);
        }
        if let Some(answers) = manifest.answers {
            plan.set(&self.state, at, Field::BundleAnswers, Value::text(&answers.to_string()));
        }
        self.write(plan.facts)?;
        self.undo.clear();
        Ok(at.item)
    }
}

/// Why a bundle leaves where a rule was in the way, or the law asks for it.
fn why(wish: &Wish, overridden: bool) -> Option<String> {
    match (wish.mandatory, overridden) {
        (true, _) => Some(format!("the law asks for it: {} {}", wish.reason, wish.override_reason)),
        (false, true) => Some(format!("sent all the same: {}", wish.override_reason)),
        (false, false) => None,
    }
}

/// Who over there can read what is sent, in a sentence.
fn who_reads(team: &str, restricted: bool) -> String {
    if restricted {
        return format!("Only coordinators and deputies of {team} can open it, and there it stays with them.");
    }
    format!("Everybody on the team of {team} can read it.")
}

/// Whom to seal to what only some of us may read: the other team's coordinators and deputies. No reason goes before this:
/// whose key it is must be sure.
///
/// # Errors
/// [`Kind::Refused`] while nobody compared words with them, or their card names no such key.
pub(super) fn leaders_of(peer: &PeerInfo) -> Result<Recipient> {
    if peer.verified.is_none() {
        return Err(AppError::new(
            Kind::Refused,
            format!("Nobody has compared words with {} yet, and the case is only for some of this team.", peer.name),
            "Call their coordinator and compare (mahoe peer verify), then send.",
        ));
    }
    card_of(peer)?.says().leaders.clone().ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            format!("The case is only for some of this team, and all of {} could read it by the card that is here.", peer.name),
            "Ask their coordinator for their newest card (mahoe peer card), as a file, and add it (mahoe peer add): it has a key for coordinators and deputies alone.",
        )
    })
}

/// The card of a team in the list.
pub(super) fn card_of(peer: &PeerInfo) -> Result<Card> {
    peer.card.clone().ok_or_else(|| {
        AppError::new(Kind::Damaged, "The team's card on record can't be read.", "Ask them for their card again.")
    })
}
