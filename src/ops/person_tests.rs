//! People around a child and links between cases: what is refused, what is masked, and who learns what of other cases.

use crate::domain::class::Class;
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, EntryId, ItemId, StreamId};
use crate::domain::person::{Also, Link, Named, Person, alike, in_fields, named_in_concern};
use crate::domain::state::Stamp;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::{AppError, Kind};
use crate::session::Session;
use crate::testing::team::{self, team};
use crate::vault::disk::MemoryDisk;

use super::{
    CaseClose, CaseEdit, CaseLink, CaseUnlink, ConsentRecord, LinkWords, Op, PersonAdd, PersonEdit, PersonGather,
    PersonRemove, PersonSame, TeamAdd,
};

fn refused(session: &mut Session, op: impl Into<Op>) -> String {
    let error: AppError = session.run(op).expect_err("refused");
    assert_eq!(error.kind, Kind::Refused);
    assert!(!error.hint.is_empty());
    error.message
}

fn named(name: &str, roles: &[&str]) -> Vec<(Field, Value)> {
    vec![(Field::PersonName, Value::text(name)), (Field::PersonRoles, Value::codes(roles))]
}

fn add(session: &mut Session, case: ItemId, values: Vec<(Field, Value)>) -> ItemId {
    session.run(PersonAdd { case, values }).expect("written down").made[0]
}

fn person(session: &Session, id: ItemId) -> Person<'_> {
    Person::get(session.state(), id).expect("stands")
}

fn case(session: &Session, id: ItemId) -> Case<'_> {
    Case::get(session.state(), id).expect("stands")
}

fn also(session: &Session, who: ItemId) -> Vec<Also> {
    let named = Named::of(session.state(), session.me());
    named.of_person(session.state(), session.me(), person(session, who))
}

fn link(a: ItemId, b: ItemId, kind: &str) -> CaseLink {
    CaseLink { a, b, kind: kind.into(), words: LinkWords::default() }
}

#[test]
fn people_are_written_down_changed_removed_and_masked() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = team::case(&mut session, "Not seen at school");
    let mut values = named("Hazel Pebbleford", &["carer"]);
    values.extend([
        (Field::PersonRelation, Value::text("grandmother")),
        (Field::PersonPhone, Value::text("876-555-0177")),
        (Field::PersonUnaware, Value::YesNo(true)),
        (Field::PersonAge, Value::Number(61)),
    ]);
    let hazel = add(&mut session, id, values);
    let found = person(&session, hazel);
    assert_eq!((found.name(), found.relation(), found.caution()), ("Hazel Pebbleford", "grandmother", "must not know"));
    assert_eq!((found.0.class, found.named(), found.masked()), (Class::People, false, "carer"));
    assert_eq!(found.age(session.today_date()).as_deref(), Some("about 61"));
    assert_eq!(found.age(session.today_date() + chrono::TimeDelta::days(730)).as_deref(), Some("about 63"));
    assert!(session.state().code(hazel).to_string().starts_with("P-"));
    let mask = session.mask(Some(id));
    assert_eq!(mask.masked("Pebbleford called from 555 0177"), "[carer] called from [telephone]");

    assert!(
        refused(&mut session, PersonAdd { case: id, values: named("pebbleford HAZEL", &["mother"]) }).contains("P-")
    );
    assert!(refused(&mut session, PersonAdd { case: id, values: named("", &["mother"]) }).contains("missing"));
    let knows = vec![(Field::PersonKnows, Value::code("familial"))];
    assert!(
        refused(&mut session, PersonEdit { person: hazel, values: knows.clone() }).contains("named in the concern")
    );
    let both = [vec![(Field::PersonNamed, Value::YesNo(true))], knows].concat();
    session.run(PersonEdit { person: hazel, values: both }).expect("named, so it may be said");
    for (field, value, says) in [
        (Field::PersonAge, Value::Number(400), "age"),
        (Field::PersonDob, Value::date(session.today_date() + chrono::TimeDelta::days(1)), "born"),
        (Field::PersonCase, Value::Item(id), "the case itself"),
        (Field::PersonCase, Value::Item(ItemId([9; 16])), "no such case"),
        (Field::PersonSymbols, Value::Number(3), "can't be set"),
        (Field::PersonRoles, Value::codes(["wizard"]), "person-role"),
    ] {
        let message = refused(&mut session, PersonEdit { person: hazel, values: vec![(field, value)] });
        assert!(message.contains(says), "{message}");
    }
    session.run(PersonRemove { person: hazel }).expect("removed");
    assert!(Person::all(session.state(), case(&session, id)).is_empty());
    session.undo().expect("brought back");
    assert_eq!(Person::all(session.state(), case(&session, id)).len(), 1);
    let close = CaseClose { cancel_open: true, ..CaseClose::new(id, "goals-met") };
    session.run(close).expect("closed");
    assert!(refused(&mut session, PersonAdd { case: id, values: named("Reed", &["other"]) }).contains("closed"));
    assert!(refused(&mut session, PersonRemove { person: hazel }).contains("closed"));
}

