//! What passes between teams beside cases: introductions, figures, requests to destroy, notices, papers, revocations.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::hostile_tests::{bundle, bundle_with, forge};
use super::sync_tests;
use super::tests::{agree, note, two_teams, wish};
use super::{CardStanding, Wish, kept_figures};
use crate::bundle::card::{Card, Says};
use crate::bundle::introductions::{self, Introduction};
use crate::bundle::manifest::{Kind as BundleKind, Part};
use crate::bundle::paper;
use crate::bundle::person::PersonalCard;
use crate::demo::cards;
use crate::domain::class::Class;
use crate::domain::consent::{self, Standing};
use crate::domain::fact::{Fact, Placed};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{EntryId, ItemId, StreamId};
use crate::domain::parish::Parish;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::Kind;
use crate::ops::{ActionDone, CaseEdit, CaseStrike, ConsentWithdraw, PeerVerify, TeamAdd, TeamEdit, TeamLeave};
use crate::session::{FixedClock, Session};
use crate::testing::entropy::SeededEntropy;
use crate::testing::team::{action, case, morning};
use crate::vault::keys::identity::{Identity, Signer};
use crate::vault::seal::SecretKey32;

fn to(peer: ItemId) -> Wish {
    Wish { peer: Some(peer), ..Wish::default() }
}

fn parish(number: u8) -> Parish {
    Parish::by_number(number).expect("a parish")
}

/// A practice team's card, under a root of this seed; its own for zero.
fn card_of(number: u8, seed: u8, change: impl FnOnce(&mut Says)) -> Card {
    let fresh = Signer::from_seed(&SecretKey32::from_slice(&[seed; 32]).expect("32"));
    let root = if seed == 0 { cards::root(parish(number)) } else { fresh };
    let mut says = cards::card(parish(number)).expect("fine").says().clone();
    says.root = root.public();
    change(&mut says);
    Card::sign(says, &root).expect("signed")
}

fn take_in(session: &mut Session, bytes: &[u8]) -> super::Imported {
    let opened = session.open_bundle(bytes).expect("opened");
    session.import(&opened, None, "stick.mahoe").expect("taken in")
}

fn clean(session: &mut Session) {
    assert_eq!(session.verify(&mut |_, _| true).expect("verified").problems, Vec::<String>::new());
}

/// Ann's case with a note, which Mary was sent.
fn shared(ann: &mut Session, mary: &mut Session, to_mary: ItemId) -> ItemId {
    let shared = case(ann, "A shared worry");
    agree(ann, shared);
    note(ann, shared, Class::Notes, "zebra words");
    let sent = ann.refer(&wish(to_mary, shared), false).expect("sent");
    take_in(mary, &sent.bytes);
    shared
}

/// The newest entry of a class in a case.
fn entry_of(session: &Session, case: ItemId, class: Class) -> EntryId {
    let entries = session.state().entries_of(StreamId(case.0)).filter(|stamp| stamp.class == class);
    entries.last().expect("there").id
}

#[test]
fn teams_are_introduced_chosen_and_never_verified_by_that() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    assert!(ann.introduce_teams(&to(to_mary), &[]).expect_err("nobody").message.starts_with("There is no team"));
    let portland = ann.take_card(&card_of(4, 0, |_| ())).expect("added").peer();
    ann.take_card(&card_of(3, 0, |_| ())).expect("added");
    ann.run(PeerVerify { peer: portland, how: "in person".into() }).expect("verified");
    let sent = ann.introduce_teams(&to(to_mary), &[]).expect("sent");
    assert!(sent.says.contains("Portland MDT"), "{}", sent.says);
    let mut opened = mary.open_bundle(&sent.bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    let told: Vec<_> =
        plan.introduced.iter().map(|it| (it.parish.number, it.verified_there.is_some(), it.standing)).collect();
    assert!(told.contains(&(4, true, CardStanding::New)) && told.contains(&(3, false, CardStanding::New)), "{told:?}");
    assert!(!plan.nothing_new && plan.tells().iter().any(|line| line.contains("they never compared words")));
    let root = plan.introduced.iter().find(|it| it.parish.number == 4).expect("there").root;
    opened.choose_cards(BTreeSet::from([root]));
    let imported = mary.import(&opened, None, "cards.mahoe").expect("taken in");
    assert!(imported.says.contains("not verified: compare words"), "{}", imported.says);
    let there: Vec<_> = mary.peers().into_iter().map(|peer| (peer.parish.map(|it| it.number), peer.verified)).collect();
    assert!(there.contains(&(Some(4), None)) && !there.iter().any(|(number, _)| *number == Some(3)), "{there:?}");
    let introduced = mary.peers().into_iter().find(|peer| peer.parish.map(|it| it.number) == Some(4)).expect("there");
    assert_eq!(mary.state().item(introduced.item).map(|it| it.value(Field::PeerIntroduced)), Some(Value::Item(to_ann)));
    assert_eq!(mary.receipt(imported.item).map(|sent| sent.bytes.is_empty()), Ok(false), "and is told that it came");
    clean(&mut mary);
}

