//! People in bundles: they leave with their class or not at all, and never where the child's identity is withheld.

use super::Wish;
use super::tests::{agree, clean, two_teams, wish};
use crate::domain::class::Class;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::person::{Named, Person, REPORTER};
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::ops::{PersonAdd, PersonEdit, PersonRemove, PolicySet};
use crate::policy;
use crate::session::Session;
use crate::testing::team::case;

fn add(session: &mut Session, case: ItemId, name: &str, role: &str) -> ItemId {
    let values = vec![(Field::PersonName, Value::text(name)), (Field::PersonRoles, Value::codes([role]))];
    session.run(PersonAdd { case, values }).expect("written down").made[0]
}

/// What arrives over there of a case with three people, under a profile.
fn arrives(profile: &str, policy: Option<String>) -> (Session, Session, ItemId, ItemId) {
    let (mut ann, mut mary, to_mary, to_ann) = two_teams();
    if let Some(text) = policy {
        ann.run(PolicySet { text }).expect("in force");
    }
    let id = case(&mut ann, "Not seen at school");
    agree(&mut ann, id);
    add(&mut ann, id, "Slate Overhill", "alleged-offender");
    add(&mut ann, id, "Coral Hillbrook", "mother");
    add(&mut ann, id, "Moss Lanternby", REPORTER);
    let sent = ann.refer(&Wish { profile: profile.into(), ..wish(to_mary, id) }, false).expect("sent");
    let opened = mary.open_bundle(&sent.bytes).expect("opened");
    mary.import(&opened, None, "stick.mahoe").expect("taken in");
    clean(&mut mary);
    (ann, mary, id, to_ann)
}

fn names(session: &Session) -> Vec<String> {
    let mut names: Vec<String> =
        session.state().items(ItemKind::Person).map(|item| Person(item).name().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn people_leave_with_their_profile_and_who_reported_with_none() {
    let (mut ann, mut mary, id, to_ann) = arrives("parish-partner", None);
    assert_eq!(names(&mary), ["Coral Hillbrook", "Slate Overhill"]);
    assert_eq!(names(&ann).len(), 3);
    // What they add comes back; what we wrote is ours to remove.
    let overhill = mary.state().items(ItemKind::Person).find(|item| Person(item).named()).expect("here").id;
    let refused = mary.run(PersonRemove { person: overhill }).expect_err("ours");
    assert!(refused.message.contains("another team"), "{}", refused.message);
    let phone = vec![(Field::PersonPhone, Value::text("876-555-0166"))];
    mary.run(PersonEdit { person: overhill, values: phone }).expect("changed");
    let update = mary.update(&Wish { peer: Some(to_ann), case: Some(id), ..Wish::default() }).expect("sent");
    let opened = ann.open_bundle(&update.bytes).expect("opened");
    ann.import(&opened, None, "stick.mahoe").expect("taken in");
    assert_eq!(Person::get(ann.state(), overhill).expect("here").0.str(Field::PersonPhone), "876-555-0166");
    clean(&mut ann);
    // Nobody is compared with the cases of other parishes.
    let own = case(&mut mary, "Our own worry");
    let here = add(&mut mary, own, "Slate Overhill", "alleged-offender");
    let state = mary.state();
    let named = Named::of(state, mary.me());
    let of = |id| named.of_person(state, mary.me(), Person::get(state, id).expect("here"));
    assert_eq!((of(here), of(overhill)), (Vec::new(), Vec::new()));
}

#[test]
fn with_people_withheld_a_case_arrives_whole_without_them() {
    for profile in ["minimum", "health"] {
        let (_, mary, id, _) = arrives(profile, None);
        assert_eq!(names(&mary), Vec::<String>::new());
        let case = Case::get(mary.state(), id).expect("here");
        assert_eq!(case.concern(), "Not seen at school");
        assert_eq!(case.secrets(mary.state()).iter().filter(|(_, role)| *role != "child").count(), 0);
    }
}

#[test]
fn a_profile_without_the_childs_identity_lets_no_names_of_people_out() {
    let text = policy::BUILTIN.replacen(
        r#"classes = ["core", "identity", "contact", "people", "justice"]"#,
        r#"classes = ["core", "people", "justice"]"#,
        1,
    );
    assert_ne!(text, policy::BUILTIN);
    let (ann, mary, id, _) = arrives("police", Some(text));
    assert_eq!(names(&mary), Vec::<String>::new());
    assert_eq!(Case::get(mary.state(), id).expect("here").0.str(Field::CaseChildName), "");
    // Nor with an update later: what is shared is on record without them.
    let share = ann.state().items(ItemKind::Share).next().expect("shared");
    let classes = crate::domain::share::Share(share).classes();
    assert!(!classes.contains(&Class::People) && classes.contains(&Class::Justice), "{classes:?}");
}