#[test]
fn who_reported_is_kept_apart() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = team::case(&mut session, "Not seen at school");
    let values = named("Moss Lanternby", &["reporter"]);
    let reporter = add(&mut session, id, values);
    assert_eq!(person(&session, reporter).0.class, Class::Reporter);
    let both = named("Clay Lanternby", &["reporter", "father"]);
    assert!(refused(&mut session, PersonAdd { case: id, values: both }).contains("kept apart"));
    let father = vec![(Field::PersonRoles, Value::codes(["father"]))];
    assert!(refused(&mut session, PersonEdit { person: reporter, values: father }).contains("can't change"));
    // The same name elsewhere in the case is taken without a word: the answer would tell who reported.
    let father = add(&mut session, id, named("Moss Lanternby", &["father"]));
    assert_eq!(person(&session, father).0.class, Class::People);
    let other = team::case(&mut session, "Another worry");
    let there = add(&mut session, other, named("Moss Lanternby", &["father"]));
    let same = PersonSame { person: there, other: reporter, same: true };
    assert!(refused(&mut session, same).contains("linked to nobody"));
    assert_eq!(
        alike(session.state(), session.me(), person(&session, there)).len(),
        1,
        "the father, never the reporter"
    );
}

#[test]
fn names_in_fields_become_people_once() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = team::case(&mut session, "Not seen at school");
    assert!(refused(&mut session, PersonGather { case: id }).contains("names anybody"));
    let values = vec![
        (Field::CaseMother, Value::text("Coral Hillbrook")),
        (Field::CaseCarer, Value::text("coral hillbrook")),
        (Field::CaseAlleged, Value::text("Slate Overhill")),
    ];
    session.run(CaseEdit { case: id, values, followup: false }).expect("edited");
    assert_eq!(in_fields(case(&session, id)).count(), 3);
    let says = session.run(PersonGather { case: id }).expect("gathered").says;
    assert!(says.starts_with("2 people of case"), "{says}");
    let found = case(&session, id);
    assert_eq!(in_fields(found).count(), 0);
    let all: Vec<(&str, Vec<String>)> =
        Person::all(session.state(), found).iter().map(|it| (it.name(), it.roles())).collect();
    let roles = |roles: &[&str]| roles.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        all,
        [("Slate Overhill", roles(&["alleged-offender"])), ("Coral Hillbrook", roles(&["carer", "mother"]))]
    );
    // What is typed into a field later joins the person who is there.
    let values = vec![(Field::CaseFather, Value::text("Slate Overhill"))];
    session.run(CaseEdit { case: id, values, followup: false }).expect("edited");
    session.run(PersonGather { case: id }).expect("gathered");
    assert_eq!(Person::all(session.state(), case(&session, id)).len(), 2);
    assert_eq!(named_in_concern(session.state(), case(&session, id)), ["Slate Overhill"]);
    assert_eq!(crate::domain::consent::barred(session.state(), case(&session, id)), ["father"]);
    let consent = ConsentRecord::new(id, vec!["services".into()], "Mr. Overhill");
    assert!(refused(&mut session, consent).contains("named in the concern"));
    // One step back brings the fields back.
    session.undo().expect("undone");
    assert_eq!(in_fields(case(&session, id)).count(), 1);
}

