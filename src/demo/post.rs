//! The demo's post: two practice teams next door, played in memory, and what they send. One is verified, and wrote in a
//! shared case at the same time as our team did; with the other nobody has compared words yet.
//!
//! Everything goes the way that real bundles go: cards, a referral, an import there, an update back.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::domain::class::Class;
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::pack::Risk;
use crate::domain::parish::Parish;
use crate::domain::value::Value;
use crate::domain::views::Case;
use crate::error::Result;
use crate::ops::{Answer, CaseEdit, CaseNote, CaseOpen, ConsentRecord, PeerVerify, ReferralAnswer, TeamAdd};
use crate::session::exchange::Wish;
use crate::session::{Clock, FixedClock, NewTeam, Place, Session};
use crate::vault::disk::MemoryDisk;
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};
use crate::vault::seal::OsEntropy;

use super::{bug, cards};

/// The two teams' parishes.
const SAINT_MARY: u8 = 5;
const PORTLAND: u8 = 4;

/// A team next door.
struct Neighbour {
    session: Session,
    now: DateTime<Utc>,
    /// Our team, in its list.
    us: ItemId,
}

/// Lets both teams send something, into the inbox of `session`, which is the demo's own.
pub(super) fn deliver(
    session: &mut Session,
    now: DateTime<Utc>,
    passphrase: &Passphrase,
    work: WorkFactor,
) -> Result<()> {
    let mut mary = Neighbour::found(session, SAINT_MARY, ("E. Hall", "ehall"), now, passphrase, work)?;
    let mut portland = Neighbour::found(session, PORTLAND, ("T. Grant", "tgrant"), now, passphrase, work)?;
    shared_case(session, &mut mary, now)?;
    portland.asks_for_help(session)?;
    session.set_clock(Box::new(FixedClock(now)));
    session.forget_undo();
    session.settle()
}

