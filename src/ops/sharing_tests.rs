//! Consent and referrals, with another parish's team at the other end.

use chrono::TimeDelta;

use crate::domain::class::Class;
use crate::domain::consent::{Consent, Standing, consent, lacking_for};
use crate::domain::fact::Fact;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{DeviceId, EntryId, ItemId, StreamId, StreamKind};
use crate::domain::referral::{Referral, awaiting_answer, to_answer};
use crate::domain::state::Stamp;
use crate::domain::today::{self, Bucket, What};
use crate::domain::value::Value;
use crate::domain::views::{Action, Case, author_name, owner_name};
use crate::error::{AppError, Kind};
use crate::session::{FixedClock, Session};
use crate::testing::team;
use crate::vault::disk::MemoryDisk;

use super::{
    Answer, CaseAssign, CaseEdit, CaseNote, CaseStage, ConsentRecord, ConsentWithdraw, FollowUpAdd, ReferralAnswer,
    ReferralReceive, ReferralRevoke, ReferralSend, TeamAdd,
};

const OURS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const THEIRS: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const PEER: ItemId = ItemId([0xb1; 16]);
const COLLEAGUE: ItemId = ItemId([0xb2; 16]);
const THEIR_DEVICE: DeviceId = DeviceId([0xb3; 32]);

/// Folds in an entry of whoever's device.
fn fold(
    session: &mut Session,
    no: u8,
    device: DeviceId,
    author: ItemId,
    stream: StreamId,
    class: Class,
    facts: &[Fact],
) {
    let stamp = Stamp {
        id: EntryId([no; 32]),
        stream,
        class,
        author,
        device,
        lamport: 1_000 + u64::from(no),
        wall: session.now().timestamp_millis(),
    };
    session.fold_for_test(&stamp, facts);
}

fn set(item: ItemId, field: Field, value: Value) -> Fact {
    Fact::Set { item, field, value, replaces: Vec::new() }
}

fn made(item: ItemId, kind: ItemKind, class: Class) -> Fact {
    Fact::Created { item, kind, class }
}

/// Our team with a card, and Saint Mary's as a peer with one person and their device.
fn two_teams() -> Session {
    let mut session = team::team(&MemoryDisk::new(), 1);
    let (me, stream) = (session.me(), session.state().team_stream());
    let facts = [
        set(
            stream.item(),
            Field::TeamCard,
            Value::text(&format!("mahoe card 1\nmark practice\nroot {OURS}\nserial 1")),
        ),
        made(PEER, ItemKind::Peer, Class::Core),
        set(PEER, Field::PeerName, Value::text("Saint Mary MDT")),
        set(PEER, Field::PeerParish, Value::Number(5)),
        set(PEER, Field::PeerRoot, Value::text(THEIRS)),
        made(COLLEAGUE, ItemKind::Colleague, Class::Core),
        set(COLLEAGUE, Field::ColleagueName, Value::text("P. Marsh")),
        set(COLLEAGUE, Field::ColleagueAgency, Value::text("CPFSA")),
        set(COLLEAGUE, Field::ColleaguePeer, Value::Item(PEER)),
        Fact::PeerDevice { peer: PEER, device: THEIR_DEVICE, key: [1; 32], member: COLLEAGUE },
    ];
    fold(&mut session, 1, DeviceId([9; 32]), me, stream, Class::Core, &facts);
    session
}

/// A case that Saint Mary opened, led there.
fn their_case(session: &mut Session) -> ItemId {
    let mut id = [7; 15];
    id[0] = 3;
    let stream = StreamId::new(StreamKind::Case, id);
    let case = stream.item();
    let facts = [
        made(case, ItemKind::Case, Class::Notes),
        set(case, Field::CaseParish, Value::Number(5)),
        set(case, Field::CaseConcern, Value::text("Seen selling at the roadside during school")),
        set(case, Field::CaseRisk, Value::code("medium")),
        set(case, Field::CaseStage, Value::code("screening")),
        set(case, Field::CaseLead, Value::Item(COLLEAGUE)),
        set(case, Field::CaseRestricted, Value::items([COLLEAGUE])),
    ];
    fold(session, 2, THEIR_DEVICE, COLLEAGUE, stream, Class::Core, &facts);
    case
}