#[test]
fn an_introduction_with_another_key_is_an_alarm_and_hinders_no_other() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let known = mary.take_card(&card_of(4, 0, |_| ())).expect("added").peer();
    ann.take_card(&card_of(4, 9, |_| ())).expect("added");
    ann.take_card(&card_of(3, 0, |_| ())).expect("added");
    let sent = ann.introduce_teams(&to(to_mary), &[]).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    let rival = plan.introduced.iter().find(|it| it.parish.number == 4).expect("there");
    assert_eq!(rival.standing, CardStanding::Rival);
    let imported = mary.import(&opened, None, "cards.mahoe").expect("taken in");
    assert!(imported.says.contains("! Another key is shown for Portland"), "{}", imported.says);
    assert!(mary.peer(known).expect("there").alarm.contains("Portland"), "on record");
    assert_eq!(mary.peers().len(), 3, "Thomas was taken, the rival was not");
    // Whoever is under an alarm is introduced to nobody.
    let refused = mary.introduce_teams(&to(mary.peers()[2].item), &[known]).expect_err("alarm");
    assert_eq!(refused.kind, Kind::Refused);
}

#[test]
fn an_introduction_says_whom_it_brings_and_brings_nobody_else() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let team = card_of(4, 0, |_| ());
    let told = |root| introductions::encode(&[Introduction { root, verified: None }]).into_bytes();
    let good = told(team.says().root_id());
    for (cards, parts) in [
        (vec![team.clone()], Vec::new()),
        (Vec::new(), vec![(Part::Introductions, good.clone())]),
        (vec![team.clone()], vec![(Part::Introductions, told(crate::domain::ids::RootId([7; 16])))]),
        (vec![team.clone()], vec![(Part::Introductions, b"mahoe introductions 1\nteam all of them\n".to_vec())]),
    ] {
        let bytes = bundle_with(&mut ann, to_mary, BundleKind::Cards, &cards, &parts);
        assert_eq!(mary.open_bundle(&bytes).err().map(|error| error.kind), Some(Kind::Damaged));
    }
    let bytes = bundle_with(&mut ann, to_mary, BundleKind::Cards, &[team], &[(Part::Introductions, good)]);
    assert!(mary.open_bundle(&bytes).is_ok());
}

/// A year later, when the figures of the year in which the tests play may leave.
fn a_year_later(session: &mut Session) {
    let then: DateTime<Utc> = morning() + chrono::TimeDelta::days(90);
    session.set_clock(Box::new(FixedClock(then)));
}

#[test]
fn figures_of_a_small_parish_do_not_leave() {
    let (mut ann, _, to_mary, _) = two_teams();
    for number in 0..9 {
        case(&mut ann, &format!("Worry {number}"));
    }
    assert!(ann.figures(2026).expect_err("not over").message.contains("not a year that is over"));
    a_year_later(&mut ann);
    let release = ann.figures(2026).expect("over");
    assert_eq!((release.figures.counts.len(), release.left_out.len()), (0, 6));
    let refused = ann.send_figures(&to(to_mary), 2026).expect_err("too small");
    assert!(refused.message.contains("nothing of 2026 that could leave"), "{refused}");
    assert!(ann.prepare_figures(2026).is_err());
    assert!(ann.state().items(ItemKind::Bundle).next().is_none());
}

