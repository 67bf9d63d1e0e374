//! `meeting`: the agenda, who is there, what is said, who does what by when.

use clap::{Args, Subcommand};

use crate::domain::dates::{self, Lean};
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::ItemId;
use crate::domain::meeting::{Meeting, Series};
use crate::error::{AppError, Kind, Result};
use crate::ops::{
    AgendaAdd, AgendaDrop, AgendaMinutes, AgendaMove, Matter, MeetingAction, MeetingAttend, MeetingCancel,
    MeetingCarry, MeetingConflict, MeetingEdit, MeetingEnd, MeetingNew, MeetingSay, MeetingStart, MeetingTurn,
    MinutesApprove, MinutesSent, SeriesAdd, SeriesEnd, Who,
};
use crate::session::{MAX_COPY, Session};

use super::super::output::{self, Output};
use super::super::{Cx, files, find, input, words};
use super::case_edit::{codes, done};
use super::meeting_papers::{self, MinutesArgs, PapersArgs, SendArgs};
use super::meeting_show;

/// `meeting`.
#[derive(Debug, Subcommand)]
pub enum MeetingCommand {
    /// Plan a meeting; prints its code alone
    New(NewArgs),
    /// Meetings that recur
    #[command(subcommand)]
    Series(SeriesCommand),
    /// The meetings to come, and the one that runs
    List {
        /// Those that were, too
        #[arg(long)]
        all: bool,
    },
    /// One meeting: who was there, what was said, who does what; the one that runs or the next, without a code
    Show {
        /// The meeting's code
        code: Option<String>,
    },
    /// Change a meeting that is to come
    Edit {
        /// The meeting's code
        code: String,
        /// FIELD=VALUE: when, place, type, chair, minute-taker, expected, note; several times
        #[arg(long, value_name = "FIELD=VALUE", required = true)]
        set: Vec<String>,
    },
    /// Call a meeting off
    Cancel {
        /// The meeting's code
        code: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// The agenda, numbered; or change it
    Agenda(AgendaArgs),
    /// Begin a meeting
    Start {
        /// The meeting's code; the next one, without it
        code: Option<String>,
        /// The confidentiality statement was read aloud
        #[arg(long)]
        statement: bool,
    },
    /// Mark who is there
    Attend(AttendArgs),
    /// Go to an item of the agenda
    Turn {
        /// The item's number in `meeting agenda`
        number: usize,
        /// What becomes of the item before: done, parked or open
        #[arg(long, default_value = "done")]
        leave: String,
        /// The meeting's code
        #[arg(long, value_name = "CODE")]
        meeting: Option<String>,
    },
    /// Somebody declares a conflict of interest in an item
    Conflict {
        /// The item's number in `meeting agenda`
        number: usize,
        /// Who
        #[arg(long, value_name = "NAME")]
        who: String,
        /// They take it back
        #[arg(long)]
        take_back: bool,
        /// The meeting's code
        #[arg(long, value_name = "CODE")]
        meeting: Option<String>,
    },
    /// Write down a decision, dissent, the child's views or a remark
    Decide(SayArgs),
    /// Give somebody something to do; prints its code alone
    Action(GiveArgs),
    /// An action of an earlier meeting goes on, or says why it was not done
    Carry(CarryArgs),
    /// A paper to be printed: the agenda, a sign-in sheet, a sheet to write on by hand, a blank first report
    Papers(PapersArgs),
    /// The minutes: printed, or saved as a file; names masked
    Minutes(MinutesArgs),
    /// Seal the approved minutes to everybody who was there and has given a card; they read them with `mahoe open`
    Send(SendArgs),
    /// What each agency did with what it was given, over the last meetings
    Feedback {
        /// Over so many meetings; as the policy says, if left out
        #[arg(long, value_name = "COUNT")]
        meetings: Option<u32>,
    },
    /// Approve the minutes of a meeting that has ended
    Approve {
        /// The meeting's code
        code: String,
    },
    /// Mark the minutes as sent, and say how
    Sent {
        /// The meeting's code
        code: String,
        /// How: "9 numbered copies", "sealed to each agency"
        #[arg(long, value_name = "TEXT")]
        how: String,
    },
    /// Whether a file is a copy of minutes that this team made, unchanged
    Verify {
        /// The file
        file: std::path::PathBuf,
    },
    /// End a meeting
    Close {
        /// The meeting's code
        code: Option<String>,
        /// Although items were not dealt with
        #[arg(long)]
        anyway: bool,
    },
}

/// `meeting new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Day and hour: "tue 10:00", "8 dec 14:00"
    #[arg(long, value_name = "WHEN")]
    pub when: String,
    /// review, emergency, strategy, best-interests; what the policy has first, if left out
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Where
    #[arg(long, value_name = "TEXT")]
    pub place: Option<String>,
    /// Who chairs; you, if left out
    #[arg(long, value_name = "NAME")]
    pub chair: Option<String>,
    /// Who takes the minutes; whoever chairs, if left out
    #[arg(long, value_name = "NAME")]
    pub minute_taker: Option<String>,
    /// Who is expected; several times or with commas; everybody, if left out
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub expect: Vec<String>,
    /// Although another meeting is at that hour
    #[arg(long)]
    pub anyway: bool,
}

