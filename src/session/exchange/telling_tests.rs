//! What is kept from a team doesn't reach it, and of the child's words only what the child agreed to does.

use super::tests::{agree, note, two_teams, wish};
use super::{Views, Wish};
use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::teams;
use crate::domain::telling::{self, EVERYBODY};
use crate::error::Kind;
use crate::ops::{ConsentLift, ConsentRecord, Keep, ViewsTell};
use crate::session::Session;
use crate::testing::team::case;

fn root(session: &Session, peer: ItemId) -> String {
    session.state().item(peer).expect("a peer").str(Field::PeerRoot).to_owned()
}

fn consent(case: ItemId) -> ConsentRecord {
    ConsentRecord::new(case, vec!["services".into(), "disclosure".into()], "the mother")
}

fn keep(from: &str, what: &[Class]) -> Keep {
    Keep { from: vec![from.to_owned()], what: what.iter().copied().collect(), why: "her uncle works there".into() }
}

/// Lets the other team take a bundle in; the words of its notes of a class there.
fn read_there(mary: &mut Session, bytes: &[u8], case: ItemId, class: Class) -> Vec<String> {
    let opened = mary.open_bundle(bytes).expect("opened");
    mary.import(&opened, None, "sent.mahoe").expect("taken in");
    words_there(mary, case, class)
}

fn words_there(mary: &Session, case: ItemId, class: Class) -> Vec<String> {
    let stream = mary.state().item(case).expect("there").stream;
    let notes = mary.state().items_in(stream, ItemKind::Note).filter(|note| note.class == class);
    notes.map(|note| note.str(Field::NoteText).to_owned()).collect()
}

fn note_of(session: &Session, class: Class) -> ItemId {
    session.state().items(ItemKind::Note).find(|note| note.class == class).expect("a note").id
}

#[test]
fn what_is_kept_from_a_team_stays_also_in_later_updates() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    note(&mut ann, case, Class::Health, "a scar");
    note(&mut ann, case, Class::Notes, "an ordinary note");
    agree(&mut ann, case);
    let whole = Wish { profile: "whole".into(), ..wish(to_mary, case) };
    let sent = ann.refer(&whole, false).expect("sent");
    assert_eq!(read_there(&mut mary, &sent.bytes, case, Class::Health), ["a scar"]);

    // From now on health is kept from them; what they hold they keep.
    let marys = root(&ann, to_mary);
    let made = ann.run(ConsentRecord { keep: keep(&marys, &[Class::Health]), ..consent(case) }).expect("recorded");
    assert!(made.says.contains("What was named is kept from Saint Mary."), "{}", made.says);
    note(&mut ann, case, Class::Health, "a second scar");
    note(&mut ann, case, Class::Notes, "a second note");
    let update = Wish { peer: Some(to_mary), case: Some(case), ..Wish::default() };
    let sent = ann.update(&update).expect("sent");
    assert_eq!(read_there(&mut mary, &sent.bytes, case, Class::Health), ["a scar"]);
    let mut notes = words_there(&mary, case, Class::Notes);
    notes.sort();
    assert_eq!(notes, ["a second note", "an ordinary note"]);
    let again = Wish { service: "a bed".into(), ..whole };
    let seen = ann.preview_referral(&again, true).expect("seen");
    assert!(seen.leaves.iter().all(|line| line.class != Class::Health));
    assert_eq!(seen.remarks[0], "Kept from Saint Mary: health (her uncle works there)");
    // Why it is kept from them is nothing that they read.
    let open = |class: Class| class.team_only();
    assert!(open(Field::ConsentKeepWhy.class(Class::Notes)) && open(Field::ConsentKeepFrom.class(Class::Notes)));

    ann.run(ConsentLift { consent: made.made[0], reason: "the uncle has left".into() }).expect("lifted");
    let sent = ann.update(&update).expect("sent");
    let mut there = read_there(&mut mary, &sent.bytes, case, Class::Health);
    there.sort();
    assert_eq!(there, ["a scar", "a second scar"]);
    let refused = ann.run(ConsentLift { consent: made.made[0], reason: "again".into() }).expect_err("lifted before");
    assert!(refused.message.starts_with("Nothing is kept"), "{}", refused.message);
}