#[test]
fn figures_leave_as_shown_are_kept_and_never_worked_out_anew() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let cases: Vec<ItemId> = (0..25).map(|number| case(&mut ann, &format!("Worry {number}"))).collect();
    for case in &cases[..12] {
        let values = vec![(Field::CaseRisk, Value::code("low"))];
        ann.run(CaseEdit { case: *case, values, followup: false }).expect("edited");
    }
    // Twenty actions, all in one case: a number of that one child.
    for number in 0..20 {
        let action = action(&mut ann, cases[0], &format!("Step {number}"), 1);
        ann.run(ActionDone { action }).expect("done");
    }
    a_year_later(&mut ann);
    let release = ann.figures(2026).expect("over");
    let counts: Vec<String> =
        release.figures.counts.iter().map(|count| format!("{} {}", count.label(), count.number)).collect();
    assert_eq!(counts[0], "Cases reported 25");
    assert_eq!(counts.len(), 3, "{counts:?}");
    assert!(counts[1].ends_with("13") && counts[2].ends_with("12"), "{counts:?}");
    assert!(release.left_out.iter().any(|measure| measure.name == "actions-done"));
    // Two look before they leave; where nobody else leads, one person looks twice and the bundle says so.
    let refused = ann.send_figures(&to(to_mary), 2026).expect_err("nobody prepared them");
    assert!(refused.message.starts_with("Nobody has prepared"), "{refused}");
    assert!(ann.prepare_figures(2026).expect("prepared").contains("Nobody else leads this team"));
    let refused = ann.send_figures(&to(to_mary), 2026).expect_err("asked once");
    assert!(refused.hint.contains("--alone"), "{refused}");
    let alone = Wish { alone: true, ..to(to_mary) };
    let sent = ann.send_figures(&alone, 2026).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!(plan.figures.as_ref(), Some(&release.figures), "exactly what was shown");
    assert!(plan.note.contains("one person alone"), "{}", plan.note);
    let imported = mary.import(&opened, None, "figures.mahoe").expect("kept");
    let kept = mary.state().item(imported.item).and_then(kept_figures);
    assert_eq!(kept.as_ref(), Some(&release.figures));
    // A case that is closed afterwards changes nothing of what was released.
    let values = vec![(Field::CaseRisk, Value::code("low"))];
    ann.run(CaseEdit { case: cases[20], values, followup: false }).expect("edited");
    let again = ann.figures(2026).expect("over");
    assert_eq!(again.figures, release.figures);
    assert!(again.before.is_some());
    // Words in the place of numbers are refused.
    let words = b"mahoe statistics 1\nyear 2026\ncount fern-riverstone all 12\n".to_vec();
    let bytes = bundle_with(&mut ann, to_mary, BundleKind::Statistics, &[], &[(Part::Statistics, words)]);
    assert_eq!(mary.open_bundle(&bytes).err().map(|error| error.kind), Some(Kind::Damaged));
}

#[test]
fn what_is_struck_here_is_asked_for_there_and_destroyed_after_a_yes() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = shared(&mut ann, &mut mary, to_mary);
    let entry = entry_of(&ann, case, Class::Notes);
    let done = ann.run(CaseStrike { entry, reason: "wrong case".into() }).expect("struck");
    assert!(done.says.contains("the request to destroy it there is in the outbox"), "{}", done.says);
    let name = ann.outbound().into_iter().find(|bundle| bundle.kind == "strike").expect("in the outbox").name;
    let bytes = ann.from_outbox(&name).expect("there");
    let opened = mary.open_bundle(&bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert!(plan.strikes.len() == 1 && plan.strikes[0].is_open() && !plan.nothing_new, "{:?}", plan.strikes);
    let asked = &plan.cases[0].changes;
    assert!(asked[0].contains("A. Brown asks to destroy what A. Brown wrote"), "{asked:?}");
    assert!(mary.state().is_folded(entry), "a plan destroys nothing");
    let imported = mary.import(&opened, None, "strike.mahoe").expect("said yes");
    assert!(imported.says.contains("one entry"), "{}", imported.says);
    assert!(mary.state().items(ItemKind::Note).next().is_none());
    assert_eq!(
        mary.state().strike(entry).map(|strike| strike.reason.clone()),
        Some("Saint Ann MDT asked: wrong case".into())
    );
    clean(&mut mary);
    assert!(mary.plan_import(&opened).expect("planned").nothing_new);
    // Both go on exchanging: the strike itself comes with the next update, and Mary's own never leaves.
    note(&mut mary, case, Class::Notes, "an answer");
    take_in(&mut ann, &mary.update(&to(to_ann)).expect("an update").bytes);
    take_in(&mut mary, &ann.update(&to(to_mary)).expect("an update").bytes);
    clean(&mut ann);
    clean(&mut mary);
    // It can be asked again by hand; where nothing was struck there is nothing to ask.
    assert!(ann.ask_to_strike(&to(to_mary)).is_ok());
    assert_eq!(mary.ask_to_strike(&to(to_ann)).expect_err("nothing").kind, Kind::Refused);
}