/// `meeting series`.
#[derive(Debug, Subcommand)]
pub enum SeriesCommand {
    /// Begin a series; the first meeting is put into the calendar
    Add {
        /// When: "second tuesday", "last friday", "every 2 weeks on monday"
        rule: String,
        /// The hour
        #[arg(long, value_name = "TIME", default_value = "10:00")]
        at: String,
        /// As of `meeting new`
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// Where
        #[arg(long, value_name = "TEXT")]
        place: Option<String>,
        /// Who chairs
        #[arg(long, value_name = "NAME")]
        chair: Option<String>,
        /// Who takes the minutes
        #[arg(long, value_name = "NAME")]
        minute_taker: Option<String>,
        /// Standing attendees; everybody, if left out
        #[arg(long, value_name = "NAME", value_delimiter = ',')]
        expect: Vec<String>,
        /// The first day on which it may be
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
    },
    /// The series that go on, numbered
    List,
    /// End a series
    End {
        /// Its number in `meeting series list`
        number: usize,
    },
}

/// `meeting agenda`.
#[derive(Debug, Args)]
pub struct AgendaArgs {
    /// The meeting's code; the one that runs or the next, without it
    pub code: Option<String>,
    /// Put a case on it
    #[arg(long, value_name = "CODE", group = "change")]
    pub add: Option<String>,
    /// Put a matter of the team on it
    #[arg(long, value_name = "TEXT", group = "change")]
    pub business: Option<String>,
    /// Take a line off
    #[arg(long, value_name = "NUMBER", group = "change")]
    pub drop: Option<usize>,
    /// Move a line, with --to
    #[arg(long = "move", value_name = "NUMBER", requires = "to", group = "change")]
    pub from: Option<usize>,
    /// Its new place
    #[arg(long, value_name = "NUMBER", requires = "from")]
    pub to: Option<usize>,
    /// A line gets so many minutes, with --minutes
    #[arg(long = "line", value_name = "NUMBER", requires = "minutes", group = "change")]
    pub line: Option<usize>,
    /// How many minutes, for --line, --add and --business
    #[arg(long, value_name = "COUNT")]
    pub minutes: Option<u32>,
}

/// `meeting attend`.
#[derive(Debug, Args)]
pub struct AttendArgs {
    /// Members, several; or one visitor's name with --visitor
    #[arg(required = true)]
    pub who: Vec<String>,
    /// present, apologies, absent, left or observer
    #[arg(long, default_value = "present")]
    pub mark: String,
    /// They sent information
    #[arg(long)]
    pub info: bool,
    /// They signed the confidentiality statement
    #[arg(long)]
    pub signed: bool,
    /// Not of this team
    #[arg(long)]
    pub visitor: bool,
    /// A visitor's agency or organisation
    #[arg(long, value_name = "TEXT", requires = "visitor")]
    pub agency: Option<String>,
    /// The meeting's code
    #[arg(long, value_name = "CODE")]
    pub meeting: Option<String>,
}

/// `meeting decide`.
#[derive(Debug, Args)]
pub struct SayArgs {
    /// The item's number in `meeting agenda`
    pub number: usize,
    /// The words; asked for if left out, - for standard input
    pub text: Option<String>,
    /// decision, dissent, views, general or another kind of note
    #[arg(long, default_value = "decision")]
    pub kind: String,
    /// Who said it
    #[arg(long, value_name = "NAME")]
    pub said_by: Option<String>,
    /// When it was said, if it was written on paper first
    #[arg(long, value_name = "WHEN")]
    pub at: Option<String>,
    /// The meeting's code
    #[arg(long, value_name = "CODE")]
    pub meeting: Option<String>,
}

