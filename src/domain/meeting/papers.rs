//! The papers around a meeting: agenda, sign-in sheet, blank capture sheet, and the blank form of a first report.
//!
//! Paper is left on tables. So nothing of a case stands on these but its code, and for a restricted one not even why it
//! is on the agenda.

use crate::domain::dates::jamaica;
use crate::domain::ids::ItemId;
use crate::domain::pack::Pack;
use crate::domain::paper::{Block, Paper, ROOM};
use crate::domain::state::State;
use crate::domain::teams;
use crate::domain::views::{Case, agency_of, owner_name};

use super::Meeting;
use super::agenda::Line;

/// A paper around a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// The agenda, to be handed out.
    Agenda,
    /// Who is there, under the confidentiality statement.
    SignIn,
    /// The agenda with room to write: for a power cut, and for whoever takes notes by hand.
    Capture,
    /// A blank form for a first report.
    Report,
}

impl Sheet {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Agenda, Self::SignIn, Self::Capture, Self::Report];

    /// Its word on the command line, and on record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agenda => "agenda",
            Self::SignIn => "sign-in",
            Self::Capture => "capture",
            Self::Report => "report",
        }
    }

    /// As people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Agenda => "agenda",
            Self::SignIn => "sign-in sheet",
            Self::Capture => "blank sheet to write the minutes on",
            Self::Report => "blank form for a first report",
        }
    }

    /// By its word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sheet| sheet.name() == name)
    }

    /// Whether it is about a meeting.
    pub const fn needs_meeting(self) -> bool {
        !matches!(self, Self::Report)
    }
}

/// The meeting that a paper is about, and what there is to make it from.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// The State.
    pub state: &'a State,
    /// The policy.
    pub pack: &'a Pack,
    /// The paper comes from a practice vault.
    pub practice: bool,
    /// The meeting.
    pub meeting: Meeting<'a>,
    /// Masks the meeting's own words: its place, and the team's matters.
    pub mask: &'a dyn Fn(&str) -> String,
}

/// Rows for people who were not expected.
const VISITORS: usize = 6;
/// Ruled rows under each item of a capture sheet.
const ROWS: usize = 4;

/// The agenda: numbers, codes, why, minutes; nothing else of a case.
pub fn agenda(about: &About<'_>, lines: &[Line]) -> Paper {
    let (state, pack) = (about.state, about.pack);
    let mut paper = begun("Agenda", about);
    let head = ["", "What", "Why it is here", "Minutes"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            vec![(at + 1).to_string(), what(about, line), why(state, pack, line), line.minutes.to_string()]
        })
        .collect();
    let minutes: i64 = lines.iter().map(|line| line.minutes).sum();
    paper.blocks.push(if rows.is_empty() {
        Block::Para("Nothing is on this agenda yet.".to_owned())
    } else {
        Block::Table { head, rows, wide: vec![2, 9, 20, 4] }
    });
    if minutes > 0 {
        paper.blocks.push(Block::Para(format!("{minutes} minutes in all.")));
    }
    paper
}

/// The sign-in sheet: the statement, those expected, and room for others.
pub fn sign_in(about: &About<'_>) -> Paper {
    let (state, pack, meeting) = (about.state, about.pack, about.meeting);
    let mut paper = begun("Sign-in", about);
    paper.blocks.push(Block::Heading("What everybody signs".to_owned()));
    paper.blocks.push(Block::Para(pack.meeting.statement.clone()));
    let head = ["Name", "Agency", "Signature"].map(str::to_owned).to_vec();
    let room = || ROOM.to_owned();
    let mut rows: Vec<Vec<String>> = meeting
        .expected(state)
        .into_iter()
        .map(|member| vec![member.name().to_owned(), agency_of(state, member.0.id).to_owned(), room()])
        .collect();
    rows.extend((0..VISITORS).map(|_| vec![room(), room(), room()]));
    paper.blocks.push(Block::Table { head, rows, wide: vec![9, 6, 10] });
    paper
}