impl Neighbour {
    /// A team with its practice root, which knows our team and has compared words with it.
    fn found(
        ours: &mut Session,
        number: u8,
        (name, handle): (&str, &str),
        now: DateTime<Utc>,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<Self> {
        let parish = Parish::by_number(number).ok_or_else(|| bug("a parish next door"))?;
        let place = Place {
            disk: Arc::new(MemoryDisk::new()),
            root: PathBuf::from("/neighbour"),
            in_memory: true,
            check_later: false,
            marks: None,
            clock: clock(now, 30, (8, 0)),
            entropy: Box::new(OsEntropy),
        };
        let code = parish.to_string();
        let new = NewTeam {
            parish: &code,
            name,
            handle,
            agency: "CPFSA",
            role: "coordinator",
            team: "",
            practice: true,
            passphrase,
            work,
        };
        let (mut session, _) = Session::create_under(place, &new, Some(cards::root(parish)))?;
        // A second device makes a newer card than the one that ships, which names none of this vault's.
        let values = vec![(Field::MemberName, Value::text("D. Wright")), (Field::MemberRole, Value::code("deputy"))];
        let member = session.run(TeamAdd { values })?.made[0];
        session.introduce(member, "dwright")?;
        session.card(false)?;
        let us = session.take_card(&ours.card(false)?)?.peer();
        session.run(PeerVerify { peer: us, how: "by telephone, on the number in the directory".to_owned() })?;
        Ok(Self { session, now, us })
    }

    fn at(&mut self, days: i64, time: (u32, u32)) {
        self.session.set_clock(clock(self.now, days, time));
    }

    /// A case of their own, referred to us.
    fn asks_for_help(&mut self, ours: &mut Session) -> Result<()> {
        self.at(3, (14, 20));
        let values = vec![
            (Field::CaseConcern, Value::text("Was offered work in a hotel over the border by somebody met online")),
            (Field::CaseRisk, Value::code("medium")),
            (Field::CaseChildName, Value::text("Coral Windmill")),
        ];
        let case = self.session.run(CaseOpen { values, ..CaseOpen::default() })?.made[0];
        agrees(&mut self.session, case)?;
        self.at(1, (16, 5));
        let sent = self.session.refer(
            &Wish {
                peer: Some(self.us),
                case: Some(case),
                profile: "parish-partner".to_owned(),
                service: "a talk with the grandmother, who lives in your parish".to_owned(),
                reason: "The child spends the weekends with her".to_owned(),
                ..Wish::default()
            },
            false,
        )?;
        ours.lay_into_inbox(&sent.bytes).map(drop)
    }
}

/// So many days before now, at a time of that day in Jamaica.
fn clock(now: DateTime<Utc>, days: i64, (hour, minute): (u32, u32)) -> Box<dyn Clock> {
    let day = now.with_timezone(&dates::jamaica()).date_naive() - TimeDelta::days(days);
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    Box::new(FixedClock(dates::at(day, time).to_utc()))
}

fn agrees(session: &mut Session, case: ItemId) -> Result<()> {
    let consent = ConsentRecord {
        role: "mother".to_owned(),
        ..ConsentRecord::new(case, vec!["services".to_owned(), "disclosure".to_owned()], "the mother")
    };
    session.run(consent).map(drop)
}

fn risk(session: &mut Session, case: ItemId, risk: &str) -> Result<()> {
    let values = vec![(Field::CaseRisk, Value::code(risk))];
    session.run(CaseEdit { case, values, followup: false }).map(drop)
}

/// We referred a case to Saint Mary; they took it up and wrote in it; both judged the risk anew, each for themselves.
fn shared_case(session: &mut Session, mary: &mut Neighbour, now: DateTime<Utc>) -> Result<()> {
    session.set_clock(clock(now, 6, (10, 15)));
    let peer = session.take_card(&mary.session.card(false)?)?.peer();
    let wish = |case| Wish {
        peer: Some(peer),
        case: Some(case),
        profile: "parish-partner".to_owned(),
        service: "a visit to the aunt in Port Maria".to_owned(),
        reason: "She has offered to take the child in during the holidays".to_owned(),
        ..Wish::default()
    };
    let case = case_to_share(session, &|session, case| session.preview_referral(&wish(case), false).is_ok())?;
    let sent = session.refer(&wish(case), false)?;
    // It was carried.
    for name in session.outbox() {
        session.leave_outbox(&name)?;
    }
    mary.at(5, (9, 10));
    let opened = mary.session.open_bundle(&sent.bytes)?;
    let taken = mary.session.import(&opened, None, &sent.file_name)?;
    mary.at(2, (11, 30));
    for referral in taken.to_answer {
        mary.session.run(ReferralAnswer::new(referral, Answer::Accept, ""))?;
    }
    mary.session.run(CaseNote {
        cases: vec![case],
        kind: "general".to_owned(),
        class: Some(Class::Notes),
        text: "Visited the aunt: there is room, a garden, and a school across the road.".to_owned(),
        when: None,
    })?;
    risk(&mut mary.session, case, "low")?;
    session.set_clock(clock(now, 1, (9, 45)));
    risk(session, case, "high")?;
    mary.at(1, (17, 40));
    let update = mary.session.update(&Wish { peer: Some(mary.us), case: Some(case), ..Wish::default() })?;
    session.lay_into_inbox(&update.bytes).map(drop)
}

/// An open case of medium risk that may be sent as it stands, the one that was opened last.
fn case_to_share(session: &mut Session, may: &dyn Fn(&mut Session, ItemId) -> bool) -> Result<ItemId> {
    let state = session.state();
    let fits = state.items(ItemKind::Case).map(Case).filter(|case| case.is_open() && case.risk() == Risk::Medium);
    let mut cases: Vec<_> = fits.map(|case| (case.0.value(Field::CaseReported).as_when(), case.0.id)).collect();
    cases.sort_unstable();
    let found = cases.into_iter().rev().map(|(_, case)| case).find(|case| may(session, *case));
    found.ok_or_else(|| bug("no case in it may be referred"))
}