#[test]
fn only_the_team_that_wrote_an_entry_may_ask_for_it() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = shared(&mut ann, &mut mary, to_mary);
    let stream = StreamId(case.0);
    let ours = entry_of(&ann, case, Class::Notes);
    let strike = |entry| [Fact::Struck { entry, reason: "gone".into() }];
    let record = forge(&mut mary, stream, Class::Core, &strike(ours), |_| {});
    let bytes = bundle(&mut mary, to_ann, BundleKind::Strike, &[record]);
    assert_eq!(ann.open_bundle(&bytes).err().map(|error| error.kind), Some(Kind::Damaged), "it is Ann's own");
    let more = [Fact::Set { item: case, field: Field::CaseRisk, value: Value::code("low"), replaces: Vec::new() }];
    let record = forge(&mut mary, stream, Class::Core, &more, |_| {});
    let bytes = bundle(&mut mary, to_ann, BundleKind::Strike, &[record]);
    assert_eq!(ann.open_bundle(&bytes).err().map(|error| error.kind), Some(Kind::Damaged), "it says more");
    let record = forge(&mut mary, stream, Class::Core, &strike(EntryId([9; 32])), |_| {});
    let bytes = bundle(&mut mary, to_ann, BundleKind::Strike, &[record]);
    let opened = ann.open_bundle(&bytes).expect("authentic");
    let plan = ann.plan_import(&opened).expect("planned");
    assert!(plan.nothing_new && plan.cases[0].changes[0].contains("not here"), "{:?}", plan.cases);
}

#[test]
fn what_another_team_wrote_is_struck_here_alone_and_the_exchange_goes_on() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = shared(&mut ann, &mut mary, to_mary);
    let entry = entry_of(&mary, case, Class::Notes);
    let done = mary.run(CaseStrike { entry, reason: "not for us".into() }).expect("struck");
    assert!(done.says.contains("ask them"), "{}", done.says);
    note(&mut mary, case, Class::Notes, "what we found");
    take_in(&mut ann, &mary.update(&to(to_ann)).expect("an update").bytes);
    assert!(ann.state().is_folded(entry), "theirs is theirs");
    clean(&mut ann);
    clean(&mut mary);
}

#[test]
fn a_withdrawal_is_told_to_each_team_and_nothing_else_is() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = shared(&mut ann, &mut mary, to_mary);
    assert!(ann.withdrawal_notices(case).expect_err("none").message.starts_with("No consent"));
    note(&mut ann, case, Class::Notes, "written since");
    let values = vec![(Field::CaseRisk, Value::code("low"))];
    ann.run(CaseEdit { case, values, followup: false }).expect("edited");
    let withdraw = ConsentWithdraw { case, scopes: vec!["disclosure".into()], consent: None, reason: String::new() };
    ann.run(withdraw).expect("withdrawn");
    let holders = ann.who_holds(case).expect("asked");
    assert_eq!(holders.teams.iter().map(|holds| holds.peer).collect::<Vec<_>>(), [to_mary]);
    assert!(
        holders.lines()[0].contains("Saint Mary holds since") && holders.lines()[0].contains("notes"),
        "{holders:?}"
    );
    assert!(ann.update(&to(to_mary)).is_err(), "nothing more leaves");
    let made = ann.withdrawal_notices(case).expect("made");
    let [(_, Ok(sent))] = made.as_slice() else { panic!("{made:?}") };
    take_in(&mut mary, &sent.bytes);
    let standing = |session: &Session| {
        let case = Case::get(session.state(), case).expect("there");
        let standing = consent::consent(session.state(), case, consent::DISCLOSURE, session.today_date());
        matches!(standing, Standing::Withdrawn(_))
    };
    assert!(standing(&ann) && standing(&mary), "it counts there too");
    let texts: Vec<&str> = mary.state().items(ItemKind::Note).map(|item| item.str(Field::NoteText)).collect();
    assert_eq!(texts, ["zebra words"]);
    assert_eq!(mary.state().item(case).map(|item| item.value(Field::CaseRisk)), Some(Value::code("high")));
    clean(&mut mary);
    // Agreed again, referred again: what was kept back meanwhile comes with its words.
    agree(&mut ann, case);
    let state = ann.state();
    let referral = state.items(ItemKind::Referral).next().expect("sent").id;
    ann.run(crate::ops::ReferralRevoke { referral, reason: "asked anew".into() }).expect("taken back");
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    take_in(&mut mary, &sent.bytes);
    assert_eq!(mary.state().items(ItemKind::Note).count(), 2);
}

