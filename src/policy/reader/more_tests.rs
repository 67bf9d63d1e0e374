//! More bad packs, each with the message that it gets: retired choices, retention, who confirms.

use super::parse;
use crate::policy::BUILTIN;

/// What is changed in the built-in pack, and what is then said: name, from, to, start of the message.
#[rustfmt::skip]
const BAD: &[(&str, &str, &str, &str)] = &[
    ("retired and offered", "{ code = \"in-two\", label = \"go in two\" }", "{ code = \"in-two\", label = \"go in two\" },\n    { code = \"in-two\", label = \"old\", retired = true }", "the code \"in-two\" is here twice"),
    ("retired but needed", "{ code = \"other\", label = \"another way\"", "{ code = \"other\", retired = true, label = \"another way\"", "the list \"channel\" must have the code \"other\""),
    ("retired by a word", "{ code = \"in-two\", label", "{ code = \"in-two\", retired = \"yes\", label", "this must be true or false, not text"),
    ("a stage that is retired", "code = \"care\"\n", "code = \"care\"\nretired = true\n", "the key \"retired\" is unknown here"),
    ("confirmed by nobody", "confirm-with = \"the Office", "confirm-with = \"\" # \"the Office", "nobody is named: say who is to confirm it, or leave the key out"),
    ("confirmed by an agency that is not there", "confirm-with = \"the Office of the Information Commissioner\"", "confirm-with = \"OIC\"", "there is no agency \"OIC\": name one of the pack's, or say it in words"),
    ("confirmed by a number", "confirm-with = \"the Office of the Information Commissioner\"", "confirm-with = 7", "this must be text, not a whole number"),
    ("two rules of keeping with one code", "code = \"meetings\"", "code = \"cases\"", "the code \"cases\" is here twice"),
    ("keeping of nothing known", "what = \"meeting\"", "what = \"weather\"", "this is one of: case, meeting, outreach, training, access"),
    ("a meeting that turns eighteen", "after = \"last-entry\"", "after = \"adult\"", "only a case is closed, and only its child turns 18"),
    ("keeping from a moment that is none", "after = \"closed\"", "after = \"sometime\"", "\"sometime\" is none of: closed, adult or last-entry"),
    ("keeping for no years", "after = \"closed\"", "after = \"closed\"\nyears = 0", "from 1 to 100 years; leave it out where none is set"),
    ("keeping for ever", "after = \"closed\"", "after = \"closed\"\nyears = 1000", "from 1 to 100 years; leave it out where none is set"),
    ("years in words", "after = \"closed\"", "after = \"closed\"\nyears = \"seven\"", "this must be a whole number, not text"),
    ("neither years nor a review", "review = \"2027-01-31\"\nhold", "hold", "where no years are set the rule needs a \"review\""),
    ("a review on no day", "review = \"2027-01-31\"", "review = \"2027-02-30\"", "\"2027-02-30\" is none of: a day such as 2027-01-31"),
    ("a hold by a flag that is not there", "hold = [\"legal-hold\", \"court-date\"]", "hold = [\"lawsuit\"]", "the list \"flag\" has no \"lawsuit\""),
    ("a hold on meetings", "after = \"last-entry\"", "after = \"last-entry\"\nhold = [\"legal-hold\"]", "only cases have flags"),
    ("a hold that is no array", "hold = [\"legal-hold\", \"court-date\"]", "hold = \"legal-hold\"", "this must be an array of texts, not text"),
    ("a flag that keeping needs is dropped", "    { code = \"legal-hold\", label = \"keep for a court\", hint = \"Nothing of this case may be disposed of.\" },\n", "", "the list \"flag\" has no \"legal-hold\""),
    ("closing without an approval", "seen-days = 10\napproval = \"other\"", "seen-days = 10", "\"approval\" is missing"),
    ("closing approved by a word", "approval = \"other\"", "approval = \"everybody\"", "\"everybody\" is none of: other or none"),
    ("closing without seeing the child", "seen-days = 10", "seen-days = 0", "from 1 to 366 days"),
    ("closing with an unknown key", "seen-days = 10", "seen-days = 10\nseen-hours = 3", "the key \"seen-hours\" is unknown here; known are seen-days, approval, source, verified"),
    ("two criteria with one code", "code = \"no-ground\"", "code = \"safe\"", "the code \"safe\" is here twice"),
    ("a criterion without words", "label = \"The child is safe\"", "label = \"\"", "the label is empty"),
    ("a criterion for no reason", "reasons = [\"transferred\"]", "reasons = []", "say for which reasons of closing it is asked"),
    ("a criterion for an unknown reason", "reasons = [\"transferred\"]", "reasons = [\"moved\"]", "the list \"close-reason\" has no \"moved\""),
    ("a criterion where a child has died", "reasons = [\"transferred\"]", "reasons = [\"died\"]", "where a child has died nothing is asked"),
    ("a criterion that is required by a word", "required = false", "required = \"no\"", "this must be true or false, not text"),
    ("a table for a number", "reveal-seconds = 30", "reveal-seconds = { high = 30 }", "this must be a whole number, not a table"),
    ("a list for a text", "name = \"Jamaica: defaults\"", "name = [\"Jamaica\"]", "this must be text, not an array"),
    ("one table where there are many", "[[call]]\ncode = \"police\"", "[call]\ncode = \"police\"", "duplicate key"),
    ("a stage short name too long", "short = \"Protection\"", "short = \"Protection and more\"", "the short name has more than 14 characters"),
    ("an agenda rule that nobody knows", "code = \"not-seen\"", "code = \"forgotten\"", "a rule is one of: unfinished, overdue,"),
    ("an agenda without what was asked for", "code = \"asked\"", "code = \"new\"", "the rule \"asked\" is missing"),
    ("a quorum of nobody", "quorum = 3", "quorum = 0", "a quorum goes from 1 to 50 people"),
    ("a follow-up at no stage", "stage = \"follow-up\"\nevery", "stage = \"long-term\"\nevery", "there is no stage \"long-term\""),
    ("a follow-up of no kind", "kind = \"call\"\nevery", "kind = \"radio\"\nevery", "the list \"followup-kind\" has no \"radio\""),
    ("a track at the end", "next = []", "next = []\ntrack = true", "the first and the last stage can't run beside another"),
];