/// A referral by Saint Mary of that case to us.
fn asked(session: &mut Session, case: ItemId, kind: &str) -> ItemId {
    let (referral, stream) = (ItemId([0xb4; 16]), session.state().item(case).expect("there").stream);
    let now = session.now();
    let facts = [
        made(referral, ItemKind::Referral, Class::Notes),
        set(referral, Field::ReferralKind, Value::code(kind)),
        set(referral, Field::ReferralFrom, Value::text(THEIRS)),
        set(referral, Field::ReferralTo, Value::text(OURS)),
        set(referral, Field::ReferralService, Value::text("counselling")),
        set(referral, Field::ReferralSent, Value::when(now - TimeDelta::days(2))),
        set(referral, Field::ReferralDue, Value::when(now + TimeDelta::days(1))),
        set(referral, Field::ReferralState, Value::code("sent")),
    ];
    fold(session, 3, THEIR_DEVICE, COLLEAGUE, stream, Class::Core, &facts);
    referral
}

fn share(session: &mut Session, case: ItemId) {
    let (share, stream, me) = (ItemId([0xb5; 16]), session.state().item(case).expect("there").stream, session.me());
    let facts = [
        made(share, ItemKind::Share, Class::Links),
        set(share, Field::SharePeer, Value::Item(PEER)),
        set(share, Field::ShareClasses, Value::text("core\nhealth")),
    ];
    fold(session, 4, DeviceId([9; 32]), me, stream, Class::Links, &facts);
}

fn record(case: ItemId, scopes: &[&str]) -> ConsentRecord {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    ConsentRecord { role: "mother".into(), ..ConsentRecord::new(case, scopes, "Willow Riverstone") }
}

fn withdraw(case: ItemId, scopes: &[&str]) -> ConsentWithdraw {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    ConsentWithdraw { case, scopes, consent: None, reason: "she changed her mind".into() }
}

fn refer(case: ItemId, to: &str, kind: &str) -> ReferralSend {
    ReferralSend {
        case,
        to: to.to_owned(),
        kind: kind.to_owned(),
        category: String::new(),
        service: "counselling".into(),
        urgency: String::new(),
        reason: "She moved to her aunt there".into(),
        override_reason: String::new(),
    }
}

fn answer(referral: ItemId, answer: Answer, words: &str) -> ReferralAnswer {
    ReferralAnswer::new(referral, answer, words)
}

fn refused<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    let error = result.expect_err("refused");
    assert_eq!(error.kind, Kind::Refused);
    assert!(!error.hint.is_empty());
    error.message
}

fn standing(session: &Session, case: ItemId, scope: &str) -> &'static str {
    let state = session.state();
    consent(state, Case::get(state, case).expect("there"), scope, session.today_date()).name()
}

fn later(session: &mut Session, by: TimeDelta) {
    let now = session.now() + by;
    session.set_clock(Box::new(FixedClock(now)));
}

fn state_of(session: &Session, referral: ItemId) -> &str {
    Referral::get(session.state(), referral).expect("there").state()
}

