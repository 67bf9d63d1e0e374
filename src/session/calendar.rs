//! What the front ends ask about the calendar: what stands on a day, and the file for other programs.

use chrono::NaiveDate;

use crate::domain::calendar_view::{self, Entry};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ics::{self, Event};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Phase};
use crate::domain::outreach;
use crate::domain::over;
use crate::domain::today::{self, Due, What};
use crate::domain::training::Training;
use crate::domain::views::{Case, Member};
use crate::error::{AppError, Kind, Result};

use super::Session;

impl Session {
    /// What stands between two days, both included, in order.
    pub fn calendar_entries(&self, span: (NaiveDate, NaiveDate)) -> Vec<Entry> {
        calendar_view::entries(&self.state, &self.calendar, &self.today(), self.today_date(), span)
    }

    /// A calendar file for other programs, masked, and how many entries it has: all of the team's, or what is one
    /// member's or agency's business. It is on record before it is given out. What only some may read is left out for
    /// everybody else.
    ///
    /// # Errors
    /// [`Kind::Refused`] if there is nothing to put into it; [`Kind::Io`] if it could not be put on record.
    pub fn calendar_file(&mut self, reader: Option<ItemId>) -> Result<(String, usize)> {
        let (events, restricted) = self.calendar_events(reader);
        if events.is_empty() {
            let hint = "Meetings, actions, contacts and deadlines stand in it once there are any: `mahoe today --all`.";
            return Err(AppError::new(Kind::Refused, "There is nothing to put into a calendar.", hint));
        }
        let whose = reader.map_or_else(|| "the team".to_owned(), |id| self.reader_name(id));
        let about = reader.unwrap_or_else(|| self.state.team_stream().item());
        self.note_access("export", about, &format!("calendar of {whose}"))?;
        for case in restricted {
            self.note_access("export", case, &format!("dates, in the calendar of {whose}"))?;
        }
        let team = self.state.item(self.state.team_stream().item()).map_or("", |team| team.str(Field::TeamName));
        let mut name = if reader.is_some() { format!("{team}: {whose}") } else { team.to_owned() };
        if self.practice() {
            name = format!("PRACTICE {name}");
        }
        Ok((ics::file(&name, &events, self.now()), events.len()))
    }

    fn reader_name(&self, reader: ItemId) -> String {
        crate::domain::views::owner_name(&self.state, Some(reader)).into_owned()
    }