/// The blank sheet for what is said: the same numbers and letters as on the screen, and room to write.
pub fn capture(about: &About<'_>, lines: &[Line]) -> Paper {
    let mut paper = begun("Written by hand", about);
    let signs = [
        ("D", "decision"),
        ("A", "action: what, who, by when"),
        ("V", "the child's views were heard: their words go on a paper of their own, never on this one"),
        ("!", "somebody sees it otherwise, and why"),
    ];
    paper.blocks.push(Block::List(signs.map(|(sign, says)| (sign.to_owned(), says.to_owned())).to_vec()));
    let how = "Codes, no names. Write the hour and who said it: it is typed in with both, beside when it was typed. \
               Written by:";
    paper.blocks.push(Block::Lines(how.to_owned(), 1));
    let table = || {
        let head = ["", "What", "Who", "By when, or hour"].map(str::to_owned).to_vec();
        let row = || vec![ROOM.to_owned(); 4];
        Block::Table { head, rows: (0..ROWS).map(|_| row()).collect(), wide: vec![2, 17, 6, 8] }
    };
    for (at, line) in lines.iter().enumerate() {
        paper.blocks.push(Block::Part(format!("{}. {}", at + 1, what(about, line))));
        paper.blocks.push(table());
    }
    paper.blocks.push(Block::Part("More, with the item's number".to_owned()));
    paper.blocks.push(table());
    paper
}

/// The blank form of a first report: what the quick report asks, in its order.
pub fn report(state: &State, pack: &Pack, practice: bool) -> Paper {
    let mut blocks = vec![Block::Facts(vec![("Team".to_owned(), teams::own_name(state))])];
    let calls: Vec<(String, String)> = pack
        .call_card
        .iter()
        .map(|line| {
            let hours = line.hours.as_ref().map(|hours| format!(" ({hours})")).unwrap_or_default();
            (line.number.clone(), format!("{}{hours}", line.label))
        })
        .collect();
    if !calls.is_empty() {
        blocks.push(Block::Part("Child in danger now? Call first, write after.".to_owned()));
        blocks.push(Block::Facts(calls));
    }
    let asks: [(&str, u8); 8] = [
        ("Taken by (name, agency), day and hour", 1),
        ("What has happened, or is feared", 4),
        ("Where and when", 1),
        ("The child: what you call them, age, boy or girl", 1),
        ("Who is with the child now? Is the child safe there?", 2),
        ("Hurt or ill? What can't wait?", 1),
        ("Who has been told (police, CPFSA, school), and when", 1),
        ("What is done next, by whom, by when", 2),
    ];
    blocks.extend(asks.map(|(label, count)| Block::Lines(label.to_owned(), count)));
    blocks.push(Block::Apart("Who reported: keep this page locked away from the other".to_owned()));
    let asks: [(&str, u8); 2] =
        [("Name, and how they know", 1), ("How they can be reached safely; may they be named?", 1)];
    blocks.extend(asks.map(|(label, count)| Block::Lines(label.to_owned(), count)));
    let last = "When it is typed in, write the case's code here and destroy or lock away the paper.";
    blocks.push(Block::Lines(last.to_owned(), 1));
    Paper { title: "First report".to_owned(), practice, copies: 0, only: None, blocks }
}

/// Title and head of a meeting's paper.
fn begun(what: &str, about: &About<'_>) -> Paper {
    let &About { state, pack, practice, meeting, mask } = about;
    let when = meeting.when().map(|when| when.with_timezone(&jamaica()));
    let day = when.map(|when| when.format("%A %-d %B %Y").to_string()).unwrap_or_default();
    let name = |id: Option<ItemId>| id.map(|id| owner_name(state, Some(id)).into_owned()).unwrap_or_default();
    let facts = [
        ("Team", teams::own_name(state)),
        ("Meeting", state.code(meeting.0.id).to_string()),
        ("Time", when.map(|when| when.format("%H:%M").to_string()).unwrap_or_default()),
        ("Place", mask(meeting.place())),
        ("Chair", name(meeting.chair())),
        ("Minutes taken by", name(meeting.scribe())),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    Paper {
        title: format!("{what}: {}, {day}", pack.label("meeting-type", meeting.kind())),
        practice,
        copies: 0,
        only: None,
        blocks: vec![Block::Facts(facts.map(|(label, value)| (label.to_owned(), value)).collect())],
    }
}

/// The case's code, or the matter's words.
fn what(about: &About<'_>, line: &Line) -> String {
    line.case.map_or_else(|| (about.mask)(&line.text), |case| about.state.code(case).to_string())
}

/// Why it is there; for a case that is only for some people that alone would tell something.
fn why(state: &State, pack: &Pack, line: &Line) -> String {
    let hidden = line.case.is_some_and(|case| Case::get(state, case).is_none_or(Case::is_restricted));
    if hidden { "only for some people".to_owned() } else { line.reasons(pack) }
}