#[test]
fn a_notice_tells_nothing_of_what_was_kept_back() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "One worry");
    agree(&mut ann, case);
    let consent = ann.state().items(ItemKind::Consent).next().expect("given").id;
    let sent = ann.refer(&Wish { keep_back: vec![consent], ..wish(to_mary, case) }, false).expect("sent");
    take_in(&mut mary, &sent.bytes);
    let withdraw = ConsentWithdraw { case, scopes: vec!["disclosure".into()], consent: None, reason: String::new() };
    ann.run(withdraw).expect("withdrawn");
    let made = ann.withdrawal_notices(case).expect("asked");
    let [(_, Err(refused))] = made.as_slice() else { panic!("its words were kept back: {made:?}") };
    assert_eq!(refused.kind, Kind::Refused);
}

#[test]
fn a_request_to_destroy_is_judged_by_what_is_here_when_it_is_granted() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = shared(&mut ann, &mut mary, to_mary);
    let (_, mut home) = sync_tests::copy(&mut ann, 700);
    note(&mut home, case, Class::Notes, "words of Saint Ann's own");
    let entry = entry_of(&home, case, Class::Notes);
    let strike = [Fact::Struck { entry, reason: "gone".into() }];
    let record = forge(&mut mary, StreamId(case.0), Class::Core, &strike, |_| {});
    let bytes = bundle(&mut mary, to_ann, BundleKind::Strike, &[record]);
    let opened = ann.open_bundle(&bytes).expect("authentic, and about nothing that is here");
    sync_tests::give(&mut home, &mut ann);
    ann.import(&opened, None, "x.mahoe").expect("taken in");
    assert!(!ann.state().is_struck(StreamId(case.0), entry), "nobody else destroys what Saint Ann wrote");
    clean(&mut ann);
}

#[test]
fn who_left_is_revoked_by_the_card_and_believed_no_further() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let values = vec![(Field::MemberName, Value::text("D. Wright")), (Field::MemberRole, Value::code("deputy"))];
    let wright = mary.run(TeamAdd { values }).expect("added").made[0];
    let keys = mary.introduce(wright, "dwright").expect("introduced");
    let case = shared(&mut ann, &mut mary, to_mary);
    let coordinator = mary.change_seat(keys);
    note(&mut mary, case, Class::Notes, "before leaving");
    let keys = mary.change_seat(coordinator);
    let before = mary.card(false).expect("a card").says().serial;
    mary.run(TeamLeave { member: wright }).expect("left");
    let card = mary.card(false).expect("a card");
    let revoked: Vec<_> = card.says().revoked.iter().map(|it| it.key).collect();
    assert!(card.says().serial > before);
    assert_eq!(revoked, [keys.device().public()]);
    let from = card.says().revoked[0].from;
    // What was written before still counts, although its writer has left.
    take_in(&mut ann, &mary.update(&to(to_ann)).expect("an update").bytes);
    assert!(ann.state().items(ItemKind::Note).any(|note| note.str(Field::NoteText) == "before leaving"));
    assert_eq!(ann.peer_card(to_mary).map(|known| known.says().serial), Ok(card.says().serial));
    // What the leaver's device signs beyond is refused, whoever brings it.
    let risk = [Fact::Set { item: case, field: Field::CaseRisk, value: Value::code("low"), replaces: Vec::new() }];
    let coordinator = mary.change_seat(keys);
    let record = forge(&mut mary, StreamId(case.0), Class::Core, &risk, |header| {
        header.author = wright;
        header.sequence = from;
        header.previous = EntryId([1; 32]);
    });
    let keys = mary.change_seat(coordinator);
    let bytes = bundle(&mut mary, to_ann, BundleKind::Update, &[record]);
    let refused = ann.open_bundle(&bytes).err().expect("refused");
    assert!(refused.message.contains("after it was withdrawn"), "{refused}");
    // And no bundle of that device is opened at all.
    mary.change_seat(keys);
    let bytes = bundle(&mut mary, to_ann, BundleKind::Update, &[]);
    let refused = ann.open_bundle(&bytes).err().expect("refused");
    assert!(refused.message.contains("is not one that the team's card names"), "{refused}");
}