    /// The entries, and the restricted cases that some of them are about.
    fn calendar_events(&self, reader: Option<ItemId>) -> (Vec<Event>, Vec<ItemId>) {
        let (state, day) = (&self.state, self.today_date());
        let is_theirs = reader.map(|reader| today::is_mine(state, reader, day));
        let member = reader.filter(|reader| Member::get(state, *reader).is_some());
        let meets = |meeting: Meeting<'_>| match (reader, member) {
            (None, _) => true,
            (_, Some(member)) => expects(meeting, member),
            (Some(agency), None) => meeting.expected(state).iter().any(|member| member.agency() == Some(agency)),
        };
        let of_event = |event: outreach::Event<'_>| match (reader, member) {
            (None, _) => true,
            (_, Some(member)) => event.is_of(member),
            (Some(agency), None) => event.is_of_agency(state, agency),
        };
        let wanted = |due: &Due| match due.what {
            What::Meeting(id) => Meeting::get(state, id).is_some_and(meets),
            What::Outreach(id) => outreach::Event::get(state, id).is_some_and(of_event),
            What::Training(id) => {
                Training::get(state, id).is_some_and(|it| member.is_none_or(|one| it.who().contains(&one)))
            }
            _ => is_theirs.as_ref().is_none_or(|is_theirs| is_theirs(due)),
        };
        let mut restricted = Vec::new();
        let mut events = Vec::new();
        // What is finished follows what is due: a program that has it takes it away.
        let due = self.today();
        let over = over::over(state, &self.pack, &self.calendar, self.now(), &due);
        let all = due.iter().map(|due| (due, false)).chain(over.iter().map(|due| (due, true)));
        for (due, over) in all.filter(|(due, _)| wanted(due)) {
            let case = due.case.and_then(|case| Case::get(state, case));
            match case.map(|case| (case, case.readers(state))) {
                Some((_, Some(readers))) if !member.is_some_and(|member| readers.contains(&member)) => continue,
                Some((case, Some(_))) if !restricted.contains(&case.0.id) => restricted.push(case.0.id),
                _ => {}
            }
            let event = ics::event(state, &self.pack, due, uid(due));
            events
                .extend(event.map(|event| self.safe(&due.what, Event { cancelled: event.cancelled || over, ..event })));
        }
        let gone = state.items(ItemKind::Meeting).map(Meeting).filter(|meeting| {
            let to_come = meeting.day().is_some_and(|on| on >= day);
            to_come && matches!(meeting.phase(), Phase::Cancelled | Phase::Live) && meets(*meeting)
        });
        events.extend(
            gone.filter_map(|it| Some((it.0.id, ics::meeting(state, &self.pack, it, meeting_uid(it.0.id))?)))
                .map(|(id, event)| self.safe(&What::Meeting(id), event)),
        );
        let called_off = state.items(ItemKind::Outreach).map(outreach::Event).filter(|event| {
            let to_come = event.day().is_some_and(|on| on >= day);
            to_come && event.phase() == outreach::Phase::Cancelled && of_event(*event)
        });
        events.extend(
            called_off
                .map(|it| (What::Outreach(it.0.id), it))
                .filter_map(|(what, it)| {
                    Some((ics::outreach(state, &self.pack, it, digest(Some(it.0.id), what.name()))?, what))
                })
                .map(|(event, what)| self.safe(&what, event)),
        );
        (events, restricted)
    }

    /// An entry as it may leave: nobody is named where people meet, and it says that it is practice, because it lies among
    /// a person's real ones.
    fn safe(&self, what: &What, mut event: Event) -> Event {
        if let (What::Meeting(meeting), false) = (what, event.place.is_empty()) {
            event.place = self.meeting_mask(*meeting).masked(&event.place).into_owned();
        }
        if self.practice() {
            event.summary = format!("PRACTICE {}", event.summary);
        }
        event
    }
}

/// Whether a meeting is a member's: they are expected, they chair it or they take its minutes.
fn expects(meeting: Meeting<'_>, member: ItemId) -> bool {
    let listed = meeting.0.value(Field::MeetingExpected);
    listed.as_items().contains(&member) || [meeting.chair(), meeting.scribe()].contains(&Some(member))
}

/// The same for the same thing in every file, and telling nothing: an item's own id stands in no file that leaves.
fn uid(due: &Due) -> String {
    let (item, what) = ics::subject(due);
    digest(item, &what)
}

fn meeting_uid(meeting: ItemId) -> String {
    digest(Some(meeting), What::Meeting(meeting).name())
}

