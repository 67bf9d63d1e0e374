//! What a dishonest team, known and verified, might send: each bundle is authentic, and refused for what it says.

use super::pack::pack;
use super::tests::{agree, two_teams, wish};
use crate::bundle::card::Card;
use crate::bundle::entries::{Body, Record};
use crate::bundle::heads::Head;
use crate::bundle::manifest::{Addressee, CaseLine, Kind as BundleKind, Lane, Manifest, Part, Sender};
use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{BundleId, EntryId, ItemId, StreamId};
use crate::domain::value::Value;
use crate::error::Kind;
use crate::log::entry::Header;
use crate::log::{codec, sign};
use crate::session::Session;
use crate::testing::team::case;

/// An entry as this session's device would sign it, with whatever the header is changed to.
pub(super) fn forge(
    session: &mut Session,
    stream: StreamId,
    class: Class,
    facts: &[Fact],
    change: impl FnOnce(&mut Header),
) -> Record {
    let body = codec::encode_body([7; codec::SALT], facts).expect("small");
    let device = session.vault.participant().device().device_id();
    let next = session.ledger.next((device, stream, class));
    let mut header = Header {
        vault: session.vault.id(),
        device,
        author: session.me(),
        stream,
        class,
        sequence: next.sequence,
        previous: next.previous,
        lamport: next.lamport,
        wall: session.now().timestamp_millis(),
        parents: next.parents,
        body_length: u32::try_from(body.len()).expect("small"),
        body_hash: *blake3::hash(&body).as_bytes(),
    };
    change(&mut header);
    let bytes = header.encode();
    let signature = session.vault.with_signer(|signer, _| signer.sign(&sign::message(&bytes)));
    Record { header: bytes, signature, body: Body::Open(zeroize::Zeroizing::new(body)) }
}

/// A bundle of these records from one team to another.
pub(super) fn bundle(from: &mut Session, to: ItemId, kind: BundleKind, records: &[Record]) -> Vec<u8> {
    bundle_telling(from, to, kind, records, &[])
}

/// A bundle of these cards and parts, beside the sender's own card.
pub(super) fn bundle_with(
    from: &mut Session,
    to: ItemId,
    kind: BundleKind,
    cards: &[Card],
    parts: &[(Part, Vec<u8>)],
) -> Vec<u8> {
    let mut manifest = manifest(from, to, kind, &[]);
    manifest.id = BundleId([8; 16]);
    let mine = from.card(false).expect("a card");
    pack(from, &manifest, &Vec::new(), &[], &[&[mine][..], cards].concat(), parts, Vec::new()).expect("packed").bytes
}

/// As [`bundle`], which also tells what the sender claims to hold.
fn bundle_telling(from: &mut Session, to: ItemId, kind: BundleKind, records: &[Record], heads: &[Head]) -> Vec<u8> {
    let mut cases: Vec<StreamId> =
        records.iter().map(|record| Header::decode(&record.header).expect("a header").stream).collect();
    cases.extend(heads.iter().map(|head| head.stream));
    cases.sort_unstable();
    cases.dedup();
    let mut manifest = manifest(from, to, kind, &cases);
    manifest.entries = records.len() as u64;
    let mine = from.card(false).expect("a card");
    pack(from, &manifest, &records.to_vec(), heads, &[mine], &[], Vec::new()).expect("packed").bytes
}

/// A manifest about these cases.
fn manifest(from: &mut Session, to: ItemId, kind: BundleKind, cases: &[StreamId]) -> Manifest {
    let theirs = from.peer_card(to).expect("known");
    let mine = from.card(false).expect("a card");
    Manifest {
        id: BundleId([9; 16]),
        practice: true,
        from: Sender {
            root: mine.says().root_id(),
            parish: mine.says().parish,
            device: from.vault.participant().device().public(),
            vault: from.vault.id(),
        },
        to: vec![Addressee { root: theirs.says().root_id(), recipient: theirs.says().recipient.clone() }],
        made: from.now(),
        lane: Lane { number: 1, before: [0; 32] },
        answers: None,
        cases: cases
            .iter()
            .map(|stream| CaseLine { stream: *stream, profile: "parish-partner".into(), code: "06-0000".into() })
            .collect(),
        writers: Vec::new(),
        note: None,
        entries: 0,
        files: Vec::new(),
        kind,
    }
}