#[test]
fn consent_is_given_runs_out_and_is_withdrawn() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    assert_eq!(standing(&session, case, "services"), "missing");
    let until = session.today_date() + TimeDelta::days(10);
    session.run(ConsentRecord { until: Some(until), ..record(case, &["services", "disclosure"]) }).expect("recorded");
    assert_eq!(standing(&session, case, "services"), "given");
    assert_eq!(standing(&session, case, "reporting"), "missing");
    // It stands in Today once, although it is for two things.
    let lines = |session: &Session| {
        let all = session.today();
        all.iter().filter(|due| matches!(due.what, What::Consent(_))).cloned().collect::<Vec<_>>()
    };
    let soon = lines(&session);
    assert_eq!(soon.len(), 1);
    assert_eq!(soon[0].day(), until);
    let words = |session: &Session, what| today::words_of(session.state(), session.pack(), what, session.today_date());
    assert_eq!(words(&session, &soon[0].what), "Consent to services and disclosure runs out");
    later(&mut session, TimeDelta::days(11));
    assert_eq!(standing(&session, case, "disclosure"), "expired");
    let late = lines(&session);
    assert_eq!(late[0].bucket, Bucket::Late);
    assert_eq!(words(&session, &late[0].what), "Consent to services and disclosure has run out: ask again");
    session.run(record(case, &["services", "disclosure"])).expect("asked again");
    assert_eq!(standing(&session, case, "disclosure"), "given");
    assert_eq!(lines(&session), []);
    later(&mut session, TimeDelta::days(1));
    // Only a part of it: the rest stays, and what was withdrawn stays on record as such.
    session.run(withdraw(case, &["disclosure"])).expect("withdrawn");
    assert_eq!(standing(&session, case, "services"), "given");
    assert_eq!(standing(&session, case, "disclosure"), "withdrawn");
    let state = session.state();
    let view = Case::get(state, case).expect("there");
    let taken_back = Consent::all(state, view).into_iter().find(|one| one.withdrawn().is_some()).expect("on record");
    assert_eq!(taken_back.0.str(Field::ConsentNote), "Withdrawn: she changed her mind");
    assert_eq!(refused(session.run(withdraw(case, &["reporting"]))), "There is no consent to reports that stands.");
    session.undo().expect("undone");
    assert_eq!(standing(&session, case, "disclosure"), "given");
}

#[test]
fn what_consent_is_refused() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    let alleged = vec![(Field::CaseAlleged, Value::text("Slate Overhill"))];
    session.run(CaseEdit { case, values: alleged, followup: false }).expect("edited");
    let by = |by: &str| ConsentRecord { by: by.into(), ..record(case, &["services"]) };
    assert_eq!(
        refused(session.run(by("Mr. Overhill"))),
        "This person is named in the concern, so their consent can't count."
    );
    assert!(refused(session.run(by(" "))).contains("who gave it"));
    assert!(refused(session.run(record(case, &[]))).contains("to what"));
    assert!(refused(session.run(record(case, &["everything"]))).contains("everything"));
    let yesterday = session.today_date() - TimeDelta::days(1);
    assert!(
        refused(session.run(ConsentRecord { until: Some(yesterday), ..record(case, &["services"]) })).contains("past")
    );
    let ahead = session.now() + TimeDelta::days(1);
    assert!(
        refused(session.run(ConsentRecord { given: Some(ahead), ..record(case, &["services"]) })).contains("future")
    );
    assert_eq!(standing(&session, case, "services"), "missing");
}

#[test]
fn two_who_wrote_without_knowing_of_each_other_leave_the_narrower() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    let consent_id = session.run(record(case, &["services", "disclosure"])).expect("recorded").made[0];
    let stream = session.state().item(case).expect("there").stream;
    let (me, other) = (session.me(), DeviceId([8; 32]));
    // Another device narrowed it to services, a third withdrew it: neither knew of the other.
    let narrowed = [set(consent_id, Field::ConsentScopes, Value::codes(["services"]))];
    fold(&mut session, 20, other, me, stream, Class::Core, &narrowed);
    assert_eq!((standing(&session, case, "services"), standing(&session, case, "disclosure")), ("given", "missing"));
    let now = session.now();
    fold(
        &mut session,
        21,
        DeviceId([7; 32]),
        me,
        stream,
        Class::Core,
        &[set(consent_id, Field::ConsentWithdrawn, Value::when(now))],
    );
    fold(&mut session, 22, other, me, stream, Class::Core, &[set(consent_id, Field::ConsentWithdrawn, Value::Nothing)]);
    assert_eq!(standing(&session, case, "services"), "withdrawn");
    // A consent from before that withdrawal, brought in late, does not bring it back.
    let old = ItemId([0xc1; 16]);
    let late = [
        made(old, ItemKind::Consent, Class::Notes),
        set(old, Field::ConsentScopes, Value::codes(["services"])),
        set(old, Field::ConsentGiven, Value::when(now - TimeDelta::days(3))),
    ];
    fold(&mut session, 23, other, me, stream, Class::Core, &late);
    assert_eq!(standing(&session, case, "services"), "withdrawn");
    later(&mut session, TimeDelta::hours(1));
    session.run(record(case, &["services"])).expect("asked anew");
    assert_eq!(standing(&session, case, "services"), "given");
}