fn digest(item: Option<ItemId>, what: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("mahoe calendar entry v1");
    hasher.update(item.as_ref().map_or(&[][..], |item| item.bytes()));
    hasher.update(what.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::history::Change;
    use super::*;
    use crate::domain::ids::StreamId;
    use crate::domain::value::Value;
    use crate::ops::{CaseEdit, MeetingCancel, MeetingNew};
    use crate::testing::team::{action, case, team};
    use crate::vault::disk::MemoryDisk;

    fn exports(session: &mut Session, stream: StreamId) -> usize {
        let past = session.history(stream).expect("readable");
        let changes = past.iter().flat_map(|past| &past.changes);
        changes.filter(|change| matches!(change, Change::Accessed(what, _) if what == "export")).count()
    }

    #[test]
    fn what_leaves_is_on_record_before_it_leaves() {
        let mut session = team(&MemoryDisk::new(), 1);
        let stream = session.state.team_stream();
        let nothing = session.calendar_file(None).expect_err("nothing is due");
        assert_eq!((nothing.kind, exports(&mut session, stream)), (Kind::Refused, 0));
        let case = case(&mut session, "Not seen at school");
        action(&mut session, case, "Visit Fern Riverstone", 2);
        let (text, count) = session.calendar_file(None).expect("a file");
        assert!(count > 0 && text.matches("BEGIN:VEVENT").count() == count, "{text}");
        assert!(text.contains("action due (CPFSA)") && !text.contains("Riverstone"), "{text}");
        assert_eq!((exports(&mut session, stream), exports(&mut session, StreamId(case.0))), (1, 0));
    }

    #[test]
    fn what_only_some_may_read_leaves_for_them_alone() {
        let mut session = team(&MemoryDisk::new(), 1);
        let (me, case) = (session.me(), case(&mut session, "Not seen at school"));
        action(&mut session, case, "Visit the home", 2);
        let listed = vec![(Field::CaseRestricted, Value::items(vec![me]))];
        session.run(CaseEdit { case, values: listed, followup: false }).expect("restricted");
        let code = session.state.code(case).to_string();
        session.calendar_file(None).expect_err("nothing that everybody may read");
        let (text, _) = session.calendar_file(Some(me)).expect("a file");
        assert!(text.contains(&code), "{text}");
        assert_eq!(exports(&mut session, StreamId(case.0)), 1, "the case says that its dates left");
    }

    #[test]
    fn what_is_done_is_taken_away_by_the_next_file() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "Not seen at school");
        let done = action(&mut session, case, "Visit the home", 2);
        let (before, count) = session.calendar_file(None).expect("a file");
        session.run(crate::ops::ActionDone { action: done }).expect("done");
        session.set_clock(Box::new(crate::session::FixedClock(session.now() + chrono::TimeDelta::minutes(1))));
        let (after, same) = session.calendar_file(None).expect("a file");
        assert_eq!((count, before.matches("STATUS:CANCELLED").count()), (same, 0));
        let event = |text: &str| {
            let mut all = text.split("BEGIN:VEVENT").filter(|event| event.contains("action due"));
            all.next().expect("an entry").to_owned()
        };
        let value = |event: &str, name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned).expect("a property")
        };
        let (was, is) = (event(&before), event(&after));
        assert_eq!(value(&was, "UID:"), value(&is, "UID:"));
        let number = |event: &str| value(event, "SEQUENCE:").parse::<i64>().expect("a number");
        assert!(number(&is) > number(&was) && is.contains("STATUS:CANCELLED"), "{is}");
        session.set_clock(Box::new(crate::session::FixedClock(session.now() + chrono::TimeDelta::days(90))));
        let (late, _) = session.calendar_file(None).expect("a file");
        assert!(!late.contains("action due"), "nobody needs it any more: {late}");
    }

    #[test]
    fn clocks_that_were_met_and_what_ended_with_its_case_are_taken_away_too() {
        let mut session = team(&MemoryDisk::new(), 1);
        let case = case(&mut session, "Not seen at school");
        action(&mut session, case, "Visit the home", 2);
        let gone = |text: &str| text.matches("STATUS:CANCELLED").count();
        let (before, all) = session.calendar_file(None).expect("a file");
        assert_eq!(gone(&before), 0, "{before}");
        let met = vec![(Field::CaseFirstContact, Value::when(session.now()))];
        session.run(CaseEdit { case, values: met, followup: false }).expect("met");
        let (after, _) = session.calendar_file(None).expect("a file");
        assert_eq!(gone(&after), 1, "the clock of the first contact: {after}");
        let close = crate::ops::CaseClose::new(case, "died");
        session.run(close).expect("closed");
        let (last, still) = session.calendar_file(None).expect("a file");
        assert_eq!(gone(&last), still, "nothing of a closed case is due: {last}");
        assert!(still >= all, "{still} of {all}");
    }

    #[test]
    fn a_meeting_that_was_called_off_is_taken_away() {
        let mut session = team(&MemoryDisk::new(), 1);
        let when = session.now() + chrono::TimeDelta::days(2);
        let made = session.run(MeetingNew { when, ..MeetingNew::default() }).expect("planned").made[0];
        let (before, _) = session.calendar_file(None).expect("a file");
        session.run(MeetingCancel { meeting: made, reason: "storm".into() }).expect("called off");
        let (after, _) = session.calendar_file(None).expect("a file");
        let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).map(str::to_owned);
        assert!(uid(&before).is_some() && uid(&before) == uid(&after), "{before}{after}");
        assert!(!before.contains("STATUS:CANCELLED") && after.contains("STATUS:CANCELLED"), "{after}");
    }
}