/// Saint Ann has referred a case to Saint Mary, who turns on them; another case was never shared.
struct Scene {
    ann: Session,
    mary: Session,
    to_ann: ItemId,
    shared: StreamId,
    private: StreamId,
}

fn scene() -> Scene {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let shared = case(&mut ann, "A shared worry");
    let private = case(&mut ann, "Nobody else's business");
    agree(&mut ann, shared);
    let sent = ann.refer(&wish(to_mary, shared), false).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let imported = mary.import(&opened, None, "stick.mahoe").expect("imported");
    // What Mary has written so far is known to Ann, so that what follows it is judged and does not wait.
    let receipt = mary.receipt(imported.item).expect("a receipt");
    let opened = ann.open_bundle(&receipt.bytes).expect("opened");
    ann.import(&opened, None, "receipt.mahoe").expect("imported");
    Scene { ann, mary, to_ann, shared: StreamId(shared.0), private: StreamId(private.0) }
}

fn set(item: ItemId, field: Field, value: Value) -> Fact {
    Fact::Set { item, field, value, replaces: Vec::new() }
}

impl Scene {
    /// Ann refuses a bundle of these records, says why, and nothing is changed.
    fn refused(&mut self, kind: BundleKind, records: &[Record], why: &str) {
        let bytes = bundle(&mut self.mary, self.to_ann, kind, records);
        let (entries, revision) = (self.ann.state().entry_count(), self.ann.state().revision());
        let error = match self.ann.open_bundle(&bytes) {
            Err(error) => error,
            Ok(opened) => self.ann.import(&opened, None, "evil.mahoe").expect_err(why),
        };
        assert_eq!(error.kind, Kind::Damaged, "{error}");
        assert!(error.message.contains(why), "{} is not about: {why}", error.message);
        assert_eq!(self.ann.state().entry_count(), entries, "{why}");
        assert!(self.ann.state().revision() >= revision);
        assert_eq!(self.ann.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
    }
}

#[test]
fn a_known_team_may_write_only_where_and_what_was_shared_with_it() {
    let mut scene = scene();
    let Scene { shared, private, .. } = scene;
    let team = scene.ann.state().team_stream();
    let risk = |stream: StreamId| [set(stream.item(), Field::CaseRisk, Value::code("low"))];
    let update = || BundleKind::Update;

    let name = [set(team.item(), Field::TeamName, Value::text("Ours now"))];
    let record = forge(&mut scene.mary, team, Class::Core, &name, |_| {});
    scene.refused(update(), &[record], "no case");
    let record = forge(&mut scene.mary, private, Class::Core, &risk(private), |_| {});
    scene.refused(update(), std::slice::from_ref(&record), "not shared with that team");
    scene.refused(BundleKind::Refer, &[record], "not shared with that team");
    let health = [Fact::Created { item: ItemId([5; 16]), kind: ItemKind::Note, class: Class::Health }];
    let record = forge(&mut scene.mary, shared, Class::Health, &health, |_| {});
    scene.refused(update(), &[record], "not shared with that team");
    let access = [Fact::Accessed { what: "open".into(), item: shared.item(), detail: String::new() }];
    let record = forge(&mut scene.mary, shared, Class::Access, &access, |_| {});
    scene.refused(update(), &[record], "keeps to itself");
    for kind in [ItemKind::Member, ItemKind::Peer, ItemKind::Team, ItemKind::Share, ItemKind::Case] {
        let made = [Fact::Created { item: ItemId([6; 16]), kind, class: Class::Core }];
        let record = forge(&mut scene.mary, shared, Class::Core, &made, |_| {});
        scene.refused(update(), &[record], "no other team may say");
    }
    // An item of another case, under whatever pretext.
    let theirs = [set(private.item(), Field::CaseRisk, Value::code("low"))];
    let record = forge(&mut scene.mary, shared, Class::Core, &theirs, |_| {});
    scene.refused(update(), &[record], "no other team may say");
    let device =
        [Fact::Device { device: crate::domain::ids::DeviceId([1; 32]), key: [1; 32], member: ItemId([1; 16]) }];
    let record = forge(&mut scene.mary, shared, Class::Core, &device, |_| {});
    scene.refused(update(), &[record], "no other team may say");
    // What we wrote, others can't strike.
    let ours = scene.ann.state().entries_of(shared).find(|stamp| stamp.class == Class::Core).expect("there").id;
    let strike = [Fact::Struck { entry: ours, reason: "gone".into() }];
    let record = forge(&mut scene.mary, shared, Class::Core, &strike, |_| {});
    scene.refused(update(), &[record], "no other team may say");
}

#[test]
fn claiming_to_hold_a_case_shares_nothing_of_it() {
    let mut scene = scene();
    let Scene { private, to_ann, .. } = scene;
    let heads = [Head { stream: private, class: Class::Core.number(), entries: vec![EntryId([1; 32])] }];
    for kind in [BundleKind::Refer, BundleKind::Update] {
        let bytes = bundle_telling(&mut scene.mary, to_ann, kind, &[], &heads);
        let error = scene.ann.open_bundle(&bytes).err().expect("refused");
        assert!(error.message.contains("not shared with that team"), "{error}");
    }
    let ours = Head { stream: scene.shared, class: Class::Reporter.number(), entries: vec![EntryId([1; 32])] };
    let bytes = bundle_telling(&mut scene.mary, to_ann, BundleKind::Update, &[], &[ours]);
    assert!(scene.ann.open_bundle(&bytes).is_err(), "a kind of data that was not shared");
}

#[test]
fn nobody_makes_an_item_anew_or_keeps_words_where_all_read_them() {
    let mut scene = scene();
    let (ours, item) = (scene.shared, ItemId([5; 16]));
    let created = |item, kind, class| Fact::Created { item, kind, class };
    for kind in [ItemKind::Note, ItemKind::Document, ItemKind::Action, ItemKind::Decision] {
        let facts = [created(item, kind, Class::Core)];
        let record = forge(&mut scene.mary, ours, Class::Core, &facts, |_| {});
        scene.refused(BundleKind::Update, &[record], "no other team may say");
    }
    // What is here can't be made again, neither as another kind nor under a class that leaves.
    let consent = scene.ann.state().items_in(ours, ItemKind::Consent).next().expect("agreed").id;
    let facts = [created(consent, ItemKind::Note, Class::Notes)];
    let record = forge(&mut scene.mary, ours, Class::Notes, &facts, |_| {});
    scene.refused(BundleKind::Update, &[record], "no other team may say");
    // How far our consent goes, and for whom, is not theirs to say.
    for (field, value) in [
        (Field::ConsentUntil, Value::date(scene.ann.today_date() + chrono::Days::new(900))),
        (Field::ConsentTo, Value::text("")),
        (Field::ConsentRefused, Value::Nothing),
        (Field::ConsentGiven, Value::when(scene.ann.now())),
    ] {
        let record = forge(&mut scene.mary, ours, Class::Core, &[set(consent, field, value)], |_| {});
        scene.refused(BundleKind::Update, &[record], "no other team may say");
    }
    // Two entries of one bundle that make the same item.
    let first = forge(&mut scene.mary, ours, Class::Notes, &[created(item, ItemKind::Note, Class::Notes)], |_| {});
    let second = forge(&mut scene.mary, ours, Class::Core, &[created(item, ItemKind::Action, Class::Notes)], |_| {});
    scene.refused(BundleKind::Update, &[first, second], "two entries make the same item");
}

#[test]
fn what_we_wrote_others_cannot_take_back() {
    let mut scene = scene();
    let shared = scene.shared;
    let gone = [set(shared.item(), Field::Retracted, Value::YesNo(true))];
    let record = forge(&mut scene.mary, shared, Class::Core, &gone, |_| {});
    scene.refused(BundleKind::Update, &[record], "no other team may say");
}

#[test]
fn what_is_written_once_others_cannot_change() {
    let mut scene = scene();
    let shared = scene.shared;
    let decided = crate::ops::CaseIdentify {
        case: shared.item(),
        status: "actual".into(),
        by: "police".into(),
        when: None,
        acts: vec!["harbouring".into()],
        means: Vec::new(),
        purposes: vec!["begging".into()],
        basis: "two visits".into(),
        screening: None,
        dissent: String::new(),
        review: None,
    };
    let decision = scene.ann.run(decided).expect("recorded").made[0];
    let screened = crate::ops::ScreeningFinish {
        case: shared.item(),
        form: String::new(),
        answers: [("works".to_owned(), vec!["yes".to_owned()])].into(),
        when: None,
        place: String::new(),
        why: String::new(),
        mode: String::new(),
        by: None,
        outcome: "some".into(),
        stopped: false,
        follows: None,
        note: String::new(),
    };
    let screening = scene.ann.run(screened).expect("kept").made[0];
    let new = crate::session::NewDocument { kind: "letter".into(), name: "a.txt".into(), ..Default::default() };
    let document =
        scene.ann.add_document(shared.item(), new, &b"Dear all"[..], &mut |_| true).expect("attached").made[0];
    let close = crate::ops::CaseClose::new(shared.item(), "goals-met");
    let closure = scene.ann.run(close).expect("closed at once").made[0];
    for (item, class, field, value) in [
        (closure, Class::Core, Field::ClosureRefused, Value::YesNo(true)),
        (decision, Class::Core, Field::DecisionStatus, Value::code("not")),
        (decision, Class::Notes, Field::DecisionBasis, Value::text("nothing")),
        (screening, Class::Core, Field::ScreeningOutcome, Value::code("none")),
        (document, Class::Notes, Field::DocumentName, Value::text("b.txt")),
        (document, Class::Notes, Field::DocumentDigest, Value::text("00")),
    ] {
        let record = forge(&mut scene.mary, shared, class, &[set(item, field, value)], |_| {});
        scene.refused(BundleKind::Update, &[record], "no other team may say");
    }
}

#[test]
fn forged_authors_devices_chains_and_clocks_are_refused() {
    let mut scene = scene();
    let shared = scene.shared;
    let risk = [set(shared.item(), Field::CaseRisk, Value::code("low"))];
    let update = || BundleKind::Update;
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.author = ItemId([3; 16]));
    scene.refused(update(), &[record], "another author");
    let own = scene.ann.vault.id();
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.vault = own);
    scene.refused(update(), &[record], "your own team wrote it");
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.device.0[0] ^= 1);
    scene.refused(update(), &[record], "a device that no card names");
    let mut record = forge(&mut scene.mary, shared, Class::Core, &risk, |_| {});
    record.signature[5] ^= 1;
    scene.refused(update(), &[record], "signature");
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.lamport += 5);
    scene.refused(update(), &[record], "contradicts the chain");
    let foreign = scene.mary.state().entries_of(shared).find(|stamp| stamp.class != Class::Core).expect("there").id;
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.parents = vec![foreign]);
    scene.refused(update(), &[record], "contradicts the chain");
    let mut record = forge(&mut scene.mary, shared, Class::Core, &risk, |_| {});
    record.body = Body::Open(zeroize::Zeroizing::new(vec![0; 64]));
    scene.refused(update(), &[record], "not the ones that were signed");
    // A clock in 2099 is taken and pointed out: no clock decides anything.
    let year_2099 = 4_070_908_800_000;
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.wall = year_2099);
    let bytes = bundle(&mut scene.mary, scene.to_ann, update(), &[record]);
    let opened = scene.ann.open_bundle(&bytes).expect("authentic");
    let plan = scene.ann.plan_import(&opened).expect("planned");
    assert!(plan.checks.iter().any(|check| check.contains("more than a day ahead")), "{:?}", plan.checks);
}