#[test]
fn a_withdrawal_names_who_holds_what_and_gives_the_lead_an_action() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    session.run(record(case, &["disclosure"])).expect("recorded");
    share(&mut session, case);
    let says = session.run(withdraw(case, &["disclosure"])).expect("withdrawn").says;
    assert_eq!(
        says,
        "Consent to disclosure is withdrawn. Saint Mary holds: core, health. Tell them: the lead has an action for it, due today."
    );
    let action = session.state().items(ItemKind::Action).map(Action).next().expect("an action");
    let code = session.state().code(case);
    let text =
        format!("Case {code}: tell Saint Mary that consent to disclosure was withdrawn (they hold: core, health)");
    assert_eq!(action.text(), text);
    assert_eq!((action.due(), action.owner()), (Some(session.today_date()), Some(session.me())));
    // Who else holds the case is nobody's business there: the action is the team's, not the case's.
    assert_eq!(action.0.stream, session.state().team_stream());
}

#[test]
fn a_referral_needs_consent_and_its_answer_is_on_a_clock() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    assert_eq!(
        refused(session.run(refer(case, THEIRS, "refer"))),
        "There is no consent: services was not asked for; disclosure was not asked for."
    );
    session.run(record(case, &["services", "disclosure"])).expect("recorded");
    let over = ReferralSend { override_reason: "not needed".into(), ..refer(case, THEIRS, "refer") };
    let done = session.run(over).expect("sent");
    assert_eq!(done.says, "Saint Mary is asked; their answer is awaited.");
    let referral = done.made[0];
    let item = session.state().item(referral).expect("there");
    assert_eq!(item.str(Field::ReferralOverride), "", "an override is on record only where it was needed");
    assert_eq!(item.str(Field::ReferralUrgency), "high", "at high risk");
    assert_eq!(Referral(item).due(), Some(session.now() + TimeDelta::days(1)), "24 h by the policy");
    assert!(session.state().code(referral).to_string().starts_with("R-"));
    assert!(refused(session.run(refer(case, THEIRS, "refer"))).starts_with("Saint Mary was asked on 22 Nov"));
    // Only they can answer.
    for kind in [Answer::Accept, Answer::Decline, Answer::Done] {
        assert_eq!(
            refused(session.run(answer(referral, kind, "no"))),
            "Saint Mary was asked, so only they can answer."
        );
    }
    assert_eq!(awaiting_answer(session.state()).len(), 1);
    later(&mut session, TimeDelta::days(3));
    let list = session.today();
    let line = list.iter().find(|due| due.what == What::Awaiting(referral)).expect("in Today");
    assert_eq!(line.bucket, Bucket::Late);
    assert_eq!(
        today::words_of(session.state(), session.pack(), &line.what, session.today_date()),
        "Saint Mary has not answered, 3 days"
    );
    assert!(refused(session.run(ReferralRevoke { referral, reason: String::new() })).contains("the reason"));
    session.run(ReferralRevoke { referral, reason: "the aunt moved back".into() }).expect("taken back");
    assert_eq!(state_of(&session, referral), "revoked");
    assert!(awaiting_answer(session.state()).is_empty());
    session.run(refer(case, THEIRS, "refer")).expect("asked anew");
}