#[test]
fn all_of_it_kept_from_a_team_or_named_for_others_leaves_only_for_a_reason() {
    let (mut ann, _, to_mary, _) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    agree(&mut ann, case);
    ann.refer(&wish(to_mary, case), false).expect("sent");
    let update = Wish { peer: Some(to_mary), case: Some(case), ..Wish::default() };
    let medical = teams::agency_party("MOH");

    let only = ConsentRecord { to: vec![medical.clone()], ..consent(case) };
    ann.run(only).expect("recorded");
    let again = Wish { service: "a second visit".into(), ..wish(to_mary, case) };
    let refused = ann.preview_referral(&again, true).expect_err("named for others");
    assert!(
        refused.message.contains("disclosure is for others alone; it may be told to MOH alone"),
        "{}",
        refused.message
    );
    let refused = ann.update(&update).expect_err("named for others");
    assert_eq!(
        refused.message,
        format!("Nothing more leaves of case {}: it may be told to MOH alone.", ann.state().code(case))
    );
    let over = Wish { override_reason: "the child is there now".into(), ..again.clone() };
    assert!(ann.preview_referral(&over, true).is_ok());

    // A later consent that names both adds up with the earlier; one that names nobody lifts it.
    let marys = root(&ann, to_mary);
    ann.run(ConsentRecord { to: vec![marys.clone()], ..consent(case) }).expect("recorded");
    assert!(ann.update(&update).is_ok());

    // Everybody outside is everybody outside.
    ann.run(ConsentRecord { keep: keep(EVERYBODY, &[]), ..consent(case) }).expect("recorded");
    let refused = ann.update(&update).expect_err("kept");
    assert!(refused.message.ends_with("all of it is to be kept from Saint Mary."), "{}", refused.message);
    assert_eq!(ann.preview_referral(&again, true).expect_err("kept").kind, Kind::Refused);
    // What the law asks for goes all the same.
    assert!(ann.preview_referral(&Wish { mandatory: true, ..again }, false).is_ok());
    let both = ConsentRecord { to: vec![marys.clone()], keep: keep(&marys, &[]), ..consent(case) };
    assert!(ann.run(both).expect_err("both").message.contains("is to be told, and to be told nothing"));
}

#[test]
fn the_team_that_a_consent_came_from_goes_on_being_told() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    let marys = root(&ann, to_mary);
    ann.run(ConsentRecord { to: vec![marys], ..consent(case) }).expect("recorded");
    let sent = ann.refer(&wish(to_mary, case), false).expect("named");
    read_there(&mut mary, &sent.bytes, case, Class::Notes);
    note(&mut mary, case, Class::Notes, "seen by the aunt");
    let back = mary.update(&Wish { peer: Some(to_ann), case: Some(case), ..Wish::default() });
    assert!(back.is_ok(), "{back:?}");
    // Over there the consent still names whom it named.
    let view = crate::domain::views::Case::get(mary.state(), case).expect("there");
    assert!(!telling::is_named(mary.state(), view, "agency:MOH", mary.today_date()));
}