#[test]
fn what_has_no_predecessor_here_waits_and_is_pointed_out() {
    let mut scene = scene();
    let shared = scene.shared;
    let risk = [set(shared.item(), Field::CaseRisk, Value::code("low"))];
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.previous = EntryId([8; 32]));
    let bytes = bundle(&mut scene.mary, scene.to_ann, BundleKind::Update, &[record]);
    let opened = scene.ann.open_bundle(&bytes).expect("authentic");
    let plan = scene.ann.plan_import(&opened).expect("planned");
    assert!(plan.checks.iter().any(|check| check.contains("have not arrived")), "{:?}", plan.checks);
    let before = scene.ann.state().item(shared.item()).expect("there").value(Field::CaseRisk);
    scene.ann.import(&opened, None, "gap.mahoe").expect("kept");
    assert_eq!(scene.ann.state().item(shared.item()).expect("there").value(Field::CaseRisk), before);
    assert_eq!(scene.ann.waiting().0, 1);
}

#[test]
fn replays_gaps_and_kinds_of_the_future_are_told() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let first = case(&mut ann, "One worry");
    let second = case(&mut ann, "Another worry");
    agree(&mut ann, first);
    agree(&mut ann, second);
    let _lost = ann.refer(&wish(to_mary, first), false).expect("sent");
    let sent = ann.refer(&wish(to_mary, second), false).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!((plan.number, plan.checks), (2, vec!["number 1 has not arrived (ask Saint Ann MDT)".to_owned()]));
    mary.import(&opened, None, "two.mahoe").expect("imported");
    let again = mary.plan_import(&opened).expect("planned");
    assert!(again.nothing_new && again.checks.contains(&"this bundle was taken in before".to_owned()), "{again:?}");

    let future = bundle(&mut ann, to_mary, BundleKind::Unknown("carnival".into()), &[]);
    let opened = mary.open_bundle(&future).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert!(plan.blocked.as_deref().is_some_and(|why| why.contains("newer mahoe")), "{plan:?}");
    assert_eq!(mary.import(&opened, None, "future.mahoe").expect_err("kept").kind, Kind::Refused);
    // Numbers only may hold nothing of a case.
    let stream = StreamId(first.0);
    let record = forge(&mut ann, stream, Class::Core, &[set(first, Field::CaseRisk, Value::code("low"))], |_| {});
    let false_numbers = bundle(&mut ann, to_mary, BundleKind::Statistics, &[record]);
    assert_eq!(mary.open_bundle(&false_numbers).err().map(|error| error.kind), Some(Kind::Damaged));
}