#[test]
fn without_consent_only_a_coordinator_sends_and_gives_the_reason() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    let over = ReferralSend { override_reason: "She is in danger tonight".into(), ..refer(case, THEIRS, "transfer") };
    let referral = session.run(over).expect("sent").made[0];
    let item = session.state().item(referral).expect("there");
    assert_eq!(item.str(Field::ReferralOverride), "She is in danger tonight");
    let state = session.state();
    let view = Case::get(state, case).expect("there");
    assert_eq!(lacking_for(state, view, ("transfer", THEIRS), session.today_date()).len(), 1);
    assert!(matches!(consent(state, view, "disclosure", session.today_date()), Standing::Missing));
}

#[test]
fn an_agency_is_asked_and_our_own_team_writes_down_its_answer() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    session.run(record(case, &["services", "disclosure"])).expect("recorded");
    assert!(refused(session.run(refer(case, "agency:NASA", "refer"))).contains("no agency NASA"));
    assert!(refused(session.run(refer(case, "agency:MOH", "transfer"))).contains("another parish's team only"));
    let referral = session.run(refer(case, "agency:MOH", "refer")).expect("sent").made[0];
    assert!(refused(session.run(answer(referral, Answer::Done, ""))).contains("not accepted yet"));
    session.run(ReferralReceive { referral }).expect("received");
    assert!(refused(session.run(ReferralReceive { referral })).contains("it is received"));
    assert!(refused(session.run(answer(referral, Answer::Decline, " "))).contains("why it is declined"));
    session.run(answer(referral, Answer::Accept, "Thursday at the clinic")).expect("accepted");
    assert!(refused(session.run(answer(referral, Answer::Decline, "no"))).contains("accepted already"));
    session.run(answer(referral, Answer::Done, "")).expect("done");
    let item = session.state().item(referral).expect("there");
    assert_eq!(item.str(Field::ReferralAnswer), "Thursday at the clinic");
    assert!(refused(session.run(answer(referral, Answer::Accept, ""))).contains("it is done"));
    assert!(refused(session.run(ReferralRevoke { referral, reason: "late".into() })).contains("it is done"));
}

#[test]
fn what_another_team_asked_is_answered_here_and_revoked_there() {
    let mut session = two_teams();
    let case = their_case(&mut session);
    let referral = asked(&mut session, case, "refer");
    let list = session.today();
    let line = list.iter().find(|due| due.what == What::Asked(referral)).expect("in Today");
    let says = today::words_of(session.state(), session.pack(), &line.what, session.today_date());
    assert_eq!(says, "Saint Mary asks for help: answer");
    assert_eq!(to_answer(session.state()).len(), 1);
    assert!(
        refused(session.run(ReferralRevoke { referral, reason: "x".into() })).starts_with("Saint Mary asked for this")
    );
    session.run(answer(referral, Answer::Decline, "No counsellor before January")).expect("declined");
    assert_eq!(state_of(&session, referral), "declined");
    // They took it back without knowing: that goes first.
    let stream = session.state().item(case).expect("there").stream;
    let back = [set(referral, Field::ReferralState, Value::code("revoked"))];
    fold(&mut session, 30, THEIR_DEVICE, COLLEAGUE, stream, Class::Core, &back);
    assert_eq!(state_of(&session, referral), "revoked");
    assert!(refused(session.run(answer(referral, Answer::Accept, ""))).contains("taken back by Saint Mary"));
}