#[test]
fn who_is_named_in_two_cases_is_pointed_out_to_those_who_may_see_both() {
    let mut session = team(&MemoryDisk::new(), 1);
    let (one, two) = (team::case(&mut session, "One"), team::case(&mut session, "Two"));
    let here = add(&mut session, one, named("Slate Overhill", &["alleged-offender"]));
    assert_eq!(also(&session, here), []);
    let there = add(&mut session, two, named("OVERHILL, Slate", &["in-control"]));
    assert_eq!(also(&session, here), [Also { case: two, sure: false }]);
    session.run(PersonSame { person: here, other: there, same: true }).expect("linked");
    assert_eq!(also(&session, there), [Also { case: one, sure: true }]);
    assert!(refused(&mut session, PersonSame { person: there, other: here, same: true }).contains("already"));
    session.run(PersonSame { person: there, other: here, same: false }).expect("two again");
    assert_eq!(also(&session, there), [Also { case: one, sure: false }]);
    assert!(refused(&mut session, PersonSame { person: there, other: here, same: false }).contains("No link"));
    // A field of a case names somebody as well; one word alone, or somebody whom nobody names, says nothing.
    let three = team::case(&mut session, "Three");
    let alleged = vec![(Field::CaseAlleged, Value::text("Slate Overhill"))];
    session.run(CaseEdit { case: three, values: alleged, followup: false }).expect("edited");
    assert_eq!(also(&session, here).len(), 2);
    let mother = add(&mut session, three, named("Reed", &["mother"]));
    assert_eq!(also(&session, mother), []);
    // An observer learns nothing of other cases.
    let values = vec![(Field::MemberName, Value::text("O. Looker")), (Field::MemberRole, Value::code("observer"))];
    let observer = session.run(TeamAdd { values }).expect("added").made[0];
    let state = session.state();
    assert_eq!(Named::of(state, observer).of_person(state, observer, person(&session, here)), []);
    assert!(alike(state, observer, person(&session, here)).is_empty());
    // Restricted to somebody else, the other case is not even counted.
    let values = vec![(Field::MemberName, Value::text("D. Reid")), (Field::MemberRole, Value::code("champion"))];
    let reid = session.run(TeamAdd { values }).expect("added").made[0];
    let only = vec![(Field::CaseRestricted, Value::items([session.me()]))];
    session.run(CaseEdit { case: two, values: only, followup: false }).expect("restricted");
    let state = session.state();
    let seen = Named::of(state, reid).of_person(state, reid, person(&session, here));
    assert_eq!(seen, [Also { case: three, sure: false }]);
    assert_eq!(also(&session, here).len(), 2, "who may see both sees both");
}