#[test]
fn nobody_writes_in_another_persons_name_whoever_carries_it() {
    let mut scene = scene();
    let shared = scene.shared;
    let risk = [set(shared.item(), Field::CaseRisk, Value::code("low"))];
    // One of ours, and somebody else of their own team: neither is the one that the device writes for.
    let ours = scene.ann.me();
    let values = vec![(Field::MemberName, Value::text("D. Reid"))];
    let other = scene.mary.run(crate::ops::TeamAdd { values }).expect("added").made[0];
    for author in [ours, other] {
        let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.author = author);
        scene.refused(BundleKind::Update, std::slice::from_ref(&record), "another author");
        scene.refused(BundleKind::Refer, &[record], "another author");
    }
    // A device of ours as the signer, in their vault's name.
    let device = scene.ann.vault.participant().device().device_id();
    let record = forge(&mut scene.mary, shared, Class::Core, &risk, |header| header.device = device);
    scene.refused(BundleKind::Update, &[record], "a device that no card names");
}

#[test]
fn only_the_team_that_opened_a_case_says_who_leads_and_reads_it() {
    let mut scene = scene();
    let shared = scene.shared;
    let champion = vec![(Field::MemberName, Value::text("D. Reid"))];
    scene.mary.run(crate::ops::TeamAdd { values: champion }).expect("added");
    let nobody = ItemId([9; 16]);
    for (field, value) in [(Field::CaseRestricted, Value::items([nobody])), (Field::CaseLead, Value::Item(nobody))] {
        let record = forge(&mut scene.mary, shared, Class::Core, &[set(shared.item(), field, value)], |_| {});
        scene.refused(BundleKind::Update, &[record], "no other team may say");
    }
    // Said by the team that opened it, it holds here too: whoever leads reads what is written from then on.
    let only = [set(shared.item(), Field::CaseRestricted, Value::items([nobody]))];
    let record = forge(&mut scene.ann, shared, Class::Core, &only, |_| {});
    let to_mary = scene.ann.peers()[0].item;
    let bytes = bundle(&mut scene.ann, to_mary, BundleKind::Update, &[record]);
    let opened = scene.mary.open_bundle(&bytes).expect("theirs to say");
    scene.mary.import(&opened, None, "only.mahoe").expect("taken in");
    let case = scene.mary.state().item(shared.item()).expect("there");
    assert_eq!(case.value(Field::CaseRestrictedHere), Value::Nothing, "nobody here has decided who else");
    let leads = scene.mary.state().item(scene.mary.me()).expect("there").str(Field::MemberRecipient).to_owned();
    let sealed = scene.mary.restriction(shared, &[]).expect("readable").expect("restricted");
    let sheets = scene.mary.state().item(scene.mary.state().team_stream().item()).expect("there");
    let sheets = sheets.str(Field::TeamRecovery).split_whitespace().map(str::to_owned);
    let wanted: Vec<String> = std::iter::once(leads).chain(sheets).collect();
    assert_eq!(sealed.iter().map(ToString::to_string).collect::<Vec<_>>(), wanted);
    // Who else reads it is then kept for this team alone.
    let me = scene.mary.me();
    let values = vec![(Field::CaseRestricted, Value::items([me]))];
    scene.mary.run(crate::ops::CaseEdit { case: shared.item(), values, followup: false }).expect("decided");
    let case = scene.mary.state().item(shared.item()).expect("there");
    assert_eq!(case.value(Field::CaseRestrictedHere), Value::items([me]));
}