/// `meeting action`.
#[derive(Debug, Args)]
pub struct GiveArgs {
    /// The item's number in `meeting agenda`
    pub number: usize,
    /// What is to be done; asked for if left out, - for standard input
    pub text: Option<String>,
    /// Who does it
    #[arg(long, value_name = "NAME|AGENCY")]
    pub owner: String,
    /// By when: fri, +2w, "12 dec 14:00"
    #[arg(long, value_name = "DATE")]
    pub due: String,
    /// high, normal or low
    #[arg(long, default_value = "normal")]
    pub priority: String,
    /// The meeting's code
    #[arg(long, value_name = "CODE")]
    pub meeting: Option<String>,
}

/// `meeting carry`.
#[derive(Debug, Args)]
pub struct CarryArgs {
    /// The item's number in `meeting agenda`
    pub number: usize,
    /// The action's code
    pub action: String,
    /// A new day
    #[arg(long, value_name = "DATE")]
    pub due: Option<String>,
    /// circumstances (they changed) or agency (it has not acted)
    #[arg(long)]
    pub why: Option<String>,
    /// More, in words
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The meeting's code
    #[arg(long, value_name = "CODE")]
    pub meeting: Option<String>,
}

/// Runs a command of the family.
///
/// # Errors
/// As the op's.
pub(in crate::cli) fn run(session: &mut Session, cx: &Cx<'_>, command: MeetingCommand) -> Result<Output> {
    match command {
        MeetingCommand::New(args) => new(session, &args),
        MeetingCommand::Series(command) => series(session, command),
        MeetingCommand::List { all } => Ok(meeting_show::list(session, all)),
        MeetingCommand::Show { code } => {
            let meeting = find::meeting(session, code.as_deref())?;
            meeting_show::show(session, meeting)
        }
        MeetingCommand::Edit { code, set } => {
            let meeting = find::meeting(session, Some(&code))?;
            let set = find::sets(session, ItemKind::Meeting, &set)?;
            done(session.run(MeetingEdit { meeting, set }))
        }
        MeetingCommand::Cancel { code, reason } => {
            let meeting = find::meeting(session, Some(&code))?;
            let reason = input::text(cx, reason, "Why it is called off")?;
            done(session.run(MeetingCancel { meeting, reason }))
        }
        MeetingCommand::Agenda(args) => agenda(session, &args),
        MeetingCommand::Start { code, statement } => {
            let meeting = find::meeting(session, code.as_deref())?;
            done(session.run(MeetingStart { meeting, statement }))
        }
        MeetingCommand::Attend(args) => attend(session, &args),
        MeetingCommand::Turn { number, leave, meeting } => {
            let (meeting, item) = item(session, meeting.as_deref(), number)?;
            done(session.run(MeetingTurn { meeting, to: Some(item), leave }))
        }
        MeetingCommand::Conflict { number, who, take_back, meeting } => {
            let (_, item) = item(session, meeting.as_deref(), number)?;
            let member = find::member(session, &who)?;
            done(session.run(MeetingConflict { item, member, declared: !take_back }))
        }
        MeetingCommand::Decide(args) => say(session, cx, args),
        MeetingCommand::Action(args) => give(session, cx, args),
        MeetingCommand::Carry(args) => carry(session, cx, args),
        MeetingCommand::Papers(args) => meeting_papers::papers(session, &args),
        MeetingCommand::Minutes(args) => meeting_papers::minutes(session, &args),
        MeetingCommand::Send(args) => meeting_papers::send(session, &args),
        MeetingCommand::Feedback { meetings } => Ok(meeting_papers::feedback(session, meetings)),
        MeetingCommand::Approve { code } => {
            let meeting = find::meeting(session, Some(&code))?;
            done(session.run(MinutesApprove { meeting }))
        }
        MeetingCommand::Sent { code, how } => {
            let meeting = find::meeting(session, Some(&code))?;
            done(session.run(MinutesSent { meeting, how }))
        }
        MeetingCommand::Verify { file } => verify(session, &file),
        MeetingCommand::Close { code, anyway } => {
            let meeting = find::meeting(session, code.as_deref())?;
            done(session.run(MeetingEnd { meeting, anyway }))
        }
    }
}

fn people(session: &Session, names: &[String]) -> Result<Vec<ItemId>> {
    names.iter().map(|name| find::member(session, name)).collect()
}

fn person(session: &Session, name: Option<&str>) -> Result<Option<ItemId>> {
    name.map(|name| find::member(session, name)).transpose()
}

