//! The fictional parish: reads `sample-data/` and plays it into a practice vault, event by event, through the same
//! ops that people use, each signed by the member who did it.
//!
//! sample-data/README.md gives the format. Everything in it is invented.

pub mod cards;
mod play;
mod post;
mod read;

use chrono::{DateTime, Utc};

use crate::domain::parish::Parish;
use crate::error::{AppError, Kind, Result};
use crate::session::{NewTeam, Place, Session};
use crate::vault::keys::passphrase::{Passphrase, WorkFactor};

/// The passphrase of everybody who can unlock the demo.
pub const PASSPHRASE: &str = "practice makes calm";
/// The handles that can unlock it: a coordinator, a deputy, a champion.
pub const CAN_UNLOCK: [&str; 3] = ["abrown", "mclarke", "reid"];

/// Makes a practice vault and plays the sample parish into it, as if `now` were its last day. All of it becomes durable
/// together. Whoever started the team is at the keyboard afterwards.
///
/// # Errors
/// [`Kind::Io`] if the disk refuses; [`Kind::Bug`] if the sample breaks a rule, naming the event.
pub fn build(place: Place, now: DateTime<Utc>) -> Result<Session> {
    let sample = read::sample().map_err(|what| bug(&what))?;
    let passphrase = Passphrase::new(PASSPHRASE).map_err(|_| bug("its passphrase"))?;
    let work = WorkFactor::new(WorkFactor::MIN_PRACTICE, true).map_err(|_| bug("its work factor"))?;
    let first = sample.team.member.first().ok_or_else(|| bug("it has no members"))?;
    let new = NewTeam {
        parish: &sample.team.parish,
        name: &first.name,
        handle: &first.handle,
        agency: &first.agency,
        role: &first.role,
        team: &sample.team.name,
        practice: true,
        passphrase: &passphrase,
        work,
    };
    let player = play::Player::new(&sample, now);
    let clock = player.clock_at(player.first_day(), "07:00")?;
    let parish = Parish::parse(&sample.team.parish).map_err(|_| bug("its parish"))?;
    // Its root is that of the practice card in keys/, so that others who practise know it already.
    let root = Some(cards::root(parish));
    let (mut session, words) = Session::create_under(Place { clock, ..place }, &new, root)?;
    // Nobody needs them: the passphrase of a practice vault is no secret.
    session.words_read_back(&words)?;
    player.play(&mut session, &passphrase, work)?;
    post::deliver(&mut session, now, &passphrase, work)?;
    Ok(session)
}

fn bug(what: &str) -> AppError {
    AppError::new(
        Kind::Bug,
        format!("The sample parish can't be built: {what}."),
        "This is a fault of mahoe: please report it with this sentence.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::ItemKind;
    use crate::domain::today::Bucket;
    use crate::domain::views::Case;
    use crate::testing::team::{morning, place};
    use crate::vault::disk::MemoryDisk;

    #[test]
    fn the_sample_parish_is_a_real_week() {
        let disk = MemoryDisk::new();
        let session = build(place(&disk, 7), morning()).expect("built");
        let state = session.state();
        let count = |kind| state.items(kind).count();
        assert_eq!(count(ItemKind::Case), 44);
        assert!(count(ItemKind::Action) >= 120 && count(ItemKind::Member) >= 12, "the promised size");
        assert_eq!(state.items(ItemKind::Case).filter(|item| Case(item).is_open()).count(), 29);
        let saint_ann = Parish::by_number(6).expect("a parish");
        assert_eq!(session.root(), Some(cards::root(saint_ann).public()));
        assert!(session.card_is_current());
        let peers: Vec<(String, bool)> =
            session.peers().into_iter().map(|peer| (peer.name, peer.verified.is_some())).collect();
        assert_eq!(peers, [("Portland MDT".to_owned(), false), ("Saint Mary MDT".to_owned(), true)]);
        let today = session.today();
        let of = |bucket| today.iter().filter(|due| due.bucket == bucket).count();
        let counts = [Bucket::Late, Bucket::Today, Bucket::Week].map(of);
        assert!((3..=8).contains(&counts[0]), "{counts:?}");
        assert!((2..=6).contains(&counts[1]), "{counts:?}");
        assert!((6..=16).contains(&counts[2]), "{counts:?}");
    }

    #[test]
    fn one_child_was_reported_twice_and_only_that_pair_is_told() {
        let session = build(place(&MemoryDisk::new(), 7), morning()).expect("built");
        session.read_words(usize::MAX);
        let words = session.all_words();
        let mut pairs = Vec::new();
        for case in session.state().items(ItemKind::Case).map(Case) {
            let linked: Vec<_> = case.links(session.state()).into_iter().map(|(other, _)| other).collect();
            let likely = words.children().like(case.0.id);
            pairs.extend(likely.into_iter().filter(|one| !linked.contains(&one.case) && case.0.id < one.case));
        }
        let told: Vec<String> = pairs.iter().map(crate::domain::alike::Likely::words).collect();
        assert_eq!(told, ["same birth date, name sounds alike, same community"]);
    }

    #[test]
    fn two_bundles_wait_in_the_inbox() {
        use crate::session::exchange::{Seen, Trust};
        let mut session = build(place(&MemoryDisk::new(), 7), morning()).expect("built");
        let mut seen = Vec::new();
        for bundle in session.look_into_inbox() {
            let Seen::Opened(arrival) = bundle.seen else { panic!("{bundle:?}") };
            let bytes = session.from_inbox(&bundle.name).expect("there");
            let opened = session.open_bundle(&bytes).expect("good");
            let plan = session.plan_import(&opened).expect("a plan");
            let verified = matches!(arrival.trust, Trust::Verified(..));
            seen.push((arrival.from, verified, plan.cases[0].new, plan.cases[0].conflicts.len(), plan.checks));
        }
        seen.sort();
        let unverified = vec!["nobody has compared words with this team yet".to_owned()];
        let portland = ("Portland MDT".to_owned(), false, true, 0, unverified);
        assert_eq!(seen, [portland, ("Saint Mary MDT".to_owned(), true, false, 1, Vec::new())]);
        assert_eq!(session.outbound().len(), 0);
    }

    #[test]
    fn it_verifies_and_opens_again() {
        let disk = MemoryDisk::new();
        let session = build(place(&disk, 7), morning()).expect("built");
        let entries = session.state().entry_count();
        drop(session);
        let passphrase = Passphrase::new(PASSPHRASE).expect("long enough");
        for handle in CAN_UNLOCK {
            let mut session = Session::unlock(place(&disk, 8), handle, &passphrase).expect("unlocked");
            assert_eq!(session.state().entry_count(), entries);
            let verdict = session.verify(&mut |_, _| true).expect("verified");
            assert_eq!(verdict.problems, Vec::<String>::new());
        }
    }
}