#[test]
fn a_transfer_that_was_accepted_moves_the_responsibility() {
    let mut session = two_teams();
    let case = their_case(&mut session);
    let referral = asked(&mut session, case, "transfer");
    let says = session.run(answer(referral, Answer::Accept, "")).expect("accepted").says;
    assert!(says.starts_with("Your team is responsible for case 05-"), "{says}");
    assert_eq!(session.state().item(case).expect("there").str(Field::CaseHolder), OURS);
    session.run(CaseStage { case, stage: "care".into(), followup: false }).expect("ours to edit now");

    // The other way round: our case, theirs now.
    let ours = team::case(&mut session, "Not seen at school");
    let stream = session.state().item(ours).expect("there").stream;
    let taken = [set(ours, Field::CaseHolder, Value::text(THEIRS))];
    fold(&mut session, 40, THEIR_DEVICE, COLLEAGUE, stream, Class::Core, &taken);
    let code = session.state().code(ours).to_string();
    let held = format!("Saint Mary is responsible for case {code} since 22 Nov 2026.");
    let (me, due) = (session.me(), session.today_date() + TimeDelta::days(2));
    let concern = vec![(Field::CaseConcern, Value::text("Something else"))];
    assert_eq!(refused(session.run(CaseEdit { case: ours, values: concern, followup: false })), held);
    assert_eq!(refused(session.run(CaseStage { case: ours, stage: "care".into(), followup: false })), held);
    let visit = FollowUpAdd { cases: vec![ours], kind: "Visit".into(), due, every: None, who: None };
    assert_eq!(refused(session.run(visit)), held);
    assert!(refused(session.run(refer(ours, THEIRS, "refer"))).starts_with("Saint Mary is responsible"));
    // A note goes, also of a contact; who looks after it here is our own business; so is consent.
    let note =
        CaseNote { cases: vec![ours], kind: "contact".into(), class: None, text: "The aunt called".into(), when: None };
    session.run(note).expect("a note");
    session.run(CaseAssign { case: ours, lead: me }).expect("a lead here");
    session.run(record(ours, &["services"])).expect("consent");
    share(&mut session, ours);
    session.run(withdraw(ours, &["services"])).expect("withdrawn, with the action that belongs to us");
    let item = session.state().item(ours).expect("there");
    assert_eq!(item.value(Field::CaseLeadHere), Value::Item(me));
    assert!(item.value(Field::CaseLead).is_nothing() && item.value(Field::CaseFirstContact).is_nothing());
    // Its clocks are theirs.
    assert!(!session.today().iter().any(|due| due.case == Some(ours) && matches!(due.what, What::Clock(_))));
}

#[test]
fn people_of_other_teams_have_names_and_never_shut_us_out() {
    let mut session = two_teams();
    let case = their_case(&mut session);
    let state = session.state();
    assert_eq!(author_name(state, COLLEAGUE), "P. Marsh (CPFSA, Saint Mary)");
    assert_eq!(author_name(state, ItemId([0xee; 16])), "someone at another team");
    let view = Case::get(state, case).expect("there");
    assert_eq!(owner_name(state, view.lead()), "P. Marsh (CPFSA, Saint Mary)");
    let lead = session.value_text(Field::CaseLead, &view.0.value(Field::CaseLead));
    assert_eq!(lead, "P. Marsh (CPFSA, Saint Mary)");
    // It is restricted there to somebody who is not here: our coordinator may read it, nobody else until they say so.
    let me = session.me();
    assert!(view.is_restricted());
    assert_eq!(view.readers(state), Some(vec![me]));
    let note = CaseNote { cases: vec![case], kind: "general".into(), class: None, text: "Read it".into(), when: None };
    session.run(note).expect("sealed to somebody");
    let agency = session.state().items(ItemKind::Agency).next().expect("one").id;
    let values = vec![
        (Field::MemberName, Value::text("J. Reid")),
        (Field::MemberAgency, Value::Item(agency)),
        (Field::MemberRole, Value::code("champion")),
    ];
    let reid = session.run(TeamAdd { values }).expect("added").made[0];
    assert!(refused(session.run(CaseAssign { case, lead: reid })).contains("only for chosen members"));
    let both = vec![(Field::CaseRestricted, Value::items([me, reid]))];
    session.run(CaseEdit { case, values: both, followup: false }).expect("decided here");
    session.run(CaseAssign { case, lead: reid }).expect("led here");
    let view = Case::get(session.state(), case).expect("there");
    assert_eq!(view.0.value(Field::CaseRestricted), Value::items([COLLEAGUE]), "theirs stays as it was");
    assert_eq!(view.0.value(Field::CaseRestrictedHere), Value::items([me, reid]));
    assert_eq!((view.lead(), view.0.value(Field::CaseLead)), (Some(reid), Value::Item(COLLEAGUE)));
    // A member without a key can't be the only reader.
    let only = vec![(Field::CaseRestricted, Value::items([reid]))];
    assert!(refused(session.run(CaseEdit { case, values: only, followup: false })).contains("has a key to the vault"));
}