fn new(session: &mut Session, args: &NewArgs) -> Result<Output> {
    let kind = args.kind.as_deref().map(|kind| find::choice(session, "meeting-type", kind)).transpose()?;
    let op = MeetingNew {
        kind: kind.unwrap_or_default(),
        when: find::moment_ahead(session, &args.when)?,
        place: args.place.clone().unwrap_or_default(),
        chair: person(session, args.chair.as_deref())?,
        scribe: person(session, args.minute_taker.as_deref())?,
        expected: people(session, &args.expect)?,
        note: String::new(),
        anyway: args.anyway,
    };
    let made = session.run(op)?.made;
    Ok(codes(session, &made[..1.min(made.len())]))
}

fn series(session: &mut Session, command: SeriesCommand) -> Result<Output> {
    match command {
        SeriesCommand::Add { rule, at, kind, place, chair, minute_taker, expect, from } => {
            let time = dates::parse(&format!("today {at}"), session.today_date(), Lean::Ahead);
            let time = time
                .ok()
                .and_then(|when| when.time)
                .ok_or_else(|| AppError::new(Kind::Usage, "The hour can't be read.", "Say it like 10:00."))?;
            let kind = kind.as_deref().map(|kind| find::choice(session, "meeting-type", kind)).transpose()?;
            let op = SeriesAdd {
                rule,
                time: dates::minutes_of(time),
                kind: kind.unwrap_or_default(),
                place: place.unwrap_or_default(),
                chair: person(session, chair.as_deref())?,
                scribe: person(session, minute_taker.as_deref())?,
                standing: people(session, &expect)?,
                from: from.as_deref().map(|from| find::day_ahead(session, from)).transpose()?,
            };
            done(session.run(op))
        }
        SeriesCommand::List => Ok(meeting_show::series(session)),
        SeriesCommand::End { number } => {
            let series = meeting_show::running_series(session).get(number.wrapping_sub(1)).copied();
            let series = series.filter(|id| Series::get(session.state(), *id).is_some()).ok_or_else(|| {
                AppError::new(Kind::Refused, "There is no such series.", "`mahoe meeting series list` numbers them.")
            })?;
            done(session.run(SeriesEnd { series }))
        }
    }
}

/// The line of an agenda by its number, as an op is told of it.
fn matter(session: &Session, meeting: ItemId, number: usize) -> Result<Matter> {
    let lines = session.agenda(meeting);
    let line = number.checked_sub(1).and_then(|at| lines.get(at)).ok_or_else(|| {
        AppError::new(
            Kind::Refused,
            format!("The agenda has no line {number}: it has {}.", lines.len()),
            "`mahoe meeting agenda` numbers them.",
        )
    })?;
    Ok(match (line.item, line.case) {
        (Some(item), _) => Matter::Item(item),
        (None, Some(case)) => Matter::Case(case),
        (None, None) => Matter::Text(line.text.clone()),
    })
}

/// The item on record by its number; only a meeting that has begun has all of them on record.
fn item(session: &Session, code: Option<&str>, number: usize) -> Result<(ItemId, ItemId)> {
    let meeting = find::meeting(session, code)?;
    match matter(session, meeting, number)? {
        Matter::Item(item) => Ok((meeting, item)),
        _ => Err(AppError::new(
            Kind::Refused,
            "This meeting has not begun.",
            "Begin it first: `mahoe meeting start --statement`.",
        )),
    }
}

fn agenda(session: &mut Session, args: &AgendaArgs) -> Result<Output> {
    let meeting = find::meeting(session, args.code.as_deref())?;
    let minutes = args.minutes;
    let add = |case, text: &str| AgendaAdd { meeting: Some(meeting), case, text: text.to_owned(), minutes };
    if let Some(code) = &args.add {
        let case = find::case(session, code)?;
        return done(session.run(add(Some(case), "")));
    }
    if let Some(text) = &args.business {
        return done(session.run(add(None, text)));
    }
    if let Some(number) = args.drop {
        let matter = matter(session, meeting, number)?;
        return done(session.run(AgendaDrop { meeting, matter }));
    }
    if let (Some(number), Some(to)) = (args.from, args.to) {
        let matter = matter(session, meeting, number)?;
        return done(session.run(AgendaMove { meeting, matter, to }));
    }
    if let (Some(number), Some(minutes)) = (args.line, args.minutes) {
        let matter = matter(session, meeting, number)?;
        return done(session.run(AgendaMinutes { meeting, matter, minutes }));
    }
    if minutes.is_some() {
        return Err(AppError::new(Kind::Usage, "Minutes for which line?", "Say it: --line 3 --minutes 10."));
    }
    Ok(meeting_show::agenda(session, meeting))
}