#[test]
fn who_is_named_follows_from_the_consents_that_count() {
    use crate::domain::consent::{Standing, telling_to};
    let (ann, _, to_mary, _) = &mut two_teams();
    let marys = root(ann, *to_mary);
    let (now, today) = (ann.now(), ann.today_date());
    let medical = teams::agency_party("MOH");
    let later = today + chrono::Days::new(2);
    let ago = |days| Some(now - chrono::TimeDelta::days(days));
    let stands = |ann: &Session, case, party: &str, day| {
        let view = crate::domain::views::Case::get(ann.state(), case).expect("there");
        let standing = telling_to(ann.state(), view, party, day);
        (standing.counts(), matches!(standing, Standing::ForOthers(_)))
    };
    let (may, for_others) = ((true, false), (false, true));

    // What names nobody lifts it while it counts, and no longer.
    let first = case(ann, "Not seen at school for two weeks");
    ann.run(ConsentRecord { to: vec![medical.clone()], given: ago(2), ..consent(first) }).expect("recorded");
    assert_eq!(stands(ann, first, &marys, today), for_others);
    ann.run(ConsentRecord { until: Some(today), given: ago(1), ..consent(first) }).expect("recorded");
    assert_eq!(stands(ann, first, &marys, today), may);
    assert_eq!(stands(ann, first, &marys, later), for_others, "what lifted it has run out");
    assert_eq!(stands(ann, first, &medical, later), may);

    // Who was named until a day is named no more, where somebody else is.
    let second = case(ann, "Begging at the bus park");
    let until = ConsentRecord { to: vec![marys.clone()], until: Some(today), given: ago(2), ..consent(second) };
    ann.run(until).expect("recorded");
    ann.run(ConsentRecord { to: vec![medical.clone()], given: ago(1), ..consent(second) }).expect("recorded");
    assert_eq!(stands(ann, second, &marys, today), may);
    assert_eq!(stands(ann, second, &marys, later), for_others);

    // Nor who was named before somebody said no.
    let third = case(ann, "Sleeps at the market");
    ann.run(ConsentRecord { to: vec![marys.clone()], given: ago(3), ..consent(third) }).expect("recorded");
    let no = ConsentRecord { refused: vec!["disclosure".into()], given: ago(2), ..consent(third) };
    ann.run(ConsentRecord { scopes: vec!["services".into()], ..no }).expect("recorded");
    ann.run(ConsentRecord { to: vec![medical.clone()], given: ago(1), ..consent(third) }).expect("recorded");
    assert_eq!(stands(ann, third, &marys, today), for_others);
    assert_eq!(stands(ann, third, &medical, today), may);
}

#[test]
fn a_team_that_wrote_some_other_consent_is_not_named_by_it() {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    agree(&mut ann, case);
    let sent = ann.refer(&wish(to_mary, case), false).expect("sent");
    read_there(&mut mary, &sent.bytes, case, Class::Notes);
    mary.run(ConsentRecord::new(case, vec!["services".into()], "the aunt")).expect("recorded");
    let back = mary.update(&Wish { peer: Some(to_ann), case: Some(case), ..Wish::default() }).expect("sent");
    read_there(&mut ann, &back.bytes, case, Class::Notes);
    let only = ConsentRecord { to: vec![teams::agency_party("MOH")], ..consent(case) };
    ann.run(only).expect("recorded");
    note(&mut ann, case, Class::Notes, "seen by the nurse");
    let refused = ann.update(&Wish { peer: Some(to_mary), case: Some(case), ..Wish::default() });
    assert!(refused.expect_err("named for others").message.ends_with("it may be told to MOH alone."));
}