#[test]
fn the_newest_card_says_how_far_a_revoked_device_counts() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let values = vec![(Field::MemberName, Value::text("D. Wright")), (Field::MemberRole, Value::code("deputy"))];
    let wright = mary.run(TeamAdd { values }).expect("added").made[0];
    let keys = mary.introduce(wright, "dwright").expect("introduced");
    let values = vec![(Field::MemberName, Value::text("D. Reid"))];
    let reid = mary.run(TeamAdd { values }).expect("added").made[0];
    let champion = mary.introduce(reid, "reid").expect("introduced");
    let case = shared(&mut ann, &mut mary, to_mary);
    mary.run(TeamLeave { member: wright }).expect("left");
    note(&mut mary, case, Class::Notes, "who left had written nothing");
    take_in(&mut ann, &mary.update(&to(to_ann)).expect("an update").bytes);
    assert_eq!(ann.peer_card(to_mary).map(|card| card.says().revoked[0].from), Ok(1));
    // What they wrote before leaving reaches their team late, by another computer.
    let coordinator = mary.change_seat(keys);
    let item = ItemId([5; 16]);
    let place = |fact| Placed { stream: StreamId(case.0), class: Class::Notes, fact };
    let facts = [
        Fact::Created { item, kind: ItemKind::Note, class: Class::Notes },
        Fact::Set { item, field: Field::NoteText, value: Value::text("written before"), replaces: Vec::new() },
    ];
    mary.write(facts.into_iter().map(place).collect()).expect("written");
    mary.change_seat(coordinator);
    // Whoever can make no card sends nothing that the last one speaks against.
    let coordinator = mary.change_seat(champion);
    let refused = mary.update(&to(to_ann)).expect_err("the card is old");
    assert!(refused.message.contains("does not speak for it yet"), "{refused}");
    mary.change_seat(coordinator);
    take_in(&mut ann, &mary.update(&to(to_ann)).expect("an update").bytes);
    assert!(ann.state().items(ItemKind::Note).any(|note| note.str(Field::NoteText) == "written before"));
    assert_eq!(ann.peer_card(to_mary).map(|card| card.says().revoked[0].from), Ok(2));
}

#[test]
fn a_paper_is_opened_by_the_one_person_whom_it_is_for() {
    let (mut ann, _, _, _) = two_teams();
    let (reader, other) = (Identity::random(&mut SeededEntropy::new(5)), Identity::random(&mut SeededEntropy::new(6)));
    let values = vec![(Field::MemberName, Value::text("D. Reid"))];
    let member = ann.run(TeamAdd { values }).expect("added").made[0];
    assert!(ann.seal_paper(member, "words", None).expect_err("no card").message.contains("no card of their own"));
    let mut put = |text: &str| ann.run(TeamEdit { member, values: vec![(Field::MemberCard, Value::text(text))] });
    assert!(put("age1nonsense").is_err());
    let card = PersonalCard::new("D. Reid", reader.recipient()).expect("fine");
    put(&card.recipient.to_string()).expect("added");
    assert!(ann.seal_paper(member, " \n", None).expect_err("empty").message.contains("nothing on this paper"));
    let made = ann.seal_paper(member, "06-7K3Q  visit the aunt\n\u{1b}[2Jdue Friday", None).expect("sealed");
    let opened = paper::open(&made.bytes, &reader).expect("opened");
    assert_eq!(opened.text, "06-7K3Q  visit the aunt\n[2Jdue Friday");
    assert_eq!(Some(opened.from.says().root), ann.root());
    let wrong = paper::open(&made.bytes, &other).expect_err("sealed to somebody else");
    assert!(wrong.message.contains("sealed to somebody else"), "{wrong}");
    let mut spoilt = made.bytes.clone();
    let at = spoilt.len() - 40;
    spoilt[at] ^= 1;
    assert_eq!(paper::open(&spoilt, &reader).map_err(|error| error.kind), Err(Kind::Damaged));
    assert_eq!(paper::open(b"no paper at all", &reader).map_err(|error| error.kind), Err(Kind::Damaged));
    assert!(ann.open_bundle(&made.bytes).is_err(), "no team opens it");
}