#[test]
fn more_bad_packs_are_refused_by_name() {
    let mut bad = Vec::new();
    for &(name, from, to, message) in BAD {
        assert!(BUILTIN.contains(from), "{name}: the pack no longer holds {from:?}");
        let errors = parse(&BUILTIN.replacen(from, to, 1)).expect_err(name);
        if !errors.iter().any(|error| error.message.starts_with(message) && error.line > 0 && error.column > 0) {
            bad.push(format!("{name}: {errors:#?}"));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn older_packs_without_the_newer_parts_are_still_read() {
    let start = BUILTIN.find("[[retention]]").expect("the part");
    let pack = parse(&BUILTIN[..start]).expect("an older pack");
    assert!(pack.retention.is_empty() && pack.former.is_empty());
    assert!(pack.closure.is_none() && pack.criteria.is_empty());
    let criteria = BUILTIN.replacen("[closure]", "[closures]", 1);
    assert!(parse(&criteria).is_err(), "criteria without their rules");
    let pack = parse(BUILTIN).expect("a pack");
    assert_eq!(pack.criteria_for("died").count(), 0);
    assert!(
        pack.list("close-reason")
            .iter()
            .filter(|it| !matches!(it.code.as_str(), "died" | "duplicate"))
            .all(|it| pack.criteria_for(&it.code).next().is_some())
    );
    assert_eq!((pack.retention[0].years, pack.retention[0].hold.len()), (None, 2));
}