fn attend(session: &mut Session, args: &AttendArgs) -> Result<Output> {
    let meeting = find::meeting(session, args.meeting.as_deref())?;
    let mark = find::choice(session, "attendance", &args.mark)?;
    if args.visitor && args.who.len() > 1 {
        return Err(AppError::new(Kind::Usage, "One visitor at a time.", "Put the name between quotes."));
    }
    let who = args.who.iter().map(|name| {
        if args.visitor {
            let agency = args.agency.clone().unwrap_or_default();
            return Ok(Who::Visitor { name: name.clone(), agency });
        }
        find::member(session, name).map(Who::Member)
    });
    let who: Vec<Who> = who.collect::<Result<_>>()?;
    let says = session.all_or_nothing(|session| {
        let mut says = String::new();
        for who in who {
            let info = args.info.then_some(true);
            let signed = args.signed.then_some(true);
            says = session.run(MeetingAttend { meeting, who, mark: mark.clone(), info, signed })?.says;
        }
        Ok(says)
    })?;
    Ok(Output::said(says))
}

fn say(session: &mut Session, cx: &Cx<'_>, args: SayArgs) -> Result<Output> {
    let (_, item) = item(session, args.meeting.as_deref(), args.number)?;
    let kind = find::choice(session, "note-kind", &args.kind)?;
    let when = args.at.as_deref().map(|at| find::moment_back(session, at)).transpose()?;
    let text = input::private(session, cx, args.text, "What was said")?;
    done(session.run(MeetingSay { item, kind, text, said_by: args.said_by.unwrap_or_default(), when }))
}

fn give(session: &mut Session, cx: &Cx<'_>, args: GiveArgs) -> Result<Output> {
    let (_, item) = item(session, args.meeting.as_deref(), args.number)?;
    let owner = find::owner(session, &args.owner)?;
    let when = dates::parse(&args.due, session.today_date(), Lean::Ahead).map_err(|error| {
        AppError::new(Kind::Usage, "The day can't be read.", format!("{}.", output::sentence(&error.to_string())))
    })?;
    let priority = find::choice(session, "priority", &args.priority)?;
    let text = input::text(cx, args.text, "What is to be done")?;
    let time = when.time.map(dates::minutes_of);
    let made = session.run(MeetingAction { item, text, owner, due: when.date, time, priority })?.made;
    Ok(codes(session, &made[..1.min(made.len())]))
}

fn carry(session: &mut Session, cx: &Cx<'_>, args: CarryArgs) -> Result<Output> {
    let (_, item) = item(session, args.meeting.as_deref(), args.number)?;
    let action = find::action(session, &args.action)?;
    let due = args.due.as_deref().map(|due| find::day_ahead(session, due)).transpose()?;
    let why = args.why.as_deref().map(|why| find::choice(session, "why", why)).transpose()?;
    let note = super::consent::optional(session, cx, args.note, "Note")?;
    done(session.run(MeetingCarry { item, action, due, why: why.unwrap_or_default(), note }))
}

fn verify(session: &Session, file: &std::path::Path) -> Result<Output> {
    let bytes = files::read_bounded(file, MAX_COPY)?;
    let known = session.known_copy(&bytes).ok_or_else(|| {
        AppError::new(
            Kind::Damaged,
            "This is no copy of minutes that this team made, or it was changed since.",
            "Make a new copy from the record: `mahoe meeting minutes CODE`. Only copies of approved minutes are known.",
        )
    })?;
    let state = session.state();
    let code = words::code(session, known.meeting);
    let approved = Meeting::get(state, known.meeting).map(|meeting| {
        let by = words::owner(session, meeting.0.value(Field::MeetingApprovedBy).as_item());
        let when = meeting.0.value(Field::MeetingApproved).as_when().map(words::moment).unwrap_or_default();
        format!("approved by {by}, {when}")
    });
    let made = known.made.map(words::moment).unwrap_or_default();
    let mut text = format!(
        "The minutes of meeting {code}, {}. This copy was made for {} on {made}; nothing in it was changed.",
        approved.unwrap_or_default(),
        known.made_for
    );
    if known.as_now == Some(false) {
        text.push_str("\nThe record has changed since: a copy made now reads otherwise.");
    }
    let json = serde_json::json!({
        "meeting": code,
        "for": known.made_for,
        "made": known.made.map(super::super::shapes::moment),
        "as_on_record_now": known.as_now,
    });
    Ok(Output::new(text, json))
}