#[test]
fn another_key_for_a_third_team_is_an_alarm_only_if_a_verified_team_shows_it() {
    for verified in [false, true] {
        let (mut ann, mut mary, to_mary, to_ann) = two_teams();
        if !verified {
            mary.undo().expect("nobody compared words with Saint Ann");
        }
        let portland = mary.take_card(&card_of(4, 0, |_| ())).expect("added").peer();
        let rival = card_of(4, 9, |_| ());
        let introduction = vec![(
            Part::Introductions,
            introductions::encode(&[Introduction { root: rival.says().root_id(), verified: None }]).into_bytes(),
        )];
        for (kind, parts) in [(BundleKind::Refer, Vec::new()), (BundleKind::Cards, introduction)] {
            let bytes = bundle_with(&mut ann, to_mary, kind, std::slice::from_ref(&rival), &parts);
            let opened = mary.open_bundle(&bytes).expect("opened");
            let checks = mary.plan_import(&opened).expect("planned").checks;
            let check = checks.iter().find(|check| check.contains("shows another key for Portland")).expect("said");
            assert_eq!(check.contains("nothing is sent to them"), verified, "{check}");
            mary.import(&opened, None, "stick.mahoe").expect("taken in");
            assert_eq!(mary.peer(portland).expect("there").alarm.is_empty(), !verified, "{verified}");
        }
        assert_eq!(mary.peers().len(), 2);
        // A team that is new here is in the list, and the list says who brought it.
        let bytes = bundle_with(&mut ann, to_mary, BundleKind::Refer, &[card_of(3, 0, |_| ())], &[]);
        take_in(&mut mary, &bytes);
        let thomas = mary.peers().into_iter().find(|peer| peer.parish == Some(parish(3))).expect("there").item;
        assert_eq!(mary.state().item(thomas).map(|it| it.value(Field::PeerIntroduced)), Some(Value::Item(to_ann)));
    }
}

#[test]
fn what_one_prepared_another_who_leads_releases_as_it_was_prepared() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let cases: Vec<ItemId> = (0..12).map(|number| case(&mut ann, &format!("Worry {number}"))).collect();
    let seat = |session: &mut Session, name: &str, handle: &str, role: &str| {
        let values = vec![(Field::MemberName, Value::text(name)), (Field::MemberRole, Value::code(role))];
        let member = session.run(TeamAdd { values }).expect("added").made[0];
        session.introduce(member, handle).expect("introduced")
    };
    let (reid, clarke) =
        (seat(&mut ann, "D. Reid", "reid", "deputy"), seat(&mut ann, "M. Clarke", "mclarke", "champion"));
    let prepared_by = reid.member();
    a_year_later(&mut ann);
    assert_eq!(
        ann.prepare_figures(2026).expect("prepared"),
        "The figures of 2026 are prepared: D. Reid looks at them and releases them."
    );
    let alone = Wish { alone: true, ..to(to_mary) };
    let refused = ann.send_figures(&alone, 2026).expect_err("the same person");
    assert!(refused.hint.contains("Ask D. Reid"), "{refused}");
    let brown = ann.change_seat(clarke);
    assert!(ann.send_figures(&to(to_mary), 2026).expect_err("a champion").message.contains("Only a coordinator"));
    // Whoever prepares last is who did, and a case that changes in between changes nothing of it.
    let clarke = ann.change_seat(reid);
    ann.prepare_figures(2026).expect("prepared again, by another");
    let shown = ann.figures(2026).expect("over");
    assert_eq!(shown.prepared.as_ref().map(|prepared| prepared.by), Some(prepared_by));
    drop(ann.change_seat(brown));
    drop(clarke);
    let values = vec![(Field::CaseRisk, Value::code("low"))];
    ann.run(CaseEdit { case: cases[0], values, followup: false }).expect("edited");
    let sent = ann.send_figures(&to(to_mary), 2026).expect("another person");
    assert_eq!(
        ann.state().item(sent.item).map(|item| item.value(Field::BundlePrepared)),
        Some(Value::Item(prepared_by))
    );
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    let plan = mary.plan_import(&opened).expect("planned");
    assert_eq!((plan.figures, plan.note.as_str()), (Some(shown.figures), ""));
    assert!(ann.send_figures(&to(to_mary), 2026).is_ok(), "what left once leaves again");
    clean(&mut ann);
}