#[test]
fn words_that_come_while_their_entry_waits_are_kept() {
    let mut scene = scene();
    let shared = scene.shared;
    let risk = |code: &str| [set(shared.item(), Field::CaseRisk, Value::code(code))];
    let first = forge(&mut scene.mary, shared, Class::Core, &risk("medium"), |_| {});
    let id = crate::log::entry::id_of(&first.header);
    let lamport = Header::decode(&first.header).expect("a header").lamport;
    let facts =
        [Fact::Set { item: shared.item(), field: Field::CaseRisk, value: Value::code("low"), replaces: vec![id] }];
    let open = forge(&mut scene.mary, shared, Class::Core, &facts, |header| {
        header.sequence += 1;
        header.previous = id;
        header.parents = vec![id];
        header.lamport = lamport + 1;
    });
    let withheld = Record { body: Body::Withheld, ..open.clone() };
    let take = |scene: &mut Scene, record: &Record| {
        let bytes = bundle(&mut scene.mary, scene.to_ann, BundleKind::Update, std::slice::from_ref(record));
        let opened = scene.ann.open_bundle(&bytes).expect("authentic");
        scene.ann.import(&opened, None, "piece.mahoe").map(|taken| taken.entries)
    };
    assert_eq!(take(&mut scene, &withheld), Ok(1));
    assert_eq!(scene.ann.waiting().0, 1);
    assert_eq!(take(&mut scene, &open), Ok(1), "its words are new");
    assert_eq!(take(&mut scene, &open).expect_err("they are here").kind, Kind::Refused);
    assert_eq!(scene.ann.waiting().0, 1);
    assert_eq!(take(&mut scene, &first), Ok(1));
    let stands = |session: &Session| {
        let case = session.state().item(shared.item()).expect("there");
        let heads = case.register(Field::CaseRisk).expect("set").heads();
        heads.iter().any(|head| head.value == Value::code("low"))
    };
    assert_eq!((scene.ann.waiting().0, stands(&scene.ann)), (0, true));
    scene.ann.refold().expect("folded anew");
    assert!(stands(&scene.ann), "also as the journal has it");
    assert_eq!(scene.ann.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
}