#[test]
fn teams_and_agencies_are_found_as_people_say_them() {
    let session = two_teams();
    let state = session.state();
    for typed in ["Saint Mary", "saint mary mdt", "JM-05"] {
        assert_eq!(crate::domain::teams::find_party(state, typed), Ok(THEIRS.to_owned()), "{typed}");
    }
    assert_eq!(crate::domain::teams::find_party(state, "moh"), Ok("agency:MOH".to_owned()));
    assert_eq!(crate::domain::teams::find_party(state, "Portland"), Err(Vec::new()));
    assert_eq!(crate::domain::teams::own_name(state), "Saint Ann");
}

#[test]
fn who_is_named_in_the_concern_gives_no_consent_and_a_no_counts() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    let values =
        vec![(Field::CaseAlleged, Value::text("her father")), (Field::CaseMother, Value::text("Willow Riverstone"))];
    session.run(CaseEdit { case, values, followup: false }).expect("edited");
    let view = |session: &Session| {
        crate::domain::consent::barred(session.state(), Case::get(session.state(), case).expect("there"))
    };
    assert_eq!(view(&session), ["father"]);
    let father = ConsentRecord { role: "father".into(), ..ConsentRecord::new(case, vec!["services".into()], "Reed") };
    assert_eq!(refused(session.run(father)), "The father is named in the concern, so their consent can't count.");
    // A yes, then a no: the no counts, until somebody agrees anew.
    session.run(record(case, &["services", "reporting"])).expect("recorded");
    let no = ConsentRecord { refused: vec!["reporting".into()], ..record(case, &["disclosure"]) };
    session.run(no).expect("recorded");
    assert_eq!(
        ["services", "disclosure", "reporting"].map(|it| standing(&session, case, it)),
        ["given", "given", "refused"]
    );
    let both = ConsentRecord { refused: vec!["services".into()], ..record(case, &["services"]) };
    assert!(refused(session.run(both)).contains("given and refused at once"));
    let unable = ConsentRecord { capacity: "not-able".into(), ..record(case, &["services"]) };
    assert!(refused(session.run(unable)).contains("can't have agreed"));
    let whom = ConsentRecord { to: vec!["agency:MOH".into()], ..record(case, &["services"]) };
    assert!(refused(session.run(whom)).contains("not that it may be told"));
    let unknown = ConsentRecord { to: vec!["agency:NOBODY".into()], ..record(case, &["disclosure"]) };
    assert!(refused(session.run(unknown)).contains("agency:NOBODY"));
    let asked = ConsentRecord { assent_when: Some(session.now()), ..record(case, &["services"]) };
    assert!(refused(session.run(asked)).contains("what the child said when asked"));
}

#[test]
fn the_childs_assent_stands_with_the_consent() {
    let mut session = two_teams();
    let case = team::case(&mut session, "Not seen at school");
    let agreed = ConsentRecord { assent: "agreed".into(), ..record(case, &["services", "disclosure"]) };
    let made = session.run(agreed).expect("recorded").made[0];
    let item = session.state().item(made).expect("there");
    assert_eq!(item.str(Field::ConsentAssent), "agreed");
    assert_eq!(item.value(Field::ConsentAssentWhen).as_when(), Some(session.now()), "asked with the consent");
    // A part that is withdrawn keeps what the child said.
    session.run(withdraw(case, &["disclosure"])).expect("withdrawn");
    let view = Case::get(session.state(), case).expect("there");
    let gone = Consent::all(session.state(), view).into_iter().find(|one| one.withdrawn().is_some()).expect("there");
    assert_eq!(gone.0.str(Field::ConsentAssent), "agreed");
}