#[test]
fn links_say_why_are_taken_back_and_may_go_round() {
    let mut session = team(&MemoryDisk::new(), 1);
    let all: Vec<ItemId> = ["One", "Two", "Three"].iter().map(|concern| team::case(&mut session, concern)).collect();
    assert!(refused(&mut session, link(all[0], all[1], "network")).contains("who says so"));
    let words = LinkWords { note: "The same van".into(), said_by: "Insp. Example".into() };
    session.run(CaseLink { words, ..link(all[0], all[1], "network") }).expect("linked");
    session.run(link(all[1], all[2], "household")).expect("linked");
    session.run(link(all[2], all[0], "household")).expect("round and round");
    let links = Link::all(session.state(), case(&session, all[0]));
    assert_eq!(
        links.iter().map(|link| (link.kind(), link.other)).collect::<Vec<_>>(),
        [("household", all[2]), ("network", all[1])]
    );
    assert_eq!(links[1].words(), "The same van (says Insp. Example)");
    session.run(CaseUnlink { a: all[1], b: all[0] }).expect("taken back");
    assert_eq!(Link::all(session.state(), case(&session, all[0])).len(), 1);
    assert!(refused(&mut session, CaseUnlink { a: all[0], b: all[1] }).contains("not linked"));
    // Everybody on the team reads a link: of a restricted case it says nothing more.
    let only = vec![(Field::CaseRestricted, Value::items([session.me()]))];
    session.run(CaseEdit { case: all[0], values: only, followup: false }).expect("restricted");
    let words = LinkWords { note: "The same van".into(), said_by: String::new() };
    assert!(refused(&mut session, CaseLink { words, ..link(all[0], all[1], "network") }).contains("whole team"));
    session.run(link(all[0], all[1], "network")).expect("without words");
}

#[test]
fn a_sibling_with_a_case_is_linked_to_it() {
    let mut session = team(&MemoryDisk::new(), 1);
    let (one, two) = (team::case(&mut session, "One"), team::case(&mut session, "Two"));
    let mut values = named("Reed Riverstone", &["sibling"]);
    values.push((Field::PersonCase, Value::Item(two)));
    let reed = add(&mut session, one, values);
    assert_eq!(person(&session, reed).own_case(), Some(two));
    let links = Link::all(session.state(), case(&session, two));
    assert_eq!(links.iter().map(|link| (link.kind(), link.other)).collect::<Vec<_>>(), [("sibling", one)]);
    // Which case it is stays with the team: the class of links leaves in no bundle but a sync.
    assert_eq!(Field::PersonCase.class(Class::People), Class::Links);
    // Said again, or of another who is linked so already, nothing is linked twice.
    let mut values = named("Fern Riverstone", &["sibling"]);
    values.push((Field::PersonCase, Value::Item(one)));
    add(&mut session, two, values);
    assert_eq!(Link::all(session.state(), case(&session, two)).len(), 1);
}

#[test]
fn two_devices_that_wrote_of_the_same_person_keep_both_and_the_safer_side_rules() {
    let mut session = team(&MemoryDisk::new(), 1);
    let id = team::case(&mut session, "Not seen at school");
    let hazel = add(&mut session, id, named("Hazel Pebbleford", &["carer"]));
    let values = vec![
        (Field::PersonNoCalls, Value::YesNo(false)),
        (Field::PersonRoles, Value::codes(["carer", "household"])),
        (Field::PersonPhone, Value::text("876-555-0177")),
    ];
    session.run(PersonEdit { person: hazel, values }).expect("changed");
    let stamp = Stamp {
        id: EntryId([7; 32]),
        stream: StreamId(id.0),
        class: Class::People,
        author: session.me(),
        device: DeviceId([0xd7; 32]),
        lamport: 1_000,
        wall: session.now().timestamp_millis(),
    };
    let set = |field, value| Fact::Set { item: hazel, field, value, replaces: Vec::new() };
    let facts = [
        set(Field::PersonNoCalls, Value::YesNo(true)),
        set(Field::PersonRoles, Value::codes(["alleged-offender"])),
        set(Field::PersonPhone, Value::text("876-555-0188")),
    ];
    session.fold_for_test(&stamp, &facts);
    let found = person(&session, hazel);
    assert_eq!(found.caution(), "must not be called");
    assert!(found.named(), "named by one side is named");
    assert!(found.has("household") && found.has("alleged-offender"));
    let register = found.0.register(Field::PersonPhone).expect("set");
    assert_eq!(register.heads().len(), 2, "both numbers are kept until somebody decides");
    assert_eq!(session.state().items(ItemKind::Person).count(), 1);
}