#[test]
fn of_the_childs_words_only_those_leave_that_the_child_agreed_to() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    agree(&mut ann, case);
    note(&mut ann, case, Class::Views, "I like the aunt");
    let said = note_of(&ann, Class::Views);
    let whole = Wish { profile: "whole".into(), ..wish(to_mary, case) };
    let of = |seen: &super::Preview, leaves: bool| {
        let parts = if leaves { &seen.leaves } else { &seen.stays };
        parts.iter().any(|line| line.class == Class::Views)
    };
    // Nothing was said: the child is asked first.
    let seen = ann.preview_referral(&whole, true).expect("seen");
    assert!(!of(&seen, true) && of(&seen, false));
    assert_eq!(seen.remarks, ["Only after asking the child: 1 thing that the child said"]);
    assert_eq!(seen.show_as_existing, 1);
    for (views, leaves) in [(Views::Agreed, false), (Views::Asked, true), (Views::All, true)] {
        let seen = ann.preview_referral(&Wish { views, ..whole.clone() }, true).expect("seen");
        assert_eq!(of(&seen, true), leaves, "{views:?}");
    }
    let tell = |may: &str, to: &[&str]| ViewsTell {
        note: said,
        may: may.into(),
        to: to.iter().map(|to| (*to).to_owned()).collect(),
    };
    ann.run(tell("nobody", &[])).expect("said");
    let seen = ann.preview_referral(&Wish { views: Views::Asked, ..whole.clone() }, true).expect("seen");
    assert!(!of(&seen, true), "nobody is nobody, unless all is chosen");
    assert!(of(&ann.preview_referral(&Wish { let_go: vec![said], ..whole.clone() }, true).expect("seen"), true));
    assert!(ann.run(tell("named", &[])).expect_err("nobody named").message.contains("not said who"));
    assert!(ann.run(tell("named", &["agency:NOBODY"])).expect_err("unknown").message.contains("known here"));
    assert!(ann.run(tell("friends", &[])).is_err());

    let marys = root(&ann, to_mary);
    ann.run(tell("named", &[&marys])).expect("said");
    let seen = ann.preview_referral(&whole, true).expect("seen");
    assert!(of(&seen, true) && seen.remarks.is_empty(), "{:?}", seen.remarks);
    let sent = ann.refer(&whole, false).expect("sent");
    assert_eq!(read_there(&mut mary, &sent.bytes, case, Class::Views), ["I like the aunt"]);
    // A later word of the child is asked about again, though the kind of data is shared.
    note(&mut ann, case, Class::Views, "I don't want them to know");
    note(&mut ann, case, Class::Notes, "an ordinary note");
    let update = ann.update(&Wish { peer: Some(to_mary), case: Some(case), ..Wish::default() }).expect("sent");
    assert_eq!(read_there(&mut mary, &update.bytes, case, Class::Views), ["I like the aunt"]);
}

#[test]
fn where_it_is_kept_who_the_child_is_who_is_around_the_child_is_kept_too() {
    let (mut ann, mut mary, to_mary, _) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    let values = vec![(Field::PersonName, crate::domain::value::Value::text("Rose Riverstone"))];
    ann.run(crate::ops::PersonAdd { case, values }).expect("written down");
    let marys = root(&ann, to_mary);
    ann.run(ConsentRecord { keep: keep(&marys, &[Class::Identity]), ..consent(case) }).expect("recorded");
    let whole = Wish { profile: "whole".into(), ..wish(to_mary, case) };
    let seen = ann.preview_referral(&whole, false).expect("seen");
    assert!(seen.leaves.iter().all(|line| !matches!(line.class, Class::Identity | Class::People)));
    assert_eq!(seen.remarks[0], "Kept from Saint Mary: identity, reporter, people (her uncle works there)");
    let sent = ann.refer(&whole, false).expect("sent");
    read_there(&mut mary, &sent.bytes, case, Class::Notes);
    assert!(mary.state().items(ItemKind::Person).next().is_none());
}

#[test]
fn what_left_without_the_childs_word_is_on_record() {
    let (mut ann, _, to_mary, _) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    agree(&mut ann, case);
    note(&mut ann, case, Class::Views, "I like the aunt");
    let whole = Wish { profile: "whole".into(), views: Views::Asked, ..wish(to_mary, case) };
    assert_eq!(ann.with_views("whole".into(), &whole), "whole; the child's words, by choice: 1");
    ann.refer(&whole, false).expect("sent");
    let view = crate::domain::views::Case::get(ann.state(), case).expect("there");
    assert_eq!(telling::of_the_child(ann.state(), view).count(), 1);
}

#[test]
fn a_child_for_whom_use_in_reports_was_refused_is_in_no_figure() {
    let (mut ann, ..) = two_teams();
    let case = case(&mut ann, "Not seen at school for two weeks");
    assert_eq!(ann.declined().len(), 0, "nobody was asked: silence is no refusal");
    let no = ConsentRecord { refused: vec!["reporting".into()], ..ConsentRecord::new(case, Vec::new(), "the mother") };
    let says = ann.run(no).expect("recorded").says;
    assert_eq!(says, "No consent to reports: recorded.");
    assert_eq!(ann.declined().len(), 1);
    ann.undo().expect("undone");
    assert_eq!(ann.declined().len(), 0);
}
